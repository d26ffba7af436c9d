"""A kubelet of tests: the pods that operators make become processes on this machine.

    with Kubelet(kubernetes, folder, containers) as kubelet: ...

It binds pods to nodes, starts what `containers` makes of them, tells when they are ready, and stops them
when they go. A pod of which nothing is made here is ready at once. Claims are bound, and grow at once.
All of it is what a cluster's own parts do elsewhere: the scheduler, the kubelet, the provisioner of volumes,
and the cloud.
"""

import time
from collections.abc import Callable
from http import HTTPStatus
from threading import Event, Thread
from types import TracebackType
from typing import Any, Protocol, Self

from live.kubernetes_server import KubernetesServer, Refused
from live.node import LOOPBACK
from live.statuses import now

_PAUSE_S = 0.1
_BUILD = "kafka-connect-build"
"""What ends at once, and has made an image."""
_ZONES = ("zone-a", "zone-b", "zone-c", "zone-a", "zone-b", "zone-c")


_STORAGE = {
    "apiVersion": "storage.k8s.io/v1",
    "kind": "StorageClass",
    "metadata": {
        "name": "folders",
        "annotations": {"storageclass.kubernetes.io/is-default-class": "true"},
    },
    "provisioner": "example.com/folders",
    "allowVolumeExpansion": True,
}


class Container(Protocol):
    """What runs on this machine for a pod."""

    def start(self) -> None:
        """Begin; it need not be ready when this returns."""

    def is_ready(self) -> bool:
        """Whether it does its work."""

    def is_up(self) -> bool:
        """Whether it still runs."""

    def exit_code(self) -> int | None:
        """How it ended, of what shall end by itself; nothing while it runs."""

    def stop(self, grace_s: float) -> None:
        """End it in order; it is gone when this returns."""


class Kubelet:
    """What becomes of pods, claims and Deployments."""

    def __init__(
        self,
        kubernetes: KubernetesServer,
        make: Callable[[Any], Container | None] = lambda _: None,
        zones: tuple[str, ...] = _ZONES,
    ) -> None:
        """`make` gives what runs for a pod; nothing, where the pod is only said to be ready."""
        self._kubernetes, self._make, self._zones = kubernetes, make, zones
        self._running: dict[str, Container | None] = {}
        self._told: dict[str, Any] = {}
        self._ended = Event()
        self._thread = Thread(target=self._work, name="kubelet", daemon=True)
        self.trouble: list[BaseException] = []
        """What went wrong in here; tests look at it when they fail."""

    def __enter__(self) -> Self:
        """Make the nodes, and begin."""
        for name, zone in zip(self.nodes, self._zones, strict=True):
            labels = {"topology.kubernetes.io/zone": zone, "kubernetes.io/hostname": name}
            metadata = {"name": name, "labels": labels}
            self._kubernetes.apply([{"apiVersion": "v1", "kind": "Node", "metadata": metadata}])
            path = f"{self._kubernetes.path('Node', name, None)}/status"
            status = {"status": {"addresses": [{"type": "InternalIP", "address": LOOPBACK}]}}
            self._kubernetes.admin.request("PATCH", path, status, "application/merge-patch+json")
        self._kubernetes.apply([_STORAGE])
        self._thread.start()
        return self

    @property
    def nodes(self) -> list[str]:
        """The names of the nodes, by the places of their zones."""
        return [f"node-{number}" for number in range(len(self._zones))]

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop all that runs."""
        self._ended.set()
        self._thread.join()
        for container in self._running.values():
            if container is not None:
                container.stop(0)

    def _work(self) -> None:
        while not self._ended.is_set():
            for round_ in (self._pods, self._claims, self._services):
                try:
                    round_()
                except Refused as refused:
                    # Somebody was faster; the next round sees what is there then.
                    if refused.status not in (HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT):
                        self.trouble.append(refused)
                except Exception as error:  # noqa: BLE001 (tests are told by `trouble`)
                    self.trouble.append(error)
            time.sleep(_PAUSE_S)

    def _all(self, kind: str) -> list[Any]:
        path = {
            "pods": "/api/v1/pods",
            "persistentvolumeclaims": "/api/v1/persistentvolumeclaims",
            "services": "/api/v1/services",
            "ingresses": "/apis/networking.k8s.io/v1/ingresses",
        }[kind]
        # From the server's cache, which costs it nothing.
        answer = self._kubernetes.admin.request("GET", f"{path}?resourceVersion=0")
        items: list[Any] = answer["items"]
        return items

    def _pods(self) -> None:
        pods = self._all("pods")
        for pod in pods:
            self._pod(pod)
        there = {pod["metadata"]["uid"] for pod in pods}
        for uid in [uid for uid in self._running if uid not in there]:
            container = self._running.pop(uid)
            if container is not None:
                container.stop(0)

    def _pod(self, pod: Any) -> None:
        metadata, uid = pod["metadata"], pod["metadata"]["uid"]
        path = f"/api/v1/namespaces/{metadata['namespace']}/pods/{metadata['name']}"
        if "deletionTimestamp" in metadata:
            container = self._running.pop(uid, None)
            if container is not None:
                container.stop(float(metadata.get("deletionGracePeriodSeconds", 30)))
            options = {"gracePeriodSeconds": 0, "preconditions": {"uid": uid}}
            self._kubernetes.admin.request("DELETE", path, options)
        elif "nodeName" not in pod["spec"]:
            node = self._node(metadata["name"])
            target = {"apiVersion": "v1", "kind": "Node", "name": node}
            binding = {"apiVersion": "v1", "kind": "Binding", "metadata": {"name": metadata["name"]},
                       "target": target}  # fmt: skip
            self._kubernetes.admin.request("POST", f"{path}/binding", binding)
        else:
            if uid not in self._running:
                self._running[uid] = self._started(pod)
            self._tell(pod, path, self._running[uid])

    def _node(self, pod: str) -> str:
        """Always the same one for a pod, and another one for its neighbour."""
        end = pod.rpartition("-")[2]
        number = int(end) if end.isdecimal() else sum(pod.encode())
        return self.nodes[number % len(self.nodes)]

    def _started(self, pod: Any) -> Container | None:
        container = self._make(pod)
        if container is not None:
            container.start()
        return container

    def _tell(self, pod: Any, path: str, container: Container | None) -> None:
        ready = container is None or container.is_ready()
        up = container is None or container.is_up()
        state: Any = (
            {"running": {"startedAt": now()}} if up else {"waiting": {"reason": "CrashLoopBackOff"}}
        )
        if pod["metadata"].get("labels", {}).get("strimzi.io/component-type") == _BUILD:
            image = f"example.com/built:{pod['metadata']['uid']}"
            state = {"terminated": {"exitCode": 0, "message": image}}
        code = None if container is None else container.exit_code()
        if code is not None:
            ended: dict[str, Any] = {"exitCode": code, "finishedAt": now()}
            state = {"terminated": ended}
        said = (_phase(up, code), ready and up)
        uid = pod["metadata"]["uid"]
        if self._told.get(uid) == said:
            return
        word = "True" if said[1] else "False"
        containers = [
            {"name": each["name"], "ready": said[1], "started": up, "restartCount": 0, "state": state,
             "image": each["image"], "imageID": "", "resources": each.get("resources", {})}
            for each in pod["spec"]["containers"]
        ]  # fmt: skip
        conditions = [{"type": kind, "status": word, "lastTransitionTime": now()}
                      for kind in ("Ready", "ContainersReady")]  # fmt: skip
        conditions += [{"type": kind, "status": "True", "lastTransitionTime": now()}
                       for kind in ("PodScheduled", "Initialized")]  # fmt: skip
        status = {"phase": said[0], "conditions": conditions, "containerStatuses": containers,
                  "startTime": pod["metadata"]["creationTimestamp"],
                  "observedGeneration": pod["metadata"].get("generation", 1)}  # fmt: skip
        address = _address(pod)
        status |= {"podIP": address, "podIPs": [{"ip": address}]}
        self._write(f"{path}/status", status)
        self._told[uid] = said

    def _claims(self) -> None:
        for claim in self._all("persistentvolumeclaims"):
            asked = claim["spec"]["resources"]["requests"]["storage"]
            if claim.get("status", {}).get("capacity", {}).get("storage") == asked:
                continue
            metadata = claim["metadata"]
            status = {"phase": "Bound", "accessModes": claim["spec"]["accessModes"],
                      "capacity": {"storage": asked}}  # fmt: skip
            within = f"/api/v1/namespaces/{metadata['namespace']}"
            path = f"{within}/persistentvolumeclaims/{metadata['name']}/status"
            self._write(path, status)

    def _services(self) -> None:
        """What a cloud does: an address for each load balancer and each Ingress."""
        wanted = [
            each for each in self._all("services") if each["spec"].get("type") == "LoadBalancer"
        ]
        paths = [("/api/v1", "services", each) for each in wanted]
        paths += [
            ("/apis/networking.k8s.io/v1", "ingresses", each) for each in self._all("ingresses")
        ]
        for group, kind, each in paths:
            metadata = each["metadata"]
            if each.get("status", {}).get("loadBalancer", {}).get("ingress"):
                continue
            path = f"{group}/namespaces/{metadata['namespace']}/{kind}/{metadata['name']}"
            ingress = [{"hostname": f"{metadata['name']}.{metadata['namespace']}.example.com"}]
            self._write(f"{path}/status", {"loadBalancer": {"ingress": ingress}})

    def _write(self, path: str, status: Any) -> None:
        body, media = {"status": status}, "application/merge-patch+json"
        self._kubernetes.admin.request("PATCH", path, body, media)


def _phase(up: bool, code: int | None) -> str:
    if code is not None:
        return "Failed" if code else "Succeeded"
    return "Running" if up else "Pending"


def _address(pod: Any) -> str:
    """The address of a pod that Kubernetes is told, which may not be a loopback one."""
    number = int(pod["metadata"]["uid"][:8], 16) % 62_500
    return f"10.77.{number // 250}.{number % 250 + 1}"
