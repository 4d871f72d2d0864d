"""Many databases through the queue, the function and back into storage, as in Azure, by more and more threads.

Microsoft's own Python runtime calls the function in this process, as one instance of the app does; PostgreSQL and the
emulator of the storage run beside it on the same machine, and take their share of it. The host's part is played here: a
thread takes a message from the queue, has it run, and deletes it.
"""

import os
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from resource import RUSAGE_SELF, getrusage
from tempfile import TemporaryDirectory

import psycopg
import pytest
import requests
from azure.identity import ManagedIdentityCredential
from azure.storage.queue import QueueClient
from psycopg import sql

from benchmarks.application import deploy, mixed
from benchmarks.measured import Line, Measured, times
from benchmarks.process import ROOT
from shared.demo.private_postgres import PrivatePostgres, private_postgres
from shared.memory import memory_of, next_runs
from shared.model.report import Verdict
from shared.model.settings import MemorySettings
from shared.settings import load_settings
from tests.cloud.azurite import Azurite, start_azurite
from tests.cloud.cloud import Cloud, loopback_cloud
from tests.entrypoints.functions_runtime import FunctionsRuntime

_DATABASES = 200
_MIGRATIONS, _TABLES = 100, 60
_WORKERS = (1, 2, 4, 8, 16)
# So long at most for each number of threads: the whole is to end within minutes.
_MOST_SECONDS, _MOST_SECONDS_FOR_ALL = 15.0, 120.0
_MANY = 10_000
_TARGET = """
[[target]]
name = "customer-{number}"
privileges = false
release = {{ source = "folder", path = "{release}" }}
database = {{ url = "env:DATABASE_{number}" }}
"""


def measure() -> Iterator[Line]:
    with (
        TemporaryDirectory(prefix="mm-") as folder,
        private_postgres() as server,
        start_azurite() as azurite,
        pytest.MonkeyPatch.context() as patch,
        loopback_cloud(Path(folder), patch) as cloud,
    ):
        azurite.join(cloud)
        patch.setenv("AZURE_CLIENT_ID", str(cloud.identity.client_id))
        release = _databases(server, Path(folder), patch)
        container = f"{azurite.url('blob')}/memory"
        _settle(Path(folder), patch, _DATABASES, release, container)
        functions = FunctionsRuntime(ROOT)
        try:
            # Each database is new to the memory once; what is measured then is what every hour brings.
            yield from _through_the_queue(functions, cloud, azurite, _WORKERS[-1], for_the_first_time=True)
            for workers in _WORKERS:
                yield from _through_the_queue(functions, cloud, azurite, workers)
        finally:
            functions.close()
        yield Measured("  the most memory of this process by then", [_peak_mib()], unit="MiB")
        yield from _memories(container, cloud)
        yield from _far(Path(folder), patch, release)


def _databases(server: PrivatePostgres, folder: Path, patch: pytest.MonkeyPatch) -> Path:
    """Make the databases, each up to date with one release; give the release."""
    release = folder / "release"
    deploy(mixed(_MIGRATIONS, _TABLES), server, "customer", release)
    with psycopg.connect(server.url(), autocommit=True) as admin:
        for number in range(_DATABASES):
            name = f"customer_{number}"
            admin.execute(
                sql.SQL("CREATE DATABASE {} TEMPLATE customer STRATEGY file_copy").format(sql.Identifier(name))
                if admin.info.server_version >= 150_000
                else sql.SQL("CREATE DATABASE {} TEMPLATE customer").format(sql.Identifier(name))
            )
            patch.setenv(f"DATABASE_{number}", server.url(name))
    return release


def _settle(folder: Path, patch: pytest.MonkeyPatch, count: int, release: Path, container: str) -> None:
    text = f'[memory]\ncontainer = "{container}"\n'
    text += "".join(_TARGET.format(number=number, release=release) for number in range(count))
    file = folder / "monitor.toml"
    file.write_text(text)
    # As in an app that was deployed a while ago: what was written just now would be read for every message.
    os.utime(file, (time.time() - 3600, time.time() - 3600))
    patch.setenv("MONITOR_CONFIG", str(file))


def _through_the_queue(
    functions: FunctionsRuntime, cloud: Cloud, azurite: Azurite, workers: int, *, for_the_first_time: bool = False
) -> Iterator[Line]:
    most_seconds = _MOST_SECONDS_FOR_ALL if for_the_first_time else _MOST_SECONDS
    with (
        ManagedIdentityCredential(client_id=cloud.identity.client_id) as credential,
        QueueClient(azurite.url("queue"), f"by-{workers}-{most_seconds:.0f}", credential=credential) as queue,
    ):
        queue.create_queue()
        messages = functions.tick("schedule", past_due=True)["due"]
        started = time.perf_counter()
        for message in messages:
            queue.send_message(message)
        sending = time.perf_counter() - started
        with _requests() as counted:
            done = _drained(functions, queue, workers, most_seconds)
    when = "for the first time, " if for_the_first_time else ""
    threads = "1 thread" if workers == 1 else f"{workers} threads"
    asked = counted[azurite.host("blob")] / done.checks
    note = f"{done.checks} checks in {done.seconds:.1f} s; {asked:.1f} requests to blobs for each"
    rate = [done.checks / done.seconds]
    yield Measured(f"{_DATABASES} databases, {when}{threads}: checks a second", rate, note, unit="/s")
    yield Measured("  processor for each, the queue's client included", [done.cpu_seconds / done.checks])
    if for_the_first_time:
        yield Measured("  a message into the queue", [sending / len(messages)])


@dataclass(frozen=True, slots=True)
class _Done:
    checks: int
    seconds: float
    cpu_seconds: float


def _drained(functions: FunctionsRuntime, queue: QueueClient, workers: int, most_seconds: float) -> _Done:
    """Have so many threads take messages and run them, until the queue is empty or the time is over."""
    started, cpu = time.perf_counter(), time.process_time()
    checks, failures = Counter[str](), list[BaseException]()

    def work(name: str) -> None:
        try:
            while time.perf_counter() - started < most_seconds and not failures:
                message = queue.receive_message(visibility_timeout=60)
                if message is None:
                    return
                functions.deliver("check_target", message.content.encode())
                queue.delete_message(message)
                checks[name] += 1
        except BaseException as failure:  # noqa: BLE001  # carried to the thread that waits, and raised there
            failures.append(failure)

    threads = [threading.Thread(target=work, args=(f"{number}",)) for number in range(workers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]
    return _Done(checks.total(), time.perf_counter() - started, time.process_time() - cpu)


@contextmanager
def _requests() -> Iterator[Counter[str]]:
    """Count by host what is sent meanwhile, by our own requests and by the SDKs alike."""
    counted = Counter[str]()
    send: Callable[..., requests.Response] = requests.adapters.HTTPAdapter.send

    def counting(
        adapter: requests.adapters.HTTPAdapter, request: requests.PreparedRequest, **options: object
    ) -> requests.Response:
        counted[str(request.url).split("/")[2]] += 1
        return send(adapter, request, **options)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(requests.adapters.HTTPAdapter, "send", counting)
        yield counted


def _memories(container: str, cloud: Cloud) -> Iterator[Line]:
    """Read the time of each next check, and make sure that every database was up to date."""
    settings = MemorySettings(container=container, identity=cloud.identity)
    names = [f"customer-{number}" for number in range(_DATABASES)]
    yield Measured(
        f"the time of the next check, of {_DATABASES} by one request", times(lambda: next_runs(names, settings), 5)
    )
    started = time.perf_counter()
    verdicts = {memory_of(name, settings).load().runs[-1].verdict for name in names}
    yield Measured("  the same by reading them all, one after the other", [time.perf_counter() - started])
    if verdicts != {Verdict.PASSED}:
        raise AssertionError(f"the databases do not match their own release: {verdicts}")


def _far(folder: Path, patch: pytest.MonkeyPatch, release: Path) -> Iterator[Line]:
    """What grows with the number of targets, apart from the checks themselves."""
    for number in range(_MANY):
        patch.setenv(f"DATABASE_{number}", "postgresql://u:p@localhost/app")
    _settle(folder, patch, _MANY, release, "https://usassetstorage.blob.core.windows.net/many")
    file, environ = folder / "monitor.toml", dict(os.environ)
    taken = []
    for _ in range(3):
        started = time.perf_counter()
        load_settings(file, environ)
        taken.append(time.perf_counter() - started)
    yield Measured(f"settings of {_MANY} targets, read once by a process", taken)
    yield Measured("  the most memory of this process by then", [_peak_mib()], unit="MiB")


def _peak_mib() -> float:
    return getrusage(RUSAGE_SELF).ru_maxrss / 1024
