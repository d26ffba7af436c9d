"""Restores by hand: every record of their sets is there, and groups go on where they were."""

from collections.abc import Iterator
from datetime import UTC, datetime

from generator.contract.report import Outcome, fail, ok, unknown, warn
from verify.checks._words import count
from verify.checks.registry import check
from verify.desired import Desired
from verify.live.gap import Cause
from verify.live.live import Live


@check("restored-records", needs=("restored",))
def restored_records(desired: Desired, live: Live) -> Iterator[Outcome]:  # noqa: ARG001
    """Of every topic that was restored by hand all records of its set are there, and no other.

    Compares: records of each partition, and the old offset of its last one, with the manifest of the set
        (--restored DIR, as strimzi-gitops restore wrote it). What a retention has deleted again is told.
    Why: a restore that was begun twice writes everything twice, and one that was stopped is not whole; both
        look like a topic.
    Fix: run the script of the restore again where records are missing; where there are too many, empty the topic,
        give the restore another name, and begin anew.
    Source: kafka-backup-core 0.25.2, offset_headers.rs (x-original-offset), manifest.rs.
    """
    yield from _unread(live)
    for restored in live.restored.values():
        for topic in restored.topics:
            for each in topic.problems:
                yield fail(each, topic.target)
            for each in topic.notes:
                yield warn(each, topic.target)
            if not topic.problems:
                until = f", until {_time(topic.until_ms)}" if topic.until_ms >= 0 else ""
                yield ok(
                    f"{count(topic.records, 'record')} in {count(topic.partitions, 'partition')}{until}",
                    topic.target,
                )


@check("restored-groups", needs=("restored",))
def restored_groups(desired: Desired, live: Live) -> Iterator[Outcome]:  # noqa: ARG001
    """Every group that was to follow a restore by hand goes on at its next record, or has read on from there.

    Compares: what each group has committed on the restored topics with where the record is now that it was to read
        next: by the backup's snapshot, or by what was kept of it before the restore.
    Why: a group without an offset begins where auto.offset.reset says: at the end, it leaves out what it had not read.
    Fix: stop the members of the group, and run the script of the restore again: its last steps may be repeated.
    Source: kafka-backup-core 0.25.2, offset_headers.rs (x-original-offset).
    """
    yield from _unread(live)
    every = [group for restored in live.restored.values() for group in restored.groups]
    for group in every:
        if group.problem:
            yield fail(group.problem, group.group)
    for name in sorted({group.group for group in every if not group.problem}):
        partitions = sum(group.partitions for group in every if group.group == name)
        if partitions:
            yield ok(count(partitions, "partition"), name)
        else:
            yield fail("no set knows where it was", name)


def _unread(live: Live) -> Iterator[Outcome]:
    for name, gap in sorted(live.gaps.items()):
        if name.startswith("restored."):
            late = gap.cause is Cause.TIMED_OUT
            yield unknown(gap.reason, name.removeprefix("restored."), timed_out=late)


def _time(time_ms: int) -> str:
    return datetime.fromtimestamp(time_ms / 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
