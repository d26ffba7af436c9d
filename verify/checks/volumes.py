"""Volumes: every claim has its volume, in the size that Git says."""

import re
from collections.abc import Iterator

from generator.common.units import parse_quantity_bytes
from generator.contract.report import Outcome, fail, ok, warn
from generator.documents.manifest import Body
from verify.checks._objects import conditions, kubernetes_of, label, labels, short, status
from verify.checks._pods import events_of
from verify.checks._words import count
from verify.checks.registry import check
from verify.desired import Desired
from verify.live.live import Live

_NO_ROOM = {"ProvisioningFailed", "FailedBinding"}
_QUOTA = re.compile(r"quota|exceed|insufficient|not enough|no space|out of", re.IGNORECASE)
_WAITING = {"Resizing", "FileSystemResizePending", "ModifyingVolume"}


def _claims(desired: Desired, live: Live) -> list[Body]:
    claims = kubernetes_of(live).objects.get("PersistentVolumeClaim", {})
    return [
        body
        for _, body in sorted(claims.items())
        if labels(body).get("strimzi.io/cluster") == desired.cluster
    ]


@check("volumes-bound", needs=("kubernetes.PersistentVolumeClaim",))
def volumes_bound(desired: Desired, live: Live) -> Iterator[Outcome]:
    """Every claim of the cluster is bound to a volume.

    Compares: phase of the cluster's PersistentVolumeClaims, warnings about them, and their number with that
        of the node pools' volumes.
    Why: a broker without its volume does not start; a lost volume is lost data.
    Fix: kubectl -n {namespace} describe pvc {name}; kubectl get storageclass: the class must exist, and its
        provisioner needs room and permission.
    Source: Kubernetes 1.34, Persistent Volumes.
    """
    claims = _claims(desired, live)
    for body in claims:
        phase = status(body).get("phase", "")
        if phase == "Bound":
            continue
        reasons = {
            (str(event.get("reason")), short(str(event.get("message") or "")))
            for event in events_of(live, "PersistentVolumeClaim", body["metadata"]["name"])
        }
        words = "; ".join(sorted(message for _, message in reasons))
        lacking = phase == "Pending" and any(
            reason in _NO_ROOM or _QUOTA.search(message) for reason, message in reasons
        )
        text = f"is {phase or 'without a phase'}" + (f": {words}" if words else "")
        yield fail(text, label(body), resources=lacking)
    wanted = sum(_volumes(pool["spec"]) for pool in desired.pools.values())
    if len(claims) < wanted:
        yield fail(f"the node pools need {count(wanted, 'claim')}, there are {len(claims)}")
    elif all(status(body).get("phase") == "Bound" for body in claims):
        yield ok(f"{len(claims)} bound")


def _volumes(spec: Body) -> int:
    """How many claims a node pool makes."""
    storage = spec.get("storage") or {}
    every = storage.get("volumes") or [storage]
    kept = [each for each in every if each.get("type") == "persistent-claim"]
    return int(spec["replicas"]) * len(kept)


@check("volumes-resized", needs=("kubernetes.PersistentVolumeClaim",))
def volumes_resized(desired: Desired, live: Live) -> Iterator[Outcome]:
    """Every volume has the size that its claim asks for.

    Compares: spec.resources.requests.storage with status.capacity.storage, and the conditions of a resize.
    Why: storage that was grown in Git is not there before the volume and its file system have grown.
    Fix: kubectl -n {namespace} describe pvc {name}; FileSystemResizePending wants the pod to restart:
        kubectl -n {namespace} annotate pod {pod} strimzi.io/manual-rolling-update=true.
    Source: Kubernetes 1.34, Expanding Persistent Volumes Claims; Strimzi 1.2.0, PvcReconciler.
    """
    for body in _claims(desired, live):
        told = {kind: words for kind, so, words in conditions(body) if so}
        failed = [kind for kind in told if kind.endswith(("ResizeError", "ModifyVolumeError"))]
        asked = (((body.get("spec") or {}).get("resources") or {}).get("requests") or {}).get(
            "storage"
        )
        has = (status(body).get("capacity") or {}).get("storage")
        if failed:
            yield fail(f"{failed[0]}: {told[failed[0]]}", label(body))
        elif pending := sorted(_WAITING & told.keys()):
            yield warn(f"{pending[0]}: has {has}, is to have {asked}", label(body))
        elif has and (parse_quantity_bytes(has) or 0) < (parse_quantity_bytes(asked) or 0):
            yield warn(f"has {has}, is to have {asked}", label(body))
