"""What changes around the nodes do in the release before a border, and in the one after it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from plans import CLUSTER, add, all_of, drop, edited, nothing, put

from generator.common import strimzi_facts
from generator.common.strimzi import numbers, releases
from generator.common.strimzi_facts import Fact
from generator.plan.impact.releases.too_new import _WITH

KAFKA, BROKERS, TOPIC, USER = (
    "Kafka/events", "KafkaNodePool/brokers", "KafkaTopic/orders", "KafkaUser/kafkauser",
)  # fmt: skip
FACTS = {name: each for name, each in vars(strimzi_facts).items() if isinstance(each, Fact)}
EO = "dynamic: the Entity Operator restarts; brokers do not"
ALL = "every node of brokers (3), controllers (3) restarts in turn"
SAME = "no-effect: the same object to Kubernetes and to Argo CD: nothing is deleted, and nobody restarts"
GATED = (
    "refused: unless the Cluster Operator has STRIMZI_ENTITY_OPERATOR_WATCHED_NAMESPACE_ENABLED, it deletes the"
    " Entity Operator, and the Kafka goes NotReady"
)
MOVES = put(KAFKA, "spec cruiseControl autoRebalance", [{"mode": "add-brokers"}])
ACL = {"resource": {"type": "topic", "name": "orders"}}


def _annotated(key: str, value: str | None) -> Callable[..., Any]:
    return put(KAFKA, f"metadata annotations strimzi.io/{key}", value)


def _watched(which: str, namespace: str) -> Callable[..., Any]:
    return put(KAFKA, f"spec entityOperator {which} watchedNamespace", namespace)


def _version(version: str) -> Callable[..., Any]:
    return all_of(
        put(KAFKA, "spec kafka version", version), put(KAFKA, "spec kafka metadataVersion", "3.8")
    )


def _user(*acls: Any) -> Callable[..., Any]:
    spec = {"authentication": {"type": "tls"}, "authorization": {"type": "simple", "acls": [*acls]}}
    return add("KafkaUser", spec, labels={"strimzi.io/cluster": "events"})


def _rebalance(**spec: Any) -> Callable[..., Any]:
    return add("KafkaRebalance", spec, labels={"strimzi.io/cluster": "events"})


def _serves(version: str, apis: str, other: str) -> list[str]:
    return [f"refused: the CustomResourceDefinitions of Strimzi {version} serve {apis} only: the API server takes no"
            f" {other}"]  # fmt: skip


def _refuses(version: str) -> list[str]:
    return [f"refused: Strimzi {version} refuses a Kafka without it: what runs runs on, and nothing that is said of it"
            " is done"]  # fmt: skip


def _does_not_know(version: str, before: str, after: str) -> list[str]:
    return [f"refused: Kafka {before} to {after}: Strimzi {version} does not know Kafka {before}, which runs, and the"
            " Kafka goes NotReady"]  # fmt: skip


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        # the version of the API
        (put(TOPIC, "apiVersion", "kafka.strimzi.io/v1beta2"), put(TOPIC, "apiVersion", "kafka.strimzi.io/v1"), {
            "0.48.0": _serves("0.48", "v1alpha1, v1beta1, v1beta2", "v1"), "0.49.1": [SAME], "0.51.0": [SAME],
            "1.0.1": [SAME], "1.2.0": [SAME]}),
        (put(KAFKA, "apiVersion", "kafka.strimzi.io/v1"), put(KAFKA, "apiVersion", "kafka.strimzi.io/v1beta2"), {
            "0.48.0": [SAME], "0.49.1": [SAME], "0.51.0": [SAME], "1.0.1": _serves("1.0", "v1", "v1beta2"),
            "1.2.0": _serves("1.2", "v1", "v1beta2")}),
        (put(BROKERS, "apiVersion", "kafka.strimzi.io/v1beta2"), put(BROKERS, "apiVersion", "kafka.strimzi.io/v1"), {
            "0.45.0": _serves("0.45", "v1beta2", "v1")}),
        (nothing, put(TOPIC, "apiVersion", "kafka.strimzi.io/v1beta1"), {"0.48.0": [SAME]}),
        # what older releases ask of a Kafka
        (nothing, _annotated("kraft", None), {
            "0.45.0": ["ignored: a cluster of KRaft stays one (Warning KafkaMetadataStateWarning)"],
            "0.46.1": _refuses("0.46"), "0.47.0": _refuses("0.47")}),
        (nothing, _annotated("node-pools", None), {
            "0.45.0": _refuses("0.45"), "0.46.1": _refuses("0.46"), "0.47.0": _refuses("0.47")}),
        (_annotated("kraft", "enabled"), _annotated("kraft", None), {
            each: [f"no-effect: Strimzi {each[:4]} does not read it"] for each in ("0.48.0", "0.49.1")}),
        (nothing, _annotated("kraft", "Enabled"), {"0.47.0": ["no-effect: labels and annotations only"]}),
        (_annotated("kraft", "migration"), _annotated("kraft", "enabled"), {
            "0.45.0": ["unknown: what was not one of KRaft and node pools becomes one, of which nothing is known here"]}),
        (all_of(_annotated("kraft", None), _annotated("node-pools", None)),
         put(KAFKA, "spec kafka jvmOptions", {"-Xmx": "1g"}), {
            "0.45.0": ["ignored: Strimzi 0.45 refuses a Kafka without strimzi.io/node-pools: nothing of it is applied"],
            "0.47.0": ["ignored: Strimzi 0.47 refuses a Kafka without strimzi.io/kraft and strimzi.io/node-pools:"
                       " nothing of it is applied"],
            "0.48.0": ["no-effect: every pool has its own"]}),
        (put(KAFKA, "spec zookeeper", {"replicas": 3}), put(BROKERS, "spec replicas", 4), {
            "0.45.0": ["unknown: a Kafka of ZooKeeper, of which nothing is known here"]}),
        # Kafka's version
        (_version("3.9.1"), _version("4.0.0"), {"0.46.1": _does_not_know("0.46", "3.9.1", "4.0.0")}),
        (_version("3.9.2"), _version("4.0.0"), {
            **{each: _does_not_know(each[:4], "3.9.2", "4.0.0") for each in ("0.46.1", "0.48.0", "0.50.1", "0.51.0")},
            "1.0.1": [f"rolling-restart: Kafka 3.9.2 to 4.0.0: {ALL}"]}),
        (_version("3.9.0"), _version("4.0.0"), {
            each: [f"rolling-restart: Kafka 3.9.0 to 4.0.0: {ALL}"] for each in ("0.46.1", "0.50.1")}),
        (_version("3.7.1"), _version("3.9.0"), {"0.45.0": [f"rolling-restart: Kafka 3.7.1 to 3.9.0: {ALL}"]}),
        (_version("3.9.1"), _version("3.9.0"), {
            "0.45.0": _does_not_know("0.45", "3.9.1", "3.9.0"),
            "0.46.1": [f"rolling-restart: Kafka 3.9.1 to 3.9.0, a downgrade: {ALL}"]}),
        # the Entity Operator
        (nothing, _watched("userOperator", "other"), {
            "0.51.0": ["irreversible: the User Operator deletes every user in Kafka that is not in other", EO],
            "1.0.1": [GATED, "irreversible: where it has, the User Operator deletes every user in Kafka that is not"
                      " in other"]}),
        (nothing, _watched("topicOperator", "other"), {
            "0.51.0": ["ignored: from then on nothing that KafkaTopics elsewhere than in other say is done", EO],
            "1.0.1": [GATED]}),
        (put(KAFKA, "spec entityOperator userOperator", None), put(KAFKA, "spec entityOperator userOperator", {}), {
            "0.47.0": ["irreversible: the User Operator deletes every user, ACL, password and quota in Kafka that no"
                       " KafkaUser says, but for the ACLs of * and ANONYMOUS", EO],
            "0.48.0": ["irreversible: the User Operator deletes every user, ACL, password and quota in Kafka that no"
                       " KafkaUser says", EO]}),
        (nothing, put(KAFKA, "spec entityOperator tlsSidecar", {}), {
            "0.51.0": ["no-effect: there is no sidecar any more"]}),
        # users
        (_user(), put(USER, "spec authentication renewalDays", 10), {
            "1.0.1": ["ignored: Strimzi 1.0 has no renewalDays: Kubernetes drops it, or refuses the object"],
            "1.1.0": ["dynamic: a certificate that expires by then is renewed at once"]}),
        (_user(ACL | {"operation": "Read"}), _user(ACL | {"operations": ["Read"]}), {
            "0.51.0": ["no-effect: the same grants, said otherwise"]}),
        (_user(ACL | {"operation": "Read"}), _user(ACL | {"operation": "Write"}), {
            "0.48.0": ["client-visible: loses Read on topic orders; a client that uses it is refused",
                       "client-visible: nobody reads orders any more", "dynamic: gains Write on topic orders"]}),
        # rebalances
        (all_of(put(KAFKA, "spec cruiseControl", {}), _rebalance()),
         _rebalance(rebalanceDisk=True, goals=["a"]), {
            "1.0.1": ["unknown: Strimzi 1.0 asks Cruise Control for rebalanceDisk with goals; what that answers is not"
                      " known here"] * 2,
            "1.1.0": ["refused: rebalanceDisk bears no goals: the KafkaRebalance goes NotReady"] * 2}),
        (MOVES, put(BROKERS, "spec replicas", 4), {
            "0.50.1": ["data-movement: 3 to 4 nodes: Cruise Control moves partitions to the new ones, which is tried"
                       " once: where it fails they stay empty"],
            "0.51.0": ["data-movement: 3 to 4 nodes: Cruise Control moves partitions to the new ones"]}),
        # loggers that a ConfigMap says
        (all_of(put(KAFKA, "spec kafka logging", {"type": "external", "valueFrom": {"configMapKeyRef": {"name": "configmap"}}}),
                add("ConfigMap", api="v1", x="y"), put("ConfigMap/configmap", "data a", "b")),
         put("ConfigMap/configmap", "data a", "c"), {
            "0.45.0": ["rolling-restart: where a line of log4j.appender changes, every node of brokers (3) restarts in"
                       " turn",
                       "rolling-restart: controllers read their loggers at the start: every node of controllers (3)"
                       " restarts in turn"],
            "0.48.0": ["dynamic: applied as it is; nothing of Kafka restarts"]}),
    ],
)  # fmt: skip
def test_both_sides_of_a_border(
    tmp_path: Path, before: Any, after: Any, expected: dict[str, list[str]]
) -> None:
    """Each release is told by what it does itself."""
    for version, told in expected.items():
        text = f"{CLUSTER}topics: {{orders: {{}}}}\nstrimzi: {{version: {version}}}\n"
        found = edited(tmp_path / version, text, all_of(before, after), before, size="medium")
        assert found == told, version


def test_an_object_of_no_kafka_is_judged_as_its_environment(tmp_path: Path) -> None:
    """A pool of another cluster than the environment's is one of the same release."""
    other = add(
        "KafkaNodePool", {"replicas": 1, "roles": ["broker"]}, labels={"strimzi.io/cluster": "x"}
    )
    pool = "KafkaNodePool/kafkanodepool"
    before = all_of(other, put(pool, "apiVersion", "kafka.strimzi.io/v1beta2"))

    text = f"{CLUSTER}strimzi: {{version: 0.45.0}}\n"
    found = edited(
        tmp_path, text, all_of(before, put(pool, "apiVersion", "kafka.strimzi.io/v1")), before
    )
    assert found == _serves("0.45", "v1beta2", "v1")


def test_the_new_release_counts_once_it_runs(tmp_path: Path) -> None:
    """What changes in the merge of an upgrade is done by the release that comes."""
    text = f"{CLUSTER}strimzi: {{version: 0.51.0}}\n"
    newer = put(KAFKA, "metadata annotations strimzi-gitops/strimzi-version", "1.0.1")
    after = all_of(newer, put(KAFKA, "spec kafka rack", {"topologyKey": "z"}))

    assert edited(tmp_path, text, after, size="medium")[0] == (
        "rolling-restart: every node of brokers (3) restarts in turn"
    )


def test_what_goes_is_judged_by_what_was_there(tmp_path: Path) -> None:
    """A deleted object has the release of the side that has it."""
    text = f"{CLUSTER}topics: {{orders: {{}}}}\nstrimzi: {{version: 0.45.0}}\n"

    assert edited(tmp_path, text, drop(TOPIC))[0].startswith("data-loss: the topic is deleted")


@pytest.mark.parametrize("name", sorted(FACTS))
def test_facts_have_a_border_that_exists(name: str) -> None:
    """A fact begins or ends between two of the releases, so that it holds in some and not in all."""
    fact = FACTS[name]
    holds = [fact.holds(each.version) for each in releases()]

    assert bool(fact.since) != bool(fact.until)
    assert numbers(fact.since or fact.until)[:2] in {
        numbers(each.version)[:2] for each in releases()
    }
    assert set(holds) == {True, False}
    assert holds == sorted(holds, reverse=bool(fact.until))


def test_fields_that_are_too_new_have_a_fact_that_began() -> None:
    """What a release does not have yet is not what it has no more."""
    assert all(fact.since for fact, _, _ in _WITH)
