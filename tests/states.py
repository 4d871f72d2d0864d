"""The states that the real engine made, loaded into real databases."""

import json
import subprocess
from pathlib import Path
from typing import Any

from shared.demo.private_postgres import PrivatePostgres
from tests.postgres.servers import client_program

FOLDER = Path(__file__).parent / "states"
EXPECTED: dict[str, dict[str, Any]] = json.loads((FOLDER / "expected.json").read_text())
NAMES = tuple(EXPECTED)


def load(state: str, url: str, postgres: PrivatePostgres) -> None:
    """Fill the empty database at *url*; errors are left to stand, since some states hold one on purpose."""
    subprocess.run(
        [client_program("psql", postgres.programs), "--quiet", "--no-psqlrc", "--file", FOLDER / state / "db.sql", url],
        check=True,
        capture_output=True,
    )


def migrations(state: str) -> Path:
    return FOLDER / state / "migrations"
