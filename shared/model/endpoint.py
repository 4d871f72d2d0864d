"""What an endpoint must answer, what it answered, and in which way that broke the expectation."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import field
from datetime import datetime, timedelta
from typing import Any, ClassVar, Literal
from urllib.parse import urlsplit

from .azure import DEFAULT, Identity
from .phrases import counted
from .setting_types import STRICT, Secret, TextOrSecret, Timespan, Whole, YesNo, insist
from .urls import keeps_secrets
from .value import dataclass

# Header names that carry a credential whatever their value is made of.
_CREDENTIALS = {
    "api-key", "authorization", "cookie", "ocp-apim-subscription-key", "proxy-authorization", "x-api-key",
    "x-auth-token", "x-functions-key",
}  # fmt: skip
# RFC 9110: a name is a token; of a value, what http.client can send (Latin-1) and requests lets through.
_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_AUDIENCE = re.compile(r"[A-Za-z0-9][!-~]{0,254}")
_HEADER_VALUE = re.compile(r"(?!\s)[\t\x20-\x7e\xa0-\xff]*(?<!\s)|")


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
        insist(
            (_compiles(self.path), "`path` is not a JMESPath expression"),
            (
                _is_json(self.equals),
                "`equals` must be text, a number, true, false, a list or a table",
            ),
        )

    def __str__(self) -> str:
        return f"{self.path} = {json.dumps(self.equals, ensure_ascii=False)}"


@dataclass(frozen=True, slots=True)
class EndpointExpectation:
    """A request and what its answer must be.

    *min_items* counts the JSON array of the body, or the one that the JMESPath expression *items*
    finds in it. *tables* names the tables behind the endpoint, so that a finding can name its cause.
    With *audience* the request carries a token of *identity* for that application.
    """

    name: str
    url: str
    method: Literal["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"] = "GET"
    headers: Mapping[str, TextOrSecret] = field(default_factory=dict)
    audience: str | None = field(default=None, metadata={"example": "api://00000000-0000-0000-0000-000000000000"})
    identity: Identity = DEFAULT
    body: str | None = None
    status: Whole = 200
    max_latency: Timespan | None = None
    timeout: Timespan = timedelta(seconds=10)
    follow_redirects: YesNo = False
    min_items: Whole | None = None
    items: str | None = None
    expectations: tuple[BodyExpectation, ...] = ()
    contains: str | None = None
    tables: tuple[str, ...] = ()
    tries: Whole = 3
    pause: Timespan = timedelta(seconds=3)
    certificate_days: Whole = 14
    __pydantic_config__: ClassVar = STRICT

    def __post_init__(self) -> None:
        insist(
            (_is_http_url(self.url), "`url` must be like https://api.example.com/health, without a password in it"),
            *_header_rules(self.headers),
            *self._token_rules(),
            (100 <= self.status <= 599, "`status` must be an HTTP status, 100 to 599"),
            (self.max_latency is None or self.max_latency > timedelta(0), "`max_latency` must be more than 0s"),
            (timedelta(0) < self.timeout <= timedelta(minutes=2), "`timeout` must be more than 0s, 2m at most"),
            (1 <= self.tries <= 10, "`tries` must be 1 to 10"),
            (self.pause <= timedelta(minutes=1), "`pause` must be 1m at most"),
            (0 <= self.certificate_days <= 365, "`certificate_days` must be 0 to 365"),
            (self.min_items is None or self.min_items >= 0, "`min_items` cannot be below 0"),
            (self.items is None or _compiles(self.items), "`items` is not a JMESPath expression"),
            (
                self.items is None or self.min_items is not None,
                "`items` says where to count: say how many with `min_items`",
            ),
            (
                self.method != "HEAD" or not (self.expectations or self.contains or self.min_items is not None),
                "`method` HEAD brings no body: nothing can be expected of it",
            ),
        )

    def _token_rules(self) -> Iterator[tuple[bool, str]]:
        if self.audience is None:
            yield self.identity == DEFAULT, "`identity` needs an `audience`, for which its token is issued"
            return
        is_one = bool(_AUDIENCE.fullmatch(self.audience)) and not self.audience.endswith("/.default")
        yield is_one, "`audience` must be an application's id or its URI, such as api://example, without /.default"
        has_other = any(name.lower() == "authorization" for name in self.headers)
        yield not has_other, "`audience` adds an Authorization header: remove the other one"
        yield keeps_secrets(self.url), "`url` must be https://, or http:// to this machine: the request carries a token"

    @property
    def authenticates(self) -> bool:
        """Say whether the request carries a credential: a 401 then means that the monitor is not let in."""
        return bool(self.credentials) or self.audience is not None

    @property
    def credentials(self) -> frozenset[str]:
        """The names of the headers that no host but the one of *url* may see."""
        return frozenset(
            name for name, value in self.headers.items() if isinstance(value, Secret) or name.lower() in _CREDENTIALS
        )

    def __str__(self) -> str:
        """``status 200, at least 1 item, within 500 ms``."""
        parts = [f"status {self.status}"]
        if self.contains is not None:
            parts.append(_containing(self.contains))
        if self.min_items is not None:
            parts.append(f"at least {counted(self.min_items, 'item')}")
        parts += map(str, self.expectations)
        if self.max_latency is not None:
            parts.append(f"within {_milliseconds(self.max_latency)}")
        return ", ".join(parts)

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
        # A byte order mark is no part of the text; Microsoft's servers send one.
        text = answer.body.decode("utf-8-sig", "replace")
        if self.contains is not None and self.contains not in text:
            where = f"not in its first {len(answer.body)} bytes" if answer.cut else "it does not"
            return Breach("endpoint-content", _containing(self.contains), where)
        if self.min_items is None and not self.expectations:
            return None
        if answer.cut:
            return Breach("endpoint-content", "JSON", f"a body of more than {len(answer.body)} bytes")
        try:
            document = json.loads(text, parse_constant=_refuse)
        except (ValueError, RecursionError):
            return Breach("endpoint-content", "JSON", "a body that is not JSON" if text.strip() else "an empty body")
        return self._items_breach(document) or self._value_breach(document)

    def _items_breach(self, document: object) -> Breach | None:
        if self.min_items is None:
            return None
        found = document if self.items is None else _search(self.items, document)
        expected = f"at least {counted(self.min_items, 'item')}"
        if not isinstance(found, list):
            return Breach("endpoint-content", expected, f"no list at {self.items}" if self.items else "no list")
        if len(found) < self.min_items:
            return Breach("endpoint-content", expected, counted(len(found), "item"))
        return None

    def _value_breach(self, document: object) -> Breach | None:
        """Give the first value that differs, without showing it: it may be a row of somebody's data."""
        for expectation in self.expectations:
            found = _search(expectation.path, document)
            if not _same_json(expectation.equals, found):
                return Breach("endpoint-content", str(expectation), "nothing" if found is None else "something else")
        return None


@dataclass(frozen=True, slots=True)
class Probe:
    """The tries of one endpoint in order, ending with the first that was as expected; at least one."""

    expectation: EndpointExpectation
    tries: tuple[Answer | NoAnswer, ...]


def _containing(text: str) -> str:
    return f"a body that contains {text!r}"


def _milliseconds(duration: timedelta) -> str:
    # Rounded up, so that what is over a limit also reads so.
    return f"{-(-duration // timedelta(milliseconds=1))} ms"


def _refuse(constant: str) -> object:
    """Refuse ``NaN`` and ``Infinity``, which Python takes for JSON and no browser does."""
    raise ValueError(constant)


def _same_json(expected: object, actual: object) -> bool:
    """Compare as JSON does: 1 is 1.0 and is not true, which Python would call equal.

    As deep as *expected*, which people wrote, and not as *actual*, which may be forged.
    """
    if isinstance(expected, dict) and isinstance(actual, dict):
        return expected.keys() == actual.keys() and all(_same_json(expected[key], actual[key]) for key in expected)
    if isinstance(expected, list | tuple) and isinstance(actual, list):
        return len(expected) == len(actual) and all(map(_same_json, expected, actual))
    if isinstance(expected, bool) or isinstance(actual, bool):
        return expected is actual
    return expected == actual


def _is_http_url(text: str) -> bool:
    """Say whether *text* is a URL to ask; a password in it would be shown wherever the URL is."""
    try:
        url = urlsplit(text)
        usable = url.scheme in {"http", "https"} and bool(url.hostname) and url.port != 0
    except ValueError:
        return False
    return usable and "@" not in url.netloc and text.isprintable() and " " not in text


def _header_rules(headers: Mapping[str, str | Secret]) -> Iterator[tuple[bool, str]]:
    for name, value in headers.items():
        if not _HEADER_NAME.fullmatch(name):
            yield False, "`headers` has a name that HTTP does not allow"
            continue
        text = (value.given or "") if isinstance(value, Secret) else value
        yield bool(_HEADER_VALUE.fullmatch(text)), f"`headers.{name}` is not what a header can hold: one trimmed line"
        named = isinstance(value, Secret) or name.lower() not in _CREDENTIALS
        yield named, f'`headers.{name}` is a secret: name it, do not write it here: "env:NAME" or "vault:NAME"'


def _is_json(value: object) -> bool:
    try:
        json.dumps(value, allow_nan=False)
    except (TypeError, ValueError, RecursionError):
        return False
    return True


def _compiles(path: str) -> bool:
    import jmespath  # noqa: PLC0415  # only where an expectation uses it

    try:
        parsed = jmespath.compile(path).parsed
    except (ValueError, RecursionError):  # JMESPathError is a ValueError
        return False
    known = jmespath.functions.Functions.FUNCTION_TABLE
    return all(name in known for name in _functions(parsed))


def _functions(node: Mapping[str, Any]) -> Iterator[str]:
    """Give the functions that a parsed expression calls; jmespath itself looks for them only when it calls them."""
    if node["type"] == "function_expression":
        yield node["value"]
    for child in node["children"]:
        if isinstance(child, Mapping):
            yield from _functions(child)


def _search(path: str, document: object) -> object:
    import jmespath  # noqa: PLC0415  # as above

    try:
        return jmespath.search(path, document)
    except (ValueError, TypeError, ArithmeticError, RecursionError):
        # A function met a value of another type than it takes: what was expected is missing.
        return None
