"""Waiting migrations that only change rows: a person finds out whether somebody ran them before a deploy does."""

from collections.abc import Iterator, Sequence

from ..model.diagnosis import MigrationStanding
from ..model.finding import Step
from ..model.phrases import listed
from . import commands
from .context import RemedyContext

_POINTER = "Then find out whether"
_FIRST = "First find out whether"


def is_last_unshown(standing: MigrationStanding, context: RemedyContext) -> bool:
    """Say whether a deploy may stand behind the steps of *standing*: all other steps that come first stand before."""
    return not context.unshown or standing.name == context.unshown[-1]


def deploy(standing: MigrationStanding, context: RemedyContext, text: str) -> Iterator[Step]:
    """Deploy; or point to those of which a person finds out first whether they ran, the last of which deploys."""
    if is_last_unshown(standing, context):
        yield Step(text, commands.DEPLOY)
    else:
        names = [name for name in context.unshown if name != standing.name]
        yield _find_out(names, is_known_now=not context.blocking)


def deploy_despite(context: RemedyContext, text: str) -> Iterator[Step]:
    """Deploy in a way that leaves a migration as it is, so that no later report has the steps of those behind it."""
    for name in context.unshown:
        yield Step(
            f"find out whether {name} ran already: nothing would show it. If only some of it ran, run the rest of it, "
            "each statement once. If all of it ran then, record it as applied: a deploy would run it again.",
            commands.resolve_applied(name),
            asks=True,
        )
    yield Step(text, commands.DEPLOY)


def points_to_unshown(step: Step) -> bool:
    """Say whether *step* only names the findings with the steps that come before a deploy, and with the deploy."""
    return step.command is None and step.text.startswith((_POINTER, _FIRST))


def find_out_first(name: str) -> Step:
    """The first step where the rows in the way of *name* may be those that it made: they must not be changed then."""
    return Step(f"{_FIRST} {name} ran already, by the steps of its other finding: the rows in its way may be its own.")


def unless_its_own(standing: MigrationStanding, context: RemedyContext) -> Iterator[Step]:
    """What comes before a deploy of *standing* that would fail at rows, should it not have run."""
    if standing.name in context.in_their_own_way:
        yield Step(f"If none of it ran: first fix deploy-will-fail of {standing.name}, and check again.")


def _find_out(names: Sequence[str], *, is_known_now: bool) -> Step:
    """Their steps are printed once nothing stands before them any more."""
    steps = "its steps say" if len(names) == 1 else "their steps say"
    then = f"{steps} how, and deploy." if is_known_now else f"check again, and {steps} how."
    return Step(f"{_POINTER} {listed(names)} ran already, before a deploy runs it: {then}")
