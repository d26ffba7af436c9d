"""Drills as they are rendered: our two steps around the real engine's restore, in one pod."""

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from confluent_kafka.admin import AdminClient
from live.engine_pod import Done
from live.engine_records import Record, various, write
from live.engine_site import Site

pytestmark = [pytest.mark.live, pytest.mark.engine]

_STEPS = ["drill-prepare", "restore-0", "drill-judge"]


@pytest.fixture(scope="module", autouse=True)
def _backed_up(site: Site) -> None:
    """Records of all kinds, in sets on a claim, in a full one, and in an object store."""
    write(site.client, "orders", various(2000))
    write(site.client, "quiet", [Record(0, b"k", b"v", 1_700_000_000_000)])
    for backup, name in (("whole", "1"), ("single", "backup-single-29380560"), ("cloud", "1")):
        done = site.pods.run(f"CronJob/backup-{backup}", name)
        assert done.code == 0, done.log


def _scratch(site: Site) -> list[str]:
    topics = AdminClient(site.client).list_topics(timeout=60).topics
    return sorted(name for name in topics if name.startswith("drill."))


def _codes(done: dict[str, Done]) -> list[tuple[str, int]]:
    return [(name, each.code) for name, each in done.items()]


@pytest.mark.parametrize("backup", ["whole", "single", "cloud"])
def test_good_backup_comes_back(site: Site, backup: str) -> None:
    """As its own user with its own rights, from every kind of set; and nothing is left of it."""
    done = site.pods.run_all(f"CronJob/drill-{backup}")

    assert _codes(done) == [(step, 0) for step in _STEPS], done
    log = done["drill-judge"].log
    assert "pass  orders[0]: 667 records, 667 as at the source" in log
    assert "pass  orders[1]: 667 records, 667 as at the source" in log
    assert f"drill drill-{backup}: 1334 records restored and compared (exit 0)" in log
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


def _forget_a_segment(site: Site) -> None:
    """The manifest, between the two looks at it, counts as many records; a segment is not restored."""
    file = site.set_of("whole").folder / "manifest.json"
    content: dict[str, Any] = json.loads(file.read_text())
    for topic in content["topics"]:
        for partition in topic["partitions"]:
            if (topic["name"], partition["partition_id"]) == ("orders", 0):
                partition["segments"][0]["record_count"] += 5
    file.write_text(json.dumps(content))


def _write_over(site: Site) -> None:
    """The set is of another topic than the one that is there now."""
    site.kafka.delete_topic("orders")
    # Records of 1970 would be gone as soon as retention looks.
    site.kafka.create_topic("orders", partitions=3, config={"retention.ms": "-1"})
    write(site.client, "orders", (Record(each % 3, b"k", b"new", 1) for each in range(2000)))


@pytest.mark.usefixtures("mended")
@pytest.mark.parametrize(
    ("break_", "code", "words"),
    [
        (_forget_a_segment, 5, "667 records came back, and the backup counts 672"),
        (_lose_a_segment, 1, "segment"),
        (_write_over, 5, "667 differ from their source"),
    ],
)
def test_bad_backup_fails(
    site: Site, break_: Callable[[Site], None], code: int, words: str
) -> None:
    """Whatever did not come back as it was: the Job fails, and its log says what."""
    break_(site)
    done = site.pods.run_all("CronJob/drill-whole", "bad")
    *_, last = done.values()

    assert (last.code, words in last.log) == (code, True), last.log
