"""What changes of Connect, its connectors, MirrorMaker 2 and the bridge do."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from plans import CLUSTER, add, all_of, edited, nothing, put

Edit = Callable[..., Any]
CONNECT, CONNECTOR, BRIDGE = (
    f"Kafka{each}/kafka{each.lower()}" for each in ("Connect", "Connector", "Bridge")
)
MIRROR = "KafkaMirrorMaker2/kafkamirrormaker2"
ONE = "rolling-restart: its only pod restarts"
NOBODY_ASKS = "no-effect: without rack nobody asks a node for its zone"
AROUND = "dynamic: only what stands around the pods; nothing restarts"
TOLD = "dynamic: the connector and its tasks restart with its new settings; no pod does"
LATER = "no-effect: takes effect when an image is built next"
BUILDS = (
    "rolling-restart: another image is built; where that fails the KafkaConnect goes NotReady and its pods stay,"
    " else its only pod restarts"
)
MAY: Any = {"template": {"buildContainer": {"securityContext": {"runAsUser": 0}}}}
COPIES = "copies everything again from its start"
HTTP = "; consumers that HTTP clients have made in one are gone, and have to be made anew"
USES: Any = {"annotations": {"strimzi.io/use-connector-resources": "true"}}
PAUSED: Any = {"annotations": {"strimzi.io/pause-reconciliation": "true"}}
RACK = {"rack": {"topologyKey": "zone"}}


def _connect(**spec: Any) -> Edit:
    return add("KafkaConnect", {"replicas": 1, **spec}, **USES)


def _build(image: str, plugins: Any = (), **output: Any) -> Any:
    return {"output": {"type": "docker", "image": image, **output}, "plugins": [*plugins]}


def _connector(**spec: Any) -> Edit:
    return all_of(
        _connect(), add("KafkaConnector", spec, labels={"strimzi.io/cluster": "kafkaconnect"})
    )


def _mirrors(*mirrors: Any, **target: Any) -> Edit:
    spec = {"replicas": 1, "target": {"alias": "here", **target}, "mirrors": [*mirrors]}
    return add("KafkaMirrorMaker2", spec)


def _mirror(alias: str = "there", /, source: Any = None, **more: Any) -> Any:
    return {"source": {"alias": alias, **(source or {})}, **more}


def _secured(kind: str, **said: Any) -> Any:
    return {"authentication": {"type": kind, **said}}


def _bridge(**spec: Any) -> Edit:
    return add("KafkaBridge", {"replicas": 2, "http": {"port": 8080}, **spec})


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        # come and go
        (nothing, _connect(),
         ["dynamic: new workers; connectors that its topics already tell of run at once"]),
        (_connect(), nothing,
         ["client-visible: its connectors stand still; what they know stays in its topics, so that workers with the same"
           " topics go on where they were"]),
        # pods
        (_connect(), _connect(replicas=2),
         ["dynamic: pods come or go; the others stay"]),
        (_connect(), _connect(replicas=0),
         ["client-visible: none of its pods runs any more"]),
        (_connect(replicas=0), _connect(replicas=0, image="x"),
         ["dynamic: it counts when pods come: none runs"]),
        (_connect(replicas=3), _connect(replicas=3, image="x"),
         ["rolling-restart: its 3 pods restart in turn"]),
        (_connect(), _connect(version="4.3.1"),
         ["rolling-restart: Kafka Strimzi's own choice to 4.3.1: its only pod restarts"]),
        (_connect(), _connect(version="4.1.0"),
         ["refused: Strimzi has no Kafka 4.1.0: the KafkaConnect goes NotReady"]),
        (_connect(image="x"), _connect(image="x", version="4.3.1"),
         ["no-effect: it chooses an image, and the image is written out"]),
        (_connect(), _connect(resources={"limits": {"cpu": "1"}}), [ONE]),
        (all_of(_connect(), put(CONNECT, "metadata annotations strimzi.io/in-place-resizing", "true")),
         all_of(_connect(resources={}), put(CONNECT, "metadata annotations strimzi.io/in-place-resizing", "true")),
         ["dynamic: the pods are resized as they run, and restart only where that cannot be done"]),
        (all_of(_connect(), put(CONNECT, "metadata annotations strimzi.io/in-place-resizing", "true")),
         all_of(_connect(resources={"limits": {"memory": "1Gi"}}),
                put(CONNECT, "metadata annotations strimzi.io/in-place-resizing", "true")), [ONE]),
        (_connect(), _connect(logging={"type": "inline"}),
         ["dynamic: loggers change as it runs; nothing restarts"]),
        (_connect(metricsConfig={"type": "jmxPrometheusExporter", "valueFrom": {"a": 1}}),
         _connect(metricsConfig={"type": "jmxPrometheusExporter", "valueFrom": {"a": 2}}),
         ["dynamic: what is measured changes as it runs; nothing restarts"]),
        (_connect(**RACK), _connect(rack={**RACK["rack"], "type": "topology-label"}),
         ["no-effect: topology-label is the default"]),
        (_connect(), _connect(clientRackInitImage="x"), [NOBODY_ASKS]),
        (_connect(**RACK), _connect(clientRackInitImage="x", **RACK), [ONE]),
        (_connect(rack={"type": "environment-variable"}),
         _connect(rack={"type": "environment-variable"}, clientRackInitImage="x"), [NOBODY_ASKS]),
        # templates
        (_connect(), _connect(template={"podSet": {}}), [AROUND]),
        (_connect(), _connect(template={"pod": {"hostUsers": True}, "podDisruptionBudget": {"maxUnavailable": 2}}),
         [ONE, AROUND]),
        (_connect(), _connect(template={"connectContainer": {"env": []}}), [ONE]),
        (_connect(), _connect(template={"clusterRoleBinding": {}}), [NOBODY_ASKS]),
        (_connect(**RACK), _connect(template={"clusterRoleBinding": {}}, **RACK), [AROUND]),
        (_connect(**RACK), _connect(template={"initContainer": {}}, **RACK), [ONE]),
        (_connect(), _connect(template={"jmxSecret": {}}), ["no-effect: there is no Secret for JMX"]),
        (_connect(jmxOptions={"authentication": {}}),
         _connect(jmxOptions={"authentication": {}}, template={"jmxSecret": {}}), [AROUND]),
        (_connect(), _connect(template={"buildPod": {}}), ["no-effect: no image is built"]),
        (_connect(build={"output": {}}), _connect(build={"output": {}}, template={"buildPod": {}}), [LATER]),
        # builds
        (_connect(), _connect(build=_build("x")),
         ["refused: under the profile restricted, which the rendered operator has, nobody builds without"
           " template.buildContainer.securityContext: the KafkaConnect goes NotReady"]),
        (_connect(**MAY), _connect(build=_build("x"), **MAY), [BUILDS]),
        (_connect(build=_build("x"), **MAY), _connect(build=_build("x"), version="4.3.1", **MAY), [BUILDS]),
        (_connect(build=_build("x"), **MAY), _connect(build=_build("x"), version="4.1.0", **MAY),
         ["refused: Strimzi has no Kafka 4.1.0: the KafkaConnect goes NotReady"]),
        (_connect(build=_build("x")), _connect(),
         ["rolling-restart: the image that was built is used no more: its only pod restarts"]),
        (_connect(build=_build("x"), **MAY), _connect(build=_build("y"), **MAY), [BUILDS]),
        (_connect(build=_build("x"), **MAY), _connect(build=_build("x", plugins=[{"name": "a"}]), **MAY), [BUILDS]),
        (_connect(build=_build("x")), _connect(build=_build("x", pushSecret="y")), [LATER]),
        (_connect(image="y", build=_build("x")), _connect(image="y", build=_build("y")),
         ["refused: the image that is built is the one that it is built from: the KafkaConnect goes NotReady, and"
           " nothing of it is applied"]),
        (_connect(build=_build("x")), _connect(build=_build("x", plugins=[{"name": "a"}, {"name": "a"}])),
         ["refused: two plugins have one name: the KafkaConnect goes NotReady, and nothing of it is applied"]),
        (_connect(build=_build("x")), _connect(build=_build("x", additionalPushOptions=["--retry=2", "--all"])),
         ["refused: additionalPushOptions may not say --all: the KafkaConnect goes NotReady, and nothing of it is"
           " applied"]),
        # what it keeps in Kafka
        (_connect(), _connect(groupId="x"),
         ["client-visible: until the last pod has restarted there are two groups of workers, and each runs every"
           " connector: what they copy may come twice", ONE]),
        (_connect(), _connect(offsetStorageTopic="x"),
         ["irreversible: sources forget how far they had read: they read everything again, and what they write comes"
           " twice", ONE]),
        (_connect(), _connect(configStorageTopic="x"),
         ["client-visible: it forgets every connector: those that no object declares are gone until this is taken back",
          ONE]),
        (_connect(), _connect(statusStorageTopic="x"),
         [ONE, "dynamic: states of connectors are told anew in the other topic"]),
        (_connect(), _connect(config={"rest.port": 1, "ssl.protocol": "x"}),
         ["ignored: Strimzi drops rest.port, with a line in its log only", ONE]),
        (_connect(**_secured("custom", config={})), _connect(**_secured("custom", config={"a": 1, "sasl.mechanism": "x"})),
         ["ignored: Strimzi drops a, with a line in its log only", ONE]),
        # paused
        (all_of(_connect(), put(CONNECT, "metadata annotations", PAUSED["annotations"])),
         all_of(_connect(image="x"), put(CONNECT, "metadata annotations", PAUSED["annotations"])),
         ["ignored: nothing of it is applied while it is paused"]),
    ],
)  # fmt: skip
def test_connect(tmp_path: Path, before: Edit, after: Edit, expected: list[str]) -> None:
    """Pods restart for what stands in them, and what is kept in topics is another matter."""
    assert edited(tmp_path, CLUSTER, after, before) == expected


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (_connect(), _connector(),
         ["dynamic: a new connector; it begins where one of its name had ended, else at the start"]),
        (_connector(), _connect(),
         ["client-visible: it ends in Connect and moves no records any more; how far it was stays, so that one of its name"
           " goes on there"]),
        (_connector(), _connector(tasksMax=2), [TOLD]),
        (_connector(), _connector(config={"a": 1, "name": "x"}),
         ["ignored: Strimzi drops name, with a line in its log only", TOLD]),
        (_connector(), _connector(**{"class": "x"}),
         ["client-visible: another connector takes its place, with the offsets of the one before, which it may not"
           " understand", TOLD]),
        (_connector(), _connector(state="running"), ["no-effect: running is the default"]),
        (_connector(state="paused"), _connector(), ["dynamic: it moves again, from where it was"]),
        (_connector(), _connector(state="paused"),
         ["client-visible: it moves nothing any more until it runs again: its tasks wait"]),
        (_connector(), _connector(state="stopped"),
         ["client-visible: it moves nothing any more until it runs again: its tasks end"]),
        (_connector(), _connector(autoRestart={"enabled": True}),
         ["dynamic: counts for what fails from now on"]),
        (_connector(), _connector(autoRestart={"enabled": False}),
         ["client-visible: what fails stands still until somebody restarts it"]),
        (_connector(autoRestart={"enabled": True}), _connector(autoRestart={"enabled": True, "maxRestarts": 2}),
         ["dynamic: counts for what fails from now on"]),
        (_connector(autoRestart={"enabled": True}), _connector(),
         ["client-visible: what fails stands still until somebody restarts it"]),
        (_connector(), _connector(alterOffsets={"fromConfigMap": {"name": "x"}}),
         ["no-effect: where an order about offsets, strimzi.io/connector-offsets, reads or writes them"]),
        (_connector(), _connector(strange=1),
         ["unknown: the Cluster Operator applies it; with what effect is not known here"]),
        (all_of(_connector(), put(CONNECT, "metadata annotations", {"x": "y"})),
         all_of(_connector(tasksMax=2), put(CONNECT, "metadata annotations", {"x": "y"})),
         ["refused: KafkaConnect kafkaconnect is not told to look at KafkaConnectors"
           " (strimzi.io/use-connector-resources): the KafkaConnector goes NotReady"]),
        (all_of(_connector(), put(CONNECT, "spec replicas", 0)),
         all_of(_connector(tasksMax=2), put(CONNECT, "spec replicas", 0)),
         ["refused: KafkaConnect kafkaconnect has no pod that would do it: the KafkaConnector goes NotReady"]),
        (all_of(_connector(), put(CONNECT, "spec replicas", 0)), _connect(replicas=0),
         ["ignored: KafkaConnect kafkaconnect has no pod that would do it: the connector stays as it is"]),
        # orders, and another Connect
        (_connector(), all_of(_connector(), put(CONNECTOR, "metadata labels strimzi.io/cluster", "x")),
         ["irreversible: it ends in kafkaconnect and is a new connector in x, which knows nothing of how far it was: a"
           " source copies everything again"]),
        (all_of(_connector(), put(CONNECTOR, "metadata annotations", {"x": "y"})),
         all_of(_connector(), put(CONNECTOR, "metadata annotations", {"x": "y", "strimzi.io/connector-offsets": "reset"})),
         ["irreversible: a stopped connector forgets how far it was: it copies everything again, or skips what is there,"
           " and again each time that Argo CD sets the annotation, which the operator takes off when it is done"]),
        (all_of(_connector(), put(CONNECTOR, "metadata annotations", {"strimzi.io/connector-offsets": "reset"})),
         all_of(_connector(), put(CONNECTOR, "metadata annotations", {"strimzi.io/connector-offsets": "list"})),
         ["dynamic: how far it is is written to the ConfigMap of listOffsets"]),
        (all_of(_connector(), put(CONNECTOR, "metadata annotations", {"strimzi.io/restart": "true", "x": "y"})),
         all_of(_connector(), put(CONNECTOR, "metadata annotations", {"x": "y"})),
         ["no-effect: no order"]),
        (all_of(_connector(), put(CONNECTOR, "metadata annotations", {"x": "y"})),
         all_of(_connector(), put(CONNECTOR, "metadata annotations", {"strimzi.io/restart": "true", "x": "y"})),
         ["client-visible: the connector, or its task, restarts, and again each time that Argo CD sets the annotation,"
           " which the operator takes off when it is done"]),
    ],
)  # fmt: skip
def test_connectors(tmp_path: Path, before: Edit, after: Edit, expected: list[str]) -> None:
    """They are told to Connect as it runs."""
    assert edited(tmp_path, CLUSTER, after, before) == expected


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (nothing, _mirrors(_mirror()),
         ["dynamic: new mirrors: what they have not copied before is copied from its start"]),
        (_mirrors(_mirror()), nothing,
         ["client-visible: nothing is copied any more; how far it was stays in its topics, so that one with the same"
           " topics and aliases goes on there"]),
        # the target
        (_mirrors(_mirror()), _mirrors(_mirror(), alias="x"),
         [f"irreversible: alias here to x: each connector of the old name ends in Connect, and a new connector takes its"
           f" place, which {COPIES}", ONE]),
        (_mirrors(_mirror()), _mirrors(_mirror(), groupId="x"),
         ["client-visible: until the last pod has restarted there are two groups of workers, and each runs every"
           " connector: what they copy may come twice", ONE]),
        (_mirrors(_mirror()), _mirrors(_mirror(), config={"a": 1}), [ONE, TOLD]),
        (_mirrors(_mirror()), _mirrors(_mirror(), config={"rest.port": 1}),
         ["ignored: Strimzi drops rest.port for the workers, with a line in its log only", TOLD]),
        (_mirrors(_mirror(), **_secured("plain", username="a")), _mirrors(_mirror(), **_secured("plain", username="b")),
         [ONE, TOLD]),
        # sources
        (_mirrors(_mirror()), _mirrors(_mirror("x")),
         ["irreversible: alias there to x: each connector of the old name ends in Connect, and a new connector takes its"
           f" place, which {COPIES}", ONE]),
        (_mirrors(_mirror()), _mirrors(_mirror(), _mirror("x")),
         [ONE, "dynamic: a new connector for each thing that is copied from x, from its start"]),
        (_mirrors(_mirror(), _mirror("x")), _mirrors(_mirror()),
         ["client-visible: each connector of x ends in Connect: nothing is copied from there any more", ONE]),
        (_mirrors(_mirror(), _mirror("x")), _mirrors(_mirror("x"), _mirror()), [ONE]),
        (_mirrors(_mirror()), _mirrors(_mirror(source={"bootstrapServers": "x"})),
         ["client-visible: where it is another cluster, it is copied from the offsets that were reached in the one"
           " before", TOLD]),
        (_mirrors(_mirror()), _mirrors(_mirror(source={"config": {"a": 1}})), [TOLD]),
        (_mirrors(_mirror()), _mirrors(_mirror(source=_secured("custom", config={"a": 1}))), [TOLD]),
        (_mirrors(_mirror()), _mirrors(_mirror(source=_secured("plain", username="a"))), [ONE, TOLD]),
        (_mirrors(_mirror(source=_secured("plain", username="a"))),
         _mirrors(_mirror(source=_secured("plain", username="b"))), [TOLD]),
        (_mirrors(_mirror(source={"tls": {"trustedCertificates": [{"a": 1}]}})),
         _mirrors(_mirror(source={"tls": {"trustedCertificates": [{"a": 2}]}})), [ONE]),
        (_mirrors(_mirror(topicsPattern="a")), _mirrors(_mirror(topicsPattern="b")),
         ["client-visible: topics that it names no more are copied no further, and those that it names now from their"
           " start", TOLD]),
        (_mirrors(_mirror(source=_secured("custom", config={"sasl.mechanism": "x"}))),
         _mirrors(_mirror(source=_secured("custom", config={"sasl.mechanism": "y", "a": 1}))),
         ["ignored: Strimzi drops a, with a line in its log only", TOLD]),
        # connectors
        (_mirrors(_mirror(sourceConnector={})), _mirrors(_mirror(sourceConnector={"tasksMax": 2})), [TOLD]),
        (_mirrors(_mirror()), _mirrors(_mirror(sourceConnector={})),
         ["dynamic: a new connector; it begins where one of its name had ended, else at the start"]),
        (_mirrors(_mirror(checkpointConnector={})), _mirrors(_mirror()),
         ["client-visible: it ends in Connect: what it copied is copied no more"]),
        (_mirrors(_mirror(sourceConnector={})), _mirrors(_mirror(sourceConnector={"autoRestart": {"enabled": True}})),
         ["dynamic: counts for what fails from now on"]),
        (_mirrors(_mirror(sourceConnector={})), _mirrors(_mirror(sourceConnector={"autoRestart": {"enabled": False}})),
         ["client-visible: what fails stands still until somebody restarts it"]),
        (_mirrors(_mirror()), _mirrors(_mirror(strange=1)),
         ["unknown: the Cluster Operator applies it; with what effect is not known here"]),
        # what pods and connectors share
        (_mirrors(_mirror()), all_of(_mirrors(_mirror()), put(MIRROR, "spec tracing", {"type": "x"})), [ONE, TOLD]),
        (_mirrors(_mirror()),
         all_of(_mirrors(_mirror()), put(MIRROR, "spec metricsConfig", {"type": "strimziMetricsReporter"})), [ONE, TOLD]),
        (_mirrors(_mirror()),
         all_of(_mirrors(_mirror()), put(MIRROR, "spec metricsConfig", {"type": "jmxPrometheusExporter"})), [ONE]),
    ],
)  # fmt: skip
def test_mirrors(tmp_path: Path, before: Edit, after: Edit, expected: list[str]) -> None:
    """Some of it restarts pods, some is told to connectors, and names decide what is copied again."""
    assert edited(tmp_path, CLUSTER, after, before) == expected


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (nothing, _bridge(),
         ["dynamic: a new bridge: who reaches its Service does in Kafka what the bridge may"]),
        (_bridge(), nothing,
         ["client-visible: HTTP clients reach Kafka no more, and the consumers that they made are gone"]),
        (_bridge(), _bridge(image="x"), [f"rolling-restart: its 2 pods restart in turn{HTTP}"]),
        (_bridge(), _bridge(http={"port": 8090}),
         ["client-visible: HTTP clients have to use port 8090",
          f"rolling-restart: its 2 pods restart in turn{HTTP}"]),
        (_bridge(), _bridge(http={"port": 8081}),
         ["refused: port 8081 is the bridge's own, for health: the KafkaBridge goes NotReady"]),
        (_bridge(), _bridge(http={"port": 8080, "tls": {}}),
         ["client-visible: HTTP clients have to use another protocol or address",
          f"rolling-restart: its 2 pods restart in turn{HTTP}"]),
        (_bridge(http={"port": 8080, "tls": {"config": {}}}),
         _bridge(http={"port": 8080, "tls": {"config": {"ssl.x": 1, "ssl.enabled.protocols": "y"}}}),
         ["ignored: Strimzi drops ssl.x, with a line in its log only",
          f"rolling-restart: its 2 pods restart in turn{HTTP}"]),
        (_bridge(), _bridge(http={"port": 8080, "cors": {"allowedOrigins": ["x"]}}),
         ["client-visible: browsers may use it from other origins than before",
          f"rolling-restart: its 2 pods restart in turn{HTTP}"]),
        (_bridge(), _bridge(consumer={"enabled": True}), ["no-effect: true is the default"]),
        (_bridge(), _bridge(consumer={"enabled": False}),
         ["client-visible: HTTP clients may read no more",
          f"rolling-restart: its 2 pods restart in turn{HTTP}"]),
        (_bridge(producer={"enabled": False}), _bridge(),
         [f"rolling-restart: its 2 pods restart in turn{HTTP}", "dynamic: HTTP clients may write again"]),
        (_bridge(consumer={}), _bridge(consumer={"config": {"group.id": "x", "a": 1}}),
         ["ignored: Strimzi drops group.id, with a line in its log only",
          f"rolling-restart: its 2 pods restart in turn{HTTP}"]),
        (_bridge(), _bridge(config={"bridge.id": "x"}),
         ["ignored: Strimzi drops bridge.id, with a line in its log only"]),
        (_bridge(), _bridge(template={"deployment": {"deploymentStrategy": "Recreate"}}), [AROUND]),
        (_bridge(), _bridge(template={"bridgeContainer": {}}),
         [f"rolling-restart: its 2 pods restart in turn{HTTP}"]),
    ],
)  # fmt: skip
def test_bridge(tmp_path: Path, before: Edit, after: Edit, expected: list[str]) -> None:
    """Its pods restart for nearly everything, and HTTP clients notice."""
    assert edited(tmp_path, CLUSTER, after, before) == expected
