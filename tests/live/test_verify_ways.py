"""Ways to Kubernetes and Kafka that are closed: an exit code, in time, and words that help."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from live.commands import OF_THE_MACHINE, Commands, closed_port, options
from live.kafka import Kafka
from live.kubernetes_server import Access, KubernetesServer
from live.node import LOOPBACK
from live.statuses import namespace_of

pytestmark = pytest.mark.live

NAMESPACE = namespace_of("dev")
SOON_S = 60
"""A slow machine needs so long for what ends at once; a hang would take longer."""
QUICKLY = ("--timeout", "3s", "--round-timeout", "20s")


def test_all_is_well(cli: Commands) -> None:
    """Exit 0, the probe and the flow included."""
    done = cli.run("run", "dev", *OF_THE_MACHINE, "--format", "json", *cli.both)

    assert (done.code, done.wrong, done.err) == (0, {}, "")


def test_api_server_is_down(cli: Commands, kubernetes: KubernetesServer) -> None:
    """Nobody listens there: exit 2."""
    admin = kubernetes.admin
    away = Access(cli.home / "away.yaml", closed_port(), admin.ca, admin.identity)

    done = cli.verify("--kubeconfig", str(away.write_kubeconfig().kubeconfig), *cli.way)

    assert (done.code, set(done.wrong.values())) == (2, {"unknown"})
    assert f"https://{LOOPBACK}:{away.port} cannot be reached: Connection refused" in done.said
    assert done.took_s < SOON_S


@contextmanager
def frozen(kubernetes: KubernetesServer) -> Iterator[None]:
    """The API server takes connections and answers nothing."""
    process = kubernetes._server.process
    assert process is not None
    process.send_signal(signal.SIGSTOP)
    try:
        yield
    finally:
        process.send_signal(signal.SIGCONT)
        kubernetes.until(lambda: kubernetes.admin.request("GET", "/readyz") == "ok", "thaw")


def test_api_server_is_frozen(cli: Commands, kubernetes: KubernetesServer) -> None:
    """It takes connections and never answers: exit 4, within the time for one question."""
    with frozen(kubernetes):
        done = cli.verify(*cli.both, *QUICKLY)

    assert (done.code, set(done.wrong.values())) == (4, {"unknown"})
    assert "did not answer in time" in done.said
    assert done.took_s < SOON_S


def test_user_without_rights(cli: Commands, kubernetes: KubernetesServer) -> None:
    """Exit 2, and what must be granted is named."""
    jane = kubernetes.kubeconfig_for("jane")

    done = cli.verify("--kubeconfig", str(jane), *cli.way)

    assert (done.code, set(done.wrong.values())) == (2, {"unknown"})
    assert (
        f"nobody allowed us to list kafkatopics.kafka.strimzi.io in namespace {NAMESPACE}"
    ) in done.said
    assert "a Role or ClusterRole must grant it" in done.said


def test_expired_token(cli: Commands, kubernetes: KubernetesServer) -> None:
    """Exit 2, and what to do about it."""
    late = kubernetes.bearer(kubernetes.expired_token(NAMESPACE, "reader"))

    done = cli.verify("--kubeconfig", str(late.kubeconfig), *cli.way)

    assert done.code == 2
    assert "does not know who we are: log in again, or renew the token" in done.said


def test_no_kubeconfig(cli: Commands) -> None:
    """Exit 2, and how to give one; with --no-kubernetes Kafka is asked all the same."""
    done = cli.verify(*cli.way)

    assert done.code == 2
    assert "name another one with --kubeconfig and --context, or set KUBECONFIG" in done.said
    assert cli.verify("--no-kubernetes", *cli.way).code == 0


def test_context_that_is_not_there(cli: Commands) -> None:
    """Exit 2 as well where nothing that is asked for needs Kubernetes: somebody said where it is."""
    context = ("--kubeconfig", str(cli.kubeconfig), "--context", "nowhere")

    done = cli.verify(*context, *cli.way, "--only", "topics,quotas")

    assert done.code == 2
    assert "nowhere" in done.said
    assert done.wrong.keys() == {"kubernetes-identity", "topics-same"}


def test_in_the_cluster_without_a_pod(cli: Commands) -> None:
    """Exit 2: there is no account to be."""
    done = cli.verify("--in-cluster", *cli.way)

    assert done.code == 2
    assert "Service host/port is not set" in done.said


@pytest.mark.parametrize(
    ("instead", "code", "says"),
    [
        ({"bootstrap": f"{LOOPBACK}:{{closed}}"}, 2, "connection refused"),
        ({"bootstrap": "no-such-host.invalid:9093"}, 2, "no such host"),
        ({"bootstrap": "no address"}, 2, "is no address such as host:9092"),
        ({"ca": "{wrong_ca}"}, 2, "not trusted"),
        ({"cert": "{stranger_cert}", "key": "{stranger_key}"}, 2, "tls"),
        ({"cert": "", "key": ""}, 2, "tls"),
        ({"security_protocol": "PLAINTEXT"}, 2, ""),
    ],
    ids=["closed port", "unknown host", "no address", "wrong CA", "stranger's certificate",
         "no certificate", "plaintext to TLS"],
)  # fmt: skip
def test_kafka_is_not_reached(
    cli: Commands, dev: Kafka, instead: dict[str, str], code: int, says: str
) -> None:
    """Exit 2 with the step that failed; nothing hangs, and nothing is taken for healthy."""
    assert dev.security is not None
    stranger = dev.security.wrong_ca.issue("verify")
    places = {
        "closed": closed_port(),
        "wrong_ca": dev.security.wrong_ca.certificate,
        "stranger_cert": stranger.certificate,
        "stranger_key": stranger.key,
    }
    way = options(dev, **{key: value.format(**places) for key, value in instead.items()})

    done = cli.verify("--no-kubernetes", *way, *QUICKLY)

    assert done.code == code, done.said
    assert set(done.wrong.values()) <= {"unknown", "fail"}
    assert "pass" not in {done.checks[check] for check in ("brokers-present", "topics-present")}
    assert says in done.said.lower()
    assert done.took_s < SOON_S


def test_one_bootstrap_address_is_dead(cli: Commands, dev: Kafka) -> None:
    """The other one is enough to know everything; the dead one is told, as clients begin there."""
    dead = f"{LOOPBACK}:{closed_port()}"
    real = f"{LOOPBACK}:{dev.nodes[0].ports['tls']}"
    way = options(dev, bootstrap=f"{dead},{real}")

    done = cli.verify("--no-kubernetes", *way)

    assert (done.code, done.wrong) == (0, {"listeners-reachable": "warn"})
    assert dead in done.said
