"""A plan alone as JSON."""

from ...model.plan import Plan
from ..json import dumps
from ..ways_back import as_objects
from .object import plan_as_object


def plan_as_json(plan: Plan) -> str:
    return dumps({**plan_as_object(plan), "ways_back": as_objects(plan.ways_back)}, indent=2) + "\n"
