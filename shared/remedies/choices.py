"""Steps of another way than the first one, which a person chooses."""

from collections.abc import Iterable, Iterator

from ..model.finding import Step
from ..model.value import replace


def as_choice(steps: Iterable[Step]) -> Iterator[Step]:
    return (replace(step, choice=True) for step in steps)


def only_if(condition: str, steps: Iterable[Step]) -> Iterator[Step]:
    """Give *steps*, at least one, as a way whose first sentence begins with *condition*."""
    first, *more = steps
    text = f"{condition}: {first.text[0].lower()}{first.text[1:]}"
    return as_choice((replace(first, text=text), *more))
