"""What a run remembers for the next."""

from collections.abc import Set
from datetime import datetime

from ..model.diagnosis import Diagnosis
from ..model.facts import Facts
from ..model.knowledge import Unavailable
from ..model.last_seen import FIREWALL_RULES, LastSeen, SeenRelease, SeenRow, firewall_rule
from ..model.release import Release
from ..model.server import ServerReading
from ..prisma.past_releases import seen_release
from .rule_writers import to_keep as rules_to_keep


def seen_in(facts: Facts, diagnosis: Diagnosis | Unavailable, accepted: Set[str]) -> LastSeen:
    """Give what only the next run can evaluate, by comparison. *accepted* are the keys that the settings accept."""
    release, database, server = facts.release, facts.database, facts.server
    first_seen, releases = dict[str, datetime](), dict[str, SeenRelease]()
    if isinstance(release, Release):
        first_seen[f"release {release.digest}"] = facts.started_at
        if release.version is not None:
            releases[release.version] = seen_release(release, release.version, facts.last_seen.releases)
    if isinstance(server, ServerReading) and not isinstance(server.rules, Unavailable):
        first_seen |= dict.fromkeys(
            [FIREWALL_RULES, *(firewall_rule(rule.name) for rule in server.rules)], facts.started_at
        )
    if not isinstance(diagnosis, Unavailable) and not isinstance(diagnosis.schema, Unavailable):
        from ..checks.new_kinds import seen_of_new  # noqa: PLC0415  # see pipeline.py

        first_seen |= seen_of_new(diagnosis.schema.differences, accepted, facts.last_seen, facts.started_at)
    rules = rules_to_keep(facts)
    if isinstance(database, Unavailable):
        return LastSeen(first_seen=first_seen, releases=releases, rules=rules)
    rows = None
    if not isinstance(database.history, Unavailable) and database.history.exists:
        rows = tuple(SeenRow(row.id, row.name) for row in database.history.rows)
    seeds = {seed.expectation.subject: seed.count for seed in database.seeds if isinstance(seed.count, int)}
    return LastSeen(rows, seeds, first_seen, server=database.system_identifier, releases=releases, rules=rules)
