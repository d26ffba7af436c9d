"""Small builders of what brokers say, and of what Git says about them."""

from collections.abc import Sequence
from typing import Any

from checks.kubernetes_objects import NAMESPACE, NOW_S, OURS, Body, body, said

from generator.contract.settings import VerifySettings
from verify.desired import Desired
from verify.live.live import Gap, Kafka, Kubernetes, Live, LiveBroker, LiveTopic, Partition

__all__ = [
    "answers",
    "broker",
    "cluster",
    "git",
    "kafka_topic",
    "kafka_user",
    "on",
    "said",
    "topic",
]


def broker(number: int, **more: Any) -> LiveBroker:
    """A broker that answers by itself, and knows of three."""
    return LiveBroker(number, f"b{number}", 9092, **({"told": (0, 1, 2)} | more))


def on(*replicas: int, leader: int | None = None, isr: tuple[int, ...] | None = None) -> Partition:
    """A partition on these brokers, led by the first and all of them in sync."""
    first = replicas[0] if leader is None else leader
    return Partition(first, replicas, replicas if isr is None else isr)


def topic(*partitions: Partition, id_: str = "", internal: bool = False) -> LiveTopic:
    """A topic; with one partition on three brokers unless told otherwise."""
    return LiveTopic(id_, internal, partitions or (on(0, 1, 2),))


def cluster(*brokers: LiveBroker, **more: Any) -> Kafka:
    """What three brokers say that are well, with one topic; or what these say."""
    every = brokers or tuple(broker(number) for number in range(3))
    usual: dict[str, Any] = {
        "brokers": {each.id: each for each in every},
        "topics": {"orders": topic()},
    }
    return Kafka("abc", "b0:9092", **(usual | more))


def answers(
    kafka: Kafka | None = None, *, gaps: dict[str, Gap] | None = None,
    status: dict[str, Body] | None = None, **more: Any,
) -> Live:  # fmt: skip
    """What was collected; `status` are statuses of KafkaTopics where Kubernetes was asked, too."""
    kubernetes = None
    if status is not None:
        found = {name: {"status": each} for name, each in status.items()}
        kubernetes = Kubernetes("https://a", NAMESPACE, objects={"KafkaTopic": found})
    return Live("dev", NOW_S, kafka=kafka or cluster(), kubernetes=kubernetes, gaps=gaps or {}, **more)  # fmt: skip


def git(
    *objects: Body, authorization: str = "simple", supers: Sequence[str] = (),
    config: Body | None = None, nodes: int = 3, **settings: Any,
) -> Desired:  # fmt: skip
    """What Git says: a Kafka with a pool of nodes that are brokers and controllers, and these."""
    spec: Body = {"metadataVersion": "4.3-IV0", "config": config or {}}
    if authorization:
        spec["authorization"] = {"type": authorization, "superUsers": list(supers)}
    pool = body(
        "KafkaNodePool", "both", spec={"replicas": nodes, "roles": ["broker", "controller"]}
    )
    known = VerifySettings(environment="dev", namespace=NAMESPACE, cluster="events", **settings)
    return Desired("dev", (body("Kafka", "events", spec={"kafka": spec}), pool, *objects), True, known)  # fmt: skip


def kafka_topic(name: str = "orders", managed: bool = True, **spec: Any) -> Body:
    """A KafkaTopic."""
    notes = {} if managed else {"annotations": {"strimzi.io/managed": "false"}}
    return body("KafkaTopic", name, metadata={"labels": OURS, **notes}, spec=spec)


def kafka_user(name: str, how: str = "tls", *acls: Body, **quotas: float) -> Body:
    """A KafkaUser."""
    spec: Body = {"authentication": {"type": how}} if how else {}
    if acls:
        spec["authorization"] = {"type": "simple", "acls": list(acls)}
    if quotas:
        spec["quotas"] = quotas
    return body("KafkaUser", name, spec=spec)
