"""Azure Resource Manager: reading what it says of a thing, and why it says nothing, in a sentence."""

import re
from collections.abc import Mapping
from datetime import timedelta
from http import HTTPStatus
from types import MappingProxyType
from typing import Any
from urllib.parse import quote, urlencode

from ..azure.credential import forget_token, token
from ..azure.error import AzureError
from ..azure.identity_errors import named, not_accepted
from ..model.azure import Identity
from ..model.value import dataclass
from ..net.client import Document, Limits, NoAnswerError, Request, ask, bearer
from ..net.deadline import Deadline
from .attempt import GatherError

NO_QUERY: Mapping[str, str] = MappingProxyType({})
URL = "https://management.azure.com"
SCOPE = f"{URL}/.default"
# A list of hundreds of revisions is a megabyte; what is larger is none.
_LARGEST = 16 * 1024 * 1024
_MOST_PAGES = 20
# What Azure calls its errors (``AuthorizationFailed``); the text beside it names people and subscriptions.
_CODE = re.compile(r"[A-Za-z]{3,64}")


@dataclass(frozen=True, slots=True)
class Arm:
    """*identity* asks, until *deadline*."""

    identity: Identity
    deadline: Deadline

    @classmethod
    def within(cls, identity: Identity, limit: timedelta) -> "Arm":
        return cls(identity, Deadline.after(limit))

    @property
    def left(self) -> timedelta:
        """What is left of the time, in whole tenths of a second, as messages show it."""
        return timedelta(seconds=int(10 * self.deadline.seconds_left) / 10)

    def token(self) -> str:
        """Give what Azure lets *identity* in with; raises `GatherError`."""
        try:
            return token(self.identity, SCOPE, self.left)
        except AzureError as error:
            raise GatherError(error.because, lasting=error.lasting) from None

    def get(
        self, path: str, api_version: str, what: str, needs: str, query: Mapping[str, str] = NO_QUERY
    ) -> dict[str, Any]:
        """Give the document at *path*. *what* is read is named where it fails, and what it *needs* where it may not."""
        return self._ask("GET", _url(path, api_version, query), what, needs)

    def post(self, path: str, api_version: str, what: str, needs: str) -> dict[str, Any]:
        return self._ask("POST", f"{URL}{path}?api-version={api_version}", what, needs)

    def get_all(
        self, path: str, api_version: str, what: str, needs: str, query: Mapping[str, str] = NO_QUERY
    ) -> list[dict[str, Any]]:
        """Give the items of a list, page by page."""
        items: list[dict[str, Any]] = []
        url = _url(path, api_version, query)
        for _ in range(_MOST_PAGES):
            page = self._ask("GET", url, what, needs)
            items += objects_at(page, "value")
            following = text_at(page, "nextLink")
            if following is None:
                return items
            # The token goes along: to nobody else.
            if not following.startswith(f"{URL}/"):
                break
            url = following
        raise GatherError(f"{what}: Azure's list goes on for too long, or elsewhere")

    def _ask(self, method: str, url: str, what: str, needs: str) -> dict[str, Any]:
        given = self.token()
        answer = self._answer(method, url, given, what)
        if answer.status == HTTPStatus.UNAUTHORIZED:
            # It may have been revoked; a fresh one shows whether that was the reason.
            forget_token(self.identity, given)
            answer = self._answer(method, url, self.token(), what)
        document = answer.json()
        if answer.status == HTTPStatus.OK and isinstance(document, dict):
            return document
        raise refused(what, answer.status, error_code(document), self.identity, needs)

    def _answer(self, method: str, url: str, fresh: str, what: str) -> Document:
        request = Request(url, method, {"Accept": "application/json"}, bearer(fresh))
        try:
            return ask(request, Limits(self.deadline, _LARGEST, tries=2))
        except NoAnswerError as error:
            failure = GatherError(f"{what}: {error}")
        # Here, where no exception is at hand any more whose text may have more than ours.
        raise failure


def _url(path: str, api_version: str, query: Mapping[str, str]) -> str:
    return f"{URL}{path}?{urlencode({'api-version': api_version, **query}, quote_via=quote)}"


def refused(what: str, status: int, code: str | None, identity: Identity, needs: str) -> GatherError:
    """Give why Azure answered *status* when asked for *what*, which a caller can read who has what it *needs*."""
    who, answered = named(identity), f"{status} {code}" if code else str(status)
    match status:
        case HTTPStatus.UNAUTHORIZED:
            return GatherError(f"{what}: {not_accepted('Azure', identity)}", lasting=True)
        case HTTPStatus.FORBIDDEN:
            return GatherError(f"{what}: {who} may not read it: it needs {needs}", lasting=True)
        case HTTPStatus.NOT_FOUND:
            return GatherError(f"{what}: Azure knows none (404): see the resource id in the settings", lasting=True)
        case HTTPStatus.TOO_MANY_REQUESTS:
            return GatherError(f"{what}: Azure is asked too often (429)")
        case HTTPStatus.OK:
            return GatherError(f"{what}: what Azure answered is not what its interface promises")
    lasting = HTTPStatus.BAD_REQUEST <= status < HTTPStatus.INTERNAL_SERVER_ERROR
    return GatherError(f"{what}: Azure answered {answered}", lasting=lasting and status != HTTPStatus.REQUEST_TIMEOUT)


def error_code(document: object) -> str | None:
    code = text_at(document, "error", "code") or text_at(document, "code")
    return code if code is not None and _CODE.fullmatch(code) else None


def at(document: object, *keys: str) -> object:
    """Give the value in *document* under *keys*; None where it does not go so deep."""
    for key in keys:
        document = document.get(key) if isinstance(document, dict) else None
    return document


def text_at(document: object, *keys: str) -> str | None:
    found = at(document, *keys)
    return found if isinstance(found, str) and found else None


def number_at(document: object, *keys: str) -> int | None:
    found = at(document, *keys)
    return found if isinstance(found, int) and not isinstance(found, bool) else None


def objects_at(document: object, *keys: str) -> list[dict[str, Any]]:
    found = at(document, *keys)
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []
