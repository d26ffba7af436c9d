"""Old volumes wait for the claims that they had, by what the runbook has people type; with Kubernetes' own binder."""

import os
import re
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest
from live.controllers import Controllers
from live.kubernetes_server import KubernetesServer
from support import Project, need_tool

from generator.cli.main import run

pytestmark = pytest.mark.live

_NAMESPACE = "kafka-volumes"
_INTENT = f"""\
environment: dev
namespace: {_NAMESPACE}
size: small
cluster: {{name: events, listeners: {{tls: {{port: 9093, authentication: tls}}}}}}
verify: {{image: "r/v:1"}}
topics: {{a: {{backup: required}}}}
backups: {{x: {{image: "kafka-backup:v0.25.2", schedule: 0 2 * * *, storage: {{pvc: {{size: 1Gi}}}}}}}}
"""
_CLAIMS = ("backup-x", "data-0-events-combined-0", "data-0-events-combined-1")
_SOON_S = 60


def _volume(name: str) -> dict[str, Any]:
    return {
        "apiVersion": "v1", "kind": "PersistentVolume", "metadata": {"name": name},
        "spec": {"capacity": {"storage": "1Gi"}, "accessModes": ["ReadWriteOnce"], "storageClassName": "by-hand",
                 "persistentVolumeReclaimPolicy": "Retain", "hostPath": {"path": f"/srv/{name}"}},
    }  # fmt: skip


def _claim(name: str) -> dict[str, Any]:
    return {
        "apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": name, "namespace": _NAMESPACE},
        "spec": {"accessModes": ["ReadWriteOnce"], "storageClassName": "by-hand",
                 "resources": {"requests": {"storage": "1Gi"}}},
    }  # fmt: skip


def _until(kubernetes: KubernetesServer, wanted: dict[str, str]) -> None:
    """Wait until volumes are in these phases."""
    end = time.monotonic() + _SOON_S
    found: dict[str, str] = {}
    while found != wanted and time.monotonic() < end:
        found = {
            name: kubernetes.read("PersistentVolume", name)["status"].get("phase", "")
            for name in wanted
        }
        time.sleep(0.2)
    assert found == wanted


def _bound(kubernetes: KubernetesServer) -> dict[str, str]:
    return {name: kubernetes.read("PersistentVolumeClaim", name, _NAMESPACE)["spec"].get("volumeName", "")
            for name in _CLAIMS}  # fmt: skip


def test_each_claim_gets_the_volume_that_it_had(
    kubernetes: KubernetesServer, tmp_path: Path
) -> None:
    """None is taken by a claim of another name, though all of them would fit."""
    for tool in ("kubectl", "jq"):
        need_tool(tool, f"Debian: apt-get install {tool}")
    project = Project(tmp_path / "project")
    project.environment(text=_INTENT)
    assert run(["--root", str(project.root), "render", "--no-cache"]) == 0
    text = (project.root / "rendered/dev/backup/RUNBOOK.md").read_text()
    (typed,) = (
        each for each in re.findall(r"```sh\n(.*?)```", text, re.DOTALL) if "take_back" in each
    )
    kubernetes.apply([{"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": _NAMESPACE}}])
    with Controllers(kubernetes, tmp_path, ("persistentvolume-binder",)):
        for number, name in enumerate(_CLAIMS):
            kubernetes.apply([_volume(f"old-{number}"), _claim(name)])
            _until(kubernetes, {f"old-{number}": "Bound"})
        before = _bound(kubernetes)
        for name in _CLAIMS:
            kubernetes.delete("PersistentVolumeClaim", name, _NAMESPACE)
        _until(kubernetes, {f"old-{number}": "Released" for number in range(3)})

        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", typed], capture_output=True, text=True, check=False,
            env=os.environ | {"KUBECONFIG": str(kubernetes.kubeconfig)},
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        _until(kubernetes, {f"old-{number}": "Available" for number in range(3)})
        kubernetes.apply([_claim("anybody")])
        # In another order than before: who came first would get what fits.
        kubernetes.apply(map(_claim, reversed(_CLAIMS)))
        _until(kubernetes, {f"old-{number}": "Bound" for number in range(3)})

        assert sorted(before.values()) == ["old-0", "old-1", "old-2"]
        assert _bound(kubernetes) == before
    for number in range(3):
        kubernetes.delete("PersistentVolume", f"old-{number}")
