"""Restores and drills as rendered, by the real engine: as their users, with their rights and no others."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from confluent_kafka import TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic
from live.applier import apply
from live.engine_pod import Done, Pods
from live.engine_records import Record, by_partition, read, various, write
from live.kafka import Kafka
from live.security import BROKER_SANS, password_of
from support import Project

from generator.cli.main import run

pytestmark = [pytest.mark.live, pytest.mark.engine]

_BOOTSTRAP = "events-kafka-bootstrap.kafka-dev.svc.cluster.local"
_IMAGE = "image: 'kafka-backup:v0.25.2', schedule: 0 2 * * *"
_EPOCH_MS = 1_700_000_000_000
_UNTIL_MS = _EPOCH_MS + 500_000
_NUMBER = 12000
_BOTH = "{orders: back.orders, payments: back.payments}"
_RESTORES = {
    "all": f"{{backup: whole, topics: {_BOTH}}}",
    # 2023-11-14T22:21:40Z, in another zone.
    "until": "{backup: shared, until: '2023-11-14T23:21:40+01:00', partitions: [0, 1], topics: {orders:"
    " early.orders, payments: early.payments}}",
    "slow": "{backup: whole, topics: {orders: slow.orders}, quotas: {producerByteRate: 8Ki}}",
    "over": "{backup: whole, topics: {orders: full.orders}, purge: true}",
    "made": "{backup: whole, topics: {orders: made.orders}, createTopics: true}",
    "moved": "{backup: shared, topics: {orders: moved.orders}, groups: {names: [billing]}}",
    "broken": "{backup: whole, topics: {orders: broken.orders}, groups: {names: [billing, shipping]}, rateLimit:"
    " {records: 500}}",
    "alone": "{backup: whole, topics: {orders: alone.orders}, groups: {names: [billing, nobody]}}",
    "narrow": "{backup: whole, topics: {orders: narrow.orders, payments: gone.payments}}",
    "early": "{backup: whole, topics: {orders: early-died.orders}, rateLimit: {records: 500}}",
    "wiped": "{backup: whole, topics: {orders: wiped.orders}, rateLimit: {records: 500}}",
    "bare": "{backup: whole, topics: {payments: bare.payments}, stripHeaders: true}",
    "late": "{backup: whole, topics: {orders: late.orders}, deadline: 1m, quotas: {producerByteRate: 1Ki}}",
}
_ENVIRONMENT = f"""\
environment: dev
namespace: kafka-dev
size: small
cluster:
  name: events
  listeners:
    tls: {{port: %(tls)d, authentication: tls}}
    scram: {{port: %(scram)d, authentication: scram-sha-512}}
  # Of topics that the engine makes, on one broker.
  config: {{default.replication.factor: 1}}
verify: {{image: "strimzi-verify:1"}}
topicDefaults: {{retention: unlimited}}
topics:
  orders: {{partitions: 3, backup: required}}
  payments: {{partitions: 1, backup: required}}
  back.orders: {{partitions: 3}}
  back.payments: {{partitions: 1}}
  early.orders: {{partitions: 3}}
  early.payments: {{partitions: 1}}
  full.orders: {{partitions: 3}}
  slow.orders: {{partitions: 3}}
  moved.orders: {{partitions: 3}}
  broken.orders: {{partitions: 3}}
  alone.orders: {{partitions: 3}}
  narrow.orders: {{partitions: 2, config: {{message.timestamp.type: LogAppendTime}}}}
  gone.payments: {{partitions: 1}}
  late.orders: {{partitions: 3}}
  bare.payments: {{partitions: 1}}
  early-died.orders: {{partitions: 3}}
  wiped.orders: {{partitions: 3}}
applications:
  billing: {{consumes: {{orders: {{group: billing}}}}}}
  shipping: {{consumes: {{orders: {{group: shipping}}}}}}
  nobody: {{consumes: {{orders: {{group: nobody}}}}}}
backups:
  whole:
    {{{_IMAGE}, storage: {{pvc: {{size: 1Gi}}}}, drill: {{schedule: 0 5 * * MON, topics: [orders], partitions: 2}}}}
  shared: {{{_IMAGE}, storage: {{pvc: {{size: 1Gi}}}}, shards: 2, listener: scram}}
restores:
{"".join(f"  {name}: {said}" + chr(10) for name, said in _RESTORES.items())}\
  waits: {{backup: whole, topics: {{orders: full.orders}}}}
"""
_APPROVAL = (
    "  {name}: {{object: Job/restore-{name}, change: {word}, reason: It is tried., owner: team-a,"
    " expires: '2026-12-31'}}\n"
)


@dataclass
class Site:
    """A cluster to which everything is applied, with a backup of all that it holds."""

    kafka: Kafka
    pods: Pods

    @property
    def client(self) -> dict[str, Any]:
        """The settings of a client that may do everything."""
        return self.kafka._client()

    def restore(self, name: str, *left_out: str) -> list[Done]:
        """Run the steps of a restore's pod, each only if the one before it succeeded."""
        spec = self.pods.objects[f"Job/restore-{name}"]["spec"]["template"]["spec"]
        steps = [*spec.get("initContainers", ()), *spec["containers"]]
        done: list[Done] = []
        for step in steps:
            if step["name"] not in left_out and not (done and done[-1].code):
                done.append(self.step(spec, step, f"restore-{name}"))
        return done

    def step(self, spec: Any, step: Any, job: str, args: Sequence[str] | None = None) -> Done:
        """Run one container of a pod."""
        alone = {**spec, "initContainers": [], "containers": [step]}
        self.pods.objects["Job/step"] = {"spec": {"template": {"spec": alone}}}
        return self.pods.run("Job/step", job, args)

    def begin(self, name: str, until: Callable[[], bool]) -> None:
        """Begin a restore, and kill the engine once something is so."""
        spec = self.pods.objects[f"Job/restore-{name}"]["spec"]["template"]["spec"]
        steps = [*spec.get("initContainers", ()), *spec["containers"]]
        (engine,) = (each for each in steps if "--config" in each["args"])
        self.pods.objects["Job/step"] = {
            "spec": {"template": {"spec": {**spec, "initContainers": [], "containers": [engine]}}}
        }
        with self.pods.running("Job/step", f"restore-{name}") as process:
            self.kafka.until(until, "write")
            process.kill()

    def checkpoint(self, name: str) -> dict[str, Any]:
        """What the engine has written down of how far a restore has come."""
        files = self.pods.claim("backup-whole").glob(f"whole/restore-checkpoints/{name}-*.json")
        told: dict[str, Any] = next((json.loads(each.read_text()) for each in files), {})
        return told

    def end_offsets(self, topic: str) -> dict[int, int]:
        """How many records each partition of a topic has ever had."""
        found: dict[int, int] = {}
        for each in read(self.client, topic):
            found[each.partition] = found.get(each.partition, 0) + 1
        return found

    def commit(self, group: str, offsets: Mapping[int, int], topic: str = "orders") -> None:
        """Set where a group is on a topic."""
        self.kafka.move_group(group, topic, offsets)

    def offsets(self, group: str, topic: str) -> dict[int, int]:
        """Where a group is on a topic."""
        every = self.kafka.group_offsets(group)
        return {partition: at for (name, partition), at in every.items() if name == topic}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """One secured node with the environment; its backups have run."""
    folder = tmp_path_factory.mktemp("restores")
    kafka = Kafka(folder / "kafka", secure=True)
    (node,), security = kafka.nodes, kafka.security
    assert security is not None
    node.identity = security.broker((*BROKER_SANS, _BOOTSTRAP))
    objects = _rendered(folder / "project", _ENVIRONMENT % node.ports)
    secrets = {"events-cluster-ca-cert": {"ca.crt": security.cluster_ca.certificate.read_text()}}
    for kind, _, name in (each.partition("/") for each in objects):
        if kind == "KafkaUser":
            shown = security.user(name)
            secrets[name] = {
                "user.crt": shown.certificate.read_text(),
                "user.key": shown.key.read_text(),
                "password": password_of(name),
                "sasl.jaas.config": "none",
            }
    with kafka:
        apply(kafka, folder / "project/rendered/dev")
        made = Site(kafka, Pods(folder, objects, secrets, [_BOOTSTRAP]))
        write(made.client, "orders", various(_NUMBER))
        payments = (Record(0, b"k", b"%d" % n, _EPOCH_MS + n * 1000) for n in range(1000))
        write(made.client, "payments", payments)
        made.commit("shipping", {number: 500 + number for number in range(3)})
        for run_of in ("whole", "shared-0", "shared-1"):
            done = made.pods.run(f"CronJob/backup-{run_of}")
            assert done.code == 0, done.log
        yield made


def _rendered(root: Path, text: str) -> dict[str, Any]:
    project = Project(root)
    words = {name: "purge" if "purge" in said else "run" for name, said in _RESTORES.items()}
    approvals = "".join(_APPROVAL.format(name=name, word=word) for name, word in words.items())
    project.environment(text=f"{text}approvals:\n{approvals}")
    assert run(["--root", str(root), "render", "--no-cache"]) == 0
    bodies = [yaml.safe_load(file.read_text()) for file in (root / "rendered/dev").rglob("*.yaml")]
    return {f"{each['kind']}/{each['metadata']['name']}": each for each in bodies}


def _good(done: list[Done]) -> bool:
    return [each.code for each in done] == [0] * len(done) and not any(d.warnings for d in done)


def test_everything_comes_back_once(site: Site) -> None:
    """Looked at, then restored as its own user; a second try of the same pod adds nothing."""
    done = site.restore("all")
    assert _good(done), done
    again = site.restore("all")
    assert _good(again), again

    for source in ("orders", "payments"):
        restored = read(site.client, f"back.{source}")
        assert by_partition(restored) == by_partition(read(site.client, source))


def test_a_point_in_time_is_what_was_said(site: Site) -> None:
    """Its millisecond is in it, of the partitions that are named, over the sets of all shards."""
    done = site.restore("until")
    assert len(done) == 4
    assert _good(done), done

    for source in ("orders", "payments"):
        expected = [
            each for each in read(site.client, source)
            if each.timestamp_ms <= _UNTIL_MS and each.partition < 2
        ]  # fmt: skip
        restored = read(site.client, f"early.{source}")
        assert by_partition(restored) == by_partition(expected)
    assert max(each.timestamp_ms for each in restored) == _UNTIL_MS


def test_records_without_their_marks_are_counted_all_the_same(site: Site) -> None:
    """Where they were nobody can tell any more."""
    done = site.restore("bare")

    assert _good(done), done
    assert "1000 records in 1 topic, as in the backup" in done[-1].log
    assert not any(each.headers for each in read(site.client, "bare.payments"))


def test_a_purge_leaves_nothing_of_before(site: Site) -> None:
    """Its user may delete records of the target."""
    write(site.client, "full.orders", [Record(0, b"k", b"wrong", _EPOCH_MS)])
    done = site.restore("over")
    assert _good(done), done

    restored = read(site.client, "full.orders")
    assert by_partition(restored) == by_partition(read(site.client, "orders"))


def test_a_quota_makes_it_slow_and_nothing_else(site: Site) -> None:
    """A throttled broker answers late; everything comes back all the same, and once."""
    done = site.restore("slow")
    assert [each.code for each in done] == [0, 0, 0], done
    assert done[1].took_s > 5

    restored = read(site.client, "slow.orders")
    assert by_partition(restored) == by_partition(read(site.client, "orders"))


def test_topics_are_made_where_that_is_said(site: Site) -> None:
    """With the partitions of the source, as its own user."""
    done = site.restore("made")
    assert _good(done), done

    restored = read(site.client, "made.orders")
    assert by_partition(restored) == by_partition(read(site.client, "orders"))


def test_groups_go_on_where_they_were(site: Site) -> None:
    """What was committed on the old topic is committed on the new one, which began elsewhere."""
    write(site.client, "moved.orders", [Record(0, b"k", b"before", _EPOCH_MS)] * 5)
    for future in site.kafka.admin.delete_records([TopicPartition("moved.orders", 0, 5)]).values():
        future.result()
    site.commit("billing", {number: 100 + number for number in range(3)})
    # What its snapshot step does, which has its own tests.
    site.commit("snapshot.moved.billing", {number: 100 + number for number in range(3)})
    done = site.restore("moved", "snapshot")
    assert [each.code for each in done] == [0, 0, 0, 0], done

    assert site.offsets("billing", "moved.orders") == {0: 105, 1: 101, 2: 102}
    assert site.offsets("billing", "orders") == {0: 100, 1: 101, 2: 102}


def test_groups_of_a_restore_that_was_killed_go_on_where_they_were(site: Site) -> None:
    """However often it is begun again, even after the groups have moved and read on."""
    before = {number: 1000 + number for number in range(3)}
    site.commit("billing", before)
    site.commit("snapshot.broken.billing", before)
    site.begin("broken", lambda: bool(site.checkpoint("broken").get("records_restored")))
    assert 0 < sum(site.end_offsets("broken.orders").values()) < _NUMBER

    done = site.restore("broken", "snapshot")
    assert [each.code for each in done] == [0, 0, 0, 0], done
    assert "it goes on where an earlier try stopped, at " in done[0].log
    restored, source = (
        by_partition(read(site.client, "broken.orders")),
        by_partition(read(site.client, "orders")),
    )
    assert restored == source
    # shipping has moved since; what the backup saw of it counts, as nobody kept anything else.
    assert site.offsets("billing", "broken.orders") == before
    assert site.offsets("shipping", "broken.orders") == {0: 500, 1: 501, 2: 502}

    site.commit("billing", dict.fromkeys(range(3), 4000), "broken.orders")
    again = site.restore("broken", "look", "snapshot", "kafka-backup")
    assert [each.code for each in again] == [0, 0]
    assert site.offsets("billing", "broken.orders") == before


def test_a_try_that_died_in_its_first_seconds_is_gone_on_with(site: Site) -> None:
    """The engine knew where its targets ended before it wrote; what lies behind that is its own."""
    site.begin("early", lambda: sum(site.end_offsets("early-died.orders").values()) > 500)
    assert not site.checkpoint("early").get("records_restored")
    done = site.restore("early", "snapshot")

    assert [each.code for each in done] == [0, 0, 0], done
    assert "it goes on where an earlier try stopped, at 0 records" in done[0].log
    restored, source = (
        by_partition(read(site.client, each)) for each in ("early-died.orders", "orders")
    )
    assert restored == source


def test_records_that_somebody_deleted_are_missed(site: Site) -> None:
    """The engine would look for them and fail for ever; what is said to be done then helps."""
    site.begin("wiped", lambda: sum(site.end_offsets("wiped.orders").values()) > 500)
    ends = [TopicPartition("wiped.orders", number, -1) for number in range(3)]
    for future in site.kafka.admin.delete_records(ends).values():
        future.result()
    (done,) = site.restore("wiped", "snapshot")
    assert done.code == 5
    assert "an earlier try wrote records that are not there any more: wiped.orders-" in done.log
    assert "empty all of its targets and delete that file" in done.log

    (file,) = site.pods.claim("backup-whole").glob("whole/restore-checkpoints/wiped-*.json")
    assert f"whole/restore-checkpoints/{file.name} says" in done.log
    file.unlink()
    again = site.restore("wiped", "snapshot")
    assert [each.code for each in again] == [0, 0, 0], again
    restored, source = (
        by_partition(read(site.client, each)) for each in ("wiped.orders", "orders")
    )
    assert restored == source

    # All of it is there, and goes: the engine would take what it has acknowledged for done.
    for future in site.kafka.admin.delete_records(ends).values():
        future.result()
    (done,) = site.restore("wiped", "snapshot")
    assert done.code == 5
    assert (
        "wrote records that are not there any more: wiped.orders-0, wiped.orders-1, wiped.orders-2."
        in done.log
    )


def test_a_group_of_which_nobody_knows_is_named(site: Site) -> None:
    """The others go on all the same."""
    site.commit("snapshot.alone.billing", {0: 7})
    *_, groups = done = site.restore("alone", "snapshot")

    assert [each.code for each in done] == [0, 0, 5], done
    assert "pass  billing: 1 partition\n" in groups.log
    assert (
        "FAIL  nobody: nobody knows where it was: it has committed nothing on orders" in groups.log
    )
    assert site.offsets("billing", "alone.orders") == {0: 7}


def test_what_cannot_end_well_does_not_begin(site: Site) -> None:
    """Each reason is told before anything is written: the target's, the set's, and what an earlier try left."""
    assert site.restore("all")[-1].code in (0, 5)
    (done,) = site.restore("narrow")
    assert done.code == 5
    assert "narrow.orders has 2 partitions, and the set holds records of 3 of orders" in done.log
    assert (
        "narrow.orders says LogAppendTime: records of orders get the time of the restore"
        in done.log
    )

    (done,) = site.restore("late")
    assert done.code == 5
    assert "by its quota (producer_byte_rate 1024) it takes " in done.log
    assert "and it is stopped after 1m" in done.log

    write(site.client, "gone.payments", [Record(0, b"k", b"v", _EPOCH_MS)] * 3)
    (done,) = site.restore("narrow")
    assert (
        "gone.payments holds 3 records, and the restore would add its own behind them" in done.log
    )
    assert sum(site.end_offsets("narrow.orders").values()) == 0


def test_who_waits_can_do_nothing(site: Site) -> None:
    """There is no user as whom it could log in."""
    assert "Job/restore-waits" in site.pods.objects
    assert site.pods.objects["Job/restore-waits"]["spec"]["suspend"] is True
    assert "KafkaUser/restore-waits" not in site.pods.objects


def test_a_drill_restores_into_topics_of_its_own(site: Site) -> None:
    """Its user makes them, the engine fills them as the same user, and it may remove them again."""
    security = site.kafka.security
    assert security is not None
    admin = AdminClient(site.kafka.application("tls", "drill-whole"))
    scratch = "drill.whole.orders"
    admin.create_topics([NewTopic(scratch, 3, config={"retention.ms": "-1"})])[scratch].result()
    spec = site.pods.objects["CronJob/drill-whole"]["spec"]["jobTemplate"]["spec"]["template"][
        "spec"
    ]
    (step,) = (each for each in spec["initContainers"] if each["name"] == "restore-0")
    # What prepares would have copied it to /drill.
    done = site.step(
        spec, step, "drill", ["restore", "--config", "/etc/kafka-backup/config/restore-0.yaml"]
    )
    assert done.code == 0, done.log

    restored = read(site.client, scratch)
    expected = [each for each in read(site.client, "orders") if each.partition < 2]
    assert by_partition(restored) == by_partition(expected)
    offsets = [dict(each.headers)["x-original-offset"] for each in restored if each.partition == 0]
    assert [int.from_bytes(each or b"", "little") for each in offsets[:3]] == [0, 1, 2]
    admin.delete_topics([scratch])[scratch].result()
