"""The disks of a node pool: what Strimzi changes, and what it silently leaves."""

from collections.abc import Iterator, Mapping
from typing import Any

from generator.common.changes import MISSING
from generator.common.strimzi_facts import OLD_FIELDS, STORAGE_OVERRIDES
from generator.common.units import format_bytes, parse_quantity_bytes
from generator.plan.change import Effect, FieldChange, Impact
from generator.plan.impact import Pair, not_known
from generator.plan.impact.cluster.restarts import restarts, roles_of, volumes_of

_KEPT = "Strimzi ignores the whole storage change (Warning KafkaStorage); Argo CD shows Healthy"
_FIELDS = {"size", "deleteClaim", "kraftMetadata", "volumeAttributesClass"}
"""What Strimzi changes of a volume."""


def of_storage(pair: Pair, field: FieldChange) -> Iterator[Effect]:
    """One field of a pool's storage, or one volume of it.

    Source: Strimzi 1.2.0, StorageDiff.java, KafkaPool.java:155-190; 0.46.1, StorageDiff.IGNORABLE_PATHS (overrides).
    """
    inner = field.path[2:]
    if "overrides" in inner and pair.has(STORAGE_OVERRIDES):
        yield not_known(pair)
        return
    if "overrides" in inner and pair.has(OLD_FIELDS):
        yield Effect(Impact.NO_EFFECT, "nobody reads overrides any more")
        return
    claim = len(inner) == 1 and inner[0] in _FIELDS
    if claim or (inner[:1] == ("volumes",) and len(inner) > 2):
        yield from _volume_field(str(inner[-1]), pair, field)
    elif inner[:1] == ("volumes",) and len(inner) == 2 and field.after is MISSING:
        yield from _restart(pair, f"volume {inner[1]} leaves: ")
        yield Effect(Impact.DATA_LOSS, "what is on the volume must be moved away first: Kafka does"
                     " not find it elsewhere on the node", reversible=False)  # fmt: skip
        yield from _metadata_moves(pair)
    elif inner[:1] == ("volumes",) and len(inner) == 2:
        size = field.after.get("size", "") if isinstance(field.after, dict) else ""
        yield from _restart(pair, f"volume {inner[1]} {size} is added: ")
        yield from _metadata_moves(pair)
    else:
        yield Effect(Impact.IGNORED, _KEPT)


def _volume_field(key: str, pair: Pair, field: FieldChange) -> Iterator[Effect]:
    """One field of one volume.

    Source: Strimzi 1.2.0, StorageDiff.java (IGNORABLE_PATHS), PvcReconciler.java; documentation,
    "Resizing persistent volumes".
    """
    count = pair.after.body["spec"].get("replicas", 0) if pair.after else 0
    if key == "size":
        before, after = (
            parse_quantity_bytes(None if side is MISSING else side)
            for side in (field.before, field.after)
        )
        if before is not None and after is not None and after > before:
            yield Effect(Impact.IRREVERSIBLE, f"{count} volumes grow from {format_bytes(before)} to"
                         f" {format_bytes(after)}, if their storage class can, and never shrink again;"
                         " pods restart where a file system grows offline only", reversible=False)  # fmt: skip
        else:
            yield Effect(Impact.IGNORED, f"volumes never shrink: {_KEPT}")
    elif key == "deleteClaim":
        if field.after is True:
            yield Effect(Impact.DATA_LOSS, "from now on the disks are deleted with the pool")
        elif field.before is True:
            yield Effect(Impact.DYNAMIC, "from now on the disks outlive the pool")
        else:
            yield Effect(Impact.NO_EFFECT, "deleteClaim is false anyway")
    elif key == "kraftMetadata":
        moves = list(_metadata_moves(pair))
        yield from (
            (*_restart(pair), *moves)
            if moves
            else (Effect(Impact.NO_EFFECT, "the metadata log is on this volume anyway"),)
        )
    elif key == "volumeAttributesClass":
        yield Effect(Impact.DYNAMIC, "the storage provider changes the volumes as they run")
    else:
        yield Effect(Impact.IGNORED, _KEPT)


def _restart(pair: Pair, why: str = "") -> Iterator[Effect]:
    """The nodes of the pool, whose pods have other volumes.

    Source: Strimzi 1.2.0, PodRevision.java.
    """
    yield from restarts(pair, why, [pair.after] if pair.after else None)


def _metadata_moves(pair: Pair) -> Iterator[Effect]:
    """The log of the cluster's metadata is deleted where it was, and fetched anew from other nodes.

    Source: Strimzi 1.2.0, kafka_run.sh:66-71, VolumeUtils.kraftMetadataPath;
    documentation, con-config-storage-kraft-metadata.adoc:21.
    """
    if pair.before is None or pair.after is None:
        return
    before, after = (
        _metadata_volume(each.body["spec"].get("storage") or {})
        for each in (pair.before, pair.after)
    )
    if before == after:
        return
    text = (
        f"the metadata log is deleted on volume {before} of each node and fetched anew onto {after}"
    )
    controllers = pair.new.nodes("controller") if pair.new else 0
    if "controller" in roles_of(pair.after) and controllers == 1:
        yield Effect(Impact.DATA_LOSS, f"{text}: the only controller has nobody to fetch it from, all topics"
                     " and users are lost", reversible=False)  # fmt: skip
    else:
        yield Effect(Impact.DATA_MOVEMENT, text)


def _metadata_volume(storage: Mapping[str, Any]) -> Any:
    """The volume with the log of the cluster's metadata: the one that says so, else the lowest."""
    volumes = volumes_of(storage)
    said = [number for number, volume in volumes.items() if volume.get("kraftMetadata")]
    return said[0] if said else min(volumes, default=0)
