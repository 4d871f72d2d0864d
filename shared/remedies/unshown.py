"""Waiting migrations that only change rows: a person finds out whether somebody ran them before a deploy does."""

from collections.abc import Iterator, Sequence

from ..model.diagnosis import MigrationStanding
from ..model.finding import Step
from . import commands
from .context import RemedyContext
from .lines import listed

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
        yield _find_out([name for name in context.unshown if name != standing.name])


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


def _find_out(names: Sequence[str]) -> Step:
    steps = "its steps say" if len(names) == 1 else "their steps say"
    return Step(f"{_POINTER} {listed(names)} ran already, before a deploy runs it: {steps} how, and deploy.")
