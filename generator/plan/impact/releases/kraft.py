"""What older releases ask before they take a Kafka for one of KRaft and of node pools: two annotations."""

from collections.abc import Iterator

from generator.common.strimzi_facts import KRAFT_ANNOTATIONS, ZOOKEEPER
from generator.plan.change import Effect, FieldChange, Impact
from generator.plan.impact import Pair, short

_KRAFT, _POOLS = "strimzi.io/kraft", "strimzi.io/node-pools"


def refused(pair: Pair) -> Effect | None:
    """What happens instead to a cluster that its release does not take for one of these; None else.

    Source: Strimzi 0.45.0 and 0.47.0, KafkaAssemblyOperator.reconcile (InvalidConfigurationException),
    KafkaMetadataStateManager.java; ReconcilerUtils.java (nodePoolsEnabled, kraftEnabled).
    """
    if pair.new is None or not pair.has(KRAFT_ANNOTATIONS):
        return None
    kafka = pair.new.kafka.body
    if "zookeeper" in kafka["spec"] and pair.has(ZOOKEEPER):
        return Effect(Impact.UNKNOWN, "a Kafka of ZooKeeper, of which nothing is known here")
    missing = [
        each for each in _asked(pair) if not _enabled(kafka["metadata"].get("annotations"), each)
    ]
    if not missing:
        return None
    return Effect(Impact.IGNORED, f"Strimzi {short(pair.strimzi)} refuses a Kafka without {' and '.join(missing)}:"
                  " nothing of it is applied")  # fmt: skip


def _asked(pair: Pair) -> tuple[str, ...]:
    """The annotations without which nothing is done; a cluster that is one of KRaft stays one in 0.45."""
    return (_POOLS,) if pair.has(ZOOKEEPER) else (_KRAFT, _POOLS)


def _enabled(annotations: object, key: str) -> bool:
    said = annotations.get(key) if isinstance(annotations, dict) else None
    return str(said).lower() == "enabled"


def _annotated(pair: Pair, field: FieldChange) -> Iterator[Effect]:
    """One of the two, which no later release reads.

    Source: Strimzi 0.45.0 and 0.47.0, KafkaAssemblyOperator.reconcile, KafkaMetadataStateManager.onKRaft; at 0.48.0
    nothing reads them.
    """
    key = str(field.path[-1])
    was, becomes = (_enabled({key: side}, key) for side in (field.before, field.after))
    if not pair.has(KRAFT_ANNOTATIONS):
        yield Effect(Impact.NO_EFFECT, f"Strimzi {short(pair.strimzi)} does not read it")
    elif was == becomes:
        yield Effect(Impact.NO_EFFECT, "labels and annotations only")
    elif becomes:
        yield Effect(Impact.UNKNOWN, "what was not one of KRaft and node pools becomes one, of which nothing is"
                     " known here")  # fmt: skip
    elif key in _asked(pair):
        yield Effect(Impact.REFUSED, f"Strimzi {short(pair.strimzi)} refuses a Kafka without it: what runs runs on,"
                     " and nothing that is said of it is done")  # fmt: skip
    else:
        yield Effect(
            Impact.IGNORED, "a cluster of KRaft stays one (Warning KafkaMetadataStateWarning)"
        )


ANNOTATIONS = {("Kafka", each): _annotated for each in (_KRAFT, _POOLS)}
"""By kind and annotation."""
