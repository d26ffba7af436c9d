"""Whether a run finds room: what Kafka has beyond the set, by how much room records have taken so far."""

from collections.abc import Mapping
from contextlib import suppress
from itertools import islice
from typing import TYPE_CHECKING, Any
from zlib import compress

from verify.collect.backups import manifest as backup_manifest
from verify.collect.backups.guard.source import Source
from verify.collect.backups.guard.writer import Writer, small
from verify.collect.backups.manifest import MANIFEST, FaultError, SetManifest
from verify.collect.backups.sets import newest_first
from verify.collect.kafka.access import Access
from verify.collect.kafka.clients import PartitionKey, Reader
from verify.collect.kafka.retrying_admin import Deadline

if TYPE_CHECKING:
    from confluent_kafka import Message

_TOPICS = 20
"""Of so many topics, the largest ones, records are looked at where nothing is known yet."""
_RECORDS = 200
"""So many, at the beginning and in the middle of the largest partition."""
_RECORD_BYTES = 60
"""What the engine adds to a record: two headers, their lengths, its offset and its time."""
_MARGIN = 0.25
"""Records may be larger than those before them."""
_LEAST_BYTES = 2**20
_SMALL_FILES = 4
"""Manifest, offsets.db and snapshot, each written beside the one that it takes the place of, and kept."""
_TICK_S = 0.2

Sizes = Mapping[str, float]
"""How much room an offset takes, by topic; under an empty name what holds for all others."""


def needed_bytes(unread: Mapping[str, int], sizes: Sizes, small_bytes: int, more_bytes: int = 0) -> int:  # fmt: skip
    """How much room a run has to find: for so many offsets of each topic, and as a reserve."""
    usual = sizes.get("", 0)
    records = sum(count * sizes.get(topic, usual) for topic, count in unread.items())
    expected = int(records) + more_bytes
    return expected + int(expected * _MARGIN) + _SMALL_FILES * small_bytes + _LEAST_BYTES


def unread(source: Source, said: SetManifest | None) -> dict[str, int]:
    """How many offsets of each topic are behind what the set has reached."""
    found = {}
    for name, topic in source.topics.items():
        held = said.topics.get(name) if said else None
        partitions = held.partitions if held else {}
        found[name] = sum(
            max(0, end - max(first, partitions[number].through + 1 if number in partitions else 0))
            for number, (first, end) in topic.ends.items()
        )
    return found


def newest_full(writer: Writer, backup_id: str) -> tuple[SetManifest | None, int]:
    """Of full sets the newest whose manifest can be read, and how much room it takes."""
    for folder in newest_first(backup_id, writer.folders()):
        with suppress(FaultError):
            content = small(writer, f"{folder}/{MANIFEST}")
            if content is not None:
                said = backup_manifest.manifest(content, folder)
                return said, sum(each.size for each in writer.files(folder).values())
    return None, 0


def sizes(
    said: SetManifest | None, source: Source, access: Access, group: str, clock: Deadline
) -> Sizes:
    """The mean room that a record takes in a set; where it holds none, what a sample of the source tells.

    Raises:
        NoOwnError: when the broker refuses, or the time is up.
    """
    taken: dict[str, int] = {}
    for each in said.segments if said else ():
        taken[each.topic] = taken.get(each.topic, 0) + each.size
    counts = {
        name: sum(each.records for each in topic.partitions.values())
        for name, topic in (said.topics if said else {}).items()
    }
    if not sum(counts.values()):
        return _sampled(access, source, group, clock)
    found = {name: taken.get(name, 0) / count for name, count in counts.items() if count}
    found[""] = sum(taken.values()) / sum(counts.values())
    return found


def _sampled(access: Access, source: Source, group: str, clock: Deadline) -> dict[str, float]:
    """A few records of the largest topics, packed by a weaker algorithm than the engine's.

    What compaction has taken away takes no room, so it is offsets that are counted.
    """
    counts = unread(source, None)
    largest = sorted((each for each in counts if counts[each]), key=lambda each: -counts[each])
    found: dict[str, float] = {}
    with Reader(access.librdkafka(), group) as reader:
        for name in islice(largest, _TOPICS):
            number, (first, end) = max(
                source.topics[name].ends.items(), key=lambda each: each[1][1] - each[1][0]
            )
            offsets = bytes_ = 0
            for begin in sorted({first, (first + end) // 2}):
                taken, span = _sample(reader, (name, number), begin, end, clock)
                bytes_, offsets = bytes_ + taken, offsets + span
            if offsets:
                found[name] = bytes_ / offsets
    if found:
        found[""] = sum(found.values()) / len(found)
    return found


def _sample(
    reader: Reader, place: PartitionKey, begin: int, end: int, clock: Deadline
) -> tuple[int, int]:
    """What a few records take from an offset on, and how many offsets they span."""
    reader.assign({place: begin})
    content, last, count = bytearray(), begin - 1, 0
    while count < _RECORDS and last < end - 1 and place not in reader.ended:
        clock.left()
        message = reader.next(_TICK_S)
        if message is not None:
            content += _bytes(message)
            last, count = message.offset() or 0, count + 1
    reached = end - 1 if place in reader.ended else last
    return len(compress(bytes(content))) + _RECORD_BYTES * count // 4, reached - begin + 1


def _bytes(message: "Message") -> bytes:
    # The library's signatures say text, and mean bytes.
    headers: Any = message.headers() or ()
    parts: list[Any] = [message.key(), message.value(), *(value for _, value in headers)]
    return b"".join(each or b"" for each in parts)
