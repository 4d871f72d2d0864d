"""The catalog's rows → Schema. Each kind of row is described in ``gather/sql/catalog.sql``."""

from collections.abc import Callable, Iterable

from ...model.schema import Definition, OtherObject, Schema, Subject
from ...model.session import Sessions
from . import database, operator_classes, others, programs, tables, text_search, types
from .reading import Described, Row
from .sessions import sessions

_DESCRIBERS: dict[str, Callable[[Row], Described]] = {
    "schema": types.schema,
    "table": tables.table,
    "foreign_table": tables.foreign_table,
    "constraint": tables.constraint,
    "index": tables.index,
    "cluster_mark": tables.cluster_mark,
    "enum": types.enum,
    "domain": types.domain,
    "composite": types.composite,
    "range": types.range_type,
    "sequence": types.sequence,
    "view": programs.view,
    "routine": programs.routine,
    "trigger": programs.trigger,
    "policy": programs.policy,
    "rule": programs.rule,
    "extension": types.extension,
    "statistics": others.statistics,
    "collation": others.collation,
    "cast": others.cast,
    "operator": others.operator,
    "operator_family": operator_classes.family,
    "operator_class": operator_classes.operator_class,
    "text_search_parser": text_search.parser,
    "text_search_template": text_search.template,
    "text_search_dictionary": text_search.dictionary,
    "text_search_configuration": text_search.configuration,
    "aggregate": others.aggregate,
    "publication": database.publication,
    "subscription": database.subscription,
    "event_trigger": database.event_trigger,
    "setting": types.setting,
}


def snapshot(rows: Iterable[tuple[str, Row]]) -> Schema:
    """The schema that a live catalog's rows describe."""
    objects: dict[Subject, Definition] = {}
    others: list[OtherObject] = []
    possible, database = Sessions(), None
    for kind, row in rows:
        if kind == "session":
            possible, database = sessions(row), row["database"]
        elif kind == "other":
            others.append(types.other(row))
        else:
            objects.update(_DESCRIBERS[kind](row))
    return Schema(objects, others=tuple(others), sessions=possible, database=database)
