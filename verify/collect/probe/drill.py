"""A drill's scratch topics: made ready for the engine, read beside their source, and removed."""

import time
from collections.abc import Iterator, Mapping
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from generator.contract.drill import Compared, DrillOrder
from verify.collect.kafka.access import Access
from verify.collect.kafka.clients import PartitionKey, Reader
from verify.collect.kafka.originals import OFFSET, original
from verify.collect.kafka.retrying_admin import Deadline, NoOwnError, RetryingAdmin, expect
from verify.collect.probe.removal import remove
from verify.live.live import Cause

if TYPE_CHECKING:
    from confluent_kafka import Message
    from confluent_kafka.admin import AdminClient, NewTopic

_MARKS = frozenset({OFFSET, "x-original-timestamp", "x-source-cluster", "x-source-partition"})
"""Headers that the engine adds (kafka-backup-core 0.25.2, offset_headers.rs)."""
_TICK_S = 0.2
_FOR_EVER = str(2**63 - 1)
_LARGEST_RECORD = 100 * 2**20
"""What a broker takes at most in one request, unless somebody changed socket.request.max.bytes."""
_CONFIG = {
    # Restored records are as old as they were: nothing but the drill may delete them.
    "cleanup.policy": "delete",
    "retention.ms": "-1",
    "retention.bytes": "-1",
    "message.timestamp.type": "CreateTime",
    "message.timestamp.before.max.ms": _FOR_EVER,
    "message.timestamp.after.max.ms": _FOR_EVER,
    "max.message.bytes": str(_LARGEST_RECORD),
    "min.insync.replicas": "1",
}
REMOVAL_S = 60.0
"""How long removal may take, whatever is left of the drill's own time."""


def prepare(access: Access, drill: DrillOrder, deadline: float) -> None:
    """Remove what an earlier drill left, and make an empty scratch topic for each source.

    Raises:
        NoOwnError: when a source is not there, Kafka refuses, or the time is up.
    """
    asker = RetryingAdmin(access, Deadline(deadline))
    try:
        _clear(asker, drill.prefix)
        there = asker.ask(lambda admin, timeout: admin.list_topics(timeout=timeout)).topics
        absent = sorted(set(drill.topics) - set(there))
        if absent:
            raise NoOwnError(
                Cause.REFUSED, f"there is no topic {', '.join(absent)} to compare with"
            )
        from confluent_kafka.admin import NewTopic

        new = [
            NewTopic(drill.scratch(topic), len(there[topic].partitions), config=_CONFIG)
            for topic in drill.topics
        ]
        asker.ask(lambda admin, timeout: _create(admin, new, timeout))
    finally:
        asker.close()


def _create(admin: "AdminClient", new: "list[NewTopic]", timeout: float) -> None:
    answers = admin.create_topics(new, request_timeout=timeout, operation_timeout=timeout)
    for answer in answers.values():
        expect(answer, timeout, "TOPIC_ALREADY_EXISTS")


def _clear(asker: RetryingAdmin, prefix: str) -> None:
    """Remove every topic under the prefix, and wait until none is told of any more."""
    while True:
        told = asker.ask(lambda admin, timeout: admin.list_topics(timeout=timeout)).topics
        names = [name for name in told if name.startswith(prefix)]
        if not names:
            return
        left = remove(asker.access, names, (), asker.clock)
        if left:
            raise NoOwnError(Cause.TIMED_OUT, f"{', '.join(left)} cannot be removed")
        asker.clock.pause()


def clear(access: Access, drill: DrillOrder) -> tuple[str, ...]:
    """Remove the drill's scratch topics; what is still there afterwards."""
    scratch = [drill.scratch(topic) for topic in drill.topics]
    return remove(access, scratch, (), Deadline(time.monotonic() + REMOVAL_S))


def compare(
    access: Access,
    drill: DrillOrder,
    counts: Mapping[PartitionKey, tuple[int, int]],
    clock: Deadline,
) -> list[Compared]:
    """Every restored partition beside its source; `counts` is what the manifest said of each.

    Both are read once from one end to the other, whatever their size; nothing is kept of them.

    Raises:
        NoOwnError: when Kafka refuses, or the time is up.
    """
    asker = RetryingAdmin(access, clock)
    try:
        there = asker.ask(lambda admin, timeout: admin.list_topics(timeout=timeout)).topics
    finally:
        asker.close()
    found = []
    for topic, chosen in drill.topics.items():
        if drill.scratch(topic) not in there:
            raise NoOwnError(Cause.REFUSED, f"there is no scratch topic {drill.scratch(topic)}")
        for partition in chosen:
            each = Compared(topic, partition, counts.get((topic, partition), (0, 0)))
            _compare(asker.settings, drill, each, clock)
            found.append(each)
    return found


def _compare(
    settings: Mapping[str, Any], drill: DrillOrder, found: Compared, clock: Deadline
) -> None:
    """Read a scratch partition and its source side by side, as two sorted lists are merged."""
    checksum = sha256()
    with _reader(settings, drill) as restored, _reader(settings, drill) as sources:
        source: Iterator[Message] = iter(())
        current: Message | None = None
        last: int | None = None
        for record in _records(restored, (drill.scratch(found.topic), found.partition), 0, clock):
            found.restored += 1
            fingerprint = _fingerprint(record)
            checksum.update(fingerprint)
            offset = original(record)
            if offset is None:
                found.unmarked += 1
                continue
            if last is None:
                source = _records(sources, (found.topic, found.partition), offset, clock)
                current = next(source, None)
            elif offset <= last:
                found.disordered += 1
                found.first = found.first or f"offset {offset} comes after offset {last}"
                continue
            last = offset
            while current is not None and (current.offset() or 0) < offset:
                found.missing += 1
                found.first = found.first or f"offset {current.offset()} did not come back"
                current = next(source, None)
            if current is None or current.offset() != offset:
                found.gone += 1
                continue
            if _fingerprint(current) == fingerprint:
                found.same += 1
            else:
                found.different += 1
                found.first = (
                    found.first or f"offset {offset} has another key, value, header or time"
                )
            current = next(source, None)
    found.sha256 = checksum.hexdigest()


def _reader(settings: Mapping[str, Any], drill: DrillOrder) -> Reader:
    # It joins no group and commits nothing; the client wants a name all the same.
    return Reader(settings, drill.prefix + "reader")


def _records(
    reader: Reader, place: PartitionKey, offset: int, clock: Deadline
) -> Iterator["Message"]:
    """Committed records of a partition from an offset, or the first that is left, to its end now.

    Raises:
        NoOwnError: when the broker refuses, or the time is up.
    """
    reader.assign({place: offset})
    while place not in reader.ended:
        clock.left()
        message = reader.next(_TICK_S)
        if message is not None:
            yield message


def _fingerprint(record: "Message") -> bytes:
    """SHA-256 of a record's key, value, time and headers, without what the engine adds."""
    parts: list[bytes | None] = [_bytes(record.key()), _bytes(record.value())]
    parts.append(str(record.timestamp()[1]).encode())
    for key, value in _headers(record):
        if key not in _MARKS:
            parts += [key.encode(), value]
    # Lengths keep neighbours apart; what is null has none.
    framed = [b"-" if part is None else b"%d:%b" % (len(part), part) for part in parts]
    return sha256(b"".join(framed)).digest()


def _headers(record: "Message") -> list[tuple[str, bytes | None]]:
    found: Any = record.headers() or ()
    return [(key, _bytes(value)) for key, value in found]


def _bytes(value: str | bytes | None) -> bytes | None:
    return value.encode() if isinstance(value, str) else value
