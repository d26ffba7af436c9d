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


def _without(key: str) -> Callable[..., Any]:
    return all_of(_application(), put("Application/application", f"spec {key}", None))


def _workload(**said: Any) -> Callable[..., Any]:
    return add("Deployment", {"replicas": 1, "template": {}} | said, "apps/v1")


def _metrics(text: str) -> Callable[..., Any]:
    return all_of(JMX, add("ConfigMap", {}, "v1"), put("ConfigMap/configmap", "data", {"a": text}))


def _chart(values: Any = None, **said: Any) -> Callable[..., Any]:
    helm = {"valuesObject": values or {"a": 1}}
    return _application(source={"chart": "a", "repoURL": "b", "targetRevision": "1", "helm": helm} | said)  # fmt: skip


def _finalizers(*names: str) -> Callable[..., Any]:
    return all_of(_application(), put("Application/application", "metadata finalizers", [*names]))


def _any(kind: str, api: str = "v1", options: str = "", **spec: Any) -> Callable[..., Any]:
    annotations = {"argocd.argoproj.io/sync-options": options} if options else {}
    return add(kind, spec, api, annotations=annotations)


def _verify(a: int = 1, **metadata: Any) -> Callable[..., Any]:
    own = {"name": "strimzi-verify-x", "labels": {"app.kubernetes.io/name": "strimzi-verify"}}
    return add("ConfigMap", {"a": a}, "v1", **own | metadata)


OFF: Any = {"syncPolicy": {"automated": {"prune": True, "enabled": False}}}
ARRIVES = "irreversible: what is merged arrives by itself, and what was merged meanwhile at once, whatever it does"
PRUNES = "protection-loss: whatever leaves Git is deleted by itself from now on, and what has left it already"
NETWORK, KEPT = "networking.k8s.io/v1", "Prune=false"


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
         ["protection-loss: whatever leaves Git is deleted by itself from now on, and what has left it already"]),
        (_application(), _application(syncPolicy={"automated": {"prune": True, "selfHeal": True}}),
         ["client-visible: what people have changed by hand is taken back now; what they have added stays"]),
        (_application(syncPolicy={}), _application(), [PRUNES, ARRIVES]),
        (_application(**OFF), _application(syncPolicy={"automated": {"prune": True}}), [PRUNES, ARRIVES]),
        (_without("syncPolicy"), _application(), [PRUNES, ARRIVES]),
        (_application(), _without("syncPolicy"),
         ["protection-loss: nothing that is merged arrives by itself any more"]),
        (_application(syncPolicy={"automated": {"prune": True}}), _application(**OFF),
         ["protection-loss: nothing that is merged arrives by itself any more"]),
        (_application(syncPolicy={}), _application(syncPolicy={"automated": {"selfHeal": True}}),
         [ARRIVES,
          "client-visible: what people have changed by hand is taken back now; what they have added stays"]),
        (_application(False), _application(syncPolicy={"automated": {"prune": True, "selfHeal": True}}),
         [PRUNES,
          "client-visible: what people have changed by hand is taken back now; what they have added stays"]),
        (_application(syncPolicy={"automated": {"prune": True}}),
         _application(syncPolicy={"automated": {"prune": True, "allowEmpty": True}}),
         ["protection-loss: where Git says nothing at all, everything may be deleted by itself"]),
        (_application(syncPolicy={"automated": {"prune": True}}),
         _application(syncPolicy={"automated": {"prune": True, "enabled": True}}),
         ["dynamic: only how Argo CD syncs"]),
        (_application(syncPolicy={"automated": {"prune": True, "selfHeal": True}}),
         _application(syncPolicy={"automated": {"selfHeal": True}}),
         ["dynamic: less is deleted by itself"]),
        (_application(), _application(syncPolicy={"automated": {"prune": True}, "syncOptions": ["a=b"]}),
         ["dynamic: only how Argo CD syncs"] * 2),
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
        (add("StrimziPodSet", {}, "core.strimzi.io/v1"),
         add("StrimziPodSet", {"pods": []}, "core.strimzi.io/v1"),
         ["unknown: what this does to a StrimziPodSet is not known here: look for yourself"]),
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
        # Applications
        (nothing, _application(),
         ["dynamic: Argo CD begins to sync it"]),
        (_application(), nothing,
         ["protection-loss: Argo CD stops syncing: what is deployed stays, and nothing that"
           " is merged gets there"]),
        (_finalizers("resources-finalizer.argocd.argoproj.io/background"), nothing,
         ["data-loss: Argo CD deletes everything that it manages, Kafka and its topics"
           " among it"]),
        (_finalizers("mine"), nothing,
         ["protection-loss: Argo CD stops syncing: what is deployed stays, and nothing that"
           " is merged gets there"]),
        (_any("Application", ARGO, KEPT), nothing,
         ["no-effect: Argo CD leaves it where it is (Prune=false)"]),
        (_application(), _finalizers("resources-finalizer.argocd.argoproj.io"),
         ["protection-loss: from now on Argo CD deletes everything that it manages when the"
           " Application goes"]),
        (_finalizers("resources-finalizer.argocd.argoproj.io"), _application(),
         ["no-effect: only what goes with the Application"]),
        (_application(), _application(info=[{"name": "a", "value": "b"}]),
         ["dynamic: applied as it is; nothing of Kafka restarts"]),
        # their syncs
        (_application(), _application(syncPolicy={}),
         ["protection-loss: nothing that is merged arrives by itself any more"]),
        (_application(syncPolicy={}), _application(False), [ARRIVES]),
        (_application(), _application(False),
         ["dynamic: less is deleted by itself"]),
        (_application(syncPolicy={"automated": {"selfHeal": True}}),
         _application(syncPolicy={"automated": {"selfHeal": False}}),
         ["protection-loss: what people change by hand stays until the next sync"]),
        (_application(**OFF),
         _application(**OFF, destination={"namespace": "other", "server": "here"}),
         ["irreversible: what says no namespace is made anew in the other one; the old"
           " objects stay until somebody prunes them"]),
        # charts of operators
        (_chart(), _chart(targetRevision="2"),
         ["dynamic: chart version 1 to 2"]),
        (_chart(), _chart(repoURL="c"),
         ["protection-loss: the operator comes from elsewhere, or is another one"]),
        (_chart({"replicas": 1}), _chart({"replicas": 0}),
         ["protection-loss: no operator runs",
          "ignored: no operator runs: nothing that is said here is done, and nothing that"
           " breaks is mended"]),
        (_chart({"replicas": 1}), _chart({"replicas": 2}),
         ["protection-loss: what the operator then does with every Kafka that it has, its"
           " chart decides, and no plan tells"]),
        (_chart({"replicaCount": 1}), _chart({"replicaCount": 0}),
         ["protection-loss: no operator runs",
          "ignored: no operator runs: nothing that is said here is done, and nothing that"
           " breaks is mended"]),
        (_chart({"watchNamespaces": ["a"]}), _chart({"watchNamespaces": ["a", "b"]}),
         ["dynamic: the operator cares for more; it restarts, and Kafka does not"]),
        (_chart({"watchNamespaces": ["a", "b"]}), _chart({"watchNamespaces": ["a"]}),
         ["protection-loss: the operator lets go of what is no longer in the list: it runs"
           " on, and nothing said here is done"]),
        (_chart({"extraVolumes": ["a", "b"]}), _chart({"extraVolumes": ["a"]}),
         ["protection-loss: what the operator then does with every Kafka that it has, its"
           " chart decides, and no plan tells"]),
        (_chart({"a": 1}), _chart({"a": 1, "extraVolumes": ["a"], "watchNamespaces": ["a"]}),
         ["dynamic: the operator cares for more; it restarts, and Kafka does not"] * 2),
        (_chart({"a": 1, "watchNamespaces": ["a"]}), _chart({"a": 1}),
         ["protection-loss: the operator lets go of what is no longer in the list: it runs"
           " on, and nothing said here is done"]),
        (_chart({"a": 1, "extraVolumes": ["a"]}), _chart({"a": 1}),
         ["protection-loss: what the operator then does with every Kafka that it has, its"
           " chart decides, and no plan tells"]),
        # sets and projects
        (_any("ApplicationSet", ARGO, KEPT), nothing,
         ["no-effect: Argo CD leaves it where it is (Prune=false)"]),
        (nothing, _any("AppProject", ARGO),
         ["dynamic: a new object"]),
        (_any("AppProject", ARGO), nothing,
         ["dynamic: the object goes"]),
        (_any("AppProject", ARGO, KEPT), nothing,
         ["no-effect: Argo CD leaves it where it is (Prune=false)"]),
        (_any("KafkaUser", "kafka.strimzi.io/v1", KEPT), nothing,
         ["no-effect: Argo CD leaves it where it is (Prune=false)"]),
        (_any("AppProject", ARGO, sourceRepos=["a"]),
         _any("AppProject", ARGO, sourceRepos=["b"]),
         ["protection-loss: content of another repository may be deployed"]),
        (_any("AppProject", ARGO, roles=[1]), _any("AppProject", ARGO, roles=[2]),
         ["dynamic: only what Argo CD lets the Application deploy"]),
        # Kubernetes' own
        (nothing, _any("NetworkPolicy", NETWORK),
         ["client-visible: what it does not allow is cut off"]),
        (_any("NetworkPolicy", NETWORK), nothing,
         ["client-visible: whoever depends on it notices"]),
        (_any("NetworkPolicy", NETWORK, a=1), _any("NetworkPolicy", NETWORK, a=2),
         ["client-visible: connections that it does not allow any more end"]),
        (_any("PrometheusRule", "monitoring.coreos.com/v1"), nothing,
         ["protection-loss: nobody is alerted any more of what it watches"]),
        (_any("PrometheusRule", "monitoring.coreos.com/v1", KEPT), nothing,
         ["no-effect: Argo CD leaves it where it is (Prune=false)"]),
        (_any("Namespace"), nothing,
         ["data-loss: everything in the namespace is deleted, Kafka with its disks among it"]),
        (nothing, _any("ConfigMap"),
         ["dynamic: a new object"]),
        (_any("ConfigMap"), nothing,
         ["dynamic: the object goes"]),
        (_any("ConfigMap", a=1), _any("ConfigMap", a=2),
         ["dynamic: applied as it is; nothing of Kafka restarts"]),
        (all_of(JMX, _any("ConfigMap", a=1)), all_of(JMX, _any("ConfigMap", a=2)),
         ["dynamic: what is measured changes as Kafka runs; nothing restarts"]),
        (all_of(JMX, add("ConfigMap", {"a": 1}, "v1", name="y")),
         all_of(JMX, add("ConfigMap", {"a": 2}, "v1", name="y")),
         ["dynamic: applied as it is; nothing of Kafka restarts"]),
        (nothing, _any("Strange", "x.y/v1"),
         ["unknown: a kind of which nothing is known here: look for yourself"]),
        (_any("Strange", "x.y/v1"), nothing,
         ["unknown: a kind of which nothing is known here: look for yourself"]),
        # what verifies
        (nothing, _verify(),
         ["no-effect: only how the cluster is verified; no effect on Kafka"]),
        (_verify(), nothing,
         ["no-effect: only how the cluster is verified; no effect on Kafka"]),
        (_verify(a=1), _verify(a=2),
         ["no-effect: only how the cluster is verified; no effect on Kafka"]),
        (nothing, _verify(name="strimzi-verified"),
         ["dynamic: a new object"]),
        (nothing, _verify(name="other"),
         ["dynamic: a new object"]),
        (nothing, _verify(labels={"app.kubernetes.io/name": "other"}),
         ["dynamic: a new object"]),
    ],
)  # fmt: skip
def test_other_kinds(
    tmp_path: Path, before: Callable[..., Any], after: Callable[..., Any], expected: list[str]
) -> None:
    """What is known is said, and what is not known is said too."""
    assert edited(tmp_path, TEXT, after, before) == expected
