"""Kafka: versions, who may do what, tiered storage, and what of the spec restarts which nodes."""

from collections.abc import Iterator
from typing import Any

from generator.common.changes import MISSING
from generator.common.strimzi_facts import (
    ALLOW_LIST_DYNAMIC,
    OLD_FIELDS,
    RACK_OF_BROKERS,
    RESOURCES_OF_KAFKA,
    TEMPLATES_MERGED,
    TIERED_CONTROLLERS,
)
from generator.documents.manifest import Manifest
from generator.plan.change import Effect, FieldChange, Impact
from generator.plan.impact import Pair, listed, parts, short
from generator.plan.impact.cluster.broker_config import of_config
from generator.plan.impact.cluster.listeners import of_listener
from generator.plan.impact.cluster.loggers import of_logging
from generator.plan.impact.cluster.operators import beside_nodes
from generator.plan.impact.cluster.quotas import of_quotas
from generator.plan.impact.cluster.restarts import (
    OF_POOLS,
    init_containers,
    pools_of,
    readers_of_unknown,
    restarts,
    waits,
)
from generator.plan.impact.cluster.versions import metadata_version, version
from generator.system.system import System

KIND = "Kafka"
_OF_PODS = {"pod", "kafkaContainer"}
"""Templates that a pool's own ones stand above (Strimzi 1.2.0, KafkaPool.java:214)."""
_PLACES = ("bucket", "prefix", "container", "path", "root", "region", "endpoint")
"""Words in the settings of a plugin for tiered storage that tell where segments are."""


def created(pair: Pair) -> Iterator[Effect]:
    """A new cluster.

    Source: Strimzi 1.2.0, KafkaAssemblyOperator.java.
    """
    del pair
    yield Effect(Impact.DYNAMIC, "a new cluster")


def deleted(pair: Pair) -> Iterator[Effect]:
    """The cluster goes; its disks stay only where deleteClaim is false.

    Source: Strimzi 1.2.0, KafkaCluster.java (owner references); NodePoolUtils.java:72: pods belong to pools.
    """
    count = len(pair.old.topics) if pair.old else 0
    yield Effect(Impact.DATA_LOSS, f"the whole cluster with {count} topics goes: Services and Secrets at"
                 " once, nodes with their pools; its disks stay where deleteClaim is false",
                 reversible=False)  # fmt: skip


def changed(pair: Pair, field: FieldChange) -> Iterator[Effect]:
    """One field of the spec."""
    held = waits(pair)
    if held:
        yield held
    elif field.path[:2] != ("spec", "kafka"):
        yield from beside_nodes(pair, field)
    else:
        yield from _of_nodes(pair, field)


def _of_nodes(pair: Pair, field: FieldChange) -> Iterator[Effect]:
    """One field of spec.kafka."""
    match field.path[2:]:
        case ("version",):
            yield from version(pair, field)
        case ("metadataVersion",):
            yield from metadata_version(pair, field)
        case ("config", *rest):
            yield from of_config(pair, field, rest)
        case ("listeners", *_):
            yield from of_listener(pair, field)
        case ("authorization", *rest):
            yield from _authorization(pair, rest)
            known = rest[:1] in ([], ["type"], ["superUsers"], ["authorizerClass"])
            yield from restarts(pair, pools=None if known else readers_of_unknown(pair))
        case ("tieredStorage", *rest):
            yield from _tiered(pair, field, [str(each) for each in rest])
        case ("quotas", *_):
            yield from of_quotas(pair, field)
        case ("template",):
            for part in parts(field):
                yield from _of_nodes(pair, part)
        case ("template", str() as what, *_):
            yield from _template(pair, what)
        case _:
            yield from _of_pods(pair, field)


def _of_pods(pair: Pair, field: FieldChange) -> Iterator[Effect]:
    """What is said of the nodes' pods, and of what stands in them.

    Source: Strimzi 1.2.0, KafkaCluster.java (getEnvVars, getContainerPortList), KafkaPool.java:153,
    KafkaBrokerConfigurationBuilder.java (withRackId), EntityTopicOperator.java:164 (whether Cruise Control knows racks);
    0.51.0, KafkaReconciler.java (unknownConfigsWithValues: the allow list is no setting of Kafka's), KafkaCluster.fromCrd
    (replicas and storage are the pools').
    """
    match field.path[2:]:
        case ("logging", *_):
            yield from of_logging(pair)
        case ("replicas" | "storage", *_) if pair.has(OLD_FIELDS):
            yield Effect(Impact.NO_EFFECT, "with node pools nobody reads it")
        case ("resources", *_) if pair.has(RESOURCES_OF_KAFKA):
            yield from _without_own(pair, lambda spec: "resources" in spec)
        case ("metricsConfig", "values", *_) if not pair.has(ALLOW_LIST_DYNAMIC):
            yield from restarts(pair, pools=readers_of_unknown(pair))
        case ("metricsConfig", "valueFrom" | "values", *_):
            yield Effect(Impact.DYNAMIC, "what is measured changes as Kafka runs; nothing restarts")
        case ("rack", "type") if {field.before, field.after} == {MISSING, "topology-label"}:
            yield Effect(Impact.NO_EFFECT, "topology-label is the default")
        case ("rack", *_):
            yield from restarts(
                pair, pools=pools_of(pair, "broker") if pair.has(RACK_OF_BROKERS) else None
            )
            if pair.new and len(field.path) == 3 and "cruiseControl" in pair.new.kafka.body["spec"]:
                yield Effect(Impact.DYNAMIC, "the Entity Operator restarts")
        case ("brokerRackInitImage",):
            yield from init_containers(pair, pools_of(pair))
        case ("jvmOptions", *_):
            yield from _without_own(pair, lambda spec: "jvmOptions" in spec)
        case _:
            yield from restarts(pair)


def _template(pair: Pair, what: str) -> Iterator[Effect]:
    """How what is made of the Kafka looks.

    Source: Strimzi 1.2.0, KafkaClusterTemplate.java, KafkaPool.java:214 (processTemplate); 0.48.0, KafkaPool.java:196.
    """
    merged = pair.has(TEMPLATES_MERGED)
    if what in OF_POOLS and not merged and all(map(_has_template, pools_of(pair))):
        yield Effect(Impact.NO_EFFECT, "every pool has a template of its own, beside which Strimzi"
                     f" {short(pair.strimzi)} does not look at the Kafka's")  # fmt: skip
    elif what == "podDisruptionBudget":
        yield Effect(Impact.DYNAMIC, "how many nodes may be evicted at once; nothing restarts")
    elif what == "persistentVolumeClaim":
        yield Effect(Impact.DYNAMIC, "labels and annotations of the claims only; nothing restarts")
    elif what == "initContainer":
        own = [
            each for each in pools_of(pair)
            if not (_has_template(each) if not merged else what in (each.body["spec"].get("template") or {}))
        ]  # fmt: skip
        yield from init_containers(pair, own)
    elif what in _OF_PODS and not merged:
        yield from _without_own(pair, lambda spec: spec.get("template") is not None)
    elif what in _OF_PODS:
        yield from _without_own(pair, lambda spec: what in (spec.get("template") or {}))
    else:
        yield Effect(Impact.DYNAMIC, "only what stands around the pods; nothing restarts")


def _has_template(pool: Manifest) -> bool:
    return pool.body["spec"].get("template") is not None


def _without_own(pair: Pair, has_own: Any) -> Iterator[Effect]:
    """What the Kafka says for pools that do not say it themselves.

    Source: Strimzi 1.2.0, KafkaPool.java:153, 214.
    """
    pools: list[Manifest] = [pool for pool in pools_of(pair) if not has_own(pool.body["spec"])]
    if pools or not pools_of(pair):
        yield from restarts(pair, pools=pools)
    else:
        yield Effect(Impact.NO_EFFECT, "every pool has its own")


def _authorization(pair: Pair, rest: list[str | int]) -> Iterator[Effect]:
    """Who may do what.

    Source: Strimzi 1.2.0, KafkaUserModel.java (ACLs without an authorizer are refused),
    KafkaBrokerConfigurationBuilder.withAuthorization.
    """
    new = pair.new
    if rest[:1] == ["superUsers"]:
        yield Effect(Impact.CLIENT_VISIBLE, "who is bound by no ACL changes")
    elif new is not None and not new.authorized:
        yield Effect(Impact.PROTECTION_LOSS, "from now on every client may do everything")
        stuck = [user.name for user in new.users if user.acls]
        if stuck:
            text = f"KafkaUsers with ACLs go NotReady: {listed(stuck)}"
            yield Effect(Impact.REFUSED, text)
        yield Effect(Impact.DYNAMIC, "the Entity Operator restarts")
    elif new is not None and (new.spec.get("authorization") or {}).get("type") != "simple":
        yield Effect(Impact.UNKNOWN, "its own authorizer decides, of which nothing is known here")
    else:
        users = len(new.users) if new else 0
        yield Effect(Impact.CLIENT_VISIBLE, f"from now on only what ACLs allow: {users} users are declared,"
                     " all others are refused")  # fmt: skip


def _tiered(pair: Pair, field: FieldChange, rest: list[str]) -> Iterator[Effect]:
    """Where old segments go.

    Class and class path are settings of brokers that Kafka knows; what its plugin is told it does not, and for that
    every node restarts.

    Source: Kafka 4.3.1, LogConfig ("You have to delete all topics with ..."), KAFKA-15267; Strimzi 1.2.0,
    KafkaBrokerConfigurationBuilder.withTieredStorage, KafkaReconciler.java:731; seen on its Cluster Operator;
    0.48.0, KafkaReconciler.java:680 (controllers restart for settings of theirs only).
    """
    if not rest and field.after is MISSING and _has_tiered(pair.new):
        text = "the first broker that restarts stays down while topics are tiered (KAFKA-15267)"
        yield Effect(Impact.REFUSED, text)
    elif _moves(rest):
        yield Effect(Impact.IRREVERSIBLE, "what is tiered stays where it was, and brokers do not look for it"
                     " there any more", reversible=False)  # fmt: skip
    if rest[-1:] in (["className"], ["classPath"]):
        pools = pools_of(pair, "broker")
    elif not rest and pair.has(TIERED_CONTROLLERS):
        pools = pools_of(pair)
    else:
        pools = readers_of_unknown(pair)
    yield from restarts(pair, pools=pools)


def _moves(rest: list[str]) -> bool:
    """True when segments may be looked for in another place."""
    if "config" in rest:
        return any(word in rest[-1].lower() for word in _PLACES)
    return rest[-1:] == ["className"]


def _has_tiered(system: System | None) -> bool:
    return system is not None and any(topic.settings.tiered for topic in system.topics)
