"""What sets hold and lack: the right check tells, and no other one."""

from pathlib import Path

import pytest
from backup_sets import Writer
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
from checks.kafka_answers import said
from checks.kubernetes_objects import NOW_S

from verify.live.live import Ends

DAY_S = 24 * HOUR_S
UNUSABLE = {name for name in SETS if name not in ("backup-manifest", "backup-volume")}


def test_a_manifest_is_stale(tmp_path: Path) -> None:
    """However new Kafka's records are; that the set was created long ago is no fault."""
    writer(tmp_path).run(ENDS, NOW_S - 2 * DAY_S)
    new = {("orders", 0): Ends(0, 120, 119)}

    assert failing(tmp_path, new) == {
        "backup-age": ["fail: is 48 hours old; it may be 6 hours old"]
    }
    assert failing(tmp_path) == {}  # Kafka has nothing that is not in it


def test_a_run_was_told_to_stop(tmp_path: Path) -> None:
    """It wrote down what it had, and ended as if all were well."""
    writer(tmp_path).run(ENDS, NOW_S - HOUR_S, stopped_at={("orders", 0): 60})

    assert failing(tmp_path) == {
        "backup-complete": ["fail: its last run ended too early: orders-0 to 60 of 100"]
    }


def test_the_first_run_was_told_to_stop(tmp_path: Path) -> None:
    """It had no time for the snapshot of groups, which is no fault of its own."""
    half = {("orders", 0): 60}
    writer(tmp_path).run(ENDS, NOW_S - HOUR_S, stopped_at=half, groups=None)

    assert failing(tmp_path) == {
        "backup-complete": ["fail: its last run ended too early: orders-0 to 60 of 100"],
        "backup-groups": [
            "warn: the snapshot of groups is not there: the last run ended too early"
        ],
    }


def test_a_topic_is_in_no_backup(tmp_path: Path) -> None:
    """Unless all of its records are so young that the next run is early enough."""
    ends = {place: end for place, end in ENDS.items() if place[0] == "orders"}
    writer(tmp_path).run(ends, NOW_S - HOUR_S)

    assert failing(tmp_path) == {
        "backup-topics": ["fail: 1 topic in no backup: prices (10 records)"]
    }
    assert failing(tmp_path, {("prices", 0): Ends(0, 10, 0)}) == {}


def test_a_topic_was_not_there(tmp_path: Path) -> None:
    """As the engine wrote down, where it is told to go on without."""
    found = good(tmp_path)
    found.manifest["missing_topics"] = ["stocks"]
    found.save(NOW_S - HOUR_S)

    assert failing(tmp_path) == {
        "backup-topics": ["fail: Kafka had no topic stocks when the last run looked for it"]
    }


def test_a_topic_has_fewer_partitions_than_its_backup(tmp_path: Path) -> None:
    """Which no topic ever loses."""
    found = good(tmp_path)
    found.manifest["topics"][1]["original_partition_count"] = 3
    found.save(NOW_S - HOUR_S)

    assert failing(tmp_path) == {
        "backup-topics": ["fail: prices had 3 partitions, and has 1: it is another topic"]
    }


def test_retention_of_the_source_overtook_the_backup(tmp_path: Path) -> None:
    """Seen before the engine notices, and as it writes it down; a warning once it is long ago."""
    found = good(tmp_path)
    overtaken = {("orders", 0): Ends(120, 150, 149)}
    assert failing(tmp_path, overtaken) == {
        "backup-coverage": ["fail: Kafka has deleted records that no backup has: orders-0 from 100 to 119"]
    }  # fmt: skip

    partition = found.partition("orders", 0)
    gap = {"start_offset": 100, "end_offset": 120, "reason": "offset_out_of_range",
           "detected_at": int((NOW_S - HOUR_S) * 1000)}  # fmt: skip
    partition |= {"gaps": [gap], "covered_through": 119, "snapshot_end_offset": 120}
    found.save(NOW_S - HOUR_S)
    went_on = {("orders", 0): Ends(120, 120)}
    assert failing(tmp_path, went_on) == {
        "backup-gaps": ["fail: Kafka had deleted records before they were read: orders-0 from 100 to 119"]
    }  # fmt: skip

    gap["detected_at"] = int((NOW_S - 8 * DAY_S) * 1000)
    found.save(NOW_S - HOUR_S)
    assert failing(tmp_path, went_on) == {
        "backup-gaps": ["warn: gaps from more than a week ago: orders-0 from 100 to 119"]
    }


def test_offsets_that_nothing_accounts_for(tmp_path: Path) -> None:
    """Retention accounts for what it dropped."""
    found = good(tmp_path)
    partition = found.partition("orders", 0)
    partition["segments"][0] = found.segment(("orders", 0), 0, 39, NOW_S - 5 * HOUR_S)
    found.save(NOW_S - HOUR_S)
    assert failing(tmp_path) == {
        "backup-gaps": ["fail: offsets that nothing accounts for: orders-0 from 40 to 49"]
    }

    partition["pruned"] = [{"start_offset": 40, "end_offset": 49, "segments": 1, "bytes": 1,
                            "pruned_at": 1, "cutoff_timestamp": 0, "reason": "retention"}]  # fmt: skip
    found.save(NOW_S - HOUR_S)
    assert failing(tmp_path) == {}


def test_kafka_ends_before_its_backup(tmp_path: Path) -> None:
    """Somebody made the topic anew."""
    good(tmp_path)

    assert failing(tmp_path, {("orders", 1): Ends(0, 7)}) == {
        "backup-coverage": ["fail: Kafka ends before its backup: orders-1 ends at 7, the backup at 50"]
    }  # fmt: skip


@pytest.mark.parametrize(
    ("young", "late"), [(100, False), (101, True), (-1, True)], ids=["young", "one is old", "all old"]
)  # fmt: skip
def test_a_partition_is_left_behind(tmp_path: Path, young: int, late: bool) -> None:
    """Although the backup as a whole is new: what has to be in it by now is not."""
    good(tmp_path)
    found = failing(tmp_path, {("orders", 0): Ends(0, 120, young)})

    words = "warn: records older than 6 hours are in no backup: orders-0 from 100"
    assert found == ({"backup-coverage": [words]} if late else {})


def test_where_a_partition_ends_is_not_known(tmp_path: Path) -> None:
    """Its leader may be on its way."""
    good(tmp_path)
    wanted = desired()
    live = read(tmp_path, wanted)
    assert live.kafka is not None
    del live.kafka.ends["orders-1"]

    assert verdicts(wanted, live) == {
        "backup-coverage": ["unknown: nobody said where partitions end: orders-1"]
    }


def test_full_backups_are_judged_by_the_newest_complete_one(tmp_path: Path) -> None:
    """Numbers are those of Kubernetes' Jobs; other backups' sets beside them are not looked at."""
    wanted = desired(business=backup(backup_id="backup-business-", incremental=False))
    for number, hours in ((9, 9), (10, 5), (100, 1)):
        stopped = {("orders", 0): 1} if number == 100 else {}
        one = writer(tmp_path, f"backup-business-{number}")
        one.run(ENDS, NOW_S - hours * HOUR_S, stopped_at=stopped)
    writer(tmp_path, "backup-business-eu-200").run({("x", 0): 1}, NOW_S)
    live = read(tmp_path, wanted)

    assert verdicts(wanted, live) == {
        "backup-complete": [
            "fail: backup-business-100 is not complete; the newest complete set is backup-business-10"
        ]
    }
    place = tmp_path / "business/backup-business-10"
    assert said("backup-manifest", wanted, live) == [
        f"pass business: {place}: 2 topics, 3 segments, 1 older set"
    ]
    assert said("backup-age", wanted, live) == ["pass business: 5 hours old"]


def test_no_full_backup_is_complete(tmp_path: Path) -> None:
    """Then the newest is judged, and where there is none, that."""
    wanted = desired(business=backup(backup_id="backup-business-", incremental=False))
    (tmp_path / "business").mkdir()
    assert verdicts(wanted, read(tmp_path, wanted))["backup-manifest"] == [
        f"fail: {tmp_path / 'business'}: manifest.json is not there: no run has begun a set"
    ]

    for number in (1, 2):
        stopped: Writer = writer(tmp_path, f"backup-business-{number}")
        stopped.run(ENDS, NOW_S - HOUR_S, stopped_at={("prices", 0): number})
    assert verdicts(wanted, read(tmp_path, wanted)) == {
        "backup-complete": ["fail: its last run ended too early: prices-0 to 2 of 10"]
    }


def test_a_full_backup_is_being_written(tmp_path: Path) -> None:
    """The one before it counts."""
    wanted = desired(business=backup(backup_id="backup-business-", incremental=False))
    writer(tmp_path, "backup-business-1").run(ENDS, NOW_S - 5 * HOUR_S)
    newer = writer(tmp_path, "backup-business-2")
    newer.run(ENDS, NOW_S - 600, stopped_at={("prices", 0): 1}, status="running")

    assert verdicts(wanted, read(tmp_path, wanted)) == {}


def test_nobody_says_how_old_it_may_be(tmp_path: Path) -> None:
    """As in settings of an older version."""
    good(tmp_path)
    wanted = desired(business=backup(max_age_seconds=0))

    assert said("backup-age", wanted, read(tmp_path, wanted)) == [
        "skip business: Git says no objective"
    ]
