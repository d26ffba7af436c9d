"""One broker that nobody trusts keeps nobody from looking at the others."""

import pytest
from live.breaking import showing
from live.certificates import EXPIRED
from live.kafka import Kafka
from live.verifier import verified

pytestmark = pytest.mark.live


def test_the_probe_goes_through_the_other_brokers(staging: Kafka) -> None:
    """Whichever of them leads, coordinates or is asked first; the bad one is told with its reason."""
    assert staging.security is not None
    staging.until(lambda: verified(staging, "staging", only=["partitions"]).wrong == {}, "rest")
    with showing(staging, staging.nodes[0], staging.security.broker(lifetime=EXPIRED)):
        for _ in range(3):
            found = verified(staging, "staging", only=["probe"], leave_out=())
            assert found.live.probe is not None
            made = {each.broker: each for each in found.live.probe.brokers}
            for each in (2, 3):
                got = (made[each].acknowledged, made[each].received)
                assert got == (20, 20), found.live.probe
            assert found.said("probe-produces").startswith("broker 1: no record was sent to it: ")
            assert "certificate has expired" in found.said("probe-produces")
            assert found.failed <= {"probe-produces", "probe-commits"}
