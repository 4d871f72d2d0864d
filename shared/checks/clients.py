"""What a running Prisma client does about a finding, as its evidence."""

from collections.abc import Iterable, Iterator, Mapping

from ..model.clients import ClientEffect
from ..model.codes import row_of
from ..model.diagnosis import Diagnosis
from ..model.finding import Finding, Json
from ..model.knowledge import Unavailable
from ..model.plan import Plan
from ..model.value import replace
from .bounded import bounded

_OF_SCHEMA = ("schema-", "index-", "constraint-")


def with_clients(findings: Iterable[Finding], diagnosis: Diagnosis | Unavailable) -> Iterator[Finding]:
    """Give *findings*, with what a running client suffers: `clients` is empty where that is nothing, absent if unknown.

    `failing_tables` are those on which an operation of the client certainly fails.
    """
    if isinstance(diagnosis, Unavailable):
        yield from findings
        return
    lacking = diagnosis.plan.lacking if isinstance(diagnosis.plan, Plan) else {}
    suffered = {str(subject): effects for subject, effects in diagnosis.suffered.items()}
    for finding in findings:
        of = lacking if row_of(finding.code).lacking else suffered if concerns_clients(finding) else {}
        effects = of.get(finding.subject)
        yield finding if effects is None else replace(finding, evidence={**finding.evidence, **evidence_of(effects)})


def concerns_clients(finding: Finding) -> bool:
    """Say whether a running client may suffer from it: statements have not run, or the schema differs."""
    return row_of(finding.code).lacking or finding.code.startswith(_OF_SCHEMA)


def evidence_of(effects: Iterable[ClientEffect]) -> Mapping[str, Json]:
    """What a running client suffers, in brief."""
    from ..prisma.clients.brief import failing_tables, in_brief  # noqa: PLC0415  # most runs find nothing

    return {**bounded("clients", in_brief(effects), str), **bounded("failing_tables", failing_tables(effects), str)}
