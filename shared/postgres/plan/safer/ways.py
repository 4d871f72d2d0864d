"""For each kind of statement that blocks for long, fails or breaks what runs, the safer way."""

from collections.abc import Callable, Mapping

from ....model.plan import Prediction, Relation
from ....model.schema import Column, ForeignKey, Kind, PrimaryKey, Subject
from ....model.value import dataclass
from ...canonical.sql import identifier
from ...naming import object_name
from ...parse import Statement, Tree
from ...transactions import runs_alone
from ..known import Changed, Known
from .columns import (
    UNKNOWN_VALUE,
    add_column,
    drop_column,
    not_null,
    replace_column,
    set_not_null,
)
from .commands import after_word, commands, spelled
from .indexes import add_indexed, build_index, rebuild_index
from .parts import Part, Way

# From this version on DETACH PARTITION knows CONCURRENTLY; and a partitioned table takes foreign keys NOT VALID.
_DETACHES = 14
_KEYS_OF_PARTITIONED = 18
_NULLS = "23502"
_IN_BATCHES = (
    "Change the rows in batches, by a script beside the migrations: one statement keeps all of them locked to the end "
    "of its transaction."
)


def way(statement: Statement, prediction: Prediction, before: Known, changed: Changed, version: int) -> Way | None:
    """The safer way to what *statement* does on a server of *version*; None where there is none, or nothing to gain."""
    if prediction.sqlstate == "55P04":
        return (
            "Leave ALTER TYPE … ADD VALUE in its migration, and end the file after it.",
            Part("Use the value once it is committed", (statement.sql,), locks=False),
        )
    if prediction.sqlstate == "25001":
        return (_alone(statement, "It cannot run in a transaction"),)
    if prediction.sqlstate == "40P01":
        return (_alone(statement, "It waits for older transactions"),) if runs_alone(statement) is not None else None
    if statement.kind == "AlterTableStmt":
        return _alter_table(statement, prediction, before, changed, version)
    reader = _READERS.get(statement.kind)
    return reader(statement, before) if reader is not None else None


def _alone(statement: Statement, does: str) -> Part:
    made = None
    if statement.kind == "IndexStmt" and "idxname" in statement.node:
        made = spelled((statement.node["relation"].get("schemaname", "public"), statement.node["idxname"]))
    return Part(does, (statement.sql,), locks=False, alone=True, makes=made)


def _alter_table(
    statement: Statement, prediction: Prediction, before: Known, changed: Changed, version: int
) -> Way | None:
    """The ways of its commands one after the other; those that have none stay one statement."""
    table = before.find(statement.node["relation"])
    texts = commands(statement)
    if table is None or texts is None or before.kind(table) is not Kind.TABLE:
        return None
    rest: list[str] = []
    found: list[Part | str] = []
    for each, text in zip(statement.node["cmds"], texts, strict=True):
        part = _Command(table, each["AlterTableCmd"], text, before, changed, version, prediction).way()
        if part is None:
            rest.append(text)
        else:
            found += part
    if not found:
        return None
    if rest:
        stays = f"ALTER TABLE {spelled(table)} {', '.join(rest)}"
        found.insert(0, Part("Leave the other changes together", (stays,)))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class _Command:
    """One command of an ALTER TABLE."""

    table: Relation
    command: Tree
    text: str
    before: Known
    changed: Changed
    version: int
    prediction: Prediction

    def way(self) -> Way | None:
        reader = _COMMANDS.get(self.command["subtype"])
        return reader(self) if reader is not None else None

    def add_constraint(self) -> Way | None:
        constraint = self.command["def"]["Constraint"]
        if constraint.get("skip_validation") or "indexname" in constraint:
            return None
        if constraint["contype"] in ("CONSTR_UNIQUE", "CONSTR_PRIMARY"):
            return self._indexed(constraint)
        return self._checked(constraint) if constraint["contype"] in ("CONSTR_FOREIGN", "CONSTR_CHECK") else None

    def drop_column(self) -> Way | None:
        name = self.command["name"]
        sql = f"ALTER TABLE {spelled(self.table)} {self.text}"
        return drop_column(self.table, name, self.before.column(self.table, name), sql)

    def set_not_null(self) -> Way | None:
        column = self.before.column(self.table, self.command["name"])
        if column is None or not column.nullable or self.table not in self.prediction.effects.scans:
            return None
        if self.prediction.sqlstate != _NULLS:
            return not_null(self.table, self.command["name"])
        value = column.default.sql if column.default is not None else UNKNOWN_VALUE
        return set_not_null(self.table, self.command["name"], value)

    def _checked(self, constraint: Tree) -> Way | None:
        is_key = constraint["contype"] == "CONSTR_FOREIGN"
        if is_key and self.before.is_partitioned(self.table) and self.version < _KEYS_OF_PARTITIONED:
            return None
        name = constraint.get("conname") or self._name_of(Kind.FOREIGN_KEY if is_key else Kind.CHECK)
        if name is None:
            return None
        table = spelled(self.table)
        return (
            Part("Add the constraint for new rows; no row is read", (f"ALTER TABLE {table} {self.text} NOT VALID",)),
            Part(
                "Check the rows while others read and write",
                (f"ALTER TABLE {table} VALIDATE CONSTRAINT {identifier(name)}",),
                locks=False,
            ),
        )

    def _name_of(self, kind: Kind) -> str | None:
        """The name that the server gives to the one constraint of that *kind* that the statement makes."""
        made = [each for each, (was, now) in self.changed.items() if each.kind is kind and was is None and now]
        return made[0].name[2] if len(made) == 1 and made[0].name[:2] == self.table else None

    def _indexed(self, constraint: Tree) -> Way | None:
        keys = [key["String"]["sval"] for key in constraint.get("keys", ())]
        is_primary = constraint["contype"] == "CONSTR_PRIMARY"
        usual = object_name(self.table[1], None, "pkey") if is_primary else self._name_of(Kind.UNIQUE)
        name = constraint.get("conname") or usual
        if name is None:
            return None
        found = add_indexed(self.table, constraint, name, self.before)
        if found is None or not is_primary:
            return found
        nullable = [key for key in keys if getattr(self.before.column(self.table, key), "nullable", False)]
        return (*(step for key in nullable for step in not_null(self.table, key)), *found)

    def add_column(self) -> Way | None:
        definition = self.command["def"]["ColumnDef"]
        name = definition["colname"]
        column = self.changed.get(Subject(Kind.COLUMN, (*self.table, name)), (None, None))[1]
        constraints = [each["Constraint"] for each in definition.get("constraints", ())]
        kinds = {each["contype"] for each in constraints}
        if not isinstance(column, Column) or kinds - {"CONSTR_NOTNULL", "CONSTR_NULL", "CONSTR_DEFAULT"}:
            return None
        is_rewritten = self.table in self.prediction.effects.rewrites
        default = column.default.sql if column.default is not None else None
        if "CONSTR_DEFAULT" not in kinds and default is not None:
            return None  # serial: its numbers are made by a sequence
        needs_value = "CONSTR_NOTNULL" in kinds and default is None
        return add_column(self.table, column, name, default) if needs_value or is_rewritten else None

    def change_type(self) -> Way | None:
        """A key's column is more than a column: foreign keys and the primary key would have to follow."""
        name = self.command["name"]
        column = self.before.column(self.table, name)
        after = self.changed.get(Subject(Kind.COLUMN, (*self.table, name)), (None, None))[1]
        if column is None or not isinstance(after, Column) or self.table not in self.prediction.effects.rewrites:
            return None
        if column.identity is not None or column.generated is not None or self._is_key(name):
            return None
        using = after_word(self.text, "using")
        converted = using if using is not None else f"{identifier(name)}::{after.type}"
        return replace_column(self.table, name, f"{name}_new", after, converted)

    def _is_key(self, name: str) -> bool:
        for _, definition in self.before.parts(self.table, Kind.PRIMARY_KEY, Kind.FOREIGN_KEY):
            if isinstance(definition, PrimaryKey | ForeignKey) and name in definition.columns:
                return True
        return any(name in key.referenced_columns for _, key in self.before.referencing(self.table))

    def detach(self) -> Way | None:
        partition = self.command["def"]["PartitionCmd"]
        if self.version < _DETACHES or partition.get("concurrent"):
            return None
        if self.before.default_partition(self.table) is not None:
            return None  # refused there
        sql = f"ALTER TABLE {spelled(self.table)} {self.text} CONCURRENTLY"
        return (Part("Detach it while others read and write", (sql,), locks=False, alone=True),)


_COMMANDS: Mapping[str, Callable[[_Command], Way | None]] = {
    "AT_AddColumn": _Command.add_column,
    "AT_AddConstraint": _Command.add_constraint,
    "AT_AlterColumnType": _Command.change_type,
    "AT_DetachPartition": _Command.detach,
    "AT_DropColumn": _Command.drop_column,
    "AT_SetNotNull": _Command.set_not_null,
}


def _rename(statement: Statement, before: Known) -> Way | None:
    """A table keeps a view of its old name; a column's name in the database is nobody's but Prisma's to know."""
    node = statement.node
    table = before.find(node["relation"]) if "relation" in node else None
    if table is None or before.kind(table) is not Kind.TABLE:
        return None
    if node["renameType"] == "OBJECT_COLUMN":
        column = before.column(table, node["subname"])
        if column is None:
            return None
        old, new = node["subname"], node["newname"]
        in_place = f'Better rename the field in schema.prisma alone, with @map("{old}"): it needs no migration. Else:'
        return (in_place, *replace_column(table, old, new, column, identifier(old)))
    if node["renameType"] == "OBJECT_TABLE":
        old, new = spelled(table), spelled((table[0], node["newname"]))
        return (
            f'Better rename the model in schema.prisma alone, with @@map("{table[1]}"): it needs no migration. Else:',
            Part(
                "Rename it, and keep the old name as a view for the release that runs",
                ("BEGIN", statement.sql, f"CREATE VIEW {old} AS TABLE {new}", "COMMIT"),
            ),
            "Deploy a release that uses the new name, and wait until no older one runs.",
            Part("Contract: drop the view", (f"DROP VIEW {old}",)),
        )
    return None


def _drop(statement: Statement, _: Known) -> Way | None:
    node = statement.node
    if node["removeType"] == "OBJECT_TABLE":
        return (
            "Deploy a release whose schema.prisma lacks the model, and wait until no older one runs.",
            Part("Contract, in a later release: drop the table", (statement.sql,)),
        )
    return None


def _update(_: Statement, __: Known) -> Way | None:
    return (_IN_BATCHES,)


_READERS: Mapping[str, Callable[[Statement, Known], Way | None]] = {
    "DeleteStmt": _update,
    "DropStmt": _drop,
    "IndexStmt": build_index,
    "ReindexStmt": lambda statement, _: rebuild_index(statement),
    "RenameStmt": _rename,
    "UpdateStmt": _update,
}


def alone(statement: Statement) -> Way:
    """A short statement whose lock is held while others of its transaction work."""
    return (Part("Its lock then ends with it", (statement.sql,)),)
