"""Pending migrations that leave the schema as it was: a person finds out before a deploy whether somebody ran them."""

from collections.abc import Iterator, Sequence

from ..model.diagnosis import MigrationStatus
from ..model.finding import Step
from ..model.phrases import listed
from . import commands
from .context import RemedyContext

_POINTER = "Then find out whether"
_FIRST = "First find out whether"


def is_last_unshown(status: MigrationStatus, context: RemedyContext) -> bool:
    """Say whether a deploy may come after the steps of *status*: all other steps that come first are printed before."""
    return not context.unshown or status.name == context.unshown[-1]


def deploy(status: MigrationStatus, context: RemedyContext, text: str) -> Iterator[Step]:
    """Deploy; or point to the migrations that a person checks first: whether they ran. The last one deploys."""
    if is_last_unshown(status, context):
        yield Step(text, commands.DEPLOY)
    else:
        names = [name for name in context.unshown if name != status.name]
        yield _find_out(names, is_known_now=not context.blocking)


def deploy_despite(context: RemedyContext, text: str) -> Iterator[Step]:
    """Deploy in a way that leaves a migration as it is, so that no later report has the steps of those behind it."""
    for name in context.unshown:
        yield Step(
            f"Find out whether {name} ran already: the database does not show it. If only some of its statements ran, "
            "run the others, each once. If all of them ran then, mark it as applied: a deploy would run it again.",
            commands.resolve_applied(name),
            asks=True,
        )
    yield Step(text, commands.DEPLOY)


def points_to_unshown(step: Step) -> bool:
    """Say whether *step* only names the findings with the steps that come before a deploy, and with the deploy."""
    return step.command is None and step.text.startswith((_POINTER, _FIRST))


def find_out_first(name: str) -> Step:
    """The first step where *name* may have made the rows in its way itself: they must not be changed then."""
    return Step(
        f"{_FIRST} {name} ran already, by the steps of its other finding: it may have made the rows in its way itself."
    )


def unless_its_own(status: MigrationStatus, context: RemedyContext) -> Iterator[Step]:
    """What comes before a deploy of *status* that would fail at rows, if it has not run."""
    if status.name in context.in_their_own_way:
        yield Step(f"If none of its statements ran: first fix deploy-will-fail of {status.name}, and check again.")


def _find_out(names: Sequence[str], *, is_known_now: bool) -> Step:
    """Their steps are printed once nothing stands before them any more."""
    steps = "its steps say" if len(names) == 1 else "their steps say"
    then = f"{steps} how, and deploy." if is_known_now else f"check again, and {steps} how."
    return Step(f"{_POINTER} {listed(names)} ran already, before a deploy runs it: {then}")
