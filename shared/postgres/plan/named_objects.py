"""What statements name that the replay does not follow: whether it exists is asked, where it is not known."""

from collections.abc import Iterator, Sequence

from ...model.plan import Analysis
from ...model.question import Question
from ...model.schema import Kind, Subject
from ..canonical.sql import literal
from ..object_types import RELATION_TYPES
from ..parse import Tree
from .footprint import Footprint
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
    for each in node.get("objects", ()) if node["objtype"] == "OBJECT_SCHEMA" else ():
        _ask(footprint, "regnamespace", [each["String"]["sval"]])


def ask_about_commented(footprint: Footprint, node: Tree) -> None:
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
