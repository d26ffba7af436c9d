"""A backup with its set on disk, Kafka as it ends, and what all checks of sets say of the two."""

import time
from collections.abc import Iterable, Mapping
from pathlib import Path

from backup_sets import Json, Place, Record, Writer, records_of
from checks.kafka_answers import answers, cluster, git, on, topic
from checks.kubernetes_objects import NOW_S

from generator.contract.report import Status
from generator.contract.rights import COMMITS
from generator.contract.settings import BackupRun, BackupStorage
from verify.checks.registry import all_checks
from verify.collect.backups.look import Look
from verify.collect.backups.sets import collect
from verify.collect.backups.sought import sought
from verify.desired import Desired
from verify.live.live import BackupSet, Ends, Live, Located, Setting

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


def history(folder: Path) -> dict[str, list[Record]]:
    """The records of a set by `topic-partition`, as Kafka has them that it was taken of."""
    found: dict[str, list[Record]] = {}
    for file in sorted((folder / "topics").rglob("segment-*")):
        topic, number = file.parent.parent.name, file.parent.name.removeprefix("partition=")
        found.setdefault(f"{topic}-{number}", []).extend(records_of(file.read_bytes()))
    return found


def located(sets: Iterable[BackupSet], records: Mapping[str, list[Record]]) -> Json:
    """What Kafka says of the times that these sets know, when it has these records."""
    found: Json = {}
    for (name, number), times in sought(sets).items():
        at = f"{name}-{max(0, number)}"
        for time_ms in times:
            young = (each for each in records.get(at, ()) if each.time_ms >= time_ms)
            first = next(young, Record(-1, -1))
            found[at] = (*found.get(at, ()), Located(time_ms, first.offset, first.time_ms))
    return found


def read(
    folder: Path,
    wanted: Desired,
    ends: Mapping[Place, Ends] | None = None,
    records: Mapping[str, list[Record]] | None = None,
    kafka: Mapping[str, object] | None = None,
    **look: object,
) -> Live:
    """What is collected of sets below a folder; Kafka ends where it is said, or with the backup.

    It has these records, and nobody has committed anything of late; `kafka` is what else it says.
    """
    told = {place: Ends(0, end, -1, end) for place, end in ENDS.items()} | dict(ends or {})
    counts = {name: 1 + max(n for t, n in told if t == name) for name, _ in told}
    looked = Look(**({"mounted": folder} | look))  # type: ignore[arg-type]
    sets, gaps = collect(wanted.settings.backups, looked, NOW_S, time.monotonic() + 60)
    topics = {name: topic(*[on(0, 1, 2)] * count) for name, count in counts.items()}
    usual = {
        "topics": topics | {COMMITS: topic(internal=True)},
        "ends": {f"{name}-{number}": each for (name, number), each in told.items()},
        "located": located(sets.values(), records) if records is not None else {},
        "broker_configs": {0: {"log.message.timestamp.type": Setting("CreateTime")}},
    }
    return answers(cluster(**(usual | dict(kafka or {}))), backups=sets, gaps=gaps)


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
