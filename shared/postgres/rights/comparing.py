"""In what production's owners and privileges differ from those that are expected.

What someone has anyway, by a group, as everyone or as a superuser, is neither missing nor unexpected.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set

from ...model.privileges import (
    PUBLIC,
    Acl,
    DefaultFor,
    ExpectedRights,
    Held,
    Owned,
    Place,
    Rights,
    RightsChange,
    RightsComparison,
    RightsDifference,
    Role,
    Roles,
)
from ...model.schema import Kind, Subject
from ...model.value import dataclass, replace
from .acl import default_acl, given_to, held
from .roles import DATABASE_OWNER, has_privileges_of, is_superuser, may, reached

# What is not an object: membership in a role has its group for a place, and no role has an empty name.
ROW_SECURITY = ""
MEMBER = "MEMBER"
BYPASS = "BYPASSRLS"
_NOTHING: Acl = frozenset()
_NONE = Owned(None, _NOTHING)


def compare(
    expected: ExpectedRights,
    actual: Rights,
    common: Iterable[Subject],
    app: str,
    *,
    of_tables: Mapping[Subject, Subject],
    has_row_security: bool,
    exact: bool = False,
) -> RightsComparison:
    """Compare what both sides have of the *common* objects, and what the role *app* may do by other ways.

    *of_tables* are the sequences of columns, each with its table: they change their owner with it.
    *exact*: what someone has anyway counts, too.
    """
    comparing = _Comparing(expected, actual, app, _with_members(actual.roles, expected.members), exact)
    found = [difference for subject in sorted(set(common)) for difference in comparing.of_object(subject)]
    new_owners = {(each.place, each.grantee) for each in found if each.change is RightsChange.OWNER}
    found = [each for each in found if not _goes_with_table(each, new_owners, of_tables)]
    found += [*comparing.of_defaults(), *comparing.of_members()]
    if has_row_security:
        found += comparing.of_row_security()
    owners = {each.owner for each in actual.objects.values() if each.owner is not None}
    return RightsComparison(
        expected,
        actual,
        app,
        tuple(found),
        {owner: has_privileges_of(actual.roles, actual.deployer, owner) for owner in sorted(owners)},
    )


def _goes_with_table(
    difference: RightsDifference, new_owners: Set[tuple[Place, str]], of_tables: Mapping[Subject, Subject]
) -> bool:
    """Say whether a sequence only has the new owner that its table has."""
    if difference.change is not RightsChange.OWNER or not isinstance(difference.place, Subject):
        return False
    table = of_tables.get(difference.place)
    return table is not None and (table, difference.grantee) in new_owners


def in_doubt(expected: ExpectedRights, actual: Rights, common: Iterable[Subject]) -> Iterator[RightsDifference]:
    """What may have been granted or revoked, as if it were a difference: production shows what has been."""
    for subject in common:
        there = actual.objects.get(subject, _NONE)
        ours = expected.objects.get(subject, _NONE)
        if subject.kind is not Kind.COLUMN and ours is not _NONE and ours.owner is None and there.owner is not None:
            yield RightsDifference(RightsChange.OWNER, subject, there.owner)
        yield from _decided(subject, expected.doubtful.get(subject, frozenset()), there.acl)
    for key, doubtful in expected.doubtful_defaults.items():
        yield from _decided(key, doubtful, actual.defaults.get(key, _NOTHING))


def _decided(place: Place, doubtful: frozenset[Held], acl: Acl) -> Iterator[RightsDifference]:
    there = set(held(acl))
    for change, pairs in ((RightsChange.MISSING, doubtful - there), (RightsChange.UNEXPECTED, doubtful & there)):
        for grantee, privileges in _by_grantee(pairs):
            yield RightsDifference(change, place, grantee, _sorted(privileges))


def _with_members(roles: Roles, members: Mapping[tuple[str, str], bool]) -> Roles:
    """*roles* with the memberships that are expected."""
    found = dict(roles)
    for (group, member), is_one in members.items():
        if is_one and member in found and group not in found[member].others:
            found[member] = replace(found[member], groups=found[member].groups | {group})
    return found


@dataclass(frozen=True, slots=True)
class _Comparing:
    """*meant* are the roles with the memberships that are expected."""

    expected: ExpectedRights
    actual: Rights
    app: str
    meant: Roles
    exact: bool

    def of_object(self, subject: Subject) -> Iterator[RightsDifference]:
        ours, theirs = (each.objects.get(subject, _NONE) for each in (self.expected, self.actual))
        if subject.kind is not Kind.COLUMN and (ours is _NONE or theirs is _NONE):
            return
        before, now = self._lists(self.expected.objects, subject), self._lists(self.actual.objects, subject)
        acl = ours.acl
        if ours.owner is not None and theirs.owner is not None and ours.owner != theirs.owner:
            privileges = [each.privilege for each in (*ours.acl, *theirs.acl)]
            hits = self._hits(subject, before, now, privileges)
            yield RightsDifference(
                RightsChange.OWNER, subject, theirs.owner, expected_owner=ours.owner, hits=_sorted(hits)
            )
            acl = given_to(acl, ours.owner, theirs.owner)
            before = [given_to(each, ours.owner, theirs.owner) for each in before]
        if acl == theirs.acl:
            return
        doubtful = self.expected.doubtful.get(subject, frozenset())
        missing, unexpected = self._pairs(acl, theirs.acl, doubtful)
        for grantee, privileges in _by_grantee(missing):
            lost = [each for each in privileges if self._lacks(self.actual.roles, grantee, subject, now, each)]
            if lost:
                hits = self._hits(subject, before, now, lost)
                yield RightsDifference(RightsChange.MISSING, subject, grantee, _sorted(lost), hits=_sorted(hits))
        for grantee, privileges in _by_grantee(unexpected):
            more = [each for each in privileges if self._lacks(self.meant, grantee, subject, before, each)]
            if more:
                yield RightsDifference(RightsChange.UNEXPECTED, subject, grantee, _sorted(more))

    def _lacks(self, roles: Roles, grantee: str, subject: Subject, lists: Sequence[Acl], privilege: str) -> bool:
        return self.exact or not may(roles, grantee, subject.kind, lists, privilege)

    def _lists(self, objects: Mapping[Subject, Owned], subject: Subject) -> list[Acl]:
        """The lists that hold for *subject*: of a column, its table's, too."""
        found = [objects.get(subject, _NONE).acl]
        if subject.kind is Kind.COLUMN:
            found.append(objects.get(Subject(Kind.TABLE, subject.name[:2]), _NONE).acl)
        return found

    def _hits(self, subject: Subject, before: Sequence[Acl], now: Sequence[Acl], privileges: Iterable[str]) -> set[str]:
        """Which of *privileges* the application's role is to have and has not."""
        return {
            each
            for each in privileges
            if may(self.meant, self.app, subject.kind, before, each)
            and not may(self.actual.roles, self.app, subject.kind, now, each)
        }

    def _pairs(self, ours: Acl, theirs: Acl, doubtful: frozenset[Held]) -> tuple[set[Held], set[Held]]:
        """What is missing and what is unexpected, but for what is in doubt and for roles that do not exist."""
        expected, actual = set(held(ours)), set(held(theirs))
        missing = {each for each in expected - actual if each[0] == PUBLIC or each[0] in self.actual.roles}
        return missing - doubtful, actual - expected - doubtful

    def of_defaults(self) -> Iterator[RightsDifference]:
        """Those of the deploying role, and those that a migration mentions: others make no object of the release."""
        keys = {each for each in self.actual.defaults if each.role == self.actual.deployer}
        for key in sorted(keys | self.expected.defaults.keys()):
            ours = self.expected.defaults.get(key, self._usual(key))
            theirs = self.actual.defaults.get(key, self._usual(key))
            if key.role not in self.actual.roles or ours == theirs:
                continue
            missing, unexpected = self._pairs(ours, theirs, self.expected.doubtful_defaults.get(key, frozenset()))
            for change, pairs in ((RightsChange.MISSING, missing), (RightsChange.UNEXPECTED, unexpected)):
                for grantee, privileges in _by_grantee(pairs):
                    yield RightsDifference(change, key, grantee, _sorted(privileges))

    def _usual(self, key: DefaultFor) -> Acl:
        return _NOTHING if key.schema else default_acl(key.objects, key.role, self.actual.version)

    def of_members(self) -> Iterator[RightsDifference]:
        """Memberships that a statement says, and all of the application's role."""
        roles, members = self.actual.roles, self.expected.members
        there = {(group, name) for name, role in roles.items() for group in role.groups | role.others}
        own = {each for each in there if each[1] == self.app and each[0] != DATABASE_OWNER}
        for group, member in sorted(members.keys() | own):
            is_expected = members.get((group, member), False)
            if group not in roles or member not in roles or is_expected == ((group, member) in there):
                continue
            if is_expected:
                hits = (MEMBER,) if member in reached(self.meant, self.app) else ()
                yield RightsDifference(RightsChange.MISSING, group, member, (MEMBER,), hits=hits)
            else:
                yield RightsDifference(RightsChange.UNEXPECTED, group, member, (MEMBER,))

    def of_row_security(self) -> Iterator[RightsDifference]:
        role = self.actual.roles.get(self.app, Role())
        passes = role.bypasses_row_security or is_superuser(self.actual.roles, self.app)
        is_expected = self.expected.bypassing.get(self.app, False)
        place: Place = ROW_SECURITY
        if passes and not is_expected:
            yield RightsDifference(RightsChange.UNEXPECTED, place, self.app, (BYPASS,))
        elif is_expected and not passes:
            yield RightsDifference(RightsChange.MISSING, place, self.app, (BYPASS,), hits=(BYPASS,))


def _by_grantee(pairs: Iterable[Held]) -> Iterator[tuple[str, list[str]]]:
    found: dict[str, list[str]] = {}
    for grantee, privilege in sorted(pairs):
        found.setdefault(grantee, []).append(privilege)
    yield from found.items()


_ORDER = (
    "SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER", "MAINTAIN", "USAGE", "CREATE",
    "EXECUTE",
)  # fmt: skip


def _sorted(privileges: Iterable[str]) -> tuple[str, ...]:
    """In the order of the manual; WITH GRANT OPTION behind the same without."""
    return tuple(sorted(set(privileges), key=lambda each: (_place(each), each)))


def _place(privilege: str) -> int:
    word = privilege.partition(" ")[0]
    return _ORDER.index(word) if word in _ORDER else len(_ORDER)
