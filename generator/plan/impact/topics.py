"""KafkaTopic: partitions only grow, replicas need Cruise Control, and retention deletes."""

from collections.abc import Iterator

from generator.common.changes import MISSING
from generator.common.kafka_values import shown
from generator.common.units import approximate_bytes, format_duration_ms
from generator.plan.change import Effect, FieldChange, Impact
from generator.plan.impact import MANAGED, PAUSED, Pair, topic_of
from generator.system.capacity import stored_bytes
from generator.system.effective_settings import UNLIMITED, TopicSettings
from generator.system.system import SystemTopic

KIND = "KafkaTopic"
_NOT_SUPPORTED = "the Topic Operator answers NotSupported, KafkaTopic Ready=False"


def created(pair: Pair) -> Iterator[Effect]:
    """A new topic; reverting deletes it, with what was written meanwhile."""
    topic = topic_of(pair.after, pair.new)
    if topic is None:
        yield Effect(Impact.DYNAMIC, "a new topic")
        return
    settings = topic.settings
    yield Effect(Impact.DYNAMIC, f"a new topic of {settings.partitions} partitions on"
                 f" {_copies(settings.replicas)}")  # fmt: skip


def deleted(pair: Pair) -> Iterator[Effect]:
    """The topic goes with its data, unless the Topic Operator had let go of it."""
    if pair.annotation(MANAGED) == "false":
        yield Effect(Impact.NO_EFFECT, "it was unmanaged: the topic and its data stay in Kafka")
        return
    if "Prune=false" in pair.annotation("argocd.argoproj.io/sync-options"):
        yield Effect(Impact.NO_EFFECT, "Argo CD leaves it where it is (Prune=false)")
        return
    topic = topic_of(pair.before, pair.old)
    if topic is None:
        yield Effect(Impact.DATA_LOSS, "the topic and its data are deleted", reversible=False)
        return
    settings = topic.settings
    text = f"the topic is deleted with all its data on {_copies(settings.replicas)}"
    stored = stored_bytes(settings)
    if stored is not None:
        text += f", up to {approximate_bytes(stored)}"
    yield Effect(Impact.DATA_LOSS, text + _users_of(topic), reversible=False)
    if topic.system.broker("delete.topic.enable") is False:
        yield Effect(Impact.REFUSED, "delete.topic.enable is false: the finalizer never goes, and the"
                     " sync hangs")  # fmt: skip


def _users_of(topic: SystemTopic) -> str:
    grants = topic.system.grants
    said = ""
    for word, users in (
        ("read", grants.readers(topic.name)),
        ("written", grants.writers(topic.name)),
    ):
        names = sorted({user.name for user in users})
        if names:
            more = f" and {len(names) - 3} more" if len(names) > 3 else ""
            said += f"; {word} by {', '.join(names[:3])}{more}"
    return said


def changed(pair: Pair, field: FieldChange) -> Iterator[Effect]:
    """One field of the spec."""
    old, new = topic_of(pair.before, pair.old), topic_of(pair.after, pair.new)
    if pair.annotation(MANAGED, after=True) == "false":
        yield Effect(Impact.NO_EFFECT, "nothing of it is applied while the topic is unmanaged")
        return
    if pair.annotation(PAUSED, after=True) == "true":
        yield Effect(Impact.IGNORED, "nothing of it is applied while the topic is paused")
        return
    if old is None or new is None:
        yield from _unknown(field)
        return
    match field.path:
        case ("spec", "partitions" | "replicas" as what) if field.after is MISSING:
            yield Effect(Impact.NO_EFFECT, f"without {what} the topic keeps what it has")
        case ("spec", "topicName") if old.name == new.name:
            yield Effect(Impact.NO_EFFECT, "the same name")
        case ("spec", "topicName"):
            yield Effect(Impact.REFUSED, f"{_NOT_SUPPORTED}: a topic cannot be renamed")
        case ("spec", "partitions"):
            yield from _partitions(old, new)
        case ("spec", "replicas"):
            yield from _replicas(field, old, new)
        case ("spec", "config", key):
            yield from config(str(key), old.settings, new.settings, new.name)
        case ("spec", "config"):
            keys = {*old.settings.config, *new.settings.config}
            for key in sorted(keys):
                yield from config(key, old.settings, new.settings, new.name)
        case _:
            yield Effect(Impact.DYNAMIC, "the Topic Operator applies it")


def _unknown(field: FieldChange) -> Iterator[Effect]:
    """A topic of a cluster that is not among the manifests: judged by what it says itself."""
    before, after = (_whole_number(side) for side in (field.before, field.after))
    shrinks = before is not None and after is not None and after < before
    match field.path:
        case ("spec", "topicName"):
            yield Effect(Impact.REFUSED, f"{_NOT_SUPPORTED}: a topic cannot be renamed")
        case ("spec", "partitions") if shrinks:
            yield Effect(Impact.REFUSED, f"partitions {before} to {after}: {_NOT_SUPPORTED}")
        case ("spec", "partitions"):
            text = f"partitions {field.before} to {field.after} cannot be taken back"
            yield Effect(Impact.IRREVERSIBLE, text, reversible=False)
        case ("spec", "replicas"):
            text = f"{_NOT_SUPPORTED} without Cruise Control, of which nothing is known here"
            yield Effect(Impact.REFUSED, text)
        case ("spec", "config", "retention.ms" | "retention.bytes" as key) if (
            shrinks and after != UNLIMITED
        ) or before == UNLIMITED:
            text = f"{key} {field.before} to {field.after}: what exceeds it is deleted"
            yield Effect(Impact.DATA_LOSS, text, reversible=False)
        case ("spec", "config", "cleanup.policy"):
            text = f"cleanup.policy {field.before} to {field.after} deletes records"
            yield Effect(Impact.DATA_LOSS, text, reversible=False)
        case _:
            yield Effect(Impact.DYNAMIC, "the Topic Operator applies it")


def _whole_number(value: object) -> int | None:
    text = str(value).strip()
    return int(text) if text.lstrip("-").isdigit() and len(text) < 20 else None


def _partitions(old: SystemTopic | None, new: SystemTopic | None) -> Iterator[Effect]:
    before = old.settings.partitions if old else 0
    after = new.settings.partitions if new else 0
    if after < before:
        yield Effect(Impact.REFUSED, f"partitions {before} to {after}: {_NOT_SUPPORTED}, and no other"
                     " setting of the topic is applied either")  # fmt: skip
        return
    text = f"partitions {before} to {after} cannot be taken back"
    keyed = new.intent.keyed if new and new.intent else None
    if new is not None and new.settings.compacts:
        text += "; keys move, and the topic is compacted: old values of moved keys stay behind"
    elif keyed is not False:
        text += "; keys move to other partitions, so their order breaks once"
    yield Effect(Impact.IRREVERSIBLE, text, reversible=False)


def _replicas(
    field: FieldChange, old: SystemTopic | None, new: SystemTopic | None
) -> Iterator[Effect]:
    before = old.settings.replicas if old else field.before
    after = new.settings.replicas if new else field.after
    if new is None or not new.system.cruise_control:
        yield Effect(Impact.REFUSED, f"replicas {before} to {after}: {_NOT_SUPPORTED} without Cruise"
                     " Control")  # fmt: skip
        return
    text = (
        f"replicas {before} to {after}: Cruise Control moves {new.settings.partitions} partitions"
    )
    stored = stored_bytes(new.settings)
    if stored is not None and after > before:
        text += f", copying up to {approximate_bytes(stored // after * (after - before))}"
    yield Effect(Impact.DATA_MOVEMENT, text)


def config(key: str, old: TopicSettings, new: TopicSettings, name: str) -> Iterator[Effect]:
    """One setting, judged by what the broker used before and will use after."""
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
        yield from _cleanup({*old.cleanup}, {*new.cleanup}, name)
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
    yield Effect(Impact.DATA_LOSS, f"{text}: {what} on {_copies(new.replicas)} is deleted{size}",
                 reversible=False)  # fmt: skip


def _cleanup(old: set[str], new: set[str], name: str) -> Iterator[Effect]:
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
    else:
        yield Effect(Impact.DYNAMIC, f"{text}: more is kept")


def _min_insync(before: object, after: object, new: TopicSettings) -> Iterator[Effect]:
    text = f"min.insync.replicas {before} to {after}"
    if isinstance(after, int) and after >= max(new.replicas, 2):
        yield Effect(Impact.CLIENT_VISIBLE, f"{text} with {new.replicas} replicas: acks=all writers"
                     " stop whenever a broker is down")  # fmt: skip
    elif isinstance(before, int) and isinstance(after, int) and after < before:
        yield Effect(Impact.DYNAMIC, f"{text}: acknowledged records are on fewer brokers")
    else:
        yield Effect(Impact.DYNAMIC, f"{text}: acknowledged records are on more brokers")


def _tiering(after: object, new: TopicSettings) -> Iterator[Effect]:
    if after:
        yield Effect(Impact.DATA_MOVEMENT, "closed segments are copied to the object store")
    elif new.value("remote.log.delete.on.disable") is True:
        yield Effect(Impact.DATA_LOSS, "what is in the object store is deleted", reversible=False)
    else:
        yield Effect(Impact.REFUSED, "the broker refuses to disable tiering without"
                     " remote.log.delete.on.disable, which deletes what is in the object store")  # fmt: skip


def renamed(before: SystemTopic, after: SystemTopic) -> tuple[Effect, ...]:
    """A rename is a new, empty topic, and the old one's end."""
    text = f"Kafka cannot rename: {before.name} is deleted with its data, {after.name} starts empty"
    return (Effect(Impact.DATA_LOSS, text + _users_of(before), reversible=False),)


def _copies(replicas: int) -> str:
    return f"{replicas} replica{'s' * (replicas != 1)}"
