"""Backups: what runs them does: CronJobs, Jobs, claims and drills."""

from collections.abc import Iterator

from generator.contract.report import Outcome, fail, ok, skip, warn
from generator.documents.manifest import Body
from verify.checks._objects import conditions, kubernetes_of, label, status
from verify.checks._words import span
from verify.checks.backups._backups import (
    MINUTE_S,
    TOLERANCE_S,
    began_at_s,
    deadline_s,
    is_active,
    jobs_of,
    patience_s,
    spec_of,
)
from verify.checks.registry import check
from verify.desired import Desired
from verify.live.live import Live
from verify.live.times import seconds

_NO_BACKUP = "no backup is rendered for this environment"
_PODLESS_S = 10 * MINUTE_S
"""How long a Job may be without a running pod: images are pulled, and volumes made."""


def _cron_jobs(desired: Desired, live: Live) -> Iterator[tuple[str, Body | None]]:
    """The CronJob of every run; None where there is none."""
    known = kubernetes_of(live).objects.get("CronJob", {})
    rendered = desired.of_kind("CronJob")
    for asked in desired.settings.backups.values():
        name = asked.cron_job
        # What an operator runs has a resource of its own, and no CronJob that Git knows.
        if name in known or name in rendered or not desired.rendered:
            yield name, known.get(name)


def _succeeded(live: Live, cron_job: Body, what: str) -> Iterator[Outcome]:
    """When a CronJob's Job succeeded last, and whether one has failed since."""
    now_s, name = live.taken_at_s, label(cron_job)
    last_s = seconds(status(cron_job).get("lastSuccessfulTime"))
    made_s = seconds(cron_job["metadata"].get("creationTimestamp")) or 0
    ago_s = now_s - (made_s if last_s is None else last_s)
    if ago_s > patience_s(cron_job):
        never = f"no {what} has succeeded since it was made {span(ago_s)} ago"
        told = f"the last {what} that succeeded ended {span(ago_s)} ago"
        yield fail(never if last_s is None else told, name)
        return
    failed = [each for each in jobs_of(live, cron_job["metadata"]["name"])
              if began_at_s(each) > (last_s or 0) and _failure(each)]  # fmt: skip
    if failed:
        yield warn(f"the last {what} failed: {_failure(failed[0])}", name)
    elif last_s is None:
        yield ok(f"made {span(ago_s)} ago, no {what} is overdue", name)
    else:
        yield ok(f"the last {what} that succeeded ended {span(ago_s)} ago", name)


def _failure(job: Body) -> str:
    return next((words for kind, so, words in conditions(job) if kind == "Failed" and so), "")


@check("backup-cronjob", needs=("kubernetes.CronJob", "kubernetes.Job"))
def backup_cronjob(desired: Desired, live: Live) -> Iterator[Outcome]:
    """Every backup's CronJob has had a run that succeeded, and not too long ago.

    Compares: status.lastSuccessfulTime with the longest pause of its schedule and a run up to its deadline;
        Jobs that failed since. That a Job succeeded does not prove that its backup is good.
    Why: a CronJob that never succeeded is healthy to Argo CD.
    Fix: kubectl -n {namespace} get cronjob,jobs -l strimzi-gitops/backup; kubectl -n {namespace} logs job/{job}
        --all-containers --tail=50.
    Source: Kubernetes 1.34, CronJobStatus.
    """
    found = list(_cron_jobs(desired, live))
    if not found:
        yield skip(_NO_BACKUP if not desired.settings.backups else "no CronJob runs them")
    for name, body in found:
        if body is None:
            yield fail("is not there", f"cronjob/{name}")
        elif spec_of(body).get("suspend"):
            yield skip("is suspended", label(body))
        else:
            yield from _succeeded(live, body, "run")


@check("backup-suspended", needs=("kubernetes.CronJob",))
def backup_suspended(desired: Desired, live: Live) -> Iterator[Outcome]:
    """No backup is suspended.

    Compares: spec.suspend of the CronJobs with suspend: of the backup in Git, where it is worth a warning.
    Why: somebody suspends a backup for an hour, and it stays so for a year.
    Fix: kubectl -n {namespace} patch cronjob {name} -p '{"spec":{"suspend":false}}'; or drop suspend: true in
        environments/.
    Source: Kubernetes 1.34, CronJobSpec.
    """
    by_git = {each.cron_job for each in desired.settings.backups.values() if each.suspend}
    if not desired.settings.backups:
        yield skip(_NO_BACKUP)
    for name, body in _cron_jobs(desired, live):
        if body is not None and spec_of(body).get("suspend"):
            if name in by_git:
                yield warn("is suspended, as Git says", label(body))
            else:
                yield fail("is suspended, and Git does not say so", label(body))


@check("backup-running", needs=("kubernetes.CronJob", "kubernetes.Job"))
def backup_running(desired: Desired, live: Live) -> Iterator[Outcome]:
    """No run takes longer than it may, and none waits for its pod.

    Compares: how long Jobs of backups and drills have been active with activeDeadlineSeconds; those without
        a pod that is ready with ten minutes.
    Why: as long as one Job hangs, concurrencyPolicy Forbid keeps all later ones from beginning.
    Fix: kubectl -n {namespace} describe job {name}; kubectl -n {namespace} describe pods -l
        batch.kubernetes.io/job-name={name}: images, volumes and Secrets show there; kubectl -n {namespace}
        delete job {name}.
    Source: Kubernetes 1.34, JobSpec.activeDeadlineSeconds, JobStatus.ready.
    """
    if not desired.settings.backups:
        yield skip(_NO_BACKUP)
    known = kubernetes_of(live).objects.get("CronJob", {})
    backups = desired.settings.backups.values()
    names = {each.cron_job for each in backups} | {each.drill for each in backups if each.drill}
    for name in sorted(names & known.keys()):
        for job in jobs_of(live, name):
            if not is_active(job):
                continue
            active_s = live.taken_at_s - began_at_s(job)
            if active_s > deadline_s(known[name]) + TOLERANCE_S:
                yield fail(f"has been active for {span(active_s)}", label(job))
            elif active_s > _PODLESS_S and not status(job).get("ready"):
                yield warn(f"has had no running pod for {span(active_s)}", label(job))


@check("backup-volume", needs=("kubernetes.PersistentVolumeClaim", "backups"))
def backup_volume(desired: Desired, live: Live) -> Iterator[Outcome]:
    """Claims that hold backups are bound, and have room.

    Compares: phase of the claims; where they can be read, how full their file systems are with the limits
        of disk: in Git. Elsewhere only monitoring knows how full they are.
    Why: with verify.image a run that finds too little room is refused, and nothing is backed up any more; without it
        the engine ends well on a full volume, and the older backup is lost with what it could not write.
    Fix: kubectl -n {namespace} describe pvc {name}; raise size: of the storage in environments/, or keep less
        with retention:.
    Source: Kubernetes 1.34, Persistent Volumes; kafka-backup-core 0.25.2, storage/filesystem.rs;
        tests/live/test_engine_guard.py.
    """
    claims = kubernetes_of(live).objects.get("PersistentVolumeClaim", {})
    by_claim: dict[str, list[str]] = {}
    for run, asked in desired.settings.backups.items():
        if asked.storage.claim:
            by_claim.setdefault(asked.storage.claim, []).append(run)
    if not by_claim:
        yield skip("no backup is kept on a claim")
    for name, runs in sorted(by_claim.items()):
        body = claims.get(name)
        if body is None and desired.mid_sync:
            yield ok("Argo CD makes it after this run", f"persistentvolumeclaim/{name}")
            continue
        if body is None:
            yield fail("is not there", f"persistentvolumeclaim/{name}")
            continue
        yield from _bound(desired, live, body, runs)
        yield from _filling(desired, live, body, runs)


def _bound(desired: Desired, live: Live, claim: Body, runs: list[str]) -> Iterator[Outcome]:
    phase = status(claim).get("phase", "")
    if phase == "Bound":
        return
    known = kubernetes_of(live).objects.get("CronJob", {})
    mine = [known.get(desired.settings.backups[run].cron_job) for run in runs]
    begun = any(body is not None and status(body).get("lastScheduleTime") for body in mine)
    if phase == "Pending" and not begun:
        yield ok("waits for the first run, which binds it", label(claim))
    else:
        yield fail(f"is {phase or 'without a phase'}", label(claim), resources=phase == "Pending")


def _filling(desired: Desired, live: Live, claim: Body, runs: list[str]) -> Iterator[Outcome]:
    sets = [live.backups[run] for run in runs if run in live.backups]
    room = next((each.room for each in sets if each.room and not each.copied), None)
    if room is None or not room.total_bytes:
        return
    full = 100 * (room.total_bytes - room.free_bytes) / room.total_bytes
    limits = desired.settings.disk
    words = f"{full:.0f} % full"
    if full >= limits.fail_percent:
        yield fail(words, label(claim), resources=True)
    elif full >= limits.warn_percent:
        yield warn(words, label(claim))
    else:
        yield ok(words, label(claim))


@check("backup-drill", needs=("kubernetes.CronJob", "kubernetes.Job"))
def backup_drill(desired: Desired, live: Live) -> Iterator[Outcome]:
    """The last drill of every backup that has one restored what it should, and not too long ago.

    Compares: status.lastSuccessfulTime of the drill's CronJob with its schedule; Jobs that failed since. How long
        it takes until something of every topic was restored is told.
    Why: a backup that was never restored is a hope; a drill that never succeeds tells nobody by itself.
    Fix: kubectl -n {namespace} get cronjob,jobs; kubectl -n {namespace} logs job/{job} --all-containers
        --tail=50; kubectl -n {namespace} create job --from=cronjob/{name} {name}-now.
    Source: Kubernetes 1.34, CronJobStatus.
    """
    known = kubernetes_of(live).objects.get("CronJob", {})
    backups = desired.settings.backups.values()
    drills = {each.drill: each.drill_round_seconds for each in backups if each.drill}
    if not drills:
        yield skip("no backup has a drill")
    for name, round_s in sorted(drills.items()):
        body = known.get(name)
        if body is None:
            yield fail("is not there", f"cronjob/{name}")
        elif spec_of(body).get("suspend"):
            yield warn("is suspended", label(body))
        else:
            yield from _succeeded(live, body, "drill")
            if round_s:
                yield ok(f"every topic has its turn within {span(round_s)}", label(body))
