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
_MINUTE_MS = 60_000


def _config(key: str) -> tuple[str, ...]:
    return ("spec", "config", key)


def _told(settings: TopicSettings, key: str, amount: str) -> str:
    """A setting with its effective value and where that comes from."""
    return f"{key} is {amount}{settings.origin(key).aside}"


@rule("topic-retention-bounds", broker=Broker.ACCEPTS)
def bounds(settings: TopicSettings) -> Iterator[Flaw]:
    """Records of a topic that deletes stay at least as long as the policy says.

    Why: too short loses what a consumer has not read yet.
    Fix: write a retention of at least policy.topics.minRetention; a topic that is different for a
        reason gets a suppression with it.
    Source: Kafka 4.3 documentation, topic configs (retention.ms, any value is accepted).
    """
    least = settings.system.policy.topics.min_retention_ms
    retention = settings.number(_RETENTION)
    if settings.deletes and 0 < retention < least:
        message = _told(settings, _RETENTION, format_duration_ms(retention))
        wanted = f"{message}; the policy wants {format_duration_ms(least)}"
        yield flaw_of(settings, wanted, _RETENTION)


@rule("topic-retention-maximum", Severity.WARNING, broker=Broker.ACCEPTS)
def longest(settings: TopicSettings) -> Iterator[Flaw]:
    """Records of a topic that deletes stay no longer than the policy says.

    Why: what nobody reads any more fills disks, and personal data stays that should be gone.
    Fix: write a retention of at most policy.topics.maxRetention; a topic that is different for a
        reason gets a suppression with it. What must be gone by law has a dataClass.
    Source: Kafka 4.3 documentation, topic configs (retention.ms, any value is accepted).
    """
    most = settings.system.policy.topics.max_retention_ms
    retention = settings.number(_RETENTION)
    if settings.deletes and most != UNLIMITED and retention > most:
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

    Why: a retention of 0, in time or in bytes, deletes whatever is there at the next look, the segment
        that is written to as well, often before anybody has read it.
    Fix: write a retention that is longer than your slowest consumer needs, and a segmentTime no longer
        than that.
    Source: Kafka 4.3, UnifiedLog.deleteOldSegments (measured: 0 empties the active segment, 1,000 bytes
        do not).
    """
    if not settings.deletes:
        return
    if settings.number(_RETENTION) == 0:
        yield flaw_of(settings, _told(settings, _RETENTION, "0"), _RETENTION)
    if settings.number(_SIZE) == 0:
        yield flaw_of(settings, _told(settings, _SIZE, "0"), _SIZE)


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
        # Nothing but a full disk would be long enough.
        fix = "say how long at most: consumes.<topic>.outage" if away == UNLIMITED else ""
        flaw = Flaw(_config(_RETENTION), message) if who else flaw_of(settings, message, _RETENTION)
        yield flaw._replace(fix=fix)


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

    Why: a segment goes as a whole, once its newest record is old enough. Of a partition that is written
        to all the time, old records therefore stay until its segment rolls, and the retention longer;
        one that nobody writes to any more is emptied in time.
    Fix: write a segmentTime no longer than the retention.
    Source: Kafka 4.3, UnifiedLog.deleteRetentionMsBreachedSegments (measured: a silent partition is
        emptied, a busy one keeps all).
    """
    if not settings.deletes:
        return
    retention, roll = settings.number(_RETENTION), settings.number(_ROLL)
    if 0 < retention < roll:
        message = _told(settings, _ROLL, format_duration_ms(roll))
        kept = _told(settings, _RETENTION, format_duration_ms(retention))
        told = f"{message}, but {kept}: busy partitions keep records longer"
        yield flaw_of(settings, told, _ROLL, _RETENTION)


@rule("topic-retention-bytes-below-segment", Severity.WARNING, broker=Broker.ACCEPTS)
def retention_bytes_below_segment(settings: TopicSettings) -> Iterator[Flaw]:
    """A size bound is larger than one segment.

    Why: segments go as a whole, and only while what is left is no less than the bound: a partition
        takes the bound and up to a segment more, so that with large segments the bound says little.
    Fix: write a segmentSize well below the retentionSize.
    Source: Kafka 4.3, UnifiedLog.deleteRetentionSizeBreachedSegments (measured: the bound and a segment
        remain).
    """
    size, segment = settings.number(_SIZE), settings.number(_SEGMENT)
    if settings.deletes and 0 < size < segment:
        bound = _told(settings, _SIZE, approximate_bytes(size))
        whole = _told(settings, _SEGMENT, approximate_bytes(segment))
        yield flaw_of(settings, f"{bound}, but {whole}", _SIZE, _SEGMENT)
