"""Run scripts of GRANT, REVOKE, OWNER TO and default privileges on a real server and in the replay, side by side."""

import time
from collections.abc import Iterable
from typing import Any

import psycopg

from shared.gather.database.query import from_file, unread
from shared.gather.database.rights import ask_rights, rights
from shared.gather.database.session import Session
from shared.model.privileges import Acl, ExpectedRights, Owned, Rights
from shared.model.schema import Kind
from shared.model.setting_types import Secret
from shared.model.settings import DatabaseSettings
from shared.postgres.replay import Replay, RightsOf
from tests.patience import SECONDS

_SETTINGS = DatabaseSettings(Secret("the test's", "postgresql://"))
# What owns the history is the role that deploys.
HISTORY = "CREATE TABLE _prisma_migrations (id text)"


def live_rights(connection: psycopg.Connection[Any]) -> Rights:
    asked = ask_rights("public")
    session = Session(connection, _SETTINGS, time.monotonic() + SECONDS)
    session.ask([session.catalog_transaction(asked, "one snapshot")])
    found = rights(asked)
    assert isinstance(found, Rights), found
    return found


def rights_within(connection: psycopg.Connection[Any]) -> Rights:
    """Read them as `live_rights` does, but within the transaction that is open, which is left as it was."""
    asked = ask_rights("public")
    settings = from_file("transaction_settings", unread, {"statement_timeout": "0", "lock_timeout": "0"})
    with connection.transaction(force_rollback=True):
        settings.send(connection)
        for query in asked:
            query.receive(query.send(connection))
    found = rights(asked)
    assert isinstance(found, Rights), found
    return found


def replay_beside(live: Rights) -> Replay:
    """A replay of what is run from here on: *live* is of a database with nothing but the history."""
    owners = {each.name[0]: owned.owner for each, owned in live.objects.items() if each.kind is Kind.SCHEMA}
    return Replay(rights_of=RightsOf(live.deployer, live.version, live.roles, {k: v for k, v in owners.items() if v}))


def differing(expected: ExpectedRights, actual: Rights) -> list[str]:
    """Every object and default in which the two differ, grantors included."""
    ours, theirs = _filled(expected.objects.items()), _filled(actual.objects.items())
    found = [
        f"{subject}: {_shown(ours.get(subject))} | {_shown(theirs.get(subject))}"
        for subject in sorted(ours.keys() | theirs.keys())
        if ours.get(subject) != theirs.get(subject) and subject not in expected.doubtful
    ]
    return found + [
        f"{each}: {_listed(expected.defaults.get(each))} | {_listed(actual.defaults.get(each))}"
        for each in sorted(expected.defaults.keys() | actual.defaults.keys())
        if expected.defaults.get(each) != actual.defaults.get(each)
    ]


def _filled(objects: Iterable[tuple[Any, Owned]]) -> dict[Any, Owned]:
    """A column with nothing left after REVOKE is as one on which nothing was granted."""
    return {subject: owned for subject, owned in objects if owned.owner is not None or owned.acl}


def _shown(owned: Owned | None) -> str:
    return "-" if owned is None else f"{owned.owner} {_listed(owned.acl)}"


def _listed(acl: Acl | None) -> list[str] | None:
    return None if acl is None else sorted("/".join(map(str, each)) for each in acl)
