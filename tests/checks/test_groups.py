"""Groups are judged by what they did over a window: moving on, idle, rebalancing, hanging, gone."""

from typing import Any

import pytest
from checks.kafka_answers import answers, cluster, git, said

from generator.contract.settings import GroupLimits
from verify.checks.groups import PATIENT_S
from verify.live.live import Cause, Gap, Group, GroupOffset, Kafka


def group(
    before: tuple[int, int] = (5, 10), now: tuple[int, int] = (10, 10), state: str = "Stable",
    **more: Any,
) -> Group:  # fmt: skip
    """A group that has committed and where its partition ended, before and after ten seconds."""
    usual: dict[str, Any] = {"members": 2, "window_s": 70.0, "first": {"a-0": GroupOffset(*before)},
             "last": {"a-0": GroupOffset(*now)}}  # fmt: skip
    return Group(state, **(usual | more))


def groups(**found: Group) -> Kafka:
    """A cluster with these groups."""
    return cluster(groups=found)


def test_no_groups_are_fine() -> None:
    """An empty cluster has none, and the canary's own do not count."""
    assert said("groups-progress", git(), answers()) == ["pass: 0 groups"]
    canary = groups(**{"strimzi-verify-probe-1-0": group((0, 9), (0, 9))})
    assert said("groups-progress", git(), answers(canary)) == ["pass: 0 groups"]
    assert said("groups-stopped", git(), answers()) == []
    assert said("groups-limits", git(), answers()) == []


@pytest.mark.parametrize(
    ("found", "reason"),
    [
        (group((5, 10), (10, 10)), "it has caught up"),
        (group((5, 1000), (6, 2000)), "it moves, however slowly and far behind"),
        (group((10, 10), (10, 10)), "it is idle: nothing is written"),
        (group((0, 0), (0, 0)), "nothing was ever written"),
        (group((5, 7), (5, 7)), "what waits is the end of a transaction"),
        (group((5, 10), (5, 10), "Empty", members=0), "it is gone, which is another check's business"),
        (group((5, 10), (5, 10), "Dead", members=0), "it is gone for good"),
        (group(first={}, last={}), "it has committed nothing yet"),
        (group((10, 10), (15, 10)), "records it had not read were deleted"),
        (group((-1, 10), (-1, 10)), "it has committed nothing of this partition"),
    ],
)  # fmt: skip
def test_groups_that_are_fine(found: Group, reason: str) -> None:
    """For the reason that is given."""
    assert said("groups-progress", git(), answers(groups(a=found))) == ["pass: 1 group"], reason


def test_a_group_that_was_not_watched() -> None:
    """Nobody knows whether it moves."""
    found = answers(groups(a=group((5, 10), (5, 10), window_s=0)))

    assert said("groups-progress", git(), found) == [
        "skip a: not watched: give --group-window", "pass: 0 groups",
    ]  # fmt: skip


def test_a_group_that_was_not_watched_for_long() -> None:
    """Connect commits once a minute, and is as well as others."""
    found = answers(groups(a=group((5, 10), (5, 10), window_s=20)))

    assert said("groups-progress", git(), found) == [
        "warn a: committed nothing of 1 partition in 20 s while 5 records wait; too short to tell:"
        " --group-window 75s",
        "pass: 0 groups",
    ]
    long_enough = answers(groups(a=group((5, 10), (5, 10), window_s=PATIENT_S)))
    assert said("groups-progress", git(), long_enough)[0] == (
        "fail a: committed nothing of 1 partition in 65 s while 5 records wait"
    )


def test_a_group_hangs() -> None:
    """It has members, records wait, and nothing was committed; partitions that move do not excuse it."""
    found = group(
        first={"a-0": GroupOffset(5, 10), "a-1": GroupOffset(1, 9), "b-0": GroupOffset(0, 3)},
        last={"a-0": GroupOffset(9, 10), "a-1": GroupOffset(1, 12), "b-0": GroupOffset(0, 3)},
    )

    assert said("groups-progress", git(), answers(groups(billing=found, fine=group()))) == [
        "fail billing: committed nothing of 2 partitions in 70 s while 15 records wait",
        "pass: 1 group",
    ]


@pytest.mark.parametrize(
    "state",
    ["PreparingRebalance", "CompletingRebalance", "Assigning", "Reconciling", "preparingrebalance"],
)
def test_a_group_rebalances(state: str) -> None:
    """Nothing is consumed meanwhile, which is worth a warning only."""
    found = answers(groups(a=group((5, 10), (5, 10), state)))

    assert said("groups-progress", git(), found) == [
        "warn a: rebalances since 70 s, lag 5", "pass: 0 groups",
    ]  # fmt: skip


def test_a_group_rebalances_and_moves() -> None:
    """As it does for a moment whenever a member comes or goes."""
    found = answers(groups(a=group((5, 10), (6, 10), "PreparingRebalance")))

    assert said("groups-progress", git(), found) == ["pass: 1 group"]


def test_groups_that_were_not_found_out() -> None:
    """Unknown ends are no lag of zero, and a silent coordinator may have had more groups."""
    ends = group(last={"a-0": GroupOffset(5, -1)})
    found = answers(
        groups(ends=ends, error=group(problem="not authorized"), fine=group()),
        gaps={"kafka.groups.2": Gap(Cause.TIMED_OUT, "broker 2 did not answer: no answer")},
    )

    assert said("groups-progress", git(), found) == [
        "unknown: broker 2 did not answer: no answer",
        "unknown ends: where its partitions end is not known",
        "unknown error: not authorized",
        "pass: 1 group",
    ]


def test_thousands_of_groups_that_hang_stay_readable() -> None:
    """Fifty, and a number."""
    found = groups(**{f"g{number:04}": group((5, 10), (5, 10)) for number in range(5000)})

    told = said("groups-progress", git(), answers(found))
    assert (len(told), told[50]) == (52, "fail: and 4950 more like these")


def test_groups_that_are_gone() -> None:
    """Without settings every group counts, else only those of applications."""
    gone = group((5, 10), (5, 10), "Empty", members=0)
    found = answers(groups(billing=gone, console=gone, done=group(state="Empty", members=0)))

    assert said("groups-stopped", git(), found) == [
        "warn billing: has no members, and 5 records wait",
        "warn console: has no members, and 5 records wait",
    ]
    assert said("groups-stopped", git(consumes={"billing": ("a",)}), found) == [
        "warn billing: has no members, and 5 records wait"
    ]
    assert said("groups-stopped", git(), answers(groups(a=group((5, 10), (5, 10))))) == []


def limits(**said_: float) -> Any:
    """What Git says with limits of one group."""
    return git(groups={"a": GroupLimits(**said_)})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("lag", "said_"),
    [(99, []), (100, []), (101, ["fail a: lag 101, limit 100"])],
)
def test_lag_has_a_limit(lag: int, said_: list[str]) -> None:
    """Where somebody asks for one."""
    found = answers(groups(a=group((0, 200), (200 - lag, 200))))

    assert said("groups-limits", limits(max_lag=100), found) == said_


@pytest.mark.parametrize(
    ("before", "now", "said_"),
    [
        ((0, 100), (50, 100), []),  # 5 a second, 10 s
        ((0, 100), (40, 100), ["fail a: would need 15 s to catch up, limit 10 s"]),
        ((0, 100), (0, 100), ["fail a: would need for ever to catch up, limit 10 s"]),
        ((100, 100), (100, 100), []),  # nothing waits
        ((50, 100), (0, 100), ["fail a: would need for ever to catch up, limit 10 s"]),  # was reset
    ],
)
def test_time_to_catch_up_has_a_limit(
    before: tuple[int, int], now: tuple[int, int], said_: list[str]
) -> None:
    """At the speed of the window."""
    found = answers(groups(a=group(before, now, window_s=10)))

    assert said("groups-limits", limits(max_lag_seconds=10), found) == said_


def test_limits_of_groups_that_cannot_be_judged() -> None:
    """One that is not there yet is fine, one that was not told is unknown."""
    assert said("groups-limits", limits(max_lag=1), answers()) == [
        "skip a: there is no such group, or it has not committed anything yet"
    ]
    found = answers(groups(a=group(problem="not authorized")))
    assert said("groups-limits", limits(max_lag=1), found) == ["unknown a: not authorized"]


@pytest.mark.parametrize("check", ["groups-limits", "groups-stopped"])
def test_lag_that_is_not_known_is_below_no_limit(check: str) -> None:
    """Where a partition ends was not found out: that is no lag of zero."""
    blind = group(last={"a-0": GroupOffset(5, -1)}, state="Empty", members=0)

    assert said(check, limits(max_lag=1), answers(groups(a=blind))) == [
        "unknown a: where its partitions end is not known"
    ]


@pytest.mark.parametrize("check", ["groups-limits", "groups-stopped"])
def test_groups_of_a_silent_coordinator_are_unknown(check: str) -> None:
    """It may be there that the group is, or one that has gone."""
    gaps = {"kafka.groups.2": Gap(Cause.TIMED_OUT, "broker 2 did not answer: no answer")}

    assert said(check, limits(max_lag=1), answers(gaps=gaps)) == [
        "unknown: broker 2 did not answer: no answer"
    ]


def test_time_to_catch_up_needs_a_window() -> None:
    """With --group-window 0s nobody knows the speed."""
    found = answers(groups(a=group((0, 100), (0, 100), window_s=0)))

    assert said("groups-limits", limits(max_lag_seconds=10), found) == [
        "skip a: how fast it is takes a --group-window to see"
    ]
