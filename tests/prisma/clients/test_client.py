"""What the real client was seen to suffer after each of 82 changes, held against what is said of it."""

import re
from functools import cache
from pathlib import Path

import pytest

from shared.model.clients import ClientEffect, Suffers
from shared.postgres.parse import read
from shared.postgres.plan.grants import grants
from shared.postgres.plan.known import Known
from shared.postgres.replay import Replay
from shared.prisma.clients.following import Client
from tests.prisma.clients.operations import ANSWERED, OPERATIONS, suffering
from tests.tables import hold

HERE = Path(__file__).parent
BASE = (HERE / "base.sql").read_text()
LINES = [line.split("\t") for line in (HERE / "client.tsv").read_text().splitlines() if not line.startswith("#")]
# An operation that touches the table in passing: the file says no more of it than "nearly everything".
_NOT_COUNTED = frozenset({"post create", "post connect", "deleteMany posts"})
_SUFFERED = re.compile(r"(?P<what>[^:(]+?)(?: \(.*?\))?: (?P<who>[^;]+)")
# Whether these are raised depends on what is written or read. P0001 is raised by code that is not analysed.
_BY_VALUE = frozenset({"P2000", "P2002", "P2003", "P2007", "P2023", "P2039/23514"})
# No row was an ADMIN: that operation answered with nothing before, too.
_ANSWERS = ANSWERED - {"where role"}
_NOT_ANALYSED = "P2039/P0001"
OTHER = "other answer"


def observed(text: str) -> dict[str, str]:
    """What each operation that suffers meets: ``P2022/42703`` or ``other answer``."""
    if text == "nothing":
        return {}
    found: dict[str, str] = {}
    for part in re.split(r"; (?=other answer|P2\d|TypeError)", text):
        what, _, who = part.rpartition(": ")
        what = OTHER if what.startswith(OTHER) else "TypeError" if what.startswith("TypeError") else what
        names = (
            [name for name in OPERATIONS if name not in _NOT_COUNTED] if who == "nearly everything" else who.split(", ")
        )
        found |= dict.fromkeys(names, what)
    return found


@cache
def effects(change: str) -> list[ClientEffect]:
    """What a client of the base is said to suffer in the end."""
    replay = Replay("public")
    for statement in read(BASE):
        replay.run(statement)
    replay.run(next(iter(read("CREATE SCHEMA other"))))
    objects = replay.freeze().objects
    replay.changes()
    client, known = Client(objects, objects), Known(objects)
    suffered: list[ClientEffect] = []
    for statement in read(change.replace(" ;; ", ";\n")):
        given = tuple(grants(statement, known))
        replay.run(statement)
        changes = replay.changes()
        begun, ended = client.follow(changes.objects, changes.opaque, given)
        known.apply(changes.objects)
        suffered = [*(each for each in suffered if each not in ended), *begun]
    return suffered


def code(effect: ClientEffect) -> str:
    if effect.outcome is Suffers.CHANGES:
        return OTHER
    return effect.code + (f"/{effect.sqlstate}" if effect.sqlstate is not None else "")


def fits(effect: ClientEffect, met: str) -> bool:
    said = code(effect)
    return effect.outcome is Suffers.UNKNOWN or said == met or said.startswith(f"{met}/")


class TestLaw:
    def test_every_operation_that_suffers_is_named(self) -> None:
        hold(named, LINES)

    def test_what_suffers_whatever_is_written_is_certain_and_nobody_else(self) -> None:
        hold(certain_and_nobody_else, LINES)

    def test_where_nothing_suffers_all_that_is_said_has_a_condition(self) -> None:
        hold(under_a_condition, [line for line in LINES if line[1] == "nothing"])


def named(line: list[str]) -> None:
    found, met = effects(line[0]), observed(line[1])
    missed = {name: what for name, what in met.items() if not any(fits(e, what) for e in suffering(name, found))}
    assert missed == {}


def certain_and_nobody_else(line: list[str]) -> None:
    change, text = line
    certain, met = [each for each in effects(change) if each.certain], observed(text)
    named = {
        name: sorted({code(each) for each in suffering(name, certain)})
        for name in OPERATIONS
        if text.endswith("nearly everything") is False or name not in _NOT_COUNTED
    }
    wrong = {
        name: said
        for name, said in named.items()
        if said and not (name in met and met[name] in said) and not (said == [OTHER] and name not in _ANSWERS)
    }
    assert wrong == {}
    by_value = {*_BY_VALUE, OTHER, _NOT_ANALYSED}
    uncertain = {
        name: what
        for name, what in met.items()
        if what not in by_value and what.partition("/")[0] not in by_value and what not in named[name]
    }
    assert uncertain == {}


def under_a_condition(line: list[str]) -> None:
    found = effects(line[0])
    on_operations = [each for name in OPERATIONS for each in suffering(name, found)]
    assert [each for each in on_operations if each.certain or not each.because] == []


def test_the_whole_of_it() -> None:
    assert len(LINES) == 82


@pytest.mark.parametrize(
    "change",
    [line[0] for line in LINES if re.search(r" TYPE (?!\w+ RENAME)", line[0]) and "ALTER COLUMN" in line[0]],
)
def test_a_client_that_caches_statements_fails_once_after_a_change_of_type(change: str) -> None:
    said = [each for each in effects(change) if each.sqlstate == "0A000"]
    renamed = "Role_new" in change
    assert [each.certain for each in said] == ([] if renamed else [False])


def test_effects_on_one_table_are_looked_up_apart() -> None:
    """Many foreign keys may refer to one table: with one hash for all that it suffers, each would be compared to all."""
    replay = Replay()
    replay.run_all(list(read("".join(f"CREATE TABLE t{n} (id int PRIMARY KEY, a int);" for n in range(20)))))
    client = Client(None, replay.freeze().objects)
    replay.changes()
    replay.run_all(list(read("".join(f"ALTER TABLE t{n} ADD FOREIGN KEY (a) REFERENCES t0 (id);" for n in range(20)))))
    begun, _ = client.follow(replay.changes().objects, {})
    of_one = {each for each in begun if each.table == ("public", "t0")}
    assert len({hash(each) for each in of_one}) == len(of_one) >= 20
