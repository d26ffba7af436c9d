"""Transactions that last, and a producer whose transactional id somebody took over."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from confluent_kafka import KafkaError, KafkaException, Producer
from live.answers import DEADLINE_S
from live.kafka import Kafka
from live.verifier import verified

from verify.collect.kafka import questions

pytestmark = pytest.mark.live

_TOPIC, _ID = "chat-events", "chat-writer"


@contextmanager
def writing(kafka: Kafka) -> Iterator[Producer]:
    """A transaction with a record; in the end it is aborted, if it still can be."""
    producer = Producer(kafka._client() | {"transactional.id": _ID})
    producer.init_transactions(DEADLINE_S)
    producer.begin_transaction()
    producer.produce(_TOPIC, b"half")
    producer.flush(DEADLINE_S)
    yield producer
    producer.abort_transaction(DEADLINE_S)


def test_transaction_that_lasts(staging: Kafka, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whose it is, and how to end it; the probe goes through all the same."""
    # Nobody waits for a quarter of an hour here.
    monkeypatch.setattr(questions, "_ONGOING_MS", 1000)
    with writing(staging):
        time.sleep(2)
        found = verified(staging, "staging", leave_out=["flow"])
    assert found.failed - {"leader-balance"} == {"transactions-end"}
    assert found.said("transactions-end").startswith(f"{_ID}: producer ")
    assert f"--transactionalId {_ID}" in found.result("transactions-end").remedy
    staging.until(lambda: not verified(staging, "staging", only=["transactions"]).wrong, "abort it")


def test_transaction_that_is_young(staging: Kafka) -> None:
    """It is nobody's business."""
    with writing(staging):
        assert verified(staging, "staging", only=["transactions"]).wrong == {}


def test_fenced_producer(staging: Kafka) -> None:
    """Brokers keep it to themselves; that nobody looks is told."""
    old = Producer(staging._client() | {"transactional.id": _ID})
    old.init_transactions(DEADLINE_S)
    old.begin_transaction()
    with writing(staging):
        pass
    old.produce(_TOPIC, b"too late")
    with pytest.raises(KafkaException) as raised:
        old.commit_transaction(DEADLINE_S)
    assert raised.value.args[0].code() in (KafkaError._FENCED, KafkaError.PRODUCER_FENCED)
    found = verified(staging, "staging", leave_out=["probe"])

    assert found.failed - {"leader-balance"} == set()
    unseen = {what: each.reason for each in found.report.unseen for what in each.what}
    assert unseen["producers whose transactional id somebody took over"].startswith("no broker")
