"""The model: what an environment asks for, in Strimzi's and Kafka's terms. Frozen data only.

`model.build` makes it from an environment's resolved document.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import wraps
from typing import Any, NamedTuple, TypeVar

from generator.common.finding import Path
from generator.common.kafka_values import KafkaValue
from generator.common.kinds import STRIMZI_GROUP
from generator.common.strimzi.facts import Fact
from generator.common.strimzi.releases import Release, nearest
from generator.intent.sections import (
    ApplicationSection,
    ClusterSection,
    Intent,
    NodePoolSpreadSection,
    ResourcesSection,
)
from generator.model.policy import Policy


@dataclass(frozen=True, slots=True)
class Listener:
    """One way into the cluster."""

    name: str
    port: int
    type: str
    tls: bool
    authentication: str
    bootstrap_host: str | None
    configuration: Mapping[str, Any]
    network_policy_peers: tuple[Mapping[str, Any], ...] | None

    @property
    def internal(self) -> bool:
        """True when only pods of the same Kubernetes cluster can reach it."""
        return self.type in ("internal", "cluster-ip")

    @property
    def security_protocol(self) -> str:
        """Kafka's security.protocol for clients of this listener."""
        encryption = "SSL" if self.tls else "PLAINTEXT"
        return f"SASL_{encryption}" if self.authentication == "scram-sha-512" else encryption


@dataclass(frozen=True, slots=True)
class Volume:
    """One JBOD volume of every node of a pool; `size_bytes` is None only when ephemeral."""

    id: int
    type: str
    size_bytes: int | None
    storage_class: str | None
    delete_claim: bool
    kraft_metadata: str | None
    volume_attributes_class: str | None


@dataclass(frozen=True, slots=True)
class NodePool:
    """Nodes that are alike. Resources stay as written; heap is in bytes."""

    name: str
    roles: tuple[str, ...]
    replicas: int
    node_ids: str | None
    volumes: tuple[Volume, ...]
    resources: ResourcesSection
    heap_bytes: int | None
    jvm_options: Mapping[str, str]
    spread: Mapping[str, NodePoolSpreadSection]
    retire: bool = False
    """Released by Argo CD, so that it can be removed."""


@dataclass(frozen=True, slots=True)
class Cluster:
    """One Kafka resource and its pools; parts that Strimzi names alike stay plain data."""

    name: str
    kafka_version: str
    metadata_version: str
    listeners: tuple[Listener, ...]
    authorization: str
    super_users: tuple[str, ...]
    config: Mapping[str, KafkaValue]
    node_pools: tuple[NodePool, ...]
    settings: ClusterSection
    """The `cluster` section as resolved: rack, metrics, quotas, Cruise Control and the like."""

    @property
    def brokers(self) -> int:
        """Nodes that hold partitions."""
        return sum(pool.replicas for pool in self.node_pools if "broker" in pool.roles)


class Topic(NamedTuple):
    """A Kafka topic as it will be rendered; `config` has Kafka's keys and plain values.

    A named tuple where the rest are dataclasses: there may be a hundred thousand of them.
    """

    name: str
    partitions: int
    replicas: int
    config: Mapping[str, KafkaValue]
    path: Path
    """Where its intent stands; for a dead-letter or retry topic, the key that asks for it."""
    owner: str | None = None
    description: str | None = None
    profile: str | None = None
    labels: Mapping[str, str] | None = None
    annotations: Mapping[str, str] | None = None
    throughput_bytes: int | None = None
    keyed: bool | None = None
    """True when every record has a key, as compaction needs; None when nobody says."""
    data_class: str | None = None
    writers: tuple[str, ...] = ()
    """Teams besides the owner that may write."""
    retire: str = ""
    """Released, so that it can be removed: `keep` its data or `delete` it; empty when it stays."""
    retry_of: str | None = None
    dead_letter_of: str | None = None
    message_format: str | None = None
    """The name of the format, among messageFormats, that its records have."""
    backup: str | None = None
    """Whether backups must, may or must not hold it: required, optional, excluded."""


@dataclass(frozen=True, slots=True)
class Application:
    """An application and what it does with topics; `settings` is its section as resolved."""

    name: str
    authentication: str
    produces: tuple[str, ...]
    consumes: tuple[tuple[str, str], ...]
    """Topics with their consumer group."""
    settings: ApplicationSection


@dataclass(frozen=True, slots=True)
class Environment:
    """Everything that one environment asks for."""

    name: str
    namespace: str
    size: str
    protect: bool
    cluster: Cluster
    topics: Mapping[str, Topic]
    applications: tuple[Application, ...]
    policy: Policy
    data: Intent
    """The whole resolved document, for the sections that are rendered as they stand."""
    side_topics: Mapping[str, tuple[str, ...]]
    """Dead-letter and retry topics by the topic that they belong to."""
    made: dict[Any, Any] = field(default_factory=dict, init=False, repr=False, compare=False)
    """What `once` has made of it."""

    @property
    def release(self) -> Release:
        """The release of Strimzi that its manifests are for; of an unknown one the nearest."""
        return nearest(self.strimzi)

    def has(self, fact: Fact) -> bool:
        """Whether something holds in its Strimzi."""
        return fact.holds(self.strimzi)

    @property
    def strimzi(self) -> str:
        """The version of Strimzi as the intent says it."""
        return self.data["strimzi"]["version"]

    @property
    def kubernetes(self) -> str:
        """The lowest minor version of its Kubernetes clusters, as the intent says it; empty where it does not."""
        return self.data.get("kubernetes", {}).get("version", "")

    @property
    def strimzi_api(self) -> str:
        """The apiVersion of Strimzi's kinds: v1 where it is served, unless the intent says otherwise."""
        chosen = self.data["strimzi"].get("apiVersion", self.release.apis[-1])
        return f"{STRIMZI_GROUP}/{chosen}"

    @property
    def strimzi_stored(self) -> str:
        """The version in which Kubernetes stores Strimzi's kinds, such as v1."""
        return self.data["strimzi"].get("storedVersion", self.release.stored)

    @property
    def retire(self) -> str:
        """Released as a whole, so that it can be removed: `keep` or `delete`; empty when it stays."""
        return data_of_retired(self.data.get("retire"))

    def named(self, user: str) -> list[str]:
        """The sections that already make a KafkaUser of this name."""
        users = {
            "applications": self.data.get("applications", {}),
            "users": self.data.get("users", {}),
        }
        return [section for section, made in users.items() if user in made]


Made = TypeVar("Made")


def once(make: Callable[[Environment], Made]) -> Callable[[Environment], Made]:
    """The same function, which makes what is derived once per environment, however many ask."""

    @wraps(make)
    def made(environment: Environment) -> Made:
        if make not in environment.made:
            environment.made[make] = make(environment)
        found: Made = environment.made[make]
        return found

    return made


def below(section: Mapping[str, object], keys: Iterable[str | int]) -> object:
    """What a section says below some keys; None where it says nothing."""
    node: object = section
    for key in keys:
        node = node.get(key) if isinstance(node, Mapping) else None
    return node


def data_of_retired(said: object) -> str:
    """What `retire:` says of the data: `keep` or `delete`; empty when nothing is retired."""
    if isinstance(said, Mapping):
        return str(said.get("data", "keep"))
    return "keep" if said else ""


IN_CLUSTER = "https://kubernetes.default.svc"
"""How Argo CD calls the Kubernetes cluster that it runs in."""


def destination_id(environment: Environment) -> str:
    """The Kubernetes cluster that an environment is deployed to, as Argo CD knows it."""
    destination = environment.data.get("argocd", {}).get("destination", {})
    return str(destination.get("name") or destination.get("server", IN_CLUSTER))
