"""An object store that speaks as S3 does on this machine: the server of moto, a process of its own."""

import http.client
import importlib.util
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

from live.etcd import Program
from live.jars import MissingError
from live.node import LOOPBACK, free_ports

BUCKET = "b00"
_NAME = "{http://s3.amazonaws.com/doc/2006-03-01/}Key"


def moto() -> None:
    """Make sure that there is a server to start.

    Raises:
        MissingError: when there is none.
    """
    if importlib.util.find_spec("moto") is None or importlib.util.find_spec("flask") is None:
        raise MissingError("moto[s3] and flask are not installed")


class Store(Program):
    """One bucket; whoever knows where it is may do everything."""

    def __init__(self, folder: Path) -> None:
        (self._port,) = free_ports(1)
        self.url = f"http://{LOOPBACK}:{self._port}"
        folder.mkdir(parents=True)
        command = [sys.executable, "-m", "moto.server", "-H", LOOPBACK, "-p", str(self._port)]
        super().__init__("moto", folder / "moto.log", command)

    def start(self) -> None:
        """Start it; the bucket is there when this returns.

        Raises:
            ServerError: when it does not in time.
        """
        super().start()
        self.until(lambda: self._ask("PUT", f"/{BUCKET}")[0] == http.client.OK, "make a bucket")

    def keys(self) -> list[str]:
        """The names of all objects, of which tests make fewer than a page."""
        _, body = self._ask("GET", f"/{BUCKET}?list-type=2")
        return sorted(each.text or "" for each in ET.fromstring(body).iter(_NAME))  # noqa: S314

    def get(self, key: str) -> bytes:
        """What an object holds."""
        status, body = self._ask("GET", f"/{BUCKET}/{key}")
        assert status == http.client.OK, f"{key}: {body!r}"
        return body

    def _ask(self, method: str, path: str) -> tuple[int, bytes]:
        connection = http.client.HTTPConnection(LOOPBACK, self._port, timeout=30)
        try:
            # Objects are nobody's to read who shows no key; which one does not matter.
            connection.request(method, path, headers={"Authorization": "AWS anybody:signature"})
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()
