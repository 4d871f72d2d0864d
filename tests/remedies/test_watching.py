"""Prisma's own engine deploys, is watched and cancelled; the steps that were said to be due then are followed."""

import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from datetime import timedelta

import pytest

from shared.demo.private_postgres import PrivatePostgres
from shared.model.holders import HolderKind
from shared.model.plan import Plan
from shared.model.report import Trigger
from shared.model.watching import Seen, Watched
from shared.run import run
from shared.run.watching import deployment_of, ticks
from tests.gather.production import session
from tests.postgres.servers import client_program
from tests.remedies.production import Production
from tests.run.test_watching import waiting_dump

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
        deploying.join(300)
    assert ended == [False]
    assert stays in found.stop.leaves
    steps = (step.command for step in found.stop.then if step.command is not None and not step.choice)
    done = made.bash("\n".join(steps))
    assert done.returncode == 0, done.stderr
    assert made.look().findings == ()


Holding = Callable[[Production, PrivatePostgres], AbstractContextManager[Callable[[], object]]]


@contextmanager
def a_dump(made: Production, postgres: PrivatePostgres) -> Iterator[Callable[[], object]]:
    """A real pg_dump that has locked the tables of INIT, and goes on when what is given here is called."""
    with session(made.database) as admin, session(made.database) as gate:
        admin.execute("CREATE TABLE projects ()")
        gate.execute("BEGIN; LOCK TABLE projects")
        with waiting_dump(made.database, client_program("pg_dump", postgres.programs), admin):
            yield lambda: gate.execute("COMMIT")


@contextmanager
def an_idle_transaction(made: Production, _: PrivatePostgres) -> Iterator[Callable[[], object]]:
    with session(made.database) as reader:
        reader.execute("BEGIN; SELECT FROM users; SELECT FROM logs")
        yield lambda: reader.execute("COMMIT")


@pytest.mark.parametrize("way", ["split", "whole", "cli"])
@pytest.mark.parametrize(("holding", "kind"), [(a_dump, HolderKind.DUMP), (an_idle_transaction, HolderKind.SESSION)])
def test_a_deploy_waits_for_the_session_that_the_plan_names(
    production: Callable[..., Production], postgres: PrivatePostgres, way: str, holding: Holding, kind: HolderKind
) -> None:
    made = production(way)
    made.ship({"20250101000000_init": INIT, "20250201000000_next": NEXT})
    made.deploy("20250101000000_init")
    with holding(made, postgres) as go_on:
        plan = run(replace(made.target, max_block=timedelta(milliseconds=1)), Trigger.TERMINAL).plan
        assert isinstance(plan, Plan)
        (wait,) = [each for each in plan.waits if ("public", "logs") in each.relations]
        assert (wait.kind, [each.line for each in wait.needs]) == (kind, [1, 2])
        ended: list[bool] = []
        deploying = threading.Thread(target=lambda: ended.append(made.prisma("migrate deploy")))
        deploying.start()
        found = next(filter(is_blocked, ticks(deployment_of(made.target), sleep=lambda _seconds: None)))
        watched = found.watched
        assert isinstance(watched, Watched)
        assert watched.place is not None
        assert watched.chain[0].pid == wait.pid
        assert watched.place.lines[0] == wait.needs[0].line
        go_on()
        deploying.join(300)
    assert ended == [True]
    assert {each.key for each in made.look().findings} <= {"schema-unexpected:table public.projects"}
