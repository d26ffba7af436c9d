"""What is wrong with `offsetResets` beyond their shape: what is missing, clashes, or leads nowhere."""

from collections.abc import Iterator, Mapping

from generator.common.finding import Path, Problem, did_you_mean
from generator.common.units import UnitError, parse_time_ms
from generator.intent.sections import OffsetResetSection
from generator.model.backups import restores
from generator.model.backups.backup_operator import wants_operator
from generator.model.backups.offset_resets import PREFIX, SECTION, said_of, topics_of
from generator.model.backups.problems.restores import taken
from generator.model.backups.problems.shared import above_limits, listener_problems, time_problems
from generator.model.environment import Environment

_WAYS = ("timestamp", "offsets", "snapshot", "mapping")
"""How else than in one word it can be said where to."""


def problems(environment: Environment) -> Iterator[Problem]:
    """All that keeps a reset from being rendered, or from working whatever the topics hold."""
    for name, said in sorted(environment.data.get(SECTION, {}).items()):
        path: Path = (SECTION, name)
        for key, how in (("groups", "with the groups that are moved"), ("to", "with where to")):
            if key not in said:
                yield Problem(path, f"'{key}' is missing", "missing-key", f"add {key}: {how}",
                              on_key=True)  # fmt: skip
        if name in environment.data.get(restores.SECTION, {}):
            yield Problem(path, f"a restore is called '{name}', too, and their snapshots alike",
                          "duplicate-object", "rename one of the two", on_key=True)  # fmt: skip
        yield from _topics(environment, said, path)
        yield from _to(environment, name, said, path)
        yield from listener_problems(environment, path, said.get("listener"))
        yield from above_limits(said.get("resources", {}), (*path, "resources"))
        yield from time_problems(said, path, ("deadline",))
        yield from taken(environment, PREFIX + name, f"the offset reset '{name}'")


def _topics(environment: Environment, said: OffsetResetSection, path: Path) -> Iterator[Problem]:
    for group, topics in topics_of(environment, said).items() if "to" in said else ():
        if not topics:
            place = said["groups"].index(group)
            yield Problem((*path, "groups", place), f"which topics is not said, and no application"
                          f" consumes in the group {group}", "unknown-group", "add topics:")  # fmt: skip
    for index, topic in enumerate(said.get("topics", ())):
        if topic not in environment.topics:
            yield Problem((*path, "topics", index), f"there is no topic '{topic}'", "unknown-topic",
                          did_you_mean(topic, environment.topics))  # fmt: skip


def _to(
    environment: Environment, name: str, said: OffsetResetSection, path: Path
) -> Iterator[Problem]:
    to = said.get("to")
    time = said_of(to or "", "timestamp")
    if time is not None:
        try:
            parse_time_ms(time)
        except UnitError as error:
            yield Problem((*path, "to", "timestamp"), f'"{time}" is not {error}', "wrong-value",
                          f"write {error}")  # fmt: skip
    ways = [each for each in _WAYS if to is not None and not isinstance(to, str) and each in to]
    if to is not None and not isinstance(to, str) and len(ways) != 1:
        yield Problem((*path, "to"), f"it says {' and '.join(ways)}" if ways else "it does not say where to",
                      "wrong-value", f"keep one of {', '.join(_WAYS)}", on_key=True)  # fmt: skip
    if said_of(to or "", "path") is not None and "snapshot" not in ways:
        yield Problem((*path, "to", "path"), "it is the file of a snapshot, and there is none",
                      "no-effect", "drop it, or add snapshot:", on_key=True)  # fmt: skip
    mapped = said_of(to or "", "mapping")
    if mapped is not None and not wants_operator(said):
        yield Problem((*path, "to", "mapping"), "where the records of a restore went is known only while"
                      " it restores", "restore-mapping", f"name the groups at {restores.SECTION}."
                      f"{mapped}.groups, which moves them along")  # fmt: skip
    if said_of(to or "", "snapshot") == name:
        yield Problem((*path, "to", "snapshot"), "its own snapshot is where the groups are before it",
                      "wrong-value", "name the reset or restore that is taken back")  # fmt: skip
    if to is not None and not isinstance(to, str) and "offsets" in to:
        yield from _offsets(environment, said, to["offsets"], (*path, "to", "offsets"))


def _offsets(
    environment: Environment,
    said: OffsetResetSection,
    offsets: Mapping[str, Mapping[str, int]],
    path: Path,
) -> Iterator[Problem]:
    if "topics" in said:
        yield Problem((*path[:2], "topics"), "the offsets name their topics themselves", "no-effect",
                      "drop it", on_key=True)  # fmt: skip
    for topic, partitions in offsets.items():
        if topic not in environment.topics:
            yield Problem((*path, topic), f"there is no topic '{topic}'", "unknown-topic",
                          did_you_mean(topic, environment.topics), on_key=True)  # fmt: skip
            continue
        most = environment.topics[topic].partitions
        for partition in partitions:
            if int(partition) >= most:
                yield Problem((*path, topic, partition), f"{topic} has partitions 0 to {most - 1}",
                              "wrong-value", "drop it", on_key=True)  # fmt: skip
