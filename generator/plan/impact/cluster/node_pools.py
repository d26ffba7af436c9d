"""KafkaNodePool: what Strimzi does to nodes and disks, and what it silently reverts."""

from collections.abc import Iterator
from typing import Any

from generator.common.changes import MISSING
from generator.common.units import format_bytes, parse_quantity_bytes
from generator.documents.manifest import Body
from generator.plan.change import Effect, FieldChange, Impact
from generator.plan.impact import Pair
from generator.system.system import System

KIND = "KafkaNodePool"
_STATIC_QUORUM = (
    "Strimzi 1.2.0 runs a static quorum: controllers cannot be added or removed while it lives"
    " (strimzi-kafka-operator#9429)"
)
_REVERTED = (
    "Strimzi reverts it while the brokers hold replicas (Warning ScaleDownPreventionCheck);"
    " Argo CD shows Healthy"
)
_KEPT = "Strimzi ignores the whole storage change (Warning KafkaStorage); Argo CD shows Healthy"


def created(pair: Pair) -> Iterator[Effect]:
    """New nodes."""
    spec = pair.after.body["spec"] if pair.after else {}
    if pair.old is None or pair.new is None or pair.old.name != pair.new.name:
        yield Effect(Impact.DYNAMIC, f"{spec.get('replicas', 0)} nodes of a new cluster")
        return
    if "controller" in spec.get("roles", ()) and pair.old.nodes("controller"):
        yield Effect(Impact.REFUSED, _STATIC_QUORUM)
    if "broker" in spec.get("roles", ()):
        yield Effect(Impact.DYNAMIC, f"{spec.get('replicas', 0)} new brokers, empty until partitions are"
                     " moved to them (rebalancing on scaling looks at existing pools only)")  # fmt: skip


def deleted(pair: Pair) -> Iterator[Effect]:
    """The pool's nodes go at once: Strimzi checks a shrinking pool, not a deleted one."""
    spec = pair.before.body["spec"] if pair.before else {}
    count = spec.get("replicas", 0)
    if "controller" in spec.get("roles", ()):
        yield Effect(Impact.REFUSED, _STATIC_QUORUM)
    if "broker" in spec.get("roles", ()):
        volumes = _volumes(spec.get("storage", {})).values()
        gone = [v for v in volumes if v.get("type") == "ephemeral" or v.get("deleteClaim")]
        disks = "and their disks " if gone else ""
        yield Effect(Impact.DATA_LOSS, f"{count} brokers {disks}go at once, with every partition that"
                     " only they hold: nothing checks it", reversible=not gone)  # fmt: skip


def changed(pair: Pair, field: FieldChange) -> Iterator[Effect]:
    """One field of the spec."""
    spec = pair.after.body["spec"] if pair.after else {}
    name = pair.after.name if pair.after else ""
    count = spec.get("replicas", 0)
    match field.path:
        case ("spec", "replicas"):
            yield from _replicas(pair, field, spec)
        case ("spec", "roles"):
            yield from _roles(field)
        case ("spec", "storage", *_):
            yield from _storage(field, count)
        case ("spec", "template", "persistentVolumeClaim", *_):
            yield Effect(Impact.DYNAMIC, "labels and annotations of the claims only")
        case _:
            yield Effect(Impact.ROLLING_RESTART, f"pool {name}: {count} nodes, one after the other")


def _replicas(pair: Pair, field: FieldChange, spec: Body) -> Iterator[Effect]:
    roles = spec.get("roles", ())
    before, after = field.before, field.after
    if before is MISSING or after is MISSING:
        return
    text = f"{before} to {after} nodes"
    if "controller" in roles:
        yield Effect(Impact.REFUSED, f"{text}: {_STATIC_QUORUM}")
    if "broker" not in roles:
        return
    modes = _rebalancing(pair.new)
    if after > before:
        if "add-brokers" in modes:
            yield Effect(
                Impact.DATA_MOVEMENT, f"{text}: Cruise Control moves partitions to the new ones"
            )
        else:
            yield Effect(
                Impact.DYNAMIC, f"{text}: the new ones stay empty until partitions are moved"
            )
        return
    yield from _too_few(pair.new)
    if "remove-brokers" in modes:
        yield Effect(
            Impact.DATA_MOVEMENT, f"{text}: Cruise Control moves their partitions away first"
        )
    elif _skips_check(pair.new):
        yield Effect(Impact.DATA_LOSS, f"{text}: the check is skipped, so what only they hold is gone",
                     reversible=False)  # fmt: skip
    else:
        yield Effect(Impact.IGNORED, f"{text}: {_REVERTED}")


def _too_few(system: System | None) -> Iterator[Effect]:
    """Topics that would have more replicas than brokers are left."""
    if system is None:
        return
    stuck = [topic for topic in system.topics if topic.settings.replicas > system.brokers]
    if stuck:
        names = ", ".join(topic.name for topic in stuck[:3])
        more = f" and {len(stuck) - 3} more" if len(stuck) > 3 else ""
        yield Effect(Impact.REFUSED, f"{system.brokers} brokers cannot hold {names}{more}, which have"
                     " more replicas")  # fmt: skip
    tight = [
        topic
        for topic in system.topics
        if topic.settings.number("min.insync.replicas") >= max(system.brokers, 2)
    ]
    if tight:
        yield Effect(Impact.CLIENT_VISIBLE, f"with {system.brokers} brokers, acks=all writers to"
                     f" {len(tight)} topics stop at every restart")  # fmt: skip


def _rebalancing(system: System | None) -> set[str]:
    if system is None:
        return set()
    cruise_control = system.kafka.body["spec"].get("cruiseControl") or {}
    return {str(each.get("mode")) for each in cruise_control.get("autoRebalance", ())}


def _skips_check(system: System | None) -> bool:
    annotations = system.kafka.body["metadata"].get("annotations", {}) if system else {}
    return annotations.get("strimzi.io/skip-broker-scaledown-check") == "true"


def _roles(field: FieldChange) -> Iterator[Effect]:
    before, after = (set(side) if isinstance(side, list) else set()
                     for side in (field.before, field.after))  # fmt: skip
    if "controller" in before ^ after:
        yield Effect(Impact.REFUSED, _STATIC_QUORUM)
    if "broker" in before - after:
        yield Effect(Impact.IGNORED, _REVERTED)
    if "broker" in after - before:
        yield Effect(
            Impact.ROLLING_RESTART, "its nodes become brokers, empty until partitions move"
        )


def _volumes(storage: Body) -> dict[Any, Body]:
    return {volume.get("id", 0): volume for volume in storage.get("volumes", (storage,))}


def _storage(field: FieldChange, count: int) -> Iterator[Effect]:
    inner = field.path[2:]
    if inner[:1] != ("volumes",) or len(inner) < 2:
        yield Effect(Impact.IGNORED, _KEPT)
        return
    if len(inner) == 2:
        volume = field.before if field.after is MISSING else field.after
        if field.after is MISSING:
            yield Effect(Impact.ROLLING_RESTART, f"volume {inner[1]} leaves {count} nodes")
            yield Effect(Impact.DATA_LOSS, "what is on the volume must be moved away first: Kafka does"
                         " not find it elsewhere on the node", reversible=False)  # fmt: skip
        else:
            size = volume.get("size", "") if isinstance(volume, dict) else ""
            yield Effect(
                Impact.ROLLING_RESTART, f"volume {inner[1]} {size} is added to {count} nodes"
            )
        return
    yield from _volume_field(str(inner[2]), field, count)


def _volume_field(key: str, field: FieldChange, count: int) -> Iterator[Effect]:
    if key == "size":
        before, after = (
            parse_quantity_bytes(_plain(field.before)),
            parse_quantity_bytes(_plain(field.after)),
        )
        if before is not None and after is not None and after > before:
            yield Effect(Impact.DYNAMIC, f"{count} volumes grow from {format_bytes(before)} to"
                         f" {format_bytes(after)}, if their storage class can", reversible=False)  # fmt: skip
        else:
            yield Effect(Impact.IGNORED, f"volumes never shrink: {_KEPT}")
    elif key == "deleteClaim":
        if field.after is True:
            yield Effect(Impact.DATA_LOSS, "from now on the disks are deleted with the pool")
        else:
            yield Effect(Impact.DYNAMIC, "from now on the disks outlive the pool")
    elif key == "kraftMetadata":
        yield Effect(
            Impact.ROLLING_RESTART, f"the metadata log moves to another volume on {count} nodes"
        )
    elif key == "volumeAttributesClass":
        yield Effect(Impact.DYNAMIC, "the storage provider changes the volumes as they run")
    else:
        yield Effect(Impact.IGNORED, _KEPT)


def _plain(value: object) -> Any:
    return None if value is MISSING else value
