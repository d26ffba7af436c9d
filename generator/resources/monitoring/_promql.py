"""What alerts and dashboards ask of Prometheus about backups: expressions that both share.

Metrics of kube-state-metrics (docs/metrics/workload: cronjob, job), of the kubelet, and of steady
verification (verify/report/metrics.py). Everything is an aggregate, so that a second kube-state-metrics or a
label of the scrape changes nothing.
"""

import json
from collections.abc import Iterable


def matching(**labels: str) -> str:
    """A selector: `{namespace="kafka",cronjob="backup-x"}`."""
    return "{" + ",".join(f"{name}={json.dumps(value)}" for name, value in labels.items()) + "}"


def one_of(names: Iterable[str]) -> str:
    """A regular expression that fits these names, which hold letters, digits and '-' only."""
    return "|".join(names)


def last_success(namespace: str, cron_job: str) -> str:
    """When a CronJob last succeeded; nothing when it never has."""
    picked = matching(namespace=namespace, cronjob=cron_job)
    return f"max(kube_cronjob_status_last_successful_time{picked})"


def since_success(namespace: str, cron_job: str) -> str:
    """Seconds since a CronJob last succeeded, or since it is there when it never has."""
    picked = matching(namespace=namespace, cronjob=cron_job)
    created = f"max(kube_cronjob_created{picked})"
    return f"time() - (\n  {last_success(namespace, cron_job)}\n  or {created}\n)"


def started(namespace: str, cron_job: str, state: str) -> str:
    """When each Job of a CronJob began that is in this state, by its name."""
    jobs = matching(namespace=namespace)
    owned = matching(namespace=namespace, owner_kind="CronJob", owner_name=cron_job)
    return (
        f"max by (job_name) (kube_job_status_start_time{jobs})\n"
        f"  and on (job_name) kube_job_owner{owned}\n"
        f"  and on (job_name) {state}"
    )


def active(namespace: str) -> str:
    """Jobs with a pod that runs."""
    return f"kube_job_status_active{matching(namespace=namespace)} > 0"


def failed(namespace: str) -> str:
    """Jobs that have failed for good: a pod that failed may be tried again."""
    return f"kube_job_failed{matching(namespace=namespace, condition='true')} == 1"


def operator_runs(namespace: str, name: str, outcome: str, window_s: int) -> str:
    """How many runs of a KafkaBackup ended so within a time (kafka-backup-operator 1.2.1, metrics)."""
    picked = matching(resource_namespace=namespace, name=name)
    return (
        "sum(increase(kafka_backup_operator_backups_total"
        f"{picked[:-1]},outcome{outcome}}}[{window_s}s]))"
    )


def volume_filled(namespace: str, claim: str, window_s: int) -> str:
    """The used share of a claim, as last seen: the kubelet tells only while a pod has it mounted."""
    picked = matching(namespace=namespace, persistentvolumeclaim=claim)
    used, size = (
        f"max(last_over_time(kubelet_volume_stats_{word}_bytes{picked}[{window_s}s]))"
        for word in ("used", "capacity")
    )
    return f"{used}\n  / {size}"


def verdicts(environment: str, **more: str) -> str:
    """1 for each check of the group backup that ended with a status, 0 for every other status."""
    picked = matching(environment=environment, group="backup", **more)
    return f"strimzi_verify_check_status{picked}"
