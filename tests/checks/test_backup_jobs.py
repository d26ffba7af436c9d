"""What runs backups: CronJobs, their Jobs, claims, operators and drills."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from checks.backup_answers import HOUR_S, backup
from checks.kafka_answers import git
from checks.kubernetes_objects import NOW_S, Body, body, live, said

from generator.contract.settings import BackupRun, BackupStorage
from verify.desired import Desired
from verify.live.backups import Room
from verify.live.live import BackupSet, Live

NAME = "cronjob/backup-business"
DAY_S = 24 * HOUR_S


def at(hours_ago: float) -> str:
    """A time as Kubernetes writes it."""
    return datetime.fromtimestamp(NOW_S - hours_ago * HOUR_S, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def cron_job(name: str = "backup-business", suspend: bool | None = None, **status: Any) -> Body:
    """A CronJob of every four hours that was made ten days ago, as it is."""
    spec: Body = {
        "schedule": "20 */4 * * *",
        "startingDeadlineSeconds": 600,
        "jobTemplate": {"spec": {"activeDeadlineSeconds": 3600}},
    } | ({} if suspend is None else {"suspend": suspend})
    made = {"creationTimestamp": at(240)}
    return body("CronJob", name, "batch/v1", metadata=made, spec=spec, status=status)


def job(hours_ago: float, failed: str = "", done: bool = False, **status: Any) -> Body:
    """A Job of the backup's CronJob that began then; active unless it failed or is done."""
    conditions = [{"type": "Complete", "status": "True"}] if done else []
    if failed:
        conditions = [{"type": "Failed", "status": "True", "reason": failed}]
    owner = {"ownerReferences": [{"kind": "CronJob", "name": "backup-business"}]}
    told = {"startTime": at(hours_ago), "conditions": conditions} | status
    return body("Job", f"backup-business-{hours_ago}", "batch/v1", metadata=owner, status=told)


def wanted(*objects: Body, **more: Any) -> Desired:
    """The usual backup, and what is rendered of it."""
    return git(*objects, backups={"business": backup(**more)})


def test_a_cron_job_is_well() -> None:
    """It tells when its last run succeeded."""
    found = live(cron_job(lastSuccessfulTime=at(3)), job(3.1, done=True))

    assert said("backup-cronjob", wanted(cron_job()), found) == [
        f"pass {NAME}: the last run that succeeded ended 3 hours ago"
    ]
    assert said("backup-suspended", wanted(cron_job()), found) == []
    assert said("backup-running", wanted(cron_job()), found) == []


@pytest.mark.parametrize(
    ("status", "words"),
    [
        ({"lastSuccessfulTime": at(6)}, "pass {}: the last run that succeeded ended 6 hours ago"),
        ({"lastSuccessfulTime": at(7)}, "fail {}: the last run that succeeded ended 7 hours ago"),
        ({}, "fail {}: no run has succeeded since it was made 10 days ago"),
    ],
)
def test_no_run_has_succeeded_for_long(status: Body, words: str) -> None:
    """A pause of four hours, a run of one, ten minutes late, and an hour for the change of clocks."""
    found = live(cron_job(**status))

    assert said("backup-cronjob", wanted(cron_job()), found) == [words.format(NAME)]


def test_a_new_cron_job_has_time() -> None:
    """Nothing is overdue."""
    new = cron_job()
    new["metadata"]["creationTimestamp"] = at(2)

    assert said("backup-cronjob", wanted(cron_job()), live(new)) == [
        f"pass {NAME}: made 2 hours ago, no run is overdue"
    ]


def test_the_last_run_failed() -> None:
    """The next one may be early enough."""
    found = live(cron_job(lastSuccessfulTime=at(5)), job(9, "Old"), job(1, "DeadlineExceeded"))

    assert said("backup-cronjob", wanted(cron_job()), found) == [
        f"warn {NAME}: the last run failed: DeadlineExceeded"
    ]
    more = live(cron_job(lastSuccessfulTime=at(5)), job(1, "DeadlineExceeded"), job(3, "Before"))
    assert said("backup-cronjob", wanted(cron_job()), more) == [
        f"warn {NAME}: the last run failed: DeadlineExceeded"
    ]


def test_a_cron_job_is_not_there() -> None:
    """Unless an operator runs the backup, which needs none."""
    assert said("backup-cronjob", wanted(cron_job()), live()) == [f"fail {NAME}: is not there"]
    assert said("backup-cronjob", wanted(), live()) == ["skip: no CronJob runs them"]


def test_a_backup_is_suspended() -> None:
    """By Git it is worth a warning; how old its last run is matters no more."""
    found = live(cron_job(suspend=True, lastSuccessfulTime=at(99)))

    assert said("backup-suspended", wanted(cron_job()), found) == [
        f"fail {NAME}: is suspended, and Git does not say so"
    ]
    assert said("backup-suspended", wanted(cron_job(), suspend=True), found) == [
        f"warn {NAME}: is suspended, as Git says"
    ]
    assert said("backup-cronjob", wanted(cron_job()), found) == [f"skip {NAME}: is suspended"]


@pytest.mark.parametrize(
    ("active", "words"),
    [
        (job(0.5, ready=1), []),
        (job(0.1), []),
        (job(1.2, ready=1), ["fail job/backup-business-1.2: has been active for 72 minutes"]),
        (job(0.5, ready=0), ["warn job/backup-business-0.5: has had no running pod for 30 minutes"]),
        (job(9, done=True), []),
    ],
)  # fmt: skip
def test_a_run_takes_too_long(active: Body, words: list[str]) -> None:
    """All later ones wait for it."""
    assert said("backup-running", wanted(cron_job()), live(cron_job(), active)) == words


def test_drills() -> None:
    """As backups, on a schedule of their own."""
    asked = wanted(drill="drill-business")

    def told(drill: Body) -> list[str]:
        return said("backup-drill", asked, live(drill))

    name = "cronjob/drill-business"
    drill = cron_job("drill-business", lastSuccessfulTime=at(1))
    assert told(drill) == [f"pass {name}: the last drill that succeeded ended 60 minutes ago"]
    assert told(cron_job("drill-business", lastSuccessfulTime=at(50))) == [
        f"fail {name}: the last drill that succeeded ended 2 days ago"
    ]
    assert told(cron_job("drill-business", suspend=True)) == [f"warn {name}: is suspended"]
    assert said("backup-drill", asked, live()) == [f"fail {name}: is not there"]
    assert said("backup-drill", wanted(), live()) == ["skip: no backup has a drill"]


def claim(phase: str = "Bound") -> Body:
    """The claim of the usual backup."""
    return body("PersistentVolumeClaim", "backup-business", "v1", status={"phase": phase})


CLAIM = "persistentvolumeclaim/backup-business"


def on_claim(*objects: Body, used: int | None = None, copied: bool = False) -> Live:
    """What was collected, with the set on a volume of which so many percent are used."""
    found = live(*objects)
    room = None if used is None else Room(1000, 1000 - 10 * used)
    found.backups = {"business": BackupSet("/data/business", "business", room=room, copied=copied)}
    return found


@pytest.mark.parametrize(
    ("used", "words"),
    [
        (None, []),
        (74, [f"pass {CLAIM}: 74 % full"]),
        (75, [f"warn {CLAIM}: 75 % full"]),
        (85, [f"fail {CLAIM}: 85 % full [resources]"]),
    ],
)
def test_a_volume_fills_up(used: int | None, words: list[str]) -> None:
    """By the limits of all disks; where it cannot be read nobody knows."""
    assert said("backup-volume", wanted(claim()), on_claim(claim(), used=used)) == words


def test_a_copy_is_on_another_volume() -> None:
    """That of the laptop is nobody's business."""
    found = on_claim(claim(), used=99, copied=True)

    assert said("backup-volume", wanted(claim()), found) == []


def test_a_claim_is_not_bound() -> None:
    """Before the first run it need not be."""
    pending = claim("Pending")
    asked = wanted(claim(), cron_job())

    assert said("backup-volume", asked, on_claim(pending, cron_job())) == [
        f"pass {CLAIM}: waits for the first run, which binds it"
    ]
    begun = cron_job(lastScheduleTime=at(1))
    assert said("backup-volume", asked, on_claim(pending, begun)) == [
        f"fail {CLAIM}: is Pending [resources]"
    ]
    assert said("backup-volume", asked, on_claim(claim("Lost"))) == [f"fail {CLAIM}: is Lost"]
    assert said("backup-volume", asked, on_claim()) == [f"fail {CLAIM}: is not there"]


def test_a_claim_that_argo_cd_has_not_made_yet() -> None:
    """It would wait for it in vain, so that it makes it last; a hook before that finds none."""
    asked = replace(wanted(cron_job()), mid_sync=True)

    assert said("backup-volume", asked, on_claim(cron_job())) == [
        f"pass {CLAIM}: Argo CD makes it after this run"
    ]
    assert said("backup-volume", asked, on_claim(claim("Lost"))) == [f"fail {CLAIM}: is Lost"]


def test_backups_without_a_claim() -> None:
    """An object store has room for all."""
    bucket = wanted(storage=BackupStorage("s3", bucket="b"))
    assert said("backup-volume", bucket, on_claim()) == ["skip: no backup is kept on a claim"]


OSO = "kafka.oso.sh/v1alpha1"
RESOURCE = "kafkabackup/business"


def operated(api: str = OSO, kind: str = "KafkaBackup", **status: Any) -> Body:
    """A resource of a backup operator in its second version, as it is."""
    made = {"generation": 2, "creationTimestamp": at(48)}
    told = {"observedGeneration": 2} | status if status else {}
    return body(kind, "business", api, metadata=made, status=told)


def failed(message: str) -> Body:
    """The condition of what is not ready."""
    return {"type": "Ready", "status": "False", "reason": "BackupFailed", "message": message}


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (operated(phase="Ready"), []),
        (operated(phase="Completed"), []),
        (operated(phase="Running", startTime=at(2)), []),
        (operated(phase="Running", startTime=at(25)),
         [f"fail {RESOURCE}: has been Running for 25 hours"]),
        (operated(phase="Running"), [f"fail {RESOURCE}: has been Running for 2 days"]),
        (operated(phase="Failed", message="no such topic"),
         [f"fail {RESOURCE}: is Failed: no such topic"]),
        (operated(conditions=[failed("no such topic")]),
         [f"fail {RESOURCE}: is not ready: BackupFailed: no such topic"]),
        (operated(phase="Ready", observedGeneration=1),
         [f"warn {RESOURCE}: its operator has not yet seen its newest version"]),
        (operated(), [f"fail {RESOURCE}: its operator has not looked at it"]),
        (operated(phase="Ready", retentionError="403"), [f"warn {RESOURCE}: drops nothing: 403"]),
        (operated("kafkabackup.com/v1alpha1", lastBackup={"status": "Failed"}),
         [f"fail {RESOURCE}: is Failed: no reason is told"]),
        (operated("kafkabackup.com/v1alpha1", lastBackup={"status": "Running", "startTime": at(30)}),
         [f"fail {RESOURCE}: has been Running for 30 hours"]),
        (operated(kind="KafkaBackupValidation", phase="Completed", validationResult="Fail"),
         ["fail kafkabackupvalidation/business: its validation says Fail"]),
        (operated(kind="KafkaBackupValidation", phase="Completed", validationResult="Warn", message="2 of 9"),
         ["warn kafkabackupvalidation/business: its validation says Warn: 2 of 9"]),
    ],
)  # fmt: skip
def test_what_operators_say(found: Body, words: list[str]) -> None:
    """Argo CD knows nothing of it."""
    git_says = operated(found["apiVersion"], found["kind"])

    assert said("backup-operator", wanted(git_says), live(found)) == words


def test_a_run_of_an_operator_has_the_deadline_of_its_backup() -> None:
    """Where Git sets one."""
    asked: BackupRun = backup(cron_job="business", deadline_seconds=HOUR_S)
    found = live(operated(phase="Running", startTime=at(2)))

    assert said("backup-operator", git(operated(), backups={"business": asked}), found) == [
        f"fail {RESOURCE}: has been Running for 2 hours"
    ]
    assert said("backup-operator", git(), found) == [
        "skip: no resource of a backup operator is rendered"
    ]


@pytest.mark.parametrize("check", ["backup-cronjob", "backup-suspended", "backup-running"])
def test_an_environment_without_backups(check: str) -> None:
    """Somebody else's CronJobs are not looked at."""
    assert said(check, git(), live(cron_job())) == [
        "skip: no backup is rendered for this environment"
    ]
