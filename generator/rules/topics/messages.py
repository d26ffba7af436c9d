"""Message sizes, compression, timestamps, and flushing."""

from collections.abc import Iterator

from generator.common.finding import Severity
from generator.common.units import approximate_bytes
from generator.model.connection import client_properties
from generator.rules._place import flaw_of
from generator.rules.registry import Broker, Flaw, rule
from generator.system.effective_settings import TopicSettings
from generator.system.system import System, SystemTopic

_SIZE = "max.message.bytes"
_SEGMENT = "segment.bytes"
_COMPRESSION = "compression.type"
_DAY_MS = 86_400_000
_NEVER = 2**63 - 1
"""Kafka's own default of flush.messages and flush.ms."""
_OVERHEAD = 12
"""What Kafka's default of max.message.bytes has above 1 MiB (Records.LOG_OVERHEAD)."""
_BATCH_OVERHEAD = 61
"""Bytes of a record batch's header, which max.message.bytes counts (Kafka 4.3, RecordBatch v2)."""


def _config(key: str) -> tuple[str, ...]:
    return ("spec", "config", key)


@rule("topic-message-above-broker", Severity.WARNING, broker=Broker.ACCEPTS)
def message_above_broker(settings: TopicSettings) -> Iterator[Flaw]:
    """Messages that a topic allows fit into one fetch of a replica.

    Why: the topic's max.message.bytes wins over the cluster's message.max.bytes, so the broker takes
        the record; followers then fetch such a batch alone, with a request for each.
    Fix: raise replica.fetch.max.bytes in cluster.config to the topic's value, or lower the topic's.
    Source: Kafka 4.3 documentation, replica.fetch.max.bytes ("not an absolute maximum"; measured: the
        topic's value wins).
    """
    size = settings.number(_SIZE)
    usual = settings.system.broker("message.max.bytes")
    fetched = settings.system.broker("replica.fetch.max.bytes")
    if not (isinstance(usual, int) and isinstance(fetched, int) and usual and fetched):
        return
    # The default batch is larger than the default fetch by just its header, and works.
    if size > usual and size > fetched + _BATCH_OVERHEAD and settings.system.brokers > 1:
        amounts = f"{approximate_bytes(size)}, replica.fetch.max.bytes {approximate_bytes(fetched)}"
        yield Flaw(_config(_SIZE), f"{_SIZE} is {amounts}")


@rule("topic-message-large", Severity.WARNING)
def message_large(settings: TopicSettings) -> Iterator[Flaw]:
    """Messages are as small as the policy says.

    Why: large messages fill the heap of brokers and clients and delay the small ones behind them.
    Fix: put the content into an object store and send its address; where that will not do, suppress
        this rule with the reason.
    Source: Kafka 4.3 documentation, max.message.bytes (1 MiB by default).
    """
    bounds = settings.system.policy.topics
    usual, most = bounds.max_message_bytes, bounds.message_limit_bytes
    size = settings.number(_SIZE)
    if usual + _BATCH_OVERHEAD < size <= most:
        amounts = f"{approximate_bytes(size)}; the policy wants {approximate_bytes(usual)}"
        yield flaw_of(settings, f"{_SIZE} is {amounts}", _SIZE)


@rule("topic-message-huge")
def message_huge(settings: TopicSettings) -> Iterator[Flaw]:
    """Messages are no larger than the policy's limit.

    Why: every hop keeps whole messages in memory; a few of this size at once stop a broker.
    Fix: put the content into an object store and send its address, or raise
        policy.topics.messageSizeLimit.
    Source: Kafka 4.3 documentation, max.message.bytes.
    """
    most = settings.system.policy.topics.message_limit_bytes
    size = settings.number(_SIZE)
    if size > most:
        amounts = f"{approximate_bytes(size)}; the policy allows {approximate_bytes(most)}"
        yield flaw_of(settings, f"{_SIZE} is {amounts}", _SIZE)


@rule("topic-message-above-segment", broker=Broker.ACCEPTS)
def message_above_segment(settings: TopicSettings) -> Iterator[Flaw]:
    """The largest message fits into a segment.

    Why: the broker makes the topic but refuses the message, so the producer finds out.
    Fix: raise the segmentSize, or lower maxMessageSize.
    Source: Kafka 4.3, UnifiedLog (RecordBatchTooLargeException; measured).
    """
    size, segment = settings.number(_SIZE), settings.number(_SEGMENT)
    if 0 < segment < size - _OVERHEAD:
        amounts = f"{approximate_bytes(size)}, {_SEGMENT} {approximate_bytes(segment)}"
        message = f"{_SIZE} is {amounts}: no segment takes such a message"
        yield flaw_of(settings, message, _SIZE, _SEGMENT)


@rule("topic-message-clients", Severity.WARNING)
def message_clients(topic: SystemTopic) -> Iterator[Flaw]:
    """Applications that write large messages have a client profile that lets them.

    Why: a producer refuses to send more than max.request.size, 1 MiB by default, whatever the topic
        allows.
    Fix: give the application a clientProfile with a max.request.size of the topic's maxMessageSize.
    Source: Kafka 4.3 documentation, producer configs (max.request.size).
    """
    size = topic.settings.number(_SIZE)
    default = topic.system.model.setting("producer", "max.request.size")
    usual = default.default if default else None
    if _SIZE not in topic.settings.config or not isinstance(usual, int) or size <= usual:
        return
    for application in topic.system.producers.get(topic.name, ()):
        profile = topic.system.client_profile(application)
        allowed = profile.get("producer", {}).get("max.request.size", usual)
        if isinstance(allowed, int) and allowed < size:
            amounts = f"{approximate_bytes(allowed)}, {_SIZE} {approximate_bytes(size)}"
            yield Flaw(_config(_SIZE),
                       f"the max.request.size of {application.name} is {amounts}")  # fmt: skip


@rule("topic-compression-recompress", Severity.INFO)
def compression_recompress(settings: TopicSettings) -> Iterator[Flaw]:
    """The broker stores what the producer compressed, unless the topic itself asks for more.

    Why: with another compression.type the broker packs again every batch that came with another codec.
    Fix: write compression: producer, or say the compression on the topic if it is meant.
    Source: Kafka 4.3, LogValidator (a batch of the same codec stays as it is).
    """
    origin, kind = settings.origin(_COMPRESSION), settings.value(_COMPRESSION)
    if origin.broker_key and kind != "producer":
        message = f"{_COMPRESSION} is {kind}{origin.aside}: brokers recompress"
        yield flaw_of(settings, message, _COMPRESSION)


@rule("topic-timestamp-future", Severity.INFO)
def timestamp_future(settings: TopicSettings) -> Iterator[Flaw]:
    """A producer with a wrong clock cannot keep a segment alive.

    Why: with CreateTime the newest timestamp of a segment decides when it is deleted; one record
        from the future keeps the whole segment until then.
    Fix: lower message.timestamp.after.max.ms, or log.message.timestamp.after.max.ms in cluster.config
        (Kafka's own default is one hour since 4.0), or write message.timestamp.type: LogAppendTime.
    Source: KIP-1030 (default of message.timestamp.after.max.ms since Kafka 4.0).
    """
    key = "message.timestamp.after.max.ms"
    created = settings.value("message.timestamp.type") == "CreateTime"
    if created and settings.deletes and settings.number(key) > _DAY_MS:
        origin = settings.origin(key)
        said = f"{key} is {settings.number(key)}{origin.aside}"
        if key in settings.config or origin.broker_key:
            yield flaw_of(settings, said, key)
        else:  # Kafka 3's own default, which is every topic's
            yield Flaw(("spec", "kafka", "config", f"log.{key}"), said, on=settings.system.kafka)


@rule("topic-flush", Severity.WARNING, broker=Broker.ACCEPTS)
def flush(settings: TopicSettings) -> Iterator[Flaw]:
    """When logs are written to the disk is left to the operating system.

    Why: Kafka's durability is replication; flushing costs most of the throughput and gains little.
    Fix: drop flush.messages and flush.ms; raise minInsyncReplicas where records must not be lost.
    Source: Kafka 4.3 documentation, topic configs (flush.messages: "we recommend not setting this").
    """
    for key in ("flush.messages", "flush.ms"):
        if key in settings.config and settings.number(key) != _NEVER:
            yield Flaw(_config(key), f"{key} makes brokers wait for the disk", on_key=True)


@rule("topic-preallocate", Severity.WARNING, broker=Broker.ACCEPTS)
def preallocate(settings: TopicSettings) -> Iterator[Flaw]:
    """Segments grow as they are written.

    Why: preallocation helps on Windows only; on Linux every file looks as large as a whole segment,
        takes no more of the disk than before, and misleads whoever measures by it.
    Fix: drop preallocate.
    Source: Kafka 4.3 documentation, topic configs (preallocate); measured.
    """
    if "preallocate" in settings.config and settings.value("preallocate") is True:
        yield Flaw(_config("preallocate"), "every file looks as large as a whole segment")


@rule("client-config")
def client_config(system: System) -> Iterator[Flaw]:
    """Client profiles hold settings that Kafka's clients know, with values that they take.

    Why: a client ignores a setting that it does not know, with no more than a line in its log, and
        dies of a value that it cannot read.
    Fix: correct the setting; the profile goes to every application that names it.
    Source: ProducerConfig and ConsumerConfig of the cluster's Kafka version.
    """
    profiles = system.environment.data.get("clientProfiles", {}) if system.environment else {}
    for name, roles in sorted(profiles.items()):
        for role, settings in client_properties(roles).items():
            for key, value in sorted(settings.items()):
                complaint = system.model.complaint(role, key, value)
                if complaint:
                    yield Flaw(("clientProfiles", name, role, key), complaint.message,
                               complaint.fix,
                               on_key=complaint.what != "value")  # fmt: skip
