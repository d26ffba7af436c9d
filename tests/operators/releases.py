"""A Cluster Operator of some release over a Kafka of which no pod ever starts: what its pods would be is seen.

    with Released(folder, "0.51.0") as released:
        released.changed(lambda objects: ...)

It writes down the pods that there are to be before it looks at those that there are, and for these it would wait
for ever: so it is started for each change, and stopped when it has written.
"""

import time
from collections.abc import Callable
from contextlib import ExitStack
from copy import deepcopy
from pathlib import Path
from typing import Any, Self

from live.kubernetes_server import KubernetesServer
from live.node import ServerError
from live.stopping import Stopping
from operators.addresses import Hosts
from operators.parts import KAFKAS
from operators.processes import ClusterOperator
from operators.table import Objects

from generator.common.strimzi import nearest
from generator.common.strimzi_facts import KRAFT_ANNOTATIONS
from generator.contract.operator_version import annotations_for

NAMESPACE = "kafka"
KAFKA, BROKERS, CONTROLLERS = "Kafka/events", "KafkaNodePool/brokers", "KafkaNodePool/controllers"
_REVISION = "strimzi.io/revision"
_DEADLINE_S = 120


class Released(Stopping):
    """The operator of a release, and what it makes of a Kafka."""

    def __init__(self, folder: Path, version: str) -> None:
        """`folder` is where everything has its files.

        Raises:
            MissingError: when a part is not there.
        """
        self._kubernetes = KubernetesServer(folder / "kubernetes")
        self._hosts = Hosts(folder / "hosts")
        self._operator = ClusterOperator(
            self._kubernetes, folder / "operator", version, hosts=self._hosts
        )
        self.version, self._round = version, 0
        self._cleanup = ExitStack()
        self.objects: Objects = _objects(version)

    def __enter__(self) -> Self:
        """Start all of it; the pods of the Kafka are written down when this returns."""
        with ExitStack() as cleanup:
            cleanup.callback(self._hosts.close)
            cleanup.enter_context(self._kubernetes)
            self._kubernetes.install_crds(strimzi=self.version)
            metadata = {"name": NAMESPACE}
            namespace = {"apiVersion": "v1", "kind": "Namespace", "metadata": metadata}
            self._kubernetes.apply([namespace])
            self.changed(lambda _: None)
            self._cleanup = cleanup.pop_all()
        return self

    def changed(self, edit: Callable[[Objects], object]) -> set[str]:
        """The pools whose pods are to be others after an edit."""
        before = self._revisions()
        objects = deepcopy(self.objects)
        edit(objects)
        self._round += 1
        self._kubernetes.apply(map(self._marked, objects.values()))
        with self._operator:
            end = time.monotonic() + _DEADLINE_S
            while not self._is_through():
                if time.monotonic() > end:
                    raise ServerError(f"nothing came of it\n{self._operator.log_tail()}")
                time.sleep(0.2)
        self.objects = objects
        after = self._revisions()
        return {pool for pool in before if before[pool] != after[pool]}

    def _marked(self, body: Any) -> Any:
        """An object that says in which round it is, where no pod hears of it."""
        body = deepcopy(body)
        said = body["spec"]["kafka"] if body["kind"] == "Kafka" else body["spec"]
        if body["kind"] == "Kafka" or "template" in said:
            said.setdefault("template", {})["podSet"] = {
                "metadata": {"annotations": {"round": str(self._round)}}
            }
        return body

    def _sets(self) -> list[Any]:
        path = self._kubernetes.path("StrimziPodSet", "", NAMESPACE).rstrip("/")
        items: list[Any] = self._kubernetes.admin.request("GET", path)["items"]
        return items

    def _is_through(self) -> bool:
        rounds = [(each["metadata"].get("annotations") or {}).get("round") for each in self._sets()]
        return rounds == [str(self._round)] * 2

    def _revisions(self) -> dict[str, set[str]]:
        return {
            each["metadata"]["labels"]["strimzi.io/pool-name"]: {
                pod["metadata"]["annotations"][_REVISION] for pod in each["spec"]["pods"]
            }
            for each in self._sets()
        }


def _objects(version: str) -> Objects:
    """A Kafka of two pools that say nothing of their pods."""
    known = nearest(version)
    api = f"kafka.strimzi.io/{known.apis[-1]}"
    annotations = annotations_for(version)
    if KRAFT_ANNOTATIONS.holds(version):
        annotations |= {"strimzi.io/kraft": "enabled", "strimzi.io/node-pools": "enabled"}
    kafka: dict[str, Any] = {
        "apiVersion": api,
        "kind": "Kafka",
        "metadata": {"name": "events", "namespace": NAMESPACE, "annotations": annotations},
        "spec": {"kafka": {
            "version": KAFKAS[version][-1],
            "listeners": [{"name": "tls", "port": 9093, "type": "internal", "tls": True}],
            "config": {"offsets.topic.replication.factor": 1},
        }},
    }  # fmt: skip
    pools: list[dict[str, Any]] = [
        {
            "apiVersion": api,
            "kind": "KafkaNodePool",
            "metadata": {"name": f"{role}s", "namespace": NAMESPACE,
                         "labels": {"strimzi.io/cluster": "events"}},
            "spec": {"replicas": 1, "roles": [role], "storage": {"type": "ephemeral"}},
        }
        for role in ("broker", "controller")
    ]  # fmt: skip
    return {f"{each['kind']}/{each['metadata']['name']}": each for each in (kafka, *pools)}
