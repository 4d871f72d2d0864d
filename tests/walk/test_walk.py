"""The whole walk as in production, and what people are told when one thing after the other is taken away."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.cloud.arm import APP, HOST, SERVER
from tests.cloud.azurite import Azurite
from tests.cloud.cloud import Cloud
from tests.entrypoints.functions_runtime import FunctionsRuntime
from tests.walk.company import FROM_GITHUB, FROM_WHAT_RUNS, SECRETS, TEAMS, Company, company

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
    """Found the company: on the morning of the incident, or *mended*."""
    with ExitStack() as stack:

        def enter(*, mended: bool = False, release: str = FROM_GITHUB) -> Company:
            arguments = (cloud, azurite, functions, temporary_folder, monkeypatch)
            return stack.enter_context(company(*arguments, mended=mended, release=release))

        yield enter


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Callable[[str, str], None]:
    """Hold what people were told against a file."""

    def hold(name: str, told: str) -> None:
        file = GOLDEN / f"{name}.txt"
        if request.config.getoption("--update-golden"):
            file.write_text(told, encoding="utf-8")
        assert told == file.read_text(encoding="utf-8")

    return hold


def test_the_whole_walk(found: Found, golden: Golden) -> None:
    usasset = found()
    usasset.look()
    golden("incident", usasset.heard())
    assert usasset.cloud.tokens.resources() == WAYS_IN
    assert set(usasset.vault.asked) == SECRETS.keys()
    assert f"/repos/{usasset.github.repository}/releases/latest" in usasset.github.sent()
    assert {SERVER, APP} <= set(usasset.arm.asked)
    assert usasset.memory().last_report is not None
    usasset.look()
    assert usasset.heard() == "", "nothing has changed"
    usasset.mend()
    usasset.look()
    golden("mended", usasset.heard())


def test_without_teams(found: Found, golden: Golden) -> None:
    usasset = found()
    usasset.cloud.take_away(TEAMS)
    usasset.look()
    assert usasset.heard().startswith("Mail "), "one channel of two is enough"
    usasset.cloud.give_back(TEAMS)
    usasset.look()
    golden("teams_again", usasset.heard())


def test_without_the_vault(found: Found, golden: Golden) -> None:
    """Its secrets are the roads to people: nobody can be told, so the run ends loudly, and tells it later."""
    usasset = found(mended=True)
    usasset.look()
    assert usasset.heard() == ""
    usasset.move_to_a_new_vault()
    usasset.cloud.take_away(usasset.vault_host)
    failure = usasset.look_in_vain()
    assert "NobodyNotifiedError" in failure
    assert usasset.heard() == ""
    usasset.cloud.give_back(usasset.vault_host)
    usasset.look()
    golden("vault_again", usasset.heard())


def test_without_storage(found: Found, golden: Golden) -> None:
    usasset = found()
    usasset.look()
    usasset.heard()
    usasset.cloud.take_away(usasset.azurite.host("blob"))
    failure = usasset.look_in_vain()
    assert "UnsavedError" in failure
    golden("without_storage", usasset.heard())
    usasset.cloud.give_back(usasset.azurite.host("blob"))
    usasset.look()
    assert usasset.heard() == "", "what is remembered is still there"


def test_without_the_registry(found: Found, golden: Golden) -> None:
    """What runs is judged by what was read of the image before it, and people are told that it is."""
    usasset = found(mended=True, release=FROM_WHAT_RUNS)
    usasset.look()
    usasset.cloud.take_away(usasset.registry.host)
    usasset.look()
    assert usasset.heard() == "", "the image that runs has been read, and does not change"
    usasset.deploy("v1.43.0")
    usasset.look()
    golden("without_registry", usasset.heard())
    usasset.cloud.give_back(usasset.registry.host)
    usasset.look()
    golden("registry_again", usasset.heard())


def test_without_azure_itself(found: Found, golden: Golden) -> None:
    """Neither server nor app can be seen; what else is asked goes on."""
    usasset = found(mended=True)
    usasset.look()
    usasset.cloud.take_away(HOST)
    usasset.look()
    golden("without_azure", usasset.heard())


def test_without_the_database(found: Found, golden: Golden) -> None:
    usasset = found(mended=True)
    usasset.look()
    usasset.server.run("ALTER ROLE monitor NOLOGIN")
    usasset.look()
    golden("without_database", usasset.heard())
    usasset.server.run("ALTER ROLE monitor LOGIN")
    usasset.look()
    golden("database_again", usasset.heard())
