"""Node pools: roles, volumes, resources, node ids."""

import re
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

from generator.common.finding import Path, Severity
from generator.documents.manifest import Body, Manifest
from generator.model.environment import NodePool
from generator.rules.registry import Flaw, rule
from generator.system.system import System

_QUANTITY = re.compile(r"([0-9]+(?:\.[0-9]*)?|\.[0-9]+)(m|[kMGTPE]|[KMGTPE]i|[eE]([+-]?[0-9]+))?")
_FACTORS = {"m": Fraction(1, 1000)} | {
    unit: Fraction(base ** (power + 1))
    for units, base in ((("k", "M", "G", "T", "P", "E"), 1000),
                        (("Ki", "Mi", "Gi", "Ti", "Pi", "Ei"), 1024))
    for power, unit in enumerate(units)
}  # fmt: skip
_HEAP = re.compile(r"([0-9]+)([kKmMgGtT]?)")
_NEXT_IDS, _REMOVE_IDS = "strimzi.io/next-node-ids", "strimzi.io/remove-node-ids"
_ID = r"\s*[0-9]+(?:\s*-\s*[0-9]+)?\s*"
_RANGES = re.compile(rf"\[(?:\s*|{_ID}(?:,{_ID})*)\]")


def _amount(text: object) -> Fraction | None:
    """A Kubernetes quantity as a number; None when it is none."""
    match = _QUANTITY.fullmatch(str(text).strip())
    if match is None:
        return None
    number, unit, exponent = match.groups()
    if exponent is not None:
        return Fraction(number) * Fraction(10) ** int(exponent)
    return Fraction(number) * _FACTORS.get(unit or "", Fraction(1))


def _volumes(pool: Manifest) -> Iterator[tuple[int, Body]]:
    """A pool's volumes with their places; a storage that is no JBOD is one."""
    storage = pool.body["spec"].get("storage") or {}
    if storage.get("type") == "jbod":
        yield from enumerate(storage.get("volumes") or ())
    elif storage:
        yield 0, storage


def _volume_path(system: System, pool: Manifest, place: int, key: str) -> Path:
    """Where a volume says something: by its name in the intent if it is said there, else by place."""
    if pool.body["spec"]["storage"].get("type") != "jbod":
        return ("spec", "storage", key)
    volume = dict(_volumes(pool))[place]
    name = f"data-{volume.get('id', 0)}"
    cluster = system.environment.data.get("cluster", {}) if system.environment else {}
    asked = cluster.get("nodePools", {}).get(pool.name, {}).get("storage", {}).get("volumes", {})
    in_intent = key in volume and asked.get(name, {}).get(key) == volume[key]
    return ("spec", "storage", "volumes", name if in_intent else place, key)


def _asked(system: System, pool: Manifest) -> NodePool | None:
    pools = system.environment.cluster.node_pools if system.environment else ()
    return next((each for each in pools if each.name == pool.name), None)


def _protected(system: System) -> bool:
    return system.environment is not None and system.environment.protect


@rule("pool-roles")
def roles(system: System) -> Iterator[Flaw]:
    """Every pool has a role.

    Why: the operator refuses the whole cluster.
    Fix: write roles: [broker], [controller], or both.
    Source: Strimzi 1.2.0, NodePoolUtils.validateNodePools; seen on its Cluster Operator:
        InvalidResourceException, "KafkaNodePool combined has no role defined in .spec.roles".
    """
    for pool in system.pools:
        if not pool.body["spec"].get("roles"):
            yield Flaw(("spec", "roles"), "its nodes are neither brokers nor controllers", on=pool)


@rule("cluster-roles")
def cluster_roles(system: System) -> Iterator[Flaw]:
    """A cluster has nodes that are brokers, and nodes that are controllers.

    Why: the operator refuses the cluster.
    Fix: give a pool the role, and replicas of at least 1.
    Source: Strimzi 1.2.0, NodePoolUtils.validateNodePools; seen on its Cluster Operator:
        InvalidResourceException, "At least one KafkaNodePool with the controller role and at least one
        replica is required".
    """
    for role in ("broker", "controller"):
        if system.nodes(role) > 0:
            continue
        pool = next((each for each in system.pools
                     if role in each.body["spec"].get("roles", ())), None)  # fmt: skip
        if pool is not None:
            yield Flaw(("spec", "replicas"), f"there is no {role} but in this pool, which has none",
                       on=pool)  # fmt: skip
        else:
            yield Flaw(("nodePools",), f"no pool has the role {role}", on=system.kafka)


@rule("pool-kraft-metadata")
def kraft_metadata(system: System) -> Iterator[Flaw]:
    """One volume of a pool holds the metadata log.

    Why: there is one metadata log. Of a new pool the operator takes one of the volumes without a word;
        of a pool that is there it ignores every change of its storage, and warns.
    Fix: write kraftMetadata: shared on one volume only.
    Source: Strimzi 1.2.0, StorageDiff (only storage that changes is looked at); seen on its Cluster
        Operator: the Kafka is Ready with the warning KafkaStorage, "contains changes which are not
        allowed. As a result, all storage changes will be ignored.".
    """
    for pool in system.pools:
        marked = [place for place, volume in _volumes(pool) if volume.get("kraftMetadata")]
        for place in marked[1:]:
            yield Flaw(_volume_path(system, pool, place, "kraftMetadata"),
                       "another volume of the pool holds the metadata log already",
                       on=pool)  # fmt: skip


@rule("pool-volume-id")
def volume_id(system: System) -> Iterator[Flaw]:
    """Every volume of a pool has an id of its own.

    Why: the id is part of the claim's name, so two volumes would be one. Where the storage of a
        pool that is there changes, the operator ignores every change of it, and warns; of a new one the
        pods never start.
    Fix: number the volumes, and never reuse the id of one that is gone.
    Source: Strimzi 1.2.0, StorageDiff (duplicate ids) and VolumeUtils (names of volumes); seen on its
        Cluster Operator (of another change): the warning KafkaStorage, "contains changes which are not
        allowed. As a result, all storage changes will be ignored.".
    """
    for pool in system.pools:
        seen: set[Any] = set()
        for place, volume in _volumes(pool):
            if volume.get("id") in seen:
                yield Flaw(("spec", "storage", "volumes", place, "id"),
                           f"the id {volume['id']} is taken", on=pool)  # fmt: skip
            seen.add(volume.get("id", place))


@rule("pool-volume-size")
def volume_size(system: System) -> Iterator[Flaw]:
    """Every volume says how large it is, in a quantity of Kubernetes.

    Why: the operator refuses a pool whose storage it cannot claim, and nobody can tell what fits on a
        disk whose size nobody knows.
    Fix: write a size such as 100Gi, and at least one volume.
    Source: Strimzi 1.2.0, StorageUtils.validatePersistentStorage; Kubernetes documentation, "Quantity";
        seen on its Cluster Operator: InvalidResourceException, "The size is mandatory for a
        persistent-claim storage (KafkaNodePool.spec.storage)".
    """
    for pool in system.pools:
        storage = pool.body["spec"].get("storage") or {}
        if storage.get("type") == "jbod" and not storage.get("volumes"):
            yield Flaw(("spec", "storage", "volumes"), "there is no volume", on=pool)
        for place, volume in _volumes(pool):
            key = "sizeLimit" if volume.get("type") == "ephemeral" else "size"
            size = volume.get(key)
            if size is None and key == "sizeLimit":
                continue
            if not (_amount(size) or 0) > 0:
                said = "no size is said" if size is None else f"'{size}' is no size"
                where = key if key in volume else "type"
                yield Flaw(_volume_path(system, pool, place, where), said, on=pool)


@rule("pool-resources")
def resources(system: System) -> Iterator[Flaw]:
    """A pod may use at least what it asks for.

    Why: the operator refuses a limit below the request, as Kubernetes would.
    Fix: raise the limit, or lower the request.
    Source: Strimzi 1.2.0, ModelUtils.validateComputeResources; seen on its Cluster Operator:
        InvalidResourceException, "KafkaNodePool.spec.resources cpu request must be <= limit".
    """
    for pool in system.pools:
        said = pool.body["spec"].get("resources") or {}
        requests, limits = said.get("requests") or {}, said.get("limits") or {}
        for key in sorted(requests.keys() & limits.keys()):
            asked, most = _amount(requests[key]), _amount(limits[key])
            if asked is not None and most is not None and most < asked:
                yield Flaw(("spec", "resources", "limits", key),
                           f"the limit of {key} is {limits[key]}, the request {requests[key]}",
                           on=pool)  # fmt: skip


@rule("pool-ephemeral", Severity.WARNING)
def ephemeral(system: System) -> Iterator[Flaw]:
    """Disks outlive the pods.

    Why: with every restart, and there is one with every change, a broker comes back empty and copies
        everything from the others; a partition whose replicas restart together is lost.
    Fix: drop type: ephemeral.
    Source: Strimzi documentation, "Configuring storage types: Configuring ephemeral storage".
    """
    if not _protected(system) and system.size != "dev":
        yield from _ephemeral(system)


@rule("pool-ephemeral-protected")
def ephemeral_protected(system: System) -> Iterator[Flaw]:
    """In a protected environment disks outlive the pods.

    Why: what nobody may delete is gone with a node that fails, or with a restart of all at once.
    Fix: drop type: ephemeral.
    Source: Strimzi documentation, "Configuring storage types: Configuring ephemeral storage".
    """
    if _protected(system):
        yield from _ephemeral(system)


def _ephemeral(system: System) -> Iterator[Flaw]:
    for pool in system.pools:
        for place, volume in _volumes(pool):
            if volume.get("type") == "ephemeral":
                yield Flaw(_volume_path(system, pool, place, "type"),
                           "what it holds is gone with the pod", on=pool)  # fmt: skip


@rule("pool-delete-claim")
def delete_claim(system: System) -> Iterator[Flaw]:
    """In a protected environment disks outlive the pools.

    Why: with deleteClaim, whoever deletes a pool or the cluster deletes the data in the same moment.
    Fix: write deleteClaim: false, and delete claims by hand when nobody misses them.
    Source: Strimzi 1.2.0, PersistentClaimStorage (deleteClaim).
    """
    environment = system.environment
    if environment is None or not environment.protect:
        return
    section = environment.data.get("cluster", {})
    for pool in system.pools:
        asked = section.get("nodePools", {}).get(pool.name, {}).get("storage", {})
        for place, volume in _volumes(pool):
            if volume.get("deleteClaim") is not True:
                continue
            own = asked.get("volumes", {}).get(f"data-{volume.get('id', 0)}", {})
            inherited = section.get("storage", {}).get("deleteClaim") is True
            message = f"the data of {pool.name} goes with the pool"
            if inherited and "deleteClaim" not in own:
                yield Flaw(("storage", "deleteClaim"), message, on=system.kafka)
            else:
                path = _volume_path(system, pool, place, "deleteClaim")
                yield Flaw(path, message, on=pool)


@rule("pool-node-ids", Severity.WARNING)
def node_ids(system: System) -> Iterator[Flaw]:
    """The operator can read which ids a pool's new and leaving nodes have.

    Why: what it cannot read it leaves aside with a line in its log, and takes the lowest free id of the
        cluster, or the highest of the pool. How many there are is not judged: they are of the next
        nodes only, and of those that are there it asks nothing.
    Fix: write ids and ranges in brackets, such as [3-4, 10].
    Source: Strimzi 1.2.0, NodeIdRange and NodeIdAssignor; documentation, "Assigning IDs to node pools
        for scaling operations"; seen on its Cluster Operator: "Failed to use strimzi.io/next-node-ids
        3-4. New node IDs will be assigned sequentially.".
    """
    for pool in system.pools:
        annotations = pool.body["metadata"].get("annotations") or {}
        for key in (_NEXT_IDS, _REMOVE_IDS):
            text = str(annotations.get(key, ""))
            if text.strip() and not _RANGES.fullmatch(text.strip()):
                yield Flaw(
                    ("metadata", "annotations", key), f"'{text}' is no range of ids", on=pool
                )


@rule("pool-heap", Severity.WARNING)
def heap(system: System) -> Iterator[Flaw]:
    """The heap leaves memory for what is not heap.

    Why: buffers and threads live outside of the heap, and so does the page cache, from which brokers
        answer most reads; what goes above the limit is killed.
    Fix: lower jvm.heap to half of the memory at most, or raise the limit.
    Source: Strimzi 1.2.0 documentation, "jvmOptions" (what Strimzi itself gives: half of the memory, and
        5 GB at most); Kafka 4.3 documentation, "Hardware and OS".
    """
    for pool in system.pools:
        spec = pool.body["spec"]
        text = (spec.get("jvmOptions") or {}).get("-Xmx")
        limit = ((spec.get("resources") or {}).get("limits") or {}).get("memory")
        match, most = _HEAP.fullmatch(str(text)), _amount(limit)
        if match is None or most is None:
            continue
        size = int(match[1]) * 1024 ** ("kmgt".index(match[2].lower()) + 1 if match[2] else 0)
        if size > most / 2:
            asked = _asked(system, pool)
            path: Path = ("spec", "jvmOptions", "-Xmx")
            if asked is not None and asked.heap_bytes == size:
                path = ("jvm", "heap")
            yield Flaw(path, f"-Xmx is {text}, the limit of memory {limit}", on=pool)
