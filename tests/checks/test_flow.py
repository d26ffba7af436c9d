"""Checks of the flow: what they say of what it found."""

import pytest

from generator.contract.report import Result, Status
from generator.contract.settings import Performance, VerifySettings
from verify.checks.registry import all_checks
from verify.desired import Desired
from verify.live.live import Cause, Flow, FlowStep, FormatAnswer, Gap, Live

_RATES = {"produce_records_per_s": 900.0, "consume_records_per_s": 700.0}


def _ask(check: str, found: Flow | None, performance: Performance | None = None) -> Result:
    desired = Desired("dev", (), settings=VerifySettings(performance=performance))
    return all_checks()[check].ask(desired, Live("dev", 0, flow=found))


def _said(result: Result) -> list[tuple[str, str, str]]:
    return [(each.status, each.subject, each.message) for each in result.outcomes]


def _flow(step: FlowStep) -> Flow:
    return Flow(transaction=step, dead_letter=step, performance=step)


_STEPS = ["flow-transaction", "flow-dead-letter", "flow-performance"]
_CHECKS = [*_STEPS, "flow-message-format"]


@pytest.mark.parametrize("check", _STEPS)
def test_step_that_went_well_passes(check: str) -> None:
    found = _flow(FlowStep(True, "12 records went through", 41.6))
    assert _said(_ask(check, found)) == [("pass", "", "12 records went through (42 ms)")]


@pytest.mark.parametrize("check", _STEPS)
def test_step_that_went_wrong_fails(check: str) -> None:
    result = _ask(check, _flow(FlowStep(False, "committing a transaction: no answer")))
    assert _said(result) == [("fail", "", "committing a transaction: no answer")]
    assert result.remedy


@pytest.mark.parametrize("check", _STEPS)
def test_step_that_was_not_found_out_is_unknown(check: str) -> None:
    refused = FlowStep(False, "x", gap=Gap(Cause.REFUSED, "beginning: not authorized"))
    assert _said(_ask(check, _flow(refused))) == [("unknown", "", "beginning: not authorized")]
    late = FlowStep(False, "x", gap=Gap(Cause.TIMED_OUT, "beginning: the time was up"))
    assert _ask(check, _flow(late)).outcomes[0].timed_out


@pytest.mark.parametrize("check", _CHECKS)
def test_without_a_flow_or_a_part_is_skipped(check: str) -> None:
    assert _ask(check, None).status is Status.SKIP
    assert _ask(check, Flow()).status is Status.SKIP


@pytest.mark.parametrize("check", _CHECKS)
def test_flow_that_could_not_be_made_is_unknown(check: str) -> None:
    found = Flow(gap=Gap(Cause.UNREACHABLE, "nobody listens"))
    assert _said(_ask(check, found)) == [("unknown", "", "nobody listens")]


def test_formats_are_told_by_topic() -> None:
    found = Flow(
        formats=(
            FormatAnswer("empty", 0),
            FormatAnswer("fine", 20),
            FormatAnswer("gone", 0, problem="there is no such topic, or we may not see it"),
            FormatAnswer("wrong", 7, ("partition 0, offset 3: it is no JSON",
                                      "partition 1, offset 9: breaks /required")),
        )
    )  # fmt: skip
    assert _said(_ask("flow-message-format", found)) == [
        ("fail", "wrong", "of 7 records not all keep to it: partition 0, offset 3: it is no JSON;"
                          " partition 1, offset 9: breaks /required"),
        ("unknown", "gone", "there is no such topic, or we may not see it"),
        ("pass", "empty", "no record is there"),
        ("pass", "fine", "20 records keep to it"),
    ]  # fmt: skip


def test_records_that_keep_to_their_format_pass() -> None:
    found = Flow(formats=(FormatAnswer("orders", 20), FormatAnswer("payments", 1)))
    assert _said(_ask("flow-message-format", found)) == [
        ("pass", "orders", "20 records keep to it"),
        ("pass", "payments", "1 records keep to it"),
    ]


def test_wrong_records_count_though_others_could_not_be_read() -> None:
    answer = FormatAnswer("a", 1, ("partition 0, offset 0: it is no JSON",), "no answer in time")
    statuses = [
        each.status for each in _ask("flow-message-format", Flow(formats=(answer,))).outcomes
    ]
    assert statuses == [Status.FAIL, Status.UNKNOWN]


@pytest.mark.parametrize(
    ("least", "status"), [(None, Status.PASS), (700, Status.PASS), (701, Status.FAIL)]
)
def test_performance_is_as_good_as_its_slower_half(least: float | None, status: Status) -> None:
    found = Flow(performance=FlowStep(True, "900 a second produced, 700 consumed", numbers=_RATES))
    asked = Performance(min_records_per_second=least)
    assert _ask("flow-performance", found, asked).status is status


def test_performance_says_what_is_asked_for() -> None:
    found = Flow(performance=FlowStep(True, "900 produced", numbers=_RATES))
    result = _ask("flow-performance", found, Performance(min_records_per_second=1000))
    assert _said(result) == [
        ("fail", "", "900 produced; at least 1000 records a second are asked for")
    ]


@pytest.mark.parametrize("late", [True, False])
def test_formats_that_nobody_had_the_time_to_read(late: bool) -> None:
    """Only that is a matter of time."""
    found = FormatAnswer("orders", 0, problem="no answer", late=late)
    check = all_checks()["flow-message-format"]
    (told,) = check.ask(Desired("dev", ()), Live("dev", 0, flow=Flow(formats=(found,)))).outcomes

    assert (told.status, told.timed_out) == (Status.UNKNOWN, late)
