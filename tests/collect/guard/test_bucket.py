"""Locks and copies in an object store: written under a condition, and what happens where a store knows none."""

import threading
import time
from collections.abc import Iterator
from email.utils import formatdate
from hashlib import md5
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from generator.contract.settings import BackupStorage
from verify.collect.backups.guard.lock import HeldError, release, take
from verify.collect.backups.guard.writer import WritableBucket

pytest.importorskip("obstore")

_NOW = 1_700_000_000.0


class Server(ThreadingHTTPServer):
    """As much of S3 as objects of one bucket take, in memory."""

    conditions = True
    """Whether it knows conditional writes."""
    refuses = False
    """Whether it says so when it does not."""

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}
        self.lock = threading.Lock()
        super().__init__(("127.0.0.1", 0), Handler)


class Handler(BaseHTTPRequestHandler):
    """One request."""

    server: Server

    def log_message(self, *_: object) -> None:
        """Nobody reads it."""

    def do_PUT(self) -> None:
        """Write, where the condition holds."""
        body = self.rfile.read(int(self.headers["Content-Length"]))
        asked = {"if-none-match", "if-match"} & {each.lower() for each in self.headers}
        with self.server.lock:
            there = self.server.objects.get(self.path)
            if asked and not self.server.conditions and self.server.refuses:
                self._answer(
                    HTTPStatus.NOT_IMPLEMENTED, b"<Error><Code>NotImplemented</Code></Error>"
                )
                return
            if self.server.conditions and (
                ("if-none-match" in asked and there is not None)
                or ("if-match" in asked and (there is None or self.headers["If-Match"] != _tag(there)))
            ):  # fmt: skip
                self._answer(HTTPStatus.PRECONDITION_FAILED, b"")
                return
            self.server.objects[self.path] = body
        self._answer(HTTPStatus.OK, b"", body)

    def do_GET(self) -> None:
        """Read."""
        found = self.server.objects.get(self.path)
        if found is None:
            self._answer(HTTPStatus.NOT_FOUND, b"<Error><Code>NoSuchKey</Code></Error>")
        else:
            self._answer(HTTPStatus.OK, found, found)

    def _answer(self, status: HTTPStatus, body: bytes, of: bytes | None = None) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        if of is not None:
            self.send_header("ETag", _tag(of))
            self.send_header("Last-Modified", formatdate(_NOW, usegmt=True))
        self.end_headers()
        self.wfile.write(body)


def _tag(content: bytes) -> str:
    return f'"{md5(content, usedforsecurity=False).hexdigest()}"'


@pytest.fixture
def server() -> Iterator[Server]:
    """A server that knows conditions."""
    made = Server()
    thread = threading.Thread(target=made.serve_forever)
    thread.start()
    yield made
    made.shutdown()
    thread.join()
    made.server_close()


def _bucket(server: Server) -> WritableBucket:
    storage = BackupStorage("s3", "prod/events", bucket="b00", region="eu-central-1", path_style=True,
                            endpoint=f"http://127.0.0.1:{server.server_port}")  # fmt: skip
    keys = {"access_key_id": "any", "secret_access_key": "any"}
    return WritableBucket(storage, 10, time.monotonic() + 60, keys)


def _take(server: Server, job: str, now_s: float = _NOW) -> bool:
    return take(_bucket(server), "business", job, now_s + 100, now_s)


def test_one_job_holds_it(server: Server) -> None:
    """Until it lets go, or its time is up."""
    assert _take(server, "one")
    with pytest.raises(HeldError, match="the Job one is at work in business"):
        _take(server, "two")
    assert _take(server, "one")
    release(_bucket(server), "business", "one")
    assert _take(server, "two")
    assert _take(server, "three", _NOW + 101)
    assert list(server.objects) == ["/b00/prod/events/business/strimzi-gitops-lock.json"]


def test_who_is_late_is_refused(server: Server) -> None:
    """Both have seen that it lapsed; the second one's condition does not hold any more, and it looks again."""
    _take(server, "old", _NOW - 1000)
    seen: list[bytes] = []

    def slow(content: bytes) -> bytes:
        seen.append(content)
        if len(seen) == 1:
            _take(server, "fast")
        return content if b"fast" in content else b"mine"

    assert _bucket(server).swap("business/strimzi-gitops-lock.json", slow)
    assert [b"old" in seen[0], b"fast" in seen[1]] == [True, True]
    assert b"fast" in next(iter(server.objects.values()))


def test_store_that_knows_no_conditions_locks_as_well_as_it_can(server: Server) -> None:
    """A Job that comes later is refused all the same; that two in the same moment are not is told."""
    server.conditions, server.refuses = False, True
    assert not _take(server, "one")
    with pytest.raises(HeldError):
        _take(server, "two")


def test_copies_are_put_back(server: Server) -> None:
    """One is what the other is."""
    bucket = _bucket(server)
    bucket.put("business/a", b"1")
    bucket.put_back("business/a", "business/b")
    assert bucket.whole("business/b", 10) == b"1"
