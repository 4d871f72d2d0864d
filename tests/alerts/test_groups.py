"""Incident groups: the same problem on several targets is one message and one page, updated as targets join and leave."""

from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from shared.alerts.channels.teams.card import LARGEST, as_teams_post
from shared.alerts.groups import groups_of
from shared.alerts.messages.text import as_plain_text
from shared.memory import MemoryFile, RememberError, UnsavedError
from shared.memory.place import NO_TEXTS
from shared.model.finding import Cause, Json, Step
from shared.model.memory import Memory
from shared.model.message import Message
from shared.model.settings import MemorySettings, Settings
from tests.alerts.decide.story import API_DOWN, DRIFT, EDITED, FAILED, FEW_USERS, ROLLED_BACK, TEAM
from tests.alerts.fleet import Fleet
from tests.builders import target

ALL = [f"db{number}" for number in range(1, 5)]
CAUSED = replace(API_DOWN, because=(Cause(FAILED.key, certain=True),))
FIXED = replace(FAILED, remedy=(Step("Mark it as rolled back.", "npx prisma migrate resolve --rolled-back 2"),))
HOUR = timedelta(hours=1)


@pytest.fixture
def fleet(tmp_path: Path) -> Fleet:
    return Fleet(tmp_path)


def test_one_bad_release_is_one_message_and_one_page(fleet: Fleet) -> None:
    fleet.tick(*ALL, found=(FIXED, CAUSED))
    assert [action for action, _ in fleet.pages()] == ["trigger"]
    assert fleet.headlines == [
        f"{name}: migration 2 failed on 4 targets, since 09:10 UTC" for name in ("team", "pager")
    ]


def test_joins_and_leaves_wait_for_the_next_message(fleet: Fleet) -> None:
    fleet.tick("db1", "db2", found=(FAILED,))
    opened = fleet.pages()
    fleet.headlines  # noqa: B018  # read
    fleet.tick("db3", found=(FAILED,))
    fleet.tick("db1")
    assert fleet.headlines == [], "one message every 15 minutes at most"
    fleet.tick("db2", found=(FAILED,))
    assert fleet.pages() == opened, "the alert of before is updated, which pages nobody"
    assert fleet.headlines == [
        f"{name}: changed: migration 2 failed on db2 and db3 (1 new, 1 resolved), since 09:10 UTC"
        for name in ("team", "pager")
    ]
    fleet.tick("db2", after=HOUR)
    assert fleet.headlines == [
        f"{name}: changed: migration 2 failed on db3 (1 resolved), since 09:10 UTC" for name in ("team", "pager")
    ]
    fleet.tick("db3")
    assert fleet.pages() == [("resolve", opened[0][1])]
    assert fleet.headlines == [
        f"{name}: migration 2: resolved on all 3 targets, after 1 h 26 min" for name in ("team", "pager")
    ]
    assert fleet.memory().groups == ()


def test_a_clock_that_was_ahead_holds_nothing_back(fleet: Fleet) -> None:
    fleet.tick("db1", "db2", found=(FAILED,))
    fleet.received.clear()
    fleet.tick("db1", after=timedelta(days=-3))
    assert any("migration 2 failed on db2 (1 resolved)" in each for each in fleet.headlines)


def test_what_channels_get_of_one_moment_is_one_message_only_where_it_is_the_same(fleet: Fleet) -> None:
    """A receiver takes the same id for a repetition, and drops it."""
    other_team = replace(TEAM, name="others")
    oncall = replace(TEAM, name="oncall", severities=("critical",))
    fleet.channels = (TEAM, other_team, oncall)
    fleet.tick("db1", "db2", found=(FAILED, EDITED))
    # Its end for those on call; the team still has the warning.
    fleet.tick("db1", "db2", found=(EDITED,), after=HOUR)
    opened, changed = fleet.received[:3], fleet.received[3:]
    for each in (opened, changed):
        ids = {channel: message.id for channel, message, _ in each}
        assert ids["team"] == ids["others"] != ids["oncall"]


def test_the_run_that_opens_a_group_waits_for_others(fleet: Fleet) -> None:
    """Of two runs at once the first sends what both have; the second waits for nothing."""

    fleet.meanwhile = lambda: fleet.run("db2", FAILED)
    fleet.run("db1", FAILED)
    assert fleet.waited == [60]
    assert fleet.headlines == [
        f"{name}: migration 2 failed on db1 and db2, since 09:05 UTC" for name in ("team", "pager")
    ]


def test_the_messages_of_an_only_member_are_its_own(fleet: Fleet, tmp_path: Path) -> None:
    """In the words of a message without groups, from the first to the last; and one page for all of it."""
    alone = Fleet(tmp_path / "alone")
    alone.has_groups = False
    for found in ((FIXED, CAUSED), (ROLLED_BACK,), ()):
        for each in (fleet, alone):
            each.now = fleet.now + timedelta(minutes=5) if each is fleet else fleet.now
        alone.run("db1", *found)
        fleet.run("db1", *found, gather=timedelta(0))
        assert [_words(*each) for each in fleet.received] == [_words(*each) for each in alone.received]
    actions = [action for action, _ in fleet.pages()]
    assert (actions, len({key for _, key in fleet.pages()})) == (["trigger", "trigger", "resolve"], 1)


def _words(channel: str, message: Message, report: Mapping[str, Json] | None) -> tuple[object, ...]:
    return channel, message.kind, message.severities, message.headline, message.sections, report


def test_a_worse_severity_is_sent_at_once(fleet: Fleet) -> None:
    fleet.channels = (TEAM,)
    fleet.tick("db1", "db2", found=(EDITED,))
    assert fleet.headlines == ["team: migration 1 was edited after it was applied on db1 and db2, since 09:10 UTC"]
    fleet.tick("db2", found=(replace(FAILED, subject="1"),))
    assert fleet.headlines == [
        "team: changed: migration 1 failed on db2; migration 1 was edited after it was applied on db1, since 09:10 UTC"
    ]


def test_what_is_unrelated_is_sent_by_its_target(fleet: Fleet) -> None:
    fleet.channels = (TEAM,)
    fleet.now += timedelta(minutes=5)
    fleet.run("db1", FAILED, DRIFT, leads=False)
    assert fleet.headlines == ["team: db1: missing in the schema (column public.folders.project_id), since 09:10 UTC"]
    fleet.run("db2", FAILED, leads=False)
    fleet.now += timedelta(minutes=1)
    fleet.flush()
    assert fleet.headlines == ["team: migration 2 failed on db1 and db2, since 09:10 UTC"]


def test_another_code_is_another_group(fleet: Fleet) -> None:
    fleet.channels = (TEAM,)
    fleet.now += timedelta(minutes=5)
    for name, found in (("db1", FAILED), ("db2", FAILED), ("db3", ROLLED_BACK), ("db4", ROLLED_BACK)):
        fleet.run(name, found, leads=False)
    fleet.now += timedelta(minutes=1)
    fleet.flush()
    keys = {message.key_of(message.events[0]) for _, message, _ in fleet.received}
    assert len(keys) == 2
    assert fleet.headlines == [
        "team: migration 2 failed on db1 and db2, since 09:10 UTC",
        "team: migration 2 was rolled back on db3 and db4, since 09:10 UTC",
    ]


class Counted(MemoryFile):
    """A place that counts what would be requests to a storage account."""

    def __init__(self, folder: Path, name: str, requests: Counter[str]) -> None:
        super().__init__(folder, name)
        self._requests = requests

    def load(self) -> Memory:
        self._requests["read"] += 1
        return super().load()

    def save(self, memory: Memory, texts: Mapping[str, str] = NO_TEXTS) -> None:
        self._requests["written"] += 1 + len(texts)
        super().save(memory, texts)

    @contextmanager
    def alone(self) -> Iterator[None]:
        self._requests["leases"] += 1
        with super().alone():
            yield


@pytest.mark.parametrize("many", [60, pytest.param(200, marks=pytest.mark.long)])
def test_all_targets_of_one_tick_are_one_message_and_one_page(
    many: int, fleet: Fleet, monkeypatch: pytest.MonkeyPatch
) -> None:
    requests = Counter[str]()
    monkeypatch.setattr(Fleet, "place", lambda self: Counted(self.folder, "~groups", requests))
    names = [f"customer-{number:03}-{'of_a_long_name' * 3}" for number in range(many)]
    long = replace(FIXED, subject=f"20250904_160000_{'rename_folders_' * 15}")
    fleet.tick(*names, found=(long, replace(CAUSED, because=(Cause(long.key, certain=True),))))
    assert [name for name, _, _ in fleet.received] == ["team", "pager"]
    assert [action for action, _ in fleet.pages()] == ["trigger"]
    # Each target reads, takes a lease, reads and writes; one message is saved, sent and settled.
    assert requests == {"leases": many + 1, "read": 2 * many + 2, "written": many + 1 + 2}
    assert (fleet.folder / "~groups.json").stat().st_size < 1_200 * len(names)
    message = fleet.received[0][1]
    assert len(as_teams_post(message)) <= LARGEST
    assert len(as_plain_text(message).splitlines()) < 40


def test_who_has_nothing_in_common_asks_for_no_group(fleet: Fleet) -> None:
    fleet.run("db1", FEW_USERS)
    fleet.run("db2", DRIFT)
    fleet.run("db2")
    assert [path.name for path in sorted(fleet.folder.glob("*.json"))] == ["db1.json", "db2.json"]


def test_one_target_has_no_groups(tmp_path: Path) -> None:
    one = Settings((target(),), Fleet(tmp_path).alerts, memory=MemorySettings(folder=str(tmp_path)))
    assert groups_of(one) is None
    assert groups_of(replace(one, targets=(target(), replace(target(), name="db2")))) is not None


def test_a_silenced_member_is_listed_with_the_reason(fleet: Fleet) -> None:
    fleet.tick(*ALL, found=(FAILED,))
    fleet.silence("db1", "migration 2")
    fleet.received.clear()
    fleet.tick(*ALL, found=(FAILED,), after=timedelta(minutes=20))
    (_, message, _), _ = fleet.received
    assert message.headline == "changed: migration 2 failed on 3 targets (1 silenced), since 09:10 UTC"
    (section,) = (section for section in message.sections if section.title == "SILENCED")
    assert [item.text for item in section.items] == ["db1: silenced by Ada until 13:11 UTC: on it."]
    for name in ALL[1:]:
        fleet.silence(name, "migration 2")
    fleet.received.clear()
    fleet.tick(*ALL, found=(FAILED,))
    assert [name for name, _, _ in fleet.received] == ["team", "pager"], "all of it is silenced: that is acknowledged"
    assert [action for action, _ in fleet.pages()] == ["acknowledge"]
    fleet.received.clear()
    fleet.tick(*ALL)
    assert [action for action, _ in fleet.pages()] == ["resolve"]


def test_targets_of_a_server_that_cannot_be_reached(fleet: Fleet) -> None:
    fleet.channels = (TEAM,)
    for _ in range(2):
        fleet.now += timedelta(minutes=5)
        for name in ALL:
            fleet.run(name, leads=False, unreachable=True, no_result=("history", "schema", "seeds"))
    fleet.now += timedelta(minutes=1)
    fleet.flush()
    assert fleet.headlines == [
        "team: cannot check 4 targets, since 09:10 UTC: db.example.com:5432 cannot be reached. This is NOT an all-clear."
    ]
    fleet.tick(*ALL)
    assert fleet.headlines == [
        "team: db.example.com:5432 cannot be reached: checks work again on all 4 targets, after 12 min"
    ]


def test_a_member_whose_channel_is_busy_is_sent_the_group_late(fleet: Fleet) -> None:
    fleet.moods = {"pager": "busy"}
    fleet.tick(*ALL, found=(FAILED,))
    fleet.moods = {}
    fleet.received.clear()
    fleet.tick(*ALL, found=(FAILED,))
    assert fleet.headlines == ["pager: late migration 2 failed on 4 targets, since 09:10 UTC"]


def test_groups_that_cannot_be_saved(fleet: Fleet) -> None:
    """What opens is sent by its target. What a group knows of waits until it can be saved, and people know that."""
    fleet.tick("db1", "db2", found=(FAILED,))
    fleet.received.clear()
    (fleet.folder / "~groups.json").chmod(0o400)
    aside = fleet.folder / ".~groups.json.part"
    aside.mkdir()
    fleet.now += timedelta(minutes=5)
    with pytest.raises(RememberError, match="cannot write"):
        fleet.run("db3", FAILED, leads=False)
    assert fleet.headlines == [f"{name}: db3: migration 2 failed, since 09:16 UTC" for name in ("team", "pager")]
    with pytest.raises(UnsavedError, match="cannot write"):
        fleet.run("db1", leads=False)
    assert fleet.headlines == [f"{name}: db1: the monitor could not save its state" for name in ("team", "pager")]
    aside.rmdir()
    fleet.tick("db1", "db2", "db3")
    assert fleet.memory().groups == ()
    assert fleet.headlines == [
        *(f"{name}: db3 matches v2 again, after 5 min" for name in ("team", "pager")),
        *(f"{name}: migration 2: resolved on all 2 targets, after 12 min" for name in ("team", "pager")),
    ]


def test_what_a_run_leaves_that_died_has_a_time(fleet: Fleet) -> None:
    """Where no run of a member comes by, the timer sends it then."""
    fleet.now += timedelta(minutes=5)
    fleet.run("db1", FAILED, leads=False)
    assert fleet.memory().next_run_at == fleet.now + timedelta(minutes=1)
    fleet.now += timedelta(minutes=5)
    fleet.moods = {"pager": "busy"}
    fleet.flush()
    assert fleet.memory().next_run_at is not None, "a channel is busy"
    fleet.moods = {}
    fleet.now += timedelta(minutes=5)
    fleet.flush()
    assert fleet.memory().next_run_at is None
