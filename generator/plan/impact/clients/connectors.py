"""KafkaConnector, and what MirrorMaker 2 says of its own: told to Connect as it runs, without a pod that restarts."""

from collections.abc import Iterator

from generator.common.changes import MISSING
from generator.common.strimzi_facts import CONNECTOR_STATE_AT_ONCE, PLUGIN_VERSION_FORBIDDEN
from generator.documents.manifest import Manifest
from generator.plan.change import Effect, FieldChange, Impact
from generator.plan.impact import Pair, parts
from generator.plan.impact.clients.pods import USES_RESOURCES, paused
from generator.system.build import cluster_of
from generator.system.system import System

KIND = "KafkaConnector"
_FORBIDDEN = ("name", "connector.class", "tasks.max")
"""Strimzi 1.2.0, AbstractConnectorSpec.java:37."""
_PLUGIN_VERSION = "connector.plugin.version"
"""Forbidden as well in later releases (Strimzi 1.2.0, AbstractConnectorSpec.java:37)."""
TOLD = Effect(
    Impact.DYNAMIC, "the connector and its tasks restart with its new settings; no pod does"
)
"""Source: Strimzi 1.2.0, AbstractConnectOperator.java:398-470 (needsReconfiguring, PUT .../config)."""
_NEW = Effect(
    Impact.DYNAMIC, "a new connector; it begins where one of its name had ended, else at the start"
)
"""Source: Strimzi 1.2.0, AbstractConnectOperator.createConnector; Apache Kafka KIP-875 (offsets outlive a connector)."""
_ENDS = Effect(
    Impact.CLIENT_VISIBLE,
    "it ends in Connect and moves no records any more; how far it was stays, so that one of its name goes on there",
)
"""Source: Strimzi 1.2.0, KafkaConnectAssemblyOperator.java (reconcileConnector: DELETE); Apache Kafka KIP-875."""
_OFFSETS = Effect(
    Impact.NO_EFFECT,
    "where an order about offsets, strimzi.io/connector-offsets, reads or writes them",
)
"""Source: Strimzi 1.2.0, AbstractConnectOperator.java:772."""


def created(pair: Pair) -> Iterator[Effect]:
    """A new connector.

    Source: Strimzi 1.1.0, AbstractConnectOperator.createOrUpdateConnector (the state is looked at the next time).
    """
    unheard = list(_unheard(pair))
    yield from unheard or (_NEW,)
    state = pair.after.body["spec"].get("state", "running") if pair.after else "running"
    if not unheard and state != "running" and not pair.has(CONNECTOR_STATE_AT_ONCE):
        yield Effect(Impact.CLIENT_VISIBLE, f"it runs until the operator looks at it again, and is {state} only"
                     " then")  # fmt: skip


def deleted(pair: Pair) -> Iterator[Effect]:
    """It stops, and how far it was is not forgotten."""
    yield from list(_unheard(pair)) or (_ENDS,)


def changed(pair: Pair, field: FieldChange) -> Iterator[Effect]:
    """One field of the spec."""
    held = [*paused(pair), *_unheard(pair)]
    yield from held or of_connector(pair, field, field.path[1:])


def of_connector(pair: Pair, field: FieldChange, rest: tuple[str | int, ...]) -> Iterator[Effect]:
    """One field of a connector, of which `rest` is the path.

    Source: Strimzi 1.2.0, AbstractConnectOperator.java (needsReconfiguring, updateState,
    autoRestartFailedConnectorAndTasks, manageConnectorOffsets), AbstractConnectorSpec.java:37.
    """
    match rest:
        case ("class",):
            yield TOLD
            yield Effect(Impact.CLIENT_VISIBLE, "another connector takes its place, with the offsets of the one before,"
                         " which it may not understand")  # fmt: skip
        case ("tasksMax",) | ("version",):
            yield TOLD
        case ("config", key) if str(key) in _FORBIDDEN or (
            key == _PLUGIN_VERSION and pair.has(PLUGIN_VERSION_FORBIDDEN)
        ):
            yield Effect(Impact.IGNORED, f"Strimzi drops {key}, with a line in its log only")
        case ("config", *_):
            yield TOLD
        case ("state",):
            yield from _state(field)
        case ("autoRestart", *_):
            yield from _auto_restart(field, rest)
        case ("listOffsets" | "alterOffsets", *_):
            yield _OFFSETS
        case _:
            yield Effect(
                Impact.UNKNOWN,
                "the Cluster Operator applies it; with what effect is not known here",
            )


def _state(field: FieldChange) -> Iterator[Effect]:
    """Whether it runs.

    Source: Strimzi 1.2.0, AbstractConnectOperator.java (updateState); Apache Kafka KIP-875 (stopped: tasks are
    shut down, paused: they wait).
    """
    before, after = (
        "running" if side is MISSING else str(side) for side in (field.before, field.after)
    )
    if before == after:
        yield Effect(Impact.NO_EFFECT, "running is the default")
    elif after == "running":
        yield Effect(Impact.DYNAMIC, "it moves again, from where it was")
    else:
        how = "its tasks wait" if after == "paused" else "its tasks end"
        yield Effect(Impact.CLIENT_VISIBLE, f"it moves nothing any more until it runs again: {how}")


def _auto_restart(field: FieldChange, rest: tuple[str | int, ...]) -> Iterator[Effect]:
    """Who brings a connector back that has failed.

    Source: Strimzi 1.2.0, AbstractConnectOperator.java (shouldAutoRestart, nextAutoRestartBackOffIntervalInMinutes).
    """
    if rest == ("autoRestart",) and field.after is not MISSING:
        enabled = next((part.after for part in parts(field) if part.path[-1] == "enabled"), None)
        off = enabled is False
    else:
        off = field.after is MISSING or (rest[-1] == "enabled" and field.after is False)
    if off and rest[-1] != "maxRestarts":
        yield Effect(Impact.CLIENT_VISIBLE, "what fails stands still until somebody restarts it")
    else:
        yield Effect(Impact.DYNAMIC, "counts for what fails from now on")


def _unheard(pair: Pair) -> Iterator[Effect]:
    """A connector whose Connect does not look at KafkaConnectors.

    Source: Strimzi 1.2.0, KafkaConnectAssemblyOperator.java (isUseResources, zeroReplicas: NotReady,
    NoSuchResourceException).
    """
    connect = _connect_of(pair.after or pair.before, pair.new)
    if connect is None:
        return
    annotations = connect.body["metadata"].get("annotations") or {}
    looks = str(annotations.get(USES_RESOURCES)) == "true"
    if looks and connect.body["spec"].get("replicas") != 0:
        return
    why = "has no pod that would do it" if looks else (
        f"is not told to look at KafkaConnectors ({USES_RESOURCES})"
    )  # fmt: skip
    if pair.after is None:
        yield Effect(
            Impact.IGNORED, f"KafkaConnect {connect.name} {why}: the connector stays as it is"
        )
    else:
        yield Effect(
            Impact.REFUSED, f"KafkaConnect {connect.name} {why}: the KafkaConnector goes NotReady"
        )


def _connect_of(manifest: Manifest | None, system: System | None) -> Manifest | None:
    if manifest is None or system is None:
        return None
    name = cluster_of(manifest)
    return next((each for each in system.others.get("KafkaConnect", ()) if each.name == name), None)
