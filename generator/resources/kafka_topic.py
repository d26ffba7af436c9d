"""KafkaTopic: one per topic of the intent, dead-letter and retry topics included."""

from collections.abc import Iterator

from generator.intent import Environment
from generator.manifest import Manifest
from generator.resources._metadata import dns_name, metadata


def render(environment: Environment) -> Iterator[Manifest]:
    """Topics with partitions and replicas always said, so that no broker default decides.

    A topic whose name Kubernetes does not take gets a derived metadata.name and its real name in
    spec.topicName (Strimzi 1.2.0, con-operator-topic-names.adoc).
    """
    for topic in environment.topics.values():
        name = dns_name(topic.name)
        spec: dict[str, object] = {"partitions": topic.partitions, "replicas": topic.replicas}
        if name != topic.name:
            spec["topicName"] = topic.name
        if topic.config:
            spec["config"] = topic.config
        yield Manifest(
            "topics",
            {
                "apiVersion": "kafka.strimzi.io/v1",
                "kind": "KafkaTopic",
                "metadata": metadata(
                    environment,
                    "KafkaTopic",
                    name,
                    owner=topic.owner,
                    description=topic.description,
                    labels=topic.labels,
                    annotations=topic.annotations,
                ),
                "spec": spec,
            },
            topic.path,
        )
