"""What `drill:` of a backup asks for: a restore into topics of its own, which are compared and removed.

A backup with its section -> a frozen Drill, with the sets that it reads.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from msgspec.structs import replace

from generator.common.schedule import gaps_s
from generator.contract import drill as contract
from generator.intent.sections import DrillSection
from generator.model.backups.backups import Backup, Run, backups, seconds
from generator.model.backups.labels import DRILL_PREFIX, LABEL_OF_DRILL
from generator.model.connection import bootstrap_address
from generator.model.environment import Environment, once

KEY: Final = "drill"
PREFIX = DRILL_PREFIX
"""What the names of everything that is rendered for a drill begin with."""
LABEL = LABEL_OF_DRILL
SCRATCH = "drill."
"""What the names of all scratch topics begin with."""

_DEFAULTS: DrillSection = {"suspend": False, "topics": 2, "partitions": 1, "deadline": "1h"}


@dataclass(frozen=True, slots=True)
class Drill:
    """The drill of one backup; `settings` is its section over the defaults."""

    backup: Backup
    settings: DrillSection
    topics: Mapping[str, int]
    """How many partitions each source topic has; all have their turn."""

    @property
    def name(self) -> str:
        """Its CronJob, ConfigMap, KafkaUser, ServiceAccount and NetworkPolicy."""
        return PREFIX + self.backup.name

    @property
    def prefix(self) -> str:
        """What the names of its scratch topics begin with; everything under it is the drill's own."""
        return scratch_prefix(self.backup.name)

    @property
    def runs(self) -> list[tuple[Run, list[str]]]:
        """The runs of the backup that hold some of its topics, with those."""
        pairs = [(run, sorted({*run.topics} & self.topics.keys())) for run in self.backup.runs]
        return [(run, topics) for run, topics in pairs if topics]

    @property
    def partitions(self) -> list[int]:
        """Which partitions the engine restores of every topic, until `strimzi-verify drill` says others."""
        return list(range(min(self.settings["partitions"], max(self.topics.values()))))

    @property
    def suspended(self) -> bool:
        """True when none begins: what judges a backup stops with it."""
        return bool(self.settings["suspend"] or self.backup.settings["suspend"])

    @property
    def round_s(self) -> int:
        """How long it takes until every topic has had its turn."""
        gaps = gaps_s(self.settings["schedule"])
        return self._order.round * gaps[1] if gaps else 0

    @property
    def _order(self) -> contract.DrillOrder:
        """Which topics of which sets have their turns when."""
        said = self.settings["topics"]
        return contract.DrillOrder(
            self.name,
            self.prefix,
            turns=contract.DrillTurns(
                self.settings["schedule"],
                self.backup.settings["timeZone"],
                said if isinstance(said, int) else 0,
                self.settings["partitions"],
            ),
            sets=tuple(
                contract.DrillSet(
                    config=config_key(place),
                    backup_id=self.backup.backup_id(run),
                    topics=tuple(topics),
                    incremental=self.backup.incremental,
                )
                for place, (run, topics) in enumerate(self.runs)
            ),
        )

    @property
    def deadline_s(self) -> int:
        """When a drill is stopped."""
        return seconds(self.settings["deadline"])

    def told(self, environment: Environment) -> contract.DrillOrder:
        """What `strimzi-verify drill` reads; no secret is in it."""
        listener = self.backup.listener
        return replace(
            self._order,
            bootstrap=bootstrap_address(listener, environment) or "",
            tls=listener.tls,
            authentication=listener.authentication,
            user=self.name,
            deadline_seconds=self.deadline_s,
            storage=self.backup.storage.told(),
            groups=self.backup.settings["consumerGroups"],
        )


@once
def drills(environment: Environment) -> list[Drill]:
    """All drills that can be rendered, by their backup's name."""
    found = (drill(environment, each) for each in backups(environment))
    return [each for each in found if each is not None]


def drill(environment: Environment, backup: Backup) -> Drill | None:
    """The drill of a backup; None when it has none, or nothing to try."""
    said = backup.settings.get(KEY)
    if said is None or "schedule" not in said or "image" not in environment.data.get("verify", {}):
        return None
    if "image" not in backup.settings:
        return None  # an operator needs none
    settings: DrillSection = {
        **_DEFAULTS,
        "resources": backup.settings["resources"],
        **said,
    }
    said_topics = settings["topics"]
    wanted = backup.topics if isinstance(said_topics, int) else sorted(said_topics)
    topics = {each: environment.topics[each].partitions for each in wanted if each in backup.topics}
    return Drill(backup, settings, topics) if topics else None


def scratch_prefix(backup: str) -> str:
    """What the names of scratch topics of a backup's drill begin with."""
    return f"{SCRATCH}{backup}."


def told(environment: Environment) -> dict[str, object]:
    """Patterns of scratch topics, which have no KafkaTopic and are not for checks to wonder at."""
    return {"ignore_topics": [f"^{re.escape(each.prefix)}" for each in drills(environment)]}


def config_key(place: int) -> str:
    """The file with the engine's config for one set of a drill."""
    return f"restore-{place}.yaml"
