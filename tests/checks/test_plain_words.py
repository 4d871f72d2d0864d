"""Texts of findings and steps are plain: cards, mails and terminals show marks of Markdown as they are."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

SHARED = Path(__file__).parents[2] / "shared"
MODULES = sorted(path for layer in ("checks", "remedies") for path in (SHARED / layer).rglob("*.py"))


def texts(tree: ast.AST) -> Iterator[str]:
    """Every text within a call of Step or Finding, and of a generator of them."""
    for call in ast.walk(tree):
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in ("Step", "Finding"):
            for each in ast.walk(call):
                if isinstance(each, ast.Constant) and isinstance(each.value, str):
                    yield each.value


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(SHARED)))
def test_no_text_has_backticks(path: Path) -> None:
    assert [each for each in texts(ast.parse(path.read_text())) if "`" in each] == []


def test_texts_are_found() -> None:
    assert list(texts(ast.parse("yield_ = Step(f'Set `x` to {y}.')"))) == ["Set `x` to ", "."]
