"""What applications do that go wrong: `client.py BOOTSTRAP CA CERTIFICATE KEY WORD ...`, where names are known.

write TOPIC COUNT               records, with keys
commit GROUP TOPIC N OFFSET     an offset of a partition, of a group without members
shorten TOPIC N                 delete all records of a partition
read GROUP TOPIC PROTOCOL [AT]  a member that has its partitions and commits nothing more than AT, until stdin ends
transaction ID TOPIC            one that is open, until stdin ends
"""

import sys
from collections.abc import Mapping

from confluent_kafka import OFFSET_END, Consumer, KafkaError, Message, Producer, TopicPartition
from confluent_kafka.admin import AdminClient

_PATIENCE_S = 60


def write(way: Mapping[str, str], topic: str, count: str) -> None:
    """Write, and wait until all is written."""
    producer = Producer({**way, "acks": "all"})
    wrong: list[KafkaError] = []

    def told(error: KafkaError | None, _: Message) -> None:
        if error is not None:
            wrong.append(error)

    for number in range(int(count)):
        producer.produce(topic, f"record {number}", f"key-{number}", on_delivery=told)
        producer.poll(0)
    assert producer.flush(_PATIENCE_S) == 0, "not everything was written"
    assert not wrong, wrong[0]


def commit(way: Mapping[str, str], group: str, topic: str, partition: str, offset: str) -> None:
    """Commit, as a member does; nobody may be one."""
    consumer = Consumer({**way, "group.id": group})
    place = TopicPartition(topic, int(partition), int(offset))
    consumer.assign([place])
    consumer.commit(offsets=[place], asynchronous=False)
    consumer.close()


def shorten(way: Mapping[str, str], topic: str, partition: str) -> None:
    """Delete all that is there."""
    place = TopicPartition(topic, int(partition), OFFSET_END)
    admin = AdminClient(dict(way))
    (future,) = admin.delete_records([place]).values()
    future.result(_PATIENCE_S)


def read(way: Mapping[str, str], group: str, topic: str, protocol: str, at: str = "") -> None:
    """Have partitions, until nobody is there any more who asked for it."""
    settings = {
        "group.id": group, "enable.auto.commit": False, "auto.offset.reset": "earliest",
        "group.protocol": protocol,
    }  # fmt: skip
    consumer = Consumer({**way, **settings})
    consumer.subscribe([topic])
    while not consumer.assignment():
        consumer.poll(0.2)
    if at:
        places = [TopicPartition(topic, each.partition, int(at)) for each in consumer.assignment()]
        consumer.commit(offsets=places, asynchronous=False)
    _hold()
    consumer.close()


def transaction(way: Mapping[str, str], name: str, topic: str) -> None:
    """Begin, and write a record."""
    producer = Producer({**way, "transactional.id": name, "transaction.timeout.ms": 900_000})
    producer.init_transactions(_PATIENCE_S)
    producer.begin_transaction()
    producer.produce(topic, "in a transaction")
    producer.flush(_PATIENCE_S)
    _hold()


def _hold() -> None:
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.read()


def main(bootstrap: str, ca: str, certificate: str, key: str, word: str, *told: str) -> None:
    """Do it."""
    way = {
        "bootstrap.servers": bootstrap, "security.protocol": "SSL", "ssl.ca.location": ca,
        "ssl.certificate.location": certificate, "ssl.key.location": key, "log_level": "0",
    }  # fmt: skip
    {each.__name__: each for each in (write, commit, shorten, read, transaction)}[word](way, *told)


if __name__ == "__main__":
    main(*sys.argv[1:])
