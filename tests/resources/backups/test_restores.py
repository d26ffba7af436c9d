"""Restores, resets of offsets and drills as they are rendered: what waits, what runs, and as whom."""

import json
from typing import Any

import msgspec
import pytest
import yaml
from engine_config import KNOWN
from support import ENVIRONMENT, REPOSITORY, Cli, Project

from generator.contract.restore import RestoreOrder, RestoreSet

TOPICS = "topics: {a: {backup: required}, b: {backup: required}, c: {}, d: {}}\n"
IMAGE = "image: 'kafka-backup:v0.25.2', schedule: 0 2 * * *"
BACKUP = f"backups: {{b: {{{IMAGE}, storage: {{pvc: {{size: 1Gi}}}}%s}}}}\n"
VERIFY = "verify: {image: 'r/v:1', owner: team-a}\n"
READER = "applications: {reader: {consumes: {a: {group: readers}}}, other: {consumes: {a: {group: others},"
READER += " b: {group: others}}}}\n"


def _approval(job: str, word: str = "run") -> str:
    return (
        f"approvals: {{it: {{object: 'Job/{job}', change: '{word}', reason: It was lost., owner: team-a,"
        " expires: '2020-01-01'}}\n"
    )


def _pod(objects: dict[str, Any], job: str) -> dict[str, Any]:
    pod: dict[str, Any] = objects[f"Job/{job}"]["spec"]["template"]["spec"]
    return pod


def _steps(objects: dict[str, Any], job: str) -> list[dict[str, Any]]:
    pod = _pod(objects, job)
    return [*pod["initContainers"], *pod["containers"]]


def test_quotas_of_the_cluster_hold_nobody_up(project: Project) -> None:
    """Not only the backup itself: what drills, restores and moves groups says its own, too."""
    text = ENVIRONMENT + "  quotas: {type: kafka, consumerByteRate: 1Mi}\n"
    sections = "restores: {x: {backup: b, topics: {a: c}}}\n"
    sections += "offsetResets: {move: {groups: [readers], to: earliest}}\n"
    reset = _approval("offsets-move").removeprefix("approvals: {it: ").removesuffix("}\n")
    approvals = _approval("restore-x").replace("}}\n", f"}}, too: {reset}}}\n")
    backup = BACKUP % ", drill: {schedule: 0 5 * * MON}"

    objects = project.objects(TOPICS + READER + VERIFY + backup + sections + approvals, text)

    users = {name: each["spec"]["quotas"] for name, each in objects.items()
             if name.startswith("KafkaUser/") and "quotas" in each["spec"]}  # fmt: skip
    unbounded = {"consumerByteRate": 2**31 - 1}
    names = ("backup-b", "drill-b", "offsets-move", "restore-x")
    assert users == {f"KafkaUser/{name}": unbounded for name in names}


@pytest.mark.parametrize(
    ("section", "job"),
    [
        ("restores: {x: {backup: b, topics: {a: c}}}\n", "restore-x"),
        ("offsetResets: {x: {groups: [readers], to: earliest}}\n", "offsets-x"),
    ],
)
def test_a_job_waits_without_rights_until_it_is_approved(
    project: Project, section: str, job: str
) -> None:
    """Another one's approval, or one of another change, is none; the day is the guard's matter."""
    base = TOPICS + READER + BACKUP % "" + section
    base += "policy: {approvals: {patterns: true}}\n"
    for approval in ("", _approval(job, "spec.suspend"), _approval("*", "*"), _approval("mine")):
        waiting = project.objects(base + approval)
        assert waiting[f"Job/{job}"]["spec"]["suspend"] is True
        assert f"KafkaUser/{job}" not in waiting

    approved = project.objects(base + _approval(job))
    assert approved[f"Job/{job}"]["spec"]["suspend"] is False
    assert f"KafkaUser/{job}" in approved


def test_a_purge_needs_its_own_word(project: Project) -> None:
    """To let it run is not enough, and only then it may delete."""
    base = TOPICS + BACKUP % "" + "restores: {x: {backup: b, topics: {a: c}, purge: true}}\n"
    approved = project.objects(base + _approval("restore-x", "purge"))

    assert approved["Job/restore-x"]["spec"]["suspend"] is False
    (acl,) = approved["KafkaUser/restore-x"]["spec"]["authorization"]["acls"]
    assert acl["operations"] == ["Delete", "DescribeConfigs", "Write"]
    project.environment(base + _approval("restore-x"))
    assert ["unknown-approval" in each for each in project.findings()] == [True]


def test_a_job_is_never_made_anew(project: Project) -> None:
    """Its name is fixed, it has an end but no time to live, and Argo CD waits for nothing after it."""
    more = (
        TOPICS + READER + VERIFY + BACKUP % "" + "restores: {x: {backup: b, topics: {a: c}}}\n"
        "offsetResets: {y1: {groups: [readers], to: earliest}}\n"
    )
    objects = project.objects(more)

    for job in ("restore-x", "offsets-y1"):
        spec, metadata = objects[f"Job/{job}"]["spec"], objects[f"Job/{job}"]["metadata"]
        assert spec["activeDeadlineSeconds"] > 0
        assert "ttlSecondsAfterFinished" not in spec
        assert metadata["annotations"]["argocd.argoproj.io/sync-wave"] == "90"
        assert "argocd.argoproj.io/hook" not in metadata["annotations"]


@pytest.mark.parametrize(
    ("more", "hook"),
    [
        ("", "PostSync"),
        ("offsetResets: {x: {groups: [readers], to: earliest}}\n", "Sync"),
    ],
)
def test_verification_does_not_wait_for_a_job_that_waits(
    project: Project, more: str, hook: str
) -> None:
    """Argo CD would call a suspended Job unfinished, and never begin PostSync."""
    job = project.objects(TOPICS + READER + VERIFY + more)["Job/strimzi-verify"]

    assert job["metadata"]["annotations"]["argocd.argoproj.io/hook"] == hook


def test_sets_are_looked_at_before_any_is_restored(project: Project) -> None:
    """Of a backup in shards each topic comes from its own; a try goes on where the last one stopped."""
    names = [f"t{number}" for number in range(6)]
    topics = (
        "topics: {" + ", ".join(f"{n}: {{backup: required}}, {n}-r: {{}}" for n in names) + "}\n"
    )
    wanted = ", ".join(f"{name}: {name}-r" for name in names)
    restore = f"restores: {{x: {{backup: b, topics: {{{wanted}}}}}}}\n"
    objects = project.objects(topics + BACKUP % ", shards: 2" + restore)
    pod = _pod(objects, "restore-x")
    configs = [yaml.safe_load(each) for each in objects["ConfigMap/restore-x"]["data"].values()]

    steps = [each["args"][0] for each in (*pod["initContainers"], *pod["containers"])]
    assert steps == ["validate-restore", "validate-restore", "restore", "restore"]
    assert [each["backup_id"] for each in configs] == ["b-0", "b-1"]
    assert sorted(name for each in configs for name in each["target"]["topics"]["include"]) == names
    for config in configs:
        shard = objects[f"ConfigMap/backup-{config['backup_id']}"]["data"]["backup.yaml"]
        held = yaml.safe_load(shard)["source"]["topics"]["include"]
        assert (
            held
            == config["target"]["topics"]["include"]
            == list(config["restore"]["topic_mapping"])
        )
        assert config["restore"]["checkpoint_storage"] == "remote"
        assert config["restore"]["restore_id"].startswith("x-")
    assert objects["Job/restore-x"]["spec"]["backoffLimit"] == 2


def test_undeclared_topics_are_restored_from_where_they_are(project: Project) -> None:
    """The run with the patterns holds them; what it leaves out nobody holds."""
    backup = (
        BACKUP
        % ", topics: {include: ['s-*'], exclude: ['*-tmp'], undeclared: true, required: true}"
    )
    text = TOPICS + backup + "restores: {x: {backup: b, topics: {%s: c}}}\n"
    objects = project.objects(text % "s-changelog")
    assert "s-changelog" in objects["ConfigMap/restore-x"]["data"]["restore-0.yaml"]

    project.environment(text % "s-tmp")
    assert [each.split("] ")[1] for each in project.findings()] == [
        "the backup b does not hold s-tmp"
    ]


def test_another_environments_set_is_only_read(project: Project) -> None:
    """No checkpoint is written there, and so nothing is tried twice."""
    objects = project.objects(
        TOPICS + "restores: {x: {storage: {s3: {bucket: b00, prefix: prod/events, workloadIdentity:"
        " {role: 'arn:aws:iam::123456789012:role/r'}}}, set: business, image: 'kafka-backup:v0.25.2', topics: {a: c}}}\n",
    )
    config = yaml.safe_load(objects["ConfigMap/restore-x"]["data"]["restore-0.yaml"])

    assert config["backup_id"] == "business"
    assert config["storage"]["prefix"] == "prod/events"
    assert not {"checkpoint_storage", "restore_id", "checkpoint_state"} & config["restore"].keys()
    assert objects["Job/restore-x"]["spec"]["backoffLimit"] == 0
    annotations = objects["ServiceAccount/restore-x"]["metadata"]["annotations"]
    assert annotations["eks.amazonaws.com/role-arn"] == "arn:aws:iam::123456789012:role/r"


def test_groups_follow_after_a_snapshot(project: Project) -> None:
    """Where they were is kept first; once the records are there our own step moves those that are named."""
    objects = project.objects(
        TOPICS
        + READER
        + VERIFY
        + BACKUP % ""
        + "restores: {x: {backup: b, topics: {a: c}, groups: {names:"
        " [readers]}}}\n" + _approval("restore-x"),
    )
    pod = _pod(objects, "restore-x")
    files = objects["ConfigMap/restore-x"]["data"]
    options = yaml.safe_load(files["restore-0.yaml"])["restore"]

    steps = [*pod["initContainers"], *pod["containers"]]
    assert [each["args"][:2] for each in steps] == [
        ["restore", "look"], ["snapshot"], ["restore", "--config"], ["restore", "groups"], ["restore", "judge"],
    ]  # fmt: skip
    assert [each["image"] for each in steps] == [
        "r/v:1", "quay.io/strimzi/kafka:1.2.0-kafka-4.3.1", "kafka-backup:v0.25.2", "r/v:1", "r/v:1",
    ]  # fmt: skip
    # The engine knows only of records that it has written in this try.
    assert not {"consumer_groups", "reset_consumer_offsets"} & options.keys()
    assert options["auto_consumer_groups"] is False
    assert files["groups-0"] == "readers a c\n"
    assert objects["Job/restore-x"]["spec"]["backoffLimit"] == 2


def test_our_own_steps_are_told_all_that_they_ask_for(project: Project) -> None:
    """And nothing secret; they write nothing to where the backup is kept."""
    restore = (
        "restores: {x: {backup: b, topics: {a: c}, groups: {names: [readers]}, until:"
        " '2026-01-01T00:00:00Z', partitions: [0], deadline: 2h}}\n"
    )
    objects = project.objects(
        TOPICS + READER + VERIFY + BACKUP % "" + restore + _approval("restore-x")
    )
    files = objects["ConfigMap/restore-x"]["data"]
    order = msgspec.json.decode(files["order.json"], type=RestoreOrder)

    assert order.sets == (RestoreSet("b", {"a": "c"}),)
    assert (order.groups, order.snapshots) == (("readers",), "snapshot.x.")
    assert (order.user, order.authentication, order.tls) == ("restore-x", "tls", True)
    assert (order.partitions, order.until_ms, order.deadline_seconds) == ((0,), 1767225600000, 7200)
    assert order.checkpoint == yaml.safe_load(files["restore-0.yaml"])["restore"]["restore_id"]
    for step in (each for each in _steps(objects, "restore-x") if each["image"] == "r/v:1"):
        assert step["args"][2:] == ["--settings", "/etc/strimzi-verify/config/order.json"]
        assert {each["name"]: each.get("readOnly", False) for each in step["volumeMounts"]}["data"]
    acls = objects["KafkaUser/restore-x"]["spec"]["authorization"]["acls"]
    (cluster,) = (each for each in acls if each["resource"]["type"] == "cluster")
    assert cluster["operations"] == ["Describe", "DescribeConfigs"]


def test_a_restore_of_something_else_never_goes_on_where_this_one_was(project: Project) -> None:
    """The engine would begin anew, and write everything twice: its checkpoint has another name."""
    names = set()
    for more in (
        "",
        ", until: '2026-01-01T00:00:00Z'",
        ", partitions: [0]",
        ", stripHeaders: true",
    ):
        restore = f"restores: {{x: {{backup: b, topics: {{a: c}}{more}}}}}\n"
        files = project.objects(TOPICS + BACKUP % "" + restore)["ConfigMap/restore-x"]["data"]
        names.add(yaml.safe_load(files["restore-0.yaml"])["restore"]["restore_id"])

    assert len(names) == 4


def test_each_group_is_moved_on_its_own_topics(project: Project) -> None:
    """Those that it consumes, unless topics are said; pods share the groups."""
    text = TOPICS + READER + "offsetResets: {x: {groups: [readers, others], to: earliest%s}}\n"
    one = project.objects(text % "")
    many = project.objects(text % ", parallelism: 9, topics: [a]")

    assert one["ConfigMap/offsets-x"]["data"]["groups-0"] == "others a b\nreaders a\n"
    assert one["Job/offsets-x"]["spec"]["completions"] == 1
    files = many["ConfigMap/offsets-x"]["data"]
    assert (files["groups-0"], files["groups-1"]) == ("others a\n", "readers a\n")
    spec = many["Job/offsets-x"]["spec"]
    assert (spec["completionMode"], spec["completions"], spec["parallelism"]) == ("Indexed", 2, 2)
    assert spec["backoffLimitPerIndex"] == 0


@pytest.mark.parametrize(
    ("to", "args"),
    [
        ("earliest", ["reset", "--to-earliest"]),
        ("latest", ["reset", "--to-latest"]),
        ("{timestamp: '2026-11-20T15:00+01:00'}",
         ["reset", "--to-datetime", "2026-11-20T15:00:00.000+01:00"]),
        ("{offsets: {a: {'2': 7, '0': 5}}}", ["offsets"]),
        ("{snapshot: earlier}", ["rollback", "snapshot.earlier."]),
    ],
)  # fmt: skip
def test_a_snapshot_comes_before_every_way_to_move(
    project: Project, to: str, args: list[str]
) -> None:
    """Even before a rollback; what is rolled back may have left the intent."""
    more = TOPICS + READER + f"offsetResets: {{x: {{groups: [readers], to: {to}}}}}\n"
    objects = project.objects(more + _approval("offsets-x"))
    pod = _pod(objects, "offsets-x")

    assert [each["args"] for each in pod["initContainers"]] == [["snapshot"]]
    assert pod["containers"][0]["args"] == args
    snapshot = {"name": "SNAPSHOT", "value": "snapshot.x."}
    assert all(snapshot in each["env"] for each in (*pod["initContainers"], *pod["containers"]))
    acls = objects["KafkaUser/offsets-x"]["spec"]["authorization"]["acls"]
    rights = {each["resource"]["name"]: each["operations"] for each in acls}
    kept = {"snapshot.earlier.readers": ["Describe"]} if args[0] == "rollback" else {}
    assert rights == {"a": ["Read"], "readers": ["Read"], "snapshot.x.readers": ["Read"], **kept}
    if args == ["offsets"]:
        assert objects["ConfigMap/offsets-x"]["data"]["offsets.csv"] == "a,0,5\na,2,7\n"


def test_no_secret_is_in_what_a_reset_reads(project: Project) -> None:
    """The script adds the user's key or password in the pod, where nobody else may read it."""
    text = ENVIRONMENT.replace("authentication: tls", "authentication: scram-sha-512")
    more = TOPICS + READER + "offsetResets: {x: {groups: [readers], to: earliest}}\n"
    objects = project.objects(more, text)

    said = objects["ConfigMap/offsets-x"]["data"]["client.properties"]
    assert said == (
        "sasl.mechanism=SCRAM-SHA-512\nsecurity.protocol=SASL_SSL\n"
        "ssl.truststore.location=/etc/kafka-offsets/cluster-ca/ca.crt\nssl.truststore.type=PEM\n"
    )
    (volume,) = (each for each in _pod(objects, "offsets-x")["volumes"] if each["name"] == "user")
    assert [each["key"] for each in volume["secret"]["items"]] == ["sasl.jaas.config"]


RESTORE_KEYS = {
    "": "mode backup_id target storage restore metrics",
    "target": "bootstrap_servers topics security connection",
    "target.topics": "include exclude",
    "target.security": KNOWN["source.security"],
    "restore": "time_window_start time_window_end source_partitions partition_mapping topic_mapping topic_config_overrides"
    " consumer_group_strategy dry_run strip_offset_headers rate_limit_records_per_sec"
    " rate_limit_bytes_per_sec max_concurrent_partitions produce_acks idempotent_producer"
    " checkpoint_interval_secs checkpoint_storage restore_id consumer_groups reset_consumer_offsets"
    " create_topics default_replication_factor purge_topics auto_consumer_groups restore_topic_configs",
}
"""Keys of kafka-backup-core 0.25.2 (config.rs, RestoreOptions); what it does not know it ignores."""


def test_config_has_only_keys_that_the_engine_knows() -> None:
    """Every restore and drill of the golden file, in every section but the mapping of topics."""
    golden = (REPOSITORY / "tests/golden/restores.rendered.yaml").read_text()
    objects = list(yaml.safe_load_all(golden.replace("# --- ", "---\n# ")))
    configs = [
        yaml.safe_load(text)
        for each in objects if each and each["kind"] == "ConfigMap"
        for key, text in each["data"].items() if key.startswith("restore-")
    ]  # fmt: skip
    known = {**KNOWN, **RESTORE_KEYS}

    def unknown(node: dict[str, Any], path: str) -> list[str]:
        found = [f"{path}.{key}" for key in node if key not in known.get(path, "").split()]
        for key, value in node.items():
            if isinstance(value, dict) and key not in ("topic_mapping", "topic_config_overrides"):
                found += unknown(value, f"{path}.{key}".removeprefix("."))
        return found

    assert len(configs) > 5
    assert [each for config in configs for each in unknown(config, "")] == []


@pytest.mark.parametrize(
    ("size", "said", "replicas"),
    [("dev", "null", 1), ("small", "null", 3), ("large", "null", 3), ("large", "2", 2)],
)
def test_topics_that_the_engine_makes_have_replicas(
    project: Project, size: str, said: str, replicas: int
) -> None:
    """As many as the cluster's own, else three where there are brokers for them; a broker's default is one."""
    text = ENVIRONMENT.replace("size: small", f"size: {size}")
    text += f"  config: {{default.replication.factor: {said}}}\n"
    restore = "restores: {x: {backup: b, topics: {a: e}, createTopics: true}}\n"
    objects = project.objects(TOPICS + BACKUP % "" + restore, text)

    config = objects["ConfigMap/restore-x"]["data"]["restore-0.yaml"]

    assert yaml.safe_load(config)["restore"]["default_replication_factor"] == replicas


def test_a_drill_restores_beside_and_writes_nothing_to_its_backup(project: Project) -> None:
    """What prepares, the engine and what judges; topics of its own, which checks do not wonder at."""
    drill = ", drill: {schedule: 0 5 * * MON, topics: [a], partitions: 2}"
    objects = project.objects(TOPICS + VERIFY + BACKUP % drill)
    pod = objects["CronJob/drill-b"]["spec"]["jobTemplate"]["spec"]["template"]["spec"]
    files = objects["ConfigMap/drill-b"]["data"]
    told, config = json.loads(files["drill.json"]), yaml.safe_load(files["restore-0.yaml"])
    steps = [*pod["initContainers"], *pod["containers"]]

    assert [(each["image"], each["args"][:2]) for each in steps] == [
        ("r/v:1", ["drill", "prepare"]),
        ("kafka-backup:v0.25.2", ["restore", "--config"]),
        ("r/v:1", ["drill", "judge"]),
    ]
    assert steps[1]["args"][2] == "/drill/restore-0.yaml"
    for step in steps:
        mounts = {each["mountPath"]: each.get("readOnly", False) for each in step["volumeMounts"]}
        assert mounts["/data"] is True
        assert mounts["/drill"] is False
    assert config["restore"]["topic_mapping"] == {"a": "drill.b.a"}
    assert config["restore"]["source_partitions"] == [0, 1]
    assert told["turns"] == {
        "schedule": "0 5 * * MON", "timeZone": "Etc/UTC", "topicsAtOnce": 0, "partitionsAtOnce": 2,
    }  # fmt: skip
    assert told["prefix"] == "drill.b."
    acls = objects["KafkaUser/drill-b"]["spec"]["authorization"]["acls"]
    wide = [
        each["resource"]["name"] for each in acls if each["resource"].get("patternType") == "prefix"
    ]
    assert wide == ["drill.b.", "drill.b."]
    settings = json.loads(objects["ConfigMap/strimzi-verify"]["data"]["settings.json"])
    assert settings["ignoreTopics"] == [r"^drill\.b\."]
    assert settings["backups"]["b"]["drill"] == "drill-b"


FIVE = "".join(["topics:\n", *(f"  t{each}: {{backup: required}}\n" for each in range(5))])


def test_a_drill_may_read_what_has_its_turn_and_no_more(project: Project) -> None:
    """All topics of its backup; of groups, where they are kept, what they have committed."""
    topics = FIVE + VERIFY
    drill = ", drill: {schedule: 0 5 * * MON, topics: 2}"
    for more, also in (("", {"__consumer_offsets"}), (", consumerGroups: false", set())):
        objects = project.objects(topics + BACKUP % (drill + more))
        acls = objects["KafkaUser/drill-b"]["spec"]["authorization"]["acls"]
        names = {
            each["resource"]["name"]
            for each in acls
            if each["resource"]["type"] == "topic" and each["resource"]["patternType"] == "literal"
        }
        wide = {tuple(each["operations"]) for each in acls if each["resource"].get("name") == "*"}

        assert names == {f"t{each}" for each in range(5)} | also
        assert wide == ({("Describe",)} if also else set())


def test_how_long_a_drill_takes_for_all_topics(project: Project) -> None:
    """Two of five at a time, of each shard at least one: the check of drills tells it."""
    topics = FIVE
    rounds = []
    for said in (
        "topics: 2",
        "topics: 2}, shards: 2, mode: incremental, history: {",
        "topics: [t1]",
    ):
        drill = f", drill: {{schedule: 0 5 * * MON, {said}}}"
        objects = project.objects(topics + VERIFY + BACKUP % drill)
        settings = json.loads(objects["ConfigMap/strimzi-verify"]["data"]["settings.json"])
        rounds.append({each["drillRoundSeconds"] for each in settings["backups"].values()})

    week_s = 7 * 86_400
    assert rounds == [{3 * week_s}, {3 * week_s}, {week_s}]


@pytest.mark.parametrize(
    "section",
    [
        "restores: {x: {backup: b, topics: {a: c}}}\n",
        "offsetResets: {x: {groups: [readers], to: earliest}}\n",
    ],
)
def test_the_short_way_leaves_restores_to_the_long_one(
    project: Project, cli: Cli, section: str
) -> None:
    """Whatever of a topic changes, the rules that look at it are asked."""
    text = TOPICS.replace("c: {}", "c: {%s}") + READER + BACKUP % "" + section
    for said in ("retention: unlimited", "retention: 1d"):
        project.environment(text % said)
        assert cli("render")[0] == 0
        assert cli("render", "--check", "--no-cache")[0] == 0


def test_our_own_steps_are_nobodys_engine(project: Project) -> None:
    """Rules about the engine's image do not ask the image of verification to be called like one."""
    project.environment(
        TOPICS + READER + VERIFY.replace("r/v:1", "r/v:1.0.0") + BACKUP % ", drill: {schedule: 0 5 * * MON}"
        + "restores: {x: {backup: b, topics: {a: c}, groups: {names: [readers]}}}\n" + _approval("restore-x"),
        rules=True,
    )  # fmt: skip

    assert [each for each in project.findings() if "backup-image" in each] == []


def test_a_drill_stops_with_its_backup(project: Project) -> None:
    """After a rebuild it would hold an old set against topics that were made anew."""
    drill = ", drill: {schedule: 0 5 * * MON}"
    suspended = []
    for more in ("", ", suspend: true"):
        objects = project.objects(FIVE + VERIFY + BACKUP % (drill + more))
        suspended.append(objects["CronJob/drill-b"]["spec"].get("suspend", False))

    assert suspended == [False, True]
