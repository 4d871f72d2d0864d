"""The whole pipeline as in production, and the messages when one service after the other is taken away."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.cloud.arm import APP, HOST, SERVER
from tests.cloud.azurite import Azurite
from tests.cloud.cloud import Cloud
from tests.entrypoints.functions_runtime import FunctionsRuntime
from tests.pipeline.company import FROM_GITHUB, FROM_WHAT_RUNS, SECRETS, TEAMS, Company, company

Golden = Callable[[str, str], None]
# For what the identity needs tokens: the database, the vault, the memory and the queue, Azure itself.
WAYS_IN = {
    "https://ossrdbms-aad.database.windows.net",
    "https://vault.azure.net",
    "https://storage.azure.com",
    "https://management.azure.com",
}
GOLDEN = Path(__file__).parent / "golden"


Found = Callable[..., Company]


@pytest.fixture
def found(
    cloud: Cloud,
    azurite: Azurite,
    functions: FunctionsRuntime,
    temporary_folder: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Found]:
    """Found the company: on the morning of the incident, or *fixed*."""
    with ExitStack() as stack:

        def enter(*, fixed: bool = False, release: str = FROM_GITHUB) -> Company:
            arguments = (cloud, azurite, functions, temporary_folder, monkeypatch)
            return stack.enter_context(company(*arguments, fixed=fixed, release=release))

        yield enter


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Callable[[str, str], None]:
    """Compare the messages with a file."""

    def hold(name: str, messages: str) -> None:
        file = GOLDEN / f"{name}.txt"
        if request.config.getoption("--update-golden"):
            file.write_text(messages, encoding="utf-8")
        assert messages == file.read_text(encoding="utf-8")

    return hold


def test_the_whole_pipeline(found: Found, golden: Golden) -> None:
    usasset = found()
    usasset.look()
    golden("incident", usasset.received())
    assert usasset.cloud.tokens.resources() == WAYS_IN
    assert set(usasset.vault.asked) == SECRETS.keys()
    assert f"/repos/{usasset.github.repository}/releases/latest" in usasset.github.sent()
    assert {SERVER, APP} <= set(usasset.arm.asked)
    assert usasset.memory().last_report is not None
    usasset.look()
    assert usasset.received() == "", "nothing has changed"
    usasset.fix()
    usasset.look()
    golden("fixed", usasset.received())


@pytest.mark.long
def test_without_teams(found: Found, golden: Golden) -> None:
    usasset = found()
    usasset.cloud.take_away(TEAMS)
    usasset.look()
    assert usasset.received().startswith("Mail "), "one channel of two is enough"
    usasset.cloud.give_back(TEAMS)
    usasset.look()
    golden("teams_again", usasset.received())


@pytest.mark.long
def test_without_the_vault(found: Found, golden: Golden) -> None:
    """It has the secrets of the channels: no message can be sent, so the run fails loudly, and reports it later."""
    usasset = found(fixed=True)
    usasset.look()
    assert usasset.received() == ""
    usasset.move_to_a_new_vault()
    usasset.cloud.take_away(usasset.vault_host)
    failure = usasset.look_in_vain()
    assert "NobodyNotifiedError" in failure
    assert usasset.received() == ""
    usasset.cloud.give_back(usasset.vault_host)
    usasset.look()
    golden("vault_again", usasset.received())


@pytest.mark.long
def test_without_storage(found: Found, golden: Golden) -> None:
    usasset = found()
    usasset.look()
    usasset.received()
    usasset.cloud.take_away(usasset.azurite.host("blob"))
    failure = usasset.look_in_vain()
    assert "UnsavedError" in failure
    golden("without_storage", usasset.received())
    usasset.cloud.give_back(usasset.azurite.host("blob"))
    usasset.look()
    assert usasset.received() == "", "what is remembered is still there"


@pytest.mark.long
def test_without_the_registry(found: Found, golden: Golden) -> None:
    """The running app is compared with the image that was read before it, and the message says so."""
    usasset = found(fixed=True, release=FROM_WHAT_RUNS)
    usasset.look()
    usasset.cloud.take_away(usasset.registry.host)
    usasset.look()
    assert usasset.received() == "", "the image that runs has been read, and does not change"
    usasset.deploy("v1.43.0")
    usasset.look()
    golden("without_registry", usasset.received())
    usasset.cloud.give_back(usasset.registry.host)
    usasset.look()
    golden("registry_again", usasset.received())


def test_without_azure_itself(found: Found, golden: Golden) -> None:
    """Neither server nor app can be seen; what else is asked goes on."""
    usasset = found(fixed=True)
    usasset.look()
    usasset.cloud.take_away(HOST)
    usasset.look()
    golden("without_azure", usasset.received())


@pytest.mark.long
def test_without_the_database(found: Found, golden: Golden) -> None:
    usasset = found(fixed=True)
    usasset.look()
    usasset.server.run("ALTER ROLE monitor NOLOGIN")
    usasset.look()
    golden("without_database", usasset.received())
    usasset.server.run("ALTER ROLE monitor LOGIN")
    usasset.look()
    golden("database_again", usasset.received())
