"""Commands for Azure, run by a shell in which `az` is a stand-in: what it is called with is what is meant."""

import subprocess
from pathlib import Path

import pytest

from shared.remedies.azure_commands import allow_extension, preload_library

SERVER = "/subscriptions/s-1/resourceGroups/a group/providers/Microsoft.DBforPostgreSQL/flexibleServers/db-1"
AZ = """#!/bin/sh
printf '%s\\n' "$@" "" >>"$CALLS"
case "$*" in *" show "*) printf '%s\\n' "$PRESENT" ;; esac
"""
NAMED = ["--subscription", "s-1", "--resource-group", "a group", "--server-name", "db-1", "--name"]
COMMAND = ["postgres", "flexible-server", "parameter"]


def called(script: str, present: str, folder: Path) -> list[list[str]]:
    """The arguments of each call of `az`, where the server's parameter has the value *present*."""
    (folder / "az").write_text(AZ, encoding="utf-8")
    (folder / "az").chmod(0o755)
    calls = folder / "calls"
    environment = {"PATH": f"{folder}:/usr/bin:/bin", "CALLS": str(calls), "PRESENT": present}
    subprocess.run(["bash", "-euc", script], check=True, env=environment)
    return [call.split("\n") for call in calls.read_text(encoding="utf-8").strip("\n").split("\n\n")]


@pytest.mark.parametrize(
    ("present", "value"),
    [pytest.param("", "uuid-ossp", id="an empty list"), pytest.param("HSTORE,CITEXT", "HSTORE,CITEXT,uuid-ossp", id="others stay")],
)  # fmt: skip
def test_an_extension_is_added_to_those_that_are_allowed(present: str, value: str, tmp_path: Path) -> None:
    show, setting = called(allow_extension(SERVER, "uuid-ossp"), present, tmp_path)
    assert show == [*COMMAND, "show", *NAMED, "azure.extensions", "--query", "value", "--output", "tsv"]
    assert setting == [*COMMAND, "set", *NAMED, "azure.extensions", "--value", value]


@pytest.mark.parametrize(("present", "value"), [("", "pg_cron"), ("pgaudit,x", "pgaudit,x,pg_cron")])
def test_a_library_is_added_to_those_that_are_loaded_and_the_server_restarts(
    present: str, value: str, tmp_path: Path
) -> None:
    show, setting, restart = called(preload_library(SERVER, "pg_cron"), present, tmp_path)
    assert show == [*COMMAND, "show", *NAMED, "shared_preload_libraries", "--query", "value", "--output", "tsv"]
    assert setting == [*COMMAND, "set", *NAMED, "shared_preload_libraries", "--value", value]
    assert restart == ["postgres", "flexible-server", "restart", "--ids", SERVER]
