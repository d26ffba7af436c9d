"""Ways to break what Kubernetes says of the environment staging, and what is told of each."""

from collections.abc import Callable
from typing import Any, NamedTuple

from live.operators_objects import OPERATOR, SYSTEM, running
from live.statuses import REVISION, condition, namespace_of, now

from generator.common.exit_codes import ExitCode

ENVIRONMENT = "staging"
NAMESPACE = namespace_of(ENVIRONMENT)
POD = "events-combined-1"


class Break(NamedTuple):
    """Something that is changed of one object, and what is told then."""

    what: str
    kind: str
    name: str
    wrong: dict[str, str]
    says: str
    status: dict[str, Any] | Callable[[], dict[str, Any]] | None = None
    """What an operator or the kubelet says; a function where the time is a part of it."""
    change: dict[str, Any] | None = None
    code: ExitCode = ExitCode.UNHEALTHY
    namespace: str | None = NAMESPACE


def failed(*checks: str) -> dict[str, str]:
    """Checks that fail."""
    return dict.fromkeys(checks, "fail")


def ready_with(reason: str, message: str) -> dict[str, Any]:
    """Strimzi stays content while it did not do what was asked."""
    return {"conditions": [condition("Ready"), condition("Warning", "True", reason, message)]}


def not_ready(reason: str, message: str) -> dict[str, Any]:
    """What the Cluster and the User Operator say of what failed."""
    return {"conditions": [condition("NotReady", "True", reason, message)]}


def container(**state: Any) -> dict[str, Any]:
    """The status of a pod whose container is in some state."""
    told = running("kafka")
    told["containerStatuses"][0] |= state
    if not state.get("ready", True):
        for each in told["conditions"]:
            if each["type"] in ("Ready", "ContainersReady"):
                each["status"] = "False"
    return told


def ended(reason: str, code: int, seconds_ago: float) -> dict[str, Any]:
    """How a container ended last that runs again."""
    told = {"reason": reason, "exitCode": code, "startedAt": now(-seconds_ago - 60),
            "finishedAt": now(-seconds_ago)}  # fmt: skip
    return {"lastState": {"terminated": told}, "restartCount": 3}


UNSCHEDULABLE = {
    "phase": "Pending",
    "containerStatuses": None,
    "conditions": [
        {
            "type": "PodScheduled",
            "status": "False",
            "reason": "Unschedulable",
            "message": "0/3 nodes are available: 3 Insufficient memory.",
        }
    ],
}

BREAKS = [
    Break(
        "topic failed", "KafkaTopic", "chat-events", failed("resources-ready"),
        "kafkatopic/chat-events: is not ready: NotSupported: Decreasing partitions not supported",
        {"conditions": [condition("Ready", "False", "NotSupported",
                                  "Decreasing partitions not supported")]},
    ),
    Break(
        "user failed", "KafkaUser", "billing", failed("resources-ready"),
        "kafkauser/billing: is not ready: InvalidResourceException",
        not_ready("InvalidResourceException", "Simple authorization ACL rules are configured"),
    ),
    Break("Kafka is being created", "Kafka", "events", failed("resources-ready"),
          "kafka/events: is still being created", not_ready("Creating", "Kafka is deploying")),
    Break("Kafka failed", "Kafka", "events", failed("resources-ready"),
          "kafka/events: is not ready: TimeoutException: Exceeded timeout of 300000ms",
          not_ready("TimeoutException", "Exceeded timeout of 300000ms")),
    Break("storage reverted", "Kafka", "events", failed("changes-reverted"),
          "KafkaStorage: The desired Kafka storage configuration",
          ready_with("KafkaStorage", "The desired Kafka storage configuration is not allowed")),
    Break("scaling down reverted", "KafkaNodePool", "combined", failed("changes-reverted"),
          "ScaleDownPreventionCheck: Reverting scale-down",
          {"conditions": [condition("Warning", "True", "ScaleDownPreventionCheck",
                                    "Reverting scale-down of Kafka events")]}),
    Break("deprecated", "Kafka", "events", {"resource-warnings": "warn"}, "DeprecatedFields",
          ready_with("DeprecatedFields", "spec.kafka.old is deprecated"), code=ExitCode.FINE),
    Break("not observed", "Kafka", "events", failed("generation-observed"),
          "the operator has not acted on its last change yet", {"observedGeneration": 0}),
    Break("never observed", "KafkaTopic", "chat-events",
          failed("generation-observed", "resources-ready"), "has no status",
          {"observedGeneration": None, "conditions": None}),
    Break("paused", "KafkaTopic", "chat-events", {"reconciliation-paused": "warn"},
          "kafkatopic/chat-events: reconciliation is paused",
          {"conditions": [condition("ReconciliationPaused")]}, code=ExitCode.FINE),
    Break("changed by hand", "ConfigMap", "events-jmx-exporter", failed("resources-match"),
          "configmap/events-jmx-exporter: data",
          change={"data": {"kafka-metrics-config.yml": "rules: []"}}),
    Break("label changed by hand", "KafkaTopic", "chat-events", failed("resources-match"),
          'metadata.labels["strimzi-gitops/owner"] is nobody instead of ',
          change={"metadata": {"labels": {"strimzi-gitops/owner": "nobody"}}}),
    Break("other version", "Kafka", "events", failed("kafka-version-running"),
          "kafkaVersion is 4.2.0 instead of 4.3.1", {"kafkaVersion": "4.2.0"}),
    Break("operator upgraded", "Kafka", "events", {"operator-version": "warn"},
          "runs 1.2.0, but was last through with this Kafka as 1.1.0",
          {"operatorLastSuccessfulVersion": "1.1.0"}, code=ExitCode.FINE),
    Break("topic made again", "KafkaTopic", "chat-events", failed("topics-same"),
          "chat-events: is another topic now", {"topicId": "AAAAAAAAAAAAAAAAAAAAAA"}),
    Break("crashing", "Pod", POD, failed("pods-ready", "pods-waiting"), "CrashLoopBackOff of kafka",
          container(ready=False, started=False, restartCount=3, state={"waiting": {
              "reason": "CrashLoopBackOff", "message": "back-off 5m0s"}, "running": None})),
    Break("no image", "Pod", POD, failed("pods-ready", "pods-waiting"), "ImagePullBackOff of kafka",
          container(ready=False, started=False, state={"waiting": {
              "reason": "ImagePullBackOff", "message": "Back-off pulling image"}, "running": None})),
    Break("no memory for it", "Pod", POD, failed("pods-ready", "pods-scheduled"),
          "3 Insufficient memory", UNSCHEDULABLE, code=ExitCode.NOT_ENOUGH_RESOURCES),
    Break("restarted", "Pod", POD, {"pods-restarts": "warn"}, "kafka ended 10 minutes ago (Error, exit code 1, 3 restarts)",
          lambda: container(**ended("Error", 1, 630)), code=ExitCode.FINE),
    Break("restarted long ago", "Pod", POD, {}, "", lambda: container(**ended("Error", 1, 7200)),
          code=ExitCode.FINE),
    Break("out of memory", "Pod", POD, failed("pods-restarts"), "OOMKilled",
          lambda: container(**ended("OOMKilled", 137, 600)), code=ExitCode.NOT_ENOUGH_RESOURCES),
    Break("to be rolled", "Pod", POD, failed("pods-revision"), "is of an older revision",
          change={"metadata": {"annotations": {"strimzi.io/revision": "00000000"}}}),
    Break("to be rolled by hand", "Pod", POD, {"pods-revision": "warn"}, "is to be rolled by hand",
          change={"metadata": {"annotations": {"strimzi.io/manual-rolling-update": "true"}}},
          code=ExitCode.FINE),
    Break("volume pending", "PersistentVolumeClaim", f"data-0-{POD}", failed("volumes-bound"),
          "is Pending", {"phase": "Pending"}),
    Break("volume smaller", "PersistentVolumeClaim", f"data-0-{POD}", {"volumes-resized": "warn"},
          "has 10Gi, is to have 50Gi", {"capacity": {"storage": "10Gi"}}, code=ExitCode.FINE),
    Break("entity operator away", "Deployment", "events-entity-operator",
          failed("entity-operator-ready"), "none of 1 pod is available",
          {"availableReplicas": 0, "readyReplicas": 0}),
    Break("cluster operator away", "Deployment", OPERATOR, failed("cluster-operator-ready"),
          "is scaled to 0", change={"spec": {"replicas": 0}}, namespace=SYSTEM),
    Break("no Prometheus looks", "Prometheus", "main", {"monitors-selected": "warn"},
          "podmonitor/events-metrics: no Prometheus selects it", namespace=SYSTEM,
          change={"spec": {"podMonitorSelector": {"matchLabels": {"release": "a"}}}},
          code=ExitCode.FINE),
    Break("out of sync", "Application", "kafka-staging", failed("application-synced"),
          "is OutOfSync: kafkatopic/chat-events", namespace="argocd",
          status={"sync": {"status": "OutOfSync"}, "resources": [
              {"kind": "KafkaTopic", "name": "chat-events", "status": "OutOfSync"}]}),
    Break("another revision", "Application", "kafka-staging", failed("application-synced"),
          f"is at 0000000000 instead of {REVISION}", {"sync": {"revision": "0000000000"}},
          namespace="argocd"),
    Break("degraded", "Application", "kafka-staging", failed("application-healthy"), "is Degraded",
          {"health": {"status": "Degraded"}}, namespace="argocd"),
    Break("sync failed", "Application", "kafka-staging", failed("application-operation"),
          "the last sync: Failed (one or more objects failed to apply)", namespace="argocd",
          status={"operationState": {"phase": "Failed",
                                     "message": "one or more objects failed to apply"}}),
]  # fmt: skip
