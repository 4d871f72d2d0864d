"""Whole runs that watch another schema than the one that the application lives in."""

import json

import pytest

from shared.demo.private_postgres import PrivatePostgres
from shared.entrypoints.cli.main import main
from tests import states


@pytest.mark.parametrize("schema", ["public", "app2"])
def test_one_finding_says_where_the_history_is(
    schema: str,
    database: str,
    postgres: PrivatePostgres,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    states.load("custom_schema", database, postgres)
    monkeypatch.setenv("DATABASE_URL", database)
    release = str(states.migrations("custom_schema"))
    assert main(["check", "--migrations", release, "--schema", schema, "--format", "json"]) == 2
    report = json.loads(capsys.readouterr().out)
    assert [finding["key"] for finding in report["findings"]] == [f"history-missing:{schema}"]
    assert report["findings"][0]["remedy"][0]["text"].startswith('Set schema = "app"')
    verdicts = {check["name"]: (check["verdict"], check["unknown_because"]) for check in report["checks"]}
    why = f"_prisma_migrations is in schema app, not in {schema}"
    assert (verdicts["history"], verdicts["schema"]) == (("unknown", why), ("unknown", why))
