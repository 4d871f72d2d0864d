"""Random histories of one production, and whether every bracket is true, and as narrow as the facts allow."""

import random
import re
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import psycopg

from shared.model.value import dataclass
from tests.diagnose.attribution.changes import CHANGES, GRANT_EVERYTHING, TOUCHES, ChangeByHand, shape
from tests.diagnose.attribution.production import Done, Production

_TABLES = 7
_STEPS = 16
# Copies the database to one of another name, by way of a dump, and gives its URL.
Reload = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Touched:
    """Something else wrote rows of *table*: from *began* to *committed*."""

    table: str
    began: int
    committed: int


class Open:
    """A transaction that has changed *table* and goes on."""

    def __init__(self, production: Production, table: str, change: ChangeByHand) -> None:
        self.table, self._change, self._production = table, change, production
        self.connection = psycopg.connect(production.url)
        self.connection.execute("SELECT pg_current_xact_id()")
        self.began = production.step()
        self._touched: list[str] = []
        self.connection.execute(change.sql.format(t=table).encode())

    def touch(self, table: str) -> None:
        self.connection.execute(GRANT_EVERYTHING.format(t=table).encode())
        self._touched.append(table)

    def holds(self, table: str) -> bool:
        """Say whether others would wait for its end."""
        return table == self.table or table in self._touched

    def commit(self) -> Iterator[Touched]:
        self.connection.commit()
        self.connection.close()
        place = self._production.step()
        done = Done(self._change.key.format(t=self.table), self.began, place, self._change.has_row)
        self._production.changes.append(done)
        for table in self._touched:
            yield Touched(table, self.began, place)


class RandomHistory:
    """One history from *seed*; `wrong` says what is false in what the checks said, or wider than it need be."""

    def __init__(self, seed: int, url: str, folder: Path, reload: Reload) -> None:
        self._random, self._reload = random.Random(seed), reload
        self._production = Production(url, folder)
        self._touched: list[Touched] = []
        self._open: Open | None = None
        self._unchanged: list[str] = []
        # Of the differences at the end: all, those with a bound, and those with both.
        self.differences = self.bounded = self.bracketed = 0

    def wrong(self) -> list[str]:
        try:
            return list(self._all_wrong())
        finally:
            self._production.connection.close()
            if self._open is not None:
                self._open.connection.close()

    def _all_wrong(self) -> Iterator[str]:
        self._begin()
        for _ in range(_STEPS):
            self._one_step()
            if self._random.random() < 0.4:
                yield from self._checked()
        if self._open is not None:
            self._touched += self._open.commit()
            self._open = None
        yield from self._checked(is_last=True)

    def _begin(self) -> None:
        for number in range(_TABLES):
            self._production.migrate(shape(f"t{number}"))
            self._unchanged.append(f"t{number}")
            if self._random.random() < 0.2:
                self._production.check()
        self._random.shuffle(self._unchanged)

    def _one_step(self) -> None:
        steps: list[tuple[int, Callable[[], None]]] = [
            (5, self._change), (3, self._migrate), (3, self._touch), (1, self._freeze), (1, self._together),
            (2, self._long), (1, self._restore),
        ]  # fmt: skip
        (step,) = self._random.choices([step for _, step in steps], [weight for weight, _ in steps])
        step()

    def _change(self) -> None:
        if self._free(1):
            table, change = self._unchanged.pop(), self._random.choice(CHANGES)
            self._production.change(change.sql.format(t=table), change.key.format(t=table), has_row=change.has_row)

    def _free(self, number: int) -> bool:
        """Say whether *number* tables are unchanged that nobody holds; they are the last ones then."""
        held = [each for each in self._unchanged if self._open is not None and self._open.holds(each)]
        self._unchanged = [*held, *(each for each in self._unchanged if each not in held)]
        return len(self._unchanged) - len(held) >= number

    def _together(self) -> None:
        """Two changes of one transaction; or with a savepoint, where the first has a number of its own."""
        if not self._free(2):
            return
        one, other = self._unchanged.pop(), self._unchanged.pop()
        first, second = self._random.choices([each for each in CHANGES if each.has_row], k=2)
        apart = self._random.random() < 0.5
        begin, end = ("SAVEPOINT s;", "RELEASE s;") if apart else ("", "")
        sql = f"BEGIN; {begin} {first.sql.format(t=one)}; {end} {second.sql.format(t=other)}; COMMIT"
        self._production.change(sql, first.key.format(t=one), second.key.format(t=other), in_subtransaction=apart)

    def _migrate(self) -> None:
        number = len(self._production.migrations)
        self._production.migrate(f"CREATE TABLE m{number} (id integer); ALTER TABLE m{number} ADD COLUMN n text;")

    def _touch(self) -> None:
        table = f"t{self._random.randrange(_TABLES)}"
        if self._open is None or not self._open.holds(table):
            sql = self._random.choice(TOUCHES).format(t=table)
            self._production.execute(sql)
            place = self._production.step()
            self._touched.append(Touched(table, place, place))

    def _freeze(self) -> None:
        # It would wait for what the open one has written.
        if self._open is None:
            self._production.execute("VACUUM FREEZE")

    def _long(self) -> None:
        """Begin a long transaction, have it touch what another has changed meanwhile, or end it."""
        if self._open is None:
            if self._free(1):
                change = self._random.choice([each for each in CHANGES if each.light])
                self._open = Open(self._production, self._unchanged.pop(), change)
        elif self._random.random() < 0.5:
            table = f"t{self._random.randrange(_TABLES)}"
            if not self._open.holds(table):
                self._open.touch(table)
        else:
            self._touched += self._open.commit()
            self._open = None

    def _restore(self) -> None:
        """Dump and load: the numbers of transactions mean something else from here on."""
        if self._open is not None or self._random.random() < 0.5:
            return
        self._production.connection.close()
        self._production.moved(self._reload(self._production.url))
        self._touched.clear()

    def _checked(self, *, is_last: bool = False) -> list[str]:
        said = self._production.check()
        place = self._production.place
        found = []
        for done in self._production.changes:
            if done.key not in said:
                found.append(f"{done.key} is not found")
                continue
            changed = said[done.key] or {"after": None, "before": None, "same_transaction_as": []}
            if is_last:
                self._count(changed)
            found += [f"{done.key}: {each}" for each in self._evaluated(done, changed, place)]
        return found

    def _count(self, changed: Mapping[str, Any]) -> None:
        bounds = [changed["after"], changed["before"]]
        self.differences += 1
        self.bounded += any(bounds)
        self.bracketed += all(bounds)

    def _evaluated(self, done: Done, changed: Mapping[str, Any], now: int) -> Iterator[str]:
        production = self._production
        after = None if changed["after"] is None else self._place_of(changed["after"]["check"])
        if after is not None and after >= done.committed:
            yield f"after the check at {after}, but it was committed at {done.committed}"
        touches = self._touches(done)
        before: int | None = None
        match changed["before"]:
            case {"check": at}:
                before = self._place_of(at)
                if before < done.committed:
                    yield f"before the check at {before}, but it was committed at {done.committed}"
            case {"migration": name}:
                before = production.migrations[name]
                # The transaction that last wrote it: the change itself, or what touched it after that.
                began = min([done.began, *(each.began for each in touches if each.committed > done.committed)])
                if before < began:
                    yield f"before migration {name} at {before}, but nothing that wrote it began before {began}"
        yield from self._together_wrongly(done, changed["same_transaction_as"])
        if done.committed < production.line_began:
            return
        yield from self._wide(done, after, before, bool(touches), now)

    def _together_wrongly(self, done: Done, said: Sequence[str]) -> Iterator[str]:
        """Where nothing else wrote the rows, one transaction is said of those that one transaction changed alone."""
        for other in self._production.changes:
            if other is done or self._touches(done) or self._touches(other) or not (done.has_row and other.has_row):
                continue
            is_one = (other.began, other.committed) == (done.began, done.committed)
            in_one_load = max(done.committed, other.committed) < self._production.line_began
            if (
                (other.key in said) != is_one
                and not in_one_load
                and not (done.in_subtransaction or other.in_subtransaction)
            ):
                yield f"one transaction with {other.key}: {other.key in said}, but {is_one}"

    def _touches(self, done: Done) -> list[Touched]:
        return [each for each in self._touched if done.key.partition(" ")[2].startswith(f"public.{each.table}")]

    def _wide(self, done: Done, after: int | None, before: int | None, touched: bool, now: int) -> Iterator[str]:
        """Compare with the narrowest bracket: own checks of this line, and the migrations where nothing hides them."""
        production = self._production
        checks = [each for each in production.checks.values() if each >= production.line_began]
        last = max((each for each in checks if each < done.committed), default=None)
        # What no check saw before is not known to have come after one.
        if after != last and (after is not None or last is None or last > self._made(done)):
            yield f"after {after}, but the last check before it was at {last}"
        first = min(each for each in checks if each > done.committed)
        recorded = [each for each in production.migrations.values() if production.line_began < each]
        following = min((each for each in recorded if done.began < each), default=now)
        hidden = touched or not done.has_row or done.began < done.committed or self._was_long(done, following)
        narrowest: int | None = following if not hidden and following < first and self._has_earlier(done) else first
        if last is None and narrowest == first == now:
            narrowest = None
        if before is not None and narrowest is not None and before > first:
            yield f"before {before}, but the check at {first} saw it"
        if not hidden and before != narrowest:
            yield f"before {before}, but the narrowest is {narrowest}"

    def _was_long(self, done: Done, following: int) -> bool:
        """Whether a long transaction was open at the first check after *following*: it is not known what it hides."""
        return self._long_at(done.committed) or self._long_at(following)

    def _long_at(self, place: int) -> bool:
        ended = [each for each in self._production.changes if each.began < each.committed]
        is_open = self._open is not None and self._open.began <= place
        return is_open or any(each.began <= place <= self._next_check(each.committed) for each in ended)

    def _made(self, done: Done) -> int:
        """When the migration had run that made the table that *done* is about."""
        number = re.search(r" (?:public\.)?t(\d+)", done.key)
        assert number is not None
        return list(self._production.migrations.values())[int(number[1])]

    def _next_check(self, place: int) -> int:
        return min((each for each in self._production.checks.values() if each > place), default=self._production.place)

    def _has_earlier(self, done: Done) -> bool:
        """Rows that were loaded all at once are no order: only what was recorded on this line counts."""
        return any(self._production.line_began < each < done.began for each in self._production.migrations.values())

    def _place_of(self, moment: str) -> int:
        return self._production.checks[datetime.fromisoformat(moment)]


def dump_and_load(programs: Path, source: str, target: str) -> None:
    dump = subprocess.run([programs / "pg_dump", source], check=True, capture_output=True).stdout
    # A newer pg_dump sets what an older server does not know.
    script = dump.replace(b"SET transaction_timeout = 0;\n", b"")
    load: list[str | Path] = [programs / "psql", "-q", "-X", "-v", "ON_ERROR_STOP=1", target]
    subprocess.run(load, input=script, check=True, capture_output=True)
