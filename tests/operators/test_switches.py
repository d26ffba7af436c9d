"""Annotations, labels and parts of the cluster that come and go: what plan says, and what the operators do."""

from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from operators.admin import asked_as, credentials
from operators.intent import Deployment, said
from operators.site import Strimzi, conditions, is_ready
from operators.table import told

pytestmark = [pytest.mark.live, pytest.mark.operators, pytest.mark.lot]

NAMESPACE = "kafka-switches"
INTENT = """\
environment: switches
namespace: kafka-switches
size: dev
cluster:
  name: events
  listeners:
    tls: {port: 9093, authentication: tls}
    scram: {port: 9094, tls: true, authentication: scram-sha-512}
topics:
  orders: {partitions: 1, retention: 7d}
applications:
  billing:
    authentication: tls
    consumes: {orders: {group: billing}}
  audit:
    authentication: scram-sha-512
    consumes: [orders]
"""
SHORTER = INTENT.replace("retention: 7d", "retention: 1d")
PAUSED = 'annotations: {strimzi.io/pause-reconciliation: "true"}'


@pytest.fixture(scope="module")
def switches(strimzi: Strimzi, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    """An environment that is ready; each test leaves it as it was."""
    yield Deployment(strimzi, tmp_path_factory.mktemp("switches"), "switches", INTENT)
    strimzi.remove(NAMESPACE)


def _overridden(kind: str, name: str, patch: str, text: str = INTENT) -> str:
    return f"{text}overrides: {{{kind}: {{{name}: {patch}}}}}\n"


def _retention(deployment: Deployment) -> Any:
    return deployment.view()["topics"]["orders"]["config"]["retention.ms"]


def _until_says(deployment: Deployment, kind: str, name: str, what: str) -> None:
    deployment.strimzi.until(
        lambda: what in {each["type"] for each in conditions(deployment.live(kind, name))},
        f"{what} of {kind} {name}",
    )


def test_paused_topic(switches: Deployment) -> None:
    """Nothing that is said of it is done, and all of it when the annotation goes."""
    effects = switches.commit(_overridden("KafkaTopic", "orders", f"{{metadata: {{{PAUSED}}}}}"))
    assert "ignored: the operator does nothing that is said here until the annotation goes" in said(
        effects
    )
    _until_says(switches, "KafkaTopic", "orders", "ReconciliationPaused")

    switches.commit(_overridden("KafkaTopic", "orders", f"{{metadata: {{{PAUSED}}}}}", SHORTER))
    assert _retention(switches) == "604800000"

    effects = switches.commit(SHORTER)
    assert (
        "irreversible: the operator catches up with everything said meanwhile, shorter retention among it"
        in said(effects)
    )
    switches.strimzi.until(lambda: _retention(switches) == "86400000", "shorter retention")
    switches.commit(INTENT)


def test_unmanaged_topic(switches: Deployment) -> None:
    """The operator lets go of it; managed again, what is said of it counts."""
    unmanaged = '{metadata: {annotations: {strimzi.io/managed: "false"}}}'
    effects = switches.commit(_overridden("KafkaTopic", "orders", unmanaged, SHORTER))
    assert "the Topic Operator lets go of it: the topic and its data stay" in said(effects)
    _until_says(switches, "KafkaTopic", "orders", "Unmanaged")
    assert _retention(switches) == "604800000"

    effects = switches.commit(SHORTER)
    assert "irreversible: the Topic Operator manages it again" in said(effects)
    switches.strimzi.until(lambda: _retention(switches) == "86400000", "shorter retention")
    switches.commit(INTENT)


def test_paused_pool(switches: Deployment) -> None:
    """Nobody looks for it there: what is said of the pool is done."""
    paused = _overridden("KafkaNodePool", "combined", f"{{metadata: {{{PAUSED}}}}}")
    effects = switches.commit(paused)
    assert "Strimzi looks for it on the Kafka only: what is said of the pool is done" in said(
        effects
    )
    grown = "{storage: {volumes: [{id: 0, type: persistent-claim, size: 99Gi}]}}"
    spec = f"{{metadata: {{{PAUSED}}}, spec: {grown}}}"
    switches.commit(_overridden("KafkaNodePool", "combined", spec))
    (claim,) = switches.strimzi.all("PersistentVolumeClaim", NAMESPACE)
    assert claim["spec"]["resources"]["requests"]["storage"] == "99Gi"


def test_paused_cluster(switches: Deployment) -> None:
    """Nothing that is said of it is done, while topics and users go on; all of it comes when the annotation goes."""
    before = switches.view()["brokers"]
    bigger = _overridden(
        "Kafka", "events",
        f"{{metadata: {{{PAUSED}}}, spec: {{kafka: {{config: {{message.max.bytes: 2000000}}}}}}}}",
    )  # fmt: skip
    effects = switches.commit(_overridden("Kafka", "events", f"{{metadata: {{{PAUSED}}}}}"))
    assert "until the annotation goes, and no certificate is renewed" in said(effects)
    _until_says(switches, "Kafka", "events", "ReconciliationPaused")
    switches.commit(bigger.replace("retention: 7d", "retention: 2d"))
    assert switches.view()["brokers"] == before
    assert _retention(switches) == "172800000"

    effects = switches.commit(bigger.replace(PAUSED, "annotations: {}"))
    assert "catches up with everything said meanwhile, restarts among it" in said(effects)
    switches.strimzi.until(
        lambda: "message.max.bytes" in str(switches.view()["brokers"]), "the setting"
    )
    switches.commit(INTENT)


def test_user_of_another_cluster(switches: Deployment) -> None:
    """It is locked out where it was: the operator takes its rules and its Secret away."""
    before = next(each for each in switches.of("KafkaUser") if each["metadata"]["name"] == "audit")
    after = deepcopy(before)
    after["metadata"]["labels"]["strimzi.io/cluster"] = "elsewhere"
    effects = told({"KafkaUser/audit": before}, {"KafkaUser/audit": after})
    assert "events locks the user out: its ACLs, password and quotas go there" in said(effects)
    switches.strimzi.kubernetes.apply([after])
    switches.strimzi.until(lambda: "audit" not in switches.view()["scram"], "end of the password")
    assert not [each for each in switches.view()["acls"] if each.startswith("User:audit ")]
    secret = {"kind": "Secret", "metadata": {"name": "audit", "namespace": NAMESPACE}}
    switches.strimzi.until_gone(secret)

    switches.strimzi.kubernetes.apply([before])
    switches.strimzi.until_ready("KafkaUser", "audit", NAMESPACE)
    switches.strimzi.until(lambda: "audit" in switches.view()["scram"], "the password")


def test_secrets_are_called_otherwise(switches: Deployment) -> None:
    """Clients find their credentials under another name, and passwords are new ones."""
    before = switches.live("Secret", "audit")["data"]["password"]
    prefix = "{spec: {entityOperator: {userOperator: {secretPrefix: kafka-}}}}"
    effects = switches.commit(_overridden("Kafka", "events", prefix))
    assert "the Secrets of all users get other names, and passwords are new" in said(effects)
    key = {"kind": "Secret", "metadata": {"name": "kafka-audit", "namespace": NAMESPACE}}
    switches.strimzi.until(lambda: bool(switches.strimzi.read(key)), "the new Secret")
    assert switches.strimzi.read(key)["data"]["password"] != before
    switches.commit(INTENT)
    switches.strimzi.until(
        lambda: bool(switches.live("Secret", "audit")), "the Secret under its old name"
    )


def test_topic_without_its_operator(switches: Deployment) -> None:
    """Nobody lets a KafkaTopic go when the Topic Operator is gone."""
    more = INTENT.replace("  orders:", "  bills: {partitions: 1}\n  orders:")
    switches.commit(more)
    without = "{spec: {entityOperator: {topicOperator: null}}}"
    effects = switches.commit(_overridden("Kafka", "events", without, more))
    assert "a KafkaTopic that is deleted hangs at its finalizer" in said(effects)
    switches.strimzi.kubernetes.delete("KafkaTopic", "bills", NAMESPACE)
    assert "deletionTimestamp" in switches.live("KafkaTopic", "bills")["metadata"]
    assert "bills" in switches.view()["topics"]

    switches.commit(INTENT)
    assert "bills" not in switches.view()["topics"]


def test_certificate_of_a_user_that_is_gone(switches: Deployment, tmp_path: Path) -> None:
    """Kafka still knows who it is: nothing revokes a certificate."""
    files = credentials(switches.strimzi, NAMESPACE, tmp_path, "billing", "user")
    effects = switches.commit(INTENT.replace("  billing:", "  other:"))
    assert "its certificate is valid on" in said(effects)
    gone = {"kind": "Secret", "metadata": {"name": "billing", "namespace": NAMESPACE}}
    switches.strimzi.until_gone(gone)

    address = f"events-kafka-bootstrap.{NAMESPACE}.svc:9093"
    assert asked_as(files, switches.strimzi, NAMESPACE, address, "knock.py") == "1\n"
    switches.commit(INTENT)


def test_user_whose_certificate_comes_from_elsewhere(switches: Deployment) -> None:
    """The operator makes no Secret for it."""
    effects = switches.commit(
        INTENT.replace("authentication: tls\n    consumes: {orders: {group: billing}}",
                       "authentication: tls-external\n    consumes: {orders: {group: billing}}")
    )  # fmt: skip
    assert "authentication tls to tls-external" in said(effects)
    gone = {"kind": "Secret", "metadata": {"name": "billing", "namespace": NAMESPACE}}
    switches.strimzi.until_gone(gone)
    assert is_ready(switches.live("KafkaUser", "billing"))
    switches.commit(INTENT)


def test_operators_look_elsewhere(switches: Deployment) -> None:
    """The Cluster Operator does not let them, and takes them away."""
    elsewhere = "{spec: {entityOperator: {topicOperator: {watchedNamespace: elsewhere}}}}"
    effects = switches.commit(_overridden("Kafka", "events", elsewhere))
    assert (
        "refused: unless the Cluster Operator has STRIMZI_ENTITY_OPERATOR_WATCHED_NAMESPACE_ENABLED"
        in said(effects)
    )
    _until_says(switches, "Kafka", "events", "NotReady")
    gone = {"kind": "Deployment", "metadata": {"name": "events-entity-operator",
                                               "namespace": NAMESPACE}}  # fmt: skip
    switches.strimzi.until_gone(gone)
    switches.commit(INTENT)


@pytest.mark.parametrize(
    ("config", "words"),
    [
        ("listener.name.tls-9093.max.connections: 100", "listener.name.tls-9093.max.connections: "),
        ("num.io.threads: 20", "num.io.threads 4 to 20: Kafka at most doubles or halves it as it runs"),
        ("num.io.threads: 6", ""),
    ],
    ids=["of a listener", "more than twice the threads", "half as many more"],
)  # fmt: skip
def test_settings_that_restart(switches: Deployment, config: str, words: str) -> None:
    """What no broker takes while it runs costs a restart, as plan says, and the rest does not."""
    before = switches.nodes()
    effects = switches.commit(
        _overridden("Kafka", "events", f"{{spec: {{kafka: {{config: {{{config}}}}}}}}}")
    )
    assert words in said(effects)
    assert ("restarts in turn" in said(effects)) == bool(words)
    assert (switches.nodes() != before) == bool(words)
    switches.commit(INTENT)


def test_password_of_ones_own(switches: Deployment) -> None:
    """Who brings another one has it at once."""
    password = {"apiVersion": "v1", "kind": "Secret", "stringData": {"password": "a-word-of-ours"},
                "metadata": {"name": "ours", "namespace": NAMESPACE}}  # fmt: skip
    switches.strimzi.kubernetes.apply([password])
    before = switches.live("Secret", "audit")["data"]["password"]
    source = "{valueFrom: {secretKeyRef: {name: ours, key: password}}}"
    effects = switches.commit(
        _overridden("KafkaUser", "audit", f"{{spec: {{authentication: {{password: {source}}}}}}}")
    )
    assert "client-visible: the password changes at once: clients need the new one" in said(effects)
    switches.strimzi.until(
        lambda: switches.live("Secret", "audit")["data"]["password"] != before, "the new password"
    )
    effects = switches.commit(INTENT)
    assert "the password stays what it is" in said(effects)
    switches.strimzi.until_ready("KafkaUser", "audit", NAMESPACE)


def test_cluster_without_authorization(switches: Deployment) -> None:
    """Every node restarts, and KafkaUsers with rules are not ready any more."""
    before = switches.nodes()
    effects = switches.commit(
        _overridden("Kafka", "events", "{spec: {kafka: {authorization: null}}}")
    )
    assert "KafkaUsers with ACLs go NotReady: " in said(effects)
    assert ("restarts in turn" in said(effects)) == (switches.nodes() != before)
    _until_says(switches, "KafkaUser", "billing", "NotReady")
    switches.commit(INTENT)
    switches.strimzi.until_ready("KafkaUser", "billing", NAMESPACE)


def test_kafka_goes_alone(switches: Deployment) -> None:
    """Its nodes live on, as they belong to the pools; its Services go."""
    before = switches.nodes()
    switches.strimzi.kubernetes.delete("Kafka", "events", NAMESPACE)
    gone = {"kind": "Service", "metadata": {"name": "events-kafka-bootstrap",
                                            "namespace": NAMESPACE}}  # fmt: skip
    switches.strimzi.until_gone(gone)
    assert switches.nodes() == before
