"""What a drill says of what came back: its verdict, its text, its JSON."""

import json
from dataclasses import dataclass

import pytest

from generator.common.exit_codes import ExitCode
from generator.contract.drill import Compared, DrillOrder, DrillResult, as_json, judged, text

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


def test_json_tells_all() -> None:
    """Machines read the same, with the problems in words."""
    data = json.loads(as_json(judged(DrillResult("weekly", ("business",), [_fine(missing=1)]))))

    assert (data["version"], data["drill"], data["sets"]) == (1, "weekly", ["business"])
    assert data["exit_code"] == 5
    assert data["compared"][0]["problems"] == ["1 are missing"]
    assert data["compared"][0]["sha256"] == _SUM
