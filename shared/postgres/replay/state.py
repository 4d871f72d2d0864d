"""What every statement is run against: the catalog, its names, and the errors that a server would raise."""

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from ...model.question import Accepted, Answer, Answers, Question
from ...model.schema import Doubt, Kind, Subject
from ...model.session import Session
from ...model.value import replace
from ..canonical.names import quoted
from ..canonical.sql import literal
from ..parse import Tree
from . import records
from .catalog import Catalog, UnknownError
from .names import TEMPORARY, Names, words
from .queries import bind_query
from .records import Oid

if TYPE_CHECKING:
    from .rights import Followed

_OFF = frozenset({"false", "off", "no", "0"})


class ExistsError(Exception):
    """A statement makes an object that is already there."""


# The search path, how constants are read, and who acts.
SessionState = tuple[tuple[str, ...], Session, "Followed | None"]
NOTHING_SET = Session()


class State:
    def __init__(self, watched: str, answers: Answers, catalog: Catalog | None = None) -> None:
        self.catalog = catalog if catalog is not None else Catalog()
        # The text of the statement that is run, where it is known; what the server alone knows of types, its answers.
        self.text: str | None = None
        # Why something of the statement that is run, or ran last, could not be parsed.
        self.unread: str | None = None
        self.questions: dict[Question, None] = {}
        self.answers = answers
        # Up to here no answer has had a bearing on anything.
        self.is_independent = True
        # What stays since it is not known whether it was dropped, and why.
        self.perhaps_dropped: dict[Subject, str] = {}
        # What statements that cannot be parsed bear on, by the names that each mentions, and why that is not known.
        self.mentioned: dict[frozenset[str], str] = {}
        self.constants_read = NOTHING_SET
        # Owners and privileges; None: they are not followed.
        self.rights: Followed | None = None
        self.names = Names(self.catalog, watched, bind_query)
        for name in dict.fromkeys((TEMPORARY, "public", watched)) if catalog is None else ():
            self.catalog.add(records.Namespace(name))
        self.start_session()

    def start_session(self, path: Sequence[str] | None = None) -> None:
        """What a new connection finds: no temporary tables, and names along *path*, or in the watched schema first."""
        self._first_path = (self.names.watched, "public") if path is None else tuple(path)
        self.reset_search_path()
        self.constants_read = NOTHING_SET
        if self.rights is not None:
            self.rights = self.rights.in_new_session()
        for oid, _ in list(self.catalog.held(self.names.schema(TEMPORARY), records.InSchema)):
            self.catalog.remove(oid)

    @property
    def session_state(self) -> SessionState:
        """What the running script has set."""
        return self.names.search_path, self.constants_read, self.rights

    @session_state.setter
    def session_state(self, session: SessionState) -> None:
        self.names.search_path, self.constants_read, self.rights = session

    def copy(self, answers: Answers) -> "State":
        """Another one of the same content, at the start of a session, that goes on with these *answers*."""
        copied = State(self.names.watched, answers, self.catalog.copy())
        copied.questions, copied.perhaps_dropped = dict(self.questions), dict(self.perhaps_dropped)
        copied.mentioned, copied.is_independent = dict(self.mentioned), self.is_independent
        copied.rights = self.rights
        return copied

    def answer(self, question: Question) -> Answer | None:
        """The server's answer to *question*, where there is one by now."""
        self.is_independent = False
        return self.answers.get(question)

    @property
    def noted(self) -> tuple[int, int, int]:
        """How much has been noted beside the catalog; entries are only ever added, and at the end."""
        return len(self.questions), len(self.mentioned), len(self.perhaps_dropped)

    def forget_since(self, noted: tuple[int, int, int]) -> None:
        kept: tuple[dict[Any, Any], ...] = (self.questions, self.mentioned, self.perhaps_dropped)
        for found, size in zip(kept, noted, strict=True):
            while len(found) > size:
                found.popitem()

    def reset_search_path(self) -> None:
        self.names.search_path = tuple(dict.fromkeys(self._first_path))

    def set_search_path(self, names: Iterable[str]) -> None:
        """Where names lead from now on. Nothing at all means the system's schema alone, as in a dump."""
        found = (self._schema_of_role() if name == "$user" else name for name in names)
        self.names.search_path = tuple(dict.fromkeys(name for name in found if name))

    def _schema_of_role(self) -> str | None:
        """What ``$user`` means: the watched schema where a role has its name, since that one deploys there."""
        question = Question(f"SELECT {literal(quoted(self.names.watched))}::pg_catalog.regrole", ())
        self.questions[question] = None
        return self.names.watched if isinstance(self.answer(question), Accepted) else None

    def place(self, range_var: Tree) -> tuple[Oid, str]:
        """Schema and name for a relation that is about to be made."""
        if range_var.get("relpersistence") == "t":
            return self.schema_to_create_in(TEMPORARY), range_var["relname"]
        return self.schema_to_create_in(range_var.get("schemaname")), range_var["relname"]

    def place_named(self, name: tuple[str, ...]) -> tuple[Oid, str]:
        return self.schema_to_create_in(name[-2] if len(name) > 1 else None), name[-1]

    def schema_to_create_in(self, name: str | None) -> Oid:
        path = (*self.names.search_path, self.names.watched)
        wanted = name or next((each for each in path if self.catalog.find("schema", 0, each) is not None), path[0])
        try:
            return self.names.schema(wanted)
        except UnknownError:
            # The platform made it (Supabase's `auth`): not ours, yet things may be put into it.
            schema = self.catalog.add(records.Namespace(wanted))
            self.doubt(schema, Doubt("no migration makes it", others=frozenset(Kind)))
            return schema

    def taken(self, space: str, owner: Oid, name: str) -> None:
        """Raise ExistsError if there is such a name."""
        if self.catalog.find(space, owner, name) is not None:
            raise ExistsError(f"{space} {name}")

    def taken_by_relation(self, schema: Oid, name: str) -> None:
        """Raise ExistsError if a relation that is about to be made finds its name taken, or that of its rows' type."""
        self.taken("relation", schema, name)
        self.taken("type", schema, name)

    def opaque(self, subject: Subject, because: str) -> None:
        """From here on nothing is known of *subject*, nor of what hangs on it."""
        there = self.catalog.find("opaque", 0, str(subject))
        if there is None:
            self.catalog.add(records.Opaque(subject, because))
        elif self.catalog.expect(there, records.Opaque).doubt is not None:
            self.catalog.put(there, records.Opaque(subject, because))

    def doubt(self, of: Oid, doubt: Doubt) -> None:
        """From here on *doubt* is not known of the object *of*, under whatever name."""
        there = self.catalog.find("doubt", of, "")
        if there is None:
            self.catalog.add(records.Doubted(of, doubt))
        else:
            self.catalog.change(there, doubt=self.catalog.expect(there, records.Doubted).doubt.and_also(doubt))

    def doubt_subject(self, subject: Subject, doubt: Doubt) -> None:
        """From here on *doubt* is not known of *subject*, which is gone or has no record of its own."""
        there = self.catalog.find("opaque", 0, str(subject))
        if there is None:
            self.catalog.add(records.Opaque(subject, doubt.because, doubt))
        elif (known := self.catalog.expect(there, records.Opaque).doubt) is not None:
            self.catalog.change(there, doubt=known.and_also(doubt))

    def know(self, of: Oid, attributes: frozenset[str]) -> None:
        """From here on *attributes* of *of* are known, since a statement has set them."""
        there = self.catalog.find("doubt", of, "")
        if there is not None:
            doubt = self.catalog.expect(there, records.Doubted).doubt
            left = replace(doubt, attributes=doubt.attributes - attributes)
            self.catalog.put(there, records.Doubted(of, left) if left != Doubt(doubt.because) else None)

    def column_family(self, table: Oid, name: str, *, only: bool = False) -> Iterator[tuple[Oid, Oid]]:
        """The column *name* of *table* and of all tables below it: table and column."""
        yield table, self.names.column(table, name)
        for child, _ in () if only else list(self.children(table)):
            yield from self.column_family(child, name)

    def is_temporary(self, oid: Oid) -> bool:
        record = self.catalog.get(oid, records.InSchema)
        namespace = self.catalog.get(record.schema, records.Namespace) if record is not None else None
        return namespace is not None and namespace.name == TEMPORARY

    def children(self, table: Oid) -> Iterator[tuple[Oid, records.Table]]:
        """Partitions and inheriting tables, one level down."""
        for oid in sorted(self.catalog.find_all(*records.child_of(table))):
            yield oid, self.catalog.expect(oid, records.Table)


def options(elements: Iterable[Tree]) -> Iterator[tuple[str, Any]]:
    """DefElem nodes as name and value; None is a bare name."""
    for element in elements:
        each = element["DefElem"]
        yield each["defname"], value_of(each.get("arg"))


def is_off(value: object) -> bool:
    """Say whether the *value* of an option that is on or off is off."""
    return str(value).lower() in _OFF


def value_of(node: Any) -> Any:
    """A plain value out of a constant's node; other nodes as they are."""
    if not isinstance(node, dict):
        return node
    constant = node.get("A_Const", node)
    for kind, field, empty in (
        ("Integer", "ival", 0), ("ival", "ival", 0), ("String", "sval", ""), ("sval", "sval", ""),
        ("Boolean", "boolval", False), ("boolval", "boolval", False), ("Float", "fval", ""), ("fval", "fval", ""),
    ):  # fmt: skip
        if kind in constant and isinstance(constant[kind], dict):
            return constant[kind].get(field, empty)
    if "List" in node:
        return [value_of(each) for each in node["List"].get("items", ())]
    if "TypeName" in node:
        return ".".join(words(node["TypeName"]["names"]))
    return node
