"""``python -m tests.report.html.make``: makes the reports and the memory of this folder again, from the demo's incident."""

import json
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

from shared.alerts.notifier import notify
from shared.demo.api import serving
from shared.demo.incident import DATABASE, MIGRATIONS, break_it, build, fixed_copy
from shared.demo.private_postgres import private_postgres
from shared.demo.show import deployment, target
from shared.demo.watching import watched_deployment
from shared.memory import MemoryFile
from shared.memory.document import written
from shared.model.alerts import AlertSettings
from shared.model.finding import Json
from shared.model.report import Trigger
from shared.report.json import as_document
from shared.report.watching.json import as_object
from shared.run import run

HERE = Path(__file__).parent


def main() -> None:
    with private_postgres() as server, TemporaryDirectory() as folder:
        build(server)
        copy = fixed_copy(server)
        watched = deployment(copy)
        document = as_document(run(watched, Trigger.TERMINAL)) | {
            "deployment": as_object(watched_deployment(copy, watched))
        }
        _write("deploying", document)
        with serving(server.url(DATABASE)) as api:
            _write("planned", as_document(run(target(server.url(DATABASE), api), Trigger.TERMINAL)))
            watched = target(break_it(server), api)
            memory = MemoryFile(Path(folder), watched.name)
            report = run(watched, Trigger.SCHEDULE)
            _write("incident", as_document(notify(report, watched, AlertSettings(weekly=False), memory).report))
            (HERE / "memory.json").write_bytes(written(memory.load()))


def _write(name: str, document: Mapping[str, Json]) -> None:
    text = json.dumps(document, indent=1)
    (HERE / f"{name}.json").write_text(text.replace(str(MIGRATIONS), "/release/migrations"), encoding="utf-8")


if __name__ == "__main__":
    main()
