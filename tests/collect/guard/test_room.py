"""How much room a run needs: what is unread, by what records have taken so far."""

import time
from pathlib import Path

from backup_sets import Writer

from verify.collect.backups.guard import room
from verify.collect.backups.guard.source import Source, SourceTopic
from verify.collect.backups.guard.writer import WritableFolder
from verify.collect.backups.manifest import SetManifest, manifest
from verify.collect.kafka.access import Access
from verify.collect.kafka.retrying_admin import Deadline

_NOW = 1_700_000_000.0
_NOBODY = Access(("nowhere:1",))


def _set(writer: Writer) -> SetManifest:
    return manifest((writer.folder / "manifest.json").read_bytes(), writer.backup_id)


def _source(**ends: tuple[int, int]) -> Source:
    return Source("c1", {name: SourceTopic("1", 1, {0: each}) for name, each in ends.items()})


def test_unread_is_what_is_behind_the_set(tmp_path: Path) -> None:
    """Of a topic that the set does not know, all that Kafka still has."""
    writer = Writer(tmp_path)
    writer.run({("orders", 0): 100}, _NOW)
    source = _source(orders=(20, 160), prices=(5, 30), gone=(200, 200))

    assert room.unread(source, _set(writer)) == {"orders": 60, "prices": 25, "gone": 0}
    assert room.unread(source, None) == {"orders": 140, "prices": 25, "gone": 0}


def test_unread_behind_what_kafka_has_deleted(tmp_path: Path) -> None:
    """What was deleted before it was backed up takes no room."""
    writer = Writer(tmp_path)
    writer.run({("orders", 0): 100}, _NOW)

    assert room.unread(_source(orders=(150, 160)), _set(writer)) == {"orders": 10}


def test_sizes_are_those_of_the_set(tmp_path: Path) -> None:
    """Each topic by its own records, an unknown one by all of them; nobody is asked."""
    writer = Writer(tmp_path)
    writer.run({("orders", 0): 100, ("prices", 0): 10}, _NOW)
    taken = {topic: sum(each.stat().st_size for each in writer.files(topic))
             for topic in ("orders", "prices")}  # fmt: skip
    clock = Deadline(time.monotonic() + 10)
    sizes = room.sizes(_set(writer), _source(orders=(0, 200)), _NOBODY, "group", clock)

    assert sizes == {
        "orders": taken["orders"] / 100,
        "prices": taken["prices"] / 10,
        "": sum(taken.values()) / 110,
    }


def test_needed_is_what_is_unread_and_a_reserve() -> None:
    """A quarter more, a MiB, and four times the small files."""
    sizes = {"orders": 10.0, "": 100.0}

    assert room.needed_bytes({"orders": 1000, "new": 10}, sizes, 50) == 11_000 + 2750 + 200 + 2**20
    assert room.needed_bytes({}, {}, 0) == 2**20
    assert room.needed_bytes({}, {}, 0, 4000) == 5000 + 2**20


def test_full_set_is_as_large_as_the_newest_one(tmp_path: Path) -> None:
    """By its number, and only where its manifest can be read."""
    for number in ("9", "10", "11"):
        writer = Writer(tmp_path, f"backup-b-{number}")
        writer.run({("orders", 0): 100 + int(number)}, _NOW)
    (tmp_path / "backup-b-11" / "manifest.json").write_bytes(b"")
    (tmp_path / "backup-b-12").mkdir()
    said, bytes_ = room.newest_full(WritableFolder(tmp_path, time.monotonic() + 60), "backup-b-")

    assert said is not None
    assert said.topics["orders"].partitions[0].through == 109
    files = (tmp_path / "backup-b-10").rglob("*")
    assert bytes_ == sum(each.stat().st_size for each in files if each.is_file())
