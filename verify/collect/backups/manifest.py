"""Files of a backup set, as bytes -> what they say (kafka-backup-core 0.25.2, manifest.rs).

Whoever may write to the storage wrote them: what is no manifest, or leads out of its folder, is told
in words and never trusted.
"""

from collections.abc import Iterable, Iterator
from typing import Annotated, NamedTuple, TypeVar

import msgspec

from verify.live.backups import BackedUpPartition, BackedUpTopic, GroupSnapshot, Range

MANIFEST, GROUPS, STATE = "manifest.json", "consumer-groups-snapshot.json", "offsets.db"

Kind = TypeVar("Kind")

_MOST = 50
"""How many ranges of one partition are told; of a set that is that broken, nobody reads more."""

_Offset = Annotated[int, msgspec.Meta(ge=-1, le=2**63 - 1)]
_Size = Annotated[int, msgspec.Meta(ge=0, le=2**63 - 1)]
_Time = Annotated[int, msgspec.Meta(ge=-(2**53), le=2**53)]
_Number = Annotated[int, msgspec.Meta(ge=0, le=2**31 - 1)]


class FaultError(Exception):
    """A file of a set cannot be used; the text says why."""


class _Segment(msgspec.Struct):
    key: str
    start_offset: _Offset
    end_offset: _Offset
    compressed_size: _Size = 0
    sha256: str = ""
    uploaded_at: _Time = 0
    covered_start_offset: _Offset | None = None
    covered_end_offset: _Offset | None = None
    record_count: _Size = 0

    @property
    def first(self) -> int:
        start = self.covered_start_offset
        return self.start_offset if start is None else start

    @property
    def last(self) -> int:
        end = self.covered_end_offset
        return self.end_offset if end is None else end


class _Gap(msgspec.Struct):
    start_offset: _Offset
    end_offset: _Offset
    """Not part of the gap."""
    reason: str = ""
    detected_at: _Time = 0


class _Pruned(msgspec.Struct):
    start_offset: _Offset
    end_offset: _Offset


class _Partition(msgspec.Struct):
    partition_id: _Number
    segments: list[_Segment]
    gaps: list[_Gap] = []
    pruned: list[_Pruned] = []
    covered_through: _Offset | None = None
    snapshot_end_offset: _Offset | None = None


class _Topic(msgspec.Struct):
    name: str
    partitions: list[_Partition]
    original_partition_count: _Number | None = None


class _Manifest(msgspec.Struct):
    backup_id: str
    topics: list[_Topic]
    missing_topics: tuple[str, ...] = ()


class _Group(msgspec.Struct):
    group_id: str
    offsets: dict[str, dict[str, _Offset]]


class _Groups(msgspec.Struct):
    snapshot_time: _Time
    groups: list[_Group]


class Segment(NamedTuple):
    """A segment that the manifest lists; `key` begins with the id of the set."""

    key: str
    size: int
    sha256: str
    uploaded_at_s: float
    newest: bool
    """The last of its partition."""


class SetManifest(NamedTuple):
    """What a manifest says."""

    topics: dict[str, BackedUpTopic]
    missing_topics: tuple[str, ...]
    segments: list[Segment]


def manifest(content: bytes, backup_id: str) -> SetManifest:
    """What a manifest says of the set with this id.

    Raises:
        FaultError: when it is none, is that of another set, or names files outside of its folder.
    """
    said = _decoded(content, _Manifest)
    if said.backup_id != backup_id:
        raise FaultError(f"is that of {_short(said.backup_id)!r}, not of {backup_id}")
    if not said.topics:
        raise FaultError("lists no topic")
    topics: dict[str, BackedUpTopic] = {}
    segments: list[Segment] = []
    for topic in said.topics:
        if topic.name in topics:
            raise FaultError(f"lists the topic {_short(topic.name)!r} twice")
        partitions = {each.partition_id: _reduced(each) for each in topic.partitions}
        if len(partitions) != len(topic.partitions):
            raise FaultError(f"lists a partition of {_short(topic.name)!r} twice")
        count = topic.original_partition_count
        topics[topic.name] = BackedUpTopic(-1 if count is None else count, partitions)
        for partition in topic.partitions:
            segments += _segments(partition, backup_id)
    return SetManifest(topics, said.missing_topics, segments)


def groups(content: bytes) -> GroupSnapshot:
    """What a snapshot of consumer groups says.

    Raises:
        FaultError: when it is none.
    """
    said = _decoded(content, _Groups)
    return GroupSnapshot(said.snapshot_time / 1000, len(said.groups))


def _decoded(content: bytes, kind: type[Kind]) -> Kind:
    if not content.strip():
        raise FaultError("is empty")
    try:
        return msgspec.json.decode(content, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise FaultError(f"cannot be read: {_short(str(error))}") from error


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 120 else line[:119] + "…"


def _segments(partition: _Partition, backup_id: str) -> Iterator[Segment]:
    last = max((each.start_offset for each in partition.segments), default=-1)
    for each in partition.segments:
        parts = each.key.split("/")
        if parts[0] != backup_id or not all(parts) or {".", ".."} & set(parts):
            raise FaultError(f"names a segment outside of its folder: {_short(each.key)!r}")
        newest = each.start_offset == last
        yield Segment(
            each.key, each.compressed_size, each.sha256.lower(), each.uploaded_at / 1000, newest
        )


def _reduced(said: _Partition) -> BackedUpPartition:
    segments = sorted(said.segments, key=lambda each: (each.first, each.last))
    gaps = sorted(said.gaps, key=lambda each: each.start_offset)
    ends = [each.last for each in segments]
    ends += [each.end_offset - 1 for each in gaps] + [each.end_offset for each in said.pruned]
    reached = max(ends, default=-1)
    if said.covered_through is not None:
        reached = max(reached, said.covered_through)
    captured = said.snapshot_end_offset
    return BackedUpPartition(
        segments=len(segments),
        records=sum(each.record_count for each in segments),
        through=reached,
        captured_end=-1 if captured is None else captured,
        gaps=tuple(
            Range(each.start_offset, each.end_offset - 1, _short(each.reason), each.detected_at / 1000)
            for each in gaps[:_MOST]
        ),
        holes=tuple(_holes(segments, gaps, said.pruned))[:_MOST],
        overlaps=tuple(_overlaps(segments))[:_MOST],
    )  # fmt: skip


def _holes(
    segments: list[_Segment], gaps: Iterable[_Gap], pruned: Iterable[_Pruned]
) -> Iterator[Range]:
    """Offsets between two segments that nothing accounts for.

    Older engines left out what compaction had removed; only a segment that says what it covers
    proves that something is lacking before it.
    """
    spans = [(each.first, each.last, each.covered_start_offset is not None) for each in segments]
    spans += [(each.start_offset, each.end_offset - 1, False) for each in gaps]
    spans += [(each.start_offset, each.end_offset, False) for each in pruned]
    reached: int | None = None
    for first, last, says in sorted(spans):
        if reached is not None and says and first > reached + 1:
            yield Range(reached + 1, first - 1)
        reached = last if reached is None else max(reached, last)


def _overlaps(segments: list[_Segment]) -> Iterator[Range]:
    reached: int | None = None
    for each in segments:
        if reached is not None and each.first <= reached:
            yield Range(each.first, min(each.last, reached))
        reached = each.last if reached is None else max(reached, each.last)


def chosen(segments: list[Segment], count: int, most_bytes: int, turn: int) -> list[Segment]:
    """So many segments, half of them the newest of their partitions, within so many bytes.

    The same ones for the same `turn`; with each turn others have theirs.
    """
    newest = sorted(each for each in segments if each.newest)
    rest = sorted(each for each in segments if not each.newest)
    half = min(len(newest), max(count - len(rest), -(-count // 2)))
    found: list[Segment] = []
    taken = 0
    for each in (*_spread(newest, half, turn), *_spread(rest, count - half, turn)):
        taken += each.size
        if found and taken > most_bytes:
            break
        found.append(each)
    return found


def _spread(segments: list[Segment], count: int, turn: int) -> list[Segment]:
    """Evenly over all of them."""
    count = min(count, len(segments))
    places = {(turn + step * len(segments) // count) % len(segments) for step in range(count)}
    return [segments[place] for place in sorted(places)]
