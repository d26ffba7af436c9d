"""What the operators need beside the Kafka resource, and what is said to them once and stays in Git."""

from collections.abc import Iterator
from typing import Any, cast

from generator.common.finding import Path, Severity, did_you_mean
from generator.documents.manifest import Manifest
from generator.rules.registry import Flaw, rule
from generator.system.build import cluster_of
from generator.system.system import System

_DOMAIN = "strimzi.io/"
_GROUP = "kafka.strimzi.io"
_TEMPLATE = "strimzi.io/rebalance-template"
_METRICS_RF = "cruise.control.metrics.topic.replication.factor"
_METRICS_ISR = "cruise.control.metrics.topic.min.insync.replicas"


def _annotated(system: System, word: str) -> Iterator[tuple[Manifest, str]]:
    """Strimzi's objects that have an annotation, and its value."""
    for kind in sorted(system.others):
        for manifest in system.others[kind]:
            annotations = manifest.body["metadata"].get("annotations") or {}
            if manifest.identity[0] == _GROUP and _DOMAIN + word in annotations:
                yield manifest, str(annotations[_DOMAIN + word])


def _annotation(manifest: Manifest, word: str, message: str) -> Flaw:
    return Flaw(("metadata", "annotations", _DOMAIN + word), message, on=manifest)


@rule("reconciliation-paused", Severity.WARNING)
def paused(system: System) -> Iterator[Flaw]:
    """Nothing stays paused.

    Why: the operator leaves a paused object as it is: what is merged afterwards does not happen, and all
        of it happens at once when the pause ends; of a Kafka no certificate is renewed either.
    Fix: drop strimzi.io/pause-reconciliation when the work is done.
    Source: Strimzi 1.2.0 documentation, "Pausing reconciliation of custom resources".
    """
    for manifest, value in _annotated(system, "pause-reconciliation"):
        if value.lower() == "true":
            yield _annotation(manifest, "pause-reconciliation", "its reconciliation is paused")


@rule("scale-down-unchecked")
def scale_down_unchecked(system: System) -> Iterator[Flaw]:
    """The operator looks for partitions before it removes a broker.

    Why: with the check left out a broker goes with whatever replicas it holds, whoever lowers replicas.
    Fix: drop strimzi.io/skip-broker-scaledown-check.
    Source: Strimzi 1.2.0, KafkaClusterCreator (skipBrokerScaleDownCheck).
    """
    for manifest, value in _annotated(system, "skip-broker-scaledown-check"):
        if value.lower() == "true":
            yield _annotation(manifest, "skip-broker-scaledown-check",
                              "brokers go although partitions are on them")  # fmt: skip


@rule("rebalance-order", Severity.WARNING)
def rebalance_order(system: System) -> Iterator[Flaw]:
    """A KafkaRebalance in Git holds no order that is meant once.

    Why: the operator takes the annotation away when it has done it, and Argo CD writes it again: the next
        proposal is approved, stopped or refreshed without anybody who has looked at it.
    Fix: annotate the object in the cluster (kubectl annotate), or let it be approved by itself with
        strimzi.io/rebalance-auto-approval.
    Source: Strimzi 1.2.0, KafkaRebalanceAssemblyOperator (strimzi.io/rebalance).
    """
    for manifest, value in _annotated(system, "rebalance"):
        if manifest.kind == "KafkaRebalance":
            yield _annotation(manifest, "rebalance", f"'{value}' is said again with every sync")


@rule("entity-operator-missing")
def entity_operator_missing(system: System) -> Iterator[Flaw]:
    """Topics and users have an operator that makes them.

    Why: without it a KafkaTopic or KafkaUser is never looked at, gets no status, and cannot be deleted
        where it has a finalizer.
    Fix: write entityOperator with topicOperator: {} and userOperator: {}; suppress this rule where a
        standalone operator does it.
    Source: Strimzi 1.2.0, EntityOperator.fromCrd (only the operators that are named are deployed).
    """
    operators = system.kafka.body["spec"].get("entityOperator") or {}
    for name, kind, count in (("topicOperator", "KafkaTopic", len(system.topics)),
                              ("userOperator", "KafkaUser", len(system.users))):  # fmt: skip
        if count and operators.get(name) is None:
            yield Flaw(("spec", "entityOperator", name), f"there is no {name}, and {count} {kind}s wait"
                       " for it", on=system.kafka)  # fmt: skip


@rule("cruise-control-refused")
def cruise_control_refused(system: System) -> Iterator[Flaw]:
    """Cruise Control has two brokers at least, and room for the topic of its metrics.

    Why: the operator refuses the Kafka resource, and nothing of it is deployed.
    Fix: drop cruiseControl or add brokers; lower the topic's replication factor or its min ISR.
    Source: Strimzi 1.2.0, CruiseControlMetricsReporter.validateCruiseControl; seen on its Cluster
        Operator: InvalidResourceException, "Cruise Control cannot be deployed with a Kafka cluster which
        has only one broker", and IllegalArgumentException for the min ISR.
    """
    if not system.cruise_control:
        return
    config = system.spec.get("config") or {}
    brokers = system.brokers
    default = config.get("default.replication.factor", 1)
    factor, least = config.get(_METRICS_RF, default), config.get(_METRICS_ISR, 1)
    said = _METRICS_RF if _METRICS_RF in config else "default.replication.factor"
    if brokers < 2:
        yield Flaw(("spec", "cruiseControl"), f"Cruise Control needs two brokers, and there is {brokers}",
                   on=system.kafka, on_key=True)  # fmt: skip
    elif isinstance(factor, int) and factor > brokers:
        yield Flaw(("spec", "kafka", "config", said), f"its metrics' topic would have {factor} replicas on"
                   f" {brokers} brokers", on=system.kafka)  # fmt: skip
    elif isinstance(factor, int) and isinstance(least, int) and least > factor:
        yield Flaw(("spec", "kafka", "config", _METRICS_ISR), f"{_METRICS_ISR} is {least}, above the"
                   f" {factor} replicas of that topic", on=system.kafka)  # fmt: skip


@rule("rebalance-without-cruise-control")
def rebalance_without_cruise_control(system: System) -> Iterator[Flaw]:
    """A KafkaRebalance is of a cluster with Cruise Control, and templates of auto-rebalancing are there.

    Why: without Cruise Control it stays NotReady; without its template no broker that comes or goes is
        followed by a rebalance, with no more than a line in the operator's log.
    Fix: write cluster.cruiseControl; add the KafkaRebalance with the annotation
        strimzi.io/rebalance-template: "true".
    Source: Strimzi 1.2.0, KafkaRebalanceAssemblyOperator (missing Cruise Control),
        KafkaAutoRebalancingReconciler ("doesn't exist. Skipping auto-rebalancing").
    """
    templates = set()
    for manifest in system.others.get("KafkaRebalance", ()):
        annotations = manifest.body["metadata"].get("annotations") or {}
        if annotations.get(_TEMPLATE) == "true":
            templates.add(manifest.name)
        elif cluster_of(manifest) == system.name and not system.cruise_control:
            yield Flaw(("metadata", "name"), f"the cluster {system.name} has no Cruise Control",
                       on=manifest)  # fmt: skip
    control = system.kafka.body["spec"].get("cruiseControl") or {}
    for index, each in enumerate(control.get("autoRebalance") or ()):
        name = (each.get("template") or {}).get("name")
        if name and name not in templates:
            yield Flaw(("spec", "cruiseControl", "autoRebalance", index, "template", "name"),
                       f"there is no template '{name}'", did_you_mean(name, templates),
                       on=system.kafka)  # fmt: skip


@rule("connect-shared")
def connect_shared(system: System) -> Iterator[Flaw]:
    """Every Connect cluster has a group and internal topics of its own.

    Why: two with the same are one to Kafka: each takes over connectors of the other, and writes into what
        the other remembers.
    Fix: give each its own groupId, configStorageTopic, offsetStorageTopic and statusStorageTopic.
    Source: Strimzi 1.2.0 documentation, "Running multiple Kafka Connect instances".
    """
    first: dict[tuple[str, str, str], str] = {}
    for kind in ("KafkaConnect", "KafkaMirrorMaker2"):
        for manifest in system.others.get(kind, ()):
            servers, keeps = _kept(manifest)
            for (word, value), path in keeps.items():
                me = f"{kind} {manifest.name}"
                other = first.setdefault((servers, word, value), me)
                if other != me:
                    old = path[-1] != word
                    yield Flaw(path, f"{other} has the {path[-1]} '{value}' as well",
                               _IN_CONFIG if old else "", on=manifest)  # fmt: skip


_IN_CONFIG = "give each its own group.id, config.storage.topic, offset.storage.topic and status.storage.topic"
_KEPT = {
    "groupId": ("group.id", ""),
    "configStorageTopic": ("config.storage.topic", "-configs"),
    "offsetStorageTopic": ("offset.storage.topic", "-offsets"),
    "statusStorageTopic": ("status.storage.topic", "-status"),
}
"""What Connect is called and where it remembers: field, setting of before there was one, end of its default."""


def _kept(manifest: Manifest) -> tuple[str, dict[tuple[str, str], Path]]:
    """Which Kafka a Connect cluster or a MirrorMaker 2 uses, what it keeps there, and where that is said.

    Source: Strimzi, KafkaConnectConfiguration and KafkaMirrorMaker2Configuration (DEFAULTS) at 0.45.0 and 0.48.0;
    KafkaConnectCluster.extractAndRemoveValueFromConfig at 0.49.1 and 0.51.0.
    """
    said, path, default = manifest.body["spec"], cast("Path", ("spec",)), "connect-cluster"
    if manifest.kind == "KafkaMirrorMaker2":
        default = "mirrormaker2-cluster"
        clusters = enumerate(said.get("clusters") or ())
        alias = said.get("connectCluster")
        found = next((each for each in clusters if alias and each[1].get("alias") == alias), None)
        said, path = (
            (said.get("target") or {}, ("spec", "target"))
            if found is None
            else (found[1], ("spec", "clusters", found[0]))
        )
    old = manifest.body["apiVersion"].endswith("/v1beta2") and bool(said)
    keeps: dict[tuple[str, str], Path] = {}
    for word, (key, end) in _KEPT.items():
        if word in said:
            keeps[word, str(said[word])] = (*path, word)
        elif old:
            value = (said.get("config") or {}).get(key, default + end)
            keeps[word, str(value)] = (*path, "config", key)
    return str(said.get("bootstrapServers", "")), keeps


@rule("metrics-config-unreadable")
def metrics_config_unreadable(system: System) -> Iterator[Flaw]:
    """What a JMX exporter is told is YAML, and stands under the key that is asked for.

    Why: the operator reads it for every broker and gives up at the first that it cannot read: the Kafka
        goes NotReady ("Failed to parse metrics configuration"), and nothing else is applied.
    Fix: quote what has a colon or a brace in it, such as a pattern that ends with a colon.
    Source: Strimzi 1.2.0, JmxPrometheusExporterModel.metricsJson; seen on its Cluster Operator.
    """
    texts = {each.name: each.body.get("data") or {} for each in system.others.get("ConfigMap", ())}
    places: list[tuple[Manifest, tuple[str, ...]]] = [
        (system.kafka, ("spec", "kafka")),
        (system.kafka, ("spec", "cruiseControl")),
    ]
    places += [(each, ("spec",)) for kind in ("KafkaConnect", "KafkaMirrorMaker2", "KafkaBridge")
               for each in system.others.get(kind, ())]  # fmt: skip
    for manifest, above in places:
        said: Any = manifest.body
        for key in (*above, "metricsConfig", "valueFrom", "configMapKeyRef"):
            said = said.get(key) or {}
        data = texts.get(said.get("name"))
        if data is None:
            continue  # it comes from elsewhere
        path = (*above, "metricsConfig", "valueFrom", "configMapKeyRef", "key")
        if said.get("key") not in data:
            yield Flaw(path, f"ConfigMap {said['name']} has no '{said.get('key')}'",
                       did_you_mean(str(said.get("key")), data), on=manifest)  # fmt: skip
        elif fault := _unreadable(data[said["key"]]):
            yield Flaw(path, f"'{said['key']}' of ConfigMap {said['name']} is no YAML: {fault}",
                       on=manifest)  # fmt: skip


def _unreadable(text: str) -> str:
    """Why YAML cannot be read, and in which line; empty when it can."""
    import yaml

    try:
        yaml.load(text, Loader=yaml.CSafeLoader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        return f"line {line}: {error.problem}"
    return ""
