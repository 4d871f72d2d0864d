"""How to free a name that a migration needs. What is in its way is renamed or dropped by a person, never by us."""

from collections.abc import Iterator

from ..model.diagnosis import MigrationStanding
from ..model.finding import Step
from ..model.plan import Conflict
from ..model.schema import Kind, Subject
from ..postgres.canonical.sql import identifier
from . import commands
from .context import RemedyContext

# Nothing that is printed after it may be done: what then is right, only the next check can say.
CHECK_AGAIN = Step("Check again, and follow the steps of that report: they depend on what is there then.")
_LONGEST_NAME = 63
_POINTER = "First fix deploy-will-fail of"
_OF_A_TABLE = {
    Kind.COLUMN: "COLUMN", Kind.UNIQUE: "CONSTRAINT", Kind.FOREIGN_KEY: "CONSTRAINT", Kind.CHECK: "CONSTRAINT",
    Kind.EXCLUSION: "CONSTRAINT",
}  # fmt: skip
_ON_A_TABLE = {Kind.TRIGGER, Kind.POLICY, Kind.RULE}
_BY_ITSELF = {
    Kind.TABLE: "TABLE", Kind.VIEW: "VIEW", Kind.MATERIALIZED_VIEW: "MATERIALIZED VIEW", Kind.INDEX: "INDEX",
    Kind.SEQUENCE: "SEQUENCE", Kind.ENUM: "TYPE", Kind.COMPOSITE_TYPE: "TYPE", Kind.DOMAIN: "DOMAIN",
    Kind.SCHEMA: "SCHEMA",
}  # fmt: skip


def freeing(standing: MigrationStanding, schema: str) -> Iterator[Step]:
    """What frees the names that *standing* needs, one step a conflict; no step loses a row."""
    for conflict in standing.conflicts:
        where = f"line {conflict.line} of {standing.name}"
        if conflict.by_migration:
            yield Step(
                f"Remove {conflict.subject} from {where}, and release again: an applied migration made it already."
            )
            continue
        renaming = None if _keeps_its_name(conflict) else _renaming(conflict.found_as)
        if renaming is None:
            yield Step(
                f"Find out who needs {conflict.found_as} ({conflict.found}). It is in the way of {where}: "
                f"remove it by hand, or make it what {where} makes ({conflict.wanted})."
            )
            continue
        yield Step(
            f"Rename {conflict.found_as} ({conflict.found}), which is in the way of {where}; this loses no data. "
            "First find out who uses it: do only this if nothing needs it under its name.",
            commands.psql([renaming], schema),
            asks=True,
        )


def blocked_by_conflicts(context: RemedyContext) -> Step:
    *others, last = context.conflicting
    listed = f"{', '.join(others)} and {last}" if others else last
    return Step(f"{_POINTER} {listed}: a deploy would fail there.")


def frees_names_first(step: Step) -> bool:
    """Say whether *step* ends what can be done now: other steps are only known once the names are free."""
    return step == CHECK_AGAIN


def points_to_conflicts(step: Step) -> bool:
    """Say whether *step* is no more than `blocked_by_conflicts`: the steps are those of the finding that it names."""
    return step.command is None and step.text.startswith(_POINTER)


def _keeps_its_name(conflict: Conflict) -> bool:
    """Say whether another name would not help: a table has one primary key, and an enum's value is in the way."""
    is_value = conflict.subject == conflict.found_as and conflict.sql.upper().startswith("ALTER TYPE")
    return conflict.subject.kind is Kind.PRIMARY_KEY or is_value


def _renaming(subject: Subject) -> str | None:
    """SQL that gives *subject* another name; None where only a person can say how."""
    name, table = subject.name[-1], ".".join(map(identifier, subject.name[:2]))
    old, new = identifier(name), identifier(_other(name))
    if subject.kind in _OF_A_TABLE:
        return f"ALTER TABLE {table} RENAME {_OF_A_TABLE[subject.kind]} {old} TO {new};"
    if subject.kind in _ON_A_TABLE:
        return f"ALTER {subject.kind.upper()} {old} ON {table} RENAME TO {new};"
    if subject.kind in _BY_ITSELF:
        whole = ".".join(map(identifier, subject.name))
        return f"ALTER {_BY_ITSELF[subject.kind]} {whole} RENAME TO {new};"
    return None


def _other(name: str) -> str:
    """``z_before``: within PostgreSQL's limit of 63 bytes."""
    suffix = "_before"
    kept = name.encode()[: _LONGEST_NAME - len(suffix)].decode(errors="ignore")
    return kept + suffix
