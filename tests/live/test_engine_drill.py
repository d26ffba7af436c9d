"""Drills as they are rendered: our two steps around the real engine's restore, in one pod."""

import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest
from backup_forgeries import (
    FORGERIES,
    Forgery,
    other_topic,
    with_other_records,
    without_a_partition,
)
from confluent_kafka.admin import AdminClient
from live.application import Application
from live.engine_pod import Done
from live.engine_records import Record, various, write
from live.engine_site import Site

from generator.contract.drill import DrillOrder

pytestmark = [pytest.mark.live, pytest.mark.engine]

_STEPS = ["drill-prepare", "restore-0", "drill-judge"]
_HELD = (667, 667, 666)
"""Records of each partition of orders."""


@pytest.fixture(scope="module", autouse=True)
def _backed_up(site: Site) -> None:
    """Records of all kinds, in sets on a claim, in a full one, and in an object store."""
    write(site.client, "orders", various(2000))
    write(site.client, "quiet", [Record(0, b"k", b"v", 1_700_000_000_000)])
    write(site.client, "prices", (Record(0, b"k", b"%d" % each, 1) for each in range(9)))
    Application(site.client).read("orders", "billing", 700)
    for backup, name in (("whole", "1"), ("single", "backup-single-29380560"), ("cloud", "1")):
        done = site.pods.run(f"CronJob/backup-{backup}", name)
        assert done.code == 0, done.log


def _scratch(site: Site) -> list[str]:
    topics = AdminClient(site.client).list_topics(timeout=60).topics
    return sorted(name for name in topics if name.startswith("drill."))


def _codes(done: dict[str, Done]) -> list[tuple[str, int]]:
    return [(name, each.code) for name, each in done.items()]


def _turn(site: Site, backup: str = "whole") -> tuple[int, ...]:
    """The partitions whose turn it is, as everything that is rendered says."""
    text = site.pods.objects[f"ConfigMap/drill-{backup}"]["data"]["drill.json"]
    return (
        msgspec.json.decode(text, type=DrillOrder)
        .at(time.time(), {"orders": [0, 1, 2]})
        .topics["orders"]
    )


@pytest.mark.parametrize("backup", ["whole", "single", "cloud"])
def test_good_backup_comes_back(site: Site, backup: str) -> None:
    """As its own user with its own rights, from every kind of set; and nothing is left of it."""
    done = site.pods.run_all(f"CronJob/drill-{backup}")

    assert _codes(done) == [(step, 0) for step in _STEPS], done
    log = done["drill-judge"].log
    chosen = _turn(site, backup)
    assert len(chosen) == 2
    for partition in chosen:
        told = (
            f"pass  orders[{partition}]: {_HELD[partition]} records, {_HELD[partition]} as at the"
        )
        assert told in log
    total = sum(_HELD[partition] for partition in chosen)
    assert f"drill drill-{backup}: {total} records restored and compared (exit 0)" in log
    assert _scratch(site) == []
    for each in done.values():
        assert not [word for word in site.forbidden_words if word in each.log]


def test_next_drill_removes_what_one_left_that_was_killed(site: Site) -> None:
    """Between its steps; what it had restored would otherwise be there twice."""

    def die() -> None:
        raise RuntimeError("the node is gone")

    with pytest.raises(RuntimeError, match="the node is gone"):
        site.pods.run_all("CronJob/drill-whole", "killed", {"drill-judge": die})
    assert _scratch(site) == ["drill.whole.orders"]
    done = site.pods.run_all("CronJob/drill-whole", "next")

    assert [code for _, code in _codes(done)] == [0, 0, 0], done
    assert _scratch(site) == []


@pytest.fixture
def mended(site: Site, tmp_path: Path) -> Iterator[None]:
    """The set is as it was afterwards."""
    folder = site.set_of("whole").folder
    shutil.copytree(folder, tmp_path / "set")
    yield
    shutil.copytree(tmp_path / "set", folder, dirs_exist_ok=True)


def _lose_a_segment(site: Site) -> None:
    min((site.set_of("whole").folder / "topics/orders/partition=0").glob("segment-*")).unlink()


def _write_over(site: Site) -> None:
    """The set is of another topic than the one that is there now."""
    site.kafka.delete_topic("orders")
    # Records of 1970 would be gone as soon as retention looks.
    site.kafka.create_topic("orders", partitions=3, config={"retention.ms": "-1"})
    write(site.client, "orders", (Record(each % 3, b"k", b"new", 1) for each in range(2000)))


@pytest.mark.usefixtures("mended")
@pytest.mark.parametrize("forgery", FORGERIES, ids=lambda each: each.__name__)
def test_forged_backup_fails(site: Site, forgery: Forgery) -> None:
    """Before it is restored where the set alone tells, else once it is beside its source."""
    forgery(site.set_of("whole").folder)
    done = site.pods.run_all("CronJob/drill-whole", "bad")
    *_, last = done.values()
    unseen = forgery in (other_topic, with_other_records) and 0 not in _turn(site)

    assert last.code == (0 if unseen else 5), last.log
    assert _scratch(site) == []


@pytest.mark.usefixtures("mended")
def test_partition_that_is_in_no_backup_fails(site: Site) -> None:
    """Though nothing of it came back, and nothing was to."""
    without_a_partition(site.set_of("whole").folder)
    done = site.pods.run_all("CronJob/drill-whole", "bad")

    assert _codes(done) == [("drill-prepare", 5)]
    told = "667 records in no backup, which lacks orders-1 from 0 to 666"
    assert told in done["drill-prepare"].log


@pytest.mark.usefixtures("mended")
@pytest.mark.parametrize(
    ("break_", "words"),
    [(_lose_a_segment, "1 segment missing"), (_write_over, "differ from their source")],
)
def test_bad_backup_fails(site: Site, break_: Callable[[Site], None], words: str) -> None:
    """Whatever did not come back as it was: the Job fails, and its log says what."""
    break_(site)
    done = site.pods.run_all("CronJob/drill-whole", "bad")
    *_, last = done.values()

    assert (last.code, words in last.log) == (5, True), last.log
