"""Keys of indexes and exclusions, from the IndexElem nodes of either side."""

from typing import Any

from ...model.schema import Expression, IndexKey
from .expressions import form, text
from .names import Names, spelled, words
from .sql import rendered

Tree = dict[str, Any]

# pg_opclass.opcdefault of 13 to 18, and of the usual extensions: naming one says nothing that the type does not.
_ALSO_DEFAULT = frozenset(
    {"citext_ops", "btree_hstore_ops", "hash_hstore_ops", "gin_hstore_ops", "gist_hstore_ops", "gist_ltree_ops",
     "ltree_ops", "gist_geometry_ops_2d", "gist_geography_ops", "gist__int_ops", "cube_ops"}
)  # fmt: skip
_NEVER_DEFAULT = frozenset(
    {"cidr_ops", "jsonb_path_ops", "kd_point_ops", "record_image_ops", "varchar_ops", "gin_trgm_ops", "gist_trgm_ops",
     "gin__int_ops", "gist__intbig_ops"}
)  # fmt: skip
_BUILT_IN = frozenset(
    """
    aclitem array bit bool box bpchar bytea char cid circle date enum float4 float8 inet int2 int4 int8 interval
    jsonb macaddr macaddr8 money multirange name numeric oid oidvector pg_lsn point poly quad_point range record
    text tid time timestamp timestamptz timetz tsquery tsvector uuid varbit xid xid8
    """.split()  # noqa: SIM905 - quotes around each word would double it
)


def index_key(element: Tree, names: Names, method: str = "btree") -> IndexKey:
    """The key that the fields of an IndexElem node (*element*) describe."""
    descending = element.get("ordering") == "SORTBY_DESC"
    nulls = element.get("nulls_ordering", "SORTBY_NULLS_DEFAULT")
    tree = element.get("expr")
    # pg_get_indexdef prints a bare function call without parentheses, a column never as an expression.
    column = element.get("name")
    if tree is not None and set(tree) == {"ColumnRef"}:
        column, tree = words(tree["ColumnRef"]["fields"])[-1], None
    return IndexKey(
        column=column,
        expression=None if tree is None else _expression(tree, names),
        descending=descending,
        nulls_first=descending if nulls == "SORTBY_NULLS_DEFAULT" else nulls == "SORTBY_NULLS_FIRST",
        operator_class=operator_class(method, element.get("opclass", [])),
        collation=spelled(words(element["collation"])) if "collation" in element else None,
    )


def operator_class(method: str, name: list[Tree]) -> str | None:
    """The last word of an operator class; None for one that is its type's default."""
    if not name:
        return None
    last = words(name)[-1]
    return None if _is_default(method, last) else last


def _is_default(method: str, name: str) -> bool:
    if name in _ALSO_DEFAULT:
        return True
    if name in _NEVER_DEFAULT or (method, name) in {("gist", "inet_ops"), ("brin", "inet_minmax_ops")}:
        return False
    if method == "gist" and name.startswith("gist_"):  # btree_gist's are all default
        return True
    if method == "brin":
        return name.removesuffix("_minmax_ops").removesuffix("_inclusion_ops") in _BUILT_IN
    return name.removesuffix("_ops") in _BUILT_IN


def _expression(tree: Tree, names: Names) -> Expression:
    canonical = form(tree, names)
    return Expression(sql=rendered(canonical), meaning=text(canonical))
