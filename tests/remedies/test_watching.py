"""Prisma's own engine deploys, is watched and cancelled; the steps that were said to be due then are followed."""

import threading
from collections.abc import Callable

import pytest

from shared.model.watching import Seen, Watched
from shared.run.watching import deployment_of, ticks
from tests.gather.production import session
from tests.remedies.production import Production

INIT = (
    'CREATE TABLE "users" ("id" int PRIMARY KEY);\nCREATE TABLE "logs" ("id" int);\nINSERT INTO "users" VALUES (1);\n'
)
NEXT = 'ALTER TABLE "logs" ADD COLUMN "a" int;\nALTER TABLE "users" ADD COLUMN "age" int;\n'


def is_blocked(seen: Seen) -> bool:
    watched = seen.watched
    return isinstance(watched, Watched) and watched.place is not None and bool(watched.chain)


@pytest.mark.parametrize(
    ("way", "stays"),
    [("split", "1 of its 2 statements stays applied (line 1)."), ("whole", "None of its statements stays applied.")],
)
def test_the_steps_that_are_due_once_a_deployment_was_stopped(
    production: Callable[..., Production], way: str, stays: str
) -> None:
    made = production(way)
    made.ship({"20250101000000_init": INIT, "20250201000000_next": NEXT})
    made.deploy("20250101000000_init")
    with session(made.database) as reader:
        reader.execute("BEGIN; SELECT FROM users")
        ended: list[bool] = []
        deploying = threading.Thread(target=lambda: ended.append(made.prisma("migrate deploy")))
        deploying.start()
        found = next(filter(is_blocked, ticks(deployment_of(made.target), sleep=lambda _seconds: None)))
        assert found.stop.steps[0].command is not None
        assert made.bash(f'export DATABASE_URL="$PRODUCTION_URL"\n{found.stop.steps[0].command}').returncode == 0
        deploying.join(60)
    assert ended == [False]
    assert stays in found.stop.leaves
    steps = (step.command for step in found.stop.then if step.command is not None and not step.choice)
    done = made.bash("\n".join(steps))
    assert done.returncode == 0, done.stderr
    assert made.look().findings == ()
