"""The notes of a release: ``python -m tests.packaging.release v0.2.0`` prints what CHANGELOG.md says of it."""

import re
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def notes_of(tag: str, changelog: str, version: str) -> str:
    """Give the section of *tag*. A ValueError says why there can be no such release."""
    if tag != f"v{version}":
        raise ValueError(f"the tag {tag} is not v{version}, the version of shared/model/version.py")
    section = re.search(
        rf"^## {re.escape(version)} \(\d{{4}}-\d\d-\d\d\)\n(.*?)(?=^## |\Z)", changelog, re.MULTILINE | re.DOTALL
    )
    if section is None:
        raise ValueError(f"CHANGELOG.md has no heading like: ## {version} (2026-11-30)")
    return section[1].strip() + "\n"


def version_in(source: str) -> str:
    """Give the version that *source*, a Python file, names: read as text, for nothing is installed where this runs."""
    found = re.search(r'^VERSION = "([^"]+)"$', source, re.MULTILINE)
    if found is None:
        raise ValueError("shared/model/version.py names no version")
    return found[1]


if __name__ == "__main__":
    try:
        version = version_in((ROOT / "shared/model/version.py").read_text(encoding="utf-8"))
        changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
        sys.stdout.write(notes_of(sys.argv[1], changelog, version))
    except ValueError as error:
        sys.exit(str(error))
