"""A verdict is about the cluster that is meant, or there is none."""

from checks.kafka_answers import answers, git, said
from checks.kubernetes_objects import body, desired, live

from generator.contract.report import Status
from verify.checks.registry import all_checks
from verify.live.live import Cause, Gap, Live
from verify.run import judge

KAFKA = body("Kafka", "events", status={"clusterId": "abc"})


def test_kubernetes_has_the_kafka_that_is_meant() -> None:
    """Where it was found is told, with the context where a kubeconfig names one."""
    assert said("kubernetes-identity", desired(), live()) == [
        "pass: https://a, namespace kafka-dev"
    ]
    assert said("kubernetes-identity", desired(), live(context="dev-admin")) == [
        "pass: context dev-admin, https://a, namespace kafka-dev"
    ]


def test_kubernetes_without_the_kafka_is_another_cluster() -> None:
    """It says which ones are there instead, sorted."""
    others = live(body("Kafka", "logs"), body("Kafka", "audit"), context="dev-admin")

    assert said("kubernetes-identity", desired(), others) == [
        "fail: no Kafka events at context dev-admin, https://a, namespace kafka-dev;"
        " it has audit, logs"
    ]
    assert said("kubernetes-identity", desired(), live(body("Pod", "a"), body("Kafka", "x"))) == [
        "fail: no Kafka events at https://a, namespace kafka-dev; it has x"
    ]


def test_an_empty_namespace_is_another_cluster() -> None:
    """Nothing else can be named there."""
    empty = live()
    assert empty.kubernetes is not None
    empty.kubernetes.objects = {}

    assert said("kubernetes-identity", desired(), empty) == [
        "fail: no Kafka events at https://a, namespace kafka-dev"
    ]


def test_kafkas_that_may_not_be_listed_are_no_other_cluster() -> None:
    """Who is not allowed to look has not seen that it is missing; other checks are unknown then."""
    blind = live(gaps={"kubernetes.Kafka": Gap(Cause.REFUSED, "forbidden")})
    assert blind.kubernetes is not None
    blind.kubernetes.objects = {}

    assert said("kubernetes-identity", desired(), blind) == ["pass: https://a, namespace kafka-dev"]


def test_cluster_id_is_the_one_of_status_and_intent() -> None:
    """Either is enough, and without both nobody knows."""
    asked = live(KAFKA)
    asked.kafka = answers().kafka

    assert said("cluster-id", desired(), asked) == ["pass: abc"]
    assert said("cluster-id", git(cluster_id="abc"), answers()) == ["pass: abc"]
    assert said("cluster-id", git(), answers()) == ["skip: abc; nobody says which one is meant"]


def test_cluster_id_of_another_cluster() -> None:
    """Everybody who says another one is named."""
    asked = live(body("Kafka", "events", status={"clusterId": "old"}))
    asked.kafka = answers().kafka

    assert said("cluster-id", git(cluster_id="new"), asked) == [
        "fail: b0:9092 is cluster abc; Strimzi's status says old, verify.clusterId says new"
    ]
    assert said("cluster-id", git(cluster_id="abc"), asked) == [
        "fail: b0:9092 is cluster abc; Strimzi's status says old"
    ]


def test_nothing_else_is_said_of_another_cluster() -> None:
    """Every other check is skipped, and who is meant is told though nobody asked."""
    chosen = [all_checks()["topics-present"]]
    results = judge(chosen, git(cluster_id="other"), answers())

    assert [(each.check, each.status) for each in results] == [
        ("kubernetes-identity", Status.UNKNOWN),
        ("cluster-id", Status.FAIL),
        ("topics-present", Status.SKIP),
    ]
    assert results[-1].outcomes[0].message == "this is not the cluster that is meant"


def test_nobody_who_answers_is_unknown() -> None:
    """An identity that was not found out is neither right nor wrong."""
    away = Live("dev", 0, gaps={"kafka": Gap(Cause.UNREACHABLE, "b0:9092: connection refused")})

    assert said("cluster-id", git(), away) == ["unknown: b0:9092: connection refused"]
