"""The server that tests start is a real one: it takes what Kubernetes takes and refuses the rest."""

import os
import shutil
import signal
import socket
import subprocess
import sys
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import yaml
from live.certificates import EXPIRED
from live.kubernetes_server import Access, KubernetesServer, Refused
from live.node import LOOPBACK

pytestmark = pytest.mark.live

ROOT = Path(__file__).parents[2]
TOPICS = "/apis/kafka.strimzi.io/v1/namespaces/{}/kafkatopics"


def of(*kinds: str) -> list[Any]:
    """The rendered manifests of some kinds, or all."""
    files = sorted((ROOT / "rendered").rglob("*.yaml"))
    manifests = [yaml.safe_load(file.read_bytes()) for file in files]
    return [each for each in manifests if not kinds or each["kind"] in kinds]


def namespace(name: str) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}


def topic(within: str, name: str, partitions: int = 1) -> dict[str, Any]:
    return {
        "apiVersion": "kafka.strimzi.io/v1",
        "kind": "KafkaTopic",
        "metadata": {"name": name, "namespace": within},
        "spec": {"partitions": partitions, "replicas": 1},
    }


def application(within: str, name: str) -> dict[str, Any]:
    return {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Application",
        "metadata": {"name": name, "namespace": within},
        "spec": {"project": "default", "destination": {"name": "in-cluster"}},
    }


def status_of(access: Access, path: str) -> int:
    """The status of the refusal."""
    with pytest.raises(Refused) as refused:
        access.request("GET", path)
    return refused.value.status


def test_everything_rendered_is_accepted(kubernetes: KubernetesServer) -> None:
    """A dry run says so before, once the namespaces are there."""
    manifests = of()
    assert len(manifests) > 200
    kubernetes.apply([*of("Namespace"), namespace("argocd")])
    kubernetes.apply(manifests, dry_run=True)
    assert len(kubernetes.apply(manifests)) == len(manifests)


def test_applying_again_changes_nothing(kubernetes: KubernetesServer) -> None:
    """Everything is stored as it is rendered, but for defaults that come to it."""
    manifests = of()
    kubernetes.apply([*of("Namespace"), namespace("argocd")])
    first, second = kubernetes.apply(manifests), kubernetes.apply(manifests)
    changed = [
        f"{manifest['kind']} {manifest['metadata']['name']}"
        for manifest, before, after in zip(manifests, first, second, strict=True)
        if before["metadata"]["resourceVersion"] != after["metadata"]["resourceVersion"]
        or not contains(after.get("spec"), manifest.get("spec", {}))
    ]
    assert changed == []


def contains(whole: Any, part: Any) -> bool:
    """Whether everything of a part is there."""
    if isinstance(part, dict):
        return all(key in whole and contains(whole[key], value) for key, value in part.items())
    if isinstance(part, list):
        return len(whole) == len(part) and all(map(contains, whole, part))
    return bool(whole == part)


def test_broken_topic_is_refused(kubernetes: KubernetesServer) -> None:
    """The definitions' own limits count, also in a dry run."""
    kubernetes.apply([namespace("broken")])
    broken = topic("broken", "orders", partitions=0)
    for dry_run in (True, False):
        with pytest.raises(Refused, match=r"spec\.partitions.*greater than or equal to 1") as told:
            kubernetes.apply([broken], dry_run)
        assert told.value.status == 422


def test_status_is_what_was_written(kubernetes: KubernetesServer) -> None:
    """Applying has no say in it; a dry run makes no object, and one that is deleted is gone."""
    kubernetes.apply([namespace("told")])
    orders = topic("told", "orders")
    kubernetes.apply([orders], dry_run=True)
    assert status_of(kubernetes.admin, f"{TOPICS.format('told')}/orders") == 404
    kubernetes.apply([orders])
    ready = {"conditions": [{"type": "Ready", "status": "True"}], "observedGeneration": 1}
    kubernetes.write_status("KafkaTopic", "orders", "told", ready)
    kubernetes.apply([orders | {"status": {"observedGeneration": 5}}])
    assert kubernetes.read("KafkaTopic", "orders", "told")["status"] == ready

    kubernetes.delete("KafkaTopic", "orders", "told")
    assert status_of(kubernetes.admin, f"{TOPICS.format('told')}/orders") == 404


def test_status_without_a_subresource_is_written_too(kubernetes: KubernetesServer) -> None:
    """Argo CD's Application has none; a status of what is not there stays a 404."""
    kubernetes.apply([namespace("synced"), application("synced", "events")])
    synced = {"health": {"status": "Healthy"}}
    kubernetes.write_status("Application", "events", "synced", synced)
    assert kubernetes.read("Application", "events", "synced")["status"] == synced
    with pytest.raises(Refused, match="404"):
        kubernetes.write_status("Application", "absent", "synced", synced)


def test_who_has_no_rights_is_refused(kubernetes: KubernetesServer) -> None:
    """403 for users and service accounts alike, until a role says that they may."""
    kubernetes.apply([namespace("rights")])
    path = TOPICS.format("rights")
    jane = kubernetes.user("jane", ["readers"])
    reader = kubernetes.bearer(kubernetes.token("rights", "reader"))
    assert [status_of(each, path) for each in (jane, reader)] == [403, 403]

    rbac = "rbac.authorization.k8s.io"
    metadata = {"name": "read", "namespace": "rights"}
    rule = {"apiGroups": ["kafka.strimzi.io"], "resources": ["kafkatopics"], "verbs": ["list"]}
    subjects = [
        {"kind": "Group", "name": "readers", "apiGroup": rbac},
        {"kind": "ServiceAccount", "name": "reader", "namespace": "rights"},
    ]
    role = {"apiGroup": rbac, "kind": "Role", "name": "read"}
    head = {"apiVersion": f"{rbac}/v1", "metadata": metadata}
    kubernetes.apply(
        [
            head | {"kind": "Role", "rules": [rule]},
            head | {"kind": "RoleBinding", "subjects": subjects, "roleRef": role},
        ]
    )
    for each in (jane, reader):
        # The server itself learns of a role a moment after it has taken it.
        kubernetes.until(partial(is_empty, each, path), "let them in")


def is_empty(access: Access, path: str) -> bool:
    """Whether a list is read, and has nothing."""
    return bool(access.request("GET", path)["items"] == [])


def test_who_is_unknown_or_late_is_not_let_in(kubernetes: KubernetesServer) -> None:
    """401 for a token that is nobody's, and for a token and a certificate that have expired."""
    kubernetes.apply([namespace("late")])
    for access in (
        kubernetes.bearer("nobody"),
        kubernetes.bearer(kubernetes.expired_token("late", "reader")),
        kubernetes.user("jane", ["system:masters"], EXPIRED),
    ):
        assert status_of(access, TOPICS.format("late")) == 401


@pytest.mark.skipif(not shutil.which("setpriv"), reason="setpriv asks for it, and is not there")
def test_servers_end_with_the_tests(kubernetes: KubernetesServer, tmp_path: Path) -> None:
    """Also where the tests are killed without a word."""
    assert kubernetes.admin.request("GET", "/readyz") == "ok"
    code = (
        "import signal, sys; from pathlib import Path; from live.etcd import Etcd\n"
        "etcd = Etcd(Path(sys.argv[1])); etcd.start(); print(etcd.address[1], flush=True)\n"
        "signal.pause()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path / "etcd")],
        stdout=subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": str(ROOT / "tests")},
    ) as tests:
        assert tests.stdout is not None
        port = int(tests.stdout.readline())
        tests.send_signal(signal.SIGKILL)
    kubernetes.until(partial(is_closed, port), "see the other one end")


def is_closed(port: int) -> bool:
    """Whether nobody listens any more."""
    with socket.socket() as line:
        return line.connect_ex((LOOPBACK, port)) != 0
