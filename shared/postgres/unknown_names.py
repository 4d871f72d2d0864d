"""What bears a name that a statement mentions which could not be parsed: it is not compared."""

from collections import defaultdict
from collections.abc import Iterable
from types import MappingProxyType

from ..model.schema import Schema, Subject
from ..model.value import replace


def with_unknown_names(expected: Schema, *others: Iterable[Subject]) -> Schema:
    """*expected* with all that is opaque by its name, of its own objects and of *others*. Costs what is mentioned."""
    if not expected.mentioned:
        return expected
    by_word: dict[str, list[Subject]] = defaultdict(list)
    for subject in dict.fromkeys(each for objects in (expected.objects, *others) for each in objects):
        by_word[_words(subject)[-1]].append(subject)
    found: dict[Subject, str] = {}
    for names, because in expected.mentioned:
        for name in names & by_word.keys():
            for subject in by_word[name]:
                if names.issuperset(_words(subject)):
                    found.setdefault(subject, because)
    return replace(expected, opaque=MappingProxyType({**found, **expected.opaque}))


def _words(subject: Subject) -> tuple[str, ...]:
    """The words that a statement cannot do without: the schema may go without saying, a routine's types as well."""
    own = subject.name[1:] or subject.name
    return *(word.casefold() for word in own[:-1]), own[-1].partition("(")[0].casefold()
