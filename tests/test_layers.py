"""The layers: each imports lower ones only; the pure ones do no I/O and see no clock."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

SHARED = Path(__file__).parent.parent / "shared"
LAYERS = {
    "model": 0, "net": 1, "postgres": 1, "prisma": 1, "azure": 2, "gather": 3, "memory": 3, "diagnose": 3,
    "remedies": 4, "checks": 5, "report": 6, "alerts": 7, "settings": 8, "run": 8, "demo": 9, "discovery": 9, "entrypoints": 10,
}  # fmt: skip
PURE = (
    "model", "postgres", "prisma", "diagnose", "remedies", "checks", "report", "alerts/decide", "alerts/messages",
    "alerts/links.py", "discovery/compose.py", "discovery/grants.py", "discovery/lock_files.py", "discovery/others.py",
    "discovery/prisma_config.py", "discovery/schema_prisma.py", "discovery/settings_text.py", "discovery/wording.py",
)  # fmt: skip
IMPURE_MODULES = {
    "asyncio", "concurrent", "http", "logging", "os", "pathlib", "psycopg", "random", "requests", "shutil", "socket",
    "ssl", "subprocess", "tempfile", "threading", "time", "urllib3",
}  # fmt: skip
CLOCK = re.compile(r"\.(now|utcnow|today|monotonic|perf_counter)\s*\(")


@cache
def modules() -> tuple[Path, ...]:
    return tuple(path.relative_to(SHARED) for path in sorted(SHARED.rglob("*.py")))


@cache
def imports(path: Path) -> tuple[tuple[str, ...], ...]:
    return tuple(_imports(path))


def _imports(path: Path) -> Iterator[tuple[str, ...]]:
    """The names that *path* imports, split at their dots; one within the folder begins with an empty part."""
    for node in _statements(ast.parse((SHARED / path).read_text())):
        if isinstance(node, ast.Import):
            yield from (tuple(alias.name.split(".")) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            module = tuple(node.module.split(".")) if node.module else ()
            if node.level:
                module = ("", *path.parts[: len(path.parts) - node.level], *module)
            yield module
            yield from ((*module, alias.name) for alias in node.names)


def _statements(node: ast.AST) -> Iterator[ast.AST]:
    """Every statement: expressions, which are most of a tree, import nothing."""
    for block in ("body", "orelse", "handlers", "finalbody", "cases"):
        for each in getattr(node, block, ()) if not isinstance(node, ast.expr) else ():
            yield each
            yield from _statements(each)


def test_imports_within_the_folder_are_relative() -> None:
    """So the folder can be installed under any name."""
    assert [str(path) for path in modules() for name in imports(path) if name and name[0] == "shared"] == []


def test_a_layer_imports_only_lower_layers() -> None:
    of_the_folder = [
        (path, name)
        for path in modules()
        if len(path.parts) > 1
        for name in imports(path)
        if name[0] == "" and name[1:]
    ]
    assert len(of_the_folder) > len(modules())
    wrong = [
        f"{path} imports {'.'.join(name[1:])}"
        for path, name in of_the_folder
        if name[1] != path.parts[0] and LAYERS[name[1]] >= LAYERS[path.parts[0]]
    ]
    assert wrong == []


def test_pure_packages_do_no_io_and_see_no_clock() -> None:
    pure = {path for path in modules() for package in PURE if path.is_relative_to(package)}
    assert all(any(path.is_relative_to(package) for path in pure) for package in PURE)
    wrong = [f"{path} imports {name[0]}" for path in pure for name in imports(path) if name[0] in IMPURE_MODULES]
    wrong += [f"{path} calls {call}" for path in pure for call in CLOCK.findall((SHARED / path).read_text())]
    assert wrong == []


def test_values_cost_nothing_before_they_are_made() -> None:
    """Take `dataclass` from shared.model.value: it says why."""
    wrong = [
        str(path) for path in modules() if path.name != "value.py" and ("dataclasses", "dataclass") in imports(path)
    ]
    assert wrong == []
