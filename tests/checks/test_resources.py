"""Rendered objects are compared with live ones: what is there, as Git says, and not about to go."""

from pathlib import Path
from typing import Any

import pytest
from checks.kubernetes_objects import KAFKA, POOL, RUNNING, body, desired, live, said, seen, topic
from support import REPOSITORY

from generator.common.paths import environment_names
from generator.contract.settings import VerifySettings
from verify.checks._compare import differences
from verify.desired import Desired, of_rendered
from verify.live.live import Cause, Gap

STRIMZI = "kafka.strimzi.io/v1"
SERVED = {STRIMZI: ["Kafka", "KafkaTopic"]}
ENVIRONMENTS = [REPOSITORY / "rendered" / name for name in environment_names(REPOSITORY)]


def test_kinds_that_are_served() -> None:
    """Every rendered kind is known to the API server."""
    assert said("crds-served", desired(topic()), live(served=SERVED)) == []


def test_kinds_that_are_not_served() -> None:
    """Without CRDs nothing can be applied; what discovery did not tell is unknown."""
    wanted = desired(topic(), POOL, body("ConfigMap", "a", "v1"))
    gaps = {"kubernetes.served.v1": Gap(Cause.TIMED_OUT, "too late")}

    assert said("crds-served", wanted, live(served=SERVED, gaps=gaps)) == [
        f"fail {STRIMZI}: the API server does not serve KafkaNodePool",
        "unknown served.v1: too late",
    ]


def test_objects_that_are_there() -> None:
    """Hooks and Jobs that end by themselves may be gone; Secrets and cluster-wide kinds are not read."""
    hook = body(
        "Job", "a", "batch/v1", metadata={"annotations": {"argocd.argoproj.io/hook": "Sync"}}
    )
    ends = body("Job", "b", "batch/v1", spec={"ttlSecondsAfterFinished": 1})
    unread = [body("Secret", "c", "v1"), body("Namespace", "d", "v1")]
    elsewhere = body("ConfigMap", "e", "v1", metadata={"namespace": "other"})

    wanted = desired(topic(), hook, ends, elsewhere, *unread)

    assert said("resources-present", wanted, live(seen(topic()))) == ["pass: all of 2 objects"]


def test_objects_that_are_missing() -> None:
    """Thousands of them are one line; kinds that could not be listed are unknown."""
    wanted = desired(*(topic(f"t{i:04}") for i in range(5000)), body("ConfigMap", "a", "v1"))
    gaps = {"kubernetes.ConfigMap": Gap(Cause.REFUSED, "nobody allowed it")}

    assert said("resources-present", wanted, live(gaps=gaps)) == [
        "fail 5000 KafkaTopics: missing: t0000, t0001, t0002, t0003, t0004, t0005, t0006, t0007,"
        " t0008, t0009 … and 4990 more",
        "unknown ConfigMap: nobody allowed it",
    ]


@pytest.mark.parametrize("name", ["resources-present", "resources-match", "resources-unrendered"])
def test_without_rendered_there_is_nothing_to_compare(name: str) -> None:
    """In the cluster the resources themselves are what is wanted."""
    assert said(name, desired(rendered=False), live()) == [
        "skip: no rendered/ is here to compare with"
    ]


def test_objects_that_match() -> None:
    """Defaults, status and what operators add are no differences."""
    real = seen(topic())
    real["spec"]["added"] = 1
    real["metadata"]["labels"] = {**real["metadata"]["labels"], "more": "x"}

    assert said("resources-match", desired(topic()), live(real)) == []


def test_objects_that_differ() -> None:
    """Each difference names its field; the same one of several objects is one line."""
    others = [seen(topic(name)) for name in ("a", "b")]
    for each in others:
        each["spec"]["partitions"] = 3
    others[0]["spec"]["config"] = {"retention.ms": 2}

    assert said("resources-match", desired(topic("a"), topic("b")), live(*others)) == [
        "fail: spec.partitions is 3 instead of 6: kafkatopic/a, kafkatopic/b",
        'fail kafkatopic/a: spec.config["retention.ms"] is 2 instead of 1',
    ]


def test_missing_objects_are_told_once() -> None:
    """By resources-present."""
    assert said("resources-match", desired(topic()), live()) == []


@pytest.mark.parametrize("folder", ENVIRONMENTS, ids=lambda path: path.name)
def test_what_is_rendered_matches_itself(folder: Path) -> None:
    """No rule of the comparison finds a difference where there is none."""
    for each in of_rendered(folder, folder.name).objects:
        assert list(differences(each, {**each, "status": {}})) == []


def compare(wanted: Any, found: Any, api: str = STRIMZI) -> list[str]:
    """Differences of two specs."""
    one, other = (body("A", "a", api, spec=spec) for spec in (wanted, found))
    return list(differences(one, other))


@pytest.mark.parametrize(
    ("wanted", "found", "api", "differs"),
    [
        ({"resources": {"cpu": "1000m"}}, {"resources": {"cpu": "1"}}, STRIMZI, []),
        ({"hard": {"memory": "1024Mi"}}, {"hard": {"memory": "1Gi"}}, "v1", []),
        ({"size": "1Gi"}, {"size": "2Gi"}, STRIMZI, ["spec.size is 2Gi instead of 1Gi"]),
        # Only quantities are numbers with units: 4.3 and 4.30 are two versions.
        ({"version": "4.3"}, {"version": "4.30"}, STRIMZI, ["spec.version is 4.30 instead of 4.3"]),
        ({"tls": True}, {"tls": 1}, STRIMZI, ["spec.tls is 1 instead of true"]),
        ({"a": {}, "b": [], "c": ""}, {}, STRIMZI, []),
        ({"a": False}, {}, "apps/v1", []),
        ({"a": False}, {}, STRIMZI, ["spec.a is missing, it should be false"]),
        ({"a": {"b": 1}}, {}, STRIMZI, ["spec.a is missing, it should be an object of 1"]),
        ({"a": [1, 2]}, {"a": [1]}, STRIMZI, ["spec.a is a list of 1 instead of a list of 2"]),
        ({"a": [1, 2]}, {"a": [1, 3]}, STRIMZI, ["spec.a[1] is 3 instead of 2"]),
        (
            {"a": [{"name": "x", "b": 1}, {"name": "y"}]},
            {"a": [{"name": "y"}, {"name": "x", "b": 2}, {"name": "z"}]},
            STRIMZI,
            ["spec.a[x].b is 2 instead of 1", "spec.a also has z"],
        ),
        # A webhook's sidecar is nobody's change.
        ({"a": [{"name": "x"}]}, {"a": [{"name": "x"}, {"name": "z"}]}, "apps/v1", []),
        (
            {"volumes": [{"id": 0}]},
            {"volumes": [{"id": 1}]},
            STRIMZI,
            ["spec.volumes[0] is missing, it should be an object of 1", "spec.volumes also has 1"],
        ),
        ({"a": "x\ny"}, {"a": "x\nz"}, "v1", ["spec.a is x… instead of x…"]),
    ],
)
def test_fields_are_compared_as_kubernetes_means_them(
    wanted: Any, found: Any, api: str, differs: list[str]
) -> None:
    """Quantities by value, lists of named items by name, what is empty as if it were not there."""
    assert compare(wanted, found, api) == differs


def test_annotations_that_an_operator_takes_away_are_no_difference() -> None:
    """The others count."""
    notes = {"strimzi.io/manual-rolling-update": "true", "a/b": "c"}
    wanted = topic(metadata={"annotations": notes})

    assert list(differences(wanted, topic())) == [
        'metadata.annotations["a/b"] is missing, it should be c'
    ]


def test_leftovers_are_told() -> None:
    """Topics and users of the cluster, and what carries this tool's label; not what has an owner."""
    ours = {"labels": {"app.kubernetes.io/managed-by": "strimzi-gitops"}}
    owned = {**ours, "ownerReferences": [{}]}
    left = [
        topic("old"),
        body("ConfigMap", "old", "v1", metadata=ours),
        body("ConfigMap", "owned", "v1", metadata=owned),
        body("ConfigMap", "theirs", "v1", metadata={"labels": {}}),
    ]
    wanted = desired(topic(), body("ConfigMap", "a", "v1"))

    assert said("resources-unrendered", wanted, live(topic(), *left)) == [
        "warn 1 ConfigMap: not rendered: old",
        "warn 1 KafkaTopic: not rendered: old",
    ]
    assert said("resources-unrendered", wanted, live(topic())) == []


def test_what_is_being_deleted() -> None:
    """Its finalizers hold it; volumes count though nobody rendered them."""
    dying = {"deletionTimestamp": "2026-11-21T11:00:00Z"}
    held = {**dying, "finalizers": ["strimzi.io/topic-operator"]}
    claim = body("PersistentVolumeClaim", "data-0", "v1", metadata=dying)

    found = live(topic(metadata=held), claim)

    assert said("being-deleted", desired(topic()), found) == [
        "fail kafkatopic/orders: is being deleted, held by strimzi.io/topic-operator",
        "fail persistentvolumeclaim/data-0: is being deleted",
    ]
    assert said("being-deleted", desired(topic()), live(topic())) == []


def test_the_rendered_version_runs() -> None:
    """Both versions are as Git says; 4.3 is short for 4.3-IV0."""
    short = body("Kafka", "events", spec={"kafka": {"version": "4.3.1", "metadataVersion": "4.3"}})

    for wanted in (desired(), desired(short)):
        assert said("kafka-version-running", wanted, live()) == [
            "pass: Kafka 4.3.1, metadata 4.3-IV0"
        ]


def test_another_version_runs() -> None:
    """An upgrade that stopped half-way, and a Kafka that is not there."""
    old = seen(KAFKA, kafkaVersion="4.3.1", kafkaMetadataVersion="4.2-IV1")

    assert said("kafka-version-running", desired(), live(old)) == [
        "fail kafka/events: kafkaMetadataVersion is 4.2-IV1 instead of 4.3-IV0"
    ]
    assert said("kafka-version-running", desired(), live(seen(KAFKA))) == [
        "fail kafka/events: kafkaVersion is not known instead of 4.3.1"
    ]
    assert said("kafka-version-running", desired(), live({**RUNNING, "kind": "Other"})) == [
        "pass: Kafka 4.3.1, metadata 4.3-IV0"
    ]
    paused = {"conditions": [{"type": "ReconciliationPaused", "status": "True"}]}
    assert said("kafka-version-running", desired(), live(seen(KAFKA, **paused))) == [
        "skip kafka/events: while its reconciliation is paused Strimzi does not say what runs"
    ]
    gone = live()
    assert gone.kubernetes is not None
    gone.kubernetes.objects["Kafka"] = {}
    assert said("kafka-version-running", desired(), gone) == ["fail: there is no Kafka events"]


def test_the_operator_has_seen_the_newest_change() -> None:
    """Paused resources and templates of rebalances are not waited for."""
    paused = topic("b", metadata={"annotations": {"strimzi.io/pause-reconciliation": "true"}})
    template = body(
        "KafkaRebalance",
        "c",
        metadata={"annotations": {"strimzi.io/rebalance-template": "true"}},
    )
    wanted = desired(topic(), paused, template)

    assert said("generation-observed", wanted, live(seen(topic()), paused, template)) == []


def test_what_is_being_deleted_is_told_once() -> None:
    """A deletion is a new generation, which its operator only ends."""
    going = seen(topic("a"), observedGeneration=1)
    going["metadata"]["deletionTimestamp"] = "2026-11-21T11:59:00Z"

    assert said("generation-observed", desired(topic("a")), live(going)) == []
    assert said("being-deleted", desired(topic("a")), live(going)) == [
        "fail kafkatopic/a: is being deleted"
    ]


def test_in_the_cluster_what_could_not_be_listed_is_unknown() -> None:
    """It is not among the objects then; that it is rendered say the settings."""
    settings = VerifySettings(kinds=(("batch/v1", "Job"), ("kafka.strimzi.io/v1", "KafkaConnect")))
    wanted = Desired("dev", (), rendered=False, settings=settings)
    gaps = {
        "kubernetes.Job": Gap(Cause.REFUSED, "not allowed"),
        "kubernetes.KafkaConnect": Gap(Cause.REFUSED, "not allowed"),
    }

    assert said("being-deleted", wanted, live(gaps=gaps)) == [
        "unknown Job, KafkaConnect: not allowed"
    ]
    assert said("resources-ready", wanted, live(gaps=gaps))[0] == (
        "unknown KafkaConnect: not allowed"
    )


def test_the_operator_has_not_seen_the_newest_change() -> None:
    """Nobody's topics are not asked about; a kind that could not be listed is unknown."""
    behind = seen(topic("b"), observedGeneration=1)
    gaps = {"kubernetes.KafkaUser": Gap(Cause.NOT_ASKED, "not now")}
    found = live(topic("a"), behind, topic("unrendered"), gaps=gaps)

    assert said("generation-observed", desired(topic("a"), topic("b")), found) == [
        "fail kafkatopic/a: has no status: no operator watches it, or none runs",
        "fail kafkatopic/b: the operator has not acted on its last change yet",
        "skip KafkaUser: not now",
    ]
