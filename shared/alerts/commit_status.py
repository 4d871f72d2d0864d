"""The verdict of a verification on GitHub: a commit status of the release, on which deployments can be made to wait."""

import json
import re
from datetime import timedelta
from urllib.parse import quote

from ..azure.error import AzureError
from ..azure.secrets import with_secrets
from ..model.commit_status import CommitStatusSettings
from ..model.finding import Json
from ..model.phrases import clipped
from ..model.report import ReleaseSummary, Report, Verdict
from ..model.value import dataclass
from ..net.client import Limits, NoAnswerError, Request, ask, bearer
from ..net.deadline import Deadline
from ..report.wording import headline, printable
from .delivery.error import DeliveryError
from .delivery.post import post

_COMMIT = re.compile(r"[0-9a-f]{40}")
# GitHub refuses a longer description.
_LONGEST = 140
_TIMEOUT = timedelta(seconds=5)
_HEADERS = {"X-GitHub-Api-Version": "2022-11-28"}
_STATES = {
    Verdict.PASSED: "success",
    Verdict.WARNING: "success",
    Verdict.FAILED: "failure",
    Verdict.UNKNOWN: "error",
}


def write_commit_status(
    report: Report, settings: CommitStatusSettings, *, release: str | None, page: str | None, pending: bool = False
) -> None:
    """Give the commit of the verified *release* the verdict of *report*; *pending*: what is waited for may change it.

    Without a *release* it is the commit that was read. *page* is where more is to be found. Raises `DeliveryError`.
    """
    state = "pending" if pending else _STATES[report.verdict]
    _write(_Status(state, headline(report), report.target, page), report.release, settings, release)


def write_called_off(target: str, settings: CommitStatusSettings, *, release: str | None, page: str | None) -> None:
    """Give the commit of *release* an error: nothing may wait for the verdict of a deployment that was called off.

    Raises `DeliveryError`.
    """
    _write(_Status("error", "the deployment was called off", target, page), None, settings, release)


@dataclass(frozen=True, slots=True)
class _Status:
    state: str
    description: str
    target: str
    page: str | None


def _write(status: _Status, read: ReleaseSummary | None, settings: CommitStatusSettings, release: str | None) -> None:
    try:
        settings = with_secrets(settings)
    except AzureError as error:
        raise DeliveryError(f"the commit status: {error.because}", passing=not error.lasting) from None
    commit = _commit(read, settings, release)
    context = settings.context or f"migrations/{status.target}"
    document: dict[str, Json] = {
        "state": status.state,
        "context": printable(context),
        "description": clipped(printable(status.description), _LONGEST),
        **({} if status.page is None else {"target_url": status.page}),
    }
    headers = {**_HEADERS, **bearer(settings.token.value), "Content-Type": "application/json"}
    url = f"{_repository(settings)}/statuses/{commit}"
    post(f"the commit status of {settings.repository}", url, json.dumps(document).encode(), headers, _TIMEOUT)


def _commit(read: ReleaseSummary | None, settings: CommitStatusSettings, release: str | None) -> str:
    """Give the commit: the one that was read from this repository, else the one that the release's tag names."""
    if read is not None and read.source == "github" and read.origin.startswith(f"{settings.repository}@"):
        return read.origin.rpartition("@")[2]
    version = release or (read.version if read is not None else None)
    if version is None:
        raise DeliveryError("the commit status: the release has no version that could name a commit", never=True)
    return version if _COMMIT.fullmatch(version) else _of_tag(version, settings)


def _of_tag(tag: str, settings: CommitStatusSettings) -> str:
    url = f"{_repository(settings)}/commits/{quote(f'tags/{tag}', safe='/')}"
    headers = {**_HEADERS, "Accept": "application/vnd.github.sha"}
    request = Request(url, headers=headers, credentials=bearer(settings.token.value))
    seconds = _TIMEOUT.total_seconds()
    try:
        document = ask(request, Limits(Deadline.after(_TIMEOUT), 10_000, connect=seconds, read=seconds))
    except NoAnswerError as error:
        raise DeliveryError(f"the commit status: {error}", passing=True) from None
    commit = document.content.decode("ascii", "replace").strip()
    if document.status != 200 or not _COMMIT.fullmatch(commit):
        because = f"{settings.repository} has no tag {tag}, or the token may not read it ({document.status})"
        raise DeliveryError(f"the commit status: {because}", passing=document.status >= 500)
    return commit


def _repository(settings: CommitStatusSettings) -> str:
    return f"{settings.api.rstrip('/')}/repos/{settings.repository}"
