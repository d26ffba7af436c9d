"""How long records stay, and how logs are cut into segments."""

from collections.abc import Iterator

from generator.common.finding import Severity
from generator.common.units import (
    approximate_bytes,
    format_duration_ms,
)
from generator.rules._place import flaw_of
from generator.rules.registry import Broker, Flaw, rule
from generator.system.effective_settings import UNLIMITED, TopicSettings
from generator.system.system import SystemTopic

_RETENTION = "retention.ms"
_SIZE = "retention.bytes"
_SEGMENT = "segment.bytes"
_ROLL = "segment.ms"
_MIB = 2**20
_MINUTE_MS = 60_000


def _config(key: str) -> tuple[str, ...]:
    return ("spec", "config", key)


def _told(settings: TopicSettings, key: str, amount: str) -> str:
    """A setting with its effective value and where that comes from."""
    return f"{key} is {amount}{settings.origin(key).aside}"


@rule("topic-retention-bounds", broker=Broker.ACCEPTS)
def bounds(settings: TopicSettings) -> Iterator[Flaw]:
    """Records of a topic that deletes stay as long as the policy says, neither less nor more.

    Why: too short loses what a consumer has not read yet; too long fills disks with what nobody
        reads, and keeps personal data that should be gone.
    Fix: write a retention between policy.topics.minRetention and maxRetention; a topic that is
        different for a reason gets a suppression with it.
    Source: Kafka 4.3 documentation, topic configs (retention.ms, any value is accepted).
    """
    if not settings.deletes:
        return
    bounds = settings.system.policy.topics
    least, most = bounds.min_retention_ms, bounds.max_retention_ms
    retention = settings.number(_RETENTION)
    if 0 < retention < least:
        message = _told(settings, _RETENTION, format_duration_ms(retention))
        wanted = f"{message}; the policy wants {format_duration_ms(least)}"
        yield flaw_of(settings, wanted, _RETENTION)
    if most != UNLIMITED and retention > most:
        message = _told(settings, _RETENTION, format_duration_ms(retention))
        allowed = f"{message}; the policy allows {format_duration_ms(most)}"
        yield flaw_of(settings, allowed, _RETENTION)


@rule("topic-retention-unbounded", broker=Broker.ACCEPTS)
def unbounded(settings: TopicSettings) -> Iterator[Flaw]:
    """A topic that deletes bounds its time or its size.

    Why: with neither bound it grows until the disk is full, and a full disk stops the broker.
    Fix: write a retention, or a retentionSize; a topic that must keep everything for ever is
        compacted, tiered, or suppresses this rule with a reason.
    Source: Kafka 4.3 documentation, topic configs (-1 means no limit).
    """
    if None in (settings.value(_RETENTION), settings.value(_SIZE)):
        return  # unreadable, which is another rule's matter
    bounded = settings.number(_RETENTION) != UNLIMITED or settings.number(_SIZE) != UNLIMITED
    if settings.deletes and not (bounded or settings.compacts or settings.tiered):
        message = "neither time nor size is bounded: the disk will fill"
        yield flaw_of(settings, message, _RETENTION, _SIZE)


@rule("topic-retention-nothing", broker=Broker.ACCEPTS)
def nothing(settings: TopicSettings) -> Iterator[Flaw]:
    """A topic keeps what is written to it.

    Why: a retention of 0, or a size below one segment of the smallest kind, deletes records as soon
        as their segment is closed, often before anybody has read them.
    Fix: write a retention that is longer than your slowest consumer needs.
    Source: Kafka 4.3, LogConfig (retention.ms from -1, retention.bytes any long).
    """
    if not settings.deletes:
        return
    if settings.number(_RETENTION) == 0:
        yield flaw_of(settings, _told(settings, _RETENTION, "0"), _RETENTION)
    size = settings.number(_SIZE)
    if 0 <= size < _MIB:
        yield flaw_of(settings, _told(settings, _SIZE, approximate_bytes(size)), _SIZE)


@rule("topic-retention-unaccounted", Severity.WARNING)
def unaccounted(settings: TopicSettings) -> Iterator[Flaw]:
    """The disk that a topic will take can be worked out from its intent.

    Why: a topic that is bounded by time alone takes throughput times retention; without a number
        the capacity of the disks cannot be judged before they are full.
    Fix: write throughput: 1Mi (bytes a second into the whole topic), or a retentionSize.
    Source: Kafka 4.3 documentation, topic configs (retention.bytes is unlimited by default).
    """
    if settings.intent is None or not settings.deletes:
        return
    side = settings.intent.dead_letter_of or settings.intent.retry_of
    known = settings.value(_SIZE) != UNLIMITED or settings.intent.throughput_bytes is not None
    if not (known or side):
        yield Flaw(("spec",), "time alone bounds it and no throughput is said", on_key=True)


@rule("topic-retention-outage", Severity.WARNING)
def outage(topic: SystemTopic) -> Iterator[Flaw]:
    """Records stay longer than a consumer may be away.

    Why: a consumer that comes back after a long weekend finds its records gone, and silently jumps
        ahead.
    Fix: raise the retention, or say consumes.<topic>.outage for consumers that need less; the longest
        counts, and policy.topics.consumerOutage for each that says none.
    Source: Kafka 4.3 documentation, auto.offset.reset (an offset that is gone is reset).
    """
    settings = topic.settings
    if not settings.deletes:
        return
    retention = settings.number(_RETENTION)
    usual = topic.system.policy.topics.consumer_outage_ms
    away, who = topic.system.consumer_outages_ms.get(topic.name, (usual, ""))
    if retention > 0 and (away == UNLIMITED or retention < away):
        message = _told(settings, _RETENTION, format_duration_ms(retention))
        time = "ever" if away == UNLIMITED else format_duration_ms(away)
        message += f", but {who or 'a consumer'} may be away for {time}"
        named = Flaw(_config(_RETENTION), message)
        yield named if who else flaw_of(settings, message, _RETENTION)


@rule("topic-segment-bytes-small", Severity.WARNING)
def segment_bytes_small(settings: TopicSettings) -> Iterator[Flaw]:
    """Segments are large enough to be worth a file.

    Why: every segment is four files and their handles; small ones exhaust them and slow down
        cleaning.
    Fix: write a segmentSize of at least policy.topics.minSegmentSize.
    Source: KIP-1030 (1 MiB is Kafka 4's own lower bound).
    """
    least = settings.system.policy.topics.min_segment_bytes
    size = settings.number(_SEGMENT)
    if 0 < size < least:
        message = _told(settings, _SEGMENT, approximate_bytes(size))
        wanted = f"{message}; the policy wants {approximate_bytes(least)}"
        yield flaw_of(settings, wanted, _SEGMENT)


@rule("topic-segment-ms-minimum", broker=Broker.ACCEPTS)
def segment_ms_minimum(settings: TopicSettings) -> Iterator[Flaw]:
    """Segments live for at least a minute.

    Why: every roll makes four new files; at one a millisecond a partition makes thousands a second
        until the broker has no file handles left.
    Fix: write a segmentTime of at least 1m, better 1h.
    Source: KIP-1030 (60 seconds is to become Kafka's own bound in 5.0).
    """
    roll = settings.number(_ROLL)
    if 0 <= roll < _MINUTE_MS:
        yield flaw_of(settings, _told(settings, _ROLL, format_duration_ms(roll)), _ROLL)


@rule("topic-segment-ms-short", Severity.WARNING)
def segment_ms_short(settings: TopicSettings) -> Iterator[Flaw]:
    """Segments live as long as the policy says.

    Why: short segments are many small files, most of them nearly empty.
    Fix: write a segmentTime of at least policy.topics.minSegmentTime.
    Source: KIP-1030.
    """
    least = settings.system.policy.topics.min_segment_ms
    roll = settings.number(_ROLL)
    if _MINUTE_MS <= roll < least:
        message = _told(settings, _ROLL, format_duration_ms(roll))
        yield flaw_of(settings, f"{message}; the policy wants {format_duration_ms(least)}", _ROLL)


@rule("topic-segment-ms-above-retention", Severity.WARNING, broker=Broker.ACCEPTS)
def segment_ms_above_retention(settings: TopicSettings) -> Iterator[Flaw]:
    """A segment is closed before its records should be deleted.

    Why: only closed segments are deleted, so on a quiet topic records stay until the segment rolls,
        however short the retention is.
    Fix: write a segmentTime below the retention.
    Source: Kafka 4.3 documentation, topic configs (segment.ms).
    """
    if not settings.deletes:
        return
    retention, roll = settings.number(_RETENTION), settings.number(_ROLL)
    if 0 < retention < roll:
        message = _told(settings, _ROLL, format_duration_ms(roll))
        kept = _told(settings, _RETENTION, format_duration_ms(retention))
        told = f"{message}, but {kept}: quiet partitions keep records longer"
        yield flaw_of(settings, told, _ROLL, _RETENTION)


@rule("topic-retention-bytes-below-segment", Severity.WARNING, broker=Broker.ACCEPTS)
def retention_bytes_below_segment(settings: TopicSettings) -> Iterator[Flaw]:
    """A size bound is larger than one segment.

    Why: the active segment is never deleted, so a partition takes a whole segment whatever the bound
        says.
    Fix: write a segmentSize well below the retentionSize.
    Source: Kafka 4.3 documentation, topic configs (retention.bytes, segment.bytes).
    """
    size, segment = settings.number(_SIZE), settings.number(_SEGMENT)
    if settings.deletes and _MIB <= size < segment:
        bound = _told(settings, _SIZE, approximate_bytes(size))
        whole = _told(settings, _SEGMENT, approximate_bytes(segment))
        yield flaw_of(settings, f"{bound}, but {whole}", _SIZE, _SEGMENT)
