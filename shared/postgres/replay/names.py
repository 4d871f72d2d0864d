"""From names to oids when a statement is run, and from oids back to names when the catalog is shown.

Binding marks a tree's nodes: ``$column`` (with ``$at``, which word of the name it is), ``$type``, ``$routine``,
``$relation``, ``$view``. Unbinding writes today's names there, qualified as the server would with search_path =
pg_catalog. Trees are never changed in place: both ways make copies.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from ...model.schema import Kind
from ...model.value import dataclass
from ..canonical.names import AsWritten, quoted
from ..canonical.types import type_of
from ..parse import ParseError, Tree, nodes_with, parse
from . import records
from .builtin import OPERATORS, TYPES
from .catalog import Catalog, UnknownError
from .records import Bound, Oid, TypeRef

TEMPORARY = "pg_temp"
_SEQUENCE_FUNCTIONS = {"nextval", "currval", "setval"}
# The name spaces of what constants of these types name, and the first of two or more arguments of these functions.
_SEARCH_TYPES = {
    "regconfig": Kind.SEARCH_CONFIGURATION.value, "regdictionary": Kind.SEARCH_DICTIONARY.value,
}  # fmt: skip
_SEARCH_FUNCTIONS = {
    **dict.fromkeys(
        ("json_to_tsvector", "jsonb_to_tsvector", "phraseto_tsquery", "plainto_tsquery", "to_tsquery", "to_tsvector",
         "ts_headline", "websearch_to_tsquery"),
        Kind.SEARCH_CONFIGURATION.value,
    ),
    "ts_lexize": Kind.SEARCH_DICTIONARY.value,
}  # fmt: skip
_UNQUALIFIED = AsWritten()
_OF_ALL_TYPES = frozenset({"names", "typemod", "location"})


def words(strings: Iterable[Tree]) -> tuple[str, ...]:
    """The words of a name: a list of String nodes."""
    return tuple([each["String"].get("sval", "") for each in strings if "String" in each])


@dataclass(frozen=True, slots=True)
class Scope:
    """Which columns an expression may name: *table*'s, alone or behind one of *qualifiers* (``new``, its own name)."""

    table: Oid
    qualifiers: tuple[str, ...] = ()


class Names:
    """Names looked up in *catalog* along *search_path*, the watched schema first; what does not exist there is skipped.

    An expression may hold a query: *bind_query* binds that.
    """

    def __init__(self, catalog: Catalog, watched: str, bind_query: "BindQuery") -> None:
        self.catalog = catalog
        self.watched = watched
        self._bind_query = bind_query
        # A schema says the same few types and constants over and over: each is kept once.
        self._built_in: dict[tuple[tuple[str, ...], int | None, str], TypeRef] = {}
        self._constants: dict[str, Any] = {}
        self._spellings: dict[tuple[int, bool], tuple[str, Tree]] = {}
        self.search_path = (watched, "public")

    @property
    def search_path(self) -> tuple[str, ...]:
        return self._search_path

    @search_path.setter
    def search_path(self, path: tuple[str, ...]) -> None:
        self._search_path = path
        # Where the path does not name it, the session's own schema comes first, but nothing is made there.
        self._places = path if TEMPORARY in path else (TEMPORARY, *path)

    # From names to oids

    def schema(self, name: str) -> Oid:
        """The schema *name*. Raises UnknownError."""
        if (oid := self.catalog.find("schema", 0, name)) is None:
            raise UnknownError(f"schema {name}")
        return oid

    def _lookup(self, space: str, schema: str | None, name: str) -> Oid | None:
        for each in (schema,) if schema else self._places:
            owner = self.catalog.find("schema", 0, each)
            if owner is not None and (oid := self.catalog.find(space, owner, name)) is not None:
                return oid
        return None

    def find_relation(self, range_var: Tree) -> Oid | None:
        return self._lookup("relation", range_var.get("schemaname"), range_var["relname"])

    def relation(self, range_var: Tree) -> Oid:
        if (oid := self.find_relation(range_var)) is None:
            raise UnknownError(
                f"relation {'.'.join(filter(None, (range_var.get('schemaname'), range_var['relname'])))}"
            )
        return oid

    def relation_named(self, name: Sequence[str]) -> Oid:
        return self.relation({"schemaname": name[-2] if len(name) > 1 else None, "relname": name[-1]})

    def find(self, space: str, name: Sequence[str]) -> Oid | None:
        """What has *name* in a *space* of names that schemas have."""
        return self._lookup(space, name[-2] if len(name) > 1 else None, name[-1])

    def find_type(self, name: Sequence[str]) -> Oid | None:
        return self._lookup("type", name[-2] if len(name) > 1 else None, name[-1])

    def type(self, name: Sequence[str]) -> Oid:
        if (oid := self.find_type(name)) is None:
            raise UnknownError(f"type {'.'.join(name)}")
        return oid

    def column(self, table: Oid, name: str) -> Oid:
        if (oid := self.catalog.find("column", table, name)) is None:
            raise UnknownError(f"column {self.qualified(table)}.{name}")
        return oid

    def columns(self, table: Oid, names: Iterable[Tree]) -> tuple[Oid, ...]:
        return tuple(self.column(table, name) for name in words(names))

    def type_ref(self, tree: Tree) -> TypeRef:
        """The type that a TypeName node means. A type that is not known stays as it is written."""
        name = words(tree.get("names", ()))
        # Even a bare name is first looked for in pg_catalog.
        built_in = name[:1] == ("pg_catalog",) or (len(name) == 1 and name[0] in TYPES)
        known = (name, tree.get("typemod"), _more_of_type(tree)) if built_in else None
        if known is not None and (found := self._built_in.get(known)) is not None:
            return found
        bound = self.bind(tree)
        type_ = TypeRef(bound.tree, bound.uses[0] if bound.uses else None)
        if known is not None:
            self._built_in[known] = type_
        return type_

    def routines(self, name: Sequence[str]) -> list[Oid]:
        """All routines of this name, in the first schema of the search path that has any."""
        for schema in name[-2:-1] or self._places:
            owner = self.catalog.find("schema", 0, schema)
            if owner is None:
                continue
            if found := self.catalog.find_all("routine", owner, name[-1]):
                return found
        return []

    def routine(self, tree: Tree) -> Oid:
        """The routine that an ObjectWithArgs node means. Raises UnknownError."""
        name = words(tree["objname"])
        candidates = self.routines(name)
        if not tree.get("args_unspecified"):
            types = [self.type_ref(each.get("TypeName", {})) for each in tree.get("objargs", ())]
            schema = self.catalog.expect(candidates[0], records.Routine).schema if candidates else 0
            if (oid := self.routine_taking(schema, name[-1], self.signature(types))) is not None:
                return oid
        elif candidates:
            return candidates[0]
        raise UnknownError(f"routine {'.'.join(name)}")

    def routine_taking(self, schema: Oid, name: str, signature: str) -> Oid | None:
        """The one of that *name* whose input types are these."""
        return self.catalog.find("routine taking", schema, f"{name}({signature})")

    def signature(self, types: Iterable[TypeRef]) -> str:
        """What distinguishes *types* from others, whatever those of the database are called by now."""
        return ", ".join(
            self.spelled(each, modified=False)
            if each.oid is None
            else f"#{each.oid}{'[]' if each.tree.get('arrayBounds') else ''}"
            for each in types
        )

    def bind(self, tree: Any, scope: Scope | None = None) -> Bound:
        uses: dict[Oid, None] = {}
        bound = self._bind(tree, scope, uses)
        return Bound(bound if uses else self._constants.setdefault(repr(bound), bound), tuple(uses))

    def _bind(self, tree: Any, scope: Scope | None, uses: dict[Oid, None]) -> Any:
        if isinstance(tree, list):
            return [self._bind(each, scope, uses) for each in tree]
        if not isinstance(tree, dict):
            return tree
        if "ColumnRef" in tree and scope is not None:
            return self._bind_column(tree, scope, uses)
        if "SelectStmt" in tree:
            query = self._bind_query(self, tree, scope)
            uses.update(dict.fromkeys(query.uses))
            return query.tree
        bound = {key: self._bind(value, scope, uses) for key, value in tree.items() if key != "location"}
        self.tie(bound, uses)
        return bound

    def tie(self, node: Tree, uses: dict[Oid, None]) -> None:
        """Mark *node* itself, a copy already, if it names a relation, a type or a routine."""
        if "relname" in node:
            self._mark(node, "$relation", self.find_relation(node), uses)
        elif "names" in node and "typemod" in node:
            self._mark_type(node, uses)
        elif "funcname" in node:
            self._bind_call(node, uses)
        elif "typeName" in node:
            named = words(node["typeName"].get("names", ()))[-1:]
            if named == ("regclass",):
                self._bind_relation_name(node["arg"], uses)
            elif named and named[0] in _SEARCH_TYPES:
                self._bind_search_name(node["arg"], _SEARCH_TYPES[named[0]], uses)
        elif "rexpr" in node and "name" in node:
            self._use_operator(words(node["name"]), uses, prefix="lexpr" not in node)

    def _use_operator(self, name: Sequence[str], uses: dict[Oid, None], *, prefix: bool) -> None:
        """Note the operator of an expression, where its name alone says which it is."""
        if name[-1] in OPERATORS:
            return
        for schema in name[-2:-1] or self.search_path:
            owner = self.catalog.find("schema", 0, schema)
            found = () if owner is None else self.catalog.find_all("operator", owner, name[-1])
            fitting = [oid for oid in found if (getattr(self.catalog[oid], "left", None) is None) == prefix]
            if fitting:
                uses.update(dict.fromkeys(fitting if len(fitting) == 1 else ()))
                return

    @staticmethod
    def _mark(node: Tree, mark: str, oid: Oid | None, uses: dict[Oid, None]) -> None:
        if oid is not None:
            node[mark] = oid
            uses[oid] = None

    def _mark_type(self, node: Tree, uses: dict[Oid, None]) -> None:
        name = words(node["names"])
        if name[0] == "pg_catalog":
            return
        if name[-1].startswith("_") and (element := self.find_type((*name[:-1], name[-1][1:]))) is not None:
            # An array type by its own name.
            node["arrayBounds"] = [{"Integer": {"ival": -1}}]
            self._mark(node, "$type", element, uses)
        else:
            self._mark(node, "$type", self.find_type(name), uses)

    def _bind_column(self, tree: Tree, scope: Scope, uses: dict[Oid, None]) -> Tree:
        fields = tree["ColumnRef"]["fields"]
        name = words(fields)
        qualified = len(name) > 1
        if len(name) == len(fields) and (not qualified or name[-2] in scope.qualifiers):
            oid = self.catalog.find("column", scope.table, name[-1])
            if oid is not None:
                uses[oid] = None
                kept = fields[-2:] if qualified and name[-2] in ("new", "old") else fields[-1:]
                return {"ColumnRef": {"fields": kept, "$column": oid}}
        return {"ColumnRef": {"fields": fields}}

    def _bind_call(self, node: Tree, uses: dict[Oid, None]) -> None:
        name = words(node["funcname"])
        if name[-1] in _SEQUENCE_FUNCTIONS and node.get("args"):
            self._bind_relation_name(node["args"][0], uses)
        if name[-1] in _SEARCH_FUNCTIONS and len(node.get("args", ())) > 1:
            self._bind_search_name(node["args"][0], _SEARCH_FUNCTIONS[name[-1]], uses)
        candidates = self.routines(name) if name[0] != "pg_catalog" else []
        arity = len(node.get("args", ()))
        fitting = [oid for oid in candidates if self._takes(oid, arity)]
        self._mark(node, "$routine", next(iter(fitting or candidates), None), uses)

    def _takes(self, oid: Oid, arity: int) -> bool:
        routine = self.catalog.get(oid, records.Routine)
        return routine is not None and len(routine.inputs) == arity

    def _bind_relation_name(self, node: Tree, uses: dict[Oid, None]) -> None:
        """Tie the relation that a constant like ``'public."User_id_seq"'`` names."""
        constant = node.get("A_Const", node.get("TypeCast", {}).get("arg", {}).get("A_Const", {}))
        if isinstance(constant.get("sval"), dict) and (name := relation_in_quotes(constant["sval"].get("sval", ""))):
            self._mark(constant, "$relation", self.find_relation(name), uses)

    def _bind_search_name(self, node: Tree, space: str, uses: dict[Oid, None]) -> None:
        """Tie what a constant like ``'app.english'::regconfig`` names."""
        constant = node.get("A_Const", {})
        if isinstance(constant.get("sval"), dict) and (name := relation_in_quotes(constant["sval"].get("sval", ""))):
            found = self._lookup(space, name.get("schemaname"), name["relname"])
            self._mark(constant, "$relation", found, uses)

    # From oids to names

    def qualified(self, oid: Oid) -> str:
        """``schema.name``, quoted as needed."""
        return ".".join(quoted(word) for word in self.full_name(oid))

    def full_name(self, oid: Oid) -> tuple[str, ...]:
        record = self.catalog[oid]
        if isinstance(record, records.InSchema):
            return self.catalog.expect(record.schema, records.Namespace).name, record.name
        if isinstance(record, records.Column):
            return (*self.full_name(record.table), record.name)
        return (self.catalog.expect(oid, records.Namespace).name,)

    def spelled(self, type_: TypeRef, *, modified: bool = True) -> str:
        if type_.oid is not None:
            return type_of(self.unbound(type_.tree), _UNQUALIFIED, modified=modified)
        # By the tree's id: the tree is kept beside the spelling, so that no other one can come by that id.
        spelling, _ = self._spellings.get((id(type_.tree), modified), (None, None))
        if spelling is None:
            spelling = type_of(type_.tree, _UNQUALIFIED, modified=modified)
            self._spellings[id(type_.tree), modified] = spelling, type_.tree
        return spelling

    def base_type(self, type_: TypeRef) -> str:
        """What a constant of *type_* is read as: a domain's own type."""
        return self.spelled(self.without_domain(type_))

    def without_domain(self, type_: TypeRef) -> TypeRef:
        domain = self.catalog.get(type_.oid, records.Domain)
        if domain is not None and not type_.tree.get("arrayBounds"):
            return self.without_domain(domain.type)
        return type_

    def unbound(self, tree: Any) -> Any:
        """*tree* with today's names in it."""
        if isinstance(tree, list):
            return [self.unbound(each) for each in tree]
        if not isinstance(tree, dict):
            return tree
        plain = {key: self.unbound(value) for key, value in tree.items() if not key.startswith("$")}
        if plain.keys() != tree.keys():
            self._write_names(tree, plain)
        return plain

    def _write_names(self, tree: Tree, plain: Tree) -> None:
        if "$type" in tree:
            plain["names"] = self._strings(tree["$type"])
        elif "$routine" in tree:
            plain["funcname"] = self._strings(tree["$routine"])
        elif "$relation" not in tree:
            plain["fields"] = self._column_words(tree)
        elif "sval" in tree:
            plain["sval"] = {"sval": self.qualified(tree["$relation"])}
        else:
            plain["schemaname"], plain["relname"] = self.full_name(tree["$relation"])

    def _column_words(self, tree: Tree) -> list[Tree]:
        *qualifiers, last = tree["fields"]
        if "$view" in tree:
            last = {"String": {"sval": self.catalog.expect(tree["$view"], records.View).columns[tree["$at"]].name}}
        elif "$column" in tree:
            last = {"String": {"sval": self.catalog.expect(tree["$column"], records.Column).name}}
        if "$table" in tree and qualifiers:
            qualifiers = self._strings(tree["$table"])[-1:]
        return [*qualifiers, last]

    def _strings(self, oid: Oid) -> list[Tree]:
        return [{"String": {"sval": word}} for word in self.full_name(oid)]


def _more_of_type(tree: Tree) -> str:
    """All that a TypeName node says beside its name: nothing, for most."""
    more = {key: value for key, value in tree.items() if key not in _OF_ALL_TYPES}
    return repr(more) if more else ""


BindQuery = Callable[[Names, Tree, Scope | None], Bound]


def next_value_of(sequence: Oid) -> Bound:
    """The default of a serial column."""
    constant = {"A_Const": {"sval": {"sval": ""}, "$relation": sequence}}
    call = {"funcname": [{"String": {"sval": "nextval"}}], "args": [constant], "funcformat": "COERCE_EXPLICIT_CALL"}
    return Bound({"FuncCall": call}, (sequence,))


def relation_in_quotes(text: str) -> Tree | None:
    """The RangeVar that the text of a regclass constant means."""
    try:
        (statement,) = parse(f"TABLE {text}")
    except (ParseError, ValueError):
        return None
    relations = list(nodes_with(statement.tree, "relname"))
    return relations[0] if len(relations) == 1 else None
