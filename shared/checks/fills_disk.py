"""Does the deployment fit on the server's disk? A flexible server that is nearly full turns read-only."""

from collections.abc import Iterator, Sequence

from ..model.database import DatabaseReading
from ..model.disk import READ_ONLY_FREE, READ_ONLY_PERCENT, DiskNeed, DiskUse, ReplicationSlot, Storage
from ..model.finding import Finding, Json, Severity, Step
from ..model.phrases import counted, size
from ..model.plan import Plan, PlannedStatement
from ..remedies import azure_commands, commands

# The sizes, in GiB, that a server's storage can have.
_SIZES = (32, 64, 128, 256, 512, 1024, 2048, 4096, 8192, 16384, 32767)
_GIB = 2**30
_WORTH_NAMING = 2**20
_MOST_STATEMENTS = 5
_READ_ONLY = f"turns read-only ({READ_ONLY_PERCENT} % used, or less than {size(READ_ONLY_FREE)} free)"


def fills_disk(
    plan: Plan, database: DatabaseReading, server: str | None, severity: Severity | None
) -> Iterator[Finding]:
    """The finding where the run may take more than half of what is left; *severity*, where given, replaces its own.

    *server* is Azure's id of it, if known.
    """
    need = plan.open_disk
    if need is None or need.storage is None or not need.fills_half:
        return
    left = max(need.storage.left, 0)
    how = (
        f"only {size(left)} are left before the server {_READ_ONLY}"
        if need.fills_disk
        else f"more than half of the {size(left)} that are left before the server {_READ_ONLY}"
    )
    writing = _most(plan.statements)
    yield Finding(
        "deploy-fills-disk",
        database.name,
        severity or (Severity.CRITICAL if need.fills_disk else Severity.WARNING),
        f"The deployment needs up to {size(need.bytes)} of the server's disk{_held(need.slot)}: {how}.{_unknown(need)}",
        expected=f"at most {size(left // 2)}",
        actual=f"up to {size(need.bytes)}",
        remedy=tuple(_steps(need, need.storage, writing, database.schema, server)),
        evidence={
            "bytes": need.bytes,
            "left": left,
            "free": need.storage.free,
            "percent": need.storage.percent,
            "measured_at": need.storage.at.isoformat(),
            "held_by_slot": need.slot.held if need.slot is not None else 0,
            "not_known": need.unknown,
            "statements": [_details(*each) for each in writing],
        },
    )


def _held(slot: ReplicationSlot | None) -> str:
    if slot is None or slot.held < _WORTH_NAMING:
        return ""
    return f", with {size(slot.held)} of WAL that the replication slot {slot.name} holds back"


def _unknown(need: DiskNeed) -> str:
    if not need.unknown:
        return ""
    what = counted(need.unknown, "statement is", "statements are")
    return f" What {what} going to write is not known and comes on top."


def _most(statements: Sequence[PlannedStatement]) -> list[tuple[PlannedStatement, DiskUse]]:
    """The statements that write most, with what each writes."""
    found = [(each, each.disk) for each in statements if each.disk is not None and each.disk.written]
    return sorted(found, key=lambda each: -each[1].written)[:_MOST_STATEMENTS]


def _steps(
    need: DiskNeed,
    storage: Storage,
    writing: Sequence[tuple[PlannedStatement, DiskUse]],
    schema: str,
    server: str | None,
) -> Iterator[Step]:
    if need.slot is not None and need.slot.held >= _WORTH_NAMING:
        query = "SELECT slot_name, active, wal_status, restart_lsn FROM pg_replication_slots;"
        state = "its consumer lags" if need.slot.active else "nothing reads it"
        yield Step(
            f"Let the consumer of the replication slot {need.slot.name} catch up, or drop the slot if nobody needs it: "
            f"{state}.",
            commands.psql([query], schema),
        )
    gib = _enough(storage.size + 2 * need.bytes - storage.left)
    if gib is not None:
        yield Step(
            f"Enlarge the server's storage to {gib} GiB before the deployment. It can never be made smaller again.",
            azure_commands.update_server(server, "--storage-size", str(gib)) if server is not None else None,
        )
    if len(writing) > 1:
        first = writing[0][0]
        yield Step(
            f"Or deploy in parts, and wait between them until the WAL is gone: line {first.line} of {first.migration} "
            f"writes most, up to {size(writing[0][1].written)}.",
            choice=True,
        )


def _enough(total: int) -> int | None:
    return next((gib for gib in _SIZES if gib * _GIB >= total), None)


def _details(statement: PlannedStatement, use: DiskUse) -> Json:
    return {
        "migration": statement.migration,
        "line": statement.line,
        "files": use.files,
        "wal": use.wal,
        "sort_files": use.sorting,
    }
