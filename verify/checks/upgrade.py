"""Upgrades of Strimzi and Kafka: what has to be so before the next step begins."""

import re
from collections.abc import Iterator

from generator.common.strimzi import known, nearest, numbers
from generator.contract.operator_version import version_of
from generator.contract.report import Outcome, Status, fail, ok, skip, warn
from verify.checks._objects import kubernetes_of
from verify.checks._words import count, listed
from verify.checks.registry import check
from verify.desired import Desired
from verify.live.live import Live

_KAFKA, _POOL = "strimzi.io/kafka-version", "strimzi.io/pool-name"


@check("kubernetes-supported", needs=("kubernetes",), severity=Status.WARN)
def kubernetes_supported(desired: Desired, live: Live) -> Iterator[Outcome]:
    """Kubernetes is new enough for the operator.

    Compares: the API server's version with the lowest one of the release that the environment is rendered for.
    Why: on an older one nobody has tried the operator, and it may ask for what is not there.
    Fix: upgrade Kubernetes before the operator: strimzi-gitops upgrade {environment} --to VERSION says when.
    Source: Strimzi, documentation/shared/attributes.adoc of each tag from 0.45.0 to 1.2.0 (KubernetesVersion).
    """
    match = re.match(r"v?([0-9]+)\.([0-9]+)", kubernetes_of(live).version)
    version = version_of(desired.kafka) if desired.kafka else ""
    if match is None or not known(version):
        yield skip("its version, or that of the operator, is not known")
        return
    least = nearest(version).kubernetes
    if (int(match[1]), int(match[2])) < numbers(least):
        yield warn(f"is {match[1]}.{match[2]}, and Strimzi {version} needs {least}")
    else:
        yield ok(f"{match[1]}.{match[2]}, at least {least}")


@check("kafka-on-every-node", nodes=True, needs=("kubernetes", "kubernetes.Pod"))
def kafka_on_every_node(desired: Desired, live: Live) -> Iterator[Outcome]:
    """Every node runs the Kafka that is rendered.

    Compares: the annotation strimzi.io/kafka-version of the cluster's pods with spec.kafka.version.
    Why: an upgrade that stopped in the middle leaves nodes of two versions, and the next step would find both.
    Fix: kubectl -n {namespace} get pods -l strimzi.io/cluster={cluster},strimzi.io/kind=Kafka; kubectl -n
        {operator_namespace} logs deploy/strimzi-cluster-operator --tail=50.
    Source: Strimzi 1.2.0, KafkaCluster (ANNO_STRIMZI_IO_KAFKA_VERSION on pods).
    """
    wanted = ((desired.kafka.get("spec") or {}).get("kafka") or {}).get("version")
    found: dict[str, list[str]] = {}
    for name, body in sorted(kubernetes_of(live).objects.get("Pod", {}).items()):
        metadata = body["metadata"]
        version = (metadata.get("annotations") or {}).get(_KAFKA)
        if version is not None and _POOL in (metadata.get("labels") or {}):
            found.setdefault(version, []).append(name)
    if wanted is None or not found:
        yield skip("nobody says a version of Kafka")
        return
    for version, names in sorted(found.items()):
        if version != wanted:
            yield fail(f"{listed(names)} run Kafka {version} instead of {wanted}")
    if set(found) == {wanted}:
        yield ok(f"{count(len(found[wanted]), 'node')} with Kafka {wanted}")


@check("stored-versions", needs=("kubernetes.definitions",), severity=Status.WARN)
def stored_versions(desired: Desired, live: Live) -> Iterator[Outcome]:  # noqa: ARG001
    """Kubernetes keeps Strimzi's resources in one version.

    Compares: status.storedVersions of Strimzi's CustomResourceDefinitions with the version that they store, and the
        resourceVersion of every object with that of its definition.
    Why: as long as v1beta2 is among them, Kubernetes refuses the definitions of Strimzi 1.0 and newer.
    Fix: write every object again, kind by kind: kubectl get KIND -A -o json | kubectl replace -f -; once no object is
        old: kubectl patch crd NAME --subresource=status --type=merge -p '{"status":{"storedVersions":["v1"]}}'.
    Source: Kubernetes 1.34, "Versions in CustomResourceDefinitions" (Upgrade existing objects to a new stored
        version); Strimzi 0.51.0, con-api-conversion-v1.adoc.
    """
    for each in kubernetes_of(live).definitions:
        others = [version for version in each.stored if version != each.storage]
        if not others:
            continue
        if each.old:
            said = f"{count(each.old, each.kind)} of {each.objects} may be kept as {listed(others)}: write them again"
        else:
            said = f"no {each.kind} is kept as {listed(others)} any more: storedVersions may become [{each.storage}]"
        yield warn(said, each.name)


@check("managed-fields-served", needs=("kubernetes",), severity=Status.WARN)
def managed_fields_served(desired: Desired, live: Live) -> Iterator[Outcome]:  # noqa: ARG001
    """No object remembers a version of Strimzi's API that is gone.

    Compares: apiVersion of the managedFields of Strimzi's objects with the versions that are served.
    Why: server-side apply, which Argo CD uses here, fails for such an object: "request to convert CR to an
        invalid group/version".
    Fix: for each kind: kubectl get KIND -A -o json --show-managed-fields | sed
        's|strimzi.io/v1beta2|strimzi.io/v1|g' | kubectl replace -f -
    Source: kubernetes/kubernetes#111937; seen on Kubernetes 1.34.4 with Strimzi 0.51.0 and 1.0.1.
    """
    for version, objects in sorted(kubernetes_of(live).unserved.items()):
        yield warn(f"{listed(objects)} were written as {version}, which is served no more")
