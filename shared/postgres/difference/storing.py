"""SQL for how columns and relations are stored: each statement is right wherever it is run, and loses nothing."""

from collections.abc import Iterable, Iterator
from typing import Any

from ...model import schema as model
from ...model.schema import INDEXED_CONSTRAINTS, Subject
from ..canonical.sql import identifier
from ..canonical.storage import own_storage
from .fragments import qualified, with_parameters

# Attributes of definitions that these statements change.
FREELY_SET = frozenset({"storing", "parameters", "toast_parameters"})


def change_storing(subject: Subject, expected: Any, actual: Any, attributes: Iterable[str]) -> Iterator[str | None]:
    """Statements for those of *attributes* that are of storage; None where only the server knows what to write."""
    wanted = FREELY_SET.intersection(attributes)
    if "storing" in wanted:
        column = f"ALTER TABLE {qualified(subject.name[:2])} ALTER COLUMN {identifier(subject.name[2])}"
        yield from _column(column, expected, actual.storing)
    if wanted - {"storing"}:
        yield from _relation(_command(subject, expected), expected, actual, wanted)


def storing_of(subject: Subject, column: model.Column) -> Iterator[str | None]:
    """Statements for a column that was just made."""
    if column.storing != model.AS_USUAL:
        yield from change_storing(subject, column, model.Column(column.type), ("storing",))


def _column(column: str, expected: model.Column, actual: model.Storing) -> Iterator[str | None]:
    wanted = expected.storing
    if wanted.storage != actual.storage:
        # SET STORAGE DEFAULT is known since 16.
        storage = wanted.storage or own_storage(expected.type)
        yield f"{column} SET STORAGE {storage.upper()};" if storage else None
    if wanted.compression != actual.compression:
        yield f"{column} SET COMPRESSION {wanted.compression or 'DEFAULT'};"
    if wanted.statistics != actual.statistics:
        yield f"{column} SET STATISTICS {-1 if wanted.statistics is None else wanted.statistics};"
    yield from _set(column, wanted.options, actual.options)


def _command(subject: Subject, definition: Any) -> str:
    if isinstance(definition, model.Index):
        return f"ALTER INDEX {qualified(subject.name)}"
    if subject.kind in INDEXED_CONSTRAINTS:
        name = definition.name if isinstance(definition, model.PrimaryKey) else subject.name[2]
        return f"ALTER INDEX {qualified((subject.name[0], name))}"
    return f"ALTER TABLE {qualified(subject.name)}"


def _relation(command: str, expected: Any, actual: Any, attributes: frozenset[str]) -> Iterator[str]:
    if "parameters" in attributes:
        yield from _set(command, expected.parameters, actual.parameters)
    if "toast_parameters" in attributes:
        yield from _set(command, expected.toast_parameters or (), actual.toast_parameters or (), "toast.")


def _set(command: str, wanted: tuple[str, ...], there: tuple[str, ...], namespace: str = "") -> Iterator[str]:
    if given := [each for each in wanted if each not in there]:
        yield f"{command} SET ({with_parameters(given, namespace)});"
    names = {each.split("=", 1)[0] for each in wanted}
    if gone := [name for each in there if (name := each.split("=", 1)[0]) not in names]:
        yield f"{command} RESET ({', '.join(namespace + identifier(each) for each in gone)});"
