"""Backups as checks look at them: every run with its set, and what keeps it from being judged."""

from collections.abc import Callable, Iterable, Iterator

from generator.common.schedule import fault, gaps_s
from generator.contract.report import Outcome, skip, unknown
from generator.contract.settings import BackupRun
from generator.documents.manifest import Body
from verify.checks._objects import kubernetes_of, status
from verify.desired import Desired
from verify.live.backups import CLOCKS_S, Few, JobState
from verify.live.live import BackupSet, Cause, Live
from verify.live.times import seconds

MINUTE_S, HOUR_S, DAY_S = 60, 3600, 86_400
TOLERANCE_S = CLOCKS_S
"""How far clocks may differ, and how long a segment may be on its way."""
_DEADLINE_S = DAY_S
"""When a run must have ended where nobody says."""

Judge = Callable[[str, BackupRun, BackupSet], Iterable[Outcome]]


def of_sets(desired: Desired, live: Live, judge: Judge) -> Iterator[Outcome]:
    """What is said of every run's set, about the run; what was not read is skipped or unknown."""

    def judged(name: str, asked: BackupRun, found: BackupSet) -> Iterable[Outcome]:
        if is_not_due(asked, found, live):
            return [skip(NOT_DUE)]
        if found.fault:
            return [unknown(f"its manifest {found.fault}")]
        return judge(name, asked, found)

    yield from of_places(desired, live, judged)


def of_places(desired: Desired, live: Live, judge: Judge) -> Iterator[Outcome]:
    """The same, whether or not the set has a manifest that can be used."""
    backups = desired.settings.backups
    if not backups:
        yield skip("no backup is rendered for this environment")
    for name, asked in sorted(backups.items()):
        gap, found = live.gaps.get(f"backups.{name}"), live.backups.get(name)
        if gap is not None and gap.cause is Cause.NOT_ASKED:
            yield skip(gap.reason, name)
        elif gap is not None:
            yield unknown(gap.reason, name, timed_out=gap.cause is Cause.TIMED_OUT)
        elif found is None:
            yield unknown("nobody has read its set", name)
        else:
            yield from (_about(name, each) for each in judge(name, asked, found))


def _about(name: str, outcome: Outcome) -> Outcome:
    return Outcome(outcome.status, outcome.message, name, outcome.resources, outcome.timed_out)


def is_compacted(topic: str, found: BackupSet, live: Live) -> bool:
    """True where compaction may have left offsets without a record."""
    configs = live.kafka.configs.get(topic, {}) if live.kafka else {}
    return found.topics[topic].compacted or "compact" in configs.get("cleanup.policy", "")


def named(some: Few) -> str:
    """The first of them, and how many more there are."""
    more = some.count - len(some.first)
    return ", ".join(some.first) + (f" … and {more} more" if more else "")


NOT_DUE = "no run has been due yet"


def is_not_due(asked: BackupRun, found: BackupSet, live: Live) -> bool:
    """True where nothing is there, and nothing has to be."""
    return bool(found.fault) and not found.files and is_new(asked, live)


def is_under_way(asked: BackupRun, state: JobState | None, live: Live) -> bool:
    """True while a run may still be at work: it says so, its time is not up, and its Job has not ended."""
    if state is None or state.status != "running":
        return False
    since_s = live.taken_at_s - state.began_at_s
    if since_s > TOLERANCE_S and _has_no_job(asked, live):
        return False
    return since_s <= (asked.deadline_seconds or _DEADLINE_S) + TOLERANCE_S


def _has_no_job(asked: BackupRun, live: Live) -> bool:
    """True when Kubernetes knows the CronJob, and none of its Jobs is active."""
    kubernetes = live.kubernetes
    if kubernetes is None or live.gap("kubernetes.Job"):
        return False
    known = asked.cron_job in kubernetes.objects.get("CronJob", {})
    return known and not any(is_active(each) for each in jobs_of(live, asked.cron_job))


def jobs_of(live: Live, cron_job: str) -> list[Body]:
    """The Jobs of a CronJob, also those that people made of it, the newest first."""
    jobs = kubernetes_of(live).objects.get("Job", {}).values()
    owned = [
        body
        for body in jobs
        if any(
            owner.get("kind") == "CronJob" and owner.get("name") == cron_job
            for owner in body["metadata"].get("ownerReferences") or ()
        )
    ]
    return sorted(owned, key=began_at_s, reverse=True)


def began_at_s(job: Body) -> float:
    """When a Job began, or was made while it has not."""
    made = job["metadata"].get("creationTimestamp")
    return seconds(status(job).get("startTime")) or seconds(made) or 0


def is_active(job: Body) -> bool:
    """True while a Job has not ended."""
    ended = {"Complete", "Failed"}
    return not any(
        each["type"] in ended and each.get("status") == "True"
        for each in status(job).get("conditions") or ()
    )


def spec_of(body: Body) -> Body:
    """Its spec, empty where it has none."""
    return body.get("spec") or {}


def deadline_s(cron_job: Body) -> float:
    """When a run of a CronJob is stopped."""
    job = spec_of(cron_job).get("jobTemplate", {}).get("spec") or {}
    return float(job.get("activeDeadlineSeconds") or DAY_S)


def patience_s(cron_job: Body) -> float:
    """How long there may be between two runs that succeed: the longest pause, and a whole run."""
    spec = spec_of(cron_job)
    schedule = str(spec.get("schedule") or "")
    gaps = gaps_s(schedule) if len(schedule.split()) == 5 and not fault(schedule) else None
    late_s = float(spec.get("startingDeadlineSeconds") or 0)
    # The clock is put forward, or back, by an hour.
    return (gaps[1] if gaps else DAY_S) + deadline_s(cron_job) + late_s + HOUR_S


def is_new(asked: BackupRun, live: Live) -> bool:
    """True when Kubernetes knows the CronJob, and no run of it is overdue although none has succeeded."""
    objects = live.kubernetes.objects if live.kubernetes else {}
    body = objects.get("CronJob", {}).get(asked.cron_job)
    if body is None or status(body).get("lastSuccessfulTime"):
        return False
    made_s = seconds(body["metadata"].get("creationTimestamp")) or 0
    return live.taken_at_s - made_s <= patience_s(body)
