"""What people receive: its words, what is seen at first sight, and what must not appear."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.alerts.channels.email.mail import as_html
from shared.alerts.channels.teams.card import as_teams_post
from shared.alerts.messages import compose, crash, poisoned, sample
from shared.alerts.messages.fit import fitting, shortened
from shared.alerts.messages.fold import FIRST_SIGHT, Draft, folded
from shared.alerts.messages.marks import title
from shared.alerts.messages.parts import headline, moment, plain_name, sentence, span
from shared.alerts.messages.text import FOLD, as_plain_text
from shared.model.alerts import AlertSettings
from shared.model.finding import Finding, Severity, Step
from shared.model.message import Item, Kind, Message, Section, Span
from shared.model.news import Decision, News, OpenIncident, Why
from shared.model.report import Coverage
from tests.alerts import news
from tests.alerts.news import ALERTS, BEGAN, BROKEN, ERROR, EVERYTHING, FAILED, MESSAGES, decided, report
from tests.report.sample import HOSTILE

GOLDEN = Path(__file__).parent / "golden" / "messages"


FORMS: dict[str, Callable[[Message], str]] = {
    "txt": as_plain_text,
    "html": as_html,
    "json": lambda message: json.dumps(json.loads(as_teams_post(message)), indent=1, ensure_ascii=False) + "\n",
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("name", MESSAGES)
def test_golden(name: str, form: str, request: pytest.FixtureRequest) -> None:
    path = GOLDEN / f"{name.replace(' ', '_')}.{form}"
    rendered = FORMS[form](MESSAGES[name]())
    if request.config.getoption("--update-golden"):
        path.parent.mkdir(exist_ok=True)
        path.write_text(rendered, encoding="utf-8")
    assert rendered == path.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", MESSAGES)
def test_what_matters_is_seen_at_first_sight(name: str) -> None:
    message = MESSAGES[name]()
    above = as_plain_text(message).partition(FOLD)[0].strip().splitlines()
    # What prepares the shell comes on top of the first command that fixes something.
    names = [place for place, line in enumerate(above) if line.startswith("▸ ")]
    assert (names[1] if names[1:] else 0) <= FIRST_SIGHT + 7
    assert len(above) <= FIRST_SIGHT + (20 if message.targets else 14)
    assert len(max(above[:1], key=len)) <= 260
    command = first_command(message)
    assert command is None or above.index(command) < FIRST_SIGHT


def first_command(message: Message) -> str | None:
    """The line of the plain text with which the first command of a fix begins."""
    fix = [item.command for section in message.sections if section.title == "FIX" for item in section.items]
    command = next((each for each in fix if each is not None), None)
    if command is None:
        return None
    return f"{'' if '<<' in command else ' ' * 14}{command.splitlines()[0]}"


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("predicted", Kind.INCIDENT),
        ("opened", Kind.INCIDENT),
        ("changed", Kind.INCIDENT),
        ("fixed", Kind.RESOLVED),
        ("works again", Kind.RESOLVED),
        ("cannot check", Kind.CANNOT_CHECK),
        ("reminder", Kind.REMINDER),
        ("weekly", Kind.WEEKLY),
        ("crash", Kind.CRASH),
        ("test", Kind.TEST),
    ],
)
def test_kinds(name: str, kind: Kind) -> None:
    assert MESSAGES[name]().kind is kind


@pytest.mark.parametrize("name", ["cannot check", "crash", "given up"])
def test_not_to_see_is_never_an_all_clear(name: str) -> None:
    message = MESSAGES[name]()
    assert "This is NOT an all-clear." in message.headline
    assert "✅" not in as_plain_text(message)


def test_a_reminder_of_an_unknown_check_is_no_all_clear_either() -> None:
    now = news.after(hours=9)
    decisions = news.unknown_checks(Why.REMINDER, "history", since=BEGAN, notified=1)
    message = compose(News(report(at=now, no_result=news.UNREACHABLE), decisions), ALERTS, now)
    assert message.kind is Kind.CANNOT_CHECK
    assert message.headline == (
        "production: still cannot check history, seeds and activity, since 09:45 UTC. This is NOT an all-clear."
    )


@pytest.mark.parametrize(
    ("found", "mark", "style", "headline"),
    [
        pytest.param((), "✅", "good", "production: checks work again, after 1 h.", id="in step"),
        pytest.param((news.RULE,), "✅", "good", "production: checks work again, after 1 h.", id="a warning"),
        pytest.param(
            (news.USERS, news.RULE),
            "⛔",
            "attention",
            "production: checks work again, after 1 h: 1 critical, 1 warning.",
            id="broken",
        ),
    ],
)
def test_what_is_seen_again_is_green_only_where_nothing_critical_is_seen(
    found: tuple[Finding, ...], mark: str, style: str, headline: str
) -> None:
    now = news.after(hours=1)
    decisions = news.unknown_checks(Why.WORKS_AGAIN, "history", since=BEGAN, notified=1)
    message = compose(News(report(*found, at=now), decisions), ALERTS, now)
    assert title(message) == f"{mark} {headline}"
    assert f'"Container","style":"{style}"' in as_teams_post(message).decode()
    assert ("#1a7f37" in as_html(message)) == (mark == "✅")


def test_what_is_only_no_longer_watched_is_not_green() -> None:
    now = news.after(hours=1)
    gone = decided(Why.RESOLVED, news.USERS, notified=1, because="it is no longer watched")
    alone = compose(News(report(at=now), gone), ALERTS, now)
    assert title(alone) == "⚠️ production: seed rows missing (users): it is no longer watched, after 1 h"
    beside = compose(News(report(at=now), (*decided(Why.RESOLVED, FAILED, notified=1), *gone)), ALERTS, now)
    assert title(beside).startswith("⚠️ ")
    shown = {section.title: [item.text for item in section.items] for section in beside.sections}
    assert shown["CLOSED"] == ["seed rows missing (users): it is no longer watched, after 1 h (since 09:45 UTC)."]
    assert [BROKEN in text for text in shown["FIXED"]] == [True]


@pytest.mark.parametrize(
    ("left", "first_line"),
    [
        (news.USERS, f"⛔ production: 1 incident still open; resolved after 1 h: {FAILED.incident}"),
        (news.RULE, f"✅ production: resolved after 1 h: {FAILED.incident}; 1 incident still open"),
    ],
    ids=["critical", "warning"],
)
def test_what_is_left_comes_first_where_it_is_critical(left: Finding, first_line: str) -> None:
    now, known = news.after(hours=1), (OpenIncident(left.incident, left.severity, BEGAN),)
    resolved = News(report(left, at=now), decided(Why.RESOLVED, FAILED, notified=1), known)
    assert title(compose(resolved, ALERTS, now)) == first_line


def test_one_message_says_all_that_happened_in_a_run() -> None:
    decisions = (
        *decided(Why.OPENED, news.USERS),
        *decided(Why.RESOLVED, FAILED, notified=1),
        *decided(Why.REMINDER, news.RULE, notified=2),
    )
    now = news.after(hours=1)
    message = compose(News(report(news.USERS, news.RULE, at=now), decisions), ALERTS, now)
    assert message.kind is Kind.INCIDENT
    assert message.headline == "production: seed rows missing (users), since 09:45 UTC; 1 resolved"
    titles = [section.title for section in message.sections if not section.folded]
    assert titles == ["PROBLEM", "FIX", "FIXED", "STILL OPEN", "OPTIONS", "SKIPPED"]
    assert message.severities == (Severity.CRITICAL, Severity.WARNING)
    assert len(message.threads) == 3


def test_an_unknown_check_beside_an_incident_is_in_the_message() -> None:
    now = BEGAN
    decisions = decided(Why.OPENED, news.FOLDERS)
    message = compose(News(report(news.FOLDERS, at=now, no_result="no answer"), decisions), ALERTS, now)
    texts = {section.title: [item.text for item in section.items] for section in message.sections}
    assert texts["NOT CHECKED"] == ["history, seeds and activity: no answer."]
    assert texts["SKIPPED"] == ["schema: not configured, or switched off."]


@pytest.mark.parametrize(
    ("decision", "expected"),
    [
        pytest.param(
            Decision(news.RULE.incident, Why.FLAPPING, Severity.WARNING, BEGAN, (news.RULE,), 3, "it was flapping, 3 times within a day"),
            "It was flapping, 3 times within a day: The firewall rule",
            id="gone at this moment",
        ),
    ],
)  # fmt: skip
def test_an_incident_without_a_finding_is_in_the_message(decision: Decision, expected: str) -> None:
    message = compose(News(report(at=BEGAN), (decision,)), ALERTS, BEGAN)
    [what] = [section for section in message.sections if section.title == "WHAT"]
    assert what.items[0].text.startswith(expected)


@pytest.mark.parametrize(
    ("decision", "expected"),
    [
        (Decision(FAILED.incident, Why.SILENCE_ENDED, Severity.CRITICAL, BEGAN, (FAILED,), 1, "the silence of ada is over"), "The silence of ada is over: "),
        (Decision(FAILED.incident, Why.SILENCE_ENDED, Severity.CRITICAL, BEGAN, (FAILED,), 1), "Its silence ended: "),
        (Decision(FAILED.incident, Why.CHANGED, Severity.CRITICAL, BEGAN, (FAILED,), 1), "Changed: "),
        (Decision(FAILED.incident, Why.OPENED, Severity.CRITICAL, BEGAN, (FAILED,)), BROKEN),
    ],
)  # fmt: skip
def test_why_it_is_sent(decision: Decision, expected: str) -> None:
    message = compose(News(report(FAILED, at=BEGAN), (decision,)), ALERTS, BEGAN)
    assert message.sections[0].items[0].text.startswith(expected)


def test_a_known_cause_is_shown_as_known() -> None:
    """What changed comes first, and what it is possibly related to is known, with its steps below."""
    message = news.changed()
    assert message.sections[0].items[0].text.startswith("Changed: users holds 0 rows")
    [cause] = [section for section in message.sections if section.title == "CAUSE"]
    assert cause.items[0].text.startswith(f"Known already: {BROKEN}")
    [steps] = [section for section in message.sections if section.about == cause.about and section.title == "FIX"]
    assert steps.folded


@pytest.mark.parametrize("allowed", [True, False])
def test_the_databases_own_error_line_only_where_the_settings_allow(allowed: bool) -> None:
    alerts = replace(ALERTS, error_lines=allowed)
    sent = [
        compose(News(report(*EVERYTHING, at=BEGAN), decided(why, *EVERYTHING, notified=1)), alerts, BEGAN)
        for why in (Why.OPENED, Why.CHANGED, Why.REMINDER)
    ]
    left = compose(News(report(FAILED, at=BEGAN), decided(Why.RESOLVED, news.USERS)), alerts, BEGAN)
    texts = [as_plain_text(message).replace("\n" + " " * 12, " ") for message in (*sent[:2], left)]
    assert [ERROR in text for text in texts] == [allowed] * 3
    assert ["SQLSTATE 23502" in text for text in texts] == [True] * 3
    in_words = "failed on 2025-09-05 at 09:41 UTC: folders.project_id: a column that must not be NULL holds NULL"
    assert [in_words in text for text in texts] == [not allowed] * 3
    command = f"migration-monitor explain {BROKEN} --target production"
    assert [command in text for text in texts] == [not allowed, not allowed, False]


def test_a_hostile_name_can_neither_move_the_cursor_nor_write_the_page() -> None:
    message = compose(News(report(HOSTILE, at=BEGAN), decided(Why.OPENED, HOSTILE)), ALERTS, BEGAN)
    text = as_plain_text(message)
    assert "\x1b" not in text
    assert "\u202e" not in text


def test_of_an_exception_only_class_and_place_are_sent() -> None:
    message = crash("production", "OperationalError", "shared/run/pipeline.py:80", ALERTS, BEGAN)
    assert message.sections[0].items[0].text == "OperationalError in shared/run/pipeline.py:80, at 09:45 UTC."
    assert message.severities == (Severity.CRITICAL,)
    assert poisoned("production", ALERTS, BEGAN).severities == (Severity.CRITICAL,)


def test_a_sample_is_marked_and_goes_wherever_it_is_sent() -> None:
    message = sample("team", AlertSettings(), BEGAN)
    assert message.headline.startswith("TEST ")
    assert message.severities == ()
    assert message.links == ()


def test_the_same_message_has_the_same_id_however_late_it_comes() -> None:
    assert news.late().id == news.opened().id
    assert news.opened().id != news.changed().id


def texts_of(sections: tuple[Section, ...], *, folded: bool) -> list[str]:
    return [f"{s.title}: {item.text}" for s in sections if s.folded is folded for item in s.items]


def said(number: int, *, command: str | None = None) -> tuple[Item, ...]:
    return tuple(Item((Span(f"item {n}"),), command) for n in range(number))


@pytest.mark.parametrize(
    ("items", "above", "below"),
    [
        pytest.param(2, 2, 0, id="all fits"),
        pytest.param(40, FIRST_SIGHT - 2, 28, id="more than fits: the last line counts the rest"),
    ],
)
def test_folding(items: int, above: int, below: int) -> None:
    sections = folded([Draft("FIXED", said(items))])
    assert len(texts_of(sections, folded=False)) == above
    assert len(texts_of(sections, folded=True)) == below


@pytest.mark.parametrize("many", [1, 3, 5, 6, 40])
def test_what_is_open_is_never_folded_and_leaves_the_first_screen_to_the_fix(many: int) -> None:
    drafts = [
        Draft("PROBLEMS", said(many), most=4, open=True),
        Draft("FIX", said(3, command="a\nb"), steps=True),
        Draft("NOT CHECKED", said(many), most=4, open=True),
    ]
    sections = folded(drafts)
    shown = texts_of(sections, folded=False)
    for name in ("PROBLEMS", "NOT CHECKED"):
        assert [f"{name}: item {n}" for n in range(many)] == [t for t in shown if t.startswith(f"{name}: item")]
    assert shown.index("FIX: item 0") <= 6
    assert not [text for text in texts_of(sections, folded=True) if not text.startswith("NEXT STEPS: ")]


def test_no_section_goes_without_a_line() -> None:
    long = tuple(Item((Span("word " * 40),)) for _ in range(9))
    sections = folded([Draft(title, long) for title in "ABCDEFGHIJKLM"])
    above = [section for section in sections if not section.folded]
    assert [section.title for section in above] == list("ABCDEFGHIJKLM")
    assert all(section.items[0] == long[0] for section in above)


def test_what_is_aside_makes_space() -> None:
    drafts = [
        Draft("PROBLEMS", said(6)),
        Draft("OLD", said(6), aside=True),
        Draft("FIX", said(6)),
        Draft("OLDER", said(6), aside=True),
    ]
    sections = [(section.title, len(section.items), section.folded) for section in folded(drafts)]
    assert sections == [("PROBLEMS", 6, False), ("FIX", 6, False), ("OLD", 6, True), ("OLDER", 6, True)]
    assert not any(section.folded for section in folded([drafts[0], drafts[3]]))


@pytest.mark.parametrize(
    ("commands", "shown"),
    [
        pytest.param(["a\nb\nc"] * 6, 3, id="as many as fit"),
        pytest.param([None, None, "a\n" * 30, "b"], 3, id="the first command, however long"),
        pytest.param([None] * 30, 12, id="no command"),
    ],
)
def test_steps_that_do_not_fit_are_below_whole_and_in_order(commands: list[str | None], shown: int) -> None:
    steps = tuple(Item((Span(f"Step {n}."),), command) for n, command in enumerate(commands))
    above, below = folded([Draft("FIX", steps, steps=True)])
    assert above.items[:-1] == steps[:shown]
    left = len(commands) - shown
    assert above.items[-1].text == (f"The next {left} steps are below." if left > 1 else "The next step is below.")
    assert (below.title, below.folded, below.items) == ("NEXT STEPS", True, steps[shown:])


def test_what_is_said_of_a_finding_stands_under_its_name() -> None:
    one, other = (Span("one"),), (Span("other"),)
    drafts = [
        Draft("PROBLEMS", said(9), most=4, open=True, about=one),
        Draft("FIX", said(9, command="a"), steps=True, about=one),
        Draft("PROBLEMS", said(2), open=True, about=other),
        Draft("FIX", said(9, command="b"), steps=True, aside=True, about=other),
        Draft("NOT CHECKED", said(1), open=True),
    ]
    sections = [(section.about, section.title, section.folded) for section in folded(drafts)]
    assert sections == [
        (one, "PROBLEMS", False),
        (one, "FIX", False),
        (one, "PROBLEMS", False),
        (other, "PROBLEMS", False),
        ((), "NOT CHECKED", False),
        (one, "NEXT STEPS", True),
        (other, "FIX", True),
    ]


def test_each_finding_has_its_problem_its_impact_and_its_steps_under_its_name() -> None:
    """Only what certainly follows from a cause is under its name: it ends with the steps of the cause."""
    message = news.opened()
    failed, users = f"Migration {BROKEN} failed", "Seed rows missing (users)"
    titles: dict[str, list[str]] = {}
    for name, sections in message.groups(folded=False):
        titles["".join(span.text for span in name)] = [section.title for section in sections]
    assert titles == {
        failed: ["CAUSE", "BLOCKED", "IMPACT", "FIX"],
        users: ["PROBLEM", "FIX"],
        "": ["SKIPPED", "NEXT CHECK"],
    }
    for section in message.sections:
        about = "".join(span.text for span in section.about)
        texts = " ".join(f"{item.text} {item.command}" for item in section.items)
        assert ("npx prisma db seed" in texts) == (about == users and section.title == "FIX"), section
        assert ("resolve --" in texts) <= (about == failed), section
        assert ("GET /api/folders" in texts) == (about == failed and section.title == "IMPACT"), section


def test_findings_that_are_alike_and_not_listed_are_counted() -> None:
    """A report lists the first 8 of 30 that are alike; a message names them and says how many there are."""
    names = [f"202509{number:02}_x" for number in range(1, 31)]
    waiting = [news.pending(name) for name in names]
    message = compose(News(report(FAILED, *waiting, at=BEGAN), decided(Why.OPENED, FAILED, *waiting)), ALERTS, BEGAN)
    [blocked] = [section for section in message.sections if section.title == "BLOCKED"]
    assert blocked.items[0].text == f"30 later migrations: {', '.join(names[:5])} and 25 more."
    deploy = (Step("Apply them.", "npx prisma migrate deploy"),)
    alone = [replace(each, because=(), remedy=deploy) for each in waiting]
    message = compose(News(report(*alone, at=BEGAN), decided(Why.OPENED, *alone)), ALERTS, BEGAN)
    problems = [item.text for s in message.sections if s.title == "PROBLEMS" for item in s.items]
    assert len([text for text in problems if "never applied" in text]) == 8
    assert "… and 22 more migration-pending" in problems[-1]


NOW = news.after(hours=1)
GONE = "it was flapping, 3 times within a day"
ANYTHING = [
    *decided(Why.OPENED, *EVERYTHING[:3]),
    *decided(Why.CHANGED, news.DRIFT),
    *decided(Why.RESOLVED, replace(news.FOLDERS, subject="x"), replace(news.FOLDERS, subject="y")),
    *decided(Why.REMINDER, news.RULE, notified=2),
    *news.unknown_checks(Why.CANNOT_CHECK, "history", "seeds", since=BEGAN),
    *news.unknown_checks(Why.WORKS_AGAIN, "schema", since=BEGAN),
    Decision(
        "deployment", Why.VERIFY, Severity.CRITICAL, BEGAN, (), 0, "The deployment was announced and never verified"
    ),
    Decision("endpoint-slow:z", Why.FLAPPING, Severity.WARNING, BEGAN, (), 3, GONE),
]
KNOWN = OpenIncident(news.USERS.incident, Severity.CRITICAL, BEGAN, news.SILENCE)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.sampled_from(ANYTHING), min_size=1, unique_by=lambda decision: decision.incident),
    st.sampled_from([(), (KNOWN,)]),
    st.sampled_from([(), ("The monitor has lost its memory.",)]),
    st.sampled_from([None, news.UNREACHABLE]),
)
def test_whatever_comes_together_what_matters_is_seen_at_first_sight(
    decisions: list[Decision], known: tuple[OpenIncident, ...], notes: tuple[str, ...], no_result: str | None
) -> None:
    found = (*EVERYTHING, news.RULE, news.DRIFT)
    message = compose(
        News(report(*found, at=NOW, no_result=no_result), tuple(decisions), known, NOW, notes), ALERTS, NOW
    )
    above, _, below = as_plain_text(message).partition(FOLD)
    command = first_command(message)
    assert command is None or above.splitlines().index(command) < FIRST_SIGHT + 9
    sent = " ".join((above + below).split())
    assert all(item.text in sent for section in message.sections for item in section.items)
    for section in message.sections:
        is_open = section.title == "NOT CHECKED" or any(item.severity is not None for item in section.items)
        assert not (section.folded and is_open), section


def test_shortening_leaves_whole_items_out_and_counts_them() -> None:
    message = replace(news.opened(), sections=(section("A", 3), section("B", 3), section("C", 2)))
    kept = shortened(message, 4)
    assert [(s.title, len(s.items), s.more) for s in kept.sections] == [("A", 3, 0), ("B", 1, 2), ("C", 0, 2)]
    assert fitting(message, lambda m: sum(len(s.items) for s in m.sections) <= 4) == kept
    assert fitting(message, lambda m: True) == message
    assert [len(s.items) for s in fitting(message, lambda m: False).sections] == [0, 0, 0]


def test_what_is_left_out_of_a_finding_is_counted_under_its_name_and_no_name_stands_alone() -> None:
    one, other, last = ((Span(name),) for name in ("one", "other", "last"))
    parts = [("CAUSE", 2, one), ("FIX", 2, one), ("PROBLEM", 1, other), ("FIX", 1, other), ("PROBLEM", 1, last)]
    sections = [replace(section(title, items), about=about) for title, items, about in parts]
    below = [replace(section("NEXT STEPS", 2), about=about, folded=True) for about in (one, other)]
    message = replace(news.opened(), sections=(*sections, *below))
    for keep, expected in [
        (8, [("CAUSE", 2, 0), ("FIX", 2, 0), ("PROBLEM", 1, 0), ("FIX", 1, 2), ("PROBLEM", 1, 0), ("NEXT STEPS", 1, 1)]),
        (5, [("CAUSE", 2, 0), ("FIX", 2, 2), ("PROBLEM", 1, 3), ("NOT LISTED", 0, 1)]),
        (1, [("CAUSE", 1, 5), ("NOT LISTED", 0, 2)]),
    ]:  # fmt: skip
        assert [(s.title, len(s.items), s.more) for s in shortened(message, keep).sections] == expected


def section(title: str, items: int) -> Section:
    return Section(title, tuple(Item((Span(f"{title}{n}"),)) for n in range(items)))


@pytest.mark.parametrize(
    ("text", "names", "code"),
    [
        ("20250904_fix_folders failed", (), ["20250904_fix_folders"]),
        ("no table _prisma_migrations in public", (), ["_prisma_migrations"]),
        ("users holds 2 rows", ("users",), ["users"]),
        ("superusers hold users' rows", ("users",), ["users"]),
        ("export DATABASE_URL first", (), ["DATABASE_URL"]),
        ("GET /api/a_b/c: slow", (), ["/api/a_b/c"]),
        ("nothing here", ("",), []),
        ("a.* and [b]", ("a.*", "[b]"), ["a.*", "[b]"]),
    ],
)
def test_names_are_code(text: str, names: tuple[str, ...], code: list[str]) -> None:
    spans = sentence(text, *names)
    assert [span.text for span in spans if span.code] == code
    assert "".join(span.text for span in spans) == text


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(-1, "0 s"), (40, "40 s"), (720, "12 min"), (3600, "1 h"), (12000, "3 h 20 min"), (86400, "1 day"), (187200, "2 days 4 h")],
)  # fmt: skip
def test_spans_of_time(seconds: int, words: str) -> None:
    assert span(timedelta(seconds=seconds)) == words


def test_moments() -> None:
    assert moment(BEGAN, BEGAN) == "09:45 UTC"
    assert moment(BEGAN, BEGAN + timedelta(days=1)) == "2025-09-05 09:45 UTC"


def test_incidents_by_name() -> None:
    assert plain_name("migration 2025_x") == "migration 2025_x"
    assert plain_name("seed-missing:users") == "seed rows missing (users)"


def test_a_headline_is_one_line_of_bearable_length() -> None:
    assert headline("a\nb") == "a b"
    assert len(headline("x" * 500)) == 200


def test_a_remedy_that_several_findings_share_is_written_once() -> None:
    shared = Step("Deploy.", "npx prisma migrate deploy")
    two = [
        Finding("migration-pending", f"2025_{n}", Severity.CRITICAL, f"2025_{n} is pending.", remedy=(shared,))
        for n in range(2)
    ]
    message: Message = compose(News(report(*two, at=BEGAN), decided(Why.OPENED, *two)), ALERTS, BEGAN)
    [fix] = [s for s in message.sections if s.title == "FIX"]
    assert [item.command for item in fix.items] == ["npx prisma migrate deploy"]


def test_what_the_settings_accept_is_counted_in_a_message() -> None:
    coverage = Coverage(3, {}, {}, 1, (), expired={"schema-missing:index public.b": "2025-09-04"})
    found = replace(report(FAILED, at=BEGAN), coverage=coverage)
    message = compose(News(found, decided(Why.OPENED, FAILED)), ALERTS, BEGAN)
    [accepted] = [section for section in message.sections if section.title == "ACCEPTED"]
    assert [item.text for item in accepted.items] == [
        "Accepted in the settings: 1 finding; expired: schema-missing:index public.b (on 2025-09-04)."
    ]
    assert not any(section.title == "ACCEPTED" for section in news.opened().sections)
