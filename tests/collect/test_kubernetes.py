"""The collector asks an API server what it may, keeps no secret, and says what it could not find out."""

import time
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path
from socket import create_server
from typing import Any

import pytest
from kubernetes_fake import Fake
from self_signed import pem

from generator.contract.rights import reads
from verify.collect.kubernetes.api import Api
from verify.collect.kubernetes.collector import (
    ApiError,
    KubernetesTarget,
    Wanted,
    collect,
    collect_from,
    credentials,
)
from verify.collect.pem import certificates_of
from verify.live.live import Cause, Gap, Kubernetes

KINDS = (
    ("apps/v1", "Deployment"),
    ("kafka.strimzi.io/v1", "Kafka"),
    ("networking.k8s.io/v1", "NetworkPolicy"),
    ("v1", "ConfigMap"),
    ("v1", "Namespace"),
)
NAMESPACE = "/namespaces/kafka-dev"
OURS = {"strimzi.io/cluster": "events"}


def body(name: str, **more: Any) -> dict[str, Any]:
    """An item of a list."""
    return {"metadata": {"name": name, "labels": OURS}, **more}


def secret(name: str, **data: bytes) -> dict[str, Any]:
    """A Secret; `user_crt` is the key user.crt."""
    values = {key.replace("_", "."): b64encode(value).decode() for key, value in data.items()}
    return body(name, data=values)


@pytest.fixture
def fake() -> Iterator[Fake]:
    """An API server that serves and has everything there may be, mostly nothing of it."""
    with Fake() as server:
        versions: dict[str, dict[str, str]] = {}
        for read in reads(KINDS):
            version = f"{read.group}/{read.version}" if read.group else read.version
            versions.setdefault(version, {})[read.kind] = read.plural
            root = "/apis" if read.group else "/api"
            server.lists[f"{root}/{version}{NAMESPACE}/{read.plural}"] = []
        for version, kinds in versions.items():
            server.serve(version, kinds)
        server.lists |= {
            "/api/v1/nodes": [],
            f"/api/v1{NAMESPACE}/secrets": [],
            "/apis/apps/v1/deployments": [],
            "/apis/monitoring.coreos.com/v1/prometheuses": [],
        }
        server.single[f"/api/v1{NAMESPACE}"] = body("kafka-dev")
        yield server


WANTED = Wanted(KINDS, "events", "kafka-dev", revision="abc")
TOPICS = f"/apis/kafka.strimzi.io/v1{NAMESPACE}/kafkatopics"
APPLICATION = "/apis/argoproj.io/v1alpha1/namespaces/argocd/applications/kafka-dev"


def ask(
    fake: Fake, folder: Path, wanted: Wanted = WANTED, **more: Any
) -> tuple[Kubernetes, dict[str, Gap]]:
    """What the collector found out."""
    place = KubernetesTarget("kafka-dev", fake.kubeconfig(folder), timeout_s=2)
    found, gaps = collect(place, wanted, **more)
    assert found is not None
    return found, gaps


def test_lists_are_read_page_by_page_and_only_what_is_ours(fake: Fake, tmp_path: Path) -> None:
    """5,000 topics in pages of 500; managedFields and what kubectl remembers are left out."""
    noise = {
        "managedFields": [{}],
        "uid": "u",
        "annotations": {"kubectl.kubernetes.io/last-applied-configuration": "{}", "a": "b"},
    }
    fake.lists[TOPICS] = [
        {"metadata": {"name": f"t{i}", "labels": OURS, **noise}, "spec": {"partitions": 1}}
        for i in range(5000)
    ]
    fake.lists[TOPICS].append({"metadata": {"name": "other"}})

    found, gaps = ask(fake, tmp_path)

    assert gaps == {
        "kubernetes.application": Gap(
            Cause.NOT_ASKED,
            "this cluster has no Application argocd/kafka-dev: Argo CD may run in another one",
        )
    }
    topics = found.objects["KafkaTopic"]
    assert len(topics) == 5000
    assert topics["t4999"] == {
        "apiVersion": "kafka.strimzi.io/v1",
        "kind": "KafkaTopic",
        "metadata": {"name": "t4999", "labels": OURS, "annotations": {"a": "b"}},
        "spec": {"partitions": 1},
    }
    assert len([path for path, _ in fake.seen if path == TOPICS]) == 10
    assert (found.version, found.context, found.server) == ("v1.34.0", "here", fake.url)
    assert found.served["networking.k8s.io/v1"] == ["NetworkPolicy"]
    assert fake.tokens == {"Bearer let-me-in"}


def test_a_list_whose_page_expired_is_begun_again(fake: Fake, tmp_path: Path) -> None:
    """Nothing is missing or double afterwards."""
    fake.lists[TOPICS] = [body(f"t{i}") for i in range(1200)]
    fake.expire_once = True

    found, _ = ask(fake, tmp_path)

    assert len(found.objects["KafkaTopic"]) == 1200


def test_in_the_cluster_it_asks_exactly_what_the_role_allows(fake: Fake, tmp_path: Path) -> None:
    """One list for each kind that the Role names, and the two certificates."""
    place = KubernetesTarget("kafka-dev", fake.kubeconfig(tmp_path))
    with Api(place) as api:
        # The token of a pod cannot be had here; everything else is as in one.
        api.place = KubernetesTarget("kafka-dev", in_cluster=True)
        found, gaps = collect_from(api, WANTED)

    allowed = [("list", read.group, read.plural) for read in reads(KINDS)]
    assert sorted(api.asked) == sorted([*allowed, *[("get", "", "secrets")] * 2])
    assert {path.rpartition("/")[2] for path, _ in fake.seen if "/secrets/" in path} == {
        "events-cluster-ca-cert",
        "events-clients-ca-cert",
    }
    assert found is not None
    assert {part: gap.cause for part, gap in gaps.items()} == dict.fromkeys(
        ["kubernetes.Namespace", "kubernetes.Secret.user", "kubernetes.application",
         "kubernetes.definitions",
         "kubernetes.nodes", "kubernetes.operators", "kubernetes.prometheuses"],
        Cause.NOT_ASKED,
    )  # fmt: skip


def test_secrets_lose_their_values_at_once(fake: Fake, tmp_path: Path) -> None:
    """Names of keys and what certificates say stay; neither key nor password does."""
    fake.lists[f"/api/v1{NAMESPACE}/secrets"] = [
        secret("billing", user_crt=pem("billing"), user_key=b"SECRET", password=b"SECRET"),
        secret("broken", ca_crt=b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----"),
    ]

    found, _ = ask(fake, tmp_path)

    billing = found.secrets["billing"]
    assert billing.keys == ("password", "user.crt", "user.key")
    assert [(c.subject, c.names, c.where) for c in billing.certificates] == [
        ("CN=billing", ("a.example.com",), "user.crt")
    ]
    assert billing.certificates[0].not_after_s > time.time()
    assert found.secrets["broken"].certificates == ()
    assert "SECRET" not in repr(found)
    assert b64encode(b"SECRET").decode() not in repr(found)


def test_what_nobody_rendered_is_reduced(fake: Fake, tmp_path: Path) -> None:
    """Environment variables of pods are not kept; warnings are all that is asked of events."""
    container = {"name": "kafka", "image": "i", "env": [{"name": "PASSWORD", "value": "SECRET"}]}
    spec = {"nodeName": "n1", "containers": [container]}
    fake.lists[f"/api/v1{NAMESPACE}/pods"] = [body("events-brokers-0", spec=spec)]
    fake.lists[f"/apis/core.strimzi.io/v1{NAMESPACE}/strimzipodsets"] = [
        body("events-brokers", spec={"pods": [body("events-brokers-0", spec=spec)]})
    ]
    events = f"/api/v1{NAMESPACE}/events"
    fake.lists[events] = [body("e", reason="FailedScheduling", source={})]

    found, _ = ask(fake, tmp_path)

    assert found.objects["Pod"]["events-brokers-0"]["spec"] == {
        "nodeName": "n1",
        "containers": [{"name": "kafka", "image": "i"}],
    }
    assert found.objects["StrimziPodSet"]["events-brokers"]["spec"] == {
        "pods": [{"metadata": {"name": "events-brokers-0", "labels": OURS}}]
    }
    assert sorted(found.objects["Event"]["e"]) == ["apiVersion", "kind", "metadata", "reason"]
    assert dict(fake.seen)[events]["fieldSelector"] == "type=Warning"
    assert "SECRET" not in repr(found)


def test_what_others_have_is_not_kept(fake: Fake, tmp_path: Path) -> None:
    """Of objects that Git has not, even of rendered kinds, nothing that might be a secret."""
    env = [{"name": "PASSWORD", "value": "SECRET"}]
    pod = {"containers": [{"name": "a", "image": "i", "env": env}]}
    spec = {"replicas": 1, "template": {"spec": pod}}
    variable = {"name": "STRIMZI_NAMESPACE", "value": "kafka-dev"}
    operator = {"containers": [{"name": "a", "image": "i", "env": [*env, variable]}]}
    connector = {
        "database.user": "me",
        "database.password": "SECRET",
        "sasl.jaas.config": "SECRET",
        "api.token": "${secrets:kafka/api:token}",
        "dead.secret": "known",
    }
    connect = {"config": {"ssl.key.password": "SECRET"}, "template": {"pod": {"env": env}}}
    wanted = {
        ("ConfigMap", "ours"): {},
        ("KafkaConnector", "c"): {"spec": {"config": {"dead.secret": "known"}}},
    }
    kinds = (
        *KINDS,
        ("kafka.strimzi.io/v1", "KafkaConnect"),
        ("kafka.strimzi.io/v1", "KafkaConnector"),
    )
    strimzi = f"/apis/kafka.strimzi.io/v1{NAMESPACE}"
    version = {
        "Kafka": "kafkas",
        "KafkaConnect": "kafkaconnects",
        "KafkaConnector": "kafkaconnectors",
    }
    fake.serve("kafka.strimzi.io/v1", version)
    fake.lists |= {
        f"/api/v1{NAMESPACE}/configmaps": [
            body("ours", data={"a": "b"}), body("theirs", data={"a": "SECRET"}),
        ],
        f"/apis/apps/v1{NAMESPACE}/deployments": [body("theirs", spec=spec, status={"a": 1})],
        "/apis/apps/v1/deployments": [
            body("strimzi-cluster-operator", spec={"replicas": 1, "template": {"spec": operator}})
        ],
        "/apis/monitoring.coreos.com/v1/prometheuses": [
            body("k8s", spec={"containers": pod["containers"], "ruleSelector": {}})
        ],
        f"{strimzi}/kafkaconnectors": [body("c", spec={"config": connector})],
        f"{strimzi}/kafkaconnects": [body("theirs", spec=connect)],
    }  # fmt: skip

    place = KubernetesTarget("kafka-dev", fake.kubeconfig(tmp_path), timeout_s=2, rendered=wanted)
    found, _ = collect(place, Wanted(kinds, "events"))

    assert found is not None
    objects = found.objects
    assert objects["ConfigMap"]["ours"]["data"] == {"a": "b"}
    assert "data" not in objects["ConfigMap"]["theirs"]
    theirs = objects["Deployment"]["theirs"]
    assert theirs["spec"] == {
        "replicas": 1,
        "template": {"spec": {"containers": [{"name": "a", "image": "i"}]}},
    }
    assert theirs["status"] == {"a": 1}
    assert found.operators[0]["spec"]["template"]["spec"]["containers"][0]["env"] == [variable]
    assert found.prometheuses[0]["spec"] == {"ruleSelector": {}}
    assert objects["KafkaConnector"]["c"]["spec"]["config"] == {
        "database.user": "me",
        "database.password": "(masked)",
        "sasl.jaas.config": "(masked)",
        "api.token": "${secrets:kafka/api:token}",
        "dead.secret": "known",
    }
    assert objects["KafkaConnect"]["theirs"]["spec"] == {"config": {"ssl.key.password": "(masked)"}}
    assert "SECRET" not in repr(found)


def test_in_the_cluster_what_others_have_is_not_kept_either(fake: Fake, tmp_path: Path) -> None:
    """There the tool's label says what is rendered."""
    ours = {"name": "ours", "labels": {"app.kubernetes.io/managed-by": "strimzi-gitops"}}
    fake.lists[f"/api/v1{NAMESPACE}/configmaps"] = [
        {"metadata": ours, "data": {"a": "b"}},
        body("theirs", data={"a": "SECRET"}),
    ]
    with Api(KubernetesTarget("kafka-dev", fake.kubeconfig(tmp_path))) as api:
        api.place = KubernetesTarget("kafka-dev", in_cluster=True)
        found, _ = collect_from(api, WANTED)

    assert found is not None
    assert found.objects["ConfigMap"]["ours"]["data"] == {"a": "b"}
    assert "SECRET" not in repr(found)


def test_what_lies_around_the_namespace_is_read_with_a_kubeconfig(
    fake: Fake, tmp_path: Path
) -> None:
    """Zones of nodes, Argo CD's Application, Prometheus objects, the operator wherever it is."""
    zone = {"topology.kubernetes.io/zone": "a"}
    fake.lists["/api/v1/nodes"] = [
        {"metadata": {"name": "n1", "labels": zone}},
        {"metadata": {"name": "n2"}},
    ]
    fake.single[APPLICATION] = body("kafka-dev", status={"sync": {"status": "Synced"}})
    fake.lists["/apis/monitoring.coreos.com/v1/prometheuses"] = [body("k8s", spec={})]
    selector = {"matchLabels": {"strimzi.io/kind": "cluster-operator"}}
    fake.lists["/apis/apps/v1/deployments"] = [
        body("web", spec={"selector": {}}),
        body("renamed", spec={"selector": selector}),
    ]
    # The fake does not know field selectors, which find the operator by its usual name.
    real = fake.respond

    def respond(path: str, query: dict[str, str]) -> tuple[int, bytes]:
        return (200, b"{}") if "metadata.name" in str(query) else real(path, query)

    fake.respond = respond  # type: ignore[method-assign]

    found, gaps = ask(fake, tmp_path)

    assert gaps == {}
    assert found.nodes == {"n1": "a", "n2": ""}
    assert found.application is not None
    assert found.application["expectedRevision"] == "abc"
    assert found.application["status"] == {"sync": {"status": "Synced"}}
    assert [each["metadata"]["name"] for each in found.prometheuses] == ["k8s"]
    assert [each["metadata"]["name"] for each in found.operators] == ["renamed"]
    assert list(found.objects["Namespace"]) == ["kafka-dev"]


def test_a_refusal_is_a_gap_that_names_what_must_be_granted(fake: Fake, tmp_path: Path) -> None:
    """The rest is there; kinds that are not served are simply empty, and Prometheus may be absent."""
    fake.statuses[TOPICS] = 403
    fake.statuses["/api/v1/nodes"] = 403
    fake.statuses[f"/api/v1{NAMESPACE}/secrets"] = 403
    del fake.single["/apis/policy/v1"]
    del fake.lists["/apis/monitoring.coreos.com/v1/prometheuses"]
    fake.single[APPLICATION] = body("kafka-dev")

    found, gaps = ask(fake, tmp_path)

    must = "a Role or ClusterRole must grant it (the server says 403)"
    where = "in namespace kafka-dev"
    assert gaps == {
        "kubernetes.KafkaTopic": Gap(
            Cause.REFUSED, f"nobody allowed us to list kafkatopics.kafka.strimzi.io {where}: {must}"
        ),
        "kubernetes.Secret": Gap(
            Cause.REFUSED, f"nobody allowed us to list secrets {where}: {must}"
        ),
        "kubernetes.nodes": Gap(
            Cause.REFUSED, f"nobody allowed us to list nodes in the whole cluster: {must}"
        ),
    }
    assert "KafkaTopic" not in found.objects
    assert found.served["policy/v1"] == []
    assert found.objects["PodDisruptionBudget"] == {}
    assert found.prometheuses == []


def test_discovery_decides_what_a_kind_is_called_and_where_it_lives(
    fake: Fake, tmp_path: Path
) -> None:
    """A plural that English would not guess is found; a kind without namespace is not listed."""
    fake.serve("example.com/v1", {"Fish": "fish", "Sea": "seas"}, cluster=["Sea"])
    fake.lists[f"/apis/example.com/v1{NAMESPACE}/fish"] = [body("cod")]
    kinds = (*KINDS, ("example.com/v1", "Fish"), ("example.com/v1", "Sea"))

    found, gaps = ask(fake, tmp_path, Wanted(kinds, "events"))

    assert list(found.objects["Fish"]) == ["cod"]
    assert gaps["kubernetes.Sea"] == Gap(Cause.NOT_ASKED, "Sea lies outside of namespaces")


def test_a_kind_of_two_groups_is_kept_apart(fake: Fake, tmp_path: Path) -> None:
    """Kubernetes' own Event keeps its name; the other one's has its group in it."""
    fake.serve("events.k8s.io/v1", {"Event": "events"})
    fake.lists[f"/apis/events.k8s.io/v1{NAMESPACE}/events"] = [body("new")]
    fake.lists[f"/api/v1{NAMESPACE}/events"] = [body("old")]

    found, _ = ask(fake, tmp_path, Wanted((*KINDS, ("events.k8s.io/v1", "Event"))))

    assert list(found.objects["Event"]) == ["old"]
    assert list(found.objects["Event.events.k8s.io"]) == ["new"]


@pytest.mark.parametrize("way", ["silent", "dripping"])
def test_a_slow_list_times_out_alone(fake: Fake, tmp_path: Path, way: str) -> None:
    """A server that takes requests and does not answer them, or hardly, costs one time limit."""
    getattr(fake, way).add(TOPICS)
    fake.lists[TOPICS] = [body("a" * 50)]
    place = KubernetesTarget("kafka-dev", fake.kubeconfig(tmp_path), timeout_s=0.5)
    began = time.monotonic()

    found, gaps = collect(place, WANTED)

    assert time.monotonic() - began < 4
    assert found is not None
    assert gaps["kubernetes.KafkaTopic"] == Gap(
        Cause.TIMED_OUT,
        f"{fake.url} did not answer in time to list kafkatopics.kafka.strimzi.io"
        " in namespace kafka-dev",
    )


def test_the_deadline_ends_everything(fake: Fake, tmp_path: Path) -> None:
    """What was not asked in time is told as such."""
    began = time.monotonic()
    found, gaps = collect(
        KubernetesTarget("kafka-dev", fake.kubeconfig(tmp_path)),
        WANTED,
        deadline=time.monotonic() - 1,
    )

    assert time.monotonic() - began < 2
    assert found is None
    assert gaps == {"kubernetes": Gap(Cause.TIMED_OUT, "no time was left to get /version")}


def whole(fake_url_or_path: str) -> Gap:
    """The gap of everything, with a kubeconfig."""
    found, gaps = collect(KubernetesTarget("kafka-dev", fake_url_or_path, timeout_s=2), WANTED)
    assert found is None
    assert list(gaps) == ["kubernetes"]
    return gaps["kubernetes"]


def test_who_is_not_known_learns_nothing(fake: Fake, tmp_path: Path) -> None:
    """An expired token is told once, not for each kind."""
    fake.statuses["/version"] = 401

    assert whole(fake.kubeconfig(tmp_path)) == Gap(
        Cause.REFUSED,
        "the API server does not know who we are: log in again, or renew the token"
        " (the server says 401)",
    )


@pytest.mark.parametrize("answer", [b"<html>welcome</html>", b"[]", b"{}"])
def test_something_else_at_the_address_is_told(fake: Fake, tmp_path: Path, answer: bytes) -> None:
    """A proxy's page is no API server's answer."""
    fake.raw["/version"] = answer

    assert whole(fake.kubeconfig(tmp_path)) == Gap(
        Cause.UNREACHABLE, f"{fake.url} does not answer like a Kubernetes API server (get /version)"
    )


def test_broken_json_in_a_list_is_a_gap(fake: Fake, tmp_path: Path) -> None:
    """An answer that breaks off is not taken for an empty list."""
    fake.raw[TOPICS] = b'{"items": ['

    found, gaps = ask(fake, tmp_path)

    assert gaps["kubernetes.KafkaTopic"].cause is Cause.UNREACHABLE
    assert "KafkaTopic" not in found.objects


def test_an_internal_error_is_a_gap(fake: Fake, tmp_path: Path) -> None:
    """Without a second try."""
    fake.statuses[TOPICS] = 500

    _, gaps = ask(fake, tmp_path)

    assert gaps["kubernetes.KafkaTopic"] == Gap(
        Cause.UNREACHABLE,
        "HTTP status 500 to list kafkatopics.kafka.strimzi.io in namespace kafka-dev"
        " (the server says 500)",
    )
    assert len([path for path, _ in fake.seen if path == TOPICS]) == 1


def test_a_busy_server_is_asked_again(fake: Fake, tmp_path: Path) -> None:
    """As it wants it, and not for ever."""
    fake.busy = {"/version": 1, TOPICS: 3}
    fake.lists[TOPICS] = [body("orders")]

    found, gaps = ask(fake, tmp_path)

    assert gaps.keys() <= {"kubernetes.application"}
    assert found.objects["KafkaTopic"].keys() == {"orders"}

    fake.busy = {TOPICS: 1000}
    _, gaps = ask(fake, tmp_path)

    assert gaps["kubernetes.KafkaTopic"].reason.startswith("HTTP status 429 to list kafkatopics")


def test_nobody_listens_there(fake: Fake, tmp_path: Path) -> None:
    """A refused connection says so at once."""
    with create_server(("127.0.0.1", 0)) as socket:
        port = socket.getsockname()[1]
    fake.url = f"http://127.0.0.1:{port}"

    assert whole(fake.kubeconfig(tmp_path)) == Gap(
        Cause.UNREACHABLE, f"http://127.0.0.1:{port} cannot be reached: Connection refused"
    )


def test_a_server_without_tls_is_told(fake: Fake, tmp_path: Path) -> None:
    """The handshake's own words, and nothing of Python's objects."""
    fake.url = fake.url.replace("http://", "https://")

    gap = whole(fake.kubeconfig(tmp_path))

    assert gap.cause is Cause.UNREACHABLE
    assert gap.reason.startswith(f"{fake.url} cannot be reached: [SSL: ")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "cannot be used"),
        ("{", "cannot be used"),
        ("contexts: 7\ncurrent-context: a", "cannot be used"),
        ("current-context: a\ncontexts: []\nclusters: []\nusers: []", "cannot be used"),
    ],
)
def test_a_broken_kubeconfig_is_told_with_what_to_do(tmp_path: Path, text: str, words: str) -> None:
    """Whatever is wrong with it."""
    path = tmp_path / "broken"
    path.write_text(text)

    gap = whole(str(path))

    assert gap.cause is Cause.UNREACHABLE
    assert gap.reason.startswith(f"the kubeconfig {path} {words}: ")
    assert gap.reason.endswith(
        "(name another one with --kubeconfig and --context, or set KUBECONFIG)"
    )


def test_a_missing_kubeconfig_and_no_pod_are_told(tmp_path: Path) -> None:
    """There is nothing to connect to."""
    assert "cannot be used" in whole(str(tmp_path / "none")).reason

    found, gaps = collect(KubernetesTarget("kafka-dev", in_cluster=True), WANTED)

    assert found is None
    assert gaps["kubernetes"].reason.startswith("this is no pod with a ServiceAccount's token: ")


def test_credentials_are_read_only_when_asked_for(fake: Fake, tmp_path: Path) -> None:
    """A KafkaUser's own certificate or password, and the authority of the brokers."""
    place = KubernetesTarget("kafka-dev", fake.kubeconfig(tmp_path), timeout_s=2)
    secrets = f"/api/v1{NAMESPACE}/secrets"
    fake.single[f"{secrets}/verify"] = secret(
        "verify", user_crt=b"crt", user_key=b"key", ca_crt=b"clients' own"
    )
    fake.single[f"{secrets}/events-cluster-ca-cert"] = secret("x", ca_crt=b"ca", ca_p12=b"p12")

    assert credentials(place, "verify", "events-cluster-ca-cert") == {
        "user.crt": b"crt",
        "user.key": b"key",
        "ca.crt": b"ca",
    }
    with pytest.raises(ApiError) as missing:
        credentials(place, "nobody", "events-cluster-ca-cert")
    assert str(missing.value) == "HTTP status 404 to get secrets nobody in namespace kafka-dev"


def test_certificates_come_in_their_order() -> None:
    """What is no certificate in the text is passed over; what only says so is refused."""
    first, second = pem("one"), pem("two", days=5)

    found = certificates_of(b"# words\n" + first + b"\n" + second, "tls.crt")

    assert [each.subject for each in found] == ["CN=one", "CN=two"]
    assert found[0].not_after_s - found[0].not_before_s == 91 * 86400
    assert certificates_of(b"") == ()
    with pytest.raises(ValueError, match=r"certificate|PEM|parsing"):
        certificates_of(b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----")
    assert len(found[0].fingerprint) == 64


def test_an_older_api_of_strimzi_is_read_as_it_is_served(fake: Fake, tmp_path: Path) -> None:
    """Nothing but v1beta2 is there, and Git does not say of every kind that it is read."""
    old = "kafka.strimzi.io/v1beta2"
    for path in [each for each in fake.lists if each.startswith("/apis/kafka.strimzi.io/v1/")]:
        fake.lists[path.replace("/v1/", "/v1beta2/")] = fake.lists.pop(path)
    for path in [each for each in fake.single if each.startswith("/apis/kafka.strimzi.io/v1")]:
        del fake.single[path]
    fake.serve(old, {"Kafka": "kafkas", "KafkaNodePool": "kafkanodepools",
                     "KafkaTopic": "kafkatopics", "KafkaUser": "kafkausers"})  # fmt: skip
    fake.single["/apis/kafka.strimzi.io"] = {"versions": [{"version": "v1beta2"}]}
    fake.lists[TOPICS.replace("/v1/", "/v1beta2/")] = [body("orders")]
    wanted = Wanted([*KINDS[:1], (old, "Kafka"), *KINDS[2:]], "events", "kafka-dev")

    found, gaps = ask(fake, tmp_path, wanted)

    assert found.objects["KafkaTopic"]["orders"]["apiVersion"] == old
    assert set(gaps) <= {"kubernetes.application"}
    assert (found.served[old], found.served["kafka.strimzi.io/v1"]) == (
        ["Kafka", "KafkaNodePool", "KafkaTopic", "KafkaUser"],
        [],
    )
