"""Backups hold what they should: every topic, every offset, up to a moment that is not too long ago."""

from collections.abc import Iterator

from generator.contract.report import Outcome, fail, ok, skip, unknown, warn
from generator.contract.settings import BackupRun
from verify.checks._words import count, listed, span
from verify.checks.backups._backups import DAY_S, is_under_way, of_sets
from verify.checks.registry import check
from verify.desired import Desired
from verify.live.live import BackupSet, Ends, Live

_WEEK_S = 7 * DAY_S

PartitionKey = tuple[str, int]


def _newest_s(found: BackupSet) -> float:
    """The latest moment of which the set surely holds something: never when it was created.

    Where nothing was produced, a run that ended uploads no segment.
    """
    state = found.state
    ended_s = state.began_at_s if state is not None and state.status == "completed" else 0
    groups_s = found.groups.taken_at_s if found.groups is not None else 0
    return max(found.uploaded_at_s, ended_s, groups_s)


def _is_old(asked: BackupRun, found: BackupSet, live: Live) -> bool:
    return 0 < asked.max_age_seconds < live.taken_at_s - _newest_s(found)


def _ends(asked: BackupRun, live: Live) -> dict[PartitionKey, Ends | None]:
    """Partitions of the run's topics that Kafka has, with what it said of them."""
    if live.kafka is None:
        return {}
    topics = live.kafka.topics
    return {
        (name, number): live.kafka.ends.get(f"{name}-{number}")
        for name in asked.topics
        if name in topics
        for number in range(len(topics[name].partitions))
    }


def _from(found: BackupSet, place: PartitionKey, ends: Ends) -> int:
    """The first offset of a partition that the set does not account for."""
    topic = found.topics.get(place[0])
    partition = topic.partitions.get(place[1]) if topic else None
    return partition.through + 1 if partition else ends.first


def _due(found: BackupSet, place: PartitionKey, ends: Ends) -> bool:
    """True when there is a record so old that it should have been in the set by now."""
    young = ends.end if ends.young < 0 else ends.young
    return young > _from(found, place, ends)


def _absent(asked: BackupRun, found: BackupSet, live: Live) -> dict[PartitionKey, Ends]:
    """Partitions with overdue records that were there when their topic was last read, and are in no segment."""
    if is_under_way(asked, found.state, live):
        return {}
    missing = {}
    for place, ends in sorted(_ends(asked, live).items()):
        topic = found.topics.get(place[0])
        if ends is None or topic is None or place[1] in topic.partitions:
            continue
        if (topic.count < 0 or place[1] < topic.count) and _due(found, place, ends):
            missing[place] = ends
    return missing


@check("backup-topics", needs=("backups",))
def backup_topics(desired: Desired, live: Live) -> Iterator[Outcome]:
    """Every topic that should be backed up is.

    Compares: topics that Git says with those of the manifest, and their partitions with Kafka's; a topic
        whose records are all younger than the objective has time until the next run.
    Why: patterns that match nothing and topics that were not there are no error to the engine.
    Fix: kubectl -n {namespace} create job --from=cronjob/{cronjob} {cronjob}-now backs up what was
        marked just now; otherwise look at topics: of the backup in environments/, and strimzi-gitops render
        {environment}.
    Source: kafka-backup-core 0.25.2, TopicBackup, on_missing_topic.
    """

    def judge(_: str, asked: BackupRun, found: BackupSet) -> Iterator[Outcome]:
        ends = _ends(asked, live)
        for topic in sorted(found.missing_topics):
            yield fail(f"Kafka had no topic {topic} when the last run looked for it")
        lacking = sorted({*asked.topics} - {*found.topics} - {*found.missing_topics})
        own: dict[str, dict[PartitionKey, Ends | None]] = {}
        for place, each in ends.items():
            own.setdefault(place[0], {})[place] = each
        due = [name for name in lacking if _is_due(own.get(name, {}), found)]
        if due:
            told = (f"{name}{_records_of(own.get(name, {}))}" for name in due)
            yield fail(f"{count(due, 'topic')} in no backup: {listed(told)}")
        if later := sorted({*lacking} - {*due}):
            yield ok(f"nothing is due yet of {listed(later)}")
        for name, said in sorted(found.topics.items()):
            has = len(own.get(name, {}))
            if has and said.count > has:
                yield fail(
                    f"{name} had {count(said.count, 'partition')}, and has {has}: it is another topic"
                )
        if not lacking:
            yield ok(count(asked.topics, "topic"))

    yield from of_sets(desired, live, judge)


def _records_of(own: dict[PartitionKey, Ends | None]) -> str:
    """How many records a topic has, where Kafka says so."""
    known = [each for each in own.values() if each is not None]
    records = sum(each.end - each.first for each in known)
    return f" ({count(records, 'record')})" if own and len(known) == len(own) else ""


def _is_due(own: dict[PartitionKey, Ends | None], found: BackupSet) -> bool:
    """Also where Kafka was not asked, or does not know the topic, which then others tell."""
    return not own or any(each is None or _due(found, place, each) for place, each in own.items())


@check("backup-coverage", needs=("backups", "kafka.topics", "kafka.ends"))
def backup_coverage(desired: Desired, live: Live) -> Iterator[Outcome]:
    """Backups go on where Kafka still has records, and lack no partition and none that is overdue.

    Compares: the first offset that the set does not account for with where Kafka's partition begins, where
        it ends, and which of its records are younger than the objective. A partition that the set lacks is worse
        than one of which the newest records are overdue: a restore leaves it empty.
    Why: what Kafka deletes before the next run is in no backup; a backup that is ahead of Kafka is one of
        another topic, or Kafka has lost records. Replayed records with old timestamps look overdue.
    Fix: kubectl -n {namespace} create job --from=cronjob/{cronjob} {cronjob}-now; raise retention of the
        topic, or let the backup run more often. Of a topic that was made anew start a set under another name.
    Source: kafka-backup-core 0.25.2, PartitionBackup.reach; Kafka 4.3, ListOffsets.
    """

    def judge(_: str, asked: BackupRun, found: BackupSet) -> Iterator[Outcome]:
        overtaken, ahead, late, silent, waiting = [], [], [], [], 0
        absent = _absent(asked, found, live)
        old = _is_old(asked, found, live)
        cut_short = {(topic, number) for topic, number, _ in found.unfinished}
        for place, ends in sorted(_ends(asked, live).items()):
            at = f"{place[0]}-{place[1]}"
            if ends is None:
                silent.append(at)
                continue
            if place[0] not in found.topics or place in absent:
                continue  # told by backup-topics, and below
            begin = _from(found, place, ends)
            waiting += max(0, ends.end - begin)
            if ends.first > begin:
                overtaken.append(f"{at} from {begin} to {ends.first - 1}")
            elif ends.end < begin:
                ahead.append(f"{at} ends at {ends.end}, the backup at {begin}")
            elif _due(found, place, ends) and not old and place not in cut_short:
                late.append(f"{at} from {begin}")
        if overtaken:
            yield fail(f"Kafka has deleted records that no backup has: {listed(overtaken)}")
        if ahead:
            yield fail(f"Kafka ends before its backup: {listed(ahead)}")
        if absent:
            lost = count(sum(each.end - each.first for each in absent.values()), "record")
            where = (f"{t}-{n} from {e.first} to {e.end - 1}" for (t, n), e in absent.items())
            yield fail(f"{lost} in no backup, which lacks {listed(where)}")
        if late:
            yield warn(
                f"records older than {span(asked.max_age_seconds)} are in no backup: {listed(late)}"
            )
        if silent:
            yield unknown(f"nobody said where partitions end: {listed(silent)}")
        if not (overtaken or ahead or absent or late or silent):
            yield ok(f"{count(waiting, 'record')} not backed up yet")

    yield from of_sets(desired, live, judge)


@check("backup-age", needs=("backups",))
def backup_age(desired: Desired, live: Live) -> Iterator[Outcome]:
    """The newest backup is no older than its objective.

    Compares: now less the newest of upload of a segment, snapshot of groups and beginning of a run that
        ended, with objective: of the backup, or else what its schedule makes it; nothing is too old where
        Kafka has nothing new.
    Why: all that was produced since is lost with the cluster. When the set was created says nothing: an
        incremental one goes on for years.
    Fix: kubectl -n {namespace} get cronjob,jobs -l strimzi-gitops/backup={backup}; kubectl -n {namespace} create
        job --from=cronjob/{cronjob} {cronjob}-now.
    Source: kafka-backup-core 0.25.2, SegmentMetadata.uploaded_at.
    """

    def judge(_: str, asked: BackupRun, found: BackupSet) -> Iterator[Outcome]:
        newest_s = _newest_s(found)
        age = span(max(0, live.taken_at_s - newest_s))
        if not asked.max_age_seconds:
            yield skip("Git says no objective")
        elif not _is_old(asked, found, live):
            yield ok(f"{age} old")
        elif _has_all(asked, found, live):
            yield ok(f"{age} old, and Kafka has nothing new")
        else:
            told = f"is {age} old" if newest_s else "holds nothing that says how old it is"
            yield fail(f"{told}; it may be {span(asked.max_age_seconds)} old")

    yield from of_sets(desired, live, judge)


def _has_all(asked: BackupRun, found: BackupSet, live: Live) -> bool:
    """True when Kafka was asked of every topic, and ends where the set does."""
    ends = _ends(asked, live)
    return {topic for topic, _ in ends} >= {*asked.topics} and all(
        each is not None and each.end == _from(found, place, each) for place, each in ends.items()
    )


@check("backup-complete", needs=("backups",))
def backup_complete(desired: Desired, live: Live) -> Iterator[Outcome]:
    """The last run read everything that was there when it began.

    Compares: covered_through of every partition with snapshot_end_offset; a run that may still be at
        work has time until its deadline.
    Why: a run that is told to stop, as by its deadline or by the drain of a node, writes down what it has and
        ends as if all were well.
    Fix: kubectl -n {namespace} get jobs -l strimzi-gitops/backup={backup}; kubectl -n {namespace} create job
        --from=cronjob/{cronjob} {cronjob}-again; give it a longer deadline, or more shards.
    Source: kafka-backup-core 0.25.2, PartitionBackup.snapshot_end_offset.
    """

    def judge(_: str, asked: BackupRun, found: BackupSet) -> Iterator[Outcome]:
        if found.unfinished and not is_under_way(asked, found.state, live):
            lacking = (
                f"{topic}-{number} to {each.through + 1} of {each.captured_end}"
                for topic, number, each in found.unfinished
            )
            yield fail(f"its last run ended too early: {listed(lacking)}")
        elif found.unfinished:
            yield ok("a run is under way")
        for name, newer in found.newer.items():
            if not is_under_way(asked, newer.state, live):
                why = f"has a manifest that {newer.fault}" if newer.fault else "is not complete"
                yield fail(f"{name} {why}; the newest complete set is {found.backup_id}")

    yield from of_sets(desired, live, judge)


@check("backup-gaps", needs=("backups",))
def backup_gaps(desired: Desired, live: Live) -> Iterator[Outcome]:
    """Between a partition's first and last segment nothing is lacking.

    Compares: gaps that the engine wrote down, those of the last week worst, and offsets between two segments
        that neither a gap nor retention accounts for.
    Why: records that Kafka deleted before the backup came for them are in no backup, and the run that noticed
        it ended well.
    Fix: let records live longer than the longest pause between two runs: raise retention of the topic in
        environments/, or let the backup run more often. What is lost stays lost; a set under another name
        begins without the gap.
    Source: kafka-backup-core 0.25.2, OffsetGap; kafka-backup issue 144.
    """

    def judge(_: str, __: BackupRun, found: BackupSet) -> Iterator[Outcome]:
        fresh: list[str] = []
        old: list[str] = []
        holes: list[str] = []
        for topic, said in sorted(found.topics.items()):
            for number, each in sorted(said.partitions.items()):
                at = f"{topic}-{number}"
                holes += [f"{at} from {hole.first} to {hole.last}" for hole in each.holes]
                for gap in each.gaps:
                    is_fresh = live.taken_at_s - gap.at_s <= _WEEK_S
                    words = f"{at} from {gap.first} to {gap.last}"
                    (fresh if is_fresh else old).append(words)
        if holes:
            yield fail(f"offsets that nothing accounts for: {listed(holes)}")
        if fresh:
            yield fail(f"Kafka had deleted records before they were read: {listed(fresh)}")
        if old:
            yield warn(f"gaps from more than a week ago: {listed(old)}")

    yield from of_sets(desired, live, judge)
