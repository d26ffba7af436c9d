"""How many partitions a topic has."""

from collections.abc import Iterator

from generator.common.finding import Severity
from generator.rules._place import of_tool
from generator.rules.registry import Broker, Flaw, rule
from generator.system.effective_settings import TopicSettings
from generator.system.system import SystemTopic

_PARTITIONS = ("spec", "partitions")
_BULK = 10_000


@rule("topic-partitions-maximum", Severity.WARNING, broker=Broker.ACCEPTS)
def maximum(settings: TopicSettings) -> Iterator[Flaw]:
    """A topic has no more partitions than the policy allows.

    Why: partitions can never be taken away again, and each costs file handles, memory and election
        time on every broker that keeps a replica.
    Fix: write fewer partitions, or raise policy.topics.maxPartitions.
    Source: Kafka 4.3 documentation, "Basic Kafka Operations" (partitions only grow).
    """
    most = settings.system.policy.topics.max_partitions
    if settings.partitions > most:
        yield Flaw(_PARTITIONS, f"partitions is {settings.partitions}; the policy allows {most}")


@rule("topic-partitions-minimum", Severity.WARNING)
def minimum(topic: SystemTopic) -> Iterator[Flaw]:
    """A topic has as many partitions as the policy demands, so that consumers can share the work.

    Why: a partition is read by one consumer of a group; adding partitions later moves keys.
    Fix: write more partitions; where one partition is needed for the order of all records, suppress
        this rule for the topic with that reason.
    Source: Kafka 4.3 documentation, "Consumers".
    """
    least = topic.system.policy.topics.min_partitions
    intent, partitions = topic.intent, topic.settings.partitions
    side = intent is not None and (intent.dead_letter_of or intent.retry_of)
    if partitions < least and not side and not of_tool(topic):
        yield Flaw(_PARTITIONS, f"partitions is {partitions}; the policy wants {least}")


@rule("topic-partitions-balance", Severity.INFO)
def balance(topic: SystemTopic) -> Iterator[Flaw]:
    """The partitions of a large topic divide evenly over the brokers.

    Why: the brokers that lead one partition more carry more of the load.
    Fix: write a multiple of the number of brokers.
    Source: Kafka 4.3, StripedReplicaPlacer (replicas are dealt out to the brokers in turn).
    """
    brokers, partitions = topic.system.brokers, topic.settings.partitions
    if brokers > 1 and partitions > 2 * brokers and partitions % brokers and not of_tool(topic):
        message = f"partitions is {partitions}, no multiple of the {brokers} brokers"
        yield Flaw(_PARTITIONS, message)


@rule("topic-partitions-bulk", broker=Broker.REJECTS)
def bulk(settings: TopicSettings) -> Iterator[Flaw]:
    """A topic is made with fewer than 10,000 partitions and settings at once.

    Why: the controller refuses a request that would make more than 10,000 records, of which the topic
        is one, each partition one and each setting one, so the topic would never be made.
    Fix: write fewer partitions, at least policy.topics.minPartitions, and grow the topic in later merges.
    Source: Kafka 4.3, ReplicationControlManager (MAX_PARTITIONS_PER_BATCH, MAX_RECORDS_PER_USER_OP;
        measured); seen on Strimzi's Topic Operator: KafkaError, "Unable to perform excessively large
        batch operation.".
    """
    if 1 + settings.partitions + len(settings.config) > _BULK:
        yield Flaw(_PARTITIONS, f"partitions is {settings.partitions}, refused in one request")


@rule("topic-partitions-consumers", Severity.WARNING)
def consumers(topic: SystemTopic) -> Iterator[Flaw]:
    """A topic has a partition for every consumer that its largest group declares.

    Why: consumers beyond the partitions get nothing to do.
    Fix: write at least as many partitions as instances, best a multiple of the brokers; or correct
        consumes.<topic>.instances.
    Source: Kafka 4.3 documentation, "Consumers".
    """
    wanted = topic.system.consumer_instances.get(topic.name)
    if wanted and wanted[0] > topic.settings.partitions:
        instances, application = wanted
        brokers = max(1, topic.system.brokers)
        enough = -(-instances // brokers) * brokers  # what topic-partitions-balance wants as well
        message = (
            f"partitions is {topic.settings.partitions}, but {application} reads with {instances}"
        )
        fix = f"write partitions: {enough}, or correct consumes.<topic>.instances"
        yield Flaw(_PARTITIONS, message, fix)
