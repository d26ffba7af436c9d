"""What is wrong with `backups` beyond its shape: what is missing, clashes, or leads nowhere."""

from collections.abc import Iterator

from generator.common.finding import Path, Problem, did_you_mean
from generator.common.schedule import shifted
from generator.common.time_zones import is_zone, zones
from generator.common.units import parse_duration_ms
from generator.intent.sections import BackupSection
from generator.model.backups.backup_operator import engine_of
from generator.model.backups.backup_topics import EXCLUDED, rights_fit, selected, shards
from generator.model.backups.backups import SECTION, Backup, backup, with_defaults
from generator.model.backups.engines.engine import FULL
from generator.model.backups.labels import PREFIX
from generator.model.backups.problems.shared import (
    above_limits,
    listener_problems,
    schedule_problems,
    size_problems,
    storage_problems,
    time_problems,
)
from generator.model.environment import Environment

_NEEDED = {
    "image": "with the kafka-backup image of your registry",
    "schedule": "with five fields as in cron, such as 0 2 * * *",
    "storage": "with one of pvc, s3, azure and gcs",
}
_LARGEST_BYTES = 900 * 1024
"""What the names of a run's topics may take: a ConfigMap holds 1 MiB, its own words included."""
_LEAST_START_MS = 10_000
"""The controller of CronJobs looks every ten seconds (Kubernetes 1.34, CronJob limitations)."""


def problems(environment: Environment) -> Iterator[Problem]:
    """All that keeps a backup from being rendered, or from working whatever the topics hold.

    Source: kafka-backup-core 0.25.2, backup/prune.rs (within one set only).
    """
    names: dict[str, str] = {}
    for name, section in sorted(environment.data.get(SECTION, {}).items()):
        engine = engine_of(environment, section)
        settings = with_defaults(section, engine)
        path: Path = (SECTION, name)
        for key, how in _NEEDED.items():
            if key not in section and (key != "image" or engine.needs_image):
                yield Problem(path, f"'{key}' is missing", "missing-key", f"add {key}: {how}",
                              on_key=True)  # fmt: skip
        yield from storage_problems(section.get("storage"), (*path, "storage"))
        yield from _schedule(settings, path)
        yield from listener_problems(environment, path, section.get("listener"))
        yield from _amounts(settings, path)
        yield from above_limits(settings["resources"], (*path, "resources"))
        if not engine.drops_sets and settings["mode"] == FULL and "retention" in settings:
            yield Problem((*path, "retention"), "it has no effect in mode full: the engine drops segments"
                          " of its own set only, and every run makes a new one", "no-effect",
                          "let a rule of the bucket delete old sets as a whole, or write mode: incremental",
                          on_key=True)  # fmt: skip
        made = backup(environment, name)
        yield from _topics(environment, settings, path, made)
        for run in made.runs if made else ():
            other = names.setdefault(run.name, name)
            if other != name:
                yield Problem(path, f"'{run.name}' is what a shard of the backup '{other}' is called"
                              if run.name == name else
                              f"its shard '{run.name}' is called as the backup '{other}'",
                              "duplicate-object", "rename one of the two", on_key=True)  # fmt: skip
        user = PREFIX + name
        for users in environment.named(user):
            yield Problem((users, user), f"'{user}' is the user of the backup '{name}', too",
                          "duplicate-user", "rename it", on_key=True)  # fmt: skip


def _schedule(settings: BackupSection, path: Path) -> Iterator[Problem]:
    zone = settings["timeZone"]
    if not is_zone(zone):
        yield Problem((*path, "timeZone"), f"there is no time zone '{zone}'", "wrong-value",
                      did_you_mean(zone, zones()) or "write one such as Europe/Berlin")  # fmt: skip
    text = settings.get("schedule")
    if text is None:
        return
    wrong = list(schedule_problems(text, (*path, "schedule")))
    yield from wrong
    if not wrong and shifted(text, 1, settings["shards"]) is None:
        yield Problem((*path, "shards"), f"'{text}' leaves no minute between {settings['shards']} shards",
                      "wrong-value", "write fewer shards, or a schedule that runs less often")  # fmt: skip


def _amounts(settings: BackupSection, path: Path) -> Iterator[Problem]:
    """Times and sizes that cannot be meant."""
    yield from time_problems(settings, path, ("deadline",), ("startingDeadline",), ("objective",),
                             ("recovery",), ("retention", "age"), ("segments", "interval"))  # fmt: skip
    yield from size_problems(
        settings, path, ("retention", "size"), ("segments", "size"), ("restoreRate",)
    )
    late = settings["startingDeadline"]
    if 1000 <= parse_duration_ms(late) < _LEAST_START_MS:
        yield Problem((*path, "startingDeadline"), f"Kubernetes may look only after {late}, and begin no run",
                      "wrong-value", "write at least 10s")  # fmt: skip


def _topics(
    environment: Environment, settings: BackupSection, path: Path, made: Backup | None
) -> Iterator[Problem]:
    """What it holds, or does not.

    Source: kafka-backup-core 0.25.2, backup/engine.rs (resolve_topics: without names every topic).
    """
    topics = environment.topics
    said = settings.get("topics", {})
    for index, each in enumerate(said.get("include", ())):
        if each in topics and topics[each].backup == EXCLUDED:
            yield Problem((*path, "topics", "include", index), f"{each} says backup: excluded",
                          "wrong-value", "drop one of the two")  # fmt: skip
    if said.get("undeclared") and not any(set(each) & {*"*?"} for each in said.get("include", ())):
        yield Problem((*path, "topics", "undeclared"), "it includes no pattern that one could fit",
                      "no-effect", "add a pattern to include, or drop it")  # fmt: skip
    held = made.topics if made else selected(settings, topics.values())
    if not held:
        yield Problem(path, "it holds no topic, and the engine would take that for all of them",
                      "backup-empty", "name topics, or mark some with backup: required",
                      on_key=True)  # fmt: skip
        return
    if not (said.get("undeclared") or rights_fit(held) or len(held) == len(topics)):
        yield Problem(path, f"a KafkaUser cannot hold the rights on {len(held)} topics", "backup-size",
                      "write several backups, or one that holds every topic", on_key=True)  # fmt: skip
    if len(held) < settings["shards"]:
        yield Problem((*path, "shards"), f"{len(held)} topics cannot be shared by"
                      f" {settings['shards']}", "wrong-value", "write fewer shards")  # fmt: skip
    parts = [run.topics for run in made.runs] if made else shards(held, settings["shards"])
    size = max(sum(len(topic) + 10 for topic in part) for part in parts)
    if size > _LARGEST_BYTES:
        yield Problem(path, f"the names of its topics take {size} bytes; a ConfigMap holds 1 MiB",
                      "backup-size", "write more shards, or several backups", on_key=True)  # fmt: skip
