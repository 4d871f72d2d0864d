"""Where Prisma's own engine makes things, by the deploying role's search_path and the URL, as it was predicted."""

import json
from pathlib import Path
from typing import Any

import pytest

from shared.entrypoints.cli.main import main
from tests.gather.production import session, watcher
from tests.remedies.resident import Engine

INIT = "CREATE TABLE t (id int PRIMARY KEY);"
NEXT = "CREATE TABLE u (id int PRIMARY KEY); ALTER TABLE t ADD COLUMN x int;"
SHADOW = "CREATE TABLE app.t (id int PRIMARY KEY)"
HERE = {"public.t", "public.u"}


def columns(url: str) -> set[str]:
    with session(url) as connection:
        found = connection.execute(
            "SELECT attrelid::regclass::text FROM pg_attribute WHERE attname = 'x' AND NOT attisdropped"
        )
        return {name if "." in name else f"public.{name}" for (name,) in found.fetchall()}


@pytest.mark.parametrize(
    ("settings", "query", "init", "owned", "made", "altered"),
    [
        pytest.param([], "", "", (), "public.u", "public.t", id="nothing set"),
        pytest.param(["SET search_path = app, public"], "", "", (), "app.u", "public.t", id="another schema first"),
        pytest.param(["SET search_path = app, public"], "", SHADOW, ("ALTER TABLE app.t OWNER TO {}",), "app.u", "app.t", id="a table of the same name"),
        pytest.param(["SET search_path = app, public"], "schema=public", "", (), "public.u", "public.t", id="a schema in the URL"),
        pytest.param([], "options=-c%20search_path%3Dapp,public", "", (), "app.u", "public.t", id="options of the URL"),
        pytest.param([], "schema=public&options=-c%20search_path%3Dapp", "", (), "public.u", "public.t", id="both in the URL"),
        pytest.param(["SET search_path = nowhere, public"], "", "", (), "public.u", "public.t", id="a schema that does not exist"),
        pytest.param(['SET search_path = "App", public'], "", 'CREATE SCHEMA "App"', ('ALTER SCHEMA "App" OWNER TO {}',), '"App".u', "public.t", id="a quoted name"),
        pytest.param(["SET search_path = app"], "", "", (), None, None, id="the history is not on the path"),
        pytest.param(["SET search_path = app"], "schema=public", "", (), "public.u", "public.t", id="it is on that of the URL"),
    ],
)  # fmt: skip
def test_where_names_lead(
    settings: list[str],
    query: str,
    init: str,
    owned: tuple[str, ...],
    made: str | None,
    altered: str | None,
    database: str,
    engine: Engine,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    with session(database) as connection:
        connection.execute(f"CREATE SCHEMA app; {init}".encode())
    deploying = watcher(database, "ALTER SCHEMA public OWNER TO {}", "ALTER SCHEMA app OWNER TO {}", *owned)
    folder = tmp_path / "prisma" / "migrations"
    ship(folder, "1_init", INIT)
    assert engine.ask(deploying, tmp_path, None, "deploy").ok
    with session(database) as connection:
        for statement in settings:
            connection.execute(f'ALTER ROLE "watcher of {connection.info.dbname}" {statement}'.encode())
    ship(folder, "2_next", NEXT)
    url = f"{deploying}?{query}" if query else deploying
    found = planned(url, folder, monkeypatch, capsys)
    assert engine.ask(url, tmp_path, None, "deploy").ok is (made is not None)
    statements = found["plan"]["statements"]
    if made is None:
        assert (statements[0]["outcome"], statements[0]["sqlstate"]) == ("fails", "42P01")
        return
    with session(database) as connection:
        assert connection.execute("SELECT to_regclass(%s) IS NOT NULL", [made]).fetchone() == (True,)
    assert altered is not None
    assert columns(database) == {altered}
    assert [each["outcome"] for each in statements] == ["ok", "ok"]
    said = [f["evidence"]["statements"] for f in found["findings"] if f["code"] == "deploy-session-setting"]
    elsewhere = [line for line, place in enumerate((made, altered)) if not place.startswith("public.")]
    assert len(said[0] if said else []) == len(elsewhere)
    assert list(statements[1]["locks"]) == [altered]


def ship(folder: Path, name: str, script: str) -> None:
    (folder / name).mkdir(parents=True)
    (folder / name / "migration.sql").write_text(script, encoding="utf-8")


def planned(
    url: str, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> dict[str, Any]:
    monkeypatch.setenv("DATABASE_URL", url)
    main(["check", "--migrations", str(folder), "--format", "json"])
    report: dict[str, Any] = json.loads(capsys.readouterr().out)
    return report
