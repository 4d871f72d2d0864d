"""The schema check: what is found, how bad it is, what is accepted, what was covered."""

from dataclasses import replace
from datetime import date

import pytest

from shared.checks.accepted import without_accepted
from shared.checks.registry import CHECKS, CheckOutcome, run_check
from shared.checks.schema_severity import severity
from shared.diagnose.coverage import coverage
from shared.model.diagnosis import Comparison, Diagnosis, MigrationStatus, State
from shared.model.difference import Change, Difference
from shared.model.digest import digest
from shared.model.finding import Finding, Severity
from shared.model.knowledge import Unavailable
from shared.model.schema import (
    Check,
    Collation,
    Column,
    Enum,
    EventTrigger,
    Expression,
    Extension,
    ForeignTable,
    Index,
    IndexKey,
    Kind,
    Publication,
    ReplicaIdentity,
    Routine,
    Rule,
    Schema,
    Setting,
    Storing,
    Subject,
    Table,
    Unique,
    View,
)
from shared.model.settings import AcceptedDrift, RemedySettings
from shared.postgres.difference import differences
from shared.remedies import commands
from tests.builders import facts, reading, release, row
from tests.postgres.test_doubts import made_by

SCHEMA = next(check for check in CHECKS if check.name == "schema")
USERS = Subject(Kind.TABLE, ("public", "users"))
EMAIL = Subject(Kind.COLUMN, ("public", "users", "email"))
BY_EMAIL = Subject(Kind.INDEX, ("public", "users_email_key"))
KARMA = Subject(Kind.CHECK, ("public", "users", "karma"))
ROLE = Subject(Kind.ENUM, ("public", "Role"))
TEXT = Column("text")
REQUIRED = Column("text", nullable=False)
POSITIVE = Check(Expression("karma > 0", "karma > 0"))


def index(*, unique: bool = True, valid: bool = True) -> Index:
    return Index(USERS, "btree", (IndexKey(column="email"),), unique=unique, valid=valid)


def diagnosis(expected: Schema, actual: Schema) -> Diagnosis:
    return Diagnosis((), None, Comparison(expected, actual, tuple(differences(expected, actual))))


def outcome_of(expected: Schema, actual: Schema) -> CheckOutcome:
    return run_check(SCHEMA, facts(release("1"), reading()), diagnosis(expected, actual))


def with_index(**options: bool) -> Schema:
    return Schema({USERS: Table(), EMAIL: TEXT, BY_EMAIL: index(**options)})


WATCH = EventTrigger("ddl_command_end", "public.f")
WITHOUT_INDEX = Schema({USERS: Table(), EMAIL: TEXT})


@pytest.mark.parametrize(
    ("expected", "actual", "keys"),
    [
        pytest.param(with_index(), with_index(), [], id="in step"),
        pytest.param(with_index(), WITHOUT_INDEX, ["schema-missing:index public.users_email_key"], id="missing"),
        pytest.param(WITHOUT_INDEX, with_index(), ["schema-unexpected:index public.users_email_key"], id="unexpected"),
        pytest.param(with_index(), with_index(unique=False), ["schema-changed:index public.users_email_key"], id="changed"),
        pytest.param(with_index(), with_index(valid=False), ["index-invalid:index public.users_email_key"], id="invalid, and the release's"),
        pytest.param(WITHOUT_INDEX, with_index(valid=False), ["index-invalid:index public.users_email_key"], id="invalid, and nobody's"),
        pytest.param(with_index(), with_index(valid=False, unique=False), ["index-invalid:index public.users_email_key", "schema-changed:index public.users_email_key"], id="invalid, and another one"),
    ],
)  # fmt: skip
def test_keys(expected: Schema, actual: Schema, keys: list[str]) -> None:
    assert [finding.key for finding in outcome_of(expected, actual).findings] == keys


@pytest.mark.parametrize(
    ("kind", "change", "wanted", "found", "attributes", "expected"),
    [
        pytest.param(Kind.TABLE, Change.MISSING, Table(), None, (), "critical", id="table missing"),
        pytest.param(Kind.TABLE, Change.UNEXPECTED, None, Table(), (), "warning", id="table unexpected"),
        pytest.param(Kind.COLUMN, Change.CHANGED, TEXT, Column("integer"), ("type",), "critical", id="column changed"),
        pytest.param(Kind.COLUMN, Change.CHANGED, TEXT, Column("text", storing=Storing(statistics=5)), ("storing",), "info", id="column sampled otherwise"),
        pytest.param(Kind.COLUMN, Change.CHANGED, TEXT, Column("integer", storing=Storing(statistics=5)), ("type", "storing"), "critical", id="column sampled otherwise, and changed"),
        pytest.param(Kind.COLUMN, Change.CHANGED, REQUIRED, replace(REQUIRED, not_null_validated=False), ("not_null_validated",), "warning", id="not null not validated"),
        pytest.param(Kind.COLUMN, Change.CHANGED, replace(REQUIRED, not_null_validated=False), REQUIRED, ("not_null_validated",), "info", id="not null validated by hand"),
        pytest.param(Kind.COLUMN, Change.CHANGED, REQUIRED, replace(REQUIRED, not_null_inherited=False), ("not_null_inherited",), "warning", id="not null not inherited"),
        pytest.param(Kind.COLUMN, Change.CHANGED, TEXT, replace(REQUIRED, not_null_validated=False), ("not_null_validated", "nullable"), "critical", id="not null set, not validated"),
        pytest.param(Kind.CHECK, Change.CHANGED, POSITIVE, replace(POSITIVE, validated=False), ("validated",), "warning", id="check not validated"),
        pytest.param(Kind.CHECK, Change.CHANGED, replace(POSITIVE, validated=False), POSITIVE, ("validated",), "info", id="check validated by hand"),
        pytest.param(Kind.TABLE, Change.CHANGED, Table(), Table(parameters=("fillfactor=70",)), ("parameters",), "info", id="table filled otherwise"),
        pytest.param(Kind.TABLE, Change.CHANGED, Table(), Table(parameters=("autovacuum_enabled=false",)), ("parameters",), "warning", id="table without autovacuum"),
        pytest.param(Kind.TABLE, Change.CHANGED, Table(), Table(toast_parameters=("autovacuum_enabled=false",)), ("toast_parameters",), "warning", id="TOAST table without autovacuum"),
        pytest.param(Kind.TABLE, Change.CHANGED, Table(parameters=("autovacuum_enabled=false",)), Table(), ("parameters",), "info", id="autovacuum back on"),
        pytest.param(Kind.COLUMN, Change.UNEXPECTED, None, TEXT, (), "warning", id="nullable column unexpected"),
        pytest.param(Kind.COLUMN, Change.UNEXPECTED, None, Column("text", nullable=False), (), "critical", id="column that refuses inserts"),
        pytest.param(Kind.COLUMN, Change.UNEXPECTED, None, Column("text", nullable=False, default=Expression("''", "''")), (), "warning", id="not null with a default"),
        pytest.param(Kind.UNIQUE, Change.MISSING, Unique(("email",)), None, (), "critical", id="unique missing"),
        pytest.param(Kind.INDEX, Change.MISSING, index(), None, (), "critical", id="unique index missing"),
        pytest.param(Kind.INDEX, Change.MISSING, index(unique=False), None, (), "warning", id="plain index missing"),
        pytest.param(Kind.INDEX, Change.CHANGED, index(), index(unique=False), ("unique",), "critical", id="index no longer unique"),
        pytest.param(Kind.ENUM, Change.CHANGED, Enum(("A",)), Enum(("A", "B")), ("values",), "warning", id="only more values"),
        pytest.param(Kind.ENUM, Change.CHANGED, Enum(("A", "B")), Enum(("A",)), ("values",), "critical", id="a value less"),
        pytest.param(Kind.ENUM, Change.CHANGED, Enum(("A", "B")), Enum(("B", "A")), ("values",), "critical", id="another order"),
        pytest.param(Kind.EXTENSION, Change.MISSING, Extension(), None, (), "critical", id="extension missing"),
        pytest.param(Kind.EXTENSION, Change.CHANGED, Extension("1"), Extension("2"), ("version",), "info", id="extension of another version"),
        pytest.param(Kind.EXTENSION, Change.UNEXPECTED, None, Extension(), (), "info", id="extension unexpected"),
        pytest.param(Kind.PRIMARY_KEY, Change.CHANGED, None, None, ("name",), "info", id="only its name differs"),
        pytest.param(Kind.SEQUENCE, Change.MISSING, None, None, (), "warning", id="sequence missing"),
        pytest.param(Kind.ROLE_SETTING, Change.UNEXPECTED, None, Setting("1"), (), "info", id="setting that changes no answer"),
        pytest.param(Kind.STATISTICS, Change.MISSING, None, None, (), "info", id="statistics missing"),
        pytest.param(Kind.REPLICA_IDENTITY, Change.CHANGED, ReplicaIdentity("full"), ReplicaIdentity("nothing"), ("mode",), "warning", id="replica identity changed"),
        pytest.param(Kind.PUBLICATION, Change.MISSING, Publication(), None, (), "warning", id="publication missing"),
        pytest.param(Kind.PUBLICATION, Change.UNEXPECTED, None, Publication(), (), "info", id="publication unexpected"),
        pytest.param(Kind.EVENT_TRIGGER, Change.MISSING, WATCH, None, (), "critical", id="event trigger missing"),
        pytest.param(Kind.EVENT_TRIGGER, Change.CHANGED, WATCH, replace(WATCH, tags=("DROP TABLE",)), ("tags",), "warning", id="event trigger changed"),
        pytest.param(Kind.EVENT_TRIGGER, Change.CHANGED, WATCH, replace(WATCH, enabled="disabled"), ("enabled",), "critical", id="event trigger disabled"),
        pytest.param(Kind.EVENT_TRIGGER, Change.UNEXPECTED, None, WATCH, (), "warning", id="event trigger unexpected"),
        pytest.param(Kind.COLLATION, Change.CHANGED, Collation("icu", "und"), Collation("icu", "de"), ("locale",), "critical", id="collation changed"),
        pytest.param(Kind.FOREIGN_TABLE, Change.MISSING, ForeignTable("s"), None, (), "critical", id="foreign table missing"),
        pytest.param(Kind.AGGREGATE, Change.UNEXPECTED, None, None, (), "warning", id="aggregate unexpected"),
        pytest.param(Kind.SCHEMA, Change.MISSING, None, None, (), "critical", id="schema missing"),
    ],
)  # fmt: skip
def test_severity(
    kind: Kind, change: Change, wanted: object, found: object, attributes: tuple[str, ...], expected: str
) -> None:
    subject = Subject(kind, ("public", "x"))
    difference = Difference(change, subject, wanted, found, "", "", attributes)  # type: ignore[arg-type]  # definitions
    assert severity(difference) == expected


@pytest.mark.parametrize("change", Change)
def test_a_setting_on_which_answers_depend_is_a_warning(change: Change) -> None:
    subject = Subject(Kind.DATABASE_SETTING, ("search_path",))
    assert severity(Difference(change, subject, Setting("a"), Setting("b"), "", "")) == "warning"


def test_words_and_corrective_sql() -> None:
    (missing,) = outcome_of(with_index(), WITHOUT_INDEX).findings
    assert missing.summary == (
        "index public.users_email_key is missing in the database: the applied migrations create it "
        "(unique index on public.users USING btree (email))."
    )
    guarded, check, alone = (step.command or "" for step in missing.remedy)
    assert "    CREATE UNIQUE INDEX users_email_key ON public.users USING btree (email);" in guarded
    assert (guarded.startswith("DO $corrective$"), check.startswith("DO $corrective$")) == (True, True)
    assert alone == (
        "CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS users_email_key ON public.users USING btree (email);"
    )
    assert [step.choice for step in missing.remedy] == [False, True, True]
    changed = outcome_of(
        WITHOUT_INDEX, Schema({USERS: Table(), EMAIL: Column("character varying(40)", nullable=False)})
    ).findings[0]
    assert (changed.expected, changed.actual) == ("text", "character varying(40), not null")


@pytest.mark.parametrize(
    ("expected", "actual", "said"),
    [
        pytest.param(Column("citext", collation="nocase", storing=Storing(compression="lz4")), Column("public.citext", collation="app.nocase"), ("public.citext, collation app.nocase, compression lz4", "public.citext, collation app.nocase"), id="names of an extension"),
        pytest.param(Column("citext", nullable=False), Column("public.citext"), ("public.citext, not null", "public.citext"), id="a type of an extension"),
        pytest.param(Column("citext", collation="nocase"), Column("text", collation="app.nocase"), ("citext, collation app.nocase", "text, collation app.nocase"), id="another type"),
    ],
)  # fmt: skip
def test_words_show_only_what_differs(expected: Column, actual: Column, said: tuple[str, str]) -> None:
    column = Subject(Kind.COLUMN, ("public", "t", "c"))
    (found,) = differences(Schema({column: expected}), Schema({column: actual}))
    assert (found.expected, found.actual) == said


@pytest.mark.parametrize(
    ("subject", "wanted", "attribute", "severe", "said"),
    [
        # An attribute that is compared for the first time is info until a clean week.
        pytest.param(
            EMAIL, REQUIRED, "not_null_validated", "info", "NOT NULL of column public.users.email", id="not null"
        ),
        pytest.param(KARMA, POSITIVE, "validated", "warning", "check public.users.karma", id="check"),
    ],
)
def test_what_is_not_validated_and_what_somebody_validated(
    subject: Subject, wanted: Column | Check, attribute: str, severe: str, said: str
) -> None:
    later = replace(wanted, **{attribute: False})  # type: ignore[arg-type]  # a flag of both
    (found,) = outcome_of(Schema({USERS: Table(), subject: wanted}), Schema({USERS: Table(), subject: later})).findings
    assert (found.code, found.severity) == ("constraint-not-valid", severe)
    assert found.summary.startswith(f"{said} is not validated, although the migrations validate it")
    (found,) = outcome_of(Schema({USERS: Table(), subject: later}), Schema({USERS: Table(), subject: wanted})).findings
    assert (found.code, found.severity) == ("schema-changed", "info")


def test_an_invalid_index_is_dropped_by_its_quoted_name() -> None:
    odd = Subject(Kind.INDEX, ("public", 'odd"name'))
    actual = Schema({USERS: Table(), EMAIL: TEXT, odd: index(valid=False)})
    (finding,) = outcome_of(WITHOUT_INDEX, actual).findings
    assert finding.remedy[0].command == commands.psql(['DROP INDEX CONCURRENTLY "public"."odd""name";'], "public")


def test_an_invalid_index_is_built_again_in_a_prepared_shell() -> None:
    prepared = facts(release("1"), reading(), remedy=RemedySettings(before=("export DATABASE_URL=x",)))
    plain = with_index(unique=False), with_index(unique=False, valid=False)
    (finding,) = run_check(SCHEMA, prepared, diagnosis(*plain)).findings
    again = commands.psql(['REINDEX INDEX CONCURRENTLY "public"."users_email_key";'], "public")
    assert [step.command for step in finding.remedy] == ["export DATABASE_URL=x", again]


def test_a_unique_index_is_built_again_once_no_rows_are_the_same() -> None:
    (finding,) = outcome_of(with_index(), with_index(valid=False)).findings
    query = "SELECT email, count(*) FROM public.users WHERE email IS NOT NULL GROUP BY email HAVING count(*) > 1 ORDER BY count(*) DESC;"
    assert [step.command for step in finding.remedy] == [
        commands.psql([query], "public"),
        None,
        commands.psql(['REINDEX INDEX CONCURRENTLY "public"."users_email_key";'], "public"),
    ]


@pytest.mark.parametrize(
    ("state", "begins"),
    [
        pytest.param(State.APPLIED, "Put this into a new migration", id="nothing blocks a deploy"),
        pytest.param(
            State.FAILED,
            "After 1 is fixed (a deploy would stop there): put this into a new migration",
            id="a failed migration does",
        ),
    ],
)
def test_a_new_migration_waits_for_what_blocks_a_deploy(state: State, begins: str) -> None:
    status = MigrationStatus("1", state, release("1").migrations[0], row("1"))
    missing = diagnosis(with_index(), WITHOUT_INDEX)
    (finding,) = run_check(SCHEMA, facts(release("1"), reading()), replace(missing, migrations=(status,))).findings
    assert finding.remedy[0].text.startswith(begins)


def test_unknown_without_a_comparison() -> None:
    because = Unavailable("PostgreSQL cannot parse 1/migration.sql, line 3: syntax error", lasting=True)
    unknown = Diagnosis((), None, because)
    outcome = run_check(SCHEMA, facts(release("1"), reading()), unknown)
    assert outcome == CheckOutcome((), because)


DRIFT = Finding("schema-unexpected", "index public.tmp_idx", Severity.WARNING, "…")


@pytest.mark.parametrize(
    ("until", "count"),
    [(date(2027, 1, 31), 1), (date(2026, 11, 22), 1), (date(2026, 11, 21), 0)],
    ids=["still accepted", "the last day", "expired"],
)
def test_accepted_drift(until: date, count: int) -> None:
    accepted = [AcceptedDrift("schema-unexpected:index public.tmp_idx", "kept until the reindex", until)]
    kept, matched = without_accepted([DRIFT], accepted, date(2026, 11, 22))
    assert (len(kept), len(matched)) == (1 - count, count)


def test_entries_that_accept_nothing_are_listed() -> None:
    """What a deployment is predicted to do may only be found while something is to be deployed."""
    drift = [
        AcceptedDrift("schema-unexpected:index public.a", "kept", date(2027, 1, 1)),
        AcceptedDrift("schema-unexpected:index public.gone", "kept", date(2026, 11, 22)),
        AcceptedDrift("schema-missing:index public.b", "kept", date(2026, 11, 21)),
        AcceptedDrift("deploy-blocks:2", "at night", date(2027, 1, 1)),
    ]
    compared = diagnosis(WITHOUT_INDEX, WITHOUT_INDEX)
    covered = coverage(compared, {"schema-unexpected:index public.a"}, drift, date(2026, 11, 22))
    assert covered is not None
    assert covered.accepted == 1
    assert covered.expired == {"schema-missing:index public.b": "2026-11-21"}
    assert covered.unmatched == ("schema-unexpected:index public.gone",)


def test_coverage_counts_what_was_compared() -> None:
    opaque = Schema({ROLE: Enum(("A",))}, {ROLE: "a DO block makes it"})
    covered = coverage(diagnosis(opaque, with_index()), accepted={"a", "b"}, drift=(), today=date(2026, 1, 1))
    assert covered is not None
    assert (covered.objects, covered.kinds, covered.accepted) == (3, {"column": 1, "index": 1, "table": 1}, 2)
    assert covered.opaque == {"enum public.Role": "a DO block makes it"}
    assert "schema.prisma" in covered.not_compared
    assert coverage(Unavailable("no release"), accepted=set(), drift=(), today=date(2026, 1, 1)) is None


BODY = Expression("VALUES (1)", "1")
VIEW, RULE = Subject(Kind.VIEW, ("public", "v")), Subject(Kind.RULE, ("public", "users", "r"))
ROUTINE = Subject(Kind.FUNCTION, ("public", "f()"))


def routine(text: str, body: Expression | None = None) -> Routine:
    return Routine("", "integer", "sql", digest(text, 64), body=body)


@pytest.mark.parametrize(
    ("subject", "expected", "actual", "is_named"),
    [
        pytest.param(VIEW, View(("a",), BODY), View(("a",), BODY), False, id="two views of one form"),
        pytest.param(VIEW, View(("a",)), View(("a",), BODY), True, id="a view that has none in the release"),
        pytest.param(VIEW, View(("a",), BODY), View(("a",)), True, id="a view that has none in the database"),
        pytest.param(VIEW, View(("a",)), View(("a",)), True, id="a view that has none at all"),
        pytest.param(RULE, Rule("insert", acts=True), Rule("insert", acts=True), True, id="a rule that acts"),
        pytest.param(ROUTINE, routine("SELECT 1"), routine("SELECT 1"), False, id="a function whose body is text"),
        pytest.param(ROUTINE, routine("SELECT 1"), routine("", BODY), False, id="a body that differs in kind"),
        pytest.param(ROUTINE, routine(""), routine(""), True, id="a standard body that has no form"),
    ],
)
def test_a_body_that_was_not_compared_is_named(
    subject: Subject, expected: View | Rule | Routine, actual: View | Rule | Routine, is_named: bool
) -> None:
    covered = coverage(diagnosis(Schema({subject: expected}), Schema({subject: actual})), set(), (), LATER)
    assert covered is not None
    assert covered.opaque == (
        {str(subject): "its body is beyond what can be compared (not compared: body)"} if is_named else {}
    )


A_SCHEMA = Subject(Kind.SCHEMA, ("public",))
LATER = date(2999, 1, 1)


@pytest.mark.parametrize(
    ("opaque", "actual", "unknown"),
    [
        pytest.param({A_SCHEMA: "a DO block"}, WITHOUT_INDEX, [A_SCHEMA], id="all of a schema"),
        pytest.param({USERS: "a DO block"}, WITHOUT_INDEX, [USERS], id="a table and what it holds"),
        pytest.param({BY_EMAIL: "a DO block"}, WITHOUT_INDEX, [BY_EMAIL], id="absent, and it might have to be there"),
        pytest.param({BY_EMAIL: "a DO block"}, with_index(), [], id="there, which is all that can be known"),
    ],
)
def test_what_could_not_be_compared_is_not_passed(
    opaque: dict[Subject, str], actual: Schema, unknown: list[Subject]
) -> None:
    expected = Schema(WITHOUT_INDEX.objects, opaque)
    outcome = outcome_of(expected, actual)
    assert outcome.findings == ()
    because = outcome.unknown.because if outcome.unknown is not None else ""
    assert [f"{subject}: a DO block" in because for subject in unknown] == [True] * len(unknown)
    assert bool(because) == bool(unknown)
    covered = coverage(diagnosis(expected, actual), set(), (), LATER)
    assert covered is not None
    assert (list(covered.opaque), covered.uncompared) == ([str(each) for each in opaque], tuple(map(str, unknown)))


TWO = "CREATE TABLE a (id int); CREATE TABLE b (id int);"
BY_TEXT = "DO $$ DECLARE r record; BEGIN FOR r IN SELECT * FROM pg_tables LOOP EXECUTE {}; END LOOP; END $$;"
ROW_SECURITY = TWO + BY_TEXT.format("format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', r.tablename)")
ON_A, ON_B = ("ALTER TABLE a ENABLE ROW LEVEL SECURITY;", "ALTER TABLE b ENABLE ROW LEVEL SECURITY;")
INDEXES = TWO + BY_TEXT.format("format('CREATE INDEX %I ON b (id)', r.tablename || '_i')")
DROPS = TWO + BY_TEXT.format("format('DROP TABLE %I', r.tablename)")
TYPES = TWO + BY_TEXT.format("format('ALTER TABLE %I ALTER id TYPE bigint', r.tablename)")
GUARDED = TWO + "DO $$ BEGIN CREATE UNIQUE INDEX i ON a (id); EXCEPTION WHEN OTHERS THEN NULL; END $$;"
BY_ROWS = TWO + f"DO $$ BEGIN IF EXISTS (SELECT FROM a) THEN {ON_A} END IF; END $$;"


@pytest.mark.parametrize(
    ("release", "production", "unknown"),
    [
        pytest.param(ROW_SECURITY, TWO + ON_A + ON_B, [], id="all that the text can make is there"),
        pytest.param(ROW_SECURITY, TWO + ON_B, ["row security public.a"], id="some of it is not"),
        pytest.param(
            ROW_SECURITY + "DROP TABLE a;", "CREATE TABLE b (id int);" + ON_B, [], id="dropped by a migration"
        ),
        pytest.param(INDEXES, TWO, ["table public.b"], id="what it makes is not bounded"),
        pytest.param(DROPS, TWO, [], id="what it drops is there"),
        pytest.param(DROPS, "CREATE TABLE b (id int);", [], id="what it drops is gone"),
        pytest.param(TYPES, TWO, [], id="an attribute alone"),
        pytest.param(GUARDED, TWO, [], id="guarded by EXCEPTION"),
        pytest.param(BY_ROWS, TWO, [], id="depends on rows"),
    ],
)
def test_what_text_from_rows_may_have_made_is_not_passed_where_it_is_absent(
    release: str, production: str, unknown: list[str]
) -> None:
    expected, actual = made_by(release), made_by(production)
    outcome = outcome_of(expected, actual)
    assert outcome.findings == ()
    because = outcome.unknown.because if outcome.unknown is not None else ""
    assert [f"{subject}: made or changed by a DO block" in because for subject in unknown] == [True] * len(unknown)
    assert bool(because) == bool(unknown)
    covered = coverage(diagnosis(expected, actual), set(), (), LATER)
    assert covered is not None
    assert covered.uncompared == tuple(unknown)


def test_findings_that_are_sure_stay_beside_what_is_unknown() -> None:
    expected = Schema(with_index().objects, {ROLE: "a DO block"})
    outcome = outcome_of(expected, WITHOUT_INDEX)
    assert [finding.key for finding in outcome.findings] == ["schema-missing:index public.users_email_key"]
    assert outcome.unknown is not None


@pytest.mark.parametrize(
    ("until", "passes"), [(LATER, True), (date(2020, 1, 1), False)], ids=["accepted", "no longer accepted"]
)
def test_an_object_that_cannot_be_compared_can_be_accepted(until: date, passes: bool) -> None:
    accepted = (AcceptedDrift(f"opaque:{A_SCHEMA}", "checked by hand", until),)
    expected = Schema(WITHOUT_INDEX.objects, {A_SCHEMA: "a DO block"})
    compared = diagnosis(expected, WITHOUT_INDEX)
    seen = facts(release("1"), reading())
    seen = replace(seen, target=replace(seen.target, accepted=accepted))
    assert (run_check(SCHEMA, seen, compared).unknown is None) == passes
    covered = coverage(compared, {"a", "b", "c"}, accepted, date(2026, 11, 22))
    assert covered is not None
    assert (covered.accepted, covered.uncompared) == ((4, ()) if passes else (3, (str(A_SCHEMA),)))
