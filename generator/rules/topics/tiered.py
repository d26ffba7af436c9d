"""Tiered storage: old segments in the object store."""

from collections.abc import Iterator

from generator.common.finding import Severity
from generator.rules.registry import Broker, Flaw, rule
from generator.system.effective_settings import UNLIMITED, TopicSettings

_ENABLE = "remote.storage.enable"
_SYSTEM = "remote.log.storage.system.enable"
_PAIRS = (("local.retention.ms", "retention.ms"), ("local.retention.bytes", "retention.bytes"))
_AS_TOTAL = -2


def _config(key: str) -> tuple[str, ...]:
    return ("spec", "config", key)


@rule("topic-tiered-without-storage", broker=Broker.REJECTS)
def without_storage(settings: TopicSettings) -> Iterator[Flaw]:
    """A tiered topic lives on a cluster that has an object store.

    Why: the broker refuses the topic, and the KafkaTopic goes Ready=False after the merge.
    Fix: write cluster.tieredStorage, or drop tiered.
    Source: Kafka 4.3, LogConfig.validateRemoteStorageOnlyIfSystemEnabled; Strimzi 1.2.0,
        KafkaBrokerConfigurationBuilder.withTieredStorage (sets remote.log.storage.system.enable, which
        cluster.config may say as well); seen on its Topic Operator: KafkaError, "Tiered Storage
        functionality is disabled in the broker".
    """
    system = settings.system
    enabled = "tieredStorage" in system.spec or system.broker(_SYSTEM) is True
    if settings.tiered and not enabled:
        yield Flaw(_config(_ENABLE), "it is tiered, but the cluster has no tieredStorage")


@rule("topic-tiered-compacted", broker=Broker.REJECTS)
def compacted(settings: TopicSettings) -> Iterator[Flaw]:
    """A tiered topic deletes and does not compact.

    Why: the cleaner cannot reach segments in the object store, so the broker refuses the topic.
    Fix: write cleanup: delete, or drop tiered.
    Source: Kafka 4.3, LogConfig.validateRemoteStorageRequiresDeleteCleanupPolicy; seen on Strimzi's
        Topic Operator: KafkaError, "Remote log storage only supports topics with cleanup.policy=delete".
    """
    if settings.tiered and settings.compacts:
        yield Flaw(_config("cleanup.policy"), "it is tiered, so it cannot compact")


@rule("topic-local-retention-no-effect", Severity.WARNING, broker=Broker.ACCEPTS)
def local_retention_no_effect(settings: TopicSettings) -> Iterator[Flaw]:
    """local.retention is said only of tiered topics.

    Why: without an object store it does nothing, and the disk keeps the whole retention.
    Fix: drop the setting, or write tiered: true.
    Source: Kafka 4.3 documentation, topic configs (local.retention.ms).
    """
    if not settings.tiered:
        for local, _ in _PAIRS:
            if local in settings.config and settings.number(local) != _AS_TOTAL:
                message = f"{local} has no effect on a topic that is not tiered"
                yield Flaw(_config(local), message, on_key=True)


@rule("topic-local-retention-above", broker=Broker.REJECTS)
def local_retention_above(settings: TopicSettings) -> Iterator[Flaw]:
    """What stays on the disks is no more than what stays at all.

    Why: the broker refuses a tiered topic whose local retention is longer than its retention, or
        without limit when that has one.
    Fix: lower the local retention, or raise the retention.
    Source: Kafka 4.3, LogConfig.validateRemoteStorageRetentionTime and -Size; seen on Strimzi's Topic
        Operator: KafkaError, "Value must not be more than retention.ms property value: 604800000".
    """
    if not settings.tiered:
        return
    for local, total in _PAIRS:
        here, whole = settings.number(local), settings.number(total)
        if whole != UNLIMITED and here != _AS_TOTAL and (here == UNLIMITED or here > whole):
            yield Flaw(_config(local), f"{local} is {here}, above {total}, which is {whole}")
