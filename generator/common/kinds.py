"""Kinds of Kubernetes objects: one row each, with every fact that more than one room needs.

What is rendered has a row with a wave; a test names the columns that a new one still lacks. Whoever meets
a kind without a row is told so (`known` is False), and claims nothing of it.
"""

from dataclasses import dataclass
from typing import Final

UNMANAGED_WAVE: Final = 90
"""Beyond all others: what Argo CD takes for unfinished, and must not wait for."""

NOBODY, OWN_PODS = "nobody", "its pods"
"""Who restarts when an object changes, where its impact module does not know better."""

_ASK = "Prune=confirm,Delete=confirm"
STRIMZI_GROUP: Final = "kafka.strimzi.io"
_PROMETHEUS = "monitoring.coreos.com"
_BACKUP = ("kafka.oso.sh", "v1alpha1")
"""Of one of the two operators; the other one's kinds have the same names and meaning."""


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind; a column that is None is not known of it."""

    name: str
    group: str = ""
    """Empty for Kubernetes' core."""
    version: str = "v1"
    area: str = ""
    """The folder of rendered/ENV where it always stands; empty where its subject decides."""
    wave: int | None = None
    """Argo CD's sync wave of what we render: pools below Kafka and topics above it, so that pruning,
    which runs in reverse, removes topics while the Topic Operator still lives and Kafka before pools."""
    protected: str = ""
    """What Argo CD must ask before it removes one of a protected environment (2.14 and later)."""
    restarts: str | None = None
    """Who restarts when it changes: NOBODY, OWN_PODS; None when that is not known."""
    of: str = ""
    """The kind that its label strimzi.io/cluster names."""
    ready: bool = False
    """Its operator says Ready, or NotReady, in a condition."""
    health: bool = False
    """Argo CD 3.5.1 judges its health (gitops-engine pkg/health, resource_customizations); anything else that
    has a row counts as healthy at once."""
    pods: str = ""
    """The word with which the names of its pods go on after its own (Strimzi 1.2.0, KafkaResources and
    its siblings)."""
    rebuild: int = 0
    """Its place in the order of a rebuild; 0 for what is no part of it."""
    secrets: bool = False
    """Its spec may hold passwords in plain text."""
    serves: bool = False
    """Whoever depends on it notices when it goes."""
    takes: str = ""
    """What goes with it, where that is data."""
    records: bool = False
    """Records of any topic go with it."""
    namespaced: bool = True
    watched: bool = False
    """Verification reads it whether rendered or not: it tells how a cluster is."""
    known: bool = True

    @property
    def api_version(self) -> str:
        """As a manifest says it."""
        return f"{self.group}/{self.version}" if self.group else self.version

    @property
    def of_strimzi(self) -> bool:
        """One of those that Strimzi's operators act on."""
        return self.group == STRIMZI_GROUP


_RBAC, _NETWORK, _APPS, _BATCH = "rbac.authorization.k8s.io", "networking.k8s.io", "apps", "batch"
_ARGO = "argoproj.io"

_ORDERED: Final = (
    Kind("Namespace", wave=-30, protected="Prune=false,Delete=confirm", restarts=NOBODY, rebuild=1,
         takes="everything in the namespace is deleted, Kafka with its disks among it", records=True,
         namespaced=False),
    Kind("NetworkPolicy", _NETWORK, wave=-1, restarts=NOBODY, serves=True),
    Kind("ResourceQuota", restarts=NOBODY),
    Kind("LimitRange", restarts=NOBODY),
    Kind("PodDisruptionBudget", "policy", restarts=NOBODY, health=True, watched=True),
    Kind("ServiceAccount", wave=-1, restarts=NOBODY),
    Kind("Secret", wave=-1, restarts=NOBODY, secrets=True),
    Kind("ConfigMap", wave=-1, restarts=NOBODY),
    Kind("StorageClass", "storage.k8s.io", restarts=NOBODY, namespaced=False),
    Kind("PersistentVolume", restarts=NOBODY, takes="the disk is deleted unless its reclaim policy keeps it",
         records=True, namespaced=False),
    Kind("PersistentVolumeClaim", wave=UNMANAGED_WAVE, restarts=NOBODY, health=True, records=True,
         watched=True),
    Kind("CustomResourceDefinition", "apiextensions.k8s.io", restarts=NOBODY, health=True,
         takes="every object of the kind is deleted in the whole cluster", records=True, namespaced=False),
    Kind("ClusterRole", _RBAC, restarts=NOBODY, namespaced=False),
    Kind("ClusterRoleBinding", _RBAC, restarts=NOBODY, namespaced=False),
    Kind("Role", _RBAC, wave=-1, restarts=NOBODY),
    Kind("RoleBinding", _RBAC, wave=-1, restarts=NOBODY),
    Kind("Service", restarts=NOBODY, health=True, serves=True),
    Kind("DaemonSet", _APPS, restarts=OWN_PODS, health=True),
    Kind("Pod", restarts=OWN_PODS, health=True, watched=True),
    Kind("ReplicaSet", _APPS, restarts=NOBODY, health=True),
    Kind("Deployment", _APPS, restarts=OWN_PODS, health=True, watched=True),
    Kind("HorizontalPodAutoscaler", "autoscaling", "v2", restarts=NOBODY, health=True),
    Kind("StatefulSet", _APPS, restarts=OWN_PODS, health=True),
    Kind("Job", _BATCH, wave=0, restarts=NOBODY, health=True),
    Kind("CronJob", _BATCH, wave=40, restarts=NOBODY, health=True),
    Kind("IngressClass", _NETWORK, restarts=NOBODY, namespaced=False),
    Kind("Ingress", _NETWORK, restarts=NOBODY, health=True, serves=True),
    Kind("APIService", "apiregistration.k8s.io", restarts=NOBODY, health=True, namespaced=False),
)  # fmt: skip
"""In the order in which Argo CD applies them within a wave (3.5, gitops-engine, pkg/sync/sync_tasks.go)."""

_ADMISSION = "admissionregistration.k8s.io"

_OTHERS: Final = (
    Kind("CSIDriver", "storage.k8s.io", restarts=NOBODY, namespaced=False),
    Kind("Certificate", "cert-manager.io", restarts=NOBODY, health=True),
    Kind("ClusterIssuer", "cert-manager.io", restarts=NOBODY, health=True, namespaced=False),
    Kind("ExternalSecret", "external-secrets.io", restarts=NOBODY, health=True),
    Kind("Issuer", "cert-manager.io", restarts=NOBODY, health=True),
    Kind("MutatingWebhookConfiguration", _ADMISSION, restarts=NOBODY, namespaced=False),
    Kind("Node", restarts=NOBODY, namespaced=False),
    Kind("RuntimeClass", "node.k8s.io", restarts=NOBODY, namespaced=False),
    Kind("ValidatingAdmissionPolicy", _ADMISSION, restarts=NOBODY, namespaced=False),
    Kind("ValidatingAdmissionPolicyBinding", _ADMISSION, restarts=NOBODY, namespaced=False),
    Kind("ValidatingWebhookConfiguration", _ADMISSION, restarts=NOBODY, namespaced=False),
    Kind("VolumeSnapshotClass", "snapshot.storage.k8s.io", restarts=NOBODY, namespaced=False),
    Kind("Event", restarts=NOBODY, watched=True),
    Kind("PriorityClass", "scheduling.k8s.io", restarts=NOBODY, namespaced=False),
    Kind("Route", "route.openshift.io", restarts=NOBODY, health=True, serves=True),
    Kind("Application", _ARGO, "v1alpha1", restarts=NOBODY),
    Kind("ApplicationSet", _ARGO, "v1alpha1", restarts=NOBODY, health=True),
    Kind("AppProject", _ARGO, "v1alpha1", restarts=NOBODY),
    Kind("StrimziPodSet", "core.strimzi.io", watched=True),
    # Strimzi's own: their impact modules know who restarts.
    Kind("Kafka", STRIMZI_GROUP, area="cluster", wave=1, protected=_ASK, restarts=OWN_PODS, ready=True, health=True,
         rebuild=2, records=True, watched=True),
    Kind("KafkaNodePool", STRIMZI_GROUP, area="cluster", wave=0, protected=_ASK, restarts=OWN_PODS, of="Kafka",
         rebuild=3, records=True, watched=True),
    Kind("KafkaTopic", STRIMZI_GROUP, area="topics", wave=10, protected=_ASK, restarts=NOBODY, of="Kafka", ready=True,
         health=True, rebuild=4, watched=True),
    Kind("KafkaUser", STRIMZI_GROUP, area="users", wave=11, restarts=NOBODY, of="Kafka", ready=True, health=True,
         rebuild=5, watched=True),
    Kind("KafkaConnect", STRIMZI_GROUP, restarts=OWN_PODS, ready=True, health=True, pods="connect", rebuild=6,
         secrets=True, serves=True),
    Kind("KafkaConnector", STRIMZI_GROUP, restarts=NOBODY, of="KafkaConnect", ready=True, health=True, rebuild=7,
         secrets=True, serves=True),
    Kind("KafkaMirrorMaker2", STRIMZI_GROUP, restarts=OWN_PODS, ready=True, pods="mirrormaker2", rebuild=8,
         secrets=True, serves=True),
    Kind("KafkaBridge", STRIMZI_GROUP, restarts=OWN_PODS, ready=True, health=True, pods="bridge", rebuild=9,
         secrets=True, serves=True),
    Kind("KafkaRebalance", STRIMZI_GROUP, restarts=NOBODY, of="Kafka"),
    # What backup operators carry out.
    Kind("KafkaBackup", *_BACKUP, wave=40, restarts=NOBODY),
    Kind("KafkaBackupValidation", *_BACKUP, wave=41, restarts=NOBODY),
    Kind("KafkaRestore", *_BACKUP, wave=42, restarts=NOBODY),
    Kind("KafkaOffsetReset", *_BACKUP, wave=43, restarts=NOBODY),
    Kind("KafkaOffsetRollback", *_BACKUP, wave=43, restarts=NOBODY),
    # What watches.
    Kind("PrometheusRule", _PROMETHEUS, wave=50, restarts=NOBODY),
    Kind("PodMonitor", _PROMETHEUS, restarts=NOBODY),
    Kind("ServiceMonitor", _PROMETHEUS, restarts=NOBODY),
)  # fmt: skip

KINDS: Final = (*_ORDERED, *_OTHERS)

_BY_NAME: Final = {kind.name: kind for kind in KINDS}
_RANKS: Final = {kind.name: rank for rank, kind in enumerate(_ORDERED)}


def kind_of(name: str) -> Kind:
    """The row of a kind; one that knows nothing where there is none."""
    return _BY_NAME.get(name) or Kind(name, known=False)


def names_of(column: str) -> tuple[str, ...]:
    """The kinds that have something in a column, in the order of their rows."""
    return tuple(kind.name for kind in KINDS if getattr(kind, column))


def apply_rank(name: str) -> int:
    """The place of a kind in Argo CD's order within a wave; those that it does not order share the last."""
    return _RANKS.get(name, len(_ORDERED))
