"""Groups of restored topics: where they were, and where that is now."""

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from generator.contract.restore import ALL_GROUPS, RestoreOrder
from verify.checks._words import listed
from verify.collect.kafka.clients import PartitionKey, Reader
from verify.collect.kafka.originals import places, reader_of_originals
from verify.collect.kafka.retrying_admin import Deadline, NoOwnError
from verify.live.gap import Cause
from verify.live.restored import RestoredGroup

if TYPE_CHECKING:
    from verify.collect.kafka.access import Access
    from verify.live.backups import BackupSet

_NAMED = 3
Offsets = dict[PartitionKey, int]
Partitions = Mapping[str, set[int]]
"""By topic."""


def groups_in(sets: "Mapping[str, BackupSet]", order: RestoreOrder) -> dict[str, Offsets]:
    """Where groups were on the topics of a restore, as the snapshots beside its sets say."""
    found: dict[str, Offsets] = {}
    for each in order.sets:
        held = sets[each.backup_id].groups
        for group, offsets in held.offsets.items() if held else ():
            mine = {_place(at): offset for at, offset in offsets.items()}
            mine = {place: offset for place, offset in mine.items() if place[0] in each.topics}
            if mine:
                found.setdefault(group, {}).update(mine)
    return found


def _place(said: str) -> PartitionKey:
    """A partition as checks call it: `orders-0`."""
    topic, _, number = said.rpartition("-")
    return topic, int(number)


def wanted_groups(order: RestoreOrder, known: Iterable[str]) -> list[str]:
    """The groups that follow a restore."""
    return sorted(known if order.groups == ALL_GROUPS else order.groups)


def partitions_there(access: "Access", order: RestoreOrder, clock: Deadline) -> Partitions:
    """The partitions of every topic of which a restore's user may know.

    Raises:
        NoOwnError: when nobody answers in time.
    """
    with Reader(access.librdkafka(), order.user) as reader:
        return reader.partitions(clock)


def next_records(
    access: "Access",
    order: RestoreOrder,
    group: str,
    in_sets: Offsets,
    there: Partitions,
    clock: Deadline,
) -> Offsets:
    """Where a group is to go on in the restored topics; nothing where nobody knows where it was.

    Raises:
        NoOwnError: when Kafka refuses, or the time is up.
    """
    before = _before(access, order, group, in_sets, there, clock)
    # What was committed on a topic of the same name may be of the restored records already.
    same = {place: at for place, at in in_sets.items() if order.topics[place[0]] == place[0]}
    old = {**in_sets, **before, **same}
    with reader_of_originals(access.librdkafka(), group) as reader:
        wanted = {
            (order.topics[topic], partition): at
            for (topic, partition), at in old.items()
            if at >= 0
            and partition in there.get(order.topics[topic], ())
            and partition in (order.partitions or (partition,))
        }
        return {
            place: places(reader, place, [at], clock)[at] for place, at in sorted(wanted.items())
        }


def _before(
    access: "Access",
    order: RestoreOrder,
    group: str,
    in_sets: Iterable[PartitionKey],
    there: Partitions,
    clock: Deadline,
) -> Offsets:
    """What the group had committed on the sources before the restore first began; nothing where nobody kept it."""
    if not order.snapshots:
        return {}
    with Reader(access.librdkafka(), order.snapshots + group) as kept:
        sources = {
            (topic, partition): 0 for topic in order.topics for partition in there.get(topic, ())
        } | dict.fromkeys(in_sets, 0)
        told = kept.committed(sources, clock) if sources else {}
    return {place: at for place, at in told.items() if at >= 0}


def nobody_knows(order: RestoreOrder) -> str:
    """What is wrong with a group that is to follow, and was nowhere."""
    return (
        f"nobody knows where it was: it has committed nothing on {listed(sorted(order.topics), _NAMED)}, and the"
        " backup's snapshot does not know it"
    )


def restored_groups(
    access: "Access", order: RestoreOrder, sets: "Mapping[str, BackupSet]", clock: Deadline
) -> Iterator[RestoredGroup]:
    """Every group that was to follow: whether it stands at its next record, or has read on from there.

    Raises:
        NoOwnError: when the time is up.
    """
    known = groups_in(sets, order)
    groups = wanted_groups(order, known)
    there = partitions_there(access, order, clock) if groups else {}
    for group in groups:
        found = RestoredGroup(group)
        try:
            wanted = next_records(access, order, group, known.get(group, {}), there, clock)
            if not wanted:
                found.problem = "" if order.is_part else nobody_knows(order)
            else:
                with Reader(access.librdkafka(), group) as reader:
                    now = reader.committed(wanted, clock)
                    # What retention has deleted since needs nobody to have read it.
                    begins = {place: reader.bounds(place, clock)[0] for place in wanted}
                found.partitions = len(wanted)
                late = {
                    place: at
                    for place, at in wanted.items()
                    if at > begins[place] or now[place] < 0
                }
                found.problem = _behind(late, now)
        except NoOwnError as error:
            if error.gap.cause is not Cause.REFUSED:
                raise
            found.problem = error.gap.reason
        yield found


def _behind(wanted: Offsets, now: Offsets) -> str:
    wrong = [
        f"{topic}-{partition} at {now[topic, partition] if now[topic, partition] >= 0 else 'no offset'} instead of {at}"
        for (topic, partition), at in sorted(wanted.items())
        if now[topic, partition] < at
    ]
    return f"it is not where it was: {listed(wrong, _NAMED)}" if wrong else ""
