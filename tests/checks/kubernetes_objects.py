"""Small builders of rendered and live objects, and what a check says of them as text."""

from copy import deepcopy
from datetime import UTC, datetime
from typing import Any

from generator.contract.settings import VerifySettings
from verify.checks.registry import all_checks
from verify.desired import Desired
from verify.live.live import Certificate, Gap, Kubernetes, Live, Secret

Body = dict[str, Any]

NOW_S = datetime(2026, 11, 21, 12, tzinfo=UTC).timestamp()
DAY_S = 86_400
NAMESPACE = "kafka-dev"
OURS = {"strimzi.io/cluster": "events"}
READY = {"type": "Ready", "status": "True"}


def body(kind: str, name: str, api: str = "kafka.strimzi.io/v1", **more: Any) -> Body:
    """An object of the namespace with the cluster's label; `metadata` is added to its own."""
    metadata = {"name": name, "namespace": NAMESPACE, "labels": OURS} | more.pop("metadata", {})
    return {"apiVersion": api, "kind": kind, "metadata": metadata} | more


def seen(what: Body, *conditions: Body, **status: Any) -> Body:
    """The live object of a rendered one after its operator was there; Ready unless told otherwise."""
    live = deepcopy(what)
    live["metadata"]["generation"] = 2
    live["status"] = {"observedGeneration": 2, "conditions": list(conditions or (READY,))} | status
    return live


KAFKA = body(
    "Kafka",
    "events",
    spec={
        "kafka": {"version": "4.3.1", "metadataVersion": "4.3-IV0"},
        "entityOperator": {"topicOperator": {}},
    },
)
POOL = body("KafkaNodePool", "brokers", spec={"replicas": 2, "roles": ["broker", "controller"]})
RUNNING = seen(KAFKA, kafkaVersion="4.3.1", kafkaMetadataVersion="4.3-IV0")


def topic(name: str = "orders", **more: Any) -> Body:
    """A KafkaTopic."""
    return body("KafkaTopic", name, spec={"partitions": 6, "config": {"retention.ms": 1}}, **more)


def pod(number: int = 0, host: str = "", *, ready: bool = True, **status: Any) -> Body:
    """A broker's pod on a machine named after it."""
    told = {
        "phase": "Running",
        "conditions": [{"type": "Ready", "status": str(ready)}],
        "containerStatuses": [{"name": "kafka", "ready": ready, "restartCount": 0}],
    }
    metadata = {
        "labels": {**OURS, "strimzi.io/pool-name": "brokers"},
        "annotations": {"strimzi.io/revision": "new"},
    }
    return body(
        "Pod",
        f"events-brokers-{number}",
        "v1",
        metadata=metadata,
        spec={"nodeName": host or f"machine-{number}"},
        status=told | status,
    )


def container(**more: Any) -> list[Body]:
    """The status of a pod's only container."""
    return [{"name": "kafka", "ready": False, "restartCount": 3} | more]


def pod_set(*numbers: int, revision: str = "new") -> Body:
    """The StrimziPodSet of the pool with pods of these numbers."""
    pods = [
        {
            "metadata": {
                "name": f"events-brokers-{number}",
                "labels": OURS,
                "annotations": {"strimzi.io/revision": revision},
            }
        }
        for number in numbers
    ]
    return body("StrimziPodSet", "events-brokers", "core.strimzi.io/v1", spec={"pods": pods})


def event(about: Body, reason: str, message: str, minutes_ago: float = 1) -> Body:
    """A warning about an object."""
    time = datetime.fromtimestamp(NOW_S - minutes_ago * 60, UTC).isoformat()
    about = {"kind": about["kind"], "name": about["metadata"]["name"]}
    more = {"reason": reason, "message": message, "lastTimestamp": time}
    return body("Event", f"{about['name']}.{reason}", "v1", involvedObject=about, **more)


def certificate(days: float, where: str = "ca.crt", begins: float = -10) -> Certificate:
    """A certificate that ends in so many days."""
    ends_s = NOW_S + days * DAY_S
    return Certificate("CN=a", "CN=ca", (), NOW_S + begins * DAY_S, ends_s, "00", where)


def secret(name: str, *keys: str, certificates: tuple[Certificate, ...] = ()) -> Secret:
    """A Secret of the cluster."""
    return Secret(name, OURS, keys, certificates)


def desired(*objects: Body, rendered: bool = True) -> Desired:
    """What Git says: the Kafka object, and these."""
    settings = VerifySettings(environment="dev", namespace=NAMESPACE, cluster="events")
    every = objects if any(o["kind"] == "Kafka" for o in objects) else (KAFKA, *objects)
    return Desired("dev", every, rendered, settings)


def live(*objects: Body, gaps: dict[str, Gap] | None = None, **more: Any) -> Live:
    """What was collected: the Kafka object as it runs, and these."""
    every = objects if any(o["kind"] == "Kafka" for o in objects) else (RUNNING, *objects)
    found: dict[str, dict[str, Body]] = {}
    for each in every:
        found.setdefault(each["kind"], {})[each["metadata"]["name"]] = each
    secrets = {each.name: each for each in more.pop("secrets", ())}
    kubernetes = Kubernetes("https://a", NAMESPACE, objects=found, secrets=secrets, **more)
    return Live("dev", NOW_S, kubernetes=kubernetes, gaps=gaps or {})


def said(name: str, wanted: Desired, found: Live) -> list[str]:
    """What a check says, one text for each outcome; nothing when it passes without words."""
    result = all_checks()[name].ask(wanted, found)
    return [
        f"{each.status}{' ' * bool(each.subject)}{each.subject}: {each.message}"
        + " [resources]" * each.resources
        for each in result.outcomes
    ]
