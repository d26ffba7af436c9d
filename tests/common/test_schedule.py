"""When schedules run: pauses between runs, and schedules that are shared."""

from datetime import UTC, datetime
from itertools import pairwise

import pytest

from generator.common.schedule import due, fault, gaps_s, longest_without_s, shifted, with_seconds
from generator.common.time_zones import is_zone, left_out

MINUTE, HOUR, DAY = 60, 3600, 86400


@pytest.mark.parametrize(
    ("schedule", "shortest", "longest"),
    [
        ("* * * * *", MINUTE, MINUTE),
        ("*/15 * * * *", 15 * MINUTE, 15 * MINUTE),
        ("0 2 * * *", DAY, DAY),
        ("0 2,3,12 * * *", HOUR, 14 * HOUR),
        # from Friday evening to Monday morning
        ("0 6-20 * * MON-FRI", HOUR, 2 * DAY + 10 * HOUR),
        ("0 0 1 * *", 28 * DAY, 31 * DAY),
        ("0 0 31 * ?", 31 * DAY, 61 * DAY),
        ("0 0 29 2 *", 1461 * DAY, 1461 * DAY),
        # both restricted: either is enough
        ("0 0 1 * MON", DAY, 7 * DAY),
        ("0 0 */2 * MON", DAY, 2 * DAY),
        # one of them open: both are needed
        ("0 0 */1 * MON", 7 * DAY, 7 * DAY),
        ("5/20 1 * * *", 20 * MINUTE, DAY - 40 * MINUTE),
        ("0 0 * jan,Jul SUN", 7 * DAY, 161 * DAY),
    ],
)
def test_pauses_between_runs(schedule: str, shortest: int, longest: int) -> None:
    """The shortest and the longest, over all years."""
    assert (fault(schedule), gaps_s(schedule)) == ("", (shortest, longest))


def test_a_day_that_never_comes() -> None:
    """February has no 30th."""
    assert gaps_s("0 0 30 2 *") is None


@pytest.mark.parametrize(
    ("schedule", "places", "expected"),
    [
        ("0 2 * * *", 1, ["0 2 * * *"]),
        ("0 2 * * *", 4, ["0 2 * * *", "15 2 * * *", "30 2 * * *", "45 2 * * *"]),
        ("50 2 * * *", 3, ["50 2 * * *", "10 2 * * *", "30 2 * * *"]),
        ("*/15 * * * MON", 2, ["*/15 * * * MON", "7,22,37,52 * * * MON"]),
        ("0,10 * * * *", 3, ["0,10 * * * *", "3,13 * * * *", "6,16 * * * *"]),
        ("* * * * *", 2, [None, None]),
    ],
)
def test_schedules_that_are_shared(schedule: str, places: int, expected: list[str | None]) -> None:
    """Each place has minutes of its own, and runs as often as it is said."""
    found = [shifted(schedule, place, places) for place in range(places)]

    assert found == expected


@pytest.mark.parametrize(
    ("schedule", "expected"),
    [
        ("0 2 * * *", "0 0 2 * * *"),
        ("*/30 6-20 * * MON-FRI", "0 */30 6-20 * * MON,TUE,WED,THU,FRI"),
        ("5/15 2 ? JAN-mar *", "0 5,20,35,50 2 * 1,2,3 *"),
        # There Sunday is 1.
        ("0 2 * * 0", "0 0 2 * * SUN"),
        ("0 2 1,15 * ?", "0 0 2 1,15 * *"),
        ("0 0 * * */2", "0 0 0 * * SUN,TUE,THU,SAT"),
        # Either day is enough here, and both would be needed there.
        ("0 2 1 * MON", None),
        ("0 2 */2 * MON", None),
    ],
)
def test_schedules_with_seconds(schedule: str, expected: str | None) -> None:
    """The same times, in the words of an operator that counts seconds."""
    assert with_seconds(schedule) == expected


@pytest.mark.parametrize(
    ("schedule", "hours"),
    [
        ("0 2 * * *", 47), ("30 2 * * SUN", 14 * 24 - 1), ("15 */2 * * *", 3), ("0 2,3 * * *", 0),
        ("0 3 * * *", 0), ("*/30 * * * *", 0), ("0 1,2,14 * * *", 0),
    ],
)  # fmt: skip
def test_runs_that_the_clock_leaves_out(schedule: str, hours: int) -> None:
    """From two to three there is no time: what should have begun then is waited for until the next run."""
    assert longest_without_s(schedule, 120, 180) == hours * 3600


def test_time_zones_have_names_and_hours_that_are_left_out() -> None:
    """As tzdata has them, whatever this machine knows; midnight ends a day."""
    assert is_zone("Europe/Berlin")
    assert not is_zone("Europe/Nowhere")
    spans = [left_out(each) for each in ("Europe/Berlin", "America/Nuuk", "Asia/Tokyo", "Etc/UTC")]
    assert spans == [(120, 180), (1380, 1440), None, None]


@pytest.mark.parametrize(
    "schedule", ["30 5 * * MON", "0 2,14 1,15 * *", "*/20 9-17 * * 1-5", "0 0 29 2 *", "5 4 * * *"]
)
def test_each_run_counts_one_more(schedule: str) -> None:
    """From the minute in which it is due; across weeks, months and the end of the 28 years, too."""
    gaps = gaps_s(schedule)
    assert gaps is not None
    begin_s = datetime(2028, 12, 1, tzinfo=UTC).timestamp()
    counts = [due(schedule, begin_s + minute * 60) for minute in range(60 * 24 * 62)]

    assert {later - earlier for earlier, later in pairwise(counts)} <= {0, 1}
    steps = [place for place, (one, other) in enumerate(pairwise(counts)) if other > one]
    assert all(gaps[0] <= 60 * (later - earlier) <= gaps[1] for earlier, later in pairwise(steps))
    assert (counts[-1] > counts[0]) == (schedule != "0 0 29 2 *")


def test_a_run_is_due_in_its_minute() -> None:
    """Not a second before."""
    monday_s = datetime(2026, 11, 30, 5, 30, tzinfo=UTC).timestamp()

    assert due("30 5 * * MON", monday_s) == due("30 5 * * MON", monday_s - 1) + 1
