"""Quotas of many users at once, said to a broker in its own protocol.

The C library has no call for them, and Kafka's own tool takes a second for each user. The shape of
the messages: AlterClientQuotas and DescribeClientQuotas, version 0, in Kafka's protocol guide.
"""

import socket
import struct
from collections.abc import Iterable, Mapping
from types import TracebackType
from typing import Self

from live.answers import DEADLINE_S, Rejected
from live.security import Login

_SASL_HANDSHAKE, _SASL_AUTHENTICATE = (17, 1), (36, 0)
_DESCRIBE, _ALTER = (48, 0), (49, 0)
_ANY = 2


class Quotas:
    """A connection to one broker, which hands on what is the controller's."""

    def __init__(self, host: str, port: int, login: Login | None = None) -> None:
        """Without `login` the listener takes everybody."""
        self._socket = socket.create_connection((host, port), DEADLINE_S)
        if login is not None:
            self._ask(_SASL_HANDSHAKE, _text("PLAIN"))
            token = f"\0{login.user}\0{login.password}".encode()
            self._ask(_SASL_AUTHENTICATE, struct.pack(">i", len(token)) + token)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._socket.close()

    def set(self, quotas: Mapping[str | None, Mapping[str, float]]) -> None:
        """Give users their quotas, and take those away that are not said here.

        None stands for all users that have none of their own.

        Raises:
            Rejected: when the broker refuses; what it says of the first one.
        """
        now = self.all()
        entries = [
            _list([_text("user") + _text(user)]) + _list(_changes(now.get(user or "", {}), said))
            for user, said in quotas.items()
        ]
        answer = self._ask(_ALTER, _list(entries) + b"\0")
        answer.number()
        for _ in range(answer.number()):
            _refuse(answer)
            answer.entity()

    def all(self) -> dict[str, dict[str, float]]:
        """Every user's quotas, of those who have some."""
        answer = self._ask(_DESCRIBE, _list([_text("user") + bytes([_ANY]) + _text(None)]) + b"\1")
        answer.number()
        _refuse(answer)
        found = {}
        for _ in range(answer.number()):
            user = answer.entity()["user"]
            found[user] = {answer.text(): answer.real() for _ in range(answer.number())}
        return found

    def _ask(self, what: tuple[int, int], body: bytes) -> "_Answer":
        message = struct.pack(">hhi", *what, 0) + _text("tests") + body
        self._socket.sendall(struct.pack(">i", len(message)) + message)
        (length,) = struct.unpack(">i", self._read(4))
        return _Answer(self._read(length)[4:])

    def _read(self, length: int) -> bytes:
        read = b""
        while len(read) < length:
            more = self._socket.recv(length - len(read))
            if not more:
                raise ConnectionError("the broker hung up")
            read += more
        return read


class _Answer:
    """What a broker answered, taken field by field."""

    def __init__(self, content: bytes) -> None:
        self._content = content
        self._at = 0

    def short(self) -> int:
        """The next number of two bytes."""
        return int(self._take(">h"))

    def number(self) -> int:
        """The next number of four bytes, also the length of a list."""
        return int(self._take(">i"))

    def real(self) -> float:
        """The next number with a fraction."""
        return float(self._take(">d"))

    def text(self) -> str:
        """The next text; an absent one is empty."""
        length = max(0, self.short())
        start, self._at = self._at, self._at + length
        return self._content[start : self._at].decode()

    def entity(self) -> dict[str, str]:
        """The next description of whom a quota is for: `user` and a name."""
        return {self.text(): self.text() for _ in range(self.number())}

    def _take(self, form: str) -> float:
        (value,) = struct.unpack_from(form, self._content, self._at)
        self._at += struct.calcsize(form)
        return float(value)


def _changes(now: Mapping[str, float], said: Mapping[str, float]) -> list[bytes]:
    kept = [_text(key) + struct.pack(">d?", value, False) for key, value in said.items()]
    return kept + [_text(key) + struct.pack(">d?", 0, True) for key in now if key not in said]


def _refuse(answer: _Answer) -> None:
    code, message = answer.short(), answer.text()
    if code:
        raise Rejected(message, str(code))


def _text(text: str | None) -> bytes:
    if text is None:
        return struct.pack(">h", -1)
    return struct.pack(">h", len(text.encode())) + text.encode()


def _list(items: Iterable[bytes]) -> bytes:
    items = list(items)
    return struct.pack(">i", len(items)) + b"".join(items)
