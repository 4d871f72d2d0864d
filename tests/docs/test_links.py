"""Every link of every page leads to a file of the repository, and where it names an anchor, to a heading there."""

from pathlib import Path

from tests.docs.pages import HOME, PAGES, anchors, is_elsewhere, links
from tests.tables import hold


def leads_somewhere(link: tuple[Path, str]) -> None:
    page, target = link
    path, _, anchor = target.partition("#")
    found = (page.parent / path).resolve() if path else page
    assert found.exists(), "there is no such file"
    assert found.is_relative_to(HOME), "it is outside of the repository"
    if anchor and found.suffix == ".md":
        assert anchor in anchors(found.read_text(encoding="utf-8")), "there is no such heading"


def test_every_link_leads_somewhere() -> None:
    found = [(page, target) for page in PAGES for target in links(page.read_text(encoding="utf-8"))]
    within = [link for link in found if not is_elsewhere(link[1])]
    assert len(within) > 50
    hold(leads_somewhere, within, lambda link: f"{link[0].relative_to(HOME)}: {link[1]}")


def test_every_page_of_docs_is_in_the_table_of_the_readme_or_linked_from_a_page_there() -> None:
    reached = {HOME / "README.md"}
    waiting = list(reached)
    while waiting:
        page = waiting.pop()
        targets = [target.partition("#")[0] for target in links(page.read_text(encoding="utf-8"))]
        found = {(page.parent / target).resolve() for target in targets if target.endswith(".md")} - reached
        reached |= found
        waiting += found
    assert set((HOME / "docs").rglob("*.md")) - reached == set()


def test_anchors_are_those_that_github_makes() -> None:
    text = "# The *role* in `infra/a.sql`, and [more](x.md)\n## Twice\n## Twice\n```sh\n# no heading\n```\n"
    assert anchors(text) == {"the-role-in-infraasql-and-more", "twice", "twice-1"}
