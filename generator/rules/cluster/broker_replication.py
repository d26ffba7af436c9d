"""How often the cluster replicates what topics of clients and of Kafka itself do not say."""

from collections.abc import Iterator

from generator.common.finding import Path
from generator.rules.registry import Flaw, rule
from generator.system.system import System

_DEFAULT_RF = "default.replication.factor"
_INTERNAL = (
    ("min.insync.replicas", "offsets.topic.replication.factor"),
    ("transaction.state.log.min.isr", "transaction.state.log.replication.factor"),
    ("share.coordinator.state.topic.min.isr", "share.coordinator.state.topic.replication.factor"),
)
"""Of Kafka's own topics, how many replicas must be in sync, and how many there are."""


def _path(key: str) -> Path:
    return ("spec", "kafka", "config", key)


def _number(system: System, key: str) -> int:
    value = system.broker(key)
    return value if isinstance(value, int) else 0


@rule("broker-internal-min-isr")
def internal_min_isr(system: System) -> Iterator[Flaw]:
    """Kafka's own topics take writes while one of their brokers restarts.

    Why: with as many replicas in sync demanded as there are, no group commits an offset and no
        transaction ends during a restart, whatever the topics of the applications say.
    Fix: write the number of replicas in sync one below the replication factor, such as 2 of 3.
    Source: Kafka 4.3 documentation, broker configs (offsets.topic.* and transaction.state.log.*;
        __consumer_offsets has min.insync.replicas of the brokers).
    """
    for key, factor in _INTERNAL if system.brokers > 1 else ():
        least, replicas = _number(system, key), _number(system, factor)
        if 2 <= replicas <= least:
            place = key if key in system.broker_config else factor
            message = f"{key} is {least} with {replicas} replicas ({factor})"
            yield Flaw(_path(place), message, on=system.kafka)


@rule("broker-default-replicas")
def default_replicas(system: System) -> Iterator[Flaw]:
    """Topics that clients make have as many replicas as the policy demands of topics.

    Why: Kafka Streams and the tools make their topics with the brokers' default (Connect asks for 3 of
        its own); with one replica the loss of a disk is the loss of an application's state.
    Fix: write default.replication.factor: 3, or lower policy.topics.minReplicas.
    Source: Kafka 4.3 documentation, broker configs (default.replication.factor) and Kafka Streams
        configs (replication.factor -1: the brokers' default); DistributedConfig of Connect (3).
    """
    demanded = system.policy.topics.min_replicas
    if system.brokers > 1 and system.default_replicas < demanded:
        message = f"{_DEFAULT_RF} is {system.default_replicas}; the policy wants {demanded}"
        yield Flaw(_path(_DEFAULT_RF), message, on=system.kafka)


_OF_TIERED = "rlmm.config.remote.log.metadata.topic.replication.factor"
_OF_TIERED_USUAL = 3


@rule("broker-tiered-replicas")
def tiered_replicas(system: System) -> Iterator[Flaw]:
    """There are as many brokers as tiered storage wants replicas of the topic in which it keeps its books.

    Why: brokers try for two minutes to make __remote_log_metadata, and then stop: all of them, again and again,
        minutes after the change that switched tiered storage on looked well.
    Fix: write rlmm.config.remote.log.metadata.topic.replication.factor with at most as many as there are brokers
        into cluster.config; it counts when the topic is made.
    Source: Kafka 4.3, TopicBasedRemoteLogMetadataManagerConfig (3 replicas by default, 120 s); seen on two brokers.
    """
    if "tieredStorage" not in system.spec:
        return
    said = system.spec.get("config", {}).get(_OF_TIERED, _OF_TIERED_USUAL)
    wanted = int(said) if str(said).isdecimal() else _OF_TIERED_USUAL
    if 0 < system.brokers < wanted:
        default = "" if _OF_TIERED in system.spec.get("config", {}) else " (Kafka's default)"
        place = _path(_OF_TIERED) if not default else ("spec", "kafka", "tieredStorage")
        there = (
            "there is 1 broker" if system.brokers == 1 else f"there are {system.brokers} brokers"
        )
        yield Flaw(place, f"{_OF_TIERED} is {wanted}{default}, and {there}", on=system.kafka)
