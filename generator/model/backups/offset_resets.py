"""What `offsetResets:` asks for, with everything filled in that it leaves open.

A section as resolved and what applications consume -> frozen OffsetResets. The snapshot of a group is a
group of its own in Kafka, so that it outlives the pod whatever storage there is. With `engine: operator`
it is an order to kafka-backup-operator, which keeps no snapshot.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final, Literal

from generator.common.units import parse_time_ms, with_milliseconds
from generator.intent.sections import OffsetResetSection, OffsetResetToSection, ResourcesSection
from generator.model.applications import consumes
from generator.model.approvals import RUN, approved
from generator.model.backups.backup_operator import engine_of, wants_operator
from generator.model.backups.backups import seconds
from generator.model.backups.engines.engine import Engine
from generator.model.backups.labels import LABEL_OF_RESET
from generator.model.connection import login_listener
from generator.model.contributions import Guest, Waiting
from generator.model.environment import Environment, Listener, once

SECTION: Final = "offsetResets"
RESET, ROLLBACK = "KafkaOffsetReset", "KafkaOffsetRollback"
PREFIX = "offsets-"
"""What the names of everything that is rendered for a reset begin with, but for the order itself."""
LABEL = LABEL_OF_RESET
EARLIEST, LATEST = "earliest", "latest"

_DEFAULTS: OffsetResetSection = {"parallelism": 1, "deadline": "30m"}
RESOURCES: ResourcesSection = {
    "requests": {"cpu": "250m", "memory": "256Mi"},
    "limits": {"cpu": "1", "memory": "512Mi"},
}
"""What one of Kafka's own tools needs."""


@dataclass(frozen=True, slots=True)
class OffsetReset:
    """One reset; `settings` is its section over the defaults."""

    name: str
    settings: OffsetResetSection
    listener: Listener
    topics: Mapping[str, tuple[str, ...]]
    """On which topics each group is moved."""
    approved: bool
    engine: Engine
    """What carries it out."""

    @property
    def job(self) -> str:
        """Its Job, its KafkaUser, ServiceAccount and NetworkPolicy."""
        return PREFIX + self.name

    @property
    def kind(self) -> str:
        """What an operator is ordered to do."""
        return kind_of(self.settings)

    @property
    def object(self) -> str:
        """What its approval names."""
        return self.engine.order(self.kind, PREFIX, self.name)

    @property
    def is_there(self) -> bool:
        """True when something of it is rendered: an operator would not wait for the approval."""
        return self.engine.waits or self.approved

    @property
    def groups(self) -> tuple[str, ...]:
        """The groups that are moved, sorted."""
        return tuple(sorted(self.topics))

    @property
    def all_topics(self) -> list[str]:
        """The topics of all groups, sorted."""
        return sorted({each for topics in self.topics.values() for each in topics})

    @property
    def shares(self) -> list[tuple[str, ...]]:
        """The groups of each pod; none is without any."""
        count = min(self.settings["parallelism"], len(self.groups))
        return [self.groups[place::count] for place in range(count)]

    @property
    def rolls_back(self) -> str:
        """The reset or restore whose snapshot is taken back; empty when there is none."""
        return said_of(self.settings["to"], "snapshot") or ""

    @property
    def path(self) -> str:
        """The file of that snapshot in the operator's pod; empty when there is none."""
        return said_of(self.settings["to"], "path") or ""

    @property
    def mapping(self) -> str:
        """The restore that has written down which offset became which; empty when none is named."""
        return said_of(self.settings["to"], "mapping") or ""

    @property
    def offsets(self) -> Mapping[str, Mapping[str, int]]:
        """The offsets that are said one by one, by topic and partition."""
        to = self.settings["to"]
        return {} if isinstance(to, str) else to.get("offsets", {})

    @property
    def time(self) -> str:
        """The time to go to, as Kafka's tool reads it; empty when there is none."""
        said = said_of(self.settings["to"], "timestamp")
        return "" if said is None else with_milliseconds(said)

    @property
    def time_ms(self) -> int | None:
        """The same in milliseconds since 1970."""
        said = said_of(self.settings["to"], "timestamp")
        return None if said is None else parse_time_ms(said)

    @property
    def image(self) -> str:
        """The image with Kafka's own tools."""
        return self.settings["image"]

    @property
    def deadline_s(self) -> int:
        """When it is stopped."""
        return seconds(self.settings["deadline"])


@once
def offset_resets(environment: Environment) -> list[OffsetReset]:
    """All resets that can be rendered, by name; what keeps one from it is a problem told elsewhere."""
    found = (offset_reset(environment, name) for name in sorted(environment.data.get(SECTION, {})))
    return [each for each in found if each is not None]


def offset_reset(environment: Environment, name: str) -> OffsetReset | None:
    """One reset; None when something that it needs is missing or wrong."""
    said = environment.data[SECTION][name]
    listener = login_listener(environment, said.get("listener"))
    topics = topics_of(environment, said)
    if listener is None or not topics or not all(topics.values()) or "to" not in said:
        return None
    engine = engine_of(environment, said)
    if said_of(said["to"], "mapping") is not None and not wants_operator(said):
        return None
    settings: OffsetResetSection = {
        **_DEFAULTS,
        "image": kafka_image(environment),
        "resources": RESOURCES,
        **said,
    }
    may = approved(environment, object_of(environment, name), RUN)
    return OffsetReset(name, settings, listener, topics, may, engine)


def kind_of(said: OffsetResetSection) -> str:
    """What an operator is ordered to do: to move groups, or to move them back."""
    return RESET if said_of(said.get("to", ""), "snapshot") is None else ROLLBACK


def object_of(environment: Environment, name: str) -> str:
    """What the approval of a reset names: its Job, or the order to the operator that it is."""
    said = environment.data[SECTION][name]
    return engine_of(environment, said).order(kind_of(said), PREFIX, name)


def topics_of(environment: Environment, said: OffsetResetSection) -> dict[str, tuple[str, ...]]:
    """The topics on which each group is moved: those said, else those that it consumes.

    What a restore has written down is about the topics into which it restored.
    """
    to = said.get("to", "")
    named: Iterable[str] | None = said.get("topics")
    if not isinstance(to, str) and "offsets" in to:
        named = to["offsets"]
    if named is None and wants_operator(said):
        restored = environment.data.get("restores", {}).get(said_of(to, "mapping") or "", {})
        named = [*restored.get("topics", {}).values()] or None
    known = consumes(environment)
    return {
        group: tuple(sorted(named if named is not None else known.get(group, ())))
        for group in sorted(said.get("groups", ()))
    }


def said_of(
    to: str | OffsetResetToSection, word: Literal["timestamp", "snapshot", "path", "mapping"]
) -> str | None:
    """One of the ways to say where to; None when it is another one."""
    return None if isinstance(to, str) else to.get(word)


def snapshot_of(name: str, group: str) -> str:
    """The group that keeps where a group was before a reset or a restore of this name."""
    return f"{snapshot_prefix(name)}{group}"


def snapshot_prefix(name: str) -> str:
    """What the names of all snapshots of a reset or a restore begin with."""
    return f"snapshot.{name}."


def kafka_image(environment: Environment) -> str:
    """Strimzi's own image of the cluster's Kafka."""
    strimzi = environment.data.get("strimzi", {})["version"]
    return f"quay.io/strimzi/kafka:{strimzi}-kafka-{environment.cluster.kafka_version}"


def known_groups(environment: Environment) -> Iterable[str]:
    """The groups in which applications of the intent consume."""
    return consumes(environment).keys()


def guests(environment: Environment) -> Iterator[Guest]:
    """The pods of resets, while they may come."""
    for each in offset_resets(environment):
        if each.is_there:
            yield Guest(each.listener, each.engine.peer)


def waiting(environment: Environment) -> Iterator[Waiting]:
    """Every reset of the intent."""
    for name in environment.data.get(SECTION, {}):
        yield Waiting(name, object_of(environment, name), RUN, PREFIX)


def never_healthy(environment: Environment) -> bool:
    """A Job that is suspended; an order to an operator where Argo CD has a health check of it."""
    return any(each.is_there for each in offset_resets(environment))
