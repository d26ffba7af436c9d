"""The restore that the runbook has people type, by the real engine on a real Kafka, as the user that it makes."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from live.applier import apply
from live.engine_pod import Pods
from live.engine_records import Record, by_partition, read, various, write
from live.kafka import Kafka
from live.security import BROKER_SANS
from support import Project

from generator.cli.main import run

pytestmark = [pytest.mark.live, pytest.mark.engine]

_BOOTSTRAP = "events-kafka-bootstrap.kafka-dev.svc.cluster.local"
_INTENT = """\
environment: dev
namespace: kafka-dev
size: small
cluster:
  name: events
  listeners:
    tls: {{port: {tls}, authentication: tls}}
verify: {{image: "strimzi-verify:1"}}
topics: {{orders: {{partitions: 3, retention: unlimited, backup: required}}}}
backups: {{nightly: {{image: 'kafka-backup:v0.25.2', schedule: 0 2 * * *, storage: {{pvc: {{size: 1Gi}}}}}}}}
"""
_UNTIL_MS = 1767225600000
"""What people replace in the runbook: 2026-01-01T00:00:00Z."""


@pytest.fixture
def kafka(tmp_path: Path) -> Iterator[Kafka]:
    """One secured node that shows the name of the environment's cluster."""
    with_name = Kafka(tmp_path / "kafka", secure=True)
    assert with_name.security is not None
    with_name.nodes[0].identity = with_name.security.broker((*BROKER_SANS, _BOOTSTRAP))
    with with_name:
        yield with_name


def test_what_is_typed_restores_the_state_of_the_time(
    kafka: Kafka, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The records up to the time, once, in their partitions, and no other; run again, nothing is added."""
    project = Project(tmp_path / "project")
    project.environment(text=_INTENT.format(**kafka.nodes[0].ports))
    assert run(["--root", str(project.root), "render", "--no-cache"]) == 0
    apply(kafka, project.root / "rendered/dev")
    client = kafka._client()
    times = (
        each._replace(timestamp_ms=_UNTIL_MS - 499 + number)
        for number, each in enumerate(various(500))
    )
    write(client, "orders", times)
    before = by_partition(read(client, "orders"))
    write(client, "orders", (Record(0, b"k", b"later", _UNTIL_MS + 1 + n) for n in range(300)))

    pods = _pods(kafka, tmp_path, project.root / "rendered/dev")
    *_, last = pods.run_all("CronJob/backup-nightly").values()
    assert last.code == 0, last.log
    text = (project.root / "rendered/dev/backup/RUNBOOK.md").read_text()
    (typed,) = re.findall(r"^strimzi-gitops restore (.* --topic .*)$", text, re.MULTILINE)
    monkeypatch.chdir(project.root)
    assert run(["restore", *shlex.split(typed)]) == 0
    apply(kafka, project.root / "back")
    pods.objects |= _pods(kafka, tmp_path, project.root / "back").objects
    pods.secrets |= _pods(kafka, tmp_path, project.root / "back").secrets
    (job,) = (each for each in pods.objects if each.startswith("Job/restore-"))

    for _ in range(2):
        done = pods.run_all(job, job.partition("/")[2])
        assert [each.code for each in done.values()] == [0] * 3, [*done.values()][-1].log
        assert by_partition(read(client, "orders.restored")) == before
    assert sum(map(len, before.values())) == 500


def _pods(kafka: Kafka, folder: Path, manifests: Path) -> Pods:
    assert kafka.security is not None
    bodies = [
        body for file in manifests.rglob("*.yaml") for body in yaml.safe_load_all(file.read_text())
    ]
    secrets = {
        "events-cluster-ca-cert": {"ca.crt": kafka.security.cluster_ca.certificate.read_text()}
    }
    for body in bodies:
        if body["kind"] == "KafkaUser":
            shown = kafka.security.user(body["metadata"]["name"])
            secrets[body["metadata"]["name"]] = {
                "user.crt": shown.certificate.read_text(),
                "user.key": shown.key.read_text(),
            }
    objects = {f"{body['kind']}/{body['metadata']['name']}": body for body in bodies}
    return Pods(folder, objects, secrets, [_BOOTSTRAP])
