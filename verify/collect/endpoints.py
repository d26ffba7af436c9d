"""Which way into Kafka: what options say, else the addresses in Strimzi's status and its Secrets."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path as File

from generator.documents.manifest import Body
from verify.collect.kafka.access import ENCRYPTED, SCRAM, Access
from verify.desired import Desired
from verify.live.gap import NoAnswerError
from verify.live.live import Cause, Certificate, Kubernetes

_INSIDE = ("internal", "cluster-ip")
"""Types of listeners that only pods of the same Kubernetes cluster reach."""
MOUNTED = File("/etc/strimzi-verify")
"""Where the rendered Job mounts what it needs to log in."""
PASSWORD = "KAFKA_PASSWORD"  # noqa: S105 - a variable's name
"""Where pods that work with backups find the password of their user."""


@dataclass(frozen=True, slots=True)
class ConnectionOptions:
    """What the user said about the way into Kafka; files, not their content."""

    bootstrap: tuple[str, ...] = ()
    protocol: str = ""
    """Kafka's security.protocol; empty to take what the other options mean."""
    ca: File | None = None
    certificate: File | None = None
    key: File | None = None
    username: str = ""
    password_file: File | None = None
    mechanism: str = SCRAM
    timeout_s: float = 8


@dataclass(frozen=True, slots=True)
class SeenListener:
    """A listener as the Kafka object says it, with what Strimzi's status adds."""

    name: str
    inside: bool
    tls: bool
    authentication: str
    addresses: tuple[str, ...]
    ca_pem: str
    port: int = 0


def listeners(kafka: Body) -> list[SeenListener]:
    """The listeners of a live Kafka object, in its own order.

    While reconciliation is paused Strimzi's status names none; a cluster that was there before has its Service all the
    same (Strimzi 1.2.0, KafkaResources.bootstrapServiceName; the status seen on its Cluster Operator).
    """
    said = kafka.get("status") or {}
    status = {each["name"]: each for each in said.get("listeners") or ()}
    metadata = kafka.get("metadata") or {}
    service = f"{metadata.get('name')}-kafka-bootstrap.{metadata.get('namespace')}.svc"
    found = []
    for each in (kafka.get("spec") or {}).get("kafka", {}).get("listeners", ()):
        told = status.get(each["name"], {})
        addresses = tuple(
            f"{address['host']}:{address['port']}"
            for address in told.get("addresses") or ()
            if "host" in address and "port" in address
        )
        if not status and said.get("clusterId") and each.get("type") == "internal":
            addresses = (f"{service}:{each['port']}",)
        found.append(
            SeenListener(
                each["name"],
                each.get("type") in _INSIDE,
                bool(each.get("tls")),
                (each.get("authentication") or {}).get("type", ""),
                addresses,
                "".join(told.get("certificates") or ()),
                each.get("port", 0),
            )
        )
    return found


def said(way: ConnectionOptions) -> Access:
    """The way that options say.

    Raises:
        NoAnswerError: when a file cannot be read.
    """
    tls = (
        way.protocol in ("SSL", "SASL_SSL")
        if way.protocol
        else way.ca is not None or way.certificate is not None
    )
    return Access(
        way.bootstrap,
        tls=tls,
        ca_pem=_certificate(way.ca),
        certificate_pem=_certificate(way.certificate),
        key_pem=_key(way.key or way.certificate),
        username=way.username,
        password=_password(way.password_file),
        mechanism=way.mechanism,
        timeout_s=way.timeout_s,
    )


def _text(file: File | None) -> str:
    if file is None:
        return ""
    try:
        return file.read_bytes().decode()
    except (OSError, ValueError) as error:
        raise NoAnswerError(Cause.REFUSED, f"{file} cannot be read: {error}") from error


def _certificate(file: File | None) -> str:
    from verify.collect.pem import certificates_of

    text = _text(file)
    try:
        good = bool(certificates_of(text.encode()))
    except ValueError:
        good = False
    if file is not None and not good:
        raise NoAnswerError(Cause.REFUSED, f"{file} holds no certificate in PEM")
    return text


def _key(file: File | None) -> str:
    text = _text(file)
    if file is not None and "PRIVATE KEY-----" not in text:
        raise NoAnswerError(Cause.REFUSED, f"{file} holds no key in PEM: give --key")
    if ENCRYPTED in text:
        raise NoAnswerError(
            Cause.REFUSED, f"{file}: the key is encrypted: give one without a passphrase"
        )
    return text


def _password(file: File | None) -> str:
    # Blanks may be a part of it; only what an editor adds at the end is not.
    text = _text(file).removesuffix("\n").removesuffix("\r")
    if file is not None and not text:
        raise NoAnswerError(Cause.REFUSED, f"{file} is empty: it holds no password")
    return text


def chosen(desired: Desired, kubernetes: Kubernetes) -> SeenListener:
    """The listener to come in by: the one that verify.listener names, else the first that can do.

    Raises:
        NoAnswerError: when there is none, with what to do about it.
    """
    body = kubernetes.objects.get("Kafka", {}).get(desired.cluster)
    if body is None:
        raise NoAnswerError(
            Cause.UNREACHABLE,
            f"there is no Kafka {desired.cluster} in namespace {kubernetes.namespace} to tell an"
            " address; give --bootstrap",
        )
    known = listeners(body)
    reachable = [each for each in known if kubernetes.in_cluster or not each.inside]
    named = [each for each in reachable if each.name == desired.settings.listener]
    # A listener with a certificate of its own for everyone is the one that users of Strimzi take.
    best = sorted(reachable, key=lambda each: ("tls", "scram-sha-512", "").index(each.authentication)
                  if each.authentication in ("tls", "scram-sha-512") else 2)  # fmt: skip
    for each in [*named, *best]:
        if each.addresses:
            return each
    if known and not reachable:
        raise NoAnswerError(
            Cause.UNREACHABLE,
            f"listeners {', '.join(each.name for each in known)} are reached inside the cluster only:"
            " run the rendered Job, or give --bootstrap",
        )
    raise NoAnswerError(
        Cause.UNREACHABLE,
        f"the status of Kafka {desired.cluster} names no address yet; give --bootstrap",
    )


def through(
    listener: SeenListener, secrets: Mapping[str, bytes], user: str, timeout_s: float
) -> Access:
    """The way in by a listener, with what Strimzi's Secrets hold.

    Raises:
        NoAnswerError: when they lack what the listener asks for.
    """
    texts = {key: value.decode() for key, value in secrets.items()}
    need = {"tls": ("user.crt", "user.key"), "scram-sha-512": ("password",)}
    missing = [key for key in need.get(listener.authentication, ()) if not texts.get(key)]
    if missing:
        raise NoAnswerError(
            Cause.REFUSED,
            f"listener {listener.name} wants {listener.authentication}, and the Secret of user {user}"
            f" has no {' and '.join(missing)}",
        )
    tls, scram = listener.authentication == "tls", listener.authentication == "scram-sha-512"
    return Access(
        listener.addresses,
        listener.name,
        listener.tls,
        joined(texts.get("ca.crt", ""), listener.ca_pem),
        texts["user.crt"] if tls else "",
        texts["user.key"] if tls else "",
        user if scram else "",
        texts["password"] if scram else "",
        timeout_s=timeout_s,
    )


def joined(*pems: str) -> str:
    """All of these: a listener may have a certificate of its own, while brokers have the cluster's."""
    return "\n".join(dict.fromkeys(pem for pem in pems if pem))


def rendered_way(
    listener: SeenListener, user: str, folder: File, variables: Mapping[str, str], timeout_s: float
) -> Access:
    """The way in of a rendered pod that works with backups, as its engine comes in.

    Raises:
        NoAnswerError: when something that the listener asks for is not mounted.
    """
    secrets = mounted(folder)
    if PASSWORD in variables:
        secrets["password"] = variables[PASSWORD].encode()
    return through(listener, secrets, user, timeout_s)


def mounted(folder: File = MOUNTED) -> dict[str, bytes]:
    """What the rendered Job finds in its volumes, by the keys of the Secrets."""
    files = [*folder.glob("user/*"), *folder.glob("cluster-ca/*")]
    return {file.name: file.read_bytes() for file in files if file.is_file()}


def foreign_topics(desired: Desired, access: Access) -> list[str]:
    """Topics that the user of verification must not read; none when we are somebody else."""
    user = desired.users.get(desired.settings.user)
    if user is None or not _is(access, user.resource):
        return []
    readable = {acl.name for acl in user.acls or () if acl.operation in ("read", "all")}
    return [name for name in sorted(desired.topics) if name not in readable]


def shown_by(
    access: Access, desired: Desired, authorities: Mapping[str, str]
) -> Certificate | None:
    """The certificate that a run logs in with, where it is one of a user of Git."""
    users = {each.name for each in desired.users.values() if each.authentication == "tls"}
    if access.username or access.principal not in users:
        return None
    from verify.collect.pem import certificates_of

    return certificates_of(access.certificate_pem.encode(), authorities=authorities)[0]


def _is(access: Access, user: str) -> bool:
    return access.principal == (user if access.username else f"CN={user}")
