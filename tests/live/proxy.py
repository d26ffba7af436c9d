"""A way to a server that is slow or loses something: `with Proxy(port) as proxy: proxy.delay_s = 1`."""

import socket
import time
from collections.abc import Callable
from contextlib import ExitStack, suppress
from threading import Thread
from typing import Self

from live.node import LOOPBACK
from live.stopping import Stopping

_CHUNK = 2**16


class Proxy(Stopping):
    """A port that leads to another one, in both directions."""

    def __init__(self, target: int) -> None:
        """`target` is a port of this machine; nothing is slow yet."""
        self._target = target
        self._socket = socket.create_server((LOOPBACK, 0))
        self._cleanup = ExitStack()
        self._cleanup.callback(self._socket.close)
        self.port = self._socket.getsockname()[1]
        self.delay_s = 0.0
        """How long it takes until what somebody says is heard."""
        self.loses: Callable[[], bool] = lambda: False
        """Whether something is lost now: nothing more goes through its connection then, as when a peer is cut off."""

    def __enter__(self) -> Self:
        Thread(target=self._serve, daemon=True).start()
        return self

    def _serve(self) -> None:
        with suppress(OSError):  # closed in the end
            while True:
                asking, _ = self._socket.accept()
                Thread(target=self._join, args=(asking,), daemon=True).start()

    def _join(self, asking: socket.socket) -> None:
        try:
            answering = socket.create_connection((LOOPBACK, self._target))
        except OSError:
            asking.close()
            return
        back = Thread(target=self._carry, args=(answering, asking, False), daemon=True)
        back.start()
        self._carry(asking, answering, True)
        back.join()
        for each in (asking, answering):
            each.close()

    def _carry(self, source: socket.socket, target: socket.socket, late: bool) -> None:
        cut = False
        with suppress(OSError):
            while chunk := source.recv(_CHUNK):
                cut = cut or self.loses()
                if late:
                    time.sleep(self.delay_s)
                if not cut:
                    target.sendall(chunk)
        for each in (source, target):
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
