"""How long brokers held somebody up: `pour.py BOOTSTRAP CA CERTIFICATE KEY TOPIC` says the longest pause in seconds."""

import sys

from confluent_kafka import Producer

_RECORD = b"x" * 1000
_RECORDS = 300


def main(bootstrap: str, ca: str, certificate: str, key: str, topic: str) -> None:
    """Write, and print."""
    pauses = [0.0]
    producer = Producer({
        "bootstrap.servers": bootstrap, "security.protocol": "SSL", "ssl.ca.location": ca,
        "ssl.certificate.location": certificate, "ssl.key.location": key, "log_level": 0,
        "throttle_cb": lambda event: pauses.append(event.throttle_time),
        "batch.num.messages": 10, "linger.ms": 0,
    })  # fmt: skip
    for _ in range(_RECORDS):
        producer.produce(topic, _RECORD)
        producer.poll(0)
    left = producer.flush(120)
    assert left == 0, f"{left} records were not written"
    print(max(pauses))  # noqa: T201 (its answer)


if __name__ == "__main__":
    main(*sys.argv[1:])
