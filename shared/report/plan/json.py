"""A plan alone as JSON."""

from shared.model.plan import Plan
from shared.report.json import dumps
from shared.report.plan.object import plan_as_object


def plan_as_json(plan: Plan) -> str:
    return dumps(plan_as_object(plan), indent=2) + "\n"
