"""The server's log in Log Analytics, by the server's own id."""

import re
from datetime import UTC, datetime

import pytest

from shared.gather.attempt import GatherError
from shared.gather.ddl_log import ServerLog
from shared.model.audit import AuditSettings, LogLine
from tests.cloud.arm import LOGS, SERVER, WORKSPACE, FakeArm, error, garbage, logs
from tests.cloud.cloud import Cloud
from tests.gather.servers import Reply
from tests.patience import LONG

_BEGIN, _END = datetime(2025, 9, 3, 14, 5, tzinfo=UTC), datetime(2025, 9, 4, 9, 12, tzinfo=UTC)
_LINE = "2025-09-04 08:55:10 UTC-68b95f0e.6167-LOG:  statement: ALTER TABLE folders DROP COLUMN title"


def _log(cloud: Cloud, audit: AuditSettings | None = None) -> ServerLog:
    return ServerLog(SERVER, audit or AuditSettings(), cloud.identity, (_BEGIN, _END))


def _read(cloud: Cloud, audit: AuditSettings | None = None) -> list[LogLine]:
    return _log(cloud, audit).read(LONG)


def test_the_lines_in_one_request(cloud: Cloud, arm: FakeArm) -> None:
    arm.things[LOGS] = logs(("2025-09-04T08:55:10.123Z", _LINE))
    assert _read(cloud) == [LogLine(datetime(2025, 9, 4, 8, 55, 10, 123000, tzinfo=UTC), _LINE)]
    assert arm.asked == [LOGS]
    (query,) = arm.queries
    # A day earlier: whose session it is, is said where it begins.
    assert re.findall(r"datetime\((.*?)\)", query) == ["2025-09-02T14:05:00Z", "2025-09-04T09:13:00Z"]
    assert 'Server =~ "usasset-db"' in query


def test_the_errors_of_a_few_sessions(cloud: Cloud, arm: FakeArm) -> None:
    arm.things[LOGS] = logs(("2025-09-04T08:55:10Z", _LINE))
    assert len(_log(cloud).read(LONG, ["6b0.1f", "31", "6b0.1f", '"or true'])) == 1
    (query,) = arm.queries
    assert '| where (Message has "31" or Message has "6b0.1f")\n    and (' in query
    assert "(ERROR|FATAL|PANIC|STATEMENT)" in query


def test_no_session_is_no_request(cloud: Cloud, arm: FakeArm) -> None:
    assert _log(cloud).read(LONG, [""]) == []
    assert arm.asked == []


def test_of_more_sessions_than_are_asked_for_nothing_is_said(cloud: Cloud, arm: FakeArm) -> None:
    with pytest.raises(GatherError, match="more than 50 sessions changed what differs"):
        _log(cloud).read(LONG, [f"6b0.{number}" for number in range(51)])
    assert arm.asked == []


def test_a_workspace_is_asked_where_the_settings_name_one(cloud: Cloud, arm: FakeArm) -> None:
    arm.things[f"{WORKSPACE}/api/query"] = logs()
    assert _read(cloud, AuditSettings(WORKSPACE)) == []
    assert arm.asked == [f"{WORKSPACE}/api/query"]


@pytest.mark.parametrize(
    ("reply", "because", "lasting"),
    [
        pytest.param(error(403, "AuthorizationFailed"), "{who} may not read it: it needs the role Reader on the server", True, id="403"),
        pytest.param(error(429, "TooManyRequests"), "Azure is asked too often (429)", False, id="too many"),
        pytest.param(garbage({"tables": []}), "what Azure answered is no table", False, id="no table"),
        pytest.param(garbage({"error": "x"}), "what Azure answered is no table", False, id="another shape"),
    ],
)  # fmt: skip
def test_why_it_is_not_known(cloud: Cloud, arm: FakeArm, reply: Reply, because: str, lasting: bool) -> None:
    arm.instead[LOGS] = reply
    with pytest.raises(GatherError) as raised:
        _read(cloud)
    who = f"the managed identity with client id {cloud.identity.client_id}"
    assert str(raised.value) == "the log of the server usasset-db: " + because.format(who=who)
    assert raised.value.lasting is lasting


def test_of_more_lines_than_are_read_nothing_is_said(cloud: Cloud, arm: FakeArm) -> None:
    arm.things[LOGS] = logs(*[("2025-09-04T08:55:10Z", _LINE)] * 10_000)
    with pytest.raises(GatherError, match=r"usasset-db: 10,000 lines or more"):
        _read(cloud)


def test_rows_of_another_shape_are_left_out(cloud: Cloud, arm: FakeArm) -> None:
    arm.things[LOGS] = logs(("soon", _LINE), ("2025-09-04T08:55:10Z", _LINE))
    assert [each.at for each in _read(cloud)] == [datetime(2025, 9, 4, 8, 55, 10, tzinfo=UTC)]
