"""Replicas and min.insync.replicas: what survives the loss of a broker."""

from collections.abc import Iterator

from generator.common.finding import Severity
from generator.rules._place import flaw_of
from generator.rules.registry import Broker, Flaw, rule
from generator.system.effective_settings import TopicSettings
from generator.system.system import SystemTopic

_REPLICAS = ("spec", "replicas")
_MIN_ISR = "min.insync.replicas"
_UNCLEAN = "unclean.leader.election.enable"
_THROTTLES = ("leader.replication.throttled.replicas", "follower.replication.throttled.replicas")


@rule("topic-explicit")
def explicit(topic: SystemTopic) -> Iterator[Flaw]:
    """A KafkaTopic says its partitions and replicas itself.

    Why: what it does not say is taken from the broker when the topic is made, and from Kafka's
        defaults of 1 and 1 when the broker says nothing; a reviewer sees neither.
    Fix: write partitions and replicas.
    Source: KafkaTopic CRD, Strimzi 1.2.0 (both fields are optional).
    """
    spec = topic.manifest.body["spec"]
    for key in ("partitions", "replicas"):
        if key not in spec:
            yield Flaw(("spec", key), f"{key} is not said, so the broker decides")


@rule("topic-replicas-minimum", broker=Broker.ACCEPTS)
def replicas_minimum(settings: TopicSettings) -> Iterator[Flaw]:
    """A topic has as many replicas as the policy demands, so that it survives a lost broker.

    Why: with one replica the loss of a disk is the loss of the data.
    Fix: write more replicas, or lower policy.topics.minReplicas where data may be lost.
    Source: Strimzi 1.2.0 documentation, "Kafka topic configuration" (3 replicas, 2 in sync).
    """
    least = settings.system.policy.topics.min_replicas
    if settings.replicas < least:
        yield Flaw(_REPLICAS, f"replicas is {settings.replicas}; the policy wants {least}")


@rule("topic-replicas-maximum", Severity.WARNING)
def replicas_maximum(settings: TopicSettings) -> Iterator[Flaw]:
    """A topic has no more replicas than the policy allows.

    Why: every replica costs its disk and its share of the network, and acks=all waits for more.
    Fix: write fewer replicas, or raise policy.topics.maxReplicas.
    Source: Kafka 4.3 documentation, "Replication".
    """
    most = settings.system.policy.topics.max_replicas
    if settings.replicas > most:
        yield Flaw(_REPLICAS, f"replicas is {settings.replicas}; the policy allows {most}")


@rule("topic-replicas-above-brokers", broker=Broker.REJECTS)
def replicas_above_brokers(settings: TopicSettings) -> Iterator[Flaw]:
    """A topic has no more replicas than there are brokers.

    Why: two replicas on one broker would be of no use, so Kafka refuses the topic; the KafkaTopic
        goes Ready=False after the merge.
    Fix: lower replicas, or raise the replicas of a node pool with the role broker.
    Source: Kafka 4.3, ReplicationControlManager (InvalidReplicationFactorException); seen on Strimzi's
        Topic Operator: KafkaError, "Unable to replicate the partition 4 time(s): The target replication
        factor of 4 cannot be reached because only 3 broker(s) are registered".
    """
    brokers = settings.system.brokers
    if settings.replicas > brokers:
        message = f"replicas is {settings.replicas}, but there are {brokers} brokers"
        yield Flaw(_REPLICAS, message)


@rule("topic-replicas-above-zones", Severity.WARNING)
def replicas_above_zones(settings: TopicSettings) -> Iterator[Flaw]:
    """With rack awareness, the loss of a zone leaves enough replicas of a topic to write to it.

    Why: with more replicas than zones some share one, and its loss takes them all at once; with fewer
        than min.insync.replicas left, every acks=all producer stops.
    Fix: write as many replicas as leave min.insync.replicas without the fullest zone (4 over two zones),
        spread the brokers over three zones, or correct cluster.rack.zones.
    Source: Kafka 4.3 documentation, "Balancing Replicas Across Racks"; StripedReplicaPlacer (replicas
        are spread over the racks evenly).
    """
    environment = settings.system.environment
    rack = environment.cluster.settings.get("rack", {}) if environment else {}
    zones, least = rack.get("zones"), settings.number(_MIN_ISR)
    if not zones or settings.replicas <= zones or least >= settings.replicas:
        return  # one per zone; or nothing may fail, which is another rule's matter
    left = _without_a_zone(settings.replicas, zones)
    if left < least:
        brokers = settings.system.brokers
        enough = next((count for count in range(settings.replicas + 1, brokers + 1)
                       if _without_a_zone(count, zones) >= least), None)  # fmt: skip
        yield Flaw(_REPLICAS, f"replicas is {settings.replicas} over {zones} zones: the loss of one may"
                   f" leave {left}, and {_MIN_ISR} is {least}",
                   f"write replicas: {enough}" if enough else "")  # fmt: skip


def _without_a_zone(replicas: int, zones: int) -> int:
    """How many replicas are left when the zone with the most of them is lost."""
    return int(replicas - -(-replicas // zones))


@rule("topic-min-insync-replicas", broker=Broker.ACCEPTS)
def min_insync_replicas(settings: TopicSettings) -> Iterator[Flaw]:
    """A topic keeps accepting acks=all writes while one of its brokers restarts.

    Why: min.insync.replicas equal to the replicas stops every acks=all producer at each restart, and
        Strimzi's roller does not hold back for it; above the replicas the broker silently lowers
        it, so that the number in Git is a false promise.
    Fix: set min.insync.replicas to at most replicas - 1.
    Source: Kafka 4.3, Partition.effectiveMinIsr; Strimzi 1.2.0, KafkaAvailability.
    """
    least = settings.number(_MIN_ISR)
    if least >= max(settings.replicas, 2):
        said = settings.origin(_MIN_ISR).aside
        message = f"{_MIN_ISR} is {least}{said} with {settings.replicas} replicas"
        usual = least < settings.system.default_replicas  # so it is the topic that is different
        here = Flaw(("spec", "config", _MIN_ISR), message)
        yield here if usual else flaw_of(settings, message, _MIN_ISR)


@rule("topic-min-insync-replicas-minimum", broker=Broker.ACCEPTS)
def min_insync_replicas_minimum(settings: TopicSettings) -> Iterator[Flaw]:
    """A write that is acknowledged with acks=all is on as many brokers as the policy demands.

    Why: with min.insync.replicas 1, acks=all is content with the leader alone when the others are
        behind, and its loss is the loss of acknowledged records.
    Fix: set minInsyncReplicas: 2, or min.insync.replicas in cluster.config for all topics.
    Source: Strimzi 1.2.0, condition KafkaMinInsyncReplicas; Kafka 4.3 documentation, topic configs.
    """
    demanded = settings.system.policy.topics.min_insync_replicas
    least = settings.number(_MIN_ISR)
    if least < demanded < settings.replicas:  # with fewer replicas, they are what is wrong
        said = settings.origin(_MIN_ISR).aside
        message = f"{_MIN_ISR} is {least}{said}; the policy wants {demanded}"
        yield flaw_of(settings, message, _MIN_ISR)


@rule("topic-unclean-election", broker=Broker.ACCEPTS)
def unclean_election(settings: TopicSettings) -> Iterator[Flaw]:
    """A replica that lacks acknowledged records never becomes the leader.

    Why: an unclean election throws acknowledged records away; a metric of the controller counts it, and
        no client hears of it.
    Fix: drop unclean.leader.election.enable; where availability is worth more, suppress this rule
        for the topic with the reason.
    Source: Kafka 4.3 documentation, unclean.leader.election.enable; ControllerMetricsChanges
        (uncleanLeaderElections).
    """
    if _UNCLEAN in settings.config and settings.value(_UNCLEAN) is True:
        yield Flaw(("spec", "config", _UNCLEAN), "an unclean election would lose acknowledged data")


@rule("topic-throttled-replicas", broker=Broker.ACCEPTS)
def throttled_replicas(settings: TopicSettings) -> Iterator[Flaw]:
    """Replication throttles are set by the tool that moves partitions, never by a KafkaTopic.

    Why: the Topic Operator would write them back while Cruise Control or a reassignment takes them
        away, and a throttle that stays slows replication for ever.
    Fix: drop the setting.
    Source: Strimzi 1.2.0, BatchingTopicController (throttled replicas are left to Cruise Control); seen
        on its Topic Operator: the KafkaTopic is Ready with the warning InvalidConfig, "Property
        leader.replication.throttled.replicas may conflict with throttled rebalances".
    """
    for key in _THROTTLES:
        if key in settings.config:
            yield Flaw(("spec", "config", key), f"{key} belongs to reassignments", on_key=True)
