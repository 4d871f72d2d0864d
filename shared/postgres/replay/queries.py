"""SELECT read against the catalog: which columns it gives, and what it depends on (parser/analyze.c in miniature).

The bound tree is the query in full: every column behind the alias it comes from, every star written out, every output
named. That is how far two spellings of one query can be brought together without running the planner's rewriter.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import field
from typing import Any

from ...model.value import dataclass, replace
from .. import naming
from ..parse import Tree
from .from_functions import function_item, json_table_item
from .names import Names, Scope, words
from .offered import FromItem, Offer, Source, built_in_type, columns_of, labelled, renamed
from .records import Bound, Oid, TypeRef

_CLAUSES = ("whereClause", "havingClause", "windowClause", "limitCount", "limitOffset", "distinctClause", "valuesLists")
_OUTPUT_CLAUSES = ("groupClause", "sortClause", "distinctClause")


@dataclass(slots=True)
class Level:
    """One SELECT: what its FROM offers, and the levels around it."""

    items: list[FromItem] = field(default_factory=list)
    starred: list[Offer] = field(default_factory=list)  # the columns of *
    tables: dict[str, tuple[Source, ...] | None] = field(default_factory=dict)  # WITH
    outer: "Level | None" = None


@dataclass(frozen=True, slots=True)
class Query:
    """*whole*: all its columns are known, as those of a star over something unknown are not."""

    bound: Bound
    columns: tuple[Source, ...]
    whole: bool = True


def read_query(names: Names, tree: Tree, scope: Scope | None = None) -> Query:
    """*tree* is a SelectStmt node. *scope*: the table around it, for a subquery of a policy or a rule."""
    reader = _Reader(names)
    outer = None
    if scope is not None:
        offered = tuple(Source(column.name, oid) for oid, column in names.catalog.columns(scope.table))
        name = names.full_name(scope.table)[-1]
        aliases = dict.fromkeys((*scope.qualifiers, name))
        outer = Level(
            [
                FromItem(each, offered, each, table=scope.table if each == name else None, labelled=each != name)
                for each in aliases
            ]
        )
    bound, columns = reader.select(tree["SelectStmt"], outer)
    return Query(Bound({"SelectStmt": bound}, tuple(reader.uses)), columns, reader.whole)


def bind_query(names: Names, tree: Tree, scope: Scope | None) -> Bound:
    """The query alone, as expressions hold it."""
    return read_query(names, tree, scope).bound


class _Reader:
    def __init__(self, names: Names) -> None:
        self._names = names
        self.uses: dict[Oid, None] = {}
        self.whole = True
        self._labels = 0

    def _label(self, alias: str) -> str:
        self._labels += 1
        return f"{alias}~{self._labels}"

    def select(self, node: Tree, outer: Level | None) -> tuple[Tree, tuple[Source, ...]]:
        level = Level(outer=outer)
        bound: Tree = {key: value for key, value in node.items() if not isinstance(value, list | dict)}
        if "withClause" in node:
            bound["withClause"] = self._with(node["withClause"], level)
        if "larg" in node:
            bound["larg"], lefts = self.select(node["larg"], level)
            bound["rarg"], rights = self.select(node["rarg"], level)
            columns = tuple(
                Source(one.name, type=self._common([one.type, other.type]))
                for one, other in zip(lefts, rights, strict=False)
            )
        elif "valuesLists" in node:
            rows = [each["List"]["items"] for each in node["valuesLists"]]
            types = [[self._type(each, level) for each in column] for column in zip(*rows, strict=False)]
            columns = tuple(Source(f"column{at}", type=self._common(each)) for at, each in enumerate(types, 1))
        else:
            if "fromClause" in node:
                bound["fromClause"] = []
                for each in node["fromClause"]:
                    tree, offered = self._from(each, level)
                    bound["fromClause"].append(tree)
                    level.starred += offered
            bound["targetList"], columns = self._targets(node.get("targetList", ()), level)
        for clause in _CLAUSES:
            if clause in node:
                bound[clause] = self._expression(node[clause], level)
        outputs = {column.name for column in columns}
        for clause in _OUTPUT_CLAUSES:
            if clause in node:
                bound[clause] = [self._by_output(each, level, outputs, clause) for each in node[clause]]
        return bound, columns

    def _common(self, types: Sequence[TypeRef | None]) -> TypeRef | None:
        """The type of a column of several queries or rows; None where they differ, which takes the server's rules."""
        first = types[0]
        if first is None or any(each is None or each.known != first.known for each in types):
            return None
        spelled = {self._names.spelled(each) for each in types if each is not None}
        return first if len(spelled) == 1 and first.known and not first.asked else None

    def _with(self, node: Tree, level: Level) -> Tree:
        bound = []
        for each in node["ctes"]:
            table = each["CommonTableExpr"]
            aliases = words(table.get("aliascolnames", ()))
            query = table["ctequery"]
            if "SelectStmt" not in query:
                level.tables[table["ctename"]] = None
                bound.append({"CommonTableExpr": {**table, "ctequery": self._expression(query, level)}})
                continue
            select = query["SelectStmt"]
            if node.get("recursive") and "larg" in select:
                _, columns = self.select(select["larg"], level)
                level.tables[table["ctename"]] = renamed(columns, aliases)
            tree, columns = self.select(select, level)
            level.tables[table["ctename"]] = renamed(columns, aliases)
            bound.append({"CommonTableExpr": {**table, "ctequery": {"SelectStmt": tree}}})
        return {**node, "ctes": bound}

    # FROM

    def _from(self, item: Tree, level: Level) -> tuple[Tree, list[Offer]]:  # noqa: PLR0911  (one a kind of item)
        """The item bound, and the columns of * in it, in order."""
        ((kind, node),) = item.items()
        match kind:
            case "RangeVar":
                tree, offered = self._table(node, level)
                return {"RangeVar": tree}, offered
            case "RangeSubselect":
                # Siblings to the left are seen by LATERAL only; resolving against them otherwise does no harm.
                tree, columns = self.select(node["subquery"]["SelectStmt"], level)
                alias = node.get("alias", {})
                columns_by_alias = renamed(columns, words(alias.get("colnames", ())))
                found = FromItem(alias.get("aliasname", ""), columns_by_alias, self._label("subquery"))
                bound = {**labelled(node, found.label, columns), "subquery": {"SelectStmt": tree}}
                return {kind: bound}, self._offered(found, level)
            case "JoinExpr":
                tree, offered = self._join(node, level)
                return {kind: tree}, offered
            case "RangeFunction":
                found = function_item(self._names, node)
                bound = {**self._expression(node, level), "alias": {"aliasname": found.label}}
                if found.guessed or found.columns is None or any(each.oid is not None for each in found.columns):
                    bound["guessed"] = True  # or columns of a table: those of the function keep their names
                return {kind: bound}, self._offered(found, level)
            case "JsonTable":
                bound = self._expression(node, level)
                return {kind: bound}, self._offered(json_table_item(self._names, node), level)
            case "RangeTableSample":
                tree, offered = self._from(node["relation"], level)
                return {kind: {**node, "relation": tree}}, offered
            case _:
                level.items.append(FromItem(node.get("alias", {}).get("aliasname", ""), None))
                return {kind: self._expression(node, level)}, []

    @staticmethod
    def _offered(item: FromItem, level: Level) -> list[Offer]:
        level.items.append(item)
        return [(item, source) for source in item.columns or ()]

    def _table(self, node: Tree, level: Level) -> tuple[Tree, list[Offer]]:
        alias = node.get("alias", {})
        renames = words(alias.get("colnames", ()))
        name, label = alias.get("aliasname", node["relname"]), self._label(node["relname"])
        around: Level | None = level
        while around is not None and "schemaname" not in node:
            if node["relname"] in around.tables:
                columns = around.tables[node["relname"]]
                item = FromItem(name, columns and renamed(columns, renames), label)
                return labelled(node, label, columns or ()), self._offered(item, level)
            around = around.outer
        oid = self._names.find_relation(node)
        if oid is None:
            return labelled(node, label, ()), self._offered(FromItem(name, None, label), level)
        self.uses[oid] = None
        columns = tuple(columns_of(self._names, oid))
        item = FromItem(name, renamed(columns, renames), label, table=None if alias else oid)
        return labelled({**node, "$relation": oid}, label, columns), self._offered(item, level)

    def _join(self, node: Tree, level: Level) -> tuple[Tree, list[Offer]]:
        before = len(level.items)
        left, lefts = self._from(node["larg"], level)
        middle = len(level.items)
        right, rights = self._from(node["rarg"], level)
        merged = list(words(node.get("usingClause", ())))
        if node.get("isNatural"):
            names = {source.name for _, source in rights}
            merged = [source.name for _, source in lefts if source.name in names]
        if merged:
            level.items[middle:] = [replace(each, hidden=each.hidden | set(merged)) for each in level.items[middle:]]
        # Merged columns come first, in the order of USING, then what is left of either side.
        offered = [next(each for each in lefts if each[1].name == name) for name in merged if _has(lefts, name)]
        offered += [each for each in (*lefts, *rights) if each[1].name not in merged]
        bound = {**node, "larg": left, "rarg": right}
        if merged and all(_has(lefts, name) and _has(rights, name) for name in merged):
            bound = {key: value for key, value in bound.items() if key != "isNatural"}
            bound["usingClause"] = [self._merged(name, lefts, rights) for name in merged]
        if "quals" in node:
            bound["quals"] = self._expression(node["quals"], level)
        if "alias" in node:  # hides the names behind it
            columns = renamed(tuple(source for _, source in offered), words(node["alias"].get("colnames", ())))
            item = FromItem(node["alias"]["aliasname"], columns, node["alias"]["aliasname"])
            level.items[before:] = []
            return bound, self._offered(item, level)
        return bound, offered

    def _merged(self, name: str, lefts: Sequence[Offer], rights: Sequence[Offer]) -> Tree:
        """A column of USING: what it was called when the query was made, and the two that it is of by now."""
        both = [next(each for each in side if each[1].name == name) for side in (lefts, rights)]
        return {"List": {"items": [{"String": {"sval": name}}, *(self._reference(*each) for each in both)]}}

    # Outputs

    def _targets(self, targets: Iterable[Tree], level: Level) -> tuple[list[Tree], tuple[Source, ...]]:
        bound: list[Tree] = []
        columns: list[Source] = []
        for each in targets:
            target = each["ResTarget"]
            value = target["val"]
            stars = value.get("ColumnRef", {}).get("fields", ())
            if stars and "A_Star" in stars[-1]:
                for item, source in self._starred(words(stars), level):
                    columns.append(source)
                    bound.append({"ResTarget": {"name": source.name, "val": self._reference(item, source)}})
                continue
            name = target.get("name") or naming.figured_name(value) or "?column?"
            tree = self._expression(value, level)
            columns.append(Source(name, type=self._type(value, level)))
            bound.append({"ResTarget": {"name": name, "val": tree}})
        return bound, tuple(columns)

    def _starred(self, qualifier: Sequence[str], level: Level) -> Iterator[Offer]:
        meant = [item for item in level.items if not qualifier or item.alias == qualifier[-1]]
        if any(item.columns is None or item.guessed for item in meant):
            self.whole = False
        if not qualifier:
            yield from level.starred
        for item in level.items:
            if qualifier and item.alias == qualifier[-1]:
                yield from ((item, source) for source in item.columns or ())

    def _reference(self, item: FromItem, source: Source) -> Tree:
        node: Tree = {"fields": [{"String": {"sval": word}} for word in (item.label, source.name) if word]}
        if not item.labelled:
            node["$table"] = item.table
        if source.oid is not None:
            self.uses[source.oid] = None
            node["$column"] = source.oid
        if source.view is not None:
            node["$view"], node["$at"] = source.view
        return {"ColumnRef": node}

    def _by_output(self, tree: Tree, level: Level, outputs: set[str], clause: str) -> Tree:
        """ORDER BY, GROUP BY, DISTINCT ON: a bare word may be an output's name; GROUP BY prefers an input column."""
        node = tree.get("SortBy", {}).get("node", tree)
        name = words(node.get("ColumnRef", {}).get("fields", ()))
        if len(name) == 1 and name[0] in outputs:
            if clause != "groupClause":
                return tree
            if self._resolve(name, level) is None:
                return tree
        bound: Tree = self._expression(tree, level)
        return bound

    # Expressions

    def _expression(self, tree: Any, level: Level) -> Any:
        if isinstance(tree, list):
            return [self._expression(each, level) for each in tree]
        if not isinstance(tree, dict):
            return tree
        if "ColumnRef" in tree:
            return self._column(tree, level)
        if "SelectStmt" in tree:
            return {"SelectStmt": self.select(tree["SelectStmt"], level)[0]}
        bound = {key: self._expression(value, level) for key, value in tree.items() if key != "location"}
        self._names.tie(bound, self.uses)
        return bound

    def _column(self, tree: Tree, level: Level) -> Tree:
        fields = tree["ColumnRef"]["fields"]
        name = words(fields)
        if not name or len(name) != len(fields):
            return tree
        found = self._resolve(name, level)
        return tree if found is None else self._reference(*found)

    def _resolve(self, name: Sequence[str], level: Level | None) -> Offer | None:
        while level is not None:
            for item in level.items:
                if len(name) > 1 and not self._is_called(item, name[:-1]):
                    continue
                for source in item.columns or ():
                    if source.name == name[-1] and (len(name) > 1 or name[-1] not in item.hidden):
                        return item, source
            level = level.outer
        return None

    def _is_called(self, item: FromItem, name: Sequence[str]) -> bool:
        """Say whether *item* is meant by ``alias``, or by ``schema.table``."""
        if item.alias != name[-1]:
            return False
        return len(name) == 1 or (item.table is not None and self._names.full_name(item.table)[-2] == name[-2])

    def _type(self, tree: Tree, level: Level) -> TypeRef | None:
        """The type of an output, where it goes without knowing every function's."""
        if "ColumnRef" in tree:
            name = words(tree["ColumnRef"]["fields"])
            found = self._resolve(name, level)
            return found[1].type if found is not None else None
        if "TypeCast" in tree:
            return self._names.type_ref(tree["TypeCast"]["typeName"])
        constant = tree.get("A_Const", {})
        for kind, type_name in (("ival", "int4"), ("sval", "text"), ("boolval", "bool")):
            if kind in constant:
                return built_in_type(type_name)
        if "FuncCall" in tree and words(tree["FuncCall"]["funcname"])[-1] in ("count", "row_number", "rank"):
            return built_in_type("int8")
        return None


def _has(offered: Iterable[Offer], name: str) -> bool:
    return any(source.name == name for _, source in offered)
