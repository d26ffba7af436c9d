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
        (group((10, 10), (15, 10)), "where it is, is another check's business"),
        (group((-1, 10), (-1, 10)), "it may have begun at the end, and nothing has come since"),
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


def of(*offsets: GroupOffset, state: str = "Stable", members: int = 2) -> Group:
    """A group with these offsets, watched for long."""
    found = {f"a-{number}": each for number, each in enumerate(offsets)}
    return Group(state, members=members, first=found, last=found, window_s=70)


def test_nothing_was_ever_committed() -> None:
    """Of one partition, of some, or of none; only where records are."""
    some = of(GroupOffset(7, 7, 0), GroupOffset(-1, 600, 100), GroupOffset(-1, 0, 0))

    assert said("groups-committed", git(), answers(groups(a=some))) == [
        "warn a: never committed anything of 1 partition, where 500 records are: a-1"
    ]
    limits = {"a": GroupLimits(max_lag=100)}
    assert said("groups-limits", git(groups=limits), answers(groups(a=some))) == [
        "fail a: lag 500 (nothing was ever committed of 1 partition), limit 100"
    ]
    assert said("groups-committed", git(), answers(groups(a=of(GroupOffset(3, 9, 0))))) == []
    busy = of(GroupOffset(-1, 9, 0), state="PreparingRebalance")
    assert said("groups-committed", git(), answers(groups(a=busy))) == []


def test_records_come_and_nothing_is_ever_committed() -> None:
    """As of a consumer that fails at its first record."""
    found = group((-1, 10), (-1, 20))

    assert said("groups-progress", git(), answers(groups(a=found))) == [
        "fail a: committed nothing of 1 partition in 70 s while 20 records wait",
        "pass: 0 groups",
    ]


def test_a_group_is_beyond_the_end() -> None:
    """Since its topic was made anew, say."""
    found = answers(groups(a=of(GroupOffset(99_999, 17, 0), GroupOffset(5, 5, 0))))

    assert said("groups-offsets", git(), found) == [
        "fail a: is beyond the end of a-0: committed 99999 where a-0 ends at 17"
    ]


def test_a_group_has_lost_records() -> None:
    """Those that were deleted count as lost, and not as waiting."""
    found = of(GroupOffset(900, 14_268, 13_000), GroupOffset(5, 5, 5))

    assert said("groups-offsets", git(), answers(groups(a=found))) == [
        "fail a: has lost 12100 records, deleted before it read them: a-0"
    ]
    limits = git(groups={"a": GroupLimits(max_lag=1000)})
    assert said("groups-limits", limits, answers(groups(a=found))) == [
        "fail a: lag 1268, limit 1000"
    ]


def test_what_nobody_reads_any_more_is_not_lost() -> None:
    """A group without members that no application of Git has; one of an application counts."""
    gone = answers(groups(a=of(GroupOffset(1, 9, 5), state="Empty", members=0)))

    assert said("groups-offsets", git(consumes={"b": ("orders",)}), gone) == []
    assert said("groups-offsets", git(consumes={"a": ("orders",)}), gone) == [
        "fail a: has lost 4 records, deleted before it read them: a-0"
    ]


def test_a_group_that_has_to_be_running() -> None:
    """Fails without members, whether records wait or not, and where nobody ever joined it."""
    wanted = git(groups={"a": GroupLimits(running=True), "b": GroupLimits(running=True)})
    gone = answers(groups(a=of(GroupOffset(3, 9, 0), state="Empty", members=0)))

    assert said("groups-running", wanted, gone) == [
        "fail a: has no members, and 6 records wait",
        "fail b: is not there: nobody has ever joined it",
    ]
    there = answers(groups(a=of(GroupOffset(3, 9, 0)), b=of(GroupOffset(9, 9, 0))))
    assert said("groups-running", wanted, there) == []
    assert said("groups-running", git(), there) == [
        "skip: no group has to be running: verify.groups.NAME.running"
    ]
    hidden = Gap(Cause.TIMED_OUT, "broker 2 did not answer")
    silent = answers(groups(), gaps={"kafka.groups.2": hidden})
    assert said("groups-running", wanted, silent) == ["unknown: broker 2 did not answer"]
