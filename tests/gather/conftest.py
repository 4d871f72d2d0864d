from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def _kept_apart(temporary_folder: Path) -> None:
    """Have nothing that one test's release leaves behind be found by another."""
