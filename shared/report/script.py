"""The remedies as a shell script that looks again before it touches anything."""

from collections.abc import Iterable, Iterator
from shlex import join, quote

from shared.model.finding import Finding, Severity, Step
from shared.model.report import Report
from shared.report.wording import Story, headline, printable, stories

_HEAD = """\
#!/usr/bin/env bash
# {headline}
# Written by Migration Monitor at {moment:%Y-%m-%d %H:%M} UTC. Read it before you run it.
set -euo pipefail

# Asks whether what only a person can do has been done; anything but "yes" ends the script.
confirm() {{
    local answer
    printf '\\n%s\\nDone? Type yes to go on: ' "$1"
    read -r answer </dev/tty
    [ "$answer" = yes ]
}}

# Asks whether a step is needed that nothing but a look can tell.
needed() {{
    local answer
    printf '\\n%s\\nType yes to run it, no to leave it out: ' "$1"
    read -r answer </dev/tty
    case "$answer" in yes) true ;; no) false ;; *) exit 1 ;; esac
}}

echo "Looking whether everything is still as it was when this was written …"
if ! {recheck}; then
    echo "It is not, or it cannot be told. Nothing was done: ask for a new script." >&2
    exit 1
fi
"""
_TAIL = """
echo
echo "Done. What is left, if anything:"
{look}
"""


def as_script(report: Report, check: list[str]) -> str:
    """Give a script that follows the remedies of what nothing else brought about, in their order.

    *check* is the command that made the report. It is run first, with the findings that it must
    find, and last. What only a person can do is asked for; where there are several ways, all but the
    first stand there as comments.
    """
    recheck = join([*check, *(word for key in expected_keys(report) for word in ("--expect", key))])
    head = _HEAD.format(headline=_comment(headline(report)), moment=report.started_at, recheck=f"{recheck} >/dev/null")
    told: set[Step] = set()
    sections = [section for story in stories(report) for section in _sections(story, told)]
    return head + "".join(sections) + _TAIL.format(look=join(check))


def expected_keys(report: Report) -> list[str]:
    """The findings by which the situation is known again; info comes and goes."""
    return sorted({finding.key for finding in report.findings if finding.severity is not Severity.INFO})


def _sections(story: Story, told: set[Step]) -> Iterator[str]:
    for finding in (story.finding, *story.more):
        steps = [step for step in finding.remedy if step not in told]
        told.update(steps)
        if steps:
            yield "\n" + "\n".join([f"# {_comment(finding.summary)}", *_lines(finding, steps)]) + "\n"


def _lines(finding: Finding, steps: Iterable[Step]) -> Iterator[str]:
    chosen = True
    for step in steps:
        chosen = chosen and not step.choice
        if not chosen:
            yield f"# {_comment(step.text)}"
            yield from (f"#     {line}" for line in printable(step.command or "").splitlines())
        elif step.command is None:
            yield f"confirm {quote(printable(step.text))}"
        elif finding.code.startswith(("schema-", "constraint-")):
            # The body of a new migration, never a command against production.
            yield f"confirm {quote(printable(step.text))}"
            yield from (f"#     {line}" for line in printable(step.command).splitlines())
        elif step.asks:
            yield f"if needed {quote(printable(step.text))}; then"
            yield printable(step.command)
            yield "fi"
        else:
            yield f"# {_comment(step.text)}"
            yield printable(step.command)


def _comment(text: str) -> str:
    return " ".join(printable(text).split())
