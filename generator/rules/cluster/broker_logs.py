"""The cluster's own log settings, which every topic has that says nothing, clients' topics among them."""

from collections.abc import Iterator

from generator.common.finding import Path, Severity
from generator.common.units import format_duration_ms
from generator.rules.registry import Flaw, rule
from generator.rules.topics.compaction import KNOWN_POLICIES
from generator.system.system import System

_POLICY = "log.cleanup.policy"
_LAGS = ("log.cleaner.min.compaction.lag.ms", "log.cleaner.max.compaction.lag.ms")
_FLUSHES = ("log.flush.interval.messages", "log.flush.interval.ms")
_NEVER = 2**63 - 1
"""Kafka's own default of both."""
_PREALLOCATE = "log.preallocate"


def _path(key: str) -> Path:
    return ("spec", "kafka", "config", key)


@rule("broker-log-settings")
def settings(system: System) -> Iterator[Flaw]:
    """What the cluster says of its logs' cleaning is what Kafka can do.

    Why: topics that say nothing of their own have it: with an empty log.cleanup.policy nothing is
        ever cleaned, and Kafka refuses every topic whose shortest compaction lag is above its
        longest.
    Fix: write log.cleanup.policy: delete, compact or "compact,delete"; lower
        log.cleaner.min.compaction.lag.ms.
    Source: Kafka 4.3, LogConfig.validateValues; 4.3 documentation, broker configs.
    """
    said = system.broker_config.get(_POLICY)
    if said is not None and str(said) not in KNOWN_POLICIES:
        words = [word.strip() for word in str(said).split(",")]
        if said == "" or all(word in ("delete", "compact") for word in words):
            yield Flaw(_path(_POLICY), f"{_POLICY} is {str(said)!r}", on=system.kafka)
    low, high = (system.broker(key) for key in _LAGS)
    own = next((key for key in _LAGS if key in system.broker_config), None)
    if own and isinstance(low, int) and isinstance(high, int) and high < low:
        message = f"{_LAGS[0]} is {format_duration_ms(low)}, {_LAGS[1]} {format_duration_ms(high)}"
        yield Flaw(_path(own), message, on=system.kafka)


@rule("broker-log-disk", Severity.WARNING)
def disk(system: System) -> Iterator[Flaw]:
    """When and how brokers write logs to their disks is left to the operating system.

    Why: Kafka's durability is replication; to wait for the disk costs every topic most of its
        throughput. Preallocated files help on Windows only.
    Fix: drop the setting; raise min.insync.replicas where records must not be lost.
    Source: Kafka 4.3 documentation, broker configs (log.flush.interval.messages, log.preallocate)
        and "Application vs. OS Flush Management".
    """
    for key in _FLUSHES:
        if key in system.broker_config and system.broker(key) != _NEVER:
            yield Flaw(_path(key), f"{key} makes brokers wait for the disk", on=system.kafka,
                       on_key=True)  # fmt: skip
    if system.broker(_PREALLOCATE) is True:
        yield Flaw(_path(_PREALLOCATE), "every file looks as large as a whole segment",
                   on=system.kafka)  # fmt: skip
