"""The broker that tests start is a real one: it takes what Kafka takes and refuses the rest."""

import pytest
from live.kafka import Kafka, Rejected

pytestmark = pytest.mark.live


def test_topic_is_created_written_changed_and_deleted(broker: Kafka) -> None:
    """What is set on a topic counts, and records written with acks=all arrive."""
    broker.create_topic("orders", partitions=3, config={"retention.ms": "1000"})
    broker.produce("orders", "key", "value", acks="all")
    config = broker.topic_config("orders")
    assert config["retention.ms"] == "1000"
    assert config["segment.bytes"] == str(2**30)

    broker.alter_topic_config("orders", {"retention.ms": "2000", "cleanup.policy": "compact"})
    config = broker.topic_config("orders")
    assert (config["retention.ms"], config["cleanup.policy"]) == ("2000", "compact")

    broker.delete_topic("orders")
    with pytest.raises(Rejected) as refused:
        broker.topic_config("orders")
    assert refused.value.name == "UNKNOWN_TOPIC_OR_PART"


def test_value_below_its_limit_is_refused(broker: Kafka) -> None:
    """The refusal says which setting, and names the error as Kafka does."""
    with pytest.raises(
        Rejected, match=r"segment\.bytes: Value must be at least 1048576"
    ) as refused:
        broker.create_topic("too-small", config={"segment.bytes": "1000"})
    assert refused.value.name == "INVALID_CONFIG"


def test_min_insync_replicas_above_replicas_is_accepted(broker: Kafka) -> None:
    """Kafka creates such a topic, and counts at most the replicas there are when it is written."""
    broker.create_topic("above", config={"min.insync.replicas": "5"})
    assert broker.topic_config("above")["min.insync.replicas"] == "5"
    broker.produce("above", None, "value", acks="all")


def test_record_above_its_limit_is_refused(broker: Kafka) -> None:
    """What the broker says of a record reaches the test."""
    broker.create_topic("small", config={"max.message.bytes": "1000"})
    broker.produce("small", None, "x" * 500)
    with pytest.raises(Rejected) as refused:
        broker.produce("small", None, "x" * 1500)
    assert refused.value.name == "MSG_SIZE_TOO_LARGE"


def test_acl_and_quota(broker: Kafka) -> None:
    """ACLs and quotas are taken in the words of a KafkaUser."""
    for operation in ("Read", "DescribeConfigs"):
        broker.create_acl("topic", "orders-", "prefix", operation, "User:orders-service")
    broker.create_acl("cluster", "kafka-cluster", "literal", "IdempotentWrite", "User:orders")
    with pytest.raises(Rejected) as refused:
        broker.create_acl("topic", "orders", "literal", "Read", "orders-service")
    assert refused.value.name == "INVALID_REQUEST"

    broker.alter_quotas("CN=orders-service", {"producer_byte_rate": "1048576"})
    with pytest.raises(Rejected, match="producer_byte_rate"):
        broker.alter_quotas("CN=orders-service", {"producer_byte_rate": "much"})
