"""Sets with every fault that there is: the right check tells, and no other one."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from checks.backup_answers import (
    ENDS,
    HOUR_S,
    SETS,
    backup,
    desired,
    failing,
    good,
    read,
    verdicts,
    writer,
)
from checks.kafka_answers import git, said
from checks.kubernetes_objects import NOW_S, body

from generator.contract.report import Status
from verify.checks.registry import all_checks
from verify.collect.backups.look import ALL
from verify.live.backups import Integrity
from verify.live.live import Cause, Gap, Kubernetes

DAY_S = 24 * HOUR_S
UNUSABLE = {name for name in SETS if name not in ("backup-manifest", "backup-volume")}


def test_a_good_backup(tmp_path: Path) -> None:
    """Every check passes, and tells what it saw."""
    good(tmp_path)
    wanted = desired()
    live = read(tmp_path, wanted, sample=ALL)

    assert verdicts(wanted, live) == {}
    place = tmp_path / "business/business"
    assert said("backup-manifest", wanted, live) == [
        f"pass business: {place}: 2 topics, 6 segments"
    ]
    assert said("backup-integrity", wanted, live) == ["pass business: 6 of 6 segments read"]
    assert said("backup-coverage", wanted, live) == ["pass business: 0 records not backed up yet"]
    assert said("backup-age", wanted, live) == ["pass business: 60 minutes old"]
    assert said("backup-topics", wanted, live) == ["pass business: 2 topics"]
    assert said("backup-groups", wanted, live) == ["pass business: 1 group"]
    assert said("backup-complete", wanted, live) == []
    assert said("backup-state", wanted, live) == []


def test_a_segment_is_missing(tmp_path: Path) -> None:
    """With its key."""
    (_, last) = good(tmp_path).files("prices")
    last.unlink()

    key = last.relative_to(tmp_path / "business")
    assert failing(tmp_path) == {"backup-segments": [f"fail: 1 segment missing: {key}"]}
    wanted = desired()
    assert len(said("backup-segments", wanted, read(tmp_path, wanted))) == 1


def test_a_segment_is_truncated(tmp_path: Path) -> None:
    """With what is left of it; nobody reads it on top of that."""
    (first, _) = good(tmp_path).files("prices")
    first.write_bytes(first.read_bytes()[:5])

    key = first.relative_to(tmp_path / "business")
    assert failing(tmp_path) == {
        "backup-segments": [f"fail: 1 segment of another size: {key} has 5 bytes, not 123"]
    }


def test_a_bit_is_flipped(tmp_path: Path) -> None:
    """Whose size is right."""
    (first, _) = good(tmp_path).files("prices")
    content = bytearray(first.read_bytes())
    content[9] ^= 1
    first.write_bytes(content)

    key = first.relative_to(tmp_path / "business")
    assert failing(tmp_path) == {
        "backup-integrity": [
            f"fail: 1 segment damaged: {key} has another checksum than the manifest says"
        ]
    }


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ("", "is empty"),
        ("{", "cannot be read: Input data was truncated"),
        ("[]", "cannot be read: Expected `object`, got `array`"),
        ("{}", "cannot be read: Object missing required field `backup_id`"),
        ('{"backup_id": "business", "topics": []}', "lists no topic"),
        ('{"backup_id": "other", "topics": []}', "is that of 'other', not of business"),
    ],
)
def test_a_manifest_cannot_be_used(tmp_path: Path, content: str, why: str) -> None:
    """Then nobody knows how the rest is."""
    (good(tmp_path).folder / "manifest.json").write_text(content)
    wanted = desired()
    found = verdicts(wanted, read(tmp_path, wanted))

    place = tmp_path / "business/business"
    assert found.pop("backup-manifest") == [f"fail: {place}: manifest.json {why}"]
    assert found == {name: [f"unknown: its manifest {why}"] for name in UNUSABLE}


@pytest.mark.parametrize(("minutes", "ended"), [(30, False), (63, False), (90, True)])
def test_a_run_is_under_way(tmp_path: Path, minutes: int, ended: bool) -> None:
    """Until its deadline it is no fault; a run that was killed says the same for ever."""
    half = {("orders", 0): 60}
    began_s = NOW_S - minutes * 60
    writer(tmp_path).run(ENDS, began_s, stopped_at=half, status="running")

    expected = {
        "backup-complete": ["fail: its last run ended too early: orders-0 to 60 of 100"],
        "backup-state": ["fail: its last run began 90 minutes ago and never ended"],
    }
    assert failing(tmp_path) == (expected if ended else {})
    wanted = desired()
    if not ended:
        live = read(tmp_path, wanted)
        assert said("backup-complete", wanted, live) == ["pass business: a run is under way"]
        assert said("backup-state", wanted, live) == ["pass business: a run is under way"]


def test_a_run_failed(tmp_path: Path) -> None:
    """Nobody has to wait for its deadline where Kubernetes says that no Job is active."""
    writer(tmp_path).run(ENDS, NOW_S - 1800, status="running")
    wanted = desired()
    live = read(tmp_path, wanted)
    job = body("Job", "a", "batch/v1", status={"conditions": [{"type": "Failed", "status": "True"}]},
               metadata={"ownerReferences": [{"kind": "CronJob", "name": "backup-business"}]})  # fmt: skip
    cron_job = body("CronJob", "backup-business", "batch/v1")
    objects = {"CronJob": {"backup-business": cron_job}, "Job": {"a": job}}
    live.kubernetes = Kubernetes("https://a", "kafka-dev", objects=objects)

    said_ = {"backup-state": ["fail: its last run began 30 minutes ago and never ended"]}
    assert verdicts(wanted, live) == said_
    job["status"] = {}
    assert verdicts(wanted, live) == {}


def test_a_pattern_matched_nothing(tmp_path: Path) -> None:
    """The run ended well, and wrote nothing at all, or a manifest without topics."""
    (tmp_path / "business").mkdir()

    place = tmp_path / "business/business"
    assert failing(tmp_path) == {
        "backup-manifest": [f"fail: {place}: manifest.json is not there, and nothing else either"]
    }
    writer(tmp_path).run({}, NOW_S - HOUR_S)
    assert failing(tmp_path) == {
        "backup-manifest": [f"fail: {place}: manifest.json lists no topic"]
    }


@pytest.mark.parametrize(("hours", "new"), [(1, True), (30, False)])
def test_a_backup_was_made_just_now(tmp_path: Path, hours: int, new: bool) -> None:
    """Whoever deploys it is not told that something is wrong, until a run is overdue."""
    (tmp_path / "business").mkdir()
    wanted = desired()
    live = read(tmp_path, wanted)
    made = datetime.fromtimestamp(NOW_S - hours * HOUR_S, UTC).isoformat()
    cron_job = body("CronJob", "backup-business", "batch/v1", metadata={"creationTimestamp": made},
                    spec={"schedule": "0 */4 * * *",
                          "jobTemplate": {"spec": {"activeDeadlineSeconds": 3600}}})  # fmt: skip
    objects = {"CronJob": {"backup-business": cron_job}}
    live.kubernetes = Kubernetes("https://a", "kafka-dev", objects=objects)

    assert list(verdicts(wanted, live, unknown=False)) == ([] if new else ["backup-manifest"])
    if new:
        assert said("backup-manifest", wanted, live) == ["pass business: no run has been due yet"]
        assert said("backup-age", wanted, live) == ["skip business: no run has been due yet"]


def test_a_prefix_is_wrong(tmp_path: Path) -> None:
    """The set lies elsewhere."""
    elsewhere = writer(tmp_path)
    elsewhere.root /= "prod"
    elsewhere.run(ENDS, NOW_S - HOUR_S)

    assert list(failing(tmp_path)) == ["backup-manifest"]


def test_the_snapshot_of_groups_is_missing(tmp_path: Path) -> None:
    """Or cannot be read; Git may say that nobody wants it."""
    found = good(tmp_path)
    file = found.folder / "consumer-groups-snapshot.json"
    file.write_text("{}")
    assert failing(tmp_path) == {
        "backup-groups": [
            "fail: the snapshot of groups cannot be read: Object missing required field `snapshot_time`"
        ]
    }
    file.unlink()
    assert failing(tmp_path) == {"backup-groups": ["fail: the snapshot of groups is not there"]}

    without = desired(business=backup(groups=False))
    assert said("backup-groups", without, read(tmp_path, without)) == [
        "skip business: Git says that it leaves groups out"
    ]
    found.run(ENDS, NOW_S - 60, groups=None, status="running")
    assert failing(tmp_path) == {
        "backup-groups": ["warn: the snapshot of groups is not there; a run is under way"]
    }


def test_the_snapshot_of_groups_is_old(tmp_path: Path) -> None:
    """The last run could not take one; without groups the engine keeps the old one."""
    found = writer(tmp_path)
    found.run(ENDS, NOW_S - 5 * HOUR_S, groups=2)
    found.run(ENDS, NOW_S - HOUR_S, groups=None)
    assert failing(tmp_path) == {"backup-groups": ["warn: 4 hours older than the last run"]}

    found.snapshot(0, NOW_S - 5 * HOUR_S)
    assert failing(tmp_path) == {}


@pytest.mark.parametrize(("hours", "words"), [
    (3, "fail: its newest part is from 2 hours in the future"),
    (-3, "fail: the storage got its newest segment 3 hours after it was uploaded"),
])  # fmt: skip
def test_a_clock_is_wrong(tmp_path: Path, hours: int, words: str) -> None:
    """That of who writes the backup; the storage has a right one."""
    found = good(tmp_path)
    for topic in found.manifest["topics"]:
        for partition in topic["partitions"]:
            partition["segments"][-1]["uploaded_at"] += hours * HOUR_S * 1000
    found.save(NOW_S - HOUR_S)

    assert failing(tmp_path) == {"backup-clock": [words]}


def test_the_clock_of_the_storage_is_wrong(tmp_path: Path) -> None:
    """Nobody can have got something tomorrow."""
    good(tmp_path).save(NOW_S + DAY_S)

    assert failing(tmp_path) == {
        "backup-clock": ["fail: the storage got it 24 hours in the future"]
    }


def test_two_writers(tmp_path: Path) -> None:
    """Of the two manifests the last one wins: it names some offsets twice, and some segments never."""
    one = good(tmp_path)
    partition = one.partition("orders", 0)
    again = one.segment(("orders", 0), 60, 89, NOW_S - HOUR_S + 1)
    partition["segments"].append(again)
    one.save(NOW_S - HOUR_S + 2)
    assert failing(tmp_path) == {
        "backup-writers": ["fail: offsets in two segments: orders-0 from 60 to 89"]
    }

    partition["segments"].remove(again)
    one.save(NOW_S - HOUR_S + 2)
    assert failing(tmp_path) == {
        "backup-writers": [
            f"warn: 1 segment beside the manifest, which does not name it: {again['key']}"
        ]
    }


def test_two_sets_share_a_record_of_offsets(tmp_path: Path) -> None:
    """One of them overwrites the other's."""
    found = good(tmp_path)
    done = ("completed", NOW_S - HOUR_S)
    found.state({"business": done, "payments": done}, NOW_S - HOUR_S)

    assert failing(tmp_path) == {"backup-writers": ["fail: offsets.db is also that of payments"]}


def test_two_backups_write_to_one_place(tmp_path: Path) -> None:
    """However they are called."""
    good(tmp_path)
    wanted = desired(business=backup(), other=backup())
    place = tmp_path / "business/business"

    assert verdicts(wanted, read(tmp_path, wanted)) == {
        "backup-writers": [
            f"fail: other writes to {place}, too", f"fail: business writes to {place}, too"
        ]
    }  # fmt: skip


def test_two_jobs_at_once(tmp_path: Path) -> None:
    """A CronJob forbids it; people do not know."""
    good(tmp_path)
    wanted = desired()
    live = read(tmp_path, wanted)
    owner = {"ownerReferences": [{"kind": "CronJob", "name": "backup-business"}]}
    jobs = {name: body("Job", name, "batch/v1", metadata=owner) for name in ("a", "b", "c")}
    jobs["c"]["status"] = {"conditions": [{"type": "Complete", "status": "True"}]}
    live.kubernetes = Kubernetes("https://a", "kafka-dev", objects={"Job": jobs})

    assert verdicts(wanted, live) == {"backup-writers": ["fail: 2 Jobs at work at once: a, b"]}


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (None, "is not there"),
        (b"", "is empty"),
        (b"no database", "is no SQLite database"),
        (b"SQLite format 3\x00" + b"\xff" * 4096, "cannot be read: file is not a database"),
    ],
)
def test_the_record_of_offsets_cannot_be_read(
    tmp_path: Path, content: bytes | None, why: str
) -> None:
    """Nobody knows then how the last run ended."""
    file = good(tmp_path).folder / "offsets.db"
    file.unlink() if content is None else file.write_bytes(content)

    assert failing(tmp_path) == {"backup-state": [f"fail: offsets.db {why}"]}


def test_the_record_of_offsets_says_something_else(tmp_path: Path) -> None:
    """Of another set, or a word that no version of the engine writes."""
    found = good(tmp_path)
    found.state({"other": ("completed", NOW_S)}, NOW_S)
    assert failing(tmp_path) == {"backup-state": ["fail: offsets.db knows nothing of business"]}

    found.state({"business": ("paused", NOW_S - HOUR_S)}, NOW_S)
    assert failing(tmp_path) == {"backup-state": ["warn: its last run is 'paused'"]}


def test_an_older_engine_wrote_no_checksums(tmp_path: Path) -> None:
    """Its own, which is in the segment, is all that tells what a flipped bit has done."""
    found = good(tmp_path)
    found.partition("prices", 0)["segments"][0]["sha256"] = ""
    found.save(NOW_S - HOUR_S)

    assert failing(tmp_path) == {
        "backup-integrity": ["warn: 1 segment without a checksum; 6 of 6 segments read"]
    }


def test_what_nobody_could_read_is_unknown(tmp_path: Path) -> None:
    """Late only where the time was up; skipped where Git says that it cannot be read from here."""
    wanted = desired()
    for cause, status in ((Cause.REFUSED, "unknown"), (Cause.TIMED_OUT, "unknown"),
                          (Cause.NOT_ASKED, "skip")):  # fmt: skip
        live = read(tmp_path, wanted)
        live.backups, live.gaps = {}, {"backups.business": Gap(cause, "why")}
        for name in SETS:
            if name != "backup-volume":
                assert said(name, wanted, live) == [f"{status} business: why"], name


@pytest.mark.parametrize(("cause", "late"), [(Cause.TIMED_OUT, True), (Cause.REFUSED, False)])
def test_segments_that_could_not_be_read_are_unknown(
    tmp_path: Path, cause: Cause, late: bool
) -> None:
    """Whether time was what it lacked is told, so that more of it may help."""
    good(tmp_path)
    wanted = desired()
    live = read(tmp_path, wanted, sample=ALL)
    found = live.backups["business"]
    found.integrity = Integrity(wanted=6, read=2, problem=Gap(cause, "why"))

    (told,) = all_checks()["backup-integrity"].ask(wanted, live).outcomes

    assert (told.status, told.message) == (Status.UNKNOWN, "2 of 6 segments read, then: why")
    assert told.timed_out is late


def test_an_environment_without_backups(tmp_path: Path) -> None:
    """Nothing is asked for."""
    live = read(tmp_path, git())
    for name in SETS:
        assert said(name, git(), live) == ["skip: no backup is rendered for this environment"]
