"""The whole run as in production, and what people are told when one thing after the other is taken away."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.cloud.azurite import Azurite
from tests.cloud.cloud import Cloud
from tests.doors.functions_runtime import FunctionsRuntime
from tests.walk.company import TEAMS, Company, company

Golden = Callable[[str, str], None]
GOLDEN = Path(__file__).parent / "golden"


Found = Callable[..., Company]


@pytest.fixture
def found(
    cloud: Cloud,
    azurite: Azurite,
    functions: FunctionsRuntime,
    reachable_tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Found]:
    """Found the company: on the morning of the incident, or *mended*."""
    with ExitStack() as stack:

        def enter(*, mended: bool = False) -> Company:
            arguments = (cloud, azurite, functions, reachable_tmp_path, monkeypatch)
            return stack.enter_context(company(*arguments, mended=mended))

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
    assert "NobodyToldError" in failure
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
    assert "RememberError" in failure
    golden("without_storage", usasset.heard())
    usasset.cloud.give_back(usasset.azurite.host("blob"))
    usasset.look()
    assert usasset.heard() == "", "what is remembered is still there"
