"""The servers that a test of several versions runs on: every one here, or the one that is named (make test-versions)."""

import os
import re
import subprocess
from pathlib import Path

from demo.private_postgres import installed_programs


def servers() -> list[Path]:
    """Each folder with a ``postgres`` once."""
    return [Path(os.environ["POSTGRES"]).resolve()] if os.environ.get("POSTGRES") else list(installed_programs())


def version(programs: Path) -> str:
    said = subprocess.run([programs / "postgres", "--version"], capture_output=True, text=True, check=True).stdout
    return f"PostgreSQL {said.split()[2]}"


def usual_major() -> int:
    """The major version of the server that a test gets who asks for no other."""
    return int(re.split(r"\D", version(servers()[0]).removeprefix("PostgreSQL "))[0])
