"""What a release makes is found again by another process, and by none that it is not for."""

import tempfile
from pathlib import Path

import pytest

from shared.diagnose import made
from shared.diagnose.schema import schema_of_release
from shared.gather.sources.cache import Cache
from shared.model.knowledge import Unavailable
from shared.model.question import NO_ANSWERS, Accepted, Answers, Question
from shared.model.release import Migration, Release
from shared.model.schema import Schema
from shared.model.schema_document import as_document
from shared.run import kept_schemas
from shared.run.kept_schemas import KeptSchema

ANSWERS: Answers = {Question("SELECT 1", ("public",)): Accepted()}


def release(changed: bytes = b"", count: int = 40) -> Release:
    scripts = [f"CREATE TABLE t{number} (id serial PRIMARY KEY);".encode() for number in range(count)]
    scripts[-1] += changed
    migrations = tuple(Migration(f"{number}_a", script) for number, script in enumerate(scripts))
    return Release("v1", "folder", "sha256:0", "postgresql", migrations)


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    another_process(monkeypatch)


def another_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """It has found out nothing itself."""
    monkeypatch.setattr(made, "_kept", {})


def found_out(shipped: Release, schema: str = "public") -> Schema:
    kept = KeptSchema(shipped, schema, NO_ANSWERS)
    kept.take()
    found = schema_of_release(shipped, schema)
    kept.keep()
    assert isinstance(found, Schema)
    return found


def taken(shipped: Release, schema: str = "public", answers: Answers = NO_ANSWERS) -> Schema | None:
    KeptSchema(shipped, schema, answers).take()
    return made.made_before(shipped, schema, answers)


def test_another_process_finds_it(monkeypatch: pytest.MonkeyPatch) -> None:
    found = found_out(release())
    another_process(monkeypatch)
    again = taken(release())
    assert again == found
    assert again is not found
    assert schema_of_release(release(), "public") is again


def test_it_is_found_for_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    found_out(release())
    another_process(monkeypatch)
    assert taken(release(b" DROP TABLE t1;")) is None
    assert taken(release(count=39)) is None
    assert taken(release(), "other") is None
    assert taken(release(), answers=ANSWERS) is None
    monkeypatch.setattr(kept_schemas, "_program", lambda: "another version")
    assert taken(release()) is None


def test_a_name_and_a_script_are_not_mistaken_for_one_another(monkeypatch: pytest.MonkeyPatch) -> None:
    shipped = release()
    found_out(shipped)
    another_process(monkeypatch)
    moved = (Migration("0_", b"a" + (shipped.migrations[0].script or b"")), *shipped.migrations[1:])
    assert taken(Release("v1", "folder", "sha256:0", "postgresql", moved)) is None


@pytest.mark.parametrize(
    "document", [pytest.param(b"", id="nothing"), pytest.param(b'{"Table":{}}', id="something else")]
)
def test_what_is_no_schema_is_not_taken(monkeypatch: pytest.MonkeyPatch, document: bytes) -> None:
    found = found_out(release())
    key = kept_schemas._key(release(), "public", NO_ANSWERS)
    assert Cache.here().get(key) == as_document(found)
    Cache.here().put(key, document)
    another_process(monkeypatch)
    assert taken(release()) is None
    assert found_out(release()) == found
    assert Cache.here().get(key) == as_document(found)


def test_a_folder_that_others_may_write_to_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found_out(release())
    (folder,) = tmp_path.iterdir()
    folder.chmod(0o777)
    another_process(monkeypatch)
    assert taken(release()) is None


@pytest.mark.parametrize(
    "shipped",
    [
        pytest.param(release(count=3), id="few migrations"),
        pytest.param(release(b" SELECT 'not ended"), id="cannot be parsed"),
        pytest.param(Unavailable("the source is down"), id="no release"),
    ],
)
def test_nothing_is_kept_of(tmp_path: Path, shipped: Release | Unavailable) -> None:
    kept = KeptSchema(shipped, "public", NO_ANSWERS)
    kept.take()
    if isinstance(shipped, Release):
        schema_of_release(shipped, "public")
    kept.keep()
    assert [file for folder in tmp_path.iterdir() for file in folder.iterdir()] == []


def test_a_file_of_the_program_that_changes_changes_the_key(tmp_path: Path) -> None:
    file = tmp_path / "a.py"
    file.write_text("1")
    before = kept_schemas._described(str(file))
    (tmp_path / "b.py").write_text("2")
    (tmp_path / "b.py").replace(file)
    assert kept_schemas._described(str(file)) != before
