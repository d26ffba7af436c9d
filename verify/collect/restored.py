"""Restored topics, asked of the brokers, beside what their sets say."""

import time
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from generator.contract.restore import RestoreOrder
from verify.collect.kafka.clients import PartitionKey, Reader
from verify.collect.kafka.originals import original, reader_of_originals
from verify.collect.kafka.retention import FOR_EVER, is_expired, retentions_ms
from verify.collect.kafka.retrying_admin import Deadline, NoOwnError
from verify.live.gap import Cause
from verify.live.restored import RestoredTopic

if TYPE_CHECKING:
    from verify.collect.kafka.access import Access
    from verify.live.backups import BackedUpPartition, BackedUpTopic, BackupSet

_TICK_S = 0.2
_GONE = -1


def restored_topics(
    access: "Access", order: RestoreOrder, sets: "Mapping[str, BackupSet]", clock: Deadline
) -> Iterator[RestoredTopic]:
    """Every topic of a restore, partition by partition: how many records, and which is the last.

    Raises:
        NoOwnError: when Kafka refuses, or the time is up.
    """
    retentions: dict[str, int] = {}
    with reader_of_originals(access.librdkafka(), order.user) as reader:
        known = reader.partitions(clock)
        for asked in order.sets:
            held = sets[asked.backup_id]
            for source, target in sorted(asked.topics.items()):
                found = RestoredTopic(source, target, asked.backup_id)
                backed = held.topics.get(source)
                there = known.get(target, set())
                found.partitions = len(there)
                for number, each in sorted((backed.partitions if backed else {}).items()):
                    if order.partitions and number not in order.partitions:
                        continue
                    found.until_ms = max(found.until_ms, each.newest_ms)
                    if number in there:
                        place = target, number
                        begin, end = bounds = reader.bounds(place, clock)
                        emptied = bool(begin) and begin == end and each.records
                        if emptied and not order.is_windowed:
                            if target not in retentions:
                                retentions[target] = _retention_ms(access, target, clock)
                            _emptied(place, each, retentions[target], found)
                        else:
                            _partition(reader, place, bounds, each, order, found, clock)
                    elif each.records:
                        found.problems.append(
                            f"has no partition {number}, of which there are {each.records} records"
                        )
                    _lost(number, each, found)
                _others(reader, order, backed, there, found, clock)
                if order.is_windowed:
                    found.notes.append("restored to a time: only too many records would be noticed")
                if order.until_ms is not None:
                    found.until_ms = min(found.until_ms, order.until_ms)
                yield found


def _retention_ms(access: "Access", topic: str, clock: Deadline) -> int:
    try:
        return retentions_ms(access, [topic], clock)[topic]
    except NoOwnError as error:
        if error.gap.cause is not Cause.REFUSED:
            raise
        return FOR_EVER


def _emptied(
    place: PartitionKey, backed: "BackedUpPartition", retention_ms: int, found: RestoredTopic
) -> None:
    """Somebody has deleted all of it, unless it is older than Kafka keeps anything of its topic."""
    said = f"{place[1]} has no record, and the set {backed.records}"
    if is_expired(backed.newest_ms, retention_ms, time.time() * 1000):
        found.notes.append(f"{said}: all of them are older than the topic's retention")
    else:
        found.problems.append(f"{said}: all of them were deleted again")


def _partition(
    reader: Reader,
    place: PartitionKey,
    bounds: tuple[int, int],
    backed: "BackedUpPartition",
    order: RestoreOrder,
    found: RestoredTopic,
    clock: Deadline,
) -> None:
    begin, end = bounds
    there, number = end - begin, place[1]
    found.records += there
    if order.is_windowed:
        if there > backed.records:
            found.problems.append(
                f"{number} has {there} records, and the set only {backed.records}"
            )
        return
    last = _last(reader, place, end, clock) if there and not order.strips else backed.last_record
    if there < backed.records and begin and last in (backed.last_record, _GONE):
        found.notes.append(
            f"{number} has {there} records, and the set {backed.records}: it begins at {begin}, as what retention"
            " deletes leaves it"
        )
    elif there != backed.records:
        found.problems.append(f"{number} has {there} records, and the set {backed.records}")
    elif last == _GONE:
        found.notes.append(f"{number}: its last record is compacted away")
    elif last != backed.last_record:
        found.problems.append(
            f"{number} ends with the record that was at {last}, and the set at {backed.last_record}"
        )


def _others(
    reader: Reader,
    order: RestoreOrder,
    backed: "BackedUpTopic | None",
    there: set[int],
    found: RestoredTopic,
    clock: Deadline,
) -> None:
    """Partitions of which the set has nothing."""
    for number in sorted(there - set(backed.partitions if backed else ())):
        if order.partitions and number not in order.partitions:
            continue
        begin, end = reader.bounds((found.target, number), clock)
        if end > begin:
            found.records += end - begin
            found.problems.append(f"{number} has {end - begin} records, and the set none of it")


def _last(reader: Reader, place: PartitionKey, end: int, clock: Deadline) -> int | None:
    """The old offset of the last record; -1 where it is compacted away, None where it does not say."""
    reader.assign({place: end - 1})
    while place not in reader.ended:
        clock.left()
        message = reader.next(_TICK_S)
        if message is not None:
            return original(message)
    return _GONE


def _lost(number: int, backed: "BackedUpPartition", found: RestoredTopic) -> None:
    """What the set itself lacks."""
    for each in (*backed.gaps, *backed.holes):
        found.notes.append(
            f"{number}: offsets {each.first} to {each.last} were never in the backup"
        )
    if backed.captured_end > backed.through + 1:
        lacking = backed.captured_end - backed.through - 1
        found.notes.append(
            f"{number}: the last {lacking} offsets that its last run saw are not in it"
        )
