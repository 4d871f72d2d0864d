"""The reports that the pages are tested with are those of today's code; ``--update-golden`` makes them again."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from shared.demo.private_postgres import private_postgres
from tests.report.html.make import made, write
from tests.report.html.states import document
from tests.throwaway import in_memory

# What differs from one run to the next, or with the version of the server.
_KEYS = {
    "blocked_by", "elapsed", "in_transaction", "latency_ms", "longest", "pid", "seconds", "server_version", "took_ms", "value",
}  # fmt: skip
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?(Z|\+00)")
_SESSION = re.compile(r"(session|pid =) \d+")


def test_they_are_what_the_demo_makes_now(request: pytest.FixtureRequest, tmp_path: Path) -> None:
    with private_postgres(None, in_memory()) as server:
        files = made(server, tmp_path)
    if request.config.getoption("--update-golden"):
        write(files)
    for name in ("deploying", "planned", "incident"):
        assert steady(document(name)) == steady(json.loads(files[f"{name}.json"])), name


def steady(value: Any) -> Any:
    """*value* without what differs from one run to the next."""
    if isinstance(value, dict):
        return {key: None if key in _KEYS else steady(each) for key, each in value.items()}
    if isinstance(value, list):
        return [steady(each) for each in value]
    return _SESSION.sub(r"\1 N", _MOMENT.sub("MOMENT", value)) if isinstance(value, str) else value
