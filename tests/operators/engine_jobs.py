"""The pods of backup and restore Jobs: their containers one after the other, each as a pod of its own has it.

Objects and Secrets are what the API server has, so that what operators make of users is what the engine logs in with.
"""

import subprocess
from base64 import b64decode
from collections.abc import MutableSequence
from pathlib import Path
from threading import Thread
from typing import Any

from live.engine_pod import Done, Pods
from live.kubernetes_server import KubernetesServer
from operators.addresses import Hosts

IMAGE = "kafka-backup"
"""How the name of the engine's image begins."""
_KILLED = 137


class EngineJob:
    """One pod of a Job."""

    def __init__(
        self,
        kubernetes: KubernetesServer,
        folder: Path,
        hosts: Hosts,
        pod: Any,
        kills: MutableSequence[str],
        told: MutableSequence[tuple[str, str, Done]],
    ) -> None:
        """The next step that `kills` names first is killed; what steps came to goes to `told`."""
        self._kubernetes, self._kills, self._told = kubernetes, kills, told
        self._namespace, self._spec = pod["metadata"]["namespace"], pod["spec"]
        self._job = pod["metadata"]["labels"]["batch.kubernetes.io/job-name"]
        self._folder, self._hosts = (
            folder / "engine" / self._namespace,
            hosts.within(self._namespace),
        )
        self._thread = Thread(target=self._run, daemon=True)
        self._process: subprocess.Popen[str] | None = None
        self._code: int | None = None

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def is_ready(self) -> bool:
        """Whether it runs: nobody asks it for more."""
        return self.is_up()

    def is_up(self) -> bool:
        """Whether it runs."""
        return self._code is None

    def exit_code(self) -> int | None:
        """How its last step ended."""
        return self._code

    def stop(self, grace_s: float) -> None:
        """End it."""
        if self._process is not None:
            (self._process.terminate if grace_s else self._process.kill)()

    def _run(self) -> None:
        code = _KILLED
        try:
            steps = [*self._spec.get("initContainers", ()), *self._spec["containers"]]
            during = {each["name"]: self._began(each["name"]) for each in steps}
            pods = Pods(self._folder, self._objects(), self._secrets(), self._hosts)
            done = pods.run_all("Job/this", self._job, during=during)
            self._told += [(self._job, name, each) for name, each in done.items()]
            code = [*done.values()][-1].code
        finally:
            self._code = abs(code)

    def _began(self, step: str) -> Any:
        def began(process: subprocess.Popen[str]) -> None:
            self._process = process
            if self._kills and self._kills[0] == step:
                self._kills.pop(0)
                try:
                    process.wait(0.5)
                except subprocess.TimeoutExpired:
                    process.kill()

        return began

    def _objects(self) -> dict[str, Any]:
        found: dict[str, Any] = {"Job/this": {"spec": {"template": {"spec": self._spec}}}}
        for volume in self._spec["volumes"]:
            if "configMap" in volume:
                name = volume["configMap"]["name"]
                found[f"ConfigMap/{name}"] = self._kubernetes.read(
                    "ConfigMap", name, self._namespace
                )
        return found

    def _secrets(self) -> dict[str, dict[str, str]]:
        mounted = {
            each["secret"]["secretName"] for each in self._spec["volumes"] if "secret" in each
        }
        named = {
            variable["valueFrom"]["secretKeyRef"]["name"]
            for each in (*self._spec.get("initContainers", ()), *self._spec["containers"])
            for variable in each.get("env", ())
            if "secretKeyRef" in variable.get("valueFrom", {})
        }
        found = {}
        for name in mounted | named:
            data = self._kubernetes.read("Secret", name, self._namespace)["data"]
            # A keystore is no text, and no step of ours takes it.
            found[name] = {
                key: b64decode(value).decode()
                for key, value in data.items()
                if not key.endswith(".p12")
            }
        return found
