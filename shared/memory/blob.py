"""A target's memory in a blob: read by its ETag and written by it, merged where two runs wrote at the same time.

A lease keeps a second run out while the first notifies people, so that they are notified once. The
memory does not rest on it: it lasts a minute and nobody renews it, so that a run that
is killed keeps nobody out for long, and what two runs write at the same time is merged.
"""

import time
from collections.abc import Callable, Iterator, Mapping, Set
from contextlib import contextmanager, suppress
from datetime import UTC, date, datetime, timedelta
from http import HTTPStatus
from uuid import uuid4

from ..azure.container import Answer, Container
from ..azure.error import AzureError
from ..model.azure import Identity
from ..model.memory import Memory
from ..model.moment import moment_of
from ..model.value import replace
from .codec import NotInShapeError
from .document import PATIENCE, lost, not_ended, not_written, understood, written
from .merge import merged
from .place import NO_TEXTS

_ROLE = "Storage Blob Data Contributor"
_LEASE_SECONDS = 60  # the longest that ends by itself
_PAUSE = 1.0
_NEXT_RUN = "next_run_at"
_SUFFIX = ".json"
_AN_HOUR = timedelta(hours=1)
# What a blob that is there says to who would write the first one; the second is said of one that is leased.
_IS_THERE = {"BlobAlreadyExists", "LeaseIdMissing", "ConditionNotMet"}


def next_runs(container: str, identity: Identity) -> Mapping[str, datetime]:
    """Give by target when it is to be checked again, of all memories in *container* at once; raises `AzureError`."""
    listed = Container(container, identity, _ROLE).names()
    moments = {name.removesuffix(_SUFFIX): moment_of(metadata.get(_NEXT_RUN, "")) for name, metadata in listed}
    return {target: moment for target, moment in moments.items() if moment is not None}


def _day(memory: Memory) -> date | None:
    at = memory.runs[-1].at if memory.runs else memory.flushed_at
    return None if at is None else at.date()


class MemoryBlob:
    """The document of one target. *sleep* waits between two looks at a lease that another run holds."""

    def __init__(
        self,
        container: str,
        identity: Identity,
        target: str,
        *,
        patience: timedelta = PATIENCE,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._container = Container(container, identity, _ROLE)
        self._target, self._blob, self._texts = target, f"{target}{_SUFFIX}", f"{target}.texts/"
        self._patience, self._sleep = patience, sleep
        self._is_alone = False
        self._own_lease, self._lease = str(uuid4()), None  # type: tuple[str, str | None]
        # What the document was when it was last read or written, and by which ETag it is known.
        self._base, self._etag = Memory(target), None  # type: tuple[Memory, str | None]

    def load(self) -> Memory:
        """Give what is remembered; never raises, since what is found now must be sent in any case.

        Where the document cannot be read or understood, the memory is empty and `Memory.lost` says
        why. Who is `alone`, and will write, sets it aside.
        """
        found = self.newer(None)
        return Memory(self._target) if found is None else found[0]

    def newer(self, tag: str | None) -> tuple[Memory, str | None] | None:
        self._base, self._etag = Memory(self._target), None
        try:
            answer = self._container.ask("GET", self._blob, headers={} if tag is None else {"If-None-Match": tag})
        except AzureError as error:
            because = f"cannot be read ({error.because})"
            return lost(self._target, self._blob, because, out_of_reach=True), None
        if answer.status == HTTPStatus.NOT_MODIFIED:
            return None
        if not answer.is_done:
            return self._base, None
        memory = self._understood(answer)
        return memory, answer.etag if memory.lost is None else None

    def _understood(self, answer: Answer) -> Memory:
        self._etag = answer.etag
        try:
            self._base = understood(answer.body, self._target)
        except NotInShapeError as error:
            problem = f"could not be understood ({error})"
        else:
            return self._base
        return self._lost(f"{problem} and {self._set_aside(answer.body)}" if self._is_alone else problem)

    def save(self, memory: Memory, texts: Mapping[str, str] = NO_TEXTS) -> None:
        """Replace the document: a reader finds the old one or the new one.

        Where it has been written since it was loaded, what is written is both, merged. So it is where
        it could not be read, and can be written: it may be sound all the same.
        """
        before = {*self._base.documents(), *texts}
        try:
            self._put_texts(texts)
            answer = self._put(memory)
            if not answer.is_done:
                # Our lease has run out: another run may have one now, and will write in its turn.
                self._lease = self._turn() if self._is_alone else None
                theirs = self._read_again()
                before.update(theirs.documents())
                memory = merged(self._base, memory, theirs)
                answer = self._put(memory)
        except AzureError as error:
            problem = error.because
        else:
            if answer.is_done:
                self._clear(before, self._base, memory)
                self._base, self._etag = replace(memory, lost=None), answer.etag
                return
            problem = f"it was written by others meanwhile, twice ({answer.code})"
        raise not_written(f"{self._container.url}/{self._blob}", problem)

    def text(self, digest: str) -> str | None:
        try:
            answer = self._container.ask("GET", self._beside(digest))
            return answer.body.decode("utf-8", "surrogatepass") if answer.is_done else None
        except (AzureError, ValueError):
            return None

    def _beside(self, digest: str) -> str:
        # It comes out of a document that may be damaged, and leads nowhere else.
        return f"{self._texts}{digest.rpartition('/')[2]}{_SUFFIX}"

    def _put_texts(self, texts: Mapping[str, str]) -> None:
        for digest, text in texts.items():
            document, blob = text.encode("utf-8", "surrogatepass"), self._beside(digest)
            if self._write(blob, document, {}).code == "ContainerNotFound":
                self._begin()
                self._write(blob, document, {})

    def _clear(self, referred_to: Set[str], before: Memory, now: Memory) -> None:
        """Delete what is not referred to any more; once a day also what a run that died could not refer to."""
        kept = set(now.documents())
        unwanted = {self._beside(digest) for digest in referred_to - kept}
        with suppress(AzureError):  # what is left there is found tomorrow
            if _day(before) != _day(now):
                unwanted |= self._lost_texts({self._beside(digest) for digest in kept})
            for blob in sorted(unwanted):
                self._container.ask("DELETE", blob)

    def _lost_texts(self, kept: Set[str]) -> set[str]:
        """Give the documents that nothing refers to, but for those that another run may be about to refer to."""
        listed = list(self._container.listed(self._texts))
        newest = max((each.modified for each in listed if each.modified is not None), default=None)
        return {
            each.name
            for each in listed
            if newest is not None and each.modified is not None and newest - each.modified > _AN_HOUR
        } - kept

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Keep other runs of this target out from reading to writing, for a minute; the lease of one that dies ends.

        Where none can be had, nobody is kept out: `save` will say so, after people have been notified.
        """
        with suppress(AzureError):
            self._lease = self._turn()
            if self._lease is None:
                raise not_ended(self._target, self._patience)
        self._is_alone = True
        try:
            yield
        finally:
            if self._lease is not None:
                with suppress(AzureError):  # it ends by itself
                    self._ask_for_lease("release", {"x-ms-lease-id": self._lease})
            self._is_alone, self._lease = False, None

    def _turn(self) -> str | None:
        """Wait for a lease and give it; None where another run keeps its own for too long."""
        deadline = time.monotonic() + self._patience.total_seconds()
        # Always the same: asked for once more, it is still ours.
        wanted = {"x-ms-lease-duration": str(_LEASE_SECONDS), "x-ms-proposed-lease-id": self._own_lease}
        has_begun = False
        while not (answer := self._ask_for_lease("acquire", wanted)).is_done:
            if answer.status == HTTPStatus.NOT_FOUND and not has_begun:
                self._begin()
                has_begun = True
            elif time.monotonic() >= deadline:
                return None
            else:
                self._sleep(_PAUSE)
        return self._own_lease

    def _ask_for_lease(self, action: str, headers: Mapping[str, str]) -> Answer:
        return self._container.ask(
            "PUT", self._blob, query={"comp": "lease"}, headers={"x-ms-lease-action": action, **headers}
        )

    def _begin(self) -> str | None:
        """Write the first document, since only an existing document can be leased, and give its ETag.

        A missing container is made, where that is allowed. None where others were faster.
        """
        blank, only_first = written(Memory(self._target)), {"If-None-Match": "*"}
        answer = self._write(self._blob, blank, only_first)
        if answer.code == "ContainerNotFound":
            made = self._container.ask("PUT", query={"restype": "container"})
            if not made.is_done and made.code != "ContainerAlreadyExists":
                raise AzureError(f"there is no container {self._container.url}, and it cannot be made ({made.code})")
            answer = self._write(self._blob, blank, only_first)
        if not answer.is_done and answer.code not in _IS_THERE:
            raise AzureError(f"{self._container.url} does not take it ({answer.status} {answer.code})")
        return answer.etag if answer.is_done else None

    def _put(self, memory: Memory) -> Answer:
        headers = {"If-None-Match": "*"} if self._etag is None else {"If-Match": self._etag}
        if memory.next_run_at is not None:
            headers[f"x-ms-meta-{_NEXT_RUN}"] = memory.next_run_at.isoformat()
        if self._lease is not None:
            headers["x-ms-lease-id"] = self._lease
        return self._write(self._blob, written(memory), headers)

    def _write(self, blob: str, document: bytes, headers: Mapping[str, str]) -> Answer:
        own = {"x-ms-blob-type": "BlockBlob", "Content-Type": "application/json"}
        return self._container.ask("PUT", blob, headers={**headers, **own}, body=document)

    def _read_again(self) -> Memory:
        """Give what others have written; what cannot be understood is set aside, and nothing of it is taken."""
        answer = self._container.ask("GET", self._blob)
        if not answer.is_done:  # somebody took it away, so nothing of it is left
            self._etag = self._begin()
            return Memory(self._target)
        self._etag = answer.etag
        try:
            return understood(answer.body, self._target)
        except NotInShapeError:
            self._set_aside(answer.body)
        return self._base

    def _set_aside(self, document: bytes) -> str:
        aside = f"{self._blob}.unreadable-{datetime.now(UTC):%Y%m%dT%H%M%S%f}"
        try:
            answer = self._write(aside, document, {"If-None-Match": "*"})
        except AzureError as error:
            return f"could not be set aside ({error.because})"
        return f"was set aside as {aside}" if answer.is_done else f"could not be set aside ({answer.code})"

    def _lost(self, what: str) -> Memory:
        return lost(self._target, self._blob, what)
