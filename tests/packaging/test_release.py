"""A release: its tag, its notes, and what its workflow and its image are made of."""

import re

import pytest
import yaml

from shared.model.version import VERSION
from tests.packaging.declared import ROOT
from tests.packaging.release import notes_of, version_in

CHANGELOG = """# Changelog

## Unreleased

- next

## 1.2.0 (2026-11-30)

- this

## 1.1.0 (2026-10-01)

- before
"""


def test_the_notes_are_the_section_of_the_version() -> None:
    assert notes_of("v1.2.0", CHANGELOG, "1.2.0") == "- this\n"
    assert notes_of("v1.1.0", CHANGELOG, "1.1.0") == "- before\n"


@pytest.mark.parametrize(
    ("tag", "version", "why"),
    [
        pytest.param("v1.3.0", "1.2.0", "the tag v1.3.0 is not v1.2.0", id="another version"),
        pytest.param("1.2.0", "1.2.0", "the tag 1.2.0 is not v1.2.0", id="no v"),
        pytest.param("v1.3.0", "1.3.0", "no heading like: ## 1.3.0", id="not in the changelog"),
        pytest.param("v1.2", "1.2", "no heading like: ## 1.2 ", id="a part of a version"),
    ],
)
def test_a_release_that_cannot_be(tag: str, version: str, why: str) -> None:
    with pytest.raises(ValueError, match=re.escape(why)):
        notes_of(tag, CHANGELOG, version)


def test_this_version_has_notes() -> None:
    assert version_in((ROOT / "shared/model/version.py").read_text()) == VERSION
    assert len(notes_of(f"v{VERSION}", (ROOT / "CHANGELOG.md").read_text(), VERSION)) > 100


def test_the_workflows_do_what_can_be_run_here() -> None:
    """What `run` says is in .ci/run, in the Makefile or in a module; and every action is pinned by its commit."""
    jobs = [
        job
        for path in (ROOT / ".github/workflows").glob("*.yml")
        for job in yaml.safe_load(path.read_text())["jobs"].values()
    ]
    steps = [step for job in jobs for step in job["steps"]]
    runs = [step["run"].split()[:3] for step in steps if "run" in step]
    assert sorted(runs) == [
        [".ci/run"],
        ["gh", "release", "create"],
        ["make", "dist"],
        ["make", "site"],
        ["python", "-m", "tests.packaging.release"],
    ]
    assert [
        step["uses"] for step in steps if "uses" in step and not re.fullmatch(r"[\w./-]+@[0-9a-f]{40}", step["uses"])
    ] == []


def test_the_image_has_the_wheel_alone_and_is_not_root() -> None:
    lines = (ROOT / "Dockerfile").read_text().splitlines()
    copied = [line.split()[1] for line in lines if line.startswith(("COPY", "ADD")) and "--from=" not in line]
    users = [line.split()[1] for line in lines if line.startswith("USER")]
    assert (copied, users) == (["dist/migration_monitor-*.whl"], ["10001"])
    assert (ROOT / ".dockerignore").read_text().split() == ["*", "!dist/*.whl"]
