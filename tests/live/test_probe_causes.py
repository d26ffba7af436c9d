"""What keeps a probe from its work is named, and whatever becomes of it, the run ends with its report."""

import re
import secrets
import shutil
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from live.acls import binding
from live.answers import answer_of
from live.applier import RENDERED, apply, quotas
from live.applier import _only as only
from live.breaking import configured, frozen, killed
from live.kafka import Kafka
from live.node import LOOPBACK
from live.probing import access_of, clean, desired, ids, leader_of, own_topics
from live.probing import probed as probed_alone
from live.verifier import Verdict, verified, way_in

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
def slowed(kafka: Kafka, user: str | None, limits: Mapping[str, float]) -> Iterator[None]:
    """A quota of one user, or by default of all; in the end all is as rendered."""
    with quotas(kafka) as connection:
        connection.set({user: dict(limits)})
        kafka.until(lambda: limits in connection.all().values(), "have the quota")
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


def test_default_quota_that_stops_everybody(staging: Kafka) -> None:
    """It is told with its value and whom it stops, and no broker is to be restarted; taken back, all is well."""
    with slowed(staging, None, {"producer_byte_rate": 1}):
        found = probed(staging)

    assert found.result("quotas").status == "fail"
    assert (
        "everybody: has a quota that Git does not know: producer_byte_rate 1; it stops "
        in found.said("quotas")
    )
    told = found.result("probe-produces")
    assert "producer_byte_rate 1" in str(told.outcomes)
    assert "delete pod" not in told.remedy
    assert not [each for each in told.outcomes if each.subject]
    assert not probed(staging).failed & {
        "quotas",
        "probe-produces",
        "probe-consumes",
        "probe-commits",
    }


def test_leader_of_the_quorum_was_just_killed(staging: Kafka) -> None:
    """Who is well is not accused, as soon as another one leads."""
    leader = leader_of(staging, access_of(staging))
    node = next(each for each in staging.nodes if each.id == leader)
    others = [each for each in staging.nodes if each is not node]
    with killed(staging, node):
        for _ in range(3):
            found = verified(staging, "staging", way=way_in(staging, *others), only=["quorum"])
            assert not [
                each.subject
                for each in found.result("quorum-lag").outcomes
                if each.status == "fail" and each.subject != f"node {leader}"
            ]


def test_frozen_broker_is_told_as_what_it_is(staging: Kafka) -> None:
    """The probe's own check says that it does not answer, and how to restart it."""
    leader = leader_of(staging, access_of(staging))
    node = next(each for each in staging.nodes if each.id != leader)
    others = [each for each in staging.nodes if each is not node]
    with frozen(staging, node):
        found = verified(staging, "staging", leave_out=("flow",), window_s=0,
                         way=way_in(staging, *others, timeout_s=3))  # fmt: skip
    for check in ("brokers-answer", "probe-produces"):
        (outcome,) = [o for o in found.result(check).outcomes if o.subject == f"broker {node.id}"]
        assert "no answer in time" in outcome.message
        assert "delete pod" in found.result(check).remedy


def test_disk_is_full(staging: Kafka, tmp_path: Path) -> None:
    """It is called full; once the broker has noticed, that a restart alone does not help is told."""
    node = staging.nodes[2]
    with small_disk(tmp_path) as disk:
        known = (node.folder / "data" / "meta.properties").read_text(encoding="utf-8")
        formatted = re.sub(r"directory.id=.*", f"directory.id={secrets.token_urlsafe(16)}", known)
        (disk / "meta.properties").write_text(formatted, encoding="utf-8")
        folders = f"{node.folder / 'data'},{disk}"
        with configured(staging, node, {"log.dirs": folders}):
            (disk / "filling").write_bytes(b"x" * free(disk))
            full = verified(staging, "staging", only=["brokers"])
            (disk / "filling").unlink()
    assert f"broker 3: {disk} is full" in full.said("disk-fill")
    assert full.report.exit_code is ExitCode.NOT_ENOUGH_RESOURCES
    assert "does not start on a full disk" in full.result("disk-fill").remedy


@contextmanager
def small_disk(folder: Path) -> Iterator[Path]:
    """A file system of its own; skips the test where nobody may make one."""
    disk = folder / "disk"
    disk.mkdir()
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=64m", "none", str(disk)], check=False
    )
    if made.returncode:
        pytest.skip("no small disk can be made here")
    try:
        yield disk
    finally:
        subprocess.run(["umount", "-l", str(disk)], check=True)


def free(disk: Path) -> int:
    """What still fits, but a little."""
    return shutil.disk_usage(disk).free


def test_rule_that_denies_tells_who_is_stopped(staging: Kafka) -> None:
    """With what it can no longer do; without the rule, all is well."""
    rule = binding("topic", "llm-events", "literal", "Write", "User:*", permission="deny")
    answer_of(staging.admin.create_acls([rule])[rule])
    staging.settle()
    try:
        found = verified(staging, "staging", only=["users"])
    finally:
        answer_of(staging.admin.delete_acls([only(rule)])[only(rule)])
        staging.settle()
    assert found.wrong == {"acls-extra": "fail"}
    assert "llm-gateway can no longer write topic llm-events" in found.said("acls-extra")
    assert verified(staging, "staging", only=["users"]).wrong == {}
