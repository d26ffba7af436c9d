"""Whether brokers let somebody in: `knock.py BOOTSTRAP CA CERTIFICATE KEY` says how many there are."""

import sys

from confluent_kafka.admin import AdminClient


def main(bootstrap: str, ca: str, certificate: str, key: str) -> None:
    """Ask, and print."""
    admin = AdminClient({
        "bootstrap.servers": bootstrap, "security.protocol": "SSL", "ssl.ca.location": ca,
        "ssl.certificate.location": certificate, "ssl.key.location": key, "log_level": 0,
    })  # fmt: skip
    print(len(admin.list_topics(timeout=60).brokers))  # noqa: T201 (its answer)


if __name__ == "__main__":
    main(*sys.argv[1:])
