"""Each way to break what Kubernetes says is named by the right checks, and by no others."""

from collections.abc import Iterator

import pytest
from live.certificates import ending
from live.kafka import Kafka
from live.kubernetes_breaks import BREAKS, ENVIRONMENT, NAMESPACE, POD, Break, failed
from live.kubernetes_server import KubernetesServer
from live.mending import mended, patch
from live.operators_objects import secret
from live.statuses import REVISION, as_operators, deploy
from live.verifier import Verdict, verified_with

from generator.common.exit_codes import ExitCode
from verify.collect.kubernetes.api import KubernetesTarget

pytestmark = pytest.mark.live


@pytest.fixture(scope="module")
def steady(kubernetes: KubernetesServer, staging: Kafka) -> Iterator[Kafka]:
    """An environment to which nothing is wrong."""
    deploy(kubernetes, ENVIRONMENT)
    as_operators(kubernetes, ENVIRONMENT, staging)
    yield staging
    assert asked(kubernetes, staging).wrong == {}


def asked(kubernetes: KubernetesServer, kafka: Kafka) -> Verdict:
    """What is said now."""
    place = KubernetesTarget(NAMESPACE, str(kubernetes.kubeconfig))
    return verified_with(place, kafka, ENVIRONMENT, revision=REVISION)


@pytest.mark.parametrize("each", BREAKS, ids=[each.what for each in BREAKS])
def test_break(kubernetes: KubernetesServer, steady: Kafka, each: Break) -> None:
    """Something is changed, by hand or by an operator that has something to say."""
    with mended(kubernetes, each.kind, each.name, each.namespace):
        if each.change is not None:
            patch(kubernetes, each.kind, each.name, each.namespace, each.change)
        if each.status is not None:
            told = each.status() if callable(each.status) else each.status
            kubernetes.write_status(each.kind, each.name, each.namespace, told)
        found = asked(kubernetes, steady)

    assert (found.wrong, found.report.exit_code) == (each.wrong, each.code)
    said = "\n".join(found.said(check) for check in each.wrong)
    assert each.says in said


@pytest.mark.parametrize(
    ("kind", "name", "wrong", "says"),
    [
        ("KafkaTopic", "chat-events", failed("resources-present"), "missing: chat-events"),
        ("NetworkPolicy", "strimzi-verify", failed("resources-present"), "1 NetworkPolicy"),
        ("KafkaUser", "billing", failed("resources-present"), "1 KafkaUser: missing: billing"),
        ("Secret", "billing", failed("user-secrets"), "kafkauser/billing: has no Secret"),
        ("Secret", "events-cluster-ca-cert", failed("authorities"), "is missing"),
        ("Pod", POD, failed("pods-present"), f"1 pod: missing: {POD}"),
        ("PersistentVolumeClaim", f"data-0-{POD}", failed("volumes-bound"),
         "the node pools need 3 claims, there are 2"),
        ("StrimziPodSet", "events-combined", failed("pods-present"), "has no StrimziPodSet"),
        ("PodDisruptionBudget", "events-kafka", {"disruption-budget": "warn"},
         "no PodDisruptionBudget selects pod/events-combined-1"),
    ],
)  # fmt: skip
def test_object_deleted(
    kubernetes: KubernetesServer,
    steady: Kafka,
    kind: str,
    name: str,
    wrong: dict[str, str],
    says: str,
) -> None:
    """What is gone is missed by the check that knows what it was for."""
    with mended(kubernetes, kind, name, NAMESPACE):
        force_delete(kubernetes, kind, name)
        found = asked(kubernetes, steady)

    assert found.wrong == wrong
    assert says in found.said(next(iter(wrong)))


def force_delete(kubernetes: KubernetesServer, kind: str, name: str) -> None:
    """Delete an object at once, also one that a kubelet or a controller would have to let go."""
    patch(kubernetes, kind, name, NAMESPACE, {"metadata": {"finalizers": None}})
    path = kubernetes.path(kind, name, NAMESPACE)
    kubernetes.admin.request("DELETE", path, {"gracePeriodSeconds": 0})


def test_held_by_a_finalizer(kubernetes: KubernetesServer, steady: Kafka) -> None:
    """A topic that somebody deleted and the Topic Operator has not let go yet."""
    with mended(kubernetes, "KafkaTopic", "chat-events", NAMESPACE):
        held = {"metadata": {"finalizers": ["strimzi.io/topic-operator"]}}
        patch(kubernetes, "KafkaTopic", "chat-events", NAMESPACE, held)
        kubernetes.delete("KafkaTopic", "chat-events", NAMESPACE)
        found = asked(kubernetes, steady)

    assert found.wrong == failed("being-deleted")
    said = "kafkatopic/chat-events: is being deleted, held by strimzi.io/topic-operator"
    assert found.said("being-deleted") == said


def test_certificate_ends_soon(kubernetes: KubernetesServer, steady: Kafka) -> None:
    """Of a user, three days before its end."""
    assert steady.security is not None
    late = steady.security.clients_ca.issue("billing", lifetime=ending(3))
    shown = {"user.crt": late.certificate.read_text(), "user.key": late.key.read_text()}
    with mended(kubernetes, "Secret", "billing", NAMESPACE):
        data = secret(NAMESPACE, "billing", "KafkaUser", shown)["data"]
        patch(kubernetes, "Secret", "billing", NAMESPACE, {"data": data})
        found = asked(kubernetes, steady)

    assert (found.wrong, found.report.exit_code) == (
        failed("certificate-expiry"), ExitCode.UNHEALTHY,
    )  # fmt: skip
    assert "secret/billing user.crt: ends in 2 days" in found.said("certificate-expiry")


def test_left_behind(kubernetes: KubernetesServer, steady: Kafka) -> None:
    """A topic that Git no longer has."""
    old = {
        "apiVersion": "kafka.strimzi.io/v1",
        "kind": "KafkaTopic",
        "metadata": {
            "name": "old",
            "namespace": NAMESPACE,
            "labels": {"strimzi.io/cluster": "events"},
        },
        "spec": {"partitions": 1, "replicas": 1},
    }
    kubernetes.apply([old])
    try:
        found = asked(kubernetes, steady)
    finally:
        kubernetes.delete("KafkaTopic", "old", NAMESPACE)

    assert found.wrong == {"resources-unrendered": "warn"}
    assert found.said("resources-unrendered") == "1 KafkaTopic: not rendered: old"


def test_another_cluster_answers(kubernetes: KubernetesServer, steady: Kafka) -> None:
    """Nothing is said of a Kafka that is not the one that Strimzi runs, and little is asked of it."""
    with mended(kubernetes, "Kafka", "events", NAMESPACE):
        other = {"clusterId": "AAAAAAAAAAAAAAAAAAAAAA"}
        kubernetes.write_status("Kafka", "events", NAMESPACE, other)
        found = asked(kubernetes, steady)

    assert (found.wrong, found.report.exit_code) == (failed("cluster-id"), ExitCode.UNHEALTHY)
    assert found.skipped.keys() == {r.check for r in found.report.results} - {
        "cluster-id", "kubernetes-identity",
    }  # fmt: skip
    assert set(found.skipped.values()) == {"this is not the cluster that is meant"}
    assert found.live.kafka is not None
    assert (found.live.kafka.topics, found.live.kafka.brokers) == ({}, {})
    assert (found.live.listeners, found.live.probe) == ((), None)
