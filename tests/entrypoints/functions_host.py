"""What the Functions host does in front of the runtime: an HTTP server with the routes that the app's bindings name."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from urllib.parse import unquote, urlsplit

from tests.entrypoints.functions_runtime import FunctionFailedError, FunctionsRuntime, Response

FUNCTION_KEY = "the-function-key"


class _Host(ThreadingHTTPServer):
    # Closing it waits for the requests that are being answered: they use what the test takes away after it.
    daemon_threads = False


@contextmanager
def functions_host(functions: FunctionsRuntime) -> Iterator[str]:
    """Serve *functions* on a free port, and give the address of its API."""
    routes = [
        (_pattern(binding["route"]), set(binding["methods"]), binding["authLevel"], name)
        for name, bindings in functions.bindings.items()
        for binding in bindings
        if binding["type"] == "httpTrigger"
    ]
    one_at_a_time = Lock()

    class Handler(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            with one_at_a_time:
                self._send(self._response(body))

        def _response(self, body: bytes) -> Response:
            url, headers = urlsplit(self.path), {name.lower(): value for name, value in self.headers.items()}
            for pattern, methods, level, name in routes:
                found = pattern.fullmatch(url.path)
                if found is None or self.command not in methods:
                    continue
                if level == "FUNCTION" and headers.get("x-functions-key") != FUNCTION_KEY:
                    return Response(401, {}, b"")
                words = {word: unquote(text) for word, text in found.groupdict().items() if text}
                address = f"http://{self.headers['Host']}{self.path}"
                try:
                    return functions.request(name, self.command, address, body, headers, words)
                except FunctionFailedError as error:
                    return Response(500, {}, str(error).encode())
            return Response(404, {}, b"")

        def _send(self, response: Response) -> None:
            self.send_response(response.status)
            for name, value in response.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(response.body)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(response.body)

        do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = do_PATCH = do_OPTIONS = do_TRACE = _answer  # noqa: N815

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the library's own name
            """Write nothing."""

    server = _Host(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/api"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _pattern(route: str) -> re.Pattern[str]:
    """``status/{target?}`` as the host matches it, with or without a slash at its end."""
    path = re.sub(r"/\{(\w+)\?\}", r"(?:/(?P<\1>[^/]+))?", route)
    path = re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", path.replace(".json", r"\.json"))
    return re.compile(f"/api/{path}/?")
