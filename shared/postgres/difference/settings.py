"""Settings of the database and of roles: which of them say something of this database, and the SQL that sets them."""

from ...model.schema import (
    ALL_ROLES,
    ANY_ROLE,
    IN_THIS_DATABASE,
    Definition,
    Kind,
    Schema,
    Setting,
    Subject,
    role_of_word,
)
from ...model.value import replace
from ..canonical.sql import identifier, literal
from ..server_settings import is_list, is_usual
from .guards import block


def is_elsewhere(expected: Schema, actual: Schema, subject: Subject) -> bool:
    """Say whether migrations set it in another database than the server's, or for a role that they do not name."""
    setting = expected.objects.get(subject)
    if not isinstance(setting, Setting):
        return False
    is_here = setting.database is None or actual.database is None or setting.database == actual.database
    return not is_here or subject.name[0] == ANY_ROLE


def may_be_set(expected: Schema, actual: Schema, subject: Subject) -> bool:
    """Say whether it does nothing, is of nobody's concern, or is what migrations set for a role they do not name."""
    setting = actual.objects.get(subject)
    if not isinstance(setting, Setting):
        return False
    is_of_any = Subject(subject.kind, (ANY_ROLE, *subject.name[1:])) in expected.objects
    return is_of_any or not _matters(subject, setting)


def with_own_settings(schema: Schema) -> Schema:
    """Give what a server has without the settings that do nothing or are of roles that have nothing to do with it."""
    objects = {
        subject: each
        for subject, each in schema.objects.items()
        if not isinstance(each, Setting) or _matters(subject, each)
    }
    return replace(schema, objects=objects)


def _matters(subject: Subject, setting: Setting) -> bool:
    return setting.matters and not is_usual(subject.name[-1], setting.value)


def set_again(subject: Subject, wanted: Definition | None) -> str | None:
    """A block that sets it as *wanted*, or resets it; None where its value is not known. The database has any name."""
    role, name = subject.name[0], subject.name[-1]
    value = wanted.value if isinstance(wanted, Setting) else None
    if value is not None and "." in name:
        return None
    written = "" if value is None else f" TO {value if is_list(name) else literal(value)}"
    is_of_database = subject.kind is Kind.DATABASE_SETTING
    is_here = IN_THIS_DATABASE in subject.name[1:2]
    whose = "ALL" if role == ALL_ROLES else identifier(role_of_word(role))
    of = "DATABASE %I" if is_of_database else f"ROLE {whose.replace('%', '%%')}{' IN DATABASE %I' if is_here else ''}"
    rest = f"{'RESET' if value is None else 'SET'} {_spelled(name)}{written}".replace("%", "%%")
    database = ", current_database()" if is_of_database or is_here else ""
    run = f"EXECUTE format({literal(f'ALTER {of} {rest}')}{database});"
    if is_of_database or role == ALL_ROLES:
        return block((), [run])
    exists = f"IF EXISTS (SELECT FROM pg_roles WHERE rolname = {literal(role_of_word(role))}) THEN"
    return block((), [exists, f"    {run}", "END IF;"])


def _spelled(name: str) -> str:
    return ".".join(map(identifier, name.split(".")))
