"""Slack against a local server that answers as its Web API does: errors within a 200, pauses, threads."""

import json
import logging
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.alerts.channels.slack.blocks import (
    LONGEST_HEADER,
    LONGEST_MESSAGE,
    LONGEST_TEXT,
    MOST_BLOCKS,
    as_slack_message,
    escaped,
)
from shared.alerts.channels.slack.settings import SlackChannel
from shared.alerts.delivery.deliver import Delivery, deliver
from shared.alerts.messages import sample
from shared.model.alerts import AlertSettings
from shared.model.finding import Severity
from shared.model.message import Change, Event, Handle, Item, Message, Section, Span
from shared.model.setting_types import Secret
from tests.alerts.news import ALERTS, BEGAN, opened
from tests.gather.servers import Reply, Request, http_server
from tests.patience import HALF_A_MINUTE

TOKEN = "xoxb-hunter2-of-the-bot"  # of nobody
CONVERSATION = "C0123456789"
LIMITED = Reply(429, b'{"ok": false, "error": "ratelimited"}', {"Retry-After": "7"})


@dataclass
class Workspace:
    """Takes what is posted, in order; *errors* are its next answers instead."""

    errors: list[str | Reply] = field(default_factory=list)
    posts: list[dict[str, Any]] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)

    def __call__(self, request: Request) -> Reply:
        assert request.path == "/api/chat.postMessage"
        self.headers = request.headers
        error = self.errors.pop(0) if self.errors else None
        if isinstance(error, Reply):
            return error
        if error is not None:
            return Reply(200, json.dumps({"ok": False, "error": error}).encode())
        document = json.loads(request.body)
        self.posts.append(document)
        answer = {"ok": True, "channel": document["channel"], "ts": f"17.{len(self.posts)}", "message": document}
        return Reply(200, json.dumps(answer).encode())


@pytest.fixture(autouse=True)
def nothing_secret_is_said(caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]) -> Iterator[None]:
    caplog.set_level(logging.DEBUG)
    yield
    out, err = capfd.readouterr()
    assert "hunter2" not in caplog.text + out + err


def channel(port: int) -> SlackChannel:
    return SlackChannel(
        "slack",
        token=Secret("env:SLACK", TOKEN),
        channel=CONVERSATION,
        endpoint=f"http://127.0.0.1:{port}/api",
        timeout=HALF_A_MINUTE,
        tries=2,
    )


def sent(message: Message, workspace: Workspace, *, waits: list[float] | None = None) -> Delivery:
    pauses: list[float] = [] if waits is None else waits
    with http_server(workspace) as (port, _):
        [delivery] = deliver(message, [channel(port)], sleep=pauses.append)
    assert "hunter2" not in repr(delivery)
    return delivery


def about(*incidents: tuple[str, Change], known: Mapping[str, str] | None = None) -> Message:
    """A message about *incidents*; of those *known* the conversation has a thread."""
    events = tuple(Event(name, change, Severity.CRITICAL, BEGAN, f"{name} thread") for name, change in incidents)
    handles = tuple(Handle("slack", f"{name} thread", f"{CONVERSATION}/{ts}") for name, ts in (known or {}).items())
    return replace(opened(), events=events, threads=tuple(each.thread for each in events), handles=handles)


def posts(workspace: Workspace) -> list[tuple[str | None, bool | None, bool]]:
    """Of each post its thread, whether the channel sees it too, and whether it is the whole message."""
    return [(p.get("thread_ts"), p.get("reply_broadcast"), "blocks" in p) for p in workspace.posts]


def test_what_is_posted() -> None:
    workspace = Workspace()
    assert sent(opened(), workspace).said == "Slack took the message"
    [post] = workspace.posts
    assert workspace.headers["authorization"] == f"Bearer {TOKEN}"
    assert workspace.headers["content-type"] == "application/json; charset=utf-8"
    metadata = post.pop("metadata")
    assert metadata == {"event_type": "migration_monitor_message", "event_payload": {"id": opened().id}}
    assert post == {
        "channel": CONVERSATION, "unfurl_links": False, "unfurl_media": False, **as_slack_message(opened()),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("incidents", "known", "expected", "handles"),
    [
        pytest.param([("a", Change.OPENED)], {}, [(None, None, True)], {"a": "1"}, id="begins a thread"),
        pytest.param(
            [("a", Change.OPENED), ("b", Change.OPENED)], {}, [(None, None, True)], {"a": "1", "b": "1"}, id="of both"
        ),
        pytest.param([("a", Change.CHANGED)], {"a": "5.5"}, [("5.5", True, True)], {}, id="a change, in the thread"),
        pytest.param([("a", Change.RESOLVED)], {"a": "5.5"}, [("5.5", True, True)], {}, id="the end, in the thread"),
        pytest.param(
            [("a", Change.REMINDER)], {"a": "5.5"}, [("5.5", False, True)], {}, id="a reminder: the channel does not see it"
        ),
        pytest.param(
            [("a", Change.RESOLVED), ("b", Change.OPENED)],
            {"a": "5.5"},
            [(None, None, True), ("5.5", False, False)],
            {"b": "1"},
            id="a new one in the channel, and a line in the other's thread",
        ),
        pytest.param(
            [("a", Change.RESOLVED), ("b", Change.RESOLVED)],
            {"a": "5.5", "b": "6.6"},
            [("5.5", True, True), ("6.6", False, False)],
            {},
            id="two threads end",
        ),
        pytest.param(
            [("a", Change.RESOLVED), ("b", Change.RESOLVED)],
            {"a": "5.5", "b": "5.5"},
            [("5.5", True, True)],
            {},
            id="of one message: one thread",
        ),
    ],
)  # fmt: skip
def test_threads(
    incidents: list[tuple[str, Change]],
    known: dict[str, str],
    expected: list[tuple[str | None, bool | None, bool]],
    handles: dict[str, str],
) -> None:
    workspace = Workspace()
    delivery = sent(about(*incidents, known=known), workspace)
    assert delivery.taken
    assert posts(workspace) == expected
    assert delivery.handles == {f"{name} thread": f"{CONVERSATION}/17.{number}" for name, number in handles.items()}


def test_a_thread_of_another_conversation_or_channel_is_none_here() -> None:
    message = about(("a", Change.CHANGED))
    others = (Handle("slack", "a thread", "C9/5.5"), Handle("other", "a thread", f"{CONVERSATION}/5.5"))
    workspace = Workspace()
    sent(replace(message, handles=others), workspace)
    assert posts(workspace) == [(None, None, True)]


def test_a_thread_that_is_gone_begins_again() -> None:
    workspace = Workspace(errors=["thread_not_found"])
    delivery = sent(about(("a", Change.RESOLVED), known={"a": "5.5"}), workspace)
    assert posts(workspace) == [(None, None, True)]
    assert delivery.handles == {"a thread": f"{CONVERSATION}/17.1"}


def test_a_line_in_another_thread_that_fails_is_said_and_not_repeated() -> None:
    message = about(("a", Change.RESOLVED), ("b", Change.RESOLVED), known={"a": "5.5", "b": "6.6"})
    replies = iter([Reply(200, b'{"ok": true, "ts": "1.1"}'), Reply(503)])
    with http_server(lambda _request: next(replies)) as (port, seen):
        [delivery] = deliver(message, [channel(port)], sleep=lambda _seconds: None)
    assert delivery.taken
    assert delivery.said == (
        "Slack took the message in its thread; a reply in a thread failed: Slack answered 503 Service Unavailable"
    )
    assert len(seen) == 2


@pytest.mark.parametrize(
    ("errors", "expected", "waits"),
    [
        pytest.param([LIMITED], Delivery("slack", True, "Slack took the message"), [7], id="429 with a pause"),
        pytest.param([Reply(200, LIMITED.body, LIMITED.headers)], Delivery("slack", True, "Slack took the message"), [7], id="limited within a 200"),
        pytest.param(["invalid_auth"], Delivery("slack", False, "Slack refused: invalid_auth (the token is not valid)"), [], id="not let in"),
        pytest.param(["not_in_channel"], Delivery("slack", False, "Slack refused: not_in_channel (invite the app to the channel)"), [], id="not invited"),
        pytest.param(["Hunter2 <script>"], Delivery("slack", False, "Slack refused: an error"), [], id="no code of its own"),
        pytest.param(["internal_error"] * 2, Delivery("slack", False, "Slack refused: internal_error", passing=True), [None], id="away"),
        pytest.param([Reply(200, b"<html>")] * 2, Delivery("slack", False, "Slack gave an answer that is not one of its API", passing=True), [None], id="no JSON"),
        pytest.param([Reply(404)], Delivery("slack", False, "Slack answered 404 Not Found"), [], id="no such method"),
        pytest.param(
            ["msg_blocks_too_long"],
            Delivery("slack", True, "Slack refused: msg_blocks_too_long; a short message was sent instead: Slack took the message", abridged=True),
            [],
            id="about the message: a short one",
        ),
    ],
)  # fmt: skip
def test_answers(errors: list[str | Reply], expected: Delivery, waits: list[float | None]) -> None:
    paused: list[float] = []
    delivery = sent(sample("slack", ALERTS, BEGAN), Workspace(errors=list(errors)), waits=paused)
    assert delivery == expected
    assert len(paused) == len(waits)
    assert all(want is None or want == got for want, got in zip(waits, paused, strict=True))


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        (Reply(200, b"ok"), Delivery("hook", True, "Slack answered 200")),
        (Reply(410, b"channel_is_archived"), Delivery("hook", False, "Slack answered 410 Gone")),
        (Reply(403, b"action_prohibited"), Delivery("hook", False, "Slack answered 403 Forbidden")),
        (Reply(400, b"invalid_payload"), None),
    ],
    ids=["taken", "archived", "prohibited", "about the message"],
)
def test_an_incoming_webhook(reply: Reply, expected: Delivery | None) -> None:
    with http_server(lambda _request: reply) as (port, seen):
        hook = SlackChannel("hook", url=Secret("env:HOOK", f"http://127.0.0.1:{port}/services/hunter2"), tries=1)
        [delivery] = deliver(about(("a", Change.RESOLVED), known={"a": "5.5"}), [hook])
    if expected is None:
        assert delivery.never
    else:
        assert delivery == expected
    assert json.loads(seen[0].body) == as_slack_message(opened())
    assert "hunter2" not in repr(delivery)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a & b < c > d", "a &amp; b &lt; c &gt; d"),
        ("<!channel> <@U1>", "&lt;!channel&gt; &lt;@U1&gt;"),
        ("@here @channel @everyone a@b", "@\u2060here @\u2060channel @\u2060everyone a@b"),
        ("count(*) _x_ ~y~ `z`", "count(\u2060*) \u2060_x\u2060_ \u2060~y\u2060~ \u2060`z\u2060`"),
    ],
)
def test_nothing_is_taken_for_markup_or_a_mention(text: str, shown: str) -> None:
    assert escaped(text) == shown


TEXTS = st.text(st.sampled_from("ab<>&*_`~@\n \u00e4\U0001f600"), max_size=40) | st.sampled_from(
    ["x" * 5000, "&" * 4000, "<!channel>", "@here", "```", "SELECT 1;\n" * 500]
)
ITEMS = st.builds(
    Item,
    st.lists(st.builds(Span, TEXTS, st.booleans()), max_size=3).map(tuple),
    st.none() | TEXTS,
    st.none() | st.sampled_from(Severity),
)
SECTIONS = st.builds(
    Section, st.just("FIX <&>"), st.lists(ITEMS, max_size=5).map(tuple), st.integers(0, 3), st.booleans()
)


@settings(max_examples=40, deadline=None)
@given(TEXTS, st.lists(SECTIONS, max_size=7))
def test_limits_and_mentions_hold_for_any_message(headline: str, sections: list[Section]) -> None:
    message = replace(opened(), headline=headline, sections=tuple(sections))
    document: Any = as_slack_message(message)
    header, *blocks = document["blocks"]
    assert len(blocks) < MOST_BLOCKS
    assert len(header["text"]["text"]) <= LONGEST_HEADER
    texts = [block["text"]["text"] for block in blocks if "text" in block]
    assert all(0 < len(text) <= LONGEST_TEXT for text in texts)
    assert sum(map(len, texts)) <= LONGEST_MESSAGE
    for text in (document["text"], header["text"]["text"], *texts):
        without_links = re.sub(r"<https://[^<>|]*\|[^<>]*>", "", text)
        assert not re.search(r"[<>]|&(?!amp;|lt;|gt;)", without_links)


def test_without_a_link_there_is_no_block_of_links() -> None:
    document: Any = as_slack_message(sample("slack", AlertSettings(), BEGAN))
    assert "https://" not in json.dumps(document)


Broken = Callable[[], SlackChannel]


@pytest.mark.parametrize(
    ("given", "broken"),
    [
        ({}, "set either `token` and `channel`, or the `url` of an incoming webhook"),
        ({"token": Secret("env:T", "x")}, "`token` and `channel` go together"),
        ({"token": Secret("env:T", "x"), "channel": "C1", "url": Secret("env:U", "https://x")}, "set either `token`"),
        ({"token": Secret("env:T", "x"), "channel": "<!here>"}, "`channel` must be an ID such as C0123456789"),
        ({"url": Secret("env:U", "http://example.com")}, "`url` must be https://"),
        ({"token": Secret("env:T", "x"), "channel": "#a", "endpoint": "http://example.com"}, "`endpoint` must be"),
    ],
)
def test_rules(given: dict[str, Any], broken: str) -> None:
    with pytest.raises(ValueError, match=re.escape(broken)):
        SlackChannel("slack", **given)
