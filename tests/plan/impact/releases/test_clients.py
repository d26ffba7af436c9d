"""What changes of Connect, MirrorMaker 2 and the bridge do in the release before a border, and after it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from plans import CLUSTER, add, all_of, edited, nothing, put

CONNECT, CONNECTOR, BRIDGE = (
    f"Kafka{each}/kafka{each.lower()}" for each in ("Connect", "Connector", "Bridge")
)
MIRROR = "KafkaMirrorMaker2/kafkamirrormaker2"
ONE = "rolling-restart: its only pod restarts"
TOLD = "dynamic: the connector and its tasks restart with its new settings; no pod does"
LATER = "no-effect: takes effect when an image is built next"
RUNS = "dynamic: loggers change as it runs; nothing restarts"
GROUPS = (
    "client-visible: until the last pod has restarted there are two groups of workers, and each runs every"
    " connector: what they copy may come twice"
)
USES: Any = {"annotations": {"strimzi.io/use-connector-resources": "true"}}
AGAIN = (
    "client-visible: the connector, or its task, restarts, and again each time that Argo CD sets the annotation,"
    " which the operator takes off when it is done"
)
STATED = {"state": "stopped"}
OF_CONNECT: Any = {"labels": {"strimzi.io/cluster": "kafkaconnect"}}


def _connect(**spec: Any) -> Callable[..., Any]:
    return add("KafkaConnect", {"replicas": 1, **spec}, **USES)


def _unused(**spec: Any) -> Callable[..., Any]:
    return add("KafkaConnect", {"replicas": 1, **spec})


def _connector(**spec: Any) -> Callable[..., Any]:
    return all_of(_connect(), add("KafkaConnector", spec, **OF_CONNECT))


def _bridge(**spec: Any) -> Callable[..., Any]:
    return add("KafkaBridge", {"replicas": 1, "http": {"port": 8080}, **spec})


def _build(**output: Any) -> dict[str, Any]:
    return {"output": {"type": "docker", "image": "i", **output}, "plugins": []}


def _old(*aliases: str) -> Callable[..., Any]:
    clusters = [{"alias": each, "bootstrapServers": "x"} for each in ("here", *aliases)]
    mirrors = [{"sourceCluster": each, "targetCluster": "here"} for each in aliases]
    spec = {"replicas": 1, "connectCluster": "here", "clusters": clusters, "mirrors": mirrors}
    return add("KafkaMirrorMaker2", spec)


def _order(key: str, value: str) -> Callable[..., Any]:
    return put(CONNECTOR, f"metadata annotations {key}", value)


def _not_known(version: str) -> str:
    return f"unknown: Strimzi {version} is not known well enough to say what this does: look for yourself"


def _has_no(version: str, field: str) -> list[str]:
    return [
        f"ignored: Strimzi {version} has no {field}: Kubernetes drops it, or refuses the object"
    ]


def _drops(key: str) -> list[str]:
    return [f"ignored: Strimzi drops {key}, with a line in its log only"]


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        # the group and the topics
        (_connect(config={"group.id": "a"}), put(CONNECT, "spec config group.id", "b"), {
            "0.48.0": [GROUPS, ONE], "0.51.0": [GROUPS, ONE], "1.0.1": _drops("group.id")}),
        (_connect(config={"group.id": "a"}), all_of(put(CONNECT, "spec config group.id", None),
                                                    put(CONNECT, "spec groupId", "a")), {
            "0.51.0": ["no-effect: group.id stays a", "no-effect: group.id stays a"]}),
        (_connect(), put(CONNECT, "spec config group.id", "connect-cluster"), {
            "0.48.0": ["no-effect: group.id stays connect-cluster"]}),
        (_connect(groupId="a"), put(CONNECT, "spec groupId", "b"), {
            "0.48.0": _has_no("0.48", "groupId"), "0.49.1": [GROUPS, ONE], "1.0.1": [GROUPS, ONE]}),
        (_connect(), put(CONNECT, "spec config prometheus.metrics.reporter.x", "a"), {
            "0.47.0": [ONE], "0.48.0": _drops("prometheus.metrics.reporter.x")}),
        # loggers
        (_connect(), put(CONNECT, "spec logging", {"type": "inline"}), {
            "0.45.0": ["rolling-restart: where a line of log4j.appender changes, its only pod restarts",
                       "dynamic: levels of loggers change as it runs"],
            "0.46.1": [RUNS], "0.48.0": [RUNS]}),
        (_unused(version="3.9.0"), put(CONNECT, "spec logging", {"type": "inline"}), {
            "0.47.0": ["rolling-restart: loggers are read at the start: its only pod restarts"], "0.48.0": [RUNS]}),
        (_bridge(), put(BRIDGE, "spec logging", {"type": "inline"}), {"0.45.0": [RUNS]}),
        # Kafka's versions
        (_connect(), put(CONNECT, "spec version", "4.0.0"), {
            "0.51.0": ["refused: Strimzi has no Kafka 4.0.0: the KafkaConnect goes NotReady"],
            "0.50.1": ["rolling-restart: Kafka Strimzi's own choice to 4.0.0: its only pod restarts"]}),
        # pods
        (_connect(replicas=None), put(CONNECT, "spec jvmOptions", {"-Xmx": "1g"}), {
            "0.51.0": ["rolling-restart: its 3 pods restart in turn"]}),
        (all_of(_connect(resources={"limits": {"cpu": "1"}}),
                put(CONNECT, "metadata annotations strimzi.io/in-place-resizing", "true")),
         put(CONNECT, "spec resources limits cpu", "2"), {
            "0.51.0": [ONE],
            "1.0.1": ["dynamic: the pods are resized as they run, and restart only where that cannot be done"]}),
        (_connect(rack={"topologyKey": "z"}), put(CONNECT, "spec rack type", "topology-label"), {
            "0.51.0": _has_no("0.51", "type"), "1.0.1": ["no-effect: topology-label is the default"]}),
        (_connect(), put(CONNECT, "spec plugins", []), {"0.46.1": _has_no("0.46", "plugins"), "0.47.0": [ONE]}),
        (_connect(authentication={"type": "custom", "sasl": True}),
         put(CONNECT, "spec authentication sasl", False), {"0.47.0": _has_no("0.47", "sasl"), "0.48.0": [ONE]}),
        # builds
        (_connect(build=_build(additionalKanikoOptions=["--x"])),
         put(CONNECT, "spec build output image", "j"), {
            "0.48.0": ["refused: additionalKanikoOptions may not say --x to Kaniko: the KafkaConnect goes NotReady, and"
                       " nothing of it is applied"]}),
        (_connect(build=_build(additionalKanikoOptions=["--ignore-path=/x"])),
         put(CONNECT, "spec build output pushSecret", "j"), {
            "0.45.0": ["refused: additionalKanikoOptions may not say --ignore-path to Kaniko: the KafkaConnect goes"
                       " NotReady, and nothing of it is applied"],
            "0.46.1": [LATER], "0.51.0": [LATER]}),
        (_connect(build=_build(additionalBuildOptions=["--retry"])),
         put(CONNECT, "spec build output pushSecret", "j"), {
            "0.51.0": ["refused: additionalBuildOptions may not say --retry to Kaniko: the KafkaConnect goes NotReady,"
                       " and nothing of it is applied"],
            "1.0.1": [LATER]}),
        (_connect(build=_build()), put(CONNECT, "spec build output additionalPushOptions", []), {
            "0.48.0": _has_no("0.48", "additionalPushOptions"), "0.49.1": [LATER]}),
        # connectors
        (_connect(), add("KafkaConnector", STATED, **OF_CONNECT), {
            "1.1.0": ["client-visible: it runs until the operator looks at it again, and is stopped only then",
                      "dynamic: a new connector; it begins where one of its name had ended, else at the start"],
            "1.2.0": ["dynamic: a new connector; it begins where one of its name had ended, else at the start"]}),
        (_connector(), put(CONNECTOR, "spec version", "1"), {
            "0.48.0": _has_no("0.48", "version"), "0.49.1": [TOLD]}),
        (_connector(), put(CONNECTOR, "spec config connector.plugin.version", "1"), {
            "0.49.1": [TOLD], "0.50.1": _drops("connector.plugin.version")}),
        # orders
        (_connector(), _order("strimzi.io/restart", "true"), {"0.47.0": [AGAIN], "1.2.0": [AGAIN]}),
        (_connector(), _order("strimzi.io/restart", "includeTasks,onlyFailed"), {
            "0.47.0": ["ignored: Strimzi 0.47 does not understand it: nothing restarts"], "0.48.0": [AGAIN]}),
        (_connector(), _order("strimzi.io/restart", "yes"), {
            "1.2.0": ["ignored: Strimzi 1.2 does not understand it: nothing restarts"]}),
        (_connector(), _order("strimzi.io/restart", "false"), {"1.2.0": ["no-effect: no order"]}),
        (_old("a"), put(MIRROR, "metadata annotations strimzi.io/restart-connector", "a->b.X:onlyFailed"), {
            "0.47.0": ["ignored: Strimzi 0.47 does not understand it: nothing restarts"], "0.48.0": [AGAIN]}),
        (_old("a"), put(MIRROR, "metadata annotations strimzi.io/restart-connector", "a->b.X"), {"0.47.0": [AGAIN]}),
        # MirrorMaker 2 in its old form
        (_old("a", "b"), _old("a"), {
            each: [_not_known(each[:4])] * 2 for each in ("0.45.0", "0.48.0", "0.51.0")}),
        (_old("a"), put(MIRROR, "spec jvmOptions", {"-Xmx": "1g"}), {"0.48.0": [ONE], "0.51.0": [ONE]}),
        # the bridge
        (_bridge(), put(BRIDGE, "spec http port", 8081), {
            "0.51.0": ["client-visible: HTTP clients have to use port 8081",
                       f"{ONE}; consumers that HTTP clients have made in one are gone, and have to be made anew"],
            "1.0.1": ["refused: port 8081 is the bridge's own, for health: the KafkaBridge goes NotReady"]}),
        (_bridge(), put(BRIDGE, "spec config", {"bridge.id": "x"}), {
            "0.51.0": _has_no("0.51", "config"), "1.0.1": _drops("bridge.id")}),
        (_bridge(), put(BRIDGE, "spec metricsConfig", {}), {
            "0.47.0": _has_no("0.47", "metricsConfig"),
            "0.48.0": [f"{ONE}; consumers that HTTP clients have made in one are gone, and have to be made anew"]}),
    ],
)  # fmt: skip
def test_both_sides_of_a_border(
    tmp_path: Path, before: Any, after: Any, expected: dict[str, list[str]]
) -> None:
    """Each release is told by what it does itself."""
    for version, told in expected.items():
        text = f"{CLUSTER}strimzi: {{version: {version}}}\n"
        found = edited(tmp_path / version, text, all_of(before, after), before)
        assert found == told, version


def test_without_a_kafka_the_newest_counts(tmp_path: Path) -> None:
    """A KafkaConnect alone is judged as for the newest release, of which no annotation is needed."""
    before = all_of(lambda bodies: bodies.clear(), _connect())
    after = put(CONNECT, "spec rack", {"type": "topology-label", "topologyKey": "z"})

    text = f"{CLUSTER}strimzi: {{version: 0.45.0}}\n"
    assert edited(tmp_path, text, all_of(before, after), before) == [ONE]


def test_nothing_is_told_of_the_release_itself(tmp_path: Path) -> None:
    """Only this tool reads the annotation."""
    after = put("Kafka/events", "metadata annotations strimzi-gitops/strimzi-version", "1.1.0")

    assert edited(tmp_path, CLUSTER, after, nothing) == [
        "no-effect: it tells this tool which Strimzi it is for, and nobody else"
    ]
