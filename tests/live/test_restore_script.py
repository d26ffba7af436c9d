"""The script of a restore by hand, with the real kubectl and API server; what a kubelet would do is done here."""

import os
import subprocess
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, Self

import pytest
import yaml
from live.kubernetes_server import KubernetesServer, Refused
from live.statuses import condition, now
from support import Project, need_tool

from generator.cli.main import run

pytestmark = pytest.mark.live

_NAMESPACE = "kafka-by-hand"
_INTENT = f"""\
environment: dev
namespace: {_NAMESPACE}
size: small
cluster: {{name: events, listeners: {{tls: {{port: 9093, authentication: tls}}}}}}
verify: {{image: "r/v:1"}}
topics: {{a: {{backup: required}}, b: {{backup: required}}, c: {{backup: required}}}}
backups:
  x:
    {{image: "kafka-backup:v0.25.2", schedule: 0 2 * * *, shards: 2, storage: {{pvc: {{size: 1Gi}}}}}}
"""


class Operators:
    """Users become ready, and Jobs end as the next word says; until the test is over."""

    def __init__(self, kubernetes: KubernetesServer, words: dict[str, list[str]]) -> None:
        self._kubernetes, self._words = kubernetes, words
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._care, daemon=True)
        self._seen: dict[str, str] = {}

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join(60)

    def _care(self) -> None:
        while not self._stop.wait(0.2):
            for kind in ("KafkaUser", "KafkaTopic", "Job"):
                path = self._kubernetes.path(kind, "", _NAMESPACE).rstrip("/")
                for body in self._kubernetes.admin.request("GET", path)["items"]:
                    with suppress(Refused):  # it is gone meanwhile
                        self._one(kind, body["metadata"]["name"], body["metadata"]["uid"])

    def _one(self, kind: str, name: str, uid: str) -> None:
        if self._seen.get(f"{kind}/{name}") == uid:
            return
        if kind != "Job":
            self._kubernetes.write_status(
                kind, name, _NAMESPACE, {"conditions": [condition("Ready")]}
            )
        else:
            word = self._words[name].pop(0)
            before = {"Complete": "SuccessCriteriaMet", "Failed": "FailureTarget"}[word]
            status: dict[str, Any] = {
                "startTime": now(-1),
                "conditions": [condition(before), condition(word)],
            }
            if word == "Complete":
                status |= {"succeeded": 1, "completionTime": now()}
            self._kubernetes.write_status("Job", name, _NAMESPACE, status)
        self._seen[f"{kind}/{name}"] = uid


@pytest.fixture
def folder(kubernetes: KubernetesServer, tmp_path: Path) -> Iterator[Path]:
    """What is written for a restore of everything, and a namespace for it."""
    project = Project(tmp_path / "project")
    project.environment(text=_INTENT)
    made = tmp_path / "made"
    assert run(["--root", str(project.root), "restore", "dev", "--name", "now", "--out", str(made),
                "--topic", "a", "--topic", "b=b.restored", "--topic", "c"]) == 0  # fmt: skip
    kubernetes.apply([{"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": _NAMESPACE}}])
    yield made
    kubernetes.delete("Namespace", _NAMESPACE)


def test_it_goes_on_until_all_is_restored(kubernetes: KubernetesServer, folder: Path) -> None:
    """One set after the other; what failed is tried again, what is done is not, and in the end all can be taken away."""
    need_tool("kubectl", "Debian: apt-get install kubernetes-client")
    first, second = (yaml.safe_load((folder / each).read_text())["metadata"]["name"]
                     for each in ("30-x-0.yaml", "31-x-1.yaml"))  # fmt: skip
    words = {first: ["Complete"], second: ["Failed", "Complete"]}
    with Operators(kubernetes, words):
        code, said = _run(kubernetes, folder)
        assert (code, "x-0 (" in said, said.count("is done"), "FAILED" in said) == (
            1,
            True,
            1,
            True,
        ), said
        code, said = _run(kubernetes, folder)
        assert code == 0, said
        assert "x-0 (" in said
        assert "was done before" in said
        assert "failed before, and is tried again" in said
        code, said = _run(kubernetes, folder)
        assert (code, said.count("was done before")) == (0, 2), said
    assert words == {first: [], second: []}

    (command,) = (line for line in said.splitlines() if line.startswith("  kubectl "))
    done = subprocess.run(["bash", "-c", command], env=_env(kubernetes), check=False)
    assert done.returncode == 0
    for name in (first, second):
        with pytest.raises(Refused):
            kubernetes.read("KafkaUser", name, _NAMESPACE)
    assert (
        kubernetes.read("KafkaTopic", "b.restored", _NAMESPACE)["spec"]["topicName"] == "b.restored"
    )


def _run(kubernetes: KubernetesServer, folder: Path) -> tuple[int, str]:
    done = subprocess.run(
        [folder / "run.sh"],
        env=_env(kubernetes),
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    return done.returncode, done.stdout + done.stderr


def _env(kubernetes: KubernetesServer) -> dict[str, str]:
    return os.environ | {"KUBECONFIG": str(kubernetes.kubeconfig)}
