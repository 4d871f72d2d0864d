"""How bad is it that a migration of the release waits, or that none was ever applied?"""

from datetime import timedelta

from ..model.database import History
from ..model.facts import Facts
from ..model.finding import Severity
from ..model.knowledge import Unavailable
from .app import runs_release

# A release that nobody deploys for so long was forgotten, or is stuck.
_FORGOTTEN_AFTER = timedelta(days=1)


def severity_of_no_history(facts: Facts, history: History) -> Severity:
    """Give how bad it is that Prisma never deployed there: before the very first deployment it is as it should be.

    Where something lies in the schema, though, that deployment stops at it (P3005).
    """
    is_first = facts.phase == "before" and facts.target.policy == "deploy-migrates" and not history.schema_has_tables
    return Severity.INFO if is_first else Severity.CRITICAL


def is_imminent(facts: Facts) -> bool:
    """Say whether what a deployment will meet concerns somebody now: it is about to run, runs, or is overdue.

    Overdue it is once the running app is the release: by its app, or by a verification.
    """
    if facts.phase is not None or facts.deploying:
        return True
    is_deployed = not isinstance(facts.release, Unavailable) and facts.release.digest == facts.last_seen.deployed
    return is_deployed or runs_release(facts) is True


def severity_of_waiting(facts: Facts) -> Severity:
    """Give how bad a migration is that is not applied and was not tried: by the target's policy.

    Where migrations go first it is always critical. Where the deployment applies them, they wait for
    the release to be deployed: critical once it runs, which the app shows or a verification has, and a
    warning when it takes a day.
    """
    if facts.target.policy == "migrate-first" or facts.phase == "after":
        return Severity.CRITICAL
    if facts.phase == "before" or isinstance(facts.release, Unavailable):
        return Severity.INFO
    if facts.release.digest == facts.last_seen.deployed or runs_release(facts):
        return Severity.CRITICAL
    first_seen = facts.last_seen.first_seen.get(f"release {facts.release.digest}", facts.started_at)
    return Severity.WARNING if facts.started_at - first_seen > _FORGOTTEN_AFTER else Severity.INFO
