"""Does the PostgreSQL server run, with the expected settings, and closed to everybody else?"""

from collections.abc import Iterator
from datetime import datetime

from ..model.database import DatabaseReading
from ..model.diagnosis import Diagnosis
from ..model.facts import Facts
from ..model.finding import Finding, Severity, Step
from ..model.knowledge import Unavailable, known
from ..model.last_seen import firewall_rule
from ..model.server import FirewallRule, Server, ServerExpectation, ServerReading
from ..model.setting_types import Duration
from ..model.value import replace
from ..remedies import azure_commands
from .changed import with_changed

_READY = "Ready"
# The states of a server that is stopped for some hours, and before and after that.
_ASLEEP = {"Stopping", "Stopped", "Starting"}
_IN_PASSING = {"Starting", "Restarting", "Updating", "Provisioning"}


def check_server(facts: Facts, _diagnosis: Diagnosis | Unavailable) -> Iterator[Finding | Unavailable]:
    reading, expectation = known(facts.server), facts.target.server
    if reading is None or expectation is None:
        return
    if isinstance(reading.server, Unavailable):
        yield reading.server
    else:
        yield from _state(reading.server, expectation, facts)
        yield from _settings(reading.server, expectation)
    if isinstance(reading.parameters, Unavailable):
        yield from _unless_said(reading.parameters, reading)
    else:
        yield from _parameters(reading, expectation)
    # Firewall rules have no effect on a server without an address on the internet.
    if isinstance(reading.rules, Unavailable):
        yield from () if reading.is_private else _unless_said(reading.rules, reading)
    elif not reading.is_private:
        for rule in reading.rules:
            findings = (
                *([_temporary(rule, expectation, facts)] if is_temporary(rule, facts) else []),
                *([_wide(rule, expectation)] if is_wide(rule, facts) else []),
            )
            yield from (with_changed(each, facts.rules.found.get(rule.name), {}) for each in findings)


def with_server_state(
    database: DatabaseReading | Unavailable, server: ServerReading | Unavailable | None
) -> DatabaseReading | Unavailable:
    """Give *database*; where it could not be read, with what Azure says of its server, if that explains it."""
    if not isinstance(database, Unavailable) or not isinstance(server, ServerReading):
        return database
    if isinstance(server.server, Unavailable) or server.server.state == _READY:
        return database
    because = f"Azure says that the server {server.server.name} is {server.server.state}"
    return replace(database, because=f"{because}: {database.because}")


def _unless_said(unavailable: Unavailable, reading: ServerReading) -> Iterator[Unavailable]:
    """Give why something could not be read, unless the whole server could not be read or is stopped."""
    everything = (reading.server, reading.rules, reading.parameters)
    is_off = isinstance(reading.server, Server) and reading.server.state in _ASLEEP
    if not is_off and not all(isinstance(each, Unavailable) for each in everything):
        yield unavailable


def _state(server: Server, expectation: ServerExpectation, facts: Facts) -> Iterator[Finding]:
    """A running update is no finding while the database answers."""
    answers = isinstance(facts.database, DatabaseReading)
    if server.state == _READY or (server.state == "Updating" and answers):
        return
    if facts.sleeps_until is not None and server.state in _ASLEEP:
        return
    yield Finding(
        "server-unavailable",
        server.name,
        Severity.CRITICAL,
        f"Azure says that the server {server.name} is {server.state}.",
        expected=_READY,
        actual=server.state,
        remedy=(_remedy(server.state, expectation),),
        evidence={"state": server.state},
    )


def _remedy(state: str, expectation: ServerExpectation) -> Step:
    if state == "Stopped":
        return Step(
            "Find out who stopped the server, and start it. For planned hours add a target.sleep to the settings.",
            azure_commands.start_server(expectation.resource_id),
        )
    if state in _IN_PASSING:
        return Step("Wait until the server is Ready; its activity log in Azure says what is happening.")
    return Step("Check the server's activity log and Resource health in Azure.")


def _settings(server: Server, expectation: ServerExpectation) -> Iterator[Finding]:
    wanted, resource = expectation, expectation.resource_id
    if wanted.version is not None and server.version not in {None, wanted.version}:
        step = Step("Upgrade the server after a test on a copy (it cannot be undone), or change the expectation.")
        yield _setting(server, "version", wanted.version, str(server.version), step)
    if wanted.high_availability is not None and server.high_availability not in {None, wanted.high_availability}:
        step = Step("Set it in Azure: High availability of the server.")
        yield _setting(server, "high_availability", wanted.high_availability, str(server.high_availability), step)
    if wanted.backup_days is not None and server.backup_days is not None and server.backup_days < wanted.backup_days:
        command = azure_commands.update_server(resource, "--backup-retention", str(wanted.backup_days))
        step = Step("Keep backups for longer.", command)
        days = f"{server.backup_days} days"
        yield _setting(server, "backup_days", f"{wanted.backup_days} days or longer", days, step)
    if wanted.geo_backup is not None and server.geo_backup not in {None, wanted.geo_backup}:
        step = Step("Restore into a new server (only its creation sets geo_backup), or change the expectation.")
        yield _setting(server, "geo_backup", _yes(wanted.geo_backup), _yes(not wanted.geo_backup), step)
    if wanted.public_access is not None and server.public != wanted.public_access:
        step = Step("Find out who changed it in Azure: Networking of the server.")
        yield _setting(server, "public_access", _yes(wanted.public_access), _yes(server.public), step)


def _parameters(reading: ServerReading, expectation: ServerExpectation) -> Iterator[Finding]:
    server = expectation.resource_id.rpartition("/")[2]
    has = known(reading.parameters)
    for name, wanted in expectation.parameters.items():
        if name not in has:
            step = Step(f"Correct {name} in the settings: the server has no such parameter.")
            yield _named_setting(server, name, wanted, "no such parameter", step)
        elif has[name].casefold() != wanted.casefold():
            command = azure_commands.set_parameter(expectation.resource_id, name, wanted)
            yield _named_setting(server, name, wanted, has[name], Step(f"Set {name} to the expected value.", command))


def _setting(server: Server, name: str, expected: str, actual: str, step: Step) -> Finding:
    return _named_setting(server.name, name, expected, actual, step)


def _named_setting(server: str, name: str, expected: str, actual: str, step: Step) -> Finding:
    return Finding(
        "server-setting",
        name,
        Severity.WARNING,
        f"{name} of the server {server} is {actual}, expected {expected}.",
        expected=expected,
        actual=actual,
        remedy=(step,),
    )


def _yes(holds: bool) -> str:
    return "true" if holds else "false"


def is_temporary(rule: FirewallRule, facts: Facts) -> bool:
    """Say whether *rule* should be gone by now. Azure does not say when it was made: it counts from the first check."""
    expectation = facts.target.server
    is_old = expectation is not None and facts.started_at - _since(rule, facts) > expectation.temporary_grace
    return is_old and expectation is not None and expectation.is_temporary(rule.name)


def is_wide(rule: FirewallRule, facts: Facts) -> bool:
    expectation = facts.target.server
    if expectation is None:
        return False
    return not (expectation.all_of_azure if rule.is_all_of_azure else rule.addresses <= expectation.widest_rule)


def _since(rule: FirewallRule, facts: Facts) -> datetime:
    return facts.last_seen.first_seen.get(firewall_rule(rule.name), facts.started_at)


def _temporary(rule: FirewallRule, expectation: ServerExpectation, facts: Facts) -> Finding:
    since = _since(rule, facts)
    return Finding(
        "firewall-rule-temporary",
        rule.name,
        Severity.WARNING,
        f"The firewall rule {rule.name} lets in {_addresses(rule)}, first seen {since:%Y-%m-%d %H:%M} UTC or "
        "earlier; its name says that it is temporary.",
        expected=f"gone after {Duration.text(expectation.temporary_grace)}",
        actual="still exists",
        remedy=(
            Step("Delete the rule, if nobody needs it any more.", azure_commands.delete(expectation.id_of(rule.name))),
        ),
        evidence={"first": str(rule.first), "last": str(rule.last), "first_seen": since.isoformat()},
    )


def _wide(rule: FirewallRule, expectation: ServerExpectation) -> Finding:
    return Finding(
        "firewall-rule-wide",
        rule.name,
        Severity.WARNING,
        f"The firewall rule {rule.name} lets in {_addresses(rule)}.",
        expected="not all of Azure" if rule.is_all_of_azure else f"at most {expectation.widest_rule} addresses",
        actual=_addresses(rule),
        remedy=(
            Step("Make narrower rules for those who need access, or a private endpoint."),
            Step("Then delete the rule.", azure_commands.delete(expectation.id_of(rule.name))),
        ),
        evidence={"first": str(rule.first), "last": str(rule.last), "addresses": rule.addresses},
    )


def _addresses(rule: FirewallRule) -> str:
    if rule.is_all_of_azure:
        return "all of Azure, other customers included"
    if rule.first == rule.last:
        return str(rule.first)
    return f"{rule.addresses} addresses, {rule.first} to {rule.last}"
