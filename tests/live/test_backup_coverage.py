"""Where backed-up partitions begin and end, asked of a real Kafka, held against a set."""

import time
from collections.abc import Mapping
from pathlib import Path

import pytest
from backup_sets import Place, Writer
from checks.backup_answers import backup, desired
from confluent_kafka import Producer, TopicPartition
from live.kafka import Kafka

from verify.checks.registry import all_checks
from verify.collect.backups.look import Look
from verify.collect.backups.sets import collect
from verify.collect.kafka.access import Access
from verify.collect.kafka.collector import Collector
from verify.live.live import Ends, Live

pytestmark = pytest.mark.live

DAY_S = 86_400


def _send(kafka: Kafka, topic: str, times_s: Mapping[int, list[float]]) -> None:
    """Records with these times, by partition."""
    producer = Producer({"bootstrap.servers": kafka.bootstrap})
    for number, times in times_s.items():
        for time_s in times:
            producer.produce(topic, b"x", partition=number, timestamp=int(time_s * 1000))
    assert producer.flush(30) == 0


def _asked(kafka: Kafka, folder: Path, *topics: str) -> tuple[Live, list[str]]:
    """What is collected, and what the check of coverage says."""
    wanted = desired(business=backup(topics=topics))
    access = Access((kafka.bootstrap,))
    ages_s = dict.fromkeys(topics, 6 * 3600.0)
    collector = Collector(access, time.monotonic() + 60, topics=topics, ages_s=ages_s)
    live = Live("dev", time.time(), kafka=collector.collect(), gaps=collector.gaps)
    live.backups, gaps = collect(wanted.settings.backups, Look(mounted=folder), live.taken_at_s,
                                 time.monotonic() + 60)  # fmt: skip
    assert gaps == {}
    result = all_checks()["backup-coverage"].ask(wanted, live)
    return live, [f"{each.status}: {each.message}" for each in result.outcomes]


def _write(folder: Path, ends: Mapping[Place, int]) -> None:
    Writer(folder / "business").run(ends, time.time() - 60)


def test_coverage_of_a_real_topic(broker: Kafka, tmp_path: Path) -> None:
    """As it should be, then with old records that no backup has, then with some that Kafka dropped."""
    now_s = time.time()
    broker.create_topic("covered", partitions=3, replicas=1)
    _send(broker, "covered", {0: [now_s - DAY_S] * 4 + [now_s] * 2, 1: [now_s] * 3})
    _write(tmp_path, {("covered", 0): 4, ("covered", 1): 3, ("covered", 2): 0})

    live, said = _asked(broker, tmp_path, "covered")
    assert live.kafka is not None
    assert live.kafka.ends == {
        "covered-0": Ends(0, 6, 4, 6), "covered-1": Ends(0, 3, 0, 3),
        "covered-2": Ends(0, 0, -1, 0),
    }  # fmt: skip
    assert said == ["pass: 2 records not backed up yet"]

    _send(broker, "covered", {1: [now_s - DAY_S]})
    assert _asked(broker, tmp_path, "covered")[1] == ["pass: 3 records not backed up yet"]
    _send(broker, "covered", {2: [now_s - DAY_S]})
    assert _asked(broker, tmp_path, "covered")[1] == [
        "fail: 1 record in no backup, which lacks covered-2 from 0 to 0"
    ]

    dropped = broker.admin.delete_records([TopicPartition("covered", 0, 5)])
    assert [each.result().low_watermark for each in dropped.values()] == [5]
    told = "fail: Kafka has deleted records that no backup has: covered-0 from 4 to 4"
    assert told in _asked(broker, tmp_path, "covered")[1]


def test_a_topic_that_was_made_anew(broker: Kafka, tmp_path: Path) -> None:
    """The backup is that of the one before."""
    broker.create_topic("anew", partitions=1, replicas=1)
    _send(broker, "anew", {0: [time.time()] * 2})
    _write(tmp_path, {("anew", 0): 90})

    assert _asked(broker, tmp_path, "anew")[1] == [
        "fail: Kafka ends before its backup: anew-0 ends at 2, the backup at 90"
    ]
