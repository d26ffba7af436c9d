"""The `cluster` section -> the model's cluster: listeners, node pools, volumes, versions."""

from generator.common import units
from generator.common.finding import Problem
from generator.common.strimzi.releases import nearest
from generator.intent.sections import (
    Intent,
    ListenerSection,
    NodePoolSection,
    StorageDefaultsSection,
    VolumeSection,
)
from generator.model.environment import Cluster, Listener, NodePool, Volume


def cluster(data: Intent, problems: list[Problem]) -> Cluster:
    """The cluster; what it lacks is added to `problems`.

    A metadata version that nobody says is that of the release (kafka-versions.yaml of its tag).
    """
    section = data["cluster"]
    release = nearest(data["strimzi"]["version"])
    version = section["kafkaVersion"]
    metadata = release.metadata.get(version, version.rpartition(".")[0])
    storage: StorageDefaultsSection = {"deleteClaim": not data["protect"], **section["storage"]}
    pools = tuple(
        _node_pool(name, pool, storage, problems)
        for name, pool in sorted(section.get("nodePools", {}).items())
    )
    listeners = tuple(
        _listener(name, listener, problems)
        for name, listener in sorted(section.get("listeners", {}).items())
    )
    if not listeners:
        problems.append(
            Problem(("cluster",), "no listener: nobody could connect", "missing-key",
                    "add listeners: {tls: {port: 9093, authentication: tls}}", on_key=True)
        )  # fmt: skip
    return Cluster(
        name=section["name"],
        kafka_version=version,
        metadata_version=section.get("metadataVersion", metadata),
        listeners=listeners,
        authorization=section["authorization"].get("type", "simple"),
        super_users=tuple(section["authorization"].get("superUsers", ())),
        config=section.get("config", {}),
        node_pools=pools,
        settings=section,
    )


def _listener(name: str, listener: ListenerSection, problems: list[Problem]) -> Listener:
    if "port" not in listener:
        path = ("cluster", "listeners", name)
        problems.append(Problem(path, "'port' is missing", "missing-key", "add port:", on_key=True))
    peers = listener.get("networkPolicyPeers")
    return Listener(
        name=name,
        port=listener.get("port", 0),
        type=listener.get("type", "internal"),
        tls=listener.get("tls", True),
        authentication=listener.get("authentication", "none"),
        bootstrap_host=listener.get("bootstrapHost"),
        configuration=listener.get("configuration", {}),
        network_policy_peers=None if peers is None else tuple(peers),
    )


def _node_pool(
    name: str, pool: NodePoolSection, storage: StorageDefaultsSection, problems: list[Problem]
) -> NodePool:
    path = ("cluster", "nodePools", name)
    problems += [
        Problem(path, f"'{key}' is missing", "missing-key", f"add {key}:", on_key=True)
        for key in ("roles", "replicas", "storage")
        if key not in pool
    ]
    volumes = []
    for volume_name, own in pool.get("storage", {}).get("volumes", {}).items():
        volume: VolumeSection = {**storage, **own}
        ephemeral = volume.get("type") == "ephemeral"
        size = own.get("size") if ephemeral else volume["size"]
        if ephemeral and ({"class", "deleteClaim", "volumeAttributesClass"} & own.keys()):
            problems.append(
                Problem((*path, "storage", "volumes", volume_name),
                        "an ephemeral volume has no class and no claim", "wrong-value",
                        "drop class, deleteClaim and volumeAttributesClass", on_key=True)
            )  # fmt: skip
        volumes.append(
            Volume(
                id=int(volume_name.removeprefix("data-")),
                type=volume.get("type", "persistent-claim"),
                size_bytes=None if size is None else units.parse_bytes(size),
                storage_class=None if ephemeral else volume.get("class"),
                delete_claim=volume["deleteClaim"],
                kraft_metadata=volume.get("kraftMetadata"),
                volume_attributes_class=volume.get("volumeAttributesClass"),
            )
        )
    jvm = pool.get("jvm", {})
    return NodePool(
        name=name,
        roles=tuple(pool.get("roles", ())),
        replicas=pool.get("replicas", 0),
        node_ids=pool.get("nodeIds"),
        volumes=tuple(sorted(volumes, key=lambda volume: volume.id)),
        resources=pool.get("resources", {}),
        heap_bytes=units.parse_bytes(jvm["heap"]) if "heap" in jvm else None,
        jvm_options=jvm.get("options", {}),
        spread=pool.get("spread", {}),
        retire=pool.get("retire", False),
    )
