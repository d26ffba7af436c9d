"""Partitions as they count: replicas that are only just being added are not yet any."""

from collections.abc import Iterator

from verify.live.live import Kafka, Partition

BROKER_THROTTLES = (
    "leader.replication.throttled.rate",
    "follower.replication.throttled.rate",
    "replica.alter.log.dirs.io.max.bytes.per.second",
)
"""Settings of brokers that slow replication down."""


def counted(kafka: Kafka) -> Iterator[tuple[str, int, Partition]]:
    """Every partition with its topic and number, without replicas that a reassignment is adding."""
    adding = {(each.topic, each.partition): each.adding for each in kafka.reassignments}
    for name, topic in sorted(kafka.topics.items()):
        for number, partition in enumerate(topic.partitions):
            new = adding.get((name, number))
            yield name, number, _without(partition, new) if new else partition


def _without(partition: Partition, new: tuple[int, ...]) -> Partition:
    return Partition(
        partition.leader,
        tuple(broker for broker in partition.replicas if broker not in new),
        tuple(broker for broker in partition.isr if broker not in new),
        partition.offline,
    )
