"""Nothing unseen: every kind of change made by hand is one finding, the right one; and its printed fix fixes it."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from shared.model.schema import Kind, Schema
from shared.model.value import compared_fields
from shared.postgres.difference import Difference, differences
from shared.postgres.parse import parse
from shared.postgres.replay import Replay
from tests.postgres.live import live_schema, schema_within
from tests.postgres.versions import of_version

Connection = psycopg.Connection[Any]
HERE = Path(__file__).parent
RICH = (HERE / "rich.sql").read_text()
_HEADING = re.compile(
    r"^-- (?P<what>.+): (?P<finding>nothing|(?:missing|unexpected|changed) .+?)(?: \((?P<attributes>[a-z_0-9, ]+)\))?(?P<since> since \d\d)?$",
    re.MULTILINE,
)

# What no change by hand can show, or not on every server.
NOT_SHOWN = {
    Kind.AGGREGATE: {"form", "direct"},  # the subject's arguments are others then
    Kind.EXTENSION: {"version"},  # few servers have two of one
    Kind.FOREIGN_KEY: {"period"},  # its key changes with it: test_newer_servers
    Kind.FUNCTION: {"body"},  # a body in the SQL standard's form: from 14 on
    Kind.MATERIALIZED_VIEW: {"options"},  # those of views
    Kind.PROCEDURE: {"result", "volatility", "strict", "leakproof", "parallel", "body"},  # those of functions
}


def mutations() -> Iterator[Any]:
    """For which servers, the SQL, its finding and the attributes in which it shows, from mutations.sql.

    With make test the first of each change to a kind of object in these attributes, with test-long the others.
    """
    text = (HERE / "mutations.sql").read_text()
    headings = list(_HEADING.finditer(text))
    ends = [heading.start() for heading in headings[1:]] + [len(text)]
    classes = set[tuple[str, str | None]]()
    for heading, end in zip(headings, ends, strict=True):
        finding = [] if heading["finding"] == "nothing" else [heading["finding"]]
        attributes = set(heading["attributes"].split(", ")) if heading["attributes"] else set()
        change_and_kind = " ".join(heading["finding"].split()[:2])
        marks = pytest.mark.long if (change_and_kind, heading["attributes"]) in classes else ()
        classes.add((change_and_kind, heading["attributes"]))
        script = text[heading.end() : end]
        yield pytest.param(heading["since"] or "", script, finding, attributes, id=heading["what"], marks=marks)


@pytest.fixture(scope="module")
def release() -> Schema:
    replay = Replay()
    replay.run_all(parse(RICH))
    return replay.freeze()


@pytest.fixture(scope="module")
def template(new_database: Callable[..., str]) -> str:
    """The name of a database that ran the release, with which nobody is connected."""
    url = new_database()
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(RICH.encode())
    return url.rpartition("/")[2]


@pytest.fixture(scope="module")
def production(template: str, new_database: Callable[..., str]) -> Iterator[Connection]:
    """A connection to a database like it, which each test leaves as it was: a database each would take longer."""
    with psycopg.connect(new_database(template), autocommit=True) as connection:
        set_again(connection)
        yield connection


def set_again(connection: Connection) -> None:
    """Make the settings of the database, which no copy of it has."""
    for statement in parse(RICH):
        if "current_database()" in statement.sql:
            connection.execute(statement.sql.encode())


def test_every_kind_of_object_is_made_by_the_replay_and_read_from_the_catalog(
    release: Schema, production: Connection
) -> None:
    live = live_schema(production)
    made, read = ({subject.kind for subject in schema.objects} for schema in (release, live))
    # Subscriptions are of the whole server: no copy of a template has them, and the changes make one.
    assert made == read == set(Kind) - {Kind.SUBSCRIPTION}


def test_every_compared_attribute_of_every_kind_is_changed_by_one(release: Schema) -> None:
    definitions = {subject.kind: type(definition) for subject, definition in release.objects.items()}
    shown: dict[Kind, set[str]] = {kind: set() for kind in definitions}
    for heading in _HEADING.finditer((HERE / "mutations.sql").read_text()):
        change, _, subject = heading["finding"].partition(" ")
        kinds = [kind for kind in definitions if subject.startswith(f"{kind} ")]
        if kinds:
            shown[max(kinds, key=len)] |= {change, *(heading["attributes"] or "").split(", ")}
    for kind, definition in definitions.items():
        expected = {*compared_fields(definition), "missing", "unexpected"} - NOT_SHOWN.get(kind, set())
        assert expected - shown[kind] == set(), kind


def differences_after(script: str, release: Schema, connection: Connection) -> list[Difference]:
    for statement in parse(script):
        connection.execute(statement.sql.encode())
    is_idle = connection.info.transaction_status is psycopg.pq.TransactionStatus.IDLE
    return differences(release, live_schema(connection) if is_idle else schema_within(connection))


def test_no_change_is_no_finding(release: Schema, production: Connection) -> None:
    assert differences_after("", release, production) == []
    assert not release.opaque


@pytest.mark.parametrize(("since", "by_hand", "finding", "attributes"), list(mutations()))
def test_one_change_is_one_finding_and_its_fix_fixes_it(
    since: str,
    by_hand: str,
    finding: list[str],
    attributes: set[str],
    release: Schema,
    production: Connection,
    template: str,
    new_database: Callable[..., str],
) -> None:
    if of_version(since, production.info.server_version) is None:
        pytest.skip(f"for servers{since}")
    correctives = []
    with production.transaction(force_rollback=True):
        found = differences_after(by_hand, release, production)
        assert [f"{each.change} {each.subject}" for each in found] == finding
        for difference in found:
            assert set(difference.attributes) == attributes
            assert difference.expected != difference.actual
            if difference.corrective:
                correctives.append("\n".join(difference.corrective))
                if "CONCURRENTLY" not in correctives[-1]:
                    assert differences_after(correctives[-1], release, production) == []
    for corrective in correctives:
        if "CONCURRENTLY" not in corrective:
            with production.transaction(force_rollback=True):
                assert differences_after(corrective, release, production) == [], "right without drift, too"
            continue
        # What cannot run within a transaction has two databases of its own.
        for before in (by_hand, ""):
            with psycopg.connect(new_database(template), autocommit=True) as connection:
                set_again(connection)
                differences_after(before, release, connection)
                assert differences_after(corrective, release, connection) == []
