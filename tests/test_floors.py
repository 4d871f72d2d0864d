"""The house stands: a floor imports lower floors only; pure floors do no I/O and see no clock."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

SHARED = Path(__file__).parent.parent / "shared"
FLOORS = {
    "model": 0, "net": 1, "postgres": 1, "prisma": 1, "azure": 2, "gather": 3, "memory": 3, "diagnose": 3, "judge": 4,
    "report": 5, "notify": 6, "settings": 7, "run": 7, "tell": 7, "watch": 7, "doors": 8,
}  # fmt: skip
PURE = {"model", "postgres", "prisma", "diagnose", "judge", "report"}
IMPURE_MODULES = {
    "asyncio", "concurrent", "http", "logging", "os", "pathlib", "psycopg", "random", "requests", "shutil", "socket",
    "ssl", "subprocess", "tempfile", "threading", "time", "urllib3",
}  # fmt: skip
CLOCKS = {"now", "utcnow", "today", "monotonic", "perf_counter"}
MODULES = sorted(SHARED.rglob("*.py"))


def room(path: Path) -> str:
    return path.relative_to(SHARED).parts[0].removesuffix(".py")


def imports(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            yield f"{node.module}"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(SHARED)))
def test_imports_only_lower_floors(path: Path) -> None:
    own = room(path)
    if own == "__init__":
        return
    for name in imports(ast.parse(path.read_text())):
        parts = name.split(".")
        if parts[0] == "shared" and len(parts) > 1 and parts[1] != own:
            assert FLOORS[parts[1]] < FLOORS[own], f"{own} imports {name}"


@pytest.mark.parametrize(
    "path", [p for p in MODULES if room(p) in PURE], ids=lambda path: str(path.relative_to(SHARED))
)
def test_pure_floors_do_no_io_and_see_no_clock(path: Path) -> None:
    tree = ast.parse(path.read_text())
    assert IMPURE_MODULES.isdisjoint(name.split(".")[0] for name in imports(tree))
    calls = {
        node.func.attr for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
    }
    assert CLOCKS.isdisjoint(calls)


@pytest.mark.parametrize(
    "path", [p for p in MODULES if p.name != "value.py"], ids=lambda path: str(path.relative_to(SHARED))
)
def test_values_cost_nothing_before_they_are_made(path: Path) -> None:
    names = set(imports(ast.parse(path.read_text())))
    assert "dataclasses.dataclass" not in names, "take `dataclass` from shared.model.value: it says why"
