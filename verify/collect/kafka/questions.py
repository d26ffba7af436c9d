"""Questions to a broker, one function each: a connection in, plain data out."""

from collections.abc import Iterable
from typing import NamedTuple

from kafka.errors import for_code
from kafka.protocol.admin import (
    DescribeAclsRequest,
    DescribeClientQuotasRequest,
    DescribeClusterRequest,
    DescribeLogDirsRequest,
    DescribeProducersRequest,
    DescribeUserScramCredentialsRequest,
    ListPartitionReassignmentsRequest,
    ListTransactionsRequest,
)
from kafka.protocol.metadata import FindCoordinatorRequest, MetadataRequest

from verify.collect.kafka.wire import Connection, refuse
from verify.live.live import (
    LiveAcl,
    LiveBroker,
    LogDir,
    Reassignment,
    Transaction,
)

_RESOURCES = {2: "topic", 3: "group", 4: "cluster", 5: "transactional_id", 6: "delegation_token",
              7: "user"}  # fmt: skip
_PATTERNS = {3: "literal", 4: "prefixed"}
_OPERATIONS = {
    2: "all", 3: "read", 4: "write", 5: "create", 6: "delete", 7: "alter", 8: "describe",
    9: "cluster_action", 10: "describe_configs", 11: "alter_configs", 12: "idempotent_write",
    13: "create_tokens", 14: "describe_tokens", 15: "two_phase_commit",
}  # fmt: skip
_DESCRIBE = 8
_NOT_TOLD = 31
"""The one bit of the smallest number, with which a broker says that it does not say."""
_PERMISSIONS = {2: "deny", 3: "allow"}
_ANY = 1
_MECHANISMS = {1: "SCRAM-SHA-256", 2: "SCRAM-SHA-512"}
_ONGOING_MS = 15 * 60 * 1000
"""What no transaction may last by default (Kafka 4.3, transaction.max.timeout.ms)."""


GROUP, TRANSACTION = 0, 1
"""What has a coordinator (Kafka 4.3, FindCoordinatorRequest.CoordinatorType)."""


class ClusterAnswer(NamedTuple):
    """Who a broker says the cluster is."""

    cluster_id: str
    controller: int
    brokers: tuple[LiveBroker, ...]
    may_describe: bool
    """Whether we may see everything; else lists come shortened, and nobody says so."""


def cluster(connection: Connection) -> ClusterAnswer:
    """The cluster's identity and its brokers, fenced ones included.

    Raises:
        NoAnswerError: as all questions do, when the broker does not answer or refuses.
    """
    answer = connection.ask(
        DescribeClusterRequest(
            include_fenced_brokers=True, include_cluster_authorized_operations=True
        )
    )
    refuse(answer.error_code, answer.error_message, "describing the cluster")
    return ClusterAnswer(
        answer.cluster_id,
        answer.controller_id,
        tuple(
            LiveBroker(b.broker_id, b.host, b.port, b.rack or "", bool(b.is_fenced))
            for b in sorted(answer.brokers, key=lambda b: b.broker_id)
        ),
        bool({_DESCRIBE, _NOT_TOLD} & answer.authorized_operations),
    )


def acls(connection: Connection) -> list[LiveAcl]:
    """Every access rule, one for each operation, sorted."""
    answer = connection.ask(
        DescribeAclsRequest(
            resource_type_filter=_ANY, resource_name_filter=None, pattern_type_filter=_ANY,
            principal_filter=None, host_filter=None, operation=_ANY, permission_type=_ANY,
        )
    )  # fmt: skip
    if "SECURITY_DISABLED" in name_of(answer.error_code):
        return []
    refuse(answer.error_code, answer.error_message, "describing ACLs (ACL: Describe Cluster)")
    return sorted(
        LiveAcl(
            rule.principal,
            _PERMISSIONS.get(rule.permission_type, str(rule.permission_type)),
            _OPERATIONS.get(rule.operation, str(rule.operation)),
            _RESOURCES.get(resource.resource_type, str(resource.resource_type)),
            resource.resource_name,
            _PATTERNS.get(resource.pattern_type, str(resource.pattern_type)),
            rule.host,
        )
        for resource in answer.resources
        for rule in resource.acls
    )


def name_of(code: int) -> str:
    """Kafka's own name of an error."""
    return str(getattr(for_code(code), "message", ""))


def quotas(connection: Connection) -> dict[str, dict[str, float]]:
    """Quotas of users; those of client ids are told as `user/client`, of addresses as `ip ADDRESS`."""
    answer = connection.ask(DescribeClientQuotasRequest(components=[], strict=False))
    refuse(
        answer.error_code, answer.error_message, "describing quotas (ACL: DescribeConfigs Cluster)"
    )
    found = {}
    for entry in answer.entries or ():
        entity = {part.entity_type: part.entity_name or "<default>" for part in entry.entity}
        name = f"ip {entity['ip']}" if "ip" in entity else entity.get("user", "")
        if "client-id" in entity:
            name += f"/{entity['client-id']}"
        found[name] = {value.key: value.value for value in entry.values}
    return found


def scram(connection: Connection) -> dict[str, list[str]]:
    """Users that have a password, with their SCRAM mechanisms."""
    answer = connection.ask(DescribeUserScramCredentialsRequest(users=None))
    refuse(
        answer.error_code, answer.error_message, "describing SCRAM users (ACL: Describe Cluster)"
    )
    return {
        each.user: sorted(_MECHANISMS.get(c.mechanism, "?") for c in each.credential_infos)
        for each in answer.results
    }


def reassignments(connection: Connection) -> list[Reassignment]:
    """Partitions on their way to other brokers."""
    answer = connection.ask(ListPartitionReassignmentsRequest(timeout_ms=5000, topics=None))
    refuse(answer.error_code, answer.error_message, "listing reassignments (ACL: Describe Cluster)")
    return [
        Reassignment(
            topic.name, p.partition_index, tuple(p.adding_replicas), tuple(p.removing_replicas)
        )
        for topic in answer.topics
        for p in topic.partitions
    ]


def log_dirs(connection: Connection, broker: int) -> list[LogDir]:
    """The log directories of a broker with their room, and what its replicas take of it."""
    answer = connection.ask(DescribeLogDirsRequest(topics=None), timeout_s=60)
    refuse(answer.error_code, None, "describing log directories (ACL: Describe Cluster)")
    if not answer.results:
        refuse(31, None, "describing log directories (ACL: Describe Cluster)")
    return [
        LogDir(
            broker,
            each.log_dir,
            each.total_bytes,
            each.usable_bytes,
            sum(part.partition_size for topic in each.topics for part in topic.partitions),
            name_of(each.error_code) if each.error_code else "",
        )
        for each in answer.results
    ]


def transactions(connection: Connection) -> list[Transaction]:
    """Transactions that have been open for longer than brokers allow by default."""
    answer = connection.ask(
        ListTransactionsRequest(
            state_filters=["Ongoing"], producer_id_filters=[], duration_filter=_ONGOING_MS
        )
    )
    refuse(answer.error_code, None, "listing transactions (ACL: Describe TransactionalId)")
    return [
        Transaction(t.transactional_id, t.producer_id, t.transaction_state)
        for t in answer.transaction_states
    ]


def hidden(connection: Connection, topics: list[str]) -> list[str]:
    """Those of the topics that exist or not, and that we may not know of."""
    of_topic = MetadataRequest.MetadataRequestTopic
    answer = connection.ask(
        MetadataRequest(
            topics=[of_topic(name=name) for name in topics], allow_auto_topic_creation=False
        ),
        timeout_s=60,
    )
    return [each.name for each in answer.topics if "AUTHORIZATION" in name_of(each.error_code)]


def coordinators(connection: Connection, names: Iterable[str], kind: int = GROUP) -> dict[str, str]:
    """Where the broker is that coordinates each of these groups or transactions; those that are not known are left out."""
    answer = connection.ask(FindCoordinatorRequest(key_type=kind, coordinator_keys=sorted(names)))
    return {
        each.key: f"{each.host}:{each.port}" for each in answer.coordinators if not each.error_code
    }


def may_read(connection: Connection, topic: str) -> str:
    """What a broker says to somebody who asks for a topic's producers, as only its readers may.

    `denied`, `accepted`, or empty where it says something else. No record is read.
    """
    of_topic = DescribeProducersRequest.TopicRequest
    answer = connection.ask(
        DescribeProducersRequest(topics=[of_topic(name=topic, partition_indexes=[0])])
    )
    code = answer.topics[0].partitions[0].error_code
    if "AUTHORIZATION_FAILED" in name_of(code):
        return "denied"
    return "accepted" if code == 0 else ""
