"""The servers that a test of several versions runs on: with make test the usual one here.

With ``SERVERS=others`` it runs on the others here (make test-servers), with ``POSTGRES`` on the one that is named (make
test-versions).
"""

import os
import re
import subprocess
from functools import cache
from pathlib import Path

from shared.demo.private_postgres import installed_programs


@cache
def servers() -> tuple[Path, ...]:
    """Each folder with a ``postgres`` once."""
    others = [each for each in installed_programs() if each != usual()]
    return tuple(others) if os.environ.get("SERVERS") == "others" else (usual(),)


@cache
def usual() -> Path:
    """The folder of the server that a test gets who asks for no other."""
    named = os.environ.get("POSTGRES")
    return Path(named).resolve() if named else next(installed_programs())


def client_program(name: str, programs: Path) -> Path:
    """Give psql or pg_dump: of *programs*, else the newest here: some packages bring the server alone."""
    folders = [programs, *reversed(list(installed_programs()))]
    return next((folder / name for folder in folders if (folder / name).exists()), programs / name)


@cache
def version(programs: Path) -> str:
    said = subprocess.run([programs / "postgres", "--version"], capture_output=True, text=True, check=True).stdout
    return f"PostgreSQL {said.split()[2]}"


def usual_major() -> int:
    return int(re.split(r"\D", version(usual()).removeprefix("PostgreSQL "))[0])
