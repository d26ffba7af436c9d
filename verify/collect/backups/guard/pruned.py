"""What retention of a backup has dropped, in manifests of before and after (kafka-backup-core 0.25.2, prune.rs)."""

import time
from collections.abc import Collection

import msgspec


class _Range(msgspec.Struct):
    start_offset: int
    end_offset: int
    """Part of it."""


class _Segment(_Range):
    key: str


class _Partition(msgspec.Struct):
    partition_id: int
    segments: list[_Segment]
    pruned: list[_Range] = []


class _Topic(msgspec.Struct):
    name: str
    partitions: list[_Partition]


class _Manifest(msgspec.Struct):
    topics: list[_Topic]


def forgotten(before: bytes, after: bytes) -> list[str]:
    """Segments that one manifest lists and a later one does not, though no retention says that it dropped them."""
    later = _partitions(after)
    lost = []
    for place, partition in _partitions(before).items():
        now = later.get(place, _Partition(place[1], []))
        listed = {each.key for each in now.segments}
        lost += [
            each.key
            for each in partition.segments
            if each.key not in listed
            and not any(
                dropped.start_offset <= each.start_offset and each.end_offset <= dropped.end_offset
                for dropped in now.pruned
            )
        ]
    return sorted(lost)


def _partitions(manifest: bytes) -> dict[tuple[str, int], _Partition]:
    said = msgspec.json.decode(manifest, type=_Manifest)
    return {
        (topic.name, each.partition_id): each for topic in said.topics for each in topic.partitions
    }


def without_pruned(manifest: bytes, there: Collection[str]) -> bytes:
    """The manifest without the oldest segments of partitions that are no longer there: only retention takes those."""
    said = msgspec.json.decode(manifest)
    gone_at_all = False
    for partition in (each for topic in said["topics"] for each in topic["partitions"]):
        segments = sorted(partition["segments"], key=lambda each: int(each["start_offset"]))
        left = next((i for i, each in enumerate(segments) if each["key"] in there), 0)
        gone, partition["segments"] = segments[:left], segments[left:]
        if gone:
            gone_at_all = True
            partition.setdefault("pruned", []).append(
                {
                    "start_offset": gone[0]["start_offset"],
                    "end_offset": gone[-1]["end_offset"],
                    "segments": len(gone),
                    "bytes": sum(each.get("compressed_size", 0) for each in gone),
                    "pruned_at": int(time.time() * 1000),
                    "cutoff_timestamp": 0,
                    "reason": "retention",
                }
            )
    if not gone_at_all:
        return manifest
    return msgspec.json.format(msgspec.json.encode(said), indent=2)
