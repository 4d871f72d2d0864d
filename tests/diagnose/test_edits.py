"""Which differences come from a file that was edited after it was applied, with and without the file that ran."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from shared.diagnose.diagnosis import diagnose
from shared.model.database import HistoryRow
from shared.model.diagnosis import Comparison, Diagnosis, Edit
from shared.model.release import Migration, Release
from tests.builders import facts, reading, row
from tests.diagnose.test_schema import live, resolved, shipping

INIT = "CREATE TABLE users (id int PRIMARY KEY, name text);"
RAN = "CREATE TABLE posts (id int PRIMARY KEY, title varchar(50), old int); CREATE TYPE mood AS ENUM ('low');"
EDITED = "CREATE TABLE posts (id int PRIMARY KEY, title text, note text); CREATE TYPE mood AS ENUM ('low', 'high');"
MISSING, CHANGED, UNEXPECTED = "column public.posts.note", "column public.posts.title", "column public.posts.old"
ALL = {MISSING, CHANGED, UNEXPECTED, "enum public.mood"}
EDIT, MAYBE = (Edit("2", certain=True),), (Edit("2", certain=False),)
EDITED_RELEASE = shipping(("1", INIT), ("2", EDITED))
AHEAD = shipping(("1", INIT), ("2", RAN), ("3", "SELECT 1"))
EARLIER = replace(EDITED_RELEASE, earlier=(Migration("2", b"SELECT 1"), Migration("2", RAN.encode())))
ROWS = [row("1", content=INIT.encode(), minutes_ago=3), row("2", content=RAN.encode(), minutes_ago=2)]


def edits(
    *there: str, shipped: Release = EDITED_RELEASE, ahead: Release | None = None, rows: Sequence[HistoryRow] = ROWS
) -> dict[str, tuple[Edit, ...]]:
    found = diagnose(facts(shipped, reading(*rows, catalog=live(*there)), ahead=ahead))
    assert isinstance(found, Diagnosis)
    assert isinstance(found.schema, Comparison)
    subjects = {difference.subject for difference in found.schema.differences}
    assert found.edits.keys() <= subjects
    return {str(subject): found.edits.get(subject, ()) for subject in subjects}


@pytest.mark.parametrize(
    ("shipped", "ahead", "edit"),
    [
        pytest.param(EDITED_RELEASE, AHEAD, EDIT, id="ahead has the file that ran"),
        pytest.param(EARLIER, None, EDIT, id="the source had it earlier"),
        pytest.param(EDITED_RELEASE, replace(EARLIER, migrations=()), EDIT, id="the source of ahead had it earlier"),
        pytest.param(EDITED_RELEASE, None, MAYBE, id="it is nowhere"),
        pytest.param(EDITED_RELEASE, shipping(("2", "SELECT 1")), MAYBE, id="what is ahead is a third file"),
        pytest.param(EDITED_RELEASE, shipping(("3", RAN)), MAYBE, id="it is another migration's"),
    ],
)
def test_the_difference_that_an_edit_makes(shipped: Release, ahead: Release | None, edit: tuple[Edit, ...]) -> None:
    assert edits(INIT, RAN, shipped=shipped, ahead=ahead) == dict.fromkeys(ALL, edit)


def test_drift_beside_an_edit_is_none_of_it() -> None:
    drifted = ("ALTER TABLE users DROP COLUMN name", "CREATE TABLE tmp (id int)")
    found = edits(INIT, RAN, *drifted, ahead=AHEAD)
    assert found == {**dict.fromkeys(ALL, EDIT), "column public.users.name": (), "table public.tmp": ()}


def test_drift_in_what_was_edited_is_possibly_related() -> None:
    found = edits(INIT, RAN, "ALTER TABLE posts ALTER title TYPE varchar(9)", ahead=AHEAD)
    assert found == {**dict.fromkeys(ALL, EDIT), CHANGED: MAYBE}


def test_without_the_file_only_objects_that_the_edited_one_names_may_come_from_it() -> None:
    drifted = ("ALTER TABLE users DROP COLUMN name", "CREATE TABLE tmp (id int)")
    found = edits(INIT, RAN, *drifted)
    assert found == {**dict.fromkeys(ALL, MAYBE), "column public.users.name": (), "table public.tmp": ()}


def test_a_comment_explains_nothing() -> None:
    shipped = shipping(("1", INIT), ("2", f"-- posts\n{RAN}"))
    found = edits(INIT, RAN, "ALTER TABLE posts DROP COLUMN title", shipped=shipped, ahead=AHEAD)
    assert found == {CHANGED: ()}


def test_no_difference_has_no_edit() -> None:
    assert edits(INIT, EDITED) == {}


def test_what_was_recorded_without_being_run() -> None:
    rows = [ROWS[0], resolved("2", 2, RAN.encode())]
    assert edits(INIT, RAN, ahead=AHEAD, rows=rows) == dict.fromkeys(ALL, (Edit("2", certain=True, started=False),))


class TestOfTwo:
    OTHER, EDITED_OTHER = "CREATE TABLE tags (id int);", "CREATE TABLE tags (id int, label text);"
    SHIPPED = shipping(("1", INIT), ("2", EDITED), ("3", EDITED_OTHER))
    ROWS = (*ROWS, row("3", content=OTHER.encode(), minutes_ago=1))
    LABEL = "column public.tags.label"

    def test_each_has_its_own(self) -> None:
        ahead = shipping(("2", RAN), ("3", self.OTHER))
        found = edits(INIT, RAN, self.OTHER, shipped=self.SHIPPED, ahead=ahead, rows=self.ROWS)
        assert found == {**dict.fromkeys(ALL, EDIT), self.LABEL: (Edit("3", certain=True),)}

    def test_the_file_of_one_is_known(self) -> None:
        ahead = shipping(("2", RAN))
        found = edits(INIT, RAN, self.OTHER, shipped=self.SHIPPED, ahead=ahead, rows=self.ROWS)
        assert found == {**dict.fromkeys(ALL, EDIT), self.LABEL: (Edit("3", certain=False),)}


def test_files_that_cannot_be_read_prove_nothing() -> None:
    broken = "CREATE TABLE posts (id int); SELECT 'no end"
    rows = [ROWS[0], row("2", content=broken.encode(), minutes_ago=2)]
    assert edits(INIT, RAN, ahead=shipping(("2", broken)), rows=rows) == dict.fromkeys(ALL, MAYBE)
