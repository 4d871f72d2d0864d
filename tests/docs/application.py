"""What the pages' commands run in: an application's folder, its production after a failed deployment, its API, a channel."""

import shutil
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg

from shared.demo.incident import BROKEN, HISTORY_TABLE, MIGRATIONS, deploy
from tests.docs.pages import HOME, blocks

_DAY = datetime(2025, 9, 5, 9, 41, tzinfo=UTC)
VARIABLES: Mapping[str, str] = {
    "LINK_KEY": "0123456789abcdef0123456789abcdef",
    "TEAMS_WEBHOOK_URL": "https://hooks.example.com/workflow",
}


def build(folder: Path) -> Path:
    """Write the application's repository, as its team has it on its laptops, with what the pages name."""
    prisma = folder / "prisma"
    shutil.copytree(MIGRATIONS, prisma / "migrations")
    for form, name in (("gztar", "release.tar.gz"), ("zip", "dist.zip")):
        made = shutil.make_archive(str(folder.parent / "archive"), form, folder, "prisma")
        shutil.move(made, folder / name)
    return folder


def settings() -> str:
    """The settings file that the pages write: each page's own tables, one after the other."""
    pages = [HOME / "docs" / f"{name}.md" for name in ("alerts", "settings")]
    return "\n".join(next(block.text for block in blocks(page) if block.language == "toml") for page in pages)


def deployed(url: str) -> None:
    """Deploy to the database at *url*, up to and with the migration that fails."""
    with psycopg.connect(url, autocommit=True) as production:
        production.execute(HISTORY_TABLE)
        for number, name in enumerate(sorted(path.name for path in MIGRATIONS.iterdir() if path.is_dir())):
            if name == BROKEN:
                production.execute("INSERT INTO users (email, role) VALUES ('ops@example.com', 'ADMIN')")
                production.execute("INSERT INTO folders (name) VALUES ('Drawings')")
            if name <= BROKEN:
                deploy(production, name, _DAY - timedelta(days=30 - number))
