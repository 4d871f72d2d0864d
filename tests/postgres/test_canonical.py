"""One form for what was written and for what the server answers; and two forms for two meanings."""

from collections.abc import Callable, Iterator

import psycopg
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from shared.model.schema import Column, Expression, ForeignColumn, ForeignTable
from shared.postgres import canonical
from shared.postgres.canonical import AsWritten, agree, type_of
from shared.postgres.canonical.expressions import form, text
from shared.postgres.canonical.sql import UNWRITTEN, rendered
from shared.postgres.difference import fragments
from shared.postgres.parse import Tree, parse
from tests.examples import examples

NAMES = AsWritten()


def tree(sql: str) -> Tree:
    value: Tree = parse(f"SELECT {sql}")[0].node["targetList"][0]["ResTarget"]["val"]
    return value


def expression(sql: str) -> Expression:
    return canonical.expression(tree(sql), NAMES)


def default(sql: str, type_name: str) -> Expression | None:
    return canonical.default(tree(sql), type_name, NAMES)


# fmt: off
TYPES = [
    ("int4", "integer"), ("INT", "integer"), ("bigserial", "bigint"), ("timestamp(3)", "timestamp(3) without time zone"),
    ("timestamptz", "timestamp with time zone"), ("time(2) with time zone", "time(2) with time zone"),
    ("decimal(5)", "numeric(5,0)"), ("numeric(5,-2)", "numeric(5,-2)"), ("char", "character(1)"), ("bpchar", "bpchar"),
    ("varchar(40)[]", "character varying(40)[]"), ("int[3][3]", "integer[]"), ("float(3)", "real"), ("float", "double precision"),
    ('"char"', '"char"'), ("bit varying(5)", "bit varying(5)"), ("bit", "bit(1)"), ("interval year to month", "interval year to month"),
    ("interval(3)", "interval(3)"), ("interval day to second(2)", "interval day to second(2)"), ("interval hour", "interval hour"),
    ('app."Role"[]', 'app."Role"[]'), ("pg_catalog.int8", "bigint"), ("geometry(Point, 4326)", "geometry(point,4326)"), ("_text", "text[]"),
]
# fmt: on


@pytest.mark.parametrize(("written", "spelled"), TYPES)
def test_types_are_spelt_as_format_type_does(written: str, spelled: str) -> None:
    assert type_of(tree(f"NULL::{written}")["TypeCast"]["typeName"], NAMES) == spelled


# fmt: off
PRINTED = [
    pytest.param("status IN ('a', 'b')", "((status)::text = ANY ((ARRAY['a'::character varying, 'b'::character varying])::text[]))", id="IN"),
    pytest.param("status IN ('a')", "(status = 'a'::text)", id="IN of one"),
    pytest.param("a IN (b, 1, 2)", "((a = ANY (ARRAY[1, 2])) OR (a = b))", id="IN with a column"),
    pytest.param("status NOT IN ('a', 'b')", "(status <> ALL (ARRAY['a'::text, 'b'::text]))", id="NOT IN"),
    pytest.param("a NOT BETWEEN 1 AND 2", "((a < 1) OR (a > 2))", id="NOT BETWEEN"),
    pytest.param("a BETWEEN SYMMETRIC 1 AND 2", "(((a >= 1) AND (a <= 2)) OR ((a >= 2) AND (a <= 1)))", id="BETWEEN SYMMETRIC"),
    pytest.param("a AND (b AND c)", "(a AND b AND c)", id="flat AND"),
    pytest.param("t SIMILAR TO 'x'", "(t ~ similar_to_escape('x'::text))", id="SIMILAR TO"),
    pytest.param("t LIKE 'x' ESCAPE '!'", "(t ~~ like_escape('x'::text, '!'::text))", id="ESCAPE"),
    pytest.param("a != -1", "(a <> '-1'::integer)", id="negative number"),
    pytest.param("now()", "CURRENT_TIMESTAMP", id="now"),
    pytest.param("(a, b) = (1, 2)", "((a = 1) AND (b = 2))", id="rows"),
    pytest.param("a IS DISTINCT FROM NULL", "(a IS NOT NULL)", id="distinct from null"),
    pytest.param("a IS NOT DISTINCT FROM b", "(NOT (a IS DISTINCT FROM b))", id="not distinct"),
    pytest.param("CASE WHEN a THEN 1 END", "CASE\n    WHEN a THEN 1\n    ELSE NULL::integer\nEND", id="CASE"),
    pytest.param("interval '1 week'", "'7 days'::interval", id="interval"),
    pytest.param("f = 't'", "(f = true)", id="boolean"),
    pytest.param("d > '2020-1-1'", "(d > '2020-01-01 00:00:00'::timestamp without time zone)", id="timestamp"),
    pytest.param("d > 'now'", "(d > '2020-01-01 00:00:00'::timestamp without time zone)", id="a moment that has passed"),
    pytest.param("uuid_generate_v4()", "extensions.uuid_generate_v4()", id="function of an extension"),
    pytest.param("a % 'x'", "(a OPERATOR(public.%) 'x'::text)", id="operator of an extension"),
    pytest.param("EXISTS (SELECT * FROM m WHERE org = t.org)", "(EXISTS ( SELECT 1\n FROM public.m\n WHERE (m.org = t.org)))", id="EXISTS"),
    pytest.param("a IN (SELECT id FROM m)", "(a IN ( SELECT m.id\n FROM public.m))", id="IN (SELECT)"),
    pytest.param("(SELECT auth.uid()) = a", "(( SELECT auth.uid() AS uid) = a)", id="alias that nobody wrote"),
    pytest.param("extract(epoch FROM d)", "date_part('epoch'::text, d)", id="EXTRACT before 14"),
    pytest.param("d AT TIME ZONE 'utc'", "timezone('utc'::text, d)", id="AT TIME ZONE before 14"),
]
# fmt: on


@pytest.mark.parametrize(("written", "printed"), PRINTED)
def test_what_the_server_makes_of_it_agrees(written: str, printed: str) -> None:
    assert agree(expression(written), expression(printed))


# fmt: off
UNLIKE = [
    ("a > 1", "a > 2"), ("a > 1", "a >= 1"), ("a", "b"), ("t.a", "u.a"), ("a.f()", "b.f()"), ("f(a)", "f(a, b)"),
    ("a::integer", "a::text"), ("'x'", "'y'"), ("a AND b", "a OR b"), ("a IN (1, 2)", "a IN (1, 2, 3)"),
    ("lower(a)", "upper(a)"), ("NOT a", "a"), ("a IS NULL", "a IS NOT NULL"), ("now()", "clock_timestamp()"),
    ("'{a}'::text[]", "'{b}'::text[]"), ("'2020-01-01'::date", "'2020-01-02'::date"), ("a - b", "b - a"),
    ("'1 day'::interval", "'2 days'::interval"), ("d > 'now'", "d > 'x'"), ("public.f()", "f()"),
]
# fmt: on


@pytest.mark.parametrize(("expected", "actual"), UNLIKE)
def test_another_meaning_does_not(expected: str, actual: str) -> None:
    assert not agree(expression(expected), expression(actual))


# fmt: off
DEFAULTS = [
    ("jsonb", "'{\"b\":1.0, \"a\" : [ ]}'", "'{\"a\": [], \"b\": 1.0}'::jsonb"),
    ("boolean", "'yes'", "true"), ("uuid", "'{A0EEBC99-9C0B4EF8-BB6D6BB9BD380A11}'", "'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'::uuid"),
    ("numeric(10,2)", "'0.50'", "0.50"), ("numeric", "1e3", "'1000'::numeric"), ("integer", "'7'", "7"), ("bigint", "-1", "'-1'::integer"),
    ("timestamp(3) without time zone", "'2020-1-1'", "'2020-01-01 00:00:00'::timestamp without time zone"),
    ("timestamp with time zone", "'2020-01-01T10:00:00Z'", "'2020-01-01 10:00:00+00'::timestamp with time zone"),
    ("time without time zone", "'9:30'", "'09:30:00'::time without time zone"),
    ("date", "'2020-01-05'", "'2020-01-05'::date"), ("bit(4)", "B'0101'", "'0101'::\"bit\""), ("bit(4)", "X'5'", "'0101'::\"bit\""),
    ("text[]", "'{}'", "ARRAY[]::text[]"), ("text[]", "ARRAY['a', 'b']", "'{a,b}'::text[]"), ("integer[]", "'{1,NULL}'", "ARRAY[1, NULL::integer]"),
    ("text[]", "'{\"a b\",\"\"}'", "ARRAY['a b'::text, ''::text]"), ('app."Role"[]', "'{USER}'", "ARRAY['USER'::app.\"Role\"]"),
    ("integer[]", "'{{1,2},{3,4}}'", "ARRAY[ARRAY[1, 2], ARRAY[3, 4]]"), ("bytea", "'\\x0aFF'", "'\\x0aff'::bytea"),
    ("interval", "'1 year 2 months 25 hours'", "'1 year 2 mons 25:00:00'::interval"), ("interval", "'90 seconds'", "'00:01:30'::interval"),
    ("interval day", "interval '1' day", "'1 day'::interval day"), ("inet", "'10.0.0.1/32'", "'10.0.0.1'::inet"),
    ("double precision", "'.5'", "0.5"), ("character varying(40)", "'x'", "'x'::character varying"),
]
# fmt: on


@pytest.mark.parametrize(("type_name", "written", "printed"), DEFAULTS)
def test_a_default_is_read_as_its_column_does(type_name: str, written: str, printed: str) -> None:
    expected, actual = default(written, type_name), default(printed, type_name)
    assert expected is not None
    assert actual is not None
    assert expected.meaning == actual.meaning


@given(st.text(), st.text(min_size=1), st.sampled_from(["smallint", "integer", "bigint"]))
@example("public", 'it\'s a_"Seq"', "integer")
@example("select", "user", "bigint")
def test_the_default_of_a_serial_column_is_said_as_it_is_read(schema: str, name: str, type_name: str) -> None:
    sequence = f"{canonical.quoted(schema)}.{canonical.quoted(name)}"
    call = {"funcname": [{"String": {"sval": "nextval"}}], "args": [{"A_Const": {"sval": {"sval": sequence}}}]}
    read = canonical.default({"FuncCall": call}, type_name, canonical.AsWritten())
    said = canonical.next_value(sequence)
    assert read is not None
    assert (said.sql, said.meaning) == (read.sql, read.meaning)


def test_a_locale_of_icu_is_read_as_a_server_keeps_it() -> None:
    same = [
        ("en_US", "en-US"),
        ("en-u-kn-true", "en-u-kn"),
        ("", "und"),
        ("root", "und"),
        ("und-u-ks-level2-kn", "und-u-kn-ks-level2"),
    ]
    assert [canonical.icu_locale(written) == canonical.icu_locale(kept) for written, kept in same] == [True] * len(same)
    assert canonical.icu_locale("de-u-co-phonebk") != canonical.icu_locale("de")
    assert [canonical.icu_locale(each) for each in ("de@collation=phonebook", "iw", "en_US_POSIX")] == [None] * 3


SECRET_OPTIONS = (
    "password=hunter2", "apiKey=hunter2", "program=curl -u me:hunter2", "dsn=hunter2", "DSN=host=h password=hunter2",
    "passfile=/hunter2", "connection_string=Server=x;Pwd=hunter2", "jdbc_url=jdbc:x://hunter2", "user=hunter2",
    "table_name=postgres://me:hunter2@h/t", "filename=s3://b/t?sig=hunter2", "resource=https://me:hunter2@h/t",
    "resource=https://h/t?token=hunter2", "query=host=h PASSWORD = 'hunter2' dbname=d", "query=pwd: hunter2; x",
    "options=-c app.key=hunter2", "headers=X: hunter2", "sslcert=hunter2", "null=a:hunter2", "location=hunter2",
)  # fmt: skip


def test_nothing_of_a_secret_in_an_option_of_a_foreign_table_is_kept() -> None:
    wrong = []
    for option in SECRET_OPTIONS:
        (kept,) = canonical.foreign_options([option])
        (other,) = canonical.foreign_options([option.replace("hunter2", "swordfish")])
        table = ForeignTable("s", options=(kept,), columns=(ForeignColumn("c", Column("text"), (kept,)),))
        is_hidden = fragments.foreign_table(table).count("'…'") == 2
        # By a digest one could guess it. Nothing says of the last two that they are secret.
        if "hunter2" in kept or not is_hidden or (kept != other and option not in SECRET_OPTIONS[-2:]):
            wrong.append(option)
    assert wrong == []


def test_plain_options_of_a_foreign_table_are_kept() -> None:
    plain = ("column_name=state", "delimiter=|", "key=true", "null=", "password_required=false", "schema_name=far")
    assert canonical.foreign_options(reversed(plain)) == plain
    assert " OPTIONS (column_name 'state', delimiter '|', key 'true'," in fragments.foreign_options(plain)
    one, other = (canonical.foreign_options([f"query=SELECT {each}"]) for each in "ab")
    assert one != other


def test_a_default_of_null_is_none() -> None:
    assert default("NULL", "text") is None
    assert default("NULL::character varying", "character varying(4)") is None


# fmt: off
# Columns of each type with which whole expressions are made, and constants of it.
COLUMNS = {
    "boolean": ["flag"], "integer": ["a", "b"], "bigint": ["big"], "numeric": ["price"], "text": ["t", '"Odd Name"'],
    "varchar": ["v"], "date": ["day"], "timestamptz": ["at"], "jsonb": ["data"], "text[]": ["tags"], "mood": ["feels"],
    "double precision": ["ratio"], "char(3)": ["code"], "uuid": ["key"],
}
CONSTANTS = {
    "integer": ["0", "-7", "'3'", "42"], "text": ["'x'", "''", "'it''s'", "E'a\\\\b'", "'été'", "'x'::varchar"],
    "mood": ["'ok'", "'sad'::mood"], "date": ["'2020-02-03'", "DATE '2021-01-01'", "CURRENT_DATE"], "numeric": ["0", "1.50", "'2.5'", "1e3"],
    "timestamptz": ["now()", "CURRENT_TIMESTAMP", "'2020-01-01 00:00:00+00'", "CURRENT_TIMESTAMP(3)"], "boolean": ["true", "'f'", "false"],
    "text[]": ["'{}'", "ARRAY['a', 'b']", "ARRAY[]::text[]", "'{x,\"y z\"}'"], "jsonb": ["'{}'", "'{\"a\": [1, 2]}'"], "bigint": ["9999999999", "1"],
    "varchar": ["'v'", "'w'::text"], "double precision": ["0.5", "'1'", "2"], "char(3)": ["'abc'"], "uuid": ["'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11'"],
}

# fmt: on


def column(type_name: str) -> st.SearchStrategy[str]:
    return st.sampled_from(COLUMNS[type_name])


def value(type_name: str) -> st.SearchStrategy[str]:
    return column(type_name) | st.sampled_from(CONSTANTS[type_name])


def template(shape: str, *parts: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.tuples(*parts).map(lambda words: shape.format(*words))


def integers() -> st.SearchStrategy[str]:
    leaves = value("integer")
    return st.recursive(
        leaves,
        lambda inner: st.one_of(
            template("({} + {})", column("integer"), inner),
            template("- {} * {}", column("integer"), inner),
            template("coalesce({}, {})", column("integer"), inner),
            template("greatest({}, {})", column("integer"), inner),
            template("CASE WHEN flag THEN {} ELSE {} END", column("integer"), inner),
            template("CASE {} WHEN 1 THEN {} END", column("integer"), column("integer")),
            template("abs({})::integer", inner),
            template("length({})", texts()),
            template("nullif({}, {})", column("integer"), inner),
            template("({} & 1)", column("integer")),
            template("extract(year FROM {})::int", column("date")),
        ),
        max_leaves=4,
    )


def texts() -> st.SearchStrategy[str]:
    return st.one_of(
        value("text"),
        column("varchar"),
        template("lower({})", value("text")),
        template("({} || {})", column("text"), value("text")),
        template("trim({})", column("text")),
        template("substring({} from 1 for 2)", column("text")),
        template("({} ->> 'k')", column("jsonb")),
        template("{}::text", column("integer") | column("varchar") | column("mood")),
        template("left({}, {})", column("text"), st.just("3")),
        template("coalesce({}, '')", column("text")),
        template('{} COLLATE "C"', column("text")),
        template("{}[1]", column("text[]")),
    )


def comparisons(type_name: str) -> st.SearchStrategy[str]:
    operator = st.sampled_from(["=", "<>", "!=", "<", ">=", "IS DISTINCT FROM", "IS NOT DISTINCT FROM"])
    constants = st.lists(st.sampled_from(CONSTANTS[type_name]), min_size=1, max_size=3, unique=True).map(", ".join)
    return st.one_of(
        template("{} {} {}", column(type_name), operator, value(type_name)),
        template("{} IN ({})", column(type_name), constants),
        template("{} NOT IN ({})", column(type_name), constants),
        template("{} BETWEEN {} AND {}", column(type_name), value(type_name), value(type_name)),
        template("{} NOT BETWEEN {} AND {}", column(type_name), value(type_name), value(type_name)),
        template("{} IS NOT NULL", column(type_name)),
    )


ORDERED = sorted(set(COLUMNS) - {"boolean", "jsonb", "text[]"})
# fmt: off
CONDITIONS = st.recursive(
    st.one_of(
        *(comparisons(type_name) for type_name in ORDERED),
        template("{} > {}", integers(), integers().filter(lambda sql: sql not in CONSTANTS["integer"])),
        template("{} LIKE {}", texts(), st.just("'a%'")),
        template("{} NOT ILIKE {}", column("text"), st.just("'_a'")),
        template("{} ~ {}", column("text"), st.just("'^[a-z]+$'")),
        template("{} SIMILAR TO {}", column("text"), st.just("'a|b'")),
        template("{} = {}", column("text[]"), value("text[]")),
        template("{} = ANY ({})", value("text"), column("text[]")),
        template("{} <> ALL ('{{a,b}}')", column("text")),
        template("{} @> {}", column("jsonb"), value("jsonb")),
        template("({} -> 'a' -> 0) IS NULL", column("jsonb")),
        template("{} < now() - interval '{}'", column("timestamptz"), st.sampled_from(["1 day", "2 weeks", "90 minutes", "1 year 3 mons"])),
        template("({}, b) = (1, 2)", column("integer")),
        template("({}, b) < (1, 2)", column("integer")),
        template("({} AT TIME ZONE 'UTC')::date = {}", column("timestamptz"), column("date")),
        template("date_trunc('day', {}) = {}", column("timestamptz"), column("timestamptz")),
        template("num_nonnulls(a, {}) = 1", column("text")),
        template("{} IS NOT TRUE", column("boolean")),
        column("boolean"),
    ),
    lambda inner: st.one_of(
        template("({} AND {})", inner, inner),
        template("({} OR {})", inner, inner),
        template("NOT ({})", inner),
        template("({} = ({}))", column("boolean"), inner),
    ),
    max_leaves=4,
)
# fmt: on


@pytest.fixture(scope="module")
def table(new_database: Callable[[], str]) -> Iterator[psycopg.Connection[tuple[str]]]:
    with psycopg.connect(new_database()) as connection:
        columns = ", ".join(f"{name} {kind}" for kind, names in COLUMNS.items() for name in names)
        connection.execute(f"CREATE TYPE mood AS ENUM ('ok', 'sad'); CREATE TABLE sample ({columns})")
        yield connection


def printed(connection: psycopg.Connection[tuple[str]], condition: str) -> str | None:
    """What the server makes of a check, None if it refuses it."""
    connection.execute("SAVEPOINT before")
    try:
        connection.execute(f"ALTER TABLE sample ADD CONSTRAINT made CHECK ({condition})")
        connection.execute("SET LOCAL search_path = pg_catalog")
        row = connection.execute(
            "SELECT pg_get_expr(conbin, conrelid) FROM pg_constraint WHERE conname = 'made'"
        ).fetchone()
    except psycopg.Error:
        return None
    finally:
        connection.execute("ROLLBACK TO before")
    assert row is not None
    return row[0]


@given(condition=CONDITIONS)
@settings(
    max_examples=examples(300),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_any_condition_agrees_with_what_a_server_prints(condition: str, table: psycopg.Connection[tuple[str]]) -> None:
    answer = printed(table, condition)
    if answer is None:
        return
    expected, actual = expression(condition), expression(answer)
    assert agree(expected, actual), answer
    # What is shown to people and written into corrective migrations means the same again.
    for shown in (expected.sql, actual.sql):
        again = printed(table, shown)
        assert UNWRITTEN in shown or (again is not None and agree(expected, expression(again))), shown


@given(one=CONDITIONS, other=CONDITIONS)
@settings(
    max_examples=examples(200),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_two_conditions_agree_only_if_a_server_prints_them_alike(
    one: str, other: str, table: psycopg.Connection[tuple[str]]
) -> None:
    first, second = printed(table, one), printed(table, other)
    if first is not None and second is not None and agree(expression(one), expression(second)):
        assert agree(expression(first), expression(second)), (first, second)


@given(condition=CONDITIONS)
@settings(max_examples=examples(300), deadline=None)
def test_the_canonical_form_is_its_own(condition: str) -> None:
    once = form(tree(condition), NAMES)
    again = form(tree(rendered(once)), NAMES)
    assert UNWRITTEN in rendered(once) or text(again) == text(form(tree(rendered(again)), NAMES))
