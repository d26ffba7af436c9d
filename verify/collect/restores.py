"""Restores by hand, as `strimzi-gitops restore` wrote them -> what is there now, beside their sets.

Each is asked as its own user, who may read what it wrote, where its Secret may be read; else as whoever we are.
"""

import time
from dataclasses import replace
from typing import TYPE_CHECKING

import msgspec

from generator.contract.restore import RestoreOrder
from generator.contract.settings import BackupRun
from verify.collect import endpoints
from verify.collect.backups.look import Look
from verify.collect.backups.sets import collect as collect_sets
from verify.collect.kafka.retrying_admin import Deadline, NoOwnError
from verify.collect.restored import restored_topics
from verify.collect.restored_groups import restored_groups
from verify.desired import Desired
from verify.live.gap import Cause, Gap, NoAnswerError
from verify.live.live import Kubernetes
from verify.live.restored import Restored

if TYPE_CHECKING:
    from verify.collect.kafka.access import Access
    from verify.collect.kubernetes.api import KubernetesTarget
    from verify.collect.plan import CollectPlan

_PATIENCE_S = 30


def collect(
    plan: "CollectPlan",
    desired: Desired,
    kubernetes: Kubernetes | None,
    access: "Access | Gap",
    deadline: float,
) -> tuple[dict[str, Restored], dict[str, Gap]]:
    """What came of every restore that is named, and why some could not be compared; `access` or why there is none."""
    if not plan.restores:
        return {}, {"restored": Gap(Cause.NOT_ASKED, "no restore by hand was named (--restored)")}
    found: dict[str, Restored] = {}
    gaps: dict[str, Gap] = {}
    for order in plan.restores:
        try:
            if kubernetes is not None and plan.place is not None and not plan.way.bootstrap:
                way = _as_its_user(plan.place, desired, kubernetes, order, plan.way.timeout_s)
            elif isinstance(access, Gap):
                return {}, {"restored": access}
            else:
                way = access
            found[order.name] = _compared(plan, desired, way, order, deadline)
        except (NoAnswerError, NoOwnError) as error:
            gaps[f"restored.{order.name}"] = error.gap
    return found, gaps


def _compared(
    plan: "CollectPlan", desired: Desired, access: "Access", order: RestoreOrder, deadline: float
) -> Restored:
    clock = Deadline(deadline)
    runs = {each.backup_id: _run(desired, each.backup_id, order) for each in order.sets}
    names = {backup_id: name for backup_id, (name, _) in runs.items()}
    asked = dict(runs.values())
    sets, gaps = collect_sets(asked, replace(plan.look or Look(), sample=0), time.time(), deadline)
    if gap := next(iter(gaps.values()), None):
        raise NoAnswerError(gap.cause, gap.reason)
    held = {backup_id: sets[name] for backup_id, name in names.items()}
    for each in held.values():
        if each.fault:
            raise NoAnswerError(Cause.BROKEN, f"{each.place}: manifest.json {each.fault}")
    found = Restored(order.name)
    found.topics = list(restored_topics(access, order, held, clock))
    found.groups = list(restored_groups(access, order, held, clock))
    return found


def _run(desired: Desired, backup_id: str, order: RestoreOrder) -> tuple[str, BackupRun]:
    """The run of Git that wrote a set, by which --backup-path calls it, asking for that set alone."""
    name, run = next(
        (
            (name, run)
            for name, run in desired.settings.backups.items()
            if run.backup_id == backup_id
            or (not run.incremental and backup_id.startswith(run.backup_id))
        ),
        (backup_id, BackupRun("", backup_id, order.storage)),
    )
    return name, msgspec.structs.replace(run, backup_id=backup_id, incremental=True)


def _as_its_user(
    place: "KubernetesTarget",
    desired: Desired,
    kubernetes: Kubernetes,
    order: RestoreOrder,
    timeout_s: float,
) -> "Access":
    """How to come into Kafka as who restored.

    Raises:
        NoAnswerError: when nobody says a way.
    """
    from verify.collect.kubernetes.collector import ApiError, credentials

    listener = endpoints.chosen(desired, kubernetes)
    ca = f"{desired.cluster}-cluster-ca-cert"
    try:
        secrets = credentials(place, order.user, ca, time.monotonic() + _PATIENCE_S)
    except ApiError as error:
        raise NoAnswerError(error.gap.cause, error.gap.reason) from error
    return endpoints.through(listener, secrets, order.user, timeout_s)
