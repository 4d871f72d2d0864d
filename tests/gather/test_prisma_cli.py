"""The application's own Prisma, run on a schema.prisma at hand: which one, how, with what, and what goes wrong."""

import json
import os
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

import pytest

from shared.gather.attempt import GatherError
from shared.gather.prisma_cli import lowered, with_lowered
from shared.model.knowledge import Unavailable
from shared.model.release import Release
from shared.prisma.release import mistakes_of_schema
from tests.builders import release
from tests.patience import SECONDS, growing, until

SQL = "CREATE TABLE users (id int);"
# It notes how it was called, then does what the test wants of it.
PRISMA = """#!/bin/sh
{{ pwd; printf '%s\\n' "$@"; echo --; env; }} > {noted}
{does}
"""
SECRETS = {
    "DATABASE_URL": "postgresql://u:s3cret@db/app",
    "TOKEN": "s3cret",
    "DIRECT_URL": "s3cret",
    "NODE_OPTIONS": "-r x",
    "PRISMA_DATABASE_URL": "postgresql://u:s3cret@db/app",
    "PRISMA_ACCELERATE_KEY": "s3cret",
    "PRISMA_API_KEY": "s3cret",
    "CHECKPOINT_TOKEN": "s3cret",
}


class Checkout:
    """A checkout of an application in *folder*, with Prisma among its packages."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.schema = folder / "apps" / "backend" / "prisma" / "schema.prisma"
        self.schema.parent.mkdir(parents=True)
        self.schema.write_text("model User {}")
        self.noted = folder / "noted"

    def install(self, does: str = f"echo '{SQL}'", version: str = "7.10.1") -> None:
        package = self.folder / "node_modules" / "prisma"
        (package / "build").mkdir(parents=True)
        (package / "package.json").write_text(json.dumps({"name": "prisma", "version": version}))
        script = package / "build" / "index.js"
        script.write_text(PRISMA.format(noted=self.noted, does=does))
        script.chmod(0o755)
        commands = self.folder / "node_modules" / ".bin"
        commands.mkdir()
        (commands / "prisma").symlink_to("../prisma/build/index.js")

    def lowered(
        self, within: timedelta = timedelta(seconds=SECONDS), environ: Mapping[str, str] | None = None
    ) -> bytes:
        return lowered(self.schema, {"PATH": os.environ["PATH"], **(environ or {})}, within)

    def call(self) -> tuple[Path, list[str], dict[str, str]]:
        """Where it was run, with which words, and in which environment."""
        place, *rest = self.noted.read_text().splitlines()
        end = rest.index("--")
        return Path(place), rest[:end], dict(line.split("=", 1) for line in rest[end + 1 :] if "=" in line)


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    return Checkout(tmp_path)


@pytest.mark.parametrize(
    ("version", "option"),
    [
        pytest.param("7.0.0", "--to-schema", id="7"),
        pytest.param("10.1.0", "--to-schema", id="two digits"),
        pytest.param("6.19.0", "--to-schema-datamodel", id="6"),
        pytest.param("none", "--to-schema", id="no version"),
    ],
)
def test_the_prisma_of_the_application_lowers_it(checkout: Checkout, version: str, option: str) -> None:
    checkout.install(version=version)
    assert checkout.lowered() == f"{SQL}\n".encode()
    _, words, _ = checkout.call()
    assert words == ["migrate", "diff", "--from-empty", option, str(checkout.schema), "--script"]


@pytest.mark.parametrize(
    ("version", "option"),
    [
        pytest.param("7.0.0", "--to-schema", id="7"),
        pytest.param("6.19.0", "--to-schema-datamodel", id="6"),
    ],
)
def test_the_command_may_be_a_script_as_pnpm_writes_it(checkout: Checkout, version: str, option: str) -> None:
    checkout.install(version=version)
    packages = checkout.folder / "node_modules"
    stored = packages / ".pnpm" / f"prisma@{version}" / "node_modules" / "prisma"
    stored.parent.mkdir(parents=True)
    (packages / "prisma").rename(stored)
    (packages / "prisma").symlink_to(stored)
    command = packages / ".bin" / "prisma"
    command.unlink()
    command.write_text('#!/bin/sh\nexec "$(dirname "$0")/../prisma/build/index.js" "$@"\n')
    command.chmod(0o755)
    checkout.lowered()
    assert checkout.call()[1][3] == option


def test_it_gets_nothing_that_is_secret(checkout: Checkout) -> None:
    checkout.install()
    engines = {"PRISMA_SCHEMA_ENGINE_BINARY": "/engine", "PRISMA_ENGINES_MIRROR": "https://mirror.example"}
    checkout.lowered(environ={**SECRETS, **engines, "HOME": "/home"})
    _, _, environ = checkout.call()
    assert "s3cret" not in str(environ)
    assert environ["DATABASE_URL"] == "postgresql://nobody@127.0.0.1:1/nothing"
    assert environ.items() >= {**engines, "HOME": "/home"}.items()
    assert "NODE_OPTIONS" not in environ


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        pytest.param([], "apps/backend/prisma", id="beside the schema"),
        pytest.param(["package.json", "apps/backend/package.json"], "apps/backend", id="the nearest package"),
        pytest.param(["apps/package.json", "prisma.config.ts"], "", id="with its configuration"),
    ],
)
def test_where_it_runs(checkout: Checkout, files: list[str], expected: str) -> None:
    checkout.install()
    for file in files:
        (checkout.folder / file).write_text("{}")
    checkout.lowered()
    assert checkout.call()[0] == checkout.folder / expected


def test_a_folder_of_several_files_is_lowered_as_one(checkout: Checkout) -> None:
    checkout.install()
    lowered(checkout.schema.parent, {"PATH": os.environ["PATH"]})
    assert checkout.call()[1][4] == str(checkout.schema.parent)


@pytest.mark.parametrize(
    ("does", "because"),
    [
        pytest.param(
            "printf '\\033[31mError\\033[0m:\\n  P1012 no model\\n' >&2; exit 1",
            "Error: P1012 no model",
            id="its words",
        ),
        pytest.param("exit 1", "it says nothing", id="no words"),
        pytest.param("echo", "printed nothing of", id="no SQL"),
        pytest.param("head -c 11000000 /dev/zero", "wrote more of", id="more than a file may have"),
        pytest.param("exec sleep 600", "did not end within 1 s", id="no end"),
    ],
)
def test_what_goes_wrong_is_said(checkout: Checkout, does: str, because: str) -> None:
    checkout.install(does)
    with pytest.raises(GatherError, match=because):
        checkout.lowered(timedelta(seconds=1 if "sleep" in does else SECONDS))


def test_what_it_started_ends_with_it(checkout: Checkout) -> None:
    pid = checkout.folder / "pid"
    checkout.install(f"sleep 600 & echo $! > {pid}.new; mv {pid}.new {pid}; wait")
    for seconds in growing(1):
        with pytest.raises(GatherError, match="did not end"):
            checkout.lowered(timedelta(seconds=seconds))
        if pid.exists():
            break
    child = int(pid.read_text())
    until(lambda: not _runs(child))


def _runs(pid: int) -> bool:
    try:
        return "State:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False


def test_without_prisma_the_reason_is_given(checkout: Checkout) -> None:
    with pytest.raises(GatherError, match="install the application's packages"):
        lowered(checkout.schema, {"PATH": str(checkout.folder)})
    with pytest.raises(GatherError, match="no such file or folder"):
        lowered(checkout.folder / "nowhere", {})


def test_what_prisma_makes_counts_in_place_of_the_file() -> None:
    shipped = release("1")
    made = with_lowered(shipped, SQL.encode())
    assert isinstance(made, Release)
    assert made.schema_sql == SQL.encode()
    failed = with_lowered(made, Unavailable("no packages"))
    assert isinstance(failed, Release)
    assert failed.schema_sql is None
    assert mistakes_of_schema(failed.mistakes) == ("schema.sql was not written by Prisma: no packages",)
    missing = Unavailable("no release")
    assert with_lowered(missing, b"") is missing
