"""Addresses of pods and Services: of the loopback range, by a file like /etc/hosts."""

from collections.abc import Iterable
from pathlib import Path
from threading import Lock


class Hosts:
    """Who has which address; whoever reads the file finds all of them."""

    def __init__(self, file: Path) -> None:
        """`file` is written anew in place, so that those who have mounted it see it."""
        self.file = file
        self._addresses: dict[str, str] = {}
        self._names: dict[str, list[str]] = {}
        self._lock = Lock()
        self._write()

    def address(self, owner: str, names: Iterable[str] = ()) -> str:
        """The address of a pod, always the same; it gets these names, which may lead to others as well."""
        with self._lock:
            number = len(self._addresses) + 2
            address = self._addresses.setdefault(owner, f"127.77.{number // 250}.{number % 250}")
            fresh = [name for name in names if address not in self._names.get(name, [])]
            for name in fresh:
                self._names.setdefault(name, []).append(address)
            if fresh:
                self._write()
        return address

    def _write(self) -> None:
        lines = ["127.0.0.1 localhost\n"]
        lines += [f"{address} {name}\n" for name, every in self._names.items() for address in every]
        self.file.write_text("".join(lines), encoding="utf-8")


def names_of(name: str, namespace: str) -> list[str]:
    """All that Kubernetes calls a Service, or a pod behind one, by."""
    return [f"{name}.{namespace}{end}" for end in ("", ".svc", ".svc.cluster.local")]
