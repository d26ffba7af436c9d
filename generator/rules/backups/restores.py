"""Topics into which records are restored, and who else works with them."""

from collections.abc import Iterator
from typing import NamedTuple

from generator.common.finding import Path, Severity
from generator.common.units import approximate_bytes, format_duration_ms
from generator.model.acls import acls_of_restore
from generator.model.backups import restores
from generator.model.backups.backups import seconds
from generator.model.backups.offset_resets import known_groups
from generator.model.backups.restores import Restore
from generator.rules._rights import rights_flaws
from generator.rules.registry import Flaw, rule
from generator.system.effective_settings import UNLIMITED, TopicSettings
from generator.system.system import System


class _Pair(NamedTuple):
    """One topic of a restore; None where no KafkaTopic tells of it."""

    restore: Restore
    path: Path
    """Where the intent says both."""
    source: str
    target: str
    before: TopicSettings | None
    after: TopicSettings | None


def _restores(system: System) -> list[Restore]:
    return restores.restores(system.environment) if system.environment else []


def _pairs(system: System) -> Iterator[_Pair]:
    for restore in _restores(system):
        for source, target in sorted(restore.topics.items()):
            before, after = (system.by_topic.get(each) for each in (source, target))
            yield _Pair(
                restore, (restores.SECTION, restore.name, "topics", source), source, target,
                before.settings if before and restore.own else None,
                after.settings if after else None,
            )  # fmt: skip


@rule("restore-in-place")
def in_place(system: System) -> Iterator[Flaw]:
    """Records are restored into another topic than the one that they come from.

    Why: the engine adds them behind what is there, so that every consumer gets all of them twice, in an
        order that never was.
    Fix: restore into a topic of its own and move the groups there; or write purge: true where what the
        topic holds shall be lost, and suppress restore-purge with the reason.
    Source: kafka-backup-core 0.25.2, restore/engine.rs (records are produced like any others).
    """
    for each in _pairs(system):
        same = each.source == each.target and each.restore.own
        if same and not each.restore.settings["purge"]:
            yield Flaw(each.path, f"{each.target} gets its own records once more")


@rule("restore-partitions")
def partitions(system: System) -> Iterator[Flaw]:
    """A target has all partitions that are restored into it.

    Why: a record goes to the partition that it came from; where that is not there the restore fails,
        half of it done.
    Fix: give the target as many partitions as the source, or restore only some with partitions.
    Source: kafka-backup-core 0.25.2, restore/engine.rs (partition_mapping is the identity).
    """
    for each in _pairs(system):
        if each.before is None or each.after is None:
            continue
        there = range(each.before.partitions)
        wanted = [p for p in each.restore.settings.get("partitions", there) if p in there]
        needed = max(wanted, default=-1) + 1
        if each.after.partitions < needed:
            yield Flaw(each.path, f"{each.target} has {each.after.partitions} partitions, and {needed}"
                       f" of {each.source} are restored")  # fmt: skip


@rule("restore-message-size")
def message_size(system: System) -> Iterator[Flaw]:
    """A target takes records as large as its source did.

    Why: the broker refuses a larger one, and the restore fails at it every time.
    Fix: give the target the maxMessageSize of the source.
    Source: Kafka 4.3 documentation, topic configs (max.message.bytes).
    """
    for each in _pairs(system):
        if each.before is None or each.after is None:
            continue
        before, after = (s.number("max.message.bytes") for s in (each.before, each.after))
        if after < before:
            yield Flaw(each.path, f"{each.target} takes records up to {approximate_bytes(after)}, and"
                       f" {each.source} up to {approximate_bytes(before)}")  # fmt: skip


@rule("restore-retention")
def retention(system: System) -> Iterator[Flaw]:
    """A target keeps records that are as old as those in the backup.

    Why: restored records keep their timestamps, by which retention goes: the broker deletes old ones
        within minutes, and the restore has succeeded all the same. A set is pruned by when its segments
        were written, so that it holds records older by what the source keeps.
    Fix: write retention: unlimited for the target, with a retentionSize (of a partition) above what comes
        back, until what is in it has been used, and suppress topic-data-class for it as long; or config:
        {message.timestamp.type: LogAppendTime}, where their times may be lost.
    Source: Kafka 4.3 documentation, topic configs (retention.ms, message.timestamp.before.max.ms);
        kafka-backup-core 0.25.2, backup/prune.rs (segment_age_basis).
    """
    for each in _pairs(system):
        after = each.after
        if after is None or after.value("message.timestamp.type") == "LogAppendTime":
            continue
        oldest = _oldest_ms(system, each)
        how_old = "of any age" if oldest is None else f"up to {format_duration_ms(oldest)} old"
        for key in ("retention.ms", "message.timestamp.before.max.ms"):
            limit = after.number(key)
            if key == "retention.ms" and (not after.deletes or limit == UNLIMITED):
                continue
            if limit < (_FOR_EVER if oldest is None else oldest):
                yield Flaw(each.path, f"{each.target} has {key} {format_duration_ms(limit)}, and the"
                           f" backup holds records {how_old}")  # fmt: skip
                break


_FOR_EVER = 2**63 - 1


def _oldest_ms(system: System, pair: _Pair) -> int | None:
    """How old records in the set can be; None where nothing bounds it."""
    restore, before = pair.restore, pair.before
    backup = next((b for b in system.backups if b.name == restore.settings.get("backup")), None)
    age = backup.settings.get("retention", {}).get("age") if backup and restore.own else None
    if age is None or backup is None or before is None or before.kept_ms == UNLIMITED:
        return None
    return (seconds(age) + backup.oldest_s) * 1000 + before.kept_ms


@rule("restore-compacted")
def compacted(system: System) -> Iterator[Flaw]:
    """Only a compacted topic is restored into a compacted one.

    Why: a compacted topic refuses records without a key, and keeps one record of each key: the history
        that the source had is gone once the cleaner has been there.
    Fix: write cleanup: delete for the target.
    Source: Kafka 4.3 documentation, topic configs (cleanup.policy); UnifiedLog refuses keyless records.
    """
    for each in _pairs(system):
        if each.before is None or each.after is None:
            continue
        if each.after.compacts and not each.before.compacts:
            yield Flaw(each.path, f"{each.target} is compacted, and {each.source} is not")


@rule("restore-replication", Severity.WARNING)
def replication(system: System) -> Iterator[Flaw]:
    """A target is as safe as its source.

    Why: a record counts as restored once min.insync.replicas of the target have it; with fewer copies
        the loss of one broker loses what was just brought back.
    Fix: give the target the replicas and the minInsyncReplicas of the source.
    Source: Kafka 4.3 documentation, topic configs (min.insync.replicas); the engine asks for acks=all.
    """
    for each in _pairs(system):
        if each.before is None or each.after is None:
            continue
        before, after = each.before, each.after
        key = "min.insync.replicas"
        for what, old, new in (("replicas", before.replicas, after.replicas),
                               (key, before.number(key), after.number(key))):  # fmt: skip
            if new < old:
                yield Flaw(each.path, f"{each.target} has {new} {what}, and {each.source} {old}")
                break


@rule("restore-producers", Severity.WARNING)
def producers(system: System) -> Iterator[Flaw]:
    """Nobody else writes to a topic while records are restored into it.

    Why: new records come between the old ones; consumers see times go back and forth, and nobody can
        tell any more what was restored.
    Fix: restore into a topic that no application produces to, or stop those that do and suppress this.
    Source: kafka-backup-core 0.25.2, restore/engine.rs (records are produced like any others).
    """
    for each in _pairs(system):
        writing = sorted({app.name for app in system.producers.get(each.target, ())})
        if writing:
            yield Flaw(each.path, f"{writing[0]} produces to {each.target}")


@rule("restore-rights")
def rights(system: System) -> Iterator[Flaw]:
    """An approved restore may do what it has to.

    Why: the engine stops at the first thing that Kafka refuses, with some topics written and some not.
    Fix: drop what changes its KafkaUser in overrides.
    Source: kafka-backup-core 0.25.2, kafka/ (Produce, DescribeConfigs, CreateTopics, DeleteRecords).
    """
    for restore in _restores(system):
        yield from rights_flaws(system, restore.job, acls_of_restore(restore))


@rule("restore-group", Severity.WARNING)
def group(system: System) -> Iterator[Flaw]:
    """Groups that follow a restore are groups of applications that are known.

    Why: nobody knows where a group was that has committed nothing: once all records are there the restore ends
        with an error that names it, and the one that was meant stays where it is.
    Fix: correct the name, or suppress this for a group of somebody outside.
    Source: strimzi-verify restore groups.
    """
    known = {*known_groups(system.environment)} if system.environment else set()
    for restore in _restores(system):
        for index, each in enumerate(restore.groups):
            if each not in known:
                yield Flaw((restores.SECTION, restore.name, "groups", "names", index),
                           f"no application consumes in the group {each}")  # fmt: skip


@rule("restore-late-records", Severity.WARNING)
def late_records(system: System) -> Iterator[Flaw]:
    """A point in time is taken of topics whose records are in the order of their timestamps.

    Why: the engine chooses segments by the timestamps of their first and their last record. Where producers
        set them (CreateTime) and write late, a whole segment is left out although it holds records from
        before the point in time: nothing is said, and the restore succeeds.
    Fix: restore everything, without since and until, and leave out by key or offset what is too new; or
        set message.timestamp.type: LogAppendTime on the source; where its producers never write late,
        suppress this rule.
    Source: kafka-backup-core 0.25.2, restore/engine.rs (segments by start_timestamp and end_timestamp); measured.
    """
    for each in _pairs(system):
        settings = each.restore.settings
        word = "until" if "until" in settings else "since"
        if word not in settings or each.before is None:
            continue
        if each.before.value("message.timestamp.type") != "LogAppendTime":
            path = (restores.SECTION, each.restore.name, word)
            yield Flaw(path, f"producers set the timestamps of {each.source}")
