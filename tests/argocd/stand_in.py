"""A hand that says Ready where no operator runs, and that pods have ended where no kubelet does.

Strimzi's own operators are started by other tests. Here it is asked what Argo CD does with a status, not
whether the status is true; what is written is what the operators of Strimzi 1.2.0 write of an object that
they have carried out.
"""

import threading
from contextlib import suppress
from types import TracebackType
from typing import Any, Self

from live.kubernetes_server import KubernetesServer, Refused
from live.statuses import condition

_PAUSE_S = 0.1
_KINDS = ("Kafka", "KafkaTopic", "KafkaUser")


class StandIn:
    """A thread that answers for Strimzi's kinds of one namespace."""

    def __init__(self, kubernetes: KubernetesServer, namespace: str) -> None:
        """What is in `held` is left as it is."""
        self._kubernetes = kubernetes
        self._namespace = namespace
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._work, daemon=True)
        self.held: set[str] = set()
        """Objects by `Kind/name` that nobody carries out."""

    def __enter__(self) -> Self:
        """Begin."""
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End."""
        self._over.set()
        self._thread.join()

    def _work(self) -> None:
        while not self._over.wait(_PAUSE_S):
            # The server may be on its way up or down, and objects go.
            with suppress(Refused, OSError):
                for kind in _KINDS:
                    self._answer(kind)
                self._run_pods()

    def _answer(self, kind: str) -> None:
        for body in self._items(kind):
            name, generation = body["metadata"]["name"], body["metadata"]["generation"]
            seen = (body.get("status") or {}).get("observedGeneration")
            if seen != generation and f"{kind}/{name}" not in self.held:
                self._kubernetes.write_status(kind, name, self._namespace, self.ready(generation))

    def _run_pods(self) -> None:
        """Every pod of a Job has done its work."""
        for body in self._items("Pod"):
            name = body["metadata"]["name"]
            job = body["metadata"].get("labels", {}).get("batch.kubernetes.io/job-name")
            if body["status"].get("phase") == "Pending" and f"Job/{job}" not in self.held:
                told = {"phase": "Succeeded"}
                self._kubernetes.write_status("Pod", name, self._namespace, told)

    def _items(self, kind: str) -> list[Any]:
        path = self._kubernetes.path(kind, "", self._namespace).rstrip("/")
        found: list[Any] = self._kubernetes.admin.request("GET", path)["items"]
        return found

    @staticmethod
    def ready(generation: int) -> dict[str, Any]:
        """What an operator says when it is done."""
        return {"observedGeneration": generation, "conditions": [condition("Ready")]}
