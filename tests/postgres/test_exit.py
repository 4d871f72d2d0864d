"""docs/decisions/exit-postgast.md: of postgast one file is used, by four functions of it, and it works from anywhere."""

import ast
import ctypes
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from shared.postgres import library

ROOT = Path(__file__).parents[2]
PRODUCT = [*(ROOT / "shared").rglob("*.py"), *(ROOT / "action").rglob("*.py"), *ROOT.glob("*.py")]
USED = {
    "pg_query_parse",
    "pg_query_parse_plpgsql",
    "pg_query_free_parse_result",
    "pg_query_free_plpgsql_parse_result",
}


def names_of(path: Path) -> Iterator[str]:
    """Every module that *path* imports, and every name that it could import by."""
    text = path.read_text(encoding="utf-8")
    for node in ast.walk(ast.parse(text)) if "postgast" in text else ():
        if isinstance(node, ast.Import):
            yield from (f"import {alias.name}" for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield f"import {node.module}"
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.startswith("postgast"):
            yield node.value.partition(" ")[0]


def test_it_is_imported_nowhere_and_named_by_one_file() -> None:
    found = {
        (path.relative_to(ROOT).as_posix(), name) for path in PRODUCT for name in names_of(path) if "postgast" in name
    }
    assert found == {("shared/postgres/library.py", "postgast")}


@pytest.fixture
def loaded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[set[str]]:
    """Load a copy of the library's file, far from its wheel, and give the functions that are asked of it."""
    copy = Path(shutil.copy(library.library_file(), tmp_path))
    asked: set[str] = set()

    class Recorded:
        def __init__(self, path: str) -> None:
            self._library = ctypes.PyDLL(path)

        def __getattr__(self, name: str) -> Any:
            asked.add(name)
            return getattr(self._library, name)

    library._function.cache_clear()
    monkeypatch.setattr(library, "library_file", lambda: str(copy))
    monkeypatch.setattr(ctypes, "CDLL", Recorded)
    yield asked
    library._function.cache_clear()


def test_its_file_alone_parses_by_four_functions(loaded: set[str]) -> None:
    assert b"SelectStmt" in library.call("parse", b"SELECT 1")
    function = b"CREATE FUNCTION f() RETURNS void LANGUAGE plpgsql AS $$ BEGIN PERFORM 1; END $$"
    assert b"PLpgSQL_stmt_perform" in library.call("parse_plpgsql", function)
    with pytest.raises(library.RefusedError, match="syntax error"):
        library.call("parse", b"SELEC 1")
    assert loaded == USED


def test_no_other_function_is_offered() -> None:
    with pytest.raises(KeyError):
        library._function("deparse")
