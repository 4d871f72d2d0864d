"""`migration-monitor check` says of every state what it must say."""

import json

import pytest

from shared.demo.private_postgres import PrivatePostgres
from shared.entrypoints.cli.main import main
from tests import states

EXIT_STATUS = {"passed": 0, "warning": 0, "failed": 2}
ABOUT_PROGRESS = {"migration-failed", "migration-partially-applied"}


@pytest.mark.parametrize("state", states.NAMES)
def test_state(
    state: str,
    database: str,
    postgres: PrivatePostgres,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    states.load(state, database, postgres)
    expected = states.EXPECTED[state]
    monkeypatch.setenv("DATABASE_URL", database)
    status = main(
        ["check", "--migrations", str(states.migrations(state)), "--format", "json", *expected.get("options", [])]
    )
    report = json.loads(capsys.readouterr().out)
    found = {check: [f for f in report["findings"] if f["check"] == check] for check in ("history", "schema")}
    schema_keys = {finding["key"] for finding in found["schema"]}
    assert sorted(finding["key"] for finding in found["history"]) == sorted(expected["history"])
    assert ("drift" if schema_keys else "in step") == expected["schema"]
    assert set(expected.get("schema_keys", ())) <= schema_keys
    assert (report["verdict"], status) == (expected["verdict"], EXIT_STATUS[expected["verdict"]])
    if "effects" in expected:
        effects = {f["evidence"]["effects"] for f in found["history"] if f["code"] in ABOUT_PROGRESS}
        assert effects == {expected["effects"]}
