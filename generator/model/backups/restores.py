"""What `restores:` asks for, with everything filled in that it leaves open.

A section as resolved and the backups that are there -> frozen Restores, each with the sets that it reads.
A restore is a Job that waits until an approval names it, or an order to the operator that has made the
backup; how either waits stands in approvals.py.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from generator.common.units import parse_time_ms
from generator.contract.restore import ALL_GROUPS
from generator.intent.sections import ResourcesSection, RestoreSection
from generator.model.approvals import PURGE, RUN, approved
from generator.model.backups.backup_operator import engine_of
from generator.model.backups.backup_topics import is_pattern, matcher
from generator.model.backups.backups import SECTION as BACKUPS
from generator.model.backups.backups import Backup, Run, backup, seconds
from generator.model.backups.engines import CRON_JOB
from generator.model.backups.engines.engine import FULL, Engine
from generator.model.backups.labels import LABEL_OF_RESTORE
from generator.model.backups.storages import Storage, storage_of
from generator.model.connection import login_listener
from generator.model.contributions import Guest, Waiting
from generator.model.environment import Environment, Listener, once

SECTION: Final = "restores"
KIND = "KafkaRestore"
PREFIX = "restore-"
"""What the names of everything that is rendered for a restore begin with, but for the order itself."""
LABEL = LABEL_OF_RESTORE
HEADER_BASED = "header-based"

_DEFAULTS: RestoreSection = {
    "groups": {},
    "parallelPartitions": 4,
    "purge": False,
    "createTopics": False,
    "stripHeaders": False,
    "deadline": "6h",
    "retries": 2,
}
_RESOURCES: ResourcesSection = {
    "requests": {"cpu": "250m", "memory": "1Gi"},
    "limits": {"cpu": "2", "memory": "2Gi"},
}


@dataclass(frozen=True, slots=True)
class Set:
    """One set of a backup, and into which topics what it holds goes."""

    backup_id: str
    topics: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Restore:
    """One restore; `settings` is its section over the defaults."""

    name: str
    settings: RestoreSection
    listener: Listener
    storage: Storage
    sets: tuple[Set, ...]
    approved: bool
    engine: Engine
    """What carries it out."""
    verify: str = ""
    """The image of the steps of ours around the engine's; empty where there are none."""
    is_part: bool = False
    """Others restore more of the same wish."""
    held_by: str = ""
    """The environment whose backup it is, where that is another one."""

    @property
    def job(self) -> str:
        """Its Job, its KafkaUser, ServiceAccount and NetworkPolicy."""
        return PREFIX + self.name

    @property
    def object(self) -> str:
        """What its approval names."""
        return self.engine.order(KIND, PREFIX, self.name)

    @property
    def is_there(self) -> bool:
        """True when something of it is rendered: an operator would not wait for the approval."""
        return self.engine.waits or self.approved

    @property
    def topics(self) -> dict[str, str]:
        """Where the records of each topic go, over all sets."""
        return {source: target for each in self.sets for source, target in each.topics.items()}

    @property
    def own(self) -> bool:
        """True for a set of this environment, into which a checkpoint may be written."""
        return "backup" in self.settings

    @property
    def word(self) -> str:
        """What its approval has to say."""
        return word_of(self.settings)

    @property
    def groups(self) -> tuple[str, ...]:
        """Consumer groups that move along."""
        return tuple(self.settings["groups"].get("names", ()))

    @property
    def keeps(self) -> bool:
        """True when it is kept first where its groups are; of all that a set knows nobody knows the names here."""
        return bool(self.groups) and self.groups != ALL_GROUPS

    @property
    def retries(self) -> int:
        """How often it is tried again: not at all where the engine would not know how far it got.

        Into another environment's set it writes no checkpoint.
        """
        return int(self.settings["retries"]) if self.own else 0

    @property
    def deadline_s(self) -> int:
        """When it is stopped."""
        return seconds(self.settings["deadline"])

    def time_ms(self, word: str) -> int | None:
        """When `since` or `until` is; None when it is not said."""
        said = self.settings.get(word)
        return None if said is None else parse_time_ms(said)


@once
def restores(environment: Environment) -> list[Restore]:
    """All restores that can be rendered, by name; what keeps one from it is a problem told elsewhere."""
    found = (restore(environment, name) for name in sorted(environment.data.get(SECTION, {})))
    return [each for each in found if each is not None]


def restore(environment: Environment, name: str) -> Restore | None:
    """One restore; None when something that it needs is missing or wrong."""
    said = environment.data[SECTION][name]
    may = approved(environment, object_of(environment, name), word_of(said))
    return restore_of(environment, name, said, may)


def restore_of(
    environment: Environment,
    name: str,
    said: RestoreSection,
    may: bool,
    source: Backup | None = None,
) -> Restore | None:
    """The restore that a section says, whether it stands in the intent or not; `may` it run?

    `source` is the backup that is meant, where another environment has it.
    """
    source = source or source_of(environment, said)
    settings: RestoreSection = {**_DEFAULTS, "resources": _RESOURCES, **said}
    if source is not None:
        settings = {**_DEFAULTS, **_taken_from(source), **said}
    listener = login_listener(environment, settings.get("listener"))
    storage: Storage | None
    if source is not None:
        storage, sets = source.storage, sets_of(source, said)
    else:
        storage = storage_of(environment, name, said.get("storage", {}))
        sets = [Set(said["set"], said.get("topics", {}))] if "set" in said else []
    engine = source.engine if source is not None else CRON_JOB
    if listener is None or storage is None or (engine.needs_image and "image" not in settings):
        return None
    if not sets or not settings.get("topics"):
        return None
    ours = "" if engine.group else environment.data.get("verify", {}).get("image", "")
    return Restore(name, settings, listener, storage, tuple(sets), may, engine, ours)


def object_of(environment: Environment, name: str) -> str:
    """What the approval of a restore names: its Job, or the order to the operator that it is."""
    engine = carrier(environment, environment.data[SECTION][name])
    return engine.order(KIND, PREFIX, name)


def carrier(environment: Environment, said: RestoreSection) -> Engine:
    """What carries a restore out: whichever engine runs the backup."""
    return engine_of(environment, environment.data.get(BACKUPS, {}).get(said.get("backup", ""), {}))


def word_of(settings: RestoreSection) -> str:
    """What the approval of a restore has to say: that it runs, or that it purges."""
    return PURGE if settings.get("purge") else RUN


def source_of(environment: Environment, said: RestoreSection) -> Backup | None:
    """The backup of this environment that a restore names."""
    return backup(environment, said.get("backup", ""))


def sets_of(source: Backup, said: RestoreSection) -> list[Set]:
    """The sets in which the wanted topics are: one for each shard that holds some of them."""
    wanted = said.get("topics", {})
    found = []
    for run in source.runs:
        undeclared = undeclared_of(run)
        mine = {
            topic: target
            for topic, target in sorted(wanted.items())
            if topic in run.topics or undeclared(topic)
        }
        if not mine:
            continue
        if source.settings["mode"] == FULL:
            begin = source.backup_id(run)
            if said.get("set", "").startswith(begin):
                found.append(Set(said["set"], mine))
        else:
            found.append(Set(source.backup_id(run), mine))
    return found


def undeclared_of(run: Run) -> Callable[[str], bool]:
    """Whether a run takes a topic that no intent names."""
    fits = matcher([each for each in run.include if is_pattern(each)])
    left_out = matcher(run.exclude)
    return lambda topic: bool(fits(topic)) and not left_out(topic)


def _taken_from(source: Backup) -> RestoreSection:
    """What a restore does as its backup does, unless it says otherwise."""
    same: RestoreSection = {
        "listener": source.listener.name,
        "resources": source.settings["resources"],
    }
    return {**same, "image": source.settings["image"]} if "image" in source.settings else same


def guests(environment: Environment) -> Iterator[Guest]:
    """The pods of restores, while they may come."""
    for each in restores(environment):
        if each.is_there:
            yield Guest(each.listener, each.engine.peer)


def waiting(environment: Environment) -> Iterator[Waiting]:
    """Every restore of the intent."""
    for name, said in environment.data.get(SECTION, {}).items():
        yield Waiting(name, object_of(environment, name), word_of(said), PREFIX)


def never_healthy(environment: Environment) -> bool:
    """A Job that is suspended, or that takes as long as a restore does.

    An order to an operator is done at once, but for those who have given Argo CD a health check of it.
    """
    return any(each.is_there for each in restores(environment))
