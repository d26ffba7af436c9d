"""The quorum of controllers, which Strimzi changes as it is told and Kafka's static quorum does not survive."""

from collections.abc import Iterator

from generator.common.strimzi_facts import VOTERS_ON_BROKERS
from generator.plan.change import Effect, Impact
from generator.plan.impact import Pair


def _static(pair: Pair) -> str:
    """What other voters do to a static quorum.

    Source: Strimzi 1.2.0, KafkaConfigurationDiff.java:61 (brokers look at the voters too); 0.49.1,
    KafkaConfigurationDiff.java (they do not); kafka_run.sh:72.
    """
    who = "every node" if pair.has(VOTERS_ON_BROKERS) else "every controller"
    return (f"Strimzi refuses nothing: {who} restarts with other voters, and forgets how the quorum stood;"
            " a static quorum bears that in a downtime only (strimzi-kafka-operator#9429)")  # fmt: skip


def resized(pair: Pair, why: str = "") -> Iterator[Effect]:
    """More or fewer controllers than before.

    Source: Strimzi 1.2.0, KafkaReconciler.scaleDown, KafkaBrokerConfigurationBuilder.java:209,
    kafka_run.sh:72; documentation, assembly-kraft-mode.adoc:63; NodePoolUtils.java:139.
    """
    before, after = (side.nodes("controller") if side else 0 for side in (pair.old, pair.new))
    if after == 0:
        text = f"{why}no controller is left: the Kafka goes NotReady, and nothing of it is applied"
        yield Effect(Impact.REFUSED, text)
        return
    yield Effect(Impact.IRREVERSIBLE, f"{why}{_static(pair)}", reversible=False)
    gone = before - after
    if gone > 0 and gone * 2 >= before:
        yield from _outvoted(gone, before)


def lost(pair: Pair, count: int, disks: str) -> Iterator[Effect]:
    """The controllers of a pool that is deleted.

    Source: Strimzi 1.2.0, NodePoolUtils.java:72 (the pool owns its pods, so Kubernetes deletes them).
    """
    before = pair.old.nodes("controller") if pair.old else count
    after = pair.new.nodes("controller") if pair.new else 0
    text = f"{count} controllers {disks}go at once: nothing checks it"
    if after == 0:
        yield Effect(Impact.DATA_LOSS, f"{text}, and no controller is left: the cluster stands still",
                     reversible=not disks)  # fmt: skip
        return
    yield Effect(Impact.IRREVERSIBLE, f"{text}; {_static(pair)}", reversible=False)
    if count * 2 >= before:
        yield from _outvoted(count, before)


def _outvoted(gone: int, before: int) -> Iterator[Effect]:
    """What a majority alone knew.

    Source: Kafka 4.3, "KRaft": what a majority of the voters has is committed.
    """
    yield Effect(Impact.DATA_LOSS, f"{gone} of {before} controllers go: what only they had of the"
                 " metadata is lost", reversible=False)  # fmt: skip
