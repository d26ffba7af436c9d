"""Replicas and min.insync.replicas: what survives the loss of a broker."""

from collections.abc import Iterator

from generator.finding import Severity
from generator.rules import Broker, Flaw, rule
from generator.system import Settings, Topic

_REPLICAS = ("spec", "replicas")
_MIN_ISR = ("spec", "config", "min.insync.replicas")


@rule("topic-explicit")
def explicit(topic: Topic) -> Iterator[Flaw]:
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
def replicas_minimum(settings: Settings) -> Iterator[Flaw]:
    """A topic has as many replicas as the policy demands, so that it survives a lost broker.

    Why: with one replica the loss of a disk is the loss of the data.
    Fix: write replicas: 3, or lower policy.topics.minReplicas where data may be lost.
    Source: Strimzi 1.2.0 documentation, "Kafka topic configuration" (3 replicas, 2 in sync).
    """
    least = settings.system.policy["topics"]["minReplicas"]
    if settings.replicas < least:
        yield Flaw(_REPLICAS, f"{settings.replicas} replicas; the policy wants {least}")
