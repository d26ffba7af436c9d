"""PersistentVolumeClaim: what is lost with one, and what Kubernetes refuses to change of one."""

from collections.abc import Iterator

from generator.common.units import parse_quantity_bytes
from generator.model.backups.labels import LABEL
from generator.plan.change import Effect, FieldChange, Impact
from generator.plan.impact import Pair

KIND = "PersistentVolumeClaim"
_SIZE = ("spec", "resources", "requests", "storage")


def created(_: Pair) -> Iterator[Effect]:
    """A new volume.

    Source: Kubernetes 1.34, "Storage Classes" (volumeBindingMode).
    """
    yield Effect(
        Impact.DYNAMIC, "a new volume, made once a pod asks for it or at once, as its class says"
    )


def deleted(pair: Pair) -> Iterator[Effect]:
    """A volume goes with what is on it.

    Source: Kubernetes 1.34, "Persistent Volumes" (reclaiming).
    """
    labels = pair.before.body["metadata"].get("labels") or {} if pair.before else {}
    what = "the disk and every backup on it" if LABEL in labels else "the disk"
    yield Effect(Impact.DATA_LOSS, f"the claim is deleted, and with it {what} unless its class keeps it",
                 reversible=False)  # fmt: skip


def changed(_: Pair, field: FieldChange) -> Iterator[Effect]:
    """Only more room is ever given.

    Source: Kubernetes 1.34, "Persistent Volumes" (expanding); validation.go, ValidatePersistentVolumeClaimUpdate.
    """
    if field.path != _SIZE:
        yield Effect(Impact.REFUSED, "Kubernetes changes nothing of a claim but its size")
        return
    before, after = parse_quantity_bytes(field.before), parse_quantity_bytes(field.after)
    if before is not None and after is not None and after > before:
        yield Effect(
            Impact.IRREVERSIBLE,
            "the volume grows, where its class allows it, and never shrinks again",
            reversible=False,
        )
    else:
        yield Effect(Impact.REFUSED, "a volume cannot shrink: Kubernetes refuses it")
