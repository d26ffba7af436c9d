"""Whole records, written and read as they are: keys, values, headers and timestamps, null or not."""

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Any, NamedTuple

from confluent_kafka import (
    OFFSET_BEGINNING,
    Consumer,
    KafkaError,
    Message,
    Producer,
    TopicPartition,
)
from live.answers import DEADLINE_S, refuse

Headers = tuple[tuple[str, bytes | None], ...]

ENGINE_HEADERS = {
    "x-original-offset",
    "x-original-timestamp",
    "x-source-cluster",
    "x-source-partition",
}
"""What the engine adds to records (kafka-backup-core 0.25.2, offset_headers.rs)."""


class Record(NamedTuple):
    """A record without its offset."""

    partition: int
    key: bytes | None
    value: bytes | None
    timestamp_ms: int
    headers: Headers = ()

    def bare(self) -> "Record":
        """The record as it was before the engine had it."""
        kept = tuple(each for each in self.headers if each[0] not in ENGINE_HEADERS)
        return self._replace(headers=kept)


def various(count: int, start: int = 0, partitions: int = 3) -> Iterator[Record]:
    """Records of every kind that there is, a second apart, round the partitions."""
    for number in range(start, start + count):
        kind = number % 7
        yield Record(
            number % partitions,
            None if kind == 1 else b"" if kind == 2 else f"key-{number % 50}".encode(),
            None if kind == 3 else b"" if kind == 4 else f"value {number} \u00e9 ".encode() * 5,
            1_700_000_000_000 + number * 1000,
            # The same name twice, no value, and bytes that are no text.
            (("trace", b"1"), ("trace", b"2"), ("none", None), ("raw", b"\xff\x00"))
            if kind == 5
            else (),
        )


def write(client: dict[str, Any], topic: str, records: Iterable[Record]) -> None:
    """Write records; all are written when this returns."""
    producer = Producer(client | {"linger.ms": 5, "enable.idempotence": True})
    _produce(producer, topic, records)


def write_transactions(
    client: dict[str, Any], topic: str, *parts: tuple[bool, list[Record]]
) -> None:
    """Write one transaction after the other: whether it is committed, and its records."""
    producer = Producer(client | {"transactional.id": f"{topic}-writer"})
    producer.init_transactions(DEADLINE_S)
    for committed, records in parts:
        producer.begin_transaction()
        # What is aborted is on the broker's disk, too.
        _produce(producer, topic, records)
        if committed:
            producer.commit_transaction(DEADLINE_S)
        else:
            producer.abort_transaction(DEADLINE_S)


def _produce(producer: Producer, topic: str, records: Iterable[Record]) -> None:
    errors: list[KafkaError] = []
    for number, each in enumerate(records):
        producer.produce(
            topic, each.value, each.key, each.partition, timestamp=each.timestamp_ms,
            headers=list(each.headers),
            on_delivery=lambda error, _: errors.append(error) if error else None,
        )  # fmt: skip
        if number % 1000 == 0:
            producer.poll(0)
    assert producer.flush(DEADLINE_S) == 0
    for error in errors:
        refuse(error)


def read(client: dict[str, Any], topic: str) -> list[Record]:
    """Every committed record of a topic, partition by partition, in their order."""
    consumer = Consumer(
        client
        | {"group.id": "nobody", "enable.auto.commit": False, "isolation.level": "read_committed",
           "enable.partition.eof": True}
    )  # fmt: skip
    try:
        partitions = consumer.list_topics(topic, timeout=DEADLINE_S).topics[topic].partitions
        consumer.assign([TopicPartition(topic, each, OFFSET_BEGINNING) for each in partitions])
        records: list[Record] = []
        ended = 0
        while ended < len(partitions):
            (message,) = consumer.consume(1, timeout=DEADLINE_S) or (None,)
            assert message is not None, f"{topic} does not end"
            error = message.error()
            if error is None:
                records.append(_record(message))
            elif error.code() == KafkaError._PARTITION_EOF:
                ended += 1
            else:
                refuse(error)
    finally:
        consumer.close()
    return sorted(records, key=lambda each: each.partition)


def _record(message: Message) -> Record:
    # The library's signatures say text, and mean bytes.
    key: Any = message.key()
    value: Any = message.value()
    headers: Any = message.headers()
    return Record(
        message.partition() or 0, key, value, message.timestamp()[1], tuple(headers or ())
    )


def by_partition(records: Iterable[Record]) -> dict[int, list[Record]]:
    """Records of each partition in their order, as the application wrote them."""
    ordered = sorted(records, key=lambda each: each.partition)
    return {
        partition: [each.bare() for each in part]
        for partition, part in groupby(ordered, key=lambda each: each.partition)
    }
