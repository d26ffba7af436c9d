"""The two steps of a drill that are ours, around the engine's restore.

`prepare` -> the engine restores what it is told -> `judge`
"""

import json
import re
import time
from collections.abc import Mapping
from pathlib import Path as File
from typing import TYPE_CHECKING

import msgspec

from generator.common.exit_codes import ExitCode
from generator.common.finding import Finding, FindingsError
from generator.contract.drill import DrillOrder, DrillResult, judged
from generator.contract.settings import BackupRun
from verify.collect import endpoints
from verify.collect.backups.look import Look, credentials
from verify.collect.backups.sets import collect
from verify.collect.kafka.retrying_admin import Deadline, NoOwnError
from verify.collect.probe.drill import clear, compare, prepare
from verify.live.gap import NoAnswerError
from verify.live.live import Cause

if TYPE_CHECKING:
    from verify.collect.kafka.access import Access
    from verify.live.backups import BackupSet

COUNTS = "counts.json"
"""What `prepare` leaves for `judge`: how much the manifests counted before the restore."""
_SHARE = 0.3
"""How much of a drill's time preparing may take: restoring and comparing want the rest."""
_TIMEOUT_S = 30
_PASSWORD = "KAFKA_PASSWORD"  # noqa: S105 - a variable's name
_ID = re.compile(r"^backup_id:.*$", re.MULTILINE)

Counts = dict[str, dict[int, int]]
"""Records by topic and partition."""


class DrillError(Exception):
    """A drill cannot go on; `exit_code` is what it means."""

    def __init__(self, exit_code: ExitCode, reason: str) -> None:
        super().__init__(reason)
        self.exit_code = exit_code


def settings_of(file: File) -> DrillOrder:
    """The drill that a rendered file says.

    Raises:
        FindingsError: when it says none.
    """
    try:
        return msgspec.json.decode(file.read_bytes(), type=DrillOrder)
    except (OSError, ValueError) as error:
        said = error.strerror if isinstance(error, OSError) else error
        raise FindingsError(
            [Finding(str(file), 0, 0, "settings", f"cannot be read: {said}",
                     "run it as the rendered CronJob does, with its ConfigMap mounted")]
        ) from error  # fmt: skip


def make_ready(file: File, work: File, variables: Mapping[str, str]) -> DrillOrder:
    """Scratch topics are there and empty, and `work` holds the engine's files, with their sets' ids.

    Raises:
        FindingsError: when the rendered files cannot be read.
        DrillError: when there is nothing that could be restored, or nobody lets us.
    """
    drill = settings_of(file)
    deadline = time.monotonic() + drill.deadline_seconds * _SHARE
    sets = _sets(drill, file.parent.parent, variables, deadline)
    for each in drill.sets:
        text = (file.parent / each.config).read_text(encoding="utf-8")
        found = f"backup_id: {json.dumps(sets[each.config].backup_id)}"
        (work / each.config).write_text(_ID.sub(lambda _, said=found: said, text), encoding="utf-8")  # type: ignore[misc]
    (work / COUNTS).write_bytes(msgspec.json.encode(_counts(drill, sets)))
    try:
        prepare(_way(drill, file.parent.parent, variables), drill, deadline)
    except NoOwnError as error:
        raise DrillError(_code(error.gap.cause), error.gap.reason) from error
    return drill


def judge(file: File, work: File, variables: Mapping[str, str]) -> DrillResult:
    """What came back, beside its source and the manifest; afterwards the scratch topics are gone.

    Raises:
        FindingsError: when the rendered files cannot be read.
    """
    drill = settings_of(file)
    began = time.monotonic()
    deadline = began + drill.deadline_seconds
    verdict = DrillResult(drill.name)
    try:
        access = _way(drill, file.parent.parent, variables)
    except DrillError as error:
        verdict.problem, verdict.exit_code = str(error), error.exit_code
        return verdict
    try:
        before = msgspec.json.decode((work / COUNTS).read_bytes(), type=Counts)
        sets = _sets(drill, file.parent.parent, variables, deadline)
        verdict.sets = tuple(sorted(each.backup_id for each in sets.values()))
        counts = _ranges(before, _counts(drill, sets))
        verdict.compared = compare(access, drill, counts, Deadline(deadline))
    except (DrillError, NoOwnError) as error:
        verdict.problem = str(error)
        verdict.exit_code = (
            error.exit_code if isinstance(error, DrillError) else _code(error.gap.cause)
        )
    finally:
        verdict.left_behind = clear(access, drill)
    verdict.took_s = round(time.monotonic() - began, 3)
    return judged(verdict)


def _way(drill: DrillOrder, mounted: File, variables: Mapping[str, str]) -> "Access":
    """How the drill's own user comes in, with what is mounted beside its settings, as the engine does."""
    addresses = (drill.bootstrap,)
    listener = endpoints.SeenListener("", True, drill.tls, drill.authentication, addresses, "")
    try:
        secrets = endpoints.mounted(mounted)
        if _PASSWORD in variables:
            secrets["password"] = variables[_PASSWORD].encode()
        return endpoints.through(listener, secrets, drill.user, _TIMEOUT_S)
    except NoAnswerError as error:
        raise DrillError(ExitCode.UNREACHABLE, error.gap.reason) from error


def _sets(
    drill: DrillOrder, mounted: File, variables: Mapping[str, str], deadline: float
) -> "dict[str, BackupSet]":
    """What the manifests of the drill's sets say, by the engine's file for each.

    Raises:
        DrillError: when one cannot be restored.
    """
    asked = {
        each.config: BackupRun("", each.backup_id, drill.storage, each.topics, groups=False,
                            incremental=each.incremental)
        for each in drill.sets
    }  # fmt: skip
    claim = drill.storage.backend == "filesystem"
    held = credentials(variables)
    keys = sorted(each for each in (mounted / "storage").glob("*") if each.is_file())
    if keys:
        held = credentials({"SERVICE_ACCOUNT_JSON": keys[0].read_text(encoding="utf-8")})
    look = Look(
        {name: File(drill.storage.path) for name in asked} if claim else {},
        0, credentials=held, timeout_s=_TIMEOUT_S,
    )  # fmt: skip
    found, gaps = collect(asked, look, time.time(), deadline)
    for gap in gaps.values():
        raise DrillError(_code(gap.cause), gap.reason)
    for each in found.values():
        if each.fault:
            raise DrillError(ExitCode.UNHEALTHY, f"the manifest of {each.place} {each.fault}")
    return found


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


def _code(cause: Cause) -> ExitCode:
    return ExitCode.TIMED_OUT if cause is Cause.TIMED_OUT else ExitCode.UNREACHABLE
