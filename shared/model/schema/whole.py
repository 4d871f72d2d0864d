"""The schema itself: all objects, and what is not known of them."""

from collections.abc import Mapping
from dataclasses import field
from types import MappingProxyType

from ..question import Question
from ..session import Sessions
from ..value import dataclass
from .definition import Definition
from .subjects import RELATIONS, Kind, Place, Subject
from .tables import Index, Sequence, Statistics


@dataclass(frozen=True, slots=True)
class Doubt:
    """What is not known of one object, and why; all the rest of it is compared.

    *attributes* are names of its definition's fields. *may_be_absent*: with it and without it, both are as they
    should be. *others* are kinds of objects: such of them in it as no migration makes are as they should be, too.
    *by_text*: text put together from rows may have made it, or those others: that it is absent may be wrong.
    """

    because: str
    attributes: frozenset[str] = frozenset()
    may_be_absent: bool = False
    others: frozenset[Kind] = frozenset()
    by_text: bool = False

    def __str__(self) -> str:
        unknown = [*(["whether it exists"] if self.may_be_absent else []), *sorted(self.attributes)]
        others = "what" if len(self.others) == len(Kind) else f"which {' or '.join(sorted(self.others))}"
        unknown += [f"{others} else is in it"] if self.others else []
        return f"{self.because} (not compared: {', '.join(each.replace('_', ' ') for each in unknown)})"

    def and_also(self, other: "Doubt") -> "Doubt":
        """Both doubts in one."""
        return Doubt(
            self.because,
            self.attributes | other.attributes,
            self.may_be_absent or other.may_be_absent,
            self.others | other.others,
            self.by_text or other.by_text,
        )


@dataclass(frozen=True, slots=True)
class OtherObject:
    """What has a name that no other type can take: a base type or a range, which may have a *multirange*."""

    name: tuple[str, str]
    multirange: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Schema:
    """All objects of a database but the system's, those of extensions, and ``public`` itself.

    *opaque* names the subjects that this value knows too little about, and why: they, and what hangs on them, are not
    compared. An opaque subject may or may not have a definition too. *doubts* are of one object each, and of no other.
    *questions* are those that the server's analyser could answer, and did not yet. *unapplied* are the opaque ones of
    scripts that are not applied: whether they exist is those scripts' matter. *mentioned* are the names, in lower
    case, that each statement mentions which could not be parsed, and why: what bears such names is opaque on both
    sides. *others* are known of a server alone. *sessions* are the settings by which a server's migrations may have
    been read; a release's schema has the usual ones. *database* is the name of a server's database.
    """

    objects: Mapping[Subject, Definition]
    opaque: Mapping[Subject, str] = field(default_factory=lambda: MappingProxyType({}))
    doubts: Mapping[Subject, Doubt] = field(default_factory=lambda: MappingProxyType({}))
    unapplied: frozenset[Subject] = frozenset()
    questions: tuple[Question, ...] = ()
    mentioned: tuple[tuple[frozenset[str], str], ...] = ()
    others: tuple[OtherObject, ...] = ()
    sessions: Sessions = Sessions()
    database: str | None = None

    def parents(self, subject: Subject) -> tuple[Subject, ...]:
        """What takes *subject* along when it is dropped, nearest first: its table or schema, then what it hangs on."""
        definition = self.objects.get(subject)
        hangs_on = definition.hangs_on if definition is not None else ()
        own: tuple[Subject, ...] = ()
        if subject.kind.is_in_relation:
            own = (self._relation(subject.name[:2]),)
        elif isinstance(definition, Index):
            own = (definition.table,)
        elif subject.kind.place is not Place.DATABASE:
            own = (Subject(Kind.SCHEMA, subject.name[:1]),)
        return (*own, *hangs_on)

    def table_of(self, subject: Subject) -> Subject:
        """The table, view or materialized view that *subject* is part of or belongs to; else *subject* itself."""
        definition = self.objects.get(subject)
        if subject.kind.is_in_relation:
            return self._relation(subject.name[:2])
        if isinstance(definition, Index | Statistics):
            return definition.table
        if isinstance(definition, Sequence) and definition.owner is not None:
            return self._relation(definition.owner.name[:2])
        return subject

    def _relation(self, name: tuple[str, ...]) -> Subject:
        """The table, view or materialized view *name*; a table if there is none."""
        for kind in RELATIONS:
            if (subject := Subject(kind, name)) in self.objects:
                return subject
        return Subject(Kind.TABLE, name)
