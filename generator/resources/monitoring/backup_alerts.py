"""Alerts for backups: missed, failed, stale, long, suspended, partial, slow, unverified, full; and for drills."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from generator.common.units import format_duration_ms
from generator.contract.recovery import CHECK as RECOVERY_CHECK
from generator.documents.manifest import Body, Manifest
from generator.model.backups.backups import Backup, Run, backups, guard_image
from generator.model.backups.labels import DRILL_PREFIX
from generator.model.environment import Environment
from generator.model.monitoring import SECTION, monitoring, verdicts_every_s
from generator.model.verification.verification import disk
from generator.resources._metadata import metadata
from generator.resources.monitoring._promql import (
    active,
    failed,
    last_success,
    matching,
    operator_runs,
    since_success,
    started,
    verdicts,
    volume_filled,
)

AREA = "monitoring"
NAME = "backup"
DRILL = "drill"
DRILL_CHECK = "backup-drill"

_LATE_S = 300
"""What the CronJob controller and two scrapes may take."""
_INSTALLED = "15m"
"""How long Argo CD may take from these rules to the CronJobs that they are about."""
_LONG = 0.8
"""The share of its deadline after which a run is looked at: at the deadline it is stopped."""


class Alert(NamedTuple):
    """One alert; `about` are labels beside those that all have."""

    name: str
    severity: str
    expression: str
    for_: str
    summary: str
    description: str
    about: dict[str, str]


def render(environment: Environment) -> Iterator[Manifest]:
    """One PrometheusRule with a group for each backup, where it is asked for and there are backups."""
    asked, found = monitoring(environment), backups(environment)
    if not asked.rules or not found:
        return
    groups = [_group(environment, f"backup-{each.name}", _of_backup(environment, each))
              for each in found]  # fmt: skip
    verified = list(_of_verification(environment))
    if verified:
        groups.append(_group(environment, "backup-verification", verified))
    about = metadata(environment, "PrometheusRule", NAME, labels=asked.labels, of_cluster=False)
    head = {"apiVersion": "monitoring.coreos.com/v1", "kind": "PrometheusRule", "metadata": about}
    yield Manifest(AREA, {**head, "spec": {"groups": groups}}, (SECTION,))


def _group(environment: Environment, name: str, alerts: Iterator[Alert] | list[Alert]) -> Any:
    """A group's name has to be its own among those of one file only."""
    return {"name": name, "rules": [_rule(environment, alert) for alert in alerts]}


def _rule(environment: Environment, alert: Alert) -> Body:
    annotations = {"summary": alert.summary, "description": alert.description}
    runbook = monitoring(environment).runbook
    if runbook:
        annotations["runbook_url"] = f"{runbook}#{alert.name.lower()}"
    return {
        "alert": alert.name,
        "annotations": annotations,
        "expr": alert.expression,
        **({"for": alert.for_} if alert.for_ else {}),
        "labels": {
            "cluster": environment.cluster.name,
            "environment": environment.name,
            "namespace": environment.namespace,
            "severity": alert.severity,
            **alert.about,
        },
    }


def _of_backup(environment: Environment, backup: Backup) -> Iterator[Alert]:
    for run in backup.runs:
        if backup.cron_job(run):
            yield from _of_run(environment, backup, run)
        else:
            yield from _of_operator(environment, backup)
    if backup.storage.claim:
        yield _full(environment, backup)
    if DRILL in backup.settings:
        yield from _of_drill(environment, backup)


def _of_run(environment: Environment, backup: Backup, run: Run) -> Iterator[Alert]:
    namespace, cron_job = environment.namespace, backup.cron_job(run)
    about = {**_owner(backup), "backup": backup.name, "run": run.name}
    objective, deadline = _time(backup.objective_s), _time(backup.deadline_s)
    yield Alert(
        "KafkaBackupMissed", "critical",
        _overdue(namespace, cron_job, backup.starting_deadline_s), _INSTALLED,
        f"The backup {run.name} did not begin",
        f"The CronJob {cron_job} should have begun a run and has not, or it is gone."
        " What is written since its last run is in no backup.", about,
    )  # fmt: skip
    yield Alert(
        "KafkaBackupFailed", "critical", _failed(namespace, cron_job), "",
        f"The backup {run.name} failed",
        f"The last run of the CronJob {cron_job} failed with all its tries, and none has succeeded"
        " since.", about,
    )  # fmt: skip
    yield Alert(
        "KafkaBackupStale", "critical",
        f"{since_success(namespace, cron_job)} > {backup.objective_s}", "5m",
        f"The backup {run.name} is older than its objective",
        f"Its last good run ended {{{{ $value | humanizeDuration }}}} ago, or there was none since the"
        f" CronJob {cron_job} is there; at most {objective} may be lost.", about,
    )  # fmt: skip
    yield Alert(
        "KafkaBackupRunningLong", "warning",
        f"time() - min(\n  {_indented(started(namespace, cron_job, active(namespace)))}\n)"
        f" > {int(backup.deadline_s * _LONG)}", "1m",
        f"The backup {run.name} takes long",
        f"It runs for {{{{ $value | humanizeDuration }}}} and is stopped after {deadline}, with what it"
        " has until then.", about,
    )  # fmt: skip
    suspended = matching(namespace=namespace, cronjob=cron_job)
    yield Alert(
        "KafkaBackupSuspended", "warning", f"max(kube_cronjob_spec_suspend{suspended}) == 1", "1h",
        f"The backup {run.name} is suspended",
        f"The CronJob {cron_job} begins no run until it is resumed.", about,
    )  # fmt: skip


def _of_operator(environment: Environment, backup: Backup) -> Iterator[Alert]:
    """Of runs inside of the operator its own metrics alone tell, and they know no time of a success."""
    namespace, name = environment.namespace, backup.name
    about = {**_owner(backup), "backup": name, "run": name}
    bad, good = (
        operator_runs(namespace, name, outcome, backup.gaps_s[1])
        for outcome in ('!="success"', '="success"')
    )
    yield Alert(
        "KafkaBackupFailed", "critical", f"{bad} > 0\nunless {good} > 0", "1m",
        f"The backup {name} failed",
        f"A run of the KafkaBackup {name} failed, and none has succeeded since.", about,
    )  # fmt: skip
    done = operator_runs(namespace, name, '="success"', backup.objective_s)
    yield Alert(
        "KafkaBackupStale", "critical", f"({done} or vector(0)) == 0", _time(backup.gaps_s[1]),
        f"The backup {name} is older than its objective",
        f"No run of the KafkaBackup {name} succeeded within {_time(backup.objective_s)}, or the operator"
        " tells nothing.", about,
    )  # fmt: skip


def _full(environment: Environment, backup: Backup) -> Alert:
    """Seen during a run, and so remembered until the next one."""
    claim, percent = backup.storage.claim, disk(environment.data.get("verify", {}))
    window_s = backup.oldest_s + _LATE_S
    words = "a run that finds too little room is refused, and nothing is backed up any more."
    if not guard_image(environment, backup):
        words = "a run that finds no room ends well all the same, and spoils the older backup, too."
    filled = volume_filled(backup.claim_namespace(environment), claim, window_s)
    return Alert(
        "KafkaBackupVolumeFull", "warning", f"{filled}\n  > {percent.warn_percent / 100:g}", "1m",
        f"The volume of the backup {backup.name} fills up",
        f"The claim {claim} is {{{{ $value | humanizePercentage }}}} full; {words}", {**_owner(backup), "backup": backup.name},
    )  # fmt: skip


def _of_drill(environment: Environment, backup: Backup) -> Iterator[Alert]:
    namespace, cron_job = environment.namespace, DRILL_PREFIX + backup.name
    about = {**_owner(backup), "backup": backup.name}
    yield Alert(
        "KafkaBackupDrillFailed", "critical", _failed(namespace, cron_job), "",
        f"The restore drill of the backup {backup.name} failed",
        "What was restored is not what was backed up, or it could not be restored at all.", about,
    )  # fmt: skip
    yield Alert(
        "KafkaBackupDrillMissed", "warning",
        _overdue(namespace, cron_job, backup.starting_deadline_s), _INSTALLED,
        f"The restore drill of the backup {backup.name} did not begin",
        f"The CronJob {cron_job} should have begun a drill and has not, or it is gone. Nobody knows"
        " whether the backup can be restored.", about,
    )  # fmt: skip


def _of_verification(environment: Environment) -> Iterator[Alert]:
    """Where steady verification pushes what it finds; without it these would never be silent."""
    every_s = verdicts_every_s(environment)
    if every_s is None:
        return
    name = environment.name
    ran = f"max(strimzi_verify_last_run_timestamp_seconds{matching(environment=name)})"
    bad = verdicts(name, status="fail")
    elsewhere = (
        f'{bad[:-1]},check!~"{DRILL_CHECK}|{RECOVERY_CHECK}"}}'  # these have alerts of their own
    )
    slow = f'{bad[:-1]},check="{RECOVERY_CHECK}"}}'
    yield Alert(
        "KafkaBackupPartial", "critical", f"max by (check) ({elsewhere}) == 1", "1m",
        f"A backup of {name} is not whole",
        "The check {{ $labels.check }} of strimzi-verify failed: what is stored lacks something, is"
        " damaged, or cannot be restored as it is.", {},
    )  # fmt: skip
    yield Alert(
        "KafkaBackupSlow", "warning", f"max({slow}) == 1", "1m",
        f"A backup of {name} would be back too late",
        f"The check {RECOVERY_CHECK} of strimzi-verify failed: what the backup holds takes longer than its"
        " recovery to be restored.", {},
    )  # fmt: skip
    yield Alert(
        "KafkaBackupUnverified", "warning",
        f"max by (check) ({verdicts(name, status='unknown')}) == 1\n"
        f"or time() - {ran} > {2 * every_s}\n"
        f"or absent({verdicts(name)})", _time(every_s),
        f"Nobody knows whether the backups of {name} are whole",
        "strimzi-verify could not find out, is silent, or checks no backup.", {},
    )  # fmt: skip


def _overdue(namespace: str, cron_job: str, late_s: int) -> str:
    """Past the next time of its schedule, which is not told while it is suspended; or it is gone."""
    picked = matching(namespace=namespace, cronjob=cron_job)
    due = f"max(kube_cronjob_next_schedule_time{picked})"
    return f"time() - {due} > {late_s + _LATE_S}\nor absent(kube_cronjob_created{picked})"


def _failed(namespace: str, cron_job: str) -> str:
    """A Job has failed that began after the last success."""
    begun = started(namespace, cron_job, failed(namespace))
    return f"max(\n  {_indented(begun)}\n) > ({last_success(namespace, cron_job)} or vector(0))"


def _indented(lines: str) -> str:
    return lines.replace("\n", "\n  ")


def _owner(backup: Backup) -> dict[str, str]:
    return {"owner": backup.settings["owner"]} if "owner" in backup.settings else {}


def _time(seconds: int) -> str:
    return format_duration_ms(seconds * 1000)
