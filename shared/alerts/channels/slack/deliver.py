"""Slack: `chat.postMessage` with a bot's token, or an incoming webhook."""

import json
import re
from collections.abc import Mapping

from ....model.finding import Json
from ....model.message import Change, Event, Message
from ....net.client import Request, bearer
from ....net.deadline import Deadline
from ....net.pause import seconds_asked_for
from ...delivery.accepted import Accepted
from ...delivery.error import DeliveryError
from ...delivery.post import post, posted
from .blocks import as_slack_message, as_slack_reply
from .settings import SlackChannel

_JSON = {"Content-Type": "application/json; charset=utf-8"}
# Slack repeats the message in its answer.
_LONGEST_ANSWER = 1024 * 1024
# Errors of the Web API come with status 200: https://docs.slack.dev/reference/methods/chat.postMessage
_PASSING = frozenset({
    "ratelimited", "rate_limited", "message_limit_exceeded", "service_unavailable", "internal_error", "fatal_error",
    "request_timeout", "team_added_to_org",
})  # fmt: skip
_OF_THE_MESSAGE = frozenset({
    "msg_too_long", "msg_blocks_too_long", "invalid_blocks", "invalid_blocks_format", "no_text", "invalid_json",
    "json_not_object", "too_many_attachments", "blocked_file_type",
})  # fmt: skip
# The message that began the thread is gone, or of another conversation.
_NO_THREAD = frozenset({"thread_not_found", "cannot_reply_to_message", "invalid_thread_ts", "message_not_found"})
_FIXES = {
    "channel_not_found": "no such channel, or a private one that the app is not in",
    "not_in_channel": "invite the app to the channel",
    "is_archived": "the channel is archived",
    "missing_scope": "the app needs the scope chat:write",
    "invalid_auth": "the token is not valid",
    "token_revoked": "the token was revoked",
}
_ERROR = re.compile(r"[a-z_]{1,60}")


class _NoThreadError(Exception):
    """The thread to reply in does not exist any more."""


def send(message: Message, channel: SlackChannel, _report: Mapping[str, Json] | None) -> Accepted:
    if channel.url is not None:
        body = json.dumps(as_slack_message(message)).encode()
        status = post("Slack", channel.url.value, body, _JSON, channel.timeout)
        return Accepted(f"Slack answered {status}")
    return _Conversation(channel).deliver(message)


def preview(message: Message) -> Mapping[str, str]:
    return {"slack.json": json.dumps(as_slack_message(message), indent=2, ensure_ascii=False) + "\n"}


class _Conversation:
    """One message, in the threads to which it belongs. All its requests share one deadline."""

    def __init__(self, channel: SlackChannel) -> None:
        self._channel = channel
        self._deadline = Deadline.after(channel.longest_exchange)

    def deliver(self, message: Message) -> Accepted:
        """Post it: to the channel where an incident of it has no thread yet, else into the first one.

        The other threads get a line each. Those are extra: where one fails, the message has arrived all the same.
        """
        threads = self._threads(message)
        by_thread: dict[str | None, list[Event]] = {}
        for event in message.events:
            by_thread.setdefault(threads.get(event.thread), []).append(event)
        begins = by_thread.pop(None, [])
        first = None if begins or not by_thread else next(iter(by_thread))
        # By its metadata another app can recognise a message that is repeated.
        metadata: Json = {"event_type": "migration_monitor_message", "event_payload": {"id": message.id}}
        document = {**as_slack_message(message), "metadata": metadata}
        try:
            posted_at = self._post(document, first, broadcast=_is_news(message))
        except _NoThreadError:
            posted_at, begins, first = self._post(document, None), list(message.events), None
            by_thread = {}
        others = [(each, events) for each, events in by_thread.items() if each is not None and each != first]
        failed = [why for each, events in others if (why := self._replied(message, events, each)) is not None]
        handles = {} if first is not None else {event.thread: f"{self._prefix}{posted_at}" for event in begins}
        said = f"Slack took the message{' in its thread' if first else ''}"
        return Accepted(f"{said}; a reply in a thread failed: {failed[0]}" if failed else said, handles)

    @property
    def _prefix(self) -> str:
        """A thread is one of its conversation only."""
        return f"{self._channel.channel}/"

    def _threads(self, message: Message) -> dict[str, str]:
        return {
            each.thread: each.handle.removeprefix(self._prefix)
            for each in message.handles
            if each.channel == self._channel.name and each.handle.startswith(self._prefix)
        }

    def _replied(self, message: Message, events: list[Event], thread: str) -> str | None:
        """Reply in *thread*; give why that was not possible."""
        try:
            self._post(as_slack_reply(message, events), thread)
        except _NoThreadError:
            return "it does not exist any more"
        except DeliveryError as error:
            return str(error)
        return None

    def _post(self, document: Mapping[str, Json], thread: str | None, *, broadcast: bool = False) -> str:
        """Give the timestamp by which Slack knows what was posted."""
        channel = self._channel
        assert channel.token is not None  # noqa: S101  # the settings insist on it
        replying = {} if thread is None else {"thread_ts": thread, "reply_broadcast": broadcast}
        body = {"channel": channel.channel, "unfurl_links": False, "unfurl_media": False, **document, **replying}
        request = Request(
            f"{channel.endpoint.rstrip('/')}/chat.postMessage",
            "POST",
            _JSON,
            credentials=bearer(channel.token.value),
            body=json.dumps(body).encode(),
        )
        answer = posted("Slack", request, channel.timeout, deadline=self._deadline, size=_LONGEST_ANSWER)
        document = answer.json()
        match document:
            case {"ok": True, "ts": str(timestamp)}:
                return timestamp
            case {"ok": False, "error": str(error)} if thread is not None and error in _NO_THREAD:
                raise _NoThreadError
            case {"ok": False, "error": str(error)}:
                raise _refusal(error, seconds_asked_for(answer.headers.get("Retry-After")))
        raise DeliveryError("Slack gave an answer that is not one of its API", passing=True)


def _is_news(message: Message) -> bool:
    """Say whether the channel is to see it too: of a reply in a thread, only those who follow it are notified."""
    return any(event.change is not Change.REMINDER for event in message.events)


def _refusal(error: str, retry_after: float | None) -> DeliveryError:
    code = error if _ERROR.fullmatch(error) else "an error"
    fix = f" ({_FIXES[code]})" if code in _FIXES else ""
    return DeliveryError(
        f"Slack refused: {code}{fix}",
        passing=error in _PASSING,
        retry_after=retry_after,
        never=error in _OF_THE_MESSAGE,
    )
