"""Backups as they are rendered, made by the real engine of a real Kafka: what is in the sets."""

import json
import os
from hashlib import sha256
from typing import Any, NamedTuple

import pytest
from confluent_kafka import Producer
from live.answers import DEADLINE_S
from live.application import Application
from live.engine_pod import Done
from live.engine_records import Record, various, write, write_transactions
from live.engine_site import CONFIG, Site

pytestmark = [pytest.mark.live, pytest.mark.engine]

_EPOCH_MS = 1_700_000_000_000


class Taken(NamedTuple):
    """A set at the end of a run."""

    done: Done
    manifest: dict[str, Any]
    partitions: dict[tuple[str, int], dict[str, Any]]
    files: dict[str, bytes]
    groups: dict[str, Any]
    offsets: dict[tuple[str, int], int]
    jobs: list[tuple[Any, ...]]


def _take(site: Site, backup: str, job: str) -> Taken:
    done = site.pods.run(f"CronJob/backup-{backup}", job)
    found = site.set_of(backup)
    rows = found.ask("select topic, partition, last_offset from offsets")
    return Taken(
        done, found.manifest, found.partitions, found.files, found.groups,
        {(topic, partition): offset for topic, partition, offset in rows},
        found.ask("select backup_id, status, last_heartbeat from backup_jobs"),
    )  # fmt: skip


@pytest.fixture(scope="module")
def first(site: Site) -> Taken:
    """The first run, after applications have written all kinds of records."""
    write(site.client, "orders", various(3000))
    prices = (
        Record(0, f"article-{number % 25}".encode(), b"%d" % number, _EPOCH_MS + number)
        for number in range(1000)
    )
    write(site.client, "prices", prices)
    write(site.client, "quiet", [Record(0, b"k", b"v", _EPOCH_MS)])
    parts = [
        (committed, [Record(0, b"k", b"%d" % number, _EPOCH_MS + number) for number in range(50)])
        for committed in (True, False, True)
    ]
    write_transactions(site.client, "payments", *parts)
    Application(site.client).read("orders", "billing", 700)
    Application(site.client).read("quiet", "listeners")
    return _take(site, "whole", "backup-whole-1")


@pytest.fixture(scope="module")
def second(site: Site, first: Taken) -> Taken:
    """The next run, after a few more records in one topic; its pod knows nothing of the first."""
    assert first.done.code == 0
    write(site.client, "orders", various(300, start=3000))
    return _take(site, "whole", "backup-whole-2")


def test_engine_takes_the_config_as_it_is_rendered(first: Taken, second: Taken, site: Site) -> None:
    """Nothing in it is unknown, deprecated or denied; and no log tells a secret."""
    for done in (first.done, second.done):
        assert (done.code, done.warnings) == (0, []), done.log
        assert not [word for word in site.forbidden_words if word in done.log]


def test_set_holds_every_committed_record(first: Taken) -> None:
    """Of aborted transactions nothing is kept, though the set says how far it has read past them."""
    counts = {
        place: sum(each["record_count"] for each in partition["segments"])
        for place, partition in first.partitions.items()
    }
    assert counts == {
        **{("orders", number): 1000 for number in range(3)},
        ("prices", 0): 1000,
        ("payments", 0): 100,
        ("quiet", 0): 1,
    }
    (payments,) = first.partitions["payments", 0]["segments"]
    assert (payments["aborted_records_dropped"], payments["control_records_skipped"]) == (50, 3)
    for place, partition in first.partitions.items():
        assert partition["covered_through"] + 1 == partition["snapshot_end_offset"], place
        assert first.offsets[place] == partition["covered_through"]


def test_segments_are_what_the_manifest_says(second: Taken) -> None:
    """Every file by its size and SHA-256, and none beside them."""
    said = {
        segment["key"].removeprefix("whole/"): (segment["compressed_size"], segment["sha256"])
        for partition in second.partitions.values()
        for segment in partition["segments"]
    }
    found = {
        name: (len(content), sha256(content).hexdigest()) for name, content in second.files.items()
    }
    assert found == said


def test_topics_without_records_are_known(first: Taken) -> None:
    """A partition in which nothing was ever written is only counted."""
    topics = {each["name"]: each for each in first.manifest["topics"]}
    assert {name: each["original_partition_count"] for name, each in topics.items()} == {
        "orders": 3, "payments": 1, "prices": 1, "quiet": 2
    }  # fmt: skip
    assert [each["partition_id"] for each in topics["quiet"]["partitions"]] == [0]
    assert topics["prices"]["configurations"]["cleanup.policy"] == "compact"


def test_groups_are_where_they_were(first: Taken, second: Taken) -> None:
    """What each has committed on topics of the set, also where nothing new was written."""
    (offsets,) = first.groups["billing"].values()
    assert sum(offsets.values()) == 700
    assert first.groups["listeners"] == {"quiet": {"0": 1}}
    assert second.groups == first.groups


def test_next_run_adds_only_what_is_new(first: Taken, second: Taken) -> None:
    """It goes on where the database beside the manifest says, and touches nothing that is there."""
    assert "Loaded offset database from storage: whole/offsets.db" in second.done.log
    assert first.files.items() <= second.files.items()
    added = [
        segment
        for place, partition in second.partitions.items()
        for segment in partition["segments"]
        if segment not in first.partitions[place]["segments"]
    ]
    assert {each["key"].split("/")[2] for each in added} == {"orders"}
    assert [(each["start_offset"], each["record_count"]) for each in added] == [(1000, 100)] * 3
    assert second.manifest["created_at"] == first.manifest["created_at"]


def test_run_without_anything_new_leaves_only_a_sign_of_life(site: Site, second: Taken) -> None:
    """The manifest says the same as before; the job's heartbeat tells that there was a run."""
    site.kafka.until(lambda: _now_s(site) > second.jobs[0][2] // 1000 + 1, "get older")
    third = _take(site, "whole", "backup-whole-3")

    assert (third.done.code, third.done.warnings) == (0, [])
    assert (third.manifest, third.files) == (second.manifest, second.files)
    assert third.jobs[0][:2] == ("whole", "completed")
    assert third.jobs[0][2] > second.jobs[0][2]


def _now_s(site: Site) -> float:
    """The time, as a disk has it."""
    stamp = site.pods.folder / "now"
    stamp.touch()
    return stamp.stat().st_mtime


def test_engine_finds_what_is_broken(site: Site, second: Taken) -> None:
    """Its own validation is content with the set, and not with one that lost a bit or a segment."""
    command = ["validate", "--path", "/data", "--backup-id", "whole", "--deep"]
    assert site.pods.run("CronJob/backup-whole", args=command).code == 0

    name, content = next(iter(second.files.items()))
    segment = site.set_of("whole").folder / name
    middle = len(content) // 2
    flipped = content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :]
    try:
        segment.write_bytes(flipped)
        assert site.pods.run("CronJob/backup-whole", args=command).code == 1
        segment.unlink()
        assert "missing" in site.pods.run("CronJob/backup-whole", args=command[:-1]).log
    finally:
        segment.write_bytes(content)


def test_full_backups_are_sets_of_their_own(site: Site, second: Taken) -> None:
    """Each run's Job names one, and each has everything; a second try goes on with the first's."""
    names = ["backup-single-29380560", "backup-single-29382000"]
    for name in [*names, names[1]]:
        done = site.pods.run("CronJob/backup-single", name)
        assert (done.code, done.warnings) == (0, []), done.log

    assert sorted(each.name for each in site.pods.claim("backup-single").iterdir()) == names
    whole = {place: each["covered_through"] for place, each in second.partitions.items()}
    for name in names:
        partitions = site.set_of("single", name).partitions
        assert {place: each["covered_through"] for place, each in partitions.items()} == whole
        assert all(len(each["segments"]) == 1 for each in partitions.values())


def test_object_store_and_password(site: Site, second: Taken) -> None:
    """Over SCRAM into S3, under the prefix of the environment; the second run finds the first's."""
    assert second.done.code == 0
    runs = []
    for number in (1, 2):
        write(site.client, "quiet", [Record(0, b"k", b"cloud", _EPOCH_MS + number)])
        done = site.pods.run("CronJob/backup-cloud", f"backup-cloud-{number}")
        assert (done.code, done.warnings) == (0, []), done.log
        assert not [word for word in site.forbidden_words if word in done.log]
        runs.append(site.store.keys())
    folder = "dev/events/cloud"
    manifest = json.loads(site.store.get(f"{folder}/manifest.json"))
    said = {
        f"dev/events/{segment['key']}": segment["sha256"]
        for topic in manifest["topics"]
        for partition in topic["partitions"]
        for segment in partition["segments"]
    }

    (new,) = set(runs[1]) - set(runs[0])
    assert new.startswith(f"{folder}/topics/quiet/partition=0/segment-")
    beside = [f"{folder}/{name}" for name in ("manifest.json", "offsets.db")]
    assert runs[1] == sorted([*said, *beside, f"{folder}/consumer-groups-snapshot.json"])
    assert {key: sha256(site.store.get(key)).hexdigest() for key in said} == said


def test_open_transaction_is_left_to_the_next_run(site: Site, second: Taken) -> None:
    """Nothing behind its beginning is read as long as nobody knows how it ends."""
    end = second.partitions["payments", 0]["snapshot_end_offset"]
    producer = Producer(site.client | {"transactional.id": "slow-writer"})
    producer.init_transactions(DEADLINE_S)
    producer.begin_transaction()
    producer.produce("payments", b"at last", b"k")
    assert producer.flush(DEADLINE_S) == 0
    during = _take(site, "whole", "backup-whole-4")
    producer.commit_transaction(DEADLINE_S)
    after = _take(site, "whole", "backup-whole-5")

    assert (during.done.code, after.done.code) == (0, 0)
    assert during.partitions["payments", 0]["snapshot_end_offset"] == end
    assert after.partitions["payments", 0]["segments"][-1]["record_count"] == 1


def test_groups_are_kept_by_hand(site: Site, second: Taken) -> None:
    """`snapshot-groups` writes what a run has not, such as one that was cut."""
    file = site.set_of("whole").folder / "consumer-groups-snapshot.json"
    file.unlink()
    done = site.pods.run("CronJob/backup-whole", args=["snapshot-groups", "--config", CONFIG])

    assert (done.code, done.warnings) == (0, [])
    assert site.set_of("whole").groups["billing"] == second.groups["billing"]


def test_retention_drops_the_oldest(site: Site) -> None:
    """Down to what is to be kept of each partition; the manifest tells what went, and that it did."""
    for number in range(3):
        noise = [Record(0, b"k", os.urandom(2000), _EPOCH_MS + number)]
        write(site.client, "quiet", noise)
        done = site.pods.run("CronJob/backup-trimmed", f"backup-trimmed-{number}")
        assert (done.code, done.warnings) == (0, []), done.log
    partition = site.set_of("trimmed").partitions["quiet", 0]

    assert len(partition["segments"]) == len(site.set_of("trimmed").files) == 1
    assert {each["reason"] for each in partition["pruned"]} == {"retention"}
    assert partition["pruned"][-1]["end_offset"] + 1 == partition["segments"][0]["start_offset"]
