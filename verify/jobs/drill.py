"""The two steps of a drill that are ours, around the engine's restore.

`prepare` -> the engine restores what it is told -> `judge`
"""

import json
import time
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path as File
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec
import yaml

from generator.common.exit_codes import ExitCode
from generator.contract.drill import DrillOrder, DrillResult, DrillSet, judged, timed
from generator.contract.report import Status
from generator.contract.settings import BackupRun, VerifySettings
from verify.checks.registry import all_checks
from verify.collect.backups.sought import sought
from verify.collect.kafka.collector import Collector
from verify.collect.kafka.retrying_admin import Deadline, NoOwnError
from verify.collect.probe.drill import clear, compare, prepare
from verify.desired import Desired
from verify.jobs.steps import StepError, code_of, order_of, way, whole_sets
from verify.live.backups import CLOCKS_S
from verify.live.live import Live

if TYPE_CHECKING:
    from verify.collect.kafka.access import Access
    from verify.live.backups import BackedUpPartition, BackupSet

COUNTS, ORDER, READY = "counts.json", "drill.json", "ready.json"
"""What `prepare` leaves for `judge`: how much the manifests counted before the restore, what was its turn, and at its
end how many bytes the engine is to write, in a file whose time is that end."""
PROOF = ("backup-segments", "backup-integrity", "backup-consistent", "backup-coverage", "backup-identity",
         "backup-offsets")  # fmt: skip
"""Checks of which none may fail of a set that is to be restored; how old it is others tell."""
_SHARE = 0.3
"""How much of a drill's time preparing may take: restoring and comparing want the rest."""
_PAUSE_S, _PATIENCE_S = 10, 180
"""How long what nobody could find out is asked again."""

Counts = dict[str, dict[int, int]]
"""Records by topic and partition."""


def make_ready(file: File, work: File, variables: Mapping[str, str]) -> DrillOrder:
    """Scratch topics are there and empty, and `work` holds the engine's files, with their sets' ids.

    Raises:
        FindingsError: when the rendered files cannot be read.
        StepError: when there is nothing that could be restored, or nobody lets us.
    """
    every = order_of(file, DrillOrder)
    deadline = time.monotonic() + every.deadline_seconds * _SHARE
    mounted, now_s = file.parent.parent, time.time()
    sets = _sets(every, mounted, variables, deadline, sample=None)
    access = way(every, mounted, variables)
    _prove(every, sets, access, now_s, deadline)
    drill = every.at(_clock_s(every, now_s), _held(sets))
    for each in drill.sets:
        config = yaml.safe_load((file.parent / each.config).read_text(encoding="utf-8"))
        config["backup_id"] = sets[each.config].backup_id
        config["target"]["topics"]["include"] = list(each.topics)
        config["restore"] |= {
            "topic_mapping": {topic: drill.scratch(topic) for topic in each.topics},
            "source_partitions": sorted({n for topic in each.topics for n in drill.topics[topic]}),
        }
        # Whatever is JSON is YAML.
        (work / each.config).write_text(json.dumps(config, indent=2), encoding="utf-8")
    (work / ORDER).write_bytes(msgspec.json.encode(drill))
    (work / COUNTS).write_bytes(msgspec.json.encode(_counts(drill, sets)))
    try:
        prepare(access, drill, deadline)
    except NoOwnError as error:
        raise StepError(code_of(error.gap.cause), error.gap.reason) from error
    (work / READY).write_text(json.dumps(_plain_bytes(drill, sets)), encoding="utf-8")
    return drill


def _plain_bytes(drill: DrillOrder, sets: "Mapping[str, BackupSet]") -> int:
    """What the engine is to write: of every topic of a set, the partitions of all that have their turn."""
    chosen = {
        each.config: {n for topic in each.topics for n in drill.topics[topic]}
        for each in drill.sets
    }
    return sum(
        partition.plain_bytes
        for each in drill.sets
        for topic in each.topics
        for number, partition in _partitions(sets[each.config], topic).items()
        if number in chosen[each.config]
    )


def _partitions(found: "BackupSet", topic: str) -> "Mapping[int, BackedUpPartition]":
    told = found.topics.get(topic)
    return told.partitions if told is not None else {}


def _prove(
    drill: DrillOrder,
    sets: "Mapping[str, BackupSet]",
    access: "Access",
    now_s: float,
    deadline: float,
) -> None:
    """Return when nothing is wrong with the sets that a restore would not show, or show too late.

    Raises:
        StepError: when something is.
    """
    asked = {
        each.config: msgspec.structs.replace(
            _run(drill, each),
            max_age_seconds=max(1.0, now_s - _began_s(sets[each.config]) + CLOCKS_S),
        )
        for each in drill.sets
    }
    topics = {topic: run.max_age_seconds for run in asked.values() for topic in run.topics}
    times_ms = sought(sets.values())
    desired = Desired(drill.name, (), False, VerifySettings(backups=asked))
    until = min(deadline, time.monotonic() + _PATIENCE_S)
    while True:
        collector = Collector(access, deadline, topics=topics, ages_s=topics, times_ms=times_ms)
        live = Live(drill.name, now_s, kafka=collector.collect(), backups=dict(sets))
        live.gaps = collector.gaps
        told = {name: all_checks()[name].ask(desired, live).outcomes for name in PROOF}
        unknown = None
        for name, outcomes in told.items():
            for each in outcomes:
                place = f"{sets[each.subject].place}: " if each.subject in sets else ""
                if each.status is Status.FAIL:
                    raise StepError(ExitCode.UNHEALTHY, f"{name}: {place}{each.message}")
                if each.status is Status.UNKNOWN:
                    code = ExitCode.TIMED_OUT if each.timed_out else ExitCode.UNREACHABLE
                    unknown = StepError(code, f"{name}: {place}{each.message}")
        if unknown is None:
            return
        # A broker that restarts says nothing for a while.
        if time.monotonic() + _PAUSE_S >= until:
            raise unknown
        time.sleep(_PAUSE_S)


def _clock_s(drill: DrillOrder, now_s: float) -> float:
    """What the clock of the schedule's time zone shows; of a zone that nobody knows here, that of UTC."""
    zone = drill.turns.time_zone if drill.turns else "UTC"
    try:
        ahead = datetime.fromtimestamp(now_s, ZoneInfo(zone)).utcoffset()
    except (ZoneInfoNotFoundError, ValueError):
        return now_s
    return now_s + (ahead.total_seconds() if ahead is not None else 0)


def _held(sets: "Mapping[str, BackupSet]") -> dict[str, list[int]]:
    """The partitions with records, by topic."""
    return {
        topic: sorted(number for number, each in said.partitions.items() if each.records)
        for found in sets.values()
        for topic, said in found.topics.items()
    }


def _began_s(found: "BackupSet") -> float:
    """When the last run began: what Kafka had before that has to be in the set."""
    return found.state.began_at_s if found.state is not None else found.manifest_at_s


def judge(file: File, work: File, variables: Mapping[str, str]) -> DrillResult:
    """What came back, beside its source and the manifest; afterwards the scratch topics are gone.

    Raises:
        FindingsError: when the rendered files cannot be read.
    """
    drill = order_of(work / ORDER if (work / ORDER).exists() else file, DrillOrder)
    began, now_s = time.monotonic(), time.time()
    deadline = began + drill.deadline_seconds
    verdict = DrillResult(drill.name)
    try:
        access = way(drill, file.parent.parent, variables)
    except StepError as error:
        verdict.problem, verdict.exit_code = str(error), error.exit_code
        return verdict
    try:
        before = msgspec.json.decode((work / COUNTS).read_bytes(), type=Counts)
        sets = _sets(drill, file.parent.parent, variables, deadline)
        verdict.sets = tuple(sorted(each.backup_id for each in sets.values()))
        counts = _ranges(before, _counts(drill, sets))
        verdict.compared = compare(access, drill, counts, Deadline(deadline))
    except (StepError, NoOwnError) as error:
        verdict.problem = str(error)
        verdict.exit_code = (
            error.exit_code if isinstance(error, StepError) else code_of(error.gap.cause)
        )
    finally:
        verdict.left_behind = clear(access, drill)
    verdict.took_s = round(time.monotonic() - began, 3)
    return timed(judged(verdict), *_of_engine(work, now_s))


def _of_engine(work: File, now_s: float) -> tuple[int, float]:
    """How much the engine had to write since `prepare` ended, and how long it had; nothing where nobody says.

    Both steps and their files are in one pod, and so go by the same clock.
    """
    try:
        size_bytes = msgspec.json.decode((work / READY).read_bytes(), type=int)
        return size_bytes, now_s - (work / READY).stat().st_mtime
    except (OSError, ValueError):
        return 0, 0


def _sets(
    drill: DrillOrder,
    mounted: File,
    variables: Mapping[str, str],
    deadline: float,
    sample: int | None = 0,
) -> "dict[str, BackupSet]":
    """What the manifests of the drill's sets say, by the engine's file for each.

    Raises:
        StepError: when one cannot be restored.
    """
    asked = {each.config: _run(drill, each) for each in drill.sets}
    return whole_sets(drill, asked, mounted, variables, deadline, sample)


def _run(drill: DrillOrder, each: DrillSet) -> BackupRun:
    """The run of the backup that wrote a set, as checks see it."""
    return BackupRun("", each.backup_id, drill.storage, each.topics, groups=drill.groups,
                     incremental=each.incremental)  # fmt: skip


def _counts(drill: DrillOrder, sets: "Mapping[str, BackupSet]") -> Counts:
    found: Counts = {}
    for each in drill.sets:
        for topic in each.topics:
            told = sets[each.config].topics.get(topic)
            found[topic] = {
                partition: told.partitions[partition].records
                for partition in drill.topics.get(topic, ())
                if told is not None and partition in told.partitions
            }
    return found


def _ranges(before: Counts, after: Counts) -> dict[tuple[str, int], tuple[int, int]]:
    """The fewest and the most records that a set held between two looks at it."""
    places = {
        (topic, each) for counts in (before, after) for topic in counts for each in counts[topic]
    }
    found = {}
    for topic, partition in places:
        numbers = [counts.get(topic, {}).get(partition, 0) for counts in (before, after)]
        found[topic, partition] = (min(numbers), max(numbers))
    return found
