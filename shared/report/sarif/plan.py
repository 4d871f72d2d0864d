"""A plan as SARIF: a result at the line of each statement where something is certain."""

from collections.abc import Iterator

from ...model.codes import row_of
from ...model.finding import Json, Severity
from ...model.plan import Outcome, Plan, PlannedStatement
from ..plan.wording import details, outcome, shortened
from .log import Files, as_log, result, run


def plan_as_sarif(plan: Plan, folder: str) -> str:
    """Give what fails; and what blocks, loses data or breaks the app where the sizes of a production are known.

    *folder* is the migrations folder, as its files are to be named.
    """
    files, found = Files(folder), [(each, one) for each in plan.statements for one in _findings(each, plan)]
    results = [_result(statement, *one, files) for statement, one in found]
    return as_log([run("plan", results, (code for _, (code, _) in found), {"executionSuccessful": True})])


def _findings(statement: PlannedStatement, plan: Plan) -> Iterator[tuple[str, Severity]]:
    if statement.fails:
        yield "deploy-will-fail", Severity.CRITICAL
        return
    # Without sizes a statement blocks an empty table as long as a large one, and whether rows are lost is unknown.
    if statement.held is None:
        return
    if statement.blocks_longer_than(plan.max_block):
        yield "deploy-blocks", Severity.WARNING
    if statement.prediction.loses:
        yield "deploy-loses-data", Severity.WARNING
    if statement.clients:
        yield "deploy-breaks-running-app", Severity.WARNING


def _result(statement: PlannedStatement, code: str, severity: Severity, files: Files) -> Json:
    short = row_of(code).short
    is_predicted = statement.prediction.outcome is Outcome.FAILS
    first = outcome(statement) if is_predicted else f"{short[0].upper()}{short[1:]}"
    said = "\n".join([f"{first}: {shortened(statement)}", *details(statement)])
    accepted = "accepted in the migration's accept.toml" if code in statement.accepted else None
    return result(
        code,
        severity,
        said,
        fingerprint=f"{code}:{statement.migration}:{statement.line}",
        locations=[files.script(statement.migration, statement.line)],
        accepted=accepted,
    )
