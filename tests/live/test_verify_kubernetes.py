"""A healthy environment is healthy also by what Kubernetes says: from a laptop, and in the cluster."""

import json
from functools import partial
from pathlib import Path

import pytest
from live.commands import OF_THE_MACHINE
from live.inside import as_pod, can_be_a_pod, pod, reaches, run_as_pod
from live.kafka import Kafka
from live.kubernetes_server import Access, KubernetesServer, Refused
from live.statuses import REVISION, as_operators, deploy, manifests_of, namespace_of
from live.verifier import verified_with

from generator.common.exit_codes import ExitCode
from verify.checks.registry import all_checks
from verify.collect.kubernetes.api import KubernetesTarget

pytestmark = pytest.mark.live

NOT_ASKED_FOR = {
    "flow-performance": "nobody asked for it",
    "groups-running": "no group has to be running: verify.groups.NAME.running",
    **dict.fromkeys(["redis-up", "redis-replicas", "redis-memory"], "no Redis was named (--redis)"),
    **dict.fromkeys(
        ["restored-records", "restored-groups"], "no restore by hand was named (--restored)"
    ),
}
ONE_MACHINE = {"pods-spread": "the machines are in one zone, or nobody says in which"}
NOT_TRIED = {
    "credentials": "not tried: no listener with scram-sha-512 can be reached from here: kafka-ui,"
    " learnflow-api, orders-legacy-bridge, payments-desk, todo-api, warehouse-connect"
}
NO_MONITORS = {"monitors-selected": "no monitor and no rule is rendered"}
NOT_RENDERED = dict.fromkeys(
    ["resources-present", "resources-match", "resources-unrendered"],
    "no rendered/ is here to compare with",
)


OF_BACKUPS = {
    each.name: each.needs
    for each in all_checks().values()
    if each.group == "backup" and each.name not in NOT_ASKED_FOR
}
NO_BACKUP = {
    **dict.fromkeys(OF_BACKUPS, "no backup is rendered for this environment"),
    "backup-drill": "no backup has a drill",
    "backup-operator": "no resource of a backup operator is rendered",
}
CLAIM = "the claim backup-business"


def backups_skipped(environment: str, why: str) -> dict[str, str]:
    """What is not checked of backups: staging has one, whose set cannot be read for this reason."""
    if environment == "dev":
        return NO_BACKUP
    sets = [name for name, needs in OF_BACKUPS.items() if needs[0] == "backups"]
    return dict.fromkeys(sets, why) | {"backup-operator": NO_BACKUP["backup-operator"]}


def not_allowed(what: str) -> str:
    return (
        f"the Role in the cluster does not allow to read {what}:"
        " run strimzi-verify with a kubeconfig"
    )


NOT_IN_THE_ROLE = {
    **dict.fromkeys(
        ["application-synced", "application-healthy", "application-operation",
         "application-conditions"],
        not_allowed("Argo CD's Application"),
    ),
    **dict.fromkeys(
        ["cluster-operator-ready", "operator-version"],
        not_allowed("Deployments of other namespaces"),
    ),
    "monitors-selected": not_allowed("Prometheus objects"),
    "pods-spread": not_allowed("the zones of machines"),
    "operator-release": not_allowed("Deployments of other namespaces"),
    "stored-versions": not_allowed("CustomResourceDefinitions"),
    "user-secrets": not_allowed("Secrets of users"),
    "credentials": "the Role in the cluster does not allow to read Secrets of users: verify.credentials: true",
}  # fmt: skip

KUBERNETES = ("identity", "resources", "conditions", "operators", "upgrade", "pods", "placement",
              "volumes", "monitoring", "certificates")  # fmt: skip
RIGHTS = [
    (group, resource, name, verb)
    for rule in manifests_of("dev", "Role")[0]["rules"]
    for group in rule["apiGroups"]
    for resource in rule["resources"]
    for name in rule.get("resourceNames", [""])
    for verb in rule["verbs"]
]


@pytest.fixture(scope="module", params=["dev", "staging"])
def environment(request: pytest.FixtureRequest) -> str:
    """The name of an environment, and of the fixture that is its Kafka."""
    name: str = request.param
    return name


@pytest.fixture(scope="module")
def cluster(
    request: pytest.FixtureRequest, environment: str, kubernetes: KubernetesServer
) -> Kafka:
    """An environment's Kafka, with all that its operators leave in Kubernetes."""
    kafka: Kafka = request.getfixturevalue(environment)
    deploy(kubernetes, environment)
    as_operators(kubernetes, environment, kafka)
    return kafka


def test_healthy_with_a_kubeconfig(
    kubernetes: KubernetesServer, cluster: Kafka, environment: str
) -> None:
    """Every check finds what it looks for, the probe and the flow included."""
    place = KubernetesTarget(namespace_of(environment), str(kubernetes.kubeconfig))

    found = verified_with(place, cluster, environment, revision=REVISION, leave_out=())

    assert (found.wrong, found.report.exit_code) == ({}, ExitCode.FINE)
    unread = "backups" if environment == "dev" else "backups.business"
    assert found.live.gaps.keys() == {"redis", "restored", unread}
    one = ONE_MACHINE | NO_MONITORS | NOT_TRIED if environment == "dev" else {}
    why = f"{CLAIM} can be read by pods only: give --backup-path business=DIR"
    assert found.skipped == NOT_ASKED_FOR | one | backups_skipped(environment, why)


def test_healthy_in_the_cluster(
    kubernetes: KubernetesServer,
    cluster: Kafka,
    environment: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The rendered Role, what the rendered Job mounts and Strimzi's status are all that it takes."""
    mounted = as_pod(kubernetes, environment, tmp_path, monkeypatch)

    found = verified_with(
        KubernetesTarget(namespace_of(environment), in_cluster=True), None, environment,
        mounted=mounted, leave_out=(),
    )  # fmt: skip

    assert (found.wrong, found.report.exit_code) == ({}, ExitCode.FINE)
    why = (
        f"the pod of verification cannot read {CLAIM}: run strimzi-verify where it can be read, or on"
        " a copy with --backup-path"
    )
    backups = backups_skipped(environment, why)
    assert found.skipped == NOT_ASKED_FOR | NOT_RENDERED | NOT_IN_THE_ROLE | backups
    assert found.live.kafka is not None
    assert found.live.kafka.bootstrap == f"127.0.0.1:{cluster.nodes[0].ports['tls']}"


@pytest.mark.skipif(not can_be_a_pod(), reason="mounts need root and unshare")
@pytest.mark.usefixtures("cluster")
@pytest.mark.parametrize("environment", ["dev"], indirect=True)
def test_the_rendered_job_is_content(
    kubernetes: KubernetesServer, environment: str, tmp_path: Path
) -> None:
    """Its own command, with files where the kubelet puts them, and a verdict that has to hold."""
    done = run_as_pod(
        kubernetes, environment, tmp_path, *OF_THE_MACHINE, "--stable", "1s", "--format", "json",
        "--skip", "flow",
    )  # fmt: skip

    assert (done.returncode, done.stderr.count("round")) == (0, 1), done.stderr
    assert json.loads(done.stdout)["ok"] is True


@pytest.mark.usefixtures("cluster")
@pytest.mark.parametrize("environment", ["dev"], indirect=True)
@pytest.mark.parametrize(
    ("group", "resource", "name", "verb"), RIGHTS, ids=[f"{r[1]} {r[2]}".strip() for r in RIGHTS]
)
def test_every_right_is_needed(
    kubernetes: KubernetesServer,
    environment: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    group: str,
    resource: str,
    name: str,
    verb: str,
) -> None:
    """Without any one of them something is not found out, and nothing is told to be wrong."""
    namespace = namespace_of(environment)
    mounted = as_pod(kubernetes, environment, tmp_path, monkeypatch)
    (role,) = manifests_of(environment, "Role")
    lesser = [lessened(rule, resource, name) for rule in role["rules"]]
    kubernetes.apply([role | {"rules": [rule for rule in lesser if rule]}])
    account = pod(kubernetes, environment)
    try:
        kubernetes.until(
            lambda: not reaches(account, group, resource, namespace, name), "forget a right"
        )
        found = verified_with(
            KubernetesTarget(namespace, in_cluster=True),
            None,
            environment,
            mounted=mounted,
            only=KUBERNETES,
        )
    finally:
        kubernetes.apply([role])
        kubernetes.until(
            lambda: reaches(account, group, resource, namespace, name), "learn a right"
        )

    assert found.failed == set()
    assert found.unknown
    said = "\n".join(found.said(check) for check in found.unknown)
    assert f"nobody allowed us to {verb} {resource}" in said
    assert found.report.exit_code is ExitCode.UNREACHABLE


def lessened(rule: dict[str, list[str]], resource: str, name: str) -> dict[str, list[str]]:
    """A rule without one resource, or without one name of it; empty when nothing is left."""
    key, left = ("resourceNames", name) if name else ("resources", resource)
    if resource not in rule["resources"] or left not in rule.get(key, ()):
        return rule
    rest = [each for each in rule[key] if each != left]
    return rule | {key: rest} if rest else {}


@pytest.mark.usefixtures("cluster")
@pytest.mark.parametrize("environment", ["dev"], indirect=True)
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/api/v1/namespaces/kafka-dev/secrets"),
        ("GET", "/api/v1/namespaces/kafka-dev/secrets/verify"),
        ("GET", "/api/v1/namespaces/kafka-dev/pods/events-combined-1"),
        ("GET", "/api/v1/namespaces/kafka-dev/pods/events-combined-1/log"),
        ("GET", "/api/v1/namespaces/kafka-staging/pods"),
        ("GET", "/api/v1/pods"),
        ("GET", "/api/v1/nodes"),
        ("DELETE", "/apis/kafka.strimzi.io/v1/namespaces/kafka-dev/kafkatopics/chat-events"),
        ("PATCH", "/apis/kafka.strimzi.io/v1/namespaces/kafka-dev/kafkatopics/chat-events"),
        ("POST", "/api/v1/namespaces/kafka-dev/pods"),
    ],
)
def test_nothing_beyond_the_role_is_allowed(
    kubernetes: KubernetesServer, environment: str, method: str, path: str
) -> None:
    """Other people's Secrets, other namespaces and every change are refused by the server."""
    account = pod(kubernetes, environment)
    kubernetes.until(partial(reaches, account, "", "pods", "kafka-dev"), "let it in")

    assert refused(account, method, path) == 403


def refused(access: Access, method: str, path: str) -> int:
    """The status of a refusal."""
    media = "application/merge-patch+json" if method == "PATCH" else "application/json"
    with pytest.raises(Refused) as told:
        access.request(method, path, None if method in ("GET", "DELETE") else {}, media)
    return told.value.status
