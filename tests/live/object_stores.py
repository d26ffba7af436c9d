"""Object stores for tests: moto's S3 from PyPI, and Azurite, Microsoft's Azure Storage, from npm.

Azurite is kept in the user's cache, outside the checkout, and fetched once.
"""

import hashlib
import hmac
import http.client
import shutil
import ssl
import subprocess
import sys
import tempfile
from abc import abstractmethod
from base64 import b64decode, b64encode
from functools import cache
from pathlib import Path
from typing import Self
from urllib.parse import urlencode

from live.certificates import Authority
from live.etcd import Program
from live.jars import CACHE, MissingError
from live.node import LOOPBACK, free_ports

_AZURITE = "azurite@3.37.0"
_MAIN = "node_modules/azurite/dist/src/blob/main.js"

ACCOUNT = "devstoreaccount1"
KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="
"""Those of every Azurite: they stand in its documentation, and open nothing else."""


@cache
def _azurite() -> list[str]:
    """How Azurite is started, fetched when the cache has none.

    Raises:
        MissingError: when there is no npm, or it cannot be fetched.
    """
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        raise MissingError("node and npm are not installed (apt-get install nodejs npm)")
    folder = CACHE / _AZURITE.replace("@", "-")
    if not (folder / _MAIN).is_file():
        CACHE.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=CACHE) as unfinished:
            options = ["--silent", "--no-audit", "--no-fund", "--ignore-scripts"]
            command = [npm, "install", *options, "--prefix", unfinished, _AZURITE]
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            if done.returncode:
                said = (done.stdout + done.stderr).strip()[-300:]
                raise MissingError(f"npm install {_AZURITE} failed: {said}")
            if not folder.is_dir():
                Path(unfinished).rename(folder)
                Path(unfinished).mkdir()
    return [node, str(folder / _MAIN)]


class ObjectStore(Program):
    """A server on loopback that keeps objects; `endpoint` is what clients are told."""

    endpoint: str

    def __init__(self, name: str, folder: Path, port: int, command: list[str]) -> None:
        """`folder` is where its data and its log go."""
        self.address = (LOOPBACK, port)
        folder.mkdir(parents=True, exist_ok=True)
        super().__init__(name, folder / f"{name}.log", command)

    def __enter__(self) -> Self:
        self.start()
        self.until(lambda: bool(self._status("GET", "/")), "answer")
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @abstractmethod
    def make(self, name: str) -> None:
        """Make a bucket, or what it is called there."""

    def _connection(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection(*self.address, timeout=5)

    def _status(self, method: str, path: str) -> int:
        connection = self._connection()
        try:
            headers = {"Content-Length": "0", "x-ms-version": "2021-06-08"}
            connection.request(method, path, headers=headers)
            return connection.getresponse().status
        finally:
            connection.close()


class Azurite(ObjectStore):
    """Azure Blob Storage, with its one account."""

    def __init__(self, folder: Path) -> None:
        """`folder` is where its data go.

        Raises:
            MissingError: when there is no Azurite to start.
        """
        (port,) = free_ports(1)
        self.endpoint = f"http://{LOOPBACK}:{port}/{ACCOUNT}"
        options = ["--blobHost", LOOPBACK, "--blobPort", str(port), "--location", str(folder / "data"),
                   "--skipApiVersionCheck", "--disableTelemetry"]  # fmt: skip
        super().__init__("azurite", folder, port, [*_azurite(), *options])

    def make(self, name: str) -> None:
        """Make a container."""
        path = f"/{ACCOUNT}/{name}?restype=container&{sas()}"
        assert self._status("PUT", path) == http.client.CREATED


class S3(ObjectStore):
    """moto's S3, which takes any key."""

    def __init__(self, folder: Path, authority: Authority | None = None) -> None:
        """`folder` is where its log goes; with an authority it speaks TLS."""
        (port,) = free_ports(1)
        self._authority = authority
        self.endpoint = f"{'https' if authority else 'http'}://{LOOPBACK}:{port}"
        command = [sys.executable, "-m", "moto.server", "-H", LOOPBACK, "-p", str(port)]
        if authority:
            identity = authority.issue("s3", [LOOPBACK])
            command += ["-s", "-c", str(identity.certificate), "-k", str(identity.key)]
        super().__init__("moto", folder, port, command)

    def _connection(self) -> http.client.HTTPConnection:
        if self._authority is None:
            return super()._connection()
        trust = ssl.create_default_context(cafile=str(self._authority.certificate))
        return http.client.HTTPSConnection(*self.address, timeout=5, context=trust)

    def make(self, name: str) -> None:
        """Make a bucket."""
        assert self._status("PUT", f"/{name}") == http.client.OK


def sas(permissions: str = "rwdlac") -> str:
    """A token that may do this with all of Azurite's account (Azure, Create an account SAS)."""
    said = {"sv": "2021-06-08", "ss": "b", "srt": "sco", "sp": permissions,
            "se": "2099-01-01T00:00:00Z", "spr": "https,http"}  # fmt: skip
    lines = [ACCOUNT, said["sp"], said["ss"], said["srt"], "", said["se"], "", said["spr"],
             said["sv"], "", ""]  # fmt: skip
    signed = hmac.new(b64decode(KEY), "\n".join(lines).encode(), hashlib.sha256).digest()
    return urlencode(said | {"sig": b64encode(signed).decode()})
