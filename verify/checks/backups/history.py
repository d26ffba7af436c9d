"""Backups: they are of this cluster, of these topics, and of the records that Kafka has."""

import re
from base64 import urlsafe_b64decode
from collections.abc import Iterator
from datetime import UTC, datetime

from generator.contract.report import Outcome, fail, ok, skip
from generator.contract.settings import BackupRun
from verify.checks._words import count, listed
from verify.checks.backups._backups import is_compacted, of_sets
from verify.checks.registry import check
from verify.desired import Desired
from verify.live.backups import Mark
from verify.live.live import BackupSet, Kafka, Live, Located

_BASE_64 = re.compile(r"[A-Za-z0-9+/_-]{22}")
_STAMPED = "LogAppendTime"
_LAST_MS = 253_402_300_800_000
"""After the year 9999 there are no more dates."""


@check("backup-identity", needs=("backups", "kafka.topics"))
def backup_identity(desired: Desired, live: Live) -> Iterator[Outcome]:
    """Every set is one of this cluster and of the topics that it has now.

    Compares: the ids of cluster and topics beside the set, as they were when it was last proved, with those that
        brokers tell. Sets that nobody proved, or an operator wrote, have none.
    Why: the engine looks at names alone. Into the set of another cluster, or of a topic that was deleted since
        and made anew, it writes a second history, and leaves out what has offsets of the first.
    Fix: keep that set, and let the backup begin another one: give it another name, or its storage another
        prefix, in environments/.
    Source: kafka-backup-core 0.25.2, manifest.rs, source_cluster_id; Kafka 4.3, Metadata.
    """

    def judge(_: str, __: BackupRun, found: BackupSet) -> Iterator[Outcome]:
        said, kafka = found.identity, live.kafka
        if found.identity_fault:
            yield fail(f"what is written down of it {found.identity_fault}")
            return
        if said is None or kafka is None:
            yield skip("nobody wrote down of which cluster and topics it is")
            return
        others = sorted(
            name
            for name, id_ in said.topics.items()
            if name in kafka.topics and _plain(id_) != _plain(kafka.topics[name].id)
        )
        if said.cluster_id != kafka.cluster_id:
            yield fail(f"it is of cluster {said.cluster_id}, and this is {kafka.cluster_id}")
        elif others:
            yield fail(f"other topics than those of the backup: {listed(others)}")
        else:
            yield ok(f"cluster {said.cluster_id}, {count(said.topics, 'topic')}")

    yield from of_sets(desired, live, judge)


def _plain(topic_id: str) -> str:
    """A topic's id as hexadecimal digits; Kafka writes it in base 64 as addresses have it, librdkafka with `+` and `/`."""
    if _BASE_64.fullmatch(topic_id):
        return urlsafe_b64decode(topic_id.replace("+", "-").replace("/", "_") + "==").hex()
    return topic_id.replace("-", "").lower()


@check("backup-history", needs=("backups", "kafka.topics", "kafka.ends", "kafka.configs"))
def backup_history(desired: Desired, live: Live) -> Iterator[Outcome]:
    """What was read of the segments is what Kafka has at the same offsets.

    Compares: of segments that were read the first record of the latest time with the first record that
        Kafka has of that time: offset and time have to be the same. What Kafka has deleted or compacted since, and
        topics whose times brokers set, prove nothing.
    Why: the segments of another topic, or of another cluster's topic of the same name, are whole, and their
        restore ends well.
    Fix: keep that set, and let the backup begin another one: give it another name, or its storage another
        prefix, in environments/. Of segments that somebody exchanged get those from before back from the
        bucket's versions.
    Source: kafka-backup-core 0.25.2, segment/format.rs; Kafka 4.3, ListOffsets.
    """

    def judge(_: str, __: BackupRun, found: BackupSet) -> Iterator[Outcome]:
        if live.kafka is None:
            return
        same, other, open_ = 0, [], 0
        for at, marks in sorted(found.integrity.marks.items()):
            for mark in marks:
                told = _told(at, mark, live.kafka)
                verdict = _verdict(at, mark, told, found, live) if told else None
                if told is None or verdict is None:
                    open_ += 1
                elif verdict:
                    same += 1
                else:
                    other.append(f"{at} at {mark.offset} from {_time(mark.time_ms)}, {_is(told)}")
        if other:
            yield fail(f"Kafka has other records: {listed(other)}")
        elif same:
            yield ok(f"{same} of {count(same + open_, 'record')} found again")
        elif open_:
            yield skip(
                f"none of {count(open_, 'record')} can be compared: Kafka has deleted them since,"
                " or brokers set their times"
            )
        else:
            yield skip("no segment was read")

    yield from of_sets(desired, live, judge)


def _told(at: str, mark: Mark, kafka: Kafka) -> Located | None:
    return next((e for e in kafka.located.get(at, ()) if e.asked_ms == mark.time_ms), None)


def _verdict(at: str, mark: Mark, told: Located, found: BackupSet, live: Live) -> bool | None:
    """Whether Kafka has the record; None when that cannot be known."""
    topic, kafka = at.rpartition("-")[0], live.kafka
    ends = kafka.ends.get(at) if kafka else None
    if kafka is None or ends is None or _stamped(topic, kafka):
        return None
    if not ends.first <= mark.offset < ends.end:
        return None  # deleted, or told by backup-coverage
    if told.offset == mark.offset:
        return told.time_ms == mark.time_ms
    if mark.since <= told.offset < mark.offset:
        return False  # there the set has a record that is older
    if 0 <= told.offset < mark.since or is_compacted(topic, found, live):
        return None
    return False


def _stamped(topic: str, kafka: Kafka) -> bool:
    """True where brokers set the times of records, which the engine does not keep."""
    own = kafka.configs.get(topic, {}).get("message.timestamp.type")
    if own is not None:
        return own == _STAMPED
    name = "log.message.timestamp.type"
    settings = [each[name].value for each in kafka.broker_configs.values() if name in each]
    return not settings or _STAMPED in settings


def _is(told: Located) -> str:
    if told.offset < 0:
        return "and Kafka has none of that time"
    return f"and Kafka's is at {told.offset} from {_time(told.time_ms)}"


def _time(time_ms: int) -> str:
    if not 0 <= time_ms < _LAST_MS:
        return f"{time_ms} ms"  # of a producer without a clock
    return f"{datetime.fromtimestamp(time_ms / 1000, UTC):%Y-%m-%d %H:%M:%S} UTC"
