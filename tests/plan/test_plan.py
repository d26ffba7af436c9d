"""What changes do to a running cluster, told from two intents."""

import copy
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from plans import CLUSTER, ENVIRONMENT, make, told
from support import Project

from generator.common.cache import Cache
from generator.plan.field_diff import apply, differences
from generator.plan.guard import Guard
from generator.plan.plan import plan
from generator.plan.sides import of_project

BASE = "topics: {orders: {partitions: 6, throughput: 1Ki}}\n"
CRUISE = "  cruiseControl: {}\n"


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        # topics
        ("{orders: {partitions: 6}}", "{orders: {partitions: 12}}",
         ["KafkaTopic orders spec.partitions irreversible: partitions 6 to 12 cannot be taken back;"
          " keys move to other partitions, so their order breaks once"]),
        ("{orders: {partitions: 6, cleanup: compact}}", "{orders: {partitions: 12, cleanup: compact}}",
         ["KafkaTopic orders spec.partitions irreversible: partitions 6 to 12 cannot be taken back;"
          " keys move, and the topic is compacted: old values of moved keys stay behind"]),
        ("{orders: {partitions: 6, keyed: false}}", "{orders: {partitions: 12, keyed: false}}",
         ["KafkaTopic orders spec.partitions irreversible: partitions 6 to 12 cannot be taken back"]),
        ("{orders: {partitions: 12}}", "{orders: {partitions: 6}}",
         ["KafkaTopic orders spec.partitions refused: partitions 12 to 6: the Topic Operator answers"
          " NotSupported, KafkaTopic Ready=False; its other settings are applied"]),
        ("{orders: {replicas: 3}}", "{orders: {replicas: 2}}",
         ["KafkaTopic orders spec.replicas refused: replicas 3 to 2: the Topic Operator answers"
          " NotSupported, KafkaTopic Ready=False without Cruise Control"]),
        ("{orders: {retention: 7d}}", "{orders: {retention: 1d}}",
         ["KafkaTopic orders spec.config.retention.ms data-loss: retention.ms 7d to 1d: about 6d of"
          " orders on 3 replicas is deleted"]),
        ("{orders: {retention: 7d, throughput: 1Mi}}", "{orders: {retention: 1d, throughput: 1Mi}}",
         ["KafkaTopic orders spec.config.retention.ms data-loss: retention.ms 7d to 1d: about 6d of"
          " orders on 3 replicas is deleted, up to 1.5Ti"]),
        ("{orders: {retention: 1d}}", "{orders: {retention: 7d}}",
         ["KafkaTopic orders spec.config.retention.ms dynamic: retention.ms 1d to 7d: records stay"
          " longer"]),
        ("{orders: {retention: unlimited, retentionSize: 1Gi}}",
         "{orders: {retention: 7d, retentionSize: 1Gi}}",
         ["KafkaTopic orders spec.config.retention.ms data-loss: retention.ms unlimited to 7d:"
          " everything older of orders on 3 replicas is deleted"]),
        # saying what the broker does anyway
        ("{orders: {}}", "{orders: {retention: 7d}}",
         ["KafkaTopic orders spec.config.retention.ms no-effect: retention.ms stays 7d for the broker"]),
        ("{orders: {}}", "{orders: {retention: 1d}}",
         ["KafkaTopic orders spec.config.retention.ms data-loss: retention.ms 7d to 1d: about 6d of orders on 3"
          " replicas is deleted"]),
        ("{orders: {cleanup: delete}}", "{orders: {cleanup: compact}}",
         ["KafkaTopic orders spec.config.cleanup.policy data-loss: cleanup.policy delete to compact:"
          " all but the latest record of every key of orders are deleted",
          "KafkaTopic orders spec.config.cleanup.policy client-visible: writers of records without a key are"
          " refused"]),
        ("{orders: {cleanup: compact-delete}}", "{orders: {cleanup: compact}}",
         ["KafkaTopic orders spec.config.cleanup.policy dynamic: cleanup.policy compact,delete to"
          " compact: more is kept"]),
        ("{orders: {minInsyncReplicas: 2}}", "{orders: {minInsyncReplicas: 3}}",
         ["KafkaTopic orders spec.config.min.insync.replicas client-visible: min.insync.replicas 2 to"
          " 3 with 3 replicas: acks=all writers stop whenever a broker is down"]),
        ("{orders: {maxMessageSize: 2Mi}}", "{orders: {maxMessageSize: 1Mi}}",
         ["KafkaTopic orders spec.config.max.message.bytes client-visible: max.message.bytes 2Mi to"
          " 1Mi: larger messages are refused"]),
        ("{orders: {compression: lz4}}", "{orders: {compression: zstd}}",
         ["KafkaTopic orders spec.config.compression.type dynamic: compression.type lz4 to zstd,"
          " without a restart"]),
        ("{orders: {labels: {a: b}}}", "{orders: {labels: {a: c}}}",
         ["KafkaTopic orders metadata.labels.a no-effect: labels and annotations only"]),
        ("{orders: {annotations: {x: zz}}}",
         "{orders: {annotations: {x: zz, strimzi.io/pause-reconciliation: 'true'}}}",
         ["KafkaTopic orders metadata.annotations.strimzi.io/pause-reconciliation ignored: the"
          " operator does nothing that is said here until the annotation goes"]),
        ("{}", "{orders: {partitions: 6}}",
         ["KafkaTopic orders create dynamic: a new topic of 6 partitions on 3 replicas"]),
        ("{orders: {throughput: 1Ki, retention: 1d}}", "{}",
         ["KafkaTopic orders delete data-loss: the topic is deleted with all its data on 3 replicas,"
          " up to 253.1Mi"]),
        ("{orders: {partitions: 9}}", "{orders.v2: {partitions: 9}}",
         ["KafkaTopic orders rename data-loss: Kafka cannot rename: orders is deleted with its data,"
          " orders.v2 starts empty"]),
    ],
)  # fmt: skip
def test_change_of_a_topic(tmp_path: Path, before: str, after: str, expected: list[str]) -> None:
    """One line of consequence, with the numbers that are known."""
    made = make(tmp_path, f"{CLUSTER}topics: {before}\n", f"{CLUSTER}topics: {after}\n")

    assert told(made.changes) == expected


TIERED = "  tieredStorage: {className: S, classPath: /s/*}\n"


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        # Kafka
        ("  config: {log.cleaner.threads: 1}\n", "  config: {log.cleaner.threads: 2}\n",
         ["dynamic: log.cleaner.threads 1 to 2 (cluster-wide), without a restart"]),
        ("  config: {log.cleaner.threads: 1}\n", "",
         ["no-effect: log.cleaner.threads stays 1: it is Kafka's default"]),
        ("", "  config: {delete.topic.enable: false}\n",
         ["rolling-restart: delete.topic.enable true to false is read at the start: every node of"
          " combined (3) restarts in turn"]),
        ("", "  config: {node.id: 7}\n",
         ["ignored: Strimzi drops node.id, with a line in its log only"]),
        ("  config: {log.retention.hours: 168}\n", "  config: {log.retention.hours: 24}\n",
         ["data-loss: topics without retention.ms of their own lose records: orders",
          "rolling-restart: log.retention.hours 168 to 24 is read at the start: every node of"
          " combined (3) restarts in turn"]),
        ("  kafkaVersion: 4.2.1\n  metadataVersion: 4.2-IV1\n",
         "  kafkaVersion: 4.3.1\n  metadataVersion: 4.2-IV1\n",
         ["rolling-restart: Kafka 4.2.1 to 4.3.1: every node of combined (3) restarts in turn"]),
        ("  metadataVersion: 4.2-IV1\n", "  metadataVersion: 4.3-IV0\n",
         ["irreversible: metadataVersion 4.2-IV1 to 4.3-IV0: after it there is no way back to an"
          " older Kafka"]),
        ("  metadataVersion: 4.3-IV0\n", "  metadataVersion: 4.2-IV1\n",
         ["ignored: metadataVersion 4.3-IV0 to 4.2-IV1: a safe downgrade is tried; where Kafka refuses it,"
          " all stays as it is (Warning MetadataUpdateFailed)"]),
        ("  kafkaVersion: 4.3.1\n  metadataVersion: 4.3-IV0\n",
         "  kafkaVersion: 4.2.1\n  metadataVersion: 4.3-IV0\n",
         ["refused: Kafka 4.3.1 to 4.2.1: the metadata version is newer than Kafka 4.2.1 can read"]),
        ("  kafkaVersion: 4.3.1\n  metadataVersion: 4.2-IV1\n",
         "  kafkaVersion: 4.2.1\n  metadataVersion: 4.2-IV1\n",
         ["rolling-restart: Kafka 4.3.1 to 4.2.1, a downgrade: every node of combined (3) restarts in"
          " turn"]),
        ("  kafkaVersion: 4.2.1\n  metadataVersion: 4.2-IV1\n",
         "  kafkaVersion: 4.3.1\n  metadataVersion: 4.3-IV0\n",
         ["irreversible: metadataVersion 4.2-IV1 to 4.3-IV0: after it there is no way back to an"
          " older Kafka",
          "irreversible: version and metadataVersion rise in one merge: there is no way back if the"
          " new brokers disappoint; raise metadataVersion in a later merge",
          "rolling-restart: Kafka 4.2.1 to 4.3.1: every node of combined (3) restarts in turn"]),
        ("", "  cruiseControl: {}\n",
         ["rolling-restart: Cruise Control comes, and brokers report to it: every node of combined (3)"
          " restarts in turn"]),
        ("  podDisruption: {maxUnavailable: 1}\n", "  podDisruption: {maxUnavailable: 0}\n",
         ["dynamic: how many nodes may be evicted at once; nothing restarts"]),
        ("", "  authorization: {superUsers: [CN=admin]}\n",
         ["client-visible: who is bound by no ACL changes",
          "rolling-restart: every node of combined (3) restarts in turn"]),
        # node pools
        ("", "  nodePools: {combined: {replicas: 5}}\n",
         ["irreversible: 3 to 5 nodes: Strimzi refuses nothing: every node restarts with other voters, and"
          " forgets how the quorum stood; a static quorum bears that in a downtime only"
          " (strimzi-kafka-operator#9429)",
          "dynamic: 3 to 5 nodes: the new ones stay empty until partitions are moved"]),
        ("", "  nodePools: {combined: {storage: {volumes: {data-0: {size: 20Gi}}}}}\n",
         ["irreversible: 3 volumes grow from 10Gi to 20Gi, if their storage class can, and never shrink"
          " again; pods restart where a file system grows offline only"]),
        ("", "  nodePools: {combined: {storage: {volumes: {data-0: {size: 5Gi}}}}}\n",
         ["ignored: volumes never shrink: Strimzi ignores the whole storage change (Warning"
          " KafkaStorage); Argo CD shows Healthy"]),
        ("", "  storage: {class: fast}\n",
         ["ignored: Strimzi ignores the whole storage change (Warning KafkaStorage); Argo CD shows"
          " Healthy"]),
        ("", "  nodePools: {combined: {storage: {volumes: {data-1: {}}}}}\n",
         ["rolling-restart: volume 1 10Gi is added: every node of combined (3) restarts in turn"]),
        ("", "  nodePools: {combined: {resources: {limits: {memory: 6Gi}}}}\n",
         ["rolling-restart: every node of combined (3) restarts in turn"]),
    ],
)  # fmt: skip
def test_change_of_the_cluster(
    tmp_path: Path, before: str, after: str, expected: list[str]
) -> None:
    """What restarts, what Strimzi refuses or ignores, and what topics inherit."""
    topics = "topics: {orders: {}}\n"
    made = make(tmp_path, f"{CLUSTER}{before}{topics}", f"{CLUSTER}{after}{topics}")

    told = [f"{effect.impact}: {effect.text}" for each in made.changes for effect in each.effects]
    assert told == expected


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("{}", "{replicas: 5}",
         ["dynamic: 3 to 5 nodes: the new ones stay empty until partitions are moved"]),
        ("{replicas: 4}", "{replicas: 3}",
         ["ignored: 4 to 3 nodes: Strimzi reverts it while the brokers hold replicas (Warning"
          " ScaleDownPreventionCheck); Argo CD shows Healthy"]),
        ("{}", "{replicas: 2}",
         ["refused: 2 brokers cannot hold orders, which have more replicas",
          "refused: 2 brokers are too few (default.replication.factor is 3, offsets.topic.replication.factor"
          " is 3, transaction.state.log.replication.factor is 3): the Kafka goes NotReady, and nothing of it is"
          " applied",
          "client-visible: with 2 brokers, acks=all writers to 1 topics stop at every restart"]),
    ],
)  # fmt: skip
def test_scaling_of_brokers(tmp_path: Path, before: str, after: str, expected: list[str]) -> None:
    """Up is empty, down is reverted, and topics may need what goes."""
    one, two = (
        f"{CLUSTER}  nodePools: {{brokers: {pool}}}\ntopics: {{orders: {{}}}}\n"
        for pool in (before, after)
    )
    made = make(tmp_path, one, two, size="medium")

    assert [f"{e.impact}: {e.text}" for each in made.changes for e in each.effects] == expected


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("{a: {produces: [orders], consumes: [orders]}}", "{a: {consumes: [orders]}}",
         ["KafkaUser a spec.authorization.acls client-visible: loses Write on topic orders; a client"
          " that uses it is refused",
          "KafkaUser a spec.authorization.acls client-visible: nobody writes orders any more"]),
        ("{a: {consumes: [orders]}}", "{a: {produces: [orders], consumes: [orders]}}",
         ["KafkaUser a spec.authorization.acls dynamic: gains Write on topic orders"]),
        ("{a: {produces: [orders]}}", "{a: {produces: [orders], authentication: scram-sha-512}}",
         ["KafkaUser a spec.authentication.type client-visible: authentication tls to scram-sha-512:"
          " ACLs and quotas go from CN=a to a, as which clients have to log in at the same moment; the"
          " certificate leaves its Secret, and is valid on; a password comes, in its Secret"]),
        ("{a: {produces: [orders]}}", "{}",
         ["KafkaUser a delete client-visible: a may do nothing any more: ACLs and quotas go; its certificate"
          " is valid on; after a revert it gets new credentials",
          "KafkaUser a delete client-visible: nobody writes orders any more"]),
        ("{a: {produces: [orders], quotas: {producerByteRate: 2Mi}}}",
         "{a: {produces: [orders], quotas: {producerByteRate: 1Mi}}}",
         ["KafkaUser a spec.quotas.producerByteRate client-visible: producerByteRate 2Mi/s to 1Mi/s:"
          " above it the client is slowed down"]),
    ],
)  # fmt: skip
def test_change_of_a_user(tmp_path: Path, before: str, after: str, expected: list[str]) -> None:
    """Grants are told one by one; credentials do not come back."""
    text = f"{CLUSTER}topics: {{orders: {{}}}}\napplications: "
    made = make(tmp_path, f"{text}{before}\n", f"{text}{after}\n")

    assert told([each for each in made.changes if each.kind == "KafkaUser"]) == expected


def test_deletion_names_who_uses_the_topic(tmp_path: Path) -> None:
    """Those who will notice stand in the line."""
    users = "applications: {a: {produces: [orders]}, b: {consumes: [orders]}}\n"
    made = make(tmp_path, f"{CLUSTER}topics: {{orders: {{}}}}\n{users}", CLUSTER)

    (deletion,) = (each for each in made.changes if each.kind == "KafkaTopic")
    assert deletion.effects[0].text.endswith("on 3 replicas; read by b; written by a")
    assert not deletion.reversible


def test_replicas_move_where_cruise_control_runs(tmp_path: Path) -> None:
    """How many partitions, and about how much is copied."""
    text = f"{CLUSTER}{CRUISE}topics: {{orders: {{throughput: 1Ki, replicas: %d}}}}\n"
    made = make(tmp_path, text % 2, text % 3)

    assert told(made.changes) == [
        "KafkaTopic orders spec.replicas data-movement: replicas 2 to 3: Cruise Control moves 3"
        " partitions, copying up to 590.6Mi"
    ]


def _shared_plan(
    tmp_path: Path, before: str, after: str, operator: str, which: str = "strimzi-operator"
) -> list[str]:
    """Consequences of a plan whose old side runs another version of an operator."""
    argo = "argocd: {repoURL: 'https://example.com/x.git'}\n"
    sides = []
    for name, text in (("before", before), ("after", after)):
        project = Project(tmp_path / name)
        project.environment(f"{CLUSTER}{text}{argo}", text=ENVIRONMENT)
        sides.append(of_project(project.root, None, Cache()))
    for manifest in sides[0].states["argocd"].manifests:
        if manifest.name == which and manifest.kind == "Application":
            manifest.body["spec"]["source"]["targetRevision"] = operator
    return told(plan(sides[0].states, sides[1].states, Guard(sides[1].rules, "")).changes)


def test_operator_before_kafka(tmp_path: Path) -> None:
    """Each in a merge of its own, and no operator without an image for what runs."""
    new = "  kafkaVersion: 4.3.1\n  metadataVersion: 4.2-IV1\n"
    old = "  kafkaVersion: 4.2.1\n  metadataVersion: 4.2-IV1\n"
    rolls = "every node of every Kafka that it manages restarts"
    which = "Application strimzi-operator spec.source.targetRevision"

    assert _shared_plan(tmp_path / "1", new, new, "1.1.0") == [
        f"{which} rolling-restart: Strimzi 1.1.0 to 1.2.0: {rolls}"
    ]
    both = _shared_plan(tmp_path / "2", old, new, "1.1.0")
    assert (
        "Kafka events spec.kafka.version refused: the operator is upgraded in the same merge:"
        " upgrade it first, and Kafka once it runs; until then the old one refuses Kafka 4.3.1"
    ) in both
    known = _shared_plan(tmp_path / "3", old, new.replace("4.3.1", "4.3.0"), "1.1.0")
    assert (
        "Kafka events spec.kafka.version rolling-restart: the operator is upgraded in the same merge:"
        " upgrade it first, and Kafka once it runs, or nodes may restart twice"
    ) in known
    back = _shared_plan(tmp_path / "4", new, new, "1.3.0")
    assert back == [f"{which} rolling-restart: Strimzi 1.3.0 to 1.2.0: {rolls}"]
    far = _shared_plan(tmp_path / "5", new, new, "1.4.0")
    assert far[0].startswith(
        f"{which} irreversible: Strimzi 1.4.0 to 1.2.0: going back by more than one"
    )


def test_another_operator_restarts_no_broker(tmp_path: Path) -> None:
    """An operator for backups is none of Strimzi's, whatever its name begins with."""
    text = "backupOperator: {api: kafkabackup.com}\n"
    name = "strimzi-backup-operator"
    told = _shared_plan(tmp_path, text, text, "0.2.17", name)

    assert [line.split()[:4] for line in told] == [
        ["Application", name, "spec.source.targetRevision", "dynamic:"]
    ]


def test_operator_without_an_image_for_what_runs(tmp_path: Path) -> None:
    """Kafka must be upgraded before the operator drops its version."""
    new = "  kafkaVersion: 4.3.1\n  metadataVersion: 4.2-IV1\n"
    argo = "argocd: {repoURL: 'https://example.com/x.git'}\n"
    project = Project(tmp_path)
    project.environment(f"{CLUSTER}{new}{argo}", text=ENVIRONMENT)
    sides = [of_project(project.root, None, Cache()) for _ in range(2)]
    for side, version in zip(sides, ("0.51.0", "1.2.0"), strict=True):
        for manifest in side.states["argocd"].manifests:
            if manifest.name == "strimzi-operator" and manifest.kind == "Application":
                manifest.body["spec"]["source"]["targetRevision"] = version
    for manifest in (each for side in sides for each in side.states["dev"].manifests):
        if manifest.kind == "Kafka":
            manifest.body["spec"]["kafka"]["version"] = "4.1.1"

    said = told(plan(sides[0].states, sides[1].states, Guard({}, "")).changes)

    assert (
        "Application strimzi-operator spec.source.targetRevision refused: Strimzi 0.51.0 to 1.2.0: it"
        " has no Kafka 4.1.1, which dev runs; it has 4.2.0, 4.2.1, 4.3.0, 4.3.1"
    ) in said


@pytest.mark.parametrize(
    "spelled",
    [
        ("retention: 7d", "config: {retention.ms: 604800000}"),
        ("retention: 7d", "config: {retention.ms: '604800000'}"),
        ("config: {preallocate: false}", "config: {preallocate: 'False'}"),
    ],
)
def test_another_spelling_is_no_change(tmp_path: Path, spelled: tuple[str, str]) -> None:
    """What Kafka reads alike is alike."""
    one, two = (f"{CLUSTER}topics: {{orders: {{{each}}}}}\n" for each in spelled)

    assert make(tmp_path, one, two).changes == []


def test_quantities_are_compared_by_amount() -> None:
    """1Gi is 1024Mi, 1000m is one core, and ACLs have no order."""
    before = {"memory": "1Gi", "cpu": "1000m", "acls": [{"a": 1}, {"b": 2}], "size": "1Gi"}
    after = {"memory": "1024Mi", "cpu": 1, "acls": [{"b": 2}, {"a": 1}], "size": 1073741824}

    assert list(differences(before, after)) == []


def test_another_spelling_differs_where_it_is_asked_for() -> None:
    """Strimzi makes pods anew when the text of what they may use is another one."""
    before, after = (
        {"spec": {"resources": {"limits": {"cpu": cpu}}, "size": size}}
        for cpu, size in (("1000m", "1Gi"), (1, "1024Mi"))
    )

    (change,) = differences(before, after, exact="resources")
    assert change.path == ("spec", "resources", "limits", "cpu")


_scalars = st.one_of(st.integers(-5, 5), st.text("abc1", max_size=3), st.booleans())
_named = st.lists(
    st.fixed_dictionaries({"name": st.sampled_from("abcd"), "v": _scalars}),
    unique_by=lambda item: item["name"], max_size=3,
)  # fmt: skip
_bodies = st.recursive(
    st.one_of(_scalars, _named),
    lambda inner: st.dictionaries(st.sampled_from("pqrs"), inner, max_size=3),
    max_leaves=8,
)


@given(_bodies, _bodies)
def test_changes_lead_from_one_object_to_the_other(before: Any, after: Any) -> None:
    """Applied to the old object they give the new one; an object and itself differ in nothing."""
    untouched = copy.deepcopy(before)

    made = apply(before, list(differences(before, after)))

    assert list(differences(made, after)) == []
    assert list(differences(before, before)) == []
    assert before == untouched


@given(st.permutations(range(6)))
def test_classes_do_not_depend_on_order(order: list[int]) -> None:
    """Keys in another order are the same object."""
    keys = [f"k{number}" for number in order]
    before = {key: {"config": {"a": key}} for key in keys}
    after = {key: {"config": {"a": key.upper()}} for key in reversed(keys)}

    assert [change.path for change in differences(before, after)] == [
        (key, "config", "a") for key in sorted(keys)
    ]
