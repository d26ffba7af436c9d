"""What `backups:` asks for, with everything filled in that it leaves open.

A section as resolved and the topics that are there -> frozen Backups, each with the runs that share it.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from generator.common.schedule import fault, gaps_s, shifted
from generator.common.strimzi.releases import numbers
from generator.common.units import parse_bytes, parse_duration_ms
from generator.contract.recovery import Rate
from generator.intent.sections import BackupSection, ResourcesSection
from generator.model.backups.backup_operator import engine_of
from generator.model.backups.backup_topics import (
    is_pattern,
    matcher,
    patterns,
    rights_fit,
    selected,
    shards,
)
from generator.model.backups.engines.engine import INCREMENTAL, Engine
from generator.model.backups.labels import PREFIX
from generator.model.backups.storages import Storage, storage_of
from generator.model.connection import login_listener
from generator.model.contributions import Guest
from generator.model.environment import Environment, Listener, once

SECTION: Final = "backups"

GRACE_S = 30
"""How long the engine may take to write down what it holds when it is told to stop."""

_DEFAULTS: BackupSection = {
    "timeZone": "Etc/UTC",
    "suspend": False,
    "compression": {"type": "zstd", "level": 3},
    "segments": {"size": "128Mi", "interval": "1m"},
    "parallelPartitions": 8,
    "consumerGroups": True,
    "requireTopicConfigs": True,
    "shards": 1,
    "deadline": "1h",
    "startingDeadline": "10m",
    "retries": 2,
    "history": {"successful": 1, "failed": 3},
    "resources": {
        "requests": {"cpu": "250m", "memory": "1Gi"},
        "limits": {"cpu": "2", "memory": "2Gi"},
    },
}


@dataclass(frozen=True, slots=True)
class Run:
    """One CronJob of a backup, with the topics that it alone writes."""

    name: str
    """The backup's name, with a number where several share it."""
    schedule: str
    topics: tuple[str, ...]
    include: tuple[str, ...]
    """What the engine is told to take: names, and patterns where undeclared topics are taken, too."""
    exclude: tuple[str, ...]

    @property
    def object_name(self) -> str:
        """The name of its CronJob and its ConfigMap."""
        return PREFIX + self.name


@dataclass(frozen=True, slots=True)
class Backup:
    """One backup; `settings` is its section over the defaults."""

    name: str
    settings: BackupSection
    listener: Listener
    storage: Storage
    topics: tuple[str, ...]
    runs: tuple[Run, ...]
    engine: Engine

    @property
    def resources(self) -> ResourcesSection:
        """What a run may use."""
        return self.engine.resources(self.settings)

    @property
    def user(self) -> str:
        """The KafkaUser as whom it reads, and its ServiceAccount and NetworkPolicy."""
        return PREFIX + self.name

    @property
    def incremental(self) -> bool:
        """True when every run goes on where the last one stopped."""
        return bool(self.settings["mode"] == INCREMENTAL)

    @property
    def named(self) -> bool:
        """True when its user may read topics by their names, and not all that there are.

        What nobody declares has no name here, and a KafkaUser has no room for very many.
        """
        undeclared = self.settings.get("topics", {}).get("undeclared", False)
        return not undeclared and rights_fit(self.topics)

    @property
    def gaps_s(self) -> tuple[int, int]:
        """The shortest and the longest time between the starts of two runs."""
        return gaps_s(self.settings["schedule"]) or (0, 0)

    @property
    def deadline_s(self) -> int:
        """When a run is stopped."""
        return seconds(self.settings["deadline"])

    @property
    def starting_deadline_s(self) -> int:
        """How late a run may begin."""
        return seconds(self.settings["startingDeadline"])

    @property
    def oldest_s(self) -> int:
        """How old the newest backup can be: the longest pause, and a run up to its deadline."""
        return self.gaps_s[1] + self.deadline_s

    @property
    def objective_s(self) -> int:
        """How old it may be: what is asked, or else what the schedule makes it."""
        said = self.settings.get("objective")
        return self.oldest_s if said is None else seconds(said)

    @property
    def recovery_s(self) -> int | None:
        """Within how long all of it has to be back; None where nobody says."""
        said = self.settings.get("recovery")
        return None if said is None else seconds(said)

    @property
    def rate(self) -> Rate:
        """How fast a restore writes it: what drills measured, or else what is assumed."""
        said = self.settings.get("restoreRate")
        return Rate() if said is None else Rate(parse_bytes(said), is_measured=True)

    def backup_id(self, run: Run) -> str:
        """The folder of its set; of a full backup, what the folder of each run begins with."""
        if self.incremental:
            return run.name
        return self.engine.set_prefix(self.name, run.object_name)

    def cron_job(self, run: Run) -> str:
        """The CronJob that starts it; empty when the operator does so itself."""
        return self.engine.cron_job(self.name, run.object_name)

    def claim_namespace(self, environment: Environment) -> str:
        """Where its claim is: with the pods that mount it."""
        return self.engine.claim_namespace(environment)

    def folder(self, run: Run) -> str:
        """Where in the storage the set of a run lies."""
        return "/".join(each for each in (self.storage.prefix, self.backup_id(run)) if each)


def seconds(duration: str) -> int:
    """Whole seconds, rounded up."""
    return -(-parse_duration_ms(duration) // 1000)


@once
def backups(environment: Environment) -> list[Backup]:
    """All backups that can be rendered, by name; what keeps one from it is a problem told elsewhere."""
    found = (_backup(environment, name) for name in sorted(environment.data.get(SECTION, {})))
    return [each for each in found if each is not None]


def backup(environment: Environment, name: str) -> Backup | None:
    """One of them by its name; None when there is none, or something that it needs is wrong."""
    return next((each for each in backups(environment) if each.name == name), None)


def _backup(environment: Environment, name: str) -> Backup | None:
    section = environment.data[SECTION][name]
    engine = engine_of(environment, section)
    settings = with_defaults(section, engine)
    listener = listener_of(environment, name)
    storage = storage_of(environment, name, settings.get("storage", {}))
    schedule = settings.get("schedule", "")
    if listener is None or storage is None:
        return None
    if engine.needs_image and "image" not in settings:
        return None
    if not schedule or fault(schedule) or gaps_s(schedule) is None:
        return None
    topics = selected(settings, environment.topics.values())
    runs = list(_runs(name, settings, topics, environment))
    if not runs:
        return None
    return Backup(name, settings, listener, storage, tuple(topics), tuple(runs), engine)


def by_topic(all_of_them: Iterable[Backup]) -> dict[str, list[Backup]]:
    """Backups by the topics that they hold."""
    found: dict[str, list[Backup]] = {}
    for each in all_of_them:
        for topic in each.topics:
            found.setdefault(topic, []).append(each)
    return found


def with_defaults(section: BackupSection, engine: Engine) -> BackupSection:
    """The section with everything filled in that it leaves open."""
    return {
        **_DEFAULTS,
        "mode": engine.default_mode,
        **section,
        "compression": {**_DEFAULTS["compression"], **section.get("compression", {})},
        "segments": {**_DEFAULTS["segments"], **section.get("segments", {})},
        "history": {**_DEFAULTS["history"], **section.get("history", {})},
    }


def listener_of(environment: Environment, name: str) -> Listener | None:
    """Where a backup reads from: the listener that it names, else the first that fits."""
    return login_listener(environment, environment.data[SECTION][name].get("listener"))


def _runs(
    name: str, settings: BackupSection, topics: list[str], environment: Environment
) -> Iterator[Run]:
    """The CronJobs that share a backup's topics, none of which holds another's."""
    count = settings["shards"]
    parts = shards(topics, count)
    if settings.get("topics", {}).get("undeclared"):
        globs = tuple(each for each in patterns(settings) if is_pattern(each))
        said = settings["topics"].get("exclude", ())
        fits, leaves_out, mine = matcher(globs), matcher(said), {*parts[0]}
        others = {
            topic
            for topic in environment.topics
            if topic not in mine and fits(topic) and not leaves_out(topic)
        }
        out = tuple(sorted({*others, *said}))
    else:
        globs, out = (), ()
    for place, part in enumerate(parts):
        schedule = shifted(settings["schedule"], place, count)
        first = not place
        include = (*part, *globs) if first else tuple(part)
        # Told to include nothing, the engine would take every topic.
        if schedule is not None and include:
            own = name if count == 1 else f"{name}-{place}"
            yield Run(own, schedule, tuple(part), include, out if first else ())


def segment_bytes(settings: BackupSection) -> int:
    """How much of one partition the engine holds before it writes it down."""
    return parse_bytes(settings["segments"]["size"])


def guard_image(environment: Environment, backup: Backup) -> str:
    """The image of the steps that stand around the engine of each run; empty where a backup has none.

    The engines of operators run where nothing of ours can stand beside them.
    """
    said = environment.data.get("verify", {})
    return said.get("image", "") if backup.engine.is_guarded else ""


def waits_for_pods(environment: Environment) -> bool:
    """Whether Kubernetes can wait for the end of a Job's pod before it makes the next.

    Source: Kubernetes 1.34, "Feature Gates" (JobPodReplacementPolicy: on since 1.29).
    """
    said = environment.kubernetes
    return not said or numbers(said) >= (1, 29)


def guests(environment: Environment) -> Iterator[Guest]:
    """The pods that read for backups, through the listener of each."""
    for name, section in environment.data.get(SECTION, {}).items():
        listener = listener_of(environment, name)
        if listener is not None:
            yield Guest(listener, engine_of(environment, section).peer)


def never_healthy(environment: Environment) -> bool:
    """A claim whose volume is made for its first pod stays pending until the first run."""
    sections = environment.data.get(SECTION, {}).values()
    return any("size" in each.get("storage", {}).get("pvc", {}) for each in sections)
