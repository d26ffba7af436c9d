"""Which way into Kafka is taken: what options say, else what Strimzi's status and Secrets say."""

import socket
import ssl
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from threading import Thread
from typing import Any
from unittest.mock import Mock, patch

import pytest
from checks.kafka_answers import broker, cluster, git, kafka_topic, kafka_user
from checks.kubernetes_objects import Body, body
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from self_signed import pem as pem_of

from verify.collect.addresses import targets
from verify.collect.endpoints import (
    ConnectionOptions,
    chosen,
    foreign_topics,
    listeners,
    mounted,
    said,
    through,
)
from verify.collect.kafka.access import Access, Target
from verify.collect.kafka.wire import Connection, address_of
from verify.live.gap import NoAnswerError
from verify.live.live import Cause, Kubernetes, Setting


def listener(name: str, kind: str = "internal", how: str = "tls", tls: bool = True) -> Body:
    """A listener of a Kafka object."""
    more = {"authentication": {"type": how}} if how else {}
    return {"name": name, "type": kind, "tls": tls, **more}


def told(name: str, *hosts: str) -> Body:
    """What Strimzi's status says of it."""
    addresses = [{"host": host, "port": 9093} for host in hosts]
    return {"name": name, "addresses": addresses, "certificates": ["CA1\n", "CA2\n"]}


def kubernetes(
    spec: list[Body], status: list[Body] | None = None, *, in_cluster: bool = True, name: str = "events"
) -> Kubernetes:  # fmt: skip
    """A namespace with a Kafka object."""
    more: Body = {} if status is None else {"status": {"listeners": status}}
    kafka = body("Kafka", name, spec={"kafka": {"listeners": spec}}, **more)
    return Kubernetes(
        "https://a", "kafka-dev", in_cluster=in_cluster, objects={"Kafka": {name: kafka}}
    )


def test_listeners_as_strimzi_tells_them() -> None:
    """With addresses and certificates once it has, and without before."""
    spec = [listener("plain", "internal", "", tls=False), listener("external", "nodeport")]
    found = kubernetes(spec, [told("external", "a", "b")]).objects["Kafka"]["events"]
    plain, external = listeners(found)

    assert (plain.inside, plain.tls, plain.authentication, plain.addresses) == (True, False, "", ())
    assert external.addresses == ("a:9093", "b:9093")
    assert (external.inside, external.ca_pem) == (False, "CA1\nCA2\n")
    assert listeners({}) == []
    assert (
        listeners(body("Kafka", "a", status={"listeners": [{"name": "x", "addresses": None}]}))
        == []
    )


def test_paused_cluster_is_reached_by_its_service() -> None:
    """Strimzi's status names no listener meanwhile, but still the cluster that it is."""
    spec = [{**listener("tls"), "port": 9093}, {**listener("open", "nodeport"), "port": 9094}]
    paused = {"clusterId": "abc", "conditions": [{"type": "ReconciliationPaused"}]}
    found = listeners(body("Kafka", "events", spec={"kafka": {"listeners": spec}}, status=paused))

    assert [each.addresses for each in found] == [
        ("events-kafka-bootstrap.kafka-dev.svc:9093",), (),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("named", "in_cluster", "expected"),
    [
        ("", True, "tls"),
        ("scram", True, "scram"),
        ("plain", True, "plain"),
        ("nobody", True, "tls"),
        ("quiet", True, "tls"),
        ("", False, "external"),
        ("tls", False, "external"),
    ],
)
def test_listener_to_come_in_by(named: str, in_cluster: bool, expected: str) -> None:
    """The named one where it can be reached and has an address, else certificates over passwords."""
    spec = [
        listener("plain", "internal", "", tls=False), listener("quiet"), listener("scram", how="scram-sha-512"),
        listener("custom", how="custom"), listener("external", "loadbalancer", "scram-sha-512"), listener("tls"),
    ]  # fmt: skip
    status = [told(each["name"], "h") for each in spec if each["name"] != "quiet"]
    found = kubernetes(spec, status, in_cluster=in_cluster)

    assert chosen(git(listener=named), found).name == expected


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (
            kubernetes([], name="logs"),
            "there is no Kafka events in namespace kafka-dev to tell an address; give --bootstrap",
        ),
        (
            kubernetes([listener("tls")]),
            "the status of Kafka events names no address yet; give --bootstrap",
        ),
        (kubernetes([], []), "the status of Kafka events names no address yet; give --bootstrap"),
        (
            kubernetes([listener("tls"), listener("plain")], [told("tls", "a")], in_cluster=False),
            "listeners tls, plain are reached inside the cluster only: run the rendered Job, or give"
            " --bootstrap",
        ),
    ],
)
def test_no_listener_to_come_in_by(found: Kubernetes, words: str) -> None:
    """With what to do about it."""
    with pytest.raises(NoAnswerError) as raised:
        chosen(git(), found)
    assert (raised.value.gap.cause, raised.value.gap.reason) == (Cause.UNREACHABLE, words)


def _listener(how: str) -> Any:
    spec = [listener("tls", how=how)]
    (found,) = listeners(kubernetes(spec, [told("tls", "h")]).objects["Kafka"]["events"])
    return found


def test_login_with_what_secrets_hold() -> None:
    """A certificate, a password, or nothing, as the listener asks; brokers have the cluster's CA.

    The listener itself may have a certificate of its own, which its status shows.
    """
    secrets = {"user.crt": b"CRT", "user.key": b"KEY", "password": b"pw", "ca.crt": b"CA"}

    by_tls = through(_listener("tls"), secrets, "verify", 3)
    assert (by_tls.certificate_pem, by_tls.key_pem, by_tls.username) == ("CRT", "KEY", "")
    assert (by_tls.bootstrap, by_tls.listener, by_tls.ca_pem, by_tls.timeout_s) == (
        ("h:9093",),
        "tls",
        "CA\nCA1\nCA2\n",
        3,
    )
    by_scram = through(_listener("scram-sha-512"), secrets, "verify", 3)
    assert (by_scram.username, by_scram.password, by_scram.certificate_pem) == ("verify", "pw", "")
    assert by_scram.protocol == "SASL_SSL"
    nobody = through(_listener(""), {}, "verify", 3)
    assert (nobody.username, nobody.certificate_pem, nobody.ca_pem) == ("", "", "CA1\nCA2\n")


@pytest.mark.parametrize(
    ("how", "secrets", "lacks"),
    [
        ("tls", {}, "user.crt and user.key"),
        ("tls", {"user.crt": b"a", "user.key": b""}, "user.key"),
        ("scram-sha-512", {"user.crt": b"a"}, "password"),
    ],
)
def test_login_without_what_it_takes(how: str, secrets: dict[str, bytes], lacks: str) -> None:
    """Is a refusal, and nobody tries."""
    with pytest.raises(NoAnswerError) as raised:
        through(_listener(how), secrets, "verify", 3)
    assert raised.value.gap.cause is Cause.REFUSED
    assert raised.value.gap.reason == (
        f"listener tls wants {how}, and the Secret of user verify has no {lacks}"
    )


def test_secrets_of_the_job(tmp_path: Path) -> None:
    """By the keys of its volumes; links, as Kubernetes mounts them, are followed."""
    for name in ("user/..data/user.crt", "user/..data/password", "cluster-ca/ca.crt", "settings/x"):
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(name)
    (tmp_path / "user/user.crt").symlink_to("..data/user.crt")

    assert mounted(tmp_path) == {
        "user.crt": b"user/..data/user.crt",
        "ca.crt": b"cluster-ca/ca.crt",
    }
    assert mounted(tmp_path / "none") == {}


def _own(common: str = "verify", passphrase: bytes = b"") -> tuple[str, str]:
    """A certificate that nobody signed, and its key."""
    certificate = pem_of(common)
    encryption = serialization.BestAvailableEncryption(passphrase) if passphrase else None
    key = ec.generate_private_key(ec.SECP256R1()).private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        encryption or serialization.NoEncryption(),
    )
    return certificate.decode(), key.decode()


def test_way_that_options_say(tmp_path: Path) -> None:
    """TLS follows from certificates, unless the protocol is said; key and certificate may be one file."""
    pem, password = tmp_path / "a.pem", tmp_path / "password"
    text = "".join(_own())
    pem.write_text(text)
    password.write_text("pw\n")
    both = said(ConnectionOptions(("h:1",), ca=pem, certificate=pem))
    assert (both.tls, both.ca_pem, both.certificate_pem, both.key_pem) == (True, text, text, text)
    assert both.protocol == "SSL"
    login = said(
        ConnectionOptions(("h:1",), username="me", password_file=password, mechanism="PLAIN")
    )
    assert (login.password, login.mechanism, login.protocol) == ("pw", "PLAIN", "SASL_PLAINTEXT")
    assert said(ConnectionOptions(("h:1",), "SASL_SSL", username="me")).protocol == "SASL_SSL"
    assert said(ConnectionOptions(("h:1",), "SSL")).protocol == "SSL"
    assert said(ConnectionOptions(("h:1",), "PLAINTEXT", ca=pem)).tls is False
    assert said(ConnectionOptions(("h:1",))).protocol == "PLAINTEXT"


@pytest.mark.parametrize(
    ("content", "password"),
    [(b" p w \n", " p w "), (b"pw\n\n", "pw\n"), (b"pw\r\n", "pw"), (b"\tpw", "\tpw")],
)
def test_passwords_are_taken_as_they_are(tmp_path: Path, content: bytes, password: str) -> None:
    """But for one end of a line."""
    file = tmp_path / "password"
    file.write_bytes(content)

    assert said(ConnectionOptions(("h:1",), username="me", password_file=file)).password == password


def _refused(way: ConnectionOptions) -> str:
    with pytest.raises(NoAnswerError) as raised:
        said(way)
    assert raised.value.gap.cause is Cause.REFUSED
    return raised.value.gap.reason


def test_files_that_cannot_be_used(tmp_path: Path) -> None:
    """A folder, what is no text, and what holds something else than it should."""
    binary, empty, whole = (tmp_path / name for name in ("a.p12", "empty", "a.pem"))
    alone, broken = tmp_path / "a.crt", tmp_path / "broken.crt"
    certificate, locked = _own(passphrase=b"x")
    binary.write_bytes(b"\xff\xfe\x00")
    empty.write_bytes(b"\n")
    alone.write_text(certificate)
    whole.write_text(certificate + locked)
    broken.write_text("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----")

    for file in (tmp_path, binary):
        assert f"{file} cannot be read: " in _refused(ConnectionOptions(("h:1",), ca=file))
    for file in (empty, broken):
        assert (
            _refused(ConnectionOptions(("h:1",), ca=file)) == f"{file} holds no certificate in PEM"
        )
    assert (
        _refused(ConnectionOptions(("h:1",), certificate=alone))
        == f"{alone} holds no key in PEM: give --key"
    )
    assert _refused(ConnectionOptions(("h:1",), certificate=alone, key=whole)) == (
        f"{whole}: the key is encrypted: give one without a passphrase"
    )
    assert _refused(ConnectionOptions(("h:1",), username="me", password_file=empty)) == (
        f"{empty} is empty: it holds no password"
    )


def test_nobody_is_asked_for_a_passphrase() -> None:
    """OpenSSL would do so on the terminal; a key of an odd kind is refused as well."""
    certificate, locked = _own(passphrase=b"x")
    access = Access(("h:1",), tls=True, certificate_pem=certificate, key_pem=locked)

    with pytest.raises(ssl.SSLError, match="the key is encrypted"):
        access.ssl_context()
    asked = Mock()
    with (
        patch.object(ssl.SSLContext, "load_cert_chain", asked),
        patch("verify.collect.kafka.access.ENCRYPTED", "?"),
    ):
        access.ssl_context()
    assert asked.call_args.kwargs["password"]() == ""
    # As Python 3.13 does by itself: an authority in between may be all that is trusted.
    flags = Access(("h:1",), tls=True).ssl_context().verify_flags
    assert flags & ssl.VERIFY_X509_PARTIAL_CHAIN


def _answering(answer: bytes) -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            met, _ = server.accept()
            with met:
                met.recv(1000)
                met.sendall(answer)
                met.recv(1000)

        thread = Thread(target=serve)
        thread.start()
        yield server.getsockname()[1]
        thread.join()


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (b"\x15\x03\x03\x00\x02\x02\x46", "; it may want TLS: give --ca"),
        (b"\0\0\0\x20\0\0\0\1" + b"\0" * 28, "what answers there does not speak Kafka"),
    ],
)
def test_what_answers_is_no_broker(answer: bytes, words: str) -> None:
    """TLS says so with an alert; zeros are no answer either."""
    for port in _answering(answer):
        with pytest.raises(NoAnswerError) as raised:
            Connection("127.0.0.1", port, Access((), timeout_s=2), time.monotonic() + 2)
        assert raised.value.gap.cause is Cause.UNREACHABLE
        assert raised.value.gap.reason.endswith(words)


def test_no_secret_is_shown() -> None:
    """Not even by accident."""
    shown = repr(Access(("h:1",), key_pem="SECRET", password="SECRET"))  # noqa: S106

    assert "SECRET" not in shown


@pytest.mark.parametrize(
    ("text", "address"),
    [("h:9092", ("h", 9092)), ("[::1]:9092", ("::1", 9092)), ("10.0.0.1:1", ("10.0.0.1", 1))],
)
def test_addresses(text: str, address: tuple[str, int]) -> None:
    """IPv6 in brackets."""
    assert address_of(text) == address


@pytest.mark.parametrize("text", ["h", "h:", ":1", "h:port", "", "http://h"])
def test_addresses_that_are_none(text: str) -> None:
    """Are told as such."""
    with pytest.raises(NoAnswerError, match="is no address such as host:9092"):
        address_of(text)


KAFKA = cluster(broker(0), broker(1), broker(2, fenced=True))


def test_targets_by_bootstrap() -> None:
    """The given addresses and the brokers' own, each once; a fenced broker's is nobody's."""
    access = Access(("b0:9092", "lb:9092"), tls=True, ca_pem="CA", certificate_pem="x")
    found = list(targets(git(listener="tls"), None, KAFKA, access))

    assert found == [
        Target("tls", "b0:9092", True, "tls", "CA", True),
        Target("tls", "lb:9092", True, "tls", "CA", True, given=True),
        Target("tls", "b1:9092", True, "tls", "CA", False),
    ]
    scram = Access(("b0:9092",), username="a", mechanism="PLAIN")
    assert [each.authentication for each in targets(git(), None, None, scram)] == ["PLAIN"]
    assert list(targets(git(), None, None, None)) == []


def test_targets_that_brokers_advertise() -> None:
    """All listeners that are meant for outside, each with the broker that has to answer; ours by Kafka's name."""
    said = "TLS-9093://b{0}:9092,EXTERNAL-9094://x{0}:9094,REPLICATION-9091://b{0}:9091,PLAIN-9092://b{0}:1"
    configs = {n: {"advertised.listeners": Setting(said.format(n))} for n in range(2)}
    kafka = cluster(broker(0), broker(1), broker_configs=configs)
    names = {
        "external": ("loadbalancer", 9094),
        "tls": ("internal", 9093),
        "plain": ("internal", 9092),
    }
    spec = {"kafka": {"listeners": [
        {"name": name, "type": kind, "port": port, "tls": name != "plain", "authentication": {"type": "tls"}}
        for name, (kind, port) in names.items()
    ]}}  # fmt: skip
    desired = replace(git(), objects=(body("Kafka", "events", spec=spec),))
    access = Access(("lb:1",), tls=True, certificate_pem="C", key_pem="K")

    found = list(targets(desired, None, kafka, access))

    assert [(each.listener, each.address, each.node, each.bootstrap) for each in found] == [
        ("tls", "lb:1", -1, True), ("tls", "b0:9092", -1, False), ("tls", "b1:9092", -1, False),
        ("external", "x0:9094", 0, False), ("external", "x1:9094", 1, False),
    ]  # fmt: skip
    assert {each.login for each in found if each.node >= 0} == {access}


@pytest.mark.parametrize(
    ("in_cluster", "names"), [(True, ["tls", "external"]), (False, ["external"])]
)
def test_targets_by_status(in_cluster: bool, names: list[str]) -> None:
    """From outside those outside only."""
    spec = [listener("tls"), listener("external", "route", "scram-sha-512")]
    status = [told("tls", "a"), told("external", "b")]
    found = list(targets(git(), kubernetes(spec, status, in_cluster=in_cluster), None, None))

    assert [each.listener for each in found] == names
    assert found[-1] == Target(
        "external", "b:9093", True, "scram-sha-512", "CA1\nCA2\n", outside=True
    )


def test_topics_that_verification_may_not_read() -> None:
    """Tried only as that user: others may have the right."""
    read: Body = {"resource": {"type": "topic", "name": "open"}, "operations": ["Read"]}
    desired = git(
        kafka_topic("open"), kafka_topic("closed"), kafka_user("verify", "scram-sha-512", read)
    )

    assert foreign_topics(desired, Access((), username="verify")) == ["closed"]
    assert foreign_topics(desired, Access((), username="somebody")) == []
    assert foreign_topics(desired, Access(())) == []
    assert foreign_topics(git(kafka_topic()), Access((), username="verify")) == []
