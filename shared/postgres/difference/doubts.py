"""What the release's schema leaves open of single objects, taken out of a comparison."""

from shared.model.schema import Schema, Subject

# A default is brought to its canonical form by the column's type.
_GO_WITH_TYPE = frozenset({"default", "generated"})


class Doubts:
    def __init__(self, expected: Schema, actual: Schema) -> None:
        self._expected = expected
        self._actual = actual
        self._lacking = {subject for subject, doubt in expected.doubts.items() if doubt.may_be_absent}
        self._holders = {subject for subject, doubt in expected.doubts.items() if doubt.holds_others}

    def certain(self, subject: Subject, attributes: tuple[str, ...]) -> tuple[str, ...]:
        """Those of the differing *attributes* of *subject* that are no doubt's."""
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
        return bool(self._lacking) and self._is_of(subject, self._expected, self._lacking - self._actual.objects.keys())

    def may_hold(self, subject: Subject) -> bool:
        """Say whether *subject*, which the release lacks, may be there: it, or what it is a part of."""
        if not self._lacking and not self._holders:
            return False
        gone = self._lacking - self._expected.objects.keys()
        return self._is_of(subject, self._actual, gone | self._holders)

    @staticmethod
    def _is_of(subject: Subject, schema: Schema, some: set[Subject]) -> bool:
        seen, waiting = {subject}, [subject]
        while waiting:
            each = waiting.pop()
            if each in some:
                return True
            parents = [parent for parent in schema.parents(each) if parent not in seen]
            seen.update(parents)
            waiting += parents
        return False
