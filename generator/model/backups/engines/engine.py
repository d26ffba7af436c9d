"""Everything by which engines differ that run backups, and what is true of an operator in general.

The words of their kinds, which only renderers need, stand in resources/backups/engines; what is wrong with
objects of theirs that somebody else has written, in rules/backups/engines.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

from generator.common.finding import Path, Problem
from generator.documents.manifest import Body
from generator.intent.sections import (
    BackupOperatorChartSection,
    BackupSection,
    ResourcesSection,
    RestoreSection,
)
from generator.model.backups.labels import POD_PEER
from generator.model.environment import Environment, Listener

INCREMENTAL, FULL = "incremental", "full"
VERSION = "v1alpha1"
"""Of the kinds of both operators."""

WHOLE_SETS = "it drops whole sets, by their age and number"
NO_VALIDATION = "kafka-backup-operator alone validates by itself"
NO_SNAPSHOT = "the operator takes no snapshot that anybody could go back to"
TRIED_ONCE = "it is tried once: the operator keeps no checkpoint"

Unread = Mapping[tuple[str, ...], str]
"""Settings that have no effect, by their keys, and why."""


class Asked(NamedTuple):
    """What an engine is asked to do for one backup."""

    environment: Environment
    path: Path
    section: BackupSection
    """As resolved."""
    settings: BackupSection
    """The same over the defaults."""
    listener: Listener | None
    leaves_out: bool
    """True when a run takes what fits a pattern, but for some."""


class Engine:
    """One engine; its facts are those of the engine alone, in CronJobs and Jobs of ours."""

    group: ClassVar[str] = ""
    """The group of its operator's kinds; empty without an operator."""
    needs_image: ClassVar[bool] = True
    """False where the engine is inside an operator."""
    has_pods: ClassVar[bool] = True
    """True when pods of its own run it, whoever makes them."""
    default_mode: ClassVar[str] = INCREMENTAL
    waits: ClassVar[bool] = True
    """True when an order is there from the beginning, and waits for its approval."""
    keeps_snapshots: ClassVar[bool] = True
    """True when it keeps in Kafka where groups were before it moves them."""
    is_guarded: ClassVar[bool] = False
    """True when steps of ours can stand around each run."""
    stops_runs: ClassVar[bool] = True
    """True when a run ends at its deadline."""
    drops_sets: ClassVar[bool] = False
    """True when its retention removes sets as a whole."""
    tells_sets_by_name: ClassVar[bool] = False
    """True when its retention takes all sets of one name, wherever the backup is, for its own."""
    suspend_path: ClassVar[tuple[str, ...]] = ("suspend",)
    """Where in the spec of what starts its runs it stands that none begins."""
    unread: ClassVar[Unread] = {}
    """Settings of a backup that have no effect."""
    unread_of_restore: ClassVar[Unread] = {}
    unread_of_reset: ClassVar[Unread] = {}
    instead: ClassVar[str] = ""
    """How to mend a setting of a backup that has no effect."""

    @property
    def peer(self) -> Body:
        """The pods that work for it, as a peer of a NetworkPolicy."""
        return POD_PEER

    def resources(self, settings: BackupSection) -> ResourcesSection:
        """What a run may use."""
        return settings["resources"]

    def claim_namespace(self, environment: Environment) -> str:
        """Where a claim has to be: with the pods that mount it."""
        return environment.namespace

    @staticmethod
    def mount_of(claim: str) -> str:
        """Where the operator's own pod needs a claim; empty where the pods of each run mount theirs."""
        del claim
        return ""

    def set_prefix(self, backup: str, run: str) -> str:
        """What the folders of the sets of a full backup begin with; `run` is its object's name."""
        raise NotImplementedError

    def cron_job(self, backup: str, run: str) -> str:
        """The CronJob that starts a run; empty where none does."""
        raise NotImplementedError

    def starter(self, backup: str, run: str) -> tuple[str, str]:
        """Kind and name of the rendered object that starts its runs."""
        raise NotImplementedError

    def order(self, kind: str, job_prefix: str, name: str) -> str:
        """What the approval of an order names: its Job, or the order to the operator that it is."""
        raise NotImplementedError

    def kubectl(self, kind: str) -> str:
        """What kubectl calls one of its kinds."""
        return kind.lower()

    def problems(self, asked: Asked) -> Iterator[Problem]:
        """What it would refuse, or be unable to do for a backup."""
        del asked
        yield from ()

    def restore_problems(
        self, environment: Environment, said: RestoreSection, path: Path
    ) -> Iterator[Problem]:
        """What it would refuse, or be unable to do for a restore."""
        del environment, said, path
        yield from ()


@dataclass(frozen=True)
class Operator(Engine):
    """An operator as `backupOperator:` asks for it; `own_resources` stay as written, `values` are Helm's."""

    CHART: ClassVar[BackupOperatorChartSection]
    """The chart of the version whose fields schemas/backup-operators/ holds."""
    RESOURCES: ClassVar[ResourcesSection]
    schedule_path: ClassVar[tuple[str, ...]]
    """Where in the spec of a KafkaBackup its schedule stands."""
    storage_word: ClassVar[str]
    """The key that says which kind of storage it is."""
    storage_kinds: ClassVar[tuple[str, ...]]
    storage_paths: ClassVar[tuple[Path, ...]]
    """Where in the spec of its kinds storages stand."""
    continuous_path: ClassVar[tuple[str, ...]]
    """Where in the spec of a KafkaBackup it stands that it never ends."""
    restore_path: ClassVar[tuple[str, ...]]
    """Below what in the spec of a KafkaRestore it stands how records are written."""
    create_topics: ClassVar[str]
    """The word there for topics that it makes."""
    keep_fix: ClassVar[str]
    """What the number of sets that stay means to it."""

    waits = False
    keeps_snapshots = False
    stops_runs = False
    drops_sets = True
    instead = "drop it, and write null for what is inherited; or write engine: cli"

    namespace: str
    chart: BackupOperatorChartSection
    image: str
    """Its own image, name and tag; empty for the chart's."""
    own_resources: ResourcesSection
    values: Mapping[str, Any]

    def starter(self, backup: str, run: str) -> tuple[str, str]:
        """It runs a backup as one."""
        del run
        return "KafkaBackup", backup

    def order(self, kind: str, job_prefix: str, name: str) -> str:
        """An object of its own kind."""
        del job_prefix
        return f"{kind}/{name}"

    def kubectl(self, kind: str) -> str:
        """With its group: both operators have kinds of the same names."""
        return f"{kind.lower()}.{VERSION}.{self.group}"

    def problems(self, asked: Asked) -> Iterator[Problem]:
        """What no operator can do.

        Source: kafka-backup-operator 1.2.1 and strimzi-backup-operator 0.2.18 (KafkaBackup has no word for
        either, and is one run of the engine).
        """
        path, section = asked.path, asked.section
        if section.get("requireTopicConfigs"):
            yield Problem((*path, "requireTopicConfigs"), "the operator has no word for it: topics' settings"
                          " that cannot be read are left out", "backup-operator",
                          "write false, or engine: cli")  # fmt: skip
        if asked.settings["shards"] > 1:
            yield Problem((*path, "shards"), "the operator runs a backup as one", "backup-operator",
                          "write several backups, or engine: cli")  # fmt: skip
        yield from self.retention_problems(section, path)

    def retention_problems(self, section: BackupSection, path: Path) -> Iterator[Problem]:
        """Sets go by their number at least.

        Source: kafka-backup-operator 1.2.1, retention (keepLast is 1 where it is not said).
        """
        if "retention" in section and "keepBackups" not in section["retention"]:
            yield Problem((*path, "retention"), "'keepBackups' is missing: of old sets at most one would stay",
                          "missing-key", f"add keepBackups: with how many sets stay {self.keep_fix}",
                          on_key=True)  # fmt: skip
