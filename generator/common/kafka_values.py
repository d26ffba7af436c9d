"""Values of Kafka's settings as text: as Kafka reads them, and as people do."""

import re

from generator.common.units import format_duration_ms, quantity

KafkaValue = str | int | bool
"""A setting's value as intent says it."""


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
