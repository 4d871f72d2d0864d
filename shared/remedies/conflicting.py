"""How to free a name that a migration needs. A person renames or drops the object in its way, never the monitor."""

from collections.abc import Iterator

from ..model.diagnosis import MigrationStatus
from ..model.finding import Step
from ..model.phrases import listed
from ..model.plan import Conflict
from ..model.schema import ON_A_TABLE, ROUTINES, SETTINGS, Kind, Place, Subject
from ..postgres.canonical.sql import identifier
from ..postgres.difference.words import ABSENT
from . import commands
from .context import RemedyContext

# The last step that can be printed: the steps after it depend on the result of the next check.
CHECK_AGAIN = Step("Check again, and follow the steps of the new report.")
_LONGEST_NAME = 63
_POINTER = "First fix deploy-will-fail of"
_SKIPPED = "First fix the schema finding of"


def freeing(status: MigrationStatus, schema: str) -> Iterator[Step]:
    """What frees the names that *status* needs, one step a conflict; no step loses a row."""
    for conflict in status.conflicts:
        yield _freeing(conflict, status, schema)


def not_skipping(conflict: Conflict, status: MigrationStatus, schema: str) -> Iterator[Step]:
    """What makes a statement make what it says, where it would leave another object as it is."""
    yield _freeing(conflict, status, schema)
    yield CHECK_AGAIN


def _freeing(conflict: Conflict, status: MigrationStatus, schema: str) -> Step:
    where = f"line {conflict.line} of {status.name}"
    if conflict.by_migration:
        return Step(f"Remove {conflict.subject} from {where}, and release again: an applied migration made it already.")
    if conflict.in_part:
        return _repairing(conflict, where, schema)
    renaming = None if _keeps_its_name(conflict) else _renaming(conflict.found_as)
    if renaming is None:
        return Step(
            f"Find out who needs {conflict.found_as} ({conflict.found}). It is in the way of {where}: "
            f"drop it by hand, or change it to what {where} makes ({conflict.wanted})."
        )
    return Step(
        f"Rename {conflict.found_as} ({conflict.found}), which is in the way of {where}; this loses no data. "
        "First make sure that nothing uses it under its present name.",
        commands.psql([renaming], schema),
        asks=True,
    )


def _repairing(conflict: Conflict, where: str, schema: str) -> Step:
    """Make an object what the statement makes: it may be its work, changed by hand, and need not have another name."""
    otherwise = f"If {conflict.subject} is not what {where} is meant to make, rename it instead."
    if conflict.repair:
        text = f"Change {conflict.found_as} ({conflict.found}) to what {where} makes ({conflict.wanted}). {otherwise}"
        return Step(text, commands.psql(conflict.repair, schema), asks=True)
    if conflict.wanted == ABSENT:
        return Step(
            f"Find out who needs {conflict.found_as} ({conflict.found}), which {where} does not make: release a "
            f"migration that makes it, or drop it by hand. {otherwise}"
        )
    return Step(
        f"Find out who needs {conflict.found_as} as it is ({conflict.found}), and change it by hand to what {where} "
        f"makes ({conflict.wanted}). {otherwise}"
    )


def blocked_by_conflicts(context: RemedyContext) -> Step:
    if context.conflicting:
        return Step(f"{_POINTER} {listed(context.conflicting)}: a deploy would fail there.")
    return Step(f"{_SKIPPED} {listed(context.skipping)}: a deploy would leave it as it is.")


def frees_names_first(step: Step) -> bool:
    """Say whether *step* is the last one that can be done now: further steps are known once the names are free."""
    return step == CHECK_AGAIN


def points_to_conflicts(step: Step) -> bool:
    """Say whether *step* is only `blocked_by_conflicts`: the finding that it names has the steps."""
    return step.command is None and step.text.startswith((_POINTER, _SKIPPED))


def _keeps_its_name(conflict: Conflict) -> bool:
    """Say whether renaming would not help: a table has one primary key, and an enum's value keeps its name."""
    is_value = conflict.subject == conflict.found_as and conflict.sql.upper().startswith("ALTER TYPE")
    return conflict.subject.kind is Kind.PRIMARY_KEY or is_value


_NOT_RENAMED = frozenset(
    {
        *ROUTINES,
        *SETTINGS,
        Kind.PRIMARY_KEY,
        Kind.ROW_SECURITY,
        Kind.REPLICA_IDENTITY,
        Kind.CLUSTER_MARK,
        Kind.EXTENSION,
    }
)


def _renaming(subject: Subject) -> str | None:
    """SQL that renames *subject*; None where a person has to decide how."""
    kind, name = subject.kind, subject.name[-1]
    table, whole = ".".join(map(identifier, subject.name[:2])), ".".join(map(identifier, subject.name))
    old, new = identifier(name), identifier(_other(name))
    if kind in ON_A_TABLE:
        return f"ALTER {kind.word} {old} ON {table} RENAME TO {new};"
    if kind.place is Place.RELATION:
        return f"ALTER TABLE {table} RENAME {kind.word} {old} TO {new};"
    if kind in _NOT_RENAMED:
        return None
    return f"ALTER {kind.word} {whole} RENAME TO {new};"


def _other(name: str) -> str:
    """``z_before``: within PostgreSQL's limit of 63 bytes."""
    suffix = "_before"
    kept = name.encode()[: _LONGEST_NAME - len(suffix)].decode(errors="ignore")
    return kept + suffix
