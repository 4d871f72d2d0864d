"""The application's API as production ran it that morning: it reads the real database, and fails as NestJS does."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import psycopg
from psycopg.rows import dict_row

# What the deployed release asks the database for, by route.
_QUERIES = {
    "/api/folders": b"SELECT id, name, project_id FROM folders ORDER BY id",
    "/api/pipeline-rules": b'SELECT id, phase, rule FROM pipeline_rules WHERE active ORDER BY "order"',
}
# NestJS hides the reason of an unhandled error: no column name reaches the caller.
_INTERNAL_ERROR = {"statusCode": HTTPStatus.INTERNAL_SERVER_ERROR, "message": "Internal server error"}


@contextmanager
def serving(database_url: str) -> Iterator[str]:
    """Serve the API on a free port of loopback, and give its base URL."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, body = answer(self.path, database_url)
            payload = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json; charset=utf-8")
            self.send_header("Content-Length", str(len(payload)))
            self.end_headers()
            self.wfile.write(payload)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the base class names it so
            """Keep the terminal for the report."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def answer(path: str, database_url: str) -> tuple[HTTPStatus, object]:
    if path == "/api/health":
        return HTTPStatus.OK, {"status": "ok"}
    query = _QUERIES.get(path)
    if query is None:
        return HTTPStatus.NOT_FOUND, {"statusCode": HTTPStatus.NOT_FOUND, "message": f"Cannot GET {path}"}
    try:
        with psycopg.connect(database_url, row_factory=dict_row) as connection:
            return HTTPStatus.OK, connection.execute(query).fetchall()
    except psycopg.Error:
        return HTTPStatus.INTERNAL_SERVER_ERROR, _INTERNAL_ERROR
