"""A topic's settings as the broker will see them: its own, the cluster's, Kafka's defaults."""

from dataclasses import dataclass

from generator.documents.manifest import Body
from generator.model import environment
from generator.system.config_model import parsed
from generator.system.deployed_cluster import DeployedCluster

UNLIMITED = -1


@dataclass(frozen=True, slots=True)
class Origin:
    """Where an effective value comes from: from the topic itself when it says nothing else."""

    broker_key: str = ""
    """The cluster's own setting that decides."""
    kafka: str = ""
    """The version of Kafka whose default it is."""

    @property
    def aside(self) -> str:
        """The same for people, to stand behind the value; empty when the topic says it."""
        if self.broker_key:
            return f" (the cluster's {self.broker_key})"
        return f" (Kafka {self.kafka}'s default)" if self.kafka else ""


_OWN = Origin()


class TopicSettings:
    """What one or many topics alike say: partitions, replicas, config; and what the broker makes of it."""

    __slots__ = ("_values", "config", "intent", "partitions", "replicas", "system")

    def __init__(
        self, system: DeployedCluster, spec: Body, intent: environment.Topic | None
    ) -> None:
        self.system = system
        self.config: Body = spec.get("config") or {}
        usual = system.broker("num.partitions")
        several = usual if isinstance(usual, int) and usual else 1
        self.partitions: int = spec.get("partitions") or several
        self.replicas: int = spec.get("replicas") or system.default_replicas
        self.intent = intent
        self._values: dict[str, tuple[object, Origin]] = {}

    def value(self, key: str) -> object:
        """What the broker will use: the topic's value, else the cluster's, else Kafka's default.

        Typed as Kafka holds it; None when there is nothing, or nothing readable.
        """
        return self._effective(key)[0]

    def origin(self, key: str) -> Origin:
        """Where the effective value comes from."""
        return self._effective(key)[1]

    def number(self, key: str) -> int:
        """An effective whole number; -1, which means no limit, when there is none."""
        value = self.value(key)
        return value if isinstance(value, int) else UNLIMITED

    @property
    def cleanup(self) -> list[str]:
        """What becomes of old records: delete, compact, or both."""
        value = self.value("cleanup.policy")
        return value if isinstance(value, list) else []

    @property
    def deletes(self) -> bool:
        """True when old records are deleted."""
        return "delete" in self.cleanup

    @property
    def compacts(self) -> bool:
        """True when only the latest record of a key is kept."""
        return "compact" in self.cleanup

    @property
    def tiered(self) -> bool:
        """True when old segments go to the object store."""
        return self.value("remote.storage.enable") is True

    def _effective(self, key: str) -> tuple[object, Origin]:
        found = self._values.get(key)
        if found is None:
            found = self._values[key] = self._look_up(key)
        return found

    def _look_up(self, key: str) -> tuple[object, Origin]:
        setting = self.system.model.setting("topic", key)
        if setting is None:
            return None, _OWN
        if key in self.config:
            return parsed(setting, self.config[key]), _OWN
        for broker_key, factor in setting.fields.get("broker", ()):
            value = self.system.broker_config.get(broker_key)
            if value is not None:
                held = parsed(setting, value)
                if isinstance(held, int) and not isinstance(held, bool) and held > 0:
                    held *= factor
                return held, Origin(broker_key)
        return setting.parse_default(), Origin(kafka=self.system.model.version)
