"""The worked examples of docs/how-it-works.md and docs/progress.md: the code runs them, and the pages show what it prints."""

import re
from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest

from shared.entrypoints.cli.main import main
from shared.model.finding import Finding
from tests.alerts.decide.story import EDITED, FAILED, FEW_USERS, PENDING, Story
from tests.deployments import Deployment, write_migrations
from tests.docs.made import hold_part
from tests.docs.pages import HOME, blocks

HISTORY = {
    "20250101000000_init": (
        "CREATE TABLE users (\n  id serial PRIMARY KEY,\n  name text,\n"
        "  role text NOT NULL DEFAULT 'user' CHECK (role IN ('user', 'admin'))\n);\n"
        "CREATE INDEX users_lower ON users (lower(name)) WHERE role <> 'admin';\n"
    ),
    "20250201000000_plan": (
        "ALTER TABLE users RENAME COLUMN name TO full_name;\n"
        "DO $$ BEGIN CREATE TYPE plan AS ENUM ('free', 'paid'); EXCEPTION WHEN duplicate_object THEN null; END $$;\n"
        "ALTER TABLE users ADD COLUMN plan plan DEFAULT 'free';\n"
    ),
}
STORED = """
SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = 'users'::regclass AND contype = 'c'
UNION ALL SELECT indexname, indexdef FROM pg_indexes WHERE indexname = 'users_lower'
UNION ALL SELECT 'users.role', pg_get_expr(adbin, adrelid) FROM pg_attrdef
  JOIN pg_attribute ON attrelid = adrelid AND attnum = adnum WHERE attname = 'role'
ORDER BY 1
"""
Hold = Callable[[str, str, str], None]


@pytest.fixture
def hold(request: pytest.FixtureRequest) -> Hold:
    update = request.config.getoption("--update-golden")
    return lambda page, name, text: hold_part(page, name, text, update=update)


def scripts(migrations: Mapping[str, str]) -> str:
    return "```sql\n" + "\n".join(f"-- {name}\n{script}" for name, script in migrations.items()) + "```\n"


def console(command: str, printed: str) -> str:
    return f"```console\n$ migration-monitor {command}\n{printed}```\n"


def test_replay_and_canonical_form(
    hold: Hold, database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    write_migrations(tmp_path / "prisma" / "migrations", HISTORY)
    monkeypatch.chdir(tmp_path)
    assert main(["schema", "--migrations", "prisma/migrations"]) == 0
    replayed = capsys.readouterr().out
    hold(
        "how-it-works.md", "replay", f"{scripts(HISTORY)}\n{console('schema --migrations prisma/migrations', replayed)}"
    )
    with psycopg.connect(database, autocommit=True) as production:
        for script in HISTORY.values():
            production.execute(script.encode())
        stored = production.execute(STORED).fetchall()
    monkeypatch.setenv("DATABASE_URL", database)
    assert main(["schema"]) == 0
    assert capsys.readouterr().out == replayed, "the two sides are the same, object by object"
    rows = "".join(f"| `{name}` | `{text}` |\n" for name, text in stored)
    hold("how-it-works.md", "stored", f"| object | as PostgreSQL prints it |\n|---|---|\n{rows}")


def test_candidate_executions(
    hold: Hold, database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The example of docs/progress.md: two migrations, the second failed, and two of its four statements were applied."""
    example = next(block.text for block in blocks(HOME / "docs" / "progress.md") if block.language == "sql")
    _, *named = re.split(r"^-- (\d)\n", example, flags=re.MULTILINE)
    first, second = named[1], named[3]
    write_migrations(tmp_path / "prisma" / "migrations", {"1": first, "2": second})
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DATABASE_URL", database)
    with Deployment(database, {"1": first}):
        pass
    with psycopg.connect(database, autocommit=True) as production:
        production.execute("UPDATE _prisma_migrations SET started_at = now() - interval '2 hours'")
        production.execute(
            "INSERT INTO _prisma_migrations (id, checksum, migration_name, started_at)"
            " VALUES ('2', 'x', '2', now() - interval '1 hour')"
        )
        production.execute("ALTER TABLE users ADD COLUMN nick text; ALTER TABLE users RENAME COLUMN nick TO nickname")
    main(["explain", "2", "--migrations", "prisma/migrations"])
    hold("progress.md", "explained", console("explain 2 --migrations prisma/migrations", capsys.readouterr().out))


# Minutes since the check before; what is wrong; the checks without a result; and how the page says it.
STORY: tuple[tuple[int, tuple[Finding, ...], tuple[str, ...], str], ...] = (
    (5, (PENDING,), (), "`migration-pending` of migration 2"),
    (60, (PENDING,), (), "the same"),
    (5, (FAILED, FEW_USERS), (), "`migration-failed` of migration 2, `seed-missing` of users"),
    (5, (), ("history",), "the database does not answer; seeds are as expected"),
    (5, (), ("history",), "the same"),
    (5, (FAILED,), (), "`migration-failed` of migration 2"),
    (24 * 60, (FAILED,), (), "the same"),
    (5, (EDITED,), (), "`migration-edited` of migration 1, nothing of migration 2"),
)


def test_alert_decisions(hold: Hold) -> None:
    story = Story()
    minutes, rows = 0, []
    for after, findings, no_result, found in STORY:
        sent = story.run(*findings, after=timedelta(minutes=after), no_result=no_result)
        minutes += after
        rows.append(f"| {minutes // 60} h {minutes % 60:02} min | {found} | {', '.join(sent) or '–'} |\n")
    hold("how-it-works.md", "alerts", f"| after | a check finds | sent |\n|---|---|---|\n{''.join(rows)}")
