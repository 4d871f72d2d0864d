"""How severe is it that a migration of the release is pending, or that none was ever applied?"""

from datetime import timedelta

from ..model.database import History
from ..model.facts import Facts
from ..model.finding import Severity
from ..model.knowledge import Unavailable
from .app import runs_release

# After this time a release that was not deployed was forgotten, or its deployment is stuck.
_FORGOTTEN_AFTER = timedelta(days=1)


def severity_of_no_history(facts: Facts, history: History) -> Severity:
    """Give how severe it is that Prisma never deployed there: it is normal before the very first deployment.

    But where the schema has tables already, that deployment stops at them (P3005).
    """
    is_first = facts.phase == "before" and facts.target.policy == "deploy-migrates" and not history.schema_has_tables
    return Severity.INFO if is_first else Severity.CRITICAL


def is_imminent(facts: Facts) -> bool:
    """Say whether a prediction for the deployment is urgent: the deployment is about to run, runs, or is overdue.

    It is overdue once the app runs the release, which the app or a verification shows.
    """
    if facts.phase is not None or facts.deploying:
        return True
    is_deployed = not isinstance(facts.release, Unavailable) and facts.release.digest == facts.last_seen.deployed
    return is_deployed or runs_release(facts) is True


def severity_of_waiting(facts: Facts) -> Severity:
    """Give how severe a pending migration is, by the target's policy.

    Where migrations go first it is always critical. Where the deployment applies them, they are pending until
    the release is deployed: critical once the app or a verification shows that it runs, and a warning after a day.
    """
    if facts.target.policy == "migrate-first" or facts.phase == "after":
        return Severity.CRITICAL
    if facts.phase == "before" or isinstance(facts.release, Unavailable):
        return Severity.INFO
    if facts.release.digest == facts.last_seen.deployed or runs_release(facts):
        return Severity.CRITICAL
    first_seen = facts.last_seen.first_seen.get(f"release {facts.release.digest}", facts.started_at)
    return Severity.WARNING if facts.started_at - first_seen > _FORGOTTEN_AFTER else Severity.INFO
