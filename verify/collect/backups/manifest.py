"""Files of a backup set, as bytes -> what they say (kafka-backup-core 0.25.2, manifest.rs).

Whoever may write to the storage wrote them: what is no manifest, or leads out of its folder, is told
in words and never trusted.
"""

from collections.abc import Iterator
from typing import NamedTuple, TypeVar

import msgspec

from verify.collect.backups.listed import ListedPartition, Number, Offset, Time
from verify.collect.backups.partitions import contradictions, reduced, short
from verify.live.backups import BackedUpTopic, Few, GroupSnapshot, Identity, few

MANIFEST, GROUPS, STATE = "manifest.json", "consumer-groups-snapshot.json", "offsets.db"
IDENTITY = "strimzi-gitops-identity.json"
"""Ours, beside the engine's: of which cluster and topics the set is."""
PROVED_GROUPS = "strimzi-gitops-proved-consumer-groups-snapshot.json"
"""Ours, too: the snapshot of groups as it was when the set was last proved."""
_VERSION = 1

Kind = TypeVar("Kind")


class FaultError(Exception):
    """A file of a set cannot be used; the text says why."""


class _Topic(msgspec.Struct):
    name: str
    partitions: list[ListedPartition]
    original_partition_count: Number | None = None
    configurations: dict[str, str] = {}


class _Manifest(msgspec.Struct):
    backup_id: str
    topics: list[_Topic]
    missing_topics: tuple[str, ...] = ()


class _Group(msgspec.Struct):
    group_id: str
    offsets: dict[str, dict[str, Offset]]


class _Groups(msgspec.Struct):
    snapshot_time: Time
    groups: list[_Group]


class _TopicId(msgspec.Struct):
    id: str


class _Identity(msgspec.Struct, rename="camel"):
    version: int
    cluster_id: str
    topics: dict[str, _TopicId]


class Segment(NamedTuple):
    """A segment that the manifest lists; `key` begins with the id of the set."""

    key: str
    size: int
    sha256: str
    uploaded_at_s: float
    newest: bool
    """The last of its partition."""
    topic: str
    partition: int
    first: int
    """The offset of its first record."""
    last: int
    records: int
    unpacked: int
    """How long its records are before they are packed; 0 where nobody says."""
    first_time_ms: int
    last_time_ms: int


class SetManifest(NamedTuple):
    """What a manifest says."""

    topics: dict[str, BackedUpTopic]
    missing_topics: tuple[str, ...]
    segments: list[Segment]
    contradictions: Few


def manifest(content: bytes, backup_id: str) -> SetManifest:
    """What a manifest says of the set with this id.

    Raises:
        FaultError: when it is none, is that of another set, or names files outside of its folder.
    """
    said = _decoded(content, _Manifest)
    if said.backup_id != backup_id:
        raise FaultError(f"is that of {short(said.backup_id)!r}, not of {backup_id}")
    if not said.topics:
        raise FaultError("lists no topic")
    topics: dict[str, BackedUpTopic] = {}
    segments: list[Segment] = []
    for topic in said.topics:
        if topic.name in topics:
            raise FaultError(f"lists the topic {short(topic.name)!r} twice")
        partitions = {each.partition_id: reduced(each) for each in topic.partitions}
        if len(partitions) != len(topic.partitions):
            raise FaultError(f"lists a partition of {short(topic.name)!r} twice")
        count = topic.original_partition_count
        compacted = "compact" in topic.configurations.get("cleanup.policy", "")
        topics[topic.name] = BackedUpTopic(-1 if count is None else count, partitions, compacted)
        for partition in topic.partitions:
            segments += _segments(topic.name, partition, backup_id)
    every = ((topic.name, each) for topic in said.topics for each in topic.partitions)
    return SetManifest(topics, said.missing_topics, segments, few(contradictions(every, backup_id)))


def groups(content: bytes) -> GroupSnapshot:
    """What a snapshot of consumer groups says.

    Raises:
        FaultError: when it is none.
    """
    said = _decoded(content, _Groups)
    offsets = {
        group.group_id: {
            f"{topic}-{number}": offset
            for topic, partitions in group.offsets.items()
            for number, offset in partitions.items()
        }
        for group in said.groups
    }
    return GroupSnapshot(said.snapshot_time / 1000, len(said.groups), offsets)


def identity(content: bytes) -> Identity:
    """Of which cluster and topics a set is.

    Raises:
        FaultError: when nobody of ours wrote it.
    """
    said = _decoded(content, _Identity)
    if said.version != _VERSION:
        raise FaultError(f"is of version {said.version}, which nobody here knows")
    return Identity(said.cluster_id, {name: each.id for name, each in said.topics.items()})


def _decoded(content: bytes, kind: type[Kind]) -> Kind:
    if not content.strip():
        raise FaultError("is empty")
    try:
        return msgspec.json.decode(content, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise FaultError(f"cannot be read: {short(str(error))}") from error


def _segments(topic: str, partition: ListedPartition, backup_id: str) -> Iterator[Segment]:
    last = max((each.start_offset for each in partition.segments), default=-1)
    for each in partition.segments:
        parts = each.key.split("/")
        if parts[0] != backup_id or not all(parts) or {".", ".."} & set(parts):
            raise FaultError(f"names a segment outside of its folder: {short(each.key)!r}")
        newest = each.start_offset == last
        yield Segment(
            each.key, each.compressed_size, each.sha256.lower(), each.uploaded_at / 1000, newest,
            topic, partition.partition_id, each.start_offset, each.end_offset, each.record_count,
            each.uncompressed_size, each.start_timestamp, each.end_timestamp,
        )  # fmt: skip
