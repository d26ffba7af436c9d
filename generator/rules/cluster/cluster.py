"""The Kafka resource as a whole: controllers, templates, operators."""

from collections.abc import Iterator
from typing import Any

from generator.common.finding import Path, Severity
from generator.common.strimzi.facts import WATCHED_NAMESPACE_GATED
from generator.documents.manifest import Manifest
from generator.rules.registry import Flaw, rule
from generator.system.system import System

_DOMAIN = "strimzi.io/"
_SWITCH = "STRIMZI_ENTITY_OPERATOR_WATCHED_NAMESPACE_ENABLED"
_REPLICAS: Path = ("spec", "replicas")


def _last_controllers(system: System) -> Manifest:
    """The pool to change when there are too few controllers or too many."""
    return next((pool for pool in reversed(system.pools)
                 if "controller" in pool.body["spec"].get("roles", ())), system.kafka)  # fmt: skip


@rule("controller-count", Severity.WARNING)
def controller_count(system: System) -> Iterator[Flaw]:
    """The number of controllers is odd.

    Why: a majority of four is three, so the fourth survives nothing that three do not; of two, both
        have to be there. Strimzi puts the same warning into the status.
    Fix: write one controller more or less before the cluster is made. The number of a running one
        cannot change: rebuild the cluster with another one, or suppress this rule.
    Source: Strimzi 1.2.0, KafkaSpecChecker (KafkaKRaftControllerNodeCount); documentation, "KRaft
        limitations: Controller scaling" (static quorums).
    """
    count = system.nodes("controller")
    if count and count % 2 == 0:
        yield Flaw(_REPLICAS, f"{count} controllers survive no more losses than {count - 1}",
                   on=_last_controllers(system))  # fmt: skip


@rule("controller-quorum")
def controller_quorum(system: System) -> Iterator[Flaw]:
    """In a protected environment the cluster survives the loss of a controller.

    Why: without a majority of its controllers a cluster elects no leaders and changes no topic; with
        the only one's disk goes the knowledge of what there is.
    Fix: write three controllers before the cluster is made; size small and above bring them. The number
        of a running one cannot change: rebuild the cluster with three, or suppress this rule.
    Source: Kafka 4.3 documentation, "KRaft: Deploying considerations" (3 or 5 controllers); Strimzi
        1.2.0 documentation, "KRaft limitations: Controller scaling" (static quorums).
    """
    count = system.nodes("controller")
    protected = system.environment is not None and system.environment.protect
    if protected and 0 < count < 3:
        yield Flaw(_REPLICAS, f"the loss of one of {count} controllers stops the cluster"
                   if count > 1 else "the loss of its only controller stops the cluster",
                   on=_last_controllers(system))  # fmt: skip


@rule("template-strimzi-metadata")
def template_metadata(system: System) -> Iterator[Flaw]:
    """Templates set no labels and annotations of Strimzi's own.

    Why: the operator refuses the resource, and nothing of it is deployed.
    Fix: drop it; what Strimzi reads as an annotation belongs on the Kafka or KafkaNodePool itself.
    Source: Strimzi 1.2.0, Util.mergeLabelsOrAnnotations; seen on its Cluster Operator:
        InvalidResourceException, "User provided labels or annotations includes a Strimzi annotation:
        [strimzi.io/tier]".
    """
    spec = system.kafka.body["spec"]
    templates: list[tuple[Manifest, Path, Any]] = [
        (system.kafka, ("spec", part, "template"), section.get("template"))
        for part, section in spec.items()
        if isinstance(section, dict)
    ]
    templates += [
        (pool, ("spec", "template"), pool.body["spec"].get("template")) for pool in system.pools
    ]
    for manifest, path, template in templates:
        for resource, settings in (template or {}).items():
            metadata = settings.get("metadata") or {}
            for kind in ("labels", "annotations"):
                for key in metadata.get(kind) or {}:
                    if key.startswith(_DOMAIN):
                        yield Flaw((*path, resource, "metadata", kind, key),
                                   f"a template cannot set {key}", on=manifest,
                                   on_key=True)  # fmt: skip


@rule("entity-operator-namespace")
def entity_operator_namespace(system: System) -> Iterator[Flaw]:
    """Topics and users live in the namespace of their cluster.

    Why: whoever may write to the other namespace could make itself any user here. Since Strimzi 1.0.1
        the operator therefore removes the whole Entity Operator, and the Kafka goes NotReady.
    Fix: drop watchedNamespace and keep KafkaTopics and KafkaUsers in the Kafka's namespace; or set
        STRIMZI_ENTITY_OPERATOR_WATCHED_NAMESPACE_ENABLED for the operator (strimzi.values.extraEnvs).
    Source: Strimzi 1.0.1 release notes (CVE-2026-55225, CVE-2026-55226), EntityOperatorReconciler.
    """
    environment = system.environment
    values = environment.data.get("strimzi", {}).get("values", {}) if environment else {}
    switched = any(isinstance(each, dict) and each.get("name") == _SWITCH
                   and str(each.get("value")).lower() == "true"
                   for each in values.get("extraEnvs") or ())  # fmt: skip
    if system.has(WATCHED_NAMESPACE_GATED) and not switched:
        yield from _elsewhere(system)


@rule("entity-operator-elsewhere", Severity.WARNING)
def entity_operator_elsewhere(system: System) -> Iterator[Flaw]:
    """Topics and users live in the namespace of their cluster before Strimzi makes it a condition.

    Why: whoever may write to the other namespace could make itself any user here, and until 1.0.1 Strimzi
        asks nobody. From then on its operator removes the whole Entity Operator for that.
    Fix: drop watchedNamespace and move KafkaTopics and KafkaUsers into the Kafka's namespace before you
        upgrade to 1.0.1.
    Source: Strimzi, EntityOperatorReconciler at 1.0.0 and 1.0.1; 1.0.1 release notes (CVE-2026-55225,
        CVE-2026-55226).
    """
    if not system.has(WATCHED_NAMESPACE_GATED):
        yield from _elsewhere(system)


def _elsewhere(system: System) -> Iterator[Flaw]:
    home = system.kafka.body["metadata"].get("namespace")
    operators = system.kafka.body["spec"].get("entityOperator") or {}
    for name in ("topicOperator", "userOperator"):
        watched = (operators.get(name) or {}).get("watchedNamespace")
        if watched not in (None, home):
            yield Flaw(("spec", "entityOperator", name, "watchedNamespace"),
                       f"the {name} would watch {watched}, but the cluster is in {home}",
                       on=system.kafka)  # fmt: skip
