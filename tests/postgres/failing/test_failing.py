"""The statement that a recorded error points to, over what real servers say of statements that fail."""

import random
from pathlib import Path

import psycopg
import pytest

from shared.model.recorded_error import RecordedError, ShownLine
from shared.postgres.failing import failing_statements
from shared.postgres.parse import parse

_HERE = Path(__file__).parent
_ROWS = (_HERE / "rows.sql").read_text()
_STATEMENTS = [statement.sql for statement in parse((_HERE / "statements.sql").read_text())]
_SCRIPTS = 2 * len(_STATEMENTS)
# How many of the errors that a script can end in are of one statement only, at least.
_MOSTLY = 0.7


def test_a_real_error_never_points_to_another_statement(any_database: str) -> None:
    """Random scripts of statements that run and that fail, over tables with rows: what ran last is what is named."""
    chance = random.Random(11)
    explained = single = failed = 0
    with psycopg.connect(any_database, autocommit=True) as connection:
        connection.execute(_ROWS.encode())
        for number in range(_SCRIPTS):
            parts = [_STATEMENTS[number % len(_STATEMENTS)], *chance.sample(_STATEMENTS, 7)]
            chance.shuffle(parts)
            true, error = _ran(connection, parts)
            if error is None:
                continue
            script = ";\n".join(parts).encode()
            found = failing_statements(script, parse(script), error)
            assert not found or true in found, (error, parts[true], [parts[number] for number in found])
            failed += 1
            explained += bool(found)
            single += found == (true,)
    assert failed > _SCRIPTS / 2, "most scripts fail"
    assert explained > failed * 0.9, (explained, failed)
    assert single > failed * _MOSTLY, (single, failed)


def _ran(connection: psycopg.Connection, parts: list[str]) -> tuple[int, RecordedError | None]:
    at = 0
    try:
        with connection.transaction(force_rollback=True):
            for at, part in enumerate(parts):  # noqa: B007  # it is where it stopped
                connection.execute(part.encode())
    except psycopg.Error as error:
        return at, _as_recorded(error.diag, parts[at])
    return at, None


def _as_recorded(diag: psycopg.errors.Diagnostic, sent: str) -> RecordedError:
    code = diag.sqlstate or ""
    position = int(diag.statement_position) if diag.statement_position else None
    return RecordedError(
        " ".join(f"ERROR: {diag.message_primary}".split()),
        code,
        diag.message_detail if code[:2] in {"0A", "2B", "42"} else None,
        diag.schema_name,
        diag.table_name,
        diag.column_name,
        diag.datatype_name,
        diag.constraint_name,
        diag.source_function,
        diag.context,
        diag.internal_query,
        position,
        ShownLine(1, sent) if position and position <= len(sent) else None,
    )


_FIX = """\
ALTER TABLE folders ADD COLUMN project_id int;
UPDATE folders SET project_id = 1 WHERE id < 10;
ALTER TABLE folders ALTER COLUMN project_id SET NOT NULL;
ALTER TABLE folders ADD FOREIGN KEY (project_id) REFERENCES projects (id);
CREATE UNIQUE INDEX ON folders (project_id, name);
ALTER TABLE folders ALTER COLUMN size TYPE int USING size::int;
ALTER TABLE folders ALTER COLUMN kind TYPE kind USING kind::kind;
ALTER TABLE folders ADD CHECK (size > 0);
CREATE INDEX folders_size ON folders (size);
DO $$ BEGIN IF true THEN RAISE EXCEPTION 'no % of ''%''', 1, 2; END IF; UPDATE files SET x = 1; END $$;
INSERT INTO folders VALUES (1);
"""
_NULLS = 'ERROR: column "project_id" of relation "folders" contains null values'


def _error(message: str, sqlstate: str | None, **reported: str) -> RecordedError:
    return RecordedError(message, sqlstate, **reported)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("error", "numbers"),
    [
        pytest.param(_error(_NULLS, "23502", table="folders", column="project_id", routine="ATRewriteTable"), (2,), id="nulls"),
        pytest.param(_error("null value in column …", "23502", table="folders", column="project_id", routine="ExecConstraints"), (1, 10), id="a row written with a null"),
        pytest.param(_error("FEHLER: Spalte »project_id« von Relation »folders« enthält NULL-Werte", "23502"), (2,), id="nulls, in German"),
        pytest.param(_error('ОШИБКА: столбец "project_id" отношения "folders" содержит значения NULL', "23502"), (2,), id="nulls, in Russian"),
        pytest.param(_error('エラー: リレーション"folders"の列"project_id"にNULL値があります', "23502"), (2,), id="nulls, in Japanese"),
        pytest.param(_error("ERREUR: la table « folders » viole « folders_project_id_fkey »", "23503"), (3,), id="an unnamed foreign key, in French"),
        pytest.param(_error("x", "23503", table="folders", constraint="folders_project_id_fkey"), (3,), id="an unnamed foreign key"),
        pytest.param(_error("x", "23503", table="folders", constraint="folders_project_id_fkey1"), (3,), id="a name that was taken"),
        pytest.param(_error("x", "23505", table="folders", constraint="folders_project_id_name_idx"), (4,), id="an unnamed unique index"),
        pytest.param(_error("x", "23514", table="folders", constraint="folders_size_check"), (7,), id="an unnamed check"),
        pytest.param(_error("x", "23514", table="folders", constraint="old_check", routine="ExecConstraints"), (1, 10), id="a check that stood before"),
        pytest.param(_error('ERROR: invalid input syntax for type integer: "abc"', "22P02"), (1, 5, 9, 10), id="a value that is no number: of a column, or written"),
        pytest.param(_error('ERROR: invalid input value for enum kind: "odd"', "22P02"), (1, 6, 9, 10), id="a value that the enum lacks"),
        pytest.param(_error('ERROR: relation "folders_size" already exists', "42P07"), (8,), id="exists already"),
        pytest.param(_error('ERROR: column "project_id" of relation "folders" already exists', "42701"), (0,), id="a column exists already"),
        pytest.param(_error('ERROR: relation "projects" does not exist', "42P01"), (3,), id="does not exist"),
        pytest.param(_error('ERROR: relation "folders" does not exist', "42P01"), (0,), id="the first that needs it"),
        pytest.param(_error("ERROR: no 7 of 'x'", "P0001"), (9,), id="a RAISE, with its values"),
        pytest.param(_error("x", "42703", internal_query="UPDATE files SET x = 1"), (9,), id="a statement within a block"),
        pytest.param(_error("ERROR: canceling statement due to lock timeout", "55P03"), (), id="a lock that was not to be had"),
        pytest.param(_error("ERROR: deadlock detected", "40P01"), (), id="a deadlock"),
        pytest.param(_error("the server went away", None), (), id="no error of the server's"),
        pytest.param(_error('ERROR: "nothing" of "this"', "XX000"), (), id="other names"),
    ],
)  # fmt: skip
def test_the_statement_that_an_error_points_to(error: RecordedError, numbers: tuple[int, ...]) -> None:
    assert failing_statements(_FIX.encode(), parse(_FIX), error) == numbers


@pytest.mark.parametrize(
    ("present", "numbers"),
    [
        pytest.param(set[int](), (0, 1), id="nothing known"),
        pytest.param({0}, (1,), id="the first ran"),
        pytest.param({0, 1}, (0, 1), id="both ran since"),
    ],
)
def test_what_is_present_did_not_fail_where_another_may_have(present: set[int], numbers: tuple[int, ...]) -> None:
    script = "CREATE UNIQUE INDEX k ON a (x);\nCREATE UNIQUE INDEX k ON a (y);"
    error = RecordedError("x", "23505", table="a", constraint="k")
    assert failing_statements(script.encode(), parse(script), error, present) == numbers


_TWICE = "-- Première\nUPDATE b SET x = 'é';\n\n-- Second\nUPDATE b\n  SET y = 1;\nUPDATE b SET y = 2;\n"


@pytest.mark.parametrize(
    ("position", "shown", "numbers"),
    [
        pytest.param(62, ShownLine(6, "  SET y = 1;"), (1,), id="in the whole script, counted in characters"),
        pytest.param(16, ShownLine(2, "  SET y = 1"), (1,), id="in the statement, sent by itself"),
        pytest.param(30, ShownLine(5, "  SET y = 1"), (1,), id="in the statement, sent with what precedes it"),
        pytest.param(14, ShownLine(1, "UPDATE b SET y = 2"), (2,), id="in another one"),
        pytest.param(14, ShownLine(1, "1 + y"), (1,), id="in a text of the server's own: the first that needs it"),
        pytest.param(14, None, (1,), id="not shown: the first statement"),
    ],
)
def test_a_position_counts_from_wherever_the_text_that_was_sent_began(
    position: int, shown: ShownLine | None, numbers: tuple[int, ...]
) -> None:
    error = RecordedError('ERROR: column "y" does not exist', "42703", position=position, shown=shown)
    assert failing_statements(_TWICE.encode(), parse(_TWICE), error) == numbers
