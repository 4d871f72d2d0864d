"""What is shown is read from what is remembered: within its time, and sent again only where it has changed."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from threading import Event

import pytest

from shared.entrypoints import remembered as module
from shared.entrypoints.http.call import HttpCall
from shared.entrypoints.http.pages import status
from shared.entrypoints.http.site import Site
from shared.entrypoints.remembered import all_briefs, all_remembered
from shared.memory import MemoryFile, RememberError, memory_of
from shared.model.digest import digest
from shared.model.memory import Memory
from shared.model.settings import BrokenTarget, MemorySettings, Settings, Target
from shared.report.html.page import Remembered
from shared.report.json import as_document, dumps
from tests.alerts.news import FAILED, report
from tests.builders import NOW, target


def settings(folder: Path, *names: str) -> Settings:
    targets = tuple(replace(target(), name=name) for name in names)
    return Settings(targets, memory=MemorySettings(folder=str(folder)))


def test_storage_that_hangs_is_not_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hangs = Event()

    def read(each: Target | BrokenTarget, settings: Settings) -> Remembered:
        assert each in settings.targets
        hangs.wait()
        return Remembered(each.name, None)

    monkeypatch.setattr(module, "remembered", read)
    states = all_remembered(settings(tmp_path, "a", "b"), timedelta(0))
    hangs.set()
    assert [(state.name, state.broken) for state in states] == [
        (name, "its memory could not be read within 0 seconds") for name in ("a", "b")
    ]


QUOTED = "contains null values"


def test_error_lines_stay_where_they_are(tmp_path: Path) -> None:
    text = dumps(as_document(report(FAILED, at=NOW)))
    assert QUOTED in text
    place = MemoryFile(tmp_path, "production")
    place.save(Memory("production", last_report=digest(text)), {digest(text): text})
    shown = settings(tmp_path, "production")
    (state,) = all_remembered(shown)
    assert state.report is not None
    assert QUOTED not in repr(state)
    (state,) = all_remembered(replace(shown, alerts=replace(shown.alerts, error_lines=True)))
    assert QUOTED in repr(state)


@pytest.mark.parametrize("text", ["[]", "{", '{"version": 1}', '{"findings": [1]}', "[" * 100_000])
def test_a_damaged_report_is_none(tmp_path: Path, text: str) -> None:
    place = MemoryFile(tmp_path, "production")
    place.save(Memory("production", last_report=digest(text)), {digest(text): text})
    (state,) = all_remembered(settings(tmp_path, "production"))
    assert state.report is None


def test_what_is_shown_among_many_is_made_once_of_each_memory(tmp_path: Path) -> None:
    shown, text = settings(tmp_path, "production"), dumps(as_document(report(FAILED, at=NOW)))
    place = MemoryFile(tmp_path, "production")
    place.save(Memory("production", last_report=digest(text)))
    (without,) = all_briefs(shown)
    place.save(Memory("production", last_report=digest(text)), {digest(text): text})
    (first,), (again,) = all_briefs(shown), all_briefs(shown)
    assert (without.report, first.report is not None, again is first) == (None, True, True)
    place.save(Memory("production", last_report=digest(text), next_run_at=NOW))
    (changed,) = all_briefs(shown)
    assert (changed.next_run_at, changed.report) == (NOW, first.report)
    broken = replace(shown, targets=(), broken=(BrokenTarget("production", ()),))
    assert [each.why is None for each in (*all_briefs(shown), *all_briefs(broken))] == [True, False]


def test_what_this_process_could_not_save_is_shown_and_not_kept(tmp_path: Path) -> None:
    shown = settings(tmp_path, "held")
    place = memory_of("held", shown.memory)
    place.save(Memory("held"))
    (before,) = all_briefs(shown)
    (tmp_path / ".held.json.part").mkdir()
    with pytest.raises(RememberError):
        place.save(Memory("held", next_run_at=NOW))
    (after,) = all_briefs(shown)
    assert (before.next_run_at, after.next_run_at) == (None, NOW)


def test_a_page_is_sent_again_where_its_memory_or_the_minute_changed(tmp_path: Path) -> None:
    site = Site(settings(tmp_path, "production"), is_local=True)
    place = MemoryFile(tmp_path, "production")
    place.save(Memory("production"))
    call = HttpCall("GET", "/api/status/production", "production", {}, {})
    tag = status(call, site, NOW).headers["ETag"]
    again = replace(call, headers={"If-None-Match": tag})
    assert (status(again, site, NOW).status, status(again, site, NOW).body) == (304, "")
    assert status(again, site, NOW + timedelta(minutes=1)).status == 200
    place.save(Memory("production", check_asked=NOW))
    assert status(again, site, NOW).status == 200
