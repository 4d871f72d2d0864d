"""One state, checked: is what the report decides true, and does each way that it shows end well?"""

import re
import shutil
import traceback
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import psycopg

from shared.demo.private_postgres import PrivatePostgres
from shared.model.diagnosis import State
from shared.model.progress import Progress, Ran, StatementState
from shared.model.report import Report, Verdict
from tests.remedies.law.cli import CommandLine
from tests.remedies.law.corpus import Places, Script, base, rows
from tests.remedies.law.folder import Folder
from tests.remedies.law.ordered import FIRST as FIRST_ORDERED
from tests.remedies.law.ordered import writes_in_order
from tests.remedies.law.others import FIRST, rights_triggers_sequences
from tests.remedies.law.person import AdviceError, LeftToPersonError, Person
from tests.remedies.law.rows import Rows, amiss, numbers_given_again, rows_of
from tests.remedies.law.scripted import follow_script
from tests.remedies.law.states import KINDS, LATER_KINDS, LATEST_KINDS, OF_ANY, Kind
from tests.remedies.law.troubles import BASE
from tests.remedies.law.world import UnwantedStateError, World, is_bare, text_of
from tests.remedies.law.written import FIRST as FIRST_WRITTEN
from tests.remedies.law.written import written_by_hand
from tests.remedies.production import Production
from tests.remedies.resident import Engine
from tests.throwaway import create_database

_CLEAN = (Path(__file__).parent / "clean.sql").read_text()
_COLUMN = re.compile(r"column (\w+)\.(\w+)\.(\w+)")
_ROUNDS = 4
_TRIES = 50
# How many of the states are of the kinds that came later.
_LATER_KINDS = 0.12
_LATEST_KINDS = 0.06
# From which number on.
_APART: Mapping[str, tuple[int, Kind]] = {
    "rights, triggers, sequences": (FIRST, rights_triggers_sequences),
    "written by hand": (FIRST_WRITTEN, written_by_hand),
    "writes in order": (FIRST_ORDERED, writes_in_order),
}


@dataclass(frozen=True, slots=True)
class Clean:
    """A database to which all was deployed as it should be: its schema and its rows."""

    production: Production
    schema: list[str]
    rows: dict[str, list[str]]


@dataclass(slots=True)
class Outcome:
    """What came of one state. *wrong* are sentences; *story* leads there by hand."""

    number: int
    kind: str
    counts: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    story: str = ""


@dataclass(slots=True)
class Checker:
    """One worker's: its engine, databases of its own on the server, and where its files are."""

    postgres: PrivatePostgres
    engine: Engine
    command_line: CommandLine
    prefix: str
    folder: Folder | None = None
    within: Path | None = None
    made: int = 0
    based: set[str] = field(default_factory=set)

    def checked(self, number: int) -> Outcome:
        """Make the state *number*, and check it."""
        random = Random(number)
        kind = random.choice(list(KINDS) if self.folder is None else OF_ANY)
        apart = Random(f"{number} {kind}")
        if self.folder is None and apart.random() < _LATER_KINDS:
            kind = apart.choice(list(LATER_KINDS))
        latest = Random(f"{number} latest")
        if self.folder is None and latest.random() < _LATEST_KINDS:
            kind = latest.choice(list(LATEST_KINDS))
        if self.folder is None:
            kind = next((each for each, (first, _) in reversed([*_APART.items()]) if number >= first), kind)
        with TemporaryDirectory(prefix="law-", dir=self.within) as folder:
            for attempt in range(_TRIES):
                try:
                    world = self._made(random, kind, Path(folder) / str(attempt))
                    clean = self._clean(world)
                    break
                except UnwantedStateError:
                    continue
            else:
                raise AssertionError(f"state {number}: no {kind} in {_TRIES} tries")
            outcome = Outcome(number, f"{kind}, {'split' if world.production.splits else 'whole'}")
            outcome.counts["drawn again"] = attempt
            outcome.story = _story_of(world)
            try:
                self._check(world, clean, outcome)
            except Exception:  # noqa: BLE001  # whatever it is, the state that shows it is what is wanted
                outcome.wrong.append(traceback.format_exc())
        return outcome

    # Making

    def _made(self, random: Random, kind: str, folder: Path) -> World:
        if self.folder is None:
            base_, places = [(BASE, base())], Places(random)
            template = self._based("ours", base_, rows())
        else:
            point = self.folder.point(random)
            base_, places = list(self.folder.before(point)), Places(random, self.folder.after(point))
            template = self._based(f"after{point}", base_, "")
        production = Production(self._database(template), folder, self.engine, random.random() < 0.6, alone=True)
        production.migrations.mkdir(parents=True)
        world = World(random, production, template=template)
        for name, script in base_:
            world.ship(name, script)
            world.ran[name] = [1] * len(script.lines)
        world.base = tuple(name for name, _ in base_)
        self.engine.sent()
        apart = {each: made for each, (_, made) in _APART.items()}
        {**KINDS, **LATER_KINDS, **LATEST_KINDS, **apart}[kind](world, places)
        return world

    def _based(self, name: str, scripts: Sequence[tuple[str, Script]], rows_: str) -> str:
        """The database from which states start, made once: the base is deployed, and the application has written."""
        template = f"{self.prefix}_{name}"
        if template not in self.based:
            create_database(self.postgres, template, "template1", instead=True)
            with TemporaryDirectory(prefix="law-", dir=self.within) as folder:
                production = Production(
                    self.postgres.url(template), Path(folder), self.engine, splits=False, alone=True
                )
                production.migrations.mkdir(parents=True)
                production.ship({each: text_of(script) for each, script in scripts})
                production.deploy()
                production.sql(rows_)
            self.based.add(template)
        return template

    def _database(self, template: str) -> str:
        """A copy of a database, by its name or its URL; of the last few that were made before, all are there."""
        self.made += 1
        name = f"{self.prefix}_{self.made % 8}"
        return create_database(self.postgres, name, template.rpartition("/")[2], instead=True)

    # Checking

    def _check(self, world: World, clean: Clean, outcome: Outcome) -> None:
        report = world.production.look()
        for finding in report.findings:
            outcome.counts[f"finding {finding.code}"] += 1
        outcome.wrong += _decisions(world, report, outcome.counts)
        self._through_gate(world, clean, outcome)
        if any(step.choice for finding in report.findings for step in finding.remedy):
            self._follow(self._copy(world, "second"), clean, outcome, "second", report)
        if any(step.command for finding in report.findings for step in finding.remedy):
            self._follow(self._copy(world, "script"), clean, outcome, "script", report)
        self._follow(world, clean, outcome, "first", report)

    def _through_gate(self, world: World, clean: Clean, outcome: Outcome) -> None:
        """Where the gate lets a deployment through that applies the migrations, it ends well, and nothing runs twice."""
        report = world.production.gate()
        is_open = report.verdict in {Verdict.PASSED, Verdict.WARNING}
        outcome.counts[f"gate: {'open' if is_open else 'closed'}"] += 1
        if not is_open or _ran_without_a_sign(world, report):
            return
        deployed = self._copy(world, "gate")
        ok, error = deployed.prisma("deploy")
        wrong = [] if ok else [f"the deployment fails: {error}"]
        if ok:
            deployed.give_rows_back()
            _drop_columns(report, deployed)
            wrong += amiss(_there(deployed.production)[1], clean.rows, world.aside, lambda: self._clean(world).rows)
        outcome.wrong += [f"the gate is open, and {each}" for each in wrong]

    def _copy(self, world: World, way: str) -> World:
        here = world.production
        folder = here.checkout.with_name(f"{here.checkout.name}-{way}")
        shutil.copytree(here.checkout, folder)
        other = replace(here, database=self._database(here.database), checkout=folder)
        return replace(
            world,
            production=other,
            ran={name: list(times) for name, times in world.ran.items()},
            done_otherwise=set(world.done_otherwise),
            fixes=list(world.fixes),
        )

    def _follow(
        self,
        world: World,
        clean: Clean,
        outcome: Outcome,
        way: str,
        report: Report,
    ) -> None:
        """Follow *report*, which names no database, nor a folder of the checkout: so it is that of each copy."""
        person = Person(world, second=way == "second")
        rounds = 0
        try:
            while rounds < _ROUNDS and not _is_green(report, world):
                if way == "script":
                    refused = follow_script(person, self.command_line, report)
                    if refused is not None:
                        outcome.counts[f"script not written: {' '.join(refused.split())[:100]}"] += 1
                        break
                elif not person.follow(report):
                    break
                rounds += 1
                report = world.production.look()
                if way == "second" and not person.chose:
                    return
        except AdviceError as error:
            outcome.wrong += [f"{way} way: {error}", f"{way} way did:\n" + "\n".join(person.did)]
            outcome.counts[f"{way} way: fails"] += 1
            return
        except LeftToPersonError:
            outcome.counts[f"{way} way: left to a person"] += 1
            return
        outcome.counts[f"{way} way"] += 1
        outcome.counts[f"{way} way: rounds"] += rounds
        outcome.counts["questions"] += person.asked
        wrong = [*_end(world, report, clean, lambda: self._clean(world).rows), *_on_clean(person, clean)]
        if wrong:
            did = "\n".join(person.did)
            outcome.wrong += [f"{way} way: {each}" for each in wrong] + [f"{way} way did:\n{did}"]
        else:
            outcome.counts[f"{way} way: green"] += 1

    def _clean(self, world: World) -> Clean:
        """What a database has that all of it was deployed to as it should be."""
        folder = world.production.checkout.with_name(f"clean-{self.made}")
        production = replace(world.production, database=self._database(world.template), checkout=folder)
        production.migrations.mkdir(parents=True)
        production.ship(world.wanted)
        if not World(world.random, production, "").prisma("deploy")[0]:
            raise UnwantedStateError("it does not run on a clean database either")
        return Clean(production, *_there(production))


def _drop_columns(report: Report, world: World) -> None:
    """Drop the columns that *report* names as unexpected: they are no rows that are lost."""
    for finding in report.findings:
        if finding.code == "schema-unexpected" and (column := _COLUMN.fullmatch(finding.subject)):
            world.production.sql(f'ALTER TABLE "{column[1]}"."{column[2]}" DROP COLUMN "{column[3]}" CASCADE')


def _is_green(report: Report, world: World) -> bool:
    left = {finding.code for finding in report.findings} - world.left
    return not left and report.verdict in {Verdict.PASSED, Verdict.WARNING}


def _ran_without_a_sign(world: World, report: Report) -> bool:
    """Say whether somebody has run what the history does not know, and nothing could show it."""
    return any(
        status.state is State.PENDING
        and isinstance(status.progress, Progress)
        and any(
            statement.state is StatementState.NO_TRACE and world.has_run(status.name, at)
            for at, statement in enumerate(status.progress.statements)
        )
        for status in report.migrations
    )


def _decisions(world: World, report: Report, counts: Counter[str]) -> Iterator[str]:
    """What was decided of statements against what is true of them."""
    for status in report.migrations:
        if not isinstance(status.progress, Progress) or status.name not in world.scripts:
            continue
        for at, statement in enumerate(status.progress.statements):
            ran, invalid = world.has_run(status.name, at), world.is_invalid(status.name, at)
            state = statement.state
            counts[f"statements {state}"] += 1
            # Of rows alone, without a row of its own in the history: pending, and its remedy asks.
            is_asked = status.state is State.PENDING and state is StatementState.NO_TRACE
            if statement.ran is not Ran.OPEN and not is_asked and not is_bare(world.scripts[status.name].lines[at]):
                counts["statements proven to have run or not"] += 1
                if (statement.ran is Ran.RAN) != ran:
                    counts["statements wrong"] += 1
                    yield (
                        f"{status.name}, statement {at + 1} is proven to be {statement.ran}, and "
                        f"{'ran' if ran else 'did not run'}: {statement.sql}"
                    )
            if state in (StatementState.NO_TRACE, StatementState.UNKNOWN):
                continue
            right = {StatementState.PRESENT: ran, StatementState.ABSENT: not ran, StatementState.INVALID: invalid}
            counts["statements decided"] += 1
            if not right[state] and not (state is StatementState.ABSENT and invalid):
                counts["statements wrong"] += 1
                yield f"{status.name}, statement {at + 1} is called {state}, and {'ran' if ran else 'did not run'}: {statement.sql}"


def _end(world: World, report: Report, clean: Clean, again: Callable[[], Rows]) -> Iterator[str]:
    if not _is_green(report, world):
        yield f"the check is {report.verdict}: {[finding.summary for finding in report.findings]}"
    world.give_rows_back()
    lines, rows_there = _there(world.production)
    schema = [line for line in lines if not any(name in line for name in world.aside)]
    if schema != clean.schema:
        yield f"the schema lacks {sorted(set(clean.schema) - set(schema))} and has {sorted(set(schema) - set(clean.schema))}"
    yield from amiss(rows_there, clean.rows, world.aside, again)
    for each in sorted(_given_again(world.production) - _given_again(clean.production)):
        yield f"{each} is next given a number that a row has"
    ok, error = world.prisma("deploy")
    if not ok:
        yield f"the next deployment fails: {error}"


def _on_clean(person: Person, clean: Clean) -> Iterator[str]:
    """A corrective migration also runs, and changes nothing, where there is no drift."""
    here = clean.production
    for name in person.released:
        shutil.copytree(person.world.production.migrations / name, here.migrations / name)
    if not person.released:
        return
    ok, error = World(person.world.random, here, "").prisma("deploy")
    if not ok:
        yield f"the corrective migration fails on a clean database: {error}"
    elif _there(here)[0] != clean.schema:
        yield "the corrective migration changes a clean database"
    with psycopg.connect(here.database, autocommit=True) as connection:
        connection.execute("DELETE FROM _prisma_migrations WHERE migration_name LIKE '%_corrective'")
    for name in person.released:
        shutil.rmtree(here.migrations / name)


def _there(production: Production) -> tuple[list[str], dict[str, list[str]]]:
    """The schema, a line for each thing, and the rows of each table."""
    with psycopg.connect(production.database, autocommit=True) as connection:
        schema = [str(line) for (line,) in connection.execute(_CLEAN.encode())]
        return schema, rows_of(connection)


def _given_again(production: Production) -> set[str]:
    with psycopg.connect(production.database, autocommit=True) as connection:
        return numbers_given_again(connection)


def _story_of(world: World) -> str:
    files = [
        f"-- {name}/migration.sql\n{text_of(script)}"
        for name, script in world.scripts.items()
        if name not in world.base
    ]
    return "\n".join(
        [
            "== the release",
            *files,
            "== what happened",
            *world.story,
            "== what ran",
            *(f"{name}: {times}" for name, times in world.ran.items() if name not in world.base),
        ]
    )
