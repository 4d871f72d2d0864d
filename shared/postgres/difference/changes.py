"""ALTER statements for objects that exist and differ. None: it cannot be altered without losing something."""

from collections.abc import Iterator

from ...model import schema as model
from ...model.schema import Subject
from ..canonical.sql import identifier, literal
from . import fragments
from .fragments import qualified
from .probes import ENABLING

_INTEGERS = ("smallint", "integer", "bigint")


def change_column(
    subject: Subject, expected: model.Column, actual: model.Column, attributes: tuple[str, ...]
) -> Iterator[str | None]:
    column = f"ALTER TABLE {qualified(subject.name[:2])} ALTER COLUMN {identifier(subject.name[2])}"
    if "generated" in attributes:
        yield None  # to drop it, or to make it, is to rewrite the column
    if "type" in attributes or "collation" in attributes:
        if not _widens(actual.type, expected.type):
            yield None
        collation = f" COLLATE {expected.collation}" if expected.collation else ""
        yield f"{column} TYPE {expected.type}{collation};"
    if "identity" in attributes:
        if actual.identity is not None:
            yield None  # its sequence, with where it stands, would be lost or set otherwise
        if actual.default is not None:
            yield f"{column} DROP DEFAULT;"
        yield f"{column} ADD {fragments.identity(expected.identity)};" if expected.identity else None
    elif "default" in attributes:
        yield f"{column} SET DEFAULT {expected.default.sql};" if expected.default else f"{column} DROP DEFAULT;"
    if "nullable" in attributes:
        yield f"{column} {'DROP' if expected.nullable else 'SET'} NOT NULL;"


OF_NOT_NULL = frozenset({"not_null_inherited", "not_null_validated"})


def change_not_null(subject: Subject, expected: model.Column, attributes: tuple[str, ...]) -> Iterator[str | None]:
    """Validate it, by a statement that needs no name: each database may have another one."""
    changed = OF_NOT_NULL.intersection(attributes)
    if expected.nullable:
        return  # DROP NOT NULL is all of it
    if changed == {"not_null_validated"} and "nullable" not in attributes and expected.not_null_validated:
        column = f"ALTER TABLE {qualified(subject.name[:2])} ALTER COLUMN {identifier(subject.name[2])}"
        yield f"{column} SET NOT NULL;"
    elif changed:
        yield None


def _widens(actual: str, expected: str) -> bool:
    """Say whether every value of *actual* is one of *expected*."""
    if actual == expected:
        return True
    if actual in _INTEGERS and expected in _INTEGERS:
        return _INTEGERS.index(actual) < _INTEGERS.index(expected)
    one, _, length = actual.partition("(")
    other, _, limit = expected.partition("(")
    texts = {"character varying", "text"}
    if one in texts and other in texts:
        return not limit or (bool(length) and int(length[:-1]) <= int(limit[:-1]))
    return False


def change_domain(
    subject: Subject, expected: model.Domain, actual: model.Domain, attributes: tuple[str, ...]
) -> Iterator[str | None]:
    domain = f"ALTER DOMAIN {qualified(subject.name)}"
    if {"type", "collation"} & set(attributes):
        yield None
    if "default" in attributes:
        yield f"{domain} SET DEFAULT {expected.default.sql};" if expected.default else f"{domain} DROP DEFAULT;"
    if "nullable" in attributes:
        yield f"{domain} {'DROP' if expected.nullable else 'SET'} NOT NULL;"
    if "checks" in attributes:
        kept = set(expected.checks) & set(actual.checks)
        for check in actual.checks:
            if check not in kept:
                yield f"{domain} DROP CONSTRAINT {identifier(check.name)};"
        for check in expected.checks:
            if check not in kept:
                yield f"{domain} ADD CONSTRAINT {identifier(check.name)} CHECK ({check.expression.sql});"


def change_enum(subject: Subject, expected: model.Enum, actual: model.Enum, _: tuple[str, ...]) -> Iterator[str | None]:
    """Values can be renamed in place and added in their place; none can be taken away."""
    name = qualified(subject.name)
    ours, theirs = expected.values, actual.values
    moved = [(new, old) for old, new in zip(ours, theirs, strict=False) if old != new]
    if len(ours) == len(theirs) and not {new for new, _ in moved} & set(ours):
        for new, old in moved:
            yield f"ALTER TYPE {name} RENAME VALUE {literal(new)} TO {literal(old)};"
        return
    if [value for value in ours if value in theirs] != list(theirs):
        yield None
        return
    for place, value in enumerate(ours):
        if value not in theirs:
            where = f" AFTER {literal(ours[place - 1])}" if place else f" BEFORE {literal(theirs[0])}" if theirs else ""
            yield f"ALTER TYPE {name} ADD VALUE {literal(value)}{where};"


def change_row_security(
    subject: Subject, expected: model.RowSecurity, _: model.RowSecurity, attributes: tuple[str, ...]
) -> Iterator[str | None]:
    table = f"ALTER TABLE {qualified(subject.name)}"
    if "enabled" in attributes:
        yield f"{table} {'ENABLE' if expected.enabled else 'DISABLE'} ROW LEVEL SECURITY;"
    if "forced" in attributes:
        yield f"{table} {'FORCE' if expected.forced else 'NO FORCE'} ROW LEVEL SECURITY;"


def change_sequence(
    subject: Subject, expected: model.Sequence, _: model.Sequence, attributes: tuple[str, ...]
) -> Iterator[str | None]:
    sequence = f"ALTER SEQUENCE {qualified(subject.name)}"
    if "options" in attributes:
        yield f"{sequence} AS {expected.options.type} {' '.join(fragments.sequence_options(expected.options))};"
    if "owner" in attributes:
        yield f"{sequence} OWNED BY {qualified(expected.owner.name) if expected.owner else 'NONE'};"


def change_publication(
    subject: Subject, expected: model.Publication, actual: model.Publication, attributes: tuple[str, ...]
) -> Iterator[str | None]:
    """Right wherever it is run: all of what it publishes is set."""
    publication = f"ALTER PUBLICATION {qualified(subject.name)}"
    if "all_tables" in attributes or expected.generated_columns != actual.generated_columns:
        yield None
    if {"tables", "schemas"} & set(attributes):
        published = fragments.published(expected)
        yield f"{publication} SET {published};" if published else None
    if {"operations", "via_root"} & set(attributes):
        yield f"{publication} SET ({fragments.publication_options(expected)});"


def change_statistics(
    subject: Subject, expected: model.Statistics, _: model.Statistics, attributes: tuple[str, ...]
) -> Iterator[str | None]:
    if "table" in attributes:
        yield None  # what has the name may be somebody's
    elif attributes != ("target",):
        yield f"DROP STATISTICS {qualified(subject.name)};"
        yield from make_statistics(subject, expected)
    else:
        yield set_target(subject, expected)


def make_statistics(subject: Subject, statistics: model.Statistics) -> Iterator[str]:
    written = f"{fragments.statistics(statistics)} FROM {qualified(statistics.table.name)}"
    yield f"CREATE STATISTICS {qualified(subject.name)} {written};"
    if statistics.target is not None:
        yield set_target(subject, statistics)


def set_target(subject: Subject, statistics: model.Statistics) -> str:
    target = -1 if statistics.target is None else statistics.target
    return f"ALTER STATISTICS {qualified(subject.name)} SET STATISTICS {target};"


def make_search_configuration(subject: Subject, configuration: model.SearchConfiguration) -> Iterator[str]:
    yield f"CREATE TEXT SEARCH CONFIGURATION {qualified(subject.name)} (PARSER = {configuration.parser});"
    for each in configuration.mappings:
        yield _mapping(subject, each, "ADD")


def change_search_configuration(
    subject: Subject,
    expected: model.SearchConfiguration,
    actual: model.SearchConfiguration,
    attributes: tuple[str, ...],
) -> Iterator[str | None]:
    if "parser" in attributes:
        yield None  # its tokens are others
    tokens = {each.token for each in expected.mappings}
    for each in actual.mappings:
        if each.token not in tokens:
            configuration = f"ALTER TEXT SEARCH CONFIGURATION {qualified(subject.name)}"
            yield f"{configuration} DROP MAPPING FOR {identifier(each.token)};"
    for each in expected.mappings:
        if each not in actual.mappings:
            yield _mapping(subject, each, "ALTER")


def _mapping(subject: Subject, mapping: model.TokenMapping, how: str) -> str:
    """ALTER MAPPING adds one that does not exist, too."""
    what = f"{identifier(mapping.token)} WITH {', '.join(mapping.dictionaries)}"
    return f"ALTER TEXT SEARCH CONFIGURATION {qualified(subject.name)} {how} MAPPING FOR {what};"


def change_search_dictionary(
    subject: Subject, expected: model.SearchDictionary, actual: model.SearchDictionary, attributes: tuple[str, ...]
) -> Iterator[str | None]:
    if "template" in attributes:
        yield None
    names = {each.split("=", 1)[0] for each in expected.options}
    gone = (identifier(name) for name in (each.split("=", 1)[0] for each in actual.options) if name not in names)
    options = ", ".join([*filter(None, [fragments.search_options(expected.options)]), *gone])
    yield f"ALTER TEXT SEARCH DICTIONARY {qualified(subject.name)} ({options});"


def change_subscription(
    subject: Subject, expected: model.Subscription, _: model.Subscription, attributes: tuple[str, ...]
) -> Iterator[str | None]:
    """Whether it is enabled; publications and slots are the other server's, too."""
    if attributes != ("enabled",):
        yield None
        return
    yield f"ALTER SUBSCRIPTION {qualified(subject.name)} {'ENABLE' if expected.enabled else 'DISABLE'};"


def change_event_trigger(
    subject: Subject, expected: model.EventTrigger, _: model.EventTrigger, attributes: tuple[str, ...]
) -> Iterator[str | None]:
    trigger = f"EVENT TRIGGER {qualified(subject.name)}"
    if attributes == ("enabled",):
        yield f"ALTER {trigger} {ENABLING[expected.enabled]};"
    else:
        yield f"DROP {trigger};"
        yield from make_event_trigger(subject, expected)


def make_event_trigger(subject: Subject, trigger: model.EventTrigger) -> Iterator[str]:
    yield f"CREATE EVENT TRIGGER {qualified(subject.name)} {fragments.event_trigger(trigger)};"
    if trigger.enabled != "origin":
        yield f"ALTER EVENT TRIGGER {qualified(subject.name)} {ENABLING[trigger.enabled]};"


def change_table(
    subject: Subject, expected: model.Table, _: model.Table, attributes: tuple[str, ...]
) -> Iterator[str | None]:
    if attributes == ("unlogged",):
        yield f"ALTER TABLE {qualified(subject.name)} SET {'UNLOGGED' if expected.unlogged else 'LOGGED'};"
    else:
        yield None
