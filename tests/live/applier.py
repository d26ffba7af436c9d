"""What Strimzi's Topic Operator and User Operator make of rendered manifests, on a test's cluster.

    apply(kafka, Path("rendered/dev"))

As often as wanted: what is there already is brought to what the manifests say.
"""

from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from pathlib import Path
from typing import Any, NamedTuple

import yaml
from confluent_kafka.admin import (
    AclBinding,
    AclBindingFilter,
    AclOperation,
    AclPermissionType,
    AlterConfigOpType,
    ConfigEntry,
    ConfigResource,
    ConfigSource,
    NewPartitions,
    NewTopic,
    ResourcePatternType,
    ResourceType,
    ScramCredentialInfo,
    ScramMechanism,
    UserScramCredentialAlteration,
    UserScramCredentialUpsertion,
)
from live.acls import binding
from live.answers import DEADLINE_S, answer_of, snake
from live.kafka import Kafka
from live.node import LOOPBACK, SMALL
from live.quotas import Quotas
from live.security import ADMIN, password_of

RENDERED = Path(__file__).parents[2] / "rendered"

_ANY: Any = None  # the C library's signature says text
_EVERY_ACL = AclBindingFilter(
    ResourceType.ANY,
    _ANY,
    ResourcePatternType.ANY,
    _ANY,
    _ANY,
    AclOperation.ANY,
    AclPermissionType.ANY,
)
_ITERATIONS = 4096


class Topic(NamedTuple):
    """A KafkaTopic as a broker knows it."""

    name: str
    partitions: int
    replicas: int
    config: dict[str, str]


class User(NamedTuple):
    """A KafkaUser as a broker knows it."""

    name: str
    authentication: str
    acls: tuple[dict[str, Any], ...]
    quotas: dict[str, float]

    @property
    def principal(self) -> str:
        """Who it is where quotas are set: who shows a certificate is called as that says."""
        return self.name if self.authentication == "scram-sha-512" else f"CN={self.name}"

    def bindings(self) -> Iterator[AclBinding]:
        """Its ACLs, one for each operation, with what a KafkaUser leaves out."""
        for acl in self.acls:
            resource = acl["resource"]
            for operation in acl["operations"]:
                yield binding(
                    resource["type"],
                    resource.get("name", "kafka-cluster"),
                    resource.get("patternType", "literal"),
                    operation,
                    f"User:{self.principal}",
                    acl.get("host", "*"),
                    acl.get("type", "allow"),
                )


def topics_of(folder: Path) -> list[Topic]:
    """The topics of a rendered environment."""
    return [
        Topic(
            spec.get("topicName", name),
            spec["partitions"],
            spec["replicas"],
            {key: _text(value) for key, value in spec.get("config", {}).items()},
        )
        for name, spec in _manifests(folder, "KafkaTopic")
    ]


def users_of(folder: Path) -> list[User]:
    """The users of a rendered environment."""
    return [
        User(
            name,
            spec["authentication"]["type"],
            tuple(spec.get("authorization", {}).get("acls", ())),
            {snake(key).lower(): float(value) for key, value in spec.get("quotas", {}).items()},
        )
        for name, spec in _manifests(folder, "KafkaUser")
    ]


def settings_of(folder: Path) -> dict[str, str]:
    """The brokers' settings in a rendered environment, but none that makes tests wait."""
    ((_, spec),) = _manifests(folder, "Kafka")
    settings = {key: _text(value) for key, value in spec["kafka"]["config"].items()}
    settings.pop("group.initial.rebalance.delay.ms", None)
    return settings


def as_set_up(body: Any, folder: Path) -> Any:
    """A Kafka as Git says it, with what beside that makes tests' brokers small; other objects as they are."""
    if body["kind"] != "Kafka":
        return body
    small = deepcopy(body)
    small["spec"]["kafka"]["config"] = {**SMALL, **settings_of(folder)}
    return small


def apply(kafka: Kafka, folder: Path) -> None:
    """Bring a cluster to what a rendered environment says; it counts everywhere after that.

    A topic has at most as many replicas as there are nodes, and the password of a user is
    `password_of` its name. Topics and users that no manifest says stay as they are.

    Raises:
        Rejected: when the broker refuses something.
    """
    apply_topics(kafka, topics_of(folder))
    apply_users(kafka, users_of(folder))
    kafka.settle()


def apply_topics(kafka: Kafka, topics: Sequence[Topic]) -> None:
    """Create topics; those that are there get their settings and missing partitions."""
    known = kafka.admin.list_topics(timeout=DEADLINE_S).topics
    missing = [
        NewTopic(
            topic.name,
            topic.partitions,
            min(topic.replicas, len(kafka.nodes)),
            config=topic.config,
        )
        for topic in topics
        if topic.name not in known
    ]
    if missing:
        _all_done(kafka.admin.create_topics(missing, request_timeout=DEADLINE_S))
    there = [topic for topic in topics if topic.name in known]
    if there:
        _configure(kafka, there)
    fewer = [
        NewPartitions(topic.name, topic.partitions)
        for topic in there
        if len(known[topic.name].partitions) < topic.partitions
    ]
    if fewer:
        _all_done(kafka.admin.create_partitions(fewer, request_timeout=DEADLINE_S))
    kafka.until(lambda: _are_led(kafka, topics), "lead all topics")


def apply_users(kafka: Kafka, users: Sequence[User]) -> None:
    """Give users their passwords, their ACLs and quotas, and no others."""
    scram = ScramCredentialInfo(ScramMechanism.SCRAM_SHA_512, _ITERATIONS)
    passwords: list[UserScramCredentialAlteration] = [
        UserScramCredentialUpsertion(user.name, scram, password_of(user.name).encode())
        for user in users
        if user.authentication == "scram-sha-512"
    ]
    if passwords:
        _all_done(kafka.admin.alter_user_scram_credentials(passwords))
    said = {acl for user in users for acl in user.bindings()}
    ours = {f"User:{user.principal}" for user in users}
    there = set(answer_of(kafka.admin.describe_acls(_EVERY_ACL)))
    if said - there:
        _all_done(kafka.admin.create_acls(list(said - there)))
    surplus = [_only(acl) for acl in there - said if acl.principal in ours]
    if surplus:
        _all_done(kafka.admin.delete_acls(surplus))
    with quotas(kafka) as connection:
        connection.set({user.principal: user.quotas for user in users})


def quotas(kafka: Kafka) -> Quotas:
    """A connection over which a cluster's quotas are read and set."""
    node = next(node for node in kafka.nodes if node.responds)
    return Quotas(LOOPBACK, node.client_port, ADMIN if kafka.security else None)


def _are_led(kafka: Kafka, topics: Sequence[Topic]) -> bool:
    known = kafka.admin.list_topics(timeout=DEADLINE_S).topics
    return all(
        topic.name in known
        and len(known[topic.name].partitions) >= topic.partitions
        and all(part.leader >= 0 for part in known[topic.name].partitions.values())
        for topic in topics
    )


def _configure(kafka: Kafka, topics: Sequence[Topic]) -> None:
    """Set what topics say, and take back what was set on them beside that."""
    asked = {ConfigResource(ResourceType.TOPIC, topic.name): topic.config for topic in topics}
    changes = []
    for resource, answer in kafka.admin.describe_configs(list(asked)).items():
        said = asked[resource]
        entries = [_change(key, value, AlterConfigOpType.SET) for key, value in said.items()]
        for key, entry in answer_of(answer).items():
            if entry.source == ConfigSource.DYNAMIC_TOPIC_CONFIG.value and key not in said:
                entries.append(_change(key, None, AlterConfigOpType.DELETE))
        if entries:
            changes.append(
                ConfigResource(ResourceType.TOPIC, resource.name, incremental_configs=entries)
            )
    if changes:
        _all_done(kafka.admin.incremental_alter_configs(changes))


def _change(key: str, value: str | None, how: AlterConfigOpType) -> ConfigEntry:
    return ConfigEntry(key, value, incremental_operation=how)


def _only(acl: AclBinding) -> AclBindingFilter:
    """What finds this ACL and no other."""
    return AclBindingFilter(
        acl.restype,
        acl.name,
        acl.resource_pattern_type,
        acl.principal,
        acl.host,
        acl.operation,
        acl.permission_type,
    )


def _all_done(futures: Mapping[Any, Any]) -> None:
    for future in futures.values():
        answer_of(future)


def _manifests(folder: Path, kind: str) -> Iterator[tuple[str, dict[str, Any]]]:
    for file in sorted(folder.rglob("*.yaml")):
        for manifest in yaml.safe_load_all(file.read_text(encoding="utf-8")):
            if manifest["kind"] == kind:
                yield manifest["metadata"]["name"], manifest["spec"]


def _text(value: Any) -> str:
    """A value as the operators write it."""
    if isinstance(value, list):
        return ",".join(map(_text, value))
    return str(value).lower() if isinstance(value, bool) else str(value)
