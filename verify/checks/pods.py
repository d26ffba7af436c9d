"""Pods: all that should run do, steadily, and as the newest revision."""

from collections.abc import Iterator

from generator.contract.report import Outcome, fail, ok, warn
from generator.documents.manifest import Body
from verify.checks._objects import (
    HOUR_S,
    Said,
    annotations,
    kubernetes_of,
    label,
    short,
    status,
    together,
)
from verify.checks._pods import (
    LACKING,
    condition,
    containers,
    is_ready,
    pods_of,
    unscheduled,
    waiting,
)
from verify.checks._words import count, listed
from verify.checks.registry import check
from verify.checks.registry.roll import revision
from verify.desired import Desired
from verify.live.live import Live
from verify.live.times import seconds

_BROKEN = {"CrashLoopBackOff", "ImagePullBackOff", "ErrImagePull", "ErrImageNeverPull",
           "InvalidImageName", "CreateContainerConfigError", "CreateContainerError",
           "RunContainerError"}  # fmt: skip
_OFTEN = 10
"""Restarts that are no accident any more."""
_ROLL = "strimzi.io/manual-rolling-update"


@check(
    "pods-present",
    nodes=True,
    needs=("kubernetes.Pod", "kubernetes.StrimziPodSet", "kubernetes.KafkaNodePool"),
)
def pods_present(desired: Desired, live: Live) -> Iterator[Outcome]:
    """Every node of every pool has its pod.

    Compares: replicas of node pools as Git says with status.nodeIds, and the pods of each StrimziPodSet
        with those that are there.
    Why: a broker that was never started takes its replicas with it, and scaling may have been refused.
    Fix: kubectl -n {namespace} get kafkanodepool,strimzipodset,pods -l strimzi.io/cluster={cluster};
        kubectl -n {namespace} get events --field-selector type=Warning.
    Source: Strimzi 1.2.0, KafkaNodePoolStatus.nodeIds, StrimziPodSetController.
    """
    objects = kubernetes_of(live).objects
    pods, sets = pods_of(desired, live), objects.get("StrimziPodSet", {})
    for name, pool in sorted(desired.pools.items()):
        wanted = pool["spec"]["replicas"]
        body = objects.get("KafkaNodePool", {}).get(name)
        ids = status(body).get("nodeIds") or () if body else ()
        if len(ids) != wanted:
            message = f"has {count(len(ids), 'node')} instead of {wanted}"
            yield fail(message, f"kafkanodepool/{name}")
        if wanted and f"{desired.cluster}-{name}" not in sets:
            yield fail("has no StrimziPodSet", f"kafkanodepool/{name}")
    missing = [
        pod["metadata"]["name"]
        for _, body in sorted(sets.items())
        for pod in (body.get("spec") or {}).get("pods") or ()
        if pod["metadata"]["name"] not in pods
    ]
    if missing:
        yield fail(f"missing: {listed(missing)}", count(missing, "pod"))
    elif pods:
        yield ok(count(pods, "pod"))


@check("pods-ready", nodes=True, needs=("kubernetes.Pod",))
def pods_ready(desired: Desired, live: Live) -> Iterator[Outcome]:
    """Every pod of the cluster runs and is ready.

    Compares: phase, the condition Ready and deletionTimestamp of all pods of the cluster; failed ones of
        Deployments and Jobs, such as evicted ones, are left behind and do not count.
    Why: a broker that is not ready serves nobody, and the next roll of another one takes partitions
        offline.
    Fix: kubectl -n {namespace} describe pod {name}; kubectl -n {namespace} logs {name} --all-containers
        --tail=50.
    Source: Kubernetes 1.34, Pod Lifecycle.
    """
    pods = pods_of(desired, live)
    if not pods:
        yield fail(f"no pod has the label strimzi.io/cluster={desired.cluster}")
    for name, body in pods.items():
        if not is_ready(body):
            evicted = status(body).get("reason") == "Evicted"
            lacking = evicted or LACKING.search(unscheduled(live, name, body)) is not None
            yield fail(_why(body), label(body), resources=lacking)


def _why(body: Body) -> str:
    told = status(body)
    if body["metadata"].get("deletionTimestamp"):
        return "is being stopped"
    if told.get("phase") != "Running":
        said = ": ".join(filter(None, (told.get("reason"), told.get("message"))))
        return f"is {told.get('phase', 'unknown')}" + (f" ({short(said)})" if said else "")
    unready = [each["name"] for each in containers(body) if not each.get("ready")]
    return f"is not ready: {listed(unready) or condition(body, 'Ready').get('reason', '')}"


@check("pods-waiting", needs=("kubernetes.Pod",))
def pods_waiting(desired: Desired, live: Live) -> Iterator[Outcome]:
    """No container is kept from running by its image, its configuration or its own crashes.

    Compares: the waiting reasons of all containers of the cluster's pods with those that do not go away by
        themselves, such as CrashLoopBackOff, ImagePullBackOff and CreateContainerConfigError.
    Why: none of these heals by waiting.
    Fix: kubectl -n {namespace} logs {name} -c {container} --previous --tail=50; kubectl -n {namespace} describe
        pod {name}.
    Source: Kubernetes 1.34, Images; Debug Pods.
    """
    found: list[Said] = []
    for body in pods_of(desired, live).values():
        for name, reason, words in waiting(body):
            if reason in _BROKEN:
                found.append((f"{reason} of {name}" + (f": {words}" if words else ""), label(body)))
    yield from together(_waits, found)


def _waits(message: str, subject: str) -> Outcome:
    container = message.partition(" of ")[2].partition(":")[0]
    return fail(message, subject, container=container)


@check("pods-restarts", needs=("kubernetes.Pod",))
def pods_restarts(desired: Desired, live: Live) -> Iterator[Outcome]:
    """No container has ended within the last hour, none for want of memory, and none again and again.

    Compares: when and why each container ended last with the time at which this was looked up: an hour, or a
        day where it has restarted ten times already.
    Why: a broker that restarts every few minutes is ready most of the time it is looked at.
    Fix: kubectl -n {namespace} logs {name} -c {container} --previous --tail=50; for OOMKilled give the node pool
        more memory, or less heap, in environments/.
    Source: Kubernetes 1.34, Pod Lifecycle; Assign Memory Resources to Containers and Pods.
    """
    for body in pods_of(desired, live).values():
        for each in containers(body):
            ended = (each.get("lastState") or {}).get("terminated") or (
                each.get("state") or {}
            ).get("terminated")
            at_s = seconds((ended or {}).get("finishedAt"))
            # Init containers end, which is what they are for.
            if (
                not ended
                or at_s is None
                or (not each.get("restartCount") and ended.get("exitCode") == 0)
            ):
                continue
            often = each.get("restartCount", 0) >= _OFTEN
            if not 0 <= live.taken_at_s - at_s <= (24 * HOUR_S if often else HOUR_S):
                continue
            minutes = int((live.taken_at_s - at_s) / 60)
            times = count(each.get("restartCount", 0), "restart")
            message = (
                f"{each['name']} ended {count(minutes, 'minute')} ago"
                f" ({ended.get('reason', 'Error')}, exit code {ended.get('exitCode')}, {times})"
            )
            if ended.get("reason") == "OOMKilled":
                yield fail(message, label(body), resources=True, container=each["name"])
            else:
                yield warn(message, label(body), container=each["name"])


@check("pods-revision", nodes=True, needs=("kubernetes.Pod", "kubernetes.StrimziPodSet"))
def pods_revision(desired: Desired, live: Live) -> Iterator[Outcome]:
    """Every pod is of the revision that the operator wants it to be.

    Compares: the annotations strimzi.io/revision and strimzi.io/resource-revision of each pod with those in
        its StrimziPodSet, and looks for rolls that somebody asked for.
    Why: a rolling update that is under way, or stuck, leaves brokers with old settings; each roll costs
        redundancy.
    Fix: kubectl -n {namespace} get strimzipodset; kubectl -n {operator_namespace} logs
        deploy/strimzi-cluster-operator --tail=50: the operator says there why it does not roll on.
    Source: Strimzi 1.2.0, PodRevision, ReconcilerUtils.reasonsToRestartPod.
    """
    pods = pods_of(desired, live)
    old: list[Said] = []
    for body in kubernetes_of(live).objects.get("StrimziPodSet", {}).values():
        for wanted in (body.get("spec") or {}).get("pods") or ():
            pod = pods.get(wanted["metadata"]["name"])
            if pod is None:
                continue
            if revision(pod) != revision(wanted):
                old.append(("is of an older revision: it is still to be rolled", label(pod)))
    yield from together(fail, old)
    rolling = [body for body in pods.values() if annotations(body).get(_ROLL) == "true"]
    yield from together(warn, (("is to be rolled by hand", label(body)) for body in rolling))
