"""Views, routines, triggers, policies and rules."""

from ...model import schema as model
from ...model.schema import Expression, Kind, Subject
from .. import canonical
from ..canonical import Argument
from ..canonical.storage import parameters
from ..parse import parse
from .reading import ARGUMENT_MODES, ENABLED, NAMES, PARALLEL, Described, Row, deferral, optional, type_of

_COMMANDS = {"*": "all", "r": "select", "a": "insert", "w": "update", "d": "delete"}
_VOLATILITY = {"i": "immutable", "s": "stable", "v": "volatile"}
# pg_trigger.tgtype's events are named in the definition by these nodes' bits (CreateTrigStmt.events, trigger.h).
_TRIGGER_EVENTS = ((1 << 2, "insert"), (1 << 4, "update"), (1 << 3, "delete"), (1 << 5, "truncate"))
_TRIGGER_BEFORE, _TRIGGER_INSTEAD = 1 << 1, 1 << 6
_USED = {"v": Kind.VIEW, "m": Kind.MATERIALIZED_VIEW}
_RULE_EVENTS = {"CMD_SELECT": "select", "CMD_INSERT": "insert", "CMD_UPDATE": "update", "CMD_DELETE": "delete"}


def view(row: Row) -> Described:
    kind = Kind.MATERIALIZED_VIEW if row.get("materialized") else Kind.VIEW
    body = canonical.query(parse(row["definition"])[0].tree, NAMES)
    yield (
        Subject(kind, (row["schema"], row["name"])),
        model.View(
            columns=tuple(row.get("columns", ())),
            body=body,
            options=parameters(row.get("options", ())),
            uses=tuple(sorted(_used(*each) for each in row.get("uses", ()))),
        ),
    )


def _used(kind: str, schema: str, relation: str, column: str | None) -> Subject:
    if column is not None:
        return Subject(Kind.COLUMN, (schema, relation, column))
    return Subject(_USED.get(kind, Kind.TABLE), (schema, relation))


def routine(row: Row) -> Described:
    types = row.get("types") or row.get("inputs") or []
    modes = row.get("modes") or ["i"] * len(types)
    names = row.get("names") or [""] * len(types)
    arguments = [
        Argument(ARGUMENT_MODES[mode], name, type_of(type_name, modified=False))
        for mode, name, type_name in zip(modes, names, types, strict=True)
    ]
    settings = sorted(row.get("settings", ()))
    result = row.get("result")
    inputs = [argument.type for argument in arguments if argument.is_input]
    trees = parse(f"SELECT {row['defaults']}")[0].node["targetList"] if "defaults" in row else []
    defaults = (
        canonical.argument_default(tree["ResTarget"]["val"], type_name, NAMES)
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
                arguments, type_of(result, modified=False), returns_set=row.get("set", False)
            ),
            language=row["language"],
            body_digest=row["body_digest"],
            volatility=_VOLATILITY[row["volatility"]],  # type: ignore[arg-type]  # one of three words
            strict=row.get("strict", False),
            security_definer=row.get("security_definer", False),
            leakproof=row.get("leakproof", False),
            parallel=PARALLEL[row["parallel"]],  # type: ignore[arg-type]  # one of three words
            defaults=tuple(defaults),
            settings=tuple(settings),
            body=_body(row),
        ),
    )


def _body(row: Row) -> Expression | None:
    """A body in the SQL standard's form."""
    return canonical.body(parse(row["definition"])[0].node["sql_body"], NAMES) if "definition" in row else None


def trigger(row: Row) -> Described:
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
            when=canonical.expression(when, NAMES) if when is not None else None,
            enabled=ENABLED[row["enabled"]],  # type: ignore[arg-type]  # one of four words
            constraint=node.get("isconstraint", False),
            deferral=deferral({"deferrable": node.get("deferrable"), "deferred": node.get("initdeferred")}),
            old_table=next((each["name"] for each in transitions if not each.get("isNew")), None),
            new_table=next((each["name"] for each in transitions if each.get("isNew")), None),
            hangs_on=tuple(
                Subject(Kind.COLUMN, (*table, column)) for column in canonical.words(node.get("columns", []))
            ),
        ),
    )


def policy(row: Row) -> Described:
    yield (
        Subject(Kind.POLICY, (row["schema"], row["table"], row["name"])),
        model.Policy(
            command=_COMMANDS[row["command"]],  # type: ignore[arg-type]  # one of five words
            permissive=not row.get("restrictive", False),
            roles=tuple(sorted(row["roles"])),
            using=optional(row.get("using")),
            with_check=optional(row.get("with_check")),
        ),
    )


def rule(row: Row) -> Described:
    node = parse(row["definition"])[0].node
    yield (
        Subject(Kind.RULE, (row["schema"], row["table"], row["name"])),
        model.Rule(
            event=_RULE_EVENTS[node["event"]],  # type: ignore[arg-type]  # one of four words
            instead=node.get("instead", False),
            enabled=ENABLED[row["enabled"]],  # type: ignore[arg-type]  # one of four words
            acts=bool(node.get("actions")),
            body=canonical.rule_body(node, NAMES),
        ),
    )
