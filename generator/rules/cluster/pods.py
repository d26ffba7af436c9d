"""Pods of the cluster: where they run, what memory they may take, how many may go at once."""

from collections.abc import Iterator

from generator.common.finding import Severity
from generator.common.strimzi.facts import RACK_SPREADS, RESOURCES_OF_KAFKA, TEMPLATES_MERGED
from generator.documents.manifest import Body, Manifest
from generator.rules.registry import Flaw, rule
from generator.system.system import System

_DISRUPTION = ("spec", "kafka", "template", "podDisruptionBudget", "maxUnavailable")
_MIN_ISR = "min.insync.replicas"


@rule("pod-disruption")
def disruption(system: System) -> Iterator[Flaw]:
    """No more pods may be evicted at once than the cluster can do without.

    Why: the budget covers brokers and controllers alike. Where nodes of Kubernetes are emptied together,
        as when they are upgraded, it lets so many go that topics take no writes, or that no majority of
        the controllers is left.
    Fix: drop podDisruption, which means 1.
    Source: Strimzi 1.2.0, PodDisruptionBudgetUtils (one budget for all nodes); Kafka 4.3 documentation,
        topic configs (min.insync.replicas) and "KRaft: Deploying considerations" (majority).
    """
    template = (system.spec.get("template") or {}).get("podDisruptionBudget") or {}
    most, controllers = template.get("maxUnavailable"), system.nodes("controller")
    nodes = sum(pool.body["spec"].get("replicas", 0) for pool in system.pools)
    if not isinstance(most, int) or min(most, nodes) < 2 or not controllers:
        return
    needed = [((controllers - 1) // 2, "controllers")]
    for topic in system.topics:
        settings = topic.settings
        if settings.replicas > 1:
            needed.append((settings.replicas - settings.number(_MIN_ISR), f"topic {topic.name}"))
    spare, who = min(needed)
    if most > max(spare, 1):
        yield Flaw(_DISRUPTION, f"{most} pods may go at once; {who} can spare {max(spare, 0)}",
                   on=system.kafka)  # fmt: skip


@rule("pool-memory-limit", Severity.WARNING)
def memory_limit(system: System) -> Iterator[Flaw]:
    """Every node of Kafka has a limit of memory.

    Why: without one a heap that nobody gives is measured by the whole machine; and where its memory runs
        out, Kubernetes ends those first that take most above what they asked for.
    Fix: write resources.limits.memory, and the same under requests.
    Source: Strimzi 1.2.0, JvmOptionUtils.heapOptions and dynamic_resources.sh (MaxRAMPercentage), and its
        documentation, "jvmOptions"; Kubernetes 1.34 documentation, "Node-pressure Eviction".
    """
    for pool in system.pools:
        limits = _resources(system, pool).get("limits") or {}
        if limits.get("memory") is None:
            yield Flaw(("spec", "resources", "limits", "memory"), "there is no limit of memory",
                       on=pool)  # fmt: skip


@rule("pool-spread", Severity.WARNING)
def spread(system: System) -> Iterator[Flaw]:
    """The nodes of a pool run on machines of their own.

    Why: nothing else keeps the scheduler from putting all of them on one, and with it goes what replication
        should have saved.
    Fix: write spread: {kubernetes.io/hostname: {maxSkew: 1, whenUnsatisfiable: DoNotSchedule}}.
    Source: Strimzi 1.2.0 documentation, "Configuring pod anti-affinity for Kafka nodes"; Kubernetes 1.34
        documentation, "Pod Topology Spread Constraints".
    """
    if "rack" in system.spec and system.has(RACK_SPREADS):
        return  # pods in different racks are on different machines
    for pool in system.pools:
        several = pool.body["spec"].get("replicas", 0) > 1 and system.size != "dev"
        if several and not _says(_pod(system, pool), "topologyKey"):
            yield Flaw(("spec", "spread"), "its nodes may all run on one machine", on=pool)


@rule("rack-without-spread", Severity.WARNING)
def rack_without_spread(system: System) -> Iterator[Flaw]:
    """Where brokers know their rack, brokers and controllers are spread over the racks.

    Why: since Strimzi 0.49 rack only tells a broker where it runs; all of them may run in one zone,
        and all replicas of a partition with them. Of controllers in one zone none is left when it fails.
        (Before 0.49 rack itself makes pods prefer different racks.)
    Fix: write spread for the pool with the same topology key.
    Source: strimzi/strimzi-kafka-operator#12073 (proposal 123).
    """
    key = (system.spec.get("rack") or {}).get("topologyKey")
    if key is None or system.has(RACK_SPREADS):
        return
    for pool in system.pools:
        spec = pool.body["spec"]
        roles = spec.get("roles", ())
        pod = _pod(system, pool)
        if spec.get("replicas", 0) < 2 or _says(pod, "topologyKey", key) or _says(pod, "key", key):
            continue
        who = "brokers" if "broker" in roles else "controllers"
        yield Flaw(("spec", "spread"), f"its {who} are not spread by {key}", on=pool)


def _pod(system: System, pool: Manifest) -> Body | None:
    """The template of a pool's pods, its own or that of the Kafka."""
    own: Body | None = pool.body["spec"].get("template")
    # Even an empty one hides the other.
    hides = own if own is None or not system.has(TEMPLATES_MERGED) else own.get("pod")
    template = own if own is not None and hides is not None else system.spec.get("template")
    return (template or {}).get("pod")


def _resources(system: System, pool: Manifest) -> Body:
    """The resources of a pool's nodes, its own or those of the Kafka."""
    own: Body | None = pool.body["spec"].get("resources")
    if own is None and system.has(RESOURCES_OF_KAFKA):
        own = system.spec.get("resources")
    return own or {}


def _says(node: object, word: str, value: str | None = None) -> bool:
    """True when spread constraints or an affinity say a word, with that value if one is given."""
    if isinstance(node, list):
        return any(_says(each, word, value) for each in node)
    if isinstance(node, dict):
        if word in node and value in (None, node[word]):
            return True
        return any(_says(each, word, value) for each in node.values())
    return False
