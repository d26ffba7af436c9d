"""A restore drill on a real broker: what came back right passes, and what did not is named.

The restores here are written by hand, record by record, since the engine makes no mistakes on demand;
`test_engine_drill.py` drills with the engine itself.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import count
from typing import Any

import pytest
from confluent_kafka import Producer
from confluent_kafka.admin import AdminClient
from live.kafka import Kafka

from generator.contract.drill import Compared, DrillOrder
from verify.collect.kafka.access import Access
from verify.collect.kafka.retrying_admin import Deadline, NoOwnError
from verify.collect.probe.drill import clear, compare, prepare

pytestmark = pytest.mark.live

_GENEROUS_S = 120
_NUMBER = count(1)
_OLD_MS = 1_500_000_000_000
"""Long before any retention."""


@dataclass(frozen=True)
class Record:
    """One record of the source, and what a restore makes of it."""

    offset: int
    value: bytes | None
    key: bytes | None = b"key"
    time_ms: int = _OLD_MS
    headers: tuple[tuple[str, bytes | None], ...] = (("trace", b"1"), ("empty", None))

    def restored(self) -> "Record":
        """With the marks that the engine adds."""
        marks = (("x-original-offset", self.offset.to_bytes(8, "little")),
                 ("x-original-timestamp", self.time_ms.to_bytes(8, "little")))  # fmt: skip
        return replace(self, headers=(*self.headers, *marks))


RECORDS = [Record(offset, f"value {offset}".encode()) for offset in range(20)]
RECORDS[3] = replace(RECORDS[3], value=None)
RECORDS[4] = replace(RECORDS[4], key=None, headers=())


@pytest.fixture
def drill(broker: Kafka) -> Iterator[DrillOrder]:
    """A source with twenty records in its first partition, and the drill of it made ready."""
    number = next(_NUMBER)
    topic = f"drilled-{number}"
    broker.create_topic(topic, partitions=2, config={"retention.ms": "-1"})
    made = DrillOrder("weekly", f"drill.weekly-{number}.", {topic: (0,)})
    _write(broker, topic, RECORDS)
    prepare(access_of(broker), made, time.monotonic() + _GENEROUS_S)
    yield made
    assert clear(access_of(broker), made) == ()


def access_of(kafka: Kafka) -> Access:
    """The way in, where everybody is let in."""
    return Access((kafka.bootstrap,))


def _write(kafka: Kafka, topic: str, records: list[Record]) -> None:
    producer = Producer({"bootstrap.servers": kafka.bootstrap, "acks": "all"})
    for each in records:
        producer.produce(topic, each.value, each.key, 0, timestamp=each.time_ms,
                         headers=list(each.headers))  # fmt: skip
    assert producer.flush(_GENEROUS_S) == 0


def _judged(kafka: Kafka, drill: DrillOrder, restored: list[Record]) -> Compared:
    """What a drill says of this restore; the backup counts as many records as the source has."""
    (topic,) = drill.topics
    _write(kafka, drill.scratch(topic), [each.restored() for each in restored])
    counts = {(topic, 0): (len(RECORDS), len(RECORDS))}
    (found,) = compare(access_of(kafka), drill, counts, Deadline(time.monotonic() + _GENEROUS_S))
    return found


def _topics(kafka: Kafka) -> dict[str, Any]:
    return AdminClient({"bootstrap.servers": kafka.bootstrap}).list_topics(timeout=30).topics


def test_exact_restore_passes(broker: Kafka, drill: DrillOrder) -> None:
    """Keys, values, null ones among them, headers and times are those of the source."""
    found = _judged(broker, drill, RECORDS)

    assert found.problems == []
    assert (found.restored, found.same, found.gone) == (20, 20, 0)
    assert len(found.sha256) == 64


def test_scratch_topics_keep_what_is_old(broker: Kafka, drill: DrillOrder) -> None:
    """They have the source's partitions, and nothing but the drill deletes what is in them."""
    (topic,) = drill.topics
    config = broker.topic_config(drill.scratch(topic))

    assert len(_topics(broker)[drill.scratch(topic)].partitions) == 2
    assert (config["retention.ms"], config["cleanup.policy"]) == ("-1", "delete")
    assert config["message.timestamp.type"] == "CreateTime"


WRONG: dict[str, tuple[Callable[[list[Record]], list[Record]], str]] = {
    "value": (
        lambda all_: [*all_[:7], replace(all_[7], value=b"other"), *all_[8:]],
        "1 differ from their source",
    ),
    "null value": (
        lambda all_: [*all_[:7], replace(all_[7], value=None), *all_[8:]],
        "1 differ from their source",
    ),
    "key": (
        lambda all_: [*all_[:7], replace(all_[7], key=b""), *all_[8:]],
        "1 differ from their source",
    ),
    "header": (
        lambda all_: [*all_[:7], replace(all_[7], headers=(("trace", b"1"),)), *all_[8:]],
        "1 differ from their source",
    ),
    "time": (
        lambda all_: [*all_[:7], replace(all_[7], time_ms=_OLD_MS + 1), *all_[8:]],
        "1 differ from their source",
    ),
    "one is missing": (
        lambda all_: [*all_[:7], *all_[8:]],
        "1 are missing",
    ),
    "the end is missing": (
        lambda all_: all_[:15],
        "15 records came back, and the backup counts 20",
    ),
    "all are there twice": (
        lambda all_: [*all_, *all_],
        "20 are there twice or out of order",
    ),
    "out of order": (
        lambda all_: [all_[1], all_[0], *all_[2:]],
        "1 are there twice or out of order",
    ),
    "nothing": (
        lambda _: [],
        "0 records came back, and the backup counts 20",
    ),
}


@pytest.mark.parametrize("what", WRONG)
def test_wrong_restore_is_told(broker: Kafka, drill: DrillOrder, what: str) -> None:
    """Whatever is not as it was, the drill says what, and where first."""
    break_, said = WRONG[what]

    assert said in _judged(broker, drill, break_(RECORDS)).problems


def test_record_without_its_offset_is_told(broker: Kafka, drill: DrillOrder) -> None:
    """What nobody can compare proves nothing."""
    (topic,) = drill.topics
    _write(broker, drill.scratch(topic), RECORDS)
    counts = {(topic, 0): (20, 20)}
    (found,) = compare(access_of(broker), drill, counts, Deadline(time.monotonic() + _GENEROUS_S))

    assert found.problems == ["20 do not say which offset they had"]


def test_what_the_source_lost_since_is_no_failure(broker: Kafka, drill: DrillOrder) -> None:
    """Retention may have taken what the backup still has: that is what a backup is for."""
    from confluent_kafka import TopicPartition

    (topic,) = drill.topics
    admin = AdminClient({"bootstrap.servers": broker.bootstrap})
    for answer in admin.delete_records([TopicPartition(topic, 0, 12)]).values():
        answer.result(60)
    found = _judged(broker, drill, RECORDS)

    assert found.problems == []
    assert (found.same, found.gone) == (8, 12)


def test_next_drill_removes_what_is_left(broker: Kafka, drill: DrillOrder) -> None:
    """A drill that was killed leaves topics, with records that would count twice."""
    (topic,) = drill.topics
    _write(broker, drill.scratch(topic), [each.restored() for each in RECORDS])
    other = replace_topics(drill, {topic: ()})
    prepare(access_of(broker), other, time.monotonic() + _GENEROUS_S)
    found = _judged(broker, drill, RECORDS)

    assert found.problems == []


def replace_topics(drill: DrillOrder, topics: dict[str, tuple[int, ...]]) -> DrillOrder:
    """The same drill of other topics."""
    return DrillOrder(drill.name, drill.prefix, topics)


def test_source_that_is_not_there_is_told(broker: Kafka, drill: DrillOrder) -> None:
    """There is nothing to compare with, and no scratch topic is made."""
    other = replace_topics(drill, {"nobody-made-this": ()})

    with pytest.raises(NoOwnError, match="there is no topic nobody-made-this to compare with"):
        prepare(access_of(broker), other, time.monotonic() + _GENEROUS_S)
    assert drill.prefix + "nobody-made-this" not in _topics(broker)
