"""How long what a backup holds takes to be back, held against what its recovery allows."""

from pathlib import Path
from typing import Any

from backup_sets import Writer
from checks.backup_answers import backup, desired, good, read
from checks.kafka_answers import said
from checks.kubernetes_objects import NOW_S

from generator.contract.settings import BackupRun
from verify.live.live import BackupSet

CHECK = "backup-recovery"
MIB, GIB = 2**20, 2**30


def _told(folder: Path, recovery_s: float = 0, **more: object) -> list[str]:
    """What is said of the usual backup below a folder."""
    wanted = desired(business=backup(recovery_seconds=recovery_s, **more))
    return said(CHECK, wanted, read(folder, wanted))


def _large(found: Writer, unpacked: int) -> None:
    """The manifest says that each segment unpacks to so much; their files stay as they are."""
    for topic in found.manifest["topics"]:
        for partition in topic["partitions"]:
            for segment in partition["segments"]:
                segment["uncompressed_size"] = unpacked
    found.save(NOW_S - 3598)


def test_the_time_is_told_also_where_nothing_is_asked(tmp_path: Path) -> None:
    """Of records as Kafka gets them, not of packed segments."""
    _large(good(tmp_path), 10 * GIB)

    assert _told(tmp_path) == ["pass business: 60 GiB, back in 26m at 40 MiB a second (assumed)"]
    assert _told(tmp_path, restore_bytes_per_second=150 * MIB, restore_rate_measured=True) == [
        "pass business: 60 GiB, back in 6m50s at 150 MiB a second (measured)"
    ]


def test_it_has_to_be_back_in_time(tmp_path: Path) -> None:
    """To the second: 60 GiB at 40 MiB a second are 1536 of them."""
    _large(good(tmp_path), 10 * GIB)

    assert _told(tmp_path, 1536) == [
        "pass business: 60 GiB, back in 26m at 40 MiB a second (assumed)"
    ]
    assert _told(tmp_path, 1535) == [
        "fail business: 60 GiB, back in 26m at 40 MiB a second (assumed); it has to be back within 26m"
    ]


def test_without_a_size_of_records_that_in_the_storage_counts(tmp_path: Path) -> None:
    """As in manifests of older engines."""
    found = good(tmp_path)
    _large(found, 0)
    stored = sum(each.stat().st_size for each in found.folder.rglob("segment-*"))

    assert _told(tmp_path)[0].startswith(f"pass business: {stored / 1024:.1f} KiB, back in 1s")


def _runs(**more: Any) -> dict[str, BackupRun]:
    """Two runs that share a backup, and one of another."""
    shared = {"recovery_seconds": 1000, **more}
    return {
        "b-0": backup(backup_id="b-0", backup="b", **shared),
        "b-1": backup(backup_id="b-1", backup="b", **shared),
        "other": backup(backup_id="other", backup="other"),
    }


def _sets(folder: Path) -> None:
    for name, backup_id in (("b", "b-0"), ("b", "b-1"), ("other", "other")):
        found = Writer(folder / name, backup_id)
        found.run({("orders", 0): 10}, NOW_S - 3600)
        _large(found, 30 * GIB)


def _read(folder: Path, runs: dict[str, BackupRun]) -> Any:
    wanted = desired(**runs)
    return wanted, read(folder, wanted)


def test_sets_of_one_backup_come_back_one_after_the_other(tmp_path: Path) -> None:
    """Each alone would be back in time; together they are not. Another backup is another matter."""
    _sets(tmp_path)
    late = (
        "60 GiB in 2 sets, back in 26m at 40 MiB a second (assumed); it has to be back within 17m"
    )

    assert said(CHECK, *_read(tmp_path, _runs())) == [
        f"fail b-0: {late}",
        f"fail b-1: {late}",
        "pass other: 30 GiB, back in 13m at 40 MiB a second (assumed)",
    ]


def test_a_set_that_nobody_could_read_may_be_too_much(tmp_path: Path) -> None:
    """What is known is told; more than the recovery allows is too much whatever else there is."""
    _sets(tmp_path)
    (tmp_path / "b/b-1/manifest.json").write_text("{")
    known = "30 GiB in 2 sets, back in 13m at 40 MiB a second (assumed)"

    found = said(CHECK, *_read(tmp_path, _runs()))
    assert found[0] == f"unknown b-0: at least {known}: nobody knows what is in b-1"
    assert found[1].startswith("unknown b-1: its manifest cannot be read")
    found = said(CHECK, *_read(tmp_path, _runs(recovery_seconds=60)))
    assert found[0] == f"fail b-0: {known}; it has to be back within 1m"


def test_what_nobody_has_read_is_unknown() -> None:
    """As everywhere."""
    wanted = desired()
    live = read(Path("/nowhere"), wanted)
    live.gaps = {}
    live.backups["business"] = BackupSet("there", "business", fault="is not there", files=1)

    assert said(CHECK, wanted, live) == ["unknown business: its manifest is not there"]
