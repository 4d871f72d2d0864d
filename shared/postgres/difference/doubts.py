"""What the release's schema leaves open of single objects, taken out of a comparison."""

from ...model.schema import Schema, Subject
from .settings import is_elsewhere, may_be_set

# A default is brought to its canonical form by the column's type.
_GO_WITH_TYPE = frozenset({"default", "generated"})


class Doubts:
    def __init__(self, expected: Schema, actual: Schema) -> None:
        self._expected = expected
        self._actual = actual
        self._lacking = {subject for subject, doubt in expected.doubts.items() if doubt.may_be_absent}
        self._holders = {subject: doubt.others for subject, doubt in expected.doubts.items() if doubt.others}

    def certain(self, subject: Subject, attributes: tuple[str, ...]) -> tuple[str, ...]:
        """Those of the differing *attributes* of *subject* that are no doubt's."""
        if is_elsewhere(self._expected, self._actual, subject):
            return ()
        doubt = self._expected.doubts.get(subject)
        if doubt is None:
            return attributes
        open_ = doubt.attributes
        if "type" in open_:
            ours, theirs = self._expected.objects[subject], self._actual.objects[subject]
            open_ |= {each for each in _GO_WITH_TYPE if getattr(ours, each, None) and getattr(theirs, each, None)}
        return tuple(each for each in attributes if each not in open_)

    def may_lack(self, subject: Subject) -> bool:
        """Say whether *subject*, which the server lacks, need not be there: it, or what takes it along."""
        if is_elsewhere(self._expected, self._actual, subject):
            return True
        if not self._lacking:
            return False
        above = [subject, *self._above(subject, self._expected)]
        return any(each in self._lacking and each not in self._actual.objects for each in above)

    def may_hold(self, subject: Subject) -> bool:
        """Say whether *subject*, which the release lacks, may be there: it, or what it is a part of."""
        if may_be_set(self._expected, self._actual, subject):
            return True
        if not self._lacking and not self._holders:
            return False
        above = [subject, *self._above(subject, self._actual)]
        if not self._lacking.isdisjoint(above):
            return True
        kinds = {each.kind for each in above if each not in self._expected.objects}
        return any(not kinds.isdisjoint(self._holders.get(each, ())) for each in above)

    @staticmethod
    def _above(subject: Subject, schema: Schema) -> list[Subject]:
        """What takes *subject* along when it is dropped, and what takes that along."""
        found: dict[Subject, None] = {}
        waiting = [subject]
        while waiting:
            parents = [parent for parent in schema.parents(waiting.pop()) if parent not in found]
            found.update(dict.fromkeys(parents))
            waiting += parents
        return list(found)
