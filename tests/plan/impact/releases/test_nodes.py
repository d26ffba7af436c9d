"""What changes of nodes do in the release before a border, and in the one after it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from plans import CLUSTER, all_of, edited, nothing, put

KAFKA, BROKERS, CONTROLLERS = "Kafka/events", "KafkaNodePool/brokers", "KafkaNodePool/controllers"
TURN = "restarts in turn"
ALL = f"rolling-restart: every node of brokers (3), controllers (3) {TURN}"
BROKERS_ONLY = f"rolling-restart: every node of brokers (3) {TURN}"
CONTROLLERS_ONLY = f"every node of controllers (3) {TURN}"
OTHERS = (
    " restarts with other voters, and forgets how the quorum stood; a static quorum bears that in a"
    " downtime only (strimzi-kafka-operator#9429)"
)
RACK = put(KAFKA, "spec kafka rack", {"topologyKey": "zone"})
TYPE = put(KAFKA, "spec kafka rack type", "topology-label")
HIGH = {"priorityClassName": "high"}
SECURED = {"securityContext": {"runAsNonRoot": True}}
OWN_TEMPLATE = "no-effect: every pool has a template of its own, beside which Strimzi 0.48 does not look at the Kafka's"
TIERED = {"type": "custom", "remoteStorageManager": {"className": "S", "classPath": "/s/*"}}
REPORTER = {"type": "strimziMetricsReporter", "values": {"allowList": ["a"]}}
CLAIM = {"type": "persistent-claim", "size": "10Gi"}
NO_OWN_RESOURCES = all_of(
    *(put(each, "spec resources", None) for each in (BROKERS, CONTROLLERS)),
    put(KAFKA, "spec kafka resources", {"limits": {"cpu": "1"}}),
)
IN_PLACE = put(KAFKA, "metadata annotations strimzi.io/in-place-resizing", "true")
KEPT = "Strimzi ignores the whole storage change (Warning KafkaStorage); Argo CD shows Healthy"


def _config(key: str, value: Any) -> Callable[..., Any]:
    return put(KAFKA, f"spec kafka config {key}", value)


def _said(text: str) -> Callable[..., Any]:
    return put(KAFKA, "spec kafka logging", {"type": "inline", "loggers": {text: "x"}})


def _listener(key: str, value: Any) -> Callable[..., Any]:
    return put(KAFKA, f"spec kafka listeners 0 configuration {key}", value)


def of_release(root: Path, version: str, before: Any, after: Any, **more: str) -> list[str]:
    """What is told of a change where everything is rendered for a release."""
    text = f"{CLUSTER}topics: {{orders: {{}}}}\nstrimzi: {{version: {version}}}\n"
    return edited(root, text, all_of(before, after), before, size=more.get("size", "medium"))


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        # who reads a rack
        (nothing, RACK, {"0.51.0": [ALL], "1.0.1": [BROKERS_ONLY]}),
        (RACK, TYPE, {
            "0.51.0": ["ignored: Strimzi 0.51 has no type: Kubernetes drops it, or refuses the object"],
            "1.0.1": ["no-effect: topology-label is the default"]}),
        # a pool's template hides the Kafka's
        (put(CONTROLLERS, "spec template", None), put(KAFKA, "spec kafka template kafkaContainer", SECURED), {
            "0.48.0": [f"rolling-restart: {CONTROLLERS_ONLY}"], "0.49.1": [ALL]}),
        (nothing, put(KAFKA, "spec kafka template kafkaContainer", SECURED),
         {"0.48.0": [OWN_TEMPLATE], "0.49.1": [ALL]}),
        (nothing, put(KAFKA, "spec kafka template podSet", {"metadata": {"labels": {"a": "b"}}}), {
            "0.48.0": [OWN_TEMPLATE],
            "0.49.1": ["dynamic: only what stands around the pods; nothing restarts"]}),
        (nothing, put(KAFKA, "spec kafka template initContainer", {"env": []}), {
            "0.48.0": [OWN_TEMPLATE],
            "0.49.1": ["no-effect: no node of these has the init container: it is there for rack and node ports of"
                       " brokers only"]}),
        (nothing, put(KAFKA, "spec kafka template podDisruptionBudget maxUnavailable", 0), {
            each: ["dynamic: how many nodes may be evicted at once; nothing restarts"]
            for each in ("0.48.0", "0.49.1")}),
        (all_of(put(BROKERS, "spec template", None), put(KAFKA, "spec kafka template pod", HIGH)),
         put(BROKERS, "spec template", {"podSet": {}}), {
             "0.48.0": [BROKERS_ONLY, "dynamic: only what stands around the pods; nothing restarts"],
             "0.49.1": ["dynamic: only what stands around the pods; nothing restarts"]}),
        # resources of the Kafka
        (NO_OWN_RESOURCES, put(KAFKA, "spec kafka resources limits cpu", "2"), {"0.51.0": [ALL]}),
        (put(KAFKA, "spec kafka resources", {"limits": {"cpu": "1"}}),
         put(KAFKA, "spec kafka resources limits cpu", "2"), {"0.51.0": ["no-effect: every pool has its own"]}),
        (NO_OWN_RESOURCES, put(BROKERS, "spec resources", {"limits": {"cpu": "1"}}), {
            "0.51.0": ["no-effect: the Kafka's own resources say the same"], "1.0.1": [BROKERS_ONLY]}),
        (all_of(IN_PLACE, put(BROKERS, "spec resources", {"limits": {"cpu": "1"}})),
         put(BROKERS, "spec resources limits cpu", "2"), {
            "0.51.0": [BROKERS_ONLY],
            "1.0.1": ["dynamic: the pods are resized as they run, and restart only where that cannot be done"]}),
        # what nobody reads any more
        (nothing, put(KAFKA, "spec kafka replicas", 3), {
            "0.46.1": ["no-effect: with node pools nobody reads it"],
            "0.51.0": ["no-effect: with node pools nobody reads it"]}),
        # what the reporter measures
        (put(KAFKA, "spec kafka metricsConfig", REPORTER),
         put(KAFKA, "spec kafka metricsConfig values allowList", ["b"]), {
             "0.47.0": [BROKERS_ONLY], "0.48.0": [BROKERS_ONLY], "0.49.1": [ALL], "0.51.0": [ALL],
             "1.0.1": ["dynamic: what is measured changes as Kafka runs; nothing restarts"]}),
        # controllers and their hash
        (nothing, _config("rack.of.mine", "a"), {
            "0.48.0": [f"rolling-restart: rack.of.mine is not Kafka's own, so every node of brokers (3) {TURN}"],
            "0.49.1": ["rolling-restart: rack.of.mine is not Kafka's own, so every node of brokers (3),"
                       f" controllers (3) {TURN}"]}),
        (_config("num.io.threads", 8), _config("num.io.threads", 16), {
            "0.48.0": [f"rolling-restart: num.io.threads is hashed onto the pods of controllers: {CONTROLLERS_ONLY}",
                       "dynamic: num.io.threads 8 to 16 (cluster-wide), without a restart of brokers"],
            "0.49.1": ["dynamic: num.io.threads 8 to 16 (cluster-wide), without a restart"]}),
        (_config("num.io.threads", None), _config("num.io.threads", 8), {
            "0.48.0": ["rolling-restart: num.io.threads stays 8, but is hashed onto the pods of controllers:"
                       f" {CONTROLLERS_ONLY}"],
            "0.49.1": ["no-effect: num.io.threads stays 8: it is Kafka's default"]}),
        (_config("min.insync.replicas", None), _config("min.insync.replicas", 1), {
            "0.47.0": ["rolling-restart: min.insync.replicas stays 1, but is hashed onto the pods of controllers:"
                       f" {CONTROLLERS_ONLY}"],
            "0.48.0": ["no-effect: min.insync.replicas stays 1: it is Kafka's default"],
            "0.49.1": ["no-effect: min.insync.replicas stays 1: it is Kafka's default"]}),
        (_config("log.cleaner.threads", None), _config("log.cleaner.threads", 2), {
            each: ["dynamic: log.cleaner.threads 1 to 2 (cluster-wide), without a restart"]
            for each in ("0.45.0", "0.48.0", "0.49.1", "1.2.0")}),
        (nothing, put(KAFKA, "spec kafka tieredStorage", TIERED), {
            "0.46.1": [BROKERS_ONLY], "0.47.0": [ALL], "0.48.0": [ALL], "0.49.1": [ALL]}),
        (put(KAFKA, "spec kafka tieredStorage", TIERED),
         put(KAFKA, "spec kafka tieredStorage remoteStorageManager config", {"a": "b"}),
         {"0.48.0": [BROKERS_ONLY], "0.49.1": [ALL]}),
        (_config("remote.log.storage.system.enable", None), _config("remote.log.storage.system.enable", "true"), {
            "0.46.1": ["rolling-restart: remote.log.storage.system.enable false to true is read at the start: every"
                       f" node of brokers (3) {TURN}"],
            "0.48.0": ["rolling-restart: remote.log.storage.system.enable false to true is read at the start: every"
                       f" node of brokers (3), controllers (3) {TURN}"],
            "0.49.1": ["rolling-restart: remote.log.storage.system.enable false to true is read at the start: every"
                       f" node of brokers (3) {TURN}"]}),
        (nothing, put(KAFKA, "spec kafka quotas", {"type": "strimzi"}), {
            "0.48.0": ["client-visible: the quotas of KafkaUsers no longer act",
                       f"rolling-restart: Strimzi's quotas are read at the start: every node of brokers (3) {TURN}"],
            "0.49.1": ["client-visible: the quotas of KafkaUsers no longer act",
                       "rolling-restart: Strimzi's quotas are read at the start: every node of brokers (3),"
                       f" controllers (3) {TURN}"]}),
        (put(KAFKA, "spec kafka authorization", {"type": "keycloak", "clientId": "a"}),
         put(KAFKA, "spec kafka authorization clientId", "b"), {
             "0.48.0": ["unknown: its own authorizer decides, of which nothing is known here", BROKERS_ONLY],
             "0.49.1": ["unknown: its own authorizer decides, of which nothing is known here", ALL]}),
        # doubles
        (nothing, _config("log.cleaner.min.cleanable.ratio", "0.50"), {
            "0.50.1": ["dynamic: Strimzi 0.50 compares texts, and Kafka writes it 0.5: it is set anew with every"
                       " reconciliation"],
            "0.51.0": ["no-effect: log.cleaner.min.cleanable.ratio stays 0.5: it is Kafka's default"]}),
        (nothing, _config("remote.log.manager.task.retry.jitter", "0.30"), {
            "0.50.1": ["rolling-restart: remote.log.manager.task.retry.jitter 0.2 to 0.3 is read at the start: every"
                       f" node of brokers (3) {TURN}",
                       "rolling-restart: Strimzi 0.50 compares texts, and Kafka writes it 0.3: brokers restart with"
                       " every reconciliation"],
            "0.51.0": ["rolling-restart: remote.log.manager.task.retry.jitter 0.2 to 0.3 is read at the start: every"
                       f" node of brokers (3) {TURN}"]}),
        # voters
        (nothing, put(CONTROLLERS, "spec replicas", 5), {
            "0.49.1": [f"irreversible: 3 to 5 nodes: Strimzi refuses nothing: every controller{OTHERS}"],
            "0.50.1": [f"irreversible: 3 to 5 nodes: Strimzi refuses nothing: every node{OTHERS}"]}),
        # loggers of Kafka 3
        (nothing, _said("log4j.logger.kafka"), {
            "0.45.0": ["rolling-restart: controllers read their loggers at the start: " + CONTROLLERS_ONLY,
                       "dynamic: loggers of brokers change as they run"],
            "0.46.1": ["dynamic: loggers change as Kafka runs; nothing restarts"],
            "0.48.0": ["dynamic: loggers change as Kafka runs; nothing restarts"]}),
        (put(KAFKA, "spec kafka version", "3.9.0"), _said("log4j.appender.CONSOLE"), {
            "0.47.0": ["rolling-restart: appenders are read at the start: every node of brokers (3) " + TURN,
                       "rolling-restart: controllers read their loggers at the start: " + CONTROLLERS_ONLY],
            "0.48.0": ["dynamic: loggers change as Kafka runs; nothing restarts"]}),
        (nothing, put(KAFKA, "spec kafka logging", {"type": "external"}), {
            "0.45.0": ["rolling-restart: where a line of log4j.appender changes, every node of brokers (3) " + TURN,
                       "rolling-restart: controllers read their loggers at the start: " + CONTROLLERS_ONLY]}),
        # fields that are too new
        (put(BROKERS, "spec storage", CLAIM), put(BROKERS, "spec storage volumeAttributesClass", "fast"), {
            "0.48.0": ["ignored: Strimzi 0.48 has no volumeAttributesClass: Kubernetes drops it, or refuses the object"],
            "0.49.1": ["dynamic: the storage provider changes the volumes as they run"]}),
        (_listener("advertisedHostTemplate", "x"), _listener("advertisedPortTemplate", "{nodeId}"), {
            "0.51.0": ["ignored: Strimzi 0.51 has no advertisedPortTemplate: Kubernetes drops it, or refuses the object"],
            "1.0.1": ["client-visible: brokers send clients of listener tls to other addresses", BROKERS_ONLY]}),
        (_listener("advertisedHostTemplate", "x"), _listener("perBrokerLabelsTemplate", {"a": "b"}), {
            "1.0.1": ["ignored: Strimzi 1.0 has no perBrokerLabelsTemplate: Kubernetes drops it, or refuses the object"],
            "1.1.0": ["dynamic: listener tls: only its Services and the like; nothing restarts"]}),
        (put(KAFKA, "spec kafkaExporter", {"template": {"pod": {}}}),
         put(KAFKA, "spec kafkaExporter template podDisruptionBudget", {"maxUnavailable": 0}), {
             "0.47.0": ["ignored: Strimzi 0.47 has no podDisruptionBudget: Kubernetes drops it, or refuses the object"],
             "0.48.0": ["dynamic: only what stands around its pod; nothing restarts"]}),
        # overrides of volumes
        (put(BROKERS, "spec storage", CLAIM), put(BROKERS, "spec storage overrides", [{"broker": 0, "class": "x"}]), {
            "0.45.0": ["unknown: Strimzi 0.45 is not known well enough to say what this does: look for yourself"],
            "0.46.1": ["no-effect: nobody reads overrides any more"],
            "0.51.0": ["no-effect: nobody reads overrides any more"],
            "1.0.1": [f"ignored: {KEPT}"]}),
    ],
)  # fmt: skip
def test_both_sides_of_a_border(
    tmp_path: Path, before: Any, after: Any, expected: dict[str, list[str]]
) -> None:
    """Each release is told by what it does itself."""
    for version, told in expected.items():
        assert of_release(tmp_path / version, version, before, after) == told, version
