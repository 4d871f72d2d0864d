"""What is fed with random input, and what must come of it: an answer or its own kind of error, in little time."""

import io
import json
import tarfile
import zipfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from random import Random

from shared.entrypoints.http.verify_request import BadRequestError, parse
from shared.gather.attempt import GatherError
from shared.gather.sources.archive import unpack
from shared.gather.sources.artifact import Collector
from shared.memory.codec import NotInShapeError
from shared.memory.document import understood, written
from shared.model.memory import Memory
from shared.model.schema import Schema
from shared.postgres.difference import differences
from shared.postgres.parse import MalformedError, read
from shared.postgres.progress import Script, follow
from shared.postgres.replay import Replay

_CORPUS = [each.read_bytes() for each in sorted((Path(__file__).parents[1] / "postgres" / "corpus").glob("*.sql"))]
_STATEMENTS = [each.sql for script in _CORPUS for each in read(script)]
_PIECES = (
    "'", '"', "$$", "$x$", "/*", "*/", "--", "\n", ";", "(", ")", "[", "]", ",", "::", "E'\\'", "BEGIN ATOMIC", "END",
    "CASE", "NOT", "UNION ALL SELECT 1", "1+1", "é", "\x7f", "\u202e", "NULL", "DO $$ BEGIN", "END $$", "IF EXISTS",
    "\ufeff", "U&'\\0041'", "a.b.c", "*", "SELECT", "CREATE TABLE", "ALTER TABLE", "DROP",
)  # fmt: skip


def scripts(random: Random) -> None:
    """Scripts, and what the replay, the progress and the comparison make of them."""
    script = _script(random)
    try:
        statements = list(read(script))
    except MalformedError:
        return
    replay = Replay()
    replay.run_all(statements)
    made = replay.freeze()
    list(differences(made, Schema({})))
    cut = random.randrange(len(statements) + 1)
    ran = Replay()
    ran.run_all(statements[:cut])
    follow([Script(statements, applied=False)], ran.freeze())


def _script(random: Random) -> bytes:
    match random.randrange(4):
        case 0:  # statements of different scripts
            return ";\n".join(random.choices(_STATEMENTS, k=random.randint(1, 12))).encode()
        case 1:  # one of them over and over in itself
            piece, count = random.choice(_PIECES), random.choice((10, 300, 3_000, 40_000))
            return f"SELECT {(piece + ' ') * count}1".encode()
        case 2:
            return " ".join(random.choices(_PIECES, k=random.randint(1, 200))).encode()
        case _:
            return _damaged(random, "; ".join(random.choices(_STATEMENTS, k=random.randint(1, 4))).encode())


def archives(random: Random) -> None:
    """Archives with a few bytes changed, moved or gone."""
    made = io.BytesIO()
    files = {f"prisma/migrations/{n}_m/migration.sql": b"SELECT 1;" * random.randint(0, 300) for n in range(3)}
    if random.random() < 0.5:
        with zipfile.ZipFile(made, "w", random.choice((zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED))) as archive:
            for name, content in files.items():
                archive.writestr(name, content)
    else:
        with tarfile.open(fileobj=made, mode=random.choice(("w", "w:gz"))) as tar:
            for name, content in files.items():
                entry = tarfile.TarInfo(name)
                entry.size = len(content)
                tar.addfile(entry, io.BytesIO(content))
    with suppress(GatherError):
        unpack(io.BytesIO(_damaged(random, made.getvalue())), Collector("the archive", None))


def memories(random: Random) -> None:
    """Memory documents with bytes or values changed; one that is read can be written and read again."""
    document = written(Memory("production"))
    if random.random() < 0.5:
        text = _damaged(random, document)
    else:
        fields = json.loads(document)
        for _ in range(random.randint(1, 4)):
            fields[random.choice([*Memory.__match_args__, "other"])] = _value(random, 4)
        text = json.dumps(fields).encode()
    try:
        memory = understood(text, "production")
    except NotInShapeError:
        return
    assert understood(written(memory), "production") == memory


def requests(random: Random) -> None:
    """Requests of ``verify``."""
    names = ("target", "release", "phase", "wait_seconds", "id", "always", "code", "other")
    query = {random.choice(names): str(_value(random, 0)) for _ in range(random.randint(0, 3))}
    fields = {random.choice(names): _value(random, 3) for _ in range(random.randint(0, 5))}
    body = json.dumps(fields).encode()
    if random.random() < 0.3:
        body = random.choice((_damaged(random, body), b"[" * 20_000, b'{"wait_seconds": ' + b"9" * 5_000 + b"}"))
    with suppress(BadRequestError):
        parse(random.choice(("GET", "POST")), query, body)


SUBJECTS: Mapping[str, Callable[[Random], None]] = {
    "scripts": scripts,
    "archives": archives,
    "memories": memories,
    "requests": requests,
}


def _damaged(random: Random, content: bytes) -> bytes:
    damaged = bytearray(content)
    for _ in range(random.randint(1, 6)):
        at = random.randrange(len(damaged) + 1)
        match random.randrange(4):
            case 0:
                damaged[at : at + 1] = random.randbytes(1)
            case 1:
                del damaged[at : at + random.randint(1, 40)]
            case 2:
                damaged[at:at] = damaged[: random.randint(1, 40)]
            case _:
                damaged[at:at] = random.choice(_PIECES).encode()
    return bytes(damaged)


def _value(random: Random, depth: int) -> object:
    match random.randrange(9 if depth else 7):
        case 0:
            return None
        case 1:
            return random.choice((True, False))
        case 2:
            return random.choice((0, -1, 200, 10**30, 1.5, float("inf"), float("nan")))
        case 3:
            return random.choice(
                ("production", "before", "v1.2.3", "2026-01-01T00:00:00+00:00", "", "\ud800", "x" * 300)
            )
        case 4:
            return "".join(random.choices(_PIECES, k=3))
        case 5:
            return {}
        case 6:
            return []
        case 7:
            return [_value(random, depth - 1) for _ in range(3)]
        case _:
            return {str(_value(random, 0)): _value(random, depth - 1) for _ in range(3)}
