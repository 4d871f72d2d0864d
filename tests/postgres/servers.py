"""The servers that a test of several versions runs on: the usual one here and the newest.

With ``SERVERS=others`` it runs on the others here (make test-servers), with ``POSTGRES`` on the one that is named (make
test-versions).
"""

import os
import re
import subprocess
from pathlib import Path

from demo.private_postgres import installed_programs


def servers() -> list[Path]:
    """Each folder with a ``postgres`` once."""
    if os.environ.get("POSTGRES"):
        return [Path(os.environ["POSTGRES"]).resolve()]
    found = list(installed_programs())
    others = found[1:-1] if os.environ.get("SERVERS") == "others" else []
    return others or [*found[:1], *found[1:][-1:]]


def version(programs: Path) -> str:
    said = subprocess.run([programs / "postgres", "--version"], capture_output=True, text=True, check=True).stdout
    return f"PostgreSQL {said.split()[2]}"


def usual_major() -> int:
    """The major version of the server that a test gets who asks for no other."""
    return int(re.split(r"\D", version(servers()[0]).removeprefix("PostgreSQL "))[0])
