"""The brokers and controllers of one cluster as they will be deployed, without what lives on them."""

from dataclasses import dataclass
from functools import cached_property

from generator.common.strimzi.facts import Fact
from generator.common.strimzi.releases import numbers
from generator.contract.operator_version import version_of
from generator.documents.manifest import Body, Manifest
from generator.model.environment import Environment
from generator.model.policy import Policy
from generator.system.config_model import ConfigModel, parsed


@dataclass(eq=False)
class DeployedCluster:
    """One Kafka with its pools, and what is demanded of it."""

    kafka: Manifest
    pools: tuple[Manifest, ...]
    policy: Policy
    environment: Environment | None
    model: ConfigModel

    @property
    def name(self) -> str:
        """The Kafka resource's name."""
        return self.kafka.name

    @property
    def strimzi(self) -> str:
        """The version of Strimzi that it is rendered for."""
        return version_of(self.kafka.body)

    def has(self, fact: Fact) -> bool:
        """Whether something holds in that version."""
        return fact.holds(self.strimzi)

    def kafka_since(self, version: str) -> bool:
        """Whether its Kafka is of this version, or a newer one."""
        return numbers(self.model.version) >= numbers(version)

    @property
    def spec(self) -> Body:
        """The Kafka resource's spec.kafka."""
        spec: Body = self.kafka.body["spec"]["kafka"]
        return spec

    @cached_property
    def broker_config(self) -> Body:
        """spec.kafka.config without what Strimzi drops."""
        config = self.spec.get("config") or {}
        return {key: config[key] for key in config if not self.model.drops(key, self.spec)}

    def broker(self, key: str) -> object:
        """A broker setting's effective value, typed; None when there is nothing."""
        setting = self.model.setting("broker", key)
        if setting is None:
            return None
        if key in self.broker_config:
            return parsed(setting, self.broker_config[key])
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

    @property
    def size(self) -> str:
        """The environment's size; small where nobody says it."""
        return self.environment.size if self.environment else "small"
