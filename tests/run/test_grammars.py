"""Syntax that only one of the two understands, this monitor's grammar or the server: both ways, on a real server."""

from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from shared.demo.incident import HISTORY_TABLE
from shared.model.release_settings import ReleaseSettings
from shared.model.report import CheckResult, Report, Trigger, Verdict
from shared.model.setting_types import Secret
from shared.model.settings import DatabaseSettings, Target
from shared.postgres import library
from shared.run import run
from tests.builders import checksum

GROUND = "CREATE TABLE a (x int);"


@pytest.fixture
def run_with(database: str, reachable_tmp_path: Path) -> Callable[[str], Report]:
    """A run in which the ground is applied and the script given is pending."""

    def made(script: str) -> Report:
        for name, text in (("1", GROUND), ("2", script)):
            (reachable_tmp_path / name).mkdir()
            (reachable_tmp_path / name / "migration.sql").write_text(text)
        with psycopg.connect(database, autocommit=True) as production:
            production.execute(HISTORY_TABLE)
            production.execute(GROUND)
            production.execute(
                "INSERT INTO _prisma_migrations (id, checksum, migration_name, started_at, finished_at)"
                " VALUES ('1', %s, '1', now() - interval '1 hour', now())",
                (checksum(GROUND.encode()),),
            )
        settings = DatabaseSettings(Secret("the test's", database))
        target = Target("production", (ReleaseSettings("folder", str(reachable_tmp_path)),), settings)
        return run(target, Trigger.TERMINAL)

    return made


@pytest.fixture
def older_grammar(monkeypatch: pytest.MonkeyPatch) -> None:
    """A grammar that does not know VIEW yet."""
    call = library.call

    def refusing(function: str, script: bytes) -> bytes:
        if (at := script.find(b"VIEW")) >= 0:
            raise library.RefusedError('syntax error at or near "VIEW"', len(script[:at].decode()) + 1)
        return call(function, script)

    monkeypatch.setattr(library, "call", refusing)


def history(report: Report) -> CheckResult:
    return next(check for check in report.checks if check.name == "history")


@pytest.mark.usefixtures("older_grammar")
def test_what_the_server_alone_understands_is_not_known(run_with: Callable[[str], Report]) -> None:
    report = run_with("CREATE TABLE b (x int);\nCREATE VIEW c AS SELECT x FROM b;\nDROP TABLE a;")
    checked = history(report)
    assert (checked.verdict, [each.key for each in checked.findings]) == (Verdict.UNKNOWN, ["migration-pending:2"])
    assert checked.unknown is not None
    assert checked.unknown.because == (
        "this server understands line 2 of 2/migration.sql, this monitor's grammar (PostgreSQL 18) does not"
    )
    statements = checked.findings[0].evidence["statements"]
    assert isinstance(statements, list)
    assert [(each["line"], each["state"]) for each in statements if isinstance(each, dict)] == [
        (1, "absent"),
        (2, "cannot-tell"),
        (3, "absent"),
    ]


def test_what_neither_understands_is_malformed_in_the_words_of_the_server(run_with: Callable[[str], Report]) -> None:
    checked = history(run_with("SELECT 1;\n\nCREATE TABEL b (x int);"))
    assert [each.key for each in checked.findings] == ["release-malformed:2"]
    assert 'cannot parse line 3 of it: syntax error at or near "TABEL"' in checked.findings[0].summary
    assert checked.unknown is None


def test_what_is_newer_than_the_server_is_said_before_it_is_deployed(
    run_with: Callable[[str], Report], database: str
) -> None:
    with psycopg.connect(database) as connection:
        if connection.info.server_version >= 180_000:
            pytest.skip("this server is as new as the grammar")
    checked = history(run_with("SELECT 1;\nALTER TABLE a ADD CONSTRAINT n NOT NULL x NOT VALID;"))
    assert [each.key for each in checked.findings] == ["release-malformed:2"]
    summary = checked.findings[0].summary
    assert 'cannot parse line 2 of it: syntax error at or near "NOT" (PostgreSQL 18 can)' in summary


@pytest.mark.usefixtures("older_grammar")
def test_the_server_is_asked_about_no_query(run_with: Callable[[str], Report]) -> None:
    # It would look into the query: its literals are read by the types' own functions.
    checked = history(run_with("CREATE MATERIALIZED VIEW b AS SELECT x FROM a;"))
    assert checked.unknown is not None
    assert checked.unknown.because == (
        'this monitor\'s grammar (PostgreSQL 18) cannot parse line 1 of 2/migration.sql: syntax error at or near "VIEW"'
    )
