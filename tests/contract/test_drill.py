"""What a drill says of what came back: its verdict, its text, its JSON."""

import json
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.common.exit_codes import ExitCode
from generator.common.units import parse_bytes
from generator.contract.drill import (
    LEAST_TIMED_BYTES,
    Compared,
    DrillOrder,
    DrillResult,
    DrillSet,
    DrillTurns,
    as_json,
    judged,
    text,
    timed,
)

_SUM = "0123456789abcdef" * 4


def _fine(gone: int = 0, missing: int = 0) -> Compared:
    return Compared("orders", 0, (20, 20), 20, 20 - gone, gone, missing=missing, sha256=_SUM)


def test_scratch_topics_are_under_the_prefix() -> None:
    """Everything that a drill makes is told from what is not its own by the name alone."""
    assert (
        DrillOrder("weekly", "drill.weekly.", {"orders": ()}).scratch("orders")
        == "drill.weekly.orders"
    )


def test_good_drill_is_fine() -> None:
    """It says how much came back, and what the source lost since."""
    verdict = judged(DrillResult("weekly", ("business",), [_fine(), _fine(gone=3)]))

    assert verdict.exit_code is ExitCode.FINE
    assert text(verdict) == (
        "pass  orders[0]: 20 records, 20 as at the source (sha256 0123456789ab)\n"
        "pass  orders[0]: 20 records, 17 as at the source, 3 are no longer at the source"
        " (sha256 0123456789ab)\n"
        "drill weekly: 40 records restored and compared (exit 0)\n"
    )


@dataclass
class Case:
    """One thing that is wrong, and what is said of it."""

    compared: Compared
    said: str


CASES = {
    "too few": Case(
        Compared("orders", 0, (20, 20), restored=19),
        "19 records came back, and the backup counts 20",
    ),
    "too many": Case(
        Compared("orders", 0, (20, 25), restored=26),
        "26 records came back, and the backup counts 20 to 25",
    ),
    "different": Case(
        Compared("orders", 0, (1, 1), restored=1, different=1, first="offset 7 has another key"),
        "1 differ from their source; offset 7 has another key",
    ),
    "missing": Case(
        Compared("orders", 0, (1, 1), restored=1, missing=2),
        "2 are missing",
    ),
    "disordered": Case(
        Compared("orders", 0, (1, 1), restored=1, disordered=4),
        "4 are there twice or out of order",
    ),
    "unmarked": Case(
        Compared("orders", 0, (1, 1), restored=1, unmarked=1),
        "1 do not say which offset they had",
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_wrong_restore_fails(name: str) -> None:
    """Each thing that can be wrong is unhealthy, and is said."""
    case = CASES[name]
    verdict = judged(DrillResult("weekly", ("business",), [_fine(), case.compared]))

    assert verdict.exit_code is ExitCode.UNHEALTHY
    assert text(verdict).splitlines()[1:] == [
        f"FAIL  orders[0]: {case.said}", "drill weekly: the drill failed (exit 5)",
    ]  # fmt: skip


@pytest.mark.parametrize("count", [21, 20, 25])
def test_backup_that_grew_meanwhile_is_fine(count: int) -> None:
    """A backup may add records between the two looks at its manifest."""
    verdict = judged(DrillResult("weekly", (), [Compared("orders", 0, (20, 25), restored=count)]))

    assert verdict.exit_code is ExitCode.FINE


def test_drill_of_nothing_proves_nothing() -> None:
    """Empty topics come back empty from any backup, a broken one too."""
    verdict = judged(DrillResult("weekly", ("business",), [Compared("orders", 0)]))

    assert verdict.exit_code is ExitCode.UNHEALTHY
    assert text(verdict).splitlines()[-1] == (
        "drill weekly: the drill failed: not one record was restored: choose topics that hold some"
        " (exit 5)"
    )


def test_what_kept_it_from_its_end_stays_the_reason() -> None:
    """No verdict is made up where Kafka was not reached."""
    verdict = judged(
        DrillResult("weekly", problem="no answer", exit_code=ExitCode.TIMED_OUT,
                left_behind=("drill.weekly.orders",))
    )  # fmt: skip

    assert verdict.exit_code is ExitCode.TIMED_OUT
    assert text(verdict) == (
        "left behind: drill.weekly.orders\ndrill weekly: the drill failed: no answer (exit 4)\n"
    )


MIB = 2**20


@pytest.mark.parametrize(
    ("size_bytes", "took_s", "told"),
    [
        (1229 * MIB, 8.0, "restored 1.2 GiB at 153.6 MiB a second: restoreRate: 153Mi"),
        (64 * MIB, 2.0, "restored 64 MiB at 32 MiB a second: restoreRate: 32Mi"),
        (64 * MIB, 3600.0, "restored 64 MiB at 18.2 KiB a second: restoreRate: 18641B"),
        # too little to tell, and a clock that was put back
        (64 * MIB - 1, 2.0, ""),
        (640 * MIB, 0.0, ""),
        (640 * MIB, -5.0, ""),
    ],
)
def test_good_drill_tells_how_fast_the_engine_was(
    size_bytes: int, took_s: float, told: str
) -> None:
    """As the intent takes it; where that says nothing, nothing."""
    verdict = timed(judged(DrillResult("weekly", ("business",), [_fine()])), size_bytes, took_s)

    lines = text(verdict).splitlines()
    assert lines[1:-1] == ([told] if told else [])
    assert lines[-1] == "drill weekly: 20 records restored and compared (exit 0)"
    assert bool(verdict.bytes_per_second) is bool(told)


@given(st.integers(min_value=0, max_value=2**50), st.floats(min_value=0.001, max_value=10**9))
def test_what_a_drill_tells_is_a_rate_of_the_intent(size_bytes: int, took_s: float) -> None:
    """No faster than it was, whatever it is rounded to."""
    verdict = timed(judged(DrillResult("weekly", ("business",), [_fine()])), size_bytes, took_s)
    line = next((each for each in text(verdict).splitlines() if "restoreRate" in each), "")
    said = parse_bytes(line.rpartition(" ")[2]) if line else 0

    assert bool(said) is (size_bytes >= LEAST_TIMED_BYTES and size_bytes / took_s >= 1)
    assert said <= size_bytes / took_s


def test_bad_drill_tells_no_rate() -> None:
    """Nobody knows what it restored."""
    verdict = timed(judged(DrillResult("weekly", (), [_fine(missing=1)])), 640 * MIB, 2.0)

    assert (verdict.restored_bytes, verdict.bytes_per_second) == (0, 0)


def test_json_tells_all() -> None:
    """Machines read the same, with the problems in words."""
    data = json.loads(as_json(judged(DrillResult("weekly", ("business",), [_fine(missing=1)]))))

    assert (data["version"], data["drill"], data["sets"]) == (1, "weekly", ["business"])
    assert data["exit_code"] == 5
    assert data["compared"][0]["problems"] == ["1 are missing"]
    assert data["compared"][0]["sha256"] == _SUM


WEEK_S = 7 * 86_400
MONDAY_S = 1_796_016_600.0
"""A Monday, 05:30."""


def _order(topics_at_once: int, *sets: tuple[str, ...], partitions_at_once: int = 1) -> DrillOrder:
    turns = DrillTurns("30 5 * * MON", "Etc/UTC", topics_at_once, partitions_at_once)
    found = tuple(DrillSet(f"restore-{n}.yaml", "b", topics) for n, topics in enumerate(sets))
    return DrillOrder("drill-b", "drill.b.", turns=turns, sets=found)


HELD = {f"t{number}": list(range(1 + number % 3)) for number in range(20)}
"""Partitions with records, by topic."""


def _names(begin: int, end: int) -> tuple[str, ...]:
    return tuple(f"t{number}" for number in range(begin, end))


@pytest.mark.parametrize(
    ("order", "shares", "round_"),
    [
        (_order(2, _names(0, 5)), [2], 3),
        (_order(9, _names(0, 5)), [5], 1),
        (_order(0, _names(0, 5)), [5], 1),
        (_order(3, _names(0, 5), _names(5, 7)), [2, 1], 3),
        (_order(1, _names(0, 4), _names(4, 5)), [1, 1], 4),
    ],
)
def test_every_topic_has_its_turn(order: DrillOrder, shares: list[int], round_: int) -> None:
    """Within as many drills as it says, of every set some each time, and the same in one week."""
    assert (order.shares, order.round) == (shares, round_)
    seen: set[str] = set()
    for week in range(round_):
        drill = order.at(MONDAY_S + week * WEEK_S, HELD)
        assert drill == order.at(MONDAY_S + week * WEEK_S + 3600, HELD)
        assert [len(each.topics) for each in drill.sets] == shares
        assert set(drill.topics) == {topic for each in drill.sets for topic in each.topics}
        assert drill.at(0, {}) == drill
        seen |= set(drill.topics)

    assert seen == {topic for each in order.sets for topic in each.topics}


def test_every_partition_has_its_turn() -> None:
    """Others in each round; never more than there are."""
    order = _order(1, ("t0", "t2"), partitions_at_once=2)
    seen: set[tuple[str, int]] = set()
    for week in range(8):
        ((topic, partitions),) = order.at(MONDAY_S + week * WEEK_S, HELD).topics.items()
        assert len(partitions) == (1 if topic == "t0" else 2)
        seen |= {(topic, each) for each in partitions}

    assert seen == {("t0", 0), ("t2", 0), ("t2", 1), ("t2", 2)}


def test_what_is_empty_leaves_its_turn_to_others() -> None:
    """A drill of nothing would prove nothing; where all is empty there is nothing to choose."""
    order = _order(1, _names(0, 4))
    held = {"t1": [2], "t3": [0, 5]}
    seen = [order.at(MONDAY_S + week * WEEK_S, held).topics for week in range(8)]

    assert {topic for each in seen for topic in each} == {"t1", "t3"}
    assert {each["t3"] for each in seen if "t3" in each} == {(0,), (5,)}
    assert list(order.at(MONDAY_S, {}).topics.values()) == [(0,)]


def test_a_new_topic_moves_few_others() -> None:
    """The order is that of names alone."""
    before, after = _order(1, _names(0, 9)), _order(1, _names(0, 10))
    order = [sorted(each.sets[0].topics, key=each._by_chance) for each in (before, after)]

    assert [each for each in order[1] if each != "t9"] == order[0]
