"""libpg_query, the server's own grammar as a shared library, taken out of postgast's wheel.

postgast itself is not imported: its protobuf trees fail on long chains of operators, and its protobuf runtime clashes
with the Functions worker's own.
"""

import ctypes
import sys
from functools import cache
from importlib.util import find_spec
from typing import Any

from ..model.value import dataclass

# The PostgreSQL version of the grammar.
GRAMMAR = 18

_LIBRARY = {"darwin": "libpg_query.dylib", "win32": "pg_query.dll"}.get(sys.platform, "libpg_query.so")


# Nothing is wrong with the script then: the library has reached the limit of its process.
_OUT_OF_MEMORY = b"out of memory"


class RefusedError(Exception):
    """The grammar refuses a script: *message* is the server's, *position* counts characters from 1 (0: unknown)."""

    def __init__(self, message: str, position: int) -> None:
        super().__init__(message, position)
        self.message = message
        self.position = position

    def __str__(self) -> str:
        return self.message


class _Error(ctypes.Structure):
    _fields_ = (
        ("message", ctypes.c_char_p),
        ("funcname", ctypes.c_char_p),
        ("filename", ctypes.c_char_p),
        ("lineno", ctypes.c_int),
        ("cursorpos", ctypes.c_int),
        ("context", ctypes.c_char_p),
    )


class _ParseResult(ctypes.Structure):
    _fields_ = (
        ("tree", ctypes.c_char_p),
        ("stderr", ctypes.c_char_p),
        ("error", ctypes.POINTER(_Error)),
    )


class _PlpgsqlResult(ctypes.Structure):
    _fields_ = (("tree", ctypes.c_char_p), ("error", ctypes.POINTER(_Error)))


@dataclass(frozen=True, slots=True)
class _Function:
    """A function of the library, and the one that frees what it gave."""

    call: Any
    free: Any


def library_file() -> str:
    """Where the library is. Raises ModuleNotFoundError."""
    wheel = find_spec("postgast")
    if wheel is None or not wheel.submodule_search_locations:
        raise ModuleNotFoundError("postgast is not installed: its wheel holds PostgreSQL's parser", name="postgast")
    return f"{wheel.submodule_search_locations[0]}/{_LIBRARY}"


@cache
def _function(function: str) -> _Function:
    library = ctypes.CDLL(library_file())
    kind, result = {"parse": ("", _ParseResult), "parse_plpgsql": ("plpgsql_", _PlpgsqlResult)}[function]
    call, free = getattr(library, f"pg_query_{function}"), getattr(library, f"pg_query_free_{kind}parse_result")
    call.argtypes, call.restype = [ctypes.c_char_p], result
    free.argtypes, free.restype = [result], None
    return _Function(call, free)


def call(function: str, script: bytes) -> bytes:
    """The tree of *script* as JSON, by *function* of the library: ``parse``, ``parse_plpgsql``. Raises RefusedError."""
    parser = _function(function)
    result = parser.call(script)
    try:
        if result.error:
            error = result.error.contents
            if error.message == _OUT_OF_MEMORY:
                raise MemoryError
            raise RefusedError(error.message.decode(errors="replace"), error.cursorpos)
        tree: bytes = result.tree
        return tree
    finally:
        parser.free(result)
