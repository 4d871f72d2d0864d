"""GitHub's API, as far as releases need it, and what its refusals mean."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

from ....azure.error import AzureError
from ....azure.secrets import forget_secrets, with_secrets
from ....model.release_settings import ReleaseSettings
from ....net.client import Answer, Document, Request, bearer
from ....net.pause import seconds_asked_for
from ...attempt import GatherError
from ..cache import Cache
from ..web import Web

JSON, SHA, BYTES = "application/vnd.github+json", "application/vnd.github.sha", "application/octet-stream"
_LATER_THAN_ANY_RESET = timedelta(days=1)


class GitHub:
    """One repository, asked with the token that the settings name, where they do.

    What it says is kept with its ETag: the answer that it is unchanged costs nothing of the limit.
    """

    def __init__(self, settings: ReleaseSettings, web: Web, cache: Cache) -> None:
        self.url = f"{settings.api.rstrip('/')}/repos/{settings.repository}"
        self._web, self._cache = web, cache
        try:
            self._settings = with_secrets(settings, web.left)
        except AzureError as error:
            raise web.down(error.because, lasting=error.lasting) from None

    def release(self, tag: str | None) -> Mapping[str, Any]:
        """Give the release of *tag*, or the latest one that is neither draft nor prerelease."""
        document = self._asked("releases/latest" if tag is None else f"releases/tags/{_quoted(tag)}", JSON)
        if document.status == 404:
            what = "no release yet" if tag is None else f"no release of the tag {tag}"
            raise self._web.refused(f"{document.address} knows {what}, or not the repository{self._hint}")
        found = document.json()
        if not isinstance(found, dict) or not isinstance(found.get("tag_name"), str):
            raise self._web.down(f"{document.address} answered with something else than a release")
        return found

    def commit(self, ref: str) -> str:
        """Give the commit at *ref*: a branch, a commit, or ``tags/NAME``."""
        document = self._asked(f"commits/{_quoted(ref)}", SHA)
        name = ref.removeprefix("tags/")
        kind = "branch or commit" if ref == name else "tag"
        if document.status == 404:
            raise self._web.refused(f"{document.address} knows no {kind} {name}, or not the repository{self._hint}")
        if document.status in {409, 422}:
            # 422: there is no such commit; 409: there is none at all.
            raise self._web.refused(f"the repository has no {kind} {name} ({document.status})")
        commit = document.content.decode("ascii", "replace").strip()
        if len(commit) != 40 or not commit.isalnum():
            raise self._web.down(f"{document.address} answered with something else than a commit")
        return commit

    @contextmanager
    def download(self, path: str, accept: str, what: str) -> Iterator[Answer]:
        with self._web.asked(self._request(path, accept)) as answer:
            if answer.status == 404:
                raise self._web.refused(f"{answer.address} has {what} no more (404)")
            self._insist_on_success(answer)
            yield answer

    def _asked(self, path: str, accept: str) -> Document:
        """Ask, and give the answer if it is one; that something is missing is one too."""
        document = self._web.confirmed(self._cache, self._request(path, accept))
        if document.status not in {404, 409, 422}:
            self._insist_on_success(document)
        return document

    def _request(self, path: str, accept: str) -> Request:
        headers, token = {"Accept": accept, "X-GitHub-Api-Version": "2022-11-28"}, self._settings.token
        return Request(
            f"{self.url}/{path}", headers=headers, credentials=bearer(None if token is None else token.value)
        )

    @property
    def _hint(self) -> str:
        """Say what else a 404 may mean: GitHub hides a repository from those who may not read it."""
        token = self._settings.token
        if token is None:
            return " (404): to see a private one takes a `token`"
        return f" (404): the token {token.name} may lack access to it (Contents: read)"

    def _insist_on_success(self, answer: Answer | Document) -> None:
        if answer.status == 200:
            return
        token = self._settings.token
        if answer.status == 401 and token is not None:
            # Who has set a new one in the vault does not have to wait.
            forget_secrets(self._settings)
            raise self._web.down(
                f"{answer.address} does not accept the token {token.name} (401): it may have expired", lasting=True
            )
        if answer.status in {403, 429}:
            raise self._refusal(answer)
        raise self._web.unexpected(answer)

    def _refusal(self, answer: Answer | Document) -> GatherError:
        token, again_at = self._settings.token, _again_at(answer.headers)
        if again_at is not None:
            words = f"its limit of requests is used up until {again_at:%Y-%m-%d %H:%M:%S} UTC ({answer.status})"
            advice = "" if token else "; a `token` lifts it from 60 an hour, shared with others behind one address"
            return self._web.down(f"{answer.address} answers nothing: {words}{advice}")
        if token is None:
            return self._web.down(f"{answer.address} refuses it ({answer.status}): name a `token`", lasting=True)
        return self._web.down(
            f"{answer.address} refuses it to the token {token.name} ({answer.status}): "
            "it needs Contents: read, and where the organisation has single sign-on, to be authorised for it",
            lasting=True,
        )


def _quoted(name: str) -> str:
    return quote(name, safe="/")


def _again_at(headers: Mapping[str, str]) -> datetime | None:
    """Give when a limit of requests ends, if that is what the answer is about."""
    now = datetime.now(UTC)
    waits, reset = seconds_asked_for(headers.get("Retry-After")), headers.get("X-RateLimit-Reset", "")
    if waits is not None:
        return now + timedelta(seconds=min(waits, _LATER_THAN_ANY_RESET.total_seconds()))
    if headers.get("X-RateLimit-Remaining") == "0" and reset.isdecimal():
        return min(datetime.fromtimestamp(int(reset[:11]), UTC), now + _LATER_THAN_ANY_RESET)
    return None
