"""The project's own Markdown: its pages, and of each the fenced blocks, the links and the anchors, as GitHub reads them."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

HOME = Path(__file__).parents[2]
PAGES = (
    *sorted(HOME.glob("*.md")),
    *sorted((HOME / "docs").rglob("*.md")),
    *sorted((HOME / "examples").rglob("*.md")),
)

_FENCE = re.compile(r"^(?P<indent> *)(?P<ticks>`{3,})(?P<info>[^`]*)$")
LINK = re.compile(r"(?P<before>!?\[(?:[^\[\]]|\[[^\]]*\])*\]\()(?P<target>[^)\s]+)(?P<after>\))")
ATTRIBUTE = re.compile(r'(?P<before>\b(?:src|srcset|href)=")(?P<target>[^"]+)(?P<after>")')
_CODE = re.compile(r"(`+)(?!`).*?(?<!`)\1(?!`)")
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Line:
    """*code*: within a fenced block, or one of its fences."""

    number: int
    text: str
    code: bool


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block: what it holds, without the indent of its list, and the words behind its opening fence."""

    page: Path
    line: int
    info: tuple[str, ...]
    text: str

    @property
    def language(self) -> str:
        return self.info[0] if self.info else ""

    @property
    def place(self) -> str:
        return f"{self.page.relative_to(HOME)}:{self.line}"


def lines(text: str) -> Iterator[Line]:
    fence = ""
    for number, line in enumerate(text.splitlines(), 1):
        found = _FENCE.match(line)
        if fence:
            yield Line(number, line, code=True)
            if found is not None and not found["info"].strip() and len(found["ticks"]) >= len(fence):
                fence = ""
        else:
            fence = found["ticks"] if found is not None else ""
            yield Line(number, line, code=bool(fence))


def blocks(page: Path) -> Iterator[Block]:
    opening: Line | None = None
    held: list[str] = []
    for line in lines(page.read_text(encoding="utf-8")):
        if not line.code:
            continue
        if opening is None:
            opening, held = line, []
        elif (found := _FENCE.match(line.text)) is not None and not found["info"].strip():
            begun = _FENCE.match(opening.text)
            assert begun is not None
            indent = len(begun["indent"])
            text = "".join(f"{each[indent:]}\n" for each in held)
            yield Block(page, opening.number, tuple(begun["info"].split()), text)
            opening = None
        else:
            held.append(line.text)
    assert opening is None, f"{page}:{opening.number}: the block has no end"


def prose(text: str) -> str:
    """*text* without its blocks, its inline code and its comments."""
    kept = "\n".join("" if line.code else line.text for line in lines(text))
    return _COMMENT.sub("", _CODE.sub("", kept))


def links(text: str) -> Iterator[str]:
    for pattern in (LINK, ATTRIBUTE):
        yield from (found["target"] for found in pattern.finditer(prose(text)))


def is_elsewhere(target: str) -> bool:
    return re.match(r"[a-z]+:", target) is not None


def anchors(text: str) -> set[str]:
    """The anchors of *text*: those that GitHub makes of headings, and those that are written out."""
    seen = Counter[str]()
    found = set(re.findall(r'<a (?:id|name)="([^"]+)"', text))
    for line in lines(text):
        if line.code or not (heading := re.match(r"#{1,6} +(.*?)(?: +#+)?$", line.text)):
            continue
        shown = re.sub(r"\]\([^)]*\)", "", heading[1])
        slug = re.sub(r"[^\w\- ]", "", shown.lower()).replace(" ", "-")
        found.add(f"{slug}-{seen[slug]}" if seen[slug] else slug)
        seen[slug] += 1
    return found
