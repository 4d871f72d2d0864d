"""``make site``: the pages as Zensical reads them, in a folder of their own. ``python -m tests.docs.site FOLDER``.

The pages are written for GitHub. Here README becomes the first page, a file of the repository that a page links to becomes
a page too (so that the site is whole without a network), a picture with a dark variant becomes two, and what is within a
list is indented as Python's Markdown wants it.
"""

import re
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from tests.docs.pages import ATTRIBUTE, HOME, LINK, is_elsewhere, lines

_COPIED = {".png", ".svg", ".json"}
_LANGUAGES = {"": "sh", "py": "python", "yml": "yaml", "kql": "kusto"}
_PICTURE = re.compile(
    r'<picture>\s*<source media="\(prefers-color-scheme: dark\)" srcset="(?P<dark>[^"]+)">\s*'
    r'<img src="(?P<light>[^"]+)" alt="(?P<alt>[^"]+)"(?: width="(?P<width>\d+)")?>\s*</picture>'
)
# `sh azure`: the second word is for the tests.
_MARKED = re.compile(r"^( *`{3,}\w+) [\w ]+$")
_MARKER = re.compile(r"^(?P<indent> *)(?:[-*]|\d+\.) +(?=\S)")
# How far what belongs to a point of a list is indented.
_STEP = 4


def place(path: PurePosixPath) -> PurePosixPath:
    """Where the site has *path*, a file or a folder of the repository."""
    if path.name == "README.md" and path.parent == PurePosixPath():
        return PurePosixPath("index.md")
    if path.parts[0] == "docs" and path.suffix in {".md", *_COPIED}:
        return path.relative_to("docs")
    # What begins with a dot is left out of a site.
    kept = PurePosixPath("repository", *(part.lstrip(".") for part in path.parts))
    return kept if path.suffix == ".md" else kept.with_name(f"{kept.name}.md")


def assemble(folder: Path) -> None:
    """Write into *folder* README, all that it links to, all that this links to, and so on."""
    waiting = [PurePosixPath("README.md")]
    done = set(waiting)
    while waiting:
        path = waiting.pop()
        into = folder / place(path)
        into.parent.mkdir(parents=True, exist_ok=True)
        if path.suffix in _COPIED and path.parts[0] == "docs":
            shutil.copy(HOME / path, into)
            continue
        if path.suffix == ".md":
            text, linked = as_page((HOME / path).read_text(encoding="utf-8"), path)
        else:
            text, linked = _shown(path), []
        into.write_text(text, encoding="utf-8")
        waiting += [each for each in linked if each not in done]
        done.update(linked)


def as_page(text: str, path: PurePosixPath) -> tuple[str, list[PurePosixPath]]:
    """*text* of the page *path* for the site, and the paths that it links to."""
    linked: list[PurePosixPath] = []

    def moved(found: re.Match[str]) -> str:
        target = found["target"]
        if is_elsewhere(target) or target.startswith("#"):
            return found[0]
        name, mark, anchor = target.partition("#")
        to = PurePosixPath((HOME / path.parent / name).resolve().relative_to(HOME))
        linked.append(to)
        up = "../" * (len(place(path).parts) - 1)
        return f"{found['before']}{up}{place(to)}{mark}{anchor}{found['after']}"

    text = _PICTURE.sub(_both, text)
    written = (
        _MARKED.sub(r"\1", line.text) if line.code else ATTRIBUTE.sub(moved, LINK.sub(moved, line.text))
        for line in lines(text)
    )
    return "".join(f"{line}\n" for line in _indented(written)), linked


def _both(found: re.Match[str]) -> str:
    """A picture for each of the two colour schemes, in the site's own way."""
    width = f'{{ width="{found["width"]}" }}' if found["width"] else ""
    return "\n".join(f"![{found['alt']}]({found[each]}#only-{each}){width}" for each in ("light", "dark"))


def _indented(text: Iterator[str]) -> Iterator[str]:
    # The columns where the text of the open points begins, the outermost first.
    open_points: list[int] = []
    for line in text:
        indent = len(line) - len(line.lstrip(" "))
        if line.strip():
            open_points = [column for column in open_points if column <= indent]
        kept = line[open_points[-1] :] if open_points and line.strip() else line.lstrip(" ") and line
        yield " " * (_STEP * len(open_points)) + kept if line.strip() else ""
        if marker := _MARKER.match(line):
            open_points.append(marker.end())


def _shown(path: PurePosixPath) -> str:
    """A page with what the file *path* holds, or the folder; the search leaves it out."""
    found = HOME / path
    if found.is_dir():
        names = sorted(each.name for each in found.iterdir() if not each.name.startswith((".", "__")))
        body = "".join(f"- `{name}`\n" for name in names)
    else:
        text = found.read_text(encoding="utf-8")
        fence = "`" * max(3, 1 + max((len(ticks) for ticks in re.findall("`+", text)), default=0))
        suffix = path.suffix.removeprefix(".")
        body = f"{fence}{_LANGUAGES.get(suffix, suffix)}\n{text.rstrip()}\n{fence}\n"
    return f"---\nsearch:\n  exclude: true\n---\n# {path}\n\n{body}"


if __name__ == "__main__":
    target = Path(sys.argv[1])
    shutil.rmtree(target, ignore_errors=True)
    assemble(target)
