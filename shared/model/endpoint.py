"""What an endpoint must answer, what it answered, and in which way that broke the expectation."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, ClassVar, Literal

from shared.model.setting_types import STRICT, Secret, Timespan

# Header names that carry a credential whatever their value is made of.
_CREDENTIALS = {"authorization", "cookie", "x-api-key", "api-key", "ocp-apim-subscription-key", "x-functions-key"}


@dataclass(frozen=True, slots=True)
class Answer:
    """One HTTP answer; *body* ends at the cap, and *cut* says so. *certificate_expires* is None over plain HTTP."""

    status: int
    body: bytes
    cut: bool
    latency: timedelta
    certificate_expires: datetime | None


@dataclass(frozen=True, slots=True)
class NoAnswer:
    """Nothing came back: *because* says which step failed (name, connection, TLS, time)."""

    because: str


@dataclass(frozen=True, slots=True)
class Breach:
    """In which way an answer is not the expected one; *code* is the finding's."""

    code: Literal["endpoint-status", "endpoint-content", "endpoint-slow"]
    expected: str
    actual: str


@dataclass(frozen=True, slots=True)
class BodyExpectation:
    """What the JMESPath expression *path* must find in the JSON body: any JSON value."""

    path: str
    equals: Any
    __pydantic_config__: ClassVar = STRICT

    def __post_init__(self) -> None:
        _compile(self.path)


@dataclass(frozen=True, slots=True)
class EndpointExpectation:
    """A request and what its answer must be.

    *min_items* counts the JSON array of the body, or the one that the JMESPath expression *items*
    finds in it. *tables* names the tables behind the endpoint, so that a finding can tell its cause.
    """

    name: str
    url: str
    method: Literal["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"] = "GET"
    headers: Mapping[str, str | Secret] = field(default_factory=dict)
    body: str | None = None
    status: int = 200
    max_latency: Timespan | None = None
    timeout: Timespan = timedelta(seconds=10)
    follow_redirects: bool = False
    min_items: int | None = None
    items: str | None = None
    expectations: tuple[BodyExpectation, ...] = ()
    contains: str | None = None
    tables: tuple[str, ...] = ()
    tries: int = 3
    pause: Timespan = timedelta(seconds=3)
    certificate_days: int = 14
    __pydantic_config__: ClassVar = STRICT

    def __post_init__(self) -> None:
        if not self.url.startswith(("https://", "http://")):
            raise ValueError("`url` must start with https:// or http://")
        if not 100 <= self.status <= 599:
            raise ValueError("`status` is an HTTP status, 100 to 599")
        if not 1 <= self.tries <= 10:
            raise ValueError("`tries` is 1 to 10")
        if self.items is not None:
            _compile(self.items)
            if self.min_items is None:
                raise ValueError("`items` says where to count: say how many with `min_items`")

    @property
    def authenticates(self) -> bool:
        """Say whether the request carries a credential: a 401 then means that the monitor is not let in."""
        return any(isinstance(value, Secret) or name.lower() in _CREDENTIALS for name, value in self.headers.items())

    def broken_by(self, answer: Answer) -> Breach | None:
        """Give the first expectation that *answer* breaks: its status, then its body, then its latency."""
        if answer.status != self.status:
            return Breach("endpoint-status", f"status {self.status}", f"status {answer.status}")
        return self._body_breach(answer) or self._latency_breach(answer)

    def _latency_breach(self, answer: Answer) -> Breach | None:
        if self.max_latency is None or answer.latency <= self.max_latency:
            return None
        return Breach("endpoint-slow", f"within {_milliseconds(self.max_latency)}", _milliseconds(answer.latency))

    def _body_breach(self, answer: Answer) -> Breach | None:
        text = answer.body.decode("utf-8", "replace")
        if self.contains is not None and self.contains not in text:
            return Breach("endpoint-content", f"a body that contains {self.contains!r}", "it does not")
        if self.min_items is None and not self.expectations:
            return None
        if answer.cut:
            return Breach("endpoint-content", "JSON", f"a body of more than {len(answer.body)} bytes")
        try:
            document = json.loads(text)
        except (ValueError, RecursionError):
            return Breach("endpoint-content", "JSON", "a body that is not JSON" if text.strip() else "an empty body")
        return self._items_breach(document) or self._value_breach(document)

    def _items_breach(self, document: object) -> Breach | None:
        if self.min_items is None:
            return None
        found = document if self.items is None else _search(self.items, document)
        expected = f"at least {self.min_items} items"
        if not isinstance(found, list):
            return Breach("endpoint-content", expected, f"no list at {self.items}" if self.items else "no list")
        if len(found) < self.min_items:
            return Breach("endpoint-content", expected, f"{len(found)}")
        return None

    def _value_breach(self, document: object) -> Breach | None:
        for expectation in self.expectations:
            found = _search(expectation.path, document)
            # JSON's true is not 1, which Python would call equal.
            if json.dumps(found, sort_keys=True) != json.dumps(expectation.equals, sort_keys=True):
                kind = "nothing" if found is None else "something else"
                return Breach("endpoint-content", f"{expectation.path} = {json.dumps(expectation.equals)}", kind)
        return None


@dataclass(frozen=True, slots=True)
class Probe:
    """The tries of one endpoint in order, ending with the first that was as expected; at least one."""

    expectation: EndpointExpectation
    tries: tuple[Answer | NoAnswer, ...]


def _milliseconds(duration: timedelta) -> str:
    return f"{duration / timedelta(milliseconds=1):.0f} ms"


def _compile(path: str) -> None:
    import jmespath  # noqa: PLC0415  # only where an expectation uses it

    try:
        jmespath.compile(path)
    except jmespath.exceptions.JMESPathError as error:
        raise ValueError(f"{path!r} is no JMESPath expression") from error


def _search(path: str, document: object) -> object:
    import jmespath  # noqa: PLC0415  # as above

    try:
        return jmespath.search(path, document)
    except jmespath.exceptions.JMESPathError:
        # A function met a value of another type than it takes: what was looked for is not there.
        return None
