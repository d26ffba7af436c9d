"""What changes of Argo CD's own objects, of Kubernetes' and of unknown ones do."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from plans import CLUSTER, add, all_of, edited, nothing, put

TEXT = CLUSTER + "topics: {orders: {}}\n"
ARGO = "argoproj.io/v1alpha1"
JMX = put("Kafka/events", "spec kafka metricsConfig",
          {"type": "jmxPrometheusExporter", "valueFrom": {"configMapKeyRef": {"name": "configmap"}}})  # fmt: skip


def _application(prune: bool = True, **said: Any) -> Callable[..., Any]:
    spec = {
        "source": {"path": "a", "repoURL": "b", "targetRevision": "c"},
        "destination": {"namespace": "kafka-dev", "server": "here"},
        "syncPolicy": {"automated": {"prune": prune, "selfHeal": False}},
    }
    return add("Application", spec | said, ARGO)


def _workload(**said: Any) -> Callable[..., Any]:
    return add("Deployment", {"replicas": 1, "template": {}} | said, "apps/v1")


def _metrics(text: str) -> Callable[..., Any]:
    return all_of(JMX, add("ConfigMap", {}, "v1"), put("ConfigMap/configmap", "data", {"a": text}))


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        # destinations
        (_application(), _application(destination={"namespace": "other", "server": "here"}),
         ["data-loss: what says no namespace is made anew in the other one, and pruned where it"
           " was, with its data"]),
        (_application(False),
         _application(False, destination={"namespace": "other", "server": "here"}),
         ["irreversible: what says no namespace is made anew in the other one; the old objects"
           " stay until somebody prunes them"]),
        (_application(), _application(destination={"namespace": "kafka-dev", "server": "there"}),
         ["irreversible: everything is made anew in the other place; what is deployed stays"
           " behind"]),
        # what they follow
        (_application(), _application(source={"path": "z", "repoURL": "b", "targetRevision": "c"}),
         ["protection-loss: all of kafka-dev follows what stands there, which nobody has planned"
           " here, and loses what does not stand there"]),
        (_application(False),
         _application(False, source={"path": "z", "repoURL": "b", "targetRevision": "c"}),
         ["protection-loss: all of kafka-dev follows what stands there, which nobody has planned"
           " here, and keeps what does not stand there"]),
        (_application(False), _application(True),
         ["protection-loss: whatever leaves Git is deleted by itself from now on"]),
        (_application(), _application(syncPolicy={"automated": {"prune": True, "selfHeal": True}}),
         ["client-visible: what people have changed by hand is taken back now; what they have added stays"]),
        (_application(syncPolicy={}), _application(),
         ["dynamic: what is merged arrives by itself, and what leaves Git is deleted by itself"]),
        # sets of them
        (nothing, add("ApplicationSet", {}, ARGO),
         ["unknown: it makes Applications, which no plan here shows"]),
        (add("ApplicationSet", {}, ARGO), add("ApplicationSet", {"generators": []}, ARGO),
         ["protection-loss: an Application that it makes no longer goes with all that it"
           " manages; no plan here shows which one"]),
        (add("ApplicationSet", {}, ARGO), nothing,
         ["data-loss: its Applications go with everything that they manage, Kafka and its topics"
           " among it"]),
        (add("ApplicationSet", {"syncPolicy": {"preserveResourcesOnDeletion": True}}, ARGO),
         nothing,
         ["protection-loss: its Applications go; what is deployed stays, and nothing that is"
           " merged gets there"]),
        # others
        (add("KafkaConnect"), add("KafkaConnect", {"replicas": 2}),
         ["unknown: what this does to a KafkaConnect is not known here: look for yourself"]),
        (add("KafkaMirrorMaker2"), add("KafkaMirrorMaker2", {"replicas": 2}),
         ["unknown: what this does to a KafkaMirrorMaker2 is not known here: look for yourself"]),
        (add("Strange", {}, "x.y/v1"), add("Strange", {"a": 1}, "x.y/v1"),
         ["unknown: a kind of which nothing is known here: look for yourself"]),
        (_workload(), _workload(template={"a": 1}),
         ["rolling-restart: the pods of this Deployment restart"]),
        (_workload(), _workload(replicas=0),
         ["client-visible: none of its pods runs any more"]),
        (_workload(), _workload(replicas=2),
         ["dynamic: pods come or go; the others stay"]),
        (_workload(), _workload(revisionHistoryLimit=2),
         ["dynamic: applied as it is; nothing of Kafka restarts"]),
        (_metrics("1"), _metrics("2"),
         ["dynamic: what is measured changes as Kafka runs; nothing restarts"]),
    ],
)  # fmt: skip
def test_other_kinds(
    tmp_path: Path, before: Callable[..., Any], after: Callable[..., Any], expected: list[str]
) -> None:
    """What is known is said, and what is not known is said too."""
    assert edited(tmp_path, TEXT, after, before) == expected
