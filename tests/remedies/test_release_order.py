"""Random productions in which migrations go on with each other, followed to the end by a person who knows what ran.

Whatever the order in which the findings stand: no printed statement needs one that comes after it, and each statement
of the release runs just once. Where a migration never began and somebody has run a part of a later one by hand, the
earlier one's statements are printed first. `tests/remedies/law` does the same with Prisma's engine, and fewer such states.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby
from random import Random

import pytest

from shared.checks.registry import CHECKS, run_check
from shared.model.database import History
from shared.model.finding import Finding, Step
from shared.remedies import commands
from tests.builders import facts, reading
from tests.diagnose.test_proof import OF_NOTHING
from tests.diagnose.test_schema import diagnosed, live, ran, shipping
from tests.tables import hold

CHECKED = [check for check in CHECKS if check.name in ("history", "schema", "deployment")]
BASE = "CREATE TABLE a (id int PRIMARY KEY, x int);"
ROUNDS = 4
_READING = "SET TRANSACTION READ ONLY"


@dataclass(frozen=True)
class Statement:
    """*makes* is the name of what it makes, if it makes anything; *needs* are the names that it cannot run without.

    *removes* is the one of these that is gone afterwards.
    """

    sql: str
    makes: str
    needs: frozenset[str]
    removes: str = ""

    @property
    def shows(self) -> bool:
        return bool(self.makes or self.removes)


class _WrongError(AssertionError):
    """What is printed fails, or repeats something."""


@dataclass
class Production:
    """*done* counts how often each statement has run; *executed* is what made the schema, in order."""

    scripts: dict[str, list[Statement]]
    exists: set[str]
    recorded: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    rolled_back: list[str] = field(default_factory=list)
    done: dict[Statement, int] = field(default_factory=dict)
    executed: list[str] = field(default_factory=list)
    story: list[str] = field(default_factory=list)

    def run(self, statement: Statement) -> None:
        self.story.append(statement.sql)
        if not statement.needs <= self.exists:
            raise _WrongError(f"needs {set(statement.needs - self.exists)}: {statement.sql}")
        if self.done.get(statement):
            raise _WrongError(f"runs twice: {statement.sql}")
        self.done[statement] = 1
        if statement.shows:
            self.exists = self.exists - {statement.removes} | {statement.makes}
            self.executed.append(statement.sql)

    def try_run(self, statement: Statement) -> bool:
        """psql goes on after errors. Nobody removes what an earlier migration still needs, nor what nothing shows then."""
        others = [each for one in self.scripts.values() for each in one if each is not statement]
        is_needed = any(statement.removes in each.needs and not self.done.get(each) for each in others)
        is_own = statement.removes in {each.makes for each in self.done if each.makes}
        if is_needed or is_own or not statement.needs <= self.exists or self.done.get(statement):
            return False
        self.run(statement)
        return True

    def drop(self, sql: str) -> None:
        """What undoes statements: with a table go its columns, its indexes and its rows."""
        self.story.append(sql)
        words = set(re.findall(r"\w+", sql.rpartition("DROP")[2]))
        gone = {each for each in self.done if each.makes and each.makes.rpartition(".")[2] in words}
        while more := {each for each in self.done if not each.needs.isdisjoint({one.makes for one in gone})} - gone:
            gone |= more
        for each in gone:
            del self.done[each]
            self.exists.discard(each.makes)
        self.executed = [each for each in self.executed if all(each != one.sql for one in gone)]

    def deploy(self) -> None:
        self.story.append(commands.DEPLOY)
        if self.failed:
            raise _WrongError(f"P3009: {self.failed}")
        for name, statements in self.scripts.items():
            if name not in self.recorded:
                for each in statements:
                    self.run(each)
                self.recorded.append(name)

    def findings(self) -> list[Finding]:
        texts = {name: "\n".join(each.sql for each in statements) for name, statements in self.scripts.items()}
        rows = [ran("1", BASE, minutes_ago=90)]
        rows += [
            replace(ran(name, texts[name], finished=False, minutes_ago=80), logs=OF_NOTHING) for name in self.failed
        ]
        rows += [
            ran(name, texts[name], finished=False, rolled_back=True, logs=OF_NOTHING, minutes_ago=80)
            for name in self.rolled_back
        ]
        rows += [ran(name, texts[name], minutes_ago=60 - at) for at, name in enumerate(self.recorded)]
        shipped = shipping(("1", BASE), *texts.items())
        actual = live(BASE, *self.executed)
        history = History(exists=True, rows=tuple(rows))
        empty = frozenset(("public", each) for each in self.exists if "." not in each)
        said = facts(shipped, reading(history=history, catalog=actual, empty_tables=empty))
        truth = diagnosed(shipped, rows, actual)
        return [each for check in CHECKED for each in run_check(check, said, truth).findings]


def production_of(random: Random) -> Production | None:
    """A release whose first migration has failed, or waits, while later ones ran by hand in part; None where none shows."""
    numbers = iter(range(1, 100))
    columns, tables, types, viewed = ["a.x"], ["a"], list[str](), set[str]()
    found = Production({}, {"a", "a.x"})

    def statement() -> Statement:
        number, table = next(numbers), random.choice(tables)
        match random.choice(
            ["table", "column", "column", "index", "type", "typed", "default", "update", "update", "view", "drop"]
        ):
            case "table":
                tables.append(f"t{number}")
                return Statement(f"CREATE TABLE t{number} (id int);", f"t{number}", frozenset())
            case "type":
                types.append(f"e{number}")
                return Statement(f"CREATE TYPE e{number} AS ENUM ('x');", f"e{number}", frozenset())
            case "typed" if types:
                own = random.choice(types)
                sql = f"ALTER TABLE {table} ADD COLUMN k{number} {own};"
                return Statement(sql, f"{table}.k{number}", frozenset({table, own}))
            case "drop" if len(columns) > 1:
                column = columns.pop(random.randrange(1, len(columns)))
                of, name = column.split(".")
                if column in viewed:
                    columns.append(column)
                else:
                    sql = f"ALTER TABLE {of} DROP COLUMN {name};"
                    return Statement(sql, "", frozenset({of, column}), removes=column)
            case "index" | "default" | "update" | "view" as what:
                column = random.choice(columns)
                of, name = column.split(".")
                needs = frozenset({of, column})
                if what == "index":
                    return Statement(f"CREATE INDEX i{number} ON {of} ({name});", f"i{number}", needs)
                if what == "view":
                    viewed.add(column)
                    return Statement(f"CREATE VIEW v{number} AS SELECT {name} FROM {of};", f"v{number}", needs)
                if what == "update":
                    return Statement(f"UPDATE {of} SET {name} = {number};", "", needs)
                if len(columns) > 1 and column != "a.x":
                    # One default a column: a second one would replace it.
                    columns.remove(column)
                    sql = f"ALTER TABLE {of} ALTER COLUMN {name} SET DEFAULT {number};"
                    return Statement(sql, f"default{number}", needs)
        columns.append(f"{table}.c{number}")
        return Statement(f"ALTER TABLE {table} ADD COLUMN c{number} int;", f"{table}.c{number}", frozenset({table}))

    for name in "23456"[: random.randint(2, 4)]:
        found.scripts[name] = [statement() for _ in range(random.randint(1, 3))]
    first, *later = found.scripts
    if random.random() < 0.5:
        found.failed.append(first)
        for each in found.scripts[first][: random.randint(0, len(found.scripts[first]) - 1)]:
            found.run(each)
    for name in random.sample(later, random.randint(1, len(later))):
        chosen = [each for each in found.scripts[name] if random.random() < 0.8]
        begun = [each for each in chosen if found.try_run(each)]
        # What was never begun has not run unless something shows it.
        if begun and not any(each.shows for each in begun):
            return None
    return found


@dataclass
class Person:
    """*second*: who takes another way wherever there is one."""

    production: Production
    second: bool

    def follow(self, findings: Sequence[Finding]) -> bool:
        printed: list[Step] = []
        done = False
        for finding in findings:
            for step in self._way(finding):
                if step not in printed:
                    printed.append(step)
                    done = self._do(step) or done
        return done

    def _way(self, finding: Finding) -> list[Step]:
        first = [step for step in finding.remedy if not step.choice]
        ways = [way for way in _ways(finding.remedy) if self._fits(finding, way[0].text)]
        is_way = any(step.command and _READING not in step.command for step in first)
        done = [way for way in ways if "none of its" not in way[0].text and not way[0].text.startswith("Or, instead")]
        if (self.second and ways) or (ways and not is_way):
            return ways[0]
        return done[0] if done else first

    def _fits(self, finding: Finding, text: str) -> bool:
        has_run = [bool(self.production.done.get(each)) for each in self.production.scripts.get(finding.subject, ())]
        if "all of its statements ran" in text:
            return all(has_run)
        if "only some of its statements ran" in text:
            return any(has_run) and not all(has_run)
        return not any(has_run) if "none of its statements ran" in text else True

    def _do(self, step: Step) -> bool:
        here, command = self.production, step.command
        if command is None or _READING in command:
            return False
        if command == commands.DEPLOY:
            here.deploy()
        elif name := next((each for each in here.scripts if command == commands.resolve_rolled_back(each)), None):
            here.story.append(command)
            here.failed.remove(name)
            here.rolled_back.append(name)
        elif name := next((each for each in here.scripts if command == commands.resolve_applied(each)), None):
            if step.asks and not any(here.done.get(each) for each in here.scripts[name]):
                return False
            here.story.append(command)
            if lacking := [each.sql for each in here.scripts[name] if not here.done.get(each)]:
                raise _WrongError(f"{name} is recorded without {lacking}")
            here.recorded.append(name)
            here.failed = [each for each in here.failed if each != name]
        elif "drop what the migration made" in step.text:
            for line in command.splitlines():
                if "DROP" in line:
                    here.drop(line)
        else:
            found = [each for statements in here.scripts.values() for each in statements if each.sql in command]
            for each in sorted(found, key=lambda one: command.index(one.sql)):
                if not (step.asks and here.done.get(each)):
                    here.run(each)
        return True


def _ways(steps: Sequence[Step]) -> Iterator[list[Step]]:
    """Each other way opens with its condition."""
    number, numbered = 0, []
    for step in (step for step in steps if step.choice):
        number += step.text.startswith(("If ", "Or"))
        numbered.append((number, step))
    for _, group in groupby(numbered, key=lambda each: each[0]):
        yield [step for _, step in group]


def _ends_well(seed: int, *, second: bool) -> bool:
    """Follow all reports of one production; say whether there is such a one."""
    production = production_of(Random(seed))
    if production is None:
        return False
    release = "\n".join(f"{name}: {[each.sql for each in one]}" for name, one in production.scripts.items())
    begun = f"{release}\nfailed: {production.failed}\nran: {[each.sql for each in production.done]}"
    production.story.clear()
    person = Person(production, second)
    try:
        for _ in range(ROUNDS):
            findings = production.findings()
            if not findings:
                break
            production.story.append(f"# {[each.key for each in findings]}")
            if not person.follow(findings):
                raise _WrongError(f"nothing to do: {[each.summary for each in findings]}")
        else:
            raise _WrongError(f"no end: {[each.summary for each in production.findings()]}")
        lacking = [each.sql for one in production.scripts.values() for each in one if not production.done.get(each)]
        if lacking:
            raise _WrongError(f"lacking in the end: {lacking}")
    except _WrongError as error:
        raise AssertionError("\n".join([str(error), begun, *production.story])) from None
    return True


@pytest.mark.parametrize("second", [False, True], ids=["first way", "second way"])
@pytest.mark.parametrize(
    "seeds", [pytest.param(range(60), id="60"), pytest.param(range(60, 1500), id="more", marks=pytest.mark.long)]
)
def test_no_statement_is_printed_before_one_that_it_needs(seeds: range, second: bool) -> None:
    followed = []
    hold(lambda seed: followed.append(_ends_well(seed, second=second)), seeds)
    assert sum(followed) > len(seeds) / 2
