"""The wheel's ranges, and the pins with which a deployment runs and the tests are run."""

import re
import tomllib
from collections.abc import Iterator
from itertools import chain

from packaging.requirements import Requirement

from tests.packaging.declared import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
ALL = [Requirement(each) for each in chain(PROJECT["dependencies"], *PROJECT["optional-dependencies"].values())]
# The host's own library: nothing but function_app.py imports it.
OF_THE_HOST = {"azure-functions"}


def pins(*files: str) -> Iterator[Requirement]:
    for file in files:
        for line in (ROOT / file).read_text().splitlines():
            if re.match(r"[A-Za-z]", line):
                yield Requirement(line)


def test_each_pin_is_the_lowest_version_of_its_range() -> None:
    """So the tests run with the least that the wheel lets in."""
    lowest = {each.name: {s.version for s in each.specifier if s.operator in {">=", "=="}} for each in ALL}
    pinned = {
        each.name: {s.version for s in each.specifier}
        for each in pins("requirements.txt", "requirements-extras.txt", "requirements-dev.txt")
    }
    assert {name: pinned.get(name) for name in lowest} == lowest


def test_a_deployment_installs_all_that_the_wheel_needs_and_no_more() -> None:
    needed = {Requirement(each).name for each in PROJECT["dependencies"]}
    azure = {Requirement(each).name for each in PROJECT["optional-dependencies"]["azure"]}
    # No shell completes anything there, and mail by Azure is one's own choice.
    deployed = {each.name for each in pins("requirements.txt")} - OF_THE_HOST
    assert deployed == (needed | azure) - {"shtab"} - {each.name for each in pins("requirements-extras.txt")}


def test_extras_of_packages_agree() -> None:
    wanted = {each.name: each.extras for each in ALL if each.extras}
    assert {each.name: each.extras for each in pins("requirements.txt") if each.extras} == wanted
