"""Who talks with a kube-apiserver: by which certificate or token, and what it answers."""

import json
import ssl
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass
from http import HTTPStatus
from http.client import HTTPSConnection
from pathlib import Path
from typing import Any, Self

import yaml
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from live.certificates import Authority, Identity, Lifetime, _builder
from live.node import LOOPBACK


class Refused(Exception):  # noqa: N818 (an answer, not a failure)
    """What the server said when it refused."""

    def __init__(self, status: int, message: str) -> None:
        """`status` is that of HTTP, such as 403."""
        super().__init__(f"{status}: {message}")
        self.status = status


class UserAuthority(Authority):
    """Someone whose word the server takes for who a user is, and in which groups."""

    def client(self, user: str, groups: Iterable[str], lifetime: Lifetime) -> Identity:
        """Sign what a user shows."""
        key = ec.generate_private_key(ec.SECP256R1())
        names = [x509.NameAttribute(NameOID.ORGANIZATION_NAME, group) for group in groups]
        names.append(x509.NameAttribute(NameOID.COMMON_NAME, user))
        uses = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH])
        certificate = (
            _builder(x509.Name(names), key.public_key(), lifetime)
            .issuer_name(self._own.subject)
            .add_extension(uses, critical=False)
            .sign(self._key, SHA256())
        )
        return self._files("client", certificate.public_bytes(Encoding.PEM), key)


@dataclass(frozen=True)
class Access:
    """Someone who talks with the server, and the kubeconfig that says so to other programs."""

    kubeconfig: Path
    port: int
    ca: Path
    identity: Identity | None = None
    token: str | None = None

    def request(
        self,
        method: str,
        path: str,
        body: Any = None,
        media: str = "application/json",
        accept: str = "application/json",
    ) -> Any:
        """What the server answers, as data where it is JSON.

        Raises:
            Refused: when it answers with an error.
        """
        context = ssl.create_default_context(cafile=self.ca)
        if self.identity is not None:
            context.load_cert_chain(self.identity.certificate, self.identity.key)
        headers = {"Content-Type": media, "Accept": accept}
        if self.token is not None:
            headers["Authorization"] = f"Bearer {self.token}"
        sent = None if body is None else json.dumps(body)
        with closing(HTTPSConnection(LOOPBACK, self.port, timeout=60, context=context)) as line:
            line.request(method, path, sent, headers)
            response = line.getresponse()
            text = response.read().decode()
        is_json = response.headers.get_content_type() == "application/json"
        answer: Any = json.loads(text) if is_json else text
        if response.status >= HTTPStatus.BAD_REQUEST:
            raise Refused(response.status, answer["message"] if is_json else text)
        return answer

    def write_kubeconfig(self) -> Self:
        """Write the file."""
        user: dict[str, str] = {}
        if self.identity is not None:
            user["client-certificate"] = str(self.identity.certificate)
            user["client-key"] = str(self.identity.key)
        if self.token is not None:
            user["token"] = self.token
        server = f"https://{LOOPBACK}:{self.port}"
        cluster = {"server": server, "certificate-authority": str(self.ca)}
        content = {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{"name": "live", "cluster": cluster}],
            "users": [{"name": "live", "user": user}],
            "contexts": [{"name": "live", "context": {"cluster": "live", "user": "live"}}],
            "current-context": "live",
        }
        self.kubeconfig.write_text(yaml.safe_dump(content), encoding="utf-8")
        return self
