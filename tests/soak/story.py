"""What happens during a soak, drawn from a seed: the truth against which every message is held."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random

from shared.checks.new_kinds import CLEAN_WEEK
from shared.model.finding import Finding
from shared.model.message import Change as Became
from shared.model.news import UNKNOWN_CHECK
from shared.model.report import Report
from tests.chaos.receivers import Temper
from tests.gather.production import Relay
from tests.gather.servers import nobody
from tests.remedies.production import Person
from tests.soak.changes import CHANGES, TOUCHES, Change
from tests.soak.monitor import Monitor
from tests.soak.world import World

# Three ends within a day are one message that it is flapping: what happened is left alone for longer.
_APART = timedelta(hours=30)
_TEMPERS: tuple[Temper, ...] = ("refuses", "busy", "asks for a pause", "resets")
# By the printed SQL of a new migration, where there is one, in so many of the repairs.
_AS_PRINTED = 0.5
_PRINTED = "Put this into a new migration"


@dataclass
class Problem:
    """One true problem: *incident* is open from the run of number *since* on, until *repaired* by that number."""

    incident: str
    since: int
    repair: Callable[[Report], None]
    repaired: int | None = None
    seen_by: int = 0


@dataclass
class Story:
    world: World
    monitor: Monitor
    chance: Random
    problems: list[Problem] = field(default_factory=list)
    over: list[Problem] = field(default_factory=list)
    left_alone: dict[str, datetime] = field(default_factory=dict)
    # Since when what is compared since this version alone is clean.
    clean_since: datetime | None = None
    outage: int = 0
    # For each outage how many runs it lasted, and the numbers of its runs.
    outages: list[list[int]] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)
    next_at: datetime | None = None
    # The seconds and the turns of the runs in which nothing was wrong.
    quiet: list[tuple[float, int]] = field(default_factory=list)

    def step(self) -> Report:
        """Wait for the next run, have happen what does before it, and run it."""
        self.monitor.wait()
        self.clean_since = self.clean_since or self.monitor.now
        if self.next_at is None or self.monitor.now >= self.next_at:
            self.next_at = self.monitor.now + timedelta(hours=self.chance.uniform(0.5, 6))
            self._happen()
        return self.run()

    def run(self) -> Report:
        is_quiet = not self.problems and not self.outage and self.monitor.team.temper == "takes"
        turns = self.world.relay.turns
        report = self.monitor.run(self._url())
        if is_quiet and not report.findings:
            self.quiet.append((report.took.total_seconds(), self.world.relay.turns - turns))
        self.monitor.team.temper = "takes"
        if any(check.unknown for check in report.checks):
            return report
        for each in [each for each in self.problems if each.repaired is None]:
            each.seen_by += 1
            if each.seen_by >= self.chance.randint(2, 4):
                each.repair(report)
                each.repaired = self.monitor.number
                self._count("repairs")
        self._settle()
        return report

    def calm(self) -> None:
        """Have everything repaired, and people notified of it."""
        self.outage = 0
        while self.problems:
            self.monitor.wait()
            self.run()
        for _ in range(3):
            self.monitor.wait()
            self.run()

    def _url(self) -> str | None:
        """The way to the database during an outage: to nobody, or one that ends in the middle."""
        if not self.outage:
            return None
        self.outage -= 1
        self.outages[-1].append(self.monitor.number + 1)
        return self.world.production.database.replace(f":{self.world.server.port}/", f":{nobody()}/")

    def _settle(self) -> None:
        """What is repaired and was seen to be so for two runs is over."""
        for each in list(self.problems):
            if each.repaired is not None and self.monitor.number >= each.repaired + 2:
                self.problems.remove(each)
                self.over.append(each)

    def _count(self, what: str) -> None:
        self.counts[what] = self.counts.get(what, 0) + 1

    def _happen(self) -> None:
        happenings = (
            *[self._by_hand] * 6, *[self._deployment] * 4, *[self._touch] * 3, *[self._fails] * 2, self._late, self._crash,
            self._away, self._cut, self._full,
        )  # fmt: skip
        self.chance.choice(happenings)()

    # What changes

    def _is_left_alone(self, incident: str) -> bool:
        until = self.left_alone.get(incident)
        is_open = any(each.incident == incident for each in self.problems)
        return is_open or (until is not None and self.monitor.now < until)

    def _begin(self, incident: str, repair: Callable[[Report], None]) -> None:
        self.left_alone[incident] = self.monitor.now + _APART
        self.problems.append(Problem(incident, self.monitor.number + 1, repair))

    def _by_hand(self) -> None:
        # One at a time: several of one table would be parts of each other.
        free = [each for each in CHANGES if not self._is_left_alone(each.key)]
        if not free or any(each.incident.startswith(("schema-", "constraint-", "seed-")) for each in self.problems):
            return
        change = self.chance.choice(free)
        self.world.production.sql(change.by_hand)
        self._count("changes by hand")
        is_new = change.new and not self._is_trusted()
        if change.is_info or is_new:
            # Nobody is notified; where it is info only for now, its clean week begins again.
            self.left_alone[change.key] = self.monitor.now + _APART
            self.monitor.wait()
            self.run()
            self.world.production.sql(change.undo)
            if is_new:
                self.clean_since = None
            self._count("of them new in this version, in their first week" if is_new else "of them info")
            return
        self._begin(change.key, lambda report: self._undo(change, report))

    def _is_trusted(self) -> bool:
        return self.clean_since is not None and self.monitor.now - self.clean_since > CLEAN_WEEK

    def _undo(self, change: Change, report: Report) -> None:
        printed = next(self._printed(change.key, report), None)
        if printed is None or self.chance.random() > _AS_PRINTED:
            self.world.production.sql(change.undo)
            return
        name = self.world.ship(printed)
        assert self.world.deploy(), f"the printed SQL fails: {name}\n{printed}"
        self._count("of them by the printed SQL, deployed")

    @staticmethod
    def _printed(key: str, report: Report) -> Iterator[str]:
        found: list[Finding] = [each for each in report.findings if each.key == key]
        for each in found:
            step = each.remedy[0]
            if step.text.startswith(_PRINTED) and step.command is not None:
                yield step.command

    def _touch(self) -> None:
        self.world.production.sql(self.chance.choice(TOUCHES))
        self._count("touches")

    def _deployment(self) -> None:
        self.world.ship(self.world.next_migration(self.chance))
        assert self.world.deploy()
        self._count("deployments")

    def _late(self) -> None:
        """A release whose migrations nobody applied."""
        name = self.world.ship(self.world.next_migration(self.chance))
        self._begin(f"migration {name}", lambda _: self._now_deployed())
        self._count("late deployments")

    def _now_deployed(self) -> None:
        assert self.world.deploy()

    def _fails(self) -> None:
        if any(each.incident.startswith("migration ") for each in self.problems):
            return
        self.world.production.sql("UPDATE users SET code = 'same'")
        number = next(self.world.numbers)
        name = self.world.ship(
            f"ALTER TABLE users ADD COLUMN f_{number} int;\nCREATE UNIQUE INDEX u_{number} ON users (code);\n"
        )
        assert not self.world.deploy(), "it was to fail"
        removal = f"DROP INDEX u_{number};\nALTER TABLE users DROP COLUMN f_{number};\n"
        self._begin(f"migration {name}", lambda report: self._follow(removal, report))
        self._count("failed deployments")

    def _follow(self, removal: str, report: Report) -> None:
        """Do what the report says; what was made then is in the way of the next that fails."""
        Person(fix="UPDATE users SET code = id::text").follow(report, self.world.production)
        self.world.ship(removal)
        assert self.world.deploy()

    # What fails

    def _crash(self) -> None:
        self.world.crash()
        self._count("server processes killed")
        self.outages.append([self.monitor.number + 1])
        self.monitor.wait()
        self.run()
        self.world.recovered()

    def _away(self) -> None:
        self.outage = self.chance.randint(1, 5)
        self.outages.append([])
        self._count("outages")

    def _cut(self) -> None:
        """The connection is lost in the middle of one run."""
        self.outages.append([self.monitor.number + 1])
        self._count("connections lost")
        with Relay(self.world.server.port, cut_after=self.chance.randint(1, 4)) as relay:
            self.monitor.wait()
            self.monitor.run(self.world.url.replace(f":{self.world.relay.port}/", f":{relay.port}/"))

    def _full(self) -> None:
        self.monitor.team.temper = self.chance.choice(_TEMPERS)
        self._count("runs whose channel took nothing")

    # What counts

    def wrong(self) -> Iterator[str]:
        """False alarms, missed changes, and problems with more or fewer than one alert and one end."""
        taken = self.monitor.taken
        every = (*self.over, *self.problems)
        for each in taken:
            if not each.event.incident.startswith(UNKNOWN_CHECK):
                true = any(one.incident == each.event.incident and one.since <= each.number for one in every)
                if not true:
                    yield f"false alarm in run {each.number}: {each.event.change} {each.event.incident}"
        for one in self.over:
            until = min(
                (o.since for o in every if o.incident == one.incident and o.since > one.since),
                default=self.monitor.number + 1,
            )
            became = [
                each.event.change
                for each in taken
                if each.event.incident == one.incident and one.since <= each.number < until
            ]
            if (became.count(Became.OPENED), became.count(Became.RESOLVED)) != (1, 1):
                yield f"{one.incident}, from run {one.since} to {one.repaired}: {', '.join(became) or 'missed'}"
        yield from self._wrong_of_outages()

    def _wrong_of_outages(self) -> Iterator[str]:
        during = {number + later for runs in self.outages for number in runs for later in range(4)}
        unknown = [each for each in self.monitor.taken if each.event.incident.startswith(UNKNOWN_CHECK)]
        for each in unknown:
            if each.number not in during:
                yield f"false alarm in run {each.number}: {each.event.change} {each.event.incident}"
        opened = sum(each.event.change is Became.OPENED for each in unknown)
        ended = sum(each.event.change is Became.RESOLVED for each in unknown)
        if opened != ended:
            yield f"{opened} times a check was said to be unknown, and {ended} times to work again"
