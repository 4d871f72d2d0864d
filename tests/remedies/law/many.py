"""Many states, by as many processes as make them no slower, and what was counted of all of them."""

import atexit
import os
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import ExitStack, contextmanager
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import psycopg

from shared.demo.private_postgres import PrivatePostgres, private_postgres
from tests.remedies.law.checking import Checker, Outcome
from tests.remedies.law.cli import resident_command_line
from tests.remedies.law.folder import Folder
from tests.remedies.resident import resident_engine
from tests.throwaway import in_memory

if TYPE_CHECKING:
    from multiprocessing.sharedctypes import Synchronized

_WORKERS = 2
_PIECE = 5


def checked(
    engine: Path, states: int, seed: int, say: Callable[[str], None] = lambda text: print(text, flush=True)
) -> int:
    """Check *states* states from number *seed* on; say of each that is wrong how to get there, and give their number."""
    counts: Counter[str] = Counter()
    wrong = 0
    for outcome in _outcomes(engine, range(seed, seed + states)):
        counts.update(outcome.counts)
        counts[f"state: {outcome.kind}"] += 1
        if outcome.wrong:
            wrong += 1
            say("\n".join([f"\n######## state {outcome.number} ({outcome.kind})", *outcome.wrong, outcome.story]))
    for what, number in sorted(counts.items()):
        say(f"{number:6} {what}")
    say(f"{states} states from {seed} on: {wrong} with something wrong")
    return wrong


def _outcomes(engine: Path, numbers: range) -> Iterator[Outcome]:
    pieces = [numbers[at : at + _PIECE] for at in range(0, len(numbers), _PIECE)]
    spawned = get_context("spawn")
    with _postgres() as postgres, ProcessPoolExecutor(
        min(_WORKERS, len(pieces)), spawned, _start, (postgres, engine, spawned.Value("i", 0))
    ) as workers:  # fmt: skip
        for done in as_completed([workers.submit(_check, list(piece)) for piece in pieces]):
            yield from done.result()


@contextmanager
def _postgres() -> Iterator[PrivatePostgres]:
    """A server for thousands of small databases and connections: all that only takes time is off."""
    with private_postgres(within=in_memory()) as postgres:
        with psycopg.connect(postgres.url(), autocommit=True) as admin:
            for setting in ("autovacuum = off", "jit = off", "synchronous_commit = off", "max_wal_size = '256MB'"):
                admin.execute(f"ALTER SYSTEM SET {setting}".encode())
            (hba,) = admin.execute("SELECT current_setting('hba_file')").fetchone() or ("",)
            Path(hba).write_text("host all all 127.0.0.1/32 trust\n")
            admin.execute("SELECT pg_reload_conf()")
        yield postgres


_kept = ExitStack()
_checkers: list[Checker] = []


def _start(postgres: PrivatePostgres, engine: Path, number: "Synchronized[int]") -> None:
    with number.get_lock():
        number.value += 1
        prefix = f"law{number.value}"
    folder = _kept.enter_context(TemporaryDirectory(prefix="law-", dir=in_memory()))
    corpus = os.environ.get("CORPUS")
    _checkers.append(
        Checker(
            postgres,
            _kept.enter_context(resident_engine(engine)),
            _kept.enter_context(resident_command_line(Path(folder))),
            prefix,
            Folder(Path(corpus)) if corpus else None,
            in_memory(),
        )
    )
    atexit.register(_kept.close)


def _check(numbers: list[int]) -> list[Outcome]:
    return [_checkers[0].checked(number) for number in numbers]
