"""Settings of brokers that Git does not say, and groups whose offsets mean something else than lag."""

import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from confluent_kafka import Consumer, TopicPartition
from live.answers import DEADLINE_S, answer_of
from live.application import Application
from live.breaking import configured
from live.kafka import Kafka
from live.node import jvm
from live.security import admin_properties
from live.verifier import verified

pytestmark = pytest.mark.live

_ALL_BROKERS = ""
_GROUP = "llm-aggregates"
_TOPIC = "llm-events"


@contextmanager
def set_live(kafka: Kafka, folder: Path, broker: str, key: str, value: str) -> Iterator[None]:
    """A setting of a broker, or of all, while they run; taken back in the end as the remedy says."""
    _configure(kafka, folder, broker, "--add-config", f"{key}={value}")
    try:
        yield
    finally:
        _configure(kafka, folder, broker, "--delete-config", key)


def _configure(kafka: Kafka, folder: Path, broker: str, *what: str) -> None:
    """What `kafka-configs.sh --alter --entity-type brokers` does, of one broker or by default of all."""
    whom = ("--entity-name", broker) if broker else ("--entity-default",)
    done = subprocess.run(
        jvm("kafka.admin.ConfigCommand", "--bootstrap-server", kafka.bootstrap, "--command-config",
            str(admin_properties(folder)), "--alter", "--entity-type", "brokers", *whom, *what),
        capture_output=True, text=True, check=False, timeout=DEADLINE_S,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr


def _differ(kafka: Kafka) -> str:
    return verified(kafka, "staging", only=["brokers-config"]).said("brokers-config")


@pytest.mark.parametrize(
    ("broker", "key", "value", "said"),
    [
        (_ALL_BROKERS, "unclean.leader.election.enable", "true",
         "brokers 1, 2, 3: unclean.leader.election.enable is true (set on all brokers while they ran),"
         " desired false"),
        ("2", "log.cleaner.threads", "2",
         "broker 2: log.cleaner.threads is 2 (set on it alone while it ran), Git says nothing of it;"
         " Kafka's default is 1"),
    ],
    ids=["all", "one"],
)  # fmt: skip
def test_setting_changed_while_brokers_run(
    staging: Kafka, tmp_path: Path, broker: str, key: str, value: str, said: str
) -> None:
    """It beats the file of each broker; deleted, all is as Git says."""
    with set_live(staging, tmp_path, broker, key, value):
        staging.until(lambda: _differ(staging) == said, "have the setting")
    staging.until(lambda: _differ(staging) == ": 3 brokers", "forget the setting")


def test_min_isr_of_a_cluster_with_eligible_leader_replicas(staging: Kafka, tmp_path: Path) -> None:
    """It beats the file of each broker; set to what Git says, all is well."""
    _configure(staging, tmp_path, _ALL_BROKERS, "--add-config", "min.insync.replicas=1")
    staging.until(lambda: "min.insync.replicas is 1" in _differ(staging), "have the setting")
    _configure(staging, tmp_path, _ALL_BROKERS, "--add-config", "min.insync.replicas=2")
    staging.until(lambda: _differ(staging) == ": 3 brokers", "have what Git says")


def test_file_of_a_broker_is_another_one(staging: Kafka) -> None:
    """What it has is told with what Git says."""
    other = {"auto.create.topics.enable": "true", "log.retention.hours": "24"}
    with configured(staging, staging.nodes[2], other):
        found = verified(staging, "staging", only=["brokers-config"])
    assert found.said("brokers-config") == (
        "broker 3: auto.create.topics.enable is true (in its file), desired false\n"
        "broker 3: log.retention.hours is 24 (in its file), Git says nothing of it; Kafka's default is 168"
    )


@contextmanager
def member(kafka: Kafka, protocol: str) -> Iterator[Consumer]:
    """A member of a group that has its partitions, reads, and commits nothing by itself."""
    settings = kafka.application("tls", "llm-aggregator") | {
        "group.id": _GROUP, "enable.auto.commit": False, "auto.offset.reset": "earliest",
        "group.protocol": protocol,
    }  # fmt: skip
    consumer = Consumer(settings)
    try:
        consumer.subscribe([_TOPIC])
        kafka.until(
            lambda: bool(consumer.poll(0.5)) or bool(consumer.assignment()), "give partitions"
        )
        yield consumer
    finally:
        consumer.close()
        kafka.until(lambda: _GROUP in _deleted(kafka), "forget the group")


def _deleted(kafka: Kafka) -> set[str]:
    """The group's name, once it is gone with its offsets."""
    future = kafka.admin.delete_consumer_groups([_GROUP])[_GROUP]
    error = future.exception(DEADLINE_S)
    return {_GROUP} if error is None or "not exist" in str(error).lower() else set()


@pytest.mark.parametrize("protocol", ["classic", "consumer"])
def test_nothing_was_ever_committed(staging: Kafka, protocol: str) -> None:
    """As after a deploy that fails at its first record; of one partition that is committed it is fine."""
    _write(staging, 12)
    with member(staging, protocol) as consumer:
        found = verified(staging, "staging", only=["groups"])
        assert found.wrong == {"groups-committed": "warn"}
        assert f"{_GROUP}: never committed anything of " in found.said("groups-committed")
        assert found.live.kafka is not None
        assert found.live.kafka.groups[_GROUP].members == 1

        ends = [TopicPartition(_TOPIC, each.partition, consumer.get_watermark_offsets(each, DEADLINE_S)[1])
                for each in consumer.assignment()]  # fmt: skip
        consumer.commit(offsets=ends, asynchronous=False)
        assert verified(staging, "staging", only=["groups"]).wrong == {}


def test_offsets_that_cannot_be(staging: Kafka) -> None:
    """Beyond the end of a partition, and before its beginning."""
    _write(staging, 12)
    with member(staging, "classic") as consumer:
        places = sorted(consumer.assignment(), key=lambda each: each.partition)
        ends = {
            each.partition: consumer.get_watermark_offsets(each, DEADLINE_S)[1] for each in places
        }
        full = next(number for number, end in ends.items() if end > 1)
        offsets = [TopicPartition(_TOPIC, number, end) for number, end in ends.items()]
        for each in offsets:
            each.offset += 99_999 if each.partition == full else 0
        consumer.commit(offsets=offsets, asynchronous=False)
        beyond = verified(staging, "staging", only=["groups"])
        assert beyond.wrong == {"groups-offsets": "fail"}
        assert f"is beyond the end of {_TOPIC}-{full}" in beyond.said("groups-offsets")

        for each in offsets:
            each.offset = 0 if each.partition == full else ends[each.partition]
        consumer.commit(offsets=offsets, asynchronous=False)
        gone = TopicPartition(_TOPIC, full, ends[full])
        answer_of(staging.admin.delete_records([gone])[gone])
        lost = verified(staging, "staging", only=["groups"])
        assert lost.wrong == {"groups-offsets": "fail"}
        assert lost.said("groups-offsets") == (
            f"{_GROUP}: has lost {ends[full]} records, deleted before it read them: {_TOPIC}-{full}"
        )


def _write(kafka: Kafka, count: int) -> None:
    writer = Application(kafka.application("tls", "llm-gateway"))
    for number in range(count):
        writer.write(_TOPIC, f"{number} at {time.time()}", key=f"key-{number}")
