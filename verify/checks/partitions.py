"""Partitions: leaders, replicas in sync, balance, reassignments and throttles left behind."""

from collections.abc import Callable, Iterator, Sequence
from shlex import quote

from generator.contract.report import Outcome, Status, fail, ok, unknown, warn
from verify.checks._partitions import BROKER_THROTTLES, counted
from verify.checks._words import count, listed
from verify.checks.registry import check
from verify.checks.registry.roll import roll_of
from verify.desired import Desired
from verify.live.live import ELSEWHERE, Kafka, Live, Partition

_IMBALANCE_PERCENT = 10
"""From here on brokers themselves would move leaders back (Kafka 4.3,
leader.imbalance.per.broker.percentage)."""
_THROTTLES = ("leader.replication.throttled.replicas", "follower.replication.throttled.replicas")


def _where(kafka: Kafka, wrong: Callable[[str, Partition], bool]) -> list[str]:
    """Partitions for which something holds, as `topic-0`."""
    return [
        f"{name}-{number}" for name, number, partition in counted(kafka) if wrong(name, partition)
    ]


def min_isr(kafka: Kafka, name: str) -> int:
    """What counts for a topic: its own setting, else the brokers', else Kafka's default."""
    own = kafka.configs.get(name, {}).get("min.insync.replicas")
    brokers = (config.get("min.insync.replicas") for config in kafka.broker_configs.values())
    return int(own or next((each.value for each in brokers if each), None) or 1)


@check("partitions-online", metadata=True, needs=("kafka", "kafka.topics"))
def partitions_online(desired: Desired, live: Live) -> Iterator[Outcome]:
    """Every partition has a leader.

    Compares: the leader of each partition in the metadata. One whose only replica is on a node that restarts in turn has
        to wait for that.
    Why: nothing can be written to or read from a partition without one.
    Fix: bring the brokers back that hold its replicas: `kafka-topics.sh --describe --unavailable-partitions` names
        them. The last resort loses records:
        `kafka-leader-election.sh --election-type unclean --topic {topic} --partition {partition}`
    Source: Kafka 4.3, Metadata.
    """
    if live.kafka is None:
        return
    roll = roll_of(desired, live)
    waits = 1 if roll else 0
    alone = _where(live.kafka, lambda _, p: p.leader == -1 and len(p.replicas) == waits)
    offline = _where(live.kafka, lambda _, p: p.leader == -1 and len(p.replicas) != waits)
    if alone:
        said = f"{count(alone, 'partition')} without a leader, of a single replica: {listed(alone)}"
        yield unknown(f"{roll}: {said}", timed_out=True)
    if offline:
        topic, _, partition = offline[0].rpartition("-")
        yield fail(
            f"{count(offline, 'partition')} without a leader: {listed(offline)}",
            topic=quote(topic), partition=partition,
        )  # fmt: skip
    elif not alone:
        number = sum(len(topic.partitions) for topic in live.kafka.topics.values())
        yield ok(count(number, "partition"))


@check(
    "partitions-min-isr",
    metadata=True,
    needs=("kafka", "kafka.topics", "kafka.configs", "kafka.broker_configs"),
)
def partitionsmin_isr(desired: Desired, live: Live) -> Iterator[Outcome]:  # noqa: ARG001
    """Every partition has as many replicas in sync as min.insync.replicas demands.

    Compares: the ISR of each partition with the topic's effective min.insync.replicas.
    Why: below it, producers with acks=all get NotEnoughReplicas: the topic takes no writes.
    Fix: kubectl -n {namespace} get pods -l strimzi.io/cluster={cluster}; a min.insync.replicas above
        the number of replicas has to be lowered in the topic's intent.
    Source: Kafka 4.3 documentation, min.insync.replicas.
    """
    kafka = live.kafka
    if kafka is None:
        return
    under = _where(kafka, lambda name, p: p.leader != -1 and len(p.isr) < min_isr(kafka, name))
    if under:
        yield fail(f"{count(under, 'partition')} below min.insync.replicas: {listed(under)}")


@check(
    "partitions-replicated",
    nodes=True,
    metadata=True,
    needs=("kafka", "kafka.topics", "kafka.reassignments"),
)
def partitions_replicated(desired: Desired, live: Live) -> Iterator[Outcome]:  # noqa: ARG001
    """All replicas of every partition are in sync.

    Compares: replicas and ISR of each partition in the metadata; replicas that a reassignment is adding
        do not count yet.
    Why: a replica out of sync does not count when the next broker fails.
    Fix: kubectl -n {namespace} get pods -l strimzi.io/cluster={cluster}; where all run, look for a slow
        disk or network of the broker that most of them share.
    Source: Kafka 4.3, Metadata; a few seconds of it are usual after a restart: give --wait.
    """
    kafka = live.kafka
    if kafka is None:
        return
    under = _where(kafka, lambda _, p: p.leader != -1 and len(p.isr) < len(p.replicas))
    if under:
        missing: dict[int, int] = {}
        for _, _, partition in counted(kafka):
            for replica in set(partition.replicas) - set(partition.isr):
                missing[replica] = missing.get(replica, 0) + 1
        who = listed(f"{number} on broker {broker}" for broker, number in sorted(missing.items()))
        lack = f"lack{'s' * (len(under) == 1)} a replica in sync"
        yield fail(f"{count(under, 'partition')} {lack} ({who}): {listed(under)}")


@check(
    "partitions-at-min-isr",
    nodes=True,
    metadata=True,
    needs=("kafka", "kafka.topics", "kafka.configs", "kafka.broker_configs", "kafka.reassignments"),
    severity=Status.WARN,
)
def partitions_atmin_isr(desired: Desired, live: Live) -> Iterator[Outcome]:  # noqa: ARG001
    """Every partition can lose one more replica before writes stop.

    Compares: the ISR with the topic's effective min.insync.replicas, where there are more replicas
        than that.
    Why: at the limit, the next restart of a broker stops producers.
    Fix: wait for the replicas to come back into sync before anything restarts:
        `kafka-topics.sh --describe --at-min-isr-partitions`
    Source: Kafka 4.3, kafka-topics.sh --at-min-isr-partitions.
    """
    kafka = live.kafka
    if kafka is None:
        return

    def at(name: str, partition: Partition) -> bool:
        least = min_isr(kafka, name)
        return len(partition.isr) == least and least < len(partition.replicas)

    found = _where(kafka, at)
    if found:
        yield warn(f"{count(found, 'partition')} exactly at min.insync.replicas: {listed(found)}")


@check("leader-balance", needs=("kafka", "kafka.topics"), severity=Status.WARN)
def leader_balance(desired: Desired, live: Live) -> Iterator[Outcome]:  # noqa: ARG001
    """Nine of ten partitions are led by their preferred replica, broker by broker.

    Compares: the leader of each partition with the first of its replicas, where that one is in sync.
    Why: leaders do the work of all reads and writes; after a restart one broker may have them all.
    Fix: `kafka-leader-election.sh --election-type preferred --all-topic-partitions`; brokers do it by
        themselves every five minutes where auto.leader.rebalance.enable is true.
    Source: Kafka 4.3 documentation, leader.imbalance.per.broker.percentage.
    """
    kafka = live.kafka
    if kafka is None:
        return
    preferred: dict[int, int] = {}
    away: dict[int, int] = {}
    for topic in kafka.topics.values():
        for partition in topic.partitions:
            first = partition.replicas[0] if partition.replicas else -1
            if first not in partition.isr:
                continue  # it could not lead now; others tell why
            preferred[first] = preferred.get(first, 0) + 1
            if partition.leader not in (first, -1, ELSEWHERE):
                away[first] = away.get(first, 0) + 1
    for broker, number in sorted(away.items()):
        percent = 100 * number / preferred[broker]
        if percent > _IMBALANCE_PERCENT:
            yield warn(
                f"{number} of its {preferred[broker]} preferred partitions are led by others"
                f" ({percent:.0f} %)",
                f"broker {broker}",
            )


@check(
    "reassignments-done",
    needs=("kafka", "kafka.topics", "kafka.reassignments"),
    severity=Status.WARN,
)
def reassignments_done(desired: Desired, live: Live) -> Iterator[Outcome]:  # noqa: ARG001
    """No partition is on its way to other brokers.

    Compares: the reassignments that the controller lists with none.
    Why: while data moves, brokers are slower and a second change is refused.
    Fix: wait; `kafka-reassign-partitions.sh --list` tells what is left. Where it is throttled too much, execute the same
        plan once more with --additional and a higher --throttle; what hangs ends with --cancel and that plan, or stop
        the KafkaRebalance.
    Source: Kafka 4.3, ListPartitionReassignments (KIP-455).
    """
    if live.kafka is None:
        return
    moving = [f"{each.topic}-{each.partition}" for each in live.kafka.reassignments]
    if moving:
        yield warn(
            f"{count(moving, 'partition')} being moved{_slowed(live.kafka)}: {listed(moving)}"
        )


def _slowed(kafka: Kafka) -> str:
    """The smallest rate that replication is throttled to."""
    rates = [
        int(settings[key].value)
        for settings in kafka.broker_configs.values()
        for key in BROKER_THROTTLES
        if key in settings and settings[key].was_set_live and settings[key].value.isdecimal()
    ]
    return f", throttled to {min(rates)} B/s" if rates else ""


@check(
    "throttles-removed",
    needs=("kafka", "kafka.topics", "kafka.configs", "kafka.broker_configs", "kafka.reassignments"),
)
def throttles_removed(desired: Desired, live: Live) -> Iterator[Outcome]:
    """No replication throttle is left behind on a topic or a broker.

    Compares: the throttle settings of topics and brokers with none, while nothing is being moved.
    Why: an old throttle keeps replicas from catching up after the next restart; nobody remembers it.
    Fix: {mend}
    Source: Kafka 4.3 documentation, Limiting Bandwidth Usage during Data Migration.
    """
    kafka = live.kafka
    if kafka is None or kafka.reassignments:
        return
    for name, config in sorted(kafka.configs.items()):
        asked = desired.topics[name].config if name in desired.topics else {}
        left = [key for key in _THROTTLES if config.get(key) and not asked.get(key)]
        if left:
            mend = _deleted("topics", f"--entity-name {quote(name)}", left)
            yield fail(f"{listed(left)} left behind", f"topic {name}", mend=mend)
    for broker, settings in sorted(kafka.broker_configs.items()):
        left = [key for key in BROKER_THROTTLES if key in settings and settings[key].was_set_live]
        alone = [key for key in left if settings[key].origin == "broker"]
        if left:
            whom = f"--entity-name {broker}" if alone else "--entity-default"
            mend = _deleted("brokers", whom, alone or left)
            yield fail(f"{listed(left)} left behind", f"broker {broker}", mend=mend)


def _deleted(kind: str, whom: str, keys: Sequence[str]) -> str:
    """The command that deletes settings (Kafka 4.3, ConfigCommand)."""
    return (
        f"`kafka-configs.sh --alter --entity-type {kind} {whom} --delete-config {','.join(keys)}`"
    )
