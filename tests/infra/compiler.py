"""Bicep's compiler, where there is one: it builds, lints, formats, and evaluates a parameter file without Azure.

``python -m tests.infra.compiler`` writes the snapshot of each variant again.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from tests.infra.variants import APP, INFRA

FILES = sorted([*INFRA.rglob("*.bicep"), *(APP / "examples").rglob("*.bicep")])
VARIANTS = sorted((Path(__file__).parent / "variants").rglob("*.bicepparam"))
PROGRAM = os.environ.get("BICEP") or shutil.which("bicep")
_PLACE = (
    *("--subscription-id", "00000000-0000-0000-0000-000000000000"),
    *("--tenant-id", "55555555-5555-5555-5555-555555555555"),
    *("--location", "westeurope"),
)


def run(*words: str | Path) -> tuple[int, str]:
    """Give the exit status and what it said on either stream: a warning alone leaves the status at 0."""
    assert PROGRAM is not None, "Bicep's compiler is neither in BICEP nor in the PATH"
    done = subprocess.run([PROGRAM, *words], capture_output=True, text=True, check=False)
    return done.returncode, (done.stdout + done.stderr).strip()


def snapshot(variant: Path, mode: str) -> tuple[int, str]:
    """Evaluate *variant*, to ``overwrite`` its snapshot, or to ``validate`` it."""
    in_group = () if "main.bicep'" in variant.read_text() else ("--resource-group", "rg-production")
    return run("snapshot", variant, "--mode", mode, *_PLACE, *in_group)


if __name__ == "__main__":
    sys.exit(
        max(status for status, said in (snapshot(variant, "overwrite") for variant in VARIANTS) if print(said) is None)
    )
