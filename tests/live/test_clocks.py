"""Clocks that differ: a certificate that begins later, records from the future, and the clock here."""

import time
from datetime import timedelta

import pytest
from confluent_kafka import KafkaError, Producer
from live.answers import DEADLINE_S
from live.breaking import showing
from live.certificates import Lifetime
from live.kafka import Kafka
from live.verifier import verified, way_in

pytestmark = pytest.mark.live

_HOUR_S = 3600
_IN_AN_HOUR = Lifetime(timedelta(hours=1), timedelta(days=30))


def test_certificate_that_is_not_yet_valid(staging: Kafka) -> None:
    """Clocks are spoken of, and no broker is to be restarted."""
    assert staging.security is not None
    first, _, third = staging.nodes
    early = staging.security.broker(lifetime=_IN_AN_HOUR)
    with showing(staging, third, early):
        found = verified(staging, "staging", way=way_in(staging, first))

    assert found.failed - {"leader-balance"} == {"brokers-answer", "listeners-certificate"}
    for check in ("brokers-answer", "listeners-certificate"):
        assert "certificate is not yet valid" in found.said(check)
        assert "date -u here and " in found.result(check).remedy


def test_the_clock_here(staging: Kafka, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is this one that is wrong, not those of all brokers."""
    right = time.time
    assert verified(staging, "staging", only=["clocks"]).said("clocks-agree") == ": 1 clock"
    monkeypatch.setattr(time, "time", lambda: right() + 2 * _HOUR_S)
    found = verified(staging, "staging", only=["clocks"])

    assert found.wrong == {"clocks-agree": "warn"}
    assert ": the clock here is 2 hours ahead of those of node " in found.said("clocks-agree")


def test_every_broker_tells_the_time(staging: Kafka) -> None:
    """When it takes a record of the probe."""
    found = verified(staging, "staging", only=["clocks", "probe"], leave_out=())
    assert found.live.probe is not None
    for each in found.live.probe.brokers:
        assert each.ahead_s is not None
        assert abs(each.ahead_s) < 30


def test_records_from_the_future(staging: Kafka) -> None:
    """Brokers take some and refuse others; that nobody looks at their times is told."""
    minutes = {50: None, 90: KafkaError.INVALID_TIMESTAMP}
    for ahead, code in minutes.items():
        assert _write(staging, "chat-events", time.time() + 60 * ahead) == code
    found = verified(staging, "staging")

    assert found.failed - {"leader-balance"} == set()
    unseen = {what: each.reason for each in found.report.unseen for what in each.what}
    assert "times that applications stamp on records" in unseen


def _write(kafka: Kafka, topic: str, stamp_s: float) -> int | None:
    """The code of the error with which a record of this time is refused."""
    told: list[KafkaError | None] = []
    producer = Producer(kafka._client())
    producer.produce(
        topic, b"early", timestamp=int(1000 * stamp_s), on_delivery=lambda e, _: told.append(e)
    )
    producer.flush(DEADLINE_S)
    return told[0].code() if told[0] is not None else None
