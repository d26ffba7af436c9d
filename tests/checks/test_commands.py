"""Remedies as they can be pasted: everything that the run knows is filled in, and fit for a shell."""

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
from checks.backup_answers import backup
from checks.kafka_answers import answers, broker, cluster, git, kafka_topic, kafka_user
from checks.kubernetes_objects import NAMESPACE, NOW_S, body, container, pod

from generator.contract.operator_version import ANNOTATION
from generator.contract.report import Outcome, fail, ok, warn
from verify.checks.registry import all_checks
from verify.checks.registry.commands import LOGIN, filled, pod_of, preparation
from verify.desired import Desired
from verify.live.live import (
    Cause,
    Certificate,
    Gap,
    Kafka,
    Kubernetes,
    Live,
    LiveAcl,
    Secret,
    Setting,
    Transaction,
)

GONE = Gap(Cause.UNREACHABLE, "connection refused")
EXEC = f"kubectl -n {NAMESPACE} exec events-both-1 -c kafka --"
ADDRESS = f"events-both-1.events-kafka-brokers.{NAMESPACE}.svc:9091"


def within(kafka: Kafka | None = None, **objects: dict[str, Any]) -> Live:
    """What was collected where Kubernetes was asked, too."""
    kubernetes = Kubernetes(
        "https://a", NAMESPACE, objects={"Pod": {}, "KafkaTopic": {}, **objects}
    )
    kubernetes.operators = [{"metadata": {"name": "x", "namespace": "strimzi"}}]
    return Live("dev", NOW_S, kafka=kafka or cluster(), kubernetes=kubernetes)


def remedy(check: str, live: Live, desired: Desired | None = None) -> str:
    """What a check says to do."""
    return all_checks()[check].ask(desired or git(), live).remedy


@pytest.mark.parametrize(
    ("fix", "outcome", "text"),
    [
        ("get {object}", fail("x", "kafkatopic/a.b"), "get kafkatopic/a.b"),
        ("get {object}", fail("x: kafkatopic/a, kafkatopic/b"), "get kafkatopic/a"),
        ("--group {name}", fail("x", "team/billing"), "--group team/billing"),
        ("--group {name}", fail("x", "a b; rm -rf $HOME"), "--group 'a b; rm -rf $HOME'"),
        ("get kafkauser {name}", fail("x", "User:CN=shop"), "get kafkauser shop"),
        ("get kafkatopic {resource}", fail("x", "Orders.V1"), "get kafkatopic orders-v1"),
        ("logs {pod}", fail("x", "node 2"), "logs events-both-2"),
        ("logs {pod}", fail("x", "pod/other"), "logs other"),
        ("logs {pod} of {node}", fail("no", "brokers 0, 1"), "logs events-both-0 of 0"),
        ("logs {pod}", fail("x"), "logs POD"),
        ("-l b={backup} cronjob/{cronjob} job/{job}", fail("x", "whole"),
         "-l b=business cronjob/backup-whole job/backup-whole-2"),
        ("redis-cli -u {url}", fail("x", "r:6379"), "redis-cli -u redis://r:6379"),
        ("{mend} -n {operator_namespace}", fail("x", mend="do it"), "do it -n strimzi"),
        ("-o jsonpath={.status.clusterId} {cluster}", fail("x"), "-o jsonpath={.status.clusterId} events"),
    ],
)  # fmt: skip
def test_what_is_filled_in(fix: str, outcome: Outcome, text: str) -> None:
    """From the subject, from what Git and the cluster say of it, or from the outcome itself."""
    owner = {"ownerReferences": [{"name": "backup-whole"}]}
    jobs = {
        name: {"metadata": owner | {"creationTimestamp": f"2026-11-2{name[-1]}"}}
        for name in ("backup-whole-2", "backup-whole-1")
    }
    runs = {"whole": backup(backup="business", cron_job="backup-whole")}
    desired = git(kafka_topic("orders-v1", topicName="Orders.V1"), backups=runs)

    assert filled(fix, desired, within(Job=jobs), [ok("fine"), outcome]) == text


def test_others_are_told_of() -> None:
    """The command is about the first; the same subject twice is one."""
    found = [fail("x", "a"), fail("y", "a"), warn("x", "b"), warn("x", "c")]

    assert filled("get {name}.", git(), within(), found) == "get a; likewise for 2 more"
    assert filled("get pods", git(), within(), found) == "get pods"


def test_pods_of_pools() -> None:
    """A pod that is there, else the pool that says so of itself; with one pool there is no other."""
    pools = [
        body("KafkaNodePool", name, spec={"replicas": 3, "roles": ["broker"]})
        for name in ("old", "new")
    ]
    desired = Desired("dev", (body("Kafka", "events", spec={}), *pools))
    told = {"new": {"status": {"nodeIds": [7]}}}

    assert pod_of(desired, within(Pod={"events-old-1": {}}), 1) == "events-old-1"
    assert pod_of(desired, within(KafkaNodePool=told), 7) == "events-new-7"
    assert pod_of(desired, within(KafkaNodePool=told), 8) == ""
    assert pod_of(git(), answers(), 8) == "events-both-8"


def test_tools_of_kafka_run_where_somebody_answers() -> None:
    """Within the pod of the first broker that works; without Kubernetes from here."""
    found = cluster(broker(0, problem=GONE), broker(1), broker(2), protocol="PLAINTEXT")
    fix = "kafka-topics.sh --describe, which kafka-topics.sh tells."

    assert filled(fix, git(), within(found), [fail("x")]) == (
        f"{EXEC} bin/kafka-topics.sh --bootstrap-server {ADDRESS} --command-config {LOGIN} --describe,"
        " which kafka-topics.sh tells."
    )
    assert filled(fix, git(), answers(found), [fail("x")]).startswith(
        "kafka-topics.sh --bootstrap-server b0:9092 --describe, which"
    )
    found.protocol = "SSL"
    assert filled(fix, git(), answers(found), [fail("x")]).startswith(
        "kafka-topics.sh --bootstrap-server b0:9092 --command-config client.properties --describe"
    )


def test_login_of_tools_is_made_of_what_the_broker_has(tmp_path: Path) -> None:
    """As Strimzi 1.2.0 writes a broker's configuration; nothing of other listeners gets in."""
    strimzi = tmp_path / "strimzi.properties"
    mine = tmp_path / "client.properties"
    strimzi.write_text(
        "config.providers=strimzienv,strimzisecrets\n"
        "config.providers.strimzisecrets.class=io.strimzi.kafka.KubernetesSecretConfigProvider\n"
        "listener.name.controlplane-9090.ssl.keystore.type=PEM\n"
        "listener.name.replication-9091.ssl.truststore.certificates=${strimzisecrets:n/t:cluster-ca.crt}\n"
        "listener.name.replication-9091.ssl.truststore.type=PEM\n"
        "listener.name.replication-9091.ssl.keystore.certificate.chain=${strimzisecrets:n/p:p.crt}\n"
        "listener.name.replication-9091.ssl.keystore.key=${strimzisecrets:n/p:p.key}\n"
        "listener.name.replication-9091.ssl.keystore.type=PEM\n"
        "listener.name.replication-9091.ssl.client.auth=required\n"
        "listener.name.tls-9093.ssl.keystore.type=PEM\n"
    )
    live = within(cluster(broker(1)))
    told = preparation([filled("kafka-topics.sh --list", git(), live, [fail("x")])], git(), live)

    assert told.startswith(f"{EXEC} sh -c '")
    command = told.removeprefix(f"{EXEC} ").replace("/tmp/", f"{tmp_path}/")  # noqa: S108 (the pod's)
    subprocess.run(command, shell=True, check=True)  # noqa: S602 (ours)
    assert mine.read_text().splitlines() == [
        "config.providers=strimzienv,strimzisecrets",
        "config.providers.strimzisecrets.class=io.strimzi.kafka.KubernetesSecretConfigProvider",
        "ssl.truststore.certificates=${strimzisecrets:n/t:cluster-ca.crt}",
        "ssl.truststore.type=PEM",
        "ssl.keystore.certificate.chain=${strimzisecrets:n/p:p.crt}",
        "ssl.keystore.key=${strimzisecrets:n/p:p.key}",
        "ssl.keystore.type=PEM",
        "security.protocol=SSL",
    ]
    assert preparation(["kubectl get pods"], git(), live) == ""


@pytest.mark.parametrize(
    ("strimzi", "tag", "files"),
    [
        ("0.45.0", "0.45.0", True),
        ("0.48.0", "latest", True),
        ("0.49.1", "0.49.1", False),
        # What runs is what counts: Git may be a step ahead, or behind.
        ("0.49.1", "0.48.0", True),
        ("0.48.0", "0.51.0", False),
    ],
)
def test_login_of_tools_by_release(tmp_path: Path, strimzi: str, tag: str, files: bool) -> None:
    """Before Strimzi 0.49 a broker's certificates are files, and those of its stores have a password."""
    desired = git()
    desired.kafka["metadata"] = {
        **desired.kafka["metadata"], "annotations": {ANNOTATION: strimzi},
    }  # fmt: skip
    live = within(cluster(broker(1)))
    assert live.kubernetes is not None
    image = {
        "image": f"quay.io/strimzi/operator:{tag}",
        "env": [{"name": "STRIMZI_NAMESPACE", "value": "*"}],
    }
    live.kubernetes.operators[0]["spec"] = {"template": {"spec": {"containers": [image]}}}
    told = preparation(
        [filled("kafka-topics.sh --list", desired, live, [fail("x")])], desired, live
    )

    assert ("/opt/kafka" in told, "strimzi.properties" in told) == (files, not files)
    if files:
        for name, text in (("broker-certs/events-both-1.key", "KEY"), ("broker-certs/events-both-1.crt", "CRT"),
                           ("cluster-ca-certs/ca.crt", "NEW"), ("cluster-ca-certs/ca-old.crt", "OLD")):  # fmt: skip
            (tmp_path / name).parent.mkdir(exist_ok=True)
            (tmp_path / name).write_text(f"{text}\n")
        command = told.removeprefix(f"{EXEC} ").replace("/tmp/", f"{tmp_path}/")  # noqa: S108 (the pod's)
        command = command.replace("/opt/kafka", str(tmp_path))
        subprocess.run(command, shell=True, check=True)  # noqa: S602 (ours)
        assert (tmp_path / "client.pem").read_text() == "KEY\nCRT\n"
        assert (tmp_path / "client-ca.pem").read_text() == "OLD\nNEW\n"
        assert (tmp_path / "client.properties").read_text().splitlines() == [
            "ssl.keystore.type=PEM",
            f"ssl.keystore.location={tmp_path}/client.pem",
            "ssl.truststore.type=PEM",
            f"ssl.truststore.location={tmp_path}/client-ca.pem",
            "security.protocol=SSL",
        ]


@pytest.mark.parametrize(
    ("tool", "version", "option"),
    [
        ("kafka-leader-election.sh", "3.9.1", "--admin.config"),
        ("kafka-leader-election.sh", "4.1.2", "--admin.config"),
        ("kafka-leader-election.sh", "4.2.0", "--command-config"),
        ("kafka-console-consumer.sh", "4.1.2", "--consumer.config"),
        ("kafka-console-consumer.sh", "4.2.0", "--command-config"),
        ("kafka-topics.sh", "3.8.1", "--command-config"),
        ("kafka-leader-election.sh", "", "--command-config"),
    ],
)
def test_tools_take_their_settings_by_the_word_of_their_version(
    tool: str, version: str, option: str
) -> None:
    """That of the Kafka that runs, or else of the one in Git, within a pod and from here."""
    desired = git()
    desired.kafka["spec"]["kafka"]["version"] = version
    seen = body("Kafka", "events", status={"kafkaVersion": version} if version else {})
    for live in (within(cluster(broker(1))), within(cluster(broker(1)), Kafka={"events": seen})):
        assert f" {option} {LOGIN} --list" in filled(f"{tool} --list", desired, live, [fail("x")])
    outside = answers(cluster(broker(1)))
    assert outside.kafka is not None
    outside.kafka.protocol = "SSL"
    assert f" {option} client.properties --list" in filled(
        f"{tool} --list", desired, outside, [fail("x")]
    )


def test_running_kafka_counts_more_than_git() -> None:
    """During an upgrade the tools are still those of before."""
    desired = git()
    desired.kafka["spec"]["kafka"]["version"] = "4.2.0"
    old = body("Kafka", "events", status={"kafkaVersion": "4.1.1"})
    live = within(cluster(broker(1)), Kafka={"events": old})

    assert "--admin.config" in filled("kafka-leader-election.sh --x", desired, live, [fail("x")])


@pytest.mark.parametrize(
    ("version", "words"),
    [
        ("4.0.1", " abort --topic TOPIC"),
        ("4.1.0", " forceTerminateTransaction --transactionalId t"),
    ],
)
def test_transactions_are_aborted_as_the_version_can(version: str, words: str) -> None:
    """Kafka 4.1 has a word for a whole transaction."""
    desired = git()
    desired.kafka["spec"]["kafka"]["version"] = version
    live = within(cluster(broker(1), transactions=[Transaction("t", 7, "Ongoing")]))

    text = remedy("transactions-end", live, desired)
    assert words in text
    assert text.count(f"--command-config {LOGIN}") == text.count("kafka-transactions.sh")


@pytest.mark.parametrize(
    ("setting", "mend"),
    [
        (Setting("true", "broker", "false"), "--entity-name 0 --delete-config unclean.leader.election.enable`;"),
        (Setting("true", "default", "false"), "--entity-default --delete-config unclean.leader.election.enable`;"),
        (Setting("true", "static", "false"),
         f"kubectl -n {NAMESPACE} annotate pod events-both-0 strimzi.io/manual-rolling-update=true`;"),
    ],
)  # fmt: skip
def test_settings_of_brokers_go_where_they_stand(setting: Setting, mend: str) -> None:
    """On one broker, on all, or in the file with which a pod was started."""
    found = cluster(broker_configs={0: {"unclean.leader.election.enable": setting}})

    assert mend in remedy("brokers-config", answers(found))


def test_min_isr_of_eligible_leaders_is_set_and_not_deleted() -> None:
    """Kafka refuses to take it away."""
    found = cluster(broker_configs={0: {"min.insync.replicas": Setting("1", "default", "1")}})

    text = remedy("brokers-config", answers(found), git(config={"min.insync.replicas": 2}))
    assert "--entity-default --add-config min.insync.replicas=2`;" in text
    old = git(config={"min.insync.replicas": 2})
    old.kafka["spec"]["kafka"]["version"] = "3.9.1"
    text = remedy("brokers-config", answers(found), old)
    assert "--entity-default --delete-config min.insync.replicas`;" in text


@pytest.mark.parametrize(
    ("acl", "command"),
    [
        (LiveAcl("User:a b", "allow", "describe_configs", "topic", "x", "prefixed"),
         "--allow-principal 'User:a b' --operation DescribeConfigs --topic x --resource-pattern-type prefixed"),
        (LiveAcl("User:a", "deny", "all", "cluster", "kafka-cluster", "literal", "192.0.2.1"),
         "--deny-principal User:a --deny-host 192.0.2.1 --operation All --cluster --resource-pattern-type literal"),
        (LiveAcl("User:a", "allow", "write", "transactional_id", "*", "literal"),
         "--allow-principal User:a --operation Write --transactional-id '*' --resource-pattern-type literal"),
    ],
)  # fmt: skip
def test_rules_are_taken_away_one_by_one(acl: LiveAcl, command: str) -> None:
    """With all that makes a rule the one that is meant."""
    user = body("KafkaUser", "known", spec={"authorization": {"type": "simple", "acls": []}})
    text = remedy("acls-extra", answers(cluster(acls=[acl])), git(user))

    assert (
        f"kafka-acls.sh --bootstrap-server b0:9092 --command-config client.properties --remove --force {command}` takes"
        in text
    )


@pytest.mark.parametrize(
    ("name", "command"),
    [
        ("stranger", "--entity-type users --entity-name stranger --delete-config consumer_byte_rate"),
        ("<default>", "--entity-type users --entity-default --delete-config consumer_byte_rate"),
        ("a b/mobile", "--entity-type users --entity-name 'a b' --entity-type clients --entity-name mobile --delete-config"),
        ("/mobile", "--alter --entity-type clients --entity-name mobile --delete-config"),
        ("ip 192.0.2.1", "--entity-type ips --entity-name 192.0.2.1 --delete-config consumer_byte_rate"),
    ],
)  # fmt: skip
def test_quotas_are_taken_away_from_whom_they_are_for(name: str, command: str) -> None:
    """Users, client ids, addresses; and what everybody has."""
    assert command in remedy("quotas", answers(cluster(quotas={name: {"consumer_byte_rate": 1.0}})))


def test_users_that_are_missing_are_not_deleted() -> None:
    """And those that are too many are."""
    known = kafka_user("shop", "scram-sha-512")

    assert remedy("scram-users", answers(cluster(scram={})), git(known)).startswith(
        f"`kubectl -n {NAMESPACE} get kafkauser shop -o yaml`;"
        f' `kubectl -n {NAMESPACE} annotate kafkauser shop --overwrite strimzi-gitops/again="$(date +%s)"`'
    )
    found = cluster(scram={"shop": ["SCRAM-SHA-512"], "old": ["SCRAM-SHA-512"]})
    assert "--entity-name old --delete-config SCRAM-SHA-512`" in remedy(
        "scram-users", answers(found), git(known)
    )


@pytest.mark.parametrize(
    ("secret", "command"),
    [
        ("events-cluster-ca-cert", "`kubectl -n kafka-dev annotate secret events-cluster-ca-cert strimzi.io/force-renew=true`;"),
        ("shop", "`kubectl -n kafka-dev delete secret shop`;"),
        ("events-brokers-0", "kubectl -n kafka-dev get secret events-brokers-0 -o yaml tells whose it is;"),
    ],
)  # fmt: skip
def test_authorities_are_renewed_and_never_deleted(secret: str, command: str) -> None:
    """Only the Secret of a user is, and comes back."""
    old = Certificate("CN=x", "CN=y", (), 0, NOW_S - 1, "", "tls.crt")
    live = within()
    assert live.kubernetes is not None
    live.kubernetes.secrets = {secret: Secret(secret, {}, ("tls.crt",), (old,))}

    assert remedy("certificate-expiry", live, git(kafka_user("shop"))).startswith(command)


def test_pods_of_claims() -> None:
    """Strimzi calls them after the pod, with the number of the volume where there are several."""
    for name in ("data-events-both-1", "data-0-events-both-1"):
        fix = filled(
            "{pod}",
            git(),
            within(PersistentVolumeClaim={}),
            [fail("x", f"persistentvolumeclaim/{name}")],
        )
        assert fix == "events-both-1"


def test_transactions_are_named() -> None:
    """Whatever somebody calls them."""
    found = cluster(transactions=[Transaction("it's", 7, "Ongoing")])

    assert "--transactionalId 'it'\"'\"'s'" in remedy("transactions-end", answers(found))


def test_containers_are_named() -> None:
    """Of a pod that has several, the one that does not run."""
    waiting = container(state={"waiting": {"reason": "CrashLoopBackOff"}})
    live = within(Pod={"events-brokers-0": pod(ready=False, containerStatuses=waiting)})

    assert remedy("pods-waiting", live).startswith(
        f"kubectl -n {NAMESPACE} logs events-brokers-0 -c kafka --previous --tail=50; kubectl"
    )


def test_no_remedy_leaves_a_name_open_in_lower_case() -> None:
    """What nobody knows is in capitals, so that it does not look like a command that works."""
    bare = Live("dev", NOW_S)
    for check in all_checks().values():
        text = filled(check.doc.fix, git(), bare, [fail("x")])
        assert not re.search(r"\{\w+\}|<\w+>", text), check.name


def test_commands_go_to_the_cluster_that_was_looked_at() -> None:
    """Whatever context is the current one where they are pasted; in the cluster there is none."""
    bad = [fail("x", "node 2")]
    fix = "kubectl -n {namespace} delete pod {pod}; kubectl config get-contexts"
    there = answers(cluster())
    for context, said in (("", "kubectl"), ("eu west", "kubectl --context 'eu west'")):
        there.kubernetes = Kubernetes("https://a", NAMESPACE, context)
        assert filled(fix, git(), there, bad) == (
            f"{said} -n {NAMESPACE} delete pod events-both-2; kubectl config get-contexts"
        )


def test_no_remedy_has_segments_deleted() -> None:
    """What a manifest does not name may be the only copy; only Jobs and rules are taken away."""
    for check in all_checks().values():
        if check.group == "backup":
            fix = check.doc.fix.replace("delete nothing", "").replace("delete job {name}", "")
            fix = fix.replace("delete what nobody should have started", "")
            fix = fix.replace("rules that delete single files", "")
            assert "delete" not in fix, check.name
            assert "remove" not in fix, check.name
