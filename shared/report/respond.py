"""What somebody on call does about each code: docs/respond.md, and the first look that the status page shows.

Made of the rows of `shared/model/codes.py` and of the prose in `respond.md` beside this file. `python -m
shared.report.respond` prints the page.
"""

import re
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files

from ..model.codes import CODES, Code
from ..model.settings import ACCEPTABLE
from ..model.value import dataclass

_LOOK, _FIX = "First look: ", "Fix: "
_LINK = re.compile(r"\[([^\]]+)\]\([^)]*\)")
_TOP = """\
# Respond: what each finding means, and what to do

For who is on call. Each finding has a code; its section says what it means, where to look first, and how to fix it.
The report, the message and the status page print the same fix with the names and commands of your database: use
those where you have them.

1. Read the first line of the message: what is broken, where, and what it does to users.
2. Start at the cause, which is listed above what it brought about. What is below it often resolves with it.
3. Follow the printed steps in their order. `migration-monitor remedy --script --target NAME --output fix.sh` writes
   them as one script that checks first.
4. Check again with `migration-monitor check --target NAME`. The channel receives a message when the incident is
   resolved.

If you are on it and need quiet, silence the incident from the message, or with
`migration-monitor silence INCIDENT --for 4h --because TEXT`: it stays in every report, and you are notified again if it
gets worse.

**Links to this page.** If `runbook` of `[alerts]` is the address of a copy of this page, each message links to the
section of its worst finding. The status page has the meaning and the first look of each finding itself, and
`migration-monitor explain CODE` prints the section in a terminal.

## What a severity does

| severity | verdict | exit status | `verify` | messages |
|---|---|---|---|---|
| critical | failed | 2 | 409 | sent at once, also in quiet hours; checked again every 5 minutes |
| warning | warning | 0, or 2 with `--strict` | 200 | sent at once, or at the end of quiet hours |
| info | passed | 0 | 200 | not sent, unless a channel names `info` in its `severities` |
| none: a check is *unknown* | unknown | 1 | 503 | sent after 5 minutes of failed tries: this is **not** an all-clear |

What was sent and is still open comes again as a reminder after a day, an unknown check after 4 hours.
An unknown check has no code: its reason says what could not be read. Fix that (a right, a password, a firewall rule, a
stopped server), then check again. Until then nothing that the check covers is known to be right.

Where a deployment applies the migrations itself (`policy = "deploy-migrates"`), a pending one is `info` until the
release runs, which the app shows, or a `verify`; from then on it is critical. Around a deployment it is critical at
once where a statement of it may run a second time: the migration was rolled back or skipped, and nothing proves that
its UPDATE did not run. Find that out by the printed steps. If it did not run, deploy once without this gate.

## The codes

"""
_BY_EFFECT = (
    "critical where it breaks the application or lets wrong data in, warning where it only costs time, info where no "
    "client can notice it"
)
_NOTES = (
    ("held_back", "While a deployment is announced or running, nobody is notified of it."),
    ("heals", "After a deployment, `verify` waits for it to resolve itself, up to `wait_seconds`."),
    ("measured", "It compares with the check before: to silence it is to accept the present state."),
)


@dataclass(frozen=True, slots=True)
class Response:
    """Where to look *first*, and how to *fix* it; both in Markdown."""

    first: str
    fix: str


@cache
def responses() -> Mapping[str, Response]:
    """Give what is written about each code."""
    source = (files(str(__package__)) / "respond.md").read_text(encoding="utf-8")
    sections = (section.split("\n", 1) for section in source.split("\n## ")[1:])
    return {code: _response(text) for code, text in sections}


def _response(text: str) -> Response:
    first, fix = text.strip().split("\n\n")
    if not (first.startswith(_LOOK) and fix.startswith(_FIX)):
        raise ValueError(f"not two paragraphs, {_LOOK!r} and {_FIX!r}: {text}")
    return Response(first.removeprefix(_LOOK), fix.removeprefix(_FIX))


def first_look(code: str) -> str:
    """Give in one line what *code* means and where to look first, names in backquotes; empty for one not known here."""
    if code not in CODES:
        return ""
    first = " ".join(responses()[code].first.split())
    return _LINK.sub(r"\1", f"{_sentence(CODES[code].means)} First look: {first}")


def as_markdown() -> str:
    """Give docs/respond.md."""
    return _TOP + "\n".join(map(section, CODES))


def section(code: str) -> str:
    """Give the section of *code*, one of `CODES`."""
    return "\n".join(_section(CODES[code], responses()[code]))


def in_terminal(code: str) -> str:
    """Give the same without what only a page shows."""
    return _LINK.sub(r"\1", section(code)).removeprefix("### ").replace("**", "").replace("\n\n", "\n")


def _section(row: Code, response: Response) -> Iterator[str]:
    yield f"### {row.name}\n"
    yield f"{_sentence(row.means)}\n"
    yield f"- **Severity**: {row.severity_note or row.severity or _BY_EFFECT}. Check: {row.check}."
    yield f"- **First look**: {_indented(response.first)}"
    yield f"- **Fix**: {_indented(response.fix)}"
    notes = [note for flag, note in _NOTES if getattr(row, flag)]
    if f"{row.name}:".startswith(ACCEPTABLE):
        notes.append("It can be accepted in the settings, with a reason and a last day.")
    if notes:
        yield f"- **Also**: {' '.join(notes)}"
    yield ""


def _indented(text: str) -> str:
    return text.replace("\n", "\n  ")


def _sentence(text: str) -> str:
    """``The table or column does not exist.``; what begins with a name in backquotes keeps its first letter."""
    return f"{text[:1].upper()}{text[1:]}{'' if text.endswith('.') else '.'}"


if __name__ == "__main__":
    print(as_markdown(), end="")  # noqa: T201
