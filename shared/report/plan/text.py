"""A plan for a terminal, read as ``terraform plan`` is: a mark and a line a statement, then its effects."""

from collections.abc import Iterator
from itertools import groupby

from shared.diagnose.plan import verdict
from shared.model.plan import Outcome, Plan
from shared.report.plan.wording import details, outcome, shortened, summary, title
from shared.report.wording import printable

_MARKS = {Outcome.OK: "+", Outcome.FAILS: "!", Outcome.DEPENDS: "?", Outcome.UNKNOWN: "?"}


def plan_as_text(plan: Plan) -> str:
    lines = [f"{title(plan)}: {verdict(plan).value}"]
    for migration, statements in groupby(plan.statements, key=lambda each: each.migration):
        lines += ["", migration]
        for each in statements:
            lines.append(f"  {_MARKS[each.prediction.outcome]} line {each.line}: {outcome(each)}: {shortened(each)}")
            lines += [f"      {detail}" for detail in details(each)]
            lines += _safer(each.safer)
    lines += ["", summary(plan)]
    return "".join(f"{printable(line)}\n" for line in lines)


def _safer(steps: tuple[str, ...]) -> Iterator[str]:
    if steps:
        yield "      safer way:"
    for number, step in enumerate(steps, 1):
        first, *sql = step.splitlines()
        yield f"        {number}. {first}"
        yield from (f"             {line}" for line in sql)
