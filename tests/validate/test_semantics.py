"""What the API server demands of built-in kinds beyond their fields, each seen refused; live tests ask the server."""

from typing import Any

import pytest
from mutants.documents import Document, at, copy_of, originals

from generator.documents.manifest import Manifest
from generator.validate.schemas import Schemas, schema_folders

SCHEMAS = Schemas(schema_folders())
FIELD = "spec.containers.0.env.2.valueFrom.fieldRef"
CONTAINER = "spec.template.spec.containers.0"
TWICE = [{"name": "a", "image": "b"}, {"name": "a", "image": "b"}]
SURGE = {"maxSurge": 0, "maxUnavailable": 0}


def said(document: Document) -> list[str]:
    """What is said against a document."""
    return [each.message for each in SCHEMAS.check(Manifest("extra", document, ("extra", "x")))]


def sound(kind: str, above: tuple[str | int, ...]) -> Document:
    """A real document of a kind that has a place."""
    for document in originals()[kind]:
        try:
            at(document, above)
        except (KeyError, IndexError):
            continue
        return document
    raise AssertionError(kind)


APPS, RBAC, NETWORK = "apps/v1", "rbac.authorization.k8s.io/v1", "networking.k8s.io/v1"
CASES: list[tuple[str, str, Any, str]] = [
    ("v1 ConfigMap", "metadata.annotations", {"a": "x" * 2**18}, "262145 bytes of annotations are too many"),
    ("v1 ConfigMap", "metadata.finalizers", ["orphan", "foregroundDeletion"], "exclude each other"),
    ("v1 ConfigMap", "metadata.ownerReferences",
     [{"apiVersion": "v1", "kind": "Event", "name": "a", "uid": "b"}], "an Event owns nothing"),
    ("v1 ConfigMap", "metadata.ownerReferences",
     [{"apiVersion": "v1", "kind": "Pod", "name": "a", "uid": uid, "controller": True} for uid in "bc"],
     "there is a controller already"),
    ("v1 ConfigMap", "metadata.ownerReferences",
     [{"apiVersion": "v1", "kind": "Pod", "name": name, "uid": "b"} for name in "ab"], "uid b is in the list twice"),
    ("v1 ConfigMap", "data", {"a": "x" * (2**20 + 1)}, "1048577 bytes are too many"),
    ("v1 ConfigMap", "data", {"a b": "x"}, "the key 'a b' is not a key: letters"),
    ("v1 Secret", "type", "kubernetes.io/tls", "type kubernetes.io/tls needs 'tls.crt'"),
    ("v1 Namespace", "metadata.name", "a.b", "is not a DNS label"),
    ("v1 Namespace", "metadata.labels", {"pod-security.kubernetes.io/enforce": "none"},
     '"none" is not one of privileged, baseline, restricted'),
    ("v1 Service", "metadata.name", "1a", "is not a service's name"),
    ("v1 Service", "spec.ports", [], "'ports' is missing"),
    ("v1 Service", "spec.ports", [{"port": 80}, {"port": 81}], "'name' is missing"),
    ("v1 Service", "spec.ports", [{"name": "a", "port": 80}, {"name": "a", "port": 81}], "name a is there twice"),
    ("v1 Service", "spec.ports", [{"name": "a", "port": 80}, {"name": "b", "port": 80}], "port 80 is there twice"),
    ("v1 Service", "spec.type", "ExternalName", "externalName: is no host name"),
    ("v1 Service", "spec.externalTrafficPolicy", "Local", "a ClusterIP has none"),
    ("v1 Service", "spec.loadBalancerSourceRanges", ["10.0.0.0/8"], "a ClusterIP has none"),
    ("v1 Service", "spec.ports.0.nodePort", 30000, "a ClusterIP has none"),
    ("v1 Pod", "spec.containers", TWICE, "there are two containers a"),
    ("v1 Pod", "spec.containers.0.image", " a", "has blanks around it"),
    ("v1 Pod", "spec.containers.0.volumeMounts.0.name", "other", "there is no volume 'other' in this pod"),
    ("v1 Pod", "spec.containers.0.ports", [{"name": "a", "containerPort": 1}, {"name": "a", "containerPort": 2}],
     "two ports are called a"),
    ("v1 Pod", "spec.containers.0.ports", [{"name": name, "containerPort": 1} for name in "ab"],
     "containerPort 1 protocol TCP is in the list twice"),
    ("v1 Pod", "spec.containers.0.ports",
     [{"name": name, "containerPort": port, "hostPort": 5} for name, port in (("a", 1), ("b", 2))], "5 is taken twice"),
    ("v1 Pod", "spec.containers.0.env.1.value", "x", "there is a value already"),
    *(("v1 Pod", f"{FIELD}.fieldPath", path, message) for path, message in (
        ("", "'' is no field that can be told here"),
        ("metadata.labels", "'metadata.labels' is no field that can be told here"),
        ("status.phase", "'status.phase' is no field that can be told here"),
        ("spec.x['a']", "is no field that can be told here"),
        ("metadata.labels[']", "is no field that can be told here"),
        ("metadata.labels['']", "'' is no key that labels have"),
        ("metadata.labels['A/b']", "'A/b' is no key that labels have"),
        ("metadata.labels['a']['b']", "is no key that labels have"),
        (f"metadata.annotations['{'a' * 64}']", "is no key that annotations have"))),
    ("v1 Pod", f"{FIELD}.apiVersion", "v2", "pods are of v1"),
    *(("v1 Pod", "spec.volumes.2.downwardAPI.items.0", {"path": "a", **told}, "one of them") for told in (
        {}, {"fieldRef": {"fieldPath": "metadata.name"},
             "resourceFieldRef": {"containerName": "client", "resource": "limits.cpu"}})),
    ("v1 Pod", "spec.volumes.2.downwardAPI.items.0.fieldRef.fieldPath", "spec.nodeName",
     "'spec.nodeName' is no field that can be told here"),
    ("v1 Pod", "spec.containers.0.env", [{"name": "A"}, {"name": "A"}], "name A is in the list twice"),
    ("v1 Pod", "spec.containers.0.resources.requests.cpu", "1001m", "1001m is above the limit 1"),
    ("v1 Pod", "spec.containers.0.resources.limits.cpu", -1, "-1 is below 0"),
    ("v1 Pod", "spec.containers.0.securityContext", {"privileged": True, "allowPrivilegeEscalation": False},
     "a privileged container may escalate"),
    ("v1 Pod", "spec.securityContext", {"seccompProfile": {"type": "Localhost"}}, "is there for type Localhost"),
    ("v1 Pod", "spec.tolerations", [{"effect": "NoSchedule"}], "without a key the operator is Exists"),
    ("v1 Pod", "spec.tolerations", [{"key": "a", "operator": "Exists", "value": "b"}], "Exists has no value"),
    ("v1 Pod", "spec.tolerations", [{"key": "a", "effect": "NoSchedule", "tolerationSeconds": 5}], "go with NoExecute"),
    ("v1 Pod", "spec.volumes.0.configMap", {"name": "a"}, "a mapping is not a name and one kind of volume"),
    (f"{APPS} DaemonSet", f"{CONTAINER}.ports.0.hostPort", 9101, "with hostNetwork it is the containerPort"),
    (f"{APPS} DaemonSet", "spec.updateStrategy.rollingUpdate.maxUnavailable", 0, "one of maxUnavailable and maxSurge"),
    (f"{APPS} DaemonSet", "spec.updateStrategy.rollingUpdate.maxSurge", "5%", "one of maxUnavailable and maxSurge"),
    (f"{APPS} Deployment", "spec.selector.matchLabels.app", "x", "the selector does not select these pods"),
    (f"{APPS} Deployment", "spec.selector", {}, "an empty selector selects everything"),
    (f"{APPS} Deployment", "spec.selector", {"matchExpressions": [{"key": "app", "operator": "DoesNotExist"}]},
     "the selector does not select these pods"),
    (f"{APPS} Deployment", "spec.selector", {"matchExpressions": [{"key": "app", "operator": "In"}]}, "In without values"),
    (f"{APPS} Deployment", "spec.selector",
     {"matchExpressions": [{"key": "app", "operator": "Exists", "values": ["a"]}]}, "Exists has no values"),
    (f"{APPS} Deployment", "spec.strategy.type", "Recreate", "Recreate rolls nothing"),
    (f"{APPS} Deployment", "spec.strategy.rollingUpdate", SURGE, "no pod is ever replaced"),
    (f"{APPS} Deployment", "spec.strategy.rollingUpdate", {"maxSurge": "0%", "maxUnavailable": 0}, "no pod is ever"),
    (f"{APPS} Deployment", "spec.progressDeadlineSeconds", 0, "has to be more than minReadySeconds"),
    (f"{APPS} Deployment", "spec.template.spec.restartPolicy", "Never", '"Never" is not one of Always'),
    (f"{APPS} StatefulSet", f"{CONTAINER}.volumeMounts.0.name", "other", "there is no volume 'other'"),
    (f"{APPS} StatefulSet", "spec.updateStrategy.type", "OnDelete", "OnDelete rolls nothing"),
    ("v1 Service", "metadata.generateName", "a" * 64, "63"),
    ("batch/v1 CronJob", "spec.schedule", "0 3 * *", "has not five fields"),
    ("batch/v1 CronJob", "spec.schedule", "61 3 * * *", "'61' is no minute"),
    ("batch/v1 CronJob", "spec.schedule", "TZ=UTC 0 3 * * *", "a time zone stands in timeZone"),
    ("batch/v1 CronJob", "spec.timeZone", "Mars", "'Mars' is no time zone"),
    ("batch/v1 CronJob", "metadata.name", "a" * 53, "is not a CronJob's name"),
    ("batch/v1 Job", "spec.completionMode", "Indexed", "is needed for completionMode Indexed"),
    ("batch/v1 Job", "spec.selector", {"matchLabels": {"a": "b"}}, "Kubernetes makes it"),
    ("batch/v1 Job", "spec.template.spec.restartPolicy", "Always", '"Always" is not one of Never, OnFailure'),
    ("autoscaling/v2 HorizontalPodAutoscaler", "spec.minReplicas", 6, "is below minReplicas"),
    ("autoscaling/v2 HorizontalPodAutoscaler", "spec.metrics.0.type", "Pods", "'pods' is missing"),
    ("autoscaling/v2 HorizontalPodAutoscaler", "spec.metrics.0.resource.target.type", "Value", "'value' is missing"),
    ("autoscaling/v2 HorizontalPodAutoscaler", "spec.metrics.0.resource.target.averageValue", 1, "is there already"),
    (f"{NETWORK} Ingress", "spec.rules", [], "has neither rules nor defaultBackend"),
    (f"{NETWORK} Ingress", "spec.rules.0.http.paths.0.path", "x", "does not begin with '/'"),
    (f"{NETWORK} Ingress", "spec.rules.0.http.paths.0.path", "/a//b", "'//' is in the path"),
    (f"{NETWORK} Ingress", "spec.rules.0.host", "A.b", "'A.b' is no host name"),
    (f"{NETWORK} Ingress", "spec.tls.0.hosts.0", "-a", "'-a' is no host name"),
    (f"{NETWORK} NetworkPolicy", "spec.egress.0.ports.0.endPort", 1, "is at least port"),
    (f"{NETWORK} NetworkPolicy", "spec.egress.0.to", [{}], "names nobody"),
    (f"{NETWORK} NetworkPolicy", "spec.egress.0.to", [{"ipBlock": {"cidr": "10.0.0.0"}}], "is no network"),
    (f"{NETWORK} NetworkPolicy", "spec.egress.0.to", [{"ipBlock": {"cidr": "10.0.0.0/8"}, "podSelector": {}}],
     "stands alone"),
    (f"{NETWORK} NetworkPolicy", "spec.egress.0.to", [{"ipBlock": {"cidr": "10.0.0.0/8", "except": ["11.0.0.0/9"]}}],
     "is not within 10.0.0.0/8"),
    ("policy/v1 PodDisruptionBudget", "spec.minAvailable", 1, "one of maxUnavailable, minAvailable"),
    ("v1 PersistentVolume", "spec.hostPath", {"path": "/a"}, "has hostPath and nfs"),
    ("v1 PersistentVolume", "spec.capacity.storage", 0, "has to be more than 0"),
    ("v1 PersistentVolume", "spec.accessModes", [], "is not a list with something in it"),
    ("v1 PersistentVolumeClaim", "spec.resources.requests.storage", "0", "has to be more than 0"),
    ("v1 PersistentVolumeClaim", "spec.accessModes", ["ReadWriteOnce", "ReadWriteOncePod"], "stands alone"),
    ("v1 LimitRange", "spec.limits.1.type", "Container", "Container is there twice"),
    ("v1 LimitRange", "spec.limits.0.min.memory", "9Gi", "9Gi is above max 8Gi"),
    ("v1 LimitRange", "spec.limits.0.min", {"storage": "1Gi"}, "'storage' is no resource"),
    ("v1 LimitRange", "spec.limits.1.max", {"pods": 1}, "limits storage neither by min nor by max"),
    ("v1 LimitRange", "spec.limits.0.type", "Pod", "type Pod has none"),
    ("v1 ResourceQuota", "spec.hard.pods", "1500m", "1500m is no whole number"),
    ("v1 ResourceQuota", "spec.hard.pods", -1, "-1 is below 0"),
    ("v1 ResourceQuota", "spec.hard.pods", "9" * 20, "is too large"),
    ("v1 ResourceQuota", "spec.hard", {"pod": 1}, "is not a resource such as pods"),
    (f"{RBAC} Role", "rules.0", {"verbs": ["get"], "apiGroups": [""]}, "'resources' is missing"),
    (f"{RBAC} Role", "rules.0", {"verbs": ["get"], "nonResourceURLs": ["/a"]}, "a Role has none"),
    (f"{RBAC} ClusterRole", "rules.1.resources", ["pods"], "nonResourceURLs have none"),
    (f"{RBAC} ClusterRoleBinding", "subjects.0.namespace", "", "'namespace' is missing"),
    (f"{RBAC} ClusterRoleBinding", "subjects.1.apiGroup", "x", "'x' is not that of a Group"),
    (f"{RBAC} ClusterRoleBinding", "subjects.0.name", "A", "'A' is no account's name"),
    (f"{RBAC} ClusterRoleBinding", "roleRef.kind", "Role", '"Role" is not one of ClusterRole'),
    ("kafka.strimzi.io/v1 KafkaTopic", "metadata.annotations", {"a": "ä" * 2**17, "b": "x"}, "262147 bytes"),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "place", "value", "message"), CASES)
def test_refused(kind: str, place: str, value: Any, message: str) -> None:
    """A sound document with one thing changed is refused for that."""
    keys = tuple(int(key) if key.isdecimal() else key for key in place.split("."))
    original = sound(kind, keys[:-1])
    assert said(original) == []

    changed = copy_of(original)
    at(changed, keys[:-1])[keys[-1]] = value

    assert any(message in each for each in said(changed)), said(changed)


@pytest.mark.parametrize(
    ("kind", "place", "value"),
    [
        (f"{RBAC} ClusterRoleBinding", "roleRef.apiGroup", None),
        ("batch/v1 CronJob", "spec.schedule", "@daily"),
        ("batch/v1 CronJob", "spec.schedule", "@every 1h30m"),
        ("v1 ConfigMap", "data", None),
        ("v1 ConfigMap", "data.a", None),
        ("v1 ConfigMap", "metadata.labels.a", None),
        ("v1 ConfigMap", "metadata.name", "a" * 253),
        ("kafka.strimzi.io/v1 KafkaTopic", "spec.config", None),
        ("kafka.strimzi.io/v1 KafkaTopic", "status", None),
        ("v1 Namespace", "status", {"phase": "Active"}),
        ("v1 Service", "spec.loadBalancerSourceRanges", []),
        *(("v1 Pod", f"{FIELD}.fieldPath", path) for path in (
            "metadata.uid", "spec.host", "status.podIPs", "metadata.labels['A']", "metadata.annotations['A/B']")),
        ("v1 Pod", f"{FIELD}.apiVersion", ""),
        ("v1 Pod", "spec.volumes.2.downwardAPI.items.0.fieldRef.fieldPath", "metadata.annotations"),
        (f"{APPS} Deployment", "spec.selector",
         {"matchExpressions": [{"key": "app", "operator": "NotIn", "values": ["x"]}]}),
        (f"{APPS} StatefulSet", "spec.updateStrategy", {"type": "OnDelete"}),
        (f"{NETWORK} NetworkPolicy", "spec.egress.0.to",
         [{"ipBlock": {"cidr": "10.0.0.0/8", "except": ["10.1.0.0/16"]}}]),
    ],
)  # fmt: skip
def test_accepted(kind: str, place: str, value: Any) -> None:
    """What looks odd, and the API server takes."""
    keys = tuple(int(key) if key.isdecimal() else key for key in place.split("."))
    changed = copy_of(sound(kind, keys[:-1]))
    at(changed, keys[:-1])[keys[-1]] = value

    assert said(changed) == []


def test_key_is_there_once() -> None:
    """As plain text or as bytes."""
    changed = copy_of(originals()["v1 ConfigMap"][0]) | {
        "data": {"a": "b"},
        "binaryData": {"a": "YQ=="},
    }

    (told,) = said(changed)
    assert "binaryData.a: is in data, too" in told


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ({}, "the object has no apiVersion"),
        ({"apiVersion": "v1"}, "the object has no kind"),
        ({"apiVersion": 1, "kind": "Pod"}, "apiVersion is no text"),
        ({"apiVersion": "v1", "kind": ["Pod"]}, "kind is no text"),
        ({"apiVersion": "v1", "kind": "ConfigMap"}, "'metadata' is missing"),
        ({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {}}, "'name' is missing"),
        ({"apiVersion": "v1", "kind": "ConfigMap", "metadata": None}, "'metadata' is missing"),
        ({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": 5}}, "metadata.name: 5 is not an object name"),
        ({"apiVersion": "v1", "kind": "x" * 300}, "no schema for v1 xxx"),
        ({"apiVersion": "v1", "kind": "../../intent.schema"}, "no schema for"),
    ],
)  # fmt: skip
def test_document_without_a_head(document: Document, message: str) -> None:
    """Is refused like any other."""
    assert any(message in each for each in said(document)), said(document)
