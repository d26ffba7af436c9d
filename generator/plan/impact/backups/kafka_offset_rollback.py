"""KafkaOffsetRollback: an order to move consumer groups back, as KafkaOffsetReset is one to move them."""

from generator.plan.impact.backups.kafka_offset_reset import changed, created, deleted

KIND = "KafkaOffsetRollback"

__all__ = ["KIND", "changed", "created", "deleted"]
