"""The language of the product: folders that are free of the words of `words.toml`, and stay so.

Every text counts: string literals, docstrings, comments, names (split at their underscores and capitals), Markdown,
golden files. A phrase is found over the end of a line as well.
"""

import re
import tomllib
from collections.abc import Iterator
from fnmatch import fnmatch
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).parent.parent
TABLE = tomllib.loads((ROOT / "tests/words.toml").read_text())
STANDARD = {tuple(words.split()): entry["use"] for entry in TABLE["words"] for words in entry["instead_of"]}
# By its first word: hardly any word of a text begins one.
PHRASES = {first: [each for each in STANDARD if each[0] == first] for first in {each[0] for each in STANDARD}}
EXCEPTIONS = TABLE.get("exceptions", [])
ITSELF = {"tests/words.toml", "tests/test_words.py"}
NO_TEXT = {".png", ".pyc", ".json", ".tsv", ".zip", ".gz"}

# A word, or a mark that ends a phrase. An escape in a literal, a prefix of a literal and a capital begin a new word.
PIECE = re.compile(r"\\[ntr]|\b[rbfRBF]{1,2}(?=[\"'])|[A-Z]?[a-z]+|[A-Z]+(?![a-z])|[.:;!?()]")


class Found(NamedTuple):
    path: str
    line: int
    words: str
    text: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.words} (use: {STANDARD[tuple(self.words.split())]}): {self.text}"


def pieces(text: str) -> Iterator[tuple[str, int]]:
    """The words of *text* in lower case, each with its line; what is neither word nor end of a phrase is left out."""
    for number, line in enumerate(text.splitlines(), 1):
        for piece in PIECE.findall(line):
            if not piece.startswith("\\") and piece.lower() not in {"r", "b", "f", "rb", "br", "rf", "fr"}:
                yield piece.lower(), number


def found(path: str, text: str) -> Iterator[Found]:
    lines = text.splitlines()
    placed = list(pieces(text))
    words = tuple(word for word, _ in placed)
    for start, (word, line) in enumerate(placed):
        for phrase in PHRASES.get(word, ()):
            if words[start : start + len(phrase)] == phrase:
                yield Found(path, line, " ".join(phrase), lines[line - 1].strip())


def texts(place: str) -> Iterator[tuple[str, str]]:
    root = ROOT / place
    for path in sorted(root.rglob("*")) if root.is_dir() else [root]:
        name = path.relative_to(ROOT).as_posix()
        hidden = "__pycache__" in path.parts or "node_modules" in path.parts
        if path.is_file() and path.suffix not in NO_TEXT and name not in ITSELF and not hidden:
            yield name, path.read_text(encoding="utf-8")


@cache
def hits_in(place: str) -> tuple[Found, ...]:
    return tuple(hit for name, text in texts(place) for hit in found(name, text))


def excepts(exception: dict[str, str], hit: Found) -> bool:
    return fnmatch(hit.path, exception["path"]) and re.search(exception["text"], hit.text) is not None


@pytest.mark.parametrize("place", TABLE["clean"])
def test_standard_words_only(place: str) -> None:
    wrong = [str(hit) for hit in hits_in(place) if not any(excepts(exception, hit) for exception in EXCEPTIONS)]
    assert wrong == []


def test_every_exception_is_needed_and_has_its_reason() -> None:
    hits = [hit for place in TABLE["clean"] for hit in hits_in(place)]
    unused = [exception for exception in EXCEPTIONS if not any(excepts(exception, hit) for hit in hits)]
    assert unused == []
    assert all(len(exception["because"].split()) > 2 for exception in EXCEPTIONS)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("def is_told(self): ...", ["told"], id="a name with underscores"),
        pytest.param("class ToldTwice: ...", ["told"], id="a name with capitals"),
        pytest.param("# what\n# stands open", ["what stands", "stands open"], id="a comment over two lines"),
        pytest.param('"so "\nf"far"', ["so far"], id="a literal in two pieces"),
        pytest.param(r'"first\nmended"', ["mended"], id="behind an escape"),
        pytest.param("It is so. Far away.", [], id="the end of a sentence"),
        pytest.param("mendelson, headroom, WALKTHROUGH", [], id="whole words only"),
    ],
)
def test_words_are_found(text: str, expected: list[str]) -> None:
    assert [hit.words for hit in found("x", text)] == expected


def main() -> None:
    """Print what is found in the folders and files of the command line."""
    import sys  # noqa: PLC0415

    for place in sys.argv[1:]:
        for name, text in texts(place):
            for hit in found(name, text):
                print(hit)


if __name__ == "__main__":
    main()
