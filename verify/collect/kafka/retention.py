"""How long topics keep their records, whoever has set that."""

from collections.abc import Collection
from typing import TYPE_CHECKING, Any

from verify.collect.kafka.access import Access
from verify.collect.kafka.retrying_admin import Deadline, RetryingAdmin

if TYPE_CHECKING:
    from confluent_kafka.admin import AdminClient

FOR_EVER = -1


def retentions_ms(access: Access, topics: Collection[str], clock: Deadline) -> dict[str, int]:
    """After which time Kafka deletes records of topics that are there; FOR_EVER where it does not by time.

    Raises:
        NoOwnError: when Kafka refuses, or the time is up.
    """
    from confluent_kafka.admin import ConfigResource, ResourceType

    def ask(admin: "AdminClient", timeout: float) -> dict[str, Any]:
        wanted = [ConfigResource(ResourceType.TOPIC, name) for name in sorted(topics)]
        asked = admin.describe_configs(wanted, request_timeout=timeout)
        return {each.name: future.result(timeout + 1) for each, future in asked.items()}

    asker = RetryingAdmin(access, clock)
    try:
        found: dict[str, Any] = asker.ask(ask) if topics else {}
    finally:
        asker.close()
    return {
        name: int(entries["retention.ms"].value)
        if "delete" in entries["cleanup.policy"].value
        else FOR_EVER
        for name, entries in found.items()
    }


def is_expired(newest_ms: int, retention_ms: int, now_ms: float) -> bool:
    """True when Kafka has deleted a partition whose newest record is of that time, or may at any moment."""
    return 0 <= retention_ms < now_ms - newest_ms
