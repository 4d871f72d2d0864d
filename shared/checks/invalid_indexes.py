"""Indexes that the server calls invalid: what a CREATE INDEX or REINDEX CONCURRENTLY left that did not end well."""

import re
from collections.abc import Iterator

from ..model.diagnosis import Comparison
from ..model.finding import Finding, Severity, Step
from ..model.schema import INDEXED_CONSTRAINTS, Definition, Index, Kind, PrimaryKey, Schema, Subject, Table
from ..postgres.canonical.names import delimited
from ..postgres.offending_rows import of_index
from ..remedies import commands

# How REINDEX CONCURRENTLY names the index that it builds, and in the end the one that it has replaced.
_LEFT_BY_REINDEX = re.compile(r"(?P<of>.+)_cc(?P<which>new|old)\d*", re.DOTALL)
# Names are cut to this length, and the end of the name that it adds is not.
_MOST_BYTES = 63
_EFFECT = "no query uses it, and it slows every write."


def invalid_indexes(comparison: Comparison) -> list[Subject]:
    """The indexes that are never used, but occupy their name; not those that the migrations make so (ON ONLY)."""
    invalid = {subject for subject, found in comparison.actual.objects.items() if _is_invalid(found)}
    return sorted(subject for subject in invalid if not _is_invalid(comparison.expected.objects.get(subject)))


def _is_invalid(definition: Definition | None) -> bool:
    return isinstance(definition, Index) and not definition.valid


def index_invalid(subject: Subject, comparison: Comparison, schema: str) -> Finding:
    index = comparison.actual.objects[subject]
    assert isinstance(index, Index)  # noqa: S101  # only indexes are called invalid
    rebuilt = _rebuilt(subject, index, comparison.actual)
    if rebuilt is not None and subject not in comparison.expected.objects:
        return _finding(subject, Severity.WARNING, *_left_by_reindex(subject, rebuilt, schema))
    table = comparison.actual.objects.get(index.table)
    if isinstance(table, Table) and table.partition_by is not None:
        return _finding(subject, _severity(index), *_lacks_parts(subject, index))
    name = _quoted(subject)
    remedy: list[Step] = []
    if subject in comparison.expected.objects:
        if index.unique:
            remedy += _without_duplicates(index, schema)
        text, sql = "Build the index again; nothing else is blocked meanwhile.", f"REINDEX INDEX CONCURRENTLY {name};"
    else:
        text, sql = "Drop the index before the migration that makes it runs again.", f"DROP INDEX CONCURRENTLY {name};"
    remedy.append(Step(text, commands.psql([sql], schema)))
    effect = "it guarantees no uniqueness, and it slows every write." if index.unique else _EFFECT
    said = f"{subject} is invalid: its CREATE INDEX CONCURRENTLY failed, so {effect}"
    return _finding(subject, _severity(index), said, tuple(remedy))


def _severity(index: Index) -> Severity:
    return Severity.CRITICAL if index.unique else Severity.WARNING


def _lacks_parts(subject: Subject, index: Index) -> tuple[str, tuple[Step, ...]]:
    """Of a partitioned table no index is built CONCURRENTLY: it is invalid until each partition has its part."""
    table = ".".join(index.table.name)
    step = Step(
        "Build such an index on each partition that lacks it, without blocking writes, and attach it: "
        f"ALTER INDEX {_quoted(subject)} ATTACH PARTITION …. With the last one it becomes valid by itself."
    )
    return f"{subject} is invalid: not every partition of {table} has its part of it.", (step,)


def _finding(subject: Subject, severity: Severity, summary: str, remedy: tuple[Step, ...]) -> Finding:
    return Finding("index-invalid", str(subject), severity, summary, expected="valid", actual="invalid", remedy=remedy)


def _rebuilt(subject: Subject, index: Index, actual: Schema) -> tuple[str, str] | None:
    """What a REINDEX CONCURRENTLY rebuilt that left *subject*, and whether new or old; None where it is no leftover."""
    left = _LEFT_BY_REINDEX.fullmatch(subject.name[-1])
    if left is None:
        return None
    is_cut = len(subject.name[-1].encode()) >= _MOST_BYTES
    names = sorted(_names_of_indexes(index.table, actual))
    found = next((each for each in names if each == left["of"] or (is_cut and each.startswith(left["of"]))), None)
    return None if found is None else (found, left["which"])


def _names_of_indexes(table: Subject, schema: Schema) -> Iterator[str]:
    """The valid indexes of *table*, those of its keys and constraints, too."""
    for subject, definition in schema.objects.items():
        if isinstance(definition, Index):
            if definition.table == table and definition.valid:
                yield subject.name[-1]
        elif subject.kind in INDEXED_CONSTRAINTS and subject.relation == table.name:
            yield definition.name if isinstance(definition, PrimaryKey) else subject.name[-1]


def _left_by_reindex(subject: Subject, rebuilt: tuple[str, str], schema: str) -> tuple[str, tuple[Step, ...]]:
    """Say what it is, and what to do: by PostgreSQL's manual of REINDEX."""
    name, which = rebuilt
    sql = f"DROP INDEX CONCURRENTLY {_quoted(subject)};"
    if which == "new":
        what = f"what an interrupted REINDEX CONCURRENTLY of {name} was building"
        then = f"{name} itself is in use. Run its REINDEX CONCURRENTLY again if it is still needed."
    else:
        what, then = (
            f"the old {name} that a REINDEX CONCURRENTLY replaced and could not drop",
            f"The new {name} is in use.",
        )
    step = Step(f"Drop the leftover, without blocking writes. {then}", commands.psql([sql], schema))
    return f"{subject} is {what}: {_EFFECT}", (step,)


def _without_duplicates(index: Index, schema: str) -> Iterator[Step]:
    """The rows at which a unique index most likely failed, and would fail again."""
    query = commands.psql([of_index(index).listing()], schema)
    yield Step("Find duplicate rows: the index cannot be built while there are any.", query)
    yield Step("Change or remove the duplicate rows, if there are any.")


def _quoted(subject: Subject) -> str:
    assert subject.kind is Kind.INDEX  # noqa: S101  # only indexes are called invalid
    return ".".join(map(delimited, subject.name))
