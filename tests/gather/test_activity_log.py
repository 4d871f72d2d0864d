"""Who wrote a firewall rule last, by Azure's activity log."""

from datetime import UTC, datetime, timedelta

import pytest

from shared.gather.activity_log import last_writer
from shared.gather.attempt import GatherError
from shared.model.attribution import Actor
from tests.cloud.arm import EVENTS, SERVER, FakeArm, error, event
from tests.cloud.cloud import Cloud
from tests.patience import LONG

_RULE = f"{SERVER}/firewallRules/office"
_NOW = datetime(2025, 9, 4, 12, tzinfo=UTC)


def _last(cloud: Cloud) -> Actor | None:
    return last_writer(_RULE, cloud.identity, _NOW, LONG)


def _at(hour: int) -> str:
    return f"2025-09-04T{hour:02}:00:00.1234567Z"


@pytest.mark.parametrize(
    ("events", "by"),
    [
        pytest.param([], None, id="none is kept, or none may be seen"),
        pytest.param([("alice", 8, "write", "Started"), ("alice", 9, "write", "Succeeded")], ("alice", 9), id="one"),
        pytest.param([("bob", 9, "write", "Succeeded"), ("alice", 8, "write", "Succeeded")], ("bob", 9), id="the last, in any order"),
        pytest.param([("alice", 8, "write", "Succeeded"), ("bob", 9, "write", "Failed")], ("alice", 8), id="the last failed"),
        pytest.param([("alice", 8, "write", "Accepted")], None, id="its end is not known"),
        pytest.param([("alice", 8, "write", "Succeeded"), ("bob", 9, "delete", "Succeeded")], None, id="deleted since, and made again"),
        pytest.param([("alice", 8, "write", "Succeeded"), (None, 9, "write", "Succeeded")], None, id="nobody is named"),
    ],
)  # fmt: skip
def test_the_caller_of_the_last_write(
    cloud: Cloud, arm: FakeArm, events: list[tuple[str | None, int, str, str]], by: tuple[str, int] | None
) -> None:
    arm.page = 1
    arm.things[EVENTS] = [
        event(f"{SERVER}/firewallRules/other", "carol", _at(10)),
        *(event(_RULE.upper(), caller, _at(hour), action, status) for caller, hour, action, status in events),
    ]
    found = _last(cloud)
    expected = None
    if by is not None:
        expected = Actor(by[0], "activity log", _NOW.replace(hour=by[1]) + timedelta(microseconds=123456))
    assert found == expected
    assert arm.versions == {"2015-04-01"}
    assert set(arm.asked) == {EVENTS}


def test_why_it_is_not_known(cloud: Cloud, arm: FakeArm) -> None:
    arm.instead[EVENTS] = error(403, "AuthorizationFailed")
    with pytest.raises(
        GatherError, match=r"^the activity log of office: .* it needs the role Reader on the server, or on"
    ):
        _last(cloud)
