"""KafkaOffsetReset: an order to move consumer groups, carried out once for every change of its spec."""

from collections.abc import Iterator

from generator.plan.change import Effect, FieldChange, Impact
from generator.plan.impact import Pair

KIND = "KafkaOffsetReset"
_SKIPS = {
    "to-latest": "what they have not read yet, they never read",
    "to-earliest": "they read everything again",
}


def created(pair: Pair) -> Iterator[Effect]:
    """The groups are moved at once; so are they by one that comes back after it was deleted."""
    yield from moved(pair, "as soon as it is there")


def deleted(_: Pair) -> Iterator[Effect]:
    """Groups stay where they are.

    Source: kafka-backup-operator 1.2.1, reconcilers/offset_reset.rs.
    """
    yield Effect(
        Impact.DYNAMIC, "groups stay where they are; it would move them again when it comes back"
    )


def changed(pair: Pair, field: FieldChange) -> Iterator[Effect]:
    """Whatever is changed of it."""
    del field
    yield from moved(pair, "again")


def moved(pair: Pair, when: str) -> Iterator[Effect]:
    """Where groups were before is written down nowhere that lasts.

    Source: kafka-backup-operator 1.2.1, reconcilers/offset_reset.rs; tests/live/test_offset_resets.py.
    """
    spec = pair.after.body["spec"] if pair.after else {}
    if spec.get("dryRun"):
        yield Effect(Impact.NO_EFFECT, "nothing: kafka.oso.sh ends a dry run before it has begun")
        return
    groups = ", ".join(spec.get("consumerGroups") or ()) or "all groups of the snapshot"
    what = _SKIPS.get(spec.get("resetStrategy", ""), "they go on elsewhere")
    yield Effect(Impact.IRREVERSIBLE, f"it moves {groups} {when}: where they were is lost, as the"
                 " operator keeps its snapshot in memory only", reversible=False)  # fmt: skip
    yield Effect(
        Impact.CLIENT_VISIBLE, f"who is in the groups must not run: {what}", reversible=False
    )
