"""What sets hold and what is there to restore them into -> what stands in the way, and what is to be known before."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

import msgspec

from generator.common.units import format_duration_ms
from generator.contract.restore import RestoreOrder, RestoreSet
from verify.checks._words import listed
from verify.collect.kafka.retention import is_expired
from verify.live.backups import BackedUpPartition, BackedUpTopic, BackupSet
from verify.live.gap import Gap
from verify.live.kafka import Ends, Kafka, LiveTopic, Partition

_RATE = "producer_byte_rate"
_UNLIMITED = 2**31 - 1
_APPEND_TIME = "LogAppendTime"
_GIB = 2**30
_NAMED = 3


class Progress(msgspec.Struct):
    """How far one partition is, as the engine keeps it from before its first record on."""

    source_topic: str
    target_topic: str
    target_partition: int
    target_hw_after_ack: int
    records_acked: int = 0
    """Where the target ended then; the engine reads what lies behind it, and takes it for its own if it is."""
    source_partition: int = 0


class Checkpoint(msgspec.Struct):
    """How far the engine says that a restore has come (kafka-backup-core 0.25.2, manifest.rs, RestoreCheckpoint)."""

    records_restored: int = 0
    segments_completed: list[str] = []
    partitions: dict[str, Progress] = {}


def checkpoint_key(order: RestoreOrder, backup_id: str) -> str:
    """Where the engine remembers that (kafka-backup-core 0.25.2, restore/checkpoint.rs)."""
    return f"{backup_id}/restore-checkpoints/{order.checkpoint}.json"


class Said(NamedTuple):
    """A sentence for people; a problem keeps the restore from beginning."""

    is_problem: bool
    text: str


def judged(
    order: RestoreOrder,
    sets: Mapping[str, BackupSet],
    begun: Mapping[str, Checkpoint],
    kafka: Kafka,
    gaps: Mapping[str, Gap],
    now_ms: float = 0,
    retentions_ms: Mapping[str, int] | None = None,
) -> Iterator[Said]:
    """All that is to be said of a restore before it begins.

    Args:
        order: the restore.
        sets: what it reads, by the ids of sets.
        begun: how far an earlier try has come, of sets that have a checkpoint.
        kafka: what brokers say of the targets.
        gaps: what they did not say.
        now_ms: when that was.
        retentions_ms: how long targets keep records, of those that an earlier try has begun; -1 for ever.
    """
    for each in order.sets:
        held = sets[each.backup_id]
        if held.fault:
            yield Said(True, f"{held.place}: manifest.json {held.fault}")
            continue
        yield from _of_set(held)
        yield from _of_topics(order, each, held, kafka)
        try_ = _Try(begun.get(each.backup_id) or Checkpoint(), retentions_ms or {}, now_ms)
        yield from _of_content(order, each, held, try_, kafka)
    parts = list(_parts(order, sets, kafka))
    # What is there already, is left out by its time, or goes first, is not known byte by byte.
    whole = not (order.is_windowed or order.purges or any(map(_has_progress, begun.values())))
    for said in (*_of_room(parts, kafka, gaps), *_of_time(order, parts, kafka, gaps)):
        yield Said(said.is_problem and whole, said.text)


def _of_set(held: BackupSet) -> Iterator[Said]:
    for few, words in (
        (held.missing, "segments that are not there"),
        (held.sizes, "segments of another size than the manifest says"),
        (held.contradictions, "things in the manifest that cannot be"),
        (held.integrity.wrong, "segments that are not what the manifest says"),
    ):
        if few.count:
            yield Said(True, f"{held.place}: {few.count} {words}: {', '.join(few.first[:_NAMED])}")
    if held.integrity.problem is not None:
        reason = held.integrity.problem.reason
        yield Said(False, f"{held.place}: not all of the sample was read: {reason}")


def _of_topics(
    order: RestoreOrder, asked: RestoreSet, held: BackupSet, kafka: Kafka
) -> Iterator[Said]:
    for source, target in sorted(asked.topics.items()):
        backed, live = held.topics.get(source), kafka.topics.get(target)
        if backed is None:
            yield Said(True, f"{held.place} holds no topic {source}")
        elif live is not None:
            yield from _of_partitions(order, source, target, backed, live)
            if kafka.configs.get(target, {}).get("message.timestamp.type") == _APPEND_TIME:
                yield Said(
                    False,
                    f"{target} says {_APPEND_TIME}: records of {source} get the time of the restore, and its"
                    " retention starts anew",
                )
        elif not order.creates:
            yield Said(True, f"there is no topic {target} to restore {source} into")


def _of_partitions(
    order: RestoreOrder, source: str, target: str, backed: BackedUpTopic, live: LiveTopic
) -> Iterator[Said]:
    """Records keep the number of their partition."""
    there = len(live.partitions)
    most = max(set(backed.partitions) & set(order.partitions or backed.partitions), default=-1) + 1
    if most > there:
        yield Said(
            True,
            f"{target} has {there} partitions, and the set holds records of {most} of {source}",
        )
    elif 0 <= backed.count < there and not order.partitions:
        yield Said(
            False,
            f"{target} has {there} partitions, and {source} had {backed.count}: records keep their partition, so"
            f" that {there - backed.count} stay empty while producers find other ones for the same keys",
        )


def _of_content(
    order: RestoreOrder, asked: RestoreSet, held: BackupSet, earlier: "_Try", kafka: Kafka
) -> Iterator[Said]:
    """Whether the targets are as empty, or as far, as they have to be.

    Source: kafka-backup-core 0.25.2, restore/engine.rs, record_partition_baselines; restore/checkpoint.rs.
    """
    begun = earlier.begun
    started = {each.source_topic for each in begun.partitions.values()}
    for source, target in sorted(asked.topics.items(), key=lambda each: each[1]):
        records = _records(order, target, kafka)
        if records and source not in started and not order.purges:
            yield Said(
                True,
                f"{target} holds {records} records, and the restore would add its own behind them: empty it,"
                " or restore into a topic of another name",
            )
    if not begun.partitions:
        return
    key = held.place.removesuffix(held.backup_id) + checkpoint_key(order, held.backup_id)
    lost = sorted(f"{each.target_topic}-{each.target_partition}" for each in begun.partitions.values()
                  if _is_lost(each, held, earlier, kafka))  # fmt: skip
    if lost:
        yield Said(
            True,
            f"{key} says that an earlier try wrote records that are not there any more: {listed(lost, _NAMED)}. Those"
            " topics were emptied or made anew, their retention is too short for what is restored, or that was another"
            " restore of this name: give this one a name of its own, or empty all of its targets and delete that file",
        )
    else:
        said = (
            f"it goes on where an earlier try stopped, at {begun.records_restored} records ({key})"
        )
        yield Said(False, said)


class _Try(NamedTuple):
    """An earlier try, and what explains that something of it is gone."""

    begun: Checkpoint
    retentions_ms: Mapping[str, int]
    now_ms: float


def _is_lost(progress: Progress, held: BackupSet, earlier: _Try, kafka: Kafka) -> bool:
    """True when something of what the engine wrote is gone that it would neither find nor write again.

    It looks for what lies behind the end that it knew, and takes all before that for done.
    """
    ends = kafka.ends.get(f"{progress.target_topic}-{progress.target_partition}")
    end, known = max(ends.end, ends.high) if ends else 0, progress.target_hw_after_ack
    first = ends.first if ends else 0
    if end < known or (first > known and end > known):
        return True
    if first < end or not progress.records_acked:
        return False
    # Nothing is left of what was acknowledged.
    topic = held.topics.get(progress.source_topic)
    backed = topic.partitions.get(progress.source_partition) if topic else None
    retention_ms = earlier.retentions_ms.get(progress.target_topic, -1)
    return backed is None or not is_expired(backed.newest_ms, retention_ms, earlier.now_ms)


def _has_progress(begun: Checkpoint) -> bool:
    return bool(begun.partitions)


def _records(order: RestoreOrder, topic: str, kafka: Kafka) -> int:
    # What a transaction has written that is not ended lies behind what readers see.
    return sum(max(0, max(each.end, each.high) - each.first) for each in _ends(order, topic, kafka))


def _ends(order: RestoreOrder, topic: str, kafka: Kafka) -> Iterator[Ends]:
    live = kafka.topics.get(topic)
    for number in range(len(live.partitions)) if live else ():
        if not order.partitions or number in order.partitions:
            yield kafka.ends[f"{topic}-{number}"]


def _parts(
    order: RestoreOrder, sets: Mapping[str, BackupSet], kafka: Kafka
) -> Iterator[tuple[BackedUpPartition, Partition]]:
    """What is restored, and where to, partition by partition."""
    for asked in order.sets:
        for source, target in asked.topics.items():
            backed, live = sets[asked.backup_id].topics.get(source), kafka.topics.get(target)
            for number, each in backed.partitions.items() if backed and live else ():
                wanted = not order.partitions or number in order.partitions
                if live and wanted and number < len(live.partitions):
                    yield each, live.partitions[number]


def _of_room(
    parts: list[tuple[BackedUpPartition, Partition]], kafka: Kafka, gaps: Mapping[str, Gap]
) -> Iterator[Said]:
    needed: dict[int, int] = {}
    for backed, live in parts:
        for broker in live.replicas:
            needed[broker] = needed.get(broker, 0) + backed.plain_bytes
    usable: dict[int, int] = {}
    for directory in kafka.log_dirs:
        usable[directory.broker] = usable.get(directory.broker, 0) + max(0, directory.usable_bytes)
    for broker, size in sorted(needed.items()):
        gap = gaps.get("kafka.log_dirs") or gaps.get(f"kafka.log_dirs.{broker}")
        if broker not in usable:
            yield Said(
                False,
                f"room of broker {broker} was not looked at{f': {gap.reason}' if gap else ''}",
            )
        elif size > usable[broker]:
            yield Said(
                True,
                f"broker {broker} has room for {usable[broker] / _GIB:.1f} GiB, and its replicas of the targets take"
                f" up to {size / _GIB:.1f} GiB",
            )


def _of_time(
    order: RestoreOrder,
    parts: list[tuple[BackedUpPartition, Partition]],
    kafka: Kafka,
    gaps: Mapping[str, Gap],
) -> Iterator[Said]:
    """How long it takes by the quota of who writes, which counts for each broker."""
    if "kafka.quotas" in gaps:
        yield Said(False, f"quotas were not looked at: {gaps['kafka.quotas'].reason}")
        return
    rate = kafka.quotas.get(kafka.user, kafka.quotas.get("<default>", {})).get(_RATE)
    leads: dict[int, int] = {}
    for backed, live in parts:
        leads[live.leader] = leads.get(live.leader, 0) + backed.plain_bytes
    if not rate or not leads or rate >= _UNLIMITED:
        return
    takes_s = max(leads.values()) / rate
    said = f"by its quota ({_RATE} {rate:.0f}) it takes {_time(takes_s)}"
    if takes_s > order.deadline_seconds:
        yield Said(True, f"{said}, and it is stopped after {_time(order.deadline_seconds)}")
    else:
        yield Said(False, said)


def _time(seconds: float) -> str:
    return format_duration_ms(max(1, round(seconds)) * 1000)
