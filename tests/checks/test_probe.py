"""Checks of the canary: what they say of what it found."""

import subprocess
import sys

import pytest
from msgspec.structs import replace
from support import REPOSITORY

from generator.contract.report import Result, Status
from generator.contract.settings import Latency, VerifySettings
from verify.checks.probe import percentile
from verify.checks.registry import all_checks
from verify.collect.kafka.access import Access
from verify.collect.kafka.retrying_admin import Deadline
from verify.collect.probe.scratch import Scratch, fresh_name, is_leftover, spread
from verify.desired import Desired
from verify.live.live import Cause, Flow, Gap, Live, Probe, ProbeBroker

_FINE = ProbeBroker(1, 20, 20, 20, produce_ms=(1.0, 2.0, 3.0), end_to_end_ms=(2.0, 3.0, 4.0))


def _ask(check: str, found: Probe | None, p99_ms: float | None = None) -> Result:
    desired = Desired("dev", (), settings=VerifySettings(latency=Latency(p99_ms)))
    return all_checks()[check].ask(desired, Live("dev", 0, probe=found))


def _probe(*brokers: ProbeBroker, committed: bool = True, problem: str = "") -> Probe:
    return Probe("strimzi-verify-probe-1-00000000", brokers, committed, problem=problem)


def _said(result: Result) -> list[tuple[str, str, str]]:
    return [(each.status, each.subject, each.message) for each in result.outcomes]


_CHECKS = ["probe-produces", "probe-consumes", "probe-latency", "probe-commits"]


@pytest.mark.parametrize("check", [*_CHECKS, "probe-leaves-nothing"])
def test_healthy_cluster_passes(check: str) -> None:
    assert _ask(check, _probe(_FINE, replace(_FINE, broker=2))).status is Status.PASS


@pytest.mark.parametrize("check", [*_CHECKS, "probe-leaves-nothing"])
def test_without_a_probe_is_skipped(check: str) -> None:
    assert _ask(check, None).status is Status.SKIP


@pytest.mark.parametrize("check", _CHECKS)
def test_probe_that_could_not_be_made_is_unknown(check: str) -> None:
    found = _probe()
    found.gap = Gap(Cause.TIMED_OUT, "no answer")
    (outcome,) = _ask(check, found).outcomes
    assert (outcome.status, outcome.timed_out) == (Status.UNKNOWN, True)
    assert outcome.message == "no probe could be made: no answer"

    found.gap = Gap(Cause.REFUSED, "invalid credentials")
    (outcome,) = _ask(check, found).outcomes
    assert (outcome.status, outcome.timed_out) == (Status.UNKNOWN, False)


@pytest.mark.parametrize("check", [*_CHECKS, "probe-leaves-nothing"])
def test_gap_of_the_run_counts(check: str) -> None:
    live = Live("dev", 0, gaps={"probe": Gap(Cause.NOT_ASKED, "--no-probe")})
    result = all_checks()[check].ask(Desired("dev", ()), live)
    assert _said(result) == [("skip", "", "--no-probe")]


def test_produces_names_each_broker_that_does_not_acknowledge() -> None:
    dead = ProbeBroker(2, 1, 0, 0, problem="0 of 20 records were acknowledged in time")
    gone = ProbeBroker(3, 0, 0, 0, problem="no broker of this number is there")
    assert _said(_ask("probe-produces", _probe(_FINE, dead, gone))) == [
        ("fail", "broker 2", "0 of 20 records were acknowledged in time"),
        ("fail", "broker 3", "no broker of this number is there"),
    ]


def test_produces_counts_where_nobody_says_why() -> None:
    half = ProbeBroker(1, 20, 11, 11)
    assert _said(_ask("probe-produces", _probe(half))) == [
        ("fail", "broker 1", "11 of 20 records were acknowledged")
    ]


def test_produces_fails_without_brokers() -> None:
    assert _said(_ask("probe-produces", _probe())) == [
        ("fail", "", "there is no broker to send records to")
    ]


def test_produces_says_how_many() -> None:
    assert _said(_ask("probe-produces", _probe(_FINE, replace(_FINE, broker=2)))) == [
        ("pass", "", "40 records were acknowledged by 2 brokers")
    ]


def test_consumes_tells_losses_order_and_duplicates() -> None:
    wrong = ProbeBroker(2, 20, 20, 17, out_of_order=2, duplicated=1)
    assert _said(_ask("probe-consumes", _probe(_FINE, wrong))) == [
        ("fail", "broker 2", "of 20 acknowledged records 3 did not come back in time,"
                             " 2 came out of order, 1 came twice")
    ]  # fmt: skip


@pytest.mark.parametrize("check", ["probe-consumes", "probe-latency", "probe-commits"])
def test_nothing_acknowledged_leaves_nothing_to_judge(check: str) -> None:
    found = _probe(ProbeBroker(1, 1, 0, 0, problem="silent"), committed=False)
    assert _ask(check, found).status is Status.SKIP


def test_latency_is_told_over_all_and_for_each_broker() -> None:
    slow = replace(_FINE, broker=2, produce_ms=(10.0,), end_to_end_ms=(30.0,))
    assert _said(_ask("probe-latency", _probe(_FINE, slow))) == [
        ("pass", "", "produced p50 2.0 ms p95 10.0 ms p99 10.0 ms;"
                     " end to end p50 3.0 ms p95 30.0 ms p99 30.0 ms"),
        ("pass", "broker 1", "produced p50 2.0 ms p95 3.0 ms p99 3.0 ms;"
                             " end to end p50 3.0 ms p95 4.0 ms p99 4.0 ms"),
        ("pass", "broker 2", "produced p50 10.0 ms p95 10.0 ms p99 10.0 ms;"
                             " end to end p50 30.0 ms p95 30.0 ms p99 30.0 ms"),
    ]  # fmt: skip


def test_latency_fails_above_what_is_allowed_only() -> None:
    found = _probe(_FINE)
    assert _ask("probe-latency", found, p99_ms=4).status is Status.PASS
    result = _ask("probe-latency", found, p99_ms=3.5)
    assert result.status is Status.FAIL
    assert result.outcomes[0].message.endswith("; at most 3.5 ms are allowed for p99")
    assert "environments/dev" in result.remedy


@pytest.mark.parametrize(("took_ms", "status"), [(500, "pass"), (501, "warn"), (5001, "fail")])
def test_latency_that_is_unusual(took_ms: float, status: str) -> None:
    """Where nobody set a limit; among several brokers, and twice as much where there is one."""
    one = replace(_FINE, end_to_end_ms=(took_ms,))

    assert _ask("probe-latency", _probe(one, replace(one, broker=2))).status == status
    assert _ask("probe-latency", _probe(one)).status == ("warn" if took_ms > 1000 else "pass")
    assert _ask("probe-latency", _probe(one), p99_ms=9000).status == "pass"


def test_a_broker_that_is_slower_than_the_others() -> None:
    """By half of its records, and only where it matters."""
    slow = replace(_FINE, broker=3, produce_ms=(60.0,))

    told = _said(_ask("probe-latency", _probe(_FINE, replace(_FINE, broker=2), slow)))
    assert told[0] == (
        "warn", "broker 3",
        "is slower than the others: half of the records took 60.0 ms, with them at most 2.0 ms",
    )  # fmt: skip
    quick = replace(_FINE, broker=3, produce_ms=(49.0,))
    assert _ask("probe-latency", _probe(_FINE, quick)).status is Status.PASS


def test_latency_of_records_that_never_came_back() -> None:
    found = _probe(replace(_FINE, received=0, end_to_end_ms=()))
    assert _said(_ask("probe-latency", found, p99_ms=3)) == [
        ("pass", "", "produced p50 2.0 ms p95 3.0 ms p99 3.0 ms")
    ]


def test_commits_fails_with_the_reason() -> None:
    found = _probe(_FINE, committed=False, problem="the time was up")
    assert _said(_ask("probe-commits", found)) == [
        ("fail", "", "offsets could not be committed and read back: the time was up")
    ]


def test_leftovers_are_a_warning() -> None:
    found = _probe(_FINE)
    found.left_behind = ("strimzi-verify-probe-1-00000000",)
    flow = Flow(left_behind=tuple(f"strimzi-verify-flow-{number}" for number in range(11)))
    live = Live("dev", 0, probe=found, flow=flow)
    result = all_checks()["probe-leaves-nothing"].ask(Desired("dev", ()), live)
    assert _said(result) == [
        ("warn", "", "strimzi-verify-probe-1-00000000, "
                     + ", ".join(f"strimzi-verify-flow-{number}" for number in range(9))
                     + " … and 2 more could not be removed")
    ]  # fmt: skip


def test_leftovers_of_work_that_died_are_a_warning() -> None:
    """That nothing was found out is told elsewhere."""
    found = _probe()
    found.gap = Gap(Cause.BROKEN, "the process died of signal 6")
    found.left_behind = ("strimzi-verify-probe-1-00000000",)
    assert _said(_ask("probe-leaves-nothing", found)) == [
        ("warn", "", "strimzi-verify-probe-1-00000000 could not be removed")
    ]


def test_creation_that_nobody_answered_is_told() -> None:
    """Once the quorum is back it may be carried out after all."""
    found = _probe()
    found.may_appear = ("strimzi-verify-probe-1-00000000",)
    assert _said(_ask("probe-leaves-nothing", found)) == [
        ("warn", "", "strimzi-verify-probe-1-00000000 may still appear, as nobody answered its creation;"
                     " a run after that removes it")
    ]  # fmt: skip


def test_sweeping_is_told() -> None:
    found = _probe(_FINE)
    found.swept = ("strimzi-verify-probe-1-00000000",)
    assert _said(_ask("probe-leaves-nothing", found)) == [
        ("pass", "", "1 left by an interrupted run, now removed")
    ]


@pytest.mark.parametrize(
    ("values", "percent", "expected"),
    [
        ([], 99, 0.0),
        ([5.0], 50, 5.0),
        ([1.0, 2.0], 50, 1.0),
        ([1.0, 2.0, 3.0], 50, 2.0),
        ([float(each) for each in range(1, 101)], 99, 99.0),
        ([float(each) for each in range(1, 101)], 95, 95.0),
        ([float(each) for each in range(1, 201)], 99, 198.0),
    ],
)
def test_percentile_is_one_of_the_values(
    values: list[float], percent: float, expected: float
) -> None:
    assert percentile(values, percent) == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("strimzi-verify-probe-1700000000-0123abcd", True),
        ("strimzi-verify-flow-1700000000-0123abcd-letters-dlq", True),
        ("strimzi-verify-probe-1700007000-0123abcd", False),  # not old enough
        ("strimzi-verify-probe-1700000000", False),  # no run made it
        ("strimzi-verify-of-mine", False),
        ("orders-strimzi-verify-probe-1700000000-0123abcd", False),
        ("strimzi-verify-probe-1700000000-0123abcd.orders", False),
    ],
)
def test_only_old_names_of_runs_are_leftovers(name: str, expected: bool) -> None:
    assert is_leftover(name, 1700000000 + 2 * 3600) is expected


def test_fresh_names_are_unlike_and_no_leftovers_until_they_are_old() -> None:
    one, other = fresh_name("probe"), fresh_name("probe")
    assert one != other
    now = int(one.split("-")[3])
    assert not is_leftover(one, now + 600)
    assert is_leftover(f"{one}-in", now + 601)


def test_every_broker_leads_one_partition() -> None:
    assert spread([1, 2, 3, 7]) == [[1, 2, 3], [2, 3, 7], [3, 7, 1], [7, 1, 2]]
    assert spread([4, 5]) == [[4, 5], [5, 4]]
    assert spread([9]) == [[9]]
    assert spread([]) == []


class _Hurried(Scratch):
    """Whose removal is interrupted the first time."""

    def _delete(self, *_: object) -> tuple[str, ...]:
        self.tried = getattr(self, "tried", 0) + 1
        if self.tried == 1:
            raise KeyboardInterrupt
        return ("strimzi-verify-x",)


def test_removal_that_is_interrupted_is_done_again() -> None:
    own = _Hurried(Access(("localhost:1",)), Deadline(0))
    with pytest.raises(KeyboardInterrupt), own:
        pass
    assert (own.tried, own.left_behind) == (2, ("strimzi-verify-x",))


def test_exception_says_what_is_left_behind() -> None:
    own = _Hurried(Access(("localhost:1",)), Deadline(0))
    own.tried = 1
    with pytest.raises(ValueError, match="broken") as raised, own:
        raise ValueError("broken")
    assert raised.value.__notes__ == ["left behind: strimzi-verify-x"]


def test_clients_are_loaded_when_they_are_needed() -> None:
    code = (
        "import sys, verify.collect.probe.probe, verify.collect.probe.flow;"
        "print({'confluent_kafka', 'jsonschema_rs', 'kafka'} & sys.modules.keys())"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=REPOSITORY
    )
    assert (done.returncode, done.stdout) == (0, "set()\n"), done.stderr


@pytest.mark.parametrize(
    "name",
    [*_CHECKS, "probe-leaves-nothing", "flow-transaction", "flow-dead-letter",
     "flow-message-format", "flow-performance"],
)  # fmt: skip
def test_documentation_is_whole(name: str) -> None:
    """Every part is there, and what to do names a command."""
    check = all_checks()[name]
    assert check.needs == (check.group,)
    assert check.doc.fix.startswith(("kube", "`kafka-", "strimzi-"))
