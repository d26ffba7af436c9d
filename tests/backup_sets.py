"""A writer of backup sets as kafka-backup-core 0.25.2 leaves them, for tests that need no engine.

Manifest, offsets.db and snapshot of groups have the engine's fields, files and names. What is inside
of a segment matters to nobody here but for its length and checksum.
"""

import json
import os
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

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
        """Write a segment's file; what the manifest says of it."""
        topic, number = place
        key = f"{self.backup_id}/topics/{topic}/partition={number}/segment-{first:020}.bin.zst"
        content = b"KBAK" + sha256(key.encode()).digest() * (1 + (last - first) % 7)
        self._write(self.root / key, content, at_s)
        return {
            "key": key,
            "start_offset": first,
            "end_offset": last,
            "start_timestamp": _ms(at_s) - 1000,
            "end_timestamp": _ms(at_s) - 1000,
            "record_count": last - first + 1,
            "uncompressed_size": 10 * len(content),
            "compressed_size": len(content),
            "sha256": sha256(content).hexdigest(),
            "uploaded_at": _ms(at_s),
            "covered_start_offset": first,
            "covered_end_offset": last,
        }

    def save(self, at_s: float) -> None:
        """Write the manifest as it stands."""
        text = json.dumps(self.manifest, indent=2)
        self._write(self.folder / "manifest.json", text.encode(), at_s)

    def snapshot(self, groups: int, at_s: float) -> None:
        """Write what groups have committed."""
        every = [
            {"group_id": f"g{number}", "offsets": {"orders": {"0": number}}}
            for number in range(groups)
        ]
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
