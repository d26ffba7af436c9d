"""ACLs in the words of KafkaUser."""

from confluent_kafka.admin import (
    AclBinding,
    AclOperation,
    AclPermissionType,
    ResourcePatternType,
    ResourceType,
)
from live.answers import snake


def binding(
    resource_type: str,
    name: str,
    pattern: str,
    operation: str,
    principal: str,
    host: str = "*",
    permission: str = "allow",
) -> AclBinding:
    """An ACL in the words of KafkaUser, as the C library wants it."""
    # The library's word for the cluster.
    kind = "BROKER" if resource_type == "cluster" else snake(resource_type)
    return AclBinding(
        ResourceType[kind],
        name,
        ResourcePatternType["PREFIXED" if pattern == "prefix" else snake(pattern)],
        principal,
        host,
        AclOperation[snake(operation)],
        AclPermissionType[snake(permission)],
    )
