"""Resets of consumer groups' offsets: whose groups they are, and what gets lost or comes twice."""

from collections.abc import Iterator

from generator.common.finding import Path, Severity
from generator.common.units import format_duration_ms
from generator.model.applications import consumes
from generator.model.backups.offset_resets import LATEST, SECTION, OffsetReset, offset_resets
from generator.rules.registry import Flaw, rule
from generator.system.system import System

_DAY_MS = 86_400_000
_RETENTION = "offsets.retention.minutes"


def _resets(system: System) -> list[OffsetReset]:
    return offset_resets(system.environment) if system.environment else []


def _group(reset: OffsetReset, group: str) -> Path:
    return (SECTION, reset.name, "groups", list(reset.settings["groups"]).index(group))


@rule("offset-reset-group", Severity.WARNING)
def group(system: System) -> Iterator[Flaw]:
    """A group is moved on topics that an application consumes in it.

    Why: Kafka takes an offset for any group, and for every topic that there is: with a wrong group the
        Job succeeds, and the application goes on where it was.
    Fix: correct the group or the topic, or suppress this for a group of somebody outside.
    Source: Kafka 4.3, OffsetMetadataManager (an offset may be committed for a group that is not there;
        measured: of an unknown topic it is UNKNOWN_TOPIC_OR_PARTITION).
    """
    known = consumes(system.environment) if system.environment else {}
    for reset in _resets(system):
        for each, topics in reset.topics.items():
            others = [topic for topic in topics if topic not in known.get(each, ())]
            if each not in known:
                yield Flaw(_group(reset, each), f"no application consumes in the group {each}")
            elif others:
                yield Flaw(_group(reset, each), f"the group {each} does not consume {others[0]}")


@rule("offset-reset-latest", Severity.WARNING)
def latest(system: System) -> Iterator[Flaw]:
    """No group is moved past records that it has not processed.

    Why: with to: latest it never sees what lies between; the snapshot knows where to go back to, but
        only as long as the topic keeps the records.
    Fix: move it to a time or to offsets; where the records can be done without, suppress this rule.
    Source: Kafka 4.3, kafka-consumer-groups.sh (--to-latest).
    """
    for reset in _resets(system):
        if reset.settings["to"] == LATEST:
            yield Flaw((SECTION, reset.name, "to"), f"{', '.join(reset.groups)} never processes what is"
                       " there now")  # fmt: skip


@rule("offset-reset-streams")
def streams(system: System) -> Iterator[Flaw]:
    """Groups of Kafka Streams applications are moved by Streams' own tool.

    Why: their state stores and changelog topics stay as they are, so that what is read again is counted
        twice, and what is left out is missing.
    Fix: stop the application and run kafka-streams-application-reset.sh, which resets those as well.
    Source: Kafka 4.3 documentation, "Application Reset Tool".
    """
    if system.environment is None:
        return
    ids = {
        app.settings["streams"].get("applicationId", app.name): app.name
        for app in system.environment.applications
        if "streams" in app.settings
    }
    for reset in _resets(system):
        for each in reset.groups:
            if each in ids:
                yield Flaw(
                    _group(reset, each), f"{each} is the Kafka Streams application {ids[each]}"
                )


@rule("offset-reset-snapshot", Severity.WARNING)
def snapshot(system: System) -> Iterator[Flaw]:
    """The snapshot of a reset is there for at least a day.

    Why: it is kept in groups without members, whose offsets the broker forgets; after that nothing can
        be rolled back.
    Fix: raise offsets.retention.minutes in cluster.config.
    Source: Kafka 4.3 documentation, broker configs (offsets.retention.minutes).
    """
    minutes = system.broker(_RETENTION)
    kept = any(each.engine.keeps_snapshots for each in _resets(system))
    if isinstance(minutes, int) and minutes * 60_000 < _DAY_MS and kept:
        path = ("spec", "kafka", "config", _RETENTION)
        yield Flaw(path, f"snapshots of offsets are forgotten after"
                   f" {format_duration_ms(minutes * 60_000)}", on=system.kafka)  # fmt: skip
