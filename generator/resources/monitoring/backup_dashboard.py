"""A dashboard for backups: one row of panels for Grafana, as data, in a ConfigMap for its sidecar."""

import json
from collections.abc import Iterator
from hashlib import sha256

from generator.documents.manifest import Manifest
from generator.model.backups.backups import Backup, backups
from generator.model.backups.labels import DRILL_PREFIX
from generator.model.environment import Environment
from generator.model.monitoring import SECTION, monitoring, verdicts_every_s
from generator.model.verification.verification import disk
from generator.resources._metadata import metadata
from generator.resources.monitoring._promql import (
    matching,
    one_of,
    since_success,
    verdicts,
    volume_filled,
)
from generator.resources.monitoring.backup_alerts import AREA, DRILL

NAME = "dashboard-backup"
_LABEL = {"grafana_dashboard": "1"}
"""What the sidecar of Grafana's chart looks for (grafana/helm-charts, sidecar.dashboards.label)."""
_SCHEMA_VERSION = 39
"""Of Grafana 10.4; later ones migrate it by themselves."""
_DATASOURCE = {"type": "prometheus", "uid": "${datasource}"}
_WIDTH, _HEIGHT, _ROW = 8, 8, 24

Target = tuple[str, str]
"""An expression and what its series are called."""


def render(environment: Environment) -> Iterator[Manifest]:
    """One ConfigMap, where dashboards are asked for and there are backups."""
    asked, found = monitoring(environment), backups(environment)
    if not asked.dashboards or not found:
        return
    labels = {**asked.labels, **_LABEL}
    about = metadata(environment, "ConfigMap", NAME, labels=labels, of_cluster=False)
    text = json.dumps(_dashboard(environment, found), indent=2, sort_keys=True) + "\n"
    data = {f"kafka-backup-{environment.name}.json": text}
    body = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": about, "data": data}
    yield Manifest(AREA, body, (SECTION,))


def _dashboard(environment: Environment, found: list[Backup]) -> dict[str, object]:
    name, cluster = environment.name, environment.cluster.name
    panels = [_row(f"Backups of {cluster} in {name}")]
    for place, panel in enumerate(_panels(environment, found)):
        per_row = _ROW // _WIDTH
        grid = {"h": _HEIGHT, "w": _WIDTH, "x": place % per_row * _WIDTH,
                "y": 1 + place // per_row * _HEIGHT}  # fmt: skip
        panels.append({**panel, "gridPos": grid})
    return {
        "editable": False,
        "panels": [{**panel, "id": number} for number, panel in enumerate(panels, 1)],
        "refresh": "1m",
        "schemaVersion": _SCHEMA_VERSION,
        "tags": ["kafka", "backup", name],
        "templating": {"list": [
            {"name": "datasource", "label": "Prometheus", "type": "datasource", "query": "prometheus"},
        ]},
        "time": {"from": "now-7d", "to": "now"},
        "title": f"Kafka backups: {cluster} in {name}",
        # Of its own, and the same for ever, so that links to it hold.
        "uid": sha256(f"backup/{name}/{cluster}".encode()).hexdigest()[:16],
    }  # fmt: skip


def _row(title: str) -> dict[str, object]:
    grid = {"h": 1, "w": _ROW, "x": 0, "y": 0}
    return {"type": "row", "title": title, "collapsed": False, "panels": [], "gridPos": grid}


def _panels(environment: Environment, found: list[Backup]) -> Iterator[dict[str, object]]:
    namespace = environment.namespace
    if any(backup.cron_job(run) for backup in found for run in backup.runs):
        yield from _of_cron_jobs(namespace, found)
    inside = [backup.name for backup in found if not backup.cron_job(backup.runs[0])]
    if inside:
        picked = f'{matching(resource_namespace=namespace)[:-1]},name=~"{one_of(inside)}"}}'
        yield _panel(
            "timeseries", "Runs of the operator in a day",
            [(f"sum by (name, outcome) (increase(kafka_backup_operator_backups_total{picked}[1d]))",
              "{{name}}: {{outcome}}")],
        )  # fmt: skip
    if verdicts_every_s(environment) is not None:
        yield _panel(
            "table", "Verified",
            [(f"max by (check, status) ({verdicts(environment.name)} == 1)",
              "{{check}}: {{status}}")],
        )  # fmt: skip
    claims = {
        backup.storage.claim: (backup.claim_namespace(environment), backup.oldest_s)
        for backup in found
        if backup.storage.claim
    }
    if claims:
        percent = disk(environment.data.get("verify", {}))
        yield _panel(
            "timeseries", "Volumes",
            [(volume_filled(place, claim, oldest_s), claim)
             for claim, (place, oldest_s) in sorted(claims.items())],
            "percentunit", (percent.warn_percent / 100, percent.fail_percent / 100),
        )  # fmt: skip
    drills = [DRILL_PREFIX + backup.name for backup in found if DRILL in backup.settings]
    if drills:
        yield _panel(
            "stat", "Time since a restore drill succeeded",
            [(since_success(namespace, each), each) for each in drills], "s",
        )  # fmt: skip


def _of_cron_jobs(namespace: str, found: list[Backup]) -> Iterator[dict[str, object]]:
    runs = [(backup, run, cron_job) for backup in found for run in backup.runs
            if (cron_job := backup.cron_job(run))]  # fmt: skip
    names = one_of(cron_job for _, _, cron_job in runs)
    jobs = f'{matching(namespace=namespace)[:-1]},cronjob=~"{names}"}}'
    owned = f'{matching(namespace=namespace, owner_kind="CronJob")[:-1]},owner_name=~"{names}"}}'
    yield _panel(
        "bargauge", "Age against the objective",
        [(f"({since_success(namespace, cron_job)}) / {backup.objective_s}", run.name)
         for backup, run, cron_job in runs],
        "percentunit", (0.8, 1), "1 means that as much may be lost as was promised at most.",
    )  # fmt: skip
    yield _panel(
        "stat", "Last success",
        [(f"max by (cronjob) (kube_cronjob_status_last_successful_time{jobs}) * 1000",
          "{{cronjob}}")],
        "dateTimeFromNow",
    )  # fmt: skip
    yield _panel(
        "timeseries", "Running",
        [(f"max by (cronjob) (kube_cronjob_status_active{jobs})", "{{cronjob}}")],
    )  # fmt: skip
    of_jobs = f"max by (job_name, owner_name) (kube_job_owner{owned})"
    condition = matching(namespace=namespace, condition="true")
    yield _panel(
        "timeseries", "Failed Jobs that are still there",
        [(f"count by (owner_name) ({of_jobs} and on (job_name) kube_job_failed{condition} == 1)",
          "{{owner_name}}")],
        thresholds_=(1, 1),
    )  # fmt: skip


def _panel(
    type_: str,
    title: str,
    targets: list[Target],
    unit: str = "none",
    thresholds_: tuple[float, float] | None = None,
    description: str = "",
) -> dict[str, object]:
    """A panel; of the thresholds the first one is yellow, the second one red."""
    steps: list[dict[str, object]] = [{"color": "green", "value": None}]
    if thresholds_ is not None:
        steps += [{"color": color, "value": value}
                  for color, value in zip(("yellow", "red"), thresholds_, strict=True)]  # fmt: skip
    instant = type_ != "timeseries"
    panel: dict[str, object] = {
        "type": type_,
        "title": title,
        "datasource": _DATASOURCE,
        "fieldConfig": {
            "defaults": {"unit": unit, "thresholds": {"mode": "absolute", "steps": steps}},
            "overrides": [],
        },
        "targets": [
            {"datasource": _DATASOURCE, "expr": expression, "instant": instant,
             "range": not instant, "legendFormat": legend, "refId": _letter(place),
             **({"format": "table"} if type_ == "table" else {})}
            for place, (expression, legend) in enumerate(targets)
        ],
    }  # fmt: skip
    if description:
        panel["description"] = description
    return panel


def _letter(place: int) -> str:
    """A, B, ..., Z, A1, B1, ...: how Grafana tells queries of a panel apart."""
    round_, letter = divmod(place, 26)
    return chr(ord("A") + letter) + (str(round_) if round_ else "")
