"""The canary and the flow on real brokers: healthy, broken, interrupted; nothing stays behind."""

import json
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from live.answers import DEADLINE_S
from live.applier import User, apply_users
from live.breaking import frozen, killed
from live.kafka import Kafka
from live.node import LOOPBACK, Node
from live.probing import (
    GENEROUS_S,
    SLACK_S,
    access_of,
    clean,
    desired,
    gone,
    ids,
    leader_of,
    own_groups,
    own_topics,
    probed,
    soon,
    statuses,
    verify_user,
)
from live.security import password_of

from generator.contract.report import Status
from generator.contract.rights import PREFIX
from generator.contract.settings import Performance, VerifySettings
from verify.checks.registry import all_checks
from verify.collect.kafka.access import Access
from verify.collect.kafka.clients import Reader
from verify.collect.kafka.retrying_admin import Deadline
from verify.collect.probe.flow import flow
from verify.collect.probe.flow_steps import places_of
from verify.collect.probe.probe import RECORDS, probe
from verify.collect.probe.scratch import REMOVAL_S, fresh_name
from verify.live.live import Cause, Live, Probe

pytestmark = pytest.mark.live

_ROOT = Path(__file__).parents[2]
_LEAST = (
    ("topic", PREFIX, ("Create", "Write", "Read", "Describe", "Delete")),
    ("group", PREFIX, ("Read", "Describe", "Delete")),
    ("transactionalId", PREFIX, ("Write", "Describe")),
)


@pytest.fixture(autouse=True)
def nothing_left(request: pytest.FixtureRequest) -> Iterator[None]:
    """Every test begins on a cluster as it was."""
    yield
    clean(request)


def test_healthy_cluster_passes_all_checks(each_cluster: Kafka) -> None:
    """Every broker takes all records and gives them back, in little time."""
    found = probed(each_cluster)
    assert (found.problem, found.gap, found.left_behind) == ("", None, ())
    assert [each.broker for each in found.brokers] == [node.id for node in each_cluster.nodes]
    for each in found.brokers:
        assert (each.sent, each.acknowledged, each.received) == (RECORDS,) * 3
        assert len(each.produce_ms) == len(each.end_to_end_ms) == RECORDS
        assert (each.out_of_order, each.duplicated, each.problem) == (0, 0, "")
    assert found.committed
    assert statuses(found) == {Status.PASS}
    gone(each_cluster)


def test_least_rights_are_enough(each_cluster: Kafka) -> None:
    """Neither probe nor flow needs more than its own prefix and Describe on the cluster."""
    acls: list[dict[str, Any]] = [{"resource": {"type": kind, "name": name, "patternType": "prefix"}, "operations": said}
            for kind, name, said in _LEAST]  # fmt: skip
    acls.append({"resource": {"type": "cluster"}, "operations": ("Describe",)})
    apply_users(each_cluster, [User("least", "scram-sha-512", tuple(acls), {})])
    each_cluster.settle()
    access = access_of(each_cluster, "scram", "least")
    made = probe(access, fresh_name("probe"), ids(each_cluster), time.monotonic() + GENEROUS_S)
    done = flow(
        access, fresh_name("flow"), VerifySettings(performance=Performance()), (), (), soon()
    )
    assert statuses(made, done) == {Status.PASS, Status.SKIP}
    assert made.left_behind == done.left_behind == ()
    gone(each_cluster)


def test_two_at_once_do_not_disturb_each_other(dev: Kafka) -> None:
    """Neither sees, sweeps or removes what the other has made."""
    found: list[Probe] = []
    both = [threading.Thread(target=lambda: found.append(probed(dev))) for _ in range(2)]
    for each in both:
        each.start()
    for each in both:
        each.join()
    assert [statuses(each) for each in found] == [{Status.PASS}] * 2
    assert not any(each.swept for each in found)
    gone(dev)


def test_leftovers_of_earlier_runs_are_swept(dev: Kafka) -> None:
    """Only those that are old, and only those that a run has made."""
    old, young = f"{PREFIX}probe-1700000000-0123abcd", fresh_name("probe")
    others = {young, f"{PREFIX}of-mine", "strimzi-verify"}
    for name in (old, *others):
        dev.create_topic(name)
    with Reader(access_of(dev).librdkafka(), f"{old}-in") as reader:
        reader.assign(places_of(old, 1))
        reader.commit({(old, 0): 0}, Deadline(time.monotonic() + DEADLINE_S))

    found = probed(dev)

    assert found.swept == (old, f"{old}-in")
    assert others <= set(dev.admin.list_topics(timeout=10).topics)
    for name in others:
        dev.delete_topic(name)
    gone(dev)


def test_wrong_password_is_a_refusal(dev: Kafka) -> None:
    """It is told at once, and is not taken for a broken cluster."""
    access = access_of(dev, "scram", "verify", password="guessed")  # noqa: S106 (wrong on purpose)
    begun = time.monotonic()
    found = probe(access, fresh_name("probe"), {1: ""}, begun + GENEROUS_S)
    done = flow(access, fresh_name("flow"), VerifySettings(), (), (), begun + GENEROUS_S)
    for gap in (found.gap, done.gap):
        assert gap is not None
        assert gap.cause is Cause.REFUSED
        assert "invalid credentials" in gap.reason
    assert statuses(found, done) <= {Status.UNKNOWN, Status.SKIP, Status.PASS}
    assert time.monotonic() - begun < GENEROUS_S / 2


def test_nobody_there_is_unreachable(dev: Kafka) -> None:
    """A port on which nobody listens is no verdict on the cluster."""
    access = Access((f"{LOOPBACK}:1",), username="verify", password=password_of("verify"))
    found = probe(access, fresh_name("probe"), {1: ""}, time.monotonic() + 3)
    assert found.gap is not None
    assert found.gap.cause is Cause.UNREACHABLE
    assert "Connection refused" in found.gap.reason
    assert probed(dev).gap is None


@pytest.mark.parametrize("seconds", [0, 0.3, 1, 3])
def test_deadline_is_kept(dev: Kafka, seconds: float) -> None:
    """However little time there is, it ends then, and leaves nothing behind."""
    begun = time.monotonic()
    found = probed(dev, seconds)
    assert time.monotonic() - begun < seconds + REMOVAL_S + SLACK_S
    assert found.left_behind == ()
    assert found.gap or not [each for each in found.brokers if each.problem or each.lost]
    done = flow(
        access_of(dev), fresh_name("flow"), VerifySettings(), (), (), time.monotonic() + seconds
    )
    assert done.left_behind == ()
    assert time.monotonic() - begun < 2 * (seconds + REMOVAL_S + SLACK_S)
    gone(dev)


def test_stop_ends_it_from_another_thread(dev: Kafka) -> None:
    """Whoever catches Ctrl-C tells the thread that probes, which removes what it has made."""
    stop, found = threading.Event(), list[Probe]()
    thread = threading.Thread(
        target=lambda: found.append(
            probe(access_of(dev), fresh_name("probe"), {1: ""}, soon(), 10**6, stop)
        )
    )
    thread.start()
    dev.until(lambda: bool(own_topics(dev)), "have the probe's topic")
    stop.set()
    thread.join()
    assert found[0].problem == "it was stopped"
    assert found[0].left_behind == ()
    gone(dev)


_RUNS = {
    "probe": "probe(access, fresh_name('probe'), {1: ''}, end, 10**6)",
    "flow": "flow(access, fresh_name('flow'), VerifySettings(performance=Performance(10**7)), (), (), end)",
}


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("run", _RUNS)
def test_interrupted_it_leaves_nothing_behind(
    dev: Kafka, run: str, number: signal.Signals, tmp_path: Path
) -> None:
    """Ctrl-C in the middle, or an end to the pod, and the cluster is as it was."""
    settings = dev.application("scram", "verify")
    ca = Path(settings["ssl.ca.location"]).read_text(encoding="utf-8")
    told = tmp_path / "access.json"
    told.write_text(json.dumps({
        "bootstrap": settings["bootstrap.servers"].split(","), "tls": True, "ca_pem": ca,
        "username": "verify", "password": password_of("verify"),
    }))  # fmt: skip
    apply_users(dev, [verify_user("scram-sha-512")])
    dev.settle()
    code = f"""
import json, signal, sys, time
from generator.contract.settings import Performance, VerifySettings
from verify.collect.kafka.access import Access
from verify.collect.probe.flow import flow
from verify.collect.probe.probe import probe
from verify.collect.probe.scratch import fresh_name
def end(*_): raise SystemExit(143)
signal.signal(signal.SIGTERM, end)
access, end = Access(**json.load(open(sys.argv[1]))), time.monotonic() + {GENEROUS_S}
{_RUNS[run]}
"""
    with subprocess.Popen(
        [sys.executable, "-c", code, str(told)], cwd=_ROOT, stderr=subprocess.PIPE, text=True
    ) as process:
        dev.until(lambda: _in_the_middle(dev, run), "have what the run makes")
        process.send_signal(number)
        begun = time.monotonic()
        _, said = process.communicate(timeout=DEADLINE_S)
    assert time.monotonic() - begun < REMOVAL_S + SLACK_S
    assert process.returncode == (143 if number is signal.SIGTERM else -signal.SIGINT), said
    assert "left behind" not in said
    gone(dev)


def test_killed_broker_spoils_no_other(staging: Kafka) -> None:
    """Its partition's leader moves, which is told of it; the others take all records."""
    node = staging.nodes[2]
    access = access_of(staging)
    with killed(staging, node):
        begun = time.monotonic()
        found = probe(access, fresh_name("probe"), ids(staging), begun + GENEROUS_S)
        assert time.monotonic() - begun < GENEROUS_S + REMOVAL_S + SLACK_S
        _others_are_fine(found, node)
        assert found.left_behind == ()
        gone(staging)
    assert statuses(probed(staging)) == {Status.PASS}


def test_frozen_broker_spoils_no_other(staging: Kafka) -> None:
    """It takes connections and answers nothing, which nobody else waits for."""
    access = access_of(staging)
    leader = leader_of(staging, access)
    node = next(each for each in staging.nodes if each.id != leader)
    with frozen(staging, node):
        found = probe(access, fresh_name("probe"), ids(staging), time.monotonic() + GENEROUS_S)
        _others_are_fine(found, node)
        assert found.left_behind == ()
        gone(staging)


def test_frozen_controller_holds_nothing_up(staging: Kafka) -> None:
    """Brokers wait for it half a minute; whoever has less time says so, and what is left behind."""
    access = access_of(staging)
    leader = leader_of(staging, access)
    node = next(each for each in staging.nodes if each.id == leader)
    with frozen(staging, node):
        begun = time.monotonic()
        found = probe(access, fresh_name("probe"), ids(staging), begun + 6)
        assert time.monotonic() - begun < 6 + REMOVAL_S + SLACK_S
        assert found.gap or any(each.problem for each in found.brokers)
        assert found.gap is None or found.gap.cause in (Cause.TIMED_OUT, Cause.UNREACHABLE)
    assert statuses(probed(staging)) == {Status.PASS}


def _others_are_fine(found: Probe, node: Node) -> None:
    for each in found.brokers:
        if each.broker == node.id:
            assert each.problem
        else:
            assert (each.acknowledged, each.received, each.problem) == (RECORDS, RECORDS, ""), each
    live = Live("staging", 0, probe=found)
    result = all_checks()["probe-produces"].ask(desired(), live)
    assert [each.subject for each in result.outcomes] == [f"broker {node.id}"]


def _in_the_middle(kafka: Kafka, run: str) -> bool:
    """Whether the probe has made its topic, or the flow has committed offsets to a group."""
    return bool(own_topics(kafka)) if run == "probe" else bool(own_groups(kafka))
