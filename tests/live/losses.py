"""What there is to be lost when a cluster goes: topics, records of every shape, and groups in the middle of them."""

from typing import Any

from confluent_kafka import ConsumerGroupTopicPartitions, TopicPartition
from confluent_kafka.admin import AdminClient
from live.engine_records import Record, various, write, write_transactions

TOPICS = """\
topicDefaults: {retention: unlimited, backup: required}
topics:
  orders: {partitions: 3}
  payments: {partitions: 1}
  prices: {partitions: 1, cleanup: compact}
  quiet: {partitions: 2}
  shipments: {partitions: 3}
"""
"""Of an intent."""
NAMES = ("orders", "payments", "prices", "quiet", "shipments")
GROUPS = {
    "billing": {("orders", 0): 1000, ("orders", 1): 1001, ("orders", 2): 3000, ("payments", 0): 60},
    "shipping": {("shipments", 0): 17, ("shipments", 1): 18},
}
"""What each has committed."""
_EPOCH_MS = 1_700_000_000_000
_TIMEOUT_S = 60


def fill(client: dict[str, Any]) -> None:
    """Write everything, and commit for the groups; some of the oldest records are gone again."""
    write(client, "orders", various(9000))
    write(client, "shipments", various(3000))
    prices = (Record(0, b"%d" % (n % 25), b"%d" % n, _EPOCH_MS + n) for n in range(1000))
    write(client, "prices", prices)
    parts = [
        (good, [Record(0, b"k", b"%d" % n, _EPOCH_MS + n) for n in range(50)])
        for good in (True, False, True)
    ]
    write_transactions(client, "payments", *parts)
    admin = AdminClient(client)
    # Records that are gone, so that old offsets are not the new ones.
    for future in admin.delete_records([TopicPartition("orders", 1, 700)]).values():
        future.result(_TIMEOUT_S)
    for group, places in GROUPS.items():
        wanted = [TopicPartition(*place, offset) for place, offset in places.items()]
        asked = admin.alter_consumer_group_offsets([ConsumerGroupTopicPartitions(group, wanted)])
        asked[group].result(_TIMEOUT_S)
