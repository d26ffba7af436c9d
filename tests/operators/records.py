"""Records and groups of an environment: `records.py BOOTSTRAP CA CERTIFICATE KEY fill|tell`.

Run where the names of brokers are known. `fill` writes what there is to be lost, `tell` prints every record by its
digest, and of every group the record that it reads next.
"""

import json
import sys
from hashlib import sha256
from typing import Any

from confluent_kafka import Consumer, ConsumerGroupTopicPartitions, TopicPartition
from confluent_kafka.admin import AdminClient
from live.engine_records import Record, by_partition, read
from live.losses import GROUPS, NAMES, fill


def main(bootstrap: str, ca: str, certificate: str, key: str, word: str) -> None:
    """Do it, and print what is asked for."""
    client: dict[str, Any] = {
        "bootstrap.servers": bootstrap, "security.protocol": "SSL", "ssl.ca.location": ca,
        "ssl.certificate.location": certificate, "ssl.key.location": key, "log_level": 0,
    }  # fmt: skip
    if word == "fill":
        fill(client)
    else:
        print(json.dumps(_tell(client)))  # noqa: T201 (its answer)


def _tell(client: dict[str, Any]) -> dict[str, Any]:
    records = {
        topic: {str(number): [_digest(each) for each in part]
                for number, part in by_partition(read(client, topic)).items()}
        for topic in NAMES
    }  # fmt: skip
    return {"records": records, "groups": {group: _stands(client, group) for group in GROUPS}}


def _digest(record: Record) -> str:
    return sha256(repr(record).encode()).hexdigest()[:16]


def _stands(client: dict[str, Any], group: str) -> dict[str, str]:
    """The record that a group reads next, of each partition where it has committed one; `end` for none."""
    admin = AdminClient(client)
    asked = admin.list_consumer_group_offsets([ConsumerGroupTopicPartitions(group)])
    found = {}
    for place in asked[group].result(60).topic_partitions or ():
        found[f"{place.topic}-{place.partition}"] = _next(client, place)
    return dict(sorted(found.items()))


def _next(client: dict[str, Any], place: TopicPartition) -> str:
    consumer = Consumer(
        client
        | {"group.id": "nobody", "isolation.level": "read_committed", "enable.partition.eof": True}
    )
    try:
        consumer.assign([place])
        (message,) = consumer.consume(1, timeout=60)
        if message.error() is not None:
            return "end"
        value: Any = message.value()
        key: Any = message.key()
        return _digest(Record(place.partition, key, value, message.timestamp()[1]))
    finally:
        consumer.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
