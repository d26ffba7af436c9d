"""KafkaRebalance: an order to Cruise Control, which waits for its approval unless it has it at once."""

from collections.abc import Iterator

from generator.common.strimzi_facts import DISK_GOALS_REFUSED
from generator.plan.change import Effect, FieldChange, Impact
from generator.plan.impact import PAUSED, Pair, short

KIND = "KafkaRebalance"


def created(pair: Pair) -> Iterator[Effect]:
    """A proposal, or partitions that move as soon as there is one.

    Source: Strimzi 1.2.0, KafkaRebalanceAssemblyOperator.java:979-999, 1139.
    """
    if _is_template(pair):
        yield Effect(Impact.NO_EFFECT, "a template: nothing moves by it")
        return
    refused = list(_refused(pair))
    if refused:
        yield from refused
    elif _approved(pair):
        yield Effect(
            Impact.DATA_MOVEMENT, "Cruise Control moves partitions as soon as it has a proposal"
        )
    else:
        yield Effect(
            Impact.DYNAMIC, "Cruise Control makes a proposal; nothing moves until it is approved"
        )


def deleted(pair: Pair) -> Iterator[Effect]:
    """What has moved stays where it is.

    Source: Strimzi 1.2.0, documentation, "Generating optimization proposals": nothing is moved back.
    """
    del pair
    yield Effect(Impact.DYNAMIC, "the object goes; what has moved stays where it is")


def changed(pair: Pair, field: FieldChange) -> Iterator[Effect]:
    """Another proposal, which Strimzi asks for by itself.

    Source: Strimzi 1.2.0, KafkaRebalanceAssemblyOperator.java:1187, 313 (brokers of mode full are ignored).
    """
    if pair.annotation(PAUSED, after=True) == "true":
        yield Effect(Impact.IGNORED, "nothing of it is applied while it is paused")
        return
    if _is_template(pair):
        yield Effect(
            Impact.DYNAMIC, "a template: it counts for the next rebalance that is made from it"
        )
        return
    refused = list(_refused(pair))
    if refused:
        yield from refused
        return
    if field.path[1:] == ("brokers",) and _mode(pair) == "full":
        yield Effect(Impact.IGNORED, "mode full does not look at brokers")
    if _approved(pair):
        yield Effect(Impact.DATA_MOVEMENT, "Cruise Control may move partitions by a new proposal")
    else:
        yield Effect(Impact.DYNAMIC, "another proposal; nothing moves until it is approved")


def _refused(pair: Pair) -> Iterator[Effect]:
    """What the Cluster Operator does not ask Cruise Control for.

    Source: Strimzi 1.2.0, KafkaRebalanceAssemblyOperator.java:254-320 (convertRebalanceSpecToRebalanceOptions), 1160;
    1.0.1, KafkaRebalanceAssemblyOperator.java:293 (goals are handed on, whatever comes of it).
    """
    spec = pair.after.body["spec"] if pair.after else {}
    mode = _mode(pair)
    wants = _WANTS.get(mode)
    if pair.new is not None and not pair.new.cruise_control:
        why = "the Kafka has no Cruise Control"
    elif wants and not spec.get(wants):
        why = f"mode {mode} wants {wants}"
    elif mode == "full" and spec.get("rebalanceDisk") and spec.get("goals"):
        if not pair.has(DISK_GOALS_REFUSED):
            yield Effect(Impact.UNKNOWN, f"Strimzi {short(pair.strimzi)} asks Cruise Control for rebalanceDisk with"
                         " goals; what that answers is not known here")  # fmt: skip
            return
        why = "rebalanceDisk bears no goals"
    else:
        return
    yield Effect(Impact.REFUSED, f"{why}: the KafkaRebalance goes NotReady")


_WANTS = {
    "add-brokers": "brokers",
    "remove-brokers": "brokers",
    "remove-disks": "moveReplicasOffVolumes",
}
"""Strimzi 1.2.0, KafkaRebalanceAssemblyOperator.java:272-295."""


def _mode(pair: Pair) -> str:
    return str(pair.after.body["spec"].get("mode", "full")) if pair.after else "full"


def _is_template(pair: Pair) -> bool:
    return pair.annotation("strimzi.io/rebalance-template", after=True) == "true"


def _approved(pair: Pair) -> bool:
    """True when nobody is asked any more once there is a proposal."""
    return (
        pair.annotation("strimzi.io/rebalance-auto-approval", after=True) == "true"
        or pair.annotation("strimzi.io/rebalance", after=True) == "approve"
    )
