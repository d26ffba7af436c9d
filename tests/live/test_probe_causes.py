"""What keeps a probe from its work is named, and whatever becomes of it, the run ends with its report."""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace

import pytest
from live.applier import RENDERED, apply, quotas
from live.breaking import killed
from live.kafka import Kafka
from live.node import LOOPBACK
from live.probing import access_of, clean, desired, ids, leader_of, own_topics
from live.probing import probed as probed_alone
from live.verifier import Verdict, verified

from generator.common.exit_codes import ExitCode
from generator.contract.report import Status
from verify.checks.registry import all_checks
from verify.collect.probe.probe import probe
from verify.collect.probe.scratch import fresh_name
from verify.live.live import Live
from verify.run import Patience

pytestmark = pytest.mark.live


@pytest.fixture(autouse=True)
def nothing_left(request: pytest.FixtureRequest) -> Iterator[None]:
    """Every test begins on a cluster as it was."""
    yield
    clean(request)


@contextmanager
def slowed(kafka: Kafka, user: str, limits: Mapping[str, float]) -> Iterator[None]:
    """A quota of one user, or by default of all; in the end all is as rendered."""
    with quotas(kafka) as connection:
        connection.set({user: dict(limits)})
        kafka.until(lambda: connection.all().get(user) == limits, "have the quota")
    try:
        yield
    finally:
        with quotas(kafka) as connection:
            connection.set({user: {}})
        apply(kafka, RENDERED / "staging")


def probed(kafka: Kafka) -> Verdict:
    """A run with all that Kafka can be asked, the probe included."""
    return verified(kafka, "staging", leave_out=("flow",), patience=Patience(timeout_s=40))


def test_request_quota_that_lets_hardly_anything_through(staging: Kafka) -> None:
    """The C library aborts when groups are removed so slowly: that is no end of the run."""
    with slowed(staging, "CN=verify", {"request_percentage": 0.01}):
        found = probed(staging)

    assert found.report.exit_code in (ExitCode.UNHEALTHY, ExitCode.UNREACHABLE, ExitCode.TIMED_OUT)
    assert found.result("brokers-present").status == "pass"
    assert "request_percentage is 0.01, desired " in found.said("quotas")
    assert found.live.probe is not None
    assert not any("bug" in str(each) for each in found.report.results)


def test_topic_that_appears_late(staging: Kafka) -> None:
    """Its creation waits for a quorum, which is back after the run: told then, removed by the next one."""
    leader = leader_of(staging, access_of(staging))
    stays = next(each for each in staging.nodes if each.id != leader)
    others = [each for each in staging.nodes if each is not stays]
    access = replace(access_of(staging), bootstrap=(f"{LOOPBACK}:{stays.ports['tls']}",))
    name = fresh_name("probe")
    with killed(staging, *others):
        lost = probe(access, name, ids(staging), time.monotonic() + 12)
    assert (lost.left_behind, lost.may_appear) in [((), (name,)), ((name,), ())]
    live = Live("staging", 0, probe=lost)
    (told,) = all_checks()["probe-leaves-nothing"].ask(desired(), live).outcomes
    assert (told.status, name in told.message) == (Status.WARN, True)

    late = name.replace(name.split("-")[3], "1700000000")
    staging.create_topic(late)
    assert late in probed_alone(staging).swept
    assert late not in own_topics(staging)
