"""How what is protected is released, which takes a merge before the one that removes it."""

from collections.abc import Mapping

from generator.documents.manifest import Manifest
from generator.model.environment import Topic
from generator.system.system import System

OPTIONS = "argocd.argoproj.io/sync-options"
_PROTECTED = "Prune=confirm"


def is_protected(manifest: Manifest) -> bool:
    """True when Argo CD would stop and ask before it removes the object."""
    options = str((manifest.body["metadata"].get("annotations") or {}).get(OPTIONS, ""))
    return _PROTECTED in options.replace(" ", "").split(",")


def release_of(manifest: Manifest, old: System | None, new: System | None) -> str:
    """What the intent says first of an object that goes; empty when Argo CD asks nobody about it."""
    if not is_protected(manifest):
        return ""
    environment = old.environment if old else None
    if environment is not None and manifest.origin[:1] != ("extra",):
        name = manifest.body.get("spec", {}).get("topicName") or manifest.name
        topic = environment.topics.get(name)
        if manifest.kind == "KafkaTopic" and topic is not None:
            return _of_topic(topic, environment.topics, new)
        if manifest.kind == "KafkaNodePool":
            return f"retire: true on cluster.nodePools.{manifest.name}"
        if manifest.kind == "Kafka":
            return "retire: true on the whole environment"
    return f"take {_PROTECTED} out of its annotation {OPTIONS}"


def _of_topic(topic: Topic, before: Mapping[str, Topic], new: System | None) -> str:
    """A dead-letter or retry topic is released where it is asked for, as long as that stays."""
    parent = topic.dead_letter_of or topic.retry_of
    topics = new.environment.topics if new and new.environment else {}
    if parent is None or parent not in topics:
        return f'retire: true on topics."{parent or topic.name}"'
    if topic.dead_letter_of:
        return f'deadLetter: {{retire: true}} on topics."{parent}"'
    count = sum(each.retry_of == parent for each in before.values())
    left = sum(each.retry_of == parent for each in topics.values())
    return f'retries: {{count: {count}, retire: {{from: {left + 1}}}}} on topics."{parent}"'
