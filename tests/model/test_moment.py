"""Which texts are a moment."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from shared.model.moment import moment_of

NINE = datetime(2026, 11, 22, 9, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        pytest.param("2026-11-22T09:05:00Z", NINE, id="in UTC"),
        pytest.param("2026-11-22T10:05:00+01:00", NINE.astimezone(timezone(timedelta(hours=1))), id="elsewhere"),
        pytest.param("2026-11-22T09:05:00", None, id="without a zone"),
        pytest.param("yesterday", None, id="no moment"),
        pytest.param("", None, id="nothing"),
        pytest.param(None, None, id="missing"),
    ],
)
def test_moment(text: str | None, moment: datetime | None) -> None:
    assert moment_of(text) == moment
