"""KafkaNodePool: nodes that are alike, their volumes, resources and spread."""

from collections.abc import Iterator

from generator.common.units import quantity
from generator.documents.manifest import Body, Manifest
from generator.model.environment import Environment, NodePool, Volume
from generator.resources._metadata import metadata
from generator.resources._resources import resources

_KEEP_CLAIMS = {
    "argocd.argoproj.io/compare-options": "IgnoreExtraneous",
    "argocd.argoproj.io/sync-options": "Prune=false",
}
"""On every claim that Strimzi makes: Argo CD must neither count it as its own nor delete it
(argoproj/argo-cd#10974: disks disappeared)."""


def render(environment: Environment) -> Iterator[Manifest]:
    """One KafkaNodePool per pool of the intent."""
    for pool in environment.cluster.node_pools:
        next_ids = {"strimzi.io/next-node-ids": pool.node_ids} if pool.node_ids else None
        yield Manifest(
            "cluster",
            {
                "apiVersion": environment.strimzi_api,
                "kind": "KafkaNodePool",
                "metadata": metadata(
                    environment,
                    "KafkaNodePool",
                    pool.name,
                    annotations=next_ids,
                    released=pool.retire,
                ),
                "spec": _spec(pool, environment),
            },
            ("cluster", "nodePools", pool.name),
        )


def _spec(pool: NodePool, environment: Environment) -> Body:
    spec: Body = {
        "roles": list(pool.roles),
        "replicas": pool.replicas,
        "storage": {"type": "jbod", "volumes": [_volume(volume) for volume in pool.volumes]},
    }
    if template := _template(pool, environment):
        spec["template"] = template
    if pool.resources:
        spec["resources"] = resources(pool.resources)
    if pool.heap_bytes or pool.jvm_options:
        spec["jvmOptions"] = _jvm(pool)
    return spec


def _volume(volume: Volume) -> Body:
    body: Body = {"id": volume.id, "type": volume.type}
    if volume.type == "persistent-claim":
        body["deleteClaim"] = volume.delete_claim
        if volume.size_bytes is not None:
            body["size"] = quantity(volume.size_bytes)
    elif volume.size_bytes is not None:
        body["sizeLimit"] = quantity(volume.size_bytes)
    more = {
        "class": volume.storage_class,
        "kraftMetadata": volume.kraft_metadata,
        "volumeAttributesClass": volume.volume_attributes_class,
    }
    return body | {key: value for key, value in more.items() if value is not None}


def _jvm(pool: NodePool) -> Body:
    jvm: Body = {}
    if pool.heap_bytes:
        # The JVM reads m as 2^20 bytes, which Kubernetes writes Mi.
        heap = f"{pool.heap_bytes // 2**20}m"
        jvm |= {"-Xms": heap, "-Xmx": heap}
    if pool.jvm_options:
        jvm["-XX"] = dict(pool.jvm_options)
    return jvm


def _template(pool: NodePool, environment: Environment) -> Body:
    template: Body = {}
    if any(volume.type == "persistent-claim" for volume in pool.volumes):
        template["persistentVolumeClaim"] = {"metadata": {"annotations": dict(_KEEP_CLAIMS)}}
    if pool.spread:
        # Since Strimzi 0.49 rack awareness no longer spreads the pods by itself.
        selector = {
            "strimzi.io/cluster": environment.cluster.name,
            "strimzi.io/pool-name": pool.name,
        }
        template["pod"] = {
            "topologySpreadConstraints": [
                {
                    "topologyKey": key,
                    "maxSkew": constraint.get("maxSkew", 1),
                    "whenUnsatisfiable": constraint.get("whenUnsatisfiable", "ScheduleAnyway"),
                    "labelSelector": {"matchLabels": dict(selector)},
                }
                for key, constraint in sorted(pool.spread.items())
            ]
        }
    return template
