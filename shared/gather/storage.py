"""How full the disk of the PostgreSQL flexible server is, by the metrics that Azure keeps of it."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from ..model.azure import Identity
from ..model.disk import Storage
from ..model.moment import moment_of
from ..model.server import ServerExpectation
from .arm import Arm, at, objects_at, text_at
from .attempt import GatherError

_FREE, _PERCENT = "storage_free", "storage_percent"
_API_VERSION = "2018-01-01"
_NEEDS = "the role Reader on the server"
# More bytes than any disk has.
_MOST = 2**63


def read_storage(expectation: ServerExpectation, identity: Identity, within: timedelta) -> Storage:
    """Give the newest measurements of the last hour, in one request. Raises `GatherError`."""
    name = expectation.resource_id.rpartition("/")[2]
    path = f"{expectation.resource_id}/providers/Microsoft.Insights/metrics"
    what = f"the storage of the server {name}"
    query = {"metricnames": f"{_FREE},{_PERCENT}", "aggregation": "Average"}
    document = Arm.within(identity, within).get(path, _API_VERSION, what, _NEEDS, query)
    found = {text_at(each, "name", "value"): each for each in objects_at(document, "value")}
    free, percent = (max(_measured(found.get(each, {})), default=None) for each in (_FREE, _PERCENT))
    if free is None or percent is None:
        raise GatherError(f"{what}: Azure measured none within the last hour")
    return Storage(round(free[1]), percent[1], free[0])


def _measured(metric: dict[str, Any]) -> Iterator[tuple[datetime, float]]:
    """The points of a metric. The newest has no value yet where it was not measured so soon."""
    for series in objects_at(metric, "timeseries"):
        for point in objects_at(series, "data"):
            moment, value = moment_of(text_at(point, "timeStamp")), at(point, "average")
            if moment is not None and isinstance(value, int | float) and not isinstance(value, bool):
                yield from [(moment, float(value))] if 0 <= value < _MOST else []
