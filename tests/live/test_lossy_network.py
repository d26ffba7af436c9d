"""A network between here and one broker that is slow, or loses packets."""

from itertools import count

import pytest
from live.kafka import Kafka
from live.proxy import Proxy
from live.test_advertised import advertising
from live.verifier import verified, way_in

pytestmark = pytest.mark.live


def test_slow_way(staging: Kafka) -> None:
    """The broker is named that is slower than the others, and nothing fails."""
    first, _, third = staging.nodes
    with Proxy(third.ports["tls"]) as proxy, advertising(staging, third, "tls", proxy.port):
        proxy.delay_s = 0.3
        found = verified(staging, "staging", way=way_in(staging, first), leave_out=["flow"])

    assert "fail" not in found.wrong.values()
    assert "broker 3: is slower than the others" in found.said("probe-latency")


def test_lost_packets(staging: Kafka) -> None:
    """Whatever is found is about the broker at the end of this way, and about no other."""
    first, _, third = staging.nodes
    with Proxy(third.ports["tls"]) as proxy, advertising(staging, third, "tls", proxy.port):
        chunks = count(1)
        proxy.loses = lambda: next(chunks) % 12 == 0
        found = verified(
            staging, "staging", way=way_in(staging, first, timeout_s=4), leave_out=["flow"]
        )

    bad = [
        each
        for result in found.report.results
        for each in result.outcomes
        if each.status in ("fail", "unknown")
    ]
    assert bad
    for each in bad:
        told = f"{each.subject}: {each.message}"
        assert "broker 3" in told or str(proxy.port) in told


def test_nothing_comes_through(staging: Kafka) -> None:
    """Connections are taken; that the way may be to blame is said, too."""
    first, _, third = staging.nodes
    with Proxy(third.ports["tls"]) as proxy, advertising(staging, third, "tls", proxy.port):
        proxy.loses = lambda: True
        found = verified(staging, "staging", way=way_in(staging, first, timeout_s=4))

    assert found.said("brokers-answer").startswith("broker 3: ")
    assert "no answer in time" in found.said("brokers-answer")
    assert "the network between here and it" in found.result("brokers-answer").remedy
