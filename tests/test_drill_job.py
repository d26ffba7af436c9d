"""The proof with which a drill begins: whatever is wrong with its set, it goes no further; and what it tells of the engine."""

import json
import os
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from backup_forgeries import FORGERIES, Forgery
from backup_sets import Record, Writer
from checks.backup_answers import backup, desired, good, history, read
from checks.kubernetes_objects import NOW_S

from generator.common.exit_codes import ExitCode
from generator.contract.drill import Compared, DrillOrder, DrillSet, DrillTurns
from generator.contract.settings import BackupStorage, encode
from verify.collect.backups.look import ALL
from verify.jobs import drill as drill_job
from verify.jobs.steps import StepError
from verify.live.live import Cause, Gap, Group, GroupOffset, Kafka

ORDER = DrillOrder(
    "drill-b", "drill.b.", sets=(DrillSet("business", "business", ("orders", "prices")),)
)
GROUPS = {"g0": Group("Empty", last={"orders-0": GroupOffset(0, 100)})}


class Brokers:
    """What a Collector says, time after time."""

    def __init__(self, kafka: Kafka, *gaps: dict[str, Gap]) -> None:
        """`gaps` are what it could not find out, each time; the last ones for ever."""
        self._kafka, self._gaps, self.asked = kafka, list(gaps) or [{}], 0

    def __call__(self, *_: object, **__: object) -> "Brokers":
        """As one is made, however that is."""
        self.gaps = self._gaps[min(self.asked, len(self._gaps) - 1)]
        self.asked += 1
        return self

    def collect(self) -> Kafka:
        """All of it."""
        return self._kafka


def _prove(folder: Path, records: dict[str, list[Record]], *gaps: dict[str, Gap],
           monkeypatch: pytest.MonkeyPatch) -> Brokers:  # fmt: skip
    live = read(folder, desired(business=backup()), None, records, {"groups": GROUPS}, sample=ALL)
    assert live.kafka is not None
    brokers = Brokers(live.kafka, *gaps)
    monkeypatch.setattr(drill_job, "Collector", brokers)
    monkeypatch.setattr(drill_job, "_PAUSE_S", 0.01)
    monkeypatch.setattr(drill_job, "_PATIENCE_S", 0.2)
    access: Any = None
    drill_job._prove(ORDER, live.backups, access, NOW_S, float("inf"))
    return brokers


def test_a_good_set_is_drilled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Asked once."""
    records = history(good(tmp_path).folder)

    assert _prove(tmp_path, records, monkeypatch=monkeypatch).asked == 1


SEEN_BESIDE_THE_SOURCE = {"backup-history"}
"""What a drill sees when it compares every record."""


@pytest.mark.parametrize(
    "forgery",
    [each for each, checks in FORGERIES.items() if checks != SEEN_BESIDE_THE_SOURCE],
    ids=lambda each: each.__name__,
)
def test_a_forgery_is_not_drilled(
    tmp_path: Path, forgery: Forgery, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It says which check found it, and where."""
    found = good(tmp_path)
    records = history(found.folder)
    forgery(found.folder)

    with pytest.raises(StepError) as caught:
        _prove(tmp_path, records, monkeypatch=monkeypatch)
    assert caught.value.exit_code is ExitCode.UNHEALTHY
    check, place, _ = str(caught.value).split(": ", 2)
    assert (check in drill_job.PROOF, place) == (True, str(found.folder))


def test_what_nobody_knows_is_asked_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A broker may restart; one that says nothing for long is no proof."""
    records = history(good(tmp_path).folder)
    silent = {"kafka.groups": Gap(Cause.UNREACHABLE, "broker 1 did not answer")}
    assert _prove(tmp_path, records, silent, {}, monkeypatch=monkeypatch).asked == 2

    with pytest.raises(StepError, match="backup-offsets: broker 1 did not answer") as caught:
        _prove(tmp_path, records, silent, monkeypatch=monkeypatch)
    assert caught.value.exit_code is ExitCode.UNREACHABLE


@pytest.mark.parametrize(
    ("zone", "utc_hours"),
    [("Europe/Berlin", (-1, -2)), ("America/New_York", (5, 4)), ("Nowhere/Atall", (0, 0))],
)
def test_a_turn_begins_when_its_drill_is_due(zone: str, utc_hours: tuple[int, int]) -> None:
    """By the clock of the schedule, in winter and in summer; a drill that begins late has the same one."""
    names = tuple(f"t{number}" for number in range(9))
    turns = DrillTurns("30 5 * * MON", zone, 1)
    order = DrillOrder("d", "p.", turns=turns, sets=(DrillSet("c", "b", names),))
    monday_s = datetime(2026, 11, 30, 5, 30, tzinfo=UTC).timestamp()
    for weeks, hours in zip((0, 26), utc_hours, strict=True):
        due_s = monday_s + weeks * 7 * 86_400 + hours * 3600
        before, now, late = (
            order.at(drill_job._clock_s(order, due_s + each), dict.fromkeys(names, (0,))).topics
            for each in (-60, 5, 4 * 3600)
        )
        assert before != now == late


MIB = 2**20
CONFIG = "restore-0.yaml"


@pytest.fixture
def rendered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The settings of a drill of one partition of two topics, whose segments unpack to 100 MiB each; Kafka is left out."""
    found = Writer(tmp_path / "sets", "business")
    found.run({("orders", 0): 10, ("orders", 1): 10, ("prices", 1): 10}, time.time() - 3600)
    for topic in found.manifest["topics"]:
        for partition in topic["partitions"]:
            partition["segments"][0]["uncompressed_size"] = 100 * MIB
    found.save(time.time() - 3600)
    storage = BackupStorage("filesystem", claim="backup-business", path=str(tmp_path / "sets"))
    order = DrillOrder("drill-b", "drill.b.", turns=DrillTurns("30 5 * * MON"), storage=storage,
                       sets=(DrillSet(CONFIG, "business", ("orders", "prices")),))  # fmt: skip
    (tmp_path / "etc/config").mkdir(parents=True)
    (tmp_path / "work").mkdir()
    (tmp_path / "etc/config" / CONFIG).write_text('{"target": {"topics": {}}, "restore": {}}')
    (tmp_path / "etc/config/drill.json").write_text(encode(order))

    def compare(_: object, drill: DrillOrder, *__: object) -> list[Compared]:
        return [
            Compared(topic, number, (10, 10), 10, 10)
            for topic, numbers in drill.topics.items()
            for number in numbers
        ]

    for name, instead in {
        "way": None, "prepare": None, "_prove": None, "compare": compare, "clear": (),
    }.items():  # fmt: skip
        step = instead if callable(instead) else lambda *_, said=instead, **__: said
        monkeypatch.setattr(drill_job, name, step)
    return tmp_path / "etc/config/drill.json"


def _ended(rendered: Path, seconds_ago: float) -> Path:
    """The work folder of a drill whose `prepare` ended so long ago."""
    work = rendered.parents[2] / "work"
    drill_job.make_ready(rendered, work, {})
    then_s = time.time() - seconds_ago
    os.utime(work / drill_job.READY, (then_s, then_s))
    return work


def test_the_engine_is_timed(rendered: Path) -> None:
    """All that it restores is counted: of every topic, the partitions of all of a set that have their turn."""
    work = _ended(rendered, 100)
    chosen = json.loads((work / CONFIG).read_text())["restore"]["source_partitions"]
    unpacked = {(0,): 100 * MIB, (1,): 200 * MIB, (0, 1): 300 * MIB}[tuple(chosen)]
    verdict = drill_job.judge(rendered, work, {})

    assert (verdict.exit_code, verdict.problem) == (ExitCode.FINE, "")
    assert verdict.restored_bytes == unpacked
    assert unpacked / 110 < verdict.bytes_per_second <= unpacked / 100


def test_a_clock_that_was_put_back_tells_nothing(rendered: Path) -> None:
    """Where no time has passed, nobody knows how fast it was."""
    work = _ended(rendered, -3600)
    verdict = drill_job.judge(rendered, work, {})

    assert (verdict.exit_code, verdict.bytes_per_second) == (ExitCode.FINE, 0)


@pytest.mark.parametrize("content", [None, "", "many", "[]"])
def test_without_word_of_prepare_a_drill_is_judged_all_the_same(
    rendered: Path, content: str | None
) -> None:
    """As after a pod that was prepared by an older image."""
    work = _ended(rendered, 100)
    if content is None:
        (work / drill_job.READY).unlink()
    else:
        (work / drill_job.READY).write_text(content)
    verdict = drill_job.judge(rendered, work, {})

    assert (verdict.exit_code, verdict.bytes_per_second) == (ExitCode.FINE, 0)
