"""The catalog's rows → Schema. Each kind of row is described in ``gather/sql/catalog.sql``."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from shared.model import schema as model
from shared.model.schema import Definition, Expression, Kind, Schema, Subject
from shared.postgres import canonical
from shared.postgres.canonical import Argument, AsWritten
from shared.postgres.parse import Tree, parse

Row = dict[str, Any]
_Described = Iterator[tuple[Subject, Definition]]

_NAMES = AsWritten()
_ACTIONS: dict[str, model.Action] = {
    "a": "no action",
    "r": "restrict",
    "c": "cascade",
    "n": "set null",
    "d": "set default",
}
_ENABLED = {"O": "origin", "D": "disabled", "R": "replica", "A": "always"}
_COMMANDS = {"*": "all", "r": "select", "a": "insert", "w": "update", "d": "delete"}
_VOLATILITY = {"i": "immutable", "s": "stable", "v": "volatile"}
_PARALLEL = {"s": "safe", "r": "restricted", "u": "unsafe"}
_ARGUMENT_MODES = {"i": "in", "o": "out", "b": "inout", "v": "variadic", "t": "table"}
# pg_trigger.tgtype's events are named in the definition by these nodes' bits (CreateTrigStmt.events, trigger.h).
_TRIGGER_EVENTS = ((1 << 2, "insert"), (1 << 4, "update"), (1 << 3, "delete"), (1 << 5, "truncate"))
_TRIGGER_BEFORE, _TRIGGER_INSTEAD = 1 << 1, 1 << 6
_RULE_EVENTS = {"CMD_SELECT": "select", "CMD_INSERT": "insert", "CMD_UPDATE": "update", "CMD_DELETE": "delete"}


def snapshot(rows: Iterable[tuple[str, Row]]) -> Schema:
    """The schema that a live catalog's rows describe."""
    reader = _Reader()
    objects: dict[Subject, Definition] = {}
    for kind, row in rows:
        objects.update(reader.describe(kind, row))
    return Schema(objects)


class _Reader:
    """Trees and types by their text: a database says the same few over and over."""

    def __init__(self) -> None:
        self._types: dict[str, str] = {}
        self._defaults: dict[tuple[str, str], Expression | None] = {}
        self._describers: dict[str, Callable[[Row], _Described]] = {
            "schema": _schema,
            "table": self._table,
            "constraint": self._constraint,
            "index": self._index,
            "enum": _enum,
            "domain": self._domain,
            "composite": self._composite,
            "sequence": _sequence,
            "view": _view,
            "routine": self._routine,
            "trigger": _trigger,
            "policy": _policy,
            "rule": _rule,
            "extension": _extension,
        }

    def describe(self, kind: str, row: Row) -> _Described:
        return self._describers[kind](row)

    def _type(self, text: str) -> str:
        """``format_type``'s text with names quoted as this program quotes them."""
        known = self._types.get(text)
        if known is None:
            cast = _value(f"NULL::{text}")["TypeCast"]
            known = self._types[text] = canonical.type_of(cast["typeName"], _NAMES)
        return known

    def _argument_type(self, text: str) -> str:
        cast = _value(f"NULL::{text}")["TypeCast"]
        return canonical.type_of(cast["typeName"], _NAMES, modified=False)

    def _default(self, text: str | None, type_name: str) -> Expression | None:
        if text is None:
            return None
        if (text, type_name) not in self._defaults:
            self._defaults[text, type_name] = canonical.default(_value(text), type_name, _NAMES)
        return self._defaults[text, type_name]

    def _table(self, row: Row) -> _Described:
        name = (row["schema"], row["name"])
        parents = [Subject(Kind.TABLE, (schema, table)) for schema, table in row.get("parents", ())]
        partition = bool(row.get("partition"))
        yield (
            Subject(Kind.TABLE, name),
            model.Table(
                unlogged=row.get("unlogged", False),
                partition_by=_partition_key(row["partition_by"]) if "partition_by" in row else None,
                partition_of=parents[0] if partition and parents else None,
                bound=_partition_bound(row["bound"]) if "bound" in row else None,
                inherits=() if partition else tuple(parents),
                hangs_on=tuple(parents),
            ),
        )
        for column in row.get("columns", ()):
            yield Subject(Kind.COLUMN, (*name, column["name"])), self._column(column, parents)
        if row.get("row_security") or row.get("forced_row_security"):
            yield (
                Subject(Kind.ROW_SECURITY, name),
                model.RowSecurity(enabled=row.get("row_security", False), forced=row.get("forced_row_security", False)),
            )

    def _column(self, row: Row, parents: list[Subject]) -> model.Column:
        type_name = self._type(row["type"])
        generated = row.get("generated")
        value = self._default(row.get("default"), type_name)
        inherited = parents if row.get("inherited") else []
        return model.Column(
            type=type_name,
            nullable=not row.get("not_null", False),
            default=None if generated else value,
            identity=_identity(row),
            generated=model.Generated(value, stored=generated == "s") if generated and value else None,
            collation=_collation(row),
            hangs_on=tuple(Subject(Kind.COLUMN, (*parent.name, row["name"])) for parent in inherited),
        )

    def _constraint(self, row: Row) -> _Described:
        table = (row["schema"], row["table"])
        describe = {
            "p": _primary_key,
            "u": _unique,
            "f": _foreign_key,
            "c": _check,
            "x": _exclusion,
        }[row["type"]]
        columns = tuple(Subject(Kind.COLUMN, (*table, column)) for column in row.get("columns", ()))
        yield describe(table, row, columns)

    def _index(self, row: Row) -> _Described:
        node = parse(row["definition"])[0].node
        table = Subject(
            Kind.MATERIALIZED_VIEW if row.get("materialized_view") else Kind.TABLE, (row["table_schema"], row["table"])
        )
        method = node.get("accessMethod", "btree")
        keys = tuple(canonical.index_key(key["IndexElem"], _NAMES, method) for key in node["indexParams"])
        included = tuple(key["IndexElem"]["name"] for key in node.get("indexIncludingParams", ()))
        predicate = node.get("whereClause")
        yield (
            Subject(Kind.INDEX, (row["schema"], row["name"])),
            model.Index(
                table=table,
                method=method,
                keys=keys,
                include=included,
                predicate=canonical.expression(predicate, _NAMES) if predicate is not None else None,
                unique=node.get("unique", False),
                nulls_not_distinct=node.get("nulls_not_distinct", False),
                valid=not row.get("invalid", False),
                hangs_on=_columns_in(table, node),
            ),
        )

    def _domain(self, row: Row) -> _Described:
        type_name = self._type(row["type"])
        checks = (
            model.DomainCheck(check["name"], _expression(check["expression"]), validated=not check["not_valid"])
            for check in row.get("checks", ())
        )
        yield (
            Subject(Kind.DOMAIN, (row["schema"], row["name"])),
            model.Domain(
                type=type_name,
                nullable=not row.get("not_null", False),
                default=self._default(row.get("default"), type_name),
                collation=_collation(row),
                checks=tuple(checks),
            ),
        )

    def _composite(self, row: Row) -> _Described:
        attributes = (
            model.Attribute(attribute["name"], self._type(attribute["type"]), _collation(attribute))
            for attribute in row.get("attributes", ())
        )
        yield Subject(Kind.COMPOSITE_TYPE, (row["schema"], row["name"])), model.CompositeType(tuple(attributes))

    def _routine(self, row: Row) -> _Described:
        types = row.get("types") or row.get("inputs") or []
        modes = row.get("modes") or ["i"] * len(types)
        names = row.get("names") or [""] * len(types)
        arguments = [
            Argument(_ARGUMENT_MODES[mode], name, self._argument_type(type_name))  # type: ignore[arg-type]  # one of five
            for mode, name, type_name in zip(modes, names, types, strict=True)
        ]
        settings = sorted(row.get("settings", ()))
        result = row.get("result")
        inputs = [argument.type for argument in arguments if argument.is_input]
        trees = parse(f"SELECT {row['defaults']}")[0].node["targetList"] if "defaults" in row else []
        defaults = (
            canonical.argument_default(tree["ResTarget"]["val"], type_name, _NAMES)
            for tree, type_name in zip(trees, inputs[len(inputs) - len(trees) :], strict=True)
        )
        kind = Kind.PROCEDURE if row.get("procedure") else Kind.FUNCTION
        yield (
            Subject(kind, (row["schema"], canonical.routine_name(row["name"], arguments))),
            model.Routine(
                arguments=canonical.routine_arguments(arguments),
                result=None
                if result is None
                else canonical.routine_result(
                    arguments, self._argument_type(result), returns_set=row.get("set", False)
                ),
                language=row["language"],
                body_md5=row["body_md5"],
                volatility=_VOLATILITY[row["volatility"]],  # type: ignore[arg-type]  # one of three words
                strict=row.get("strict", False),
                security_definer=row.get("security_definer", False),
                leakproof=row.get("leakproof", False),
                parallel=_PARALLEL[row["parallel"]],  # type: ignore[arg-type]  # one of three words
                defaults=tuple(defaults),
                settings=tuple(settings),
                body=_body(row),
            ),
        )


def _value(text: str) -> Tree:
    """The tree of an expression the server printed."""
    tree: Tree = parse(f"SELECT {text}")[0].node["targetList"][0]["ResTarget"]["val"]
    return tree


def _expression(text: str) -> Expression:
    return canonical.expression(_value(text), _NAMES)


def _optional(text: str | None) -> Expression | None:
    return None if text is None else _expression(text)


def _collation(row: Row) -> str | None:
    if "collation" not in row:
        return None
    schema, name = row["collation"]
    return canonical.spelled((name,) if schema == "pg_catalog" else (schema, name))


def _options(row: Row) -> model.SequenceOptions:
    return model.SequenceOptions(**row)


def _identity(row: Row) -> model.Identity | None:
    if "identity" not in row:
        return None
    # A partition's identity column (17 and later) counts on its parent's sequence.
    options = _options(row["sequence"]) if row.get("sequence") else model.SequenceOptions(type=row["type"])
    return model.Identity(always=row["identity"] == "a", options=options)


def _deferral(row: Row) -> model.Deferral:
    if row.get("deferred"):
        return model.Deferral.INITIALLY_DEFERRED
    return model.Deferral.INITIALLY_IMMEDIATE if row.get("deferrable") else model.Deferral.NOT_DEFERRABLE


def _partition_key(text: str) -> Expression:
    spec = parse(f"CREATE TABLE t () PARTITION BY {text}")[0].node["partspec"]
    strategy = spec["strategy"].removeprefix("PARTITION_STRATEGY_").lower()
    return canonical.partition_key(
        strategy, (canonical.index_key(each["PartitionElem"], _NAMES) for each in spec["partParams"])
    )


def _partition_bound(text: str) -> Expression:
    node = parse(f"CREATE TABLE t PARTITION OF p {text}")[0].node
    return canonical.partition_bound(node["partbound"], _NAMES)


def _columns_in(table: Subject, tree: Any) -> tuple[Subject, ...]:
    """The columns of *table* that a definition of an index or constraint on it names."""
    found: dict[Subject, None] = {}

    def visit(node: Any) -> None:
        if isinstance(node, list):
            for item in node:
                visit(item)
        elif isinstance(node, dict):
            if "IndexElem" in node and "name" in node["IndexElem"]:
                found[Subject(Kind.COLUMN, (*table.name, node["IndexElem"]["name"]))] = None
            if "ColumnRef" in node and (words := [each for each in node["ColumnRef"]["fields"] if "String" in each]):
                found[Subject(Kind.COLUMN, (*table.name, canonical.words(words)[-1]))] = None
            for value in node.values():
                visit(value)

    visit(tree)
    return tuple(found)


_Table = tuple[str, str]
_Columns = tuple[Subject, ...]


def _primary_key(table: _Table, row: Row, columns: _Columns) -> tuple[Subject, Definition]:
    return Subject(Kind.PRIMARY_KEY, table), model.PrimaryKey(
        name=row["name"],
        columns=tuple(row["columns"]),
        include=tuple(row.get("include", ())),
        deferral=_deferral(row),
        hangs_on=columns,
    )


def _unique(table: _Table, row: Row, columns: _Columns) -> tuple[Subject, Definition]:
    return Subject(Kind.UNIQUE, (*table, row["name"])), model.Unique(
        columns=tuple(row["columns"]),
        include=tuple(row.get("include", ())),
        nulls_not_distinct=row.get("nulls_not_distinct", False),
        deferral=_deferral(row),
        hangs_on=columns,
    )


def _foreign_key(table: _Table, row: Row, columns: _Columns) -> tuple[Subject, Definition]:
    referenced = row["referenced"]
    target = Subject(Kind.TABLE, (referenced["schema"], referenced["table"]))
    targets = (Subject(Kind.COLUMN, (*target.name, column)) for column in referenced["columns"])
    return Subject(Kind.FOREIGN_KEY, (*table, row["name"])), model.ForeignKey(
        columns=tuple(row["columns"]),
        referenced_table=target,
        referenced_columns=tuple(referenced["columns"]),
        on_update=_ACTIONS[referenced["on_update"]],
        on_delete=_ACTIONS[referenced["on_delete"]],
        on_delete_columns=tuple(referenced.get("on_delete_columns", ())),
        match="full" if referenced["match"] == "f" else "simple",
        deferral=_deferral(row),
        validated=not row.get("not_valid", False),
        enforced=row.get("enforced", True),
        hangs_on=(*columns, target, *targets),
    )


def _check(table: _Table, row: Row, columns: _Columns) -> tuple[Subject, Definition]:
    return Subject(Kind.CHECK, (*table, row["name"])), model.Check(
        expression=_expression(row["expression"]),
        validated=not row.get("not_valid", False),
        no_inherit=row.get("no_inherit", False),
        enforced=row.get("enforced", True),
        hangs_on=columns,
    )


def _exclusion(table: _Table, row: Row, columns: _Columns) -> tuple[Subject, Definition]:
    node = parse(f"ALTER TABLE t ADD {row['definition']}")[0].node["cmds"][0]["AlterTableCmd"]["def"]["Constraint"]
    method = node.get("access_method", "btree")
    elements = []
    for item in node["exclusions"]:
        key, operator = item["List"]["items"]
        words = operator["List"]["items"]
        elements.append((canonical.index_key(key["IndexElem"], _NAMES, method), canonical.words(words)[-1]))
    predicate = node.get("where_clause")
    return Subject(Kind.EXCLUSION, (*table, row["name"])), model.Exclusion(
        method=method,
        elements=tuple(elements),
        include=tuple(canonical.words(node.get("including", []))),
        predicate=canonical.expression(predicate, _NAMES) if predicate is not None else None,
        deferral=_deferral(row),
        hangs_on=tuple(dict.fromkeys((*columns, *_columns_in(Subject(Kind.TABLE, table), node)))),
    )


def _schema(row: Row) -> _Described:
    yield Subject(Kind.SCHEMA, (row["name"],)), model.Namespace()


def _enum(row: Row) -> _Described:
    yield Subject(Kind.ENUM, (row["schema"], row["name"])), model.Enum(tuple(row["values"] or ()))


def _sequence(row: Row) -> _Described:
    owner = Subject(Kind.COLUMN, tuple(row["owner"])) if "owner" in row else None
    yield (
        Subject(Kind.SEQUENCE, (row["schema"], row["name"])),
        model.Sequence(_options(row["options"]), owner, hangs_on=(owner,) if owner else ()),
    )


def _view(row: Row) -> _Described:
    kind = Kind.MATERIALIZED_VIEW if row.get("materialized") else Kind.VIEW
    body = canonical.query(parse(row["definition"])[0].tree, _NAMES)
    options = sorted(row.get("options", ()))
    yield (
        Subject(kind, (row["schema"], row["name"])),
        model.View(columns=tuple(row.get("columns", ())), body=body, options=tuple(options)),
    )


def _body(row: Row) -> Expression | None:
    """A body in the SQL standard's form."""
    return canonical.body(parse(row["definition"])[0].node["sql_body"], _NAMES) if "definition" in row else None


def _trigger(row: Row) -> _Described:
    node = parse(row["definition"])[0].node
    timing = node.get("timing", 0)
    events = node.get("events", 0)
    transitions = [each["TriggerTransition"] for each in node.get("transitionRels", ())]
    table = (row["schema"], row["table"])
    when = node.get("whenClause")
    yield (
        Subject(Kind.TRIGGER, (*table, row["name"])),
        model.Trigger(
            timing="before" if timing & _TRIGGER_BEFORE else "instead of" if timing & _TRIGGER_INSTEAD else "after",
            events=tuple(event for bit, event in _TRIGGER_EVENTS if events & bit),
            function=canonical.spelled(canonical.words(node["funcname"])),
            arguments=canonical.words(node.get("args", [])),
            for_each="row" if node.get("row") else "statement",
            update_of=tuple(sorted(canonical.words(node.get("columns", [])))),
            when=canonical.expression(when, _NAMES) if when is not None else None,
            enabled=_ENABLED[row["enabled"]],  # type: ignore[arg-type]  # one of four words
            constraint=node.get("isconstraint", False),
            deferral=_deferral({"deferrable": node.get("deferrable"), "deferred": node.get("initdeferred")}),
            old_table=next((each["name"] for each in transitions if not each.get("isNew")), None),
            new_table=next((each["name"] for each in transitions if each.get("isNew")), None),
            hangs_on=tuple(
                Subject(Kind.COLUMN, (*table, column)) for column in canonical.words(node.get("columns", []))
            ),
        ),
    )


def _policy(row: Row) -> _Described:
    yield (
        Subject(Kind.POLICY, (row["schema"], row["table"], row["name"])),
        model.Policy(
            command=_COMMANDS[row["command"]],  # type: ignore[arg-type]  # one of five words
            permissive=not row.get("restrictive", False),
            roles=tuple(sorted(row["roles"])),
            using=_optional(row.get("using")),
            with_check=_optional(row.get("with_check")),
        ),
    )


def _rule(row: Row) -> _Described:
    node = parse(row["definition"])[0].node
    yield (
        Subject(Kind.RULE, (row["schema"], row["table"], row["name"])),
        model.Rule(
            event=_RULE_EVENTS[node["event"]],  # type: ignore[arg-type]  # one of four words
            instead=node.get("instead", False),
            enabled=_ENABLED[row["enabled"]],  # type: ignore[arg-type]  # one of four words
            body=canonical.rule_body(node, _NAMES),
        ),
    )


def _extension(row: Row) -> _Described:
    yield Subject(Kind.EXTENSION, (row["name"],)), model.Extension(version=row["version"], schema=row["schema"])
