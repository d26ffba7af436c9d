"""A writer of backup sets as kafka-backup-core 0.25.2 leaves them, for tests that need no engine.

Manifest, segments, offsets.db and snapshot of groups have the engine's fields, files and names.
"""

import json
import os
import sqlite3
import struct
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple
from zlib import crc32

import lz4.block
import zstandard

Place = tuple[str, int]
Json = dict[str, Any]

_SCHEMA = """
CREATE TABLE offsets (backup_id TEXT NOT NULL, topic TEXT NOT NULL, partition INTEGER NOT NULL,
  last_offset INTEGER NOT NULL, checkpoint_ts INTEGER NOT NULL DEFAULT (strftime('%s', 'now') * 1000),
  PRIMARY KEY (backup_id, topic, partition));
CREATE TABLE backup_jobs (backup_id TEXT PRIMARY KEY, source_cluster_id TEXT,
  status TEXT NOT NULL DEFAULT 'running',
  created_at INTEGER NOT NULL DEFAULT (strftime('%s', 'now') * 1000),
  last_heartbeat INTEGER NOT NULL DEFAULT (strftime('%s', 'now') * 1000), last_checkpoint INTEGER);
CREATE INDEX idx_offsets_backup ON offsets(backup_id);
CREATE INDEX idx_jobs_status ON backup_jobs(status);
"""


class Record(NamedTuple):
    """A record as a segment has it."""

    offset: int
    time_ms: int
    key: bytes | None = b"key"
    value: bytes | None = b"value"
    headers: tuple[tuple[str, bytes | None], ...] = ()


_PACK = {"none": (0, bytes), "zstd": (1, zstandard.compress), "lz4": (2, lz4.block.compress)}


def packed(records: Iterable[Record], compression: str = "zstd", **header: int) -> bytes:
    """A segment of these records; `header` says something else than what is in it."""
    every = list(records)
    number, pack = _PACK[compression]
    told = {"count": len(every), "first": every[0].offset, "last": every[-1].offset} | header
    begin = struct.pack("<4sBB2xQqq", b"KBAK", 1, number, *told.values())
    content: bytes = begin + pack(b"".join(map(_bytes, every)))
    return content + struct.pack("<I4s", crc32(content), b"BKAE")


def records_of(content: bytes) -> Iterator[Record]:
    """The records of a segment, whoever wrote it; what is wrong with it raises anything."""
    body = content[32:-8]
    unpack = {0: bytes, 1: _unpack_zstd, 2: lz4.block.decompress}[content[5]]
    rest = memoryview(unpack(body))

    def field() -> bytes | None:
        nonlocal rest
        (length,) = struct.unpack_from("<i", rest)
        found, rest = bytes(rest[4 : 4 + length]), rest[4 + max(0, length) :]
        return found if length >= 0 else None

    while rest:
        _, time_ms, offset = struct.unpack_from("<Iqq", rest)
        rest = rest[20:]
        key, value = field(), field()
        (count,) = struct.unpack_from("<H", rest)
        rest = rest[2:]
        headers = []
        for _ in range(count):
            (length,) = struct.unpack_from("<H", rest)
            name, rest = bytes(rest[2 : 2 + length]).decode(), rest[2 + length :]
            headers.append((name, field()))
        yield Record(offset, time_ms, key, value, tuple(headers))


def _unpack_zstd(body: bytes) -> bytes:
    return zstandard.ZstdDecompressor().decompressobj().decompress(body)


def unpacked_size(records: Iterable[Record]) -> int:
    """How long these records are in a segment before they are packed."""
    return sum(len(_bytes(each)) for each in records)


def _bytes(record: Record) -> bytes:
    said = struct.pack("<qq", record.time_ms, record.offset)
    said += _field(record.key) + _field(record.value) + struct.pack("<H", len(record.headers))
    for name, value in record.headers:
        said += struct.pack("<H", len(name)) + name.encode() + _field(value)
    return struct.pack("<I", len(said)) + said


def _field(content: bytes | None) -> bytes:
    return struct.pack("<i", -1) if content is None else struct.pack("<i", len(content)) + content


@dataclass
class Writer:
    """Writes one set below a folder, run after run."""

    root: Path
    backup_id: str = "business"
    manifest: Json = field(default_factory=dict)

    @property
    def folder(self) -> Path:
        """The folder of the set."""
        return self.root / self.backup_id

    def run(
        self,
        ends: Mapping[Place, int],
        at_s: float,
        *,
        stopped_at: Mapping[Place, int] | None = None,
        status: str = "completed",
        groups: int | None = 1,
    ) -> None:
        """One run, begun then: all that is new up to these ends; `stopped_at` is how far it came.

        Without `groups` the snapshot of groups fails, which is no error to the engine.
        """
        self.manifest = self.manifest or {
            "backup_id": self.backup_id,
            "created_at": _ms(at_s),
            "source_cluster_id": None,
            "source_brokers": [],
            "compression": "zstd",
            "topics": [],
            "isolation_level": "read_committed",
        }
        counts = {topic: 1 + max(n for name, n in ends if name == topic) for topic, _ in ends}
        for name, count in counts.items():
            self._topic(name)["original_partition_count"] = count
        for place, end in ends.items():
            if not end:
                continue  # the engine leaves empty partitions out
            partition = self.partition(*place)
            partition |= {"snapshot_end_offset": end, "high_watermark_at_capture": end}
            reached = (stopped_at or {}).get(place, end)
            begin = partition.get("covered_through", -1) + 1
            if reached > begin:
                partition["segments"].append(self.segment(place, begin, reached - 1, at_s + 1))
                partition["covered_through"] = reached - 1
        self.save(at_s + 2)
        if groups is not None:
            self.snapshot(groups, at_s + 2)
        self.state({self.backup_id: (status, at_s)}, at_s + 3)

    def partition(self, topic: str, number: int) -> Json:
        """What the manifest says of a partition, to be changed; made when it says nothing."""
        partitions: list[Json] = self._topic(topic)["partitions"]
        for each in partitions:
            if each["partition_id"] == number:
                return each
        partitions.append({"partition_id": number, "segments": []})
        return partitions[-1]

    def segment(self, place: Place, first: int, last: int, at_s: float) -> Json:
        """Write a segment of records with these offsets; what the manifest says of it."""
        end_ms = _ms(at_s) - 1000
        name = f"{place[0]}-{place[1]}".encode()
        offsets = range(first, last + 1)
        records = [Record(each, end_ms - last + each, name, b"%d" % each) for each in offsets]
        return self.segment_of(place, records, at_s)

    def segment_of(self, place: Place, records: list[Record], at_s: float) -> Json:
        """Write a segment's file; what the manifest says of it."""
        (topic, number), first, last = place, records[0], records[-1]
        key = (
            f"{self.backup_id}/topics/{topic}/partition={number}/segment-{first.offset:020}.bin.zst"
        )
        content = packed(records)
        self._write(self.root / key, content, at_s)
        return {
            "key": key,
            "start_offset": first.offset,
            "end_offset": last.offset,
            "start_timestamp": first.time_ms,
            "end_timestamp": last.time_ms,
            "record_count": len(records),
            "uncompressed_size": unpacked_size(records),
            "compressed_size": len(content),
            "sha256": sha256(content).hexdigest(),
            "uploaded_at": _ms(at_s),
            "covered_start_offset": first.offset,
            "covered_end_offset": last.offset,
        }

    def save(self, at_s: float) -> None:
        """Write the manifest as it stands."""
        text = json.dumps(self.manifest, indent=2)
        self._write(self.folder / "manifest.json", text.encode(), at_s)

    def snapshot(self, groups: int | Mapping[str, Json], at_s: float) -> None:
        """Write what groups have committed: so many of them, or what these have by topic and partition."""
        if isinstance(groups, int):
            groups = {f"g{number}": {"orders": {"0": number}} for number in range(groups)}
        every = [{"group_id": name, "offsets": offsets} for name, offsets in groups.items()]
        said = {"snapshot_time": _ms(at_s), "groups": every}
        file = self.folder / "consumer-groups-snapshot.json"
        self._write(file, json.dumps(said, indent=2).encode(), at_s)

    def state(self, jobs: Mapping[str, tuple[str, float]], at_s: float) -> None:
        """Write offsets.db with the jobs of these sets: how they ended, and when they began."""
        file = self.folder / "offsets.db"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.unlink(missing_ok=True)
        with closing(sqlite3.connect(file)) as database:
            database.execute("PRAGMA journal_mode = WAL")
            database.executescript(_SCHEMA)
            for backup_id, (status, began_s) in jobs.items():
                began_ms = int(began_s) * 1000
                database.execute(
                    "INSERT INTO backup_jobs VALUES (?, NULL, ?, ?, ?, NULL)",
                    (backup_id, status, began_ms, began_ms),
                )
            for topic in self.manifest.get("topics", ()):
                for each in topic["partitions"]:
                    row = (self.backup_id, topic["name"], each["partition_id"],
                           each.get("covered_through", -1), _ms(at_s))  # fmt: skip
                    database.execute("INSERT INTO offsets VALUES (?, ?, ?, ?, ?)", row)
            database.commit()
            database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        os.utime(file, (at_s, at_s))

    def files(self, topic: str = "") -> list[Path]:
        """Segments of a topic, or of all of them."""
        below = f"topics/{topic}" if topic else "topics"
        return sorted((self.folder / below).rglob("*.bin.zst"))

    def _topic(self, name: str) -> Json:
        topics: list[Json] = self.manifest["topics"]
        for each in topics:
            if each["name"] == name:
                return each
        topics.append({"name": name, "original_partition_count": 1,
                       "source_replication_factor": 3, "partitions": []})  # fmt: skip
        return topics[-1]

    def _write(self, file: Path, content: bytes, at_s: float) -> None:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
        os.utime(file, (at_s, at_s))


def _ms(at_s: float) -> int:
    return int(at_s * 1000)
