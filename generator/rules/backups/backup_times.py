"""Times that a backup keeps or does not: on the day on which summer time begins, and until all of it is back."""

from collections.abc import Iterator

from generator.common.finding import Severity
from generator.common.schedule import longest_without_s
from generator.common.time_zones import left_out
from generator.common.units import format_duration_ms
from generator.contract.recovery import told
from generator.model.backups.backups import SECTION
from generator.rules.registry import Flaw, rule
from generator.system.set_sizes import expected
from generator.system.system import System

_SHOWN = 3


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


@rule("backup-recovery")
def backup_recovery(system: System) -> Iterator[Flaw]:
    """What a backup is expected to hold is back within its recovery.

    Why: sets are restored one after the other, at a rate that no wish raises. Expected is what the intent says:
        throughput for as long as the backup (retention.age) or else the topic keeps records, or the topic's
        retentionSize. Topics of which nobody says either are counted, and never guessed; where that is all of
        them, nobody can keep the promise knowingly. What a set really holds the check of this name tells.
    Fix: write as restoreRate what drills have measured, say throughput or retentionSize of its topics, keep less, or
        promise more time.
    Source: strimzi-gitops restore (one Job for each set, one after the other); kafka-backup-core 0.25.2,
        restore/engine.rs (242 MB a second on loopback; measured).
    """
    for backup in system.backups:
        if backup.recovery_s is None:
            continue
        where, holds = (SECTION, backup.name, "recovery"), expected(system, backup)
        beside = holds.beside(shown=_SHOWN)
        if backup.rate.back_s(holds.size_bytes) > backup.recovery_s:
            more = f"; on top of that {beside}" if beside else ""
            yield Flaw(where, f"it holds {told(holds.size_bytes, backup.rate)}{more}")
        elif len(holds.unsaid) == len(backup.topics):
            yield Flaw(where, f"nobody can tell how long that takes: it holds {beside}")
