"""Addresses of pods and Services: of the loopback range, by files like /etc/hosts."""

import os
import shutil
import socket
import subprocess
from collections.abc import Iterable
from functools import cache
from hashlib import sha256
from pathlib import Path
from threading import Lock

from live.jars import CACHE, MissingError

_BIND = Path(__file__).with_name("bind.c")


@cache
def own_address() -> Path:
    """What lets several programs listen on the same port of all addresses, as pods do.

    To be preloaded: each then listens on the address that its variable POD_ADDRESS says.

    Raises:
        MissingError: when it cannot be built.
    """
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None:
        raise MissingError("no C compiler")
    CACHE.mkdir(parents=True, exist_ok=True)
    library = CACHE / f"bind-{sha256(_BIND.read_bytes()).hexdigest()[:12]}.so"
    if not library.exists():
        unfinished = library.with_suffix(f".{os.getpid()}")
        command = [compiler, "-shared", "-fPIC", "-o", str(unfinished), str(_BIND), "-ldl"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise MissingError(f"cc failed: {done.stderr}")
        unfinished.replace(library)
    return library


class Hosts:
    """Who has which address; one file for all that is outside of namespaces, and one for each namespace."""

    def __init__(self, folder: Path) -> None:
        """The files are written anew in place, so that those who have mounted one see it."""
        self._folder = folder
        self._addresses: dict[str, str] = {}
        self._names: dict[tuple[str, str], list[str]] = {}
        self._lock = Lock()
        self._net = _own_net()
        folder.mkdir(parents=True, exist_ok=True)
        self.file = self.within("")

    def address(self, owner: str, namespace: str = "", names: Iterable[str] = ()) -> str:
        """The address of a pod, always the same; each name leads to it, maybe beside others."""
        with self._lock:
            number = len(self._addresses) + 2
            net, _ = self._net
            address = self._addresses.setdefault(owner, f"127.{net}.{number // 250}.{number % 250}")
            for name in names:
                every = self._names.setdefault((name, namespace), [])
                if address not in every:
                    every.append(address)
            for file in self._folder.iterdir():
                self._write(file)
        return address

    def within(self, namespace: str) -> Path:
        """The file in which the short names of a namespace stand, too."""
        file = self._folder / (namespace or "-")
        if not file.exists():
            with self._lock:
                self._write(file)
        return file

    def known_to(self, namespace: str, *command: str) -> list[str]:
        """The command that runs another one where these names are known."""
        mounts = f'mount --bind {self.within(namespace)} /etc/hosts; exec "$@"'
        return ["unshare", "--mount", "bash", "-c", mounts, "shell", *command]

    def close(self) -> None:
        """Let others have the addresses."""
        self._net[1].close()

    def _write(self, file: Path) -> None:
        lines = ["127.0.0.1 localhost"]
        for (name, namespace), addresses in self._names.items():
            full = [f"{name}.{namespace}{end}" for end in ("", ".svc", ".svc.cluster.local")]
            known = (
                [name] if not namespace else [*full, *([name] if namespace == file.name else [])]
            )
            lines += [f"{address} {each}" for address in addresses for each in known]
        file.write_text("\n".join([*lines, ""]), encoding="utf-8")


def _own_net() -> tuple[int, socket.socket]:
    """The second number of addresses that no other tests use while the socket is open."""
    for net in range(64, 192):
        claim = socket.socket()
        try:
            claim.bind((f"127.{net}.0.1", 47_147))
        except OSError:
            claim.close()
        else:
            return net, claim
    raise MissingError("no loopback addresses are left")
