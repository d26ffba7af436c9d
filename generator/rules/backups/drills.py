"""Restore drills: whether they come often enough, and end before the next one."""

from collections.abc import Iterator

from generator.common.finding import Severity
from generator.common.schedule import gaps_s
from generator.common.units import format_duration_ms
from generator.model.backups.backups import SECTION
from generator.model.backups.drills import KEY, Drill, drills
from generator.rules.registry import Flaw, rule
from generator.system.system import System

_MONTH_S = 31 * 86_400


def _drills(system: System) -> Iterator[tuple[Drill, tuple[int, int]]]:
    for each in drills(system.environment) if system.environment else ():
        gaps = gaps_s(each.settings["schedule"])
        if gaps is not None:
            yield each, gaps


@rule("drill-deadline-overlap")
def deadline_overlap(system: System) -> Iterator[Flaw]:
    """A drill has ended, or is stopped, before the next one begins.

    Why: with concurrencyPolicy Forbid the next one is left out; a drill that hangs keeps every other from
        beginning, and nobody tries a restore any more.
    Fix: write a deadline below the shortest pause of the schedule.
    Source: Kubernetes 1.34, CronJob (concurrencyPolicy).
    """
    for drill, (shortest, _) in _drills(system):
        if drill.deadline_s >= shortest:
            yield Flaw((SECTION, drill.backup.name, KEY, "schedule"), f"a drill may take"
                       f" {format_duration_ms(drill.deadline_s * 1000)}, and the next begins after"
                       f" {format_duration_ms(shortest * 1000)}")  # fmt: skip


@rule("drill-rare", Severity.WARNING)
def rare(system: System) -> Iterator[Flaw]:
    """A restore is tried at least once a month.

    Why: what keeps a backup from being restored, such as an expired key, a moved bucket or another engine, is
        noticed at the next drill, or on the day when it is needed.
    Fix: write a schedule that comes at least every 31 days.
    Source: the policy of this project.
    """
    for drill, (_, longest) in _drills(system):
        if longest > _MONTH_S or drill.settings["suspend"]:
            how = "it is suspended" if drill.settings["suspend"] else (
                f"{format_duration_ms(longest * 1000)} lie between two drills")  # fmt: skip
            yield Flaw((SECTION, drill.backup.name, KEY, "schedule"), how)
