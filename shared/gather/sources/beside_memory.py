"""What was read of releases, kept in the container of the memory: an instance on Azure lives for seconds."""

from collections.abc import Mapping
from datetime import timedelta

from ...azure.container import Answer, Container
from ...azure.error import AzureError
from ...model.azure import Identity

_FOLDER = "releases/"
# A release is wanted within seconds: without this it is read again.
_LONGEST = timedelta(seconds=3)
# A release's migrations are a hundredth of this; what is larger is read again.
LARGEST = 2 * 1024 * 1024
MOST = 50


class BesideMemory:
    """Values by name, a blob each, the newest `MOST`. Where storage does not answer, nothing is kept or found."""

    def __init__(self, container: str, identity: Identity) -> None:
        self._container = Container(container, identity, "Storage Blob Data Contributor", _LONGEST)
        self._is_down = False

    def get(self, name: str) -> bytes | None:
        answer = self._ask("GET", f"{_FOLDER}{name}")
        return answer.body if answer is not None and answer.is_done else None

    def put(self, name: str, value: bytes) -> None:
        if len(value) > LARGEST:
            return
        # The container is the memory's: it is made with the first document there.
        answer = self._ask("PUT", f"{_FOLDER}{name}", {"x-ms-blob-type": "BlockBlob"}, value)
        if answer is not None and answer.is_done:
            self._free_space()

    def _free_space(self) -> None:
        try:
            listed = list(self._container.listed(_FOLDER))
        except AzureError:
            return
        dated = [(blob.modified, blob.name) for blob in listed if blob.modified is not None]
        for _, name in sorted(dated, reverse=True)[MOST:]:
            self._ask("DELETE", name)

    def _ask(
        self, method: str, blob: str, headers: Mapping[str, str] | None = None, body: bytes = b""
    ) -> Answer | None:
        """Ask once a run where storage does not answer: each question could take as long as the first."""
        if self._is_down:
            return None
        try:
            return self._container.ask(method, blob, headers=headers, body=body)
        except AzureError:
            self._is_down = True
            return None
