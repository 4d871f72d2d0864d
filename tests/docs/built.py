"""``make site``: holds that what was built loads nothing from elsewhere, and that each link and picture of it is right.

``python -m tests.docs.built FOLDER``. Zensical checks the links of the Markdown; this reads the pages that it made.
"""

import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote

# What a browser loads by itself, by its element; an <a> is followed by a person.
_LOADED = {"img": "src", "script": "src", "link": "href", "source": "srcset", "iframe": "src", "object": "data"}


@dataclass
class Read(HTMLParser):
    ids: set[str] = field(default_factory=set)
    loaded: list[str] = field(default_factory=list)
    followed: list[str] = field(default_factory=list)
    without_alt: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if "id" in given:
            self.ids.add(given["id"])
        if tag in _LOADED and _LOADED[tag] in given:
            self.loaded.append(given[_LOADED[tag]])
        if tag == "a" and "href" in given:
            self.followed.append(given["href"])
        if tag == "img" and not given.get("alt"):
            self.without_alt.append(given["src"])


def problems(site: Path) -> Iterator[str]:
    pages = {path: Read() for path in site.rglob("*.html")}
    for path, page in pages.items():
        page.feed(path.read_text(encoding="utf-8"))
    for path, page in pages.items():
        name = path.relative_to(site)
        yield from (f"{name}: the picture {picture} has no alternative text" for picture in page.without_alt)
        yield from (f"{name} loads {each}" for each in page.loaded if "//" in each)
        for target in {*page.loaded, *page.followed}:
            if ":" in target or target.startswith("//"):
                continue
            file, _, anchor = unquote(target).partition("#")
            # The page of errors is shown anywhere, so its links begin at the root.
            to = (site / file.lstrip("/") if file.startswith("/") else path.parent / file).resolve() if file else path
            to = to / "index.html" if to.is_dir() else to
            if not to.is_file():
                yield f"{name}: {target} does not exist"
            elif anchor and to in pages and not {anchor} & pages[to].ids:
                yield f"{name}: {target} has no such anchor"


if __name__ == "__main__":
    found = sorted(problems(Path(sys.argv[1]).resolve()))
    sys.exit("\n".join(found) or 0)
