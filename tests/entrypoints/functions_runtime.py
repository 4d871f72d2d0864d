"""Microsoft's own runtime for Python functions, driven in this process; only the host around it is missing."""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qsl, urlsplit
from uuid import uuid4

from azure_functions_runtime import (  # type: ignore[import-untyped]  # Microsoft ships no types
    functions_metadata_request,
    start_threadpool_executor,
    stop_threadpool_executor,
    worker_init_request,
)
from azure_functions_runtime.bindings.datumdef import Datum  # type: ignore[import-untyped]  # as above
from azure_functions_runtime.native_invocation import run_invocation_sync  # type: ignore[import-untyped]  # as above


class FunctionFailedError(Exception):
    """The function raised, or the runtime refused it; the text is all that the host would log."""


@dataclass(frozen=True)
class Response:
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class FunctionsRuntime:
    """An indexed function app. One a process: the library refuses to list an app's functions twice."""

    def __init__(self, folder: Path) -> None:
        start_threadpool_executor()
        initialised = asyncio.run(worker_init_request(_init_request(folder)))
        if initialised.result.status != _Messages.StatusResult.Success:
            raise FunctionFailedError(initialised.result.exception.message)
        listed = asyncio.run(functions_metadata_request(None)).function_metadata_results
        self._ids = {function.name: function.function_id for function in listed}
        # What the host knows of each function: its bindings, as a function.json would have them.
        self.bindings = {f.name: [json.loads(binding) for binding in f.raw_bindings] for f in listed}

    def close(self) -> None:
        stop_threadpool_executor()

    def tick(self, function: str, *, past_due: bool = False) -> dict[str, Any]:
        """Fire a timer, and give what the function wrote to each output binding."""
        timer = {"Schedule": {"AdjustForDST": True}, "ScheduleStatus": None, "IsPastDue": past_due}
        _, outputs = self._call(function, Datum(json.dumps(timer), "json"))
        return outputs

    def deliver(self, function: str, message: bytes | str) -> None:
        """Hand a queue message to the function."""
        kind = "bytes" if isinstance(message, bytes) else "string"
        self._call(function, Datum(message, kind), {"Id": Datum("1", "string"), "DequeueCount": Datum("1", "string")})

    def request(
        self,
        function: str,
        method: str,
        url: str,
        body: bytes = b"",
        headers: Mapping[str, str] | None = None,
        route: Mapping[str, str] | None = None,
    ) -> Response:
        """Send an HTTP request as the host passes one on, its query and the words of its route taken apart."""
        return self.exchange(function, method, url, body, headers, route)[0]

    def exchange(
        self,
        function: str,
        method: str,
        url: str,
        body: bytes = b"",
        headers: Mapping[str, str] | None = None,
        route: Mapping[str, str] | None = None,
    ) -> tuple[Response, dict[str, Any]]:
        """Send a request, and give with the answer what the function wrote to each output binding."""
        request = {
            "method": Datum(method, "string"),
            "url": Datum(url, "string"),
            "headers": _texts(headers or {}),
            "query": _texts(dict(parse_qsl(urlsplit(url).query, keep_blank_values=True))),
            "params": _texts(route or {}),
            "body": Datum(body, "bytes"),
        }
        answer, outputs = self._call(function, Datum(request, "http"))
        response = Response(
            int(answer["status_code"].value),
            {name.lower(): value.value for name, value in answer["headers"].items()},
            answer["body"].value,
        )
        return response, outputs

    def _call(
        self, function: str, trigger: Datum, metadata: Mapping[str, Datum] | None = None
    ) -> tuple[Any, dict[str, Any]]:
        (name,) = [b["name"] for b in self.bindings[function] if b["type"].endswith("Trigger")]
        _, succeeded, returned, outputs, error, trace = run_invocation_sync(
            str(uuid4()), self._ids[function], [(name, trigger)], metadata or {}
        )
        if not succeeded:
            raise FunctionFailedError(f"{error}\n{trace}")
        return returned and returned.value, {output: datum.python_value for output, datum in outputs}


def _texts(texts: Mapping[str, str]) -> dict[str, Datum]:
    return {name: Datum(value, "string") for name, value in texts.items()}


class _Messages:
    """The host's protobuf messages, as far as indexing fills them in; the runtime is handed their module."""

    class BindingInfo(SimpleNamespace):
        undefined, out, inout = 0, 1, 2  # as in Microsoft's FunctionRpc.proto

    class StatusResult(SimpleNamespace):
        Failure, Success = 0, 1

    FunctionMetadataResponse = RpcException = RpcFunctionMetadata = SimpleNamespace
    WorkerInitResponse = WorkerMetadata = SimpleNamespace


def _init_request(folder: Path) -> SimpleNamespace:
    init = SimpleNamespace(capabilities={}, function_app_directory=str(folder))
    return SimpleNamespace(
        request=SimpleNamespace(worker_init_request=init), properties={"host": "127.0.0.1", "protos": _Messages}
    )
