"""How to free a name that a migration needs. What is in its way is renamed or dropped by a person, never by us."""

from collections.abc import Iterator

from ..model.diagnosis import MigrationStanding
from ..model.finding import Step
from ..model.phrases import listed
from ..model.plan import Conflict
from ..model.schema import ON_A_TABLE, ROUTINES, Kind, Place, Subject
from ..postgres.canonical.sql import identifier
from . import commands
from .context import RemedyContext

# Nothing that is printed after it may be done: what then is right, only the next check can say.
CHECK_AGAIN = Step("Check again, and follow the steps of that report: they depend on what is there then.")
_LONGEST_NAME = 63
_POINTER = "First fix deploy-will-fail of"


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
    return Step(f"{_POINTER} {listed(context.conflicting)}: a deploy would fail there.")


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
    kind, name = subject.kind, subject.name[-1]
    table, whole = ".".join(map(identifier, subject.name[:2])), ".".join(map(identifier, subject.name))
    old, new = identifier(name), identifier(_other(name))
    if kind in ON_A_TABLE:
        return f"ALTER {kind.word} {old} ON {table} RENAME TO {new};"
    if kind.place is Place.RELATION:
        return f"ALTER TABLE {table} RENAME {kind.word} {old} TO {new};"
    if kind in ROUTINES or kind in (Kind.PRIMARY_KEY, Kind.ROW_SECURITY, Kind.EXTENSION):
        return None
    return f"ALTER {kind.word} {whole} RENAME TO {new};"


def _other(name: str) -> str:
    """``z_before``: within PostgreSQL's limit of 63 bytes."""
    suffix = "_before"
    kept = name.encode()[: _LONGEST_NAME - len(suffix)].decode(errors="ignore")
    return kept + suffix
