"""Which finding caused which: the last step, over all findings.

A cause is certain only where it is proven: the object that a finding needs, or that its error names, is missing, and
a named migration makes it or drift removed it. All else is possibly related, and the finding keeps its own steps.
"""

import re
from collections.abc import Iterable, Iterator
from functools import cached_property

from ..model.codes import row_of
from ..model.diagnosis import Comparison, Diagnosis, MigrationStatus, State
from ..model.difference import Change, Difference
from ..model.endpoint import Answer, Probe
from ..model.facts import Facts
from ..model.finding import Cause, Finding, Severity, Step
from ..model.knowledge import Unavailable
from ..model.progress import Progress, StatementState
from ..model.schema import RELATIONS, Index, Kind
from ..model.value import dataclass, replace
from ..postgres.failing.made import made_by
from ..postgres.mentions import makes, tables_in
from ..postgres.parse import parse
from ..prisma.checksum import text_of
from .surroundings import Surroundings

_SEED_CODES = {"seed-missing", "seed-uncountable"}
_PRIVILEGE_CODES = {"privilege-missing", "owner-changed"}
_ENDPOINT_CODES = {"endpoint-status", "endpoint-content"}
_BY_FIXING = (Step("Fix the cause first, then check again."),)
# Bytes of an answer in which an error is searched.
_MOST_OF_A_BODY = 20_000

# A table, ``(name,)``, or a column of one, ``(table, column)``.
Missing = frozenset[tuple[str, ...]]


def with_causes(findings: Iterable[Finding], facts: Facts, diagnosis: Diagnosis | Unavailable) -> list[Finding]:
    """Give *findings* with their known causes.

    A seed or an endpoint that needs a missing table is broken by the migration that makes the table, or by the
    drift. If they only share a table with something missing, or a migration failed before the seed script, they are
    possibly related. An invalid index is caused by the migration that failed. Other findings may come from a server
    that is off or an app that fails.
    """
    found = list(findings)
    if not isinstance(diagnosis, Unavailable):
        links = _Links(found, facts, diagnosis)
        found = [links.explained(finding) for finding in found]
    surroundings = Surroundings(found, facts)
    return [surroundings.explained(finding) for finding in found]


@dataclass(frozen=True, slots=True)
class _Lack:
    """What is *missing* by the finding *key*, and all *tables* that it concerns; a role may not use those *denied*."""

    key: str
    missing: Missing
    tables: frozenset[str]
    denied: frozenset[str] = frozenset()


class _Links:
    def __init__(self, findings: Iterable[Finding], facts: Facts, diagnosis: Diagnosis) -> None:
        self._keys = {finding.key: finding for finding in findings}
        self._lacking = [
            (key, status)
            for status in diagnosis.migrations
            if row_of(code := f"migration-{status.state}").lacking and (key := f"{code}:{status.name}") in self._keys
        ]
        self._differences = diagnosis.schema.differences if isinstance(diagnosis.schema, Comparison) else ()
        unknown = {table.name for table in diagnosis.unknown_tables}
        self._needs: dict[str, frozenset[str]] = {
            endpoint.name: frozenset(endpoint.tables) - unknown for endpoint in facts.target.endpoints
        } | {seed.subject: frozenset({seed.table}) - unknown for seed in facts.target.seeds}
        self._errors = {
            probe.expectation.name: _error_text(probe) for probe in facts.endpoints if isinstance(probe, Probe)
        }

    @cached_property
    def _lacks(self) -> list[_Lack]:
        """What is missing. It parses every statement that did not run, and few reports need that."""
        found = [_Lack(key, _missing_of(status), _tables_of(status)) for key, status in self._lacking]
        return [*found, *self._drifting(self._differences), *self._denied()]

    def _denied(self) -> Iterator[_Lack]:
        """The objects on which the application's role lacks a privilege."""
        for finding in self._keys.values():
            objects = finding.evidence.get("objects")
            if finding.code in _PRIVILEGE_CODES and finding.severity is Severity.CRITICAL and isinstance(objects, list):
                names = frozenset(str(each).rpartition(".")[2] for each in objects)
                yield _Lack(finding.key, frozenset(), names, names)

    def _drifting(self, differences: Iterable[Difference]) -> Iterator[_Lack]:
        for difference in differences:
            key = f"schema-{difference.change}:{difference.subject}"
            if key in self._keys and self._keys[key].severity is Severity.CRITICAL:
                subject = difference.subject
                is_missing = difference.change is Change.MISSING and subject.kind in {*RELATIONS, Kind.COLUMN}
                missing = frozenset({subject.name[1:]}) if is_missing else frozenset[tuple[str, ...]]()
                yield _Lack(key, missing, frozenset(_table_of(difference)))

    def explained(self, finding: Finding) -> Finding:
        if finding.code == "index-invalid":
            causes = self._makers_of(finding.subject.rpartition(".")[2])
        elif finding.code in _SEED_CODES | _ENDPOINT_CODES:
            causes = self._behind(finding)
        else:
            return finding
        proven = any(cause.certain for cause in causes) and finding.code in _ENDPOINT_CODES
        return replace(finding, because=causes, remedy=_BY_FIXING if proven else finding.remedy)

    def _behind(self, finding: Finding) -> tuple[Cause, ...]:
        """The proven causes; the possibly related ones only where none is proven."""
        needs = {name.rpartition(".")[2] for name in self._needs.get(finding.subject, ())}
        if not needs:
            return ()
        is_endpoint = finding.code in _ENDPOINT_CODES
        error = self._errors.get(finding.subject, "") if is_endpoint else ""
        # A table whose rows can be counted exists.
        needs_tables = needs if finding.code != "seed-missing" else set()
        proven = [
            lack.key
            for lack in self._lacks
            if any((len(name) == 1 and name[0] in needs_tables) or _names(error, name) for name in lack.missing)
            or any(_denies(error, name) for name in lack.denied)
        ]
        if proven:
            return tuple(Cause(key, certain=True) for key in proven)
        shared = [lack.key for lack in self._lacks if not lack.tables.isdisjoint(needs)]
        # A seed script runs after the migrations: where one failed, it was never reached.
        failed = [key for key, status in self._lacking if status.state is State.FAILED and not is_endpoint]
        return tuple(Cause(key, certain=False) for key in dict.fromkeys(shared or failed))

    def _makers_of(self, index: str) -> tuple[Cause, ...]:
        return tuple(
            Cause(key, certain=True)
            for key, status in self._lacking
            if isinstance(status.progress, Progress)
            and any(
                each.state is StatementState.INVALID and index in made_by(parse(each.sql)[0])
                for each in status.progress.statements
            )
        )


def _missing_of(status: MigrationStatus) -> Missing:
    """The objects of the statements that did not run."""
    if not isinstance(status.progress, Progress):
        return frozenset()
    absent = (each.sql for each in status.progress.statements if each.state is StatementState.ABSENT)
    return frozenset[tuple[str, ...]]().union(*map(makes, absent))


def _tables_of(status: MigrationStatus) -> frozenset[str]:
    """The tables of the statements that were not applied; of the whole script where that is not known."""
    if isinstance(status.progress, Progress):
        absent = {StatementState.ABSENT, StatementState.INVALID}
        statements = [s.sql for s in status.progress.statements if s.state in absent]
        return frozenset[str]().union(*map(tables_in, statements))
    script = None if status.shipped is None else status.shipped.script
    return frozenset() if script is None else tables_in(text_of(script))


def _table_of(difference: Difference) -> Iterator[str]:
    subject = difference.subject
    for side in (difference.wanted, difference.found):
        if isinstance(side, Index):
            yield side.table.name[1]
    if subject.kind in RELATIONS or subject.kind.is_in_relation:
        yield subject.name[1]


def _error_text(probe: Probe) -> str:
    last = probe.tries[-1]
    return last.body[:_MOST_OF_A_BODY].decode("utf-8", "replace") if isinstance(last, Answer) else ""


def _denies(error: str, name: str) -> bool:
    """Say whether *error* is the server's refusal (42501) to use the object *name*."""
    return re.search(rf"permission denied for [a-z ]+ {re.escape(name)}(?![\w$])", error) is not None


def _names(error: str, missing: tuple[str, ...]) -> bool:
    """Say whether *error* names what is missing: a column with its table, a table in quotation marks."""
    if not error:
        return False
    mark = r"[\"'`\\]*"
    if len(missing) == 1:
        said = rf"[\"'`](?:[\w$]+\.)?{re.escape(missing[0])}\\?[\"'`]"
    else:
        table, column = map(re.escape, missing)
        said = rf"(?<![\w$]){table}{mark}\.{mark}{column}(?![\w$])"
        quoted = rf"[\"'`]{column}\\?[\"'`].*[\"'`]{table}\\?[\"'`]"
        said = f"{said}|{quoted}"
    return re.search(said, error) is not None
