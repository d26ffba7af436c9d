"""Client profiles: what Kafka's clients refuse, and what takes from topics what they promise."""

from collections.abc import Iterator, Mapping
from typing import Any

from generator.common.finding import Severity
from generator.common.units import format_duration_ms
from generator.rules.registry import Flaw, rule
from generator.system.config_model import parsed
from generator.system.effective_settings import UNLIMITED
from generator.system.system import System

_PROFILES = "clientProfiles"
_OFFSETS = "offsets.retention.minutes"
_TIMEOUT = "transaction.timeout.ms"
_MOST_IN_FLIGHT = 5
_CLASSIC_ONLY = ("session.timeout.ms", "heartbeat.interval.ms", "partition.assignment.strategy")
_MIN_ISR = "min.insync.replicas"


def _profiles(system: System, role: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    profiles = system.environment.data.get("clientProfiles", {}) if system.environment else {}
    for name, roles in sorted(profiles.items()):
        settings: Mapping[str, Any] = {**roles}.get(role, {})  # type: ignore[assignment]
        if settings:
            yield name, settings


def _value(system: System, role: str, said: Mapping[str, Any], key: str) -> Any:
    """A client setting's effective value; None when Kafka would refuse it."""
    setting = system.model.setting(role, key)
    if setting is None:
        return None
    return parsed(setting, said[key]) if key in said else setting.parse_default()


def _flaw(name: str, role: str, key: str, message: str, fix: str) -> Flaw:
    return Flaw((_PROFILES, name, role, key), message, fix)


@rule("client-config-refused")
def refused(system: System) -> Iterator[Flaw]:
    """What a client profile says goes together.

    Why: the client does not start: each setting is right, and all of them are refused.
    Fix: write what the message names.
    Source: kafka-clients 4.3.1, ProducerConfig, KafkaProducer.configureDeliveryTimeout, ConsumerConfig
        (measured: each of these is a ConfigException); the same classes of 3.9.1 and 4.0.1 (clients before 4.0 take
        more than five requests in flight where nobody asks for idempotence, and what group.protocol excludes).
    """
    for name, said in _profiles(system, "producer"):
        for key, message, fix in _producer_conflicts(system, said):
            yield _flaw(name, "producer", key, message, fix)
    for name, said in _profiles(system, "consumer"):
        yield from _consumer_conflicts(system, name, said)


def _producer_conflicts(system: System, said: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    def value(key: str) -> Any:
        return _value(system, "producer", said, key)

    flights, acks = "max.in.flight.requests.per.connection", str(value("acks"))
    on = value("enable.idempotence") is True
    asked = (on and "enable.idempotence" in said) or "transactional.id" in said
    # Fewer acks, and no retries, put out what nobody asks for; more in flight are refused all the same.
    usual = "enable.idempotence" not in said and acks in ("all", "-1") and value("retries") != 0
    usual = usual and system.kafka_since("4.0")
    if (asked or usual) and (value(flights) or 0) > _MOST_IN_FLIGHT:
        yield flights, f"{flights} is {value(flights)} with idempotence", f"write {flights}: 5"
    if asked and acks not in ("all", "-1"):
        yield "acks", f"acks is {acks} with idempotence", "write acks: all"
    if asked and value("retries") == 0:
        yield "retries", "retries is 0 with idempotence", "drop retries"
    if "transactional.id" in said and not on:
        yield "enable.idempotence", "there are no transactions without idempotence", "drop it"
    delivery, linger, request = (value(f"{each}.ms") for each in
                                 ("delivery.timeout", "linger", "request.timeout"))  # fmt: skip
    if "delivery.timeout.ms" in said and None not in (delivery, linger, request):
        least = linger + request
        if delivery < least:
            message = (
                f"delivery.timeout.ms is {delivery}; linger.ms and request.timeout.ms are {least}"
            )
            yield "delivery.timeout.ms", message, f"write delivery.timeout.ms: {least} or more"


def _consumer_conflicts(system: System, name: str, said: Mapping[str, Any]) -> Iterator[Flaw]:
    if str(said.get("group.protocol", "")).lower() == "consumer":
        for key in _CLASSIC_ONLY:
            if key in said and system.kafka_since("4.0"):
                yield _flaw(name, "consumer", key, f"{key} cannot be said with group.protocol: consumer",
                            "drop it: the broker decides it for such groups")._replace(on_key=True)  # fmt: skip
        return
    beat, session = (_value(system, "consumer", said, key) for key in
                     ("heartbeat.interval.ms", "session.timeout.ms"))  # fmt: skip
    if None not in (beat, session) and beat >= session:
        key = "heartbeat.interval.ms" if "heartbeat.interval.ms" in said else "session.timeout.ms"
        yield _flaw(name, "consumer", key, f"heartbeat.interval.ms is {beat}, session.timeout.ms {session}",
                    "write a heartbeat.interval.ms of a third of session.timeout.ms")  # fmt: skip


@rule("client-transaction-timeout")
def transaction_timeout(system: System) -> Iterator[Flaw]:
    """A transaction takes no longer than the brokers allow.

    Why: the brokers refuse the producer when it begins (InvalidTxnTimeoutException).
    Fix: lower transaction.timeout.ms, or raise transaction.max.timeout.ms in cluster.config.
    Source: Kafka 4.3 documentation, broker configs (transaction.max.timeout.ms, 15 minutes) and producer
        configs (transaction.timeout.ms).
    """
    most = system.broker("transaction.max.timeout.ms")
    for name, said in _profiles(system, "producer"):
        asked = _value(system, "producer", said, _TIMEOUT) if _TIMEOUT in said else None
        if isinstance(asked, int) and isinstance(most, int) and asked > most:
            yield Flaw((_PROFILES, name, "producer", _TIMEOUT), f"{_TIMEOUT} is"
                       f" {format_duration_ms(asked)}; the brokers allow {format_duration_ms(most)}")  # fmt: skip


@rule("client-acks", Severity.WARNING)
def acks(system: System) -> Iterator[Flaw]:
    """Who writes to a topic waits for as many replicas as the topic promises.

    Why: min.insync.replicas counts for acks=all only; with 0 or 1 a record is acknowledged that the loss
        of one broker loses.
    Fix: write acks: all, or lower minInsyncReplicas of topics that may lose records.
    Source: Kafka 4.3 documentation, topic configs (min.insync.replicas) and producer configs (acks).
    """
    if system.environment is None:
        return
    usual = system.environment.data.get("connection", {}).get("clientProfile", "")
    for name, said in _profiles(system, "producer"):
        if str(said.get("acks", "all")) not in ("0", "1"):
            continue
        for application in system.environment.applications:
            if application.settings.get("clientProfile", usual) != name:
                continue
            topics = (system.by_topic.get(each) for each in application.produces)
            topic = next(
                (each for each in topics if each and each.settings.number(_MIN_ISR) > 1), None
            )
            if topic is not None:
                yield Flaw((_PROFILES, name, "producer", "acks"), f"acks is {said['acks']}, but"
                           f" {application.name} writes to {topic.name}, whose {_MIN_ISR} is"
                           f" {topic.settings.number(_MIN_ISR)}")  # fmt: skip
                break


@rule("offsets-retention", Severity.WARNING)
def offsets_retention(system: System) -> Iterator[Flaw]:
    """A group's offsets stay longer than its consumers may be away.

    Why: the broker forgets the offsets of a group without members; the consumer that comes back begins
        where auto.offset.reset says, and reads all again, or leaves out what it has not seen.
    Fix: raise offsets.retention.minutes in cluster.config above the longest outage.
    Source: Kafka 4.3 documentation, broker configs (offsets.retention.minutes: 7 days);
        GroupCoordinatorConfig.
    """
    minutes = system.broker(_OFFSETS)
    if not isinstance(minutes, int) or not system.consumer_outages_ms:
        return
    away, who = max(system.consumer_outages_ms.values(),
                    key=lambda each: float("inf") if each[0] == UNLIMITED else each[0])  # fmt: skip
    if away == UNLIMITED or away > minutes * 60_000:
        time = "ever" if away == UNLIMITED else format_duration_ms(away)
        yield Flaw(("spec", "kafka", "config", _OFFSETS), f"offsets are forgotten after"
                   f" {format_duration_ms(minutes * 60_000)}, but {who or 'a consumer'} may be away for"
                   f" {time}", on=system.kafka)  # fmt: skip
