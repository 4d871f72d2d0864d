import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def temporary_folder(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder for temporary files of each test's own: what was kept of releases in it is no other test's."""
    # Before: it chooses where it is when it is first asked, and that must outlast this test.
    tmp_path_factory.getbasetemp()
    with tempfile.TemporaryDirectory(prefix="mm-") as name:
        folder = Path(name)
        # PostgreSQL, which is another user, has to get through.
        folder.chmod(0o755)
        monkeypatch.setattr(tempfile, "tempdir", name)
        yield folder
