"""A cluster that is gone is built anew from its backups, by what `strimzi-gitops restore` writes.

Nothing of the files is edited: rights, configs, ids and groups are as they come. Sets lie on a claim and in S3.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from confluent_kafka import TopicPartition
from live.applier import apply
from live.engine_pod import Done, Pods
from live.engine_records import Record, by_partition, read, write
from live.engine_store import BUCKET, Store
from live.kafka import Kafka
from live.losses import NAMES, TOPICS, fill
from live.security import BROKER_SANS, password_of
from support import REPOSITORY, Project

from generator.cli.main import run

pytestmark = [pytest.mark.live, pytest.mark.engine]

_BOOTSTRAP = "events-kafka-bootstrap.kafka-dev.svc.cluster.local"
_EPOCH_MS = 1_700_000_000_000
_ENVIRONMENT = """\
environment: dev
namespace: kafka-dev
size: small
cluster:
  name: events
  listeners:
    tls: {{port: {tls}, authentication: tls}}
    scram: {{port: {scram}, authentication: scram-sha-512}}
  quotas: {{type: kafka, producerByteRate: 100Ki, consumerByteRate: 512Ki}}
verify: {{image: "strimzi-verify:1"}}
{topics}applications:
  billing: {{consumes: {{orders: {{group: billing}}, payments: {{group: billing}}}}}}
  shipping: {{consumes: {{shipments: {{group: shipping}}}}}}
backups:
  claimed:
    image: kafka-backup:v0.25.2
    schedule: 0 2 * * *
    shards: 2
    topics: {{include: [orders, payments, prices, quiet]}}
    storage: {{pvc: {{size: 1Gi}}}}
  cloud:
    image: kafka-backup:v0.25.2
    schedule: 0 2 * * *
    listener: scram
    topics: {{include: [shipments]}}
    storage:
      s3: {{bucket: {bucket}, region: us-east-1, endpoint: "{store}", pathStyle: true, credentialsSecret: {{name: keys}}}}
"""
_KEYS = {"AWS_ACCESS_KEY_ID": "key-id", "AWS_SECRET_ACCESS_KEY": "key-secret"}


@dataclass
class Site:
    """A cluster to which the environment is applied, and the pods of what is rendered for it."""

    kafka: Kafka
    project: Path
    pods: Pods

    @property
    def folder(self) -> Path:
        """Where what is restored by hand is written down."""
        return self.project / f"by-hand-{self.kafka.nodes[0].ports['scram']}"

    @property
    def client(self) -> dict[str, Any]:
        """The settings of a client that may do everything."""
        return self.kafka._client()

    def ordered(self, *options: str) -> list[str]:
        """The Jobs of a restore by hand, in their order, once everything else is applied."""
        folder = self.folder
        assert (
            run(["--root", str(self.project), "restore", "dev", "--out", str(folder), *options])
            == 0
        )
        bodies = [
            body
            for file in sorted(folder.glob("*.yaml"))
            for body in yaml.safe_load_all(file.read_text())
        ]
        self.take({f"{body['kind']}/{body['metadata']['name']}": body for body in bodies})
        apply(self.kafka, folder)
        return [f"Job/{body['metadata']['name']}" for body in bodies if body["kind"] == "Job"]

    def take(self, objects: dict[str, Any]) -> None:
        """Objects that are applied, and the Secrets that operators make for them."""
        assert self.kafka.security is not None
        self.pods.objects |= objects
        for kind, _, name in (each.partition("/") for each in objects):
            if kind == "KafkaUser":
                shown = self.kafka.security.user(name)
                self.pods.secrets[name] = {
                    "user.crt": shown.certificate.read_text(),
                    "user.key": shown.key.read_text(),
                    "password": password_of(name),
                }


def _site(folder: Path, claims: Path, store: Store) -> Iterator[Site]:
    """A new cluster, whose pods find the claims that are there."""
    kafka = Kafka(folder / "kafka", secure=True)
    (node,), security = kafka.nodes, kafka.security
    assert security is not None
    node.identity = security.broker((*BROKER_SANS, _BOOTSTRAP))
    project = Project(folder / "project")
    text = _ENVIRONMENT.format(**node.ports, topics=TOPICS, bucket=BUCKET, store=store.url)
    project.environment(text=text)
    assert run(["--root", str(project.root), "render", "--no-cache"]) == 0
    bodies = [
        yaml.safe_load(file.read_text()) for file in (project.root / "rendered/dev").rglob("*.yaml")
    ]
    secrets = {
        "events-cluster-ca-cert": {"ca.crt": security.cluster_ca.certificate.read_text()},
        "keys": _KEYS,
    }
    with kafka:
        apply(kafka, project.root / "rendered/dev")
        made = Site(kafka, project.root, Pods(claims, {}, secrets, [_BOOTSTRAP]))
        made.take({f"{body['kind']}/{body['metadata']['name']}": body for body in bodies})
        yield made


@dataclass
class Disaster:
    """What was there, and the cluster that is to have it again."""

    before: dict[str, list[Record]]
    new: Site


@pytest.fixture(scope="module")
def disaster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Disaster]:
    """A cluster with backups is gone, with all of its disks."""
    folder = tmp_path_factory.mktemp("rebuild")
    with Store(folder / "store") as store:
        (old,) = [_filled(site) for site in _site(folder / "old", folder / "node", store)]
        for new in _site(folder / "new", folder / "node", store):
            yield Disaster(old, new)


def _filled(site: Site) -> dict[str, list[Record]]:
    fill(site.client)
    for name in ("claimed-0", "claimed-1", "cloud"):
        done = site.pods.run_all(f"CronJob/backup-{name}")
        last = [*done.values()][-1]
        assert all(each.code == 0 and not each.warnings for each in done.values()), last.log
    return {topic: read(site.client, topic) for topic in NAMES}


_STANDBY_BOOTSTRAP = "spare-kafka-bootstrap.kafka-standby.svc.cluster.local"
_STANDBY = """\
environment: standby
namespace: kafka-standby
size: dev
cluster: {{name: spare, listeners: {{scram: {{port: {scram}, authentication: scram-sha-512}}}}}}
topics: {{orders: {{partitions: 3}}}}
"""


@pytest.fixture
def standby(tmp_path: Path, disaster: Disaster) -> Iterator[Site]:
    """The cluster of another environment, whose pods find no claim of the first one."""
    kafka = Kafka(tmp_path / "kafka", secure=True)
    (node,), security = kafka.nodes, kafka.security
    assert security is not None
    node.identity = security.broker((*BROKER_SANS, _STANDBY_BOOTSTRAP))
    project = disaster.new.project
    folder = project / "environments/standby"
    folder.mkdir()
    (folder / "environment.yaml").write_text(_STANDBY.format(**node.ports))
    secrets = {
        "spare-cluster-ca-cert": {"ca.crt": security.cluster_ca.certificate.read_text()},
        "keys": _KEYS,
    }
    with kafka:
        yield Site(kafka, project, Pods(tmp_path, {}, secrets, [_STANDBY_BOOTSTRAP]))


def _all(site: Site, jobs: list[str]) -> list[Done]:
    return [each for job in jobs for each in site.pods.run_all(job, job.partition("/")[2]).values()]


def test_a_cluster_comes_back_from_its_backups(disaster: Disaster) -> None:
    """Every record once, every group at the record that it was to read next; killed in the middle, and begun again."""
    new = disaster.new
    jobs = new.ordered("--name", "rebuild")
    assert jobs == [f"Job/restore-rebuild-{name}" for name in ("claimed-0", "claimed-1", "cloud")]
    before = {topic: by_partition(records) for topic, records in disaster.before.items()}

    done = _all(new, jobs)
    assert [each.code for each in done] == [0] * 12, done[-1].log
    assert {topic: by_partition(read(new.client, topic)) for topic in NAMES} == before
    # 700 records were gone when the backup ran; what was aborted was never in it.
    said = "\n".join(each.log for each in done if " group" in each.log)
    assert new.kafka.group_offsets("billing") == {
        ("orders", 0): 1000, ("orders", 1): 301, ("orders", 2): 3000, ("payments", 0): 50,
    }, said  # fmt: skip
    assert new.kafka.group_offsets("shipping") == {("shipments", 0): 17, ("shipments", 1): 18}

    pages = [each.log for each in done if each.log.startswith("topic ")]
    assert len(pages) == 3
    assert "8300 records in 2 topics, as in the backup (exit 0)" in pages[1]
    assert "orders           3     8300  2023-11-15T00:43:19Z  claimed-1" in pages[1]

    code, told = _restored(new)
    assert (code, told["restored-records"], told["restored-groups"]) == (0, "pass", "pass"), told

    # Run once more, nothing is written and nobody is moved.
    again = _all(new, jobs)
    assert [each.code for each in again] == [0] * 12, again[-1].log
    assert {topic: by_partition(read(new.client, topic)) for topic in NAMES} == before

    # Somebody writes into it, and a group is moved back: the command says so.
    write(new.client, "orders", [Record(0, b"k", b"v", _EPOCH_MS)])
    new.kafka.move_group("shipping", "shipments", {0: 3})
    code, told = _restored(new)
    assert (code, told["restored-records"], told["restored-groups"]) == (5, "fail", "fail"), told
    said = told["said"]
    assert "orders: 0 has 3001 records, and the set 3000" in said
    assert "shipping: it is not where it was: shipments-0 at 3 instead of 17" in said

    # Somebody empties a topic that keeps its records for ever: that is no retention.
    end = [TopicPartition("payments", 0, -1)]
    for future in new.kafka.admin.delete_records(end).values():
        future.result()
    code, told = _restored(new)
    assert code == 5, told
    assert (
        "payments: 0 has no record, and the set 100: all of them were deleted again" in told["said"]
    )


def _restored(site: Site) -> tuple[int, dict[str, str]]:
    """What `strimzi-verify restored` says, as somebody who may do everything."""
    login = site.client
    password = site.project / "password"
    password.write_text(login["sasl.password"])
    done = subprocess.run(
        [sys.executable, "-m", "verify", "--root", site.project, "restored", "dev", site.folder,
         "--no-kubernetes", "--bootstrap", login["bootstrap.servers"], "--security-protocol", login["security.protocol"],
         "--username", login["sasl.username"], "--password-file", password, "--mechanism", login["sasl.mechanism"],
         "--backup-path", f"claimed-0={site.pods.claim('backup-claimed')}",
         "--backup-path", f"claimed-1={site.pods.claim('backup-claimed')}", "--format", "json", "--skip", "topics,users"],
        capture_output=True, text=True, check=False, env=os.environ | _KEYS | {"AWS_REGION": "us-east-1"}, cwd=REPOSITORY,
    )  # fmt: skip
    report = json.loads(done.stdout)
    told = {each["check"]: each["status"] for each in report["checks"]}
    outcomes = [
        o
        for each in report["checks"]
        if each["check"].startswith("restored")
        for o in each["outcomes"]
    ]
    told["said"] = "\n".join(f"{o['subject']}: {o['message']}" for o in outcomes)
    return done.returncode, told


def test_sets_are_restored_onto_another_environment(disaster: Disaster, standby: Site) -> None:
    """Into a topic that it does not declare, with other users and another listener; the other backup's claim is out of reach."""
    root = ["--root", str(standby.project), "restore", "dev", "--onto", "standby", "--out"]
    assert run([*root, str(standby.project / "all")]) == 1

    jobs = standby.ordered("--name", "over", "--onto", "standby", "--backup", "cloud")
    assert jobs == ["Job/restore-over-cloud"]
    done = _all(standby, jobs)
    assert [each.code for each in done] == [0] * 4, done[-1].log
    before = by_partition(disaster.before["shipments"])
    assert by_partition(read(standby.client, "shipments")) == before
    assert standby.kafka.group_offsets("shipping") == {("shipments", 0): 17, ("shipments", 1): 18}
