"""Run a script on a real server and in the replay, side by side, and compare after every statement."""

from collections.abc import Iterator
from dataclasses import dataclass

import psycopg

from shared.model.schema import Kind, Schema, Subject
from shared.postgres.difference.comparing import differing, signatures_agree
from shared.postgres.difference.doubts import Doubts
from shared.postgres.difference.renames import named_by_other_version
from shared.postgres.difference.rewriting import renamed
from shared.postgres.parse import Statement, parse
from shared.postgres.replay import Replay
from tests.postgres.live import live_schema


@dataclass(frozen=True, slots=True)
class Step:
    """One statement, and in what the replay and the server differ after it."""

    statement: Statement
    differences: tuple[str, ...]


def differences(expected: Schema, actual: Schema) -> Iterator[str]:
    """Every object in which the two differ, unfolded; what is opaque or hangs on that, or is in doubt, is left out."""
    doubts = Doubts(expected, actual)
    if aliases := dict(named_by_other_version(expected, actual)):
        actual = renamed(actual, aliases)
    for subject in sorted(expected.objects.keys() | actual.objects.keys()):
        found = list(_in_which(expected, actual, subject, doubts))
        # Asked last: it goes through all that a subject hangs on, and hardly any subject differs.
        if found and not is_opaque(expected, actual, subject):
            yield from found


def _in_which(expected: Schema, actual: Schema, subject: Subject, doubts: Doubts) -> Iterator[str]:
    ours, theirs = expected.objects.get(subject), actual.objects.get(subject)
    if ours is None or theirs is None:
        in_doubt = doubts.may_hold(subject) if ours is None else doubts.may_lack(subject)
        if not in_doubt and not _spelt_otherwise(subject, expected, actual):
            yield f"{'unexpected' if ours is None else 'missing'} {subject}"
    else:
        for name in doubts.certain(subject, differing(ours, theirs)):
            yield f"changed {subject}: {name}: {getattr(ours, name)!r} -> {getattr(theirs, name)!r}"


def is_opaque(expected: Schema, actual: Schema, subject: Subject) -> bool:
    if subject in expected.opaque:
        return True
    return any(
        is_opaque(expected, actual, each)
        for schema in (expected, actual)
        for each in schema.parents(subject)
        if each != subject
    )


def _spelt_otherwise(subject: Subject, expected: Schema, actual: Schema) -> bool:
    """A routine, an operator or a cast over types of an extension: ``f(citext)`` here, ``f(public.citext)`` there."""
    if subject.kind not in (Kind.FUNCTION, Kind.PROCEDURE, Kind.OPERATOR, Kind.CAST):
        return False
    return any(
        each.kind == subject.kind
        and each.name[:-1] == subject.name[:-1]
        and (signatures_agree(subject.name[-1], each.name[-1]) or signatures_agree(each.name[-1], subject.name[-1]))
        for each in expected.objects.keys() ^ actual.objects.keys()
        if each != subject
    )


def steps(url: str, script: str, *, every: int = 1) -> Iterator[Step]:
    """Each *every*-th statement of *script*, and the last, with what differs after it. Raises the server's errors."""
    replay, statements = Replay(), parse(script)
    known: tuple[str, ...] = ()
    with psycopg.connect(url, autocommit=True) as connection, psycopg.connect(url, autocommit=True) as reader:
        for number, statement in enumerate(statements, 1):
            connection.execute(statement.sql.encode())
            replay.run(statement)
            in_transaction = connection.info.transaction_status != psycopg.pq.TransactionStatus.IDLE
            if (number % every == 0 or number == len(statements)) and not in_transaction:
                found = tuple(differences(replay.freeze(), live_schema(reader)))
                yield Step(statement, tuple(each for each in found if each not in known))
                known = found
