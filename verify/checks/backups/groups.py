"""Backups: what consumer groups had committed is in them, as Kafka has it."""

from collections.abc import Iterator, Mapping

from generator.contract.report import Outcome, fail, ok, skip, warn
from generator.contract.rights import COMMITS
from generator.contract.settings import BackupRun
from verify.checks._words import count, listed, span
from verify.checks.backups._backups import TOLERANCE_S, is_under_way, of_sets
from verify.checks.registry import check
from verify.desired import Desired
from verify.live.backups import GroupSnapshot
from verify.live.live import BackupSet, GroupOffset, Kafka, Live


@check("backup-groups", needs=("backups",))
def backup_groups(desired: Desired, live: Live) -> Iterator[Outcome]:
    """What consumer groups had committed is in the backup, as of its last run.

    Compares: consumer-groups-snapshot.json and its snapshot_time with the beginning of the last run.
    Why: without it nobody knows after a restore where consumers were; that it could not be taken is a warning
        in the engine's log, and the run ends well.
    Fix: kubectl -n {namespace} logs -l strimzi-gitops/backup={backup} --tail=-1 | grep -i group; its KafkaUser
        needs Describe on groups: strimzi-verify run {environment} --only users.
    Source: kafka-backup-core 0.25.2, backup/engine.rs, snapshot_consumer_groups.
    """

    def judge(_: str, asked: BackupRun, found: BackupSet) -> Iterator[Outcome]:
        if not asked.groups:
            yield skip("Git says that it leaves groups out")
            return
        snapshot, state = found.groups, found.state
        if snapshot is None and is_under_way(asked, state, live):
            yield warn(f"the snapshot of groups {found.groups_fault}; a run is under way")
        elif snapshot is None and found.unfinished:
            yield warn(f"the snapshot of groups {found.groups_fault}: the last run ended too early")
        elif snapshot is None:
            yield fail(f"the snapshot of groups {found.groups_fault}")
        elif (
            snapshot.groups
            and state is not None
            and state.status == "completed"
            and snapshot.taken_at_s < state.began_at_s - TOLERANCE_S
        ):
            yield warn(f"{span(state.began_at_s - snapshot.taken_at_s)} older than the last run")
        else:
            yield ok(count(snapshot.groups, "group"))

    yield from of_sets(desired, live, judge)


@check("backup-offsets", needs=("backups", "kafka.topics", "kafka.ends", "kafka.groups"))
def backup_offsets(desired: Desired, live: Live) -> Iterator[Outcome]:
    """The snapshot of groups says nothing that Kafka knows better.

    Compares: each group's offsets in the snapshot with where partitions end and with what the group has
        committed, and the snapshot with its copy from when it was proved; where Kafka has written no commit of anybody's since the snapshot, the two have to be the same.
        A group that is younger than the snapshot, went on, was reset or was deleted is no fault.
    Why: groups are restored from it: an offset beyond the end lets a group skip everything that is restored,
        and a group that is not in it begins anew.
    Fix: look at who writes to the storage beside the backup; kubectl -n {namespace} create job
        --from=cronjob/{cronjob} {cronjob}-now writes the snapshot anew.
    Source: kafka-backup-core 0.25.2, backup/engine.rs, snapshot_consumer_groups; Kafka 4.3, ListOffsets,
        GroupMetadataManager.
    """

    def judge(_: str, asked: BackupRun, found: BackupSet) -> Iterator[Outcome]:
        snapshot, kafka = found.groups, live.kafka
        if not asked.groups or snapshot is None or kafka is None:
            yield skip("there is no snapshot of groups to compare")
            return
        if found.groups_altered:
            yield fail("it is not what it was when it was proved, and no run has written it since")
        beyond = list(_beyond(snapshot, found, kafka))
        if beyond:
            yield fail(f"offsets that no group can have: {listed(beyond)}")
        differs = list(_differs(snapshot, found, kafka))
        if differs:
            yield fail(f"nothing was committed since, and yet: {listed(differs)}")
        mine = {name for name, group in kafka.groups.items() if _offsets(group.last, found)}
        if not (beyond or differs) and mine and not snapshot.groups:
            yield warn(
                f"no group is in it, and Kafka has {count(mine, 'group')}: {listed(sorted(mine))};"
                f" are all of them younger than {span(live.taken_at_s - snapshot.taken_at_s)}?"
            )
        elif not (beyond or differs):
            gone = len(snapshot.offsets.keys() - kafka.groups.keys())
            since = len(mine - snapshot.offsets.keys())
            yield ok(f"{count(snapshot.groups, 'group')}; {gone} gone and {since} new since")

    yield from of_sets(desired, live, judge)


def _beyond(snapshot: GroupSnapshot, found: BackupSet, kafka: Kafka) -> Iterator[str]:
    """Offsets beyond the end of a partition, unless the group does stand there."""
    for name, offsets in sorted(snapshot.offsets.items()):
        group = kafka.groups.get(name)
        own = group.last if group is not None else {}
        for at, offset in sorted(offsets.items()):
            ends = kafka.ends.get(at)
            if ends is None or ends.high < 0 or (at in own and own[at].committed == offset):
                continue
            if offset > max(ends.end, ends.high, _through(found, at) + 1):
                yield f"{name} at {offset} of {at}, which ends at {ends.high}"


def _differs(snapshot: GroupSnapshot, found: BackupSet, kafka: Kafka) -> Iterator[str]:
    """Groups of which Kafka has something else, although it has written no commit since the snapshot."""
    commits = kafka.topics.get(COMMITS)
    for name, group in sorted(kafka.groups.items()):
        place = f"{COMMITS}-{_partition(name, len(commits.partitions))}" if commits else ""
        told = {each.asked_ms: each.offset for each in kafka.located.get(place, ())}
        if told.get(snapshot.settled_ms) != -1:
            continue
        said = snapshot.offsets.get(name, {})
        for at, offset in sorted(_offsets(group.last, found).items()):
            if _was_there(found, at, kafka) and said.get(at) != offset:
                told_of = f"{said[at]}" if at in said else "nothing"
                yield f"{name} is at {offset} of {at}, and the snapshot says {told_of}"


def _offsets(last: Mapping[str, GroupOffset], found: BackupSet) -> dict[str, int]:
    """What a group has committed of partitions that the set has."""
    return {
        at: each.committed
        for at, each in last.items()
        if each.committed >= 0 and _through(found, at) >= 0
    }


def _through(found: BackupSet, at: str) -> int:
    topic, _, number = at.rpartition("-")
    said = found.topics[topic].partitions.get(int(number)) if topic in found.topics else None
    return said.through if said is not None else -1


def _was_there(found: BackupSet, at: str, kafka: Kafka) -> bool:
    """True when the last run found records in the topic: groups of a topic without any it leaves out."""
    topic, _, _ = at.rpartition("-")
    return any(
        (ends := kafka.ends.get(f"{topic}-{number}")) is not None and ends.first < each.captured_end
        for number, each in found.topics[topic].partitions.items()
    )


def _partition(group: str, count_: int) -> int:
    """Where Kafka writes what a group commits: Java's hash of its name, without the sign."""
    hashed = 0
    units = group.encode("utf-16-be")
    for place in range(0, len(units), 2):
        hashed = (31 * hashed + int.from_bytes(units[place : place + 2])) & 0xFFFFFFFF
    return (hashed & 0x7FFFFFFF) % count_
