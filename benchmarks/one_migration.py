"""One migration of one kind of statement, from the facts to the report, in a process of its own.

``python -m benchmarks.one_migration make KIND COUNT MODE FILE`` writes the facts of a run; ``report FILE`` is what is
measured: those facts diagnosed, checked and reported, as a run does once it has gathered them.
"""

import gc
import pickle
import sys
from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

from benchmarks.statements import KINDS, Mode
from shared.model.database import Activity, DatabaseReading, History, HistoryRow, Privileges
from shared.model.facts import Facts
from shared.model.plan import Sizes, TableSize
from shared.model.release import Migration, Release
from shared.model.release_settings import ReleaseSettings
from shared.model.report import Trigger
from shared.model.schema import Kind, Schema
from shared.model.setting_types import Secret
from shared.model.settings import DatabaseSettings, Target

_NOW = datetime(2026, 11, 22, 9, 5, tzinfo=UTC)


def make(kind: str, count: int, mode: Mode) -> Facts:
    """The facts of a run: the ground is applied, and of the migration as much is there as *mode* says."""
    ground, script = KINDS[kind].scripts(count)
    shipped = (Migration("1_ground", ground), Migration("2_many", script))
    rows = [_row(shipped[0], 1)]
    if mode is not Mode.PENDING:
        rows.append(_row(shipped[1], 2, failed=mode is Mode.FAILED))
    live = _live(ground, script, {Mode.APPLIED: count, Mode.PENDING: 0, Mode.FAILED: count // 2}[mode])
    return Facts(
        Target(
            name="production",
            releases=(ReleaseSettings("folder", "migrations"),),
            database=DatabaseSettings(Secret("env:DATABASE_URL", "postgresql://reader@db.example.com/app")),
        ),
        Release("v1", "folder", "sha256:0", "postgresql", shipped),
        None,
        DatabaseReading(
            name="app",
            schema="public",
            server_version="16.4",
            now=_NOW,
            history=History(exists=True, rows=tuple(rows), schema_has_tables=True),
            catalog=live,
            empty_tables=frozenset(),
            seeds=(),
            activity=Activity(lock=(), blocking=(), sees_all_sessions=True),
            privileges=Privileges("reader", superuser=False, creates_in_schema=False, writable=(), writable_count=0),
            sizes=_sizes(live),
        ),
        (),
        _NOW,
    )


def _row(migration: Migration, minute: int, *, failed: bool = False) -> HistoryRow:
    started = _NOW - timedelta(hours=1) + timedelta(minutes=minute)
    return HistoryRow(
        id=migration.name,
        name=migration.name,
        checksum=sha256(migration.script or b"").hexdigest(),
        started_at=started,
        finished_at=None if failed else started + timedelta(seconds=1),
        rolled_back_at=None,
        logs="Database error code: 57014" if failed else None,
    )


def _sizes(live: Schema) -> Sizes:
    """Every table holds a million rows, so that all is said of blocks and of safer ways."""
    return {
        (subject.name[0], subject.name[1]): TableSize(1_000_000, 100 * 2**20, 20 * 2**20, number)
        for number, subject in enumerate(live.objects)
        if subject.kind is Kind.TABLE
    }


def _live(ground: bytes, script: bytes, count: int) -> Schema:
    """What a server has after the *ground* and the first *count* statements."""
    from shared.postgres.parse import parse  # noqa: PLC0415  # what is measured imports it itself
    from shared.postgres.replay import Replay  # noqa: PLC0415  # as above

    replay = Replay()
    replay.run_all(parse(ground))
    replay.run_all(parse(script)[:count])
    return replay.freeze()


def report(facts: Facts) -> Sequence[str]:
    """The report, as JSON, piece by piece as a command writes it."""
    from shared.report.forms import render_pieces  # noqa: PLC0415  # as a run does, which imports late
    from shared.run.reporting import report_on  # noqa: PLC0415
    from shared.run.uncollected import uncollected  # noqa: PLC0415

    with uncollected():
        return render_pieces([report_on(facts, Trigger.TERMINAL, defaultdict(timedelta))], "json")


def main() -> None:
    if sys.argv[1] == "make":
        _, _, kind, count, mode, file = sys.argv
        Path(file).write_bytes(pickle.dumps(make(kind, int(count), Mode(mode))))
    else:
        sys.stdout.writelines(report(pickle.loads(Path(sys.argv[2]).read_bytes())))
        gc.freeze()  # as a command ends


if __name__ == "__main__":
    main()
