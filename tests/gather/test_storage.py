"""What Azure measures of the server's disk."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from shared.gather.attempt import GatherError
from shared.gather.storage import read_storage
from shared.model.disk import Storage
from shared.model.server import ServerExpectation
from tests.cloud.arm import METRICS, SERVER, FakeArm, error, garbage, metrics
from tests.cloud.cloud import Cloud
from tests.gather.servers import Reply
from tests.patience import LONG

GIB = 2**30
AT = datetime(2026, 11, 22, 9, 4, tzinfo=UTC)


def read(cloud: Cloud) -> Storage:
    return read_storage(ServerExpectation(SERVER), cloud.identity, LONG)


def test_the_newest_measurement_in_one_request(cloud: Cloud, arm: FakeArm) -> None:
    assert read(cloud) == Storage(20 * GIB, 37.5, AT)
    assert arm.asked == [METRICS]


@pytest.mark.parametrize(
    ("storage", "left"),
    [
        pytest.param(Storage(20 * GIB, 37.5, AT), 15 * GIB, id="a small disk keeps 5 GiB free"),
        pytest.param(Storage(512 * GIB, 50, AT), 512 * GIB - 1024 * GIB * 5 // 100, id="a large one a twentieth"),
        pytest.param(Storage(4 * GIB, 87.5, AT), -GIB, id="read-only"),
        pytest.param(Storage(0, 100, AT), -5 * GIB, id="full"),
    ],
)
def test_what_is_left_before_it_turns_read_only(storage: Storage, left: int) -> None:
    assert storage.left == left


def without(change: Callable[[Any], None]) -> Reply:
    document = metrics(1, 1)
    change(document)
    return garbage(document)


WHO = "the storage of the server usasset-db: "


@pytest.mark.parametrize(
    ("reply", "because", "lasting"),
    [
        pytest.param(error(403, "AuthorizationFailed"), "{who} may not read it: it needs the role Reader on the server", True, id="403"),
        pytest.param(error(404, "ResourceNotFound"), "Azure knows none (404): see the resource id in the settings", True, id="404"),
        pytest.param(error(500, "InternalServerError"), "Azure answered 500 InternalServerError", False, id="500"),
        pytest.param(without(lambda all_: all_.update(value=[])), "Azure measured none within the last hour", False, id="no metrics"),
        pytest.param(without(lambda all_: all_["value"].pop()), "Azure measured none within the last hour", False, id="one of two"),
        pytest.param(without(lambda all_: all_["value"][0].update(timeseries=[])), "Azure measured none within the last hour", False, id="a stopped server"),
        pytest.param(garbage(metrics(float("nan"), 1)), "Azure measured none within the last hour", False, id="no number"),
        pytest.param(garbage(metrics(float("inf"), 1)), "Azure measured none within the last hour", False, id="more than any disk"),
        pytest.param(garbage(metrics(-1, 1)), "Azure measured none within the last hour", False, id="less than nothing"),
        pytest.param(garbage({"value": [{"name": {"value": "storage_free"}, "timeseries": [{"data": [{"timeStamp": "soon", "average": 1}, 7]}]}]}), "Azure measured none within the last hour", False, id="another shape"),
    ],
)  # fmt: skip
def test_why_it_is_not_known(cloud: Cloud, arm: FakeArm, reply: Reply, because: str, lasting: bool) -> None:
    arm.instead[METRICS] = reply
    with pytest.raises(GatherError) as raised:
        read(cloud)
    who = f"the managed identity with client id {cloud.identity.client_id}"
    assert (str(raised.value), raised.value.lasting) == (f"{WHO}{because.format(who=who)}", lasting)
