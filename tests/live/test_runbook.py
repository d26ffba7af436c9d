"""The restore that the runbook tells by hand, by the real engine on a real Kafka, as the user that it makes."""

import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest
import yaml
from confluent_kafka import OFFSET_INVALID, Consumer, Producer, TopicPartition
from live.applier import apply
from live.engine_build import UnbuiltError
from live.engine_build import engine as built_engine
from live.jars import MissingError, class_path, java
from live.kafka import Kafka
from live.node import LOOPBACK
from live.security import admin
from support import Project

pytestmark = [pytest.mark.live, pytest.mark.engine]

INTENT = """\
topics: {orders: {partitions: 3, retention: unlimited, backup: required}}
backups: {x: {image: 'kafka-backup:v0.25.2', schedule: 0 2 * * *, storage: {pvc: {size: 1Gi}}}}
"""
UNTIL_MS = 1767225600000
"""What the runbook has people replace: 2026-01-01T00:00:00Z."""
Record = tuple[int | None, Any, Any, int]
"""Partition, key, value and time."""
BOOTSTRAP = "events-kafka-bootstrap.kafka-dev.svc.cluster.local:9093"


@pytest.fixture
def engine() -> str:
    """The stand-in for the engine's command line, which runs the engine's own library."""
    try:
        java(), class_path()
        return str(built_engine())
    except (MissingError, UnbuiltError) as missing:
        pytest.skip(str(missing))


def _here(config: str, kafka: Kafka, user: str, folder: Path) -> str:
    """A config with the mounts of its pod as they are on this machine; nothing else of it changes."""
    assert kafka.security is not None
    identity = kafka.security.user(user)
    for there, here in {
        "/etc/kafka-backup/cluster-ca/ca.crt": kafka.security.cluster_ca.certificate,
        "/etc/kafka-backup/user/user.crt": identity.certificate,
        "/etc/kafka-backup/user/user.key": identity.key,
        BOOTSTRAP: f"{LOOPBACK}:{kafka.nodes[0].ports['tls']}",
        "/data": folder / "data",
        "/tmp/offsets.db": folder / "offsets.db",  # noqa: S108
    }.items():
        config = config.replace(there, str(here))
    return config


def _run(engine: str, folder: Path, config: str, command: str) -> str:
    file = folder / f"{command}.yaml"
    file.write_text(config)
    done = subprocess.run(
        [engine, command, "--config", str(file)],
        capture_output=True, text=True, check=False, timeout=120, cwd=folder,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def _settings(kafka: Kafka) -> dict[str, Any]:
    return {**admin(), "bootstrap.servers": kafka.bootstrap}


def _write(kafka: Kafka, count: int, begin_ms: int) -> None:
    producer = Producer(_settings(kafka))
    for number in range(count):
        producer.produce("orders", f"{begin_ms}-{number}", f"k{number % 7}",
                         timestamp=begin_ms + number)  # fmt: skip
    assert producer.flush(30) == 0


def _read(kafka: Kafka, topic: str) -> set[Record]:
    """All records of a topic with three partitions."""
    consumer = Consumer({**_settings(kafka), "group.id": "reader", "auto.offset.reset": "earliest",
                         "enable.partition.eof": True, "enable.auto.commit": False})  # fmt: skip
    consumer.subscribe([topic])
    found: list[Record] = []
    ends: set[int | None] = set()
    while len(ends) < 3:
        message = consumer.poll(30)
        assert message is not None, "nothing comes"
        if message.error():
            ends.add(message.partition())
        else:
            found.append(
                (message.partition(), message.key(), message.value(), message.timestamp()[1])
            )
    consumer.close()
    assert len(set(found)) == len(found)
    return set(found)


@dataclass
class Restore:
    """A cluster with a backup of it, and what the runbook says of a restore by hand."""

    kafka: Kafka
    user: dict[str, Any]
    config: str
    commands: list[str]
    """The engine's commands, in the order in which the Job runs them."""
    before: set[Record]
    """The records up to the time."""


@pytest.fixture
def restore(project: Project, tmp_path: Path, engine: str) -> Iterator[Restore]:
    """The steps of the runbook up to the Job; a group has read the first hundred records."""
    project.environment(INTENT)
    files = project.everything().files()["dev"]
    for name, text in files.items():
        project.write(f"rendered/dev/{name}", text)
    (block,) = [each for each in re.findall(r"```yaml\n(.*?)```", files["backup/RUNBOOK.md"], re.DOTALL)
                if "kind: Job" in each]  # fmt: skip
    user, _account, _ways, config, job = yaml.safe_load_all(dedent(block))
    pod = job["spec"]["template"]["spec"]
    commands = [each["args"][0] for each in (*pod["initContainers"], *pod["containers"])]
    (tmp_path / "data").mkdir()
    with Kafka(tmp_path / "kafka", secure=True) as kafka:
        apply(kafka, project.root / "rendered/dev")
        _write(kafka, 500, UNTIL_MS - 499)
        before = _read(kafka, "orders")
        _write(kafka, 300, UNTIL_MS + 1)
        _commit(kafka, "orders", 100)
        backup = yaml.safe_load(files["backup/configmap-backup-x.yaml"])["data"]["backup.yaml"]
        _run(engine, tmp_path, _here(backup, kafka, "backup-x", tmp_path), "backup")
        kafka.create_topic("orders.restored", partitions=3, config={"retention.ms": "-1"})
        text = _here(config["data"]["restore-0.yaml"], kafka, "restore-by-hand", tmp_path)
        yield Restore(kafka, user, text, commands, before)


def _commit(kafka: Kafka, topic: str, offset: int) -> None:
    consumer = Consumer({**_settings(kafka), "group.id": "billing"})
    places = [TopicPartition(topic, partition, offset) for partition in range(3)]
    consumer.commit(offsets=places, asynchronous=False)
    consumer.close()


def _committed(kafka: Kafka, topic: str) -> list[int]:
    consumer = Consumer({**_settings(kafka), "group.id": "billing"})
    found = consumer.committed([TopicPartition(topic, partition) for partition in range(3)], 30)
    consumer.close()
    return [each.offset for each in found]


def _apply_user(restore: Restore, project: Project) -> None:
    project.write("by-hand/user.yaml", yaml.safe_dump(restore.user))
    apply(restore.kafka, project.root / "by-hand")


def test_restore_by_hand_gives_the_state_of_the_time(
    restore: Restore, project: Project, tmp_path: Path, engine: str
) -> None:
    """Tried out first, then done: the records up to the time, once, in their partitions, and no other."""
    _apply_user(restore, project)
    for command in restore.commands:
        _run(engine, tmp_path, restore.config, command)
    assert len(restore.before) == 500
    assert _read(restore.kafka, "orders.restored") == restore.before

    # What the runbook says of a Job that is started anew.
    _run(engine, tmp_path, restore.config, "restore")
    assert _read(restore.kafka, "orders.restored") == restore.before


@pytest.mark.parametrize(
    ("which", "describes", "offsets"),
    [
        ({"consumer_groups": ["billing"]}, True, [100, 100, 100]),
        ({"consumer_groups": ["billing"]}, False, [OFFSET_INVALID] * 3),
        ({"auto_consumer_groups": True}, False, [100, 100, 100]),
    ],
)
def test_groups_are_set_in_the_same_run(
    restore: Restore, project: Project, tmp_path: Path, engine: str, which: dict[str, Any],
    describes: bool, offsets: list[int],
) -> None:  # fmt: skip
    """With the settings, the command and the rights that the runbook names; and the trap of one right."""
    acls = restore.user["spec"]["authorization"]["acls"]
    acls[0]["operations"].append("Read")
    if describes:
        acls.append({"resource": {"type": "topic", "name": "orders", "patternType": "literal"},
                     "operations": ["Describe"]})  # fmt: skip
    acls.append({"resource": {"type": "group", "name": "billing", "patternType": "literal"},
                 "operations": ["Read"]})  # fmt: skip
    _apply_user(restore, project)
    config = yaml.safe_load(restore.config)
    config["restore"] |= {
        "consumer_group_strategy": "header-based",
        "reset_consumer_offsets": True,
        **which,
    }

    said = _run(engine, tmp_path, yaml.safe_dump(config), "three-phase-restore")
    assert {each[:3] for each in _read(restore.kafka, "orders.restored")} == {
        each[:3] for each in restore.before
    }
    assert _committed(restore.kafka, "orders.restored") == offsets
    assert ('"partitions_reset": 0,' in said) is (offsets[0] == OFFSET_INVALID)
