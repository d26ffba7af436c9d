"""What Secrets hold against what brokers know: passwords, certificates of users, and the two authorities."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest
from confluent_kafka.admin import (
    ScramCredentialInfo,
    ScramMechanism,
    UserScramCredentialUpsertion,
)
from live.answers import answer_of
from live.inside import as_pod
from live.kafka import Kafka
from live.kubernetes_server import KubernetesServer
from live.mending import mended, patch
from live.operators_objects import secret
from live.security import password_of
from live.statuses import as_operators, deploy
from live.verifier import Verdict, verified_with

from generator.common.exit_codes import ExitCode
from verify.collect.kubernetes.api import KubernetesTarget
from verify.report.document import as_json
from verify.report.text import text

pytestmark = pytest.mark.live

NAMESPACE = "kafka-staging"
OTHER = "another-password-of-todo-api"


@pytest.fixture(scope="module")
def steady(kubernetes: KubernetesServer, staging: Kafka) -> Kafka:
    """An environment to which nothing is wrong."""
    deploy(kubernetes, "staging")
    as_operators(kubernetes, "staging", staging)
    return staging


def asked(kubernetes: KubernetesServer, kafka: Kafka) -> Verdict:
    """What is said of certificates and credentials; nothing that logs anybody in is ever in it."""
    place = KubernetesTarget(NAMESPACE, str(kubernetes.kubeconfig))
    found = verified_with(place, kafka, "staging", only=["certificates", "listeners"])
    told = as_json(found.report) + text(found.report) + repr(found.live)
    for each in (OTHER, password_of("todo-api"), "PRIVATE KEY"):
        assert each not in told
    return found


@contextmanager
def changed(kubernetes: KubernetesServer, name: str, data: Mapping[str, str]) -> Iterator[None]:
    """A Secret with other values for some of its keys, for a while."""
    with mended(kubernetes, "Secret", name, NAMESPACE):
        values = secret(NAMESPACE, name, "KafkaUser", data)["data"]
        patch(kubernetes, "Secret", name, NAMESPACE, {"data": values})
        yield


def test_all_get_in(kubernetes: KubernetesServer, steady: Kafka) -> None:
    """And every certificate was signed by whom it should."""
    found = asked(kubernetes, steady)
    assert (found.wrong, found.report.exit_code) == ({}, ExitCode.FINE)
    assert found.said("credentials").endswith(" users got in")
    assert found.said("certificate-chain").endswith(" certificates")


def test_password_rotated_on_the_broker_only(kubernetes: KubernetesServer, steady: Kafka) -> None:
    """The application goes on until its next restart; the Secret has the old one."""
    rotate(steady, OTHER)
    try:
        found = asked(kubernetes, steady)
    finally:
        rotate(steady, password_of("todo-api"))
    assert found.wrong == {"credentials": "fail"}
    assert found.said("credentials").startswith("kafkauser/todo-api: does not get in at 127.0.0.1:")
    assert "with secret/todo-api: " in found.said("credentials")
    assert asked(kubernetes, steady).wrong == {}


def rotate(kafka: Kafka, password: str) -> None:
    info = ScramCredentialInfo(ScramMechanism.SCRAM_SHA_512, 4096)
    change = UserScramCredentialUpsertion("todo-api", info, password.encode())
    answer_of(kafka.admin.alter_user_scram_credentials([change])["todo-api"])
    kafka.settle()


def test_secret_with_another_password(kubernetes: KubernetesServer, steady: Kafka) -> None:
    """Whoever restarts now does not get in."""
    with changed(kubernetes, "todo-api", {"password": OTHER}):
        found = asked(kubernetes, steady)
    assert found.wrong == {"credentials": "fail"}
    assert found.said("credentials").startswith("kafkauser/todo-api: does not get in at ")


def test_certificate_of_a_foreign_authority(kubernetes: KubernetesServer, steady: Kafka) -> None:
    """Told by who signed it, and by the broker that does not want it."""
    assert steady.security is not None
    foreign = steady.security.wrong_ca.issue("billing")
    shown = {"user.crt": foreign.certificate.read_text(), "user.key": foreign.key.read_text()}
    with changed(kubernetes, "billing", shown):
        found = asked(kubernetes, steady)
    assert found.wrong == {"credentials": "fail", "certificate-chain": "fail"}
    assert found.said("credentials").startswith("kafkauser/billing: does not get in at ")
    assert found.said("certificate-chain").startswith(
        "secret/billing user.crt: was signed by CN=cluster-ca v0,O=io.strimzi, which is not in secret/events-clients-ca-cert"
    )


@pytest.mark.parametrize("name", ["events-clients-ca-cert", "events-cluster-ca-cert"])
def test_authority_that_signed_nothing(
    kubernetes: KubernetesServer, steady: Kafka, name: str
) -> None:
    """A Secret that somebody replaced: whoever trusts it next trusts nobody of this cluster."""
    assert steady.security is not None
    other = steady.security.wrong_ca.certificate.read_text()
    with changed(kubernetes, name, {"ca.crt": other}):
        found = asked(kubernetes, steady)
    assert found.wrong == {"certificate-chain": "fail"}
    assert found.said("certificate-chain").startswith(f"secret/{name}: has signed none of ")


def test_in_the_cluster_none_are_tried(
    kubernetes: KubernetesServer, steady: Kafka, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The rendered Role does not allow it; that they were not is told, and the chain is looked at all the same."""
    assert steady.security is not None
    mounted = as_pod(kubernetes, "staging", tmp_path, monkeypatch)
    found = verified_with(KubernetesTarget(NAMESPACE, in_cluster=True), None, "staging",
                          mounted=mounted, only=["certificates", "listeners"])  # fmt: skip
    assert found.wrong == {}
    assert "verify.credentials: true" in found.skipped["credentials"]
    assert found.said("certificate-chain").endswith(" certificates")
