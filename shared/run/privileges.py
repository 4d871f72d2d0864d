"""The baseline of a target's owners and privileges: what others than its migrations grant, as the settings take it."""

from ..model.knowledge import NotKnownError, Unavailable, known
from ..model.report import Trigger
from ..model.settings import BaselineOfPrivileges, Target
from ..model.value import replace
from .pipeline import read_facts


def baseline_of(target: Target) -> BaselineOfPrivileges | Unavailable:
    """Read production as it is now, and give what is to be recorded; the baseline that *target* has does not count."""
    from ..diagnose.diagnosis import diagnose  # noqa: PLC0415  # see pipeline.py
    from ..diagnose.privileges import present_as_baseline  # noqa: PLC0415  # as above

    facts, _ = read_facts(replace(target, grants=None, seeds=(), endpoints=(), server=None, app=None), Trigger.TERMINAL)
    try:
        truth, database = known(diagnose(facts)), known(facts.database)
        return present_as_baseline(facts, database, truth.migrations, known(truth.schema))
    except NotKnownError as error:
        return error.unavailable
