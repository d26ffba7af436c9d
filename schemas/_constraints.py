"""What the API server demands of built-in kinds and of metadata beyond what their OpenAPI document says.

The document knows names and types of fields; that a container has a name of a certain form, or that
an access mode is one of four, stands in Go code (`pkg/apis/*/validation` of the pinned release). Here it is
said as JSON Schema, definition by definition, and merged into what is converted. What takes more than
one field to judge is in generator/validate/semantics/.
"""

from __future__ import annotations

from typing import Any

Schema = dict[str, Any]

APPS, AUTOSCALING, BATCH = (
    "io.k8s.api.apps.v1.",
    "io.k8s.api.autoscaling.v2.",
    "io.k8s.api.batch.v1.",
)
CORE, NETWORKING = "io.k8s.api.core.v1.", "io.k8s.api.networking.v1."
POLICY, RBAC = "io.k8s.api.policy.v1.", "io.k8s.api.rbac.v1."
SCHEDULING, STORAGE = "io.k8s.api.scheduling.v1.", "io.k8s.api.storage.v1."
META = "io.k8s.apimachinery.pkg.apis.meta.v1."

_WORD = "[a-z0-9]([-a-z0-9]*[a-z0-9])?"
_DOMAIN = rf"{_WORD}(\.{_WORD})*"
_PART = "([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]"


def one_of(*values: str) -> Schema:
    """One of a few words."""
    return {"enum": list(values)}


def between(least: int | None = None, most: int | None = None) -> Schema:
    """A number within bounds, where it is a number."""
    bounds = {"minimum": least, "maximum": most}
    return {keyword: bound for keyword, bound in bounds.items() if bound is not None}


def text(title: str, pattern: str, most: int | None = None) -> Schema:
    """Text of a form, where it is text."""
    length = {} if most is None else {"maxLength": most}
    return {"title": title, "pattern": f"^({pattern})$", **length}


def both(first: Schema, second: Schema) -> Schema:
    """What meets two demands, the second of them said as the first is."""
    return {**first, "allOf": [{"title": first["title"], **second}]}


def demand(*required: str, **fields: Schema) -> Schema:
    """Fields that a definition needs, and what they may hold."""
    need: Schema = {"required": sorted(required)} if required else {}
    return {**need, "properties": fields} if fields else need


def exactly_one(title: str, *fields: str) -> Schema:
    """A mapping with one of some fields."""
    return {"title": title, "oneOf": [{"required": [field]} for field in fields]}


FILLED: Schema = {"title": "text that is not empty", "minLength": 1}
SOME: Schema = {"title": "a list with something in it", "minItems": 1}
NATURAL = between(0)
POSITIVE = between(1)
LABEL = text("a DNS label: lower-case letters, digits and '-', up to 63 characters", _WORD, 63)
SERVICE = text(
    "a service's name: lower-case letters, digits and '-', a letter first, up to 63 characters",
    "[a-z]([-a-z0-9]*[a-z0-9])?", 63,
)  # fmt: skip
SUBDOMAIN = text(
    "an object name: lower-case letters, digits, '-' and '.', up to 253 characters", _DOMAIN, 253
)
MAYBE_LABEL = {**LABEL, "pattern": f"^({_WORD})?$"}
MAYBE_SUBDOMAIN = {**SUBDOMAIN, "pattern": f"^({_DOMAIN})?$"}
SEGMENT = text(
    "a name without '/' and '%', that is not '.' or '..'", r"[^/%.]|[^/%]*[^/%.][^/%]*|\.{3,}"
)
ANY_NAME: Schema = {"minLength": 1}


def qualified(prefix: str, title: str) -> Schema:
    """A name of up to 63 characters with a domain before it, each as long as it may be."""
    form = text(title, f"({prefix}/)?{_PART}")
    return both(form, {"pattern": "^([!-.0-~]{1,253}/)?[!-.0-~]{1,63}$"})


LABEL_KEY = qualified(
    _DOMAIN,
    "a label's key: letters, digits, '-', '_', '.', up to 63 characters, after 'domain/' or alone",
)
MAYBE_LABEL_KEY = {
    **LABEL_KEY,
    "pattern": f"^(({_DOMAIN}/)?{_PART})?$",
    "allOf": [{"title": LABEL_KEY["title"], "pattern": "^(([!-.0-~]{1,253}/)?[!-.0-~]{1,63})?$"}],
}
ANNOTATION_KEY = qualified(
    _DOMAIN.replace("a-z", "A-Za-z"),
    "an annotation's key: letters, digits, '-', '_', '.', up to 63 characters, after 'domain/' or alone",
)
FINALIZER = {
    **qualified(_DOMAIN, "a finalizer: orphan, foregroundDeletion, or domain/name"),
    "pattern": f"^(orphan|foregroundDeletion|{_DOMAIN}/{_PART})$",
}
LABEL_VALUE = text(
    "a label's value: letters, digits, '-', '_', '.', up to 63 characters", f"({_PART})?", 63
)
LABELS: Schema = {"propertyNames": LABEL_KEY, "additionalProperties": LABEL_VALUE}
CONFIG_KEY = text("a key: letters, digits, '-', '_' and '.', up to 253 characters",
                  r"\.?[-_a-zA-Z0-9][-._a-zA-Z0-9]*", 253)  # fmt: skip
CONFIG: Schema = {"propertyNames": CONFIG_KEY}
VARIABLE = text("a variable's name: printable characters without '='", "[ -<>-~]+")
PORT_NUMBER = between(1, 65535)
_PORT_TITLE = "a port: 1 to 65535, or a name of up to 15 lower-case letters, digits and '-'"
PORT = both(text(_PORT_TITLE, "[a-z0-9]+(-[a-z0-9]+)*", 15), {"pattern": "[a-z]"}) | PORT_NUMBER
MAYBE_PORT = both(
    text(_PORT_TITLE, "([a-z0-9]+(-[a-z0-9]+)*)?", 15), {"pattern": "^$|[a-z]"}
) | between(0, 65535)
PORT_NAME = both(text(_PORT_TITLE, "([a-z0-9]+(-[a-z0-9]+)*)?", 15), {"pattern": "^$|[a-z]"})
PROTOCOL = one_of("TCP", "UDP", "SCTP")
MAYBE_PROTOCOL = one_of("", *PROTOCOL["enum"])
PERCENT = text("a whole number from 0 or a percentage such as 25%", "[0-9]+%") | NATURAL
PERCENT_OF_ALL = (
    text("a whole number from 0 or a percentage up to 100%", "0*([0-9]{1,2}|100)%") | NATURAL
)
MODE = {"title": "a file mode from 0 to 511 (0777)", **between(0, 0o777)}
RELATIVE = text("a path without '..' that does not begin with '/'",
                r"([^/.]|\.[^/.]|\.\.[^/])([^/]|/+([^/.]|\.[^/.]|\.\.[^/]))*/*|\./?")  # fmt: skip
USER = between(0, 2**31 - 1)
_QUALIFIED = f"{_DOMAIN}/{_PART}"
_COMPUTE = "cpu|memory|ephemeral-storage"
_COUNTED = (
    "pods|resourcequotas|services|replicationcontrollers|secrets|configmaps|services\\.nodeports"
    "|services\\.loadbalancers"
)
CONTAINER_RESOURCE = text("a resource such as cpu, memory or example.com/gpu",
                          f"{_COMPUTE}|hugepages-.+|{_QUALIFIED}")  # fmt: skip
RESOURCES: Schema = {"propertyNames": CONTAINER_RESOURCE}
QUOTA: Schema = {
    "propertyNames": text(
        "a resource such as pods, requests.cpu, limits.memory or count/jobs.batch",
        f"{_COMPUTE}|(requests|limits)\\.({_COMPUTE})|requests\\.storage|persistentvolumeclaims|{_COUNTED}"
        f"|(requests\\.)?hugepages-.+|{_QUALIFIED}",
    )
}
_SECURITY: Schema = {"enum": ["privileged", "baseline", "restricted"]}
_SECURITY_VERSION = text("latest, or a version such as v1.34", r"latest|v1\.(0|[1-9][0-9]*)")
SECURITY_LABELS: Schema = {
    f"pod-security.kubernetes.io/{mode}{suffix}": demand
    for mode in ("audit", "enforce", "warn")
    for suffix, demand in (("", _SECURITY), ("-version", _SECURITY_VERSION))
}
ACCESS_MODE = one_of("ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod")
ACCESS_MODES = {**SOME, "items": ACCESS_MODE}
VOLUME_MODE = one_of("Block", "Filesystem")
PULL_POLICY = one_of("", "Always", "IfNotPresent", "Never")
_YEAR, _CLOCK = r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])", r"([01]\d|2[0-3]):[0-5]\d:[0-5]\d"
TIME = text("a time such as 2026-01-31T23:59:59Z", rf"{_YEAR}T{_CLOCK}(\.\d+)?(Z|[+-]\d\d:\d\d)")

_CONTAINER = demand(
    "image",
    name=LABEL, image=FILLED, imagePullPolicy=PULL_POLICY,
    terminationMessagePolicy=one_of("", "File", "FallbackToLogsOnError"),
    livenessProbe=demand(successThreshold=between(0, 1)),
    startupProbe=demand(successThreshold=between(0, 1)),
)  # fmt: skip
_HANDLER = "a mapping with one of exec, grpc, httpGet, tcpSocket"
_HOOK = "a mapping with one of exec, httpGet, sleep, tcpSocket"
_FILE = demand(key=FILLED, path=RELATIVE, mode=MODE)
_NAMED = demand("name", name=FILLED)
_TAKEN = demand("name", name=SUBDOMAIN)
_ALWAYS = demand(spec=demand(restartPolicy=one_of("Always", "")))
_TO_THE_END = demand(spec=demand("restartPolicy", restartPolicy=one_of("Never", "OnFailure")))

_WITH_SPEC = {
    name: demand("spec")
    for name in (
        APPS + "DaemonSet", APPS + "Deployment", APPS + "ReplicaSet", APPS + "StatefulSet",
        AUTOSCALING + "HorizontalPodAutoscaler", BATCH + "CronJob", BATCH + "Job", CORE + "PersistentVolume",
        CORE + "PersistentVolumeClaim", CORE + "Pod", CORE + "Service", NETWORKING + "Ingress",
        NETWORKING + "IngressClass",
    )
}  # fmt: skip

CONSTRAINTS: dict[str, Schema] = _WITH_SPEC | {
    META + "OwnerReference": demand(
        apiVersion=text("an apiVersion such as apps/v1", "[^/]+(/[^/]+)?"), kind=FILLED, name=FILLED, uid=FILLED,
    ),
    META + "LabelSelector": demand(matchLabels=LABELS),
    META + "LabelSelectorRequirement": demand(
        key=LABEL_KEY, operator=one_of("In", "NotIn", "Exists", "DoesNotExist"),
        values={"items": LABEL_VALUE},
    ),
    META + "ObjectMeta": demand(labels=LABELS, annotations={"propertyNames": ANNOTATION_KEY}),
    APPS + "DaemonSetSpec": demand(minReadySeconds=NATURAL, revisionHistoryLimit=NATURAL, template=_ALWAYS),
    APPS + "DaemonSetUpdateStrategy": demand(type=one_of("", "OnDelete", "RollingUpdate")),
    APPS + "DeploymentSpec": demand(
        replicas=NATURAL, minReadySeconds=NATURAL, revisionHistoryLimit=NATURAL,
        progressDeadlineSeconds=NATURAL, template=_ALWAYS,
    ),
    APPS + "DeploymentStrategy": demand(type=one_of("", "Recreate", "RollingUpdate")),
    APPS + "ReplicaSetSpec": demand("template", replicas=NATURAL, minReadySeconds=NATURAL, template=_ALWAYS),
    APPS + "RollingUpdateDaemonSet": demand(maxSurge=PERCENT_OF_ALL, maxUnavailable=PERCENT_OF_ALL),
    APPS + "RollingUpdateDeployment": demand(maxSurge=PERCENT, maxUnavailable=PERCENT_OF_ALL),
    APPS + "RollingUpdateStatefulSetStrategy": demand(partition=NATURAL, maxUnavailable=PERCENT_OF_ALL),
    APPS + "StatefulSetOrdinals": demand(start=NATURAL),
    APPS + "StatefulSetPersistentVolumeClaimRetentionPolicy": demand(
        whenDeleted=one_of("Delete", "Retain"), whenScaled=one_of("Delete", "Retain"),
    ),
    APPS + "StatefulSetSpec": demand(
        replicas=NATURAL, minReadySeconds=NATURAL, revisionHistoryLimit=NATURAL, template=_ALWAYS,
        podManagementPolicy=one_of("", "OrderedReady", "Parallel"), serviceName=MAYBE_LABEL,
        volumeClaimTemplates={"items": demand("metadata", "spec", metadata=demand("name", name=LABEL))},
    ),
    APPS + "StatefulSetUpdateStrategy": demand(type=one_of("", "OnDelete", "RollingUpdate")),
    AUTOSCALING + "CrossVersionObjectReference": demand(
        "apiVersion", kind=SEGMENT, name=SEGMENT, apiVersion=text("an apiVersion such as apps/v1", "[^/]+/[^/]+"),
    ),
    AUTOSCALING + "HorizontalPodAutoscalerSpec": demand(minReplicas=POSITIVE, maxReplicas=POSITIVE),
    AUTOSCALING + "MetricSpec": demand(
        type=one_of("ContainerResource", "External", "Object", "Pods", "Resource"),
    ),
    AUTOSCALING + "MetricTarget": demand(
        type=one_of("AverageValue", "Utilization", "Value"), averageUtilization=POSITIVE,
    ),
    AUTOSCALING + "ResourceMetricSource": demand(name=FILLED),
    BATCH + "CronJobSpec": demand(
        schedule=FILLED, concurrencyPolicy=one_of("", "Allow", "Forbid", "Replace"),
        startingDeadlineSeconds=NATURAL, successfulJobsHistoryLimit=NATURAL, failedJobsHistoryLimit=NATURAL,
        jobTemplate=demand("spec"),
    ),
    BATCH + "JobSpec": demand(
        activeDeadlineSeconds=NATURAL, backoffLimit=NATURAL, completions=NATURAL, parallelism=NATURAL,
        ttlSecondsAfterFinished=NATURAL, completionMode=one_of("Indexed", "NonIndexed"),
        podReplacementPolicy=one_of("Failed", "TerminatingOrFailed"), template=_TO_THE_END,
    ),
    CORE + "ClientIPConfig": demand(timeoutSeconds=between(1, 86400)),
    CORE + "ConfigMap": demand(data=CONFIG, binaryData=CONFIG),
    CORE + "ConfigMapEnvSource": _TAKEN,
    CORE + "ConfigMapKeySelector": demand("name", name=SUBDOMAIN, key=CONFIG_KEY),
    CORE + "ConfigMapProjection": _NAMED,
    CORE + "ConfigMapVolumeSource": demand("name", name=FILLED, defaultMode=MODE),
    CORE + "Container": _CONTAINER,
    CORE + "ContainerPort": demand(containerPort=PORT_NUMBER, hostPort=between(0, 65535), name=PORT_NAME,
                                   protocol=MAYBE_PROTOCOL),
    CORE + "DownwardAPIVolumeFile": demand(path=RELATIVE, mode=MODE),
    CORE + "DownwardAPIVolumeSource": demand(defaultMode=MODE),
    CORE + "EnvFromSource": exactly_one(
        "a mapping with one of configMapRef, secretRef", "configMapRef", "secretRef",
    ),
    CORE + "EnvVar": demand(name=VARIABLE),
    CORE + "EnvVarSource": {"title": "a mapping with one source", "minProperties": 1, "maxProperties": 1},
    CORE + "ExecAction": demand("command", command=SOME),
    CORE + "HTTPGetAction": demand(port=PORT, scheme=one_of("", "HTTP", "HTTPS")),
    CORE + "HTTPHeader": demand(name=text("a header's name", "[-A-Za-z0-9]+")),
    CORE + "HostPathVolumeSource": demand(
        path=FILLED,
        type=one_of("", "BlockDevice", "CharDevice", "Directory", "DirectoryOrCreate", "File", "FileOrCreate",
                    "Socket"),
    ),
    CORE + "KeyToPath": _FILE,
    CORE + "LifecycleHandler": exactly_one(_HOOK, "exec", "httpGet", "sleep", "tcpSocket"),
    CORE + "LimitRangeItem": demand(
        type=text("one of Container, PersistentVolumeClaim, Pod",
                  f"Container|PersistentVolumeClaim|Pod|{_QUALIFIED}"),
    ),
    CORE + "ResourceQuotaSpec": demand(hard=QUOTA),
    CORE + "NFSVolumeSource": demand(
        server=FILLED, path=text("a path that begins with '/'", "/.*"),
    ),
    CORE + "NodeSelector": demand(nodeSelectorTerms=SOME),
    CORE + "NodeSelectorRequirement": demand(
        key=LABEL_KEY, operator=one_of("In", "NotIn", "Exists", "DoesNotExist", "Gt", "Lt"),
    ),
    CORE + "PersistentVolumeClaimSpec": demand(
        "accessModes", "resources",
        accessModes=ACCESS_MODES, volumeMode=VOLUME_MODE, storageClassName=MAYBE_SUBDOMAIN,
        resources=demand("requests", requests=demand("storage")),
    ),
    CORE + "PersistentVolumeClaimVolumeSource": demand(claimName=FILLED),
    CORE + "PersistentVolumeSpec": demand(
        "accessModes", "capacity",
        accessModes=ACCESS_MODES, volumeMode=VOLUME_MODE, storageClassName=MAYBE_SUBDOMAIN,
        capacity={**demand("storage"), "maxProperties": 1},
        persistentVolumeReclaimPolicy=one_of("", "Delete", "Recycle", "Retain"),
    ),
    CORE + "PodAffinityTerm": demand(topologyKey=LABEL_KEY),
    CORE + "PodSecurityContext": demand(
        fsGroup=USER, runAsGroup=USER, runAsUser=USER, supplementalGroups={"items": USER},
        fsGroupChangePolicy=one_of("Always", "OnRootMismatch"),
    ),
    CORE + "PodSpec": demand(
        containers=SOME, serviceAccountName=MAYBE_SUBDOMAIN, nodeSelector=LABELS, hostname=LABEL,
        subdomain=LABEL, activeDeadlineSeconds=between(1, 2**31 - 1), terminationGracePeriodSeconds=NATURAL,
        dnsPolicy=one_of("", "ClusterFirst", "ClusterFirstWithHostNet", "Default", "None"),
        restartPolicy=one_of("", "Always", "Never", "OnFailure"), priorityClassName=MAYBE_SUBDOMAIN,
        runtimeClassName=SUBDOMAIN,
    ),
    CORE + "PodTemplateSpec": demand("spec"),
    CORE + "PreferredSchedulingTerm": demand(weight=between(1, 100)),
    CORE + "Probe": exactly_one(_HANDLER, "exec", "grpc", "httpGet", "tcpSocket") | demand(
        failureThreshold=NATURAL, initialDelaySeconds=NATURAL, periodSeconds=NATURAL, successThreshold=NATURAL,
        timeoutSeconds=NATURAL, terminationGracePeriodSeconds=POSITIVE,
    ),
    CORE + "ProjectedVolumeSource": demand(defaultMode=MODE),
    CORE + "ResourceRequirements": demand(limits=RESOURCES, requests=RESOURCES),
    CORE + "SeccompProfile": demand(type=one_of("Localhost", "RuntimeDefault", "Unconfined")),
    CORE + "Secret": demand(data=CONFIG, stringData=CONFIG),
    CORE + "SecretEnvSource": _TAKEN,
    CORE + "SecretKeySelector": demand("name", name=SUBDOMAIN, key=CONFIG_KEY),
    CORE + "SecretProjection": _NAMED,
    CORE + "SecretVolumeSource": demand("secretName", secretName=FILLED, defaultMode=MODE),
    CORE + "SecurityContext": demand(runAsGroup=USER, runAsUser=USER),
    CORE + "ServiceAccountTokenProjection": demand(
        path=RELATIVE, expirationSeconds=between(600, 2**32),
    ),
    CORE + "ServicePort": demand(
        name=LABEL, port=PORT_NUMBER, targetPort=MAYBE_PORT, nodePort=between(0, 65535), protocol=MAYBE_PROTOCOL,
    ),
    CORE + "ServiceSpec": demand(
        type=one_of("", "ClusterIP", "ExternalName", "LoadBalancer", "NodePort"), selector=LABELS,
        sessionAffinity=one_of("", "ClientIP", "None"), externalTrafficPolicy=one_of("", "Cluster", "Local"),
        internalTrafficPolicy=one_of("Cluster", "Local"),
    ),
    CORE + "TCPSocketAction": demand(port=PORT),
    CORE + "Toleration": demand(
        key=MAYBE_LABEL_KEY,
        effect=one_of("", "NoExecute", "NoSchedule", "PreferNoSchedule"), operator=one_of("", "Equal", "Exists"),
        value=LABEL_VALUE,
    ),
    CORE + "TopologySpreadConstraint": demand(
        maxSkew=POSITIVE, minDomains=POSITIVE, topologyKey=FILLED,
        whenUnsatisfiable=one_of("DoNotSchedule", "ScheduleAnyway"),
    ),
    CORE + "Volume": {
        **demand(name=LABEL), "title": "a name and one kind of volume", "maxProperties": 2,
    },
    CORE + "VolumeMount": demand(
        name=FILLED, mountPath=FILLED,
        mountPropagation=one_of("Bidirectional", "HostToContainer", "None"),
        recursiveReadOnly=one_of("Disabled", "Enabled", "IfPossible"),
    ),
    CORE + "WeightedPodAffinityTerm": demand(weight=between(1, 100)),
    NETWORKING + "HTTPIngressPath": demand(
        pathType=one_of("Exact", "ImplementationSpecific", "Prefix"),
    ),
    NETWORKING + "HTTPIngressRuleValue": demand(paths=SOME),
    NETWORKING + "IngressBackend": exactly_one("a mapping with one of resource, service", "resource", "service"),
    NETWORKING + "IngressClassSpec": demand(
        "controller",
        controller=text("a domain and a path, such as example.com/controller", rf"{_DOMAIN}/[-A-Za-z0-9/._~%!$&'()*+,;=:]+", 250),
    ),
    NETWORKING + "IngressServiceBackend": demand("port", name=SERVICE),
    NETWORKING + "IngressSpec": demand(ingressClassName=SUBDOMAIN),
    NETWORKING + "IngressTLS": demand(secretName=MAYBE_SUBDOMAIN),
    NETWORKING + "NetworkPolicyPort": demand(port=PORT, endPort=PORT_NUMBER, protocol=PROTOCOL),
    NETWORKING + "NetworkPolicySpec": demand(
        policyTypes={"items": one_of("Egress", "Ingress"), "maxItems": 2},
    ),
    NETWORKING + "ServiceBackendPort": exactly_one("a mapping with one of name, number", "name", "number")
    | demand(name=PORT_NAME, number=PORT_NUMBER),
    POLICY + "PodDisruptionBudgetSpec": demand(
        maxUnavailable=PERCENT_OF_ALL, minAvailable=PERCENT_OF_ALL,
        unhealthyPodEvictionPolicy=one_of("AlwaysAllow", "IfHealthyBudget"),
    ) | {"title": "a mapping with one of maxUnavailable, minAvailable",
         "not": {"required": ["maxUnavailable", "minAvailable"]}},
    RBAC + "ClusterRoleBinding": demand(roleRef=demand(kind=one_of("ClusterRole"))),
    RBAC + "PolicyRule": demand(verbs=SOME),
    RBAC + "RoleRef": demand(
        apiGroup=one_of("rbac.authorization.k8s.io", ""), kind=one_of("ClusterRole", "Role"), name=SEGMENT,
    ),
    RBAC + "Subject": demand(kind=one_of("Group", "ServiceAccount", "User"), name=FILLED),
    SCHEDULING + "PriorityClass": demand(
        value=between(None, 10**9), preemptionPolicy=one_of("Never", "PreemptLowerPriority"),
    ),
    STORAGE + "StorageClass": demand(
        provisioner=ANNOTATION_KEY, parameters={"propertyNames": FILLED}, reclaimPolicy=one_of("", "Delete", "Retain"),
        volumeBindingMode=one_of("Immediate", "WaitForFirstConsumer"),
    ),
}  # fmt: skip
"""By definition: what is merged into it."""

OPTIONAL: dict[str, set[str]] = {
    RBAC + "RoleRef": {"apiGroup"},
    SCHEDULING + "PriorityClass": {"value"},
    CORE + "LimitRangeSpec": {"limits"},
}
"""What the document calls required, and the API server fills in."""

NAMES: dict[str, Schema] = {
    "ClusterRole": SEGMENT, "ClusterRoleBinding": SEGMENT, "Role": SEGMENT, "RoleBinding": SEGMENT,
    "CronJob": {**SUBDOMAIN, "maxLength": 52, "title": "a CronJob's name: lower-case letters, digits, '-' and '.', up to 52 characters"},
    "Job": {**SUBDOMAIN, "maxLength": 63, "title": "a Job's name: lower-case letters, digits, '-' and '.', up to 63 characters"},
    "Namespace": LABEL, "Service": SERVICE, "StatefulSet": LABEL,
}  # fmt: skip
"""Names of a kind's objects, where they are not `SUBDOMAIN`."""

METADATA = demand(
    "name",
    finalizers={"items": LABEL_KEY},
    managedFields={"title": "nothing: the API server writes it", "maxItems": 0, "minItems": 1},
)
"""Of a whole object; the metadata of templates are judged less."""

CLUSTER_SCOPED = (
    "ClusterRole", "ClusterRoleBinding", "CustomResourceDefinition", "IngressClass", "Namespace",
    "PersistentVolume", "PriorityClass", "StorageClass", "ValidatingAdmissionPolicy",
    "ValidatingAdmissionPolicyBinding", "ValidatingWebhookConfiguration",
)  # fmt: skip
"""Kinds of which the API server does not read the namespace."""


def metadata_of(group: str, kind: str) -> Schema:
    """What the metadata of a kind's objects have to be."""
    name = NAMES.get(kind, SUBDOMAIN)
    prefix = {**name, "pattern": f"{name['pattern'][:-1]}?-?$"}
    if "maxLength" in name and name not in (LABEL, SERVICE):
        prefix["maxLength"] = 253  # what is made of it is made to fit
    fields: Schema = {"name": name, "generateName": prefix}
    if kind not in CLUSTER_SCOPED:
        fields["namespace"] = MAYBE_LABEL
    if "." not in group or group.endswith(".k8s.io"):
        fields |= {"finalizers": {"items": FINALIZER}, "generation": NATURAL}
    if kind == "Namespace":
        fields["labels"] = {"properties": SECURITY_LABELS}
    return merged(METADATA, {"properties": fields})


def merged(node: Schema, more: Schema) -> Schema:
    """A schema with the demands of another; a reference keeps what it refers to."""
    if "$ref" in node:
        return {"allOf": [node, more]}
    result = dict(node)
    for key, value in more.items():
        mine = result.get(key)
        if key == "required":
            result[key] = sorted({*(mine or ()), *value})
        elif key in ("allOf", "oneOf", "anyOf") and mine:
            result["allOf"] = [*result.get("allOf", ()), {key: value}]
        elif isinstance(mine, dict) and isinstance(value, dict):
            result[key] = merged(mine, value)
        else:
            result[key] = value
    return result


def constrained(name: str, schema: Schema) -> Schema:
    """A converted definition with what the API server demands of it; not of fields that an older one lacks."""
    demanded = dict(CONSTRAINTS.get(name, {}))
    if "properties" in demanded and "properties" in schema:
        known = schema["properties"].keys()
        fields = demanded["properties"].items()
        demanded["properties"] = {key: field for key, field in fields if key in known}
    result = merged(schema, demanded)
    if name in OPTIONAL:
        result["required"] = sorted(set(result["required"]) - OPTIONAL[name])
    return result
