"""Backups as they are rendered: what runs, what it may do and reach, and what changes of it do."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from engine_config import KNOWN
from plans import CLUSTER, make
from support import ENVIRONMENT, REPOSITORY, RULES_OFF, Cli, Project

IMAGE = "image: 'kafka-backup:v0.25.2', schedule: 0 2 * * *"
S3 = "storage: {s3: {bucket: b00, credentialsSecret: {name: s}}}"
PVC = "storage: {pvc: {size: 1Gi}}"
VERIFY = "verify: {image: 'r/v:1', owner: team-a}\n"


def _config(objects: dict[str, Any], name: str) -> dict[str, Any]:
    config: dict[str, Any] = yaml.safe_load(
        objects[f"ConfigMap/backup-{name}"]["data"]["backup.yaml"]
    )
    return config


def _pod(objects: dict[str, Any], name: str) -> dict[str, Any]:
    job = objects[f"CronJob/backup-{name}"]["spec"]["jobTemplate"]["spec"]
    pod: dict[str, Any] = job["template"]["spec"]
    return pod


def test_nothing_is_rendered_without_being_asked_for(project: Project) -> None:
    """An environment that says no `backups:` has no trace of any."""
    project.environment("topics: {a: {backup: required}}\n")

    assert not [file for file in project.everything().files()["dev"] if "backup" in file]


def test_engine_is_never_left_to_take_everything(project: Project) -> None:
    """Even with its rules ignored, a backup without topics is not rendered."""
    for shards in (1, 2):
        project.environment(
            f"topics: {{a: {{}}}}\nbackups: {{x: {{{IMAGE}, {PVC}, shards: {shards}}}}}\n"
        )
        assert {rule.split("[")[1].split("]")[0] for rule in project.findings()} == {"backup-empty"}

    topics = "topics: {" + ", ".join(f"t{number}: {{}}" for number in range(20)) + "}\n"
    more = f"backups: {{x: {{{IMAGE}, {PVC}, shards: 16, topics: {{include: ['*']}}}}}}\n"
    objects = project.objects(topics + more)
    configs = [body for name, body in objects.items() if name.startswith("ConfigMap/backup-x-")]
    selections = [
        yaml.safe_load(each["data"]["backup.yaml"])["source"]["topics"] for each in configs
    ]
    assert all(each["include"] for each in selections)
    assert sorted(name for each in selections for name in each["include"]) == sorted(
        f"t{number}" for number in range(20)
    )


def test_undeclared_topics_are_taken_by_one_run(project: Project) -> None:
    """The first shard takes the patterns, and leaves out what is another's or nobody's."""
    objects = project.objects(
        "topics: {a1: {}, a2: {}, a3: {}, a4: {}, a5: {}, a6: {}, a-x: {}, a-secret: {backup: excluded}}\n"
        f"backups: {{x: {{{IMAGE}, {PVC}, shards: 2, topics: {{include: ['a*'], exclude: ['*-x'],"
        " undeclared: true}}}\n",
    )
    first, second = (_config(objects, f"x-{place}")["source"]["topics"] for place in (0, 1))

    declared = {"a1", "a2", "a3", "a4", "a5", "a6"}
    assert set(first["include"]) | set(second["include"]) == declared | {"a*"}
    assert set(first["exclude"]) == {"*-x", "a-secret", *second["include"]}
    assert "a*" in first["include"]
    assert "exclude" not in second
    acls = objects["KafkaUser/backup-x"]["spec"]["authorization"]["acls"]
    assert [each["resource"]["name"] for each in acls] == ["*", "*"]


def test_config_has_only_keys_that_the_engine_knows() -> None:
    """Every config of the golden file, in every section."""
    golden = (REPOSITORY / "tests/golden/backups.rendered.yaml").read_text()
    objects = list(yaml.safe_load_all(golden.replace("# --- ", "---\n# ")))
    configs = [yaml.safe_load(each["data"]["backup.yaml"])
               for each in objects if each and each["kind"] == "ConfigMap"]  # fmt: skip

    def unknown(node: dict[str, Any], path: str) -> list[str]:
        found = [f"{path}.{key}" for key in node if key not in KNOWN.get(path, "").split()]
        for key, value in node.items():
            if isinstance(value, dict):
                found += unknown(value, f"{path}.{key}".removeprefix("."))
        return found

    assert len(configs) == 9
    assert [each for config in configs for each in unknown(config, "")] == []


def test_rights_fit_into_a_user(project: Project) -> None:
    """By name as long as a KafkaUser has room; then on all, but only where all are held."""
    topics = "topics: {" + ", ".join(f"t{number}: {{}}" for number in range(7000)) + "}\n"
    backup = f"backups: {{x: {{{IMAGE}, {PVC}, topics: {{include: ['*']%s}}}}}}\n"
    objects = project.objects(topics + backup % "")
    acls = objects["KafkaUser/backup-x"]["spec"]["authorization"]["acls"]

    assert [each["resource"]["name"] for each in acls] == ["*", "*"]

    project.environment(topics + backup % ", exclude: [t7]")
    assert project.findings() == [
        "environment.yaml:8:11 [backup-size] a KafkaUser cannot hold the rights on 6999 topics"
    ]


def test_shards_never_share_a_minute_or_a_set(project: Project) -> None:
    """Two writers on one set would lose what the other wrote."""
    topics = "topics: {" + ", ".join(f"t{number}: {{}}" for number in range(40)) + "}\n"
    more = f"backups: {{x: {{{IMAGE}, {S3}, shards: 4, topics: {{include: ['*']}}}}}}\n"
    objects = project.objects(topics + more)
    jobs = [body["spec"] for name, body in objects.items() if name.startswith("CronJob/")]

    assert [job["schedule"] for job in jobs] == [
        "0 2 * * *", "15 2 * * *", "30 2 * * *", "45 2 * * *"
    ]  # fmt: skip
    configs = [_config(objects, f"x-{place}") for place in range(4)]
    assert [each["backup_id"] for each in configs] == ["x-0", "x-1", "x-2", "x-3"]


@pytest.mark.parametrize(
    ("listeners", "protocol", "mounts"),
    [
        ("{t: {port: 9093, authentication: tls}}", "SSL", {"cluster-ca", "user"}),
        ("{t: {port: 9093, authentication: scram-sha-512}}", "SASL_SSL", {"cluster-ca"}),
        ("{t: {port: 9092, tls: false, authentication: scram-sha-512}}", "SASL_PLAINTEXT", set()),
    ],
)
def test_it_logs_in_as_its_own_user(
    project: Project, listeners: str, protocol: str, mounts: set[str]
) -> None:
    """With Strimzi's own Secrets, of which only what is needed is there; no password is written down."""
    text = ENVIRONMENT.replace("{tls: {port: 9093, authentication: tls}}", listeners)
    more = f"topics: {{a: {{backup: required}}}}\nbackups: {{x: {{{IMAGE}, {PVC}}}}}\n"
    objects = project.objects(more, text)
    security, pod = _config(objects, "x")["source"]["security"], _pod(objects, "x")
    (container,) = pod["containers"]

    assert security["security_protocol"] == protocol
    assert {each["name"] for each in pod["volumes"]} == {"config", "data", "tmp", *mounts}
    scram = protocol.startswith("SASL")
    assert security.get("sasl_password") == ("${KAFKA_PASSWORD}" if scram else None)
    assert security.get("sasl_mechanism") == ("SCRAM-SHA512" if scram else None)
    assert [each["name"] for each in container.get("env", ())] == ["KAFKA_PASSWORD"] * scram
    paths = {each["mountPath"] for each in container["volumeMounts"]}
    for key, path in security.items():
        assert not key.endswith("_location") or str(Path(path).parent) in paths


@pytest.mark.parametrize(
    ("cluster", "own"),
    [
        ("", {}),
        ("type: kafka, producerByteRate: 1Mi", {}),
        ("type: kafka, consumerByteRate: 1Mi, requestPercentage: 50",
         {"consumerByteRate": 2147483647, "requestPercentage": 2147483647}),
        ("type: strimzi, consumerByteRate: 1Mi", {}),
    ],
)  # fmt: skip
def test_quotas_of_the_cluster_do_not_bound_it(
    project: Project, cluster: str, own: dict[str, int]
) -> None:
    """Where users get quotas that say none, a backup says its own; type strimzi knows no users."""
    text = ENVIRONMENT + (f"  quotas: {{{cluster}}}\n" if cluster else "")
    more = f"topics: {{a: {{backup: required}}}}\nbackups: {{x: {{{IMAGE}, {S3}}}}}\n"

    assert project.objects(more, text)["KafkaUser/backup-x"]["spec"].get("quotas", {}) == own


def test_principals_may_be_left_out_of_quotas(project: Project) -> None:
    """Quotas of type strimzi hold a backup up unless they say that it is not meant."""
    quotas = "  quotas: {type: strimzi, consumerByteRate: 1Mi%s}\n"
    backup = f"topics: {{a: {{backup: required}}}}\nbackups: {{x: {{{IMAGE}, {S3}}}}}\n"
    found = []
    for more in ("", ", excludedPrincipals: ['User:CN=backup-x']"):
        project.environment(backup, text=ENVIRONMENT + quotas % more, rules=True)
        found.append({each.rule for each in project.everything("dev").findings})

    assert found[0] - found[1] == {"backup-throttled"}


def test_full_backups_have_an_id_for_each_run(project: Project) -> None:
    """The Job's name, which is the same for every try of one run."""
    more = f"topics: {{a: {{backup: required}}}}\nbackups: {{x: {{{IMAGE}, {S3}, mode: full}}}}\n"
    objects = project.objects(VERIFY + more)
    (container,) = _pod(objects, "x")["containers"]
    settings = json.loads(objects["ConfigMap/strimzi-verify"]["data"]["settings.json"])

    assert _config(objects, "x")["backup_id"] == "${BACKUP_ID}"
    assert container["env"][0] == {
        "name": "BACKUP_ID",
        "valueFrom": {"fieldRef": {"fieldPath": "metadata.labels['batch.kubernetes.io/job-name']"}},
    }
    assert settings["backups"]["x"]["backupId"] == "backup-x-"


def test_checks_are_told_every_run(project: Project) -> None:
    """What to look for, where, and how old it may be; the same keys that checks read."""
    msgspec = pytest.importorskip("msgspec")
    known = pytest.importorskip("generator.contract.settings")
    storage = (
        "s3: {bucket: b00, region: eu-1, endpoint: 'https://s:9000', prefix: p, pathStyle: true,"
        " credentialsSecret: {name: hidden}}"
    )
    objects = project.objects(
        VERIFY + "topics: {a: {backup: required}}\nbackups:\n"
        f"  one: {{{IMAGE}, objective: 30h, consumerGroups: false, storage: {{{storage}}}}}\n"
        f"  two: {{{IMAGE}, {PVC}, recovery: 4h, restoreRate: 150Mi}}\n",
    )
    text = objects["ConfigMap/strimzi-verify"]["data"]["settings.json"]
    told = json.loads(text)["backups"]

    assert told == {
        "one": {
            "cronJob": "backup-one", "backupId": "one", "topics": ["a"], "maxAgeSeconds": 108000,
            "groups": False, "incremental": True, "backup": "one", "deadlineSeconds": 3600,
            "readable": True, "suspend": False, "drill": "", "drillRoundSeconds": 0,
            "recoverySeconds": 0, "restoreBytesPerSecond": 41943040, "restoreRateMeasured": False,
            "storage": {"backend": "s3", "bucket": "b00", "region": "eu-1", "prefix": "p",
                        "endpoint": "https://s:9000", "pathStyle": True},
        },
        "two": {
            "cronJob": "backup-two", "backupId": "two", "topics": ["a"], "maxAgeSeconds": 90000,
            "groups": True, "incremental": True, "backup": "two", "deadlineSeconds": 3600,
            "readable": False, "suspend": False, "drill": "", "drillRoundSeconds": 0,
            "recoverySeconds": 14400, "restoreBytesPerSecond": 157286400, "restoreRateMeasured": True,
            "storage": {"backend": "filesystem", "claim": "backup-two", "path": "/data"},
        },
    }  # fmt: skip
    read = json.loads(msgspec.json.encode(known.decode(text)))["backups"]
    for name, backup in told.items():
        assert set(backup) <= set(read[name])
        assert backup["storage"].items() <= read[name]["storage"].items()


def test_verification_does_not_wait_for_an_unbound_volume(project: Project) -> None:
    """Argo CD would call it unfinished until the first run, and begin PostSync only then."""
    more = "topics: {a: {backup: required}}\nbackups: {x: {%s, %s}}\n"
    hooks = []
    for storage in (S3, PVC):
        job = project.objects(VERIFY + more % (IMAGE, storage))["Job/strimzi-verify"]
        hooks.append(job["metadata"]["annotations"]["argocd.argoproj.io/hook"])

    assert hooks == ["PostSync", "Sync"]


def test_listeners_that_keep_others_out_let_it_in(project: Project) -> None:
    """The listener that it reads from, and no other."""
    peers = "networkPolicyPeers: [{podSelector: {}}]"
    text = ENVIRONMENT.replace(
        "tls: {port: 9093, authentication: tls}",
        f"tls: {{port: 9093, authentication: tls, {peers}}}, more: {{port: 9094, {peers}}}",
    )
    more = f"topics: {{a: {{backup: required}}}}\nbackups: {{x: {{{IMAGE}, {PVC}}}}}\n"
    kafka = project.objects(more, text)["Kafka/events"]

    assert {
        each["name"]: each["networkPolicyPeers"][1:] for each in kafka["spec"]["kafka"]["listeners"]
    } == {
        "tls": [{"podSelector": {"matchLabels": {"app.kubernetes.io/name": "kafka-backup"}}}],
        "more": [],
    }


def test_rules_take_it_for_no_consumer(project: Project) -> None:
    """A topic that only a backup reads has no consumer; and who backs up needs no group."""
    project.environment(
        "topics: {words: {owner: team-a, description: Words., retention: 7d, throughput: 1B,"
        " backup: required}}\n"
        "policy: {severities: {broker-log-disk: ignore}}\n"
        "applications: {writer: {owner: team-a, produces: [words]}}\n"
        f"backups: {{x: {{{IMAGE}, {S3}, owner: team-a}}}}\n",
        rules=True,
    )

    assert {each.rule for each in project.everything("dev").findings} == {
        "backup-unguarded", "topic-without-consumer"
    }  # fmt: skip


def test_a_topic_that_is_marked_reaches_config_rights_and_checks(
    project: Project, cli: Cli
) -> None:
    """The short way of rendering one changed topic is not taken where backups may change."""
    more = (
        VERIFY
        + f"topics: {{a: {{%s}}, b: {{backup: required}}}}\nbackups: {{x: {{{IMAGE}, {S3}}}}}\n"
    )
    for said in ("", "backup: required", "backup: required, retention: 12h"):
        project.environment(more % said)
        assert cli("render")[0] == 0
        assert cli("render", "--check", "--no-cache")[0] == 0
    rendered = {name: text.decode() for name, text in project.rendered().items()}
    for file in ("backup/configmap-backup-x", "backup/kafkauser-backup-x",
                 "verify/configmap-strimzi-verify"):  # fmt: skip
        assert '"a"' in rendered[f"dev/{file}.yaml"] or " a\n" in rendered[f"dev/{file}.yaml"]


def test_the_short_way_finds_what_backups_miss(project: Project, cli: Cli) -> None:
    """A retention that becomes too short for a backup is found whichever way is taken."""
    rules = RULES_OFF.replace("backup-source-retention: ignore, ", "")
    assert rules != RULES_OFF
    more = (
        f"topics: {{a: {{backup: required, retention: %s}}}}\nbackups: {{x: {{{IMAGE}, {S3}}}}}\n"
    )
    codes = []
    for retention in ("3d", "2d", "12h"):
        project.environment(more % retention)
        project.write("environments/dev/rules.yaml", rules)
        codes.append(cli("render")[0])

    assert codes == [0, 0, 1]


TOPIC = "topics: {a: {backup: required}}\n"


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("", f"{IMAGE}, {PVC}", {
            "CronJob": {"no-effect"}, "ConfigMap": {"no-effect"}, "ServiceAccount": {"no-effect"},
            "NetworkPolicy": {"no-effect"}, "KafkaUser": {"dynamic"},
            "PersistentVolumeClaim": {"dynamic"}}),
        (f"{IMAGE}, {PVC}", "", {
            "CronJob": {"protection-loss"}, "ConfigMap": {"no-effect"}, "ServiceAccount": {"no-effect"},
            "NetworkPolicy": {"no-effect"}, "KafkaUser": {"client-visible"},
            "PersistentVolumeClaim": {"no-effect"}}),
        (f"{IMAGE}, {S3}", f"{IMAGE}, {S3}, parallelPartitions: 4, deadline: 2h", {
            "ConfigMap": {"no-effect"}, "CronJob": {"no-effect"}}),
        (f"{IMAGE}, {S3}", f"{IMAGE}, {S3}, suspend: true", {"CronJob": {"protection-loss"}}),
        (f"{IMAGE}, {S3}", f"{IMAGE}, {S3.replace('b00', 'b01')}", {"ConfigMap": {"dynamic"}}),
        (f"{IMAGE}, {PVC}", f"{IMAGE}, {PVC.replace('1Gi', '2Gi')}",
         {"PersistentVolumeClaim": {"irreversible"}}),
        (f"{IMAGE}, {PVC}", f"{IMAGE}, {PVC.replace('1Gi', '512Mi')}",
         {"PersistentVolumeClaim": {"refused"}}),
        (f"{IMAGE}, {PVC}", f"{IMAGE}, {PVC.replace('1Gi', '1Gi, storageClass: fast')}",
         {"PersistentVolumeClaim": {"refused"}}),
    ],
)  # fmt: skip
def test_plan_tells_what_changes_of_backups_do(
    tmp_path: Path, before: str, after: str, expected: dict[str, set[str]]
) -> None:
    """Kafka notices none of it; a new set, a pause and what happens to a volume are told."""
    sides = [
        CLUSTER + TOPIC + (f"backups: {{x: {{{said}}}}}\n" if said else "")
        for said in (before, after)
    ]
    told: dict[str, set[str]] = {}
    for change in make(tmp_path, *sides).changes:
        told.setdefault(change.kind, set()).update(str(each.impact) for each in change.effects)

    assert {kind: told[kind] for kind in expected} == expected
    assert told.keys() - expected.keys() <= {"AppProject"}


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("", ", retention: {age: 90d}", "data-loss: after the next run, segments that are older or more"
         " than that are dropped from the set"),
        (", retention: {age: 90d}", ", retention: {age: 12w}", "data-loss: after the next run, segments"
         " that are older or more than that are dropped from the set"),
        (", retention: {age: 90d}", ", retention: {age: 90d, size: 1Ti}", "data-loss: after the next run,"
         " segments that are older or more than that are dropped from the set"),
        (", retention: {size: 1Gi, keepSegments: 2}", ", retention: {size: 1Gi}", "data-loss: after the"
         " next run, segments that are older or more than that are dropped from the set"),
        (", retention: {age: 30d}", ", retention: {age: 5w}",
         "dynamic: it keeps more segments than before"),
        (", retention: {age: 30d}", "", "dynamic: no segment is dropped any more"),
        (", topics: {include: ['*']}", ", topics: {include: [a]}", "protection-loss: 1, b, c and 1 more are in no backup any more; dynamic: 1, b, c and 1 more are not"
         " added to this set any more; what it has stays"),
        (", topics: {include: [a, '1']}", ", topics: {include: [a]}",
         "protection-loss: 1 is in no backup any more; dynamic: 1 is not added to this set any more;"
         " what it has stays"),
        (", topics: {include: [a]}", ", topics: {include: [b]}", "protection-loss: a is in no backup any more; dynamic: a is not added to this set any"
         " more; what it has stays; dynamic: b is read from the beginning by the next run"),
        (", parallelPartitions: 2", ", parallelPartitions: 4",
         "no-effect: only how topics are backed up or restored; no effect on Kafka"),
    ],
)  # fmt: skip
def test_plan_tells_what_changes_do_to_a_set(
    tmp_path: Path, before: str, after: str, expected: str
) -> None:
    """What is dropped of it nothing brings back, and what is left out of it is in no backup from then on."""
    topics = "topics: {a: {backup: required}, b: {}, c: {}, d: {}, '1': {}}\n"
    sides = [
        f"{CLUSTER}{topics}backups: {{x: {{{IMAGE}, {S3}{said}}}}}\n" for said in (before, after)
    ]
    (change,) = [each for each in make(tmp_path, *sides).changes if each.kind == "ConfigMap"]

    assert "; ".join(f"{each.impact}: {each.text}" for each in change.effects) == expected
    assert change.reversible is not expected.startswith("data-loss")


def test_plan_tells_that_a_set_begins_on_another_volume(tmp_path: Path) -> None:
    """The config says the same on every volume."""
    sides = [
        f"{CLUSTER}{TOPIC}backups: {{x: {{{IMAGE}, storage: {{pvc: {{claim: {claim}}}}}}}}}\n"
        for claim in ("one", "other")
    ]
    (change,) = make(tmp_path, *sides).changes

    (effect,) = change.effects
    assert (change.kind, effect.text) == (
        "CronJob", "the next run begins a new set; the one there is stays as it is",
    )  # fmt: skip


def test_a_volume_that_would_go_is_data_loss(tmp_path: Path) -> None:
    """Once nobody keeps Argo CD from pruning it."""
    backup = f"{CLUSTER}{TOPIC}backups: {{x: {{{IMAGE}, {PVC}}}}}\n"
    prunable = (
        "overrides: {PersistentVolumeClaim: {backup-x: {metadata: {annotations:"
        " {argocd.argoproj.io/sync-options: null}}}}}\n"
    )
    changes = make(tmp_path, backup + prunable, CLUSTER + TOPIC).changes

    (claim,) = (each for each in changes if each.kind == "PersistentVolumeClaim")
    assert [(str(each.impact), each.reversible) for each in claim.effects] == [("data-loss", False)]
    assert "every backup on it" in claim.effects[0].text
    assert claim.blocked
