"""Who owns, writes and reads topics."""

import re
from collections.abc import Iterator

from generator.common.finding import Severity
from generator.common.units import format_duration_ms, parse_duration_ms
from generator.rules.registry import Flaw, rule
from generator.system.effective_settings import UNLIMITED
from generator.system.system import OWNER_LABEL, SystemTopic

_STREAMS = re.compile(r"-(changelog|repartition)$")
_RETENTION = "retention.ms"


@rule("topic-owner")
def owner(topic: SystemTopic) -> Iterator[Flaw]:
    """Every topic has a team that answers for it.

    Why: without one nobody can be asked whether it may change, grow or go.
    Fix: write owner.
    Source: the policy of this project.
    """
    if not topic.owner:
        fix = "" if topic.intent else f"write the label {OWNER_LABEL}"
        yield Flaw(("metadata", "labels"), "it has no owner", fix, on_key=True)


@rule("topic-description", Severity.WARNING)
def description(topic: SystemTopic) -> Iterator[Flaw]:
    """Every topic says what its records are.

    Why: whoever wants to read it otherwise has to ask, or to guess.
    Fix: write description, one sentence.
    Source: the policy of this project.
    """
    intent = topic.intent
    if intent is not None and not (intent.description or intent.dead_letter_of or intent.retry_of):
        yield Flaw(("metadata", "annotations"), "it has no description", on_key=True)


@rule("topic-without-producer", Severity.WARNING)
def without_producer(topic: SystemTopic) -> Iterator[Flaw]:
    """Somebody may write to every topic.

    Why: a topic that nobody writes to is either left over or its producer is missing here, and then
        has no right to write.
    Fix: add it to an application's produces, or drop the topic.
    Source: Kafka 4.3 documentation, "Authorization and ACLs".
    """
    if topic.system.authorized and not topic.system.grants.is_written(topic.name):
        yield Flaw(("metadata", "name"), "no user may write to it", on_key=True)


@rule("topic-without-consumer", Severity.WARNING)
def without_consumer(topic: SystemTopic) -> Iterator[Flaw]:
    """Somebody may read every topic.

    Why: a topic that nobody reads costs disk for nothing, or its consumer is missing here, and then
        has no right to read.
    Fix: add it to an application's consumes, or drop the topic.
    Source: Kafka 4.3 documentation, "Authorization and ACLs".
    """
    intent = topic.intent
    if intent is not None and intent.dead_letter_of:
        return  # read by people, when something went wrong
    if topic.system.authorized and not topic.system.grants.is_read(topic.name):
        yield Flaw(("metadata", "name"), "no user may read it", on_key=True)


@rule("topic-dead-letter", Severity.WARNING)
def dead_letter(topic: SystemTopic) -> Iterator[Flaw]:
    """A dead-letter topic keeps its records longer than its source, in no more partitions.

    Why: it is looked at by people, days later; and it is small, or something else is wrong.
    Fix: raise deadLetter.retention above the source's, or lower deadLetter.partitions.
    Source: asyncapi/bindings#299.
    """
    intent = topic.intent
    source = topic.system.by_topic.get(intent.dead_letter_of or "") if intent else None
    if source is None:
        return
    own, kept = topic.settings.number(_RETENTION), source.settings.number(_RETENTION)
    if source.settings.deletes and own != UNLIMITED and (kept == UNLIMITED or own < kept):
        message = f"it keeps {format_duration_ms(own)}, {source.name} {format_duration_ms(kept)}"
        yield Flaw(("spec", "config", _RETENTION), message)
    if topic.settings.partitions > source.settings.partitions:
        message = f"it has {topic.settings.partitions} partitions, {source.name} fewer"
        yield Flaw(("spec", "partitions"), message)


@rule("topic-streams-internal", Severity.WARNING)
def streams_internal(topic: SystemTopic) -> Iterator[Flaw]:
    """Changelog and repartition topics are left to the Streams application that needs them.

    Why: it makes them with the partitions that its topology demands and refuses to start with
        others.
    Fix: drop the topic and give the application streams: with its applicationId.
    Source: Kafka 4.3 documentation, "Manage Kafka Streams Application Topics".
    """
    found = _STREAMS.search(topic.name)
    if found:
        yield Flaw(
            ("metadata", "name"), f"a {found[1]} topic is made by its application", on_key=True
        )


@rule("topic-data-class")
def data_class(topic: SystemTopic) -> Iterator[Flaw]:
    """Records are kept no longer than the class of their data allows.

    Why: personal data must be gone when its purpose is; the policy says when.
    Fix: lower the retention, or correct dataClass.
    Source: the policy of this project (policy.dataClasses).
    """
    intent, settings = topic.intent, topic.settings
    name = intent.data_class if intent else None
    if name is None:
        return
    known = topic.system.policy.data_classes
    side = intent is not None and bool(intent.dead_letter_of or intent.retry_of)
    if name not in known and side:
        return  # its source says the same
    if name not in known:
        yield Flaw(("spec", "dataClass"), f"there is no class of data '{name}'",
                   "add it to policy.dataClasses, or correct it")  # fmt: skip
        return
    most = parse_duration_ms(known[name]["maxRetention"])
    kept = settings.number(_RETENTION) if settings.deletes else UNLIMITED
    if most != UNLIMITED and (kept == UNLIMITED or kept > most):
        message = f"{name} data may be kept for {format_duration_ms(most)}"
        fix = "say a shorter retention below deadLetter or retries" if side else ""
        yield Flaw(
            ("spec", "config", _RETENTION), f"{message}, not {format_duration_ms(kept)}", fix
        )
