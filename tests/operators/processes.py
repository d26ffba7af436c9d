"""Strimzi's operators as processes on this machine."""

import os
import re
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Self

from live.etcd import Program
from live.jars import java
from live.kubernetes_server import KubernetesServer
from live.stopping import Stopping
from operators.addresses import Hosts, own_address
from operators.parts import STRIMZI, operators

from generator.common.strimzi import release

_JVM_OPTIONS = (
    "-Xmx400m",
    "-XX:+UseSerialGC",
    "-XX:TieredStopAtLevel=1",
    "-Djava.net.preferIPv4Stack=true",
)
_IMAGES = ("KAFKA", "KAFKA_CONNECT", "KAFKA_MIRROR_MAKER", "KAFKA_MIRROR_MAKER_2")
_KUBERNETES = """\
major=1
minor=32
gitVersion=v1.32.0
gitCommit=none
gitTreeState=clean
buildDate=2025-01-01T00:00:00Z
goVersion=go1.23
compiler=gc
platform=linux/amd64
"""
"""What 0.45.0 has to be told, whose client cannot read what newer servers say of themselves."""


class ClusterOperator(Stopping):
    """A Cluster Operator for all namespaces, which may do everything."""

    def __init__(
        self,
        kubernetes: KubernetesServer,
        folder: Path,
        version: str = STRIMZI,
        settings: Mapping[str, str] | None = None,
        hosts: Hosts | None = None,
    ) -> None:
        """`hosts` knows the addresses of pods and Services.

        Raises:
            MissingError: when there is no operator to start.
        """
        self._kubernetes, self._folder = kubernetes, folder
        self._version, self._settings = version, dict(settings or {})
        self._hosts = hosts or Hosts(folder / "hosts")
        self._class_path = operators(version)
        self.log = folder / f"cluster-operator-{version}.log"
        self._cleanup = ExitStack()

    def __enter__(self) -> Self:
        """Start it; it watches when this returns."""
        self._folder.mkdir(parents=True, exist_ok=True)
        command, environment = self._command(), self._environment()
        program = Program("cluster operator", self.log, command, environment)
        self._program = program
        self._cleanup.callback(program.stop)
        program.start()
        program.until(self._watches, "watch")
        return self

    def log_tail(self) -> str:
        """The last lines of its log."""
        return self._program.log_tail()

    def position(self) -> int:
        """How much it has said by now, for `has_been_through`."""
        return self.log.stat().st_size

    def said(self, since: int) -> list[str]:
        """The lines of its log since it had said so much."""
        with self.log.open("rb") as log:
            log.seek(since)
            return log.read().decode(errors="replace").splitlines()

    def has_been_through(self, resource: str, since: int) -> bool:
        """Whether it began and ended with a resource, `Kafka(namespace/name)`, since it had said so much.

        What it began with before counts for nothing: it may have read the resource as it was.
        """
        text = "\n".join(self.said(since))
        about = re.escape(resource)
        said = r"(?:.* will be checked for|Reconciliation of .* is paused)"
        begun = set(re.findall(rf"#(\d+)\(\w+\) {about}: {said}", text))
        ended = set(re.findall(rf"#(\d+)\(\w+\) {about}: (?:reconciled|Failed to reconcile)", text))
        return bool(begun & ended)

    def _watches(self) -> bool:
        return "Starting ClusterOperator" in self.log.read_text(encoding="utf-8")

    def _command(self) -> list[str]:
        # Names that nobody knows are told at once; there is nobody outside to be asked.
        options = [*_JVM_OPTIONS, f"-Djdk.net.hosts.file={self._hosts.file}"]
        return [java(), *options, "-cp", self._class_path, "io.strimzi.operator.cluster.Main"]

    def _environment(self) -> dict[str, str]:
        kubernetes, namespace = self._kubernetes, "strimzi"
        kubernetes.apply(
            [
                {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}},
                {
                    "apiVersion": "rbac.authorization.k8s.io/v1",
                    "kind": "ClusterRoleBinding",
                    "metadata": {"name": "strimzi-cluster-operator"},
                    "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole",
                                "name": "cluster-admin"},
                    "subjects": [{"kind": "ServiceAccount", "name": "operator",
                                  "namespace": namespace}],
                },
            ]
        )  # fmt: skip
        # Its client reads no keys of the kind that the tests' certificates have.
        access = kubernetes.bearer(kubernetes.token(namespace, "operator", 36_000))
        versions = release(self._version).kafka
        images = "\n".join(f"{each}=kafka:{each}" for each in versions)
        told = {
            "STRIMZI_NAMESPACE": "*",
            "STRIMZI_OPERATOR_NAMESPACE": namespace,
            "STRIMZI_LEADER_ELECTION_ENABLED": "false",
            "STRIMZI_POD_SECURITY_PROVIDER_CLASS": "restricted",
            "STRIMZI_OPERATION_TIMEOUT_MS": "60000",
            # Who comes while it is busy with a resource is sent away, and looked after in the next round.
            "STRIMZI_FULL_RECONCILIATION_INTERVAL_MS": "10000",
            "STRIMZI_DNS_CACHE_TTL": "1",
            **{f"STRIMZI_{each}_IMAGES": images for each in _IMAGES},
            **{f"STRIMZI_DEFAULT_{each}_IMAGE": f"kafka:{versions[-1]}"
               for each in ("KAFKA_EXPORTER", "CRUISE_CONTROL", "KAFKA_INIT", "KAFKA_BRIDGE", "KANIKO_EXECUTOR", "BUILDAH",
                            "MAVEN_BUILDER")},
            "STRIMZI_DEFAULT_TOPIC_OPERATOR_IMAGE": f"operator:{self._version}",
            "STRIMZI_DEFAULT_USER_OPERATOR_IMAGE": f"operator:{self._version}",
            "KUBECONFIG": str(access.kubeconfig),
            "HOME": str(self._folder),
            "LD_PRELOAD": str(own_address()),
            "POD_ADDRESS": self._hosts.address(f"{namespace}/{self._version}"),
        }  # fmt: skip
        if self._version == "0.45.0":
            told["STRIMZI_KUBERNETES_VERSION"] = _KUBERNETES
        told |= self._settings
        kubernetes.apply([_deployment(namespace, self._version, told)])
        return {**os.environ, **told}


def _deployment(namespace: str, version: str, told: Mapping[str, str]) -> dict[str, Any]:
    """What Kubernetes knows of the operator, whose process is here."""
    name, labels = "strimzi-cluster-operator", {"name": "strimzi-cluster-operator"}
    shown = [
        {"name": key, "value": value} for key, value in told.items() if key.startswith("STRIMZI")
    ]
    container = {"name": name, "image": f"operator:{version}", "env": shown}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name, "namespace": namespace, "labels": {"app": "strimzi"}},
        "spec": {
            "replicas": 1,
            "selector": {"matchLabels": labels},
            "template": {"metadata": {"labels": labels}, "spec": {"containers": [container]}},
        },
    }
