"""The command in all that it does once it has found its way: each end with its exit code."""

import os
import signal
import subprocess
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import yaml
from live.answers import DEADLINE_S
from live.applier import RENDERED, users_of
from live.commands import QUICK, Commands, closed_port, options
from live.kafka import Kafka
from live.kubernetes_server import KubernetesServer
from live.mending import mended, patch
from live.node import LOOPBACK
from live.security import password_of
from live.statuses import condition, namespace_of

pytestmark = pytest.mark.live

NAMESPACE = namespace_of("dev")
TOPIC = "chat-events"
SOON_S = 60
"""A slow machine needs so long for what ends at once; a hang would take longer."""


@pytest.fixture(scope="module")
def dump(cli: Commands) -> Path:
    """A dump of the healthy environment."""
    file = cli.home / "dev.json"
    done = cli.run("dump", "dev", str(file), *cli.both)
    assert (done.code, done.out) == (0, ""), done.said
    return file


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("run", "def"), "there is no environment 'def'"),
        (("run", "dev", "--only", "topic"), "there is no check or group 'topic'"),
        (("run", "dev", "--wait", "soon"), "--wait"),
        (("run", "dev", "--no-kubernetes"), "--no-kubernetes needs --bootstrap"),
        (("run",), "Missing argument"),
        (("explain", "nothing"), "there is no check 'nothing'"),
    ],
)
def test_wrong_usage(cli: Commands, arguments: tuple[str, ...], says: str) -> None:
    """Exit 64, with the word that was meant."""
    done = cli.run(*arguments)

    assert (done.code, done.out) == (64, "")
    assert says in done.said


def test_dump_says_the_same_later(cli: Commands, dump: Path) -> None:
    """When Kubernetes and Kafka are gone; and it holds no secret."""
    now = cli.verify(*cli.both)
    later = cli.verify("--from-dump", str(dump))

    assert now.code == later.code == 0
    assert later.checks == now.checks
    text = dump.read_text()
    assert "PRIVATE KEY" not in text
    # Git names a Secret of its own like this, which no test makes.
    users = [user.name for user in users_of(RENDERED / "dev") if user.name != "kafka-ui"]
    secrets = [password_of(user).encode() for user in users]
    words = [word for secret in secrets for word in (secret.decode(), b64encode(secret).decode())]
    assert [word for word in words if word in text] == []


def test_topics_since_a_dump(cli: Commands, dump: Path) -> None:
    """Without Kubernetes the dump says which topics they were."""
    done = cli.verify("--no-kubernetes", *cli.way, "--since", str(dump), "--only", "topics-same")

    assert (done.code, done.checks["topics-same"]) == (0, "pass")


@pytest.mark.parametrize("content", ["", "{}", "[1, 2", '{"environment": "dev", "kafka": 1}'])
def test_broken_dump(cli: Commands, content: str) -> None:
    """Exit 1 with what to give instead."""
    file = cli.home / "broken.json"
    file.write_text(content)

    done = cli.verify("--from-dump", str(file))

    assert (done.code, done.out) == (1, "")
    assert "give a file that strimzi-verify dump wrote" in done.said


def test_drift(cli: Commands, kubernetes: KubernetesServer) -> None:
    """Exit 0 before and 7 after a change by hand."""
    before = cli.run("drift", "dev", *cli.both)
    with mended(kubernetes, "KafkaTopic", TOPIC, NAMESPACE):
        change = {"metadata": {"labels": {"strimzi-gitops/owner": "nobody"}}}
        patch(kubernetes, "KafkaTopic", TOPIC, NAMESPACE, change)
        after = cli.run("drift", "dev", *cli.both)

    assert (before.code, after.code) == (0, 7)
    assert "dev: live is what Git says (exit 0)" in before.said
    assert "dev: live differs from Git (exit 7)" in after.said
    assert f"kafkatopic/{TOPIC}" in after.said


@pytest.mark.parametrize(
    ("table", "says"),
    [
        ("topics", {"topic": TOPIC, "state": "as in Git"}),
        ("acls", {"principal": "User:CN=verify", "desired": True, "live": True}),
        ("groups", {"group": "billing", "verdict": "not seen"}),
    ],
)
def test_tables(cli: Commands, table: str, says: dict[str, object]) -> None:
    """Live beside desired, for people and for programs."""
    asked = (table, "dev", *cli.both, "--timeout", "2s")
    shown, data = cli.run(*asked), cli.run(*asked, "-o", "yaml")

    assert (shown.code, data.code) == (0, 0), shown.said
    rows = yaml.safe_load(data.out)
    assert any(says.items() <= row.items() for row in rows)
    assert str(next(iter(says.values()))) in shown.out


def test_tables_need_kafka(cli: Commands, dev: Kafka) -> None:
    """Exit 2 and why."""
    done = cli.run("topics", "dev", "--no-kubernetes",
                   *options(dev, bootstrap=f"{LOOPBACK}:{closed_port()}"))  # fmt: skip

    assert (done.code, done.out) == (2, "")
    assert "connection refused" in done.err


@contextmanager
def deprecated(kubernetes: KubernetesServer) -> Iterator[None]:
    """The operator has something to remark."""
    remark = [condition("Ready"), condition("Warning", "True", "DeprecatedFields", "spec.a is old")]
    with mended(kubernetes, "Kafka", "events", NAMESPACE):
        kubernetes.write_status("Kafka", "events", NAMESPACE, {"conditions": remark})
        yield


@contextmanager
def failed(kubernetes: KubernetesServer) -> Iterator[None]:
    """A topic is not ready."""
    told = [condition("Ready", "False", "KafkaError", "try again")]
    with mended(kubernetes, "KafkaTopic", TOPIC, NAMESPACE):
        kubernetes.write_status("KafkaTopic", TOPIC, NAMESPACE, {"conditions": told})
        yield


def test_warnings_count_with_strict_only(cli: Commands, kubernetes: KubernetesServer) -> None:
    """Exit 0 without, 5 with it."""
    with deprecated(kubernetes):
        codes = [cli.verify(*cli.both, *more).code for more in ((), ("--strict",))]

    assert codes == [0, 5]


def test_wait_until_healthy(cli: Commands, kubernetes: KubernetesServer) -> None:
    """Mended after the first round, it is asked again until it has stayed well: exit 0."""
    asked = ("run", "dev", *QUICK, "--wait", "120s", "--stable", "2s")
    with cli.started(*asked, *cli.both) as process:
        assert process.stderr is not None
        with failed(kubernetes):
            first = process.stderr.readline()
        _, err = process.communicate(timeout=DEADLINE_S)

    assert first.startswith("round 1: ")
    assert "1 fail" in first
    assert (process.returncode, "fail" in err) == (0, False), err
    assert "round 2: " in err


def test_wait_runs_out(cli: Commands, kubernetes: KubernetesServer) -> None:
    """Unhealthy to the end: exit 5, not long after the time was up."""
    with failed(kubernetes):
        done = cli.verify(*cli.both, "--wait", "8s")

    assert (done.code, done.wrong) == (5, {"resources-ready": "fail"})
    assert done.took_s < SOON_S


@pytest.mark.parametrize(
    ("command", "number", "code"),
    [
        (("run", "dev", "--only", "probe"), signal.SIGINT, 130),
        (("flow", "dev"), signal.SIGINT, 130),
        (("flow", "dev"), signal.SIGTERM, 143),
    ],
    ids=["Ctrl-C in the probe", "Ctrl-C in the flow", "SIGTERM in the flow"],
)
def test_interrupted(
    cli: Commands, dev: Kafka, command: tuple[str, ...], number: signal.Signals, code: int
) -> None:
    """What was made is taken away again."""
    (node,) = dev.nodes
    with cli.started(*command, "--no-kubernetes", *cli.way) as process:
        dev.until(lambda: bool(own_topics(dev)), "see a topic of verification")
        # While nobody answers, it cannot end before it is told to.
        node.freeze()
        try:
            process.send_signal(number)
        finally:
            node.thaw()
        _, err = process.communicate(timeout=DEADLINE_S)

    assert (process.returncode, "Traceback" in err) == (code, False), err
    assert "what the probe made is removed" in err
    dev.until(lambda: not own_topics(dev), "forget the topics of verification")


def own_topics(kafka: Kafka) -> set[str]:
    """The topics that verification made for itself."""
    known = kafka.admin.list_topics(timeout=DEADLINE_S).topics
    return {name for name in known if name.startswith("strimzi-verify-")}


@pytest.mark.parametrize("form", ["text", "json", "html"])
def test_reader_of_the_report_is_gone(
    cli: Commands, kubernetes: KubernetesServer, form: str
) -> None:
    """As with `| head -1`: no traceback, and the verdict stands."""
    codes = []
    for state in (mended(kubernetes, "KafkaTopic", TOPIC, NAMESPACE), failed(kubernetes)):
        with state:
            reading, writing = os.pipe()
            os.close(reading)
            asked = ("run", "dev", *QUICK, "--format", form, *cli.both)
            with cli.started(*asked, stdout=writing) as process:
                os.close(writing)
                _, err = process.communicate(timeout=DEADLINE_S)
            assert err == ""
            codes.append(process.returncode)

    assert codes == [0, 5]


def test_reader_of_a_list_is_gone(cli: Commands) -> None:
    """A shell's pipeline with `pipefail`, where the output is larger than a pipe holds."""
    with cli.started("list", "-o", "markdown") as process:
        assert process.stdout is not None
        with subprocess.Popen(["head", "-1"], stdin=process.stdout, stdout=subprocess.PIPE) as head:
            process.stdout.close()
            out, _ = head.communicate(timeout=DEADLINE_S)
        assert process.stderr is not None
        err = process.stderr.read()
        process.wait(DEADLINE_S)

    assert (out.count(b"\n"), err, process.returncode) == (1, "", 0)
