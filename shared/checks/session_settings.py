"""Do settings of the deploying role's sessions make the pending migrations do something else?"""

from collections.abc import Iterator
from itertools import groupby

from ..model.finding import Finding, Json, Severity, Step
from ..model.plan import Plan, PlannedStatement
from .bounded import bounded
from .predicted import and_more
from .statements_said import joined


def session_settings(plan: Plan, severity: Severity | None, urgent: Severity) -> Iterator[Finding]:
    """The migrations of *plan* that search_path or TimeZone lead elsewhere, each with the statements.

    Where names lead to another schema, that is *urgent*: the new release lacks what they make. *severity*, where given,
    replaces both.
    """
    for name, group in groupby(plan.statements, key=lambda each: each.migration):
        found = [each for each in group if each.by_setting and "deploy-session-setting" not in each.accepted]
        if not found:
            continue
        more = and_more(len(found) - 1, "does so", "do so")
        is_misplaced = any(one.setting == "search_path" for each in found for one in each.by_setting)
        yield Finding(
            "deploy-session-setting",
            name,
            severity or (urgent if is_misplaced else Severity.WARNING),
            f"A setting of the role that deploys changes what line {found[0].line} of {name} does: "
            f"{found[0].by_setting[0].does}.{more}",
            expected="names that lead to the watched schema, and times in UTC",
            actual=joined(f"line {each.line}: {one.does}" for each in found for one in each.by_setting),
            remedy=(Step("Deploy with a URL and a role whose sessions have neither setting, as the finding says."),),
            evidence=bounded("statements", found, _details),
        )


def _details(statement: PlannedStatement) -> Json:
    return {"line": statement.line, "because": [one.does for one in statement.by_setting]}
