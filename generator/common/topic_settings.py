"""The topic words of the intent: which of Kafka's settings each stands for. A leaf beside units."""

from collections.abc import Callable
from typing import Any

from generator.common import units

WORDS: dict[str, tuple[str, Callable[[Any], Any]]] = {
    "minInsyncReplicas": ("min.insync.replicas", int),
    "retention": ("retention.ms", units.parse_duration_ms),
    "retentionSize": ("retention.bytes", units.parse_bytes),
    "cleanup": ("cleanup.policy", lambda policy: policy.replace("-", ",")),
    "compression": ("compression.type", str),
    "maxMessageSize": ("max.message.bytes", units.parse_bytes),
    "segmentSize": ("segment.bytes", units.parse_bytes),
    "segmentTime": ("segment.ms", units.parse_duration_ms),
    "localRetention": ("local.retention.ms", units.parse_duration_ms),
    "tiered": ("remote.storage.enable", bool),
}
"""Topic words of the intent -> Kafka's key and the value that Kafka reads."""

WORD_OF: dict[str, str] = {key: word for word, (key, _) in WORDS.items()}
"""Kafka's key -> the word that may have said it."""
