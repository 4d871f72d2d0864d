"""What a client of the running release suffers from each statement of a pending run."""

from collections.abc import Mapping, Sequence

from ..model.clients import ClientEffect, Grant
from ..model.knowledge import Unavailable
from ..model.plan import PlannedStatement
from ..model.schema import Definition, Subject
from ..model.value import replace
from ..postgres.plan.durations import Span
from ..postgres.plan.known import Known
from ..postgres.progress.ground import Effect
from ..prisma.clients.following import Client
from .schema_file import schema_of_file

KnownSchema = Mapping[Subject, Definition]


def client_schema(schema_sql: bytes | None, schema: str) -> KnownSchema | Unavailable | None:
    """The schema that a client knows, which *schema_sql* of its release makes; None without such a file.

    *schema* is what unqualified names mean. Unavailable where the file cannot be read, or something of it cannot be
    followed: what the client knows would not be all of it.
    """
    if schema_sql is None:
        return None
    made = schema_of_file(schema_sql, schema)
    return made if isinstance(made, Unavailable) else made.objects


class ClientOfRun:
    """A running client: *known* is the schema that it knows (None: every object), *before* the live schema."""

    def __init__(self, known: KnownSchema | None, before: Known) -> None:
        self._client = Client(known, before.objects)
        self._begun: list[dict[ClientEffect, ClientEffect]] = []
        self._ended: list[tuple[ClientEffect, ...]] = []
        self._commits_with: list[int] = []

    def follow(self, changed: Effect, given: Sequence[Grant]) -> None:
        """Take in the next statement: what it *changed*, and the rights that it gives and takes."""
        begun, ended = self._client.follow(changed.objects, changed.opaque, given)
        self._begun.append({each: each for each in begun})
        self._ended.append(ended)

    def end_file(self, together: Sequence[Span]) -> None:
        """Say which statements of the file that was just taken in commit with which."""
        first = len(self._begun) - len(together)
        self._commits_with += [first + span.surely for span in together]

    def with_clients(self, planned: Sequence[PlannedStatement]) -> tuple[PlannedStatement, ...]:
        """*planned*, all of the run, with what the client suffers from each.

        An effect that a later statement ends names that statement; one that ends in the same transaction is left out.
        """
        begun_at: dict[ClientEffect, int] = {}
        for place, (begun, ended) in enumerate(zip(self._begun, self._ended, strict=True)):
            for effect in ended:
                start = begun_at.pop(effect, None)
                if start is None:
                    continue
                if self._commits_with[start] >= place:
                    del self._begun[start][effect]
                else:
                    until = f"line {planned[place].line} of {planned[place].migration}"
                    self._begun[start][effect] = replace(effect, until=until)
            begun_at |= dict.fromkeys(begun, place)
        return tuple(
            replace(each, clients=tuple(begun.values())) if begun else each
            for each, begun in zip(planned, self._begun, strict=True)
        )
