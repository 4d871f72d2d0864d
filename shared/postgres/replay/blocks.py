"""DO blocks: their DDL is run, guarded by the conditions that the replay can answer itself.

In migrations nearly all of them are ``IF [NOT] EXISTS (catalog query) THEN ddl`` or ``EXCEPTION WHEN duplicate_object``.
Inside, "already exists" is no error. What is done under a condition on rows, or by text put together from rows, makes
what it touches opaque.
"""

from collections.abc import Iterable
from typing import Any

from shared.model.schema import Kind, Subject
from shared.postgres.parse import ParseError, Tree, parse, parse_plpgsql
from shared.postgres.replay import conditions, statements
from shared.postgres.replay.catalog import UnknownError
from shared.postgres.replay.names import words
from shared.postgres.replay.world import ExistsError, World

_TRACELESS = (
    "analyze",
    "comment",
    "delete",
    "grant",
    "insert",
    "lock",
    "refresh",
    "revoke",
    "select",
    "truncate",
    "update",
    "vacuum",
)
_LOOPS = ("PLpgSQL_stmt_loop", "PLpgSQL_stmt_while", "PLpgSQL_stmt_fori", "PLpgSQL_stmt_fors", "PLpgSQL_stmt_dynfors")
_BECAUSE = "made or changed by a DO block in a way that depends on rows"


class _Leave(Exception):  # noqa: N818  (no error: RETURN)
    """RETURN: the block is done."""


def run(world: World, sql: str, tree: Tree) -> None:
    """Run a DO statement; *sql* is its whole text."""
    body = next((each["DefElem"]["arg"] for each in tree["DoStmt"]["args"] if each["DefElem"]["defname"] == "as"), None)
    if body is None:
        return
    try:
        function = parse_plpgsql(sql)[0]["PLpgSQL_function"]
    except (ParseError, LookupError):
        world.opaque(Subject(Kind.SCHEMA, (world.names.watched,)), "a DO block whose language is not PL/pgSQL")
        return
    block = _Block(world, function.get("datums", ()))
    try:
        block.run([function["action"]])
    except _Leave:
        pass


class _Block:
    def __init__(self, world: World, datums: Iterable[Tree]) -> None:
        self._world = world
        self._variables: list[str | None] = []
        self._values: dict[str, str] = {}
        for datum in datums:
            ((_, node),) = datum.items()
            self._variables.append(node.get("refname"))
            value = self._text(node["default_val"]) if "default_val" in node else None
            if value is not None:
                self._values[node["refname"]] = value

    def run(self, body: Iterable[Tree]) -> None:
        for statement in body:
            ((kind, node),) = statement.items()
            match kind:
                case "PLpgSQL_stmt_block":
                    self._block(node)
                case "PLpgSQL_stmt_if":
                    self._if(node)
                case "PLpgSQL_stmt_execsql":
                    self._execute(node["sqlstmt"]["PLpgSQL_expr"]["query"])
                case "PLpgSQL_stmt_dynexecute":
                    self._execute_text(node)
                case "PLpgSQL_stmt_assign":
                    self._assign(node)
                case "PLpgSQL_stmt_foreach_a":
                    self._for_each(node)
                case "PLpgSQL_stmt_return":
                    if node.get("lineno"):
                        raise _Leave
                case "PLpgSQL_stmt_case":
                    for each in node.get("case_when_list", ()):
                        self._uncertainly(each["PLpgSQL_case_when"].get("stmts", ()))
                case loop if loop in _LOOPS:
                    self._uncertainly(node.get("body", ()))
                case _:
                    pass

    def _block(self, node: Tree) -> None:
        if "exceptions" not in node:
            self.run(node.get("body", ()))
            return
        mark = self._world.catalog.mark()
        try:
            self.run(node.get("body", ()))
        except (ExistsError, UnknownError):
            # The server rolls back what the block did, and goes on with the handler.
            self._world.catalog.undo(mark)
            handlers = node["exceptions"]["PLpgSQL_exception_block"]["exc_list"]
            self.run(handlers[0]["PLpgSQL_exception"].get("action", ()))

    def _if(self, node: Tree) -> None:
        branches = [(node["cond"], node.get("then_body", ()))]
        branches += [
            (each["PLpgSQL_if_elsif"]["cond"], each["PLpgSQL_if_elsif"].get("stmts", ()))
            for each in node.get("elsif_list", ())
        ]
        otherwise = node.get("else_body", ())
        for condition, body in branches:
            answer = conditions.answer(self._world, condition["PLpgSQL_expr"]["query"], self._values)
            if answer.holds:
                self.run(body)
                return
            if answer.holds is None:
                if answer.of_rows or otherwise or len(branches) > 1:
                    self._uncertainly([*body, *otherwise])
                else:  # a guard that cannot be answered guards what is not there yet
                    self._leniently(body)
                return
        self.run(otherwise)

    def _leniently(self, body: Iterable[Tree]) -> None:
        for statement in body:
            mark = self._world.catalog.mark()
            try:
                self.run([statement])
            except (ExistsError, UnknownError):
                self._world.catalog.undo(mark)

    def _uncertainly(self, body: Iterable[Tree]) -> None:
        """Run what may or may not have been run, and make opaque all it touched."""
        mark = self._world.catalog.mark()
        self._leniently(body)
        touched = [(oid, before, now) for oid, before, now in self._world.catalog.written_since(mark)]
        subjects = [
            subject for oid, before, now in touched for subject in statements.shown_as(self._world, oid, before, now)
        ]
        for subject in dict.fromkeys(subjects):
            self._world.opaque(subject, _BECAUSE)

    def _execute(self, sql: str) -> None:
        try:
            parsed = parse(sql)
        except ParseError:
            return
        for statement in parsed:
            statements.run(self._world, statement.tree)

    def _execute_text(self, node: Tree) -> None:
        text = self._text(node["query"])
        if text is not None:
            self._execute(text)
            return
        query = node["query"]["PLpgSQL_expr"]["query"]
        first = query.replace("format(", "").strip("E'\"( \n").split(maxsplit=1)
        if first and first[0].lower() in _TRACELESS:
            return
        self._world.opaque(
            Subject(Kind.SCHEMA, (self._world.names.watched,)), f"a DO block executes {query.strip()[:60]}"
        )

    def _assign(self, node: Tree) -> None:
        text = node["expr"]["PLpgSQL_expr"]["query"]
        name, _, value = text.replace(":=", "=", 1).partition("=")
        known = self._text({"PLpgSQL_expr": {"query": value}})
        if known is None:
            self._values.pop(name.strip(), None)
        else:
            self._values[name.strip()] = known

    def _for_each(self, node: Tree) -> None:
        name = self._variables[node.get("varno", 0)]
        elements = self._array(node["expr"]["PLpgSQL_expr"]["query"])
        if name is None or elements is None:
            self._uncertainly(node.get("body", ()))
            return
        for each in elements:
            self._values[name] = each
            self.run(node.get("body", ()))

    # Text that can be told in advance

    def _text(self, expression: Tree) -> str | None:
        try:
            (statement,) = parse(f"SELECT {expression['PLpgSQL_expr']['query']}")
            return self._evaluate(statement.node["targetList"][0]["ResTarget"]["val"])
        except (ParseError, ValueError, LookupError):
            return None

    def _array(self, sql: str) -> list[str] | None:
        try:
            (statement,) = parse(f"SELECT {sql}")
            tree = statement.node["targetList"][0]["ResTarget"]["val"]
        except (ParseError, ValueError, LookupError):
            return None
        tree = tree.get("TypeCast", {}).get("arg", tree)
        elements = [self._evaluate(each) for each in tree.get("A_ArrayExpr", {}).get("elements", ())]
        known = [each for each in elements if each is not None]
        return known if elements and len(known) == len(elements) else None

    def _evaluate(self, tree: Any) -> str | None:
        ((kind, node),) = tree.items()
        if kind == "A_Const":
            if "sval" in node:
                return str(node["sval"].get("sval", ""))
            return str(node["ival"].get("ival", 0)) if "ival" in node else None
        if kind == "ColumnRef":
            name = words(node["fields"])
            return self._values.get(name[-1]) if len(name) == 1 else None
        if kind == "TypeCast":
            return self._evaluate(node["arg"])
        if kind == "A_Expr" and words(node["name"]) == ("||",):
            left, right = self._evaluate(node["lexpr"]), self._evaluate(node["rexpr"])
            return None if left is None or right is None else left + right
        if kind == "FuncCall":
            arguments = [self._evaluate(each) for each in node.get("args", ())]
            known = [each for each in arguments if each is not None]
            if len(known) == len(arguments):
                return _called(words(node["funcname"])[-1], known)
        if kind == "SQLValueFunction" and node.get("op") == "SVFOP_CURRENT_SCHEMA":
            return self._world.names.watched
        return None


def _called(name: str, arguments: list[str]) -> str | None:
    if name == "current_schema" and not arguments:
        return None
    if name == "quote_ident":
        return _identifier(arguments[0])
    if name == "quote_literal":
        return _literal(arguments[0])
    if name in ("lower", "upper"):
        return arguments[0].lower() if name == "lower" else arguments[0].upper()
    if name == "concat":
        return "".join(arguments)
    if name == "format":
        return _formatted(arguments[0], arguments[1:])
    return None


def _formatted(template: str, arguments: list[str]) -> str | None:
    """``format('ALTER TABLE %I …', name)``: %s, %I and %L in turn; None for anything finer."""
    parts = template.split("%")
    text, rest = parts[0], list(arguments)
    at = 1
    while at < len(parts):
        part = parts[at]
        if part == "" and at + 1 < len(parts):  # %%
            text += "%" + parts[at + 1]
            at += 2
            continue
        if part[:1] not in ("s", "I", "L") or not rest:
            return None
        value = rest.pop(0)
        text += {"s": value, "I": _identifier(value), "L": _literal(value)}[part[0]] + part[1:]
        at += 1
    return text


def _identifier(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _literal(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
