"""KafkaTopic: one per topic of the intent, dead-letter and retry topics included."""

from collections.abc import Iterator

from generator.common.kinds import UNMANAGED_WAVE
from generator.documents.manifest import Manifest
from generator.model.environment import Environment
from generator.resources._metadata import dns_name, metadata

KIND = "KafkaTopic"
_UNMANAGED = {
    "strimzi.io/managed": "false",
    "argocd.argoproj.io/sync-wave": str(UNMANAGED_WAVE),
}
"""The Topic Operator lets go of the topic: removing the KafkaTopic then leaves topic and data."""


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
        annotations = (
            {**_UNMANAGED, **(topic.annotations or {})} if topic.retire == "keep" else None
        )
        yield Manifest(
            "topics",
            {
                "apiVersion": environment.strimzi_api,
                "kind": KIND,
                "metadata": metadata(
                    environment,
                    KIND,
                    name,
                    owner=topic.owner,
                    description=topic.description,
                    labels=topic.labels,
                    annotations=annotations or topic.annotations,
                    released=bool(topic.retire),
                ),
                "spec": spec,
            },
            topic.path,
        )
