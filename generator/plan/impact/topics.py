"""KafkaTopic: partitions only grow, replicas need Cruise Control, and who deletes it deletes its records."""

from collections.abc import Iterator

from generator.common.changes import MISSING
from generator.common.units import approximate_bytes
from generator.plan.change import Effect, FieldChange, Impact
from generator.plan.impact import MANAGED, PAUSED, Pair, topic_of
from generator.plan.impact.topic_config import cleanup, config, copies
from generator.system.capacity import stored_bytes
from generator.system.effective_settings import UNLIMITED
from generator.system.system import System, SystemTopic

KIND = "KafkaTopic"
_NOT_SUPPORTED = "the Topic Operator answers NotSupported, KafkaTopic Ready=False"


def created(pair: Pair) -> Iterator[Effect]:
    """A new topic; reverting deletes it, with what was written meanwhile.

    Source: Strimzi 1.2.0, BatchingTopicController.java.
    """
    topic = topic_of(pair.after, pair.new)
    if topic is None:
        yield Effect(Impact.DYNAMIC, "a new topic")
        return
    settings = topic.settings
    yield Effect(Impact.DYNAMIC, f"a new topic of {settings.partitions} partitions on"
                 f" {copies(settings.replicas)}")  # fmt: skip


def deleted(pair: Pair) -> Iterator[Effect]:
    """The topic goes with its data, unless the Topic Operator had let go of it.

    Source: Strimzi 1.2.0, BatchingTopicController.java, TopicOperatorConfig.java (finalizers).
    """
    if pair.annotation(MANAGED) == "false":
        yield Effect(Impact.NO_EFFECT, "it was unmanaged: the topic and its data stay in Kafka")
        return
    topic = topic_of(pair.before, pair.old)
    if topic is None:
        yield Effect(Impact.DATA_LOSS, "the topic and its data are deleted", reversible=False)
        return
    settings = topic.settings
    text = f"the topic is deleted with all its data on {copies(settings.replicas)}"
    stored = stored_bytes(settings)
    if stored is not None:
        text += f", up to {approximate_bytes(stored)}"
    yield Effect(Impact.DATA_LOSS, text + _users_of(topic), reversible=False)
    if topic.system.broker("delete.topic.enable") is False:
        yield Effect(Impact.REFUSED, "delete.topic.enable is false: the finalizer never goes, and the"
                     " sync hangs")  # fmt: skip
    if pair.new is not None and not _has_operator(pair.new):
        yield Effect(
            Impact.REFUSED, "no Topic Operator is there to take the finalizer off: the sync hangs"
        )


def _has_operator(system: System) -> bool:
    """True where somebody does what KafkaTopics say."""
    said = system.kafka.body["spec"].get("entityOperator") or {}
    return said.get("topicOperator") is not None


def _users_of(topic: SystemTopic) -> str:
    grants = topic.system.grants
    said = ""
    for word, users in (
        ("read", grants.readers(topic.name)),
        ("written", grants.writers(topic.name)),
    ):
        names = sorted({user.name for user in users})
        if names:
            more = f" and {len(names) - 3} more" if len(names) > 3 else ""
            said += f"; {word} by {', '.join(names[:3])}{more}"
    return said


def changed(pair: Pair, field: FieldChange) -> Iterator[Effect]:
    """One field of the spec.

    Source: Strimzi 1.2.0, BatchingTopicController.java.
    """
    old, new = topic_of(pair.before, pair.old), topic_of(pair.after, pair.new)
    if pair.annotation(MANAGED, after=True) == "false":
        yield Effect(Impact.NO_EFFECT, "nothing of it is applied while the topic is unmanaged")
        return
    if pair.annotation(PAUSED, after=True) == "true":
        yield Effect(Impact.IGNORED, "nothing of it is applied while the topic is paused")
        return
    if old is None or new is None:
        yield from _unknown(field)
        return
    match field.path:
        case ("spec", "partitions" | "replicas" as what) if field.after is MISSING:
            yield Effect(Impact.NO_EFFECT, f"without {what} the topic keeps what it has")
        case ("spec", "topicName") if old.name == new.name:
            yield Effect(Impact.NO_EFFECT, "the same name")
        case ("spec", "topicName"):
            yield Effect(Impact.REFUSED, f"{_NOT_SUPPORTED}: a topic cannot be renamed")
        case ("spec", "partitions"):
            yield from _partitions(old, new)
        case ("spec", "replicas"):
            yield from _replicas(field, old, new)
        case ("spec", "config", key):
            yield from config(str(key), old.settings, new.settings, new.name)
        case ("spec", "config"):
            keys = {*old.settings.config, *new.settings.config}
            for key in sorted(keys):
                yield from config(key, old.settings, new.settings, new.name)
        case _:
            yield Effect(
                Impact.UNKNOWN, "the Topic Operator applies it; with what effect is not known here"
            )


def _unknown(field: FieldChange) -> Iterator[Effect]:
    """A topic of a cluster that is not among the manifests: judged by what it says itself.

    Source: Strimzi 1.2.0, BatchingTopicController.java; Kafka 4.3, "Topic Configs".
    """
    before, after = (_whole_number(side) for side in (field.before, field.after))
    shrinks = before is not None and after is not None and after < before
    match field.path:
        case ("spec", "topicName"):
            yield Effect(Impact.REFUSED, f"{_NOT_SUPPORTED}: a topic cannot be renamed")
        case ("spec", "partitions") if shrinks:
            yield Effect(Impact.REFUSED, f"partitions {before} to {after}: {_NOT_SUPPORTED}")
        case ("spec", "partitions"):
            text = f"partitions {field.before} to {field.after} cannot be taken back"
            yield Effect(Impact.IRREVERSIBLE, text, reversible=False)
        case ("spec", "replicas"):
            text = f"{_NOT_SUPPORTED} without Cruise Control, of which nothing is known here"
            yield Effect(Impact.REFUSED, text)
        case ("spec", "config", "retention.ms" | "retention.bytes" as key) if (
            shrinks and after != UNLIMITED
        ) or before == UNLIMITED:
            text = f"{key} {field.before} to {field.after}: what exceeds it is deleted"
            yield Effect(Impact.DATA_LOSS, text, reversible=False)
        case ("spec", "config", "cleanup.policy"):
            yield from cleanup(_policies(field.before), _policies(field.after), "the topic")
        case _:
            yield Effect(Impact.DYNAMIC, "the Topic Operator applies it")


def _policies(value: object) -> list[str]:
    """A clean-up policy, Kafka's default where nothing is said."""
    said = "delete" if value is MISSING else str(value)
    return [part.strip() for part in said.split(",") if part.strip()]


def _whole_number(value: object) -> int | None:
    text = str(value).strip()
    return int(text) if text.lstrip("-").isdigit() and len(text) < 20 else None


def _partitions(old: SystemTopic | None, new: SystemTopic | None) -> Iterator[Effect]:
    """More partitions, or fewer.

    Source: Strimzi 1.2.0, BatchingTopicController.java:427-444 (the configs of the topic are applied anyway),
    692.
    """
    before = old.settings.partitions if old else 0
    after = new.settings.partitions if new else 0
    if after < before:
        yield Effect(Impact.REFUSED, f"partitions {before} to {after}: {_NOT_SUPPORTED}; its other"
                     " settings are applied")  # fmt: skip
        return
    text = f"partitions {before} to {after} cannot be taken back"
    keyed = new.intent.keyed if new and new.intent else None
    if new is not None and new.settings.compacts:
        text += "; keys move, and the topic is compacted: old values of moved keys stay behind"
    elif keyed is not False:
        text += "; keys move to other partitions, so their order breaks once"
    yield Effect(Impact.IRREVERSIBLE, text, reversible=False)


def _replicas(
    field: FieldChange, old: SystemTopic | None, new: SystemTopic | None
) -> Iterator[Effect]:
    """More replicas, or fewer.

    Source: Strimzi 1.2.0, BatchingTopicController.java (checkReplicasChanges), CruiseControlHandler.java.
    """
    before = old.settings.replicas if old else field.before
    after = new.settings.replicas if new else field.after
    if new is None or not new.system.cruise_control:
        yield Effect(Impact.REFUSED, f"replicas {before} to {after}: {_NOT_SUPPORTED} without Cruise"
                     " Control")  # fmt: skip
        return
    text = (
        f"replicas {before} to {after}: Cruise Control moves {new.settings.partitions} partitions"
    )
    stored = stored_bytes(new.settings)
    if stored is not None and after > before:
        text += f", copying up to {approximate_bytes(stored // after * (after - before))}"
    yield Effect(Impact.DATA_MOVEMENT, text)


def renamed(before: SystemTopic, after: SystemTopic) -> tuple[Effect, ...]:
    """A rename is a new, empty topic, and the old one's end.

    Source: Strimzi 1.2.0, BatchingTopicController.java (a KafkaTopic that goes takes its topic along).
    """
    if before.name == after.name:
        text = f"{before.name} is deleted with its data as its KafkaTopic goes; the new one makes it anew, empty"
    else:
        text = f"Kafka cannot rename: {before.name} is deleted with its data, {after.name} starts empty"
    return (Effect(Impact.DATA_LOSS, text + _users_of(before), reversible=False),)
