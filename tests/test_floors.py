"""The house stands: a floor imports lower floors only; pure floors do no I/O and see no clock."""

import ast
from collections.abc import Iterator
from pathlib import Path

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
MODULES = {path: ast.parse(path.read_text()) for path in sorted(SHARED.rglob("*.py"))}


def room(path: Path) -> str:
    return path.relative_to(SHARED).parts[0].removesuffix(".py")


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(MODULES[path]):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            yield f"{node.module}"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def test_imports_only_lower_floors() -> None:
    of_shared = [
        (path, name, name.split(".")[1])
        for path in MODULES
        if room(path) != "__init__"
        for name in imports(path)
        if name.startswith("shared.")
    ]
    assert of_shared
    wrong = [
        f"{path.relative_to(SHARED)} imports {name}"
        for path, name, other in of_shared
        if other != room(path) and FLOORS[other] >= FLOORS[room(path)]
    ]
    assert wrong == []


def test_pure_floors_do_no_io_and_see_no_clock() -> None:
    pure = [path for path in MODULES if room(path) in PURE]
    assert {room(path) for path in pure} == PURE
    wrong = [
        f"{path.relative_to(SHARED)} imports {name}"
        for path in pure
        for name in imports(path)
        if name.split(".")[0] in IMPURE_MODULES
    ]
    wrong += [
        f"{path.relative_to(SHARED)} calls {node.func.attr}"
        for path in pure
        for node in ast.walk(MODULES[path])
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in CLOCKS
    ]
    assert wrong == []


def test_values_cost_nothing_before_they_are_made() -> None:
    """Take `dataclass` from shared.model.value: it says why."""
    wrong = [
        str(path.relative_to(SHARED))
        for path in MODULES
        if path.name != "value.py" and "dataclasses.dataclass" in imports(path)
    ]
    assert wrong == []
