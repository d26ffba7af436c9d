"""Records that do not keep to the format that Git names: where the first ones are, and nothing of what they say."""

import json
import re

import pytest
from live.kafka import Kafka
from live.verifier import verified

pytestmark = pytest.mark.live

_TOPIC = "orders.order.created"
_GOOD = {
    "orderId": "1",
    "customerId": "2",
    "total": {"amount": "4.50", "currency": "EUR"},
    "createdAt": "2026-11-30",
}


def test_message_format(staging: Kafka) -> None:
    """What is printed reads the very record."""
    staging.produce(_TOPIC, "1", json.dumps(_GOOD))
    before = verified(staging, "staging", only=["flow-message-format"], leave_out=())
    assert f"{_TOPIC}: 1 records keep to it" in before.said("flow-message-format")
    assert before.wrong == {}

    staging.produce(_TOPIC, "1", json.dumps(_GOOD | {"total": "hush"}))
    found = verified(staging, "staging", only=["flow-message-format"], leave_out=())
    assert found.wrong == {"flow-message-format": "fail"}
    said = found.said("flow-message-format")
    assert " records not all keep to it: " in said
    assert ", offset 1: breaks /properties/total/type" in said
    assert "hush" not in said
    place = re.search(r"partition (\d+), offset 1", said)
    assert place is not None
    remedy = found.result("flow-message-format").remedy
    assert f"--topic {_TOPIC} --partition {place[1]} --offset 1 " in remedy
