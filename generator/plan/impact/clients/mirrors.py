"""KafkaMirrorMaker2: workers as Connect has them, and a connector for each thing that each mirror copies."""

from collections.abc import Iterator, Mapping
from typing import Any

from generator.common.changes import MISSING
from generator.common.strimzi_facts import MIRROR_TARGET
from generator.plan.change import Effect, FieldChange, Impact
from generator.plan.field_diff import differences
from generator.plan.impact import Pair, not_known
from generator.plan.impact.clients.connect import INTERNAL, forbidden
from generator.plan.impact.clients.connectors import TOLD, of_connector
from generator.plan.impact.clients.pods import (
    drops_custom,
    internal,
    is_forbidden,
    of_pods,
    paused,
    restarts,
)

KIND = "KafkaMirrorMaker2"
_CONNECTORS = ("sourceConnector", "checkpointConnector")
_PATTERNS = {
    "topicsPattern": "topics that it names no more are copied no further, and those that it names now from their start",
    "topicsExcludePattern": "topics that it excludes are copied no further, and those that it excludes no more from"
    " their start",
    "groupsPattern": "offsets of groups that it names no more are copied no further",
    "groupsExcludePattern": "offsets of groups that it excludes are copied no further",
}
"""Kafka 4.3, "MirrorMaker Configuration Reference": topics, topics.exclude, groups, groups.exclude."""


def created(pair: Pair) -> Iterator[Effect]:
    """New mirrors.

    Source: Kafka 4.3, MirrorSourceTask.java (without an offset it begins at the start).
    """
    del pair
    yield Effect(
        Impact.DYNAMIC, "new mirrors: what they have not copied before is copied from its start"
    )


def deleted(pair: Pair) -> Iterator[Effect]:
    """Nothing is copied any more.

    Source: Strimzi 1.2.0, KafkaMirrorMaker2AssemblyOperator.delete; its topics are Kafka's.
    """
    del pair
    yield Effect(Impact.CLIENT_VISIBLE, "nothing is copied any more; how far it was stays in its topics, so that one"
                 " with the same topics and aliases goes on there")  # fmt: skip


def changed(pair: Pair, field: FieldChange) -> Iterator[Effect]:
    """One field of the spec."""
    held = list(paused(pair))
    yield from held or _changed(pair, field)


def _changed(pair: Pair, field: FieldChange) -> Iterator[Effect]:
    match field.path[1:]:
        case ("connectCluster" | "clusters" | "mirrors" | "target", *_) if _in_old_form(pair):
            yield not_known(pair)
        case ("target", *rest):
            yield from _target(pair, field, [str(each) for each in rest])
        case ("mirrors", *_):
            yield from _mirrors(pair, field)
        case ("rack" | "tracing" | "metricsConfig",) | ("metricsConfig", "type"):
            yield from of_pods(pair, field)
            if _in_connectors(field):
                yield TOLD
        case _:
            yield from of_pods(pair, field)


def _in_old_form(pair: Pair) -> bool:
    """Whether clusters are listed apart from the mirrors, on either side or in all that its release knows."""
    specs = [side.body["spec"] for side in (pair.before, pair.after) if side]
    return not pair.has(MIRROR_TARGET) or any("clusters" in spec for spec in specs)


def _in_connectors(field: FieldChange) -> bool:
    """True for what connectors are told as well.

    Strimzi 1.2.0, KafkaMirrorMaker2Connectors.prepareMirrorMaker2ConnectorConfig.
    """
    if field.path[1] != "metricsConfig":
        return True
    types = {
        side.get("type") if isinstance(side, Mapping) else side
        for side in (field.before, field.after)
    }
    return "strimziMetricsReporter" in types


def _target(pair: Pair, field: FieldChange, rest: list[str]) -> Iterator[Effect]:
    """The cluster that is copied to, which the workers live in.

    Source: Strimzi 1.2.0, KafkaMirrorMaker2Cluster.buildKafkaConnectSpec, KafkaMirrorMaker2Connectors.java
    (addClusterToMirrorMaker2ConnectorConfig: config goes to connectors as it is).
    """
    match rest:
        case [key] if key in INTERNAL:
            yield from internal(pair, key)
        case ["alias"]:
            yield from _renamed(f"{field.before} to {field.after}")
            yield from restarts(pair)
        case ["config", key] if is_forbidden(key, forbidden(pair)):
            yield TOLD
            yield Effect(
                Impact.IGNORED, f"Strimzi drops {key} for the workers, with a line in its log only"
            )
        case ["bootstrapServers"] | ["config", _]:
            yield TOLD
            yield from restarts(pair)
        case _:
            yield from _secured(pair, field, rest)


def _renamed(how: str) -> Iterator[Effect]:
    """Connectors are named after both clusters, and what they know is kept by their names.

    Source: Strimzi 1.2.0, KafkaMirrorMaker2Connectors.generateConnectorDefinitions; Kafka 4.3, MirrorSourceTask.java,
    DefaultReplicationPolicy.java.
    """
    yield Effect(Impact.IRREVERSIBLE, f"alias {how}: each connector of the old name ends in Connect, and a new connector"
                 " takes its place, which copies everything again from its start", reversible=False)  # fmt: skip


def _secured(pair: Pair, field: FieldChange, rest: list[str]) -> Iterator[Effect]:
    """How a cluster is talked to: connectors are told by reference, and pods restart for what secrets hold.

    Source: Strimzi 1.2.0, KafkaMirrorMaker2Connectors.java (addTLSConfigToMirrorMaker2ConnectorConfig),
    KafkaMirrorMaker2AssemblyOperator.generateAuthHash, ReconcilerUtils.authTlsHash.
    """
    dropped = (
        list(drops_custom(rest[2])) if rest[:2] == ["authentication", "config"] and rest[2:] else []
    )
    if dropped:
        yield from dropped
        return
    of_target = field.path[1] == "target"
    if _tells(field, rest):
        yield TOLD
    if of_target or _hashed(field, rest):
        yield from restarts(pair)


def _tells(field: FieldChange, rest: list[str]) -> bool:
    """False for other certificates to trust, which stand in the same place."""
    return rest[0] != "tls" or MISSING in (field.before, field.after)


def _hashed(field: FieldChange, rest: list[str]) -> bool:
    """True for what a secret holds: certificates, keys and passwords."""
    if rest[0] == "tls":
        return True
    if rest == ["authentication"]:
        return {_type(field.before), _type(field.after)} != {"custom"}
    return rest[1] in ("certificateAndKey", "passwordSecret", "type")


def _type(value: object) -> object:
    return value.get("type") if isinstance(value, Mapping) else "custom"


def _mirrors(pair: Pair, field: FieldChange) -> Iterator[Effect]:
    """Mirrors by the aliases of their sources.

    Source: Strimzi 1.2.0, KafkaMirrorMaker2AssemblyOperator.reconcileConnectors (those that nobody names are deleted),
    KafkaMirrorMaker2Cluster.getEnvVars (the aliases stand in the pods).
    """
    old, new = (_by_alias(side) for side in (field.before, field.after))
    gone, come = sorted(old.keys() - new.keys()), sorted(new.keys() - old.keys())
    if gone and len(gone) == len(come):
        yield from _renamed(f"{', '.join(gone)} to {', '.join(come)}")
    else:
        if gone:
            yield Effect(Impact.CLIENT_VISIBLE, f"each connector of {', '.join(gone)} ends in Connect: nothing is copied"
                         " from there any more")  # fmt: skip
        if come:
            yield Effect(Impact.DYNAMIC, f"a new connector for each thing that is copied from {', '.join(come)}, from"
                         " its start")  # fmt: skip
    if list(old) != list(new):
        yield from restarts(pair)
    for alias in sorted(old.keys() & new.keys()):
        for part in differences(old[alias], new[alias], ("spec", "mirrors")):
            yield from _mirror(pair, part, [str(each) for each in part.path[2:]])


def _by_alias(mirrors: object) -> dict[str, Any]:
    told = mirrors if isinstance(mirrors, list) else []
    return {str(each.get("source", {}).get("alias")): each for each in told}


def _mirror(pair: Pair, field: FieldChange, rest: list[str]) -> Iterator[Effect]:
    """One field of a mirror.

    Source: Strimzi 1.2.0, KafkaMirrorMaker2Connectors.java.
    """
    match rest:
        case ["source", "bootstrapServers"]:
            yield TOLD
            yield Effect(Impact.CLIENT_VISIBLE, "where it is another cluster, it is copied from the offsets that were"
                         " reached in the one before")  # fmt: skip
        case ["source", "config", *_]:
            yield TOLD
        case ["source", "tls" | "authentication", *_]:
            yield from _secured(pair, field, rest[1:])
        case [key] if key in _PATTERNS:
            yield TOLD
            yield Effect(Impact.CLIENT_VISIBLE, _PATTERNS[key])
        case [key] if key in _CONNECTORS and field.before is MISSING:
            yield Effect(Impact.DYNAMIC, "a new connector; it begins where one of its name had ended, else at the"
                         " start")  # fmt: skip
        case [key] if key in _CONNECTORS and field.after is MISSING:
            yield Effect(
                Impact.CLIENT_VISIBLE, "it ends in Connect: what it copied is copied no more"
            )
        case [key, *more] if key in _CONNECTORS:
            yield from of_connector(pair, field, tuple(more))
        case _:
            yield Effect(
                Impact.UNKNOWN,
                "the Cluster Operator applies it; with what effect is not known here",
            )
