"""What each operation that was made with the real client does: the columns of each table, and how."""

from dataclasses import dataclass, field

from shared.model.clients import ClientEffect
from shared.model.clients import Operation as Op

_ALL = ["id", "email", "name", "age", "score", "role", "note", "big", "price", "at", "meta", "tags", "code"]
_POST = ["id", "title", "authorId", "slug"]
# Creates write these whatever is given: without a default, or with one that the client writes itself.
_ALWAYS = ["email", "score", "role", "note", "at", "code"]


@dataclass(frozen=True)
class Use:
    """How one operation uses one table: *columns* by kind of use; of the tables in *whole*, everything."""

    columns: dict[Op, list[str]] = field(default_factory=dict)
    whole: frozenset[Op] = frozenset()

    def suffers(self, effect: ClientEffect) -> bool:
        if Op.EVERYTHING in effect.operations:
            return True
        for operation in effect.operations:
            if operation in self.whole and operation not in (Op.READ, *self.columns):
                return True
            if operation is Op.READ and not effect.columns and Op.READ in self.columns:
                return True
            if set(self.columns.get(operation, ())) & set(effect.columns):
                return True
        return False


def reads(columns: list[str], **more: list[str]) -> Use:
    return Use({Op.READ: columns, **{Op[kind.upper()]: names for kind, names in more.items()}})


def creates(written: list[str], read: list[str]) -> Use:
    given = sorted({*written, *_ALWAYS})
    columns = {Op.READ: read, Op.WRITE: given, Op.CREATE_WITHOUT: [name for name in _ALL if name not in given]}
    return Use(columns, frozenset({Op.CREATE}))


def updates(written: list[str], by: str, read: list[str], null: list[str] | None = None) -> Use:
    return Use({Op.READ: read, Op.WHERE: [by], Op.WRITE: written, Op.WRITE_NULL: null or []}, frozenset({Op.UPDATE}))


_NATIVE = creates([], ["id"])
OPERATIONS: dict[str, dict[str, Use]] = {
    "findMany": {"User": reads(_ALL)},
    "findMany select id": {"User": reads(["id"])},
    "findUnique email": {"User": reads(_ALL, where=["email"])},
    **{f"where {name}": {"User": reads(["id"], where=[name])} for name in ("age", "role", "name", "at", "meta", "tags")},
    "orderBy age": {"User": reads(["id"], order=["age"])},
    "count": {"User": reads(["id"])},
    "aggregate age": {"User": reads(["age"], aggregate=["age"])},
    "groupBy role": {"User": reads(["role"], group=["role"])},
    "include posts": {"User": reads(["id"]), "Post": reads(_POST, include=["authorId"])},
    "post include author": {"User": reads(["id"]), "Post": reads(_POST, include=["authorId"])},
    "create minimal": {"User": creates([], ["id"])},
    "create full": {"User": creates(["name", "age", "big", "price", "meta", "tags"], _ALL)},
    "create negative": {"User": creates(["age"], ["id"])},
    "createMany": {"User": creates([], [])},
    "createMany skipDuplicates": {"User": creates([], [])},
    "update age": {"User": updates(["age"], "id", ["id"])},
    "update name null": {"User": updates(["name"], "id", ["id"], ["name"])},
    "update score": {"User": updates(["score"], "id", _ALL)},
    "upsert": {
        "User": Use(
            {Op.READ: ["id"], Op.WHERE: ["email"], Op.WRITE: ["note"]}, frozenset({Op.UPDATE, Op.UPSERT})
        )
    },
    "upsert native": {
        "User": Use(
            {**_NATIVE.columns, Op.WHERE: ["email"], Op.UPSERT_ON: ["email"]}, frozenset({Op.CREATE, Op.UPSERT})
        )
    },
    "post create": {
        "Post": Use(
            {Op.READ: _POST, Op.WRITE: ["title", "slug"], Op.CREATE_WITHOUT: ["id", "authorId"]},
            frozenset({Op.CREATE}),
        )
    },
    "post connect": {
        "Post": updates(["authorId"], "id", _POST),
        "User": Use({Op.READ: ["id"]}, frozenset({Op.CONNECT})),
    },
    "delete user": {"User": Use({Op.READ: ["id"], Op.WHERE: ["id"]}, frozenset({Op.DELETE}))},
    "deleteMany posts": {"Post": Use({Op.WHERE: ["id"]}, frozenset({Op.DELETE}))},
}  # fmt: skip
# For these, the answers were compared.
ANSWERED = frozenset(
    name for name in OPERATIONS if name.startswith(("find", "where", "order", "count", "aggregate", "group", "include", "post include"))
)  # fmt: skip


def suffering(operation: str, effects: list[ClientEffect]) -> list[ClientEffect]:
    """Those of *effects* that name the operation."""
    uses = OPERATIONS[operation]
    return [each for each in effects if each.table[1] in uses and uses[each.table[1]].suffers(each)]
