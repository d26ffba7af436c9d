"""Manifests -> the system that they make."""

from collections.abc import Iterable, Iterator
from typing import Any

from generator.common.strimzi.releases import kafka_versions, nearest
from generator.contract.operator_version import version_of
from generator.contract.user_rules import operations_of
from generator.documents.manifest import Manifest
from generator.model.environment import Environment
from generator.model.policy import Policy
from generator.system.config_model import config_model
from generator.system.effective_settings import TopicSettings
from generator.system.grants import SystemAcl
from generator.system.system import OWNER_LABEL, System, SystemTopic, User

CLUSTER_LABEL = "strimzi.io/cluster"


def systems_of(
    manifests: Iterable[Manifest], policy: Policy, environment: Environment | None = None
) -> list[System]:
    """The systems that these manifests make, one per Kafka, the environment's own first.

    Of a Kafka that nobody says or knows, which is for a rule to say, the operator's own is judged.
    """
    kinds: dict[str, list[Manifest]] = {}
    for manifest in manifests:
        kinds.setdefault(manifest.kind, []).append(manifest)
    mine = environment.cluster.name if environment else None
    clusters = sorted(kinds.get("Kafka", []), key=lambda each: (each.name != mine, each.name))
    members: dict[str, dict[str, list[Manifest]]] = {each.name: {} for each in clusters}
    for kind in ("KafkaNodePool", "KafkaTopic", "KafkaUser"):
        for manifest in kinds.get(kind, ()):
            cluster = cluster_of(manifest)
            if cluster in members:
                members[cluster].setdefault(kind, []).append(manifest)
    found = [
        _system(kafka, members[kafka.name], policy, environment if kafka.name == mine else None)
        for kafka in clusters
    ]
    if found:
        found[0].others = kinds
    return found


def system_of(
    manifests: Iterable[Manifest], policy: Policy, environment: Environment | None = None
) -> System | None:
    """The first of `systems_of`; None when there is no Kafka."""
    return next(iter(systems_of(manifests, policy, environment)), None)


def cluster_of(manifest: Manifest) -> str:
    """The Kafka that an object belongs to: itself, or what its label names; empty for others."""
    if manifest.kind == "Kafka":
        return manifest.name
    labels = manifest.body["metadata"].get("labels") or {}
    return str(labels.get(CLUSTER_LABEL, ""))


def _system(
    kafka: Manifest,
    members: dict[str, list[Manifest]],
    policy: Policy,
    environment: Environment | None,
) -> System:
    version = kafka.body["spec"]["kafka"].get("version")
    strimzi = nearest(version_of(kafka.body))
    known = version if version in kafka_versions() else strimzi.default_kafka
    model = config_model(known, strimzi.version)
    system = System(kafka, tuple(members.get("KafkaNodePool", ())), policy, environment, model)
    system.topics = list(_topics(members.get("KafkaTopic", ()), system))
    applications = {each.name: each for each in environment.applications} if environment else {}
    system.users = [
        User(each, system, applications.get(each.name), tuple(_acls(each)))
        for each in members.get("KafkaUser", ())
    ]
    return system


def _topics(manifests: Iterable[Manifest], system: System) -> Iterator[SystemTopic]:
    """Topics; those that say the same share their settings, which are judged once."""
    shared: dict[Any, TopicSettings] = {}
    known = system.environment.topics if system.environment else {}
    for manifest in manifests:
        spec = manifest.body["spec"]
        name = spec.get("topicName") or manifest.name
        intent = known.get(name)
        config = spec.get("config") or {}
        key: Any = (spec.get("partitions"), spec.get("replicas"), *config.items())
        if intent is not None:
            side = bool(intent.dead_letter_of or intent.retry_of)
            key = (*key, intent.throughput_bytes, intent.keyed, side)
        try:
            settings = shared.get(key)
        except TypeError:  # a list among foreign values
            settings, key = None, id(manifest)
        if settings is None:
            settings = shared[key] = TopicSettings(system, spec, intent)
        owner = manifest.body["metadata"].get("labels", {}).get(OWNER_LABEL)
        yield SystemTopic(manifest, name, settings, intent, owner, system)


def _acls(manifest: Manifest) -> Iterator[SystemAcl]:
    acls = manifest.body["spec"].get("authorization", {}).get("acls", ())
    for index, rule in enumerate(acls):
        resource = rule["resource"]
        yield SystemAcl(
            ("spec", "authorization", "acls", index),
            rule.get("type", "allow"),
            resource["type"],
            resource.get("name", ""),
            resource.get("patternType", "literal"),
            operations_of(rule),
            rule.get("host", "*"),
        )
