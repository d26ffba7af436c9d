"""`spec.kafka.config`: what is read at the start, what as Kafka runs, and what topics inherit."""

from collections.abc import Iterator
from typing import Any

from generator.common.changes import MISSING
from generator.common.kafka_values import config_text, shown
from generator.common.strimzi_facts import (
    CONTROLLERS_ASKED,
    DOUBLES_AS_NUMBERS,
    MIN_INSYNC_WRITTEN,
    TIERED_CONTROLLERS,
)
from generator.documents.manifest import Manifest
from generator.plan.change import Effect, FieldChange, Impact
from generator.plan.impact import Pair, listed, parts, short
from generator.plan.impact.cluster.restarts import (
    controllers_only,
    pools_of,
    readers_of_unknown,
    restarts,
)
from generator.plan.impact.topic_config import config
from generator.system.config_model import parsed
from generator.system.system import System

OF_CONTROLLERS = {
    "alter.config.policy.class.name", "auto.create.topics.enable", "background.threads",
    "broker.heartbeat.interval.ms", "broker.session.timeout.ms", "connection.failed.authentication.delay.ms",
    "connections.max.idle.ms", "connections.max.reauth.ms", "controlled.shutdown.enable", "controller.socket.timeout.ms",
    "create.topic.policy.class.name", "default.replication.factor", "delete.topic.enable",
    "early.start.listeners", "kafka.metrics.polling.interval.secs", "kafka.metrics.reporters",
    "leader.imbalance.check.interval.seconds",
    "max.connection.creation.rate", "max.connections", "max.connections.per.ip",
    "max.connections.per.ip.overrides", "metadata.log.max.record.bytes.between.snapshots",
    "metadata.log.max.snapshot.interval.ms", "metadata.log.segment.bytes",
    "metadata.log.segment.ms", "metadata.max.idle.interval.ms", "metadata.max.retention.bytes",
    "metadata.max.retention.ms", "metric.reporters", "metrics.num.samples", "metrics.recording.level",
    "metrics.sample.window.ms", "min.insync.replicas", "num.io.threads", "num.network.threads",
    "num.partitions", "offsets.topic.replication.factor", "principal.builder.class", "queued.max.requests", "replica.selector.class",
    "sasl.server.max.receive.size", "server.max.startup.time.ms", "socket.connection.setup.timeout.max.ms",
    "socket.connection.setup.timeout.ms", "socket.listen.backlog.size", "socket.receive.buffer.bytes",
    "socket.request.max.bytes", "socket.send.buffer.bytes", "ssl.cipher.suites", "ssl.enabled.protocols",
    "ssl.protocol", "ssl.secure.random.implementation", "transaction.state.log.min.isr", "transaction.state.log.replication.factor",
    "unclean.leader.election.enable",
}  # fmt: skip
"""What a node that is a controller only restarts for, as far as Strimzi lets anybody say it
(1.2.0, KafkaConfigurationDiff.java, CONTROLLER_RELEVANT_PROPERTIES)."""
_QUORUM = "controller.quorum."
_TIERED = "remote.log.storage.system.enable"
POOLS_OF_THREADS = {
    "background.threads", "log.cleaner.threads", "num.io.threads", "num.network.threads",
    "num.recovery.threads.per.data.dir", "num.replica.fetchers",
    "remote.log.manager.copier.thread.pool.size", "remote.log.manager.expiration.thread.pool.size",
    "remote.log.manager.follower.thread.pool.size",
    "remote.log.reader.threads",
}  # fmt: skip
"""What Kafka at most doubles or halves while it runs (4.3.1, DynamicThreadPool, DataPlaneAcceptor,
LogCleaner, DynamicRemoteLogConfig)."""


def of_config(pair: Pair, field: FieldChange, rest: list[str | int]) -> Iterator[Effect]:
    """One setting, or all of them where config comes or goes as a whole."""
    if rest:
        yield from _setting(pair, str(rest[0]), field)
        return
    for part in parts(field):
        yield from _setting(pair, str(part.path[-1]), part)


def _setting(pair: Pair, key: str, field: FieldChange) -> Iterator[Effect]:
    """One setting.

    Source: Strimzi 1.2.0, KafkaConfiguration.java, KafkaConfigurationDiff.java, KafkaRoller.java:527-545,
    KafkaReconciler.java:731; 0.48.0, KafkaReconciler.java:680-694; Kafka's own models in schemas/kafka/.
    """
    system = pair.new or pair.old
    if system is None:
        return
    if system.model.drops(key, system.spec):
        yield Effect(Impact.IGNORED, f"Strimzi drops {key}, with a line in its log only")
        return
    complaint = system.model.complaint("broker", key, field.after)
    if complaint and complaint.what == "value" and field.after is not MISSING:
        yield Effect(Impact.REFUSED, f"{complaint.message}: the Kafka goes NotReady")
        return
    setting = system.model.setting("broker", key)
    if setting is None:
        own = "" if key.startswith("listener.name.") else " is not Kafka's own, so"
        yield from restarts(pair, f"{key}{own or ':'} ", readers_of_unknown(pair))
        return
    old, new = (
        setting.parse_default() if value is MISSING else parsed(setting, value)
        for value in (field.before, field.after)
    )
    hashed = _hashed(pair, key)
    if old == new:
        yield from _same(pair, key, field, new, hashed)
        return
    text = f"{key} {shown(key, old)} to {shown(key, new)}"
    if setting.update == "read-only":
        why = f"{text} is read at the start: "
        yield from restarts(pair, why, pools_of(pair, _reader(pair, key)))
    elif key in POOLS_OF_THREADS and _leaps(old, new):
        why = f"{text}: Kafka at most doubles or halves it as it runs, so "
        yield from restarts(pair, why, pools_of(pair, _reader(pair, key)))
    elif hashed:
        yield Effect(Impact.DYNAMIC, f"{text} ({setting.update}), without a restart of brokers")
        yield from restarts(pair, f"{key}{_IN_HASH}", hashed)
    else:
        yield Effect(Impact.DYNAMIC, f"{text} ({setting.update}), without a restart")
    yield from _again(pair, key, field, new)
    yield from _inherited(pair.old, pair.new, key)


_IN_HASH = " is hashed onto the pods of controllers: "


def _hashed(pair: Pair, key: str) -> list[Manifest]:
    """The pools that restart for whatever is written of a setting, because a hash of it is part of their pods.

    Source: Strimzi 0.48.0, KafkaReconciler.java:685-694, KafkaConfiguration.controllerConfigsWithValues.
    """
    if pair.has(CONTROLLERS_ASKED) or _reader(pair, key) == "broker":
        return []
    return controllers_only(pair)


def _same(
    pair: Pair, key: str, field: FieldChange, value: object, hashed: list[Manifest]
) -> Iterator[Effect]:
    """A setting that means what it meant before.

    Source: Strimzi 0.48.0, KafkaReconciler.java:685-694, KafkaConfiguration.DEFAULTS.
    """
    again = list(_again(pair, key, field, value))
    if hashed and not (key == "min.insync.replicas" and pair.has(MIN_INSYNC_WRITTEN)):
        yield from restarts(pair, f"{key} stays {shown(key, value)}, but{_IN_HASH}", hashed)
    else:
        stays = f"{key} stays {shown(key, value)}: it is Kafka's default"
        yield from again or (Effect(Impact.NO_EFFECT, stays),)


def _again(pair: Pair, key: str, field: FieldChange, value: object) -> Iterator[Effect]:
    """A double that Kafka writes in another way than people did, where texts are compared.

    Source: Strimzi 0.50.1, KafkaConfigurationDiff.java; 0.51.0, KafkaConfigurationDiff.areDoublesEqual; Java 17,
    Double.toString.
    """
    if pair.has(DOUBLES_AS_NUMBERS) or not isinstance(value, float) or field.after is MISSING:
        return
    system, plain = pair.new or pair.old, 1e-3 <= abs(value) < 1e7
    setting = system.model.setting("broker", key) if system else None
    if not plain or config_text(field.after).strip() == str(value):
        return
    text = f"Strimzi {short(pair.strimzi)} compares texts, and Kafka writes it {value}: "
    if setting is not None and setting.update == "read-only":
        yield Effect(Impact.ROLLING_RESTART, f"{text}brokers restart with every reconciliation")
    else:
        yield Effect(Impact.DYNAMIC, f"{text}it is set anew with every reconciliation")


def _reader(pair: Pair, key: str) -> str:
    """The role of the nodes that restart for a setting; empty for all."""
    if key.startswith(_QUORUM):
        return "controller"
    if key == _TIERED and pair.has(TIERED_CONTROLLERS) and not pair.has(CONTROLLERS_ASKED):
        return ""
    return "" if key in OF_CONTROLLERS else "broker"


def _leaps(old: Any, new: Any) -> bool:
    return isinstance(old, int) and isinstance(new, int) and not old // 2 <= new <= old * 2


def _inherited(old: System | None, new: System | None, key: str) -> Iterator[Effect]:
    """What it means for topics that say nothing of their own, the worst of each kind once.

    Source: Kafka 4.3.1, LogConfig: the broker settings that stand for a topic's (schemas/kafka/).
    """
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
                yield Effect(impact, f"topics without {topic_key} of their own {what}:"
                             f" {listed(hit[impact])}",
                             reversible=impact is not Impact.DATA_LOSS)  # fmt: skip


_FOR_TOPICS = {
    Impact.DATA_LOSS: "lose records",
    Impact.PROTECTION_LOSS: "have acknowledged records on fewer brokers",
    Impact.CLIENT_VISIBLE: "serve their clients otherwise",
}


def _offsets(old: System, new: System) -> Iterator[Effect]:
    """How long consumer groups without members keep their positions.

    Source: Kafka 4.3, GroupCoordinatorConfig.OFFSETS_RETENTION_MINUTES_DOC.
    """
    before, after = (system.broker("offsets.retention.minutes") for system in (old, new))
    if isinstance(before, int) and isinstance(after, int) and after < before:
        text = f"groups that are stopped for more than {after} minutes lose their positions"
        yield Effect(Impact.DATA_LOSS, text, reversible=False)
