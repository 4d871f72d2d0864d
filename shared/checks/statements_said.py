"""What findings say of the statements of a plan."""

from collections.abc import Iterable, Sequence
from itertools import islice

from ..model.finding import Json
from ..model.plan import PlannedStatement, Prediction, Relation
from ..model.statement_text import shown
from ..model.value import dataclass
from ..prisma.clients.wording import client_effects
from .bounded import bounded

_LONGEST_STATEMENT = 500
_MOST_LISTED = 20


@dataclass(frozen=True, slots=True)
class _Of:
    """What is said of one statement: what its *clients* suffer, in sentences, and *details* with that."""

    clients: tuple[str, ...]
    details: dict[str, Json]


class Said:
    """What findings say of statements. One that is in several findings has one and the same value in each."""

    def __init__(self) -> None:
        self._of: dict[int, _Of] = {}

    def of(self, statement: PlannedStatement) -> _Of:
        found = self._of.get(id(statement))  # the plan holds them all
        if found is None:
            clients = client_effects(statement.clients)
            found = self._of[id(statement)] = _Of(clients, _details(statement, clients))
        return found

    def evidence(self, found: Sequence[PlannedStatement], first: PlannedStatement) -> dict[str, Json]:
        return {**self.of(first).details, **self.statements(found)}

    def statements(self, found: Sequence[PlannedStatement]) -> dict[str, Json]:
        return bounded("statements", found, lambda each: self.of(each).details)


def joined(words: Iterable[str]) -> str:
    """The first of *words*: none is asked for that is not listed."""
    found = list(islice(words, _MOST_LISTED + 1))
    return "; ".join([*found[:_MOST_LISTED], *(["and more"] if len(found) > _MOST_LISTED else [])])


def _details(statement: PlannedStatement, clients: tuple[str, ...]) -> dict[str, Json]:
    prediction = statement.prediction
    rows = prediction.rows
    return {
        "line": statement.line,
        "sqlstate": prediction.sqlstate,
        "rows": None if rows is None else rows.rows,
        "more_rows": rows is not None and rows.more,
        **bounded("tables", _own_tables(prediction), ".".join),
        "sql": shown(statement.sql)[:_LONGEST_STATEMENT],
        "because": "; ".join(prediction.reasons),
        **bounded("clients", clients, str),
    }


def _own_tables(prediction: Prediction) -> list[Relation]:
    probed = (table for each in prediction.conditions if each.probe is not None for table in each.probe.tables)
    return sorted(dict.fromkeys((*prediction.effects.locks, *probed)))
