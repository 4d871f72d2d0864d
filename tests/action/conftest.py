from pathlib import Path

import pytest

from tests.action.steps import Runner
from tests.entrypoints.conftest import configure, production  # noqa: F401  # fixtures


@pytest.fixture
def runner(tmp_path: Path) -> Runner:
    return Runner(tmp_path)
