"""DO blocks: their DDL is run, guarded by the conditions that the replay can answer itself.

In migrations nearly all of them are ``IF [NOT] EXISTS (catalog query) THEN ddl`` or ``EXCEPTION WHEN
duplicate_object``. Inside, "already exists" is no error. What is done under a condition on rows may have been done or
not; what is done by text put together from rows may have been done to all that the text can name.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress

from ...model.schema import Kind, Subject
from .. import server_settings
from ..parse import ParseError, Tree, parse, parse_plpgsql, read
from . import conditions, statements, unread
from .calls import Call, calls, program
from .catalog import UnknownError
from .guards import may_fail
from .state import ExistsError, State, options
from .templates import run_template
from .texts import constant_array, constant_text, template_of
from .uncertain import run_uncertainly

_LOOPS = ("PLpgSQL_stmt_loop", "PLpgSQL_stmt_while", "PLpgSQL_stmt_fori", "PLpgSQL_stmt_fors", "PLpgSQL_stmt_dynfors")
_BECAUSE = "made or changed by a DO block in a way that depends on rows"
_GUARDED = "guarded by EXCEPTION: whether it took effect depends on the server and its rows"
_CALLED = "made or changed by a function in a way that is not known"
_EXECUTES = re.compile(r"\bexecute\b", re.IGNORECASE)
# So many calls within one another are followed.
_DEEPEST = 8


class _Leave(Exception):  # noqa: N818  (no error: RETURN)
    """RETURN: the block is done."""


def run(state: State, sql: str, tree: Tree) -> None:
    """Run a DO statement; *sql* is its whole text."""
    given = dict(options(tree["DoStmt"]["args"]))
    if "as" not in given:
        return
    if given.get("language", "plpgsql") != "plpgsql":
        state.opaque(Subject(Kind.SCHEMA, (state.names.watched,)), "a DO block whose language is not PL/pgSQL")
        return
    try:
        function = parse_plpgsql(sql)[0]["PLpgSQL_function"]
        action = function["action"]
    except (ParseError, LookupError) as error:
        _note_unread(state, given["as"], f"a DO block cannot be parsed by this monitor: {error}")
        return
    block = _Block(state, function.get("datums", ()))
    with suppress(_Leave):
        block.run([action])


def run_calls(state: State, tree: Tree, known: Mapping[str, str], depth: int = 0) -> None:
    """Run the bodies of the functions and procedures that *tree*, a SELECT or CALL, calls."""
    for call in calls(state, tree, known) if depth < _DEEPEST else ():
        routine = call.routine
        block = _Block(state, (), depth + 1)
        body: list[Tree] = []
        if routine.language == "sql" and routine.body:
            body = [{"PLpgSQL_stmt_execsql": {"sqlstmt": {"PLpgSQL_expr": {"query": routine.body}}}}]
        elif routine.language == "plpgsql" and (function := program(state, routine)) is not None:
            block = _Block(state, function.get("datums", ()), depth + 1)
            body = [function["action"]]
        elif routine.language == "plpgsql":
            _note_unread(state, routine.body, f"the body of {routine.name} cannot be parsed by this monitor")
        block.run_call(body, call)


def _note_unread(state: State, body: str, because: str) -> None:
    """A *body* without a tree may change what it names; and where it executes a text, whatever that names."""
    if _EXECUTES.search(body):
        state.opaque(Subject(Kind.SCHEMA, (state.names.watched,)), because)
    unread.run(state, {"text": f"DO {body}", "because": because})


class _Block:
    def __init__(self, state: State, datums: Iterable[Tree], depth: int = 0) -> None:
        self._state = state
        self._depth = depth
        self._variables: list[str | None] = []
        self._values: dict[str, str] = {}
        self._may_have_left = False
        for datum in datums:
            ((_, node),) = datum.items()
            self._variables.append(node.get("refname"))
            value = (
                constant_text(node["default_val"]["PLpgSQL_expr"]["query"], self._known)
                if "default_val" in node
                else None
            )
            if value is not None:
                self._values[node["refname"]] = value

    @property
    def _known(self) -> dict[str, str]:
        return {"current_schema": self._state.names.watched, **self._values}

    def run(self, body: Iterable[Tree]) -> None:
        statements_ = list(body)
        for at, statement in enumerate(statements_):
            if self._may_have_left:
                self._may_have_left = False
                self._uncertainly(statements_[at:])
                self._may_have_left = True
                return
            ((kind, node),) = statement.items()
            runner = _RUNNERS.get(kind)
            if runner is not None:
                runner(self, node)

    def run_call(self, body: list[Tree], call: Call) -> None:
        """Run the *body* of a function; what it does for rows, or to what is not known, may have been done or not."""
        self._values.update(call.values)
        mark = self._state.catalog.mark()
        path = self._state.names.search_path
        for each in call.routine.settings:
            name, _, value = each.partition("=")
            if name == "search_path":
                self._state.set_search_path(server_settings.names(value))
        try:
            if call.for_rows:
                self._uncertainly(body, _CALLED)
                return
            with suppress(_Leave):
                self.run(body)
        except UnknownError:
            self._state.catalog.undo(mark)
            self._uncertainly(body, _CALLED)
        finally:
            self._state.names.search_path = path

    def _call(self, sql: str) -> None:
        with suppress(ParseError):
            for statement in parse(sql):
                run_calls(self._state, statement.tree, self._known, self._depth)

    def _return(self, node: Tree) -> None:
        if node.get("lineno"):  # the parser adds one without a line at the end
            raise _Leave

    def _case(self, node: Tree) -> None:
        for each in node.get("case_when_list", ()):
            self._uncertainly(each["PLpgSQL_case_when"].get("stmts", ()))

    def _loop(self, node: Tree) -> None:
        self._uncertainly(node.get("body", ()))

    def _block(self, node: Tree) -> None:
        if "exceptions" not in node:
            self.run(node.get("body", ()))
            return
        mark, known = self._state.catalog.mark(), dict(self._values)
        body = node.get("body", ())
        handlers = [each["PLpgSQL_exception"] for each in node["exceptions"]["PLpgSQL_exception_block"]["exc_list"]]
        left = None
        try:
            self.run(body)
        except (ExistsError, UnknownError):
            # The server rolls back what the block did, and goes on with the handler.
            self._state.catalog.undo(mark)
            self.run(handlers[0].get("action", ()))
            return
        except _Leave as leave:
            left = leave
        if any(may_fail(body, each) for each in handlers):
            self._state.catalog.undo(mark)
            self._values = known
            self._uncertainly(body, _GUARDED)
            for each in handlers:
                self._uncertainly(each.get("action", ()), _GUARDED)
        elif left is not None:
            raise left

    def _if(self, node: Tree) -> None:
        branches = [(node["cond"], node.get("then_body", ()))]
        branches += [
            (each["PLpgSQL_if_elsif"]["cond"], each["PLpgSQL_if_elsif"].get("stmts", ()))
            for each in node.get("elsif_list", ())
        ]
        otherwise = node.get("else_body", ())
        for condition, body in branches:
            answer = conditions.answer(self._state, condition["PLpgSQL_expr"]["query"], self._values)
            if answer.holds:
                self.run(body)
                return
            if answer.holds is None:
                if answer.of_rows or otherwise or len(branches) > 1:
                    self._uncertainly([*body, *otherwise])
                else:  # a guard that cannot be answered guards what does not exist yet
                    self._leniently(body)
                return
        self.run(otherwise)

    def _leniently(self, body: Iterable[Tree]) -> None:
        for statement in body:
            mark = self._state.catalog.mark()
            try:
                self.run([statement])
            except (ExistsError, UnknownError):
                self._state.catalog.undo(mark)

    def _uncertainly(self, body: Iterable[Tree], because: str = _BECAUSE) -> None:
        """Run what may or may not have been run: both ends fit."""
        body, known = list(body), dict(self._values)

        def run() -> None:
            self._values = dict(known)
            try:
                self._leniently(body)
            except _Leave:
                self._may_have_left = True

        run_uncertainly(self._state, run, because)
        # What is assigned there is not known either.
        self._values = {name: value for name, value in known.items() if self._values.get(name) == value}

    def _execute(self, sql: str) -> None:
        try:
            found = list(read(sql))  # one that cannot be parsed here may well run on the server
        except ParseError:
            return
        for statement in found:
            self._state.text = statement.sql
            statements.run(self._state, statement.tree)
            run_calls(self._state, statement.tree, self._known, self._depth)

    def _execute_text(self, node: Tree) -> None:
        text = constant_text(node["query"]["PLpgSQL_expr"]["query"], self._known)
        if text is not None:
            self._execute(text)
            return
        query = node["query"]["PLpgSQL_expr"]["query"]
        if not run_template(self._state, template_of(query, self._known)):
            because = f"a DO block executes {query.strip()[:60]}"
            self._state.opaque(Subject(Kind.SCHEMA, (self._state.names.watched,)), because)

    def _assign(self, node: Tree) -> None:
        text = node["expr"]["PLpgSQL_expr"]["query"]
        name, _, value = text.replace(":=", "=", 1).partition("=")
        known = constant_text(value, self._known)
        if known is None:
            self._call(f"SELECT {value}")
            self._values.pop(name.strip(), None)
        else:
            self._values[name.strip()] = known

    def _for_each(self, node: Tree) -> None:
        name = self._variables[node.get("varno", 0)]
        elements = constant_array(node["expr"]["PLpgSQL_expr"]["query"], self._known)
        if name is None or elements is None:
            self._uncertainly(node.get("body", ()))
            return
        for each in elements:
            self._values[name] = each
            self.run(node.get("body", ()))


# Of the class, so that no block holds itself.
_RUNNERS: dict[str, Callable[[_Block, Tree], None]] = {
    "PLpgSQL_stmt_assign": _Block._assign,
    "PLpgSQL_stmt_block": _Block._block,
    "PLpgSQL_stmt_case": _Block._case,
    "PLpgSQL_stmt_dynexecute": _Block._execute_text,
    "PLpgSQL_stmt_execsql": lambda block, node: block._execute(node["sqlstmt"]["PLpgSQL_expr"]["query"]),
    "PLpgSQL_stmt_foreach_a": _Block._for_each,
    "PLpgSQL_stmt_call": lambda block, node: block._call(node["expr"]["PLpgSQL_expr"]["query"]),
    "PLpgSQL_stmt_if": _Block._if,
    "PLpgSQL_stmt_perform": lambda block, node: block._call(node["expr"]["PLpgSQL_expr"]["query"]),
    "PLpgSQL_stmt_return": _Block._return,
    **dict.fromkeys(_LOOPS, _Block._loop),
}
