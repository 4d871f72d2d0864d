"""The pages as the site has them; `make site` builds it and reads what was built."""

import re
import tomllib
from pathlib import Path, PurePosixPath

import pytest

from tests.docs.built import problems
from tests.docs.pages import HOME
from tests.docs.site import as_page, assemble

NAMED = re.compile(r'"([\w/-]+\.md)"')


def test_every_page_for_readers_is_in_its_navigation() -> None:
    config = tomllib.loads((HOME / "zensical.toml").read_text(encoding="utf-8"))
    written = NAMED.findall(str(config["project"]["nav"]).replace("'", '"'))
    pages = {path.name for path in (HOME / "docs").glob("*.md")}
    assert sorted(each for each in written if "/" not in each) == sorted({*pages, "index.md"})


def test_it_has_the_readme_all_that_the_pages_link_to_and_nothing_else(tmp_path: Path) -> None:
    assemble(tmp_path)
    made = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file()}
    assert {"index.md", "start.md", "repository/infra/grants.sql.md", "repository/funcignore.md"} <= made
    assert [name for name in made if name.startswith("tests/")] == []
    assert "(start.md)" in (tmp_path / "index.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("written", "read"),
    [
        pytest.param("[a](../infra/grants.sql#b)", "[a](repository/infra/grants.sql.md#b)", id="a file elsewhere"),
        pytest.param("[a](../README.md)", "[a](index.md)", id="the first page"),
        pytest.param("[a](#b) [c](https://example.com)", "[a](#b) [c](https://example.com)", id="no file"),
        pytest.param("```sh\n[a](../README.md)\n```", "```sh\n[a](../README.md)\n```", id="a block"),
        pytest.param("```sh azure\na b\n```", "```sh\na b\n```", id="a mark"),
        pytest.param(
            "1. a\n   b\n\n   ```sh\n   c\n   ```\nd", "1. a\n    b\n\n    ```sh\n    c\n    ```\nd", id="a point"
        ),
        pytest.param("- a\n  - b\n    c\n- d", "- a\n    - b\n        c\n- d", id="a point of a point"),
        pytest.param(
            '<picture>\n  <source media="(prefers-color-scheme: dark)" srcset="openapi.json">\n'
            '  <img src="rules.md" alt="What" width="200">\n</picture>',
            '![What](rules.md#only-light){ width="200" }\n![What](openapi.json#only-dark){ width="200" }',
            id="a picture with a dark variant",
        ),
    ],
)
def test_a_page_is_written_as_the_site_reads_it(written: str, read: str) -> None:
    assert as_page(written, PurePosixPath("docs/start.md"))[0] == f"{read}\n"


def test_links_are_given() -> None:
    page = "[a](start.md#x) ![b](pictures/plan-light.svg) [c](https://example.com)"
    assert as_page(page, PurePosixPath("docs/plan.md"))[1] == [
        PurePosixPath("docs/start.md"),
        PurePosixPath("docs/pictures/plan-light.svg"),
    ]


@pytest.mark.parametrize(
    ("html", "problem"),
    [
        pytest.param('<h1 id="a"></h1><a href="#a"></a><a href="https://example.com"></a>', None, id="right"),
        pytest.param('<a href="other.html"></a>', "a.html: other.html does not exist", id="no file"),
        pytest.param('<a href="a.html#b"></a>', "a.html: a.html#b has no such anchor", id="no anchor"),
        pytest.param(
            '<script src="https://example.com/a.js"></script>',
            "a.html loads https://example.com/a.js",
            id="from elsewhere",
        ),
        pytest.param('<img src="a.html">', "a.html: the picture a.html has no alternative text", id="no text"),
    ],
)
def test_what_is_wrong_with_the_built_pages_is_found(html: str, problem: str | None, tmp_path: Path) -> None:
    (tmp_path / "a.html").write_text(html, encoding="utf-8")
    assert list(problems(tmp_path)) == ([problem] if problem else [])
