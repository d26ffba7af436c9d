"""Backups: what lies in their segments is what their manifests say."""

from collections.abc import Iterator

from generator.contract.report import Outcome, fail, ok, skip, unknown, warn
from generator.contract.settings import BackupRun
from verify.checks._words import count, listed
from verify.checks.backups._backups import is_compacted, named, of_sets
from verify.checks.registry import check
from verify.desired import Desired
from verify.live.gap import Cause
from verify.live.live import BackupSet, Live


@check("backup-integrity", needs=("backups",))
def backup_integrity(desired: Desired, live: Live) -> Iterator[Outcome]:
    """Segments that were read can be restored, and hold what their manifest says.

    Compares: every record of a sample of segments (--backup-sample), half of it the newest of their partitions
        and every day others: size, SHA-256 and CRC, first and last offset and time, number of records, and that
        each offset comes after the one before.
    Why: a flipped bit changes no size, and what was written in the place of a segment may have a manifest that
        follows it; a restore ends there, or writes something else and is content.
    Fix: strimzi-verify run {environment} --only backup-integrity --backup-sample all --round-timeout 1h; get
        the segments back from the bucket's versions, and keep the damaged ones until that is done; else start
        a set under another name.
    Source: kafka-backup-core 0.25.2, segment/format.rs, segment/reader.rs, SegmentMetadata.
    """

    def judge(_: str, __: BackupRun, found: BackupSet) -> Iterator[Outcome]:
        seen = found.integrity
        told = f"{seen.read} of {count(found.segments, 'segment')} read"
        if seen.wrong.count:
            yield fail(f"{count(seen.wrong.count, 'segment')} damaged: {named(seen.wrong)}")
        if seen.problem is not None:
            late = seen.problem.cause is Cause.TIMED_OUT
            yield unknown(f"{told}, then: {seen.problem.reason}", timed_out=late)
        elif seen.without_sum:
            yield warn(f"{count(seen.without_sum, 'segment')} without a checksum; {told}")
        elif found.segments and not seen.wanted:
            yield skip(told)
        elif not seen.wrong.count:
            yield ok(told)

    yield from of_sets(desired, live, judge)


@check("backup-consistent", needs=("backups",))
def backup_consistent(desired: Desired, live: Live) -> Iterator[Outcome]:
    """A manifest does not contradict itself, and what it accounts for is in its segments.

    Compares: keys of segments with their topic and partition and with one another, numbers of records with
        offsets, and how far each partition is accounted for with where its last segment ends.
    Why: a restore believes the manifest: it puts another partition's records where a key says so, and is content
        with a partition of which no segment is left.
    Fix: get manifest.json back from the bucket's versions, and keep all segments until that is done: what the
        manifest does not name may be the only copy. Else start a set under another name.
    Source: kafka-backup-core 0.25.2, manifest.rs, PartitionBackup.covered_through, tail_control_records_skipped.
    """

    def judge(_: str, __: BackupRun, found: BackupSet) -> Iterator[Outcome]:
        if found.contradictions.count:
            yield fail(f"its manifest cannot be right: {named(found.contradictions)}")
        unheld = []
        for topic, said in sorted(found.topics.items()):
            for number, each in sorted(said.partitions.items()):
                lost = each.unheld
                # Compaction may leave a log without a record, but not one of which nothing was ever read.
                if lost is not None and not (each.segments and is_compacted(topic, found, live)):
                    unheld.append(f"{topic}-{number} from {lost.first} to {lost.last}")
        if unheld:
            yield fail(f"accounted for, and in no segment: {listed(unheld)}")
        if not (found.contradictions.count or unheld):
            yield ok(count(found.segments, "segment"))

    yield from of_sets(desired, live, judge)
