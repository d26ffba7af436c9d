"""Topic settings against Kafka's own config model of the cluster's version."""

from collections.abc import Iterator

from generator.common.finding import Severity
from generator.rules.registry import Broker, Flaw, rule
from generator.system.effective_settings import TopicSettings


def _complaints(settings: TopicSettings, what: str) -> Iterator[Flaw]:
    model = settings.system.model
    for key, value in settings.config.items():
        complaint = model.complaint("topic", key, value)
        if complaint and complaint.what == what:
            on_key = what != "value"
            yield Flaw(("spec", "config", key), complaint.message, complaint.fix, on_key=on_key)


@rule("topic-config-unknown", broker=Broker.REJECTS)
def unknown(settings: TopicSettings) -> Iterator[Flaw]:
    """A topic has only settings that its Kafka version knows.

    Why: the schema of KafkaTopic lets any key through; the broker refuses it, and the KafkaTopic
        goes Ready=False after the merge.
    Fix: correct the key.
    Source: LogConfig of the cluster's Kafka version (schemas/kafka/); seen on Strimzi's Topic Operator:
        KafkaError, "Unknown topic config name: cleanup.polcy".
    """
    if "image" not in settings.system.spec:  # whose Kafka may know it
        yield from _complaints(settings, "unknown")


@rule("topic-config-removed", broker=Broker.REJECTS)
def removed(settings: TopicSettings) -> Iterator[Flaw]:
    """A topic has no setting that an earlier Kafka version knew and this one does not.

    Why: the broker refuses it like any unknown setting; it comes along with old configurations.
    Fix: drop it, or use what replaced it.
    Source: LogConfig of Kafka 3.9 to 4.3, compared (schemas/kafka/removed.json); seen on Strimzi's Topic
        Operator: KafkaError, "Unknown topic config name: message.format.version".
    """
    yield from _complaints(settings, "removed")


@rule("topic-config-value", broker=Broker.REJECTS)
def value(settings: TopicSettings) -> Iterator[Flaw]:
    """A topic's settings have values that Kafka takes.

    Why: the schema of KafkaTopic lets any value through; the broker refuses a wrong type, a number
        out of range, or a word that it does not know.
    Fix: write a value of the type and range that the message names.
    Source: LogConfig of the cluster's Kafka version (schemas/kafka/); seen on Strimzi's Topic Operator:
        KafkaError, "Invalid value 1000 for configuration segment.bytes: Value must be at least 1048576".
    """
    yield from _complaints(settings, "value")


@rule("topic-config-spelling", Severity.WARNING, broker=Broker.ACCEPTS)
def spelling(settings: TopicSettings) -> Iterator[Flaw]:
    """Numbers and booleans are written as Kafka writes them back.

    Why: the broker takes 'True' and '1000 ' but tells them as true and 1000; tools that compare see a
        difference for ever.
    Fix: write the number or the boolean plainly, without quotes.
    Source: Kafka 4.3, ConfigDef.parseType (trims, ignores case; measured).
    """
    for key, said in settings.config.items():
        setting = settings.system.model.setting("topic", key)
        if isinstance(said, str) and setting is not None and not setting.refuses(said):
            plain = said.strip()
            if setting.type == "boolean":
                plain = plain.lower()
            if setting.type not in ("list", "string") and plain != said:
                yield Flaw(("spec", "config", key), f"{key} is {said!r}", f"write {plain}")
