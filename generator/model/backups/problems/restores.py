"""What is wrong with `restores` beyond their shape: what is missing, clashes, or leads nowhere."""

from collections.abc import Iterator

from generator.common.finding import Path, Problem, did_you_mean
from generator.common.units import UnitError, parse_bytes, parse_time_ms
from generator.intent.sections import RestoreSection
from generator.model.backups.backup_quotas import UNTHROTTLED
from generator.model.backups.backups import Backup
from generator.model.backups.engines.engine import FULL
from generator.model.backups.problems.shared import (
    above_limits,
    listener_problems,
    storage_problems,
    time_problems,
)
from generator.model.backups.restores import (
    HEADER_BASED,
    PREFIX,
    SECTION,
    carrier,
    sets_of,
    source_of,
)
from generator.model.environment import Environment

_IDLE = ("timestamp-based", "cluster-scan", "manual")
"""Strategies that the engine knows by name, and for which it does nothing."""


def problems(environment: Environment) -> Iterator[Problem]:
    """All that keeps a restore from being rendered, or from working whatever the topics hold.

    Source: kafka-backup-core 0.25.2, config.rs (checkpoint_storage: beside the set, which one who restores from
    elsewhere may only read; auto_consumer_groups).
    """
    for name, said in sorted(environment.data.get(SECTION, {}).items()):
        path: Path = (SECTION, name)
        source = source_of(environment, said)
        yield from _source(environment, said, path, source)
        yield from _topics(environment, said, path, source)
        yield from _time(said, path)
        yield from _groups(environment, said, path)
        if "backup" not in said or "listener" in said:
            yield from listener_problems(environment, path, said.get("listener"))
        yield from above_limits(said.get("resources", {}), (*path, "resources"))
        yield from time_problems(said, path, ("deadline",))
        unread = ("retries",) in carrier(environment, said).unread_of_restore
        if said.get("retries") and "storage" in said and not unread:
            yield Problem((*path, "retries"), "it is tried once: the engine writes no checkpoint into"
                          " another environment's set", "no-effect", "drop it", on_key=True)  # fmt: skip
        for key in UNTHROTTLED.keys() & said.get("quotas", {}).keys():
            yield Problem((*path, "quotas", key), "a restore that goes on reads what it has written, and"
                          " takes the answer to a throttled fetch for the end of it", "restore-throttled",
                          "drop it; producerByteRate and rateLimit make it slow, and nothing else",
                          on_key=True)  # fmt: skip
        limit = said.get("rateLimit", {})
        if "bytes" in limit and not parse_bytes(limit["bytes"]):
            yield Problem((*path, "rateLimit", "bytes"), "nothing would ever be written",
                          "wrong-value", "write more than 0B")  # fmt: skip
        yield from taken(environment, PREFIX + name, f"the restore '{name}'")


def _source(
    environment: Environment, said: RestoreSection, path: Path, source: Backup | None
) -> Iterator[Problem]:
    """Where it restores from: a backup of this environment, or the set of another one."""
    known = environment.data.get("backups", {})
    if ("backup" in said) == ("storage" in said):
        both = "backup" in said
        yield Problem(path, "it names a backup and a storage" if both else "it names no backup",
                      "restore-source", "keep one of the two" if both else
                      "write backup: with one of this environment; of another one storage: and set:",
                      on_key=True)  # fmt: skip
        return
    if "backup" in said and said["backup"] not in known:
        yield Problem((*path, "backup"), f"there is no backup '{said['backup']}'", "unknown-backup",
                      did_you_mean(said["backup"], known)
                      or "add it to backups:, or write storage: and set:")  # fmt: skip
    if "storage" in said:
        yield from _foreign(said, path)
    elif source is not None:
        full = source.settings["mode"] == FULL
        begins = " or ".join(sorted(f"{source.backup_id(run)}..." for run in source.runs))
        if full and "set" not in said:
            yield Problem(path, "'set' is missing", "missing-key",
                          f"add set: with the run's, {begins}; see the runbook for how to list them",
                          on_key=True)  # fmt: skip
        elif not full and "set" in said:
            yield Problem((*path, "set"), f"{source.name} is incremental: it has one set",
                          "no-effect", "drop it, and write until: for a point in time",
                          on_key=True)  # fmt: skip
        elif full and not any(said["set"].startswith(source.backup_id(run)) for run in source.runs):
            yield Problem((*path, "set"), f"no run of {source.name} makes such a set", "wrong-value",
                          f"write {begins}")  # fmt: skip


def _foreign(said: RestoreSection, path: Path) -> Iterator[Problem]:
    """A set whose backup this environment does not know."""
    yield from storage_problems(said["storage"], (*path, "storage"))
    for key, how in (
        ("set", "with the folder of the set below the prefix"),
        ("image", "with the kafka-backup image of your registry"),
    ):
        if key not in said:
            yield Problem(path, f"'{key}' is missing", "missing-key", f"add {key}: {how}",
                          on_key=True)  # fmt: skip
    if "size" in said["storage"].get("pvc", {}):
        yield Problem((*path, "storage", "pvc", "size"), "a new claim holds no backup", "wrong-value",
                      "write claim: with the one that does", on_key=True)  # fmt: skip


def _topics(
    environment: Environment, said: RestoreSection, path: Path, source: Backup | None
) -> Iterator[Problem]:
    """What is restored, and whereto.

    Source: kafka-backup-core 0.25.2, restore/engine.rs (filter_topics: without names every topic).
    """
    topics = said.get("topics", {})
    if not topics:
        yield Problem(path, "it names no topic, and the engine would take that for all of them",
                      "missing-key", "add topics: with {SOURCE: TARGET}", on_key=True)  # fmt: skip
    sources: dict[str, str] = {}
    held = {topic for each in sets_of(source, said) for topic in each.topics} if source else None
    full_without_set = source is not None and source.settings["mode"] == FULL and not held
    for name, target in sorted(topics.items()):
        here = (*path, "topics", name)
        if held is not None and name not in held and not full_without_set:
            yield Problem(here, f"the backup {said['backup']} does not hold {name}", "unknown-topic",
                          did_you_mean(name, source.topics if source else ()), on_key=True)  # fmt: skip
        if target not in environment.topics and not said.get("createTopics"):
            yield Problem(here, f"there is no topic '{target}'", "unknown-topic",
                          f"add {target} to topics:, with as many partitions as the source, or say"
                          " createTopics: true")  # fmt: skip
        other = sources.setdefault(target, name)
        if other != name:
            yield Problem(here, f"the records of {other} go there, too: nobody could tell them apart",
                          "wrong-value", "give each a topic of its own")  # fmt: skip
    known = [environment.topics[name].partitions for name in topics if name in environment.topics]
    for index, each in enumerate(said.get("partitions", ())):
        if source is not None and len(known) == len(topics) and each >= max(known, default=0):
            yield Problem((*path, "partitions", index), f"none of its topics has a partition {each}",
                          "wrong-value", "drop it")  # fmt: skip


def _time(said: RestoreSection, path: Path) -> Iterator[Problem]:
    times = {}
    for key in ("since", "until"):
        if key in said:
            try:
                times[key] = parse_time_ms(said[key])
            except UnitError as error:
                yield Problem((*path, key), f'"{said[key]}" is not {error}', "wrong-value",
                              f"write {error}")  # fmt: skip
    if len(times) == 2 and times["since"] >= times["until"]:
        yield Problem((*path, "until"), "nothing lies between since and until", "restore-window",
                      "write a time after since")  # fmt: skip


def _groups(environment: Environment, said: RestoreSection, path: Path) -> Iterator[Problem]:
    """The groups that move along.

    Source: kafka-backup-core 0.25.2, config.rs (consumer_group_strategy), restore/offset_reset.rs (what groups
    have committed is asked of the cluster that is written to).
    """
    groups = said.get("groups", {})
    ours = "backup" in said and not carrier(environment, said).group
    if groups.get("names") and ours and "image" not in environment.data.get("verify", {}):
        yield Problem((*path, "groups", "names"), "nothing could let them follow: verify says no image",
                      "missing-key", "add verify: {image: ..., owner: ...} with the strimzi-verify image",
                      on_key=True)  # fmt: skip
    if groups.get("names") and ours and said.get("stripHeaders"):
        yield Problem((*path, "stripHeaders"), "groups are to follow, and it takes away by what they do",
                      "wrong-value", "drop it, or drop groups", on_key=True)  # fmt: skip
    strategy = groups.get("strategy")
    if strategy in _IDLE:
        yield Problem((*path, "groups", "strategy"), f"the engine does nothing for {strategy}",
                      "no-effect", "drop it, and name the groups that shall move along")  # fmt: skip
    elif strategy == HEADER_BASED and said.get("stripHeaders"):
        yield Problem((*path, "stripHeaders"), "strategy header-based adds what it takes away",
                      "no-effect", "drop one of the two", on_key=True)  # fmt: skip
    if "image" in groups and "names" not in groups:
        yield Problem((*path, "groups", "image"), "there is no group whose snapshot it could take",
                      "no-effect", "drop it, or name groups", on_key=True)  # fmt: skip
    if groups.get("names") and said.get("backup") is None:
        yield Problem((*path, "groups", "names"), "where groups of another environment were is not"
                      " known here: the engine asks the cluster that it writes to", "wrong-value",
                      "drop them, and move the groups with offsetResets:", on_key=True)  # fmt: skip


def taken(environment: Environment, user: str, whose: str) -> Iterator[Problem]:
    """Another user of the same name."""
    for section in environment.named(user):
        yield Problem((section, user), f"'{user}' is the user of {whose}, too", "duplicate-user",
                      "rename it", on_key=True)  # fmt: skip
