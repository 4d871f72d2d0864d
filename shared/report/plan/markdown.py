"""A plan as Markdown: a comment on the pull request."""

from collections.abc import Iterator
from itertools import groupby

from ...diagnose.plan import verdict
from ...model.plan import Outcome, Plan, PlannedStatement
from ...model.report import ServerSummary
from ..markdown import LARGEST, SIGNS, code, escaped, fenced
from ..ways_back import ways_back_lines
from .wording import details, disk, outcome, retry, shortened, summary, title, waits

_SIGNS = {Outcome.OK: "✅", Outcome.FAILS: "❌", Outcome.DEPENDS: "❔", Outcome.UNKNOWN: "❔"}


def plan_as_markdown(plan: Plan, server: ServerSummary | None = None) -> str:
    """Title, summary, then a list a migration. Where it grew too large for GitHub, its last statements are left out."""
    found = verdict(plan)
    parts = [f"## {SIGNS[found]} {title(plan)}: {found.value}\n\n{escaped(summary(plan))}\n"]
    parts += [f"\n{escaped(needed)}\n"] if (needed := disk(plan)) is not None else []
    parts += [f"\n{escaped(note)}\n" for note in plan.notes]
    parts += [f"\n⏳ {escaped(line)}\n" for line in waits(plan)]
    parts += [f"\n↩️ {escaped(line)}\n" for line in ways_back_lines(plan.ways_back, plan, server)]
    used = sum(len(each.encode()) for each in parts)
    for migration, statements in groupby(plan.statements, key=lambda each: each.migration):
        for part in (f"\n### {code(migration)}\n\n", *map(_statement, statements)):
            used += len(part.encode())
            if used > LARGEST - 500:
                return "".join([*parts, "\n… and more statements: see the JSON form.\n"])
            parts.append(part)
    said = retry(plan.statements)
    return "".join([*parts, f"\n{escaped(said)}\n" if said is not None else ""])


def _statement(statement: PlannedStatement) -> str:
    sign = _SIGNS[statement.prediction.outcome]
    lines = [f"- {sign} line {statement.line}, **{escaped(outcome(statement))}**: {code(shortened(statement))}"]
    lines += [f"  - {escaped(detail)}" for detail in details(statement)]
    return "".join(f"{line}\n" for line in (*lines, *_safer(statement.safer)))


def _safer(steps: tuple[str, ...]) -> Iterator[str]:
    if steps:
        yield "  - safer way:"
    for number, step in enumerate(steps, 1):
        first, *sql = step.splitlines()
        yield f"    {number}. {escaped(first)}"
        if sql:
            yield from (f"       {line}" for line in fenced("\n".join(sql), "sql"))
