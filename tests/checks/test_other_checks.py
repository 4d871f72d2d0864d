from dataclasses import replace
from datetime import timedelta

import pytest

from shared.alerts.decide.content import digest_of
from shared.checks.causes import with_causes
from shared.checks.registry import CHECKS, CheckOutcome, run_check
from shared.diagnose.diagnosis import diagnose
from shared.model.database import Activity, BlockingSession, HistoryRow, LockSession, Privileges
from shared.model.diagnosis import Diagnosis
from shared.model.endpoint import Answer, EndpointExpectation, NoAnswer, Probe
from shared.model.facts import Facts
from shared.model.finding import Cause, Severity
from shared.model.knowledge import Unavailable
from shared.model.release import Stale
from shared.model.seed import SeedCount, SeedExpectation, Uncountable
from shared.model.setting_types import Secret
from shared.model.settings import RemedySettings
from tests.builders import NOW, QUIET, READ_ONLY, facts, reading, release, row, script

NO_DIAGNOSIS = Diagnosis((), None, Unavailable("not compared"))


def outcome_of(check: str, context: Facts) -> CheckOutcome:
    return run_check(next(c for c in CHECKS if c.name == check), context, NO_DIAGNOSIS)


def keys(check: str, context: Facts) -> list[str]:
    return [finding.key for finding in outcome_of(check, context).findings]


SIX = SeedExpectation("users", exact=6)
SOME = SeedExpectation("rules", min=1)
FEW = SeedExpectation("locks", max=3)
ADMINS = SeedExpectation("users", min=1, where="role = 'ADMIN'")


@pytest.mark.parametrize(
    ("expectation", "count", "expected"),
    [
        pytest.param(SIX, 6, [], id="exactly as expected"),
        pytest.param(SIX, 2, ["seed-missing:users"], id="too few"),
        pytest.param(SIX, 7, ["seed-unexpected:users"], id="too many"),
        pytest.param(SOME, 1, [], id="at least one"),
        pytest.param(SOME, 0, ["seed-missing:rules"], id="none at all"),
        pytest.param(SOME, 10**9, [], id="a minimum knows no maximum"),
        pytest.param(FEW, 0, [], id="a maximum knows no minimum"),
        pytest.param(FEW, 4, ["seed-unexpected:locks"], id="above the maximum"),
        pytest.param(ADMINS, 0, ["seed-missing:users where role = 'ADMIN'"], id="with a condition"),
        pytest.param(
            SIX, Uncountable("there is no table public.users"), ["seed-uncountable:users"], id="no such table"
        ),
    ],
)
def test_seeds(expectation: SeedExpectation, count: int | Uncountable, expected: list[str]) -> None:
    assert keys("seeds", facts(release("1"), reading(seeds=(SeedCount(expectation, count),)))) == expected


def test_a_seed_that_cannot_be_read_leaves_the_others_checked() -> None:
    seeds = (SeedCount(SIX, Unavailable("no right to read users")), SeedCount(SOME, 0))
    outcome = outcome_of("seeds", facts(release("1"), reading(seeds=seeds)))
    assert [finding.key for finding in outcome.findings] == ["seed-missing:rules"]
    assert outcome.unknown == Unavailable("no right to read users")


def test_a_seed_summary_is_a_sentence() -> None:
    outcome = outcome_of("seeds", facts(release("1"), reading(seeds=(SeedCount(SIX, 1),))))
    assert outcome.findings[0].summary == "users has 1 row; the release seeds exactly 6."


PLAIN = EndpointExpectation("folders", "https://api.example.com/api/folders?key=s3cret", min_items=1)
BEHIND_A_KEY = EndpointExpectation(
    "admin", "https://api.example.com/admin", headers={"X-Key": Secret("env:KEY", "s3cret")}
)
QUICK = EndpointExpectation("quick", "https://api.example.com/", max_latency=timedelta(seconds=1))


def answer(status: int = 200, body: bytes = b"[1]", seconds: float = 0.1, days: int | None = None) -> Answer:
    expires = None if days is None else NOW + timedelta(days=days)
    return Answer(status, body, cut=False, latency=timedelta(seconds=seconds), certificate_expires=expires)


@pytest.mark.parametrize(
    ("probe", "expected"),
    [
        pytest.param(Probe(PLAIN, (answer(),)), [], id="as expected"),
        pytest.param(
            Probe(
                PLAIN,
                (
                    answer(500),
                    answer(),
                ),
            ),
            [],
            id="recovered within the run",
        ),
        pytest.param(Probe(PLAIN, (answer(500), answer(500))), ["endpoint-status:folders"], id="wrong status"),
        pytest.param(Probe(PLAIN, (answer(body=b"[]"),)), ["endpoint-content:folders"], id="too few items"),
        pytest.param(
            Probe(PLAIN, (NoAnswer("connection refused"),)), ["endpoint-unreachable:folders"], id="nobody there"
        ),
        pytest.param(Probe(PLAIN, (answer(401),)), ["endpoint-status:folders"], id="401 where no credential was sent"),
        pytest.param(
            Probe(QUICK, (answer(seconds=1.2), answer(seconds=2))),
            ["endpoint-slow:quick"],
            id="over its budget in all tries",
        ),
        pytest.param(Probe(PLAIN, (answer(days=14),)), ["certificate-expiring:folders"], id="two weeks left"),
        pytest.param(Probe(PLAIN, (answer(days=15),)), [], id="more than two weeks left"),
        pytest.param(
            Probe(PLAIN, (answer(500, days=3),)),
            ["endpoint-status:folders", "certificate-expiring:folders"],
            id="broken, and expiring",
        ),
    ],
)
def test_endpoints(probe: Probe, expected: list[str]) -> None:
    outcome = outcome_of("endpoints", facts(release("1"), reading(), probe))
    assert [finding.key for finding in outcome.findings] == expected
    assert outcome.unknown is None
    assert "s3cret" not in str(outcome)


@pytest.mark.parametrize("status", [401, 403])
def test_a_monitor_that_is_not_let_in_knows_nothing(status: int) -> None:
    outcome = outcome_of("endpoints", facts(release("1"), reading(), Probe(BEHIND_A_KEY, (answer(status),))))
    assert outcome.findings == ()
    assert outcome.unknown is not None
    assert f"answered {status}: it refuses the monitor's credential" in outcome.unknown.because


def test_an_endpoint_summary_says_how_often_it_was_tried() -> None:
    outcome = outcome_of("endpoints", facts(release("1"), reading(), Probe(PLAIN, (answer(503), answer(500)))))
    assert outcome.findings[0].summary == "GET /api/folders: expected status 200, got status 500 after 2 tries."


def lock(*, granted: bool = True, pid: int = 7) -> LockSession:
    return LockSession(pid, granted=granted, application="prisma", connected_for=timedelta(minutes=20), user="deployer")


def blocker(minutes: float | None) -> BlockingSession:
    waited = None if minutes is None else timedelta(minutes=minutes)
    return BlockingSession(9, "psql", "ops", "idle in transaction", timedelta(hours=2), waited, 3)


YOUNG, OLD = row("1", finished=False, minutes_ago=1), row("1", finished=False, minutes_ago=60)


@pytest.mark.parametrize(
    ("activity", "unfinished", "expected"),
    [
        pytest.param(QUIET, None, [], id="quiet"),
        pytest.param(Activity((lock(),), (), True), YOUNG, [], id="a young migration holds the lock"),
        pytest.param(Activity((lock(),), (), True), OLD, ["migration-lock-held:usasset"], id="an old one holds it"),
        pytest.param(Activity((lock(),), (), True), None, ["migration-lock-held:usasset"], id="nothing explains the lock"),
        pytest.param(Activity((lock(), lock(granted=False, pid=8)), (), True), YOUNG, ["migration-lock-held:usasset"], id="someone waits for it"),
        pytest.param(Activity((lock(granted=False),), (), True), None, [], id="waited for, just granted"),
        pytest.param(Activity((), (blocker(16),), True), None, ["session-blocking:pid 9"], id="others wait for long"),
        pytest.param(Activity((), (blocker(14),), True), None, [], id="others wait, not for long"),
        pytest.param(Activity((), (blocker(None),), True), None, [], id="for an unknown time"),
    ],
)  # fmt: skip
def test_activity(activity: Activity, unfinished: HistoryRow | None, expected: list[str]) -> None:
    rows = () if unfinished is None else (unfinished,)
    assert keys("activity", facts(release("1"), reading(*rows, activity=activity))) == expected


def test_a_prepared_transaction_that_blocks_others_is_ended_by_who_prepared_it() -> None:
    activity = Activity((), (replace(blocker(16), pid=0, state=None, in_transaction_for=None),), True)
    (finding,) = outcome_of("activity", facts(release("1"), reading(activity=activity))).findings
    assert finding.key == "session-blocking:prepared transaction"
    assert finding.summary == "A prepared transaction has blocked 3 other sessions for 16 min."
    listing, ending = finding.remedy
    assert listing.command is not None
    assert "FROM pg_prepared_xacts" in listing.command
    assert "pid" not in listing.command
    assert (ending.command, "ROLLBACK PREPARED" in ending.text) == (None, True)


def test_the_step_that_ends_a_session_says_which_role_that_takes() -> None:
    seen = Activity((), (replace(blocker(16), since="2025-09-05 09:20:00.123456+00"),), True)
    (finding,) = outcome_of("activity", facts(release("1"), reading(activity=seen))).findings
    assert [each.command and each.command.partition("SELECT ")[2].partition("(")[0] for each in finding.remedy] == [
        None, "pg_cancel_backend", "pg_terminate_backend",
    ]  # fmt: skip
    assert "pg_signal_backend" in finding.remedy[1].text


@pytest.mark.parametrize(
    "seen", [Activity((lock(),), (), True), Activity((), (blocker(16),), True)], ids=["lock", "queue"]
)
def test_no_session_is_ended_by_its_pid_alone(seen: Activity) -> None:
    """By the time the command is pasted, another client may have that pid."""
    (finding,) = outcome_of("activity", facts(release("1"), reading(activity=seen))).findings
    commands = [each.command for each in finding.remedy if each.command]
    assert ["_backend(" in each for each in commands] == [False]
    assert "backend_start" in commands[0]


QUEUE = replace(blocker(0.1), blocked=14, blocked_long=12)
LOCKED = (lock(),)


@pytest.mark.parametrize(
    ("queue_alert", "deploying", "locked", "young", "patience", "expected"),
    [
        pytest.param(10, True, (), False, 15, [Severity.CRITICAL], id="in an open window"),
        pytest.param(11, True, (), False, 15, [Severity.CRITICAL], id="one more than are allowed"),
        pytest.param(12, True, (), False, 15, [], id="as many as are allowed"),
        pytest.param(10, False, LOCKED, False, 15, [Severity.CRITICAL], id="while Prisma's lock is held"),
        pytest.param(10, False, (), True, 15, [Severity.CRITICAL], id="while a young migration runs"),
        pytest.param(10, False, (), False, 15, [], id="without a deployment"),
        pytest.param(10, False, (), False, 0, [Severity.WARNING], id="without a deployment, for long"),
    ],
)
def test_a_queue_during_a_deployment_is_critical_at_once(
    queue_alert: int,
    deploying: bool,
    locked: tuple[LockSession, ...],
    young: bool,
    patience: int,
    expected: list[Severity],
) -> None:
    unfinished = (row("1", finished=False, minutes_ago=1),) if young else ()
    seen = reading(*unfinished, activity=Activity(locked, (QUEUE,), True))
    given = facts(release("1"), seen)
    target = replace(given.target, queue_alert=queue_alert, patience=timedelta(minutes=patience))
    found = outcome_of("activity", replace(given, target=target, deploying=deploying)).findings
    blocking = [each for each in found if each.code == "session-blocking"]
    assert [each.severity for each in blocking] == expected
    if expected == [Severity.CRITICAL]:
        assert blocking[0].summary == (
            "Session 9 of psql (ops) has blocked 14 other sessions for 6 s; "
            "12 of them have waited for longer than 5 s (max_block)."
        )


def test_activity_words() -> None:
    held = outcome_of(
        "activity", facts(release("1"), reading(activity=Activity((lock(),), (blocker(60),), True)))
    ).findings
    assert [finding.summary for finding in held] == [
        "Session 7 of prisma (deployer) holds Prisma's migration lock, connected for 20 min: no other deploy can start.",
        "Session 9 of psql (ops) has blocked 3 other sessions for 60 min.",
    ]
    assert [finding.evidence["by"] for finding in held] == [
        [{"pid": 7, "role": "deployer", "application": "prisma", "holds": True}],
        [{"pid": 9, "role": "ops", "application": "psql", "holds": True}],
    ]
    began = "2026-11-22 08:45:00+00"
    one = replace(lock(), since=began, state="idle")
    unfinished = row("1", finished=False, logs="ERROR", minutes_ago=60)
    psql = 'psql "${DATABASE_URL%%\\?*}" -c "SELECT'
    which = f"FROM pg_stat_activity WHERE pid = 7 AND backend_start = '{began}'\""
    (stuck,) = outcome_of(
        "activity", facts(release("1"), reading(unfinished, activity=Activity((one,), (), True)))
    ).findings
    assert [step.command for step in stuck.remedy] == [
        None, f"{psql} pg_cancel_backend(pid) {which}", f"{psql} pg_terminate_backend(pid) {which}",
    ]  # fmt: skip
    (leaked,) = outcome_of("activity", facts(release("1"), reading(activity=Activity((one,), (), True)))).findings
    assert "leaked through a connection pool" in leaked.summary
    assert leaked.remedy[0].text == "Deploy over port 5432, never through a pool."
    assert "leaked" not in stuck.summary


@pytest.mark.parametrize(("seconds", "found"), [(29, 0), (30, 1)])
def test_who_has_just_begun_to_wait_is_no_finding(seconds: int, found: int) -> None:
    waiter = replace(lock(granted=False), waiting_for=timedelta(seconds=seconds))
    running = row("1", finished=False, minutes_ago=1)
    context = facts(release("1"), reading(running, activity=Activity((lock(), waiter), (), True)))
    assert len(outcome_of("activity", context).findings) == found


@pytest.mark.parametrize(
    ("privileges", "powers"),
    [
        pytest.param(READ_ONLY, None, id="read only"),
        pytest.param(Privileges("r", True, True, ("public.users",), 1), "is a superuser", id="superuser"),
        pytest.param(Privileges("r", False, True, (), 0), "may create objects in the schema", id="creates"),
        pytest.param(Privileges("r", False, False, ("public.users",), 1), "may write to public.users", id="one table"),
        pytest.param(Privileges("r", False, False, ("a.b", "a.c"), 9), "may write to a.b, a.c and 7 more tables", id="many tables"),
    ],
)  # fmt: skip
def test_privileges(privileges: Privileges, powers: str | None) -> None:
    findings = outcome_of("privileges", facts(release("1"), reading(privileges=privileges))).findings
    assert [finding.actual for finding in findings] == ([] if powers is None else [powers])
    assert {finding.severity for finding in findings} <= {Severity.WARNING}


def test_a_command_for_a_session_comes_with_the_preparation_of_the_shell() -> None:
    asked = facts(
        release("1"),
        reading(activity=Activity((lock(),), (blocker(60),), True)),
        remedy=RemedySettings(before=("export DATABASE_URL=x",)),
    )
    for finding in outcome_of("activity", asked).findings:
        assert finding.remedy[0].command == "export DATABASE_URL=x"


@pytest.mark.parametrize("check", ["seeds", "activity", "privileges"])
def test_without_a_database_nothing_is_known(check: str) -> None:
    assert outcome_of(check, facts(release("1"), Unavailable("db:5432 refused"))) == CheckOutcome(
        (), Unavailable("db:5432 refused")
    )


def test_a_cause_is_found_by_the_tables_that_a_migration_names() -> None:
    folders = EndpointExpectation("folders", "https://api/", tables=("folders",))
    other = EndpointExpectation("other", "https://api/", tables=("other",))
    context = facts(
        release("1", "folders"),
        reading(row("1", finished=False, logs="x"), seeds=(SeedCount(SIX, 2),)),
        Probe(folders, (answer(500),)),
        Probe(other, (answer(500),)),
    )
    diagnosis = diagnose(context)
    findings = [finding for check in CHECKS for finding in run_check(check, context, diagnosis).findings]
    causes = {finding.key: finding.because for finding in with_causes(findings, context, diagnosis)}
    assert script("folders") == b'CREATE TABLE "folders" ();\n'
    assert causes == {
        "migration-failed:1": (),
        "migration-pending:folders": (Cause("migration-failed:1", certain=True),),
        "seed-missing:users": (Cause("migration-failed:1", certain=False),),
        "endpoint-status:folders": (Cause("migration-pending:folders", certain=False),),
        "endpoint-status:other": (),
    }


class TestStale:
    STALE = replace(
        release("1"), version="v1", place="example/app", stale=Stale(NOW - timedelta(hours=3), "GitHub: 503")
    )

    def test_that_a_kept_release_stands_in_is_said(self) -> None:
        (finding,) = outcome_of("history", facts(self.STALE, reading(row("1")))).findings
        assert (finding.key, finding.severity) == ("release-stale:example/app", Severity.WARNING)
        assert finding.summary == (
            "The release cannot be read: GitHub: 503. "
            "The database is compared with v1, as read 3 h ago; a newer release is not noticed."
        )

    def test_a_fresh_one_is_no_matter(self) -> None:
        assert keys("history", facts(replace(self.STALE, stale=None), reading(row("1")))) == []

    def test_without_a_database_it_is_said_all_the_same(self) -> None:
        context = facts(self.STALE, Unavailable("no answer"))
        outcome = run_check(CHECKS[0], context, diagnose(context))
        assert [finding.code for finding in outcome.findings] == ["release-stale"]
        assert outcome.unknown == Unavailable("no answer")

    def test_what_was_migrated_ahead_may_be(self) -> None:
        context = facts(
            release("1"),
            reading(row("1"), row("2")),
            ahead=replace(self.STALE, migrations=release("1", "2").migrations),
        )
        assert "release-stale" not in [
            finding.code for finding in run_check(CHECKS[0], context, diagnose(context)).findings
        ]

    def test_as_long_as_it_lasts_it_is_one_incident(self) -> None:
        later = replace(self.STALE, stale=Stale(NOW - timedelta(hours=5), "GitHub: no answer"))
        first, then = (outcome_of("history", facts(each, reading(row("1")))).findings for each in (self.STALE, later))
        assert digest_of(first) == digest_of(then)
