"""Which steps end the sessions that a deployment waits for."""

from dataclasses import replace

import pytest

from shared.model.database import History
from shared.model.settings import RemedySettings
from shared.remedies.stopping import Production, stop_of
from tests.builders import reading
from tests.docs.test_watch_page import BLOCKS, DEPLOYS, MOMENT


@pytest.mark.parametrize(
    ("state", "ways"),
    [
        pytest.param("idle in transaction", ["terminate"], id="idle: it has no query that could be cancelled"),
        pytest.param("idle in transaction (aborted)", ["terminate"], id="idle after an error"),
        pytest.param("active", ["cancel", "terminate"], id="active: what it did before may be kept"),
        pytest.param(None, ["cancel", "terminate"], id="not visible"),
    ],
)
def test_the_query_of_a_blocking_session_is_cancelled_first(state: str | None, ways: list[str]) -> None:
    known = reading()
    assert isinstance(known.history, History)
    seen = replace(MOMENT, chain=(replace(BLOCKS, state=state),))
    steps = stop_of(seen, (), Production((), RemedySettings(), known, known.history)).steps
    found = [each.command for each in steps if each.choice and each.command]
    assert [each.partition("pg_")[2].partition("_backend")[0] for each in found] == ways
    unseen = replace(MOMENT, session=replace(DEPLOYS, since=None), chain=(replace(BLOCKS, since=None),))
    hidden = stop_of(unseen, (), Production((), RemedySettings(), known, known.history)).steps
    assert not [each for each in hidden if "_backend(" in (each.command or "")]
    assert all(f"pid = {BLOCKS.pid} AND backend_start = '{BLOCKS.since}'" in each for each in found)
