"""Run after run in processes that are killed, on disks that are full, by clocks that jump, to channels that fail.

The truth is made here and known; what every channel received is counted against it.
"""

import multiprocessing
import random
import signal
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import get_args

from shared.alerts.groups import GATHER
from shared.memory import GROUPS
from shared.model.finding import Severity
from tests.builders import NOW
from tests.chaos.receivers import Killer, Receiver, Temper, receivers
from tests.chaos.victim import FINDINGS, HURRIED, PRELOADED, Orders, Outcome, Sending, run
from tests.patience import HALF_A_MINUTE

_WANTED = {
    "team": {"critical", "warning"},
    "oncall": {"critical"},
    "mail": {"critical", "warning"},
    "chat": {"critical", "warning"},
}
_TARGETS = ("production", "staging")
_STEPS = [timedelta(minutes=minutes) for minutes in (5, 5, 5, 60)]
_JUMPS = [timedelta(days=-3), timedelta(days=400), timedelta(hours=-1)]
# Longer than a check may be unknown in silence, and than something that flaps is left alone.
_CALM = [timedelta(minutes=5)] * 3 + [timedelta(minutes=61)] * 3 + [timedelta(minutes=5)] * 2
# From the first thing a run does to its end, about; a kill is as likely at any moment of it.
_LONGEST_LIFE = 0.15
_CHECKS = ("history", "seeds", "endpoints")


@dataclass(frozen=True)
class Receipt:
    """A message that a channel took in *cycle*; *written* is the cycle of the run that wrote it.

    *doubtful*: a run before sent it, and could not know whether it was taken.
    """

    cycle: int
    message: Sending
    written: int
    doubtful: bool


@dataclass
class Chaos:
    """*shaken* are the cycles in which something broke that a run cannot know the outcome of."""

    folder: Path
    seed: int
    every: Mapping[str, Receiver]
    ports: Mapping[str, int]
    kill: Killer
    grouped: bool = False
    cycle: int = 0
    now: datetime = NOW
    found: dict[str, tuple[str, ...]] = field(default_factory=lambda: dict.fromkeys(_TARGETS, ()))
    no_result: tuple[str, ...] = ()
    messages: dict[str, Sending] = field(default_factory=dict)
    receipts: dict[str, list[Receipt]] = field(default_factory=dict)
    written: dict[datetime, int] = field(default_factory=dict)
    shaken: set[int] = field(default_factory=set)
    uncertain: set[tuple[str, str]] = field(default_factory=set)
    before: set[tuple[str, str]] = field(default_factory=set)
    made: Counter[str] = field(default_factory=Counter)
    crashed: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.chance = random.Random(self.seed)
        self._context = multiprocessing.get_context("forkserver")
        self._context.set_forkserver_preload(["tests.chaos.victim", *PRELOADED])

    def wild(self) -> None:
        """One cycle in which anything may go wrong."""
        chance = self.chance
        target = chance.choice(_TARGETS)
        self.found[target] = tuple(name for name in FINDINGS if chance.random() < 0.4)
        self.no_result = (chance.choice(_CHECKS),) if chance.random() < 0.15 else ()
        self.now += chance.choice(_JUMPS) if chance.random() < 0.05 else chance.choice(_STEPS)
        for each in self.every.values():
            each.temper = "takes" if chance.random() < 0.5 else chance.choice(get_args(Temper))
        space = chance.choice((64, 1_000, 3_000, 10_000)) if chance.random() < 0.15 else None
        runs = [target] * (2 if chance.random() < 0.1 else 1)
        kills_after = chance.uniform(0, _LONGEST_LIFE) if chance.random() < 0.3 else None
        self._live(runs, HURRIED, space, kills_after)

    def calm(self, after: timedelta) -> None:
        """One cycle in which all is well but for what was found last; a machine with much else to do is waited for."""
        self.now += after
        self.no_result = ()
        for each in self.every.values():
            each.temper = "takes"
        # The timer has the groups send what no run of a target sends.
        for target in (*_TARGETS, GROUPS):
            self._live([target], HALF_A_MINUTE, None, None)

    def _live(self, runs: Sequence[str], timeout: timedelta, space: int | None, kills_after: float | None) -> None:
        self.cycle += 1
        self.before = set(self.uncertain)
        self.made["cycles"] += 1
        processes = [self._started(target, timeout, space) for target in runs]
        self.kill.pids = [process.pid for process, _ in processes if process.pid is not None]
        if kills_after is not None:
            processes[0][0].join(kills_after)
            self.kill()
        for process, end in processes:
            self._follow(end)
            process.join()
        killed = sum(process.exitcode == -signal.SIGKILL for process, _ in processes)
        self.crashed += [self.cycle for process, _ in processes if process.exitcode not in {0, -signal.SIGKILL}]
        self.made.update({"killed": killed, "two at once": len(runs) - 1, "disk full": space is not None})
        if killed or len(runs) > 1 or space is not None:
            self.shaken.add(self.cycle)
        self._collect()

    def _started(self, target: str, timeout: timedelta, space: int | None) -> tuple[BaseProcess, Connection]:
        # No two runs at the same moment: by it a message is known to be of one.
        self.now += timedelta(microseconds=1)
        self.written[self.now] = self.written[self.now + GATHER] = self.cycle
        mine, theirs = self._context.Pipe()
        orders = Orders(
            folder=self.folder,
            target=target,
            ports=self.ports,
            found=self.found.get(target, ()),
            no_result=self.no_result,
            now=self.now,
            space=space,
            timeout=timeout,
            grouped=self.grouped,
        )
        process = self._context.Process(target=run, args=(orders, theirs), daemon=True)
        process.start()
        theirs.close()
        return process, mine

    def _follow(self, end: Connection) -> None:
        with end, suppress(EOFError, ConnectionResetError):
            while True:
                match end.recv():
                    case Sending() as message:
                        self.messages[message.id] = self.messages[message.short] = message
                        self.uncertain |= {(name, message.id) for name in self.every}
                    case Outcome(id=sent, taken=taken):
                        # A process that learns that it was taken does not send it again.
                        self.uncertain -= {(name, sent) for name, is_taken in taken.items() if is_taken}

    def _cycle_of(self, moment: datetime) -> int:
        """The cycle whose run wrote a message at *moment*; one that waits for a group may write within that time."""
        if moment not in self.written:
            self.written[moment] = max(
                cycle for began, cycle in self.written.items() if began <= moment <= began + GATHER
            )
        return self.written[moment]

    def _collect(self) -> None:
        for name, receiver in self.every.items():
            for id_ in receiver.received:
                message = self.messages[id_]
                doubtful = (name, message.id) in self.before
                receipt = Receipt(self.cycle, message, self._cycle_of(message.written_at), doubtful)
                self.receipts.setdefault(name, []).append(receipt)
                self.made["received"] += 1
            receiver.received.clear()

    def counted(self) -> "Counts":
        counts = Counts(made=self.made)
        counts.lost += [f"a run of cycle {cycle} ended in a bug" for cycle in self.crashed]
        counts.lost += list(self._alerts())
        for name in _WANTED:
            receipts = self.receipts.get(name, [])
            counts.lost += list(self._lost(name, receipts))
            counts.doubled += list(self._doubled(name, receipts))
            counts.disordered += list(self._disordered(name, receipts))
        return counts

    def _open(self, severities: set[str]) -> set[tuple[str, str]]:
        """Give the targets and incidents that are open now, of *severities*."""
        findings = ((target, FINDINGS[each]) for target, names in self.found.items() for each in names)
        return {(target, each.incident) for target, each in findings if each.severity.value in severities}

    def _alerts(self) -> Iterator[str]:
        """At the end an alert is open for each incident that pages, and for no other."""
        about: dict[str, set[tuple[str, str]]] = {}
        for message in self.messages.values():
            for key, incidents in message.alerts:
                about.setdefault(key, set()).update(incidents)
        unsaved = {key for message in self.messages.values() if message.is_unsaved for key, _ in message.alerts}
        alerts, pages = self.every["paging"].alerts, self._open({Severity.CRITICAL.value})
        for target, incident in pages - {each for key in alerts for each in about.get(key, ())}:
            yield f"paging: {incident} of {target} is open, and there is no alert"
        for key, summary in alerts.items():
            if "cannot check" in summary and key not in unsaved:
                yield f"paging: {summary}"
            # What was sent and could not be saved said so: its end may be known to nobody.
            if key in about and about[key].isdisjoint(pages) and key not in unsaved:
                yield f"paging: {about[key]} has ended, and its alert is open"

    def _lost(self, name: str, receipts: list[Receipt]) -> Iterator[str]:
        last: dict[str, tuple[tuple[tuple[str, str], ...], Sending]] = {}
        for receipt in receipts:
            for key, incidents in receipt.message.alerts:
                last[key] = incidents, receipt.message
        is_open = self._open(_WANTED[name])
        known = {each for incidents, _ in last.values() for each in incidents if not each[1].startswith("unknown ")}
        # What was sent and could not be saved said so: its end may be known to nobody.
        unsure = {each for incidents, message in last.values() if message.is_unsaved for each in incidents}
        for target, incident in is_open - known:
            yield f"{name}: {incident} of {target} is open, and the last word is its end or none"
        for target, incident in known - is_open - unsure:
            yield f"{name}: {incident} of {target} has ended, and that was not received"
        for key, (incidents, message) in last.items():
            if any(each[1].startswith("unknown ") for each in incidents) and not message.is_unsaved:
                yield f"{name}: {incidents} of {key}: a check works again, and that was not received"

    def _doubled(self, name: str, receipts: list[Receipt]) -> Iterator[str]:
        seen: dict[str, int] = {}
        for receipt in receipts:
            before = seen.get(receipt.message.id)
            seen[receipt.message.id] = receipt.cycle
            if before is None:
                continue
            if any(before <= cycle <= receipt.cycle for cycle in self.shaken):
                self.made["doubled after a crash"] += 1
            elif not receipt.doubtful:
                yield f"{name}: {receipt.message.id} of cycle {before} again in {receipt.cycle}"

    def _disordered(self, name: str, receipts: list[Receipt]) -> Iterator[str]:
        begun: set[str] = set()
        newest, seen = dict[str, int](), set[str]()
        for receipt in receipts:
            for key, incidents in receipt.message.alerts:
                if not incidents and key not in begun:
                    yield f"{name}: the end of {key} before its beginning, in cycle {receipt.cycle}"
                begun.add(key)
                if receipt.message.id not in seen and receipt.written < newest.get(key, 0):
                    yield f"{name}: a message of cycle {receipt.written} about {key} after one of {newest[key]}"
                newest[key] = max(newest.get(key, 0), receipt.written)
            seen.add(receipt.message.id)


@dataclass
class Counts:
    made: Counter[str]
    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    disordered: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        made = ", ".join(f"{name} {number}" for name, number in sorted(self.made.items()))
        return f"{made}; lost {len(self.lost)}, doubled {len(self.doubled)}, out of order {len(self.disordered)}"

    @property
    def problems(self) -> list[str]:
        return [*self.lost, *self.doubled, *self.disordered]


def chaos(folder: Path, seed: int, cycles: int, *, grouped: bool = False) -> Counts:
    """Live through so many wild cycles and a calm end, and count."""
    kill = Killer()
    with receivers(kill) as (every, ports):
        world = Chaos(folder, seed, every, ports, kill, grouped)
        for _ in range(cycles):
            world.wild()
        for after in _CALM:
            world.calm(after)
        return world.counted()
