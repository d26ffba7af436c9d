"""A restore by hand: everything is filled in, and it is what the cluster takes."""

import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from support import GOLDEN, RULES_OFF, Cli, Project, need_tool

from generator.documents.manifest import Manifest
from generator.validate.schemas import Schemas, schema_folders

VERIFY = "verify: {image: 'r/v:1', owner: team-a}\n"
BACKUP = "image: 'kafka-backup:v0.25.2', schedule: 0 2 * * *, storage: {pvc: {size: 1Gi}}"
TOPICS = (
    "topics: {a: {backup: required}, b: {backup: required, partitions: 3, retention: 7d}, c: {}}\n"
)
INTENT = TOPICS + VERIFY + f"backups: {{x: {{{BACKUP}}}}}\n"


def _made(project: Project, cli: Cli, *options: str) -> dict[str, list[Any]]:
    folder = project.root / "made"
    code, out, err = cli("restore", "dev", "--out", str(folder), "--name", "now", *options)
    assert (code, out) == (0, ""), err
    return {
        file.name: list(yaml.safe_load_all(file.read_text()))
        for file in sorted(folder.glob("*.yaml"))
    }


def _order(bodies: list[Any]) -> dict[str, Any]:
    (config,) = (each for each in bodies if each["kind"] == "ConfigMap")
    order: dict[str, Any] = yaml.safe_load(config["data"]["order.json"])
    return order


def test_everything_comes_back_under_its_name(project: Project, cli: Cli) -> None:
    """One Job for each set, which looks, restores, and lets every group follow; nothing waits for an approval."""
    project.environment(INTENT.replace("schedule", "shards: 2, schedule"))
    made = _made(project, cli)

    assert [*made] == ["20-access.yaml", "30-x-0.yaml", "31-x-1.yaml"]
    for name in ("30-x-0.yaml", "31-x-1.yaml"):
        (job,) = made[name]
        pod = job["spec"]["template"]["spec"]
        assert job["spec"]["suspend"] is False
        assert [each["args"][:2] for each in (*pod["initContainers"], *pod["containers"])] == [
            ["restore", "look"], ["restore", "--config"], ["restore", "groups"], ["restore", "judge"],
        ]  # fmt: skip
    configs = [each for each in made["20-access.yaml"] if each["kind"] == "ConfigMap"]
    orders = [yaml.safe_load(each["data"]["order.json"]) for each in configs]
    assert {topic for each in orders for topic in each["sets"][0]["topics"].items()} == {
        ("a", "a"),
        ("b", "b"),
    }
    assert all(each["groups"] == ["*"] for each in orders)
    users = [each for each in made["20-access.yaml"] if each["kind"] == "KafkaUser"]
    rights = [acl["resource"] for each in users for acl in each["spec"]["authorization"]["acls"]]
    assert {"type": "group", "name": "*", "patternType": "literal"} in rights


def test_a_topic_goes_into_one_that_is_made_for_it(project: Project, cli: Cli) -> None:
    """As its source is, but that nothing of it is deleted; a topic of the intent is taken as it is."""
    project.environment(INTENT)
    made = _made(project, cli, "--topic", "b=b.restored", "--topic", "a=c", "--group", "g")

    (topic,) = made["10-topics.yaml"]
    assert topic["spec"]["topicName"] == "b.restored"
    assert topic["spec"]["partitions"] == 3
    assert topic["spec"]["config"]["retention.ms"] == -1
    assert topic["spec"]["config"]["retention.bytes"] == -1
    order = _order(made["20-access.yaml"])
    assert order["sets"][0]["topics"] == {"a": "c", "b": "b.restored"}
    assert (order["groups"], order["snapshots"]) == (["g"], "snapshot.now-x.")


@pytest.mark.parametrize("case", ["backups", "monitoring"])
def test_objects_are_what_the_cluster_takes(project: Project, cli: Cli, case: str) -> None:
    """Of every storage and every login; they know only themselves."""
    project.write("environments/dev/environment.yaml", (GOLDEN / f"{case}.intent.yaml").read_text())
    project.write("environments/dev/rules.yaml", RULES_OFF)
    schemas = Schemas(schema_folders())
    made = _made(project, cli, *_sets(case), "--no-groups")
    bodies = [body for each in made.values() for body in each]

    assert len(bodies) > 5
    for body in bodies:
        assert [problem.message for problem in schemas.check(Manifest("", body, ()))] == []
        assert body["metadata"]["name"].startswith("restore-now-")
        known = [key for key in body["metadata"].get("annotations", {}) if "strimzi-gitops" in key]
        assert known == (["strimzi-gitops/written"] if body["kind"] == "Job" else [])
    for job in (body for body in bodies if body["kind"] == "Job"):
        pod = job["spec"]["template"]["spec"]
        sources = [each.get("configMap", each.get("secret", {})) for each in pod["volumes"]]
        used = {each.get("name", each.get("secretName")) for each in sources} - {None}
        assert not {each for each in used if each.startswith("backup-")}


def _sets(case: str) -> list[str]:
    intent = yaml.safe_load((GOLDEN / f"{case}.intent.yaml").read_text())
    found = []
    for name, said in intent["backups"].items():
        if said.get("mode") == "full":
            runs = [f"{name}-{n}" for n in range(said["shards"])] if "shards" in said else [name]
            found += [word for run in runs for word in ("--set", f"{run}=backup-{run}-1")]
    return found


@pytest.mark.parametrize(
    ("options", "rule", "said"),
    [
        (["--topic", "nope=x"], "unknown-topic", "no backup holds nope"),
        (["--topic", "c"], "unknown-topic", "no backup holds c"),
        (["--backup", "y"], "unknown-backup", "there is no backup 'y'"),
        (["--name", "Now"], "wrong-value", "'Now' names no object of Kubernetes"),
    ],
)
def test_what_cannot_be_is_told_at_the_intent(
    project: Project, cli: Cli, options: list[str], rule: str, said: str
) -> None:
    """And nothing is written."""
    project.environment(INTENT)
    code, out, _ = cli("restore", "dev", "--out", str(project.root / "made"), *options)

    assert code == 1
    assert said in out
    assert f"[{rule}]" in out
    assert not (project.root / "made").exists()


def test_no_topic_comes_back_twice(project: Project, cli: Cli) -> None:
    """Of two backups that hold it, the one that may lose least is taken; --backup says another."""
    both = f"x: {{{BACKUP}, objective: 3d}}, often: {{{BACKUP.replace('0 2 ', '0 */2 ')}, topics: {{include: [a]}}}}"
    project.environment(TOPICS + VERIFY + f"backups: {{{both}}}\n")
    made = _made(project, cli)

    orders = {name: _order([each]) for each in made["20-access.yaml"] if each["kind"] == "ConfigMap"
              for name in [each["metadata"]["name"]]}  # fmt: skip
    assert {name: [*each["sets"][0]["topics"]] for name, each in orders.items()} == {
        "restore-now-x": ["b"], "restore-now-often": ["a"],
    }  # fmt: skip


def test_a_full_backup_has_many_sets(project: Project, cli: Cli) -> None:
    """Which one is meant nobody but people know."""
    project.environment(INTENT.replace("schedule", "mode: full, schedule"))
    code, out, _ = cli("restore", "dev", "--out", str(project.root / "made"))
    assert (code, "give --set x=backup-x-..., as listed in its storage" in out) == (1, True)

    made = _made(project, cli, "--set", "x=backup-x-29384910")
    assert _order(made["20-access.yaml"])["sets"][0]["backupId"] == "backup-x-29384910"


@pytest.mark.parametrize(
    "options",
    [["--topic", "=x"], ["--topic", "a="], ["--set", "x"], ["--until", "2026-01-01"]],
)
def test_wrong_options_are_usage(project: Project, cli: Cli, options: list[str]) -> None:
    """Before anything is read."""
    project.environment(INTENT)
    code, _, err = cli("restore", "dev", "--out", str(project.root / "made"), *options)

    assert (code, err.startswith("Usage: ")) == (64, True)


def test_nothing_is_overwritten(project: Project, cli: Cli) -> None:
    """What was written before may be under way."""
    project.environment(INTENT)
    _made(project, cli)
    code, _, err = cli("restore", "dev", "--out", str(project.root / "made"), "--name", "now")

    assert code != 0
    assert "is there already: say another folder with --out, or another --name" in err


def test_the_script_is_one(project: Project, cli: Cli) -> None:
    """Bash reads it, and shellcheck has nothing to say."""
    project.environment(INTENT)
    _made(project, cli, "--topic", "b=b.restored")
    script = project.root / "made/run.sh"

    assert script.stat().st_mode & 0o111
    shellcheck = need_tool("shellcheck", "Debian: apt-get install shellcheck")
    done = subprocess.run([shellcheck, script], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")


def test_the_same_wish_gives_the_same_bytes(project: Project, cli: Cli) -> None:
    """Whoever writes it down twice can compare."""
    project.environment(INTENT)
    contents = []
    for name in ("one", "two"):
        folder = project.root / name
        assert cli("restore", "dev", "--out", str(folder), "--name", "now")[0] == 0
        contents.append({each.name: each.read_bytes() for each in Path(folder).iterdir()})
    assert contents[0] == contents[1]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--topic", "a=x", "--topic", "b=x"], "two topics cannot go into one"),
        (["--group", "g", "--no-groups"], "--group and --no-groups exclude each other"),
    ],
)
def test_wishes_that_contradict_themselves_are_usage(
    project: Project, cli: Cli, options: list[str], said: str
) -> None:
    """None of the two is dropped in silence."""
    project.environment(INTENT)
    code, _, err = cli("restore", "dev", "--out", str(project.root / "made"), *options)

    assert (code, said in err) == (64, True)


def test_a_topic_that_is_in_no_intent_is_told(project: Project, cli: Cli) -> None:
    """What fits a pattern is backed up, and nobody knows its name here; a set of no full backup is unknown."""
    wide = "topics: {include: ['s-*', a], undeclared: true, required: true}, schedule"
    project.environment(INTENT.replace("schedule", wide))
    code, _, err = cli("restore", "dev", "--out", str(project.root / "made"), "--name", "now")
    assert code == 0
    assert "not restored: topics that fit s-* and that the intent does not name" in err

    code, out, _ = cli("restore", "dev", "--out", str(project.root / "more"), "--set", "x=y")
    assert (code, "no full backup has a run 'x'" in out) == (1, True)


def test_beside_a_topic_nobody_is_moved_unasked(project: Project, cli: Cli) -> None:
    """Its groups go on with the old one."""
    project.environment(INTENT)
    made = _made(project, cli, "--topic", "a=a.restored")
    assert _order(made["20-access.yaml"])["groups"] == []


STANDBY = """\
environment: standby
namespace: kafka-standby
size: dev
cluster: {name: spare, listeners: {tls: {port: 9093, authentication: tls}}}
topics: {a: {}}
"""
CLOUD = INTENT.replace(
    "pvc: {size: 1Gi}", "s3: {bucket: the-backups, region: eu-west-1, workloadIdentity: {}}"
)


def test_into_another_environment(project: Project, cli: Cli) -> None:
    """Sets of one, objects for the cluster of the other; what that does not declare is made as it was."""
    project.environment(CLOUD)
    project.write("environments/standby/environment.yaml", STANDBY)
    made = _made(project, cli, "--onto", "standby")

    bodies = [body for each in made.values() for body in each]
    assert {body["metadata"]["namespace"] for body in bodies} == {"kafka-standby"}
    (topic,) = made["10-topics.yaml"]
    assert (topic["spec"]["topicName"], topic["spec"]["partitions"], topic["spec"]["replicas"]) == (
        "b",
        3,
        1,
    )
    assert topic["metadata"]["labels"] == {"strimzi.io/cluster": "spare"}
    order = _order(made["20-access.yaml"])
    assert order["bootstrap"] == "spare-kafka-bootstrap.kafka-standby.svc.cluster.local:9093"
    assert order["sets"][0]["topics"] == {"a": "a", "b": "b"}
    assert order["groups"] == ["*"]
    _, _, said = cli(
        "restore", "dev", "--onto", "standby", "--out", str(project.root / "more"), "--name", "x"
    )
    assert (
        "kafka-standby needs before: trust of the storage's identity in system:serviceaccount:kafka-standby:restore-x-x"
        in said
    )
    script = (project.root / "made/run.sh").read_text()
    assert "of dev onto standby as now" in script
    assert "--namespace kafka-standby" in script


def test_two_environments_keep_two_checkpoints(project: Project, cli: Cli) -> None:
    """Beside one set, under one name: what came to the one cluster did not come to the other."""
    project.environment(CLOUD)
    project.write("environments/standby/environment.yaml", STANDBY.replace("{a: {}}", TOPICS[8:]))
    orders = []
    for number, options in enumerate(((), ("--onto", "standby"), ("--onto", "dev"))):
        folder = project.root / f"made{number}"
        assert cli("restore", "dev", "--name", "now", "--out", str(folder), *options)[0] == 0
        orders.append(_order(list(yaml.safe_load_all((folder / "20-access.yaml").read_text()))))

    here, there, same = (each["checkpoint"] for each in orders)
    assert here == same != there


@pytest.mark.parametrize(
    ("standby", "intent", "rule"),
    [
        (STANDBY, INTENT, "unreachable-storage"),
        (STANDBY.replace(", authentication: tls", ""), CLOUD, "no-listener"),
    ],
)
def test_what_keeps_another_environment_from_it(
    project: Project, cli: Cli, standby: str, intent: str, rule: str
) -> None:
    """Told before anything is written."""
    project.environment(intent)
    project.write("environments/standby/environment.yaml", standby)
    code, out, err = cli("restore", "dev", "--onto", "standby", "--out", str(project.root / "made"))

    assert (code, f"[{rule}]" in out) == (1, True), out + err
    assert not (project.root / "made").exists()


def test_a_topic_that_only_a_pattern_takes(project: Project, cli: Cli) -> None:
    """Is restored when it is named, and made by the engine: only the set knows its partitions."""
    wide = (
        "topics: {include: ['s-*', a], exclude: [s-no], undeclared: true, required: true}, schedule"
    )
    project.environment(INTENT.replace("schedule", wide))
    made = _made(project, cli, "--topic", "s-one")

    order = _order(made["20-access.yaml"])
    assert order["sets"][0]["topics"] == {"s-one": "s-one"}
    assert order["creates"] is True
    for name in ("s-no", "other"):
        code, out, _ = cli("restore", "dev", "--topic", name, "--out", str(project.root / "more"))
        assert (code, f"no backup holds {name}" in out) == (1, True), out


def test_another_restore_of_the_same_name_is_told_apart(project: Project, cli: Cli) -> None:
    """By what its files say: the script takes no Job for done that was another one."""
    project.environment(INTENT)
    marks = []
    for number, options in enumerate(((), (), ("--topic", "a"))):
        folder = project.root / f"made{number}"
        assert cli("restore", "dev", "--name", "now", "--out", str(folder), *options)[0] == 0
        job = yaml.safe_load((folder / "30-x.yaml").read_text())
        marks.append(job["metadata"]["annotations"]["strimzi-gitops/written"])
        assert marks[-1] in (folder / "run.sh").read_text()

    assert marks[0] == marks[1] != marks[2]


@pytest.mark.parametrize(
    "options",
    [["--topic", "s-*"], ["--topic", "~s.*"], ["--topic", "*"], ["--topic", "a=Bad Name!"], ["--topic", "a=.."],
     ["--topic", "a=" + "x" * 250]],
)  # fmt: skip
def test_patterns_and_no_names_are_refused(project: Project, cli: Cli, options: list[str]) -> None:
    """The engine would take a pattern for all that fits it."""
    wide = "topics: {include: ['*'], undeclared: true, required: true}, schedule"
    project.environment(INTENT.replace("schedule", wide))
    code, out, _ = cli("restore", "dev", "--out", str(project.root / "made"), *options)

    assert (code, "is no name of one topic" in out) == (1, True), out


def test_topics_that_the_engine_makes_keep_what_is_restored(project: Project, cli: Cli) -> None:
    """Whatever retention their source had; of declared topics nothing is set."""
    wide = "topics: {include: ['s-*', a], undeclared: true, required: true}, schedule"
    project.environment(INTENT.replace("schedule", wide))
    made = _made(project, cli, "--topic", "s-one", "--topic", "a")

    (config,) = (each for each in made["20-access.yaml"] if each["kind"] == "ConfigMap")
    options = yaml.safe_load(config["data"]["restore-0.yaml"])["restore"]
    assert options["topic_config_overrides"] == {
        "s-one": {"retention.bytes": "-1", "retention.ms": "-1"}
    }


def test_nothing_is_changed_where_another_restore_has_the_name(project: Project, cli: Cli) -> None:
    """It may be at work: its config and its user are those of the same names."""
    project.environment(INTENT.replace("schedule", "shards: 2, schedule"))
    _made(project, cli)
    project.write(
        "bin/kubectl", '#!/bin/sh\necho "$@" >> calls\ncase "$*" in *written*) echo other;; esac\n'
    )
    (project.root / "bin/kubectl").chmod(0o755)
    done = subprocess.run(
        [project.root / "made/run.sh"], capture_output=True, text=True, check=False,
        env={"PATH": f"{project.root / 'bin'}:/usr/bin:/bin"},
    )  # fmt: skip

    assert (done.returncode, "is another restore of this name" in done.stdout) == (1, True)
    assert " apply " not in (project.root / "made/calls").read_text()


def test_who_is_not_let_in_is_told(project: Project, cli: Cli) -> None:
    """A listener with peers of its own admits no pod that nobody asked for in Git."""
    project.environment(CLOUD)
    peers = "authentication: tls, networkPolicyPeers: [{podSelector: {matchLabels: {app: x}}}]"
    standby = STANDBY.replace("authentication: tls", peers)
    project.write("environments/standby/environment.yaml", standby)
    code, _, err = cli("restore", "dev", "--onto", "standby", "--out", str(project.root / "made"))

    assert (code, "kafka-standby needs before: networkPolicyPeers of the listener tls" in err) == (
        0,
        True,
    ), err


def test_clusters_are_told_apart_and_namespaces_are_not_shared(project: Project, cli: Cli) -> None:
    """One name of a namespace in two clusters is two namespaces; in one cluster it is a mistake."""
    project.environment(INTENT)
    same = STANDBY.replace("kafka-standby", "kafka-dev")
    for more, rule in (
        ("", "shared-namespace"),
        ("argocd: {destination: {server: 'https://kubernetes.default.svc'}}\n", "shared-namespace"),
        ("argocd: {destination: {name: far}}\n", "unreachable-storage"),
    ):
        project.write("environments/standby/environment.yaml", same + more)
        code, out, _ = cli(
            "restore", "dev", "--onto", "standby", "--out", str(project.root / "made")
        )
        assert (code, f"[{rule}]" in out) == (1, True), out


def test_a_topic_is_said_once(project: Project, cli: Cli) -> None:
    """None of two targets is dropped in silence."""
    project.environment(INTENT)
    code, _, err = cli(
        "restore", "dev", "--topic", "a=p", "--topic", "a=q", "--out", str(project.root / "made")
    )

    assert (code, "topic a is said twice" in err) == (64, True)
