"""Strimzi on this machine: Kubernetes, its operators, and pods that run.

    with Strimzi(folder) as strimzi:
        strimzi.deploy("dev")
        strimzi.until_ready("Kafka", "events", "kafka-dev")

Argo CD's part is done by `deploy`, which applies what is rendered; nobody writes a status by hand.
"""

import base64
import re
import time
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from functools import partial
from http import HTTPStatus
from pathlib import Path
from tempfile import mkdtemp
from typing import Any, Self

from live.commands import Done
from live.controllers import Controllers
from live.inside import run_as_pod
from live.kubernetes_server import KubernetesServer, Refused
from live.node import ServerError
from live.statuses import manifests_of
from live.stopping import Stopping
from operators.addresses import Hosts
from operators.kubelet import Kubelet
from operators.parts import STRIMZI, brokers
from operators.pods import Pods, pods_run_here
from operators.processes import ClusterOperator
from operators.verification import OPTIONS

_CONTROLLERS = ("deployment", "replicaset", "endpoints")
EXPLAINED = re.compile(r"# Strimzi warns \((\w+)\): \S")
"""How an intent says, beside the cause, why an operator warns."""
DEADLINE_S = 600
"""How long anything may take before a test gives up."""
_PAUSE_S = 0.2
_UNDECIDED = {"Creating", "StrimziTimeoutException"}
"""What an operator says of what it goes on with; a slow machine takes longer than its patience."""
_LIST_KINDS = ("KafkaTopic", "KafkaUser")


class Strimzi(Stopping):
    """A cluster of Kubernetes in which Strimzi runs."""

    def __init__(self, folder: Path, version: str = STRIMZI) -> None:
        """`folder` is where everything has its files; `version` is the release that runs at first.

        Raises:
            MissingError: when a part is not there.
        """
        pods_run_here()
        brokers()
        self._folder = folder
        self.hosts = Hosts(folder / "hosts")
        self.kubernetes = KubernetesServer(folder / "kubernetes")
        self.version = version
        self.operator = self._operator()
        self.pods = Pods(self.kubernetes, folder, self.hosts)
        self.kubelet = Kubelet(self.kubernetes, self.pods)
        self._controllers = Controllers(self.kubernetes, folder, _CONTROLLERS)
        self._cleanup = ExitStack()

    def __enter__(self) -> Self:
        """Start all of it."""
        with ExitStack() as cleanup:
            cleanup.callback(self.hosts.close)
            cleanup.enter_context(self.kubernetes)
            self.kubernetes.install_crds(strimzi=self.version)
            cleanup.enter_context(self._controllers)
            cleanup.callback(lambda: self.operator.__exit__(None, None, None))
            self.operator.__enter__()
            cleanup.enter_context(self.kubelet)
            self._cleanup = cleanup.pop_all()
        return self

    def _operator(self) -> ClusterOperator:
        folder = self._folder / "operator"
        return ClusterOperator(self.kubernetes, folder, self.version, hosts=self.hosts)

    def upgrade(self, version: str) -> None:
        """Put the definitions and the Cluster Operator of another release in the place of those that are there.

        Raises:
            Refused: when Kubernetes does not take the definitions; the operator is the old one then.
        """
        self.kubernetes.install_crds(strimzi=version)
        self.operator.__exit__(None, None, None)
        self.version = version
        self.operator = self._operator()
        self.operator.__enter__()

    def deploy(self, environment: str) -> None:
        """Apply an environment as rendered, and the Secrets that its users bring themselves."""
        self.apply(manifests_of(environment))

    def apply(self, manifests: list[Any]) -> None:
        """Apply what makes an environment, and the Secrets that its users bring themselves; no hooks."""
        self.bring_secrets(manifests)
        self.kubernetes.apply(each for each in manifests if not is_hook(each))

    def bring_secrets(self, manifests: list[Any]) -> None:
        """Apply the Secrets that users bring themselves, and the namespaces that they are in."""
        self.kubernetes.apply(each for each in manifests if each["kind"] == "Namespace")
        self.kubernetes.apply(map(_secret, sorted(_passwords(manifests))))

    def remove(self, namespace: str) -> None:
        """Take away what runs in a namespace, and with it what belongs to it."""
        for kind in ("Kafka", "KafkaNodePool", "CronJob", "Job"):
            for each in self.all(kind, namespace):
                self.kubernetes.delete(kind, each["metadata"]["name"], namespace)
        self.until(lambda: not self.all("Pod", namespace), f"end of the pods of {namespace}")

    def all(self, kind: str, namespace: str | None) -> list[Any]:
        """All objects of a kind in a namespace; None for kinds that have none."""
        path = self.kubernetes.path(kind, "", namespace).rstrip("/")
        items: list[Any] = self.kubernetes.admin.request("GET", path)["items"]
        return items

    def until(
        self, condition: Callable[[], bool], what: str, deadline_s: float = DEADLINE_S
    ) -> None:
        """Ask until the answer is yes.

        Raises:
            ServerError: when it is not yes in time; it tells what the operator said last.
        """
        end = time.monotonic() + deadline_s
        while time.monotonic() < end:
            try:
                if condition():
                    return
            except Refused:
                pass  # it is not there yet
            if self.kubelet.trouble:
                raise ServerError(f"the kubelet failed: {self.kubelet.trouble}")
            time.sleep(_PAUSE_S)
        raise ServerError(f"no {what} within {deadline_s} s\n{self.operator.log_tail()}")

    def until_ready(self, kind: str, name: str, namespace: str) -> Any:
        """Wait until an operator says Ready of what an object says now; returns the object."""
        self.until(
            lambda: is_ready(self.kubernetes.read(kind, name, namespace)), f"{kind} {name} Ready"
        )
        return self.kubernetes.read(kind, name, namespace)

    def until_settled(self, namespace: str) -> None:
        """Wait until operators have said something of every object of a namespace, as it is now."""
        for each in self.all("Kafka", namespace):
            self.until_ready("Kafka", each["metadata"]["name"], namespace)
        for kind in _LIST_KINDS:
            self.until_told(kind, namespace)

    def until_told(self, kind: str, namespace: str) -> None:
        """Wait until operators have said something of every object of a kind, as it is now."""
        self.until(partial(self._all_told, kind, namespace), f"{kind}s told")

    def until_all_told(self, bodies: Iterable[Any]) -> None:
        """Wait until operators have said what becomes of objects; of pools the Kafka tells."""
        for each in bodies:
            if each["kind"] != "KafkaNodePool":
                what = f"word of {each['kind']} {each['metadata']['name']}"
                self.until(partial(self._is_decided, each), what)

    def read(self, body: Any) -> Any:
        """An object that was applied, as it is now."""
        return self.kubernetes.read(
            body["kind"], body["metadata"]["name"], body["metadata"]["namespace"]
        )

    def until_gone(self, body: Any) -> None:
        """Wait until an object that was deleted is there no more."""
        kind, metadata = body["kind"], body["metadata"]
        self.until(
            partial(self.is_gone, kind, metadata["name"], metadata.get("namespace")), "end of it"
        )

    def is_gone(self, kind: str, name: str, namespace: str | None) -> bool:
        """Whether an object is not there."""
        try:
            self.kubernetes.read(kind, name, namespace)
        except Refused as refused:
            return refused.status == HTTPStatus.NOT_FOUND
        return False

    def _is_decided(self, body: Any) -> bool:
        now = self.read(body)
        return is_told(now) and not _UNDECIDED & {each.get("reason") for each in conditions(now)}

    def _all_told(self, kind: str, namespace: str) -> bool:
        return all(map(is_told, self.all(kind, namespace)))

    def verify(self, environment: str, *more: str, job: Any = None) -> Done:
        """What comes of the shipped Job of strimzi-verify, or of another one, in a pod of its own."""
        folder = Path(mkdtemp(prefix="verify-", dir=self._folder))
        hosts = self.hosts.within(f"kafka-{environment}")
        began = time.monotonic()
        options = (*OPTIONS, *more)
        done = run_as_pod(self.kubernetes, environment, folder, *options, hosts=hosts, job=job)
        return Done(done.returncode, done.stdout, done.stderr, time.monotonic() - began)


def is_hook(body: Any) -> bool:
    """Whether Argo CD runs an object at its time, as the Job of strimzi-verify; tests do that by `verify`."""
    return "argocd.argoproj.io/hook" in body["metadata"].get("annotations", {})


def is_told(body: Any) -> bool:
    """Whether an operator has said something of an object as it is now."""
    return bool(body.get("status", {}).get("observedGeneration") == body["metadata"]["generation"])


def is_ready(body: Any) -> bool:
    """Whether an operator calls an object, as it is now, ready."""
    ready = {"type": "Ready", "status": "True"}
    return is_told(body) and any(ready.items() <= each.items() for each in conditions(body))


def conditions(body: Any) -> list[Any]:
    """What an operator says of an object."""
    found: list[Any] = body.get("status", {}).get("conditions", [])
    return found


def _passwords(manifests: list[Any]) -> set[tuple[str, str, str]]:
    """Namespace, name and key of every Secret that a KafkaUser takes its password from."""
    told = set()
    for each in manifests:
        if each["kind"] == "KafkaUser":
            source = each["spec"].get("authentication", {}).get("password", {}).get("valueFrom", {})
            reference = source.get("secretKeyRef")
            if reference:
                told.add((each["metadata"]["namespace"], reference["name"], reference["key"]))
    return told


def _secret(told: tuple[str, str, str]) -> Any:
    namespace, name, key = told
    value = base64.b64encode(f"{name}-password".encode()).decode()
    metadata = {"name": name, "namespace": namespace}
    return {"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "data": {key: value}}
