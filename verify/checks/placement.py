"""Placement: every pod has a machine with room, and what shall fail apart runs apart."""

from collections import Counter
from collections.abc import Iterator

from generator.common.kinds import kind_of, names_of
from generator.contract.report import Outcome, Status, fail, skip, warn
from generator.documents.manifest import Body
from verify.checks._objects import HOUR_S, kubernetes_of, label, labels, short
from verify.checks._pods import LACKING, pods_of, unscheduled
from verify.checks._selectors import selects
from verify.checks._words import listed
from verify.checks.registry import check
from verify.desired import Desired
from verify.live.live import Live
from verify.live.times import seconds

_POOL = "strimzi.io/pool-name"


@check("pods-scheduled", needs=("kubernetes.Pod",))
def pods_scheduled(desired: Desired, live: Live) -> Iterator[Outcome]:
    """Every pod has found a node to run on.

    Compares: the condition PodScheduled of the cluster's pods; warnings of the scheduler say more.
    Why: too little CPU or memory, a zone without nodes, or a volume in another zone keeps a broker away
        for good.
    Fix: kubectl -n {namespace} describe pod {name}; then add nodes, or ask for less in environments/ (size,
        or resources of the node pool).
    Source: Kubernetes 1.34, Pod Lifecycle, PodScheduled; Scheduler, FailedScheduling.
    """
    for name, body in pods_of(desired, live).items():
        words = unscheduled(live, name, body)
        if words:
            yield fail(words, label(body), resources=LACKING.search(words) is not None)


@check("quota-room", needs=("kubernetes.Event",))
def quota_room(desired: Desired, live: Live) -> Iterator[Outcome]:
    """Nothing of the cluster was refused in the last quarter of an hour because a quota is used up.

    Compares: warnings that name an exceeded quota, by their age, about objects of the cluster by their
        name, and about rendered ones and what is made for those.
    Why: pods that a quota forbids are never created, so that nothing is there to look broken.
    Fix: kubectl -n {namespace} describe resourcequota; raise it, or ask for less in environments/.
    Source: Kubernetes 1.34, Resource Quotas.
    """
    found = set()
    for event in kubernetes_of(live).objects.get("Event", {}).values():
        times = (
            (event.get("series") or {}).get("lastObservedTime"),
            event.get("lastTimestamp"),
            event.get("eventTime"),
        )
        at_s = next((s for time in times if (s := seconds(time)) is not None), 0)
        words = str(event.get("message") or "")
        if "exceeded quota" in words and live.taken_at_s - at_s <= HOUR_S / 4:
            about = event.get("involvedObject") or {}
            kind, name = str(about.get("kind") or ""), str(about.get("name") or "")
            if _is_ours(desired, kind, name):
                found.add((short(words), f"{kind.lower()}/{name}"))
    yield from (fail(words, about, resources=True) for words, about in sorted(found))


_MADE_FOR = {"Job": "CronJob", "ReplicaSet": "Deployment"}
"""Whose names are that of what they are made for, a hyphen, and one word more."""


def _is_ours(desired: Desired, kind: str, name: str) -> bool:
    """Applications that live in the same namespace are somebody else's business."""
    beginnings = [f"{desired.cluster}-"] + [
        f"{each}-{kind_of(made_for).pods}"
        for made_for in names_of("pods")
        for each in desired.of_kind(made_for)
    ]
    if name.startswith(tuple(beginnings)):
        return True
    # In the cluster what others have is not told apart from what is rendered.
    made_for = desired.of_kind(_MADE_FOR.get(kind, ""))
    return desired.rendered and (
        name in desired.of_kind(kind) or name.rpartition("-")[0] in made_for
    )


@check("pods-apart", needs=("kubernetes.Pod",), severity=Status.WARN)
def pods_apart(desired: Desired, live: Live) -> Iterator[Outcome]:
    """No two nodes of a pool share a machine.

    Compares: spec.nodeName of the pods of each pool that has more than one.
    Why: one machine that fails takes two replicas at once.
    Fix: kubectl -n {namespace} get pods -l strimzi.io/cluster={cluster} -o wide; say a
        topologySpreadConstraint over kubernetes.io/hostname for the pool in environments/.
    Source: Strimzi 1.2.0, Configuring pod scheduling.
    """
    for pool, bodies in _by_pool(desired, live).items():
        hosts = Counter(str(body["spec"].get("nodeName") or "") for body in bodies)
        crowded = [host for host, number in sorted(hosts.items()) if host and number > 1]
        if crowded:
            yield warn(f"several of its pods run on {listed(crowded)}", f"kafkanodepool/{pool}")


@check("pods-spread", needs=("kubernetes.Pod", "kubernetes.nodes"))
def pods_spread(desired: Desired, live: Live) -> Iterator[Outcome]:
    """The nodes of each pool are spread evenly over the zones.

    Compares: zones of the machines on which the pods of each pool run; where spec.kafka.rack is set, all in
        one zone is a failure.
    Why: replicas in one zone are lost together, and a majority of controllers in one zone ends the quorum
        with it.
    Fix: kubectl -n {namespace} get pods -l strimzi.io/cluster={cluster} -o wide; kubectl get nodes -L
        topology.kubernetes.io/zone; say a topologySpreadConstraint over topology.kubernetes.io/zone.
    Source: Strimzi 1.2.0, Configuring pod scheduling; Kafka 4.3, broker.rack.
    """
    zones = kubernetes_of(live).nodes
    every = sorted({zone for zone in zones.values() if zone})
    if len(every) < 2:
        yield skip("the machines are in one zone, or nobody says in which")
        return
    racks = "rack" in ((desired.kafka.get("spec") or {}).get("kafka") or {})
    for pool, bodies in _by_pool(desired, live).items():
        used = Counter(zones.get(str(body["spec"].get("nodeName")), "") for body in bodies)
        used.pop("", None)
        shown = ", ".join(f"{used[zone]} in {zone}" for zone in every)
        name = f"kafkanodepool/{pool}"
        if len(used) == 1 and used.total() > 1:
            make = fail if racks else warn
            yield make(f"all of its pods run in one zone: {shown}", name)
        elif used and max(used.values()) - min(used[zone] for zone in every) > 1:
            yield warn(f"its pods are spread unevenly: {shown}", name)


def _by_pool(desired: Desired, live: Live) -> dict[str, list[Body]]:
    found: dict[str, list[Body]] = {}
    for body in pods_of(desired, live).values():
        if _POOL in labels(body):
            found.setdefault(labels(body)[_POOL], []).append(body)
    return dict(sorted(found.items()))


@check("disruption-budget", needs=("kubernetes.PodDisruptionBudget",), severity=Status.WARN)
def disruption_budget(desired: Desired, live: Live) -> Iterator[Outcome]:
    """A PodDisruptionBudget keeps several brokers from being evicted at once.

    Compares: the selectors of PodDisruptionBudgets with the labels of the nodes' pods; one for the Entity Operator only
        keeps no broker.
    Why: without it a drain of machines stops as many brokers as it likes.
    Fix: kubectl -n {namespace} get pdb; let the operator make it again (its setting
        STRIMZI_POD_DISRUPTION_BUDGET_GENERATION), or render one.
    Source: Strimzi 1.2.0, PodDisruptionBudgetTemplate; Kubernetes 1.34, PodDisruptionBudgetSpec.selector.
    """
    budgets = kubernetes_of(live).objects.get("PodDisruptionBudget", {}).values()
    selectors = [(body.get("spec") or {}).get("selector") for body in budgets]
    nodes = [pod for pool in _by_pool(desired, live).values() for pod in pool]
    bare = [
        label(pod) for pod in nodes if not any(selects(each, labels(pod)) for each in selectors)
    ]
    if bare:
        yield warn(f"no PodDisruptionBudget selects {listed(bare)}")
    elif not nodes:
        yield skip("there is no node's pod")
