"""Encryption, authentication and authorization of a cluster, as Strimzi sets them up.

Two authorities: the cluster's signs what brokers show, the clients' what applications show. Beside
the listeners for applications there is one of the tests' own, over which brokers and the tests'
admin talk: whatever is broken on the others, the cluster itself works on.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from live.certificates import VALID, Authority, Identity, Lifetime

INTERNAL = "INTERNAL"
LISTENERS = {"tls": "SSL", "scram": "SASL_SSL", "plain": "SASL_PLAINTEXT"}
"""The listeners for applications, and what is spoken there; on `tls` a certificate is a must."""

BROKER_SANS = ("localhost", "127.0.0.1")

_MECHANISM = "SCRAM-SHA-512"
_LOGIN = "org.apache.kafka.common.security"
_PASSWORDS = {"broker": "broker-secret", "admin": "admin-secret"}


class Login(NamedTuple):
    """A user of the listener INTERNAL; both that there are may do everything."""

    user: str
    password: str


ADMIN = Login("admin", _PASSWORDS["admin"])


def password_of(user: str) -> str:
    """The password with which tests create a user."""
    return f"{user}-password"


def admin_properties(folder: Path) -> Path:
    """A file in a folder by which Kafka's own tools come in as the admin."""
    file = folder / "admin.properties"
    file.write_text(
        "security.protocol=SASL_PLAINTEXT\nsasl.mechanism=PLAIN\nsasl.jaas.config=org.apache.kafka.common"
        f'.security.plain.PlainLoginModule required username="{ADMIN.user}" password="{ADMIN.password}";\n'
    )
    return file


class Security:
    """The authorities, and what brokers and applications are told because of them."""

    def __init__(self, folder: Path) -> None:
        """Make the authorities; `wrong_ca` is trusted by nobody."""
        self.cluster_ca = Authority(folder / "cluster-ca", "cluster-ca v0")
        self.clients_ca = Authority(folder / "clients-ca", "clients-ca v0")
        self.wrong_ca = Authority(folder / "wrong-ca", "cluster-ca v0")
        self._users: dict[str, Identity] = {}

    def broker(self, sans: Sequence[str] = BROKER_SANS, lifetime: Lifetime = VALID) -> Identity:
        """What a broker shows."""
        return self.cluster_ca.issue("events-kafka", sans, lifetime)

    def user(self, name: str) -> Identity:
        """The valid certificate of an application, always the same."""
        if name not in self._users:
            self._users[name] = self.clients_ca.issue(name)
        return self._users[name]

    def properties(self, identity: Identity) -> dict[str, str]:
        """What server.properties say about security, with what the broker shows."""
        both = "".join(f' user_{user}="{word}"' for user, word in _PASSWORDS.items())
        plain = (
            f"{_LOGIN}.plain.PlainLoginModule required "
            f'username="broker" password="{_PASSWORDS["broker"]}"{both};'
        )
        properties = {
            "super.users": ";".join(f"User:{user}" for user in _PASSWORDS),
            "allow.everyone.if.no.acl.found": "false",
            "sasl.mechanism.inter.broker.protocol": "PLAIN",
            "sasl.mechanism.controller.protocol": "PLAIN",
        }
        for name in ("internal", "controller"):
            properties[f"listener.name.{name}.sasl.enabled.mechanisms"] = "PLAIN"
            properties[f"listener.name.{name}.plain.sasl.jaas.config"] = plain
        for name, protocol in LISTENERS.items():
            prefix = f"listener.name.{name}"
            if "SASL" in protocol:
                module = f"{_LOGIN}.scram.ScramLoginModule required;"
                properties[f"{prefix}.sasl.enabled.mechanisms"] = _MECHANISM
                properties[f"{prefix}.{_MECHANISM.lower()}.sasl.jaas.config"] = module
            if "SSL" in protocol:
                properties[f"{prefix}.ssl.keystore.type"] = "PEM"
                properties[f"{prefix}.ssl.keystore.location"] = str(identity.store)
        trusted = str(self.clients_ca.certificate)
        return properties | {
            "listener.name.tls.ssl.client.auth": "required",
            "listener.name.tls.ssl.truststore.type": "PEM",
            "listener.name.tls.ssl.truststore.location": trusted,
        }

    def client(self, listener: str, user: str) -> dict[str, Any]:
        """How an application talks on a listener; where to find it is not said."""
        protocol = LISTENERS[listener]
        settings = {"security.protocol": protocol}
        if "SSL" in protocol:
            settings["ssl.ca.location"] = str(self.cluster_ca.certificate)
        if "SASL" in protocol:
            settings["sasl.mechanism"] = _MECHANISM
            settings["sasl.username"] = user
            settings["sasl.password"] = password_of(user)
        else:
            settings |= shown(self.user(user))
        return settings


def shown(identity: Identity) -> dict[str, str]:
    """What a client is told to show as its certificate."""
    return {
        "ssl.certificate.location": str(identity.certificate),
        "ssl.key.location": str(identity.key),
    }


def admin() -> dict[str, str]:
    """How the tests' own admin talks on INTERNAL."""
    return {
        "security.protocol": "SASL_PLAINTEXT",
        "sasl.mechanism": "PLAIN",
        "sasl.username": ADMIN.user,
        "sasl.password": ADMIN.password,
    }
