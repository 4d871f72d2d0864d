"""Which finding brought about which: read last, over all of them."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace

from shared.model.diagnosis import Diagnosis, MigrationStanding, State
from shared.model.facts import Facts
from shared.model.finding import Cause, Finding
from shared.model.knowledge import Unavailable
from shared.prisma.checksum import text_of

_NOT_THERE = {State.PENDING, State.SKIPPED, State.FAILED, State.ROLLED_BACK}
_SEED_CODES = {"seed-missing", "seed-uncountable"}
_ENDPOINT_CODES = {"endpoint-status", "endpoint-content"}
_COMMENT = re.compile(r"--[^\n]*|/\*.*?\*/", re.DOTALL)


def with_causes(findings: Iterable[Finding], facts: Facts, diagnosis: Diagnosis | Unavailable) -> list[Finding]:
    """Give *findings* with the causes that can be told: seeds and endpoints whose tables an unapplied migration names.

    Probable only: the migration's text names the table, but not what it would have made of it.
    """
    found = list(findings)
    if isinstance(diagnosis, Unavailable):
        return found
    about = {f.subject: f.key for f in found if f.incident == f"migration {f.subject}"}
    missing = [m for m in diagnosis.migrations if m.state in _NOT_THERE and m.name in about]
    named = {m.name: _identifiers(m) for m in missing}
    tables_of = {e.name: e.tables for e in facts.target.endpoints} | {
        s.subject: (s.table.rpartition(".")[2],) for s in facts.target.seeds
    }
    return [_explained(finding, missing, named, about, tables_of) for finding in found]


def _explained(
    finding: Finding,
    missing: Iterable[MigrationStanding],
    named: Mapping[str, frozenset[str]],
    about: Mapping[str, str],
    tables_of: Mapping[str, tuple[str, ...]],
) -> Finding:
    if finding.code not in _SEED_CODES | _ENDPOINT_CODES:
        return finding
    tables = tables_of.get(finding.subject, ())
    causes = [about[m.name] for m in missing if not named[m.name].isdisjoint(tables)]
    if not causes and finding.code in _SEED_CODES:
        # A seed script runs after the migrations: where one failed, it was never reached.
        causes = [about[m.name] for m in missing if m.state is State.FAILED]
    return replace(finding, because=tuple(Cause(key, certain=False) for key in causes)) if causes else finding


def _identifiers(migration: MigrationStanding) -> frozenset[str]:
    script = migration.shipped.script if migration.shipped else None
    text = _COMMENT.sub(" ", text_of(script or b""))
    return frozenset(re.findall(r'"([^"]+)"', text)) | frozenset(re.findall(r"\w+", text))
