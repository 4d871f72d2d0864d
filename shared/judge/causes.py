"""Which finding brought about which: read last, over all of them."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from shared.judge.surroundings import Surroundings
from shared.model.diagnosis import Comparison, Diagnosis, MigrationStanding, State
from shared.model.difference import Difference
from shared.model.facts import Facts
from shared.model.finding import Cause, Finding, Severity, Step
from shared.model.knowledge import Unavailable
from shared.model.progress import Progress, StatementState
from shared.model.schema import Index, Kind
from shared.postgres.mentions import tables_in
from shared.prisma.checksum import text_of

_LACKING = {State.PENDING, State.SKIPPED, State.FAILED, State.ROLLED_BACK, State.PARTIALLY_APPLIED}
_SEED_CODES = {"seed-missing", "seed-uncountable"}
_ENDPOINT_CODES = {"endpoint-status", "endpoint-content"}
_BY_MENDING = (Step("Mend what brought it about, then look again."),)


def with_causes(findings: Iterable[Finding], facts: Facts, diagnosis: Diagnosis | Unavailable) -> list[Finding]:
    """Give *findings* with the causes that can be told.

    A seed or an endpoint is broken because of what its tables lack: a migration that is not there, or
    drift. An invalid index is the work of the migration that failed. A seed script that comes after a
    failed migration was probably never reached. What is left may come from a server that is off or an
    app that fails.
    """
    found = list(findings)
    if not isinstance(diagnosis, Unavailable):
        links = _Links(found, facts, diagnosis)
        found = [links.explained(finding) for finding in found]
    surroundings = Surroundings(found, facts)
    return [surroundings.explained(finding) for finding in found]


class _Links:
    def __init__(self, findings: Iterable[Finding], facts: Facts, diagnosis: Diagnosis) -> None:
        self._keys = {finding.key: finding for finding in findings}
        self._lacking = [
            (key, standing)
            for standing in diagnosis.migrations
            if standing.state in _LACKING and (key := f"migration-{standing.state}:{standing.name}") in self._keys
        ]
        self._tables = {key: _tables_lacking(standing) for key, standing in self._lacking}
        if isinstance(diagnosis.schema, Comparison):
            self._tables |= dict(self._drifting(diagnosis.schema.differences))
        self._tables_of: Mapping[str, tuple[str, ...]] = {
            **{endpoint.name: endpoint.tables for endpoint in facts.target.endpoints},
            **{seed.subject: (seed.table.rpartition(".")[2],) for seed in facts.target.seeds},
        }

    def _drifting(self, differences: Iterable[Difference]) -> Iterator[tuple[str, frozenset[str]]]:
        for difference in differences:
            key = f"schema-{difference.change}:{difference.subject}"
            if key in self._keys and self._keys[key].severity is Severity.CRITICAL:
                yield key, frozenset(_table_of(difference))

    def explained(self, finding: Finding) -> Finding:
        if finding.code == "index-invalid":
            causes = self._makers_of(finding.subject.rpartition(".")[2])
        elif finding.code in _SEED_CODES | _ENDPOINT_CODES:
            tables = self._tables_of.get(finding.subject, ())
            causes = tuple(
                Cause(key, certain=True) for key, lacking in self._tables.items() if not lacking.isdisjoint(tables)
            )
            if not causes and finding.code in _SEED_CODES:
                causes = self._failed()
        else:
            return finding
        if not causes:
            return finding
        remedy = _BY_MENDING if finding.code in _ENDPOINT_CODES else finding.remedy
        return replace(finding, because=causes, remedy=remedy)

    def _failed(self) -> tuple[Cause, ...]:
        """A seed script runs after the migrations: where one failed, it was never reached."""
        return tuple(Cause(key, certain=False) for key, standing in self._lacking if standing.state is State.FAILED)

    def _makers_of(self, index: str) -> tuple[Cause, ...]:
        return tuple(
            Cause(key, certain=True)
            for key, standing in self._lacking
            if isinstance(standing.progress, Progress)
            and any(s.state is StatementState.INVALID and index in s.sql for s in standing.progress.statements)
        )


def _tables_lacking(standing: MigrationStanding) -> frozenset[str]:
    """The tables of the statements that are not there; of the whole script where that is not known."""
    if isinstance(standing.progress, Progress):
        absent = {StatementState.ABSENT, StatementState.INVALID}
        statements = [s.sql for s in standing.progress.statements if s.state in absent]
        return frozenset[str]().union(*map(tables_in, statements))
    script = None if standing.shipped is None else standing.shipped.script
    return frozenset() if script is None else tables_in(text_of(script))


def _table_of(difference: Difference) -> Iterator[str]:
    subject = difference.subject
    for side in (difference.wanted, difference.found):
        if isinstance(side, Index):
            yield side.table.name[1]
    if subject.kind is Kind.TABLE or len(subject.name) > 2 or subject.kind is Kind.PRIMARY_KEY:
        yield subject.name[1]
