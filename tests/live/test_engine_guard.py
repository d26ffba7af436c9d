"""Backups as they are rendered: our steps around the real engine, and what becomes of a set where the engine alone spoils it.

On a volume that is really full, for a topic that is really made again, with two Jobs that are really there at once.
"""

import json
import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from live.engine_pod import Done
from live.engine_records import Record, by_partition, read, various, write
from live.engine_site import CONFIG, BackupSet, Site

from generator.contract.settings import BackupRun, BackupStorage
from verify.collect.backups.look import ALL, Look
from verify.collect.backups.sets import collect
from verify.live.live import BackupSet as SeenSet

pytestmark = [pytest.mark.live, pytest.mark.engine]

_EPOCH_MS = 1_700_000_000_000
_STEPS = ["begin", "kafka-backup", "prove"]
_TIGHT = "CronJob/backup-tight"
_VOLUME_MIB = 34
_ROUND = 1200
"""Records of a round, 8 KiB each, which nothing packs."""


def _write(site: Site, number: int = _ROUND) -> None:
    noise = (Record(each % 2, b"k", os.urandom(8192), _EPOCH_MS + each) for each in range(number))
    write(site.client, "crowd", noise)


def _codes(done: dict[str, Done]) -> list[tuple[str, int]]:
    return [(name, each.code) for name, each in done.items()]


def _good(done: dict[str, Done]) -> None:
    assert _codes(done) == [(step, 0) for step in _STEPS], [each.log for each in done.values()]


def _refused(done: dict[str, Done], step: str, code: int) -> str:
    """What the step said that ended the pod."""
    *_, (last, ended) = done.items()
    assert (last, ended.code) == (step, code), ended.log
    return ended.log


@pytest.fixture
def folder(site: Site) -> Iterator[Path]:
    """The claim, with nothing in it, and the topic anew."""
    site.kafka.delete_topic("crowd")
    site.kafka.create_topic("crowd", partitions=2, config={"retention.ms": "-1"})
    claim = site.pods.claim("backup-tight")
    yield claim
    for each in claim.iterdir():
        shutil.rmtree(each)


@pytest.fixture
def volume(folder: Path) -> Iterator[Path]:
    """The same as a file system of its own, which can be full."""
    if os.geteuid() != 0:
        pytest.skip("only root mounts a volume")
    options = f"size={_VOLUME_MIB}m,mode=777"
    subprocess.run(["mount", "-t", "tmpfs", "-o", options, "none", str(folder)], check=True)
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


def _fill(folder: Path, left: int) -> None:
    free = shutil.disk_usage(folder).free
    (folder / "filler").write_bytes(b"x" * (free - left))


def _seen(folder: Path, name: str = "tight") -> SeenSet:
    """The set as checks see it, each segment held against its sum."""
    run = BackupRun(f"backup-{name}", name, BackupStorage("filesystem"), ("crowd",), backup=name)
    found, gaps = collect({name: run}, Look(paths={name: folder}, sample=ALL), time.time(), time.monotonic() + 60)  # fmt: skip
    assert not gaps
    return found[name]


def _is_whole(folder: Path) -> bool:
    found = _seen(folder)
    wrong = (found.missing.count, found.sizes.count, found.integrity.wrong.count)
    return not found.fault and wrong == (0, 0, 0) and not found.unfinished


def _restores(site: Site, count: int) -> None:
    """The set comes back as it is, record by record, up to so many of each partition."""
    site.kafka.delete_topic("restored.crowd")
    site.kafka.create_topic("restored.crowd", partitions=2, config={"retention.ms": "-1"})
    site.kafka.settle()
    mapping = {"crowd": "restored.crowd"}
    name = f"back-{time.monotonic_ns()}"
    job = site.restore_job(name, "tight", ["crowd"], topic_mapping=mapping)
    done = site.pods.run(job, name, ["restore", "--config", CONFIG])
    assert done.code == 0, done.log
    source = by_partition(read(site.client, "crowd"))
    assert by_partition(read(site.client, "restored.crowd")) == {
        number: records[:count] for number, records in source.items()
    }


def test_engine_alone_loses_the_older_backup_on_a_full_volume(site: Site, volume: Path) -> None:
    """Why there is a guard: it says that it went well, and the set that was good is not."""
    _write(site)
    assert site.pods.run(_TIGHT).code == 0
    assert _is_whole(volume)
    _write(site)
    _fill(volume, 2 * 2**20)
    done = site.pods.run(_TIGHT, "run-2")

    assert done.code == 0
    assert "completed successfully" in done.log
    (volume / "filler").unlink()
    assert not _is_whole(volume)


def test_volume_that_fills_during_a_run(site: Site, volume: Path) -> None:
    """The run is not good, the older set is as it was and comes back, and with room the next one makes it whole."""
    _write(site)
    _good(site.pods.run_all(_TIGHT, "run-1"))
    before = BackupSet(volume / "tight").manifest
    _write(site)
    done = site.pods.run_all(
        _TIGHT, "run-2", between={"kafka-backup": lambda: _fill(volume, 2 * 2**20)}
    )
    said = _refused(done, "prove", 6)

    assert done["kafka-backup"].code == 0
    assert "what was proved last is the set again" in said
    assert BackupSet(volume / "tight").manifest == before
    assert _is_whole(volume)
    _restores(site, _ROUND // 2)
    refused = site.pods.run_all(_TIGHT, "run-2")
    assert "MiB are needed with a reserve" in _refused(refused, "begin", 6)
    (volume / "filler").unlink()
    _good(site.pods.run_all(_TIGHT, "run-3"))
    assert _is_whole(volume)
    _restores(site, _ROUND)


def test_volume_that_fills_during_the_first_run(site: Site, volume: Path) -> None:
    """Nothing was proved; with room the next run begins as if there had been none."""
    _write(site)
    done = site.pods.run_all(
        _TIGHT, "run-1", between={"kafka-backup": lambda: _fill(volume, 2**20)}
    )
    said = _refused(done, "prove", 6)

    assert "the set is as if no run had begun" in said
    assert not (volume / "tight/manifest.json").exists()
    (volume / "filler").unlink()
    _good(site.pods.run_all(_TIGHT, "run-2"))
    assert _is_whole(volume)
    _restores(site, _ROUND // 2)


def test_run_that_finds_no_room_does_not_begin(site: Site, volume: Path) -> None:
    """A first one by a sample of what is there, a later one by what the set has taken so far."""
    _write(site)
    _fill(volume, 5 * 2**20)
    said = _refused(site.pods.run_all(_TIGHT, "run-1"), "begin", 6)
    assert "1200 offsets are to be read" in said
    (volume / "filler").unlink()
    _good(site.pods.run_all(_TIGHT, "run-1"))
    before = BackupSet(volume / "tight").manifest
    _write(site)
    _fill(volume, 5 * 2**20)
    _refused(site.pods.run_all(_TIGHT, "run-2"), "begin", 6)

    assert BackupSet(volume / "tight").manifest == before
    _restores(site, _ROUND // 2)


def test_engine_alone_goes_on_with_a_topic_that_was_made_again(site: Site, folder: Path) -> None:
    """Why there is a guard: most of what was written since is in no backup, and nobody says so."""
    _write(site, 300)
    assert site.pods.run(_TIGHT).code == 0
    _make_again(site)
    _write(site, 500)

    assert site.pods.run(_TIGHT, "run-2").code == 0
    partitions = BackupSet(folder / "tight").partitions
    held = sum(each["record_count"] for one in partitions.values() for each in one["segments"])
    assert held == 500


def _make_again(site: Site) -> None:
    site.kafka.delete_topic("crowd")
    site.kafka.create_topic("crowd", partitions=2, config={"retention.ms": "-1"})


@pytest.mark.parametrize("known", [True, False])
def test_topic_that_was_made_again_is_refused(site: Site, folder: Path, known: bool) -> None:
    """By its id; of a set that no id is known of, by offsets that Kafka has never had."""
    _write(site, 300)
    _good(site.pods.run_all(_TIGHT, "run-1"))
    before = BackupSet(folder / "tight").manifest
    if not known:
        (folder / "tight/strimzi-gitops-identity.json").unlink()
    _make_again(site)
    _write(site, 500 if known else 200)
    said = _refused(site.pods.run_all(_TIGHT, "run-2"), "begin", 5)

    assert "was deleted and made again" in said
    assert "crowd" in said
    assert "rename backups.tight in the intent to begin a new one" in said
    assert BackupSet(folder / "tight").manifest == before


def test_topic_that_is_made_again_while_the_engine_waits(site: Site, folder: Path) -> None:
    """What the engine added of another topic is taken back."""
    _write(site, 300)
    _good(site.pods.run_all(_TIGHT, "run-1"))
    before = BackupSet(folder / "tight").manifest

    def again() -> None:
        _make_again(site)
        _write(site, 500)

    said = _refused(site.pods.run_all(_TIGHT, "run-2", between={"kafka-backup": again}), "prove", 5)
    assert "was deleted and made again" in said
    assert BackupSet(folder / "tight").manifest == before


def test_two_jobs_at_once_while_records_come(site: Site, folder: Path) -> None:
    """The one that somebody started by hand is refused, the other one is good; and afterwards both may."""
    _write(site)
    by_hand: dict[str, Done] = {}

    def another(_: object) -> None:
        with ThreadPoolExecutor(1) as pool:
            coming = pool.submit(_write, site, 400)
            by_hand.update(site.pods.run_all(_TIGHT, "by-hand"))
            coming.result()

    done = site.pods.run_all(_TIGHT, "backup-tight-1", during={"kafka-backup": another})
    _good(done)
    said = _refused(by_hand, "begin", 1)
    assert "the Job backup-tight-1 is at work in tight until" in said
    _good(site.pods.run_all(_TIGHT, "by-hand-2"))
    assert _is_whole(folder)
    _restores(site, (_ROUND + 400) // 2)


def _at_once(process: subprocess.Popen[str], _: Path) -> None:
    process.kill()


def _with_the_lock(process: subprocess.Popen[str], folder: Path) -> None:
    lock = folder / "tight/strimzi-gitops-lock.json"
    while process.poll() is None and "run-2" not in lock.read_text():
        time.sleep(0.001)
    process.kill()


def _with_a_segment(process: subprocess.Popen[str], _: Path) -> None:
    assert process.stdout is not None
    for line in process.stdout:
        if "Wrote segment" in line:
            break
    process.kill()


def _with_a_copy(process: subprocess.Popen[str], folder: Path) -> None:
    copy = folder / "tight/strimzi-gitops-proved-offsets.db"
    before = copy.stat().st_mtime_ns
    while process.poll() is None and copy.stat().st_mtime_ns == before:
        time.sleep(0.001)
    process.kill()


@pytest.mark.parametrize(
    ("step", "kill"),
    [
        ("begin", _at_once), ("begin", _with_the_lock), ("kafka-backup", _at_once),
        ("kafka-backup", _with_a_segment), ("prove", _at_once), ("prove", _with_a_copy),
    ],
)  # fmt: skip
def test_job_that_is_killed_at_any_step_goes_on(
    site: Site, folder: Path, step: str, kill: Callable[[subprocess.Popen[str], Path], None]
) -> None:
    """Its next try takes the lock over."""
    _write(site, 200)
    _good(site.pods.run_all(_TIGHT, "run-1"))
    _write(site, 400)
    done = site.pods.run_all(_TIGHT, "run-2", during={step: lambda each: kill(each, folder)})
    *_, (last, ended) = done.items()

    # The last step may have been faster than who kills it.
    assert (last, ended.code) in ((step, -9), ("prove", 0)), ended.log
    _good(site.pods.run_all(_TIGHT, "run-2"))
    assert _is_whole(folder)
    _restores(site, 300)


def test_engine_that_is_told_to_stop_is_not_believed(site: Site, folder: Path) -> None:
    """It ends with 0; what it has written until then stays, and the next run goes on from there."""
    _write(site, 400)

    def stop(process: subprocess.Popen[str]) -> None:
        assert process.stdout is not None
        for line in process.stdout:
            if "Wrote segment" in line:
                break
        process.terminate()

    done = site.pods.run_all(_TIGHT, "run-1", during={"kafka-backup": stop})
    said = _refused(done, "prove", 5)

    assert "what it holds so far stays" in said
    before = BackupSet(folder / "tight").files
    assert before
    _good(site.pods.run_all(_TIGHT, "run-2"))
    assert before.items() < BackupSet(folder / "tight").files.items()
    assert _is_whole(folder)
    _restores(site, 200)


def test_what_retention_drops_is_not_missed(site: Site) -> None:
    """Each run drops the oldest segment, which the manifest then says."""
    for number in range(3):
        noise = [Record(0, b"k", os.urandom(2000), _EPOCH_MS + number)]
        write(site.client, "quiet", noise)
        _good(site.pods.run_all("CronJob/backup-trimmed", f"backup-trimmed-{number}"))
    partition = site.set_of("trimmed").partitions["quiet", 0]
    assert (len(partition["segments"]), bool(partition["pruned"])) == (1, True)


def test_object_store_is_guarded_as_well(site: Site) -> None:
    """Under a condition that the store itself keeps; of room nobody knows there, and nothing is said."""
    write(site.client, "orders", various(300))
    cloud = "CronJob/backup-cloud"
    by_hand: dict[str, Done] = {}
    done = site.pods.run_all(
        cloud, "run-1", during={"kafka-backup": lambda _: by_hand.update(site.pods.run_all(cloud, "by-hand"))}
    )  # fmt: skip
    _good(done)
    assert "the Job run-1 is at work in cloud until" in _refused(by_hand, "begin", 1)
    assert "room" not in done["begin"].log
    for each in (*done.values(), *by_hand.values()):
        assert not [word for word in site.forbidden_words if word in each.log]
    identity = json.loads(site.store.get("dev/events/cloud/strimzi-gitops-identity.json"))
    assert identity["clusterId"] == site.kafka.admin.list_topics(timeout=60).cluster_id
    site.kafka.delete_topic("orders")
    site.kafka.create_topic("orders", partitions=3, config={"retention.ms": "-1"})
    said = _refused(site.pods.run_all(cloud, "run-2"), "begin", 5)
    assert "write another backups.cloud.storage.s3.prefix in the intent" in said


def test_full_backups_are_proved_each_by_itself(site: Site) -> None:
    """Whose Job's name is the set's."""
    write(site.client, "quiet", [Record(0, b"k", b"v", _EPOCH_MS)])
    for name in ("backup-single-29380560", "backup-single-29382000"):
        _good(site.pods.run_all("CronJob/backup-single", name))
        folder = site.set_of("single", name).folder
        assert (folder / "strimzi-gitops-identity.json").exists()
        assert not (folder / "strimzi-gitops-lock.json").exists()
