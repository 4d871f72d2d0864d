"""What statements name, and is not known: the server is asked whether it exists."""

from collections.abc import Iterator, Sequence

from ...model.plan import Analysis
from ...model.question import Question
from ...model.schema import Kind, Subject
from ..canonical.sql import literal
from ..object_types import RELATION_TYPES
from ..parse import Tree
from .footprint import Circumstances, Footprint
from .known import Known
from .rows import range_vars
from .writing import quoted

_TYPES = frozenset({"OBJECT_TYPE", "OBJECT_DOMAIN"})
_OF_RELATION = frozenset(
    {"OBJECT_COLUMN", "OBJECT_TABCONSTRAINT", "OBJECT_TRIGGER", "OBJECT_POLICY", "OBJECT_RULE"}
)  # fmt: skip
Words = Sequence[str]


def ask_about_relations(footprint: Footprint, node: Tree) -> None:
    """TRUNCATE, REINDEX, CLUSTER, ANALYZE, REFRESH, CREATE STATISTICS: every relation in it."""
    for each in range_vars(node):
        _ask(footprint, "regclass", [*([each["schemaname"]] if "schemaname" in each else []), each["relname"]])


def ask_about_granted(footprint: Footprint, node: Tree) -> None:
    """GRANT: the schemas in it."""
    for each in node.get("objects", ()) if node["objtype"] == "OBJECT_SCHEMA" else ():
        _ask(footprint, "regnamespace", [each["String"]["sval"]])


def ask_about_commented(footprint: Footprint, node: Tree) -> None:
    """COMMENT: what it is for."""
    for kind, words in named_in_comment(node):
        _ask(footprint, kind, words)


def named_in_comment(node: Tree) -> Iterator[tuple[str, Words]]:
    """What COMMENT names, or the relation that holds it; by the server's type of such names."""
    sort, named = node["objtype"], node["object"]
    if sort == "OBJECT_SCHEMA":
        yield "regnamespace", [named["String"]["sval"]]
    elif sort in _TYPES:
        yield "regtype", [each["String"]["sval"] for each in named["TypeName"]["names"]]
    elif sort in RELATION_TYPES or sort in _OF_RELATION:
        words = [each["String"]["sval"] for each in named["List"]["items"]]
        yield "regclass", words[:-1] if sort in _OF_RELATION else words


def missing(what: str, sqlstate: str, before: Known, circumstances: Circumstances) -> Iterator[Analysis]:
    """Ask whether there is *what* the replay does not know: something of an extension, or of a platform."""
    sort, _, name = what.partition(" ")
    words = name.split(".")
    if not name or circumstances.passed.is_pending(words[-1:]) or circumstances.passed.brings_extension:
        return
    written = ".".join(map(quoted, words))
    queries = {
        "relation": f"SELECT FROM {written}",  # quoted
        "type": f"SELECT NULL::{written}",
        "routine": f"SELECT {literal(written)}::pg_catalog.regproc",
        "schema": f"SELECT {literal(written)}::pg_catalog.regnamespace",
    }
    if sort in queries:
        question = Question(queries[sort], before.search_path)
        yield Analysis(question, f"the {what}", frozenset({"42725"}), sqlstate=sqlstate)


def _ask(footprint: Footprint, kind: str, words: Words) -> None:
    if footprint.circumstances.passed.is_pending(words[-1:]) or _is_known(footprint, kind, words):
        return
    question = Question(
        f"SELECT {literal('.'.join(map(quoted, words)))}::pg_catalog.{kind}", footprint.before.search_path
    )
    footprint.ask(Analysis(question, f"the name {'.'.join(words)}"))


def _is_known(footprint: Footprint, kind: str, words: Words) -> bool:
    before = footprint.before
    if kind == "regclass":
        return before.named(words) is not None or any(each.name[1:2] == (words[-1],) for each in footprint.changed)
    if kind == "regtype":
        return before.own_type(words) is not None
    return Subject(Kind.SCHEMA, (words[-1],)) in before.objects
