"""What holds of remedies whatever state production is in."""

import re
import shlex
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.checks.history import check_history
from shared.diagnose.diagnosis import diagnose
from shared.model.database import HistoryRow
from shared.model.diagnosis import Diagnosis
from shared.model.finding import Finding, Step
from shared.model.knowledge import Unavailable
from shared.model.progress import Progress, Ran, StatementState
from shared.model.release import Migration
from shared.model.schema import Schema
from shared.postgres.mentions import makes
from shared.postgres.parse import parse
from shared.postgres.replay import Replay
from shared.postgres.transactions import blocks_others
from shared.remedies.commands import DEPLOY
from tests.builders import facts, reading, release, row
from tests.examples import examples

P3018 = "Database error code: 23505\n\nDatabase error:\nERROR: could not create unique index\n\nDbError {}"
# Names as folders can have them, in the order in which they are deployed.
NAMES = ("1 with space", "2 it's $(reboot)", '3 "odd" `x` \\', "4 new\nline")
SCRIPTS = (
    "CREATE TABLE users (id int PRIMARY KEY, email text);\nINSERT INTO users VALUES (1);\nCREATE TABLE a ();\n",
    (
        "SET lock_timeout TO '5s';\nCREATE TYPE mood AS ENUM ('sad');\nCREATE TABLE b (now mood);\n"
        "INSERT INTO b VALUES ('sad');\nCREATE UNIQUE INDEX users_email ON users (email);\nCOMMENT ON TABLE b IS 'b''s';\n"
    ),
    (
        "ALTER TABLE users ADD COLUMN age int;\nUPDATE users SET age = 1;\nALTER TABLE users ALTER COLUMN age SET NOT NULL;\n"
        "CREATE TABLE c (note text DEFAULT 'SQL\nSQL') -- the end; of it\n;\nGRANT SELECT ON c TO public;\n"
    ),
    "BEGIN;\nCREATE TABLE d (id int);\nDELETE FROM d;\nCOMMIT;\nCREATE INDEX d_id ON d (id);\nALTER TABLE d RENAME TO e;\n",
)
STATEMENTS = frozenset(each.sql for script in SCRIPTS for each in parse(script))
HISTORIES = ("nothing", "applied", "failed", "killed", "rolled back", "failed, also finished", "finished, rolled back")
# A second time they change nothing; or they only set the stage for others.
BARE = {"BEGIN", "COMMIT", "SET"}
TWICE_OR_NEVER = {*BARE, "COMMENT", "GRANT"}
_LIMIT = re.compile(r"SET (LOCAL lock_timeout = '3s'|(lock|statement)_timeout = ('3s'|0))$|RESET statement_timeout$")
_HEREDOC = re.compile(r"<<'(SQL_*)'\n(.*?)\n\1$", re.DOTALL | re.MULTILINE)


@dataclass(frozen=True)
class Production:
    """What the history says of each migration, whether it is shipped, and which of its statements ran."""

    histories: tuple[str, ...]
    shipped: tuple[bool, ...]
    ran: tuple[frozenset[int], ...]
    empty: bool


@st.composite
def productions(draw: st.DrawFn) -> Production:
    histories = tuple(draw(st.sampled_from(HISTORIES)) for _ in NAMES)
    shipped = tuple(history != "failed" or draw(st.integers(0, 3)) > 0 for history in histories)
    ran = []
    for history, script in zip(histories, SCRIPTS, strict=True):
        numbers = range(len(parse(script)))
        if history in {"applied", "failed, also finished"}:
            ran.append(frozenset(numbers))
        elif draw(st.booleans()):
            ran.append(frozenset(range(draw(st.integers(0, len(numbers))))))
        else:
            ran.append(draw(st.frozensets(st.sampled_from(numbers))))
    return Production(histories, shipped, tuple(ran), draw(st.booleans()))


def rows(name: str, script: bytes, history: str, minutes_ago: float) -> Iterator[HistoryRow]:
    if history in {"applied", "failed, also finished"}:
        yield row(name, content=script, minutes_ago=minutes_ago)
    if history in {"failed", "failed, also finished"}:
        yield row(name, content=script, finished=False, logs=P3018, minutes_ago=minutes_ago - 1)
    if history == "killed":
        yield row(name, content=script, finished=False, minutes_ago=minutes_ago)
    if history == "rolled back":
        yield row(name, content=script, finished=False, rolled_back=True, logs=P3018, minutes_ago=minutes_ago)
    if history == "finished, rolled back":
        yield row(name, content=script, rolled_back=True, minutes_ago=minutes_ago)


@dataclass(frozen=True)
class Checked:
    findings: list[Finding]
    states: dict[str, dict[str, StatementState]]  # by migration, by the statement's text
    ran: dict[str, dict[str, Ran]]
    by_hand: dict[str, set[str]]


def checked(production: Production) -> Checked:
    """Let the statements that ran make a schema, in memory, and say what the monitor says of that."""
    replay = Replay()
    for script, ran in zip(SCRIPTS, production.ran, strict=True):
        replay.start_session()
        for number, statement in enumerate(parse(script)):
            mark = replay.mark()
            if number in ran and replay.run(statement) is not None:
                replay.undo(mark)  # a server refuses it, and is as it was
    live = replay.freeze()
    migrations = [
        Migration(name, script.encode())
        for name, script, shipped in zip(NAMES, SCRIPTS, production.shipped, strict=True)
        if shipped
    ]
    history = [
        each
        for at, (name, script, what) in enumerate(zip(NAMES, SCRIPTS, production.histories, strict=True))
        for each in rows(name, script.encode(), what, 600 - 60 * at)
    ]
    empty = frozenset(("public", table) for table in "abcde") if production.empty else frozenset()
    context = facts(release(*migrations), reading(*history, catalog=live, empty_tables=empty))
    diagnosis = diagnose(context)
    findings = [found for found in check_history(context, diagnosis) if isinstance(found, Finding)]
    assert isinstance(diagnosis, Diagnosis)
    followed = {m.name: m.progress.statements for m in diagnosis.migrations if isinstance(m.progress, Progress)}
    states = {name: {each.sql: each.state for each in statements} for name, statements in followed.items()}
    proven = {name: {each.sql: each.ran for each in statements} for name, statements in followed.items()}
    by_hand = {name: {each.sql for each in statements if each.by_hand} for name, statements in followed.items()}
    return Checked(findings, states, proven, by_hand)


def of_rows(sql: str) -> bool:
    return sql.split(maxsplit=1)[0] in {"INSERT", "UPDATE", "DELETE"}


def needs_what_is_missing(states: dict[str, StatementState], sql: str) -> bool:
    """Say whether *sql* names a table or a column that a missing statement would make: then it has not run."""
    missing = {name[-1] for each, state in states.items() if state is StatementState.ABSENT for name in makes(each)}
    return any(re.search(rf"\b{name}\b", sql) for name in missing)


def steps(found: Checked) -> list[Step]:
    """What is to be done whatever a person chooses, in order."""
    return [step for finding in found.findings for step in finding.remedy if not step.choice and step.command]


def printed(step: Step) -> list[str]:
    """The statements of the file that *step* runs, each as it stands there, but for a table that has another name now."""
    if step.choice or step.command is None or not step.text.startswith(("Run ", "Find out")):
        return []
    ((_, sql),) = _HEREDOC.findall(step.command)
    path, *statements = [each.sql for each in parse(sql) if not _LIMIT.match(each.sql)]
    assert "READ ONLY" not in sql
    assert ("lock_timeout = '3s'" in sql) == any(blocks_others([statement]) for statement in statements)
    assert path.removeprefix("SET LOCAL ").removeprefix("SET ") == 'search_path TO "public"'
    assert statements
    found = [sql if sql in STATEMENTS else re.sub(r"\be\b", "d", sql) for sql in statements]
    assert STATEMENTS.issuperset(found)
    return found


def resolved(found: Checked, how: str) -> list[str]:
    words = [shlex.split(step.command or "") for step in steps(found) if "migrate resolve" in (step.command or "")]
    return [each[5] for each in words if each[4] == how]


# What holds of every production, each rule with the production and with what the monitor says of it.
Rule = Callable[[Production, Checked], None]


def what_is_applied_and_whole_is_left_in_peace(production: Production, found: Checked) -> None:
    sound = {name for name, history in zip(NAMES, production.histories, strict=True) if history == "applied"}
    assert sound.isdisjoint(finding.subject for finding in found.findings)


def no_two_findings_advise_against_each_other(production: Production, found: Checked) -> None:
    applied, rolled_back = resolved(found, "--applied"), resolved(found, "--rolled-back")
    assert len(set(applied)) == len(applied)
    assert len(set(rolled_back)) == len(rolled_back)
    assert set(applied).isdisjoint(rolled_back)
    commands = [step.command for step in steps(found)]
    if DEPLOY in commands:
        after = commands[commands.index(DEPLOY) + 1 :]
        assert set(after) <= {DEPLOY}, "a deploy comes when nothing stands in its way any more"


def nothing_is_deployed_while_a_failed_one_is_not_dealt_with(production: Production, found: Checked) -> None:
    failed = [finding for finding in found.findings if finding.code == "migration-failed"]
    for finding in found.findings:
        if finding.code in {"migration-pending", "migration-skipped", "migration-rolled-back"} and failed:
            assert DEPLOY not in {step.command for step in finding.remedy}
    for finding in failed[:-1]:
        assert DEPLOY not in {step.command for step in finding.remedy}


def what_is_printed_to_be_run_is_in_the_file_and_not_applied_yet(production: Production, found: Checked) -> None:
    for finding in found.findings:
        for step in finding.remedy:
            states = [found.states[finding.subject][sql] for sql in printed(step)]
            assert StatementState.PRESENT not in states
            if not step.asks and "nothing" in production.histories[NAMES.index(finding.subject)]:
                assert set(states) <= {StatementState.ABSENT, StatementState.NO_TRACE}
                assert all(
                    needs_what_is_missing(found.states[finding.subject], sql) for sql in printed(step) if of_rows(sql)
                )


def what_is_printed_to_be_run_is_in_the_order_of_the_release(production: Production, found: Checked) -> None:
    """A later migration may need what an earlier one makes, or fail at the rows that stood in the earlier one's way."""
    subjects = [each.subject for each in found.findings if any(map(printed, each.remedy))]
    assert subjects == sorted(subjects, key=NAMES.index)


def nothing_is_recorded_as_applied_before_a_person_was_asked_of_all_that_is_not_proven(
    production: Production, found: Checked
) -> None:
    for finding in found.findings:
        commands = [step.command or "" for step in finding.remedy if not step.choice]
        if not any(command.startswith("npx prisma migrate resolve --applied") for command in commands):
            continue
        ran = found.ran.get(finding.subject, {})
        run = {sql for step in finding.remedy if not step.asks for sql in printed(step)}
        asked = {sql for step in finding.remedy if step.asks for sql in printed(step)}
        open_ones = {sql for sql, said in ran.items() if said is Ran.OPEN and sql.split()[0] not in TWICE_OR_NEVER}
        assert {sql for sql, said in ran.items() if said is Ran.NOT_RUN and sql.split()[0] not in BARE} <= run
        assert open_ones <= asked
        assert open_ones.isdisjoint(run)


def nothing_is_run_again_as_a_whole_that_may_have_run_in_part(production: Production, found: Checked) -> None:
    for name in resolved(found, "--rolled-back"):
        (finding,) = [each for each in found.findings if each.subject == name and each.code == "migration-failed"]
        if finding.evidence["also_finished"] or not production.shipped[NAMES.index(name)]:
            continue
        open_ones = {sql for sql, said in found.ran[name].items() if said is not Ran.NOT_RUN}
        harmless = {sql for sql in found.ran[name] if sql.split()[0] in TWICE_OR_NEVER}
        assert open_ones - found.by_hand[name] <= harmless
        warned = any("do not run the migration again as a whole" in step.text for step in finding.remedy)
        assert warned is bool(found.by_hand[name] - harmless)


def every_command_is_one_that_bash_can_read_and_none_destroys(production: Production, found: Checked) -> None:
    commands = [step.command for finding in found.findings for step in finding.remedy if step.command]
    script = "\n".join(commands)
    read = subprocess.run(["bash", "-n"], input=script, text=True, capture_output=True, check=False)
    assert (read.returncode, read.stderr) == (0, "")
    assert "migrate reset" not in script
    assert "db push" not in script
    for command in commands:
        if command.startswith("npx"):
            assert shlex.split(command)[:3] == ["npx", "prisma", "migrate"]
            assert command == DEPLOY or shlex.split(command)[5] in NAMES


RULES: tuple[Rule, ...] = (
    what_is_applied_and_whole_is_left_in_peace,
    no_two_findings_advise_against_each_other,
    nothing_is_deployed_while_a_failed_one_is_not_dealt_with,
    what_is_printed_to_be_run_is_in_the_file_and_not_applied_yet,
    what_is_printed_to_be_run_is_in_the_order_of_the_release,
    nothing_is_recorded_as_applied_before_a_person_was_asked_of_all_that_is_not_proven,
    nothing_is_run_again_as_a_whole_that_may_have_run_in_part,
    every_command_is_one_that_bash_can_read_and_none_destroys,
)


@given(productions())
@settings(max_examples=examples(200))
def test_every_rule_holds_whatever_state_production_is_in(production: Production) -> None:
    found = checked(production)
    for rule in RULES:
        rule(production, found)


@pytest.mark.heavy
@given(productions())
@settings(max_examples=2000)
def test_every_rule_holds_in_many_more_states(production: Production) -> None:
    found = checked(production)
    for rule in RULES:
        rule(production, found)


@pytest.mark.parametrize("empty", [True, False])
def test_what_holds_rows_is_not_undone(empty: bool) -> None:
    production = Production(
        ("applied", "applied", "applied", "nothing"), (True,) * 4, (*map(frozenset, ({0, 1, 2}, range(6), range(5))), frozenset({1})), empty
    )  # fmt: skip
    (finding,) = checked(production).findings
    assert finding.code == "migration-partially-applied"
    undone = [step.command for step in finding.remedy if step.choice]
    assert any("DROP TABLE public.d;" in (command or "") for command in undone) is empty


@pytest.mark.parametrize(
    ("script", "catalog", "why"),
    [
        pytest.param("CREATE TABLE t ();", Unavailable("no right"), "the schema was not compared (no right)", id="not compared"),
    ],
)  # fmt: skip
def test_why_it_is_unknown_how_far_one_got(script: str, catalog: Schema | Unavailable, why: str) -> None:
    failed = row("1", finished=False, logs=P3018, content=script.encode())
    context = facts(release(Migration("1", script.encode())), reading(failed, catalog=catalog))
    found = [each for each in check_history(context, diagnose(context)) if isinstance(each, Finding)]
    assert [each.remedy[0].text for each in found] == [f"Find out which of its statements ran: {why}."]
