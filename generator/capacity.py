"""How much of a cluster the intent uses: partitions per broker and bytes on disk.

A topic's bytes are known when it bounds them (retentionSize per partition) or says its
throughput (bytes a second, kept for its retention); otherwise they are unknown, and said so.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from generator.intent import Environment, Topic
from generator.units import KAFKA_UNLIMITED

PARTITION_BUDGET = {"dev": 1000, "small": 1000, "medium": 2000, "large": 4000}
"""Partition replicas that a broker of each size should carry at most, from the table that
Amazon MSK publishes for its broker types (best practices, "right-size your cluster")."""

_KAFKA_RETENTION_MS = 7 * 86_400_000
"""log.retention.hours is 168 unless the cluster or the topic says otherwise (Kafka 4.3)."""


@dataclass(frozen=True, slots=True)
class Use:
    """How much of one limit is used; amounts in `unit` (partitions or bytes)."""

    what: str
    unit: str
    used: int
    limit: int

    @property
    def share(self) -> float:
        """Used over limit; infinite when something is used of nothing."""
        if self.limit:
            return self.used / self.limit
        return float("inf") if self.used else 0.0


@dataclass(frozen=True, slots=True)
class Capacity:
    """The uses of one environment, and the topics whose bytes nobody can know."""

    uses: tuple[Use, ...]
    teams: tuple[tuple[str, int, int, int], ...]
    """Owner, topics, partition replicas, known bytes."""
    unknown_bytes: tuple[str, ...]


def capacity(environment: Environment) -> Capacity:
    """What the environment's topics ask of its brokers."""
    cluster = environment.cluster
    topics = list(environment.topics.values())
    replicas = sum(topic.partitions * topic.replicas for topic in topics)
    known = {topic.name: stored_bytes(topic, environment) for topic in topics}
    volumes = sum(
        pool.replicas * (volume.size_bytes or 0)
        for pool in cluster.node_pools
        if "broker" in pool.roles
        for volume in pool.volumes
    )
    budget = PARTITION_BUDGET[environment.size] * cluster.brokers
    uses = (
        Use("partition replicas", "partitions", replicas, budget),
        Use("broker disks", "bytes", sum(size or 0 for size in known.values()), volumes),
    )
    unknown = tuple(name for name, size in known.items() if size is None)
    return Capacity(uses, tuple(_teams(topics, known)), unknown)


def stored_bytes(topic: Topic, environment: Environment) -> int | None:
    """Bytes that a full topic takes on all brokers together; None when nothing bounds them."""
    bounds: list[int] = []
    size = topic.config.get("retention.bytes", KAFKA_UNLIMITED)
    if isinstance(size, int) and size != KAFKA_UNLIMITED:
        bounds.append(size * topic.partitions)
    retention_ms = topic.config.get("retention.ms", _default_retention_ms(environment))
    if topic.config.get("remote.storage.enable") is True:
        # What has moved to the object store no longer takes the brokers' disks.
        retention_ms = topic.config.get("local.retention.ms", retention_ms)
    if topic.throughput_bytes is not None and retention_ms != KAFKA_UNLIMITED:
        bounds.append(topic.throughput_bytes * int(retention_ms) // 1000)
    if "delete" not in str(topic.config.get("cleanup.policy", "delete")):
        return None
    return min(bounds) * topic.replicas if bounds else None


def _default_retention_ms(environment: Environment) -> int:
    config = environment.cluster.config
    if "log.retention.ms" in config:
        return int(config["log.retention.ms"])
    if "log.retention.hours" in config:
        return int(config["log.retention.hours"]) * 3_600_000
    return _KAFKA_RETENTION_MS


def _teams(
    topics: list[Topic], known: dict[str, int | None]
) -> Iterator[tuple[str, int, int, int]]:
    totals: dict[str, list[int]] = {}
    for topic in topics:
        total = totals.setdefault(topic.owner or "-", [0, 0, 0])
        total[0] += 1
        total[1] += topic.partitions * topic.replicas
        total[2] += known[topic.name] or 0
    for owner, (count, replicas, size) in sorted(totals.items()):
        yield owner, count, replicas, size
