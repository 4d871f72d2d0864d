"""A plan alone as JSON."""

from ...model.plan import Plan
from ..json import dumps
from .object import plan_as_object


def plan_as_json(plan: Plan) -> str:
    return dumps(plan_as_object(plan), indent=2) + "\n"
