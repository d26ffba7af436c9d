"""The settings of a topic: what deletes records, what writers and readers notice, what nobody does."""

from collections.abc import Iterable, Iterator

from generator.common.kafka_values import shown
from generator.common.units import approximate_bytes, format_duration_ms
from generator.plan.change import Effect, Impact
from generator.system.capacity import stored_bytes
from generator.system.effective_settings import UNLIMITED, TopicSettings

_ON_DISABLE = "remote.log.delete.on.disable"


def config(key: str, old: TopicSettings, new: TopicSettings, name: str) -> Iterator[Effect]:
    """One setting, judged by what the broker used before and will use after.

    Source: Kafka 4.3, "Topic Configs"; its models in schemas/kafka/.
    """
    said = new.config.get(key)
    complaint = None if said is None else new.system.model.complaint("topic", key, said)
    if complaint:
        yield Effect(Impact.REFUSED, f"{complaint.message}: the broker refuses it, KafkaTopic"
                     " Ready=False")  # fmt: skip
        return
    before, after = old.value(key), new.value(key)
    if key == "cleanup.policy":
        before, after = sorted({*old.cleanup}), sorted({*new.cleanup})
    if before == after:
        yield Effect(Impact.NO_EFFECT, f"{key} stays {shown(key, after)} for the broker")
    elif key in ("retention.ms", "retention.bytes"):
        yield from _retention(key, before, after, old, new, name)
    elif key == "cleanup.policy":
        keyed = new.intent.keyed if new.intent else None
        yield from cleanup(old.cleanup, new.cleanup, name, keyed=keyed is True)
    elif key == "min.insync.replicas":
        yield from _min_insync(before, after, new)
    elif key == "remote.storage.enable":
        yield from _tiering(after, new)
    elif key == "unclean.leader.election.enable" and after is True:
        text = "from now on a leader may be elected that lacks acknowledged records"
        yield Effect(Impact.DATA_LOSS, text, reversible=False)
    else:
        yield from _plain(key, before, after)


def _plain(key: str, before: object, after: object) -> Iterator[Effect]:
    """A setting that deletes nothing.

    Source: Kafka 4.3, "Topic Configs".
    """
    text = f"{key} {shown(key, before)} to {shown(key, after)}"
    fewer = isinstance(before, int) and isinstance(after, int) and after < before
    if key == "max.message.bytes" and fewer:
        yield Effect(Impact.CLIENT_VISIBLE, f"{text}: larger messages are refused")
    elif key == "delete.retention.ms" and fewer:
        yield Effect(Impact.CLIENT_VISIBLE, f"{text}: a reader that is slower misses tombstones")
    elif key == "message.timestamp.type":
        yield Effect(Impact.CLIENT_VISIBLE, f"{text}: readers see other timestamps")
    else:
        yield Effect(Impact.DYNAMIC, f"{text}, without a restart")


def _retention(
    key: str, before: object, after: object, old: TopicSettings, new: TopicSettings, name: str
) -> Iterator[Effect]:
    """How long, and how many, records stay.

    Source: Kafka 4.3, "Topic Configs": retention.ms, retention.bytes.
    """
    if not new.deletes:
        yield Effect(Impact.NO_EFFECT, f"{key} has no effect: the topic only compacts")
        return
    text = f"{key} {shown(key, before)} to {shown(key, after)}"
    if not isinstance(before, int) or not isinstance(after, int):
        yield Effect(Impact.DYNAMIC, f"{text}, as far as it can be read")
        return
    shrinks = after != UNLIMITED and (before == UNLIMITED or after < before)
    if not shrinks:
        yield Effect(Impact.DYNAMIC, f"{text}: records stay longer")
        return
    lost, kept = stored_bytes(old), stored_bytes(new)
    size = ""
    if lost is not None and kept is not None and lost > kept:
        size = f", up to {approximate_bytes(lost - kept)}"
    if key == "retention.ms":
        age = (
            f"about {format_duration_ms(before - after)}"
            if before != UNLIMITED
            else "everything older"
        )
        what = f"{age} of {name}"
    else:
        what = f"what exceeds it of {name}"
    yield Effect(Impact.DATA_LOSS, f"{text}: {what} on {copies(new.replicas)} is deleted{size}",
                 reversible=False)  # fmt: skip


def cleanup(
    before: Iterable[str], after: Iterable[str], name: str, keyed: bool = False
) -> Iterator[Effect]:
    """What of a topic is deleted.

    Source: Kafka 4.3.1, "cleanup.policy"; LogValidator ("Compacted topic cannot accept message without key").
    """
    old, new = {*before}, {*after}
    text = f"cleanup.policy {','.join(sorted(old))} to {','.join(sorted(new))}"
    gone = []
    if "compact" in new - old:
        gone.append(f"all but the latest record of every key of {name}")
    if "delete" in new - old:
        gone.append(f"records of {name} beyond the retention, latest values among them")
    if gone:
        yield Effect(
            Impact.DATA_LOSS, f"{text}: {' and '.join(gone)} are deleted", reversible=False
        )
    elif old == new:
        yield Effect(Impact.NO_EFFECT, f"cleanup.policy stays {','.join(sorted(new))}")
    else:
        yield Effect(Impact.DYNAMIC, f"{text}: more is kept")
    if "compact" in new - old and not keyed:
        yield Effect(Impact.CLIENT_VISIBLE, "writers of records without a key are refused")


def _min_insync(before: object, after: object, new: TopicSettings) -> Iterator[Effect]:
    """On how many brokers a record is before its writer is told so.

    Source: Kafka 4.3, "min.insync.replicas"; with ELR the cluster's value is a dynamic one (operations,
    "Eligible Leader Replicas"), which Strimzi 1.2.0 alters (KafkaRoller.dynamicUpdateKafkaConfig,
    DynamicConfST.testClusterWideDynamicConfiguration).
    """
    text = f"min.insync.replicas {before} to {after}"
    if isinstance(after, int) and after >= max(new.replicas, 2):
        yield Effect(Impact.CLIENT_VISIBLE, f"{text} with {new.replicas} replicas: acks=all writers"
                     " stop whenever a broker is down")  # fmt: skip
    elif isinstance(before, int) and isinstance(after, int) and after < before:
        yield Effect(Impact.PROTECTION_LOSS, f"{text}: acknowledged records may be on {after} of"
                     f" {new.replicas} brokers only, and lost with them")  # fmt: skip
    else:
        yield Effect(Impact.DYNAMIC, f"{text}: acknowledged records are on more brokers")


def _tiering(after: object, new: TopicSettings) -> Iterator[Effect]:
    """Whether old segments go to the object store.

    Source: Kafka 4.3.1, LogConfig ("It is invalid to disable remote storage without deleting remote data"); 3.8.0,
    ConfigHandler.scala (maybeBootstrapRemoteLogComponents), LogConfig.java, which has no such setting.
    """
    model = new.system.model
    if after:
        yield Effect(Impact.DATA_MOVEMENT, "closed segments are copied to the object store")
    elif model.setting("topic", _ON_DISABLE) is None:
        yield Effect(Impact.UNKNOWN, f"what Kafka {model.version} does with what is in the object store is not"
                     " known here")  # fmt: skip
    elif new.value(_ON_DISABLE) is True:
        yield Effect(Impact.DATA_LOSS, "what is in the object store is deleted", reversible=False)
    else:
        yield Effect(Impact.REFUSED, "the broker refuses to disable tiering without"
                     " remote.log.delete.on.disable, which deletes what is in the object store")  # fmt: skip


def copies(replicas: int) -> str:
    """`3 replicas`."""
    return f"{replicas} replica{'s' * (replicas != 1)}"
