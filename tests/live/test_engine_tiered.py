"""What the real engine makes of a topic whose old segments lie in an object store only."""

import json
import os
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest
from checks.backup_answers import desired
from confluent_kafka.admin import AlterConfigOpType, ConfigEntry, ConfigResource, ResourceType
from live.answers import answer_of
from live.engine_build import UnbuiltError, engine
from live.engine_records import Record, write
from live.jars import MissingError, class_path, java, tiered_storage
from live.kafka import Kafka

from generator.contract.settings import BackupRun, BackupStorage
from verify.checks.registry import all_checks
from verify.collect.backups.look import Look
from verify.collect.backups.sets import collect
from verify.collect.backups.sought import sought
from verify.collect.kafka.access import Access
from verify.collect.kafka.collector import Collector
from verify.live.live import Live

pytestmark = [pytest.mark.live, pytest.mark.engine]

_NUMBER = 4000
_WAIT = "remote.fetch.max.wait.ms"


def test_store_that_is_slower_than_brokers_wait_cuts_the_backup(tmp_path: Path) -> None:
    """Not a record of the topic, and a run that says it has them all; the next one has, if they wait."""
    try:
        java(), class_path()
        settings = {
            "remote.log.storage.system.enable": "true",
            "remote.log.storage.manager.class.name":
                "org.apache.kafka.server.log.remote.storage.LocalTieredStorage",
            "remote.log.storage.manager.class.path": tiered_storage(),
            "rsm.config.dir": str(tmp_path / "store"),
            "remote.log.metadata.manager.listener.name": "PLAINTEXT",
            "rlmm.config.remote.log.metadata.topic.num.partitions": "1",
            "rlmm.config.remote.log.metadata.topic.replication.factor": "1",
            # Segments leave the disk as soon as they are in the store.
            "log.initial.task.delay.ms": "500",
            "log.retention.check.interval.ms": "500",
            "log.segment.delete.delay.ms": "0",
            "remote.log.manager.task.interval.ms": "500",
        }  # fmt: skip
        engine()
    except (MissingError, UnbuiltError) as error:
        pytest.skip(str(error))
    with Kafka(tmp_path / "kafka", settings=settings) as kafka:
        config = {"remote.storage.enable": "true", "local.retention.ms": "1000"}
        kafka.create_topic("old", config={**config, "segment.bytes": str(2**20)})
        for _ in range(_NUMBER // 500):
            noise = [Record(0, b"k", os.urandom(1000), int(time.time() * 1000)) for _ in range(500)]
            write(kafka._client(), "old", noise)
        data = kafka.nodes[0].folder / "data" / "old-0"
        kafka.until(lambda: not (data / f"{0:020}.log").exists(), "move a segment to the store")

        _alter(kafka, "1")
        cut = _back_up(kafka, tmp_path)
        _alter(kafka, "20000")
        whole = _back_up(kafka, tmp_path)
        told = _judged(kafka, tmp_path)

    assert cut == {"partition_id": 0, "segments": [], "snapshot_end_offset": _NUMBER,
                   "high_watermark_at_capture": _NUMBER}  # fmt: skip
    assert whole["covered_through"] + 1 == _NUMBER
    assert sum(each["record_count"] for each in whole["segments"]) == _NUMBER
    assert told["backup-integrity"] == ["pass: 1 of 1 segment read"]
    assert told["backup-consistent"] == ["pass: 1 segment"]
    # Brokers know times of what only the store has.
    assert told["backup-history"] == ["pass: 1 of 1 record found again"]


def _alter(kafka: Kafka, wait_ms: str) -> None:
    """Have brokers wait so long; they do when this returns."""
    change = ConfigEntry(_WAIT, wait_ms, incremental_operation=AlterConfigOpType.SET)
    (node,) = kafka.nodes
    broker = ConfigResource(ResourceType.BROKER, str(node.id), incremental_configs=[change])
    answer_of(kafka.admin.incremental_alter_configs([broker])[broker])
    kafka.settle()


def _back_up(kafka: Kafka, folder: Path) -> dict[str, Any]:
    """The partition as the manifest has it after a run that was content."""
    config = {
        "mode": "backup",
        "backup_id": "tiered",
        "source": {"bootstrap_servers": [kafka.bootstrap], "topics": {"include": ["old"]}},
        "storage": {"backend": "filesystem", "path": str(folder / "sets")},
        "backup": {"stop_at_current_offsets": True},
        "metrics": {"enabled": False},
    }
    file = folder / "backup.yaml"
    file.write_text(json.dumps(config), encoding="utf-8")
    command = [str(engine()), "backup", "--config", str(file)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "all partitions reached their target offsets" in done.stdout
    manifest = json.loads((folder / "sets/tiered/manifest.json").read_text(encoding="utf-8"))
    partition: dict[str, Any] = manifest["topics"][0]["partitions"][0]
    return partition


def _judged(kafka: Kafka, folder: Path) -> dict[str, list[str]]:
    """What checks say of the set beside the topic."""
    run = BackupRun("backup", "tiered", BackupStorage("filesystem"), ("old",), groups=False)
    deadline = time.monotonic() + 60
    look = Look({"tiered": folder / "sets"})
    sets, gaps = collect({"tiered": run}, look, time.time(), deadline)
    assert gaps == {}
    access, times_ms = Access((kafka.bootstrap,)), sought(sets.values())
    collector = Collector(access, deadline, topics=["old"], ages_s={"old": 1.0}, times_ms=times_ms)
    live = Live("dev", time.time(), kafka=collector.collect(), gaps=collector.gaps, backups=sets)
    wanted = desired(tiered=run)
    return {
        name: [f"{each.status}: {each.message}" for each in check.ask(wanted, live).outcomes]
        for name, check in all_checks().items()
        if name in ("backup-integrity", "backup-consistent", "backup-history")
    }
