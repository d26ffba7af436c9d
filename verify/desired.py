"""What should be: rendered/ENV, or in a cluster the custom resources that Argo CD applied."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path as File

from generator.common.finding import Finding, FindingsError
from generator.common.kafka_values import config_text
from generator.contract.operator_version import version_of
from generator.contract.settings import CONFIG_MAP, KEY, VerifySettings, decode
from generator.contract.user_rules import operations_of
from generator.documents.manifest import Body
from generator.documents.rendered_files import contents_of, manifest_of
from verify.live.live import Kubernetes, LiveAcl

_CLUSTER_NAME = "kafka-cluster"
"""What Kafka calls the one resource of type cluster."""


@dataclass(frozen=True, slots=True)
class WantedTopic:
    """A KafkaTopic as the broker should know it; None where the broker's default counts."""

    resource: str
    """The KafkaTopic's metadata.name."""
    name: str
    partitions: int | None
    replicas: int | None
    config: dict[str, str]
    managed: bool


@dataclass(frozen=True, slots=True)
class WantedUser:
    """A KafkaUser as the broker should know it; `acls` is None where nobody says any."""

    resource: str
    authentication: str
    acls: frozenset[LiveAcl] | None
    quotas: dict[str, float]
    renewal_days: float | None = None
    """How long before its end its certificate is renewed; None where the authority decides."""

    @property
    def name(self) -> str:
        """What Kafka calls it where quotas are set: who shows a certificate is its subject."""
        scram = self.authentication in ("scram-sha-512", "")
        return self.resource if scram else f"CN={self.resource}"

    @property
    def principal(self) -> str:
        """What Kafka calls it in ACLs."""
        return f"User:{self.name}"


@dataclass(frozen=True)
class Desired:
    """One environment's objects; `rendered` is False where the cluster itself had to say them."""

    environment: str
    objects: tuple[Body, ...]
    rendered: bool = True
    settings: VerifySettings = field(default_factory=VerifySettings)
    mid_sync: bool = False
    """True while Argo CD has not come to its last wave yet, in which it makes what never gets healthy."""

    def of_kind(self, kind: str) -> dict[str, Body]:
        """The objects of one kind by name."""
        return {str(o["metadata"]["name"]): o for o in self.objects if o["kind"] == kind}

    @cached_property
    def kafka(self) -> Body:
        """The Kafka object; empty where none is rendered."""
        return next(iter(self.of_kind("Kafka").values()), {})

    @property
    def strimzi(self) -> str:
        """The release of Strimzi that Git was rendered for."""
        return version_of(self.kafka)

    @property
    def kafka_version(self) -> str:
        """The version of Kafka that Git says; empty where it says none."""
        return str((self.kafka.get("spec") or {}).get("kafka", {}).get("version") or "")

    @property
    def cluster(self) -> str:
        """The Kafka object's name."""
        name: str = self.kafka.get("metadata", {}).get("name", self.settings.cluster)
        return name

    @property
    def namespace(self) -> str:
        """Where it lives."""
        name: str = self.kafka.get("metadata", {}).get("namespace", self.settings.namespace)
        return name

    @property
    def broker_config(self) -> dict[str, str]:
        """What Git sets brokers to, in Kafka's own words."""
        config = (self.kafka.get("spec") or {}).get("kafka", {}).get("config") or {}
        return {key: config_text(value) for key, value in config.items()}

    @property
    def authorization(self) -> Body:
        """How access is ruled; empty where everybody may do everything."""
        return (self.kafka.get("spec") or {}).get("kafka", {}).get("authorization") or {}

    @cached_property
    def pools(self) -> dict[str, Body]:
        """Node pools by name."""
        return self.of_kind("KafkaNodePool")

    @property
    def brokers(self) -> int:
        """Nodes that hold partitions."""
        return sum(p["spec"]["replicas"] for p in self.pools.values() if _is(p, "broker"))

    @property
    def controllers(self) -> int:
        """Voters of the KRaft quorum."""
        return sum(p["spec"]["replicas"] for p in self.pools.values() if _is(p, "controller"))

    @cached_property
    def topics(self) -> dict[str, WantedTopic]:
        """Topics by Kafka's own name for them."""
        found = (_topic(name, body) for name, body in self.of_kind("KafkaTopic").items())
        return {topic.name: topic for topic in found}

    @cached_property
    def users(self) -> dict[str, WantedUser]:
        """Users by the KafkaUser's name."""
        return {name: _user(name, body) for name, body in self.of_kind("KafkaUser").items()}


def _is(pool: Body, role: str) -> bool:
    return role in pool["spec"]["roles"]


def _topic(resource: str, body: Body) -> WantedTopic:
    spec = body.get("spec") or {}
    annotations = body["metadata"].get("annotations") or {}
    return WantedTopic(
        resource,
        spec.get("topicName", resource),
        spec.get("partitions"),
        spec.get("replicas"),
        {key: config_text(value) for key, value in (spec.get("config") or {}).items()},
        annotations.get("strimzi.io/managed") != "false",
    )


_QUOTAS = {
    "producerByteRate": "producer_byte_rate",
    "consumerByteRate": "consumer_byte_rate",
    "requestPercentage": "request_percentage",
    "controllerMutationRate": "controller_mutation_rate",
}
_RESOURCES = {"transactionalId": "transactional_id"}
_PATTERNS = {"prefix": "prefixed"}


def _user(resource: str, body: Body) -> WantedUser:
    spec = body.get("spec") or {}
    authentication = spec.get("authentication") or {}
    user = WantedUser(
        resource,
        authentication.get("type", ""),
        None,
        quotas_of(spec.get("quotas") or {}),
        authentication.get("renewalDays"),
    )
    rules = (spec.get("authorization") or {}).get("acls")
    return user if rules is None else replace(user, acls=frozenset(_acls(user.principal, rules)))


def quotas_of(said: Body) -> dict[str, float]:
    """Quotas in Kafka's words; what is no quota is left out."""
    return {_QUOTAS[key]: float(value) for key, value in said.items() if key in _QUOTAS}


def _acls(principal: str, rules: Iterable[Body]) -> Iterable[LiveAcl]:
    for rule in rules:
        resource = rule["resource"]
        kind = resource["type"]
        for operation in operations_of(rule):
            yield LiveAcl(
                principal,
                rule.get("type", "allow"),
                operation_word(operation),
                _RESOURCES.get(kind, kind),
                resource.get("name", _CLUSTER_NAME) if kind != "cluster" else _CLUSTER_NAME,
                _PATTERNS.get(
                    resource.get("patternType", "literal"), resource.get("patternType", "literal")
                ),
                rule.get("host", "*"),
            )


def operation_word(name: str) -> str:
    """An operation as Kafka's tools write it: `DescribeConfigs` is `describe_configs`."""
    return "".join(f"_{c.lower()}" if c.isupper() else c for c in name).lstrip("_")


def of_rendered(folder: File, environment: str) -> Desired:
    """What rendered/ENV says.

    Raises:
        FindingsError: when there is no such folder or no Kafka in it, or a file is no Kubernetes object.
    """
    if not folder.is_dir():
        raise FindingsError(
            [Finding(str(folder), 0, 0, "not-rendered", "there is no such folder",
                     f"strimzi-gitops render {environment}")]
        )  # fmt: skip
    files = sorted(contents_of(folder).items())
    bodies = [manifest_of(f"{folder}/{file}", raw).body for file, raw in files]
    found = _desired(environment, bodies)
    if not found.kafka:
        raise FindingsError(
            [Finding(str(folder), 0, 0, "no-kafka", "has no Kafka object, so that nothing is desired",
                     f"strimzi-gitops render {environment}")]
        )  # fmt: skip
    return found


_INTENT_KINDS = ("Kafka", "KafkaNodePool", "KafkaTopic", "KafkaUser", "KafkaConnect", "ConfigMap")


def of_cluster(environment: str, kubernetes: Kubernetes, settings: VerifySettings) -> Desired:
    """What the live custom resources say, for a place that has no rendered/."""
    kinds = dict.fromkeys((*_INTENT_KINDS, *(kind for _, kind in settings.kinds)))
    bodies = [o for kind in kinds for o in kubernetes.objects.get(kind, {}).values()]
    return Desired(environment, tuple(bodies), rendered=False, settings=settings)


def _desired(environment: str, bodies: list[Body]) -> Desired:
    settings = VerifySettings(environment=environment)
    for body in bodies:
        if body["kind"] == "ConfigMap" and body["metadata"]["name"] == CONFIG_MAP:
            settings = _decoded(body)
    return Desired(environment, tuple(bodies), settings=settings)


def _decoded(body: Body) -> VerifySettings:
    try:
        return decode((body.get("data") or {})[KEY])
    except (KeyError, TypeError, ValueError) as error:
        raise FindingsError(
            [Finding(f"ConfigMap {CONFIG_MAP}", 0, 0, "settings", f"{KEY} cannot be read: {error}",
                     "strimzi-gitops render")]
        ) from error  # fmt: skip
