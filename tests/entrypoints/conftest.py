from collections.abc import Callable
from pathlib import Path

import pytest

from shared.demo.private_postgres import PrivatePostgres
from tests import states

APP = Path(__file__).parents[2]
# What must appear in no answer and in no log.
PASSWORD = "Tr0ub4dor-in-the-environment"
# One webhook receives everything.
TO_A_HOOK = """
[alerts]
weekly = false
[[alerts.channel]]
name = "hook"
kind = "webhook"
url = "env:HOOK"
tries = 1
"""


@pytest.fixture
def configure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Write the settings file that the function app reads; ``DATABASE_URL`` leads nowhere."""
    file = tmp_path / "monitor.toml"
    monkeypatch.setenv("MONITOR_CONFIG", str(file))
    monkeypatch.setenv("DATABASE_URL", f"postgresql://reader:{PASSWORD}@127.0.0.1:1/nowhere")

    def write(toml: str) -> None:
        file.write_text(toml)

    return write


@pytest.fixture
def production(
    configure: Callable[[str], None], database: str, postgres: PrivatePostgres, monkeypatch: pytest.MonkeyPatch
) -> Callable[[str], str]:
    """Bring a database of this test's own into one of the states, watch it as ``production``, and give its URL."""

    def make(state: str) -> str:
        states.load(state, database, postgres)
        monkeypatch.setenv("DATABASE_URL", database)
        configure(target_table("production", migrations=states.migrations(state)))
        return database

    return make


def target_table(name: str, *, migrations: Path = APP / "no-such-folder", extra: str = "") -> str:
    return f"""
[[target]]
name = "{name}"
# Tests come as the superuser.
privileges = false
{extra}
[target.release]
source = "folder"
path = '{migrations}'
[target.database]
url = "env:DATABASE_URL"
"""
