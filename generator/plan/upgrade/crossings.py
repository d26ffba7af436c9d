"""What a release of Strimzi brings to those who come from an older one, whoever it concerns.

One row for each; plan tells it with the change of the operator's version, `upgrade` with its step.
"""

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from generator.common.strimzi.releases import numbers
from generator.documents.manifest import Body
from generator.plan.change import Effect, Impact
from generator.system.system import System


def _always(_: System) -> bool:
    return True


def _has(*kinds: str) -> Callable[[System], bool]:
    return lambda system: any(system.others.get(kind) for kind in kinds)


def _racked_without_spread(system: System) -> bool:
    if not system.spec.get("rack"):
        return False
    own = (system.spec.get("template") or {}).get("pod") or {}
    pods = [
        {**own, **((pool.body["spec"].get("template") or {}).get("pod") or {})}
        for pool in system.pools
    ]
    return not all("topologySpreadConstraints" in pod or "affinity" in pod for pod in pods)


def _template_that_waited(system: System) -> bool:
    """A template of the Kafka for pods, and a pool that has one of its own."""
    templates = [set(pool.body["spec"].get("template") or {}) for pool in system.pools]
    shared = {
        "pod",
        "kafkaContainer",
        "initContainer",
        "perPodService",
        "podSet",
        "persistentVolumeClaim",
    }
    asked = shared & set(system.spec.get("template") or {})
    return any(own and asked - own for own in templates)


def _watches_elsewhere(system: System) -> bool:
    entity = system.kafka.body["spec"].get("entityOperator") or {}
    here = system.kafka.body["metadata"].get("namespace")
    return any(
        (entity.get(each) or {}).get("watchedNamespace", here) != here
        for each in ("topicOperator", "userOperator")
    )


def _bridge_on_8081(system: System) -> bool:
    bodies = [each.body for each in system.others.get("KafkaBridge", ())]
    return any((_spec(body).get("http") or {}).get("port") == 8081 for body in bodies)


def _spec(body: Body) -> dict[str, Any]:
    return body.get("spec") or {}


def _old_connectors(system: System) -> bool:
    configs = [
        _spec(each.body).get("config") or {} for each in system.others.get("KafkaConnector", ())
    ]
    return any(
        key.endswith((".truststore.location", ".keystore.location"))
        for each in configs
        for key in each
    )


def _brings_its_ca(system: System) -> bool:
    spec = system.kafka.body["spec"]
    return any(
        (spec.get(each) or {}).get("generateCertificateAuthority") is False
        for each in ("clusterCa", "clientsCa")
    )


class Crossing(NamedTuple):
    """One row; it concerns who goes from before `border` to it or beyond."""

    border: str
    impact: Impact
    text: str
    source: str
    concerns: Callable[[System], bool] = _always


CROSSINGS = (
    Crossing("0.47.0", Impact.CLIENT_VISIBLE, "connectors that name ssl.truststore.location or ssl.keystore.location"
             " find no such files any more: name ssl.truststore.certificates and ssl.keystore.certificate.chain",
             "CHANGELOG 0.47.0", _old_connectors),
    Crossing("0.48.0", Impact.CLIENT_VISIBLE, "the User Operator deletes ACLs of `*` and of ANONYMOUS that no KafkaUser"
             " says, unless STRIMZI_IGNORED_USERS_PATTERN keeps them", "CHANGELOG 0.48.0; SimpleAclOperator at 0.47.0",
             lambda system: (system.spec.get("authorization") or {}).get("type") == "simple"),
    Crossing("0.48.0", Impact.NO_EFFECT, "the RoleBinding NAME-connect-connect-role of each MirrorMaker 2 stays behind,"
             " and may be deleted", "CHANGELOG 0.48.0", _has("KafkaMirrorMaker2")),
    Crossing("0.49.0", Impact.PROTECTION_LOSS, "rack no longer spreads pods by itself: without topologySpreadConstraints"
             " or affinity all of them may come to one zone", "CHANGELOG 0.49.0; KafkaCluster.getMergedAffinity at 0.48.0",
             _racked_without_spread),
    Crossing("0.49.0", Impact.ROLLING_RESTART, "spec.kafka.template begins to count for pools that have a template of"
             " their own, where that does not say the same part", "CHANGELOG 0.49.0; KafkaPool.fromCrd at 0.48.0,"
             " processTemplate at 0.49.1", _template_that_waited),
    Crossing("0.50.0", Impact.CLIENT_VISIBLE, "brokers get new certificates, which show the CA's chain as well: who pins"
             " a broker's own certificate has to pin the new one", "CHANGELOG 0.50.1; ClusterCa at 0.49.1 and 0.50.1"),
    Crossing("0.51.0", Impact.UNKNOWN, "an own CA has to have its certificates in the order of their chain, or nothing"
             " is reconciled: look at them first", "Ca.validateUserCaCertChain at 0.51.0, none at 0.50.1",
             _brings_its_ca),
    Crossing("1.0.0", Impact.REFUSED, "server-side apply, and so Argo CD's sync, fails for what was ever written as"
             " v1beta2, as each status by the old operator, until managedFields say v1: strimzi-gitops upgrade tells"
             " how", "kubernetes/kubernetes#111937, seen on Kubernetes 1.34.4 with Strimzi 0.51.0 and 1.0.1"),
    Crossing("1.0.0", Impact.CLIENT_VISIBLE, "metrics and health of bridges move to port 8081",
             "CHANGELOG 1.0.0; KafkaBridgeCluster at 0.51.0 and 1.0.1", _has("KafkaBridge")),
    Crossing("1.0.0", Impact.REFUSED, "port 8081 becomes the bridge's own: one whose http.port is 8081 is NotReady",
             "KafkaBridgeCluster at 0.51.0 and 1.0.1", _bridge_on_8081),
    Crossing("1.0.1", Impact.REFUSED, "watchedNamespace needs STRIMZI_ENTITY_OPERATOR_WATCHED_NAMESPACE_ENABLED: without"
             " it the Entity Operator is deleted, and the Kafka NotReady", "CHANGELOG 1.0.1", _watches_elsewhere),
    Crossing("1.1.0", Impact.CLIENT_VISIBLE, "the Entity Operator's ports are called healthcheck-to and healthcheck-uo:"
             " monitors that name healthcheck find nothing", "CHANGELOG 1.1.0", _has("PodMonitor", "ServiceMonitor")),
)  # fmt: skip
"""In the order of the releases."""


def crossed(before: str, after: str, system: System) -> Iterator[Effect]:
    """What comes to a system whose operator goes from one release to another."""
    whole = len(numbers(before)) == len(numbers(after)) == len(numbers(CROSSINGS[0].border))
    for each in CROSSINGS if whole else ():  # a range of versions says nothing
        if numbers(before) < numbers(each.border) <= numbers(after) and each.concerns(system):
            yield Effect(each.impact, each.text)
