"""Findings for a difference that comes, or may come, from a file that was edited after it was applied."""

import re
from collections.abc import Iterable, Iterator, Sequence
from shlex import quote

from ..model.diagnosis import Edit, MigrationStatus
from ..model.difference import Change, Difference
from ..model.finding import Cause, Finding, Step
from ..model.phrases import listed
from ..model.value import replace

_NEW_MIGRATION = "Then put what the edit was for into a new migration (npx prisma migrate dev --create-only)."
_SHA256 = re.compile(r"[0-9a-f]{64}")


def with_edits(
    finding: Finding, difference: Difference, edits: Sequence[Edit], migrations: Iterable[MigrationStatus]
) -> Finding:
    """Give *finding* of *difference* with the *edits* that caused it; the first steps restore their files."""
    if not edits:
        return finding
    certain = edits[0].certain
    causes = tuple(Cause(f"migration-edited:{edit.migration}", certain=certain) for edit in edits)
    because = tuple(dict.fromkeys((*causes, *finding.because)))
    summary = _certain(difference, edits) if certain else _possible(difference, edits)
    if not finding.code.startswith("schema-"):
        summary = finding.summary
    names = {edit.migration for edit in edits}
    restoring = (restore(status) for status in migrations if status.name in names)
    remedy = (*restoring, *_then(finding, difference, certain=certain))
    return replace(finding, summary=summary, because=because, remedy=remedy)


def restore(status: MigrationStatus) -> Step:
    """How to restore the recorded file of an edited migration: git finds it by its checksum."""
    name, checksum = status.name, status.row.checksum if status.row is not None else ""
    text = f"Restore the file of {name} that was applied"
    if _SHA256.fullmatch(checksum) is None:
        return Step(f"{text} (git restore --source, from the tag or commit that was deployed).")
    pattern = re.sub(r"([\\*?\[])", r"\\\1", name)
    return Step(
        f"{text}, in a checkout of the release: git finds it by its checksum.",
        f"file=$(git ls-files --full-name {quote(f':(top,glob)**/{pattern}/migration.sql')} | head -n 1)\n"
        'for commit in $(git rev-list --all -- ":/$file"); do\n'
        f'  git show "$commit:$file" 2>/dev/null | sha256sum | grep -q {checksum} &&\n'
        '    git restore --source="$commit" -- ":/$file" && break\n'
        "done",
    )


def _certain(difference: Difference, edits: Sequence[Edit]) -> str:
    subject, names = difference.subject, listed([edit.migration for edit in edits])
    files, does = ("files", "do") if len(edits) > 1 else ("file", "does")
    ran = f"the {files} of {names} that {'ran' if all(edit.started for edit in edits) else 'was recorded'}"
    if difference.found_as is not None:
        there = f"{subject} is {difference.found_as} in the database"
        return f"{there}, as {ran} made it; the release's edited {files} {does} not."
    match difference.change:
        case Change.MISSING:
            return (
                f"{subject} is missing in the database: {ran} did not make it; the release's edited {files} {does} "
                f"({difference.expected})."
            )
        case Change.UNEXPECTED:
            return (
                f"{subject} is in the database ({difference.actual}): {ran} made it; the release's edited {files} "
                f"{does} not."
            )
        case Change.CHANGED:
            return (
                f"{subject} is {difference.actual} in the database, as {ran} made it; by the release's edited {files} "
                f"it is {difference.expected}."
            )


def _possible(difference: Difference, edits: Sequence[Edit]) -> str:
    subject, names = difference.subject, listed([edit.migration for edit in edits])
    edit = f"the edit of {names}"
    if difference.found_as is not None:
        return (
            f"{subject} is {difference.found_as} in the database. Either {edit} changed it in the release, or it was "
            "changed in the database by hand."
        )
    match difference.change:
        case Change.MISSING:
            return (
                f"{subject} is missing in the database ({difference.expected}). Either {edit} added it to the "
                "release, or it was removed from the database by hand."
            )
        case Change.UNEXPECTED:
            return (
                f"{subject} is in the database, and no migration of the release makes it ({difference.actual}). "
                f"Either {edit} removed it from the release, or it was added to the database by hand."
            )
        case Change.CHANGED:
            return (
                f"{subject} is {difference.actual} in the database; the release's migrations define it as "
                f"{difference.expected}. Either {edit} changed it in the release, or it was changed in the database "
                "by hand."
            )


def _then(finding: Finding, difference: Difference, *, certain: bool) -> Iterator[Step]:
    first, *more = finding.remedy
    if difference.corrective:
        # It is right in both cases: the database gets what the release has now.
        yield replace(first, text=_NEW_MIGRATION)
        yield from more
        return
    yield Step(f"{_NEW_MIGRATION} Write it by hand: no SQL that keeps all data is known.")
    if not certain:
        yield replace(first, text=f"If {difference.subject} still differs: {first.text}")
        yield from more
