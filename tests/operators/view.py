"""What brokers have, as JSON: `view.py BOOTSTRAP CA CERTIFICATE KEY`, run where their names are known."""

import json
import sys
from typing import Any

from confluent_kafka import TopicCollection
from confluent_kafka.admin import (
    AclBindingFilter,
    AclOperation,
    AclPermissionType,
    AdminClient,
    ConfigResource,
    ConfigSource,
    ResourcePatternType,
    ResourceType,
)

_ANY: Any = None
_ACLS = AclBindingFilter(ResourceType.ANY, _ANY, ResourcePatternType.ANY, _ANY, _ANY,
                         AclOperation.ANY, AclPermissionType.ANY)  # fmt: skip
_OWN = {ConfigSource.DYNAMIC_TOPIC_CONFIG.value, ConfigSource.DYNAMIC_BROKER_CONFIG.value,
        ConfigSource.DYNAMIC_DEFAULT_BROKER_CONFIG.value}  # fmt: skip


def main(bootstrap: str, ca: str, certificate: str, key: str) -> None:
    """Ask, and print."""
    admin = AdminClient({
        "bootstrap.servers": bootstrap, "security.protocol": "SSL", "ssl.ca.location": ca,
        "ssl.certificate.location": certificate, "ssl.key.location": key, "log_level": 0,
    })  # fmt: skip
    cluster = admin.list_topics(timeout=60)
    names = [name for name in cluster.topics if not name.startswith("__")]
    described: Any = admin.describe_topics(TopicCollection(names)) if names else {}
    topics: dict[str, dict[str, Any]] = {}
    for name, future in described.items():
        partitions = future.result(60).partitions
        replicas = {len(each.replicas) for each in partitions}
        topics[name] = {"partitions": len(partitions), "replicas": max(replicas)}
    for name, topic in topics.items():
        topic["config"] = _own(admin, ResourceType.TOPIC, name)
    scram: Any = admin.describe_user_scram_credentials()
    print(json.dumps({  # noqa: T201 (its answer)
        "brokers": {str(each): _own(admin, ResourceType.BROKER, str(each)) for each in cluster.brokers},
        "topics": topics,
        "acls": sorted({_rule(each) for each in admin.describe_acls(_ACLS).result(60)}),
        "scram": sorted(user for user, each in scram.result(60).items()
                        if each.scram_credential_infos),
    }))  # fmt: skip


def _rule(acl: Any) -> str:
    """An ACL; what is usual is not said."""
    told = f"{acl.principal} {acl.operation.name} {acl.restype.name} {acl.name}"
    parts = [told, acl.permission_type.name, acl.resource_pattern_type.name, acl.host]
    return " ".join(each for each in parts if each not in ("ALLOW", "LITERAL", "*"))


def _own(admin: AdminClient, kind: ResourceType, name: str) -> dict[str, str]:
    """The settings of its own, without those of the node's file."""
    resource = ConfigResource(kind, name)
    entries = admin.describe_configs([resource])[resource].result(60)
    return {key: each.value for key, each in sorted(entries.items()) if each.source in _OWN}


if __name__ == "__main__":
    main(*sys.argv[1:])
