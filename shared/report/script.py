"""The remedies as a shell script that checks again before it changes anything."""

import re
from collections.abc import Iterator, Sequence, Set
from hashlib import sha256
from shlex import join, quote

from ..model.codes import row_of
from ..model.finding import Finding, Severity, Step
from ..model.progress import Progress
from ..model.report import CheckResult, Report
from ..model.value import replace
from ..remedies.conflicting import frees_names_first, points_to_conflicts
from ..remedies.recorded_early import points_to_missing
from ..remedies.unshown import points_to_unshown
from .wording import Story, headline, printable, stories

_HEAD = """\
#!/usr/bin/env bash
# {headline}
# Written by Migration Monitor at {moment:%Y-%m-%d %H:%M} UTC. Read it before you run it.
set -euo pipefail
# What a command prints goes to the terminal, never into a pager, and psql reads nobody's own settings.
export PAGER=cat PSQL_PAGER=cat GIT_PAGER=cat PSQLRC=/dev/null

# Asks whether what only a person can do has been done; anything but "yes" ends the script.
confirm() {{
    local answer
    printf '\\n%s\\nChecked and done? Type yes to go on: ' "$1"
    read -r answer </dev/tty
    [ "$answer" = yes ]
}}

# Asks whether a step is needed that only a person can check.
needed() {{
    local answer
    printf '\\n%s\\nType yes to run it, no to leave it out: ' "$1"
    read -r answer </dev/tty
    case "$answer" in yes) true ;; no) false ;; *) exit 1 ;; esac
}}

# Asks for permission to run what everything after it needs; anything but "yes" ends the script.
permitted() {{
    local answer
    printf '\\n%s\\nType yes to run it, anything else to end here: ' "$1"
    read -r answer </dev/tty
    [ "$answer" = yes ]
}}

# Checks, right before a migration is recorded as applied, that no statement of it is known to be missing.
complete() {{
    if ! {check} --expect-applied "$1" >/dev/null; then
        echo "A statement of $1 is not applied, or the check does not know: $1 was not recorded." >&2
        exit 1
    fi
}}
{terminal}
echo "Checking that everything is as it was when this script was written …"
if ! {recheck} >/dev/null; then
    echo "Something has changed, or the check does not know. Nothing was done: run remedy --script again." >&2
    exit 1
fi

# Says what to do where a step fails, is refused or is interrupted. The exit status stays as it is.
stopped() {{
    echo
    echo "Stopped: this step and those after it were not done, or not to the end."
    echo "Run remedy --script again for what is left, and answer no where it asks for what this run has done."
    echo "After a lock timeout, first wait for the session that uses the table."
}}
trap 'stopped >&2' EXIT
"""
_TERMINAL = """
if ! {{ : </dev/tty; }} 2>/dev/null; then
    echo "This script asks questions, and there is no terminal to ask on. Nothing was done." >&2
    exit 1
fi
"""
_TAIL = """
trap - EXIT
echo
echo "Done. What is still open, if anything:"
{look}
"""
_TAIL_BETWEEN = """
trap - EXIT
echo
echo "These steps are done. The next ones depend on the result: run remedy --script again for them. Still open:"
{look}
"""
# Their commands belong into a new migration or a developer's checkout, never into a shell beside production.
_ELSEWHERE = ("schema-", "constraint-", "migration-edited")
# Unless they are for this database alone.
_ON_DATABASE = ("psql ", "part1=")
# What ends somebody's session is asked for each time.
_OF_SESSIONS = ("session-", "migration-lock-")
_RECORDS = ("migrate resolve --applied ", "UPDATE _prisma_migrations")
# What a deployment that runs will do: nothing of it is broken, and its queries are for before that deployment.
_OF_DEPLOYMENT = frozenset({"deploy-blocks", "deploy-loses-data", "deploy-breaks-running-app", "deploy-not-probed"})
# Its steps are those for the objects that are in its way, too: their own only point to it.
_IN_THE_WAY = "deploy-will-fail"
_BY_HAND = "This needs a person: choose one of the ways in the script, and do it by hand."
_UNPRINTABLE = "Its command holds characters that a script cannot show. Do this step by hand."


def as_script(report: Report, check: list[str]) -> str:
    """Give a script that follows the remedies of what nothing else certainly brought about, in their order.

    *check* is the command that made the report. It is run first, with the findings and the progress that it must
    find, and last. What only a person can do is asked for; where there are several ways, all but the first stand
    there as comments.
    """
    expected = [*(word for key in expected_keys(report) for word in ("--expect", key))]
    recheck = [*check, *expected, "--expect-progress", progress_digest(report)]
    is_between = any(frees_names_first(step) for finding in report.findings for step in finding.remedy)
    if is_between:
        report = replace(report, checks=tuple(map(_freeing_names, report.checks)))
    printed: set[Step] = set()
    pointing = _pointing(report)
    body = "".join(section for story in stories(report) for section in _sections(story, printed, pointing))
    asks = re.search(r"^(?:confirm|permitted|if needed) ", body, re.MULTILINE) is not None
    head = _HEAD.format(
        headline=_comment(headline(report)),
        moment=report.started_at,
        check=join(check),
        recheck=join(recheck),
        terminal=_TERMINAL.format() if asks else "",
    )
    return head + body + (_TAIL_BETWEEN if is_between else _TAIL).format(look=join(check))


def progress_digest(report: Report) -> str:
    """Sum up which statements of the migrations were applied, and what could not be checked."""
    digest = sha256()
    for status in sorted(report.migrations, key=lambda each: each.name):
        progress = status.progress
        states = [each.state.value for each in progress.statements] if isinstance(progress, Progress) else None
        digest.update(repr((status.name, status.state.value, states)).encode("utf-8", "surrogatepass"))
    digest.update(repr(sorted(check.name for check in report.checks if check.unknown is not None)).encode())
    return digest.hexdigest()[:16]


def why_no_script(report: Report) -> str | None:
    """Say why no script can be written: it would not know what it changes."""
    for check in report.checks:
        if check.name in {"history", "schema"} and check.unknown is not None:
            return f"no script can be written: the check {check.name} is unknown ({check.unknown.because})"
    return None if expected_keys(report) else "there is nothing to fix"


def expected_keys(report: Report) -> list[str]:
    """The findings by which the context is known again; info, and what rows and load predict, changes each run."""
    lasting = (each for each in report.findings if each.severity is not Severity.INFO)
    return sorted({finding.key for finding in lasting if finding.code not in _OF_DEPLOYMENT})


def _freeing_names(check: CheckResult) -> CheckResult:
    """The *check* with the steps that free names alone: all other steps wait for the check after them."""
    findings = (each if each.code == _IN_THE_WAY else replace(each, remedy=()) for each in check.findings)
    return replace(check, findings=tuple(findings))


def _pointing(report: Report) -> set[str]:
    """The findings whose only step is to fix the deployment that they make fail."""
    blocked = [finding for finding in report.findings if finding.code == _IN_THE_WAY]
    return {cause.key for finding in blocked for cause in finding.because if cause.certain}


def _sections(story: Story, printed: set[Step], pointing: Set[str], *, ends: bool = False) -> Iterator[str]:
    """The steps of a story. What is certainly brought about *ends* with its cause, and needs none."""
    for finding in (story.finding, *story.more):
        if finding.code in _OF_DEPLOYMENT or finding.key in pointing or (ends and finding.code != _IN_THE_WAY):
            continue
        steps = [step for step in finding.remedy if step not in printed and not (_is_pointer(step))]
        printed.update(steps)
        if steps:
            yield "\n" + "\n".join([f"# {_comment(finding.summary)}", *_lines(finding, steps)]) + "\n"
    for consequence in story.consequences:
        is_certain = consequence.cause is not None and consequence.cause.certain
        yield from _sections(consequence, printed, pointing, ends=ends or is_certain)


def _is_pointer(step: Step) -> bool:
    """Say whether the script itself does what *step* asks for first, or ends there."""
    pointing = (points_to_conflicts, points_to_missing, points_to_unshown, frees_names_first)
    return any(points(step) for points in pointing)


def _lines(finding: Finding, steps: Sequence[Step]) -> Iterator[str]:
    chosen = [step for step in steps if not step.choice]
    for step in chosen:
        yield from _of_step(finding, step)
    if len(chosen) == len(steps):
        return
    for step in steps:
        if step.choice:
            yield from _commented(step.text, step.command)
    if not any(_is_a_way(step) for step in chosen):
        yield f"confirm {quote(_question(finding, _BY_HAND))}"


def _is_a_way(step: Step) -> bool:
    """Say whether *step* is more than the preparation, which comes before every way."""
    return step.command is not None and not step.text.startswith("In a checkout of the release")


def _of_step(finding: Finding, step: Step) -> Iterator[str]:
    command, asked = step.command, quote(_question(finding, step.text))
    if command is None:
        yield f"confirm {asked}"
    elif finding.code.startswith(_ELSEWHERE) and _is_a_way(step) and not command.startswith(_ON_DATABASE):
        yield from _commented(step.text, command)
        yield f"confirm {asked}"
    elif printable(command) != command:
        yield from _commented(step.text, command)
        yield f"confirm {quote(_question(finding, f'{step.text} {_UNPRINTABLE}'))}"
    elif step.asks and finding.code == _IN_THE_WAY:
        yield f"permitted {asked}"
        yield command
    elif step.asks or finding.code.startswith(_OF_SESSIONS):
        yield f"if needed {asked}; then"
        yield command
        yield "fi"
    else:
        yield f"# {_comment(step.text)}"
        if row_of(finding.code).of_migration and any(word in command for word in _RECORDS):
            yield f"complete {quote(finding.subject)}"
        yield command


def _question(finding: Finding, text: str) -> str:
    """What the terminal shows: it names what it is about, since steps of several findings read alike."""
    return printable(text if finding.subject in text else f"{finding.subject}: {text}")


def _commented(text: str, command: str | None) -> Iterator[str]:
    yield f"# {_comment(text)}"
    yield from (f"#     {line}" for line in printable(command or "").splitlines())


def _comment(text: str) -> str:
    return " ".join(printable(text).split())
