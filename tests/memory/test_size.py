"""However long a target is watched, and however often it is deployed: its document stays below 200 KiB."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache, lru_cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.diagnose.attribution.own_runs import after_run
from shared.memory.codec import NotInShapeError
from shared.memory.document import LARGEST, understood, written
from shared.model.attribution import Before, Changed, Position
from shared.model.last_seen import Analysed, LastSeen, RowsAnswer, SeenRelease, SeenRow
from shared.model.memory import Memory
from shared.model.question import AnsweredColumn
from tests.alerts.decide.story import EDITED, FAILED, FEW_USERS, Story
from tests.alerts.decide.test_runs import FIVE, FULL, lived
from tests.builders import NOW

# Twelve runs a day: with an hour between them it is the same, and takes twice as long.
HOURS = timedelta(hours=2)
OFTEN_DEPLOYED = 2_000


@cache
def row(number: int) -> SeenRow:
    return SeenRow(f"{number:08}-1234-4321-abcd-0123456789ab", f"{20250101000000 + number}_add_a_column_{number}")


@lru_cache(maxsize=1)
def deployed(migrations: int) -> tuple[tuple[SeenRow, ...], str]:
    """The history, and the short digests of the files."""
    return tuple(map(row, range(migrations))), "".join(f"{number:012x}" for number in range(migrations))


def seen(migrations: int, at: datetime, before: LastSeen) -> LastSeen:
    """What a run sees of a production with so many migrations, each release with one more."""
    history, files = deployed(migrations)
    position = Position("1", 1, 1, 1_000 + migrations, 1_000 + migrations, 10**9 + migrations)
    return LastSeen(
        history=history,
        seeds={"users": 6},
        first_seen={f"release sha256:{migrations:064x}": at},
        rows={f"{migrations:032x}": RowsAnswer(at, 1)},
        releases={f"v{migrations}": SeenRelease(migrations, f"sha256:{migrations:064x}", files)},
        own_runs=after_run(before.own_runs, position, at, ()),
        attributed={f"{number:016x}": Changed(at, Before("check", at), xid=number) for number in range(20)},
    )


def hourly(story: Story, days: int, migrations: int) -> Iterator[int]:
    """Live through so many days with a migration, two incidents and an unknown check a day; give those there are."""
    for number in range(12 * days):
        migrations += number % 12 == 0
        findings = {3: (FEW_USERS,), 4: (FEW_USERS, FAILED), 7: (EDITED,)}.get(number % 12, ())
        no_result = ("schema",) if number % 12 == 10 else ()
        at = story.now + HOURS
        story.run(*findings, no_result=no_result, after=HOURS, seen=seen(migrations, at, story.memory.last_seen))
        yield migrations


@pytest.mark.parametrize("days", [10, pytest.param(1000, marks=pytest.mark.long)])
def test_a_document_is_no_larger_after_years(days: int) -> None:
    story = Story()
    # Until then its runs are a month of them, and its releases and answers as many as there ever are.
    *_, migrations = hourly(story, 40, OFTEN_DEPLOYED)
    before = written(story.memory)
    *_, migrations = hourly(story, days, migrations)
    after = written(story.memory)
    assert understood(after, "production") == story.memory, "all of it has its place"
    assert len(after) < LARGEST
    assert len(after) < len(before) * 1.03


def test_of_a_long_history_the_last_rows_are_remembered() -> None:
    story = Story()
    *_, migrations = hourly(story, 1, OFTEN_DEPLOYED)
    history = story.memory.last_seen.history or ()
    assert history == tuple(map(row, range(migrations)))[-len(history) :]
    assert 400 < len(history) < 600


def test_of_releases_that_share_their_files_all_are_remembered() -> None:
    story = Story()
    for _ in hourly(story, 8, OFTEN_DEPLOYED):
        pass
    assert len(story.memory.last_seen.releases) == 6
    assert len(written(story.memory)) < LARGEST / 2


def test_of_releases_that_share_nothing_those_that_have_their_place() -> None:
    story = Story()
    for number in range(6):
        files = f"{number:012x}" * 1_000
        story.run(seen=LastSeen(releases={f"v{number}": SeenRelease(number, f"sha256:{number}", files)}))
    assert sorted(story.memory.last_seen.releases) == ["v3", "v4", "v5"]


FILES = st.lists(st.sampled_from(["0" * 12, "1" * 12, "2" * 12]), max_size=6).map("".join)


@given(
    st.dictionaries(
        st.text(max_size=3), st.builds(SeenRelease, st.integers(0, 5), st.just("sha256:0"), FILES), max_size=6
    )
)
def test_the_files_of_releases_are_read_as_they_were(releases: dict[str, SeenRelease]) -> None:
    memory = Memory("production", last_seen=LastSeen(releases=releases))
    assert understood(written(memory), "production") == memory


def test_releases_that_only_a_damaged_document_has_are_no_memory() -> None:
    """Each says that it shares a megabyte with the next one."""
    releases = {
        f"v{n}": {"number": n, "digest": "d", "files": "0" * 2**20 if n == 999 else "", "shared": 2**20}
        for n in range(1_000)
    }
    text = json.dumps({"target": "production", "version": 1, "last_seen": {"releases": releases}}).encode()
    with pytest.raises(NotInShapeError):
        understood(text, "production")


def test_what_has_no_place_gives_way_and_never_what_alerts_rest_on() -> None:
    story = Story()
    for _ in hourly(story, 1, OFTEN_DEPLOYED):
        pass
    story.run(FAILED, FEW_USERS)
    story.silence(FAILED.incident)
    columns = {f"{number:032x}": (AnsweredColumn("c" * 60, "t" * 60),) for number in range(180)}
    answers = {f"{number:032x}": RowsAnswer(NOW, because="b" * 60) for number in range(200)}
    last_seen = replace(story.memory.last_seen, analysed=Analysed("0" * 32, columns), rows=answers)
    memory = replace(
        FULL,
        incidents=story.memory.incidents,
        silences=story.memory.silences,
        runs=lived(40, FIVE, unknown=True),
        last_seen=last_seen,
    )
    text = written(memory)
    left = understood(text, "production")
    assert len(text) <= LARGEST
    assert (left.last_seen.analysed, left.last_seen.rows) == (None, {}), "they are asked again"
    assert left.last_seen.history, "it is shorter at most"
    assert (left.incidents, left.silences, left.runs) == (memory.incidents, memory.silences, memory.runs)
    assert left.last_seen.releases == last_seen.releases
