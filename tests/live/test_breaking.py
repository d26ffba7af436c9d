"""What applications notice of brokers that break, and that they are whole again after that."""

import socket
import ssl

import pytest
from live.application import Application
from live.breaking import closed, frozen, killed, showing
from live.certificates import EXPIRED
from live.kafka import Kafka, Rejected
from live.node import LOOPBACK, Node

pytestmark = pytest.mark.live

_SHORT_S = 5
"""How long tests wait for an answer that never comes."""


def test_writes_go_on_without_one_of_three(staging: Kafka) -> None:
    """With three replicas of which two must be in sync, a broker that crashes stops nothing."""
    writer = Application(staging.application("tls", "llm-gateway"))
    with killed(staging, staging.nodes[2]):
        for number in range(8):
            writer.write("llm-events", str(number), key=str(number))
        staging.until(lambda: _brokers(staging, staging.nodes[0]) == 2, "miss the broker")
    writer.write("llm-events", "whole again")


def test_writes_stop_without_two_of_three(staging: Kafka) -> None:
    """One replica in sync is too few, and of three controllers one alone decides nothing."""
    first, second, third = staging.nodes
    settings = staging.application("tls", "llm-gateway", first)
    with killed(staging, second, third), pytest.raises((TimeoutError, Rejected)):
        Application(settings, deadline=_SHORT_S).write("llm-events", "too few")
    Application(settings).write("llm-events", "whole again")


def test_frozen_broker_answers_nobody(staging: Kafka) -> None:
    """It still takes connections; the others notice, and applications work on with them."""
    node = staging.nodes[0]
    settings = staging.application("tls", "llm-gateway", node)
    with frozen(staging, node):
        with pytest.raises(TimeoutError):
            Application(settings, deadline=_SHORT_S).topics()
        assert staging.own_metadata(node, _SHORT_S) is None
        staging.until(lambda: _brokers(staging, staging.nodes[1]) == 2, "miss the broker")
        writer = Application(staging.application("tls", "llm-gateway", *staging.nodes[1:]))
        writer.write("llm-events", "without it")
    assert "llm-events" in Application(settings).topics()


def test_broker_shows_an_expired_certificate(dev: Kafka) -> None:
    """Applications hang up, whichever way they come in with TLS; without it they notice nothing."""
    assert dev.security is not None
    (node,) = dev.nodes
    with showing(dev, node, dev.security.broker(lifetime=EXPIRED)):
        for listener in ("tls", "scram"):
            assert _flaw(dev, listener) == "certificate has expired"
            with pytest.raises(Rejected, match="certificate verify failed"):
                Application(dev.application(listener, "warehouse-connect")).topics()
        assert Application(dev.application("plain", "warehouse-connect")).topics()
    assert Application(dev.application("scram", "warehouse-connect")).topics()


def test_broker_shows_a_certificate_for_another_name(dev: Kafka) -> None:
    """Applications hang up that look at names, and others do not."""
    assert dev.security is not None
    (node,) = dev.nodes
    settings = dev.application("tls", "llm-gateway")
    with showing(dev, node, dev.security.broker(["kafka.example.com", "192.0.2.1"])):
        assert _flaw(dev, "tls").startswith("IP address mismatch")
        with pytest.raises(Rejected, match="certificate verify failed"):
            Application(settings).topics()
        careless = {"ssl.endpoint.identification.algorithm": "none"}
        assert Application(settings | careless).topics()


def test_closed_listener(dev: Kafka) -> None:
    """One listener is away, and the others are as they were."""
    (node,) = dev.nodes
    with closed(dev, node, "tls"):
        with pytest.raises(TimeoutError, match="Connection refused"):
            Application(dev.application("tls", "llm-gateway"), deadline=_SHORT_S).topics()
        assert Application(dev.application("scram", "warehouse-connect")).topics()
    assert Application(dev.application("tls", "llm-gateway")).topics()


def _flaw(kafka: Kafka, listener: str) -> str:
    """What is wrong with a broker's certificate; the C library tells only that something is."""
    assert kafka.security is not None
    context = ssl.create_default_context(cafile=kafka.security.cluster_ca.certificate)
    address = LOOPBACK, kafka.nodes[0].ports[listener]
    with (
        socket.create_connection(address) as connection,
        pytest.raises(ssl.SSLCertVerificationError) as refused,
    ):
        context.wrap_socket(connection, server_hostname=LOOPBACK)
    return refused.value.verify_message


def _brokers(kafka: Kafka, asked: Node) -> int:
    """How many brokers there are for a node; the tests' admin may wait for one that is away."""
    metadata = kafka.own_metadata(asked, _SHORT_S)
    return 0 if metadata is None else len(metadata.brokers)
