"""Pods that Connect, MirrorMaker 2 and the bridge have of their own: what makes them others, and what does not."""

from collections.abc import Iterator, Sequence

from generator.common.changes import MISSING
from generator.common.strimzi import nearest
from generator.common.strimzi_facts import IN_PLACE_RESIZING
from generator.documents.manifest import Manifest
from generator.plan.change import Effect, FieldChange, Impact
from generator.plan.impact import PAUSED, Pair, asks_for_zone, heap_follows, parts
from generator.plan.impact.cluster.loggers import has_log4j_1

_AROUND = {
    "apiService", "deployment", "headlessService", "jmxSecret", "podDisruptionBudget", "podSet",
    "serviceAccount",
}  # fmt: skip
"""Templates of what stands beside the pods (Strimzi 1.2.0, KafkaConnectTemplate.java, KafkaBridgeTemplate.java)."""
_OF_INIT = {"clusterRoleBinding", "initContainer"}
_TLS_EXCEPTIONS = (
    "ssl.cipher.suites", "ssl.enabled.protocols", "ssl.endpoint.identification.algorithm",
    "ssl.protocol",
)  # fmt: skip
_OF_CUSTOM = ("sasl.", "ssl.keystore.")
_IN_PLACE = "strimzi.io/in-place-resizing"
USES_RESOURCES = "strimzi.io/use-connector-resources"
"""Whether KafkaConnectors say which connectors there are."""


def paused(pair: Pair) -> Iterator[Effect]:
    """What happens instead while nobody acts on the object.

    Source: Strimzi 1.2.0, AbstractOperator.java:221, KafkaConnectAssemblyOperator.java (connectors too).
    """
    if pair.annotation(PAUSED, after=True) == "true":
        yield Effect(Impact.IGNORED, "nothing of it is applied while it is paused")


def of_pods(pair: Pair, field: FieldChange) -> Iterator[Effect]:
    """One field that Connect, MirrorMaker 2 and the bridge have in common.

    Source: Strimzi 1.2.0, KafkaConnectCluster.java, KafkaBridgeCluster.java (what stands in the pods),
    KafkaConnectAssemblyOperator.java, KafkaBridgeAssemblyOperator.java (of their ConfigMap, only the
    configuration is part of a pod), LoggingUtils.java:106 (monitorInterval).
    """
    match field.path[1:]:
        case ("replicas",):
            yield from _replicas(field)
        case ("version",):
            yield from _version(pair, field)
        case ("resources", *_) if _is_resized(pair):
            yield Effect(Impact.DYNAMIC, "the pods are resized as they run, and restart only where that cannot"
                         " be done")  # fmt: skip
        case ("authentication", "config", key):
            yield from list(drops_custom(str(key))) or restarts(pair)
        case ("logging", *_):
            yield from _logging(pair)
        case ("metricsConfig", "valueFrom", *_):
            yield Effect(Impact.DYNAMIC, "what is measured changes as it runs; nothing restarts")
        case ("rack", "type") if {field.before, field.after} == {MISSING, "topology-label"}:
            yield Effect(Impact.NO_EFFECT, "topology-label is the default")
        case ("clientRackInitImage",):
            yield from _of_init(pair)
        case ("template",) | ("template", "pod"):
            for part in parts(field):
                yield from of_pods(pair, part)
        case ("template", str() as what, *_):
            yield from _template(pair, what)
        case _:
            yield from restarts(pair)


def restarts(pair: Pair, why: str = "") -> Iterator[Effect]:
    """Every pod in turn.

    Source: Strimzi 1.2.0, KafkaConnectRoller.java; KafkaBridgeCluster.generateDeployment (a Deployment,
    rolling unless its template says Recreate).
    """
    count = _count(pair.after)
    if count == 0:
        yield Effect(Impact.DYNAMIC, f"{why}it counts when pods come: none runs")
        return
    pods = "its only pod restarts" if count == 1 else f"its {count} pods restart in turn"
    yield Effect(Impact.ROLLING_RESTART, f"{why}{pods}{_MEANWHILE.get(_kind(pair), '')}")


_MEANWHILE = {
    "KafkaBridge": "; consumers that HTTP clients have made in one are gone, and have to be made anew",
}
"""Strimzi 1.2.0, documentation, con-config-http-bridge-multiple-instances.adoc."""


def internal(pair: Pair, key: str) -> Iterator[Effect]:
    """The group of the workers, and the topics in which they keep what they know.

    Source: Strimzi 1.2.0, documentation, con-config-kafka-connect-multiple-instances.adoc; Kafka 4.3,
    "Kafka Connect", "Running Kafka Connect" (config.storage.topic, offset.storage.topic,
    status.storage.topic, group.id).
    """
    match key:
        case "groupId":
            yield Effect(Impact.CLIENT_VISIBLE, "until the last pod has restarted there are two groups of workers,"
                         " and each runs every connector: what they copy may come twice")  # fmt: skip
        case "offsetStorageTopic":
            yield Effect(Impact.IRREVERSIBLE, "sources forget how far they had read: they read everything again,"
                         " and what they write comes twice", reversible=False)  # fmt: skip
        case "configStorageTopic":
            yield Effect(Impact.CLIENT_VISIBLE, "it forgets every connector: those that no object declares are gone"
                         " until this is taken back")  # fmt: skip
        case _:
            yield Effect(Impact.DYNAMIC, "states of connectors are told anew in the other topic")
    yield from restarts(pair)


def drops(key: str, prefixes: Sequence[str]) -> Iterator[Effect]:
    """A setting that Strimzi keeps for itself.

    Source: Strimzi 1.2.0, AbstractConfiguration.java (removed, with a warning in the log), KafkaConnectSpec.java:38,
    KafkaMirrorMaker2ClusterSpec.java:34, KafkaBridgeSpec.java:50 and its siblings (FORBIDDEN_PREFIXES).
    """
    if is_forbidden(key, prefixes):
        yield Effect(Impact.IGNORED, f"Strimzi drops {key}, with a line in its log only")


def drops_custom(key: str) -> Iterator[Effect]:
    """A setting of custom authentication that is none of authentication.

    Source: Strimzi 1.2.0, KafkaClientAuthenticationCustom.java:31 (ALLOWED_PREFIXES).
    """
    if not key.lower().startswith(_OF_CUSTOM):
        yield Effect(Impact.IGNORED, f"Strimzi drops {key}, with a line in its log only")


def is_forbidden(key: str, prefixes: Sequence[str]) -> bool:
    """True when nobody may set it."""
    return key.lower().startswith(tuple(prefixes)) and not key.lower().startswith(_TLS_EXCEPTIONS)


def _is_resized(pair: Pair) -> bool:
    """True where pods get other resources as they run."""
    asked = pair.annotation(_IN_PLACE, after=True) == "true"
    specs = [side.body["spec"] for side in (pair.before, pair.after) if side]
    heaps = {heap_follows(spec, spec.get("jvmOptions")) for spec in specs}
    return asked and _has_sets(pair) and pair.has(IN_PLACE_RESIZING) and len(heaps) == 1


def _logging(pair: Pair) -> Iterator[Effect]:
    """Other loggers.

    Source: Strimzi 1.2.0, LoggingUtils.java:106 (monitorInterval); 0.47.0, KafkaConnectAssemblyOperator.java:187-198,
    KafkaMirrorMaker2AssemblyOperator.java:135.
    """
    spec = pair.after.body["spec"] if pair.after else {}
    if not _has_sets(pair) or not has_log4j_1(pair, spec.get("version")):
        yield Effect(Impact.DYNAMIC, "loggers change as it runs; nothing restarts")
    elif _kind(pair) == "KafkaConnect" and pair.annotation(USES_RESOURCES, after=True) != "true":
        yield from restarts(pair, "loggers are read at the start: ")
    else:
        yield Effect(Impact.DYNAMIC, "levels of loggers change as it runs")
        yield from restarts(pair, "where a line of log4j.appender changes, ")


def _replicas(field: FieldChange) -> Iterator[Effect]:
    """More or fewer pods.

    Source: Strimzi 1.2.0, KafkaConnectAssemblyOperator.java (hasZeroReplicas), WorkloadUtils.createPodSet.
    """
    if field.after == 0:
        yield Effect(Impact.CLIENT_VISIBLE, "none of its pods runs any more")
    else:
        yield Effect(Impact.DYNAMIC, "pods come or go; the others stay")


def _version(pair: Pair, field: FieldChange) -> Iterator[Effect]:
    """Another Kafka.

    Source: Strimzi 1.2.0, KafkaVersion.java:202 (an image that is told stands above it), 298.
    """
    if pair.after is not None and "image" in pair.after.body["spec"]:
        yield Effect(Impact.NO_EFFECT, "it chooses an image, and the image is written out")
    elif field.after is not MISSING and str(field.after) not in nearest(pair.strimzi).kafka:
        yield Effect(
            Impact.REFUSED, f"Strimzi has no Kafka {field.after}: the {_kind(pair)} goes NotReady"
        )
    else:
        before, after = ("Strimzi's own choice" if side is MISSING else side
                         for side in (field.before, field.after))  # fmt: skip
        yield from restarts(pair, f"Kafka {before} to {after}: ")


def _template(pair: Pair, what: str) -> Iterator[Effect]:
    """How what is made of it looks.

    Source: Strimzi 1.2.0, KafkaConnectCluster.fromSpec, KafkaConnectBuild.fromCrd, ConnectBuildOperator.java:130
    (a build is made anew for another Dockerfile or image only), JmxModel.java.
    """
    spec = pair.after.body["spec"] if pair.after else {}
    if what.startswith("build"):
        text = (
            "takes effect when an image is built next" if "build" in spec else "no image is built"
        )
        yield Effect(Impact.NO_EFFECT, text)
    elif what == "jmxSecret" and "authentication" not in (spec.get("jmxOptions") or {}):
        yield Effect(Impact.NO_EFFECT, "there is no Secret for JMX")
    elif what in _OF_INIT:
        yield from _of_init(pair, restart=what != "clusterRoleBinding")
    elif what in _AROUND:
        yield Effect(Impact.DYNAMIC, "only what stands around the pods; nothing restarts")
    else:
        yield from restarts(pair)


def _of_init(pair: Pair, restart: bool = True) -> Iterator[Effect]:
    """The container that asks a node for its zone.

    Source: Strimzi 1.2.0, KafkaConnectCluster.createInitContainer, generateClusterRoleBinding.
    """
    if not asks_for_zone(pair.after.body["spec"] if pair.after else {}):
        yield Effect(Impact.NO_EFFECT, "without rack nobody asks a node for its zone")
    elif restart:
        yield from restarts(pair)
    else:
        yield Effect(Impact.DYNAMIC, "only what stands around the pods; nothing restarts")


def _has_sets(pair: Pair) -> bool:
    return _kind(pair) != "KafkaBridge"


def _kind(pair: Pair) -> str:
    return pair.after.kind if pair.after else ""


def _count(manifest: Manifest | None) -> int:
    """How many pods there are; v1beta2 need not say it (Strimzi 0.51.0, AbstractKafkaConnectSpec.java)."""
    if manifest is None:
        return 1
    usual = 1 if manifest.kind == "KafkaBridge" else 3
    told = manifest.body["spec"].get("replicas", usual)
    return told if isinstance(told, int) else usual
