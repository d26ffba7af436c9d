"""What client libraries say is told in plain words; the original stays in JSON, and with --debug."""

import socket
import time
from typing import Any

import pytest
from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient
from verify_reports import one, report

from generator.contract.report import fail, skip, unknown
from verify.report.document import as_data
from verify.report.formats import FORMATS
from verify.report.report import Report
from verify.report.words import plain

TRUST = (
    "ssl://b1:9093/1: SSL handshake failed: error:0A000086:SSL routines::certificate verify failed: broker"
    " certificate could not be verified, verify that ssl.ca.location is correctly configured or root CA"
    " certificates are installed (install ca-certificates package) (after {}ms in state SSL_HANDSHAKE)"
)
MEANT = (
    "b1:9093: its certificate is not to be trusted: another authority signed it, it has ended, or it names"
    " another host"
)


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        (TRUST.format(1), MEANT),
        ("Failed to get metadata: Local: Broker transport failure", "the connection broke"),
        ("0 of 20 records were acknowledged: Local: Message timed out",
         "0 of 20 records were acknowledged: not acknowledged in time"),
        ("Local: Timed out", "no answer in time"),
        ("3/3 brokers are down", "no broker can be reached"),
        ("b0:9092/bootstrap: Connect to ipv4#192.0.2.1:9092 failed: Connection refused (after 0ms in state CONNECT)",
         "b0:9092: nobody listens there"),
        ("sasl_ssl://b0:9092/1: Connection setup timed out in state CONNECT (after 8001ms in state CONNECT,"
         " 2 identical error(s) suppressed)", "b0:9092: no connection in time"),
        ("no.example:9/bootstrap: Failed to resolve 'no.example:9': Name or service not known (after 79ms in state"
         " CONNECT)", "no.example:9: no such host as no.example:9"),
        ("b0:9092/1: Disconnected while requesting ApiVersion: might be caused by incorrect security.protocol"
         " configuration (connecting to a SSL listener?) or broker version is < 0.10 (see api.version.request) (after"
         " 4ms in state APIVERSION_QUERY)", "b0:9092: it hung up at once: it may want TLS, or none"),
        ("ssl://b0:9093/bootstrap: Receive failed: error:0A000418:SSL routines::tlsv1 alert unknown ca: SSL alert number"
         " 48 (after 2ms in state APIVERSION_QUERY)", "b0:9093: it does not take our certificate"),
        ("sasl_ssl://b0:9092/1: SASL authentication error: Authentication failed during authentication due to invalid"
         " credentials with SASL mechanism SCRAM-SHA-512 (after 12ms in state AUTH_REQ)",
         "b0:9092: it does not take user and password (SCRAM-SHA-512)"),
        ("b0:9092: asking ApiVersionsRequest: eof occurred in violation of protocol ( ssl.c:2427)",
         "b0:9092: it hung up in the middle of TLS"),
        ("b0:9092: TLS: not trusted: IP address mismatch, certificate is not valid for '192.0.2.1'.",
         "b0:9092: TLS: not trusted: it is not for the address 192.0.2.1"),
        ("not to be trusted: self-signed certificate in certificate chain",
         "not to be trusted: signed by an authority that we do not trust"),
        ("https://a:6443 cannot be reached: [SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: unable to get"
         " local issuer certificate (_ssl.c:1000)",
         "https://a:6443 cannot be reached: its certificate is not to be trusted: signed by an authority that we do"
         " not trust"),
        ("s3://b: Generic S3 error: Error performing list request: Error performing GET http://a:1/b HTTP error: error"
         " sending request", "s3://b: http://a:1/b cannot be reached"),
        ("Broker: Topic authorization failed (TOPIC_AUTHORIZATION_FAILED)",
         "the broker says: Topic authorization failed (TOPIC_AUTHORIZATION_FAILED)"),
        ("orders: has 12 partitions, desired 24", "orders: has 12 partitions, desired 24"),
    ],
)  # fmt: skip
def test_plain(said: str, meant: str) -> None:
    """As they were seen; what is ours stays as it is."""
    assert plain(said) == meant
    assert plain(meant) == meant


def test_what_librdkafka_really_says() -> None:
    """Where nobody listens, and where what answers is no Kafka."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    told: list[str] = []
    settings: dict[str, Any] = {"bootstrap.servers": f"127.0.0.1:{port}", "log_level": 0}
    admin = AdminClient(settings | {"error_cb": lambda error: told.append(error.str())})
    with pytest.raises(KafkaException) as raised:
        admin.list_topics(timeout=0.5)
    admin.poll(0.1)

    assert plain(raised.value.args[0].str()) == "the connection broke"
    assert f"127.0.0.1:{port}: nobody listens there" in {plain(each) for each in told}


def test_long_texts_take_no_time() -> None:
    """Whatever a stranger named something."""
    began = time.monotonic()
    for text in ("a.b:" * 100_000, "SSL routines:" * 50_000, "/" * 200_000, "9:" * 100_000):
        plain(text)
    assert time.monotonic() - began < 20


def shown() -> Report:
    """Two brokers that are not trusted, each in its own words, and a check that was not made for the same reason."""
    wrong = one(
        fail(TRUST.format(1), "broker 1"), fail(TRUST.format(25), "broker 2"), check="probe"
    )
    blind = [one(unknown(TRUST.format(3)), check=name) for name in ("a", "b")]
    return report((wrong, *blind, one(skip(TRUST.format(4)), check="c")))


@pytest.mark.parametrize("form", ["text", "markdown", "html", "junit"])
def test_reports_for_people_are_plain(form: str) -> None:
    """And what differed by milliseconds only is one sentence."""
    text = FORMATS[form](shown())

    assert "ssl.ca.location" not in text
    assert "another authority signed it" in text
    if form == "text":
        assert f"  fail     probe  broker 1, broker 2: {MEANT}\n" in text
        assert f"\nnot found out\n  {MEANT}\n    2 checks could not find out: a, b\n" in text
        assert f"not looked at\n  {MEANT}\n      c\n" in text


def test_originals_stay() -> None:
    """In JSON always, for people with --debug; each once."""
    import msgspec

    whole = as_data(shown())
    assert whole["checks"][0]["outcomes"][1]["message"] == TRUST.format(25)

    text = FORMATS["text"](msgspec.structs.replace(shown(), debug=True))
    assert f"{MEANT}\n      said: {TRUST.format(1)}\n      said: {TRUST.format(25)}\n" in text
    assert f"what clients said\n  said: {TRUST.format(3)}\n" in text
