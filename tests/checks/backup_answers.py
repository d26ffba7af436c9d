"""A backup with its set on disk, Kafka as it ends, and what all checks of sets say of the two."""

import time
from collections.abc import Mapping
from pathlib import Path

from backup_sets import Place, Writer
from checks.kafka_answers import answers, cluster, git, on, topic
from checks.kubernetes_objects import NOW_S

from generator.contract.report import Status
from generator.contract.settings import BackupRun, BackupStorage
from verify.checks.registry import all_checks
from verify.collect.backups.look import Look
from verify.collect.backups.sets import collect
from verify.desired import Desired
from verify.live.live import Ends, Live

HOUR_S = 3600
ENDS: dict[Place, int] = {("orders", 0): 100, ("orders", 1): 50, ("prices", 0): 10}
SETS = [
    each.name
    for each in all_checks().values()
    if each.group == "backup" and each.needs[0] == "backups"
]
"""Checks that look at what is in the storage."""


def backup(**more: object) -> BackupRun:
    """A run of every four hours that may take one, kept on a claim."""
    usual: dict[str, object] = {
        "cron_job": "backup-business",
        "backup_id": "business",
        "storage": BackupStorage("filesystem", claim="backup-business", path="/data"),
        "topics": ("orders", "prices"),
        "max_age_seconds": 6 * HOUR_S,
        "deadline_seconds": HOUR_S,
        "backup": "business",
    }
    return BackupRun(**(usual | more))  # type: ignore[arg-type]


def desired(**backups: BackupRun) -> Desired:
    """What Git says: these backups, or the usual one."""
    return git(backups=backups or {"business": backup()})


def writer(folder: Path, backup_id: str = "business") -> Writer:
    """Who writes below the claim of the usual backup."""
    return Writer(folder / "business", backup_id)


def good(folder: Path) -> Writer:
    """Two runs, five hours and one hour ago."""
    found = writer(folder)
    found.run({place: end // 2 for place, end in ENDS.items()}, NOW_S - 5 * HOUR_S)
    found.run(ENDS, NOW_S - HOUR_S)
    return found


def read(
    folder: Path, wanted: Desired, ends: Mapping[Place, Ends] | None = None, **look: object
) -> Live:
    """What is collected of sets below a folder; Kafka ends where it is said, or with the backup."""
    told = {place: Ends(0, end) for place, end in ENDS.items()} | dict(ends or {})
    counts = {name: 1 + max(n for t, n in told if t == name) for name, _ in told}
    kafka = cluster(
        topics={name: topic(*[on(0, 1, 2)] * count) for name, count in counts.items()},
        ends={f"{name}-{number}": each for (name, number), each in told.items()},
    )
    looked = Look(**({"mounted": folder} | look))  # type: ignore[arg-type]
    sets, gaps = collect(wanted.settings.backups, looked, NOW_S, time.monotonic() + 60)
    return answers(kafka, backups=sets, gaps=gaps)


def verdicts(wanted: Desired, live: Live, *, unknown: bool = True) -> dict[str, list[str]]:
    """Everything that is not well, by check."""
    found: dict[str, list[str]] = {}
    for name in SETS:
        for each in all_checks()[name].ask(wanted, live).outcomes:
            if each.status in (Status.WARN, Status.FAIL) or (
                unknown and each.status is Status.UNKNOWN
            ):
                found.setdefault(name, []).append(f"{each.status}: {each.message}")
    return found


def failing(folder: Path, ends: Mapping[Place, Ends] | None = None) -> dict[str, list[str]]:
    """What is not well with the usual backup below a folder."""
    wanted = desired()
    return verdicts(wanted, read(folder, wanted, ends), unknown=False)
