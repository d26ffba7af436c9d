"""Restored partitions: which record of theirs was where in the topic that was backed up."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from verify.collect.kafka.clients import PartitionKey, Reader
from verify.collect.kafka.retrying_admin import Deadline, NoOwnError
from verify.live.gap import Cause

if TYPE_CHECKING:
    from confluent_kafka import Message

OFFSET = "x-original-offset"
"""The header in which the engine keeps a record's old offset (kafka-backup-core 0.25.2, offset_headers.rs)."""
_TICK_S = 0.2
_NEVER = 2**63 - 1
_SMALL_FETCH = 64 * 2**10
"""Single records are looked at, all over a partition."""


def reader_of_originals(settings: Mapping[str, Any], group: str) -> Reader:
    """A reader for `places`."""
    return Reader(settings, group, fetch_message_max_bytes=_SMALL_FETCH, fetch_wait_max_ms=1)


def places(
    reader: Reader, place: PartitionKey, wanted: Iterable[int], clock: Deadline
) -> dict[int, int]:
    """For each old offset where the first record lies that had it, or a later one; the end where none did.

    Records are as they were, in their order: a few of them are looked at for each offset.

    Raises:
        NoOwnError: when the broker refuses, the time is up, or a record does not say which offset it had.
    """
    begin, end = reader.bounds(place, clock)
    seen: dict[int, tuple[int, int]] = {}
    """By offset asked for: where the next record is, and which it was; both the end where there is none."""

    def look(at: int) -> tuple[int, int]:
        if at not in seen:
            record = _first(reader, place, at, clock)
            offset = end if record is None else record.offset() or 0
            # What was written meanwhile was not restored; a record without a value is false.
            if record is None or offset >= end:
                seen[at] = end, _NEVER
            else:
                seen[at] = offset, _old(record, place)
        return seen[at]

    found: dict[int, int] = {}
    for old in sorted(set(wanted)):
        low, high = begin, end
        if begin < end:
            first, was = look(begin)
            guess = first + old - was
            for at in (guess, guess - 1):
                if low <= at < high:
                    low, high = _halved(look(at), at, old, low, high)
        while low < high:
            at = (low + high) // 2
            low, high = _halved(look(at), at, old, low, high)
        found[old] = low
    return found


def _halved(seen: tuple[int, int], at: int, old: int, low: int, high: int) -> tuple[int, int]:
    offset, was = seen
    return (low, at) if was >= old else (max(low, offset + 1), high)


def _first(reader: Reader, place: PartitionKey, at: int, clock: Deadline) -> "Message | None":
    reader.assign({place: at})
    while place not in reader.ended:
        clock.left()
        message = reader.next(_TICK_S)
        if message is not None:
            return message
    return None


def _old(record: "Message", place: PartitionKey) -> int:
    old = original(record)
    if old is None:
        topic, partition = place
        raise NoOwnError(
            Cause.REFUSED,
            f"{topic}-{partition} at {record.offset()} does not say which offset it had: somebody else wrote it,"
            " or stripHeaders took that away",
        )
    return old


def original(record: "Message") -> int | None:
    """The offset that a restored record had; its last mark counts, as others may be its own."""
    told: Any = record.headers() or ()
    marks = [
        value.encode() if isinstance(value, str) else value for key, value in told if key == OFFSET
    ]
    if not marks or marks[-1] is None or len(marks[-1]) != 8:
        return None
    return int.from_bytes(marks[-1], "little", signed=True)
