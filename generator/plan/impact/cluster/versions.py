"""Kafka's version, and that of its metadata, which no revert brings back."""

from collections.abc import Iterator
from typing import Any

from generator.common.changes import MISSING
from generator.common.strimzi import numbers, releases
from generator.common.strimzi_facts import DOWNGRADE_FROM_UNKNOWN, UPGRADE_FROM_UNKNOWN
from generator.plan.change import Effect, FieldChange, Impact
from generator.plan.impact import Pair, short
from generator.plan.impact.cluster.restarts import restarts


def version(pair: Pair, field: FieldChange) -> Iterator[Effect]:
    """Another Kafka.

    Source: Strimzi 1.2.0, KRaftVersionChangeCreator.java:225-290; 0.51.0, KRaftVersionChangeCreator.java:154, and
    0.45.0:142 (what runs has to be in kafka-versions.yaml).
    """
    text = f"Kafka {field.before} to {field.after}"
    if field.before is MISSING or field.after is MISSING:
        yield from restarts(pair, f"{text}: without a version the operator chooses; ")
        return
    before, after = _numbers(field.before), _numbers(field.after)
    taken = UPGRADE_FROM_UNKNOWN if after > before else DOWNGRADE_FROM_UNKNOWN
    if not pair.has(taken) and not _is_listed(before, pair.strimzi):
        yield Effect(Impact.REFUSED, f"{text}: Strimzi {short(pair.strimzi)} does not know Kafka {field.before},"
                     " which runs, and the Kafka goes NotReady")  # fmt: skip
        return
    metadata = [
        system.spec.get("metadataVersion") for system in (pair.old, pair.new) if system is not None
    ]
    unsaid = bool(metadata) and not any(metadata) and after[:2] != before[:2]
    if after < before:
        if unsaid or any(_minor(each) > after[:2] for each in metadata if each):
            yield Effect(Impact.REFUSED, f"{text}: the metadata version is newer than Kafka"
                         f" {field.after} can read")  # fmt: skip
        else:
            yield from restarts(pair, f"{text}, a downgrade: ")
        return
    if unsaid:
        yield Effect(Impact.IRREVERSIBLE, f"{text}: without metadataVersion the operator raises it by itself,"
                     " and there is no way back", reversible=False)  # fmt: skip
    elif after[:2] != before[:2] and len(set(metadata)) > 1:
        yield Effect(Impact.IRREVERSIBLE, "version and metadataVersion rise in one merge: there is no"
                     " way back if the new brokers disappoint; raise metadataVersion in a later"
                     " merge", reversible=False)  # fmt: skip
    yield from restarts(pair, f"{text}: ")


def _is_listed(kafka: tuple[int, ...], strimzi: str) -> bool:
    """Whether a release knows a version of Kafka, if only as one that it had before."""
    had = [each for each in releases() if numbers(each.version) <= numbers(strimzi)]
    return kafka < numbers(releases()[0].kafka[0]) or any(
        kafka == numbers(version) for each in had for version in each.kafka
    )


def metadata_version(pair: Pair, field: FieldChange) -> Iterator[Effect]:
    """Another format of the metadata.

    Source: Strimzi 1.2.0, KRaftMetadataManager.java:80-160 (a safe downgrade is tried),
    KRaftVersionChangeCreator.java; KafkaVersion.java for the default.
    """
    text = f"metadataVersion {field.before} to {field.after}"
    kafka = pair.new.spec.get("version") if pair.new else None
    if _is_default(field, kafka):
        yield Effect(Impact.NO_EFFECT, f"{text}: what Kafka {kafka} has by default")
    elif field.after is MISSING:
        yield Effect(Impact.IRREVERSIBLE, f"{text}: the operator raises it to the newest by itself",
                     reversible=False)  # fmt: skip
    elif field.before is not MISSING and _minor(field.after) < _minor(field.before):
        yield Effect(Impact.IGNORED, f"{text}: a safe downgrade is tried; where Kafka refuses it, all stays as"
                     " it is (Warning MetadataUpdateFailed)")  # fmt: skip
    elif kafka is not None and _minor(field.after) > _minor(kafka):
        yield Effect(Impact.IGNORED, f"{text}: newer than Kafka {kafka}; the operator silently keeps"
                     " the current one")  # fmt: skip
    else:
        yield Effect(Impact.IRREVERSIBLE, f"{text}: after it there is no way back to an older Kafka",
                     reversible=False)  # fmt: skip


def _is_default(field: FieldChange, kafka: Any) -> bool:
    """True when what is written out is the newest that this Kafka has, which it had without a word."""
    return field.before is MISSING and kafka is not None and _minor(field.after) == _minor(kafka)


def _minor(text: Any) -> tuple[int, ...]:
    """`4.3.1` and `4.3-IV0` -> (4, 3)."""
    found = str(text).partition("-")[0].split(".")[:2]
    return tuple(int(part) for part in found if part.isdigit())


def _numbers(text: Any) -> tuple[int, ...]:
    return tuple(int(part) for part in str(text).split(".") if part.isdigit())
