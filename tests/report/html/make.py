"""``python -m tests.report.html.make``: makes the reports and the memory of this folder again, from the demo's incident."""

import json
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

from shared.alerts.notifier import notify
from shared.demo.api import serving
from shared.demo.incident import DATABASE, MIGRATIONS, break_it, build, fixed_copy
from shared.demo.private_postgres import PrivatePostgres, private_postgres
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


def made(server: PrivatePostgres, folder: Path) -> dict[str, str]:
    """The files by their names, made on *server*; *folder* is for the memory."""
    build(server)
    copy = fixed_copy(server)
    watched = deployment(copy)
    deploying = as_document(run(watched, Trigger.TERMINAL)) | {
        "deployment": as_object(watched_deployment(copy, watched))
    }
    with serving(server.url(DATABASE)) as api:
        planned = as_document(run(target(server.url(DATABASE), api), Trigger.TERMINAL))
        watched = target(break_it(server), api)
        memory = MemoryFile(folder, watched.name)
        report = run(watched, Trigger.SCHEDULE)
        incident = as_document(notify(report, watched, AlertSettings(weekly=False), memory).report)
    return {
        "deploying.json": _text(deploying),
        "planned.json": _text(planned),
        "incident.json": _text(incident),
        "memory.json": written(memory.load()).decode("ascii"),
    }


def _text(document: Mapping[str, Json]) -> str:
    return json.dumps(document, indent=1).replace(str(MIGRATIONS), "/release/migrations")


def write(files: Mapping[str, str]) -> None:
    for name, text in files.items():
        (HERE / name).write_text(text, encoding="utf-8")


def main() -> None:
    with private_postgres() as server, TemporaryDirectory() as folder:
        write(made(server, Path(folder)))


if __name__ == "__main__":
    main()
