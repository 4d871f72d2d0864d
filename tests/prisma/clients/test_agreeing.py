"""A client and a database that agree: whatever is in the schema, nothing suffers."""

from pathlib import Path

import pytest

from shared.model.clients import ClientEffect
from shared.postgres.parse import read
from shared.postgres.replay import Replay
from shared.prisma.clients.following import Client

CORPUS = sorted((Path(__file__).parents[2] / "postgres" / "corpus").glob("*.sql"))


@pytest.mark.parametrize("path", CORPUS, ids=lambda path: path.stem)
def test_nothing_suffers(path: Path) -> None:
    replay = Replay("public")
    for statement in read(path.read_text(encoding="utf-8")):
        replay.run(statement)
        objects = replay.freeze().objects
    assert list(Client(objects, objects).suffers()) == []
    assert list(Client(None, objects).suffers()) == []


def test_what_is_suffered_is_the_sum_of_what_each_statement_does() -> None:
    """Followed statement by statement over the corpus, and computed once at its end: the same."""
    for path in CORPUS:
        replay, statements = Replay("public"), list(read(path.read_text(encoding="utf-8")))
        for statement in statements[: len(statements) // 2]:
            replay.run(statement)
        objects = replay.freeze().objects
        replay.changes()
        client, suffered = Client(objects, objects), set[ClientEffect]()
        for statement in statements[len(statements) // 2 :]:
            replay.run(statement)
            changes = replay.changes()
            begun, ended = client.follow(changes.objects, {})
            suffered = suffered.difference(ended) | {
                each for each in begun if "which is another one" not in each.because
            }
        assert suffered == set(Client(objects, replay.freeze().objects).suffers())
