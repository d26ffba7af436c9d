"""The system as it will be deployed, read back from the manifests: Kafka, pools, topics, users.

Rules and plan judge this and not the intent, so that overrides, extra manifests and plain folders
of manifests count alike. What only the intent knows (owner, throughput, policy) hangs on beside.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

from generator import intent
from generator.kafka_model import ConfigModel, Setting, config_model
from generator.manifest import Manifest

Json = Mapping[str, Any]
UNLIMITED = -1
CLUSTER_LABEL = "strimzi.io/cluster"
OWNER_LABEL = "strimzi-gitops/owner"


class Settings:
    """What one or many topics alike say: partitions, replicas, config; and what the broker makes of it."""

    __slots__ = ("_values", "asked", "config", "partitions", "replicas", "system")

    def __init__(self, system: "System", spec: Json, asked: intent.Topic | None) -> None:
        self.system = system
        self.config: Json = spec.get("config") or {}
        self.partitions: int = spec.get("partitions") or int(system.broker("num.partitions") or 1)
        self.replicas: int = spec.get("replicas") or system.default_replicas
        self.asked = asked
        self._values: dict[str, tuple[Any, str]] = {}

    def value(self, key: str) -> Any:
        """What the broker will use: the topic's value, else the cluster's, else Kafka's default.

        Typed as Kafka holds it; None when there is nothing, or nothing readable.
        """
        return self._effective(key)[0]

    def origin(self, key: str) -> str:
        """Where the effective value comes from, for people: empty when the topic says it."""
        return self._effective(key)[1]

    def number(self, key: str) -> int:
        """An effective whole number; -1, which means no limit, when there is none."""
        value = self.value(key)
        return value if isinstance(value, int) else UNLIMITED

    @property
    def deletes(self) -> bool:
        """True when old records are deleted."""
        return "delete" in (self.value("cleanup.policy") or ())

    @property
    def compacts(self) -> bool:
        """True when only the latest record of a key is kept."""
        return "compact" in (self.value("cleanup.policy") or ())

    @property
    def tiered(self) -> bool:
        """True when old segments go to the object store."""
        return self.value("remote.storage.enable") is True

    def _effective(self, key: str) -> tuple[Any, str]:
        found = self._values.get(key)
        if found is None:
            found = self._values[key] = self._look_up(key)
        return found

    def _look_up(self, key: str) -> tuple[Any, str]:
        setting = self.system.model.setting("topic", key)
        if setting is None:
            return None, ""
        if key in self.config:
            return _parsed(setting, self.config[key]), ""
        for broker_key, factor in setting.fields.get("broker", ()):
            value = self.system.broker_config.get(broker_key)
            if value is not None:
                parsed = _parsed(setting, value)
                if isinstance(parsed, int) and not isinstance(parsed, bool) and parsed > 0:
                    parsed *= factor
                return parsed, f"the cluster's {broker_key}"
        return setting.parse_default(), f"Kafka {self.system.model.version}'s default"


def _parsed(setting: Setting, value: Any) -> Any:
    try:
        return setting.parse(value)
    except ValueError:
        return None


class Topic(NamedTuple):
    """One KafkaTopic; `name` is the topic's name in Kafka."""

    manifest: Manifest
    name: str
    settings: Settings
    asked: intent.Topic | None

    @property
    def owner(self) -> str | None:
        """The team that answers for it."""
        owner = self.manifest.body["metadata"].get("labels", {}).get(OWNER_LABEL)
        return None if owner is None else str(owner)

    @property
    def system(self) -> "System":
        """The system it belongs to."""
        return self.settings.system


class Acl(NamedTuple):
    """One ACL rule of a KafkaUser; `path` is its place in the manifest."""

    path: tuple[str | int, ...]
    type: str
    resource: str
    name: str
    pattern: str
    operations: tuple[str, ...]
    host: str

    def covers(self, resource: str, name: str) -> bool:
        """True when the rule is about this resource, by name or by prefix."""
        if self.resource != resource:
            return False
        if self.pattern == "prefix":
            return name.startswith(self.name)
        return self.name in (name, "*")

    def allows(self, *operations: str) -> bool:
        """True when it allows one of the operations."""
        return self.type == "allow" and bool({*operations, "All"} & set(self.operations))


@dataclass(frozen=True, slots=True)
class User:
    """One KafkaUser."""

    manifest: Manifest
    system: "System"
    asked: intent.Application | None
    acls: tuple[Acl, ...]

    @property
    def name(self) -> str:
        """The KafkaUser's name."""
        return self.manifest.name

    @property
    def spec(self) -> Json:
        """Its spec."""
        spec: Json = self.manifest.body["spec"]
        return spec

    @property
    def authentication(self) -> str:
        """tls, tls-external, scram-sha-512, or none."""
        return str(self.spec.get("authentication", {}).get("type", "none"))

    @property
    def principal(self) -> str:
        """What super users and ACLs call it."""
        return f"CN={self.name}" if self.authentication.startswith("tls") else self.name

    @property
    def quotas(self) -> Json:
        """Its quotas."""
        quotas: Json = self.spec.get("quotas") or {}
        return quotas

    @property
    def admin(self) -> bool:
        """True when the policy lists it among the administrators."""
        return self.name in self.system.policy.get("acls", {}).get("administrators", ())


@dataclass
class System:
    """One Kafka cluster with everything that belongs to it."""

    kafka: Manifest
    pools: tuple[Manifest, ...]
    policy: Json
    environment: intent.Environment | None
    model: ConfigModel
    topics: list[Topic] = field(default_factory=list)
    users: list[User] = field(default_factory=list)
    strays: list[Manifest] = field(default_factory=list)
    """Topics, users and pools whose label names no cluster that is deployed here."""

    @property
    def name(self) -> str:
        """The Kafka resource's name."""
        return self.kafka.name

    @property
    def spec(self) -> Json:
        """The Kafka resource's spec.kafka."""
        spec: Json = self.kafka.body["spec"]["kafka"]
        return spec

    @cached_property
    def broker_config(self) -> Json:
        """spec.kafka.config without what Strimzi drops."""
        config = self.spec.get("config") or {}
        return {key: config[key] for key in config if not self.model.forbidden(key)}

    def broker(self, key: str) -> Any:
        """A broker setting's effective value, typed; None when there is nothing."""
        setting = self.model.setting("broker", key)
        if setting is None:
            return None
        if key in self.broker_config:
            return _parsed(setting, self.broker_config[key])
        return setting.parse_default()

    @cached_property
    def default_replicas(self) -> int:
        """Replicas of a topic that says none."""
        value = self.broker("default.replication.factor")
        return value if isinstance(value, int) else 1

    def nodes(self, role: str) -> int:
        """How many nodes have a role, over all pools."""
        return sum(
            pool.body["spec"].get("replicas", 0)
            for pool in self.pools
            if role in pool.body["spec"].get("roles", ())
        )

    @cached_property
    def brokers(self) -> int:
        """How many brokers there are."""
        return self.nodes("broker")

    @property
    def cruise_control(self) -> bool:
        """True when Cruise Control runs."""
        return self.kafka.body["spec"].get("cruiseControl") is not None

    @property
    def authorized(self) -> bool:
        """True when ACLs are enforced."""
        return bool(self.spec.get("authorization"))

    @cached_property
    def by_topic(self) -> dict[str, Topic]:
        """Topics by their name in Kafka."""
        return {topic.name: topic for topic in self.topics}

    @property
    def size(self) -> str:
        """The environment's size; small where nobody says it."""
        return self.environment.size if self.environment else "small"


def system_of(
    manifests: Iterable[Manifest], policy: Json, environment: intent.Environment | None = None
) -> System | None:
    """The system that these manifests make; None when there is no Kafka of a known version."""
    kinds: dict[str, list[Manifest]] = {}
    for manifest in manifests:
        kinds.setdefault(manifest.kind, []).append(manifest)
    clusters = kinds.get("Kafka", [])
    mine = environment.cluster.name if environment else None
    kafka = next((each for each in clusters if mine in (None, each.name)), None)
    if kafka is None:
        return None
    try:
        model = config_model(str(kafka.body["spec"]["kafka"].get("version")))
    except FileNotFoundError:
        return None
    names = {each.name for each in clusters}
    strays: list[Manifest] = []

    def ours(kind: str) -> Iterator[Manifest]:
        for manifest in kinds.get(kind, ()):
            label = manifest.body["metadata"].get("labels", {}).get(CLUSTER_LABEL)
            if label == kafka.name:
                yield manifest
            elif label not in names:
                strays.append(manifest)

    system = System(kafka, tuple(ours("KafkaNodePool")), policy, environment, model)
    system.topics = list(_topics(ours("KafkaTopic"), system))
    applications = {each.name: each for each in environment.applications} if environment else {}
    system.users = [
        User(each, system, applications.get(each.name), tuple(_acls(each)))
        for each in ours("KafkaUser")
    ]
    system.strays = strays
    return system


def _topics(manifests: Iterable[Manifest], system: System) -> Iterator[Topic]:
    """Topics; those that say the same share their settings, which are judged once."""
    shared: dict[Any, Settings] = {}
    known = system.environment.topics if system.environment else {}
    for manifest in manifests:
        spec = manifest.body["spec"]
        name = spec.get("topicName") or manifest.name
        asked = known.get(name)
        config = spec.get("config") or {}
        key: Any = (spec.get("partitions"), spec.get("replicas"), *config.items())
        if asked is not None:
            key = (*key, asked.throughput_bytes, asked.keyed, asked.data_class)
        try:
            settings = shared.get(key)
        except TypeError:  # a list among foreign values
            settings, key = None, id(manifest)
        if settings is None:
            settings = shared[key] = Settings(system, spec, asked)
        yield Topic(manifest, name, settings, asked)


def _acls(manifest: Manifest) -> Iterator[Acl]:
    acls = manifest.body["spec"].get("authorization", {}).get("acls", ())
    for index, rule in enumerate(acls):
        resource = rule["resource"]
        yield Acl(
            ("spec", "authorization", "acls", index),
            rule.get("type", "allow"),
            resource["type"],
            resource.get("name", ""),
            resource.get("patternType", "literal"),
            tuple(rule.get("operations", ())),
            rule.get("host", "*"),
        )
