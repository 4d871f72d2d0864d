"""Whether any statements share something at all: those of most migrations make and change things of their own.

It is asked before `Clusters` are made, which costs several times as much, and errs on the side of yes.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain

from ...model.schema import Subject
from .clusters import bears_on_what_it_names, plain_name, unnamed
from .evidence import carriers, containers
from .ground import Effect
from .steps import Step


def share(steps: Sequence[Step], effects: Mapping[int, Effect]) -> bool:
    """Say whether two of *steps* may bear on the same thing, by their *effects* in order."""
    bearer: dict[Subject, int] = {}
    takes = False
    for at, effect in effects.items():
        if bears_on_what_it_names(steps[at].statement, effect):
            return True
        for subject, (before, after) in effect.objects.items():
            if bearer.setdefault(subject, at) != at:
                return True
            takes = takes or (before is not None and after is None)
    return _vie(steps, effects) or (takes and _hang_together(bearer, effects))


def _vie(steps: Sequence[Step], effects: Mapping[int, Effect]) -> bool:
    """Say whether two statements may make what gets the same name from the server."""
    bearer: dict[tuple[str, str], int] = {}
    made = ((at, subject) for at, effect in effects.items() for subject in unnamed(steps[at].statement, effect))
    return any(bearer.setdefault(plain_name(subject), at) != at for at, subject in made)


def _hang_together(bearer: Mapping[Subject, int], effects: Mapping[int, Effect]) -> bool:
    """Say whether what a statement bears on hangs on something that another one bears on, and may take along."""
    return any(bearer.get(holder, at) != at for at, effect in effects.items() for holder in _holders(effect))


def _holders(effect: Effect) -> Iterator[Subject]:
    """What takes along what *effect* bears on: for all parts of a relation the same is around them."""
    around = {(subject.kind.is_in_relation, subject.name[:2]): subject for subject in effect.objects}
    definitions = (each for change in effect.objects.values() for each in change if each is not None)
    return chain(chain.from_iterable(map(containers, around.values())), chain.from_iterable(map(carriers, definitions)))
