"""A real Argo CD beside a test's kube-apiserver: application controller, repo server and Redis.

    with ArgoCd(kubernetes, folder) as argo_cd:
        argo_cd.follow(repository.manifests("argocd"))
        argo_cd.until_synced("kafka-dev", repository.revision)
        argo_cd.deploy("kafka-dev", repository.commit())

It deploys to the server that it stands on (https://kubernetes.default.svc), and, as to another one, to
the cluster called `production`, which is the same server. There is no API server of Argo CD's own: what
people ask for is written into the Application, as the command line does it.
"""

import json
import shutil
import time
from base64 import b64encode
from collections.abc import Callable, Iterable
from contextlib import ExitStack, suppress
from datetime import UTC, datetime
from http import HTTPStatus
from pathlib import Path
from typing import Any, Self

from argocd.program import programs
from live.etcd import Program, executable
from live.kubernetes_server import KubernetesServer, Refused
from live.node import LOOPBACK, free_ports
from live.stopping import Stopping

NAMESPACE = "argocd"
USER = "argocd"
"""Who Argo CD is to the API server, and so in its audit log."""

PRODUCTION = "production"

_PAUSE_S = 0.2
_MERGE = "application/merge-patch+json"
_REFRESH = "argocd.argoproj.io/refresh"


class ArgoCd(Stopping):
    """The three processes, and what people do with Applications."""

    def __init__(self, kubernetes: KubernetesServer, folder: Path, wave_delay_s: int = 2) -> None:
        """`folder` is where logs and clones go.

        `wave_delay_s` is how long it pauses between waves, so that operators can begin to work.

        Raises:
            MissingError: when there is no Argo CD or Redis to start.
        """
        self.kubernetes = kubernetes
        self._folder = folder
        self._wave_delay_s = wave_delay_s
        self._access = kubernetes.user(USER, ["system:masters"])
        self._cleanup = ExitStack()
        redis, repository, *metrics = free_ports(4)
        where = programs()
        common = ["--redis", f"{LOOPBACK}:{redis}"]
        self._redis = self._program(
            "redis",
            [executable("redis-server", "apt-get install redis-server"), "--port", str(redis),
             "--bind", LOOPBACK, "--save", "", "--dir", str(folder)],
        )  # fmt: skip
        self._repo_server = self._program(
            "argocd-repo-server",
            [str(where / "argocd-repo-server"), *common, "--address", LOOPBACK,
             "--port", str(repository), "--disable-tls", "--client-ca-path", "",
             "--metrics-address", LOOPBACK, "--metrics-port", str(metrics[0])],
        )  # fmt: skip
        self._controller = self._program(
            "argocd-application-controller",
            [str(where / "argocd-application-controller"), *common, "--namespace", NAMESPACE,
             "--kubeconfig", str(self._access.kubeconfig),
             "--repo-server", f"{LOOPBACK}:{repository}", "--repo-server-plaintext",
             "--metrics-port", str(metrics[1])],
        )  # fmt: skip

    def _program(self, name: str, command: list[str]) -> Program:
        own = self._folder / "bin"
        told = {
            "HOME": self._folder,
            "PATH": f"{own}:/usr/local/bin:/usr/bin:/bin",
            "TMPDIR": self._folder,
            "KUBECONFIG": self._access.kubeconfig,
            "ARGOCD_NAMESPACE": NAMESPACE,
            "ARGOCD_FAKE_IN_CLUSTER": "true",
            "ARGOCD_CONTROLLER_REPLICAS": "1",
            "ARGOCD_GPG_ENABLED": "false",
            "ARGOCD_SYNC_WAVE_DELAY": self._wave_delay_s,
        }
        said = [f"{key}={value}" for key, value in told.items()]
        return Program(name, self._folder / f"{name}.log", ["env", *said, *command])

    def __enter__(self) -> Self:
        """Start everything; Applications are looked at from now on."""
        # Its own image brings this script, which asks GnuPG; nobody signs commits here.
        wrapper = self._folder / "bin" / "git-verify-wrapper.sh"
        wrapper.parent.mkdir(parents=True)
        wrapper.write_text("#!/bin/sh\nexit 0\n", encoding="utf-8")
        wrapper.chmod(0o755)
        if helm := shutil.which("helm"):
            wrapper.with_name("helm").symlink_to(helm)
        self.kubernetes.apply(self._settings(), manager="helm")
        with ExitStack() as cleanup:
            for program in (self._redis, self._repo_server, self._controller):
                cleanup.enter_context(program)
            self._cleanup = cleanup.pop_all()
        return self

    def _settings(self) -> list[dict[str, Any]]:
        """What an installation brings, empty where it may be."""
        part_of = {"app.kubernetes.io/part-of": "argocd"}
        cluster = {"argocd.argoproj.io/secret-type": "cluster"}
        identity = self._access.identity
        assert identity is not None
        files = {
            "caData": self._access.ca,
            "certData": identity.certificate,
            "keyData": identity.key,
        }
        data = {key: _base64(file.read_bytes()) for key, file in files.items()}
        config = json.dumps({"tlsClientConfig": data})
        return [
            {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}},
            _body("ConfigMap", "argocd-cm", part_of),
            _body("ConfigMap", "argocd-rbac-cm", part_of),
            _body("Secret", "argocd-secret", part_of, {"server.secretkey": "x" * 32}),
            _body("Secret", "cluster-production", cluster,
                  {"name": PRODUCTION, "server": self.kubernetes.url, "config": config}),
        ]  # fmt: skip

    def log_tail(self) -> str:
        """The last lines of what the servers said."""
        programs = (self._repo_server, self._controller)
        return "\n".join(f"{each.name}:\n{each.log_tail()}" for each in programs)

    def has_said(self, words: str) -> bool:
        """Whether the controller has written some words into its log."""
        return words in self._controller.log.read_text(encoding="utf-8", errors="replace")

    def until(self, condition: Callable[[], bool], what: str) -> None:
        """Ask until the answer is yes; a refusal is a no.

        Raises:
            ServerError: when it is not yes in time; the message ends with the controller's log.
        """

        def holds() -> bool:
            with suppress(Refused):
                if condition():
                    return True
            # Each question costs a handshake, and Argo CD takes its time.
            time.sleep(_PAUSE_S)
            return False

        self._controller.until(holds, what)

    def application(self, name: str) -> Any:
        """An Application as it is now."""
        return self.kubernetes.read("Application", name, NAMESPACE)

    def change(self, name: str, patch: Any) -> None:
        """Change an Application as its people do."""
        path = self.kubernetes.path("Application", name, NAMESPACE)
        self.kubernetes.admin.request("PATCH", path, patch, _MERGE)

    def annotate(self, name: str, **annotations: str | None) -> None:
        """Set annotations of Argo CD's own, as `deletion_approved` is spelt in Python."""
        said = {f"argocd.argoproj.io/{key.replace('_', '-')}": value
                for key, value in annotations.items()}  # fmt: skip
        self.change(name, {"metadata": {"annotations": said}})

    def confirm(self, name: str) -> None:
        """Confirm that what asks may go, as `argocd app confirm-deletion` does."""
        self.annotate(name, deletion_approved=datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"))

    def refresh(self, name: str) -> None:
        """Have Argo CD look into Git now, and wait until it has."""
        self.annotate(name, refresh="normal")
        self.until(lambda: _REFRESH not in (self.application(name)["metadata"].get("annotations") or {}),
                   f"refresh {name}")  # fmt: skip

    def until_synced(self, name: str, revision: str) -> Any:
        """Wait until an Application's last sync is over; returns its status.

        Raises:
            ServerError: when it is not in time; the message tells where it stands.
        """
        self.until_operation(name, revision, "Succeeded")
        self.until(lambda: self.sync_of(name) == "Synced", f"say that {name} is in sync")
        return self.application(name)["status"]

    def follow(self, manifests: Iterable[Any]) -> None:
        """Apply what is rendered for Argo CD itself, in the order of its waves: projects first."""
        wave = "argocd.argoproj.io/sync-wave"
        self.kubernetes.apply(
            sorted(manifests, key=lambda each: int(each["metadata"]["annotations"][wave])),
            manager="somebody",
        )

    def deploy(self, name: str, revision: str) -> Any:
        """Have Argo CD look into Git, and wait until a commit is synced; returns the Application's status."""
        self.refresh(name)
        return self.until_synced(name, revision)

    def is_over(self, name: str) -> bool:
        """Whether an Application's first sync has come to an end, whichever."""
        state = (self.application(name).get("status") or {}).get("operationState") or {}
        return state.get("phase") not in (None, "Running")

    def forget(self, name: str) -> None:
        """Follow an Application no more, and leave what it has brought."""
        self.change(name, {"metadata": {"finalizers": None}})
        self.kubernetes.delete("Application", name, NAMESPACE)

    def until_operation(self, name: str, revision: str, *phases: str, words: str = "") -> str:
        """Wait until an Application's sync of a revision is in a phase and says some words; returns all it says.

        Raises:
            ServerError: when it is not in time.
        """
        said = ""

        def reached() -> bool:
            nonlocal said
            state = (self.application(name).get("status") or {}).get("operationState") or {}
            said = str(state.get("message", ""))
            asked = ((state.get("operation") or {}).get("sync") or {}).get("revision")
            return asked == revision and state.get("phase") in phases and words in said

        self.until(reached, f"bring {name} at {revision[:7]} to {' or '.join(phases)}")
        return said

    def sync_of(self, name: str) -> str:
        """Synced, OutOfSync or Unknown."""
        status = self.application(name).get("status") or {}
        return str((status.get("sync") or {}).get("status", "Unknown"))

    def health_of(self, name: str) -> str:
        """The health of an Application, such as Healthy."""
        status = self.application(name).get("status") or {}
        return str((status.get("health") or {}).get("status", "Unknown"))

    def is_there(self, kind: str, name: str, namespace: str | None = None) -> bool:
        """Whether an object is there, going or not."""
        try:
            self.kubernetes.read(kind, name, namespace)
        except Refused as refused:
            if refused.status != HTTPStatus.NOT_FOUND:
                raise
            return False
        return True


def _body(
    kind: str, name: str, labels: dict[str, str], data: dict[str, str] | None = None
) -> dict[str, Any]:
    metadata = {"name": name, "namespace": NAMESPACE, "labels": labels}
    body = {"apiVersion": "v1", "kind": kind, "metadata": metadata}
    return body | ({"stringData": data} if data else {})


def _base64(content: bytes) -> str:
    return b64encode(content).decode()
