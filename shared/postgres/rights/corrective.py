"""GRANT, REVOKE and OWNER TO as SQL: for a new migration, and for a baseline."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from ...model.privileges import (
    PUBLIC,
    Acl,
    DefaultFor,
    ExpectedRights,
    Owned,
    Rights,
    RightsChange,
    RightsDifference,
)  # fmt: skip
from ...model.schema import ROUTINES, Kind, Subject
from ...model.value import dataclass
from ..canonical.sql import identifier, literal
from ..difference.fragments import qualified
from .comparing import BYPASS, MEMBER, ROW_SECURITY

_OPTION = " WITH GRANT OPTION"
# Behind GRANT … ON: a view is said as a table, an aggregate as a function.
_WORDS: Mapping[Kind, str] = {
    Kind.SCHEMA: "SCHEMA", Kind.SEQUENCE: "SEQUENCE", Kind.FUNCTION: "FUNCTION", Kind.PROCEDURE: "PROCEDURE",
    Kind.AGGREGATE: "FUNCTION",
    Kind.ENUM: "TYPE", Kind.COMPOSITE_TYPE: "TYPE", Kind.DOMAIN: "DOMAIN", Kind.RANGE: "TYPE",
}  # fmt: skip


def corrective(differences: Sequence[RightsDifference], expected: ExpectedRights, actual: Rights) -> list[str]:
    """Statements that make production as expected: a migration's, which also run where a role does not exist."""
    found: list[str] = []
    writing = _Writing(actual.objects, expected.objects, to_expected=True, deployer=actual.deployer)
    for roles, statements in writing.by_roles(differences):
        found += _guarded(roles, statements)
    return found


def present(differences: Sequence[RightsDifference], expected: ExpectedRights, actual: Rights) -> list[str]:
    """Statements that make what is expected as production is."""
    writing = _Writing(expected.objects, actual.objects, to_expected=False, deployer=None)
    return [statement for _, statements in writing.by_roles(differences) for statement in statements]


def role_name(role: str) -> str:
    return "PUBLIC" if role == PUBLIC else identifier(role)


@dataclass(frozen=True, slots=True)
class _Writing:
    """*objects* are what the statements change, and *wanted* what is to come of it. *deployer* runs them, if known."""

    objects: Mapping[Subject, Owned]
    wanted: Mapping[Subject, Owned]
    to_expected: bool
    deployer: str | None

    def by_roles(self, differences: Sequence[RightsDifference]) -> Iterator[tuple[tuple[str, ...], list[str]]]:
        """Statements, with the roles without which they fail; those about several objects at once are one."""
        alike: dict[tuple[object, ...], list[RightsDifference]] = {}
        # A new owner may grant what the present one alone could.
        for each in sorted(differences, key=lambda each: each.change is not RightsChange.OWNER):
            of_kind = each.place.kind if isinstance(each.place, Subject) else each.place
            table = each.place.name[:2] if isinstance(each.place, Subject) and of_kind is Kind.COLUMN else ()
            alike.setdefault((each.change, each.grantee, each.privileges, of_kind, table), []).append(each)
        by_roles: dict[tuple[str, ...], list[str]] = {}
        for group in alike.values():
            roles, statements = self._statements(group)
            by_roles.setdefault(roles, []).extend(statements)
        yield from by_roles.items()

    def _statements(self, group: Sequence[RightsDifference]) -> tuple[tuple[str, ...], list[str]]:
        first = group[0]
        gives = (first.change is RightsChange.MISSING) == self.to_expected
        if first.change is RightsChange.OWNER:
            return self._owners(group)
        needed = tuple(each for each in (first.grantee,) if each not in (PUBLIC, self.deployer))
        if first.privileges == (MEMBER,):
            group_role, (verb, direction) = str(first.place), ("GRANT", "TO") if gives else ("REVOKE", "FROM")
            statement = f"{verb} {identifier(group_role)} {direction} {identifier(first.grantee)};"
            return (group_role, first.grantee), [statement]
        if first.place == ROW_SECURITY:
            return needed, [f"ALTER ROLE {identifier(first.grantee)} {'' if gives else 'NO'}{BYPASS};"]
        if isinstance(first.place, DefaultFor):
            return needed, list(self._defaults(first, first.place, gives=gives))
        subjects = [each.place for each in group if isinstance(each.place, Subject)]
        return needed, list(self._granting(subjects, first, gives=gives))

    def _owners(self, group: Sequence[RightsDifference]) -> tuple[tuple[str, ...], list[str]]:
        statements, needed = [], dict[str, None]()
        for each in group:
            owner = (each.expected_owner or "") if self.to_expected else each.grantee
            if not isinstance(each.place, Subject):
                continue
            if owner != self.deployer:
                needed[owner] = None
            name = "CURRENT_USER" if owner == self.deployer else identifier(owner)
            place = _name(each.place)
            if each.place.kind is Kind.AGGREGATE and place.endswith("()"):
                place = f"{place[:-1]}*)"
            statements.append(f"ALTER {each.place.kind.word} {place} OWNER TO {name};")
        return tuple(needed), statements

    def _granting(self, subjects: Sequence[Subject], difference: RightsDifference, *, gives: bool) -> Iterator[str]:
        grantee, where = role_name(difference.grantee), _objects(subjects)
        for names, option in _with_and_without_option(difference.privileges, gives=gives):
            listed = _privileges(names, subjects)
            if gives:
                yield f"GRANT {listed} ON {where} TO {grantee}{_OPTION if option else ''};"
                continue
            only = "GRANT OPTION FOR " if option else ""
            for grantor, cascade in self._grantors(subjects, difference.grantee, names):
                if grantor is None:
                    yield f"REVOKE {only}{listed} ON {where} FROM {grantee}{cascade};"
                    continue
                # Each grantor's grant is its own: it goes with the option by which that role has granted it.
                by = role_name(grantor)
                yield f"REVOKE GRANT OPTION FOR {listed} ON {where} FROM {by} CASCADE;"
                if self._may_grant(subjects, grantor, names):
                    yield f"GRANT {listed} ON {where} TO {by}{_OPTION};"

    def _may_grant(self, subjects: Iterable[Subject], role: str, privileges: Iterable[str]) -> bool:
        """Say whether *role* is to have these with the option to grant them."""
        own = {
            (subject, each.privilege)
            for subject in subjects
            for each in self._wanted(subject)
            if each[0] == role and each.grantable
        }
        return all((subject, privilege) in own for subject in subjects for privilege in privileges)

    def _wanted(self, subject: Subject) -> Acl:
        return self.wanted[subject].acl if subject in self.wanted else frozenset()

    def _grantors(
        self, subjects: Sequence[Subject], grantee: str, privileges: Iterable[str]
    ) -> Iterator[tuple[str | None, str]]:
        """The roles that granted it, None for the owner; and CASCADE where the grantee has granted it to others."""
        wanted, grantors, passed_on = set(privileges), dict[str | None, None](), False
        for subject in subjects:
            table = Subject(Kind.TABLE, subject.name[:2]) if subject.kind is Kind.COLUMN else subject
            owner = self.objects[table].owner if table in self.objects else None
            for each in sorted(self.objects[subject].acl):
                if each.privilege in wanted and each.grantee == grantee:
                    grantors[None if each.grantor == owner else each.grantor] = None
                passed_on = passed_on or (each.privilege in wanted and each.grantor == grantee != owner)
        yield from ((grantor, " CASCADE" if passed_on else "") for grantor in grantors)

    def _defaults(self, difference: RightsDifference, place: DefaultFor, *, gives: bool) -> Iterator[str]:
        of_role = "" if place.role == self.deployer else f" FOR ROLE {identifier(place.role)}"
        in_schema = f" IN SCHEMA {identifier(place.schema)}" if place.schema else ""
        begin, to = f"ALTER DEFAULT PRIVILEGES{of_role}{in_schema}", role_name(difference.grantee)
        for names, option in _with_and_without_option(difference.privileges, gives=gives):
            listed, objects = ", ".join(names), place.objects.upper()
            if gives:
                yield f"{begin} GRANT {listed} ON {objects} TO {to}{_OPTION if option else ''};"
            else:
                yield f"{begin} REVOKE {'GRANT OPTION FOR ' if option else ''}{listed} ON {objects} FROM {to};"


def _with_and_without_option(privileges: Iterable[str], *, gives: bool) -> Iterator[tuple[list[str], bool]]:
    """Privileges that are granted or revoked whole, and those with the option alone; GRANT gives both at once."""
    with_option = [each.removesuffix(_OPTION) for each in privileges if each.endswith(_OPTION)]
    plain = [each for each in privileges if not each.endswith(_OPTION)]
    if gives:
        plain = [each for each in plain if each not in with_option]
    else:
        with_option = [each for each in with_option if each not in plain]
    yield from ((names, option) for names, option in ((plain, False), (with_option, True)) if names)


def _objects(subjects: Sequence[Subject]) -> str:
    first = subjects[0]
    if first.kind is Kind.COLUMN:
        return f"TABLE {qualified(first.name[:2])}"
    return f"{_WORDS.get(first.kind, 'TABLE')} {', '.join(map(_name, subjects))}"


def _privileges(names: Iterable[str], subjects: Sequence[Subject]) -> str:
    if subjects[0].kind is not Kind.COLUMN:
        return ", ".join(names)
    columns = ", ".join(identifier(each.name[2]) for each in subjects)
    return ", ".join(f"{name} ({columns})" for name in names)


def _name(subject: Subject) -> str:
    if subject.kind in ROUTINES:
        name, bracket, types = subject.name[1].partition("(")
        return f"{qualified((subject.name[0], name))}{bracket}{types}"
    return qualified(subject.name)


def _guarded(roles: Sequence[str], statements: Sequence[str]) -> list[str]:
    """*statements*, run only where all *roles* exist: a new database may have none of them."""
    if not roles or not statements:
        return list(statements)
    exist = " AND ".join(f"EXISTS (SELECT FROM pg_roles WHERE rolname = {literal(role)})" for role in roles)
    body = "\n".join(f"        {statement}" for statement in statements)
    text = f"BEGIN\n    IF {exist} THEN\n{body}\n    END IF;\nEND"
    quote = "$grants$"
    while quote in text:
        quote = f"{quote[:-1]}_$"
    return [f"DO {quote}\n{text}\n{quote};"]
