"""The real client of each of the last releases, on the schemas that later migrations made of a real database."""

import json
import os
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import psycopg

from shared.demo.private_postgres import PrivatePostgres
from shared.diagnose.diagnosis import diagnose
from shared.diagnose.plan import Tools, plan_of
from shared.diagnose.scripts import known_statements
from shared.gather.database.reading import read_schema
from shared.model.diagnosis import Diagnosis
from shared.model.release import Migration, PastRelease
from shared.model.setting_types import Secret
from shared.model.settings import DatabaseSettings
from tests.builders import facts, reading, release, row
from tests.clients.agreement import Trial
from tests.throwaway import create_database

# So many migrations after its own the client is tried, and after all.
LATER = (1, 5)
BEFORE, AFTER = "before the deployment", "after the deployment"
MOMENTS = (BEFORE, AFTER)
# Of each operation its error, or None.
Outcomes = Mapping[str, str | None]
_GENERATOR = 'generator client {\n  provider = "prisma-client-js"\n  output = "client"\n}\n'


@dataclass(frozen=True, slots=True)
class Prisma:
    """Prisma's CLI with its *engine*, and the *client*: the folders into which `make` installed them."""

    engine: Path
    client: Path

    def schema(self, url: str) -> str:
        """The `schema.prisma` of the database at *url*."""
        return self._run([str(self.engine / "npx"), "prisma", "db", "pull", "--print"], self.engine, DATABASE_URL=url)

    def generate(self, schema: str, folder: Path) -> Path:
        """Generate the client of *schema* within *folder*, and give its place."""
        folder.mkdir()
        # What is generated finds the installed client as it finds any package: in a folder above it.
        (folder / "node_modules").symlink_to(self.client / "node_modules")
        file = folder / "schema.prisma"
        file.write_text(_GENERATOR + schema)
        program = str(self.client / "node_modules" / ".bin" / "prisma")
        self._run([program, "generate", "--schema", str(file), "--no-hints"], folder)
        return folder / "client"

    def tried(self, client: Path, schema: str, urls: Sequence[str]) -> list[Outcomes]:
        """What became of each operation of *client* on the database at each of *urls*."""
        asked = json.dumps({"client": str(client), "schema": schema, "urls": urls})
        program = ["node", "--no-deprecation", str(self.client / "operations.mjs")]
        found: list[Outcomes] = json.loads(self._run(program, self.client, asked))
        return found

    def _run(self, command: Sequence[str], folder: Path, given: str = "", **environment: str) -> str:
        environment = {
            **os.environ,
            # Node may only be there beside what is installed.
            "PATH": f"{self.client}:{self.engine}:{os.environ['PATH']}",
            "PRISMA_SCHEMA_ENGINE_BINARY": str(self.engine / "schema-engine.mjs"),
            "CHECKPOINT_DISABLE": "1",
            "PRISMA_HIDE_UPDATE_MESSAGE": "1",
            "NO_COLOR": "1",
            **environment,
        }
        done = subprocess.run(
            command, check=False, cwd=folder, env=environment, input=given, capture_output=True, text=True
        )
        if done.returncode != 0:
            raise RuntimeError(f"{' '.join(command)} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
        return done.stdout


@dataclass(frozen=True, slots=True)
class Tried:
    """The *trials* of one release. What fails on the release's own schema is *left_out*, with its error."""

    trials: tuple[Trial, ...]
    left_out: Mapping[str, str]


def migrations_in(folder: Path) -> list[Migration]:
    return [Migration(file.parent.name, file.read_bytes()) for file in sorted(folder.glob("*/migration.sql"))]


@dataclass(frozen=True, slots=True)
class Applied:
    """A database for each number of applied *migrations*, by it: what production was, and becomes."""

    migrations: Sequence[Migration]
    urls: Mapping[int, str]
    tools: Tools

    def trial(self, count: int, later: int, own: Outcomes, found: Outcomes) -> Trial:
        """Compare what the client of the first *count* migrations met on its *own* schema and on the *later* one."""
        sound = [name for name, error in own.items() if error is None]
        failed = {name: error for name in sound if (error := found[name]) is not None}
        said = {BEFORE: self._said_before(count, later), AFTER: self._said_after(count, later)}
        return Trial(self.migrations[count - 1].name, self.migrations[later - 1].name, len(sound), failed, said)

    def _said_before(self, count: int, later: int) -> bool | None:
        """What `plan` says of the release that runs."""
        (way,) = plan_of(self.migrations[:count], self.migrations[count:later], "public", self.tools).ways_back
        return way.runs_after

    def _said_after(self, count: int, later: int) -> bool | None:
        """What a check says of the earlier release, once the *later* schema is production's."""
        applied = self.migrations[:later]
        rows = [row(each.name, content=each.script, minutes_ago=later - number) for number, each in enumerate(applied)]
        catalog = read_schema(DatabaseSettings(Secret("url", self.urls[later])))
        past = PastRelease("earlier", tuple(self.migrations[:count]))
        found = diagnose(replace(facts(release(*applied), reading(*rows, catalog=catalog)), past_releases=(past,)))
        assert isinstance(found, Diagnosis)
        (way,) = found.ways_back
        return way.runs_today


def try_all(
    prisma: Prisma, server: PrivatePostgres, migrations: Sequence[Migration], last: int, scratch: Path
) -> Iterator[Tried]:
    """Try the release before each of the *last* migrations, the oldest first.

    The clients are generated within *scratch*; the databases begin with its name.
    """
    first = max(1, len(migrations) - last)
    applied = apply(server, migrations, first, scratch.name)
    for count in range(first, len(migrations)):
        laters = sorted({min(count + more, len(migrations)) for more in (*LATER, len(migrations))})
        schema = prisma.schema(applied.urls[count])
        client = prisma.generate(schema, scratch / str(count))
        own, *others = prisma.tried(client, schema, [applied.urls[each] for each in (count, *laters)])
        trials = (applied.trial(count, later, own, found) for later, found in zip(laters, others, strict=True))
        yield Tried(tuple(trials), {name: error for name, error in own.items() if error is not None})


def apply(server: PrivatePostgres, migrations: Sequence[Migration], first: int, name: str) -> Applied:
    """Make the databases of the *first* migrations and of each number above; *name* begins their names."""
    urls: dict[int, str] = {}
    for count in range(first, len(migrations) + 1):
        template = "template0" if count == first else f"{name}_{count - 1}"
        urls[count] = create_database(server, f"{name}_{count}", template)
        for migration in migrations[0 if count == first else count - 1 : count]:
            assert migration.script is not None
            # Each migration in a session of its own: it may set something of it.
            with psycopg.connect(urls[count], autocommit=True) as connection:
                for statement in known_statements(migration.name, migration.script):
                    connection.execute(statement.sql.encode())
    with psycopg.connect(server.url()) as connection:
        return Applied(migrations, urls, Tools(connection.info.server_version // 10_000))
