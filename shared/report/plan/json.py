"""A plan alone as JSON."""

from ...model.finding import Json
from ...model.plan import Plan
from ..json import dumps
from ..ways_back import as_objects
from .object import plan_as_object


def plan_as_json(plan: Plan) -> str:
    document: Json = {**plan_as_object(plan), "ways_back": as_objects(plan.ways_back), "notes": list(plan.notes)}
    return dumps(document, indent=2) + "\n"
