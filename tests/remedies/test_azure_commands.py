"""Commands for Azure, run by a shell in which `az` is a stand-in: what it is called with is what is meant."""

import subprocess
from pathlib import Path

import pytest

from shared.remedies.azure_commands import allow_extension

SERVER = "/subscriptions/s-1/resourceGroups/a group/providers/Microsoft.DBforPostgreSQL/flexibleServers/db-1"
AZ = """#!/bin/sh
printf '%s\\n' "$@" "" >>"$CALLS"
case "$*" in *" show "*) printf '%s\\n' "$PRESENT" ;; esac
"""
NAMED = ["--subscription", "s-1", "--resource-group", "a group", "--server-name", "db-1", "--name", "azure.extensions"]


@pytest.mark.parametrize(
    ("present", "value"),
    [pytest.param("", "uuid-ossp", id="an empty list"), pytest.param("HSTORE,CITEXT", "HSTORE,CITEXT,uuid-ossp", id="others stay")],
)  # fmt: skip
def test_an_extension_is_added_to_those_that_are_allowed(present: str, value: str, tmp_path: Path) -> None:
    (tmp_path / "az").write_text(AZ, encoding="utf-8")
    (tmp_path / "az").chmod(0o755)
    calls = tmp_path / "calls"
    environment = {"PATH": f"{tmp_path}:/usr/bin:/bin", "CALLS": str(calls), "PRESENT": present}
    subprocess.run(["bash", "-euc", allow_extension(SERVER, "uuid-ossp")], check=True, env=environment)
    show, setting = (call.split("\n") for call in calls.read_text(encoding="utf-8").strip("\n").split("\n\n"))
    command = ["postgres", "flexible-server", "parameter"]
    assert show == [*command, "show", *NAMED, "--query", "value", "--output", "tsv"]
    assert setting == [*command, "set", *NAMED, "--value", value]
