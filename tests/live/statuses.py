"""What Strimzi's operators and Argo CD leave in Kubernetes once an environment is healthy.

    deploy(kubernetes, "dev")
    as_operators(kubernetes, "dev", kafka)

There is no operator in tests: what they would write is written here, with the real addresses, ids and
certificates of a test's Kafka. As often as wanted; what a test broke is whole again after that.
"""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

import yaml
from confluent_kafka import TopicCollection
from live.answers import DEADLINE_S, answer_of
from live.applier import RENDERED, as_set_up
from live.kafka import Kafka
from live.kubernetes_server import KubernetesServer
from live.operators_objects import CLUSTER, OPERATOR, VERSION, made_by_operators, secret
from live.security import password_of

REVISION = "4f1c9d0e5a7b3c2d1e0f9a8b7c6d5e4f3a2b1c0d"
"""The commit that Argo CD has applied."""


def namespace_of(environment: str) -> str:
    """Where an environment lives."""
    return f"kafka-{environment}"


def manifests_of(folder: str, *kinds: str) -> list[Any]:
    """The manifests of a folder of rendered/, those outside of namespaces first."""
    files = sorted((RENDERED / folder).rglob("*.yaml"))
    every = [yaml.safe_load(file.read_bytes()) for file in files]
    every.sort(key=lambda each: each["kind"] != "Namespace")
    return [each for each in every if not kinds or each["kind"] in kinds]


def deploy(kubernetes: KubernetesServer, environment: str) -> None:
    """Apply an environment as rendered for small brokers, as Argo CD does, and its Application."""
    rendered = (as_set_up(each, RENDERED / environment) for each in manifests_of(environment))
    kubernetes.apply([_namespace("argocd"), *rendered])
    told = manifests_of("argocd", "Application", "AppProject")
    name = f"kafka-{environment}"
    kubernetes.apply(each for each in told if each["metadata"]["name"] == name)


def _namespace(name: str) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}


def as_operators(kubernetes: KubernetesServer, environment: str, kafka: Kafka) -> None:
    """Write all that a healthy environment has beside what is rendered."""
    written = _Operators(kubernetes, environment, kafka)
    written.objects()
    written.kafka_and_pools()
    written.topics()
    written.users()
    kubernetes.write_status(
        "Application",
        f"kafka-{environment}",
        "argocd",
        {
            "sync": {"status": "Synced", "revision": REVISION},
            "health": {"status": "Healthy"},
            "operationState": {"phase": "Succeeded", "message": "successfully synced",
                               "startedAt": now(), "finishedAt": now(),
                               "operation": {"sync": {"revision": REVISION}}},
        },
    )  # fmt: skip


def now(offset_s: float = 0) -> str:
    """A time as Kubernetes writes it."""
    at = datetime.fromtimestamp(datetime.now(UTC).timestamp() + offset_s, UTC)
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def condition(
    kind: str, status: str = "True", reason: str = "", message: str = ""
) -> dict[str, Any]:
    """A condition as Strimzi writes it, without what it does not say."""
    told = {"type": kind, "status": status, "lastTransitionTime": now()}
    return told | {k: v for k, v in (("reason", reason), ("message", message)) if v}


class _Operators:
    """One environment, and who cares for it."""

    def __init__(self, kubernetes: KubernetesServer, environment: str, kafka: Kafka) -> None:
        self.kubernetes, self.kafka = kubernetes, kafka
        self.namespace = namespace_of(environment)
        self.spec = manifests_of(environment, "Kafka")[0]["spec"]
        assert kafka.security is not None, "a cluster without certificates"
        self.security = kafka.security
        described = kafka.admin.describe_cluster(request_timeout=DEADLINE_S)
        self.cluster_id = described.result(DEADLINE_S).cluster_id
        self.ids = [node.id for node in kafka.nodes]

    def objects(self) -> None:
        """What operators make beside statuses, with the statuses that the kubelet and others write."""
        pools = self._live("KafkaNodePool")
        made = made_by_operators(self.namespace, self.ids, pools[0]["spec"])
        if any(each["kind"] == "Prometheus" for each in made):
            self._define_prometheus()
        bare = [{k: v for k, v in each.items() if k != "status"} for each in made]
        self._leave_nodes_to_others(made)
        found = self.kubernetes.apply(bare, manager=OPERATOR)
        # A pod is made before it is ready.
        made = made_by_operators(self.namespace, self.ids, pools[0]["spec"])
        for each, live in zip(made, found, strict=True):
            if "status" in each:
                self._write(live, each["status"])
        authorities = {
            f"{CLUSTER}-cluster-ca-cert": self.security.cluster_ca,
            f"{CLUSTER}-clients-ca-cert": self.security.clients_ca,
        }
        self._apply(
            secret(self.namespace, name, "Kafka", {"ca.crt": authority.certificate.read_text()})
            for name, authority in authorities.items()
        )

    def _define_prometheus(self) -> None:
        kind = {"kind": "Prometheus", "plural": "prometheuses", "singular": "prometheus"}
        schema = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
        version = {"name": "v1", "served": True, "storage": True,
                   "schema": {"openAPIV3Schema": schema}}  # fmt: skip
        crd = {
            "apiVersion": "apiextensions.k8s.io/v1",
            "kind": "CustomResourceDefinition",
            "metadata": {"name": "prometheuses.monitoring.coreos.com"},
            "spec": {"group": "monitoring.coreos.com", "names": kind, "scope": "Namespaced",
                     "versions": [version]},
        }  # fmt: skip
        self.kubernetes.apply([crd])
        self.kubernetes.until(
            # It is told in the discovery a moment before it is answered.
            lambda: self.kubernetes._is_served(crd) and self._live("Prometheus") is not None,
            "serve Prometheus",
        )

    def kafka_and_pools(self) -> None:
        """The Kafka object with the real addresses, and its pool."""
        ca = self.security.cluster_ca.certificate.read_text()
        listeners = []
        for each in self.spec["kafka"]["listeners"]:
            port = _listener(each)
            addresses = [{"host": "127.0.0.1", "port": node.ports[port]}
                         for node in self.kafka.nodes]  # fmt: skip
            where = ",".join(f"{each['host']}:{each['port']}" for each in addresses)
            told = {"name": each["name"], "addresses": addresses, "bootstrapServers": where}
            listeners.append(told | ({"certificates": [ca]} if each["tls"] else {}))
        for body in self._live("Kafka"):
            self._write(
                body,
                {
                    "conditions": [condition("Ready")],
                    "listeners": listeners,
                    "clusterId": self.cluster_id,
                    "kafkaVersion": self.spec["kafka"]["version"],
                    "kafkaMetadataVersion": self.spec["kafka"]["metadataVersion"],
                    "operatorLastSuccessfulVersion": VERSION,
                    "kafkaNodePools": [{"name": p["metadata"]["name"]}
                                       for p in self._live("KafkaNodePool")],
                },
            )  # fmt: skip
        for body in self._live("KafkaNodePool"):
            spec = body["spec"]
            self._write(
                body,
                {"nodeIds": self.ids, "clusterId": self.cluster_id, "roles": spec["roles"],
                 "replicas": spec["replicas"], "labelSelector": f"strimzi.io/cluster={CLUSTER}"},
            )  # fmt: skip

    def topics(self) -> None:
        """Every KafkaTopic is ready, with the id that the brokers gave it."""
        bodies = self._live("KafkaTopic")
        names = {b["metadata"]["name"]: _topic_name(b) for b in bodies}
        found = self.kafka.admin.describe_topics(
            TopicCollection(sorted(set(names.values()))), request_timeout=DEADLINE_S
        )
        ids = {name: str(answer_of(future).topic_id) for name, future in found.items()}
        for body in bodies:
            name = names[body["metadata"]["name"]]
            annotations = body["metadata"].get("annotations", {})
            if annotations.get("strimzi.io/managed") == "false":
                self._write(body, {"conditions": [condition("Unmanaged")], "topicName": name})
            else:
                told = {"conditions": [condition("Ready")], "topicName": name, "topicId": ids[name]}
                self._write(body, told)

    def users(self) -> None:
        """Every KafkaUser is ready, with its Secret where it logs in."""
        secrets = []
        for body in self._live("KafkaUser"):
            name = body["metadata"]["name"]
            kind = body["spec"].get("authentication", {}).get("type", "")
            scram = kind == "scram-sha-512"
            status = {
                "conditions": [condition("Ready")],
                "username": name if scram else f"CN={name}",
            }
            if scram:
                data = {"password": password_of(name)}
            elif kind == "tls":
                shown = self.security.user(name)
                data = {
                    "ca.crt": self.security.clients_ca.certificate.read_text(),
                    "user.crt": shown.certificate.read_text(),
                    "user.key": shown.key.read_text(),
                }
            else:
                self._write(body, status)
                continue
            secrets.append(secret(self.namespace, name, "KafkaUser", data))
            self._write(body, status | {"secret": name})
        self._apply(secrets)

    def _leave_nodes_to_others(self, made: list[Any]) -> None:
        """Take away the machines of an environment that was here before: they are in no namespace."""
        mine = {each["metadata"]["name"] for each in made if each["kind"] == "Node"}
        path = self.kubernetes.path("Node", "").rstrip("/")
        for each in self.kubernetes.admin.request("GET", path)["items"]:
            if each["metadata"]["name"] not in mine:
                self.kubernetes.delete("Node", each["metadata"]["name"])

    def _live(self, kind: str) -> list[Any]:
        path = self.kubernetes.path(kind, "", self.namespace).rstrip("/")
        items = self.kubernetes.admin.request("GET", path)["items"]
        return [each | {"kind": kind} for each in items]

    def _write(self, body: Any, status: Any) -> None:
        metadata = body["metadata"]
        status = {"observedGeneration": metadata.get("generation", 1)} | status
        if body["kind"] in ("Pod", "PersistentVolumeClaim"):
            del status["observedGeneration"]
        self.kubernetes.write_status(body["kind"], metadata["name"], metadata["namespace"], status)

    def _apply(self, manifests: Iterable[Any]) -> None:
        self.kubernetes.apply(manifests, manager=OPERATOR)


def _listener(said: Any) -> str:
    """The listener of the tests' Kafka that is like one in Git."""
    if not said["tls"]:
        return "plain"
    return "tls" if said["authentication"]["type"] == "tls" else "scram"


def _topic_name(body: Any) -> str:
    name: str = body["spec"].get("topicName", body["metadata"]["name"])
    return name
