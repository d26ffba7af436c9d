"""Verification as in a pod of the rendered Job: its account's token, its volumes, and nothing else."""

import os
import shutil
import subprocess
import sys
from base64 import b64decode
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any

import pytest
from kubernetes.config import incluster_config
from live.applier import RENDERED
from live.kubernetes_server import Access, KubernetesServer, Refused
from live.node import LOOPBACK
from live.statuses import manifests_of, namespace_of

from generator.contract.rights import NAME


def pod(kubernetes: KubernetesServer, environment: str) -> Access:
    """Who the pod is for the API server."""
    path = kubernetes.path("ServiceAccount", NAME, namespace_of(environment))
    asked = {"spec": {"expirationSeconds": 3600}}
    answer = kubernetes.admin.request("POST", f"{path}/token", asked)
    return kubernetes.bearer(answer["status"]["token"])


def as_pod(
    kubernetes: KubernetesServer,
    environment: str,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Path:
    """Make this process look like the pod; returns where its volumes are.

    The client library finds token and authority at fixed paths, which are others here.
    """
    access = pod(kubernetes, environment)
    token = folder / "token"
    token.write_text(access.token or "")
    monkeypatch.setenv("KUBERNETES_SERVICE_HOST", LOOPBACK)
    monkeypatch.setenv("KUBERNETES_SERVICE_PORT", str(access.port))
    monkeypatch.setattr(incluster_config, "SERVICE_TOKEN_FILENAME", str(token))
    monkeypatch.setattr(incluster_config, "SERVICE_CERT_FILENAME", str(access.ca))
    return mount(kubernetes, environment, folder / "mounted")


def mount(kubernetes: KubernetesServer, environment: str, folder: Path, job: Any = None) -> Path:
    """What the kubelet mounts for a Job, or for the shipped one, by the names of its volumes."""
    job = job or _shipped(environment)
    namespace = namespace_of(environment)
    for volume in job["spec"]["template"]["spec"]["volumes"]:
        if "emptyDir" in volume:
            continue
        kind = "Secret" if "secret" in volume else "ConfigMap"
        source = volume.get("secret") or volume["configMap"]
        name = source.get("secretName") or source["name"]
        data = kubernetes.read(kind, name, namespace)["data"]
        for item in source["items"]:
            value = data[item["key"]]
            file = folder / volume["name"] / item["path"]
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(b64decode(value) if kind == "Secret" else value.encode())
    return folder


def _shipped(environment: str) -> Any:
    (job,) = manifests_of(environment, "Job")
    return job


def reaches(access: Access, group: str, resource: str, namespace: str, name: str = "") -> bool:
    """Whether somebody may list a resource, or get the one of this name."""
    root = f"/apis/{group}/v1" if group else "/api/v1"
    path = f"{root}/namespaces/{namespace}/{resource}" + (f"/{name}" if name else "")
    try:
        access.request("GET", path)
    except Refused as refused:
        return refused.status != 403
    return True


_AS_POD = """
set -e
mount --make-rprivate /
mkdir "$1/etc"
mount -t tmpfs tmpfs "$1/etc"
cp -a /etc/. "$1/etc"
cp -a "$1/mounted" "$1/etc/strimzi-verify"
[ -z "$3" ] || cp "$3" "$1/etc/hosts"
mount --bind "$1/etc" /etc
mount -t tmpfs tmpfs /run
mkdir -p /run/secrets/kubernetes.io
cp -a "$1/account" /run/secrets/kubernetes.io/serviceaccount
mount -t tmpfs -o ro tmpfs "$2"
shift 3
exec "$@"
"""


def can_be_a_pod() -> bool:
    """Whether this machine lets tests have a file system of their own."""
    if not shutil.which("unshare"):
        return False
    mount = ["unshare", "-m", "mount", "-t", "tmpfs", "tmpfs", "/mnt"]
    return subprocess.run(mount, capture_output=True, check=False).returncode == 0


def run_as_pod(
    kubernetes: KubernetesServer,
    environment: str,
    folder: Path,
    *more: str,
    hosts: Path | str = "",
    job: Any = None,
) -> subprocess.CompletedProcess[str]:
    """What a rendered Job's container does, where a pod finds its files; there is no rendered/.

    `hosts` names the addresses of Services, where pods find any; the Job is the shipped one, or `job`.
    """
    with started_as_pod(kubernetes, environment, folder, *more, hosts=hosts, job=job) as process:
        try:
            out, err = process.communicate(timeout=300)
        except BaseException:
            process.kill()
            raise
    return subprocess.CompletedProcess(process.args, process.returncode, out, err)


def started_as_pod(
    kubernetes: KubernetesServer,
    environment: str,
    folder: Path,
    *more: str,
    hosts: Path | str = "",
    job: Any = None,
    out: IO[str] | int = subprocess.PIPE,
    err: IO[str] | int = subprocess.PIPE,
    cloud: Mapping[str, str] | None = None,
) -> "subprocess.Popen[str]":
    """`run_as_pod` without waiting for its end; what it says goes to `out` and `err`.

    `cloud` are the variables by which a cloud gives a pod its identity.
    """
    job = job or _shipped(environment)
    mount(kubernetes, environment, folder / "mounted", job)
    access = pod(kubernetes, environment)
    account = folder / "account"
    account.mkdir()
    (account / "token").write_text(access.token or "")
    (account / "namespace").write_text(namespace_of(environment))
    shutil.copy(access.ca, account / "ca.crt")
    (container,) = job["spec"]["template"]["spec"]["containers"]
    program = [sys.executable, "-m", "verify", *container["args"], *more]
    return subprocess.Popen(
        ["unshare", "-m", "sh", "-c", _AS_POD, "sh", folder, RENDERED, hosts, *program],
        env={
            "PATH": os.environ["PATH"],
            "KUBERNETES_SERVICE_HOST": LOOPBACK,
            "KUBERNETES_SERVICE_PORT": str(access.port),
            **(cloud or {}),
        },
        stdout=out,
        stderr=err,
        text=True,
    )
