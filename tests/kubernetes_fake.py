"""A fake API server on loopback: answers GETs of lists, objects and discovery from plain data.

It pages, knows label selectors of one label, and misbehaves on demand. It judges no permissions: what
is refused is said path by path.
"""

import json
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event, Thread
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

Body = dict[str, Any]


@dataclass
class Fake:
    """The server; `lists` and `single` are by path."""

    lists: dict[str, list[Body]] = field(default_factory=dict)
    single: dict[str, Body] = field(default_factory=dict)
    statuses: dict[str, int] = field(default_factory=dict)
    """Paths that are answered with an error instead."""
    busy: dict[str, int] = field(default_factory=dict)
    """Paths that are answered with 429, so many times."""
    raw: dict[str, bytes] = field(default_factory=dict)
    """Paths that are answered with just these bytes."""
    silent: set[str] = field(default_factory=set)
    """Paths that are never answered."""
    dripping: set[str] = field(default_factory=set)
    """Paths that are answered with a byte every now and then."""
    expire_once: bool = False
    """The first page after a list's first one has expired."""
    seen: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    tokens: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.single["/version"] = {"gitVersion": "v1.34.0"}
        self._over = Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._over.set()
        self._server.shutdown()
        self._server.server_close()

    def serve(self, api_version: str, kinds: dict[str, str], cluster: Iterable[str] = ()) -> None:
        """Discovery of a group-version: plurals by kind; those in `cluster` have no namespace."""
        root = "/apis" if "/" in api_version else "/api"
        self.single[f"{root}/{api_version}"] = {
            "resources": [
                each
                for kind, plural in kinds.items()
                for each in (
                    {"name": plural, "kind": kind, "namespaced": kind not in cluster},
                    {"name": f"{plural}/status", "kind": kind, "namespaced": kind not in cluster},
                )
            ]
        }

    def kubeconfig(self, folder: Path, token: str = "let-me-in") -> str:  # noqa: S107 (none)
        """Write a kubeconfig that leads here; returns its path."""
        text = {
            "apiVersion": "v1",
            "kind": "Config",
            "current-context": "here",
            "clusters": [{"name": "fake", "cluster": {"server": self.url}}],
            "users": [{"name": "me", "user": {"token": token}}],
            "contexts": [{"name": "here", "context": {"cluster": "fake", "user": "me"}}],
        }
        path = folder / "kubeconfig"
        path.write_text(json.dumps(text))
        return str(path)

    def respond(self, path: str, query: dict[str, str]) -> tuple[int, bytes]:
        """Status and body of an answer."""
        self.seen.append((path, query))
        if path in self.silent:
            self._over.wait(30)
        if self.busy.get(path):
            self.busy[path] -= 1
            return 429, b"{}"
        if path in self.statuses:
            status = self.statuses[path]
            said = {"kind": "Status", "message": f"the server says {status}", "code": status}
            return status, json.dumps(said).encode()
        if path in self.raw:
            return 200, self.raw[path]
        if path in self.lists:
            return self._page(self.lists[path], query)
        if path in self.single:
            return 200, json.dumps(self.single[path]).encode()
        return 404, b"404 page not found\n"

    def _page(self, items: list[Body], query: dict[str, str]) -> tuple[int, bytes]:
        label = query.get("labelSelector", "")
        key, _, value = label.partition("=")
        fitting = [
            i for i in items if not label or i["metadata"].get("labels", {}).get(key) == value
        ]
        begin, size = int(query.get("continue", "0")), int(query["limit"])
        if begin and self.expire_once:
            self.expire_once = False
            return 410, json.dumps({"message": "the continue token has expired"}).encode()
        end = begin + size
        metadata = {"continue": str(end)} if end < len(fitting) else {}
        return 200, json.dumps({"metadata": metadata, "items": fitting[begin:end]}).encode()

    def drip(self) -> bool:
        """Wait until the next byte is due; False when all is over."""
        return not self._over.wait(0.05)


def _handler(fake: Fake) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            address = urlsplit(self.path)
            query = {key: values[0] for key, values in parse_qs(address.query).items()}
            fake.tokens.add(self.headers.get("Authorization", ""))
            status, body = fake.respond(address.path, query)
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            if status == 429:
                self.send_header("Retry-After", "0")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if address.path not in fake.dripping:
                self.wfile.write(body)
                return
            end = time.monotonic() + 20
            for byte in body:
                if time.monotonic() > end or not fake.drip():
                    return
                self.wfile.write(bytes([byte]))

        def log_message(self, *_: object) -> None:
            """Nobody reads it."""

    return Handler
