"""Resources: every rendered object is there and is what Git says."""

from collections.abc import Iterator

from generator.contract.report import Outcome, Status, fail, ok, skip, warn
from generator.contract.rights import CLUSTER_SCOPED
from generator.documents.manifest import Body
from verify.checks._compare import differences
from verify.checks._objects import (
    STRIMZI,
    annotations,
    holes,
    is_hook,
    is_paused,
    kubernetes_of,
    label,
    labels,
    of_strimzi,
    part_of,
    status,
    strimzi_holes,
    together,
)
from verify.checks._words import count, listed
from verify.checks.registry import check
from verify.desired import Desired
from verify.live.live import Kubernetes, Live

_UNREAD = CLUSTER_SCOPED | {"Secret"}
_NOT_RENDERED = "no rendered/ is here to compare with"
_MANAGED_BY = ("app.kubernetes.io/managed-by", "strimzi-gitops")
_CLUSTER = "strimzi.io/cluster"
_OF_OPERATOR = ("PersistentVolumeClaim", "StrimziPodSet")
"""What nobody renders, and nobody should lose."""


def _rendered(desired: Desired, kubernetes: Kubernetes) -> Iterator[Body]:
    """Rendered objects of this namespace whose kinds are listed."""
    here = kubernetes.namespace
    for body in desired.objects:
        if body["kind"] not in _UNREAD and body["metadata"].get("namespace", here) == here:
            yield body


def _pairs(desired: Desired, live: Live) -> Iterator[tuple[Body, Body]]:
    """Rendered objects and what became of them."""
    kubernetes = kubernetes_of(live)
    for body in _rendered(desired, kubernetes):
        objects = kubernetes.objects.get(part_of(kubernetes, body), {})
        found = objects.get(body["metadata"]["name"])
        if found is not None:
            yield body, found


def _holes(desired: Desired, live: Live) -> Iterator[Outcome]:
    kubernetes = kubernetes_of(live)
    parts = {part_of(kubernetes, body) for body in _rendered(desired, kubernetes)}
    # In the cluster, what could not be listed is not among the objects either.
    return holes(live, parts | {kind for _, kind in desired.settings.kinds})


@check("crds-served", needs=("kubernetes", "kubernetes.served"))
def crds_served(desired: Desired, live: Live) -> Iterator[Outcome]:
    """The API server serves every kind that is rendered, in the version that is rendered.

    Compares: apiVersion and kind of all rendered objects with the API server's discovery.
    Why: without Strimzi's CRDs, or with those of another version, Argo CD cannot apply anything.
    Fix: kubectl get crds -l strimzi.io/crd-install=true; install the operator's chart in the rendered
        version, whose CRDs Helm does not upgrade by itself: kubectl apply --server-side -f its crds/.
    Source: Strimzi 1.2.0, install/cluster-operator/04*-Crd-*.yaml.
    """
    served = kubernetes_of(live).served
    missing: dict[str, set[str]] = {}
    unknown: set[str] = set()
    for body in desired.objects:
        version, kind = body["apiVersion"], body["kind"]
        if version not in served:
            unknown.add(f"served.{version}")
        elif kind not in served[version]:
            missing.setdefault(version, set()).add(kind)
    for version, kinds in missing.items():
        yield fail(f"the API server does not serve {listed(sorted(kinds))}", version)
    yield from holes(live, unknown)


@check("resources-present", needs=("kubernetes",), drift=True)
def resources_present(desired: Desired, live: Live) -> Iterator[Outcome]:
    """Every rendered object is in the cluster.

    Compares: rendered objects with those in the namespace, by kind and name; hooks that Argo CD removes
        again and Jobs that end by themselves may be gone.
    Why: what was not applied does not work, whatever its neighbours say.
    Fix: argocd app diff kafka-{environment}, then argocd app sync kafka-{environment}; or, without
        Argo CD, kubectl diff -R -f rendered/{environment}.
    Source: Argo CD 3.5, docs/user-guide/sync-options.md.
    """
    if not desired.rendered:
        yield skip(_NOT_RENDERED)
        return
    kubernetes = kubernetes_of(live)
    yield from _holes(desired, live)
    missing: dict[str, list[str]] = {}
    seen = 0
    for body in _rendered(desired, kubernetes):
        part, name = part_of(kubernetes, body), body["metadata"]["name"]
        if live.gap(f"kubernetes.{part}") or is_hook(body):
            continue
        seen += 1
        if name not in kubernetes.objects.get(part, {}):
            missing.setdefault(body["kind"], []).append(name)
    for kind, names in missing.items():
        yield fail(f"missing: {listed(names)}", count(names, kind))
    if not missing:
        yield ok(f"all of {count(seen, 'object')}")


@check("resources-match", needs=("kubernetes",), drift=True)
def resources_match(desired: Desired, live: Live) -> Iterator[Outcome]:
    """Every rendered field has its rendered value in the cluster.

    Compares: all rendered fields with the live ones; what is not rendered may be anything, and 1000m is
        the same as 1. Objects that are missing are told by resources-present.
    Why: somebody edited the object by hand, or Argo CD has not applied the newest commit.
    Fix: argocd app diff kafka-{environment}, then argocd app sync kafka-{environment}; what was done by
        hand and shall stay belongs into environments/.
    Source: Argo CD 3.5, docs/user-guide/diffing.md.
    """
    if not desired.rendered:
        yield skip(_NOT_RENDERED)
        return
    yield from _holes(desired, live)
    yield from together(
        fail,
        (
            (difference, label(wanted))
            for wanted, found in _pairs(desired, live)
            if not is_hook(wanted)
            for difference in differences(wanted, found)
        ),
    )


@check("resources-unrendered", needs=("kubernetes",), severity=Status.WARN, drift=True)
def resources_unrendered(desired: Desired, live: Live) -> Iterator[Outcome]:
    """Nothing is left of what Git no longer has.

    Compares: live objects that carry this tool's label, and Strimzi's of this cluster, with the rendered
        ones.
    Why: Argo CD prunes only when it is told to; what stays behind keeps its topic, its access and its
        costs.
    Fix: kubectl -n {namespace} get kafkatopics,kafkausers -l strimzi.io/cluster={cluster}; render what
        shall stay; let Argo CD prune the rest: argocd app sync kafka-{environment} --prune.
    Source: Argo CD 3.5, docs/user-guide/auto_sync.md.
    """
    if not desired.rendered:
        yield skip(_NOT_RENDERED)
        return
    yield from _holes(desired, live)
    kubernetes = kubernetes_of(live)
    kinds = {body["kind"] for body in desired.objects} | set(STRIMZI)
    key, value = _MANAGED_BY
    for kind in sorted(kinds - _UNREAD):
        rendered = desired.of_kind(kind)
        left = [
            name
            for name, body in sorted(kubernetes.objects.get(kind, {}).items())
            if name not in rendered
            and not body["metadata"].get("ownerReferences")
            and (labels(body).get(key) == value or _of_cluster(desired, body))
        ]
        if left:
            yield warn(f"not rendered: {listed(left)}", count(left, kind))


def _of_cluster(desired: Desired, body: Body) -> bool:
    return body["kind"] in STRIMZI and labels(body).get(_CLUSTER) == desired.cluster


@check("being-deleted", needs=("kubernetes",))
def being_deleted(desired: Desired, live: Live) -> Iterator[Outcome]:
    """Nothing that Git has is about to disappear.

    Compares: metadata.deletionTimestamp of rendered objects, of volume claims and of pod sets.
    Why: somebody deleted it, and only a finalizer holds it; when that goes, data may go with it.
    Fix: kubectl -n {namespace} get kafka,kafkanodepool,kafkatopic,kafkauser,pvc -o yaml; a deletion
        cannot be taken back: make the operator that owns the finalizer finish, then sync again.
    Source: Kubernetes 1.34, Finalizers; Strimzi 1.2.0, Deleting Kafka topics.
    """
    kubernetes = kubernetes_of(live)
    yield from _holes(desired, live)
    yield from holes(live, _OF_OPERATOR)
    found = [live_body for _, live_body in _pairs(desired, live)]
    for kind in _OF_OPERATOR:
        found.extend(kubernetes.objects.get(kind, {}).values())
    yield from together(
        fail,
        (
            (_deletion(body), label(body))
            for body in found
            if body["metadata"].get("deletionTimestamp") and not is_hook(body)
        ),
    )


def _deletion(body: Body) -> str:
    held = body["metadata"].get("finalizers") or ()
    return "is being deleted" + (f", held by {', '.join(held)}" if held else "")


@check("kafka-version-running", nodes=True, needs=("kubernetes", "kubernetes.Kafka"), drift=True)
def kafka_version_running(desired: Desired, live: Live) -> Iterator[Outcome]:
    """The Kafka that runs has the rendered version and metadata version.

    Compares: spec.kafka.version and metadataVersion as rendered with status.kafkaVersion and
        status.kafkaMetadataVersion.
    Why: an upgrade takes several steps, and one that stopped in between looks ready.
    Fix: kubectl -n {namespace} get kafka {cluster} -o yaml; its conditions and the operator's log
        (kubectl -n {operator_namespace} logs deploy/strimzi-cluster-operator --tail=50) say what holds the upgrade.
    Source: Strimzi 1.2.0, KafkaStatus; KRaftVersionChangeCreator.
    """
    body = kubernetes_of(live).objects.get("Kafka", {}).get(desired.cluster)
    if body is None:
        yield fail(f"there is no Kafka {desired.cluster}")
        return
    if is_paused(body):
        yield skip("while its reconciliation is paused Strimzi does not say what runs", label(body))
        return
    wanted = (desired.kafka.get("spec") or {}).get("kafka") or {}
    running = status(body)
    for key, told in (("version", "kafkaVersion"), ("metadataVersion", "kafkaMetadataVersion")):
        version, is_ = wanted.get(key), str(running.get(told) or "")
        # 4.3 is short for the newest metadata version of that release, such as 4.3-IV0.
        if version and is_ != version and not is_.startswith(f"{version}-"):
            yield fail(f"{told} is {is_ or 'not known'} instead of {version}", label(body))
            return
    yield ok(f"Kafka {running.get('kafkaVersion')}, metadata {running.get('kafkaMetadataVersion')}")


@check("generation-observed", nodes=True, needs=("kubernetes",))
def generation_observed(desired: Desired, live: Live) -> Iterator[Outcome]:
    """The operators have acted on the newest generation of every Strimzi resource.

    Compares: status.observedGeneration with metadata.generation; paused resources are told by
        reconciliation-paused, deleted ones by being-deleted.
    Why: Ready=True of an older generation says nothing about the change that was just applied.
    Fix: kubectl -n {namespace} get deployment {cluster}-entity-operator, and kubectl get deployment -A
        -l app=strimzi: the operator must be running, watch {namespace}, and the resource needs the
        label strimzi.io/cluster={cluster}.
    Source: Strimzi 1.2.0, CustomResourceConditions.isReady.
    """
    yield from strimzi_holes(live, (*STRIMZI, "StrimziPodSet"))
    pod_sets = kubernetes_of(live).objects.get("StrimziPodSet", {}).values()
    yield from together(fail, _unseen([*of_strimzi(desired, live), *pod_sets]))


def _unseen(bodies: list[Body]) -> Iterator[tuple[str, str]]:
    for body in bodies:
        if annotations(body).get("strimzi.io/pause-reconciliation") == "true":
            continue
        if annotations(body).get("strimzi.io/rebalance-template") == "true":
            continue
        if body["metadata"].get("deletionTimestamp"):
            continue
        newest, seen = body["metadata"].get("generation"), status(body).get("observedGeneration")
        if seen is None:
            yield "has no status: no operator watches it, or none runs", label(body)
        elif newest is not None and seen != newest:
            yield "the operator has not acted on its last change yet", label(body)
