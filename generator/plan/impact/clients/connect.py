"""KafkaConnect: the workers, what they know by their topics, and the image that may be built for them."""

from collections.abc import Iterator

from generator.common.strimzi_facts import CONNECT_GROUP_FORBIDDEN, CONNECT_REPORTER
from generator.documents.manifest import Manifest
from generator.plan.change import Effect, FieldChange, Impact
from generator.plan.impact import Pair
from generator.plan.impact.clients.builds import begins, of_build
from generator.plan.impact.clients.pods import drops, internal, of_pods, paused, restarts

KIND = "KafkaConnect"
INTERNAL = {
    "groupId": ("group.id", "connect-cluster"),
    "configStorageTopic": ("config.storage.topic", "connect-cluster-configs"),
    "offsetStorageTopic": ("offset.storage.topic", "connect-cluster-offsets"),
    "statusStorageTopic": ("status.storage.topic", "connect-cluster-status"),
}
"""Fields, each with the setting that stood for it, and what Strimzi 0.51.0 takes without either
(KafkaConnectCluster.fromSpec)."""
_FIELDS = {setting: key for key, (setting, _) in INTERNAL.items()}
_FORBIDDEN = (
    "ssl.", "sasl.", "security.", "listeners", "plugin.path", "rest.", "bootstrap.servers",
    "consumer.interceptor.classes", "producer.interceptor.classes",
)  # fmt: skip
"""Strimzi 1.2.0, KafkaConnectSpec.java:38, KafkaMirrorMaker2ClusterSpec.java:34."""
_OF_METRICS = ("prometheus.metrics.reporter.",)
"""Strimzi 1.2.0, KafkaConnectSpec.java:38."""


def created(pair: Pair) -> Iterator[Effect]:
    """New workers.

    Source: Kafka 4.3, "Kafka Connect": whoever has the same topics knows the same connectors.
    """
    del pair
    yield Effect(
        Impact.DYNAMIC, "new workers; connectors that its topics already tell of run at once"
    )


def deleted(pair: Pair) -> Iterator[Effect]:
    """Connectors stand still, and are not forgotten.

    Source: Strimzi 1.2.0, KafkaConnectAssemblyOperator.delete (its KafkaConnectors go NotReady); the topics are
    Kafka's.
    """
    del pair
    yield Effect(Impact.CLIENT_VISIBLE, "its connectors stand still; what they know stays in its topics, so that"
                 " workers with the same topics go on where they were")  # fmt: skip


def changed(pair: Pair, field: FieldChange) -> Iterator[Effect]:
    """One field of the spec."""
    held = list(paused(pair))
    yield from held or _changed(pair, field)


def _changed(pair: Pair, field: FieldChange) -> Iterator[Effect]:
    match field.path[1:]:
        case (str() as key,) if key in INTERNAL:
            yield from _internal(pair, key)
        case ("config", str() as key) if key in _FIELDS and not pair.has(CONNECT_GROUP_FORBIDDEN):
            yield from _internal(pair, _FIELDS[key])
        case ("config", key):
            own = _OF_METRICS if pair.has(CONNECT_REPORTER) else ()
            yield from list(drops(str(key), (*forbidden(pair), *own))) or restarts(pair)
        case ("build", *_):
            yield from of_build(pair, field)
        case ("image",) | ("version",) if pair.after and "build" in pair.after.body["spec"]:
            yield from _built_from(pair, field)
        case _:
            yield from of_pods(pair, field)


def forbidden(pair: Pair) -> tuple[str, ...]:
    """What nobody may set of workers."""
    group = [name for name, _ in INTERNAL.values()]
    return (*group, *_FORBIDDEN) if pair.has(CONNECT_GROUP_FORBIDDEN) else _FORBIDDEN


def _internal(pair: Pair, key: str) -> Iterator[Effect]:
    """The group or a topic, whether a field or a setting says it.

    Source: Strimzi 0.51.0, KafkaConnectCluster.java:270 (extractAndRemoveValueFromConfig: the field, else the setting); 0.48.0,
    KafkaConnectConfiguration.java (defaults).
    """
    old, new = (_counts(side, key) for side in (pair.before, pair.after))
    if old == new and not pair.has(CONNECT_GROUP_FORBIDDEN):
        yield Effect(Impact.NO_EFFECT, f"{INTERNAL[key][0]} stays {new}")
    else:
        yield from internal(pair, key)


def _counts(manifest: Manifest | None, key: str) -> object:
    spec = manifest.body["spec"] if manifest else {}
    setting, default = INTERNAL[key]
    return spec.get(key, (spec.get("config") or {}).get(setting, default))


def _built_from(pair: Pair, field: FieldChange) -> Iterator[Effect]:
    """Another image to build from.

    Source: Strimzi 1.2.0, KafkaConnectDockerfile.java (FROM), KafkaConnectBuild.java:150.
    """
    found = list(of_pods(pair, field))
    restarts_pods = any(each.impact is Impact.ROLLING_RESTART for each in found)
    yield from begins(pair) if restarts_pods else found
