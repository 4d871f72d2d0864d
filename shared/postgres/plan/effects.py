"""What one statement will do: its locks, rewrites and scans, and whether it can run at all.

Sources: PostgreSQL's documentation ("Explicit Locking", the page of each command) and what servers of 13 to 18 were
seen to do (tests/postgres/plan/locks.tsv, which a test holds every prediction against). Where this module does not
know, a stronger lock is predicted, never a weaker one.
"""

from collections.abc import Callable, Mapping, Sequence, Set
from typing import Any

from ...model.plan import Analysis, Blocks, Condition, Effects, LockMode, Outcome, Prediction, Relation
from ...model.schema import RELATIONS
from ...model.value import replace
from ..parse import UNREAD, Statement, Tree
from ..progress.ground import Effect, tolerated
from ..replay import Refusal
from . import domains, indexes, names_of_13, others, rows
from .alter_table import alter_table
from .analyses import ask
from .analyses.changed_columns import ask_about_types
from .concurrently import waits
from .drops import drop
from .failures import BEFORE_NAMES, failure, first, refused, refused_sooner
from .footprint import Circumstances, Failure, Footprint, Stage
from .known import Known
from .named_objects import missing
from .refusals.not_null import may_be_not_null
from .rights import rights
from .system import of_system, surely

# They touch no relation that was there, or only the system's own tables.
_HARMLESS = frozenset(
    {"AlterDefaultPrivilegesStmt", "AlterEnumStmt", "AlterExtensionStmt", "AlterFunctionStmt", "AlterOwnerStmt",
     "AlterRoleStmt", "AlterRoleSetStmt", "AlterDatabaseStmt", "AlterDatabaseSetStmt", "AlterTypeStmt",
     "CompositeTypeStmt", "ConstraintsSetStmt", "CreateCastStmt", "CreateDomainStmt", "CreateEnumStmt",
     "CreateExtensionStmt",
     "CreateFunctionStmt", "CreateRangeStmt", "CreateRoleStmt", "CreateSchemaStmt", "CreateSeqStmt", "DefineStmt",
     "DiscardStmt", "DropRoleStmt", "GrantRoleStmt", "ListenStmt", "NotifyStmt", "TransactionStmt",
     "VariableSetStmt", "VariableShowStmt", "AlterSystemStmt", "AlterEventTrigStmt", "CreateOpClassStmt",
     "CreateOpFamilyStmt", "CreateConversionStmt", "CreateAmStmt", "CreatePLangStmt", "AlterObjectDependsStmt",
     "AlterTSDictionaryStmt", "AlterTSConfigurationStmt", "AlterCollationStmt", "AlterOperatorStmt",
     "AlterOpFamilyStmt", "PrepareStmt", "ClosePortalStmt"}
)  # fmt: skip


def predict(statement: Statement, before: Known, changed: Effect, circumstances: Circumstances) -> Prediction:
    """Say what *statement* does where *before* is the schema, and *changed* is what it changes in it."""
    refusal = changed.refusal
    if refusal is not None and tolerated(statement, refusal):
        return _tolerated(statement, before, circumstances)
    if refusal is not None:
        return _refused(statement, refusal, before, circumstances)
    footprint = Footprint(before, changed.objects, circumstances)
    found = failure(statement, footprint)
    if found is not None and found.certain:
        rights(statement.kind, footprint, statement.node)
        if not footprint.has_conditions:
            return replace(_failed(found), analyses=tuple(_sooner(statement, footprint, found)))
        footprint.condition(surely(found.sqlstate, found.because), Stage.CATALOG)
        return footprint.prediction()
    if found is not None:
        footprint.depends(found.sqlstate, found.because)
    ask(statement, footprint)
    of_system(statement.kind, footprint, statement.node)
    rights(statement.kind, footprint, statement.node)
    reader = _READERS.get(statement.kind)
    if reader is not None:
        reader(footprint, statement.node)
    elif statement.kind not in _HARMLESS:
        _add_unknown(footprint, statement)
    waits(footprint, statement)
    return footprint.prediction()


def _refused(statement: Statement, refusal: Refusal, before: Known, circumstances: Circumstances) -> Prediction:
    sooner = list(refused_sooner(statement, before, circumstances))
    sort, _, name = refusal.what.partition(" ")
    is_vague = _is_vague(statement, before, circumstances.vague)
    is_vague = is_vague or (sort == "constraint" and may_be_not_null(circumstances, name.partition(" of ")[0]))
    found = refused(statement, refusal, before, is_vague=is_vague)
    if sort in ("relation", "type") and not refusal.exists and circumstances.passed.is_gone(name.split(".")):
        found = replace(found, certain=True, because=f"the run drops or renames {name} before")
    found = first((*sooner, found)) or found
    prediction = _failed(found)
    if found.certain or refusal.exists or sooner:
        if statement.kind != "IndexStmt":
            return prediction
        footprint = Footprint(before, {}, circumstances)
        return replace(prediction, analyses=tuple(_sooner(statement, footprint, found)))
    if circumstances.version <= names_of_13.LAST and names_of_13.is_there(name.split("."), before):
        return prediction  # the server has what the run makes by another name: it is not asked
    return replace(prediction, analyses=tuple(missing(refusal.what, found.sqlstate, before, circumstances)))


def _sooner(statement: Statement, footprint: Footprint, found: Failure) -> Sequence[Analysis]:
    """What the server reads before it comes to what refuses: of a column's type, of an index, of an UPDATE."""
    if statement.kind == "IndexStmt" and found.sqlstate in BEFORE_NAMES:
        return ()
    if statement.kind == "AlterTableStmt":
        ask_about_types(footprint, statement.node, of=found.behind)
    elif statement.kind in ("IndexStmt", "UpdateStmt"):  # conditions, expressions and values, before columns
        ask(statement, footprint)
    else:
        return ()
    return footprint.prediction().analyses


def _failed(found: Failure) -> Prediction:
    outcome = Outcome.FAILS if found.certain else Outcome.DEPENDS
    open_ = found.sooner if found.certain else (found,)
    conditions = tuple(Condition(each.sqlstate, each.because) for each in open_)
    because = dict.fromkeys(each.because for each in (found, *open_))
    return Prediction(outcome, Effects(), found.sqlstate, tuple(because), conditions=conditions)


def _is_vague(statement: Statement, before: Known, vague: Set[Relation]) -> bool:
    """Say whether something of the relation that the statement is about is not known."""
    if statement.kind in _MAKERS_OF_NAMES:
        return bool(vague)
    relation = statement.node.get("relation", statement.node.get("table"))
    if not isinstance(relation, dict) or "relname" not in relation:
        return bool(vague)
    found = before.find(relation)
    return found is None or found in vague


_MAKERS_OF_NAMES = frozenset({"CreateStmt", "CreateTableAsStmt", "ViewStmt", "CreateEnumStmt", "CreateSeqStmt"})


# They look first whether it exists.
_LOOKS_FIRST = frozenset({"CreateTableAsStmt", "CreateExtensionStmt"})


def _tolerated(statement: Statement, before: Known, circumstances: Circumstances) -> Prediction:
    """IF NOT EXISTS: the server wants the right to make it before it finds that there is nothing to do."""
    footprint = Footprint(before, {}, circumstances)
    if statement.kind not in _LOOKS_FIRST:
        rights(statement.kind, footprint, statement.node)
    effects = _of_nothing(statement, before, circumstances)
    return replace(footprint.prediction(), effects=effects, because=("the object exists already",))


def _of_nothing(statement: Statement, before: Known, circumstances: Circumstances) -> Effects:
    """CREATE INDEX and CREATE STATISTICS lock their table before they find that there is nothing to do."""
    footprint = Footprint(before, {}, circumstances)
    if statement.kind == "CreateStatsStmt":
        others.create_statistics(footprint, statement.node)
    if statement.kind == "IndexStmt":
        table = before.find(statement.node["relation"])
        mode = LockMode.SHARE_UPDATE_EXCLUSIVE if statement.node.get("concurrent") else LockMode.SHARE
        footprint.lock(table, mode)
    return footprint.prediction().effects


def _add_unknown(footprint: Footprint, statement: Statement) -> None:
    """What the replay followed of it is locked as strongly as can be."""
    for subject in footprint.changed:
        if len(subject.name) > 1:
            relation = subject.name[0], subject.name[1]
            if footprint.before.kind(relation) is not None:
                footprint.lock(relation, LockMode.ACCESS_EXCLUSIVE)
                footprint.lock(footprint.before.table_of(relation), LockMode.ACCESS_EXCLUSIVE)
    footprint.add_unknown(
        str(statement.node["because"]) if statement.kind == UNREAD else _WHY.get(statement.kind, _NOT_ANALYSED)
    )


_WHY = {
    "DoStmt": "a DO block decides what it does while it runs",
    "CallStmt": "it runs a procedure, which is not analysed",
    "ExecuteStmt": "it runs a prepared statement, which is not analysed",
}
_NOT_ANALYSED = "statements of this kind are not analysed yet"


def blocks(effects: Effects, is_new: Callable[[Relation], bool]) -> Blocks:
    """What other sessions cannot do meanwhile with relations that are not new.

    An index that is locked whole blocks reads too: every plan for its table locks it.
    """
    strongest = max((mode for relation, mode in effects.locks.items() if not is_new(relation)), default=None)
    if strongest is None or strongest <= LockMode.SHARE_UPDATE_EXCLUSIVE:
        return Blocks.NONE
    return Blocks.READS if strongest is LockMode.ACCESS_EXCLUSIVE else Blocks.WRITES


def made(changed: Effect, kind: str) -> set[Relation]:
    """Relations that a statement of that *kind* makes, which nobody else uses yet."""
    if kind not in _MAKERS:
        return set()
    return {
        (subject.name[0], subject.name[1])
        for subject, (was, now) in changed.objects.items()
        if was is None
        and now is not None
        and (subject.kind in RELATIONS or subject.kind.value in ("sequence", "index"))
    }


_MAKERS = frozenset(
    {"CreateStmt", "CreateTableAsStmt", "ViewStmt", "CreateSeqStmt", "IndexStmt", "CreateSchemaStmt", "SelectStmt"}
)


def _on(field: str, mode: LockMode) -> Callable[[Footprint, Tree], None]:
    return lambda footprint, node: others.on_table(footprint, node, field, mode)


def _set_schema(footprint: Footprint, node: Tree) -> None:
    table = footprint.before.find(node["relation"]) if "relation" in node else None
    if table is not None:
        footprint.lock(table, LockMode.ACCESS_EXCLUSIVE)
        footprint.lock_all(footprint.before.owned_sequences(table), LockMode.ACCESS_EXCLUSIVE)


_READERS: Mapping[str, Callable[[Footprint, Any], None]] = {
    "AlterDomainStmt": domains.alter_domain,
    "AlterObjectSchemaStmt": _set_schema,
    "AlterPolicyStmt": _on("table", LockMode.ACCESS_EXCLUSIVE),
    "AlterPublicationStmt": others.publish,
    "AlterSeqStmt": others.alter_sequence,
    "AlterTableStmt": alter_table,
    "ClusterStmt": indexes.cluster,
    "CommentStmt": others.comment,
    "CopyStmt": rows.copy,
    "CreateForeignTableStmt": lambda footprint, node: others.create_table(footprint, node["base"]),
    "CreatePolicyStmt": _on("table", LockMode.ACCESS_EXCLUSIVE),
    "CreatePublicationStmt": others.publish,
    "CreateStatsStmt": others.create_statistics,
    "CreateStmt": others.create_table,
    "CreateTableAsStmt": others.create_table_as,
    "CreateTrigStmt": others.create_trigger,
    "DeleteStmt": lambda footprint, node: rows.change_rows(footprint, "DeleteStmt", node),
    "DropStmt": drop,
    "GrantStmt": others.grant,
    "IndexStmt": indexes.create_index,
    "InsertStmt": lambda footprint, node: rows.change_rows(footprint, "InsertStmt", node),
    "LockStmt": rows.lock_table,
    "MergeStmt": lambda footprint, node: rows.change_rows(footprint, "MergeStmt", node),
    "RefreshMatViewStmt": indexes.refresh,
    "ReindexStmt": indexes.reindex,
    "RenameStmt": others.rename,
    "RuleStmt": _on("relation", LockMode.ACCESS_EXCLUSIVE),
    "SelectStmt": rows.query,
    "TruncateStmt": indexes.truncate,
    "UpdateStmt": lambda footprint, node: rows.change_rows(footprint, "UpdateStmt", node),
    "VacuumStmt": indexes.vacuum,
    "ViewStmt": others.create_view,
}
