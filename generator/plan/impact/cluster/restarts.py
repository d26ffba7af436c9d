"""Who restarts when something of a cluster changes, and what that means where no other node stands in."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from generator.common.strimzi_facts import CONTROLLERS_ASKED
from generator.documents.manifest import Manifest
from generator.plan.change import Effect, Impact
from generator.plan.impact import PAUSED, Pair, asks_for_zone, listed
from generator.plan.impact.releases.kraft import refused
from generator.system.system import System

OF_POOLS = {
    "initContainer", "kafkaContainer", "perPodIngress", "perPodRoute", "perPodService",
    "persistentVolumeClaim", "pod", "podSet",
}  # fmt: skip
"""Templates that pools say as well as the Kafka (Strimzi 0.48.0, KafkaPool.java:196; 1.2.0, KafkaPool.java:214)."""


def pools_of(pair: Pair, role: str = "") -> list[Manifest]:
    """The pools of a cluster, or those of a role."""
    system = pair.new or pair.old
    return [pool for pool in (system.pools if system else ()) if not role or role in roles_of(pool)]


def readers_of_unknown(pair: Pair) -> list[Manifest]:
    """The pools that restart for a setting that Kafka does not know."""
    return pools_of(pair, "" if pair.has(CONTROLLERS_ASKED) else "broker")


def controllers_only(pair: Pair) -> list[Manifest]:
    """The pools of nodes that are controllers and nothing else."""
    return [pool for pool in pools_of(pair, "controller") if "broker" not in roles_of(pool)]


def restarts(
    pair: Pair, why: str = "", pools: Sequence[Manifest] | None = None
) -> Iterator[Effect]:
    """Every node of some pools, or of all, restarts in turn.

    Source: Strimzi 1.2.0, KafkaRoller.java.
    """
    system = pair.new or pair.old
    members = pools_of(pair) if pools is None else pools
    nodes = ", ".join(f"{pool.name} ({pool.body['spec'].get('replicas', 0)})" for pool in members)
    yield Effect(
        Impact.ROLLING_RESTART, f"{why}every node of {nodes or 'the cluster'} restarts in turn"
    )
    if system is not None:
        yield from alone(system, members)


def init_containers(pair: Pair, pools: Sequence[Manifest], why: str = "") -> Iterator[Effect]:
    """What is said of the init container that asks a node for its zone or its address.

    Source: Strimzi 1.2.0, KafkaCluster.createInitContainer: brokers have one for rack and for node ports.
    """
    spec = pair.new.spec if pair.new else {}
    ports = any(each.get("type") == "nodeport" for each in spec.get("listeners") or ())
    brokers = [pool for pool in pools if "broker" in roles_of(pool)]
    if brokers and (asks_for_zone(spec) or ports):
        yield from restarts(pair, why, brokers)
    else:
        yield Effect(Impact.NO_EFFECT, "no node of these has the init container: it is there for rack and"
                     " node ports of brokers only")  # fmt: skip


def alone(system: System, pools: Sequence[Manifest]) -> Iterator[Effect]:
    """What is away, or lost, while the only node that has it restarts.

    Source: Strimzi 1.2.0, KafkaQuorumCheck.java:95, KafkaSpecChecker.java:104-135.
    """
    roles = {role for pool in pools for role in roles_of(pool)}
    single = [topic.name for topic in system.topics if topic.settings.replicas == 1]
    if "broker" in roles and system.brokers == 1:
        text = "an outage: nobody is served until the only broker is back"
        yield Effect(Impact.CLIENT_VISIBLE, text)
    elif "broker" in roles and single:
        text = f"topics of one replica are away while their broker restarts: {listed(single)}"
        yield Effect(Impact.CLIENT_VISIBLE, text)
    if "controller" in roles and system.nodes("controller") == 1 and system.brokers != 1:
        text = "an outage of the only controller: no leader is elected and no topic made until it is back"
        yield Effect(Impact.CLIENT_VISIBLE, text)
    yield from _emptied(system, [pool for pool in pools if is_ephemeral(pool)], single)


def _emptied(system: System, pools: Sequence[Manifest], single: Sequence[str]) -> Iterator[Effect]:
    """What a restart empties.

    Source: Strimzi 1.2.0, KafkaSpecChecker.java:104-135; an emptyDir goes with its pod.
    """
    roles = {role for pool in pools for role in roles_of(pool)}
    if "controller" in roles and system.nodes("controller") == 1:
        text = "the only controller's disk is ephemeral: all topics and users are lost with it"
        yield Effect(Impact.DATA_LOSS, text, reversible=False)
    if "broker" not in roles:
        return
    if system.brokers == 1:
        text = "the only broker's disk is ephemeral: all records are lost with it"
        yield Effect(Impact.DATA_LOSS, text, reversible=False)
    elif single:
        text = f"disks are ephemeral: what has one replica there is lost: {listed(single)}"
        yield Effect(Impact.DATA_LOSS, text, reversible=False)
    else:
        names = ", ".join(pool.name for pool in pools)
        yield Effect(
            Impact.DATA_MOVEMENT,
            f"the disks of {names} are ephemeral: each node copies everything anew",
        )


def roles_of(pool: Manifest) -> Sequence[str]:
    """The roles of a pool's nodes."""
    roles: Sequence[str] = pool.body["spec"].get("roles") or ()
    return roles


def volumes_of(storage: Mapping[str, Any]) -> dict[Any, Mapping[str, Any]]:
    """The volumes of a pool by their ids; a single one has the id 0."""
    return {volume.get("id", 0): volume for volume in storage.get("volumes", (storage,))}


def is_ephemeral(pool: Manifest) -> bool:
    """True when a volume of the pool goes with the pod."""
    volumes = volumes_of(pool.body["spec"].get("storage") or {}).values()
    return any(volume.get("type") == "ephemeral" for volume in volumes)


def waits(pair: Pair) -> Effect | None:
    """What happens instead while the whole cluster is paused, or refused; None when it is neither.

    Source: Strimzi 1.2.0, AbstractOperator.java:221.
    """
    annotations = pair.new.kafka.body["metadata"].get("annotations") or {} if pair.new else {}
    if str(annotations.get(PAUSED)) != "true":
        return refused(pair)
    return Effect(Impact.IGNORED, "nothing of it is applied while the Kafka is paused")
