"""Backups: what an operator runs is as the operator should leave it."""

from collections.abc import Iterator

from generator.contract.report import Outcome, fail, skip, warn
from generator.documents.manifest import Body
from verify.checks._objects import conditions, kubernetes_of, label, part_of, short, status
from verify.checks._words import span
from verify.checks.backups._backups import DAY_S, MINUTE_S
from verify.checks.registry import check
from verify.desired import Desired
from verify.live.live import Live
from verify.live.times import seconds

_RUN_S = DAY_S
"""How long a run may take where Git sets it no deadline."""
_UNSEEN_S = 10 * MINUTE_S
_GROUPS = ("kafka.oso.sh", "kafkabackup.com")
"""API groups of the two operators that run the engine."""


@check("backup-operator", needs=("kubernetes",))
def backup_operator(desired: Desired, live: Live) -> Iterator[Outcome]:
    """Resources of a backup operator are as their operator should leave them.

    Compares: phase, conditions and observedGeneration of rendered KafkaBackups, KafkaRestores and the like
        of kafka.oso.sh and kafkabackup.com with their generation; how long they are Running with a limit.
    Why: Argo CD knows no health of them, so that a failed one looks healthy; one whose operator crashed is
        Running for ever.
    Fix: kubectl -n {namespace} describe {object}; kubectl logs -A -l
        app.kubernetes.io/name=kafka-backup-operator --tail=50. What hangs in Running begins anew when its
        spec changes: a restore then runs again.
    Source: kafka-backup-operator 1.2.1, strimzi-backup-operator 0.2.18, status of their resources.
    """
    kubernetes = kubernetes_of(live)
    mine = [body for body in desired.objects if _group(body) in _GROUPS]
    if not mine:
        yield skip("no resource of a backup operator is rendered")
    for body in mine:
        found = kubernetes.objects.get(part_of(kubernetes, body), {}).get(body["metadata"]["name"])
        if found is not None and _group(found) == _group(body):
            yield from _operated(desired, live, found)


def _group(body: Body) -> str:
    return str(body["apiVersion"]).rpartition("/")[0]


def _operated(desired: Desired, live: Live, body: Body) -> Iterator[Outcome]:
    told, name, now_s = status(body), label(body), live.taken_at_s
    made_s = seconds(body["metadata"].get("creationTimestamp")) or 0
    if not told:
        if now_s - made_s > _UNSEEN_S:
            yield fail("its operator has not looked at it", name)
        return
    if told.get("observedGeneration", 0) < body["metadata"].get("generation", 0):
        yield warn("its operator has not yet seen its newest version", name)
    last = told.get("lastBackup") or told.get("restore") or {}
    phase = str(told.get("phase") or last.get("status") or "")
    words = short(str(told.get("message") or ""))
    unready = [said for kind, so, said in conditions(body) if kind == "Ready" and not so]
    if phase in ("Failed", "PartiallyCompleted") or (unready and phase != "Running"):
        yield fail(
            f"is {phase or 'not ready'}: {words or (unready or ['no reason is told'])[0]}", name
        )
    elif phase == "Running":
        began = [told.get("startTime"), told.get("lastScheduleTime"), last.get("startTime")]
        times = [at for each in began if (at := seconds(each)) is not None]
        deadlines = [each.deadline_seconds for each in desired.settings.backups.values()
                     if each.cron_job == body["metadata"]["name"]]  # fmt: skip
        running_s = now_s - max(times, default=made_s)
        if running_s > (max(deadlines, default=0) or _RUN_S):
            yield fail(f"has been Running for {span(running_s)}", name)
    verdict = str(told.get("validationResult") or "")
    if verdict in ("Fail", "Warn"):
        yield (fail if verdict == "Fail" else warn)(
            f"its validation says {verdict}" + (f": {words}" if words else ""), name
        )
    if told.get("retentionError"):
        yield warn(f"drops nothing: {short(str(told['retentionError']))}", name)
