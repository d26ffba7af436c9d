"""What backups hold, how old they become, and whether what they drop or miss can be done without."""

from collections.abc import Iterator

from generator.common.finding import Path, Severity, did_you_mean
from generator.common.units import format_duration_ms, parse_duration_ms
from generator.model.acls import acls_of_backup
from generator.model.backups.backup_quotas import UNTHROTTLED
from generator.model.backups.backup_topics import is_pattern, matcher
from generator.model.backups.backups import SECTION, Backup
from generator.model.backups.engines.engine import INCREMENTAL
from generator.rules._place import flaw_of, said_at
from generator.rules._rights import rights_flaws
from generator.rules.registry import Flaw, rule
from generator.system.effective_settings import UNLIMITED, TopicSettings
from generator.system.system import System, SystemTopic, User

_SHOWN = 3
_REMOTE_WAIT = "remote.fetch.max.wait.ms"
_REMOTE_WAIT_MS = 10_000
"""More than an object store takes for anything, and less than the engine waits (60 s) and consumers do."""


def _at(backup: Backup, *keys: str | int) -> Path:
    return (SECTION, backup.name, *keys)


def _time(seconds: int) -> str:
    return format_duration_ms(seconds * 1000)


def _list_of(names: list[str]) -> str:
    more = len(names) - _SHOWN
    return ", ".join(names[:_SHOWN]) + (f" and {more} more" if more > 0 else "")


@rule("backup-pattern-unmatched")
def pattern_unmatched(system: System) -> Iterator[Flaw]:
    """Every name and pattern that a backup includes or excludes fits a topic.

    Why: the engine says nothing of a pattern that fits nothing: the run succeeds, and what was meant is
        not in it; with a misspelt exclusion, what was to stay out is.
    Fix: correct it, or drop it.
    Source: kafka-backup-core 0.25.2, backup/engine.rs (resolve_topics; only literal names are missed).
    """
    environment = system.environment
    if environment is None:
        return
    for name, section in sorted(environment.data.get(SECTION, {}).items()):
        said = section.get("topics", {})
        included, excluded = said.get("include", ()), said.get("exclude", ())
        for key, globs in (("include", included), ("exclude", excluded)):
            for index, each in enumerate(globs):
                if said.get("undeclared") and is_pattern(each):
                    continue  # it may fit what nobody declares
                if each in environment.topics or any(map(matcher([each]), environment.topics)):
                    continue
                fix = "" if is_pattern(each) else did_you_mean(each, environment.topics)
                yield Flaw((SECTION, name, "topics", key, index), f"no topic fits '{each}'", fix)


@rule("backup-required-topic")
def required_topic(topic: SystemTopic) -> Iterator[Flaw]:
    """What says `backup: required` is in a backup.

    Why: whoever wrote it counts on it, and would learn of the gap on the day of the restore.
    Fix: include the topic in a backup, or have one take all that is required (topics.required: true).
    Source: the policy of this project.
    """
    if topic.intent is None or topic.intent.backup != "required":
        return
    holding = topic.system.backups_of_topic.get(topic.name, ())
    if not holding:
        yield Flaw(("backup",), "no backup holds it")


@rule("backup-stopped", Severity.WARNING)
def stopped(system: System) -> Iterator[Flaw]:
    """Backups run.

    Why: one that was stopped for an incident stays stopped until somebody remembers it.
    Fix: drop suspend: true once the incident is over.
    Source: the policy of this project.
    """
    for each in system.backups:
        if each.settings["suspend"]:
            yield Flaw((SECTION, each.name, "suspend"), f"no run of {each.name} begins")


@rule("backup-objective")
def objective(system: System) -> Iterator[Flaw]:
    """A backup is renewed before it is older than its objective.

    Why: just before a run ends, the newest good backup is as old as the longest pause of the schedule
        and the run together; what was written since is lost with the cluster.
    Fix: run it more often, lower the deadline, or promise less.
    Source: Kubernetes 1.34, CronJob; kafka-backup-core 0.25.2 (a run holds what was there at its start).
    """
    for backup in system.backups:
        if backup.objective_s < backup.oldest_s:
            longest = _time(backup.gaps_s[1])
            yield Flaw(_at(backup, "objective"),
                       f"it may be {_time(backup.oldest_s)} old: {longest} between two runs, and a run"
                       f" of up to {_time(backup.deadline_s)}")  # fmt: skip


@rule("backup-deadline-overlap")
def deadline_overlap(system: System) -> Iterator[Flaw]:
    """A run has ended, or is stopped, before the next one begins.

    Why: with concurrencyPolicy Forbid the next run is left out, so that one run that hangs costs two;
        with another policy two would write to one set, which the engine cannot lock.
    Fix: write a deadline below the shortest pause of the schedule, or run it less often.
    Source: Kubernetes 1.34, CronJob (concurrencyPolicy); kafka-backup-core 0.25.2 (no lock in storage).
    """
    for backup in system.backups:
        shortest = backup.gaps_s[0]
        if backup.engine.stops_runs and backup.deadline_s >= shortest:
            where = said_at(system, backup, ("deadline",), ("schedule",))
            yield Flaw(where, f"a run may take {_time(backup.deadline_s)}, and the next begins after"
                       f" {_time(shortest)}")  # fmt: skip


@rule("backup-source-retention")
def source_retention(topic: SystemTopic) -> Iterator[Flaw]:
    """A topic keeps its records until a backup holds them.

    Why: what the topic deletes between two runs is in no backup; the engine notes a gap and succeeds.
    Fix: run the backup more often, or raise the topic's retention or its size.
    Source: kafka-backup-core 0.25.2, manifest.rs (gaps); Kafka 4.3, retention.ms and retention.bytes.
    """
    holding = topic.system.backups_of_topic.get(topic.name)
    settings = topic.settings
    if not holding or not settings.deletes:
        return
    best = min(holding, key=lambda each: each.oldest_s)
    needed = best.oldest_s * 1000
    retention = settings.number("retention.ms")
    if retention != UNLIMITED and retention < needed:
        yield flaw_of(settings, f"records stay {format_duration_ms(retention)}, but the backup"
                      f" {best.name} may need {format_duration_ms(needed)}", "retention.ms")  # fmt: skip
        return
    held = _held_ms(settings)
    if held is not None and held < needed:
        yield flaw_of(settings, f"at its throughput it is full after {format_duration_ms(held)}, but the"
                      f" backup {best.name} may need {format_duration_ms(needed)}", "retention.bytes")  # fmt: skip


def _held_ms(settings: TopicSettings) -> int | None:
    """How long a bound of size holds records at the declared throughput, in whole minutes."""
    rate = settings.intent.throughput_bytes if settings.intent else None
    size = settings.number("retention.bytes")
    if not rate or size == UNLIMITED:
        return None
    return size * settings.partitions // rate // 60 * 60_000


@rule("backup-compaction-lag", Severity.INFO)
def compaction_lag(topic: SystemTopic) -> Iterator[Flaw]:
    """A compacted topic in a backup keeps every version of a key until a backup holds it.

    Why: versions that compaction removes between two runs are in no backup, so that a restore to a point
        in time finds the keys as they were at the last run.
    Fix: write config: {min.compaction.lag.ms: ...} above the pause between two runs where every version
        counts; where the latest value is enough, this can be ignored.
    Source: Kafka 4.3 documentation, topic configs (min.compaction.lag.ms).
    """
    holding = topic.system.backups_of_topic.get(topic.name)
    if not holding or not topic.settings.compacts:
        return
    needed = min(each.oldest_s for each in holding) * 1000
    lag = topic.settings.number("min.compaction.lag.ms")
    if lag < needed:
        yield flaw_of(topic.settings, f"versions of a key stay at least {format_duration_ms(lag)}, and"
                      f" backups are up to {format_duration_ms(needed)} apart",
                      "min.compaction.lag.ms", "cleanup.policy")  # fmt: skip


@rule("backup-retention-compacted")
def retention_compacted(system: System) -> Iterator[Flaw]:
    """A backup that drops old segments holds no topic that keeps its records for ever.

    Why: the only record of a key may be years old; once its segment is dropped, a restore has lost a
        key that the topic still has.
    Fix: drop retention, or move compacted and unlimited topics to a backup of their own without one.
    Source: kafka-backup-core 0.25.2, backup/prune.rs (segments go by their age, whatever is in them).
    """
    for backup in _that_drop(system):
        kept = [name for name, settings in _held(system, backup)
                if not settings.deletes or settings.number("retention.ms") == UNLIMITED]  # fmt: skip
        if kept:
            yield Flaw(_at(backup, "retention"), "it drops segments, and holds topics that keep records"
                       f" for ever: {_list_of(kept)}", on_key=True)  # fmt: skip


@rule("backup-retention-short")
def retention_short(system: System) -> Iterator[Flaw]:
    """Segments stay longer than the topics' own records, and than a backup becomes old.

    Why: a restore would bring back less than the topic has; and before a run ends, nearly nothing.
    Fix: raise retention.age, or drop it.
    Source: kafka-backup-core 0.25.2, config.rs (RetentionOptions.max_age).
    """
    for backup in _that_drop(system):
        if "age" not in backup.settings["retention"]:
            continue
        age = parse_duration_ms(backup.settings["retention"]["age"])
        where = _at(backup, "retention", "age")
        if age < backup.objective_s * 1000:
            yield Flaw(where, f"it drops what is {format_duration_ms(age)} old, and may itself be"
                       f" {_time(backup.objective_s)} old")  # fmt: skip
            continue
        longer = [name for name, settings in _held(system, backup)
                  if settings.deletes and settings.number("retention.ms") > age]  # fmt: skip
        if longer:
            yield Flaw(where, f"it drops what is {format_duration_ms(age)} old, and holds topics that"
                       f" keep records longer: {_list_of(longer)}")  # fmt: skip


def _that_drop(system: System) -> Iterator[Backup]:
    for backup in system.backups:
        if "retention" in backup.settings and backup.settings["mode"] == INCREMENTAL:
            yield backup


def _held(system: System, backup: Backup) -> Iterator[tuple[str, TopicSettings]]:
    for name in backup.topics:
        if name in system.by_topic:
            yield name, system.by_topic[name].settings


@rule("backup-throttled")
def throttled(user: User) -> Iterator[Flaw]:
    """No quota holds a backup up.

    Why: the engine takes the empty answer to a fetch that is throttled for the end of the partition: the
        run succeeds, says that all targets were reached, and what it had not read yet is not in the set.
    Fix: drop the override of its quotas; with quotas of type strimzi, name its principal under
        cluster.quotas.excludedPrincipals.
    Source: kafka-backup-core 0.25.2, backup/engine.rs ("no records and no progress"), and Kafka 4.3.1,
        KafkaApis (a throttled fetch is answered without records); measured.
    """
    if not user.backs_up:
        return
    cluster = user.system.spec.get("quotas") or {}
    if cluster.get("type") == "strimzi":
        principal = f"User:{user.principal}"
        if "consumerByteRate" in cluster and principal not in cluster.get("excludedPrincipals", ()):
            yield Flaw(("spec", "kafka", "quotas", "consumerByteRate"),
                       f"it throttles the backup that {principal} reads", on=user.system.kafka)  # fmt: skip
        return
    for key, unbounded in UNTHROTTLED.items():
        rate = user.quotas.get(key, cluster.get(key, unbounded))
        if rate < unbounded:
            yield Flaw(("spec", "quotas", key), f"{key} is {rate}, which cuts its backups short")


@rule("backup-tiered-wait")
def tiered_wait(system: System) -> Iterator[Flaw]:
    """Brokers wait for the object store before they tell a backup that there is nothing.

    Why: a fetch that the store does not answer in time comes back empty, and the engine takes that for
        the end of the partition: the run succeeds without what is not on the brokers' disks.
    Fix: write remote.fetch.max.wait.ms: 20000 under cluster.config; Kafka's own is half a second.
    Source: kafka-backup-core 0.25.2, backup/engine.rs ("no records and no progress"), and Kafka 4.3.1,
        DelayedRemoteFetch; measured.
    """
    held = [name for name in sorted(system.backups_of_topic)
            if name in system.by_topic and system.by_topic[name].settings.tiered]  # fmt: skip
    wait_ms = system.broker(_REMOTE_WAIT)
    if held and isinstance(wait_ms, int) and wait_ms < _REMOTE_WAIT_MS:
        yield Flaw(("spec", "kafka", "config", _REMOTE_WAIT),
                   f"{_REMOTE_WAIT} is {wait_ms}, and backups hold tiered topics ({_list_of(held)})",
                   on=system.kafka)  # fmt: skip


@rule("backup-rights")
def rights(system: System) -> Iterator[Flaw]:
    """A backup may read everything that it is to hold.

    Why: the engine stops at a topic that it may not read; groups that it may not see are only a warning in
        its log, and their offsets are in no backup.
    Fix: drop what changes its KafkaUser in overrides.
    Source: kafka-backup-core 0.25.2, backup/engine.rs (on_missing_topic, snapshot_consumer_groups); measured.
    """
    for backup in system.backups:
        yield from rights_flaws(system, backup.user, acls_of_backup(backup))
