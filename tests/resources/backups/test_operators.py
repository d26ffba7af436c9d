"""What operators are told: beside the goldens, ways and rights, installation, and what changes do."""

from pathlib import Path
from typing import Any

import pytest
from plans import CLUSTER, make
from support import ENVIRONMENT, GOLDEN, Project

from generator.model.backups.engines.oso import Oso
from generator.model.backups.engines.strimzi import Strimzi

DAILY = "engine: operator, schedule: 0 2 * * *"
S3 = "storage: {s3: {bucket: b00, region: eu-1, credentialsSecret: {name: s}}}"
TOPICS = "topics: {a: {backup: required}}\n"
IMAGE = "image: 'kafka-backup:v0.25.2'"
TLS_FILES = "/tmp/kafka-backup-tls"  # noqa: S108 - a path in the operator's pod
OTHER = "backupOperator: {api: kafkabackup.com}\n"
REPOSITORY = "argocd: {repoURL: 'https://example.com/platform.git'}\n"


def _values(project: Project) -> dict[str, Any]:
    """The values of the one operator's chart."""
    shared = project.everything().shared or []
    (found,) = [each for each in shared if each.name.endswith("-backup-operator") and each.kind == "Application"]  # fmt: skip
    values: dict[str, Any] = found.body["spec"]["source"]["helm"]["valuesObject"]
    return values


def test_only_pods_of_its_own_have_ways_of_their_own(project: Project) -> None:
    """kafka.oso.sh needs a user; kafkabackup.com a ServiceAccount and a NetworkPolicy as well."""
    common = {"KafkaUser/backup-x", "KafkaBackup/x"}
    inside = project.objects(f"{TOPICS}backups: {{x: {{{DAILY}, {S3}}}}}\n")
    outside = project.objects(f"{TOPICS}{OTHER}backups: {{x: {{{DAILY}, {IMAGE}, {S3}}}}}\n")

    assert {name for name in inside if "/x" in name or "backup-x" in name} == common
    assert {name for name in outside if "/x" in name or "backup-x" in name} == {
        *common, "ServiceAccount/backup-x", "NetworkPolicy/backup-x",
    }  # fmt: skip
    labels = outside["KafkaBackup/x"]["spec"]["template"]["pod"]["metadata"]["labels"]
    selector = outside["NetworkPolicy/backup-x"]["spec"]["podSelector"]["matchLabels"]
    assert selector.items() <= labels.items()


def test_listeners_that_keep_others_out_let_the_operator_in(project: Project) -> None:
    """By its namespace and its pods' name, as the engine runs in there."""
    peers = "networkPolicyPeers: [{podSelector: {}}]"
    text = ENVIRONMENT.replace("authentication: tls}", f"authentication: tls, {peers}}}")
    kafka = project.objects(f"{TOPICS}backups: {{x: {{{DAILY}, {S3}}}}}\n", text)["Kafka/events"]

    (listener,) = kafka["spec"]["kafka"]["listeners"]
    assert listener["networkPolicyPeers"][1:] == [
        {
            "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "kafka-backup"}},
            "podSelector": {"matchLabels": {"app.kubernetes.io/name": "kafka-backup-operator"}},
        }
    ]


def test_no_cluster_gets_an_operator_unasked(project: Project) -> None:
    """Only where a backup is its own, or the section says so."""
    for more, found in (
        (f"{TOPICS}", 0),
        (f"{TOPICS}backupOperator: {{}}\n", 1),
        (f"{TOPICS}backups: {{x: {{{DAILY}, {S3}}}}}\n", 1),
        (f"{TOPICS}backups: {{x: {{{IMAGE}, schedule: 0 2 * * *, {S3}}}}}\n", 0),
    ):
        project.environment(REPOSITORY + more)
        names = [each.name for each in project.everything().shared or ()]
        assert names.count("kafka-backup-operator") == 2 * found


def test_claims_are_mounted_where_the_operator_looks(project: Project) -> None:
    """Those of all environments that share it, and the user's own volumes after them."""
    backup = f"backups: {{x: {{{DAILY}, storage: {{pvc: {{claim: %s}}}}}}}}\n"
    values = (
        "backupOperator: {values: {extraVolumes: [{name: ca}], extraVolumeMounts: [{name: ca,"
        " mountPath: /ca}]}}\n"
    )
    project.environment(REPOSITORY + TOPICS + values + backup % "one")
    project.environment(REPOSITORY + TOPICS + values + backup % "two", name="test")

    mounts = {each["mountPath"]: each["name"] for each in _values(project)["extraVolumeMounts"]}
    volumes = {each["name"]: each for each in _values(project)["extraVolumes"]}
    assert list(mounts) == [TLS_FILES, "/data/one", "/data/two", "/ca"]
    assert {*mounts.values()} == {*volumes}
    assert volumes[mounts["/data/two"]]["persistentVolumeClaim"] == {"claimName": "two"}
    # Keys are written there: never to a disk.
    assert volumes[mounts[TLS_FILES]]["emptyDir"] == {"medium": "Memory"}


def test_image_of_a_mirror_is_taken_apart_for_the_chart(project: Project) -> None:
    """Its registry may have a port, and it may be pinned by a digest, too."""
    digest = "sha256:" + "0123456789abcdef" * 4
    image = f"registry:5000/mirror/operator:1.2.1@{digest}"
    project.environment(f"{REPOSITORY}{TOPICS}backupOperator: {{image: '{image}'}}\n")

    found = _values(project)["image"]
    assert f"{found['repository']}:{found['tag']}" == image
    assert found["repository"] == "registry:5000/mirror/operator"


def test_one_operator_is_told_one_thing(project: Project) -> None:
    """Two environments of a Kubernetes cluster that want it differently."""
    project.environment(f"{REPOSITORY}{TOPICS}backupOperator: {{namespace: one}}\n")
    project.environment(f"{REPOSITORY}{TOPICS}backupOperator: {{namespace: two}}\n", name="test")

    found = [each for each in project.everything().findings if each.rule == "operator-conflict"]
    assert [each.message for each in found] == [
        "backupOperator.namespace differs from environment dev, but both use the one operator of"
        " https://kubernetes.default.svc"
    ]


@pytest.mark.parametrize(
    ("operator", "mode", "cron_job", "folder"),
    [
        ("", "full", "", "x-"),
        (f"{OTHER}", "incremental", "x-scheduled", "x"),
        (f"{OTHER}", "full", "x-scheduled", "x-scheduled-"),
    ],
)
def test_checks_are_told_where_sets_lie(
    project: Project, operator: str, mode: str, cron_job: str, folder: str
) -> None:
    """By the names that the operators give them."""
    image = f"{IMAGE}, " if operator else ""
    more = f"{TOPICS}{operator}backups: {{x: {{{DAILY}, {image}mode: {mode}, {S3}}}}}\n"
    objects = project.objects(f"verify: {{image: 'r/v:1', owner: team-a}}\n{more}")
    settings = objects["ConfigMap/strimzi-verify"]["data"]["settings.json"]

    assert f'"backupId":"{folder}"' in settings.replace(" ", "")
    assert f'"cronJob":"{cron_job}"' in settings.replace(" ", "")


def test_extra_manifests_are_held_to_the_fields_that_there_are(project: Project) -> None:
    """What the API server would drop in silence is an error here."""
    project.environment(TOPICS)
    project.write(
        "environments/dev/extra/backup.yaml",
        """\
        apiVersion: kafka.oso.sh/v1alpha1
        kind: KafkaBackup
        metadata: {name: nightly, namespace: kafka-dev}
        spec:
          topics: ["*"]
          excludeTopics: [secrets]
          kafkaCluster: {bootstrapServers: ["a:9093"]}
          storage: {storageType: s3}
        """,
    )

    assert project.findings() == [
        "extra/backup.yaml:6:3 [manifest-schema] KafkaBackup nightly: spec.excludeTopics: unknown key"
        " 'excludeTopics'"
    ]


@pytest.mark.parametrize("golden", ["backup-operators", "backup-operators-strimzi"])
def test_what_is_rendered_breaks_no_rule_of_its_kinds(project: Project, golden: str) -> None:
    """Whatever the intent can say; the CronJob beside it included."""
    intent = (GOLDEN / f"{golden}.intent.yaml").read_text()
    project.write("environments/dev/environment.yaml", intent)
    found = {each.rule for each in project.everything("dev").findings}

    assert {rule for rule in found if rule.startswith("backup-operator")} == set()


RESTORE = """\
apiVersion: {group}/v1alpha1
kind: {kind}
metadata: {{name: back, namespace: kafka-dev}}
spec: {spec}
"""
_OSO_RESTORE = "backupRef: {name: x}, kafkaCluster: {bootstrapServers: [a]}"
_STRIMZI_RESTORE = "backupRef: {name: x}, strimziClusterRef: {name: events}"
_GROUPS = "consumer groups are moved: who is in them must not run, and goes on elsewhere"
_ADDED = "records are added to topics, where nobody can tell them from others"
_PURGED = "deletes all records of the topics"


@pytest.mark.parametrize(
    ("group", "kind", "spec", "expected"),
    [
        (Oso.group, "KafkaRestore", _OSO_RESTORE, [f"irreversible: it restores as soon as it is there: {_ADDED}"]),
        (Oso.group, "KafkaRestore", f"{_OSO_RESTORE}, autoConsumerGroups: true",
         [f"irreversible: it restores as soon as it is there: {_ADDED}", f"client-visible: {_GROUPS}"]),
        (Oso.group, "KafkaRestore", f"{_OSO_RESTORE}, purgeTopics: true",
         [f"data-loss: it restores as soon as it is there, and first {_PURGED}"]),
        (Oso.group, "KafkaRestore", f"{_OSO_RESTORE}, dryRun: true",
         ["no-effect: nothing: kafka.oso.sh ends a dry run before it has begun"]),
        (Strimzi.group, "KafkaRestore", f"{_STRIMZI_RESTORE}, restore: {{existingTopicPolicy: overwrite}}",
         [f"data-loss: it restores as soon as it is there, and first {_PURGED}"]),
        (Strimzi.group, "KafkaRestore", f"{_STRIMZI_RESTORE}, restore: {{dryRun: true}}",
         ["no-effect: only tells what it would restore"]),
        (Strimzi.group, "KafkaRestore", f"{_STRIMZI_RESTORE}, consumerGroups: {{restore: true, groups: [a]}}",
         [f"irreversible: it restores as soon as it is there: {_ADDED}", f"client-visible: {_GROUPS}"]),
        (Oso.group, "KafkaOffsetReset", "consumerGroups: [a, b], resetStrategy: to-latest,"
         " kafkaCluster: {bootstrapServers: [a]}",
         ["irreversible: it moves a, b as soon as it is there: where they were is lost, as"
          " the operator keeps its snapshot in memory only",
          "client-visible: who is in the groups must not run: what they have not read yet, they never read"]),
        (Oso.group, "KafkaOffsetRollback", "snapshotRef: {name: s, path: /s}, kafkaCluster: {bootstrapServers: [a]}",
         ["irreversible: it moves all groups of the snapshot as soon as it is there: where they were is lost, as"
          " the operator keeps its snapshot in memory only",
          "client-visible: who is in the groups must not run: they go on elsewhere"]),
        (Oso.group, "KafkaBackup", "topics: [a], kafkaCluster: {bootstrapServers: [a]}, storage: {}",
         ["dynamic: it runs at once, as it has no schedule"]),
        (Oso.group, "KafkaBackup", "topics: [a], kafkaCluster: {bootstrapServers: [a]}, storage: {},"
         " schedule: 0 0 2 * * *", ["no-effect: only how topics are backed up; no effect on Kafka"]),
    ],
)  # fmt: skip
def test_orders_need_an_approval(
    tmp_path: Path, group: str, kind: str, spec: str, expected: list[str]
) -> None:
    """They are carried out by the sync that brings them, and what cannot be taken back is blocked."""
    text = RESTORE.format(group=group, kind=kind, spec=f"{{{spec}}}")
    Project(tmp_path / "after").write("environments/dev/extra/order.yaml", text)
    made = make(tmp_path, CLUSTER + TOPICS, CLUSTER + TOPICS)

    (change,) = made.changes
    assert [f"{each.impact}: {each.text}" for each in change.effects] == expected
    needed = {"irreversible", "data-loss"} & {str(each.impact) for each in change.effects}
    assert bool(change.blocked) is bool(needed)
    assert change.approvable is bool(needed)


@pytest.mark.parametrize(
    ("kind", "before", "after", "expected"),
    [
        ("KafkaRestore", "topics: [a]", "topics: [b]", f"irreversible: it restores again: {_ADDED}"),
        ("KafkaBackup", "topics: [a]", "topics: [b]", "protection-loss: a: not in this backup any more;"
         " dynamic: it runs again: without a schedule every change starts it"),
        ("KafkaBackup", "schedule: 0 0 2 * * *", "schedule: 0 0 3 * * *",
         "no-effect: only how topics are backed up; no effect on Kafka"),
        ("KafkaBackup", "schedule: 0 0 2 * * *, suspend: true", "schedule: 0 0 2 * * *, suspend: false",
         "dynamic: runs begin again"),
        ("KafkaBackup", "schedule: 0 0 2 * * *, retention: {enabled: true, keepLast: 9}",
         "schedule: 0 0 2 * * *, retention: {enabled: true, keepLast: 3}",
         "data-loss: after the next run, sets that are older or more than that are deleted"),
        ("KafkaBackup", "schedule: 0 0 2 * * *, retention: {enabled: true, keepLast: 3}",
         "schedule: 0 0 2 * * *, retention: {enabled: true, keepLast: 9}",
         "dynamic: it keeps more sets than before"),
        ("KafkaBackup", "schedule: 0 0 2 * * *, retention: {enabled: true, keepLast: 3}",
         "schedule: 0 0 2 * * *, retention: {enabled: false, keepLast: 3}",
         "dynamic: no set is deleted any more"),
        ("KafkaBackup", "schedule: 0 0 2 * * *, storage: {storageType: pvc, pvc: {claimName: a}}",
         "schedule: 0 0 2 * * *, storage: {storageType: pvc, pvc: {claimName: b}}",
         "dynamic: the next run begins a new set; the one there is stays as it is"),
    ],
)  # fmt: skip
def test_changes_carry_orders_out_again(
    tmp_path: Path, kind: str, before: str, after: str, expected: str
) -> None:
    """And what is deleted of backups is data."""
    least = {
        "KafkaRestore": "backupRef: {name: x}, kafkaCluster: {bootstrapServers: [a]}",
        "KafkaBackup": "kafkaCluster: {bootstrapServers: [a]}",
    }[kind]
    for side, more in (("before", before), ("after", after)):
        said = f"{{{least}, {more}{'' if 'topics' in more else ', topics: [a]'}}}"
        if kind == "KafkaBackup" and "storage" not in more:
            said = said[:-1] + ", storage: {}}"
        text = RESTORE.format(group=Oso.group, kind=kind, spec=said)
        Project(tmp_path / side).write("environments/dev/extra/order.yaml", text)
    made = make(tmp_path, CLUSTER + TOPICS, CLUSTER + TOPICS)

    (change,) = made.changes
    assert "; ".join(f"{each.impact}: {each.text}" for each in change.effects) == expected


def test_deleted_orders_undo_nothing(tmp_path: Path) -> None:
    """So nobody has to approve that they go."""
    said = "{backupRef: {name: x}, kafkaCluster: {bootstrapServers: [a]}}"
    text = RESTORE.format(group=Oso.group, kind="KafkaRestore", spec=said)
    Project(tmp_path / "before").write("environments/dev/extra/order.yaml", text)
    made = make(tmp_path, CLUSTER + TOPICS, CLUSTER + TOPICS)

    (change,) = made.changes
    assert (str(change.impact), change.blocked) == ("dynamic", "")
