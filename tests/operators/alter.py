"""What a client with too many rights does: `alter.py BOOTSTRAP CA CERTIFICATE KEY set|grow|delete TOPIC [KEY] [VALUE]`."""

import sys
from typing import Any

from confluent_kafka.admin import (
    AdminClient,
    AlterConfigOpType,
    ConfigEntry,
    ConfigResource,
    NewPartitions,
    ResourceType,
)


def main(bootstrap: str, ca: str, certificate: str, key: str, act: str, topic: str, *more: str) -> None:  # fmt: skip
    """Do it, and wait until it is done."""
    admin = AdminClient({
        "bootstrap.servers": bootstrap, "security.protocol": "SSL", "ssl.ca.location": ca,
        "ssl.certificate.location": certificate, "ssl.key.location": key, "log_level": 0,
    })  # fmt: skip
    if act == "set":
        setting, value = more
        entry = ConfigEntry(setting, value, incremental_operation=AlterConfigOpType.SET)
        resource = ConfigResource(ResourceType.TOPIC, topic, incremental_configs=[entry])
        done: dict[Any, Any] = admin.incremental_alter_configs([resource])
    elif act == "grow":
        done = admin.create_partitions([NewPartitions(topic, int(more[0]))])
    else:
        done = admin.delete_topics([topic])
    for each in done.values():
        each.result(60)


if __name__ == "__main__":
    main(*sys.argv[1:])
