"""strimzi-verify in the pods of its Jobs, when somebody makes one: Argo CD after each sync."""

import subprocess
import time
from collections.abc import Mapping, MutableMapping
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from live.commands import Done
from live.inside import started_as_pod
from live.kubernetes_server import KubernetesServer
from operators.addresses import Hosts

VERIFIER = "strimzi-verify"
"""The name of the container."""
# Brokers share the disk of this machine, which nobody may hold against them; a minute of calm is long.
OPTIONS = ("--skip", "disk-fill", "--stable", "0s", "--format", "json")


class Verification:
    """A pod that verifies an environment, and ends."""

    def __init__(
        self,
        kubernetes: KubernetesServer,
        folder: Path,
        hosts: Hosts,
        pod: Any,
        told: MutableMapping[str, Done],
        cloud: Mapping[str, str],
    ) -> None:
        """What it says goes to `told`, by namespace; `cloud` are variables that it gets from a cloud."""
        self._cloud = cloud
        self._kubernetes, self._hosts, self._pod, self._told = kubernetes, hosts, pod, told
        self._folder = Path(mkdtemp(prefix="verify-", dir=folder))
        self._out, self._err = self._folder / "out", self._folder / "err"
        self._process: subprocess.Popen[str] | None = None
        self._began, self._is_told = time.monotonic(), False

    def start(self) -> None:
        """Begin."""
        (container,) = self._pod["spec"]["containers"]
        namespace, (_, environment, *_) = self._pod["metadata"]["namespace"], container["args"]
        job = {"spec": {"template": {"spec": self._pod["spec"]}}}
        with self._out.open("w") as out, self._err.open("w") as err:
            self._process = started_as_pod(
                self._kubernetes, environment, self._folder, *OPTIONS,
                hosts=self._hosts.within(namespace), job=job, out=out, err=err, cloud=self._cloud,
            )  # fmt: skip

    def is_ready(self) -> bool:
        """Whether it runs: nobody asks it for more."""
        return self.is_up()

    def is_up(self) -> bool:
        """Whether it runs."""
        return self._process is not None and self._process.poll() is None

    def exit_code(self) -> int | None:
        """How it ended; what it said is told then."""
        if self._process is None or self._process.poll() is None:
            return None
        if not self._is_told:
            self._is_told = True
            took_s = time.monotonic() - self._began
            done = Done(
                self._process.returncode, self._out.read_text(), self._err.read_text(), took_s
            )
            self._told[self._pod["metadata"]["namespace"]] = done
        return self._process.returncode

    def stop(self, grace_s: float) -> None:
        """End it."""
        if self._process is not None and self.is_up():
            (self._process.terminate if grace_s else self._process.kill)()
            self._process.wait()
