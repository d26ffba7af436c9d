"""Kafka's settings: their values as text, for Kafka and for people, and the intent's words for those of topics."""

import re
from collections.abc import Callable
from typing import Any

from generator.common.units import format_duration_ms, parse_bytes, parse_duration_ms, quantity

KafkaValue = str | int | bool
"""A setting's value as intent says it."""

WORDS: dict[str, tuple[str, Callable[[Any], Any]]] = {
    "minInsyncReplicas": ("min.insync.replicas", int),
    "retention": ("retention.ms", parse_duration_ms),
    "retentionSize": ("retention.bytes", parse_bytes),
    "cleanup": ("cleanup.policy", lambda policy: policy.replace("-", ",")),
    "compression": ("compression.type", str),
    "maxMessageSize": ("max.message.bytes", parse_bytes),
    "segmentSize": ("segment.bytes", parse_bytes),
    "segmentTime": ("segment.ms", parse_duration_ms),
    "localRetention": ("local.retention.ms", parse_duration_ms),
    "tiered": ("remote.storage.enable", bool),
}
"""Topic words of the intent -> Kafka's key and the value that Kafka reads."""

WORD_OF: dict[str, str] = {key: word for word, (key, _) in WORDS.items()}
"""Kafka's key -> the word that may have said it."""


def config_text(value: object) -> str:
    """A setting's value as Kafka reads it: true and false in lower case, lists with commas."""
    if isinstance(value, list | tuple):
        return ",".join(config_text(each) for each in value)
    text = str(value)
    return text.lower() if text.strip().lower() in ("true", "false") else text


def shown(key: str, value: object) -> str:
    """A setting's value, or Kafka's text of it, as people write it: `7d` where it counts milliseconds."""
    if value is None:
        return "nothing"
    if isinstance(value, str) and re.fullmatch(r"-?[0-9]{1,18}", value):
        value = int(value)
    if isinstance(value, int) and not isinstance(value, bool):
        if key.endswith(".ms"):
            return format_duration_ms(value) if value >= 0 else "unlimited"
        if key.endswith(".bytes"):
            return quantity(value) if value >= 0 else "unlimited"
    return config_text(value)
