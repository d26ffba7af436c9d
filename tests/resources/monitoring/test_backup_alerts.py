"""Alerts for backups: the real promtool says of series as they come when each fires, and when none does."""

import dataclasses
import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from support import Project, need_tool

from generator.model.monitoring import verdicts_every_s
from generator.resources.monitoring import backup_alerts, backup_dashboard

INTENT = """\
topics: {orders: {backup: required}}
backups:
  x:
    owner: team-a
    image: kafka-backup:v0.25.2
    schedule: 0 * * * *
    deadline: 20m
    startingDeadline: 10m
    objective: 2h
    storage: {pvc: {size: 1Gi}}
monitoring: {prometheusRules: true, dashboards: true, labels: {release: p}}
"""
STEADY = """\
verify: {image: 'r/v:1', deadline: 15m, wait: 5m, schedule: '*/15 * * * *', pushgateway: 'http://p:9091'}
"""
DRILL = {"drill": {"schedule": "0 5 * * 1"}}


def _environment(root: Path, more: str, drill: bool) -> Any:
    project = Project(root)
    project.environment(INTENT + more)
    everything = project.everything("dev")
    assert everything.findings == []
    environment = everything.environments[0].environment
    if not drill:
        return environment
    data: Any = environment.data
    drilled = {name: {**own, **DRILL} for name, own in data["backups"].items()}
    changed: Any = {**data, "backups": drilled}
    return dataclasses.replace(environment, data=changed)


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """An environment with all that is watched: a backup on a volume, its drill, steady verification."""
    return _environment(tmp_path_factory.mktemp("project"), STEADY, drill=True)


def _rules(environment: Any) -> dict[str, Any]:
    (manifest,) = backup_alerts.render(environment)
    spec: dict[str, Any] = manifest.body["spec"]
    return spec


def _of(cron_job: str, kind: str = "cronjob") -> str:
    return f'namespace="kafka-dev",{kind}="{cron_job}"'


def _cron_job(name: str, **values: str) -> dict[str, str]:
    """Series of a CronJob: its values by the metric's last words."""
    return {f"kube_cronjob_{metric}{{{_of(name)}}}": value for metric, value in values.items()}


def _job(name: str, owner: str, **values: str) -> dict[str, str]:
    """Series of a Job: whose it is, and its values."""
    owned = f'{_of(name, "job_name")},owner_kind="CronJob",owner_name="{owner}"'
    series = {f"kube_job_owner{{{owned}}}": "1x400"}
    for metric, value in values.items():
        more = ',condition="true"' if metric == "failed" else ""
        series[f"kube_job_{metric}{{{_of(name, 'job_name')}{more}}}"] = value
    return series


def _verdict(check: str, status: str) -> dict[str, str]:
    """Series of one check of steady verification, of which one status is 1."""
    return {
        f'strimzi_verify_check_status{{environment="dev",group="backup",check="{check}",status="{each}"}}':
        f"{int(each == status)}x400"
        for each in ("pass", "skip", "warn", "unknown", "fail")
    }  # fmt: skip


def _volume(used: str) -> dict[str, str]:
    claim = _of("backup-x", "persistentvolumeclaim")
    return {
        f"kubelet_volume_stats_used_bytes{{{claim}}}": used,
        f"kubelet_volume_stats_capacity_bytes{{{claim}}}": "100x20",
    }


WELL = _cron_job(
    "backup-x", created="0x400", spec_suspend="0x400", next_schedule_time="10800x400",
    status_last_successful_time="7500x400",
)  # fmt: skip
"""The backup at 2:50 hours: it ran at 2:00 until 2:05, and will run at 3:00."""
RAN = _job("ran", "backup-x", status_start_time="7200x400", status_active="0x400")
DRILLED = _cron_job("drill-x", created="0x400", next_schedule_time="90000x400")
PROVED = {
    **_verdict("backup-age", "pass"), **_verdict("backup-drill", "pass"),
    'strimzi_verify_last_run_timestamp_seconds{environment="dev"}': "0+60x400",
}  # fmt: skip
FINE = {**WELL, **RAN, **DRILLED, **PROVED}


def _without(series: dict[str, str], *words: str) -> dict[str, str]:
    return {
        name: value for name, value in series.items() if not any(word in name for word in words)
    }


CASES: dict[str, tuple[str, dict[str, str], list[str]]] = {
    "all is well": ("170m", FINE, []),
    # the beginning
    "rules are there before the CronJob": ("10m", {}, []),
    "installed, and the first run is yet to come": (
        "50m",
        {**_without(FINE, "last_successful", '"ran"'),
         **_cron_job("backup-x", next_schedule_time="3600x400")},
        [],
    ),
    # missed
    "nothing is there": (
        "170m", {}, ["KafkaBackupDrillMissed", "KafkaBackupMissed x", "KafkaBackupUnverified"],
    ),
    "no run at its time": (
        "170m", {**FINE, **_cron_job("backup-x", next_schedule_time="7200x400")},
        ["KafkaBackupMissed x"],
    ),
    "a run may be late by its starting deadline": (
        "169m", {**FINE, **_cron_job("backup-x", next_schedule_time="8460x400")}, [],
    ),
    # failed
    "the last run failed": (
        "170m", {**FINE, **_job("bad", "backup-x", status_start_time="9000x400", failed="1x400")},
        ["KafkaBackupFailed x"],
    ),
    "the very first run failed": (
        "60m",
        {**_without(FINE, "last_successful"),
         **_job("bad", "backup-x", status_start_time="600x400", failed="1x400")},
        ["KafkaBackupFailed x"],
    ),
    "it has succeeded since it failed": (
        "170m", {**FINE, **_job("bad", "backup-x", status_start_time="3600x400", failed="1x400")},
        [],
    ),
    "a try failed, and is tried again": (
        "170m",
        {**FINE,
         **_job("bad", "backup-x", status_start_time="9900x400", status_failed="1x400",
                status_active="1x400")},
        [],
    ),
    "another CronJob's Job failed": (
        "170m", {**FINE, **_job("bad", "backup-y", status_start_time="9000x400", failed="1x400")},
        [],
    ),
    "two of kube-state-metrics tell of a failure": (
        "170m",
        {name.replace("{", f'{{instance="{one}",'): value
         for one in "ab" for name, value in {
             **FINE, **_job("bad", "backup-x", status_start_time="9000x400", failed="1x400"),
         }.items()},
        ["KafkaBackupFailed x"],
    ),
    # stale
    "older than its objective": (
        "170m", {**FINE, **_cron_job("backup-x", status_last_successful_time="2000x400")},
        ["KafkaBackupStale x"],
    ),
    "never succeeded within its objective": (
        "170m", _without(FINE, "last_successful"), ["KafkaBackupStale x"],
    ),
    # running
    "it runs longer than usual": (
        "170m",
        {**FINE, **_job("now", "backup-x", status_start_time="9000x400", status_active="1x400")},
        ["KafkaBackupRunningLong x"],
    ),
    "an older one hangs while another runs": (
        "170m",
        {**FINE, **_job("old", "backup-x", status_start_time="8000x400", status_active="1x400"),
         **_job("now", "backup-x", status_start_time="10000x400", status_active="1x400")},
        ["KafkaBackupRunningLong x"],
    ),
    "it runs": (
        "170m",
        {**FINE, **_job("now", "backup-x", status_start_time="9600x400", status_active="1x400")},
        [],
    ),
    "suspended, so that nothing is missed": (
        "170m",
        {**_without(FINE, 'next_schedule_time{namespace="kafka-dev",cronjob="backup-x"'),
         **_cron_job("backup-x", spec_suspend="1x400")},
        ["KafkaBackupSuspended x"],
    ),
    "suspended for a moment": (
        "170m", {**FINE, **_cron_job("backup-x", spec_suspend="0x120 1x200")}, [],
    ),
    # the volume, mounted for the first twenty minutes
    "the volume was seen nearly full": (
        "60m", {**FINE, **_volume("80x20")}, ["KafkaBackupVolumeFull"],
    ),
    "the volume had room": ("60m", {**FINE, **_volume("70x20")}, []),
    # verified
    "a check failed": (
        "170m", {**FINE, **_verdict("backup-segments", "fail")}, ["KafkaBackupPartial"],
    ),
    "it would be back too late": (
        "170m", {**FINE, **_verdict("backup-recovery", "fail")}, ["KafkaBackupSlow"],
    ),
    "a check could not find out": (
        "170m", {**FINE, **_verdict("backup-segments", "unknown")}, ["KafkaBackupUnverified"],
    ),
    "verification is silent": (
        "170m",
        {**FINE, 'strimzi_verify_last_run_timestamp_seconds{environment="dev"}': "3000x400"},
        ["KafkaBackupUnverified"],
    ),
    "no backup is checked": (
        "170m", _without(FINE, "check_status"), ["KafkaBackupUnverified"],
    ),
    "verification has not run yet": ("25m", _without(FINE, "strimzi_verify"), []),
    # drills
    "a drill failed": (
        "170m", {**FINE, **_job("bad", "drill-x", status_start_time="600x400", failed="1x400"),
                 **_verdict("backup-drill", "fail")},
        ["KafkaBackupDrillFailed"],
    ),
    "a drill hangs, so that the next one does not begin": (
        "170m", {**FINE, **_cron_job("drill-x", next_schedule_time="1800x400")},
        ["KafkaBackupDrillMissed"],
    ),
}  # fmt: skip
"""When, which series there are, and the alerts that then fire, each with its run."""


def _ask(promtool: str, folder: Path, *arguments: str) -> None:
    done = subprocess.run(
        [promtool, *arguments], capture_output=True, text=True, cwd=folder, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture
def promtool() -> str:
    """The path of Prometheus' own tool."""
    return need_tool("promtool", "Debian: apt-get install prometheus")


@pytest.mark.parametrize("case", CASES)
def test_alerts_fire_when_they_should(
    case: str, environment: Any, tmp_path: Path, promtool: str
) -> None:
    """Exactly the alerts that are expected, and no other."""
    _expect(promtool, tmp_path, environment, *CASES[case])


def _expect(
    promtool: str,
    folder: Path,
    environment: Any,
    when: str,
    series: dict[str, str],
    expected: list[str],
) -> None:
    firing = [each.partition(" ") for each in expected]
    samples = [
        {"labels": f'{{alertname="{name}"{f", run={json.dumps(run)}" if run else ""}}}', "value": 1}
        for name, _, run in firing
    ]
    tests = {
        "rule_files": ["rules.yaml"],
        "tests": [{
            "interval": "1m",
            "input_series": [{"series": name, "values": text} for name, text in series.items()],
            "promql_expr_test": [{
                "expr": 'max by (alertname, run) (ALERTS{alertstate="firing"})',
                "eval_time": when,
                "exp_samples": samples,
            }],
        }],
    }  # fmt: skip
    (folder / "rules.yaml").write_text(yaml.safe_dump(_rules(environment)))
    (folder / "tests.yaml").write_text(yaml.safe_dump(tests))

    _ask(promtool, folder, "test", "rules", "tests.yaml")


def test_every_alert_is_seen_firing(environment: Any) -> None:
    """Those of the cases above are all that there are, so that none is untried."""
    alerts = {rule["alert"] for group in _rules(environment)["groups"] for rule in group["rules"]}

    assert {each.split()[0] for _, _, expected in CASES.values() for each in expected} == alerts


INSIDE = (
    INTENT.replace("    image: kafka-backup:v0.25.2\n", "")
    .replace("    deadline: 20m\n    startingDeadline: 10m\n", "    engine: operator\n")
    .replace(
        "{pvc: {size: 1Gi}}", "{s3: {bucket: b00, region: eu-1, credentialsSecret: {name: s}}}"
    )
)
"""The same backup by kafka.oso.sh, whose runs no CronJob knows."""


def _operated(outcome: str, values: str) -> dict[str, str]:
    labels = f'resource_namespace="kafka-dev",name="x",outcome="{outcome}"'
    return {f"kafka_backup_operator_backups_total{{{labels}}}": values}


OPERATED: dict[str, tuple[str, dict[str, str], list[str]]] = {
    "all is well": ("300m", _operated("success", "0+1x60 60+1x300"), []),
    "the first run is yet to come": ("50m", {}, []),
    "the last runs failed": (
        "170m",
        {**_operated("success", "0x60 1x400"), **_operated("failure", "0x120 1x400")},
        ["KafkaBackupFailed x"],
    ),
    "it has succeeded since": (
        "170m",
        {**_operated("success", "0x120 1x400"), **_operated("failure", "0x115 1x400")},
        [],
    ),
    "no run has succeeded for long": (
        "600m", _operated("success", "0x60 1x600"), ["KafkaBackupStale x"],
    ),
    "the operator tells nothing": ("600m", {}, ["KafkaBackupStale x"]),
}  # fmt: skip


@pytest.mark.parametrize("case", OPERATED)
def test_alerts_of_an_operator(tmp_path: Path, promtool: str, case: str) -> None:
    """By its own counters, and nothing asks for a CronJob that is not there."""
    project = Project(tmp_path / "project")
    project.environment(INSIDE)
    environment = project.everything("dev").environments[0].environment
    (group,) = _rules(environment)["groups"]

    assert {rule["alert"] for rule in group["rules"]} == {"KafkaBackupFailed", "KafkaBackupStale"}
    _expect(promtool, tmp_path, environment, *OPERATED[case])


def test_dashboard_of_an_operator(tmp_path: Path, promtool: str) -> None:
    """How its runs ended, in place of what is known of CronJobs."""
    project = Project(tmp_path / "project")
    project.environment(INSIDE)
    environment = project.everything("dev").environments[0].environment
    (manifest,) = backup_dashboard.render(environment)
    panels = json.loads(manifest.body["data"]["kafka-backup-dev.json"])["panels"]

    assert [each["title"] for each in panels[1:]] == ["Runs of the operator in a day"]
    rule = {"record": "r", "expr": panels[1]["targets"][0]["expr"]}
    text = yaml.safe_dump({"groups": [{"name": "all", "rules": [rule]}]})
    (tmp_path / "rules.yaml").write_text(text)
    _ask(promtool, tmp_path, "check", "rules", "rules.yaml")


def test_text_of_an_alert(environment: Any, tmp_path: Path, promtool: str) -> None:
    """Labels by which it is routed, and an age that people can read."""
    expected = {
        "exp_labels": {
            "severity": "critical", "environment": "dev", "cluster": "events", "backup": "x",
            "namespace": "kafka-dev", "owner": "team-a", "run": "x",
        },
        "exp_annotations": {
            "summary": "The backup x is older than its objective",
            "description": "Its last good run ended 2h 50m 0s ago, or there was none since the CronJob"
                           " backup-x is there; at most 2h may be lost.",
        },
    }  # fmt: skip
    tests = {
        "rule_files": ["rules.yaml"],
        "tests": [{
            "interval": "1m",
            "input_series": [{"series": name, "values": text}
                             for name, text in _cron_job("backup-x", created="0x400").items()],
            "alert_rule_test": [{"eval_time": "170m", "alertname": "KafkaBackupStale",
                                 "exp_alerts": [expected]}],
        }],
    }  # fmt: skip
    (tmp_path / "rules.yaml").write_text(yaml.safe_dump(_rules(environment)))
    (tmp_path / "tests.yaml").write_text(yaml.safe_dump(tests))

    _ask(promtool, tmp_path, "test", "rules", "tests.yaml")


def test_every_expression_of_the_dashboard_is_promql(
    environment: Any, tmp_path: Path, promtool: str
) -> None:
    """Each, as a rule of its own, is read by promtool."""
    (manifest,) = backup_dashboard.render(environment)
    dashboard = json.loads(manifest.body["data"]["kafka-backup-dev.json"])
    expressions = [t["expr"] for panel in dashboard["panels"] for t in panel.get("targets", ())]
    rules = [{"record": f"r{number}", "expr": text} for number, text in enumerate(expressions)]
    assert len(expressions) == 7
    (tmp_path / "rules.yaml").write_text(
        yaml.safe_dump({"groups": [{"name": "all", "rules": rules}]})
    )

    _ask(promtool, tmp_path, "check", "rules", "rules.yaml")


def test_dashboard_is_one_that_grafana_takes(environment: Any) -> None:
    """Ids and places are each panel's own, no panel leaves its row, and the sidecar finds it."""
    (manifest,) = backup_dashboard.render(environment)
    dashboard = json.loads(manifest.body["data"]["kafka-backup-dev.json"])
    panels = dashboard["panels"]
    places = [(panel["gridPos"]["x"], panel["gridPos"]["y"]) for panel in panels]

    assert manifest.body["metadata"]["labels"]["grafana_dashboard"] == "1"
    assert manifest.body["metadata"]["labels"]["release"] == "p"
    assert [panel["id"] for panel in panels] == list(range(1, len(panels) + 1))
    assert len(set(places)) == len(places)
    assert all(panel["gridPos"]["x"] + panel["gridPos"]["w"] <= 24 for panel in panels)
    assert panels[0]["type"] == "row"
    assert [panel["title"] for panel in panels[1:]] == [
        "Age against the objective", "Last success", "Running", "Failed Jobs that are still there",
        "Verified", "Volumes", "Time since a restore drill succeeded",
    ]  # fmt: skip
    for panel in panels[1:]:
        references = [target["refId"] for target in panel["targets"]]
        assert len(set(references)) == len(references)


def test_queries_of_many_runs_have_names_of_their_own() -> None:
    """Past Z letters begin again with a number."""
    names = [backup_dashboard._letter(place) for place in range(60)]

    assert (names[0], names[25], names[26], names[52]) == ("A", "Z", "A1", "A2")
    assert len(set(names)) == 60


def test_what_nobody_pushes_is_not_awaited(tmp_path: Path) -> None:
    """Without steady verification and its Pushgateway, and without drills, nothing asks for them."""
    bare = _environment(tmp_path / "1", "", drill=False)
    unpushed = STEADY.replace(", pushgateway: 'http://p:9091'", "")

    assert verdicts_every_s(bare) is None
    assert verdicts_every_s(_environment(tmp_path / "2", unpushed, drill=False)) is None
    assert {rule["alert"] for group in _rules(bare)["groups"] for rule in group["rules"]} == {
        "KafkaBackupMissed", "KafkaBackupFailed", "KafkaBackupStale", "KafkaBackupRunningLong",
        "KafkaBackupSuspended", "KafkaBackupVolumeFull",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("more", "kinds"),
    [
        ("", set()),
        ("monitoring: {dashboards: true}\n", {"ConfigMap"}),
        ("monitoring: {prometheusRules: true}\n", {"PrometheusRule"}),
    ],
)
def test_only_what_is_asked_for_is_rendered(project: Project, more: str, kinds: set[str]) -> None:
    """Prometheus Operator's kinds are not known everywhere, so nothing comes unasked."""
    project.environment(INTENT.partition("monitoring:")[0] + more)
    made = project.everything("dev").environments[0].manifests

    assert {each.kind for each in made if each.area == "monitoring"} == kinds


def test_without_backups_nothing_is_watched(project: Project) -> None:
    """A layer may say what is wanted for all, and an environment may have no backups."""
    project.environment("topics: {a: {}}\nmonitoring: {prometheusRules: true, dashboards: true}\n")

    assert not [file for file in project.everything().files()["dev"] if "monitoring" in file]


def test_alerts_lead_to_the_runbook(project: Project) -> None:
    """Each to its own heading."""
    more = INTENT.replace("labels:", "runbookUrl: 'https://r/RUNBOOK.md', labels:")
    project.environment(more)
    environment = project.everything("dev").environments[0].environment
    rules = [rule for group in _rules(environment)["groups"] for rule in group["rules"]]

    assert {rule["annotations"]["runbook_url"] for rule in rules} == {
        f"https://r/RUNBOOK.md#{rule['alert'].lower()}" for rule in rules
    }
