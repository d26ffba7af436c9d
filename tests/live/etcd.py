"""A real etcd on this machine, and what any program of a control plane needs to run for a test."""

import http.client
import shutil
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

from live.answers import DEADLINE_S
from live.jars import MissingError
from live.node import LOOPBACK, ServerError, free_ports
from support import find_tool

_LOG_LINES = 60
_PAUSE_S = 0.05


def executable(name: str, how: str) -> str:
    """The path of a program.

    Raises:
        MissingError: when there is none; the message says how to get it.
    """
    found = find_tool(name)
    if found is None:
        raise MissingError(f"{name} is not installed ({how})")
    return found


@dataclass
class Program:
    """One process with its log, which does not outlive the tests."""

    name: str
    log: Path
    command: Sequence[str]
    environment: Mapping[str, str] | None = None
    """Its variables, where they are not the tests' own."""
    process: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    def start(self) -> None:
        """Start the process; it is not ready when this returns."""
        # However this process dies, the kernel takes the other one along.
        setpriv = shutil.which("setpriv")
        leash = [setpriv, "--pdeathsig", "KILL"] if setpriv else []
        with self.log.open("ab") as log:
            # A group of its own: the terminal's Ctrl-C is for the tests, which then clean up.
            self.process = subprocess.Popen(
                [*leash, *self.command],
                stdout=log,
                stderr=log,
                process_group=0,
                env=self.environment,
            )

    def stop(self) -> None:
        """Kill the process: its data are thrown away, so there is nothing to close in order."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()

    def __enter__(self) -> Self:
        """Start the process."""
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop the process, whatever happened."""
        self.stop()

    def until(self, condition: Callable[[], bool], what: str) -> None:
        """Ask until the answer is yes, as long as the process runs.

        Raises:
            ServerError: when it stopped, or the answer is still no at the deadline.
        """
        end = time.monotonic() + DEADLINE_S
        while time.monotonic() < end:
            if self.process is None or self.process.poll() is not None:
                raise ServerError(f"{self.name} does not run\n{self.log_tail()}")
            try:
                if condition():
                    return
            except (OSError, http.client.HTTPException):
                pass  # it does not listen yet, or not any more: the next round tells
            time.sleep(_PAUSE_S)
        raise ServerError(f"{self.name} did not {what} within {DEADLINE_S} s\n{self.log_tail()}")

    def log_tail(self) -> str:
        """The last lines of the log."""
        text = self.log.read_text(encoding="utf-8", errors="replace")
        return "\n".join(text.splitlines()[-_LOG_LINES:])


class Etcd(Program):
    """One member of its own, without encryption: only tests' data are in it."""

    def __init__(self, folder: Path) -> None:
        """`folder` is where its data go.

        Raises:
            MissingError: when there is no etcd to start.
        """
        clients, peers = free_ports(2)
        self.address = (LOOPBACK, clients)
        self.url = f"http://{LOOPBACK}:{clients}"
        folder.mkdir(parents=True)
        command = [
            executable("etcd", "apt-get install etcd-server"),
            *("--data-dir", str(folder / "data")),
            *("--listen-client-urls", self.url, "--advertise-client-urls", self.url),
            *("--listen-peer-urls", f"http://{LOOPBACK}:{peers}"),
            *("--initial-advertise-peer-urls", f"http://{LOOPBACK}:{peers}"),
            *("--initial-cluster", f"default=http://{LOOPBACK}:{peers}"),
        ]
        super().__init__("etcd", folder / "etcd.log", command)

    def start(self) -> None:
        """Start it; it takes writes when this returns.

        Raises:
            ServerError: when it does not in time.
        """
        super().start()
        self.until(self._is_healthy, "get healthy")

    def _is_healthy(self) -> bool:
        connection = http.client.HTTPConnection(*self.address, timeout=5)
        try:
            connection.request("GET", "/health")
            return connection.getresponse().status == http.client.OK
        finally:
            connection.close()
