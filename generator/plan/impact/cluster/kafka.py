"""Kafka: versions, listeners, broker settings, and what restarts the brokers."""

from collections.abc import Iterator, Mapping

from generator.common.changes import MISSING
from generator.common.kafka_values import shown
from generator.plan.change import Effect, FieldChange, Impact
from generator.plan.impact import Pair
from generator.plan.impact.topics import config
from generator.system.config_model import parsed
from generator.system.system import System

KIND = "Kafka"
_SHOWN = 3


def created(pair: Pair) -> Iterator[Effect]:
    """A new cluster."""
    del pair
    yield Effect(Impact.DYNAMIC, "a new cluster")


def deleted(pair: Pair) -> Iterator[Effect]:
    """The cluster goes; its disks stay only where deleteClaim is false."""
    kept = "its disks stay where deleteClaim is false"
    count = len(pair.old.topics) if pair.old else 0
    yield Effect(Impact.DATA_LOSS, f"the whole cluster with {count} topics goes; {kept}",
                 reversible=False)  # fmt: skip


def changed(pair: Pair, field: FieldChange) -> Iterator[Effect]:
    """One field of the spec."""
    if field.path[:2] != ("spec", "kafka"):
        yield from _beside_brokers(field)
        return
    match field.path[2:]:
        case ("version",):
            yield from _version(pair, field)
        case ("metadataVersion",):
            yield from _metadata_version(pair, field)
        case ("config", *rest):
            yield from _configs(pair, field, rest)
        case ("listeners", *_):
            yield from _listener(pair, field)
        case ("authorization", *rest):
            yield Effect(Impact.CLIENT_VISIBLE, _authorization(pair, rest))
            yield _roll(pair)
        case ("tieredStorage",) if field.after is MISSING and _tiered(pair.new):
            text = "brokers do not start while topics are tiered (KAFKA-15267)"
            yield Effect(Impact.REFUSED, text)
        case ("template", "podDisruptionBudget", *_):
            yield Effect(Impact.DYNAMIC, "how many nodes may be evicted at once")
        case ("quotas", *rest):
            yield Effect(Impact.CLIENT_VISIBLE, "clients are slowed down at other rates")
            if rest in ([], ["type"]):
                yield _roll(pair)
        case _:
            yield _roll(pair)


def _authorization(pair: Pair, rest: list[str | int]) -> str:
    if rest[:1] == ["superUsers"]:
        return "who is bound by no ACL changes"
    if pair.new is not None and not pair.new.authorized:
        return "from now on every client may do everything"
    users = len(pair.new.users) if pair.new else 0
    return f"from now on only what ACLs allow: {users} users are declared, all others are refused"


def _tiered(system: System | None) -> bool:
    return system is not None and any(topic.settings.tiered for topic in system.topics)


def _beside_brokers(field: FieldChange) -> Iterator[Effect]:
    """What the Kafka resource says of everything but the brokers."""
    match field.path:
        case ("spec", "entityOperator") | ("spec", "entityOperator", _) if field.after is MISSING:
            text = "from then on nothing that KafkaTopics or KafkaUsers say is done"
            yield Effect(Impact.IGNORED, text)
        case ("spec", "entityOperator", *_):
            yield Effect(Impact.DYNAMIC, "the Entity Operator restarts; brokers do not")
        case ("spec", "cruiseControl"):
            yield from _cruise_control(field)
        case ("spec", "cruiseControl" | "kafkaExporter", *_):
            yield Effect(Impact.DYNAMIC, "its own pod restarts; brokers do not")
        case ("spec", "clusterCa" | "clientsCa", "generateSecretOwnerReference"):
            yield Effect(Impact.NO_EFFECT, "only whether the CA's Secrets go with the Kafka")
        case ("spec", "clusterCa" | "clientsCa", *_):
            text = "takes effect at the next renewal, which restarts every node"
            yield Effect(Impact.DYNAMIC, text)
        case ("spec", "maintenanceTimeWindows", *_):
            yield Effect(Impact.NO_EFFECT, "only when certificates may be renewed")
        case _:
            yield Effect(Impact.DYNAMIC, "the Cluster Operator applies it")


def _configs(pair: Pair, field: FieldChange, rest: list[str | int]) -> Iterator[Effect]:
    """One setting, or all of them where config comes or goes as a whole."""
    if rest:
        yield from _config(pair, str(rest[0]), field)
        return
    sides = [side if isinstance(side, Mapping) else {} for side in (field.before, field.after)]
    for key in sorted({*sides[0], *sides[1]}):
        values = (side.get(key, MISSING) for side in sides)
        yield from _config(pair, str(key), FieldChange((*field.path, key), *values))


def _roll(pair: Pair, why: str = "") -> Effect:
    system = pair.new or pair.old
    pools = system.pools if system else ()
    nodes = ", ".join(f"{pool.name} ({pool.body['spec'].get('replicas', 0)})" for pool in pools)
    return Effect(
        Impact.ROLLING_RESTART, f"{why}every node of {nodes or 'the cluster'} restarts in turn"
    )


def _minor(version: object) -> tuple[int, ...]:
    """`4.3.1` and `4.3-IV0` -> (4, 3)."""
    parts = str(version).partition("-")[0].split(".")[:2]
    return tuple(int(part) for part in parts if part.isdigit())


def _version(pair: Pair, field: FieldChange) -> Iterator[Effect]:
    text = f"Kafka {field.before} to {field.after}"
    if field.before is MISSING or field.after is MISSING:
        yield Effect(Impact.ROLLING_RESTART, f"{text}: without a version the operator chooses")
        return
    before, after = _numbers(field.before), _numbers(field.after)
    metadata = [
        system.spec.get("metadataVersion") for system in (pair.old, pair.new) if system is not None
    ]
    if after < before:
        if any(_minor(each) > after[:2] for each in metadata if each):
            yield Effect(Impact.REFUSED, f"{text}: the metadata version is newer than Kafka"
                         f" {field.after} can read")  # fmt: skip
        else:
            yield _roll(pair, f"{text}, a downgrade: ")
        return
    if after[:2] != before[:2] and len(set(metadata)) > 1:
        yield Effect(Impact.IRREVERSIBLE, "version and metadataVersion rise in one merge: there is no"
                     " way back if the new brokers disappoint; raise metadataVersion in a later"
                     " merge", reversible=False)  # fmt: skip
    yield _roll(pair, f"{text}: ")


def _numbers(version: object) -> tuple[int, ...]:
    return tuple(int(part) for part in str(version).split(".") if part.isdigit())


def _metadata_version(pair: Pair, field: FieldChange) -> Iterator[Effect]:
    text = f"metadataVersion {field.before} to {field.after}"
    version = pair.new.spec.get("version") if pair.new else None
    if field.after is MISSING:
        yield Effect(Impact.IRREVERSIBLE, f"{text}: the operator raises it to the newest by itself",
                     reversible=False)  # fmt: skip
    elif field.before is not MISSING and _minor(field.after) < _minor(field.before):
        yield Effect(Impact.REFUSED, f"{text}: Kafka does not lower it, the Kafka goes NotReady")
    elif version is not None and _minor(field.after) > _minor(version):
        yield Effect(Impact.IGNORED, f"{text}: newer than Kafka {version}; the operator silently keeps"
                     " the current one")  # fmt: skip
    else:
        yield Effect(Impact.IRREVERSIBLE, f"{text}: after it there is no way back to an older Kafka",
                     reversible=False)  # fmt: skip


def _config(pair: Pair, key: str, field: FieldChange) -> Iterator[Effect]:
    system = pair.new or pair.old
    if system is None:
        return
    if system.model.forbidden(key):
        yield Effect(Impact.IGNORED, f"Strimzi drops {key}, with a line in its log only")
        return
    complaint = system.model.complaint("broker", key, field.after)
    if complaint and complaint.what == "value" and field.after is not MISSING:
        yield Effect(Impact.REFUSED, f"{complaint.message}: the Kafka goes NotReady")
        return
    setting = system.model.setting("broker", key)
    if setting is None:
        yield _roll(pair, f"{key} is not Kafka's own, so ")
        return
    old, new = (
        setting.parse_default() if value is MISSING else parsed(setting, value)
        for value in (field.before, field.after)
    )
    if old == new:
        yield Effect(Impact.NO_EFFECT, f"{key} stays {shown(key, new)}: it is Kafka's default")
        return
    text = f"{key} {shown(key, old)} to {shown(key, new)}"
    if setting.update == "read-only":
        yield _roll(pair, f"{text} is read at the start: ")
    else:
        yield Effect(Impact.DYNAMIC, f"{text} ({setting.update}), without a restart")
    yield from _inherited(pair.old, pair.new, key)


def _inherited(old: System | None, new: System | None, key: str) -> Iterator[Effect]:
    """What it means for topics that say nothing of their own, the worst of each kind once."""
    if old is None or new is None:
        return
    if key == "offsets.retention.minutes":
        yield from _offsets(old, new)
    for topic_key in new.model.names("topic"):
        setting = new.model.setting("topic", topic_key)
        if setting is None or key not in [name for name, _ in setting.fields.get("broker", ())]:
            continue
        hit: dict[Impact, list[str]] = {}
        for topic in new.topics:
            before = old.by_topic.get(topic.name)
            if before is None or topic_key in topic.settings.config:
                continue
            for effect in config(topic_key, before.settings, topic.settings, topic.name):
                hit.setdefault(effect.impact, []).append(topic.name)
        for impact, what in _FOR_TOPICS.items():
            if impact in hit:
                names = hit[impact]
                more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
                yield Effect(impact, f"topics without {topic_key} of their own {what}:"
                             f" {', '.join(names[:_SHOWN])}{more}",
                             reversible=impact is not Impact.DATA_LOSS)  # fmt: skip


_FOR_TOPICS = {
    Impact.DATA_LOSS: "lose records",
    Impact.CLIENT_VISIBLE: "serve their clients otherwise",
}


def _offsets(old: System, new: System) -> Iterator[Effect]:
    """How long consumer groups without members keep their positions."""
    before, after = (system.broker("offsets.retention.minutes") for system in (old, new))
    if isinstance(before, int) and isinstance(after, int) and after < before:
        text = f"groups that are stopped for more than {after} minutes lose their positions"
        yield Effect(Impact.DATA_LOSS, text, reversible=False)


def _listener(pair: Pair, field: FieldChange) -> Iterator[Effect]:
    inner = field.path[3:]
    name = inner[0] if inner else "listeners"
    if len(inner) == 1 and field.before is MISSING:
        yield _roll(pair, f"listener {name} is added: ")
    elif len(inner) == 1 and field.after is MISSING:
        yield Effect(
            Impact.CLIENT_VISIBLE, f"listener {name} goes: its clients cannot connect any more"
        )
        yield _roll(pair)
    elif inner[1:2] in (("port",), ("type",), ("tls",), ("authentication",)):
        yield Effect(
            Impact.CLIENT_VISIBLE, f"clients of listener {name} must change at the same moment"
        )
        yield _roll(pair)
    elif inner[1:2] == ("networkPolicyPeers",):
        yield Effect(Impact.CLIENT_VISIBLE, f"who may reach listener {name} changes")
    else:
        yield _roll(pair, f"listener {name}: ")


def _cruise_control(field: FieldChange) -> Iterator[Effect]:
    if field.after is MISSING:
        yield Effect(Impact.DYNAMIC, "Cruise Control goes: topics' replicas can no longer change")
    else:
        yield Effect(
            Impact.ROLLING_RESTART, "Cruise Control comes: brokers restart to report to it"
        )
