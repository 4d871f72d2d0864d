"""Does the application run, of the right release, on the watched database?"""

from collections.abc import Iterator
from ipaddress import ip_address

from ..model.app import AppExpectation, AppReading, Place, Revision
from ..model.database import DatabaseReading
from ..model.diagnosis import Diagnosis
from ..model.facts import Facts
from ..model.finding import Finding, Severity, Step
from ..model.knowledge import Unavailable, known
from ..model.release import Release
from ..model.value import replace
from ..remedies import azure_commands

# Part of the same server's name within a private network.
_PRIVATE_LINK = ".privatelink."
_OFF = {"Stopped", "Suspended"}


def check_app(facts: Facts, _diagnosis: Diagnosis | Unavailable) -> Iterator[Finding | Unavailable]:
    app, expectation = known(facts.app), facts.target.app
    if app is None or expectation is None:
        return
    if isinstance(app.revisions, Unavailable):
        yield app.revisions
    else:
        yield from _health(app, expectation, facts)
        yield from _behind(app, expectation, facts)
    yield from _database(app, expectation, facts)


def runs_release(facts: Facts) -> bool | None:
    """Say whether a revision with traffic runs the release. None: not known."""
    serving = facts.app.serving if isinstance(facts.app, AppReading) else ()
    answers = [is_of_release(each, facts) for each in serving]
    return True if True in answers else None if None in answers or not answers else False


def is_of_release(revision: Revision, facts: Facts) -> bool | None:
    """Say whether *revision* runs the release that the database is compared with. None: not known."""
    app, expectation, release = facts.app, facts.target.app, facts.release
    if not isinstance(app, AppReading) or expectation is None or isinstance(release, Unavailable):
        return None
    by_its_tag = expectation.is_of(revision.image, release.version)
    if by_its_tag is None and _is_what_runs(release, expectation, facts) and revision.image == app.serving[0].image:
        return True
    return by_its_tag


def _is_what_runs(release: Release, expectation: AppExpectation, facts: Facts) -> bool:
    """Say whether the release was read from the running image: a verification may ask for another tag."""
    images = [source for source in facts.target.releases if source.source == "image"]
    is_the_apps = all((each.container_app or "").casefold() == expectation.resource_id.casefold() for each in images)
    return facts.phase is None and release.source == "image" and is_the_apps and release.stale is None


def _health(app: AppReading, expectation: AppExpectation, facts: Facts) -> Iterator[Finding]:
    resource = expectation.resource_id
    failing = next((each for each in app.serving if each.fails), None)
    newest = next((each for each in app.revisions_known if each.name == app.newest and each.active), None)
    if app.running in _OFF:
        step = Step(f"Find out who stopped {app.name}, and start it.", azure_commands.start_app(resource))
        yield _unhealthy(
            app, f"Azure says that {app.name} is {app.running}: it serves no requests.", str(app.running), step
        )
    elif failing is not None:
        yield _failing(app, failing, _with_traffic(failing), expectation)
    elif newest is not None and newest.fails:
        # Users still get the revision before: that is urgent only for the person who deploys.
        finding = _failing(app, newest, f"; {app.serving[0].name} still has the traffic", expectation)
        yield finding if facts.phase == "after" else replace(finding, severity=Severity.WARNING)
    elif not app.serving:
        step = Step(f"Check the revisions of {app.name}.", azure_commands.revisions(resource))
        yield _unhealthy(app, f"No revision of {app.name} is active: it serves no requests.", "none is active", step)


def _with_traffic(revision: Revision) -> str:
    return f", with {revision.traffic} % of the traffic" if revision.traffic else ""


def _failing(app: AppReading, revision: Revision, aside: str, expectation: AppExpectation) -> Finding:
    error = f" ({revision.error.rstrip('.')})" if revision.error else ""
    logs = azure_commands.logs(expectation.resource_id, revision.name)
    return replace(
        _unhealthy(
            app,
            f"The revision {revision.name} of {app.name} {revision.fails}{error}{aside}.",
            # Azure's own word for it changes from minute to minute.
            f"{revision.name} fails",
            Step("Find the reason in the log of Container Apps.", logs),
            Step("Fix the application, and deploy again."),
        ),
        evidence={"revision": revision.name, "image": revision.image.reference},
    )


def _unhealthy(app: AppReading, summary: str, actual: str, *steps: Step) -> Finding:
    return Finding(
        "app-unhealthy",
        app.name,
        Severity.CRITICAL,
        summary,
        expected="a revision that runs",
        actual=actual,
        remedy=steps,
    )


def _behind(app: AppReading, expectation: AppExpectation, facts: Facts) -> Iterator[Finding]:
    """After a deployment, all of the traffic must go to its release; a verification says that it was deployed.

    A release that was never deployed is no finding here: `severity_of_waiting` counts its days.
    """
    release = facts.release
    if isinstance(release, Unavailable) or not (facts.phase == "after" or release.digest == facts.last_seen.deployed):
        return
    other = next((each for each in app.serving if is_of_release(each, facts) is False), None)
    if other is not None:
        runs = expectation.release_of(other.image) or other.image.digest or other.image.reference
        summary = (
            f"{app.name} runs {runs} (revision {other.name}{_with_traffic(other)}); "
            f"the deployed release is {release.version}."
        )
        yield _late(app, summary, str(release.version), runs, expectation)
    elif facts.phase == "after" and app.one_at_a_time and app.newest != app.ready and runs_release(facts) is None:
        summary = f"The newest revision of {app.name}, {app.newest}, is not ready; {app.ready} still has the traffic."
        yield _late(app, summary, str(app.newest), str(app.ready), expectation)


def _late(app: AppReading, summary: str, expected: str, actual: str, expectation: AppExpectation) -> Finding:
    return Finding(
        "app-behind",
        app.name,
        Severity.CRITICAL,
        summary,
        expected=expected,
        actual=actual,
        remedy=(
            Step("Check which revision has the traffic.", azure_commands.revisions(expectation.resource_id)),
            Step("Deploy the release again, or give its revision the traffic."),
        ),
    )


def _database(app: AppReading, expectation: AppExpectation, facts: Facts) -> Iterator[Finding]:
    watched = _watched(facts.database)
    if isinstance(app.database, Unavailable) or watched is None:
        return
    if _are_same(app.database, watched, expectation) is not False:
        return
    yield Finding(
        "app-other-database",
        app.name,
        Severity.CRITICAL,
        f"{app.name} uses the database {app.database}, but the monitor checks {watched}.",
        expected=str(watched),
        actual=str(app.database),
        remedy=(
            Step("Find out which of the two is right; then fix the app's variable, or database in the settings."),
            Step("If both names mean the same server, say so in the settings: database_hosts of [target.app]."),
        ),
    )


def _watched(database: DatabaseReading | Unavailable) -> Place | None:
    if isinstance(database, Unavailable) or database.host is None:
        return None
    return Place(database.host, database.name)


def _are_same(one: Place, other: Place, expectation: AppExpectation) -> bool | None:
    """Say whether both are the same database. None for an address and a name, or for a private address."""
    names = [_plain(one.host), _plain(other.host)]
    aliases = {_plain(alias) for alias in expectation.database_hosts}
    if names[0] == names[1] or names[0] in aliases:
        return one.database == other.database
    return None if any(map(_is_address, names)) else False


def _plain(host: str) -> str:
    return host.casefold().rstrip(".").replace(_PRIVATE_LINK, ".")


def _is_address(host: str) -> bool:
    if host == "localhost" or host.startswith(("/", "@")):
        return True
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
