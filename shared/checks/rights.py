"""Are owners and privileges those that the migrations, and the baseline over them, make?"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from ..model.clients import ClientEffect
from ..model.diagnosis import Comparison, Diagnosis
from ..model.facts import Facts
from ..model.finding import Finding, Json, Severity, Step
from ..model.knowledge import Unavailable, known
from ..model.phrases import listed
from ..model.privileges import PUBLIC, DefaultFor, Place, RightsChange, RightsComparison, RightsDifference
from ..model.schema import ROUTINES, Kind, Routine, Subject
from ..model.value import dataclass
from ..postgres.rights.acl import AS_TABLES
from ..postgres.rights.comparing import BYPASS, MEMBER, ROW_SECURITY
from ..postgres.rights.corrective import corrective, role_name
from .bounded import bounded
from .clients import evidence_of

_NEW_MIGRATION = "Put this into a new migration (npx prisma migrate dev --create-only) and release it."
# Of more objects of one kind in one schema there is one finding for all.
_MOST_ALONE = 3
_MOST_NAMED = 5
_PLURALS: Mapping[Kind, str] = {
    Kind.TABLE: "tables", Kind.VIEW: "views", Kind.MATERIALIZED_VIEW: "materialized views",
    Kind.FOREIGN_TABLE: "foreign tables", Kind.AGGREGATE: "aggregates",
    Kind.SEQUENCE: "sequences", Kind.FUNCTION: "functions", Kind.PROCEDURE: "procedures", Kind.ENUM: "enums",
    Kind.DOMAIN: "domains", Kind.COMPOSITE_TYPE: "composite types", Kind.RANGE: "range types",
}  # fmt: skip
# What of an application fails without a privilege; what is not here, no statement of a client needs.
_FAILS: Mapping[str, str] = {
    "SELECT": "reads", "INSERT": "creates", "UPDATE": "updates", "DELETE": "deletes", "EXECUTE": "calls",
}  # fmt: skip
_ON_TABLES = frozenset({*AS_TABLES, Kind.COLUMN})


@dataclass(frozen=True, slots=True)
class _Group:
    """Differences that one finding says; *name* is what it is about, without the role."""

    name: str
    differences: tuple[RightsDifference, ...]

    @property
    def first(self) -> RightsDifference:
        return self.differences[0]

    @property
    def places(self) -> list[Subject]:
        return [each.place for each in self.differences if isinstance(each.place, Subject)]


def check_rights(facts: Facts, diagnosis: Diagnosis | Unavailable) -> Iterator[Finding | Unavailable]:
    """Yield a finding for each object and role, or one for all of a kind in a schema, and why it is unknown."""
    truth = known(diagnosis)
    if truth.rights is None:
        return
    rights = known(truth.rights)
    comparison = known(truth.schema)
    if not rights.differences:
        return
    there = Counter(map(_holder, comparison.actual.objects))
    wording = _Wording(rights, comparison, there, facts.target.app_role is not None)
    for group in _groups(rights.differences, there):
        yield wording.finding(group)


def _groups(differences: Iterable[RightsDifference], there: Mapping[object, int]) -> Iterator[_Group]:
    """One for each object, unless there are many of a kind in a schema, or all that are *there*.

    An owner's change is nobody's in particular.
    """
    together: dict[tuple[object, ...], list[RightsDifference]] = {}
    for each in differences:
        grantee = None if each.change is RightsChange.OWNER else each.grantee
        together.setdefault((each.change, grantee, _holder(each.place)), []).append(each)
    for found in together.values():
        places = [each.place for each in found if isinstance(each.place, Subject)]
        if len(places) > _MOST_ALONE or (len(places) > 1 and len(places) == there[_holder(places[0])]):
            yield _Group(_folded_name(places), tuple(found))
        else:
            yield from (_Group(_name(each.place), (each,)) for each in found)


def _holder(place: Place) -> object:
    """What it is folded into: its kind and its schema, or its table."""
    if not isinstance(place, Subject) or place.kind is Kind.SCHEMA:
        return place
    kind = Kind.TABLE if place.kind in AS_TABLES else place.kind
    return kind, place.name[:2] if place.kind is Kind.COLUMN else place.name[:1]


def _folded_name(places: Sequence[Subject]) -> str:
    first = places[0]
    if first.kind is Kind.COLUMN:
        return f"columns of table {'.'.join(first.name[:2])}"
    kinds = {each.kind for each in places}
    return f"{listed(plural for kind, plural in _PLURALS.items() if kind in kinds)} of {first.name[0]}"


def _name(place: Place) -> str:
    if isinstance(place, Subject):
        return str(place)
    if isinstance(place, DefaultFor):
        schema = f" in {place.schema}" if place.schema else ""
        return f"new {place.objects} of {role_name(place.role)}{schema}"
    return "row security" if place == ROW_SECURITY else f"role {role_name(place)}"


@dataclass(frozen=True, slots=True)
class _Wording:
    """*there* counts the objects by what they are folded into.

    *app_is_named*: the settings name the application's role; else it is the one that deploys.
    """

    rights: RightsComparison
    comparison: Comparison
    there: Mapping[object, int]
    app_is_named: bool

    def finding(self, group: _Group) -> Finding:
        if group.first.change is RightsChange.OWNER:
            return self._owner(group)
        return self._missing(group) if group.first.change is RightsChange.MISSING else self._unexpected(group)

    def _missing(self, group: _Group) -> Finding:
        role, what = role_name(group.first.grantee), self._what(group)
        failing = self._failing(group)
        effect = f" {self._app} is affected: {failing} (42501)." if failing else ""
        return Finding(
            "privilege-missing",
            f"{role} on {group.name}",
            Severity.CRITICAL if failing else Severity.WARNING,
            f"{self._role(group.first.grantee)} lacks {what}.{effect}",
            expected="; ".join(_privileges(group)),
            actual="not granted",
            remedy=tuple(self._steps(group)),
            evidence=self._evidence(group),
        )

    def _unexpected(self, group: _Group) -> Finding:
        role, what = role_name(group.first.grantee), self._what(group)
        if group.first.place == ROW_SECURITY:
            summary = f"{self._role(group.first.grantee)} bypasses row security: policies hide no row from it."
        else:
            summary = (
                f"{self._role(group.first.grantee)} has {what}, which neither a migration nor the baseline grants."
            )
        return Finding(
            "privilege-unexpected",
            f"{role} on {group.name}",
            Severity.WARNING,
            summary,
            expected="not granted",
            actual="; ".join(_privileges(group)),
            remedy=(*self._steps(group), _keep()),
            evidence=self._evidence(group),
        )

    def _owner(self, group: _Group) -> Finding:
        owners = listed(dict.fromkeys(role_name(each.grantee) for each in group.differences))
        before = listed(dict.fromkeys(role_name(each.expected_owner or "") for each in group.differences))
        deployer, failing = self.rights.actual.deployer, self._failing(group)
        blocked = not all(self.rights.alters[each.grantee] for each in group.differences)
        belong, it = ("belongs", "it") if len(group.differences) == 1 else ("belong", "them")
        effects = []
        if failing:
            effects.append(f"{self._app} is affected: {failing} (42501).")
        if blocked:
            effects.append(f"{role_name(deployer)}, which runs the migrations, can no longer alter {it} (42501).")
        return Finding(
            "owner-changed",
            group.name,
            Severity.CRITICAL if effects else Severity.WARNING,
            " ".join([f"{_said(group)} {belong} to {owners} instead of {before}.", *effects]),
            expected=before,
            actual=owners,
            remedy=(*self._steps(group), _keep()),
            evidence=self._evidence(group),
        )

    @property
    def _app(self) -> str:
        return "The application" if self.app_is_named else "The application, which uses the role that deploys,"

    def _role(self, role: str) -> str:
        if role == PUBLIC:
            return "PUBLIC (every role)"
        own = " (the application's)" if role == self.rights.app else ""
        return f"Role {role_name(role)}{own}"

    def _what(self, group: _Group) -> str:
        if group.first.privileges == (MEMBER,):
            return f"membership in role {role_name(str(group.first.place))}"
        if group.first.place == ROW_SECURITY:
            return "BYPASSRLS: policies hide rows from it"
        every = dict.fromkeys(privilege for each in group.differences for privilege in each.privileges)
        return f"{listed(every)} on {self._objects(group)}"

    def _objects(self, group: _Group) -> str:
        if len(group.differences) == 1:
            return group.name
        places = group.places
        of_kind = self.there[_holder(places[0])]
        names = listed((each.name[-1] for each in places), _MOST_NAMED)
        if of_kind == len(places):
            return f"all {len(places)} {group.name} ({names})"
        return f"{len(places)} of the {of_kind} {group.name} ({names})"

    def _failing(self, group: _Group) -> str:
        """What of the application fails, in words; nothing where nothing does."""
        found = dict.fromkeys(each for one in group.differences for each in self._fails(one))
        return listed(found) if found else ""

    def _fails(self, difference: RightsDifference) -> Iterator[str]:
        place, hits = difference.place, difference.hits
        if MEMBER in hits:
            yield "every statement fails that needs what that role may do"
        elif BYPASS in hits:
            yield "rows are hidden from it by policies, and writes that they refuse fail"
        if not isinstance(place, Subject) or self._is_trigger_function(place):
            return
        if place.kind is Kind.SCHEMA and "USAGE" in hits:
            yield "every statement on what is in the schema fails"
        elif place.kind is Kind.SEQUENCE and "USAGE" in hits:
            yield "creates that take a number from the sequence fail"
        elif place.kind in _ON_TABLES or place.kind in ROUTINES:
            words = [_FAILS[each] for each in hits if each in _FAILS]
            if words:
                yield f"{listed(words)} fail"

    def _is_trigger_function(self, place: Subject) -> bool:
        """The server asks nobody who fires a trigger for EXECUTE."""
        routine = self.comparison.actual.objects.get(place)
        return isinstance(routine, Routine) and routine.result == "trigger"

    def _steps(self, group: _Group) -> Iterator[Step]:
        actual, statements = self.rights.actual, corrective(group.differences, self.rights.expected, self.rights.actual)
        if not statements:
            return
        owners = dict.fromkeys(owner for each in group.places if (owner := self._owner_of(each)) is not None)
        foreign = [role_name(owner) for owner in owners if not self.rights.alters[owner]]
        if foreign:
            who = f"{role_name(actual.deployer)} a member of {listed(foreign)}"
            text = f"Have an administrator make {who} until this has run, since the owner alone may. {_NEW_MIGRATION}"
        elif not group.places and not isinstance(group.first.place, DefaultFor) and not self._is_superuser:
            text = f"The role that deploys needs CREATEROLE for this, or ADMIN OPTION. {_NEW_MIGRATION}"
        else:
            text = _NEW_MIGRATION
        yield Step(text, "\n".join(statements))

    @property
    def _is_superuser(self) -> bool:
        return self.rights.actual.roles[self.rights.actual.deployer].superuser

    def _owner_of(self, place: Subject) -> str | None:
        of = Subject(Kind.TABLE, place.name[:2]) if place.kind is Kind.COLUMN else place
        return self.rights.actual.objects[of].owner

    def _evidence(self, group: _Group) -> dict[str, Json]:
        found: dict[str, Json] = {
            **bounded("objects", group.places, str),
            "grantee": group.first.grantee or "PUBLIC",
            "privileges": list(dict.fromkeys(privilege for each in group.differences for privilege in each.privileges)),
        }
        effects = [effect for each in group.differences for effect in self._suffered(each)]
        if effects:
            found |= evidence_of(effects)
        return found

    def _suffered(self, difference: RightsDifference) -> Iterator[ClientEffect]:
        """What a client can no longer do with a table as a whole."""
        place = difference.place
        if not isinstance(place, Subject) or place.kind is not Kind.TABLE or not difference.hits:
            return
        from ..prisma.clients.guards import privilege_effects  # noqa: PLC0415  # most runs find nothing
        from ..prisma.clients.tables import Tables  # noqa: PLC0415  # as above

        taken = {(role_name(self.rights.app), privilege.lower()): frozenset[str]() for privilege in difference.hits}
        # Of a table as a whole, no column is named.
        yield from privilege_effects(place.relation, Tables({}), taken)


def _privileges(group: _Group) -> list[str]:
    """Each object, or what else it is about, with its privileges."""
    listed_ = (f"{', '.join(each.privileges)} on {_name(each.place)}" for each in group.differences)
    return [*dict.fromkeys(listed_)]


def _said(group: _Group) -> str:
    if len(group.differences) == 1:
        return group.name
    return f"{len(group.differences)} {group.name} ({listed((each.name[-1] for each in group.places), _MOST_NAMED)})"


def _keep() -> Step:
    return Step(
        "If it is meant to be so, record it in the settings: migration-monitor baseline prints [target.grants].",
        choice=True,
    )
