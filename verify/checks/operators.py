"""Operators: those who turn resources into a running Kafka are there and at work."""

from collections.abc import Iterator
from typing import Any

from generator.common.strimzi.facts import READS_NEW_KUBERNETES
from generator.contract.report import Outcome, Status, fail, ok, skip, warn
from generator.documents.manifest import Body
from verify.checks._objects import holes, kubernetes_of, label, labels, status
from verify.checks._words import count, listed
from verify.checks.registry import check
from verify.checks.registry.release import tag_of, variables, watching
from verify.desired import Desired
from verify.live.live import Live


def _spec(desired: Desired) -> Any:
    return desired.kafka.get("spec") or {}


def _short_of(body: Body, why: str = "") -> Iterator[Outcome]:
    """What a Deployment lacks of being complete; `why` none of it may be there."""
    wanted = (body.get("spec") or {}).get("replicas", 1)
    told = status(body)
    available = told.get("availableReplicas") or 0
    name = label(body)
    if wanted == 0:
        yield fail("is scaled to 0", name)
    elif available == 0:
        yield fail(f"none of {count(wanted, 'pod')} is available{why}", name)
    elif available < wanted:
        yield warn(f"{available} of {count(wanted, 'pod')} available", name)
    elif (told.get("updatedReplicas") or 0) < wanted:
        yield warn("is being updated", name)


@check("cluster-operator-ready", needs=("kubernetes.operators",))
def cluster_operator_ready(desired: Desired, live: Live) -> Iterator[Outcome]:
    """One Strimzi cluster operator watches the namespace, and is available.

    Compares: Deployments of Strimzi's cluster operator in all namespaces, by STRIMZI_NAMESPACE, with the
        namespace of this environment.
    Why: without it nothing is created, rolled, upgraded or given new certificates, and all conditions
        keep saying what was true once; two of them undo each other's work.
    Fix: kubectl get deployment -A -l app=strimzi; kubectl -n {operator_namespace} logs
        deploy/strimzi-cluster-operator --tail=50; add {namespace} to the watched namespaces of the operator's Application.
    Source: Strimzi 1.2.0, install/cluster-operator/060-Deployment-strimzi-cluster-operator.yaml.
    """
    operators = kubernetes_of(live).operators
    if not operators:
        yield fail("there is no Deployment of Strimzi's cluster operator in any namespace")
        return
    here = watching(desired, live)
    if not here:
        names = listed(_place(body) for body in operators)
        yield fail(f"no operator watches namespace {desired.namespace}; there is {names}")
        return
    if len(here) > 1:
        names = listed(_place(body) for body in here)
        yield fail(f"{len(here)} operators watch namespace {desired.namespace}: {names}")
    for body in here:
        why = _blind(body, kubernetes_of(live).version)
        yield from list(_short_of(body, why)) or [ok("is available", _place(body))]


def _blind(body: Body, server: str) -> str:
    """What may keep an operator from starting that cannot read what newer servers say of themselves."""
    tag, told = tag_of(body), "STRIMZI_KUBERNETES_VERSION"
    if not tag or READS_NEW_KUBERNETES.holds(tag) or told in variables(body) or not server:
        return ""
    return f" (Strimzi {tag} ends as it starts where it cannot read the server's version, {server}, unless {told} says it)"


def _place(body: Body) -> str:
    return f"{body['metadata'].get('namespace', '')}/{body['metadata']['name']}"


@check("operator-version", needs=("kubernetes.operators", "kubernetes.Kafka"), severity=Status.WARN)
def operator_version(desired: Desired, live: Live) -> Iterator[Outcome]:
    """The operator that runs has been through with this Kafka once since its last upgrade.

    Compares: the tag of the operator's image with status.operatorLastSuccessfulVersion.
    Why: after an upgrade of the operator every broker is rolled; until that is done two versions of it
        are in charge.
    Fix: kubectl -n {namespace} get kafka {cluster} -o yaml; kubectl -n {operator_namespace} logs
        deploy/strimzi-cluster-operator --tail=50.
    Source: Strimzi 1.2.0, KafkaStatus.operatorLastSuccessfulVersion.
    """
    kubernetes = kubernetes_of(live)
    kafka = kubernetes.objects.get("Kafka", {}).get(desired.cluster, {})
    last = status(kafka).get("operatorLastSuccessfulVersion")
    if last is None:
        yield skip("the operator has not said yet which version it has")
        return
    for body in watching(desired, live):
        tag = tag_of(body)
        if tag and tag != last:
            message = f"runs {tag}, but was last through with this Kafka as {last}"
            yield warn(message, _place(body))


@check("operator-release", needs=("kubernetes.operators",), severity=Status.WARN)
def operator_release(desired: Desired, live: Live) -> Iterator[Outcome]:
    """The operator is of the release that Git was rendered for.

    Compares: the tag of the operator's image with the annotation strimzi-gitops/strimzi-version of the Kafka, which
        stands for 1.2.0 where it is missing.
    Why: another release may not know what is rendered, or do something else with it; rules and plan have judged what
        the one in Git does.
    Fix: write the release that runs as strimzi.version in environments/{environment} and render, or bring the operator
        to the one in Git: strimzi-gitops upgrade tells the steps.
    Source: Strimzi, install/cluster-operator/060-Deployment-strimzi-cluster-operator.yaml at each tag (0.45.0 to 1.2.0).
    """
    if labels(desired.kafka).get("app.kubernetes.io/managed-by") != "strimzi-gitops":
        yield skip("the Kafka was not rendered here, and nobody says for which release it is")
        return
    for body in watching(desired, live):
        tag = tag_of(body)
        if tag and tag != desired.strimzi:
            yield warn(f"runs {tag}, and Git was rendered for {desired.strimzi}", _place(body))


@check("entity-operator-ready", needs=("kubernetes", "kubernetes.Deployment"))
def entity_operator_ready(desired: Desired, live: Live) -> Iterator[Outcome]:
    """The Topic and the User Operator of this cluster run.

    Compares: the Deployment of the entity operator with what spec.entityOperator asks for.
    Why: without it topics and users stay as they are, whatever Git says.
    Fix: kubectl -n {namespace} describe deployment {cluster}-entity-operator; kubectl -n {namespace} logs
        deployment/{cluster}-entity-operator --all-containers --tail=50.
    Source: Strimzi 1.2.0, EntityOperator.
    """
    if not _spec(desired).get("entityOperator"):
        yield skip("spec.entityOperator asks for none")
        return
    yield from _deployment(desired, live, "entity-operator")


_HELPERS = {"cruiseControl": "cruise-control", "kafkaExporter": "kafka-exporter"}


@check("deployments-available", needs=("kubernetes",))
def deployments_available(desired: Desired, live: Live) -> Iterator[Outcome]:
    """Everything beside the brokers that Git asks for runs: Cruise Control, the exporter, Deployments.

    Compares: spec.cruiseControl, spec.kafkaExporter and rendered Deployments with what is available.
    Why: without Cruise Control nothing is rebalanced, without the exporter nobody sees lag.
    Fix: kubectl -n {namespace} get deployments; kubectl -n {namespace} describe deployment {name}.
    Source: Strimzi 1.2.0, CruiseControl, KafkaExporter.
    """
    hole = list(holes(live, ["Deployment"]))
    yield from hole
    if hole:
        return
    for key, name in _HELPERS.items():
        if key in _spec(desired):
            yield from _deployment(desired, live, name)
    for name in desired.of_kind("Deployment"):
        body = kubernetes_of(live).objects.get("Deployment", {}).get(name)
        yield from _short_of(body) if body else ()


def _deployment(desired: Desired, live: Live, suffix: str) -> Iterator[Outcome]:
    name = f"{desired.cluster}-{suffix}"
    body = kubernetes_of(live).objects.get("Deployment", {}).get(name)
    if body is None:
        yield fail("is missing", f"deployment/{name}")
    else:
        yield from _short_of(body)
