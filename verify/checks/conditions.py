"""Conditions: what Strimzi's operators say of what Git asked for."""

from collections.abc import Iterator

from generator.common.kinds import names_of
from generator.contract.report import Outcome, Status, fail, ok, warn
from generator.documents.manifest import Body
from verify.checks._objects import (
    Said,
    annotations,
    conditions,
    is_paused,
    is_template,
    label,
    of_strimzi,
    status,
    strimzi_holes,
    together,
)
from verify.checks._words import count
from verify.checks.registry import check
from verify.desired import Desired
from verify.live.live import Live

_TELLS_READY = names_of("ready")
"""Node pools never say Ready, rebalances have states of their own."""

_REVERTED = ("KafkaStorage", "ScaleDownPreventionCheck", "MetadataUpdateFailed", "PvcResizingWarning",
             "KafkaMetadataVersion")  # fmt: skip
"""Reasons of warnings that mean: part of the change was not carried out."""
_AS_IT_IS = "KafkaStorage: A Kafka cluster with a single "
"""A warning of the same reason about what Git asks for, which was carried out (KafkaSpecChecker, Strimzi 1.2.0)."""


@check("resources-ready", needs=("kubernetes",))
def resources_ready(desired: Desired, live: Live) -> Iterator[Outcome]:
    """Every Strimzi resource is ready.

    Compares: the conditions of each kind: the Cluster and User Operator say NotReady=True when something
        failed, the Topic Operator says Ready=False. Node pools never say it, and a topic that nobody
        shall manage says Unmanaged.
    Why: what is not ready has not become what Git says; Argo CD shows a failed topic as progressing for
        ever.
    Fix: kubectl -n {namespace} get kafka,kafkatopic,kafkauser -o wide; the message is the operator's own;
        kubectl -n {namespace} get {object} -o yaml shows all of it.
    Source: Strimzi 1.2.0, BatchingTopicController.updateStatusForException, StatusUtils.
    """
    yield from strimzi_holes(live, _TELLS_READY)
    bodies = [body for body in of_strimzi(desired, live, _TELLS_READY) if not is_paused(body)]
    found = [(problem, label(body)) for body in bodies if (problem := _unready(body))]
    yield from together(fail, found)
    if not found:
        yield ok(count(bodies, "resource"))


def _unready(body: Body) -> str:
    said = {kind: (so, words) for kind, so, words in conditions(body)}
    if (
        said.get("Unmanaged", (False,))[0]
        and annotations(body).get("strimzi.io/managed") == "false"
    ):
        return ""
    not_ready, words = said.get("NotReady", (False, ""))
    if not_ready:
        creating = words == "Creating" or words.startswith("Creating:")
        return "is still being created" if creating else f"is not ready: {words}"
    if "Ready" not in said:
        return "does not say that it is ready"
    ready, words = said["Ready"]
    return "" if ready else f"is not ready: {words}"


@check("rebalances", needs=("kubernetes",))
def rebalances(desired: Desired, live: Live) -> Iterator[Outcome]:
    """No rebalance has failed or was stopped half-way.

    Compares: the state that each KafkaRebalance's condition names; templates have none.
    Why: a rebalance that stopped leaves partitions where they add up badly, and reserves bandwidth.
    Fix: kubectl -n {namespace} get kafkarebalance -o yaml; after the cause is gone
        kubectl -n {namespace} annotate kafkarebalance {name} strimzi.io/rebalance=refresh.
    Source: Strimzi 1.2.0, KafkaRebalanceState.
    """
    yield from strimzi_holes(live, ("KafkaRebalance",))
    for body in of_strimzi(desired, live, ("KafkaRebalance",)):
        for kind, so, words in () if is_template(body) else conditions(body):
            if so and kind == "NotReady":
                yield fail(f"has failed: {words}", label(body))
            elif so and kind == "Stopped":
                yield warn("was stopped", label(body))


@check("changes-reverted", needs=("kubernetes",))
def changes_reverted(desired: Desired, live: Live) -> Iterator[Outcome]:
    """The operators carried out every change, and silently ignored none.

    Compares: conditions of type Warning with the reasons that stand for an ignored change: KafkaStorage
        (but for what it says of a cluster of one node), ScaleDownPreventionCheck, MetadataUpdateFailed,
        PvcResizingWarning, and KafkaMetadataVersion where Git asks for another one than runs.
    Why: Strimzi stays Ready=True while it keeps the old storage or the old number of brokers.
    Fix: kubectl -n {namespace} get kafka {cluster} -o yaml; change environments/ back to what is possible
        (volumes only grow; move partitions off brokers before they go), then render and sync.
    Source: Strimzi 1.2.0, StorageDiff, KafkaClusterCreator, KafkaSpecChecker, PvcReconciler.
    """
    yield from strimzi_holes(live)
    yield from together(fail, _warnings(desired, live, reverted=True))


@check("resource-warnings", needs=("kubernetes",), severity=Status.WARN)
def resource_warnings(desired: Desired, live: Live) -> Iterator[Outcome]:
    """The operators have nothing to remark.

    Compares: conditions of type Warning of all Strimzi resources, but for those that changes-reverted
        tells. That metadata is older than Kafka is fine where Git says that it is to be: the first half
        of an upgrade, of which `validate` reminds (metadata-version-old).
    Why: deprecated fields stop to work with the next version, unknown ones never did.
    Fix: kubectl -n {namespace} get kafka {cluster} -o yaml, and mend what the message names in
        environments/.
    Source: Strimzi 1.2.0, StatusUtils.buildWarningCondition.
    """
    yield from strimzi_holes(live)
    for make, asked in ((warn, False), (ok, True)):
        yield from together(make, _warnings(desired, live, reverted=False, asked=asked))


def _warnings(
    desired: Desired, live: Live, *, reverted: bool, asked: bool = False
) -> Iterator[Said]:
    for body in of_strimzi(desired, live):
        for kind, so, words in conditions(body):
            reason = words.partition(":")[0]
            is_asked = reason == "KafkaMetadataVersion" and _as_asked(desired, body)
            ignored = reason in _REVERTED and not (words.startswith(_AS_IT_IS) or is_asked)
            if kind == "Warning" and so and (ignored, is_asked) == (reverted, asked):
                yield words, label(body)


def _as_asked(desired: Desired, body: Body) -> bool:
    """The old metadata version is what Git says: the first half of an upgrade."""
    wanted = ((desired.kafka.get("spec") or {}).get("kafka") or {}).get("metadataVersion", "")
    running = str(status(body).get("kafkaMetadataVersion") or "")
    return bool(wanted) and (running == wanted or running.startswith(f"{wanted}-"))


@check("reconciliation-paused", needs=("kubernetes",), severity=Status.WARN)
def reconciliation_paused(desired: Desired, live: Live) -> Iterator[Outcome]:
    """The operators may act on every Strimzi resource.

    Compares: the annotation strimzi.io/pause-reconciliation and the condition ReconciliationPaused.
    Why: a paused resource takes no change, and nobody notices until something breaks; Argo CD waits for
        it for ever.
    Fix: kubectl -n {namespace} annotate {object} strimzi.io/pause-reconciliation-, or remove it from
        environments/ where Git asks for it.
    Source: Strimzi 1.2.0, Pausing reconciliation of custom resources.
    """
    yield from strimzi_holes(live)
    paused = (body for body in of_strimzi(desired, live) if is_paused(body))
    yield from together(warn, (("reconciliation is paused", label(body)) for body in paused))
