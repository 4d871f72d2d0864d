"""What every SARIF log of ours has: the tool with its rules, and results in the files of a release."""

import re
from collections.abc import Iterable, Mapping, Sequence
from posixpath import join
from urllib.parse import quote

from ...model.codes import CODES, Code
from ...model.finding import Json, Severity
from ...model.report import ReleaseSummary
from ...prisma.release import LOCK_FILE, SCRIPT_FILE
from ..json import dumps

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_LEVELS: Mapping[str | None, str] = {Severity.CRITICAL: "error", Severity.WARNING: "warning", Severity.INFO: "note"}
# GitHub reads no more results of a run, and no larger file than 10 MB when packed.
LARGEST = 5_000
_MARKDOWN = re.compile(r"[`*]")


def as_log(runs: Iterable[Json]) -> str:
    return dumps({"$schema": _SCHEMA, "version": "2.1.0", "runs": list(runs)}, indent=2, end="\n")


def run(name: str, results: Sequence[Json], codes: Iterable[str], invocation: Mapping[str, Json]) -> Json:
    """One run, called *name* for its target; of too many *results* the last are left out."""
    rules: list[Json] = [_rule(CODES[code]) for code in sorted(set(codes) & CODES.keys())]
    return {
        "tool": {"driver": {"name": "migration-monitor", "rules": rules}},
        "automationDetails": {"id": f"migration-monitor/{name}/"},
        "columnKind": "unicodeCodePoints",
        "invocations": [dict(invocation)],
        "results": list(results[:LARGEST]),
    }


def _rule(row: Code) -> Json:
    means, action = _MARKDOWN.sub("", row.means), _MARKDOWN.sub("", row.action)
    return {
        "id": row.name,
        "shortDescription": {"text": f"{row.check}: {row.short}"},
        "fullDescription": {"text": means},
        "help": {"text": f"{means}. What to do: {action}", "markdown": f"{row.means}\n\n**What to do:** {row.action}"},
        "defaultConfiguration": {"level": _LEVELS.get(row.severity, "warning")},
        "properties": {"tags": ["database", row.check]},
    }


def result(
    code: str,
    severity: Severity,
    text: str,
    *,
    fingerprint: str,
    locations: Sequence[Json],
    accepted: str | None = None,
) -> Json:
    """One finding. The first of *locations* is its own; *accepted* says why it is no reason to act now."""
    first, *others = locations
    found: dict[str, Json] = {
        "ruleId": code,
        "level": _LEVELS[severity],
        "message": {"text": text},
        "locations": [first],
        "fingerprints": {"findingKey/v1": fingerprint},
        "partialFingerprints": {"findingKey/v1": fingerprint},
    }
    if others:
        found["relatedLocations"] = others
    if accepted is not None:
        found["suppressions"] = [{"kind": "external", "status": "accepted", "justification": accepted}]
    return found


def folder_of(release: ReleaseSummary) -> str:
    """Where the migrations folder is; of what was read from no folder, only the path within it is known."""
    return join(release.origin, release.folder) if release.source == "folder" else release.folder


class Files:
    """Where a release's files are: in *folder*, a path of this machine or one within a repository."""

    def __init__(self, folder: str) -> None:
        self._folder = folder.replace("\\", "/")

    def script(self, migration: str, line: int = 1, said: str | None = None) -> Json:
        """The line of a migration's file; *said* says of it what the result's own text does not."""
        return self._location(join(migration, SCRIPT_FILE), line, None, said)

    def release(self, subject: str) -> Json:
        """Where nothing of a finding's *subject* is in a file: every release has this one, and a result needs one."""
        return self._location(LOCK_FILE, 1, subject, None)

    def _location(self, path: str, line: int, subject: str | None, said: str | None) -> Json:
        found: dict[str, Json] = {
            "physicalLocation": {"artifactLocation": self._address(path), "region": {"startLine": max(1, line)}}
        }
        if subject is not None:
            found["logicalLocations"] = [{"fullyQualifiedName": subject}]
        if said is not None:
            found["message"] = {"text": said}
        return found

    def _address(self, path: str) -> Json:
        whole = join(self._folder, path).removeprefix("./")
        if whole.startswith("/"):
            return {"uri": f"file://{quote(whole, errors='replace')}"}
        if re.match("[A-Za-z]:/", whole):
            return {"uri": f"file:///{quote(whole, safe='/:', errors='replace')}"}
        return {"uri": quote(whole, errors="replace"), "uriBaseId": "%SRCROOT%"}
