"""``python -m tests.report.html.make``: makes the reports and the memory of this folder again, from the demo's incident."""

import json
from pathlib import Path
from tempfile import TemporaryDirectory

from demo.api import serving
from demo.incident import DATABASE, MIGRATIONS, break_it, build
from demo.private_postgres import private_postgres
from demo.show import target
from shared.alerts.notifier import notify
from shared.memory import MemoryFile
from shared.memory.document import written
from shared.model.alerts import AlertSettings
from shared.model.report import Report, Trigger
from shared.report.json import as_document
from shared.run import run

HERE = Path(__file__).parent


def main() -> None:
    with private_postgres() as server, TemporaryDirectory() as folder:
        build(server)
        with serving(server.url(DATABASE)) as api:
            _write("planned", run(target(server.url(DATABASE), api), Trigger.TERMINAL))
            watched = target(break_it(server), api)
            memory = MemoryFile(Path(folder), watched.name)
            report = run(watched, Trigger.SCHEDULE)
            _write("incident", notify(report, watched, AlertSettings(weekly=False), memory).report)
            (HERE / "memory.json").write_bytes(written(memory.load()))


def _write(name: str, report: Report) -> None:
    text = json.dumps(as_document(report), indent=1)
    (HERE / f"{name}.json").write_text(text.replace(str(MIGRATIONS), "/release/migrations"), encoding="utf-8")


if __name__ == "__main__":
    main()
