"""What a pipeline asks of ``/api/verify``, checked field by field: it comes from outside, so anything may be in it."""

import json
import re
from collections.abc import Mapping
from datetime import timedelta
from difflib import get_close_matches
from typing import Literal
from urllib.parse import urlencode

from ...model.digest import digest
from ...model.memory import Question
from ...model.value import dataclass

_PHASES: tuple[Literal["before", "after", "aborted"], ...] = ("before", "after", "aborted")
# The field of a query that chooses the status; it is none of the question.
_ALWAYS = "always"
# So alike is a field of a query to one of ours that it may be meant.
_LIKENESS = 0.8
_SHORTEST_PART = 4
_LARGEST_BODY = 64 * 1024
_LONGEST_WAIT = 3600
_LONGEST_NAME = 100
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/+@#=-]{0,127}")
_RELEASE = re.compile(r"(?!.*\.\.)[A-Za-z0-9][A-Za-z0-9._+/-]{0,199}")
# What may be asked, by its name, as a schema of JSON. Of a query, everything is a text.
FIELDS: Mapping[str, dict[str, object]] = {
    "target": {"type": ["string", "null"], "minLength": 1, "description": "Needed where there are several."},
    "release": {"type": ["string", "null"], "pattern": f"^{_RELEASE.pattern}$", "description": "As v1.42.0."},
    "phase": {"enum": [*_PHASES, None], "description": "Of the deployment: before it, after it, or called off."},
    "wait_seconds": {
        "anyOf": [
            {"type": ["integer", "null"], "minimum": 0, "maximum": _LONGEST_WAIT},
            {"type": "string", "pattern": "^[0-9]{1,4}$"},
        ],
        "description": "After a deployment: for how long to wait for what may settle.",
    },
    "id": {
        "anyOf": [{"type": "string", "pattern": f"^{_ID.pattern}$"}, {"type": ["integer", "null"], "minimum": 0}],
        "description": "The caller's own name for the question: asked again, it gets the same answer.",
    },
}


class BadRequestError(Exception):
    """A field of the request is wrong; the text says what would be right."""

    def __init__(self, field: str, problem: str) -> None:
        super().__init__(field, problem)
        self.field, self.problem = field, problem

    def __str__(self) -> str:
        return f"{self.field}: {self.problem}"


@dataclass(frozen=True, slots=True)
class VerifyRequest:
    """What is asked; *target* may be left out where there is only one.

    *id* is the caller's own name for the question: asked again, it gets the same answer.
    """

    target: str | None
    release: str | None
    wait: timedelta
    always_200: bool
    phase: Literal["before", "after", "aborted"] = "after"
    id: str | None = None

    def question(self) -> Question | None:
        """Give what is asked under an id; the status wanted is a form of the answer, and no part of it."""
        if self.id is None:
            return None
        asked = f"{self.target}\n{self.release}\n{self.phase}\n{self.wait.total_seconds()}"
        return Question(self.id, digest(asked))

    def query(self) -> str:
        """Write the request as the query of a GET. The key is left out: this is sent to logs and pipelines."""
        fields = {"target": self.target, "release": self.release, "wait_seconds": self.wait // timedelta(seconds=1)}
        if self.phase != "after":
            fields["phase"] = self.phase
        fields["id"] = self.id
        if self.always_200:
            fields["always"] = 200
        return urlencode({name: value for name, value in fields.items() if value is not None})


def parse(method: str, query: Mapping[str, str], body: bytes) -> VerifyRequest:
    """Read a POST's body or a GET's query; raises `BadRequestError` for the first field that is wrong."""
    own = {name: value for name, value in query.items() if name in FIELDS}
    for name in query:
        if (meant := _meant(name)) is not None:
            # To drop a release in silence would be to verify another one.
            raise BadRequestError(_shown(name), f"there is no such field; did you mean {meant}?")
    if method != "GET" and own:
        raise BadRequestError(next(iter(own)), "belongs into the body of a POST, not into its query")
    fields = own if method == "GET" else _document(body)
    for name in fields:
        if name not in FIELDS:
            raise BadRequestError(_shown(name), f"there is no such field; there are {', '.join(FIELDS)}")
    return VerifyRequest(
        target=_text(fields, "target", "expected a target's name, such as production"),
        release=_release(fields),
        wait=_wait(fields.get("wait_seconds")),
        always_200=_always(query.get(_ALWAYS)),
        phase=_phase(fields.get("phase")),
        id=_id(fields.get("id")),
    )


def _meant(name: str) -> str | None:
    """Give the field that *name* in a query is a misspelling of; None where it is one, or somebody else's.

    Gateways and proxies add fields of their own to a query, as Azure's function key is one: those are ignored.
    """
    if name in (*FIELDS, _ALWAYS):
        return None
    plain = {_plain(each): each for each in (*FIELDS, _ALWAYS)}
    written = _plain(name)
    if written in plain:
        return plain[written]
    # A short word is like too many others.
    long = {word: each for word, each in plain.items() if len(word) > _SHORTEST_PART}
    for word, each in long.items():
        if len(written) >= _SHORTEST_PART and word.startswith(written):
            return each
    found = get_close_matches(written, long, n=1, cutoff=_LIKENESS)
    return long[found[0]] if found else None


def _plain(name: str) -> str:
    return name.casefold().replace("_", "").replace("-", "")


def _document(body: bytes) -> dict[str, object]:
    if len(body) > _LARGEST_BODY:
        raise BadRequestError("body", f"at most {_LARGEST_BODY} bytes")
    try:
        document = json.loads(body or b"{}")
    except (ValueError, RecursionError):  # what is no UTF-8, or a number of thousands of digits, is a ValueError too
        raise BadRequestError("body", 'expected JSON, such as {"target": "production"}') from None
    if not isinstance(document, dict):
        raise BadRequestError("body", 'expected a JSON object, such as {"target": "production"}')
    return document


def _text(fields: Mapping[str, object], field: str, problem: str) -> str | None:
    value = fields.get(field)
    if value is not None and (not isinstance(value, str) or not value):
        raise BadRequestError(field, problem)
    return value


def _release(fields: Mapping[str, object]) -> str | None:
    problem = "expected a version, such as v1.42.0"
    release = _text(fields, "release", problem)
    if release is not None and not _RELEASE.fullmatch(release):
        raise BadRequestError("release", problem)
    return release


def _wait(value: object) -> timedelta:
    """Read whole seconds; as text too, which is what a pipeline's variables are."""
    if value is None:
        return timedelta(0)
    text = str(value) if isinstance(value, int | str) and not isinstance(value, bool) else ""
    if not re.fullmatch(r"[0-9]{1,4}", text) or int(text) > _LONGEST_WAIT:
        raise BadRequestError("wait_seconds", f"expected whole seconds, 0 to {_LONGEST_WAIT}")
    return timedelta(seconds=int(text))


def _phase(value: object) -> Literal["before", "after", "aborted"]:
    for phase in _PHASES:
        if value == phase:
            return phase
    if value is None:
        return "after"
    raise BadRequestError("phase", f"expected one of {', '.join(_PHASES)}")


def _id(value: object) -> str | None:
    """Read what a pipeline calls its run; many are called by a number."""
    if value is None:
        return None
    text = str(value) if isinstance(value, int | str) and not isinstance(value, bool) else ""
    if not _ID.fullmatch(text):
        raise BadRequestError("id", "expected 1 to 128 letters, digits and . _ : / + @ # = -, such as run-4711")
    return text


def _always(value: str | None) -> bool:
    if value not in {None, "200"}:
        raise BadRequestError("always", "the only choice is ?always=200")
    return value is not None


def _shown(name: str) -> str:
    return name if len(name) <= _LONGEST_NAME else name[:_LONGEST_NAME] + "…"
