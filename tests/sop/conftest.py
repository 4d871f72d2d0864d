from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.cloud.arm import FakeArm
from tests.cloud.cloud import Cloud
from tests.sop.production import Production


@pytest.fixture
def production(database: str, tmp_path: Path, cloud: Cloud, arm: FakeArm) -> Iterator[Production]:
    with ExitStack() as sessions:
        yield Production(database, tmp_path / "migrations", cloud, arm, sessions)
