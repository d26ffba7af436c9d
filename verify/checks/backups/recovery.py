"""Backups: how long it takes until all that their sets hold is back."""

from collections.abc import Iterator

from generator.contract.recovery import span, told
from generator.contract.report import Outcome, fail, ok, unknown
from generator.contract.settings import BackupRun
from verify.checks._words import count, listed
from verify.checks.backups._backups import is_not_due, of_sets
from verify.checks.registry import check
from verify.desired import Desired
from verify.live.live import BackupSet, Live


@check("backup-recovery", needs=("backups",))
def backup_recovery(desired: Desired, live: Live) -> Iterator[Outcome]:
    """All that a backup holds is back within its recovery.

    Compares: uncompressed_size of all segments in all sets of the backup (their packed size where manifests say none), at
        restoreRate: of the backup, or else at a rate that is assumed, with recovery:. Sets are restored one after the
        other, so that their times add up; what looks before a restore and judges after it comes on top.
    Why: a set grows for years while nobody restores all of it; on the day that everything has to come back it is
        too late to learn how long that takes.
    Fix: write as restoreRate what a drill says at its end (kubectl -n {namespace} logs -l
        strimzi-gitops/drill={backup} --all-containers --tail=50); keep less by
        retention.age of the backup, or promise more in recovery: in environments/.
    Source: kafka-backup-core 0.25.2, SegmentMetadata.uncompressed_size; strimzi-gitops restore (one Job for each set).
    """

    def judge(name: str, asked: BackupRun, _: BackupSet) -> Iterator[Outcome]:
        together = {
            other: run
            for other, run in desired.settings.backups.items()
            if other == name or (run.backup and run.backup == asked.backup)
        }
        known = {other: live.backups[other] for other in together if _is_known(other, live)}
        size = sum(map(_plain_bytes, known.values()))
        where = f" in {count(together, 'set')}" if len(together) > 1 else ""
        words = told(size, asked.rate, where)
        absent = [
            other for other, run in together.items()
            if other not in known
            and not (other in live.backups and is_not_due(run, live.backups[other], live))
        ]  # fmt: skip
        if asked.recovery_seconds and asked.rate.back_s(size) > asked.recovery_seconds:
            yield fail(f"{words}; it has to be back within {span(int(asked.recovery_seconds))}")
        elif absent:
            yield unknown(f"at least {words}: nobody knows what is in {listed(absent)}")
        else:
            yield ok(words)

    yield from of_sets(desired, live, judge)


def _is_known(run: str, live: Live) -> bool:
    return run in live.backups and not live.backups[run].fault


def _plain_bytes(found: BackupSet) -> int:
    """What a restore of it writes; of segments that do not say it, what they take in the storage."""
    return sum(
        each.plain_bytes for topic in found.topics.values() for each in topic.partitions.values()
    )
