"""What the Kafka resource says of everything but the nodes: other operators, certificates, windows."""

from collections.abc import Iterator, Mapping
from typing import Any

from generator.common.changes import MISSING
from generator.common.strimzi_facts import IGNORED_USERS, OLD_FIELDS, WATCHED_NAMESPACE_GATED
from generator.plan.change import Effect, FieldChange, Impact
from generator.plan.impact import Pair, parts
from generator.plan.impact.cluster.restarts import pools_of, restarts

_EO = Effect(Impact.DYNAMIC, "the Entity Operator restarts; brokers do not")
"""Source: Strimzi 1.2.0, EntityOperatorReconciler.java: a Deployment of its own."""
_WORDS = {"topicOperator": "KafkaTopics", "userOperator": "KafkaUsers"}
_METRICS_TOPIC = ("config", "metric.reporter.topic")
_CA_DEFAULTS: Mapping[str, Any] = {
    "certificateExpirationPolicy": "renew-certificate", "generateCertificateAuthority": True,
    "generateSecretOwnerReference": True, "renewalDays": 30, "validityDays": 365,
}  # fmt: skip
"""Strimzi 1.2.0, CertificateAuthority.java."""


def beside_nodes(pair: Pair, field: FieldChange) -> Iterator[Effect]:
    """One field of the spec.

    Source: Strimzi 1.2.0, KafkaAssemblyOperator.java, EntityUserOperator.java:226 (maintenance windows).
    """
    match field.path[1:]:
        case ("entityOperator" | "cruiseControl" | "kafkaExporter" as which, *rest):
            yield from _of_pods(pair, field, which, tuple(map(str, rest)))
        case ("clusterCa" | "clientsCa",):
            for part in parts(field):
                yield from beside_nodes(pair, part)
        case ("clusterCa" | "clientsCa" as ca, str() as key, *_):
            yield from _certificates(ca, key, field)
        case ("maintenanceTimeWindows", *_):
            yield Effect(Impact.DYNAMIC, "a renewal that waits for its window may begin now, which restarts"
                         " nodes; the Entity Operator restarts")  # fmt: skip
        case _:
            yield Effect(
                Impact.UNKNOWN,
                "the Cluster Operator applies it; with what effect is not known here",
            )


def _of_pods(pair: Pair, field: FieldChange, which: str, rest: tuple[str, ...]) -> Iterator[Effect]:
    """What has pods of its own beside the nodes.

    Source: Strimzi 1.2.0, LoggingUtils.java:106 (monitorInterval), CruiseControl.java, KafkaExporter.java,
    EntityOperator.java; seen on its Cluster Operator.
    """
    if rest == ("template",):
        for part in parts(field):
            yield from beside_nodes(pair, part)
    elif (
        rest[:1] == ("template",) and rest[1] != "pod" and not rest[1].lower().endswith("container")
    ):
        yield Effect(Impact.DYNAMIC, "only what stands around its pod; nothing restarts")
    elif which != "kafkaExporter" and "logging" in rest[:2]:
        yield Effect(Impact.DYNAMIC, "loggers change as it runs; nothing restarts")
    elif which == "entityOperator":
        yield from _entity_operator(pair, field, [*rest])
    elif which == "kafkaExporter" and _is_usual(field, rest):
        yield Effect(Impact.NO_EFFECT, "as the exporter is anyway")
    elif which == "kafkaExporter":
        yield Effect(Impact.DYNAMIC, "its own pod restarts; brokers do not")
    elif rest[:1] == ("autoRebalance",):
        yield Effect(Impact.DYNAMIC, "what Cruise Control moves when brokers come or go from now on; nothing"
                     " restarts")  # fmt: skip
    else:
        yield from _cruise_control(pair, field, rest)


def _is_usual(field: FieldChange, rest: tuple[str, ...]) -> bool:
    usual = _OF_EXPORTER.get(rest[0]) if len(rest) == 1 else None
    before, after = (usual if side is MISSING else side for side in (field.before, field.after))
    return usual is not None and before == after


_OF_EXPORTER: Mapping[str, Any] = {
    "showAllOffsets": True, "enableSaramaLogging": False, "logging": "info", "groupRegex": ".*",
    "topicRegex": ".*",
}  # fmt: skip
"""Strimzi 1.2.0, KafkaExporterSpec.java."""


def _entity_operator(pair: Pair, field: FieldChange, rest: list[str]) -> Iterator[Effect]:
    """The operators of topics and users.

    Source: Strimzi 1.2.0, EntityOperatorReconciler.java:545-556, KafkaUserModel.java:375,
    UserController.java:277; documentation, proc-cluster-recovery-volume.adoc:17; 0.47.0, SimpleAclOperator.java;
    0.51.0, EntityOperator.java (no sidecar is made).
    """
    if not rest:
        found = [part for part in parts(field) if part.path[-1] in _WORDS]
        for part in found:
            yield from _entity_operator(pair, part, [str(part.path[-1])])
        if not found:
            yield _EO
    elif len(rest) == 1 and rest[0] in _WORDS and field.after is MISSING:
        yield from _goes(rest[0])
    elif len(rest) == 1 and rest[0] in _WORDS and field.before is MISSING:
        if rest[0] == "userOperator":
            but = ", but for the ACLs of * and ANONYMOUS" if pair.has(IGNORED_USERS) else ""
            yield Effect(Impact.IRREVERSIBLE, "the User Operator deletes every user, ACL, password and quota"
                         f" in Kafka that no KafkaUser says{but}", reversible=False)  # fmt: skip
        yield _EO
        for part in parts(field):
            yield from _entity_operator(pair, part, [*rest, str(part.path[-1])])
    elif rest[0] == "tlsSidecar" and pair.has(OLD_FIELDS):
        yield Effect(Impact.NO_EFFECT, "there is no sidecar any more")
    elif rest[-1] == "watchedNamespace":
        yield from _watched(pair, field, rest[0])
    elif rest == ["userOperator", "secretPrefix"]:
        yield Effect(Impact.CLIENT_VISIBLE, "the Secrets of all users get other names, and passwords are new",
                     reversible=False)  # fmt: skip
        yield _EO
    else:
        yield _EO


def _goes(which: str) -> Iterator[Effect]:
    """Nobody does any more what is said.

    Source: Strimzi 1.2.0, TopicOperatorConfig.java (finalizers, on by default).
    """
    hangs = (
        ", and a KafkaTopic that is deleted hangs at its finalizer"
        if which == "topicOperator"
        else ""
    )
    yield Effect(Impact.IGNORED, f"from then on nothing that {_WORDS[which]} say is done{hangs}")


def _watched(pair: Pair, field: FieldChange, which: str) -> Iterator[Effect]:
    """An operator that looks elsewhere.

    Source: Strimzi 1.2.0, EntityOperatorReconciler.java:545-556, KafkaUserOperator.java:197-224; 1.0.0,
    EntityOperatorReconciler.java (nobody is asked).
    """
    here = pair.after.body["metadata"].get("namespace") if pair.after else None
    if field.after is MISSING or field.after == here:
        yield _EO
        return
    gated = pair.has(WATCHED_NAMESPACE_GATED)
    if gated:
        yield Effect(Impact.REFUSED, "unless the Cluster Operator has"
                     " STRIMZI_ENTITY_OPERATOR_WATCHED_NAMESPACE_ENABLED, it deletes the Entity Operator, and"
                     " the Kafka goes NotReady")  # fmt: skip
    if which == "userOperator":
        where = "where it has, the" if gated else "the"
        yield Effect(Impact.IRREVERSIBLE, f"{where} User Operator deletes every user in Kafka that is"
                     f" not in {field.after}", reversible=False)  # fmt: skip
    elif not gated:
        yield Effect(Impact.IGNORED, "from then on nothing that KafkaTopics elsewhere than in"
                     f" {field.after} say is done")  # fmt: skip
    if not gated:
        yield _EO


def _cruise_control(pair: Pair, field: FieldChange, rest: tuple[str, ...]) -> Iterator[Effect]:
    """Cruise Control, to which brokers report.

    Source: Strimzi 1.2.0, KafkaBrokerConfigurationBuilder.java:101, KafkaReconciler.java:731,
    CruiseControlMetricsReporter.java:41, 98.
    """
    brokers = pools_of(pair, "broker")
    if not rest and field.after is MISSING:
        yield from restarts(
            pair, "Cruise Control goes, and topics' replicas can no longer change: ", brokers
        )
    elif not rest:
        if pair.new is not None and pair.new.brokers < 2:
            yield Effect(
                Impact.REFUSED, "Cruise Control needs two brokers: the Kafka goes NotReady"
            )
        else:
            yield from restarts(pair, "Cruise Control comes, and brokers report to it: ", brokers)
    elif rest == _METRICS_TOPIC:
        yield from restarts(pair, "brokers report to another topic: ", brokers)
        yield Effect(Impact.DYNAMIC, "its own pod restarts")
    else:
        yield Effect(Impact.DYNAMIC, "its own pod restarts; brokers do not")


def _certificates(ca: str, key: str, field: FieldChange) -> Iterator[Effect]:
    """How an authority is made and renewed.

    Source: Strimzi 1.2.0, InternalCa.java:498-533, 638; CustomCaProvider.java; EntityUserOperator.java:207.
    """
    before, after = (
        _CA_DEFAULTS.get(key) if side is MISSING else side for side in (field.before, field.after)
    )
    if before == after:
        yield Effect(Impact.NO_EFFECT, f"{key} is {str(after).lower()} anyway")
    elif key == "generateSecretOwnerReference":
        yield Effect(Impact.NO_EFFECT, "only whether the CA's Secrets go with the Kafka")
    elif key == "generateCertificateAuthority" and after is False:
        yield Effect(Impact.IGNORED, "Strimzi renews this CA no more; where its Secrets are missing, the"
                     " Kafka goes NotReady")  # fmt: skip
    elif key == "generateCertificateAuthority":
        yield Effect(Impact.CLIENT_VISIBLE, "Strimzi makes and renews this CA: who trusts another one must"
                     " trust it")  # fmt: skip
    elif key == "certificateExpirationPolicy" and after == "replace-key":
        yield Effect(Impact.CLIENT_VISIBLE, "at the next renewal everybody must trust a new CA")
    elif key == "renewalDays" and _more(before, after):
        yield Effect(Impact.ROLLING_RESTART, f"what expires within {after} days is renewed at once, or in the"
                     " next maintenance window: every node then restarts")  # fmt: skip
    else:
        text = "takes effect at the next renewal, which restarts every node"
        yield Effect(Impact.DYNAMIC, text)
    if ca == "clientsCa" and key in ("renewalDays", "validityDays") and before != after:
        yield _EO
        if key == "renewalDays" and _more(before, after):
            yield Effect(
                Impact.DYNAMIC, "certificates of users that expire by then are renewed as well"
            )


def _more(before: Any, after: Any) -> bool:
    return isinstance(before, int) and isinstance(after, int) and after > before
