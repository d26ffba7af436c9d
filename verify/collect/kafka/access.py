"""How to come into Kafka: addresses and credentials, for both of the clients that are used."""

import os
import ssl
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

SCRAM = "SCRAM-SHA-512"
CONNECTING = "connecting"
"""The step that a failure names when no connection came about: `b1:9092: connecting: …`."""
ENCRYPTED = "ENCRYPTED"
"""Stands in the head of every PEM text of a key that has a passphrase."""


@dataclass(frozen=True, slots=True)
class Access:
    """Where brokers are and who we are; PEM texts, not files, and no secret in its repr."""

    bootstrap: tuple[str, ...]
    """Addresses as `host:port`."""
    listener: str = ""
    """Strimzi's name of the listener, where it is known."""
    tls: bool = False
    ca_pem: str = ""
    certificate_pem: str = ""
    key_pem: str = field(default="", repr=False)
    username: str = ""
    password: str = field(default="", repr=False)
    mechanism: str = SCRAM
    timeout_s: float = 8
    """For every single question."""
    hopeless: tuple[str, ...] = ()
    """Addresses at which it is known that no broker answers us: others are asked, and what these say is no news."""

    @property
    def protocol(self) -> str:
        """Kafka's security.protocol."""
        encryption = "SSL" if self.tls else "PLAINTEXT"
        return f"SASL_{encryption}" if self.username else encryption

    @property
    def principal(self) -> str:
        """What Kafka calls us where quotas are set; empty where everybody is let in."""
        if self.username or not self.certificate_pem:
            return self.username
        from verify.collect.pem import certificates_of

        shown = certificates_of(self.certificate_pem.encode())
        return shown[0].subject if shown else ""

    def without_hopeless(self, addresses: Iterable[str]) -> tuple[str, ...]:
        """The addresses that are worth asking; all of them where none is left."""
        every = tuple(addresses)
        return tuple(each for each in every if each not in self.hopeless) or every

    def librdkafka(self) -> dict[str, Any]:
        """Settings of confluent-kafka's clients."""
        settings: dict[str, Any] = {
            "bootstrap.servers": ",".join(self.without_hopeless(self.bootstrap)),
            "security.protocol": self.protocol,
            "client.id": "strimzi-verify",
            "socket.timeout.ms": int(self.timeout_s * 1000),
            "socket.connection.setup.timeout.ms": max(1000, int(self.timeout_s * 1000)),
            "log_level": 0,
        }
        pems = {
            "ssl.ca.pem": self.ca_pem if self.tls else "",
            "ssl.certificate.pem": self.certificate_pem if self.tls else "",
            "ssl.key.pem": self.key_pem if self.tls else "",
        }
        settings.update({key: pem for key, pem in pems.items() if pem})
        if self.username:
            settings.update(
                {
                    "sasl.mechanism": self.mechanism,
                    "sasl.username": self.username,
                    "sasl.password": self.password,
                }
            )
        return settings

    def ssl_context(self) -> ssl.SSLContext:
        """A context that trusts the CA, or the system's where none is given, and shows who we are.

        Raises:
            ssl.SSLError: when the certificate or the key is none.
        """
        context = ssl.create_default_context(cadata=self.ca_pem or None)
        # Strimzi's own certificates lack what Python 3.13 and later ask for by default.
        context.verify_flags &= ~getattr(ssl, "VERIFY_X509_STRICT", 0)
        # A listener's own certificate may be all that is trusted, without whoever signed it.
        context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
        if self.certificate_pem:
            if ENCRYPTED in self.key_pem:
                raise ssl.SSLError("the key is encrypted: give one without a passphrase")
            # OpenSSL reads a client's certificate from a file only; nobody else may read that one.
            handle, name = tempfile.mkstemp(prefix="strimzi-verify-")
            try:
                with os.fdopen(handle, "w") as file:
                    file.write(self.certificate_pem.rstrip() + "\n" + self.key_pem)
                # Without an answer OpenSSL would ask on the terminal, and wait.
                context.load_cert_chain(name, password=lambda: "")
            finally:
                os.unlink(name)  # noqa: PTH108 (mkstemp's counterpart)
        return context


@dataclass(frozen=True, slots=True)
class Target:
    """One address of one listener."""

    listener: str
    address: str
    tls: bool
    authentication: str
    """`tls`, `scram-sha-512`, another one, or empty where everybody is let in."""
    ca_pem: str = ""
    bootstrap: bool = True
    outside: bool = False
    """Meant for clients outside of Kubernetes."""
    given: bool = False
    """Nobody but the user says that Kafka is there."""
    node: int = -1
    """The broker that should answer, where it is to be asked whether it is that one."""
    login: Access | None = None
    """As whom it may be asked."""
