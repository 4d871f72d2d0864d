import gc
import math
import os
import signal
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import cache
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, settings

from shared.demo.private_postgres import PrivatePostgres, private_postgres
from shared.gather.database.probes import watching
from shared.gather.sources import cache as kept_releases
from tests.cloud.arm import HOST, FakeArm
from tests.cloud.azurite import Azurite, start_azurite
from tests.cloud.cloud import Cloud, loopback_cloud
from tests.cloud.postgres import TlsServer, tls_postgres
from tests.entrypoints.functions_runtime import FunctionsRuntime
from tests.examples import examples
from tests.postgres.servers import servers, usual
from tests.throwaway import create_database, drop_database, in_memory

# A shell that starts this in the background has it ignore them, and so would every program that a test interrupts.
for _signal, _usual in ((signal.SIGINT, signal.default_int_handler), (signal.SIGHUP, signal.SIG_DFL)):
    if signal.getsignal(_signal) is signal.SIG_IGN:
        signal.signal(_signal, _usual)

# What is collected stays to the end: to look through it again and again takes seconds.
gc.disable()

# A busy machine is no database that is far away.
watching._FARTHEST_SECONDS = math.inf

# How long an example takes says more of the machine's load than of the code. With make test the examples are the same
# each time: what a change breaks is then the change's. New ones are for make test-heavy.
settings.register_profile(
    "unhurried",
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    max_examples=examples(120),
    derandomize=os.environ.get("EXAMPLES") != "all",
)
settings.load_profile("unhurried")


def pytest_xdist_auto_num_workers() -> int:
    """Two for each processor: half of its time, a test waits for a server, a process or a limit."""
    return 2 * (os.cpu_count() or 1)


@pytest.fixture(scope="session")
def start_server() -> Iterator[Callable[[Path], PrivatePostgres]]:
    """Give the private server of the programs in a folder, started once for the whole run: tests take a database each."""
    with ExitStack() as running:
        yield cache(lambda programs: running.enter_context(private_postgres(programs, in_memory())))


@pytest.fixture(scope="session")
def postgres(start_server: Callable[[Path], PrivatePostgres]) -> PrivatePostgres:
    """The usual server: the first one here, unless POSTGRES names the folder of its programs."""
    return start_server(usual())


@pytest.fixture(scope="session")
def new_database(postgres: PrivatePostgres) -> Callable[..., str]:
    """Make an empty database, or a copy of *template*, and give its URL."""
    numbers = count(1)

    def make(template: str = "template0") -> str:
        return create_database(postgres, f"test_{next(numbers)}", template)

    return make


@pytest.fixture(scope="session")
def tls_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TlsServer]:
    """A server as from afar, for the whole run; it lets in who is named in `tests.cloud.postgres`."""
    with tls_postgres(tmp_path_factory.mktemp("tls")) as server:
        yield server


@pytest.fixture
def database(postgres: PrivatePostgres, new_database: Callable[..., str]) -> Iterator[str]:
    """The URL of an empty database of this test's own, dropped with what is connected to it."""
    url = new_database()
    yield url
    drop_database(postgres, url)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """With make test-servers nothing runs but what has one of its servers as a parameter."""
    if os.environ.get("SERVERS") != "others":
        return
    chosen = [each for each in items if not set(servers()).isdisjoint(_parameters(each))]
    config.hook.pytest_deselected(items=sorted(set(items) - set(chosen), key=lambda each: each.nodeid))
    items[:] = chosen


def pytest_collection_finish() -> None:
    gc.freeze()
    gc.enable()


def _parameters(item: pytest.Item) -> list[object]:
    return (
        [each for each in item.callspec.params.values() if isinstance(each, Path)] if hasattr(item, "callspec") else []
    )


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-golden", action="store_true", help="write the golden files again; read the diff")


@pytest.fixture
def reachable_tmp_path() -> Iterator[Path]:
    """A temporary folder whose parents are open to other users, as pytest's own are not: PostgreSQL is one."""
    with TemporaryDirectory(prefix="mm-", dir=in_memory()) as folder:
        yield Path(folder)


@pytest.fixture(autouse=True)
def _nothing_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have no cache of this test ask the storage of another's settings."""
    monkeypatch.setattr(kept_releases, "_BEHIND", [None])


@pytest.fixture
def temporary_folder(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder for temporary files of this test's own: what is kept of releases in it is no other test's."""
    # Before: it chooses where it is when it is first asked, and that must outlast this test.
    tmp_path_factory.getbasetemp()
    with TemporaryDirectory(prefix="mm-") as name:
        folder = Path(name)
        # PostgreSQL, which is another user, has to get through.
        folder.chmod(0o755)
        monkeypatch.setattr(tempfile, "tempdir", name)
        yield folder


@pytest.fixture
def cloud(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Cloud]:
    """Azure, GitHub, Teams and all other services by their public names, on loopback."""
    with loopback_cloud(tmp_path, monkeypatch) as everything:
        yield everything


@pytest.fixture
def arm(cloud: Cloud) -> FakeArm:
    """Azure Resource Manager under its public name."""
    fake = FakeArm(cloud.tokens)
    cloud.host(HOST, fake.reply)
    return fake


@pytest.fixture(scope="session")
def _azurite() -> Iterator[Azurite]:
    with start_azurite() as emulator:
        yield emulator


@pytest.fixture
def azurite(cloud: Cloud, _azurite: Azurite) -> Azurite:
    """A storage account under its public names: one emulator for the whole run, so make containers of your own."""
    _azurite.join(cloud)
    return _azurite


@pytest.fixture(scope="session")
def functions() -> Iterator[FunctionsRuntime]:
    """The function app, indexed by the runtime that runs it in Azure."""
    runtime = FunctionsRuntime(Path(__file__).parents[1])
    yield runtime
    runtime.close()
