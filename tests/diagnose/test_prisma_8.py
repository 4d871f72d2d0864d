"""What Prisma 8 keeps is no drift. The tables are those of its documentation."""

import pytest

from shared.diagnose.prisma_8 import holds_prisma_8, without_prisma_8
from shared.model.knowledge import Unavailable
from shared.model.schema import Kind, Subject
from tests.diagnose.test_schema import A, live

CONTRACT = """
    CREATE SCHEMA prisma_contract;
    CREATE TABLE prisma_contract.marker (space text PRIMARY KEY, core_hash text NOT NULL, meta jsonb NOT NULL DEFAULT '{}');
    CREATE TABLE prisma_contract.ledger (id bigserial PRIMARY KEY, space text NOT NULL);
    CREATE INDEX ledger_space_idx ON prisma_contract.ledger (space);
"""


def test_its_own_schema_is_nobodys_drift() -> None:
    beside = live(A, CONTRACT)
    assert holds_prisma_8(beside)
    assert without_prisma_8(beside) == live(A)


@pytest.mark.parametrize(
    "script",
    [
        pytest.param("CREATE TABLE prisma_contract.mine ()", id="another table"),
        pytest.param("CREATE VIEW prisma_contract.v AS SELECT 1 AS one", id="a view"),
        pytest.param("CREATE FUNCTION prisma_contract.f() RETURNS int LANGUAGE sql AS 'SELECT 1'", id="a function"),
        pytest.param("CREATE TYPE prisma_contract.e AS ENUM ('a')", id="a type"),
    ],
)
def test_what_somebody_put_there_is_seen(script: str) -> None:
    touched = live(A, CONTRACT, script)
    assert not holds_prisma_8(touched)
    assert without_prisma_8(touched) is touched


def test_without_it_nothing_changes() -> None:
    plain, unread = live(A), Unavailable("no right")
    assert without_prisma_8(plain) is plain
    assert without_prisma_8(unread) is unread
    assert not holds_prisma_8(unread)
    assert Subject(Kind.TABLE, ("public", "a")) in plain.objects
