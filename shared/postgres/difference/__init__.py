"""Two schemas compared: every difference once, in words, with the SQL that fixes it where nothing is lost."""

from collections.abc import Iterator, Mapping
from dataclasses import field

from ...model.difference import Change, Difference
from ...model.schema import Column, Definition, Kind, Schema, Subject
from ...model.value import compared_fields, dataclass, replace
from ..canonical import Server
from . import words
from .comparing import compared, server_of
from .corrective import Corrections
from .doubts import Doubts
from .folding import Differing
from .partitions import NO_PARTITIONS, Partitions, partitions_of_others
from .renames import UNNAMED_BY_APPLICATIONS, find_renames, find_replacements
from .rewriting import Renaming, renamed_values

__all__ = ["Change", "Compared", "Difference", "compare", "differences"]


@dataclass(frozen=True, slots=True)
class Compared:
    """Every difference, in order of subjects; and the objects with an attribute that cannot be compared, with why."""

    differences: tuple[Difference, ...]
    unsure: Mapping[Subject, str]


def differences(expected: Schema, actual: Schema) -> list[Difference]:
    """How *actual*, a server's schema, differs from *expected*, in order of subjects.

    What either side calls opaque, and what hangs on that, is not compared; what is in doubt of one object is left out.
    """
    return list(compare(expected, actual).differences)


def compare(expected: Schema, actual: Schema) -> Compared:
    """As ``differences``, with what of both cannot be compared for what their constants say."""
    renaming, translated = find_renames(expected, actual)
    comparison = _Comparison(expected, actual, renamed_values(expected, translated), renaming)
    found = list(comparison.reported())
    reported = comparison.partitions.said_with(found, expected, comparison.translated)
    return Compared(tuple(sorted(reported, key=lambda difference: difference.subject)), comparison.unsure)


@dataclass(slots=True)
class _Comparison:
    expected: Schema
    actual: Schema
    translated: Schema  # *actual* in the release's names
    renaming: Renaming
    unsure: dict[Subject, str] = field(default_factory=dict)
    partitions: Partitions = NO_PARTITIONS
    _along: dict[Subject, list[Subject]] = field(default_factory=dict)

    def reported(self) -> Iterator[Difference]:
        opaque = _Opaque(self.expected, self.translated)
        ours, theirs = self.expected.objects, self.translated.objects
        doubts, server = Doubts(self.expected, self.translated), server_of(self.translated)
        missing = {
            subject for subject in ours.keys() - theirs.keys() if subject not in opaque and not doubts.may_lack(subject)
        }
        unexpected = {
            subject for subject in theirs.keys() - ours.keys() if subject not in opaque and not doubts.may_hold(subject)
        }
        self.partitions = partitions_of_others(self.expected, self.translated, unexpected, server)
        unexpected -= self.partitions.objects
        replaced = dict(find_replacements(missing, unexpected))
        found_as = {
            old: new for new, old in self.renaming.items() if old in ours and old in theirs and old not in opaque
        }
        state = Differing(
            self.expected,
            self.translated,
            missing=frozenset(missing),
            unexpected=frozenset(unexpected.difference(replaced.values())),
            changed=dict(self._changed(opaque, doubts, server)),
            replacing={found: wanted for wanted, found in replaced.items()},
        )
        reasons = state.folded()
        for subject, reason in reasons.items():
            if subject != reason:
                self._along.setdefault(reason, []).append(subject)
        corrections = Corrections(self.expected, self.translated)
        for difference in self._all(state, replaced, found_as):
            if reasons.get(difference.subject, difference.subject) == difference.subject:
                is_known = not any(each in self.expected.doubts for each in (difference.subject, *difference.folded))
                corrective, concurrently = corrections.statements(difference), corrections.concurrently(difference)
                sure = replace(difference, corrective=corrective, concurrently=concurrently)
                yield sure if is_known else difference

    def _changed(self, opaque: "_Opaque", doubts: Doubts, server: Server) -> Iterator[tuple[Subject, tuple[str, ...]]]:
        for subject, ours in self.expected.objects.items():
            theirs = self.translated.objects.get(subject)
            if theirs is None or subject in opaque:
                continue
            found = compared(ours, theirs, server)
            if found.unsure:
                self.unsure[subject] = "; ".join(f"its {name}: {why}" for name, why in found.unsure)
            if attributes := doubts.certain(subject, found.differs):
                yield subject, attributes

    def _all(self, state: Differing, replaced: Renaming, found_as: Renaming) -> Iterator[Difference]:
        for subject in state.missing:
            if (other := replaced.get(subject)) is not None:
                yield self._difference(Change.CHANGED, subject, ("kind",), other)
            else:
                yield self._difference(Change.MISSING, subject)
        for subject in state.unexpected:
            yield self._difference(Change.UNEXPECTED, subject)
        for subject, attributes in state.changed.items():
            yield self._difference(Change.CHANGED, subject, attributes, found_as.get(subject))
        for subject, other in found_as.items():
            if subject not in state.changed and not self._is_renamed_along(subject, other, found_as):
                named = subject.kind not in UNNAMED_BY_APPLICATIONS
                yield self._difference(Change.MISSING if named else Change.CHANGED, subject, ("name",), other)

    def _is_renamed_along(self, subject: Subject, other: Subject, found_as: Renaming) -> bool:
        """Say whether what it is in has another name: its schema, or the parent that its column comes from."""
        if _moved_along(subject, other, found_as):
            return True
        above = (each for each in self.expected.parents(subject) if each.kind is Kind.COLUMN and each in found_as)
        return any(found_as[each].name[-1] == other.name[-1] for each in above)

    def _difference(
        self, change: Change, subject: Subject, attributes: tuple[str, ...] = (), found_as: Subject | None = None
    ) -> Difference:
        wanted, found = self.expected.objects.get(subject), self.translated.objects.get(subject)
        if attributes == ("kind",) and found_as is not None:
            found = self.translated.objects.get(found_as)
        said = self._as_said(subject, wanted, found, attributes)
        expected, actual = words.both(subject, said, found, attributes, found_as)
        folded = tuple(sorted(self._along.get(subject, ())))
        return Difference(change, subject, wanted, found, expected, actual, attributes, found_as, folded)

    def _as_said(
        self, subject: Subject, wanted: Definition | None, found: Definition | None, attributes: tuple[str, ...]
    ) -> Definition | None:
        """*wanted* as far as it is known, spelled as *found* is where the two are the same but for *attributes*."""
        doubt = self.expected.doubts.get(subject)
        in_doubt = doubt.attributes if doubt is not None else frozenset()
        if wanted is not None and type(wanted) is type(found):
            same = set(compared_fields(type(wanted))).difference(attributes, in_doubt)
            wanted = replace(wanted, **{name: getattr(found, name) for name in same})
        if "type" in in_doubt and isinstance(wanted, Column):
            return replace(wanted, type="a type that is not known")
        return wanted


def _moved_along(subject: Subject, other: Subject, found_as: Renaming) -> bool:
    """Say whether only the schema's other name is in the object's."""
    schema = found_as.get(Subject(Kind.SCHEMA, subject.name[:1]))
    return subject.kind is not Kind.SCHEMA and schema is not None and (*schema.name, *subject.name[1:]) == other.name


class _Opaque:
    """What is not compared, because one side knows too little of it or of what it hangs on."""

    def __init__(self, expected: Schema, actual: Schema) -> None:
        self._schemas = (expected, actual)
        self._known: dict[Subject, bool] = {subject: True for schema in self._schemas for subject in schema.opaque}
        self._any = bool(self._known)

    def __contains__(self, subject: Subject) -> bool:
        if not self._any:
            return False
        if subject not in self._known:
            self._known[subject] = False  # for circles
            self._known[subject] = any(parent in self for schema in self._schemas for parent in schema.parents(subject))
        return self._known[subject]
