"""Who wrote the firewall rules that findings are about: Azure's activity log, asked where such a finding is new."""

from collections.abc import Iterator, Mapping
from datetime import timedelta

from ..gather.attempt import GatherError
from ..model.attribution import Attribution, Changed
from ..model.digest import digest
from ..model.facts import Facts
from ..model.knowledge import Unavailable
from ..model.last_seen import firewall_rule
from ..model.server import FirewallRule, ServerReading
from ..model.value import replace
from ..net.deadline import Deadline

# An event takes minutes to come into the log.
_LATE = timedelta(minutes=30)
_PATIENCE = timedelta(seconds=10)
# So many rules of one check are looked up.
_MOST = 20


def with_rule_writers(facts: Facts) -> Facts:
    """Give *facts* with what is known of each rule that a finding is about, by its name."""
    rules = list(_with_finding(facts))[:_MOST]
    expectation = facts.target.server
    if not rules or expectation is None:
        return facts
    from ..gather.activity_log import last_writer  # noqa: PLC0415  # few runs find such a rule

    known = facts.last_seen.rules
    found = {rule.name: known[key] for rule in rules if (key := digest_of(rule)) in known}
    deadline = Deadline.after(min(_PATIENCE, facts.target.deadline))
    for rule in rules:
        if rule.name in found and not _may_come(found[rule.name], rule, facts):
            continue
        try:
            by = last_writer(expectation.id_of(rule.name), facts.target.identity, facts.started_at, deadline.left)
        except GatherError as error:
            return replace(facts, rules=Attribution(found, str(error)))
        found[rule.name] = Changed(by=by)
    return replace(facts, rules=Attribution(found))


def to_keep(facts: Facts) -> Mapping[str, Changed]:
    """Give what the next check is to know, by the digests of the rules."""
    reading = facts.server
    if not isinstance(reading, ServerReading) or isinstance(reading.rules, Unavailable):
        return {}
    return {digest_of(rule): facts.rules.found[rule.name] for rule in reading.rules if rule.name in facts.rules.found}


def digest_of(rule: FirewallRule) -> str:
    """Give the same digest for the same rule: one with other addresses was written again."""
    return digest(f"{rule.name} {rule.first} {rule.last}", 16)


def _with_finding(facts: Facts) -> Iterator[FirewallRule]:
    from ..checks.server import is_temporary, is_wide  # noqa: PLC0415  # see pipeline.py

    reading = facts.server
    if not isinstance(reading, ServerReading) or isinstance(reading.rules, Unavailable) or reading.is_private:
        return
    yield from (rule for rule in reading.rules if is_temporary(rule, facts) or is_wide(rule, facts))


def _may_come(changed: Changed, rule: FirewallRule, facts: Facts) -> bool:
    since = facts.last_seen.first_seen.get(firewall_rule(rule.name), facts.started_at)
    return changed.by is None and facts.started_at - since < _LATE
