"""What brokers advertise is where they are: another one's address, and one at which nobody is."""

import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress

import pytest
from live.breaking import configured
from live.kafka import Kafka
from live.node import LOOPBACK, Node
from live.verifier import verified, way_in

from verify.collect.probe.scratch import REMOVAL_S

pytestmark = pytest.mark.live


@contextmanager
def advertising(kafka: Kafka, node: Node, listener: str, port: int) -> Iterator[None]:
    """A node that sends clients of one listener to another port."""
    usual = node.properties()["advertised.listeners"]
    own = f"{listener.upper()}://{LOOPBACK}:{node.ports[listener]}"
    other = f"{listener.upper()}://{LOOPBACK}:{port}"
    with configured(kafka, node, {"advertised.listeners": usual.replace(own, other)}):
        yield


@contextmanager
def black_hole() -> Iterator[int]:
    """A port at which nobody answers, not even with a refusal: as many have called as may wait."""
    with ExitStack() as stack:
        server = stack.enter_context(socket.socket())
        server.bind((LOOPBACK, 0))
        server.listen(0)
        for _ in range(8):
            caller = stack.enter_context(socket.socket())
            caller.setblocking(False)
            with suppress(BlockingIOError):
                caller.connect(server.getsockname())
        yield server.getsockname()[1]


def test_broker_advertises_the_address_of_another(staging: Kafka) -> None:
    """Whoever looks for it finds the other one."""
    first, _, third = staging.nodes
    with advertising(staging, third, "tls", first.ports["tls"]):
        found = verified(staging, "staging", way=way_in(staging, first))
    said = f"broker 3: node 1 answers at {LOOPBACK}:{first.ports['tls']}, the address that it advertises"
    assert "brokers-answer" in found.failed
    assert said in found.said("brokers-answer")
    assert "brokers under cluster.listeners" in found.result("brokers-answer").remedy


def test_nobody_is_at_the_advertised_address(staging: Kafka) -> None:
    """Told within 15 s, once, and the others are looked at."""
    first, _, third = staging.nodes
    with black_hole() as port, advertising(staging, third, "tls", port):
        began = time.monotonic()
        found = verified(staging, "staging", way=way_in(staging, first), window_s=0)
        took_s = time.monotonic() - began
        began = time.monotonic()
        probed = verified(
            staging, "staging", way=way_in(staging, first), leave_out=["flow"], window_s=0
        )
        took_with_probe_s = time.monotonic() - began
    assert "brokers-answer" in found.failed
    assert "broker 3: " in found.said("brokers-answer")
    assert took_s < 15
    # Offsets of a group whose coordinator is there cannot be removed, which is tried for ten seconds.
    assert took_with_probe_s < 15 + REMOVAL_S
    assert "broker 3: no record was sent to it: " in probed.said("probe-produces")
    assert probed.live.probe is not None
    assert {each.broker: each.received for each in probed.live.probe.brokers} == {
        1: 20,
        2: 20,
        3: 0,
    }
