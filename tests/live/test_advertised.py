"""What brokers advertise is where they are: another one's address, and one at which nobody is."""

import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace

import pytest
from confluent_kafka import ElectionType, TopicPartition
from confluent_kafka.admin import NewTopic
from live.answers import answer_of
from live.breaking import configured
from live.kafka import Kafka
from live.node import LOOPBACK, Node
from live.verifier import Verdict, verified, way_in

from verify.collect.endpoints import ConnectionOptions

pytestmark = pytest.mark.live

_OFFSETS = "__consumer_offsets"


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
    assert "brokers-answer" in found.failed
    assert "broker 3: " in found.said("brokers-answer")
    assert took_s < 15


def test_nobody_waits_twice_for_a_broker(staging: Kafka) -> None:
    """Not even where it coordinates the groups: one wait is all that it takes longer than usual."""
    first, _, third = staging.nodes
    timeout_s, usual = 12, way_in(staging, first)
    # A coordinator is who leads a partition of this topic, which brokers would make themselves.
    replicas, config = [[3, 1, 2]], {"cleanup.policy": "compact"}
    answer_of(
        staging.admin.create_topics(
            [NewTopic(_OFFSETS, 1, replica_assignment=replicas, config=config)]
        )[_OFFSETS]
    )
    _, usual_s = probed(staging, usual, timeout_s)
    with black_hole() as port, advertising(staging, third, "tls", port):
        staging.admin.elect_leaders(ElectionType.PREFERRED, [TopicPartition(_OFFSETS, 0)]).result()
        found, took_s = probed(staging, usual, timeout_s)
    assert found.live.probe is not None
    assert {each.broker: each.received for each in found.live.probe.brokers} == {
        1: 20,
        2: 20,
        3: 0,
    }
    assert "broker 3: no record was sent to it: " in found.said("probe-produces")
    assert f"the coordinator at {LOOPBACK}:{port} does not answer" in found.said("probe-commits")
    assert found.live.probe.left_behind == ()
    assert took_s - usual_s < 1.5 * timeout_s


def test_nobody_waits_twice_for_a_bootstrap_address(staging: Kafka) -> None:
    """Neither the listeners nor the probe ask again where nobody answered."""
    first, *_ = staging.nodes
    timeout_s, usual = 12, way_in(staging, first)
    _, usual_s = probed(staging, usual, timeout_s)
    with black_hole() as port:
        dead = replace(usual, bootstrap=(f"{LOOPBACK}:{port}", *usual.bootstrap))
        found, took_s = probed(staging, dead, timeout_s)
    assert "listeners-reachable" in found.failed
    assert not found.failed & {"brokers-answer", "probe-produces", "probe-commits"}
    assert took_s - usual_s < 1.5 * timeout_s


def probed(kafka: Kafka, way: ConnectionOptions, timeout_s: float) -> tuple[Verdict, float]:
    """A run with the probe, and how many seconds it took."""
    began = time.monotonic()
    way = replace(way, timeout_s=timeout_s)
    found = verified(kafka, "staging", way=way, leave_out=["flow"], window_s=0)
    return found, time.monotonic() - began
