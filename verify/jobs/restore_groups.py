"""The step after the engine's restore: groups go on at the record that they were to read next.

Where a group was is what it had committed before the restore began (a group of its own keeps that), else what the
backup's snapshot says. Neither changes by what this step does, so that it may be done again after any end.
"""

import time
from collections.abc import Mapping
from pathlib import Path as File
from typing import TYPE_CHECKING

from generator.common.exit_codes import ExitCode
from generator.common.sanitize import one_line
from generator.contract.restore import ALL_GROUPS, RestoreOrder
from verify.checks._words import count
from verify.collect.backups.manifest import GROUPS
from verify.collect.kafka.clients import Reader
from verify.collect.kafka.retrying_admin import Deadline, NoOwnError
from verify.collect.restored_groups import (
    Offsets,
    Partitions,
    groups_in,
    next_records,
    nobody_knows,
    partitions_there,
    wanted_groups,
)
from verify.jobs.steps import StepError, order_of, runs_of, told_in, way, whole_sets
from verify.live.gap import Cause
from verify.live.restored import Restored, RestoredGroup

if TYPE_CHECKING:
    from verify.collect.kafka.access import Access
    from verify.live.backups import BackupSet


def move(file: File, variables: Mapping[str, str]) -> Restored:
    """Every wanted group stands at its next record in what was restored.

    Raises:
        FindingsError: when the rendered file cannot be read.
    """
    order = order_of(file, RestoreOrder)
    clock = Deadline(time.monotonic() + order.deadline_seconds)
    found = Restored(order.name)
    runs = runs_of(order, groups=True)
    with told_in(found):
        access = way(order, file.parent.parent, variables)
        sets = whole_sets(order, runs, file.parent.parent, variables, clock.deadline)
        _known(order, sets)
        known = groups_in(sets, order)
        groups = wanted_groups(order, known)
        there = partitions_there(access, order, clock) if groups else {}
        for group in groups:
            found.groups.append(_one(access, order, group, known.get(group, {}), there, clock))
        if found.is_wrong:
            found.exit_code = ExitCode.UNHEALTHY
    return found


def _known(order: RestoreOrder, sets: "Mapping[str, BackupSet]") -> None:
    """Return where groups are known by name, or by every set's snapshot."""
    for held in sets.values() if order.groups == ALL_GROUPS else ():
        if held.groups is None:
            reason = f"{held.place}/{GROUPS} {held.groups_fault}: nobody knows of any group"
            raise StepError(ExitCode.UNHEALTHY, reason)


def _one(
    access: "Access",
    order: RestoreOrder,
    group: str,
    in_sets: Offsets,
    there: Partitions,
    clock: Deadline,
) -> RestoredGroup:
    moved = RestoredGroup(group)
    try:
        new = next_records(access, order, group, in_sets, there, clock)
        if not new:
            moved.problem = "" if order.is_part else nobody_knows(order)
            return moved
        with Reader(access.librdkafka(), group) as reader:
            reader.commit(new, clock)
            if reader.committed(new, clock) != new:
                moved.problem = (
                    "it stands elsewhere than where it was set: somebody else moves it, too"
                )
        moved.partitions = len(new)
    except NoOwnError as error:
        if error.gap.cause is not Cause.REFUSED:
            raise
        moved.problem = error.gap.reason
    return moved


def text(found: Restored) -> str:
    """What became of the groups, as people read it."""
    lines = []
    for each in found.groups:
        if each.problem:
            lines.append(f"FAIL  {each.group}: {one_line(each.problem)}")
        else:
            has = count(each.partitions, "partition")
            known = has if each.partitions else "it has read none of this set"
            lines.append(f"pass  {each.group}: {known}")
    good = sum(not each.problem for each in found.groups)
    end = f"{good} of {len(found.groups)} groups stand where they were"
    if not found.groups:
        end = "no group that the backup knows has read any of it"
    if found.problem:
        end = f"not ended: {one_line(found.problem)}"
    lines.append(f"restore {found.restore}: {end} (exit {int(found.exit_code)})")
    return "\n".join(lines) + "\n"
