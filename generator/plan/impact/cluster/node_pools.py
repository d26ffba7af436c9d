"""KafkaNodePool: what Strimzi does to nodes, and what it silently reverts."""

from collections.abc import Iterator

from generator.common.changes import MISSING
from generator.common.strimzi_facts import (
    AUTO_REBALANCE_RETRIED,
)
from generator.documents.manifest import Body
from generator.plan.change import Effect, FieldChange, Impact
from generator.plan.impact import Pair, listed
from generator.plan.impact.cluster.pool_pods import of_pods, restart
from generator.plan.impact.cluster.quorum import lost, resized
from generator.plan.impact.cluster.restarts import (
    volumes_of,
    waits,
)
from generator.plan.impact.cluster.storage import of_storage
from generator.system.system import System

KIND = "KafkaNodePool"
_REVERTED = (
    "Strimzi reverts it while the brokers hold replicas (Warning ScaleDownPreventionCheck);"
    " Argo CD shows Healthy"
)
_REPLICAS = (
    "default.replication.factor", "offsets.topic.replication.factor",
    "transaction.state.log.replication.factor", "transaction.state.log.min.isr",
)  # fmt: skip
"""Settings of which Strimzi 1.2.0 wants as many brokers (KafkaCluster.java:323)."""


def created(pair: Pair) -> Iterator[Effect]:
    """New nodes.

    Source: Strimzi 1.2.0, NodeIdAssignor.java:102 and KafkaReconciler.java:290-302: nodes of a new pool are added
    ones like others, though the documentation (proc-automating-rebalances.adoc:13) speaks of existing pools;
    tests/operators/test_filling.py.
    """
    spec = pair.after.body["spec"] if pair.after else {}
    if pair.old is None or pair.new is None or pair.old.name != pair.new.name:
        yield Effect(Impact.DYNAMIC, f"{spec.get('replicas', 0)} nodes of a new cluster")
        return
    if "controller" in spec.get("roles", ()) and pair.old.nodes("controller"):
        yield from resized(pair)
    if "broker" in spec.get("roles", ()):
        text = f"{spec.get('replicas', 0)} new brokers"
        if "add-brokers" in _rebalancing(pair.new) and pair.old.nodes("broker"):
            text += f": Cruise Control moves partitions to them{_once(pair)}"
            yield Effect(Impact.DATA_MOVEMENT, text)
        else:
            yield Effect(Impact.DYNAMIC, f"{text}, empty until partitions are moved to them")


def deleted(pair: Pair) -> Iterator[Effect]:
    """The pool's nodes go at once: Strimzi checks a shrinking pool, not a deleted one.

    Source: Strimzi 1.2.0, NodePoolUtils.java:72 (the pool owns its pods, so Kubernetes deletes them).
    """
    spec = pair.before.body["spec"] if pair.before else {}
    count, storage = spec.get("replicas", 0), spec.get("storage", {})
    gone = any(
        v.get("type") == "ephemeral" or v.get("deleteClaim") for v in volumes_of(storage).values()
    )
    disks = "and their disks " if gone else ""
    if "controller" in spec.get("roles", ()):
        yield from lost(pair, count, disks)
    if "broker" in spec.get("roles", ()):
        yield Effect(Impact.DATA_LOSS, f"{count} brokers {disks}go at once, with every partition that"
                     " only they hold: nothing checks it", reversible=not gone)  # fmt: skip
        yield from _not_ready(pair.new)


def changed(pair: Pair, field: FieldChange) -> Iterator[Effect]:
    """One field of the spec."""
    held = waits(pair)
    spec = pair.after.body["spec"] if pair.after else {}
    match field.path:
        case _ if held:
            yield held
        case ("spec", "replicas"):
            yield from _replicas(pair, field, spec)
        case ("spec", "roles"):
            yield from _roles(pair, field)
        case ("spec", "storage", *_):
            yield from of_storage(pair, field)
        case ("spec", "template" | "jvmOptions" | "resources", *_):
            yield from of_pods(pair, field)
        case _:
            yield from restart(pair)


def _replicas(pair: Pair, field: FieldChange, spec: Body) -> Iterator[Effect]:
    """More or fewer nodes.

    Source: Strimzi 1.2.0, KafkaClusterCreator.java:113-117, 177; KafkaReconciler.scaleDown.
    """
    roles = spec.get("roles", ())
    before, after = field.before, field.after
    if before is MISSING or after is MISSING:
        return
    text = f"{before} to {after} nodes"
    if "controller" in roles:
        yield from resized(pair, f"{text}: ")
    if "broker" not in roles:
        return
    modes = _rebalancing(pair.new)
    if after > before:
        if "add-brokers" in modes:
            yield Effect(
                Impact.DATA_MOVEMENT,
                f"{text}: Cruise Control moves partitions to the new ones{_once(pair)}",
            )
        else:
            yield Effect(
                Impact.DYNAMIC, f"{text}: the new ones stay empty until partitions are moved"
            )
        return
    yield from _too_few(pair.new)
    refused = list(_not_ready(pair.new))
    yield from refused
    if refused:
        return
    if _skips_check(pair.new):
        yield Effect(Impact.DATA_LOSS, f"{text}: the check is skipped, so what only they hold is gone",
                     reversible=False)  # fmt: skip
    elif "remove-brokers" in modes:
        yield Effect(
            Impact.DATA_MOVEMENT, f"{text}: Cruise Control moves their partitions away first"
        )
    else:
        yield Effect(Impact.IGNORED, f"{text}: {_REVERTED}")


def _once(pair: Pair) -> str:
    """What is to be added where a rebalance by itself is tried once only."""
    retried = pair.has(AUTO_REBALANCE_RETRIED)
    return "" if retried else ", which is tried once: where it fails they stay empty"


def _too_few(system: System | None) -> Iterator[Effect]:
    """Topics that would have more replicas than brokers are left.

    Source: Kafka 4.3: no broker has two replicas of a partition; acks=all waits for min.insync.replicas.
    """
    if system is None:
        return
    stuck = [topic.name for topic in system.topics if topic.settings.replicas > system.brokers]
    if stuck:
        yield Effect(Impact.REFUSED, f"{system.brokers} brokers cannot hold {listed(stuck)}, which have"
                     " more replicas")  # fmt: skip
    tight = [
        topic
        for topic in system.topics
        if topic.settings.number("min.insync.replicas") >= max(system.brokers, 2)
    ]
    if tight:
        yield Effect(Impact.CLIENT_VISIBLE, f"with {system.brokers} brokers, acks=all writers to"
                     f" {len(tight)} topics stop at every restart")  # fmt: skip


def _not_ready(system: System | None) -> Iterator[Effect]:
    """What Strimzi refuses of a cluster with so few brokers, before it looks at anything else.

    Source: Strimzi 1.2.0, KafkaCluster.java:323-326, CruiseControlMetricsReporter.java:98.
    """
    if system is None:
        return
    why = [
        f"{key} is {value}" for key in _REPLICAS
        if key in system.broker_config
        and isinstance(value := system.broker(key), int) and value > system.brokers
    ]  # fmt: skip
    if system.cruise_control and system.brokers < 2:
        why.append("Cruise Control needs two")
    if why:
        yield Effect(Impact.REFUSED, f"{system.brokers} broker{'s are' if system.brokers != 1 else ' is'} too few ({', '.join(why)}): the Kafka"
                     " goes NotReady, and nothing of it is applied")  # fmt: skip


def _rebalancing(system: System | None) -> set[str]:
    if system is None:
        return set()
    cruise_control = system.kafka.body["spec"].get("cruiseControl") or {}
    return {str(each.get("mode")) for each in cruise_control.get("autoRebalance", ())}


def _skips_check(system: System | None) -> bool:
    annotations = system.kafka.body["metadata"].get("annotations") or {} if system else {}
    return str(annotations.get("strimzi.io/skip-broker-scaledown-check")) == "true"


def _roles(pair: Pair, field: FieldChange) -> Iterator[Effect]:
    """What the pool's nodes do.

    Source: Strimzi 1.2.0, KafkaClusterCreator.java:177 (usedToBeBrokerNodes).
    """
    before, after = (set(side) if isinstance(side, list) else set()
                     for side in (field.before, field.after))  # fmt: skip
    if "controller" in before ^ after:
        yield from resized(pair)
    if "broker" in before - after:
        refused = list(_not_ready(pair.new))
        if refused:
            yield from refused
        elif _skips_check(pair.new):
            yield Effect(Impact.DATA_LOSS, "the check is skipped, so what only these brokers hold is gone",
                         reversible=False)  # fmt: skip
        else:
            yield Effect(Impact.IGNORED, _REVERTED)
    if "broker" in after - before:
        yield from restart(pair, "its nodes become brokers, empty until partitions move: ")
