"""Input that no one would send on purpose ends in a report with the right unknowns, or is simply checked."""

import json
from pathlib import Path
from zipfile import ZipFile

import psycopg
import pytest

from shared.demo.incident import HISTORY_TABLE
from shared.entrypoints.cli.main import main
from tests.builders import checksum


def check(database: str, migrations: Path, capsys: pytest.CaptureFixture[str]) -> dict[str, object]:
    main(["check", "--database-url", database, "--migrations", str(migrations), "--format", "json"])
    captured = capsys.readouterr()
    assert captured.err == "migration-monitor: the database role is a superuser: read with a role that may only read\n"
    report: dict[str, object] = json.loads(captured.out)
    return report


def keys(report: dict[str, object]) -> list[str]:
    findings = report["findings"]
    assert isinstance(findings, list)
    return [finding["key"] for finding in findings]


def release(folder: Path, scripts: dict[str, bytes]) -> Path:
    for name, script in scripts.items():
        (folder / "migrations" / name).mkdir(parents=True)
        (folder / "migrations" / name / "migration.sql").write_bytes(script)
    return folder / "migrations"


def record(database: str, *rows: tuple[object, ...]) -> None:
    with psycopg.connect(database, autocommit=True) as production:
        production.execute(HISTORY_TABLE)
        with production.cursor().copy(
            "COPY _prisma_migrations (id, checksum, migration_name, started_at, finished_at, logs) FROM STDIN"
        ) as copy:
            for row in rows:
                copy.write_row(row)


def test_ten_thousand_migrations(database: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    scripts = {f"{20200101000000 + number}_m": f"SELECT {number};".encode() for number in range(10_000)}
    applied = list(scripts.items())[:9_999]
    record(
        database,
        *((f"{name}"[:36], checksum(script), name, "2024-01-01", "2024-01-01", None) for name, script in applied),
    )
    with ZipFile(tmp_path / "release.zip", "w") as archive:
        for name, script in scripts.items():
            archive.writestr(f"app/prisma/migrations/{name}/migration.sql", script)
    assert keys(check(database, tmp_path / "release.zip", capsys)) == ["migration-pending:20200101009999_m"]


@pytest.mark.parametrize("name", ["with space", "qu\"o'te", "emoji 🎉", "..hidden", "ümlaut", "a\\b", "%s{0}$1"])
def test_odd_names(name: str, database: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    migrations = release(tmp_path, {name: b"SELECT 1;", f"{name} 2": b"SELECT 2;"})
    record(database, ("1", checksum(b"SELECT 1;"), name, "2024-01-01", "2024-01-01", None))
    assert keys(check(database, migrations, capsys)) == [f"migration-pending:{name} 2"]


def test_a_script_that_is_not_utf_8(database: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    script = b"-- caf\xe9\nSELECT 1;"
    migrations = release(tmp_path, {"1": script})
    record(database, ("1", checksum(script.decode("utf-8", "replace").encode()), "1", "2024-01-01", "2024-01-01", None))
    assert keys(check(database, migrations, capsys)) == []


def test_absurd_rows(database: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    migrations = release(tmp_path, {"1": b"SELECT 1;", "2": b"SELECT 2;"})
    record(
        database,
        ("1", checksum(b"SELECT 1;"), "1", "-infinity", "infinity", None),
        ("2", "not a checksum", "2", "0044-03-15 BC", "2024-01-01", "\x1b[31m" * 100),
        ("3", "", "", "infinity", None, "x" * 1_000_000),
    )
    report = check(database, migrations, capsys)
    assert sorted(keys(report)) == ["migration-edited:2", "migration-failed:"]
    assert len(json.dumps(report)) < 20_000


def test_a_table_of_that_name_that_is_not_prismas(
    database: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with psycopg.connect(database, autocommit=True) as production:
        production.execute("CREATE TABLE _prisma_migrations (id int, what text)")
    report = check(database, release(tmp_path, {"1": b"SELECT 1;"}), capsys)
    checks = report["checks"]
    assert isinstance(checks, list)
    history = next(check for check in checks if check["name"] == "history")
    assert (report["verdict"], history["verdict"], keys(report)) == ("unknown", "unknown", [])
    assert "_prisma_migrations" in history["unknown_because"]
