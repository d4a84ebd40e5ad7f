"""A server on this machine that stands for the hosts far away that an example talks to."""

from __future__ import annotations

import importlib.util
import json
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import ModuleType
from typing import Any
from urllib.parse import parse_qs, urlsplit

import attrs
import requests
from requests.adapters import HTTPAdapter

EXAMPLES = Path(__file__).parents[2] / "examples"


def example(path: str) -> ModuleType:
    """The module of an example, by its place in the folder of examples."""
    name = "example_" + path.removesuffix(".py").replace("/", "_")
    spec = importlib.util.spec_from_file_location(name, EXAMPLES / path)
    assert spec is not None
    assert spec.loader is not None
    module = sys.modules[name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@attrs.frozen
class Asked:
    method: str
    host: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: str


@attrs.frozen
class Answer:
    body: Any = None
    status: int = 200
    headers: Mapping[str, str] = attrs.field(factory=dict)


@contextmanager
def served(answers: Callable[[Asked], Answer], session: requests.Session) -> Iterator[list[Asked]]:
    """Whatever the session asks over https is answered here; gives what was asked so far."""
    log: list[Asked] = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1  # head and body leave together, else each answer waits for an acknowledgement

        def answer(self) -> None:
            url = urlsplit(self.path)
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
            query = {name: values[0] for name, values in parse_qs(url.query).items()}
            log.append(
                Asked(self.command, self.headers["X-Far-Host"], url.path, query, dict(self.headers), body)
            )
            told = answers(log[-1])
            payload = told.body.encode() if isinstance(told.body, str) else json.dumps(told.body).encode()
            self.send_response(told.status)
            self.send_header("Content-Length", str(len(payload)))
            for name, value in told.headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(payload)

        do_GET = do_POST = do_PATCH = answer  # noqa: N815 - so the server calls them

        def log_message(self, *words: Any) -> None:
            """Tests are quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    session.mount("https://", _Redirected(server.server_port))
    try:
        yield log
    finally:
        session.close()
        server.shutdown()
        server.server_close()
        thread.join()


class _Redirected(HTTPAdapter):
    def __init__(self, port: int) -> None:
        self.port = port
        super().__init__()

    def send(self, request: requests.PreparedRequest, *args: Any, **options: Any) -> requests.Response:
        far = urlsplit(request.url or "")
        request.headers["X-Far-Host"] = far.netloc
        request.url = f"http://127.0.0.1:{self.port}{far.path}?{far.query}"
        return super().send(request, *args, **options | {"proxies": {}})
