"""Settings' values as text: one way for Kafka, one for people, whoever tells them."""

from typing import Any

import pytest

from generator.common.kafka_values import config_text, shown


@pytest.mark.parametrize(
    ("value", "text"),
    [(True, "true"), ("False", "false"), (7, "7"), (["a", True], "a,true"), (1.5, "1.5")],
)
def test_kafka_reads(value: Any, text: str) -> None:
    """True and false in lower case, lists with commas."""
    assert config_text(value) == text


@pytest.mark.parametrize(
    ("key", "value", "text"),
    [
        ("retention.ms", 604_800_000, "7d"),
        ("retention.ms", "604800000", "7d"),
        ("retention.ms", -1, "unlimited"),
        ("segment.bytes", 1_073_741_824, "1Gi"),
        ("segment.bytes", "-1", "unlimited"),
        ("max.message.bytes", "2000", "2k"),
        ("max.message.bytes", 1048588, "1048588"),
        ("cleanup.policy", "compact", "compact"),
        ("cleanup.policy", ["compact", "delete"], "compact,delete"),
        ("unclean.leader.election.enable", True, "true"),
        ("min.insync.replicas", 2, "2"),
        ("retention.ms", None, "nothing"),
        ("retention.ms", "9" * 30, "9" * 30),
    ],
)
def test_people_read(key: str, value: Any, text: str) -> None:
    """A plan and a live check print the same, whether a value comes from Git or from a broker."""
    assert shown(key, value) == text
