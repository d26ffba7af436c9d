"""What is wrong with the `drill` of a backup beyond its shape."""

from collections.abc import Iterator

from generator.common.finding import Path, Problem, did_you_mean
from generator.intent.sections import DrillSection
from generator.model.backups.backups import SECTION, Backup, backup
from generator.model.backups.drills import KEY, PREFIX, SCRATCH, scratch_prefix
from generator.model.backups.problems.restores import taken
from generator.model.backups.problems.shared import above_limits, schedule_problems, time_problems
from generator.model.environment import Environment

_LONGEST = 249
"""Characters that a topic's name may have."""


def problems(environment: Environment) -> Iterator[Problem]:
    """All that keeps a drill from being rendered, or from working whatever the topics hold.

    Source: Kubernetes 1.34, CronJob (a container without an image is refused).
    """
    drilled = False
    for name, section in sorted(environment.data.get(SECTION, {}).items()):
        said = section.get(KEY)
        if said is None:
            continue
        drilled = True
        path: Path = (SECTION, name, KEY)
        if "schedule" not in said:
            yield Problem(path, "'schedule' is missing", "missing-key",
                          "add schedule: with five fields as in cron, such as 30 5 * * 1",
                          on_key=True)  # fmt: skip
        else:
            yield from schedule_problems(said["schedule"], (*path, "schedule"))
        if "image" not in environment.data.get("verify", {}):
            yield Problem(path, "nothing could compare what is restored: verify says no image",
                          "missing-key", "add verify: {image: ..., owner: ...} with the strimzi-verify image",
                          on_key=True)  # fmt: skip
        yield from above_limits(said.get("resources", {}), (*path, "resources"))
        yield from time_problems(said, path, ("deadline",))
        yield from taken(environment, PREFIX + name, f"the drill of the backup '{name}'")
        source = backup(environment, name)
        if source is not None and "image" not in source.settings:
            # An operator has an engine inside; a drill is a CronJob of its own.
            yield Problem((SECTION, name), "'image' is missing: the drill runs the engine itself",
                          "missing-key", "add image: with the kafka-backup image of your registry",
                          on_key=True)  # fmt: skip
        if source is not None:
            yield from _topics(source, said, path)
    if drilled:
        yield from _reserved(environment)


def _topics(source: Backup, said: DrillSection, path: Path) -> Iterator[Problem]:
    topics = said.get("topics", ())
    if not isinstance(topics, int):
        for index, topic in enumerate(topics):
            if topic not in source.topics:
                yield Problem((*path, "topics", index), f"the backup does not hold {topic}",
                              "unknown-topic", did_you_mean(topic, source.topics))  # fmt: skip
    prefix = scratch_prefix(source.name)
    for topic in source.topics:
        if len(prefix + topic) > _LONGEST:
            yield Problem(path, f"{prefix}{topic} is longer than a topic's name may be",
                          "wrong-value", "rename the backup, or name topics with shorter names",
                          on_key=True)  # fmt: skip
            break


def _reserved(environment: Environment) -> Iterator[Problem]:
    for topic in environment.topics.values():
        if topic.name.startswith(SCRATCH):
            yield Problem(topic.path, f"drills delete topics that begin with '{SCRATCH}'",
                          "reserved-name", "rename the topic", on_key=True)  # fmt: skip
