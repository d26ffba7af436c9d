"""Resets of offsets as rendered, with Kafka's own tool: as their user, with its rights and no other."""

import os
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml
from confluent_kafka import Consumer, ConsumerGroupTopicPartitions, TopicPartition
from live.applier import apply
from live.jars import MissingError, java, tools
from live.kafka import Kafka
from live.security import password_of
from support import Project

from generator.cli.main import run

pytestmark = pytest.mark.live

_MAIN = "org.apache.kafka.tools.consumer.group.ConsumerGroupCommand"
_ENVIRONMENT = """\
environment: dev
namespace: kafka-dev
size: small
cluster:
  name: events
  listeners:
    tls: {port: 9093, authentication: tls}
    scram: {port: 9095, authentication: scram-sha-512}
topicDefaults: {retention: unlimited}
topics: {orders: {partitions: 2}, payments: {partitions: 1}, other: {partitions: 1}}
applications:
  billing: {consumes: {orders: {group: billing}, payments: {group: billing}}}
  fraud: {consumes: {orders: {group: fraud}}}
offsetResets:
  replay: {groups: [billing, fraud], to: earliest, parallelism: 2}
  back: {groups: [billing, fraud], to: {snapshot: replay}, listener: scram}
  skip: {groups: [fraud], to: latest, listener: scram}
  exactly: {groups: [billing], to: {offsets: {orders: {"0": 3, "1": 99}}}}
  since: {groups: [billing], topics: [payments], to: {timestamp: "2023-11-14T23:13:20+01:00"}}
  unknown: {groups: [fraud], to: {snapshot: never}}
"""
_APPROVAL = (
    "  {name}: {{object: Job/offsets-{name}, change: run, reason: It is tried., owner: team-a,"
    " expires: '2026-12-31'}}\n"
)
_NAMES = ("replay", "back", "skip", "exactly", "since", "unknown")
_EPOCH_MS = 1_700_000_000_000


class Done(NamedTuple):
    """What came of a step of a pod."""

    code: int
    log: str


class Site(NamedTuple):
    """A cluster to which everything is applied, and the rendered objects by `Kind/name`."""

    kafka: Kafka
    objects: dict[str, Any]
    folder: Path

    def run(self, name: str, index: int = 0) -> list[Done]:
        """Run the steps of a Job's pod, each only if the one before it succeeded."""
        spec = self.objects[f"Job/offsets-{name}"]["spec"]["template"]["spec"]
        done = []
        for step in (*spec["initContainers"], *spec["containers"]):
            done.append(self._step(f"offsets-{name}", spec, step, index))
            if done[-1].code:
                break
        return done

    def _step(self, name: str, spec: Any, step: Any, index: int) -> Done:
        """One container: the paths of its mounts are those of a folder, the address is a test's."""
        pod = self.folder / f"{name}-{index}"
        for volume in spec["volumes"]:
            mounted = pod / volume["name"]
            mounted.mkdir(parents=True, exist_ok=True)
            source = volume.get("configMap") or volume.get("secret") or {"items": ()}
            for item in source["items"]:
                content = self._content(volume, item["key"])
                for inside, outside in (("/tmp", f"{pod}/tmp"), ("/etc/kafka-offsets", str(pod))):  # noqa: S108
                    content = content.replace(inside, outside)
                (mounted / item["path"]).write_text(content)
        variables = {each["name"]: each["value"] for each in step["env"]}
        listener = "scram" if "9095" in variables["BOOTSTRAP"] else "tls"
        variables["BOOTSTRAP"] = self.kafka.application(listener, name)["bootstrap.servers"]
        command = [each.replace("/etc/kafka-offsets", str(pod)) for each in step["command"]]
        ran = subprocess.run(
            [*command, *step["args"]], cwd=self.folder / "image", text=True, check=False,
            env={"PATH": os.environ["PATH"], "JOB_COMPLETION_INDEX": str(index), **variables},
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=120,
        )  # fmt: skip
        return Done(ran.returncode, ran.stdout)

    def _content(self, volume: Any, key: str) -> str:
        security = self.kafka.security
        assert security is not None
        if "configMap" in volume:
            content: str = self.objects[f"ConfigMap/{volume['configMap']['name']}"]["data"][key]
            return content
        user = volume["secret"]["secretName"]
        if key == "ca.crt":
            return security.cluster_ca.certificate.read_text()
        if key == "sasl.jaas.config":
            return (
                "org.apache.kafka.common.security.scram.ScramLoginModule required"
                f' username="{user}" password="{password_of(user)}";'
            )
        shown = security.user(user)
        return (shown.certificate if key == "user.crt" else shown.key).read_text()

    def offsets(self, group: str) -> dict[tuple[str, int], int]:
        """Where a group is."""
        asked = self.kafka.admin.list_consumer_group_offsets([ConsumerGroupTopicPartitions(group)])
        return {
            (each.topic, each.partition): each.offset
            for each in asked[group].result().topic_partitions or ()
        }

    def commit(self, group: str, offsets: dict[tuple[str, int], int]) -> None:
        """Set a group to these offsets, as somebody who may do everything."""
        consumer = Consumer({**self.kafka._client(), "group.id": group})
        try:
            consumer.commit(
                offsets=[TopicPartition(*place, offset) for place, offset in offsets.items()],
                asynchronous=False,
            )
        finally:
            consumer.close()


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """One secured node with the environment, ten records a partition."""
    try:
        command = f'exec {java()} -Xmx128m -XX:TieredStopAtLevel=1 -cp "{tools()}" {_MAIN} "$@"\n'
    except MissingError as error:
        pytest.skip(str(error))
    folder = tmp_path_factory.mktemp("offsets")
    tool = folder / "image/bin/kafka-consumer-groups.sh"
    tool.parent.mkdir(parents=True)
    tool.write_text(f"#!/bin/sh\n{command}")
    tool.chmod(0o755)
    project = Project(folder / "project")
    approvals = "".join(_APPROVAL.format(name=name) for name in _NAMES)
    project.environment(text=_ENVIRONMENT + "approvals:\n" + approvals)
    assert run(["--root", str(project.root), "render", "--no-cache"]) == 0
    rendered = project.root / "rendered/dev"
    objects = {}
    for file in rendered.rglob("*.yaml"):
        body = yaml.safe_load(file.read_text())
        objects[f"{body['kind']}/{body['metadata']['name']}"] = body
    with Kafka(folder / "kafka", secure=True) as kafka:
        apply(kafka, rendered)
        _fill(kafka)
        yield Site(kafka, objects, folder)


def _fill(kafka: Kafka) -> None:
    from confluent_kafka import Producer

    producer = Producer(kafka._client())
    for topic, partition in (("orders", 0), ("orders", 1), ("payments", 0), ("other", 0)):
        for number in range(10):
            producer.produce(topic, b"x", partition=partition, timestamp=_EPOCH_MS + number * 1000)
    assert producer.flush(30) == 0


_BILLING = {("orders", 0): 7, ("orders", 1): 8, ("payments", 0): 5}
_FRAUD = {("orders", 1): 2}


def _codes(done: Sequence[Done]) -> list[int]:
    return [each.code for each in done]


def test_replay_and_back_again(site: Site) -> None:
    """Each pod moves its own groups; the snapshot brings every committed offset back, and no other."""
    site.commit("billing", _BILLING | {("other", 0): 4})
    site.commit("fraud", _FRAUD)
    for index in (0, 1):
        done = site.run("replay", index)
        assert _codes(done) == [0, 0], done
    assert site.offsets("billing") == dict.fromkeys(_BILLING, 0) | {("other", 0): 4}
    assert site.offsets("fraud") == {("orders", 0): 0, ("orders", 1): 0}
    assert site.offsets("snapshot.replay.billing") == _BILLING

    # What happens meanwhile to topics that are not meant stays.
    site.commit("billing", {("other", 0): 9})
    done = site.run("back")
    assert _codes(done) == [0, 0], done
    assert site.offsets("billing") == _BILLING | {("other", 0): 9}
    assert site.offsets("fraud")[("orders", 1)] == 2
    assert site.offsets("snapshot.back.billing") == dict.fromkeys(_BILLING, 0)


def test_a_second_try_keeps_the_first_snapshot(site: Site) -> None:
    """What a first try did is not taken for what was there before it."""
    before = site.offsets("snapshot.replay.billing")
    assert before
    assert _codes(site.run("replay", 0)) == [0, 0]

    assert site.offsets("snapshot.replay.billing") == before


def test_latest_offsets_and_times_are_met(site: Site) -> None:
    """An offset behind the end becomes the end; a time is the first record with it, in any zone."""
    site.commit("billing", _BILLING)
    for name in ("skip", "exactly", "since"):
        done = site.run(name)
        assert _codes(done) == [0, 0], done

    assert site.offsets("fraud") == {("orders", 0): 10, ("orders", 1): 10}
    assert site.offsets("billing")[("orders", 0)] == 3
    assert site.offsets("billing")[("orders", 1)] == 10
    assert site.offsets("billing")[("payments", 0)] == 0


def test_a_group_with_members_is_left_alone(site: Site) -> None:
    """The tool exits 0 all the same; the Job does not, and nothing has changed."""
    site.commit("fraud", _FRAUD)
    consumer = Consumer({**site.kafka._client(), "group.id": "fraud"})
    consumer.subscribe(["payments"])
    site.kafka.until(
        lambda: consumer.poll(0.2) is not None or bool(consumer.assignment()), "a member"
    )
    try:
        done = site.run("skip")
    finally:
        consumer.close()

    assert done[-1].code == 1
    assert "inactive" in done[-1].log
    assert site.offsets("fraud")[("orders", 1)] == 2


def test_there_is_no_way_back_without_a_snapshot(site: Site) -> None:
    """It is said, and nothing moves."""
    site.commit("fraud", _FRAUD)
    done = site.run("unknown")

    assert _codes(done) == [0, 1]
    assert "there is no snapshot snapshot.never.fraud" in done[-1].log
    assert site.offsets("fraud")[("orders", 1)] == 2


def test_nobody_learns_the_secrets(site: Site) -> None:
    """Neither password nor key is in what a pod says."""
    site.commit("fraud", _FRAUD)
    log = "".join(each.log for name in ("skip", "replay") for each in site.run(name))

    assert "PRIVATE KEY" not in log
    assert password_of("offsets-skip") not in log
