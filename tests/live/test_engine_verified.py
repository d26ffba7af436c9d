"""Sets of the real engine before `strimzi-verify`: good ones pass, and every fault has its check.

The command is asked as on a laptop: Kafka by address, and a copy of the set in a folder.
"""

import json
import os
import shutil
import signal
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import yaml
from backup_forgeries import FORGERIES, Forgery, without_a_partition
from confluent_kafka import TopicCollection, TopicPartition
from confluent_kafka.admin import AdminClient
from live.answers import DEADLINE_S
from live.application import Application
from live.engine_records import Record, various, write, write_transactions
from live.engine_site import Site

from verify.cli.main import run

pytestmark = [pytest.mark.live, pytest.mark.engine]

_HOUR_MS = 3_600_000
_BULK = 2400


@pytest.fixture(scope="module")
def taken(site: Site, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the set after two runs, and of what the manifest was after the first."""
    now_ms = int(time.time() * 1000)
    write(site.client, "orders", various(3000))
    write(site.client, "prices", (Record(0, b"k", b"%d" % each, now_ms) for each in range(100)))
    write(site.client, "payments", (Record(0, b"k", b"%d" % each, now_ms) for each in range(100)))
    parts = [[Record(0, b"k", b"%d" % each, now_ms) for each in range(9)]] * 3
    write_transactions(
        site.client, "payments", (True, parts[0]), (False, parts[1]), (True, parts[2])
    )
    Application(site.client).read("orders", "billing", 700)
    folder = tmp_path_factory.mktemp("taken")
    for number in (1, 2):
        done = site.pods.run("CronJob/backup-whole", f"backup-whole-{number}")
        assert done.code == 0, done.log
        if number == 1:
            shutil.copytree(site.set_of("whole").folder, folder / "before/whole")
            write(site.client, "orders", various(300, start=3000))
    shutil.copytree(site.set_of("whole").folder, folder / "whole")
    return folder


@pytest.fixture
def copy(taken: Path, tmp_path: Path) -> Path:
    """The set of the backup `whole`, to break."""
    shutil.copytree(taken / "whole", tmp_path / "whole")
    return tmp_path / "whole"


Outcomes = dict[str, list[tuple[str, str]]]
"""Statuses and messages of a run's outcomes, by check."""
Judge = Callable[..., Outcomes]


@pytest.fixture
def judge(site: Site, capsys: pytest.CaptureFixture[str]) -> Judge:
    """What the command says of a folder, as the backup of this name."""

    def ask(folder: Path, backup: str = "whole") -> Outcomes:
        way = site.kafka.application("tls", "verify")
        capsys.readouterr()
        run([
            "--root", str(site.project), "run", "dev", "--no-kubernetes", "--only", "backup",
            "--bootstrap", way["bootstrap.servers"], "--ca", way["ssl.ca.location"],
            "--cert", way["ssl.certificate.location"], "--key", way["ssl.key.location"],
            "--backup-path", f"{backup}={folder}", "--backup-sample", "all", "--format", "json",
            "--round-timeout", "90s",
        ])  # fmt: skip
        report = json.loads(capsys.readouterr().out)
        found: Outcomes = {}
        for result in report["checks"]:
            said = [
                (each["status"], each["message"])
                for each in result["outcomes"]
                if each["subject"].split("/")[0] in (backup, "")
            ]
            found[result["check"]] = said
        return found

    return ask


def _failed(found: Outcomes) -> set[str]:
    return {name for name, said in found.items() if any(status == "fail" for status, _ in said)}


def _manifest(folder: Path, change: Callable[[dict[str, Any]], None]) -> None:
    file = folder / "manifest.json"
    content = json.loads(file.read_text())
    change(content)
    file.write_text(json.dumps(content))


def _segments(content: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for topic in content["topics"]:
        for partition in topic["partitions"]:
            yield from partition["segments"]


def _first(folder: Path) -> Path:
    return min(folder.rglob("segment-*"))


def test_good_set_passes(judge: Judge, copy: Path) -> None:
    """Two runs after one another, and Kafka has nothing that is not in them."""
    found = judge(copy.parent)

    assert _failed(found) == set()
    for name in ("manifest", "topics", "segments", "integrity", "consistent", "coverage", "complete",
                 "gaps", "age", "groups", "offsets", "history", "state", "writers", "clock"):  # fmt: skip
        assert {status for status, _ in found[f"backup-{name}"]} <= {"pass"}, found[
            f"backup-{name}"
        ]


def _missing(folder: Path) -> None:
    _first(folder).unlink()


def _truncated(folder: Path) -> None:
    segment = _first(folder)
    segment.write_bytes(segment.read_bytes()[:-7])


def _flipped(folder: Path) -> None:
    segment = _first(folder)
    content = bytearray(segment.read_bytes())
    content[len(content) // 2] ^= 1
    segment.write_bytes(content)


def _emptied(folder: Path) -> None:
    (folder / "manifest.json").write_text("")


def _scribbled(folder: Path) -> None:
    (folder / "manifest.json").write_text('{"backup_id": "whole", "topics": [')


def _without_groups(folder: Path) -> None:
    (folder / "consumer-groups-snapshot.json").unlink()


def _ahead(folder: Path) -> None:
    """As of a machine whose clock is two hours fast."""

    def later(content: dict[str, Any]) -> None:
        for each in _segments(content):
            each["uploaded_at"] += 2 * _HOUR_MS

    _manifest(folder, later)


def _two_writers(folder: Path) -> None:
    """As two runs leave it that wrote the same records side by side: the later manifest has both."""

    def twice(content: dict[str, Any]) -> None:
        topic = next(each for each in content["topics"] if each["name"] == "orders")
        segments = topic["partitions"][0]["segments"]
        other = dict(segments[0])
        other["key"] += "-other"
        shutil.copy(folder.parent / segments[0]["key"], folder.parent / other["key"])
        segments.insert(1, other)

    _manifest(folder, twice)


def _without_a_topic(folder: Path) -> None:
    def drop(content: dict[str, Any]) -> None:
        content["topics"] = [each for each in content["topics"] if each["name"] != "orders"]
        shutil.rmtree(folder / "topics/orders")

    _manifest(folder, drop)


def _of_somebody_else(folder: Path) -> None:
    _manifest(folder, lambda content: content.update(backup_id="other"))


def _wrong_prefix(folder: Path) -> None:
    folder.rename(folder.with_name("elsewhere"))


def _no_state(folder: Path) -> None:
    (folder / "offsets.db").write_bytes(b"no database")


FAULTS: dict[str, tuple[Callable[[Path], None], set[str]]] = {
    "a segment is missing": (_missing, {"backup-segments"}),
    "a segment is truncated": (_truncated, {"backup-segments"}),
    "a bit is flipped": (_flipped, {"backup-integrity"}),
    "the manifest is empty": (_emptied, {"backup-manifest"}),
    "the manifest is unreadable": (_scribbled, {"backup-manifest"}),
    "the manifest is another set's": (_of_somebody_else, {"backup-manifest"}),
    "the prefix is wrong": (_wrong_prefix, {"backup-manifest"}),
    "the snapshot of groups is missing": (_without_groups, {"backup-groups"}),
    "the clock was ahead": (_ahead, {"backup-clock"}),
    "two writers": (_two_writers, {"backup-writers"}),
    "a topic is missing": (_without_a_topic, {"backup-topics"}),
    "the record of offsets is none": (_no_state, {"backup-state"}),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_fault_is_caught_by_its_check(judge: Judge, copy: Path, fault: str) -> None:
    """By the right one, and by no other."""
    break_, checks = FAULTS[fault]
    break_(copy)

    assert _failed(judge(copy.parent)) == checks


@pytest.mark.parametrize("forgery", FORGERIES, ids=lambda each: each.__name__)
def test_forgery_is_caught(judge: Judge, copy: Path, forgery: Forgery) -> None:
    """Though all sums fit."""
    forgery(copy)

    assert _failed(judge(copy.parent)) >= FORGERIES[forgery]


def test_set_of_another_cluster_is_caught(judge: Judge, copy: Path, site: Site) -> None:
    """By what is written down beside it; one of this cluster and its topics passes."""
    admin = AdminClient(site.client)
    topic = admin.describe_topics(TopicCollection(["orders"]))["orders"].result(DEADLINE_S)
    cluster = admin.describe_cluster().result(DEADLINE_S).cluster_id
    told = {"version": 1, "clusterId": cluster, "provedAt": "", "manifestSha256": "",
            "topics": {"orders": {"id": str(topic.topic_id), "partitions": 3}}}  # fmt: skip
    file = copy / "strimzi-gitops-identity.json"
    for change, failed in (({}, set()), ({"clusterId": "other"}, {"backup-identity"}),
                           ({"topics": {"orders": {"id": "x"}}}, {"backup-identity"})):  # fmt: skip
        file.write_text(json.dumps(told | change))
        found = judge(copy.parent)
        assert _failed(found) == failed, found["backup-identity"]


def test_partition_that_is_in_no_backup_is_unhealthy(judge: Judge, copy: Path) -> None:
    """However old its records are; they are counted."""
    without_a_partition(copy)

    assert judge(copy.parent)["backup-coverage"] == [
        ("fail", "1100 records in no backup, which lacks orders-1 from 0 to 1099")
    ]


def test_stale_set_is_caught(judge: Judge, taken: Path, tmp_path: Path) -> None:
    """The set as the first run left it, more than two days ago; Kafka has been written to since."""
    folder = tmp_path / "whole"
    shutil.copytree(taken / "before/whole", folder)

    def older(content: dict[str, Any]) -> None:
        for each in _segments(content):
            each["uploaded_at"] -= 60 * _HOUR_MS

    _manifest(folder, older)
    snapshot = folder / "consumer-groups-snapshot.json"
    groups = json.loads(snapshot.read_text())
    groups["snapshot_time"] -= 60 * _HOUR_MS
    snapshot.write_text(json.dumps(groups))
    with closing(sqlite3.connect(folder / "offsets.db")) as database, database:
        database.execute(
            "update backup_jobs set created_at = created_at - ?, last_heartbeat = last_heartbeat - ?",
            (60 * _HOUR_MS, 60 * _HOUR_MS),
        )

    assert _failed(judge(tmp_path)) == {"backup-age"}


def test_run_that_was_stopped_is_caught(site: Site, judge: Judge) -> None:
    """SIGTERM in the middle: exit code 0, job completed, and half of the records."""
    noise = (
        Record(each % 2, b"k", b"%d" % each * 2000, 1_700_000_000_000) for each in range(_BULK)
    )
    write(site.client, "bulk", noise)
    with site.pods.running("CronJob/backup-slow") as process:
        assert process.stdout is not None
        for line in process.stdout:
            if "Wrote segment" in line:
                break
        process.send_signal(signal.SIGTERM)
        rest = process.stdout.read()
        assert process.wait() == 0, rest
    assert _failed(judge(site.set_of("slow").folder.parent, "slow")) == {"backup-complete"}


def test_pattern_that_matched_nothing_is_caught(site: Site, judge: Judge) -> None:
    """The engine is content with a set that holds no topic at all."""
    kept = site.pods.objects["ConfigMap/backup-missing"]
    config = yaml.safe_load(kept["data"]["backup.yaml"])
    config["source"]["topics"] = {"include": ["nobody-made-*"]}
    site.pods.objects["ConfigMap/backup-missing"] = {
        "data": {**kept["data"], "backup.yaml": yaml.safe_dump(config)}
    }
    try:
        assert site.pods.run("CronJob/backup-missing").code == 0
    finally:
        site.pods.objects["ConfigMap/backup-missing"] = kept

    found = judge(site.set_of("missing").folder.parent, "missing")
    assert _failed(found) == {"backup-manifest"}


def test_retention_that_overtook_the_backup_is_caught(site: Site, judge: Judge) -> None:
    """Records that Kafka deleted before the next run came by: the run succeeds all the same."""
    now_ms = int(time.time() * 1000)
    write(site.client, "quiet", (Record(0, b"k", b"%d" % each, now_ms) for each in range(50)))
    assert site.pods.run("CronJob/backup-trimmed").code == 0
    write(site.client, "quiet", (Record(0, b"k", b"%d" % each, now_ms) for each in range(50)))
    admin = AdminClient(site.client)
    for answer in admin.delete_records([TopicPartition("quiet", 0, 80)]).values():
        answer.result(DEADLINE_S)
    done = site.pods.run("CronJob/backup-trimmed", "run-2")
    assert done.code == 0, done.log

    found = judge(site.set_of("trimmed").folder.parent, "trimmed")
    assert _failed(found) == {"backup-gaps"}


def test_set_whose_old_segments_were_dropped_passes(site: Site, judge: Judge) -> None:
    """Retention of the backup accounts for what it took away."""
    now_ms = int(time.time() * 1000)
    for number in range(3):
        noise = (Record(0, b"k", os.urandom(900), now_ms) for _ in range(5))
        write(site.client, "bulk", noise)
        done = site.pods.run("CronJob/backup-pruned", f"run-{number}")
        assert done.code == 0, done.log
    partition = site.set_of("pruned").partitions["bulk", 0]
    found = judge(site.set_of("pruned").folder.parent, "pruned")

    assert partition["pruned"]
    assert _failed(found) == set()


def test_topic_that_was_made_anew_is_caught(site: Site, judge: Judge, copy: Path) -> None:
    """Its records are others, though there are as many as in the backup, and nobody wrote down its id."""
    ends = site.set_of("whole").partitions["payments", 0]["snapshot_end_offset"]
    site.kafka.delete_topic("payments")
    site.kafka.create_topic("payments", partitions=1, config={"retention.ms": "-1"})
    later_ms = int(time.time() * 1000)
    write(
        site.client, "payments", (Record(0, b"k", b"%d" % each, later_ms) for each in range(ends))
    )

    assert _failed(judge(copy.parent)) == {"backup-history"}
