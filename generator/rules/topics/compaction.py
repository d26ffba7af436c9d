"""Compacted topics: the latest record of every key."""

from collections.abc import Iterator

from generator.common.finding import Severity
from generator.common.units import format_duration_ms
from generator.rules._place import flaw_of
from generator.rules.registry import Broker, Flaw, rule
from generator.system.effective_settings import UNLIMITED, TopicSettings

_POLICY = "cleanup.policy"
_TOMBSTONES = "delete.retention.ms"
_LAGS = ("min.compaction.lag.ms", "max.compaction.lag.ms")
_DIRTY = "min.cleanable.dirty.ratio"
_LEAST_DIRTY = 0.05
KNOWN_POLICIES = ("delete", "compact", "compact,delete", "delete,compact")


def _config(key: str) -> tuple[str, ...]:
    return ("spec", "config", key)


@rule("topic-cleanup-policy", broker=Broker.ACCEPTS)
def cleanup_policy(settings: TopicSettings) -> Iterator[Flaw]:
    """cleanup.policy is delete, compact, or both, each said once and without blanks.

    Why: the broker also takes an empty text, after which nothing is ever cleaned, and repetitions
        that only confuse.
    Fix: write cleanup: delete, compact or compact-delete.
    Source: Kafka 4.3, LogConfig (measured: the empty text, a word twice and blanks are accepted).
    """
    said = settings.config.get(_POLICY)
    if said is not None and str(said) not in KNOWN_POLICIES:
        words = [word.strip() for word in str(said).split(",")]
        if said == "" or all(word in ("delete", "compact") for word in words):
            yield Flaw(_config(_POLICY), f"{_POLICY} is {str(said)!r}")


@rule("topic-compact-retention", Severity.WARNING, broker=Broker.ACCEPTS)
def compact_retention(settings: TopicSettings) -> Iterator[Flaw]:
    """A topic that only compacts says no retention.

    Why: retention.ms and retention.bytes do nothing without delete in cleanup.policy; whoever reads
        the number believes that old records go.
    Fix: drop the retention, or write cleanup: compact-delete.
    Source: Kafka 4.3 documentation, topic configs (retention.ms controls the "delete" policy).
    """
    if settings.compacts and not settings.deletes:
        for key in ("retention.ms", "retention.bytes"):
            if key in settings.config and settings.number(key) != UNLIMITED:
                message = f"{key} has no effect on a topic that only compacts"
                yield Flaw(_config(key), message, on_key=True)


@rule("topic-compact-keyed", Severity.WARNING, broker=Broker.ACCEPTS)
def compact_keyed(settings: TopicSettings) -> Iterator[Flaw]:
    """Whoever writes to a compacted topic gives every record a key, and the intent says so.

    Why: the broker makes the topic but refuses every record without a key, so the producer finds
        out in production.
    Fix: write keyed: true once the producers do give keys.
    Source: Kafka 4.3, LogValidator ("Compacted topic cannot accept message without key").
    """
    if settings.compacts and settings.intent is not None and settings.intent.keyed is not True:
        yield Flaw(_config(_POLICY), "it is compacted, but nobody says that records have keys")


@rule("topic-compact-tombstones", Severity.WARNING, broker=Broker.ACCEPTS)
def compact_tombstones(settings: TopicSettings) -> Iterator[Flaw]:
    """Tombstones stay long enough for a slow reader to see them.

    Why: a reader that misses a tombstone keeps the deleted key for ever.
    Fix: write delete.retention.ms of at least policy.topics.minDeleteRetention.
    Source: Kafka 4.3 documentation, topic configs (delete.retention.ms).
    """
    least = settings.system.policy.topics.min_delete_retention_ms
    kept = settings.number(_TOMBSTONES)
    if settings.compacts and 0 <= kept < least:
        message = f"{_TOMBSTONES} is {format_duration_ms(kept)}"
        wanted = f"{message}; the policy wants {format_duration_ms(least)}"
        yield flaw_of(settings, wanted, _TOMBSTONES)


@rule("topic-compaction-lag-no-effect", Severity.WARNING, broker=Broker.ACCEPTS)
def compaction_lag_no_effect(settings: TopicSettings) -> Iterator[Flaw]:
    """Compaction lags are said only of topics that compact.

    Why: on a topic that only deletes they do nothing.
    Fix: drop the setting, or write cleanup: compact.
    Source: Kafka 4.3 documentation, topic configs ("only applicable for logs that are being
        compacted").
    """
    if not settings.compacts:
        for key in _LAGS:
            if key in settings.config:
                message = f"{key} has no effect on a topic that does not compact"
                yield Flaw(_config(key), message, on_key=True)


@rule("topic-compaction-lag-order", broker=Broker.REJECTS)
def compaction_lag_order(settings: TopicSettings) -> Iterator[Flaw]:
    """The shortest compaction lag is no longer than the longest.

    Why: the broker refuses the topic, and the KafkaTopic goes Ready=False after the merge.
    Fix: lower min.compaction.lag.ms, or raise max.compaction.lag.ms.
    Source: Kafka 4.3, LogConfig.validateValues; seen on Strimzi's Topic Operator: KafkaError, "conflict
        topic config setting min.compaction.lag.ms (120000) > max.compaction.lag.ms (60000)".
    """
    low, high = (settings.number(key) for key in _LAGS)
    if any(key in settings.config for key in _LAGS) and 0 <= high < low:
        key = _LAGS[0] if _LAGS[0] in settings.config else _LAGS[1]
        message = f"{_LAGS[0]} is {format_duration_ms(low)}, {_LAGS[1]} {format_duration_ms(high)}"
        yield Flaw(_config(key), message)


@rule("topic-compact-dirty-ratio", Severity.WARNING)
def compact_dirty_ratio(settings: TopicSettings) -> Iterator[Flaw]:
    """The cleaner starts only when there is something to clean.

    Why: it copies a whole log once this share of it is new: at 0.05, twenty bytes for each that was
        written, and near 0 it copies all the time.
    Fix: write min.cleanable.dirty.ratio of at least 0.05; use max.compaction.lag.ms where a record
        must be gone by a deadline.
    Source: Kafka 4.3 documentation, topic configs (min.cleanable.dirty.ratio, the dirty part of a log
        before it is cleaned; 0.5 by default). The bound is this project's.
    """
    ratio = settings.value(_DIRTY)
    if settings.compacts and isinstance(ratio, float) and 0 <= ratio < _LEAST_DIRTY:
        yield flaw_of(settings, f"{_DIRTY} is {ratio:g}: the cleaner never rests", _DIRTY)
