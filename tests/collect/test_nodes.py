"""Pods are looked at once more where a node may have gone since."""

from pathlib import Path

import pytest
from kubernetes_fake import Body, Fake

from verify.collect.kubernetes.api import KubernetesTarget
from verify.collect.kubernetes.nodes import look_again
from verify.live.live import Kubernetes, Live

_PODS = "/api/v1/namespaces/kafka-dev/pods"
_POD_SETS = "/apis/core.strimzi.io/v1/namespaces/kafka-dev/strimzipodsets"


def pod(phase: str) -> Body:
    """A pod of the cluster."""
    labels = {"strimzi.io/cluster": "events"}
    return {"metadata": {"name": "events-0", "labels": labels}, "status": {"phase": phase}}


def looked_again(fake: Fake, folder: Path, live: Live) -> bool:
    """Whether it found something else."""
    place = KubernetesTarget("kafka-dev", fake.kubeconfig(folder), timeout_s=2)
    return look_again(place, "events", live, float("inf"))


def test_pods_as_they_are_now(tmp_path: Path) -> None:
    """What else was collected stays; the second time nothing has changed."""
    known = {"Pod": {}, "StrimziPodSet": {}, "Kafka": {"events": {"metadata": {"name": "events"}}}}
    live = Live("dev", 0, kubernetes=Kubernetes("https://a", "kafka-dev", objects=known))
    with Fake(lists={_PODS: [pod("Pending")], _POD_SETS: []}) as fake:
        assert looked_again(fake, tmp_path, live)
        assert live.kubernetes is not None
        assert live.kubernetes.objects["Pod"]["events-0"]["status"] == {"phase": "Pending"}
        assert live.kubernetes.objects["Kafka"] == known["Kafka"]
        assert not looked_again(fake, tmp_path, live)


@pytest.mark.parametrize("objects", [{"Pod": {}}, {"Pod": {}, "StrimziPodSet": {}}])
def test_what_was_never_seen_is_not_looked_for(tmp_path: Path, objects: dict[str, Body]) -> None:
    """Nor is anything made of an answer that does not come."""
    live = Live("dev", 0, kubernetes=Kubernetes("https://a", "kafka-dev", objects=objects))
    with Fake(lists={_PODS: [pod("Pending")]}, statuses={_POD_SETS: 403}) as fake:
        assert not looked_again(fake, tmp_path, live)
    assert live.kubernetes is not None
    assert live.kubernetes.objects == objects
