"""The step before the engine's restore: whether it can end well, asked of the target and of the sets.

The engine's own look finds segments that are not there, and nothing of what follows (kafka-backup-core 0.25.2,
restore/preflight.rs).
"""

import time
from collections.abc import Mapping
from pathlib import Path as File
from typing import TYPE_CHECKING

import msgspec

from generator.common.exit_codes import ExitCode
from generator.common.sanitize import one_line
from generator.contract.restore import ALL_GROUPS, RestoreOrder
from verify.collect.backups.look import SAMPLE
from verify.collect.backups.manifest import FaultError
from verify.collect.backups.sets import store_of
from verify.collect.backups.store import GONE
from verify.collect.kafka.authorized import missing_on_groups, missing_on_topics
from verify.collect.kafka.collector import Collector
from verify.collect.kafka.retention import retentions_ms
from verify.collect.kafka.retrying_admin import Deadline
from verify.jobs.restore_target import Checkpoint, checkpoint_key, judged
from verify.jobs.steps import StepError, code_of, look_at, order_of, runs_of, sets_of, told_in, way

if TYPE_CHECKING:
    from verify.live.backups import BackupSet
    from verify.live.kafka import Kafka

_SHARE = 0.3
"""How much of a restore's time looking may take: restoring wants the rest."""
_LARGEST_CHECKPOINT = 64 * 2**20


class Looked(msgspec.Struct):
    """What stands in the way, and what is to be known before."""

    restore: str
    problems: list[str] = []
    notes: list[str] = []
    problem: str = ""
    """What kept the look from an end."""
    exit_code: ExitCode = ExitCode.FINE


def look(file: File, variables: Mapping[str, str]) -> Looked:
    """What would keep a restore from ending well; nothing is written.

    Raises:
        FindingsError: when the rendered file cannot be read.
    """
    order = order_of(file, RestoreOrder)
    mounted = file.parent.parent
    found = Looked(order.name)
    clock = Deadline(time.monotonic() + order.deadline_seconds * _SHARE)
    with told_in(found):
        sets, begun = _sets(order, mounted, variables, clock)
        access = way(order, mounted, variables)
        targets = sorted({*order.topics.values()})
        collector = Collector(
            access, clock.deadline, 0, (), (), targets, dict.fromkeys(targets, 0.0)
        )
        kafka = _collected(collector)
        _all_are_led(order, kafka)
        found.problems += missing_on_topics(access, _needs(order, kafka), clock)
        if order.groups and order.groups != ALL_GROUPS:
            found.problems += missing_on_groups(access, order.groups, clock)
        at_work = {p.target_topic for each in begun.values() for p in each.partitions.values()}
        retentions = retentions_ms(access, at_work & kafka.topics.keys(), clock)
        now_ms = time.time() * 1000
        for is_problem, said in judged(
            order, sets, begun, kafka, collector.gaps, now_ms, retentions
        ):
            (found.problems if is_problem else found.notes).append(said)
        if found.problems:
            found.exit_code = ExitCode.UNHEALTHY
    return found


def _collected(collector: "Collector") -> "Kafka":
    """What the brokers say; without it and where the targets end nothing is judged."""
    kafka = collector.collect()
    for name in ("kafka", "kafka.ends"):
        if gap := collector.gaps.get(name):
            raise StepError(code_of(gap.cause), gap.reason)
    assert kafka is not None  # noqa: S101 (a gap would say why)
    return kafka


def _all_are_led(order: RestoreOrder, kafka: "Kafka") -> None:
    """Return where every partition of the targets says where it ends: one that is away may hold records."""
    for target in sorted({*order.topics.values()} & kafka.topics.keys()):
        for number in range(len(kafka.topics[target].partitions)):
            if f"{target}-{number}" not in kafka.ends:
                reason = f"nobody says where {target}-{number} ends: it has no leader that answers"
                raise StepError(ExitCode.UNREACHABLE, reason)


def _needs(order: RestoreOrder, kafka: "Kafka") -> dict[str, list[str]]:
    """What the restore's user has to be allowed to do, by target."""
    operations = [
        "WRITE",
        *(["READ"] if order.groups else []),
        *(["DELETE"] if order.purges else []),
    ]
    return {each: operations for each in sorted({*order.topics.values()}) if each in kafka.topics}


def _sets(
    order: RestoreOrder, mounted: File, variables: Mapping[str, str], clock: Deadline
) -> tuple[dict[str, "BackupSet"], dict[str, Checkpoint]]:
    """What lies in the storage: the sets by their ids, and how far an earlier try has come."""
    runs = runs_of(order, groups=bool(order.groups))
    looking = look_at(order, runs, mounted, variables, SAMPLE)
    sets = sets_of(runs, looking, clock.deadline)
    begun: dict[str, Checkpoint] = {}
    for name, run in runs.items() if order.checkpoint else ():
        store = store_of(name, run, looking, clock.deadline)
        try:
            raw = store.whole(checkpoint_key(order, name), _LARGEST_CHECKPOINT)
            begun[name] = msgspec.json.decode(raw, type=Checkpoint)
        except FaultError as error:
            if str(error) != GONE:
                raise StepError(
                    ExitCode.UNHEALTHY, f"{checkpoint_key(order, name)} {error}"
                ) from error
        except msgspec.DecodeError as error:
            # The engine cannot read it either, and fails.
            reason = (
                f"{checkpoint_key(order, name)} is no checkpoint: empty the targets, and delete it"
            )
            raise StepError(ExitCode.UNHEALTHY, reason) from error
    return sets, begun


def text(found: Looked) -> str:
    """What was found, as people read it."""
    lines = [f"FAIL  {one_line(each)}" for each in found.problems]
    lines += [f"note  {one_line(each)}" for each in found.notes]
    if found.problem:
        end = f"not looked at: {one_line(found.problem)}"
    elif found.problems:
        end = "nothing was written"
    else:
        end = "nothing stands in the way"
    lines.append(f"restore {found.restore}: {end} (exit {int(found.exit_code)})")
    return "\n".join(lines) + "\n"
