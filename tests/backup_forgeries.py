"""Sets of backups that somebody altered so that all of their sums fit: what each is, by name.

Each is made of a good set, whoever wrote it; the manifest follows what was done.
"""

import json
import shutil
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

from backup_sets import packed, records_of, unpacked_size

Json = dict[str, Any]
Forgery = Callable[[Path], None]
"""Alters the set in a folder."""

TOPIC = "orders"
"""The topic that is altered; it has two partitions or more."""
MINUTES_MS = 6 * 60_000


def garbage(folder: Path) -> None:
    """Something else in the place of a segment."""
    _replaced(folder, lambda _, content: sha256(content).digest() * 20)


def other_topic(folder: Path) -> None:
    """The segment of another topic, under the name of this one."""
    with _manifest(folder) as said:
        mine, other = _segments(said, TOPIC, 0)[-1], _segments(said, "prices", 0)[-1]
        shutil.copy(folder.parent / other["key"], folder.parent / mine["key"])
        mine |= {key: told for key, told in other.items() if key != "key"}
        _partition(said, TOPIC, 0)["covered_through"] = other["covered_end_offset"]
        _partition(said, TOPIC, 0)["segments"] = [mine]


def truncated(folder: Path) -> None:
    """The last segment, cut off."""
    _replaced(folder, lambda _, content: content[: len(content) // 2])


def shortened(folder: Path) -> None:
    """The last segment without its last records, and otherwise as the engine would write it."""

    def change(segment: Json, content: bytes) -> bytes:
        kept = list(records_of(content))[:-3]
        segment |= {"record_count": len(kept), "end_offset": kept[-1].offset,
                    "end_timestamp": kept[-1].time_ms, "uncompressed_size": unpacked_size(kept)}  # fmt: skip
        return packed(kept)

    _replaced(folder, change)


def out_of_order(folder: Path) -> None:
    """Two records of a segment have changed places."""

    def change(_: Json, content: bytes) -> bytes:
        first, second, third, *rest = records_of(content)
        return packed([first, third, second, *rest])

    _replaced(folder, change)


def with_other_records(folder: Path) -> None:
    """The times of another history, at the same offsets."""

    def change(segment: Json, content: bytes) -> bytes:
        other = [each._replace(time_ms=each.time_ms - 7_777) for each in records_of(content)]
        segment |= {"start_timestamp": other[0].time_ms, "end_timestamp": other[-1].time_ms}
        return packed(other)

    _replaced(folder, change)


def without_a_partition(folder: Path) -> None:
    """As if it had never had a record."""
    with _manifest(folder) as said:
        topic = _topic(said, TOPIC)
        topic["partitions"] = [each for each in topic["partitions"] if each["partition_id"] != 1]
    shutil.rmtree(folder / f"topics/{TOPIC}/partition=1")


def without_segments(folder: Path) -> None:
    """None is left of a partition, which is accounted for as before."""
    with _manifest(folder) as said:
        _partition(said, TOPIC, 1)["segments"] = []
    shutil.rmtree(folder / f"topics/{TOPIC}/partition=1")


def one_file_twice(folder: Path) -> None:
    """Two partitions name one segment."""
    with _manifest(folder) as said:
        _partition(said, TOPIC, 1)["segments"] = _segments(said, TOPIC, 0)
        for word in ("covered_through", "snapshot_end_offset", "high_watermark_at_capture"):
            _partition(said, TOPIC, 1)[word] = _partition(said, TOPIC, 0)[word]
    shutil.rmtree(folder / f"topics/{TOPIC}/partition=1")


def more_records(folder: Path) -> None:
    """A number of records that the segment has no offsets for."""
    with _manifest(folder) as said:
        _segments(said, TOPIC, 0)[-1]["record_count"] += 1000


def fewer_records(folder: Path) -> None:
    """A number of records that could be."""
    with _manifest(folder) as said:
        _segments(said, TOPIC, 0)[-1]["record_count"] -= 1


def no_groups(folder: Path) -> None:
    """As if no group had ever committed, as of a little later."""

    def change(said: Json) -> None:
        said["groups"] = []
        said["snapshot_time"] += MINUTES_MS

    _snapshot(folder, change)


def group_beyond(folder: Path) -> None:
    """A group that has read what nobody has written."""

    def change(said: Json) -> None:
        said["groups"][0]["offsets"] = {TOPIC: {"0": 999_999}}

    _snapshot(folder, change)


FORGERIES: dict[Forgery, set[str]] = {
    garbage: {"backup-integrity"},
    other_topic: {"backup-history"},
    truncated: {"backup-integrity"},
    shortened: {"backup-consistent"},
    out_of_order: {"backup-integrity"},
    with_other_records: {"backup-history"},
    without_a_partition: {"backup-coverage"},
    without_segments: {"backup-consistent"},
    one_file_twice: {"backup-consistent"},
    more_records: {"backup-consistent", "backup-integrity"},
    fewer_records: {"backup-integrity"},
    no_groups: {"backup-offsets"},
    group_beyond: {"backup-offsets"},
}
"""Every forgery, and the checks that have to tell of it; others may, too."""


class _manifest:  # noqa: N801 - a word of the functions above
    """The manifest of a set, to be changed."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "manifest.json"
        self._said: Json = {}

    def __enter__(self) -> Json:
        self._said = json.loads(self._file.read_text())
        return self._said

    def __exit__(self, *_: object) -> None:
        self._file.write_text(json.dumps(self._said))


def _snapshot(folder: Path, change: Callable[[Json], None]) -> None:
    file = folder / "consumer-groups-snapshot.json"
    said = json.loads(file.read_text())
    change(said)
    file.write_text(json.dumps(said))


def _topic(said: Json, name: str) -> Json:
    found: Json = next(each for each in said["topics"] if each["name"] == name)
    return found


def _partition(said: Json, topic: str, number: int) -> Json:
    partitions = _topic(said, topic)["partitions"]
    found: Json = next(each for each in partitions if each["partition_id"] == number)
    return found


def _segments(said: Json, topic: str, number: int) -> list[Json]:
    found: list[Json] = _partition(said, topic, number)["segments"]
    return sorted(found, key=lambda each: int(each["start_offset"]))


def _replaced(folder: Path, change: Callable[[Json, bytes], bytes]) -> None:
    """The last segment of the topic's first partition, with the sums of what it is now."""
    with _manifest(folder) as said:
        segment = _segments(said, TOPIC, 0)[-1]
        file = folder.parent / segment["key"]
        content = change(segment, file.read_bytes())
        file.write_bytes(content)
        segment |= {"compressed_size": len(content), "sha256": sha256(content).hexdigest()}
