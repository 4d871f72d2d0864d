"""A production database, a checkout of its release, and a person who does what the report says."""

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import cache
from pathlib import Path
from shlex import quote
from urllib.parse import quote as percent

import psycopg

from shared.demo.private_postgres import installed_programs
from shared.model.finding import Finding, Step
from shared.model.release_settings import ReleaseSettings
from shared.model.report import Report, Trigger
from shared.model.setting_types import Secret
from shared.model.settings import DatabaseSettings, RemedySettings, Target
from shared.postgres.parse import parse
from shared.report.wording import Story, stories
from shared.run import run
from tests.remedies.resident import Engine
from tests.remedies.splitting import parts_of

_FOLDER = "apps/backend"
_RENAMES = re.compile(r"Rename .+, which is in the way of ")
# It is asked whether a later one ran.
_NOT_RUN = re.compile(r"(?:\S+, on this database only: )?lines? [^.]* did not run\.", re.IGNORECASE)
_ASKED = re.compile(r"whether lines? (.+?) ran already")


@cache
def _psql() -> list[str]:
    """The folder of a psql that is no script, as Debian's is: that one takes longer to find psql than psql takes."""
    found = (folder for folder in installed_programs() if (folder / "psql").exists())
    return [str(folder) for folder in found][:1]


@dataclass(frozen=True, slots=True)
class Production:
    """*engine* commits statement by statement if it *splits*, as from 7.4 on.

    *alone*: without the CLI before it, which takes seconds to start.
    """

    database: str = field(repr=False)
    checkout: Path
    engine: Engine
    splits: bool
    alone: bool
    schema: str = "public"

    @property
    def url(self) -> str:
        """The URL as Prisma has it."""
        return f"{self.database}?schema={percent(self.schema)}&connection_limit=1"

    @property
    def migrations(self) -> Path:
        return self.checkout / _FOLDER / "prisma" / "migrations"

    def ship(self, scripts: Mapping[str, str]) -> None:
        for name, script in scripts.items():
            (self.migrations / name).mkdir(parents=True)
            (self.migrations / name / "migration.sql").write_text(script)

    def rename(self, old: str, new: str) -> None:
        (self.migrations / old).rename(self.migrations / new)

    def remove(self, name: str) -> str:
        """Take a migration out of the release, and give its script."""
        script = (self.migrations / name / "migration.sql").read_text()
        shutil.rmtree(self.migrations / name)
        return script

    def parts_of(self, script: str) -> tuple[str, ...]:
        return parts_of(script) if self.splits else (script,)

    @property
    def parts(self) -> Path | None:
        """The file that says in which parts the scripts are sent that are there now; None if each goes whole."""
        if not self.splits:
            return None
        scripts = [path.read_text() for path in self.migrations.glob("*/migration.sql")]
        file = self.checkout / "parts.json"
        file.write_text(json.dumps({script: parts_of(script) for script in scripts}))
        return file

    @property
    def environment(self) -> dict[str, str]:
        """With `npx` as it is installed with the engine."""
        return {
            **os.environ,
            "PRODUCTION_URL": self.url,
            "PATH": ":".join([str(self.engine.folder), *_psql(), os.environ["PATH"]]),
            "ENGINE_PORT": str(self.engine.port) if self.alone else "",
            "ENGINE_PARTS": str(self.parts or ""),
        }

    def bash(self, script: str, folder: str = "") -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["bash", "-c", f"set -euo pipefail\n{script}"],
            cwd=self.checkout / folder,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )

    def prisma(self, command: str) -> bool:
        """Run a command of Prisma's as the team does, and say whether it succeeded."""
        done = self.bash(f"export DATABASE_URL={quote(self.url)}\nnpx prisma {command}", _FOLDER)
        return done.returncode == 0

    def deploy(self, *names: str) -> None:
        """Deploy a release that has just the migrations *names*; all of it, if none is named."""
        later = [folder for folder in self.migrations.iterdir() if names and folder.name not in names]
        for folder in later:
            folder.rename(self.checkout / folder.name)
        assert self.prisma("migrate deploy")
        for folder in later:
            (self.checkout / folder.name).rename(folder)

    def run_by_hand(self, name: str, lines: set[int]) -> None:
        """Run just the statements in these *lines* of a migration, each by itself."""
        script = (self.migrations / name / "migration.sql").read_bytes()
        for statement in parse(script):
            if statement.line in lines:
                self.sql(statement.sql)

    def sql(self, script: str) -> list[tuple[object, ...]]:
        with psycopg.connect(self.database, autocommit=True) as connection:
            quoted = self.schema.replace('"', '""')
            connection.execute(f'SET search_path TO "{quoted}"'.encode())
            done = connection.execute(script.encode())
            return done.fetchall() if done.description else []

    @property
    def target(self) -> Target:
        return Target(
            name="production",
            releases=(ReleaseSettings("folder", str(self.migrations)),),
            database=DatabaseSettings(Secret("env:DATABASE_URL", self.url)),
            patience=timedelta(minutes=15),
            privileges=False,
            remedy=RemedySettings(_FOLDER, ('export DATABASE_URL="$PRODUCTION_URL"',)),
        )

    def look(self) -> Report:
        return run(self.target, Trigger.TERMINAL)

    def gate(self) -> Report:
        """What a pipeline is answered before a deployment that applies the migrations itself."""
        return run(replace(self.target, policy="deploy-migrates"), Trigger.VERIFY, phase="before")


@dataclass(frozen=True, slots=True)
class Person:
    """Does what a remedy leaves to people: fixes the cause by the SQL *fix*, knows which lines *ran*, may choose *another_way*.

    Of several statements in a line, *ran* has the beginnings of those that ran.
    """

    fix: str = ""
    ran: frozenset[int | str] = frozenset()
    another_way: bool = False

    def follow(self, report: Report, production: Production) -> list[str]:
        """Run what the *report* says of migrations, as it is printed and in that order; give the scripts that were run."""
        scripts = []
        printed: set[Step] = set()
        for finding in _in_order(stories(report)):
            if script := self._script(finding, production, printed):
                done = production.bash(script)
                assert done.returncode == 0, f"{finding.key}\n{script}\n--\n{done.stdout}\n{done.stderr}"
                scripts.append(script)
        return scripts

    def _script(self, finding: Finding, production: Production, printed: set[Step]) -> str:
        codes = ("migration-", "history-", "deploy-will-fail")
        if not (finding.code.startswith(codes) or "recorded_early" in finding.evidence):
            return ""
        return "\n".join(line for step in self._steps(finding, printed) for line in self._taken(step, production))

    def _steps(self, finding: Finding, printed: set[Step]) -> Iterator[Step]:
        """The steps of the way that is taken. What an earlier finding said already is not printed, nor done, again."""
        has_choice = any(step.choice for step in finding.remedy)
        ways = 0
        for step in finding.remedy:
            is_frame = step.command is not None and step.command.startswith("cd ")
            # Each other way opens with its condition: the first of them is taken.
            ways += step.choice and step.text.startswith(("If ", "Or"))
            if is_frame or (
                step.choice == (self.another_way and has_choice)
                and (ways <= 1 or not step.choice)
                and step not in printed
            ):
                printed.add(step)
                yield step

    def _taken(self, step: Step, production: Production) -> Iterator[str]:
        if step.text.lower().startswith("fix what made") and self.fix:
            yield f"psql {quote(production.database)} -v ON_ERROR_STOP=1 -qc {quote(self._in_schema(production))}"
        elif step.command is not None and not (step.asks and not _RENAMES.match(step.text) and self._has_run(step)):
            yield step.command

    def _in_schema(self, production: Production) -> str:
        quoted = production.schema.replace('"', '""')
        return f'SET search_path TO "{quoted}"; {self.fix}'

    def _has_run(self, step: Step) -> bool:
        if _NOT_RUN.match(step.text):
            return False
        asked = _ASKED.search(step.text)
        assert asked is not None, step.text
        if "(" in asked[1]:  # one of several statements in a line
            return any(isinstance(beginning, str) and f"({beginning}" in asked[1] for beginning in self.ran)
        lines = {int(number) for number in re.findall(r"\d+", asked[1])}
        assert not lines & self.ran or lines <= self.ran, "asked about what ran and what did not in one breath"
        return lines <= self.ran


def _in_order(listed: list[Story] | tuple[Story, ...]) -> Iterator[Finding]:
    for story in listed:
        yield from (story.finding, *story.more)
        yield from _in_order(story.consequences)
