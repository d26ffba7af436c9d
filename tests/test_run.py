"""When a run ends, and with what: rounds, patience, a verdict that has to hold. Rounds are fakes."""

from collections.abc import Iterator
from dataclasses import replace
from time import monotonic

import pytest
from checks.kafka_answers import answers, cluster, git, kafka_topic, topic
from verify_fakes import Notes, fake_rounds

from generator.common.exit_codes import ExitCode
from generator.contract.report import Outcome, Result, Status, fail, ok, skip, unknown, warn
from verify.checks.registry import all_checks
from verify.collect.plan import CollectPlan
from verify.collect.round import Round
from verify.live.live import Cause, Gap, Live
from verify.report.report import Report
from verify.run import Patience, chosen, differences, judge, offline, parts_of, verify

GIT = git(kafka_topic("orders"))
GOOD = answers()
BAD = answers(cluster(topics={}))
AWAY = Live("dev", 0, gaps={"kafka": Gap(Cause.UNREACHABLE, "connection refused")})
LATE = Live("dev", 0, gaps={"kafka": Gap(Cause.TIMED_OUT, "no answer within 8 s")})
ODD = answers(cluster(topics={"orders": topic(), "stray": topic()}))
CHECKS = [all_checks()["topics-present"], all_checks()["topics-unmanaged"]]
PLAN = CollectPlan("dev", frozenset({"kafka"}))


def test_one_round_is_enough_without_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the verdict; the round has its own time only."""
    for live, code in ((GOOD, ExitCode.FINE), (BAD, ExitCode.UNHEALTHY), (AWAY, ExitCode.UNREACHABLE),
                       (LATE, ExitCode.TIMED_OUT), (ODD, ExitCode.FINE)):  # fmt: skip
        rounds = fake_rounds(monkeypatch)(GIT, live)
        report = verify(PLAN, CHECKS, Patience(timeout_s=30), Notes())

        assert (report.exit_code, report.rounds, report.took_s) == (code, 1, 1)
        assert (rounds.deadlines, rounds.clock.slept_s) == ([30], [])
        assert (report.environment, report.cluster) == (GIT.environment, GIT.cluster)


def test_strict_counts_warnings(monkeypatch: pytest.MonkeyPatch) -> None:
    """As failures."""
    fake_rounds(monkeypatch)(GIT, ODD)
    report = verify(PLAN, CHECKS, Patience(strict=True), Notes())

    assert report.exit_code is ExitCode.UNHEALTHY


def test_waits_until_all_is_well(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody who is away at first is away for ever; every round is told."""
    rounds, notes = fake_rounds(monkeypatch)(GIT, AWAY, BAD, GOOD), Notes()
    report = verify(PLAN, CHECKS, Patience(wait_s=600), notes)

    assert (report.exit_code, report.rounds, report.took_s) == (ExitCode.FINE, 3, 13)
    assert rounds.clock.slept_s == [5, 5]
    assert notes.notes == [
        "collecting kafka", "judged topics-present unknown, topics-unmanaged unknown",
        "round 1, again in 5 s",
        "collecting kafka", "judged topics-present fail, topics-unmanaged pass",
        "round 2, again in 5 s",
        "collecting kafka", "judged topics-present pass, topics-unmanaged pass",
    ]  # fmt: skip


def test_health_has_to_last(monkeypatch: pytest.MonkeyPatch) -> None:
    """For the whole time, from its first round on; a relapse begins it anew."""
    rounds = fake_rounds(monkeypatch)(GIT, GOOD, BAD, GOOD)
    report = verify(PLAN, CHECKS, Patience(wait_s=600, stable_s=12), Notes())

    assert (report.exit_code, report.rounds) == (ExitCode.FINE, 5)
    # After 0 and 6 s well the last round ends when 12 s are over.
    assert rounds.clock.slept_s == [5, 5, 5, 5]
    assert report.took_s >= 12


def test_last_pause_is_no_longer_than_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    """A verdict that has held is told at once."""
    rounds = fake_rounds(monkeypatch)(GIT, GOOD, took_s=0)
    report = verify(PLAN, CHECKS, Patience(wait_s=600, stable_s=7), Notes())

    assert (report.rounds, rounds.clock.slept_s) == (3, [5, 2])


def test_time_is_up_while_unhealthy(monkeypatch: pytest.MonkeyPatch) -> None:
    """The verdict is the last round's, not that it took too long."""
    rounds = fake_rounds(monkeypatch)(GIT, BAD)
    report = verify(PLAN, CHECKS, Patience(wait_s=17), Notes())

    assert (report.exit_code, report.rounds) == (ExitCode.UNHEALTHY, 3)
    assert rounds.clock.now_s - 1000 <= 17


def test_time_is_up_before_it_held(monkeypatch: pytest.MonkeyPatch) -> None:
    """Healthy at last, but nobody knows whether it stays so."""
    fake_rounds(monkeypatch)(GIT, BAD, BAD, GOOD)
    report = verify(PLAN, CHECKS, Patience(wait_s=20, stable_s=60), Notes())

    assert report.exit_code is ExitCode.TIMED_OUT
    assert report.verdict == "timed out before a verdict"


def test_verdict_that_will_have_held_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """After 7 of 8 s; the last pause is as short as it has to be."""
    fake_rounds(monkeypatch)(GIT, GOOD, took_s=0)
    report = verify(PLAN, CHECKS, Patience(wait_s=8, stable_s=7), Notes())

    assert report.exit_code is ExitCode.FINE


def test_rounds_end_with_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each has its own time, and none more than is left."""
    rounds = fake_rounds(monkeypatch)(GIT, BAD, took_s=8)
    verify(PLAN, CHECKS, Patience(timeout_s=10, wait_s=30), Notes())

    assert rounds.deadlines == [10, 23, 30]


def test_a_round_longer_than_the_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    """One round is always asked to its end."""
    rounds = fake_rounds(monkeypatch)(GIT, BAD, took_s=50)
    report = verify(PLAN, CHECKS, Patience(timeout_s=60, wait_s=5), Notes())

    assert (rounds.deadlines, report.rounds) == ([60], 1)


def test_check_that_breaks_loses_no_other() -> None:
    """It is unknown, with the place to mend."""

    def judge_it(*_: object) -> Iterator[Outcome]:
        raise ZeroDivisionError

    judge_it.__doc__ = CHECKS[0].judge.__doc__
    broken = replace(CHECKS[0], judge=judge_it)
    first, second = judge([broken, CHECKS[1]], GIT, GOOD)

    assert (first.status, second.status) == (Status.UNKNOWN, Status.PASS)
    assert first.outcomes[0].message.startswith(
        "this is a bug in strimzi-verify: ZeroDivisionError"
    )


def test_collector_that_breaks_loses_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    """What it would have told is unknown, and the round goes on."""
    monkeypatch.setattr(Round, "_kafka", lambda _self: 1 // 0)
    each = Round(CollectPlan("dev", frozenset({"kafka"}), desired=GIT), monotonic() + 60, Notes())
    each.collect()

    gap = each.live.gaps["kafka"]
    assert (gap.cause, gap.reason.partition(": ")[0]) == (
        Cause.BROKEN,
        "this is a bug in strimzi-verify",
    )


def test_checks_are_chosen_by_name_or_group() -> None:
    """In the order of reports, whatever the order in which they are named."""
    names = [check.name for check in chosen(["transactions", "topics", "quorum-lag"], [])]
    assert names == [
        "quorum-lag", "topics-present", "topics-partitions", "topics-replicas", "topics-config",
        "topics-same", "topics-unmanaged", "transactions-end",
    ]  # fmt: skip
    assert [c.name for c in chosen(["redis"], ["redis-up", "redis-memory"])] == ["redis-replicas"]
    assert chosen([], []) == list(all_checks().values())
    assert chosen(["redis"], ["redis"]) == []


@pytest.mark.parametrize(("only", "leave_out"), [(["topic"], []), ([], ["topic"])])
def test_names_that_nothing_has(only: list[str], leave_out: list[str]) -> None:
    """Are no silent choice."""
    with pytest.raises(KeyError) as raised:
        chosen(only, leave_out)
    assert raised.value.args == ("topic",)


def test_parts_are_what_checks_need() -> None:
    """Without what follows the dot."""
    assert parts_of(chosen(["topics", "redis", "crds-served"], [])) == {
        "kafka",
        "redis",
        "kubernetes",
    }
    assert parts_of([]) == frozenset()


def test_another_cluster_is_judged_by_nothing_else() -> None:
    """Though identity was not asked for, it is told."""
    results = judge(CHECKS, git(cluster_id="other"), GOOD)

    assert [(each.check, each.status) for each in results] == [
        ("kubernetes-identity", Status.UNKNOWN), ("cluster-id", Status.FAIL),
        ("topics-present", Status.SKIP), ("topics-unmanaged", Status.SKIP),
    ]  # fmt: skip


def test_kafka_that_was_not_asked_has_no_id() -> None:
    """The API server was another cluster's, so nobody asked the brokers: that is no pass."""
    (result,) = judge([all_checks()["cluster-id"]], git(), Live("dev", 0))

    assert result.status is Status.UNKNOWN


def test_dumps_are_judged_as_they_are() -> None:
    """In no time, and in one round."""
    report = offline(BAD, GIT, CHECKS, strict=False)
    assert isinstance(report, Report)
    assert (report.exit_code, report.rounds, report.took_s) == (ExitCode.UNHEALTHY, 1, 0)
    assert offline(ODD, GIT, CHECKS, strict=True).exit_code is ExitCode.UNHEALTHY
    assert offline(GOOD, GIT, [], strict=False).exit_code is ExitCode.UNREACHABLE


@pytest.mark.parametrize(
    ("outcomes", "code"),
    [
        ((ok("a"), skip("b")), ExitCode.FINE),
        ((), ExitCode.FINE),
        ((ok("a"), warn("b")), ExitCode.DIFFERENT),
        ((unknown("a"), fail("b", resources=True)), ExitCode.DIFFERENT),
        ((unknown("a"), ok("b")), ExitCode.UNREACHABLE),
        ((unknown("a", timed_out=True), ok("b")), ExitCode.TIMED_OUT),
        ((unknown("a", timed_out=True), unknown("b")), ExitCode.UNREACHABLE),
    ],
)
def test_differences(outcomes: tuple[object, ...], code: ExitCode) -> None:
    """A warning is a difference, too; what was not found out is none, and not fine either."""
    results = [Result("a", "topics", "b", (each,)) for each in outcomes]  # type: ignore[arg-type]

    assert differences(results or [Result("a", "topics", "b")]) is code
