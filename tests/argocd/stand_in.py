"""A hand that says Ready where no operator runs, and that pods have ended where no kubelet does.

Strimzi's own operators are started by other tests. Here it is asked what Argo CD does with a status, not
whether the status is true; what is written is what the operators of Strimzi 1.2.0 write of an object that
they have carried out, or that they are told to leave alone.
"""

import threading
from contextlib import suppress
from types import TracebackType
from typing import Any, Self

from live.kubernetes_server import KubernetesServer, Refused
from live.statuses import condition

from generator.plan.impact import MANAGED, PAUSED

_PAUSE_S = 0.3
_KINDS = ("Kafka", "KafkaTopic", "KafkaUser")


class StandIn:
    """A thread that answers for Strimzi's kinds and for pods, in all namespaces."""

    def __init__(self, kubernetes: KubernetesServer) -> None:
        """It begins when it is entered."""
        self._kubernetes = kubernetes
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
                self._end_pods()

    def _answer(self, kind: str) -> None:
        for body in self._items(kind):
            about = body["metadata"]
            seen = (body.get("status") or {}).get("observedGeneration")
            known = self._said(about)
            told = [each["type"] for each in (body.get("status") or {}).get("conditions", ())]
            is_done = seen == about["generation"] and told == [known]
            if not is_done and f"{kind}/{about['name']}" not in self.held:
                status = {
                    "observedGeneration": about["generation"],
                    "conditions": [condition(known)],
                }
                with suppress(Refused):
                    self._kubernetes.write_status(kind, about["name"], about["namespace"], status)

    @staticmethod
    def _said(about: Any) -> str:
        annotations = about.get("annotations") or {}
        if annotations.get(PAUSED) == "true":
            return "ReconciliationPaused"
        return "Unmanaged" if annotations.get(MANAGED) == "false" else "Ready"

    def _end_pods(self) -> None:
        """Every pod of a Job has done its work."""
        for body in self._items("Pod"):
            about = body["metadata"]
            job = about.get("labels", {}).get("batch.kubernetes.io/job-name")
            if body["status"].get("phase") == "Pending" and f"Job/{job}" not in self.held:
                told = {"phase": "Succeeded"}
                self._kubernetes.write_status("Pod", about["name"], about["namespace"], told)

    def _items(self, kind: str) -> list[Any]:
        path = self._kubernetes.path(kind, "", "any").replace("/namespaces/any", "").rstrip("/")
        found: list[Any] = self._kubernetes.admin.request("GET", path)["items"]
        return found
