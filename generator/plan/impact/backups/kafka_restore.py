"""KafkaRestore of either operator: an order, which is carried out once for every change of its spec."""

from collections.abc import Iterator

from generator.documents.manifest import Body
from generator.model.backups.engines.strimzi import Strimzi
from generator.plan.change import Effect, FieldChange, Impact
from generator.plan.impact import Pair

KIND = "KafkaRestore"


def created(pair: Pair) -> Iterator[Effect]:
    """It restores at once; so does one that comes back after it was deleted.

    Source: kafka-backup-operator 1.2.1, reconcilers/restore.rs (observed_generation); strimzi-backup-operator 0.2.18, reconcilers/restore.rs.
    """
    yield from _carried_out(pair, "it restores as soon as it is there")


def deleted(_: Pair) -> Iterator[Effect]:
    """What is restored stays.

    Source: both operators' reconcilers/restore.rs: nothing is taken back.
    """
    yield Effect(
        Impact.DYNAMIC, "what it has restored stays; it would restore again when it comes back"
    )


def changed(pair: Pair, field: FieldChange) -> Iterator[Effect]:
    """Whatever is changed of it.

    Source: kafka-backup-operator 1.2.1, reconcilers/restore.rs (observed_generation: a change runs it again);
    strimzi-backup-operator 0.2.18, reconcilers/restore.rs (a Job in any state keeps another one away).
    """
    del field
    if pair.after is not None and pair.after.identity[0] == Strimzi.group:
        yield Effect(
            Impact.IGNORED, "its Job is there, and a change starts no other one: give it a new name"
        )
        return
    yield from _carried_out(pair, "it restores again")


def _carried_out(pair: Pair, when: str) -> Iterator[Effect]:
    """What a restore does.

    Source: kafka-backup 0.25.2, config.rs (restore); tests/live/test_restores.py.
    """
    spec: Body = pair.after.body["spec"] if pair.after else {}
    options = spec.get("restore") or {}
    if options.get("dryRun"):
        yield Effect(Impact.NO_EFFECT, "only tells what it would restore")
        return
    if spec.get("dryRun"):
        yield Effect(Impact.NO_EFFECT, "nothing: kafka.oso.sh ends a dry run before it has begun")
        return
    purges = spec.get("purgeTopics") or options.get("purgeTopics")
    if purges or options.get("existingTopicPolicy") == "overwrite":
        topics = spec.get("topics") or ()
        what = f"{len(topics)} topics" if isinstance(topics, list) and topics else "the topics"
        yield Effect(Impact.DATA_LOSS, f"{when}, and first deletes all records of {what}",
                     reversible=False)  # fmt: skip
    else:
        yield Effect(Impact.IRREVERSIBLE, f"{when}: records are added to topics, where nobody can tell"
                     " them from others", reversible=False)  # fmt: skip
    if _moves_groups(spec):
        yield Effect(Impact.CLIENT_VISIBLE, "consumer groups are moved: who is in them must not run, and"
                     " goes on elsewhere", reversible=False)  # fmt: skip


def _moves_groups(spec: Body) -> bool:
    ours = (spec.get("offsetReset") or {}).get("enabled") or spec.get("autoConsumerGroups")
    return bool(ours or (spec.get("consumerGroups") or {}).get("restore"))
