"""Backups on the day on which summer time begins."""

from collections.abc import Iterator

from generator.common.finding import Severity
from generator.common.schedule import longest_without_s
from generator.common.time_zones import left_out
from generator.common.units import format_duration_ms
from generator.model.backups.backups import SECTION
from generator.rules.registry import Flaw, rule
from generator.system.system import System


@rule("backup-left-out", Severity.WARNING)
def backup_left_out(system: System) -> Iterator[Flaw]:
    """A backup keeps its objective on the day on which summer time begins, too.

    Why: a time that the clock leaves out never comes, so that Kubernetes begins no run on that day: with a daily
        backup at two o'clock in Berlin almost two days of records are in none.
    Fix: write a time that every day has, such as 4 o'clock, or timeZone: Etc/UTC.
    Source: Kubernetes 1.34, CronJob (robfig/cron v3: jobs during a leap ahead are not run); tzdata 2025b.
    """
    for backup in system.backups:
        zone = backup.settings["timeZone"]
        span = left_out(zone)
        apart_s = longest_without_s(backup.settings["schedule"], *span) if span else 0
        if apart_s and apart_s + backup.deadline_s > backup.objective_s:
            yield Flaw((SECTION, backup.name, "schedule"), f"when summer time begins in {zone}, a run is left out:"
                       f" {format_duration_ms(apart_s * 1000)} lie between two")  # fmt: skip
