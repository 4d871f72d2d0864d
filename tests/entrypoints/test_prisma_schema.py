"""``--prisma-schema``: the application's own Prisma is run, and what no migration makes is reported."""

import json
import os
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from shared.entrypoints.cli.main import main
from tests.gather.test_prisma_cli import Checkout

# As it is named where the tests are started.
ENGINE = Path(os.environ["ENGINE"]).resolve() if os.environ.get("ENGINE") else None
INIT = 'CREATE TABLE "User" (id INTEGER NOT NULL, CONSTRAINT "User_pkey" PRIMARY KEY (id));'
SCHEMA = """
datasource db {
  provider = "postgresql"
}

model User {
  id   Int     @id
  name String?
}
"""
LOWERED = 'CREATE TABLE "User" (id INTEGER NOT NULL, name TEXT, CONSTRAINT "User_pkey" PRIMARY KEY (id));'
NEEDS = "schema.prisma needs column public.User.name (text), and no migration creates it."


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("DATABASE_URL", "MONITOR_CONFIG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    """Its only migration creates what SCHEMA has, but for one column."""
    found = Checkout(tmp_path)
    found.schema.write_text(SCHEMA)
    migration = found.schema.parent / "migrations" / "1_init"
    migration.mkdir(parents=True)
    (migration / "migration.sql").write_text(INIT)
    return found


def plan(checkout: Checkout, *more: str) -> int:
    return main(["plan", "--migrations", str(checkout.schema.parent / "migrations"), *more])


def test_a_plan_without_a_database_says_it(checkout: Checkout, capsys: pytest.CaptureFixture[str]) -> None:
    checkout.install(f"echo '{LOWERED}'")
    assert plan(checkout, "--prisma-schema", str(checkout.schema)) == 0
    assert NEEDS in " ".join(capsys.readouterr().out.split())
    assert plan(checkout) == 0
    assert "schema.prisma" not in capsys.readouterr().out


def test_a_plan_says_it_of_a_release_that_carries_the_file(
    checkout: Checkout, capsys: pytest.CaptureFixture[str]
) -> None:
    (checkout.schema.parent / "migrations" / "schema.sql").write_text(LOWERED)
    assert plan(checkout, "--format", "json") == 0
    assert json.loads(capsys.readouterr().out)["notes"] == [NEEDS]


def test_a_plan_says_why_it_is_not_known(checkout: Checkout, capsys: pytest.CaptureFixture[str]) -> None:
    checkout.install("echo P1012 >&2; exit 1")
    assert plan(checkout, "--prisma-schema", str(checkout.schema)) == 0
    assert "What schema.prisma needs is not known: schema.sql was not written by Prisma" in " ".join(
        capsys.readouterr().out.split()
    )


def test_no_such_schema(checkout: Checkout, capsys: pytest.CaptureFixture[str]) -> None:
    assert plan(checkout, "--prisma-schema", "nowhere.prisma") == 1
    assert "--prisma-schema nowhere.prisma: there is no such file or folder" in capsys.readouterr().err


def checked(checkout: Checkout, database: str, capsys: pytest.CaptureFixture[str]) -> tuple[str, list[str]]:
    """The verdict of the check `release`, and what it found, or why that is unknown."""
    with psycopg.connect(database) as connection:
        connection.execute(INIT)
    migrations = str(checkout.schema.parent / "migrations")
    main(["check", "--database-url", database, "--migrations", migrations, "--prisma-schema", str(checkout.schema), "--format", "json"])  # fmt: skip
    report = json.loads(capsys.readouterr().out)
    (check,) = [check for check in report["checks"] if check["name"] == "release"]
    return check["verdict"], check["findings"] or [check["unknown_because"]]


def test_a_check_says_it(checkout: Checkout, database: str, capsys: pytest.CaptureFixture[str]) -> None:
    checkout.install(f"echo '{LOWERED}'")
    assert checked(checkout, database, capsys) == ("warning", ["schema-prisma-ahead:column public.User.name"])
    assert "postgresql://nobody@127.0.0.1:1/nothing" in checkout.noted.read_text()
    assert database not in checkout.noted.read_text()


def test_a_check_is_unknown_where_prisma_fails(
    checkout: Checkout, database: str, capsys: pytest.CaptureFixture[str]
) -> None:
    checkout.install("exit 1")
    verdict, reasons = checked(checkout, database, capsys)
    assert verdict == "unknown"
    assert reasons[0].startswith("schema.sql was not written by Prisma: prisma migrate diff could not read")


@pytest.mark.engine
def test_with_the_real_prisma(
    checkout: Checkout,
    database: str,
    new_database: Callable[..., str],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The CLI, and its engine as WebAssembly: that one asks a database for its version, so it gets one."""
    if ENGINE is None:
        pytest.skip("needs Prisma's own engine: make test-engine")
    (checkout.folder / "node_modules").symlink_to(ENGINE / "node_modules")
    program = checkout.folder / "schema-engine"
    datasource = json.dumps({"url": new_database()})
    program.write_text(
        f"#!/bin/sh\nexec node --no-deprecation {ENGINE}/schema-engine.mjs \"$@\" --datasource '{datasource}'\n"
    )
    program.chmod(0o755)
    monkeypatch.setenv("PRISMA_SCHEMA_ENGINE_BINARY", str(program))
    monkeypatch.setenv("PATH", f"{ENGINE}:{os.environ['PATH']}")
    assert checked(checkout, database, capsys) == ("warning", ["schema-prisma-ahead:column public.User.name"])
