"""Backups: their sets are there and whole, and were written by one writer with a right clock."""

from collections.abc import Iterator

from generator.contract.report import Outcome, fail, ok, warn
from generator.contract.settings import BackupRun
from verify.checks._words import count, listed, span
from verify.checks.backups._backups import (
    NOT_DUE,
    TOLERANCE_S,
    is_active,
    is_not_due,
    is_under_way,
    jobs_of,
    named,
    of_places,
    of_sets,
)
from verify.checks.registry import check
from verify.desired import Desired
from verify.live.live import BackupSet, Live

_SETTLED_S = 10 * 60
"""What a segment may take from its writer's clock to that of the storage: its own upload, and both clocks."""


@check("backup-manifest", needs=("backups",))
def backup_manifest(desired: Desired, live: Live) -> Iterator[Outcome]:
    """Every backup has a manifest that can be read, is its own, and lists topics.

    Compares: manifest.json below the prefix and id that Git says with the engine's format. Of full
        backups the newest complete set is looked at. A new CronJob has time for its first run.
    Why: the manifest is the only record of what a set holds; a run whose patterns match no topic ends
        well and writes none, and one with a wrong prefix writes elsewhere.
    Fix: kubectl -n {namespace} logs -l strimzi-gitops/backup={backup} --all-containers --tail=50; kubectl -n
        {namespace} get configmap {cronjob} -o yaml: look at storage, prefix and topics. Get a damaged manifest back from
        the bucket's versions; without it start a set under another name.
    Source: kafka-backup-core 0.25.2, manifest.rs, backup/engine.rs.
    """

    def judge(_: str, asked: BackupRun, found: BackupSet) -> Iterator[Outcome]:
        if is_not_due(asked, found, live):
            yield ok(NOT_DUE)
            return
        if found.fault:
            yield fail(f"{found.place}: manifest.json {found.fault}")
            return
        older = f", {count(found.older.count, 'older set')}" if found.older.count else ""
        topics, segments = count(found.topics, "topic"), count(found.segments, "segment")
        yield ok(f"{found.place}: {topics}, {segments}{older}")

    yield from of_places(desired, live, judge)


@check("backup-segments", needs=("backups",))
def backup_segments(desired: Desired, live: Live) -> Iterator[Outcome]:
    """Every segment that a manifest lists is there, in the size that it says.

    Compares: the storage's list of files with keys and compressed_size of all segments.
    Why: rules of a bucket that delete or archive old files know nothing of manifests; a restore fails at the
        first file that is not there.
    Fix: take rules that delete single files off the bucket, and use retention: of the backup instead; get the
        segments back from the bucket's versions, or start a new set: kubectl -n {namespace} create job
        --from=cronjob/{cronjob} {cronjob}-again.
    Source: kafka-backup-core 0.25.2, SegmentMetadata; kafka-backup issue 169.
    """

    def judge(_: str, __: BackupRun, found: BackupSet) -> Iterator[Outcome]:
        if found.missing.count:
            yield fail(f"{count(found.missing.count, 'segment')} missing: {named(found.missing)}")
        if found.sizes.count:
            yield fail(
                f"{count(found.sizes.count, 'segment')} of another size: {named(found.sizes)}"
            )
        if not found.missing.count and not found.sizes.count:
            yield ok(f"{count(found.segments, 'segment')} in {found.bytes / 2**20:.1f} MiB")

    yield from of_sets(desired, live, judge)


@check("backup-state", needs=("backups",))
def backup_state(desired: Desired, live: Live) -> Iterator[Outcome]:
    """The engine's own record says that the last run ended, or it is still at work.

    Compares: status and last_heartbeat, which is set as a run begins, in offsets.db beside the manifest.
    Why: a run that was killed, or failed, leaves `running` behind.
    Fix: kubectl -n {namespace} get jobs -l strimzi-gitops/backup={backup}; kubectl -n {namespace} logs
        job/{job} --tail=50; for OOMKilled give the backup more memory, or smaller segments.
    Source: kafka-backup-core 0.25.2, offset_store/sqlite.rs.
    """

    def judge(_: str, asked: BackupRun, found: BackupSet) -> Iterator[Outcome]:
        state = found.state
        if state is None:
            yield fail(f"offsets.db {found.state_fault}")
        elif is_under_way(asked, state, live):
            yield ok("a run is under way")
        elif state.status == "running":
            ago = span(live.taken_at_s - state.began_at_s)
            yield fail(f"its last run began {ago} ago and never ended")
        elif state.status != "completed":
            yield warn(f"its last run is {state.status!r}")

    yield from of_sets(desired, live, judge)


@check("backup-writers", needs=("backups",))
def backup_writers(desired: Desired, live: Live) -> Iterator[Outcome]:
    """Every set has one writer at a time.

    Compares: offsets of segments with one another, offsets.db with its own set, places of all runs with one
        another, Jobs that run, and files with the manifest.
    Why: the engine has no lock; of two manifests the last one written wins, and segments of the other are
        lost although they are there.
    Fix: kubectl -n {namespace} get jobs -l strimzi-gitops/backup={backup}: delete what nobody should have
        started; give every backup a prefix of its own. Segments beside the manifest are left by runs that were
        killed, or by a manifest that was damaged or replaced: then they are the only copy. Get an older manifest from
        the bucket's versions, and delete nothing that a drill has not shown to be restored without it.
    Source: kafka-backup-core 0.25.2, backup/engine.rs, merge_manifests.
    """
    places: dict[str, list[str]] = {}
    for name, each in live.backups.items():
        places.setdefault(each.place, []).append(name)

    def judge(name: str, asked: BackupRun, found: BackupSet) -> Iterator[Outcome]:
        twice = [
            f"{topic}-{number} from {each.first} to {each.last}"
            for topic, said in sorted(found.topics.items())
            for number, partition in sorted(said.partitions.items())
            for each in partition.overlaps
        ]
        if twice:
            yield fail(f"offsets in two segments: {listed(twice)}")
        if found.state is not None and found.state.others:
            yield fail(f"offsets.db is also that of {listed(found.state.others)}")
        others = [each for each in places[found.place] if each != name]
        if others and not found.copied:
            yield fail(f"{listed(others)} writes to {found.place}, too")
        at_once = _at_once(live, asked)
        if len(at_once) > 1:
            yield fail(f"{count(at_once, 'Job')} at work at once: {listed(at_once)}")
        if found.unlisted.count:
            yield warn(
                f"{count(found.unlisted.count, 'segment')} beside the manifest, which does not name"
                f" {'them' if found.unlisted.count > 1 else 'it'}: {named(found.unlisted)}"
            )

    yield from of_sets(desired, live, judge)


def _at_once(live: Live, asked: BackupRun) -> list[str]:
    if live.kubernetes is None or not asked.incremental:
        return []
    jobs = jobs_of(live, asked.cron_job)
    return sorted(str(each["metadata"]["name"]) for each in jobs if is_active(each))


@check("backup-clock", needs=("backups",))
def backup_clock(desired: Desired, live: Live) -> Iterator[Outcome]:
    """Clocks of who writes the backup, of the storage and of this machine agree.

    Compares: when the newest segment was uploaded with when the storage got it, and both with now. Copies
        have times of their own, and are held against now only.
    Why: with a wrong clock nobody knows how old a backup is, and retention by age drops the wrong segments.
    Fix: kubectl get nodes -o wide: look at chrony or systemd-timesyncd of the node that runs the backup;
        timedatectl on this machine.
    Source: kafka-backup-core 0.25.2, SegmentMetadata.uploaded_at.
    """

    def judge(_: str, __: BackupRun, found: BackupSet) -> Iterator[Outcome]:
        now_s = live.taken_at_s + TOLERANCE_S
        began_s = found.state.began_at_s if found.state else 0
        ahead_s = max(found.uploaded_at_s, began_s) - now_s
        apart_s = found.stored_at_s - found.uploaded_at_s
        if ahead_s > 0:
            yield fail(f"its newest part is from {span(ahead_s + TOLERANCE_S)} in the future")
        elif found.manifest_at_s > now_s:
            yield fail(
                f"the storage got it {span(found.manifest_at_s - live.taken_at_s)} in the future"
            )
        elif found.stored_at_s and not found.copied and abs(apart_s) > _SETTLED_S:
            which = "before" if apart_s < 0 else "after"
            yield fail(
                f"the storage got its newest segment {span(abs(apart_s))} {which} it was uploaded"
            )

    yield from of_sets(desired, live, judge)
