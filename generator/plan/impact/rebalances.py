"""KafkaRebalance: an order to Cruise Control, which waits for its approval unless it has it at once."""

from collections.abc import Iterator

from generator.plan.change import Effect, FieldChange, Impact
from generator.plan.impact import Pair

KIND = "KafkaRebalance"


def created(pair: Pair) -> Iterator[Effect]:
    """A proposal, or partitions that move as soon as there is one.

    Source: Strimzi 1.2.0, KafkaRebalanceAssemblyOperator.java:979-999, 1139.
    """
    if pair.annotation("strimzi.io/rebalance-template", after=True) == "true":
        yield Effect(Impact.NO_EFFECT, "a template: nothing moves by it")
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

    Source: Strimzi 1.2.0, KafkaRebalanceAssemblyOperator.java:1187.
    """
    del field
    if _approved(pair):
        yield Effect(Impact.DATA_MOVEMENT, "Cruise Control may move partitions by a new proposal")
    else:
        yield Effect(Impact.DYNAMIC, "another proposal; nothing moves until it is approved")


def _approved(pair: Pair) -> bool:
    """True when nobody is asked any more once there is a proposal."""
    return (
        pair.annotation("strimzi.io/rebalance-auto-approval", after=True) == "true"
        or pair.annotation("strimzi.io/rebalance", after=True) == "approve"
    )
