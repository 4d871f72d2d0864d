"""A request as a value, from the Functions library or from the server of `migration-monitor serve`."""

from collections.abc import Mapping

from ...model.value import dataclass


@dataclass(frozen=True, slots=True)
class HttpCall:
    """One request: the *path* as its caller wrote it, and the word of its route, which names a *target* ("": none)."""

    method: str
    path: str
    target: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes = b""

    def header(self, name: str) -> str | None:
        """Give a header, in whatever case it came."""
        return next((value for key, value in self.headers.items() if key.lower() == name.lower()), None)
