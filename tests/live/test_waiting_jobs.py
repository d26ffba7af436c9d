"""Jobs that wait, at a real API server: what is taken, what may begin, and what is never changed."""

import copy
from pathlib import Path
from typing import Any

import pytest
import yaml
from live.kubernetes_server import KubernetesServer, Refused

from generator.plan.impact.backups.jobs import FIXED

pytestmark = pytest.mark.live

_GOLDEN = Path(__file__).parents[1] / "golden/restores.rendered.yaml"
_NAMESPACE = "waiting"


def _golden(*kinds: str) -> dict[str, Any]:
    """The golden file's objects of some kinds by `Kind/name`, in a namespace of their own."""
    text = _GOLDEN.read_text().replace("# --- ", "---\n# ")
    found = {}
    for body in yaml.safe_load_all(
        text.replace("namespace: kafka-dev", f"namespace: {_NAMESPACE}")
    ):
        if body and body["kind"] in kinds:
            found[f"{body['kind']}/{body['metadata']['name']}"] = body
    return found


@pytest.fixture(scope="module")
def jobs(kubernetes: KubernetesServer) -> dict[str, Any]:
    """All Jobs of the golden file, applied as they wait."""
    namespace = {"apiVersion": "v1", "kind": "Namespace", "metadata": {
        "name": _NAMESPACE, "labels": {"pod-security.kubernetes.io/enforce": "restricted"}}}  # fmt: skip
    kubernetes.apply([namespace, *_golden("ConfigMap", "ServiceAccount", "CronJob").values()])
    found = _golden("Job")
    for job in found.values():
        job["spec"]["suspend"] = True
    kubernetes.apply(list(found.values()))
    return found


def test_an_approval_changes_nothing_but_the_wait(
    kubernetes: KubernetesServer, jobs: dict[str, Any]
) -> None:
    """Kubernetes lets a Job go that waits, and never takes another in its place."""
    for body in jobs.values():
        name = body["metadata"]["name"]
        before = kubernetes.read("Job", name, _NAMESPACE)
        body["spec"]["suspend"] = False
        (after,) = kubernetes.apply([body])
        assert before["spec"]["suspend"] is True
        assert after["spec"]["suspend"] is False
        assert after["metadata"]["uid"] == before["metadata"]["uid"]


def test_what_the_plan_calls_refused_is_refused(
    kubernetes: KubernetesServer, jobs: dict[str, Any]
) -> None:
    """Another image, another number of shares: of a Job that waits as of one that ran."""
    job = jobs["Job/offsets-since-friday"]
    other = copy.deepcopy(job)
    other["spec"]["template"]["spec"]["containers"][0]["image"] = "registry.example.com/kafka:4.3.2"
    with pytest.raises(Refused, match="immutable"):
        kubernetes.apply([other])
    for key, value in (("completionMode", "NonIndexed"), ("backoffLimitPerIndex", 3)):
        assert key in FIXED
        with pytest.raises(Refused, match="immutable"):
            kubernetes.apply([{**job, "spec": {**job["spec"], key: value}}])


def test_what_the_plan_lets_through_is_taken(
    kubernetes: KubernetesServer, jobs: dict[str, Any]
) -> None:
    """A deadline may change while it waits."""
    job = jobs["Job/restore-orders-again"]
    (after,) = kubernetes.apply(
        [{**job, "spec": {**job["spec"], "activeDeadlineSeconds": 60, "backoffLimit": 5}}]
    )

    assert (after["spec"]["activeDeadlineSeconds"], after["spec"]["backoffLimit"]) == (60, 5)


def test_its_pods_may_run_in_a_restricted_namespace(
    kubernetes: KubernetesServer, jobs: dict[str, Any]
) -> None:
    """Whatever their images: as the Job's controller would make them, and a drill's."""
    templates = {name: body["spec"]["template"] for name, body in jobs.items()}
    templates |= {
        name: body["spec"]["jobTemplate"]["spec"]["template"]
        for name, body in _golden("CronJob").items()
    }
    for name, template in templates.items():
        metadata = {"name": name.partition("/")[2], "namespace": _NAMESPACE}
        kubernetes.apply([{"apiVersion": "v1", "kind": "Pod", "metadata": metadata,
                           "spec": template["spec"]}], dry_run=True)  # fmt: skip
