"""Sets that were altered so that all sums fit, and good ones that look odd: no wrong verdict either way."""

from base64 import urlsafe_b64encode
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
import pytest
from backup_forgeries import FORGERIES, Forgery
from backup_sets import Record, Writer
from checks.backup_answers import (
    ENDS,
    HOUR_S,
    backup,
    desired,
    good,
    history,
    read,
    verdicts,
    writer,
)
from checks.kafka_answers import said, topic
from checks.kubernetes_objects import NOW_S
from confluent_kafka import Uuid
from hypothesis import given
from hypothesis import strategies as st

from verify.checks.backups.history import _plain
from verify.collect.backups.look import ALL
from verify.desired import Desired
from verify.live.live import Ends, Group, GroupOffset, Live, Setting

GROUPS = {"g0": Group("Empty", last={"orders-0": GroupOffset(0, 100), "else-0": GroupOffset(7, 9)})}
"""As the writer's snapshot has it; of topics that are not backed up it has nothing."""


def look(folder: Path, records: dict[str, list[Record]], wanted: Desired | None = None,
         ends: dict[tuple[str, int], Ends] | None = None, **kafka: object) -> Live:  # fmt: skip
    """All that can be known of the usual backup below a folder, and of a Kafka with these records."""
    said_of = {"groups": GROUPS} | kafka
    return read(folder, wanted or desired(), ends, records, said_of, sample=ALL)


def bad(live: Live) -> dict[str, list[str]]:
    """Everything that is not well."""
    return verdicts(desired(), live)


def test_a_good_set_is_what_kafka_has(tmp_path: Path) -> None:
    """Every partition's records are found again."""
    found = good(tmp_path)
    live = look(tmp_path, history(found.folder))

    assert bad(live) == {}
    wanted = desired()
    assert said("backup-history", wanted, live) == ["pass business: 6 of 6 records found again"]
    assert said("backup-offsets", wanted, live) == [
        "pass business: 1 group; 0 gone and 0 new since"
    ]
    assert said("backup-consistent", wanted, live) == ["pass business: 6 segments"]
    assert said("backup-identity", wanted, live) == [
        "skip business: nobody wrote down of which cluster and topics it is"
    ]


@pytest.mark.parametrize("forgery", FORGERIES, ids=lambda each: each.__name__)
def test_a_forgery_is_told(tmp_path: Path, forgery: Forgery) -> None:
    """By the checks that have to."""
    found = good(tmp_path)
    records = history(found.folder)
    forgery(found.folder)
    failed = {
        name for name, told in bad(look(tmp_path, records)).items() if told[0].startswith("fail: ")
    }

    assert failed >= FORGERIES[forgery]


WORDS = {
    "other_topic": "fail: Kafka has other records: orders-0 at 9 from ",
    "shortened": "fail: accounted for, and in no segment: orders-0 from 97 to 99",
    "without_a_partition": "fail: 50 records in no backup, which lacks orders-1 from 0 to 49",
    "without_segments": "fail: accounted for, and in no segment: orders-1 from 0 to 49",
    "no_groups": "fail: nothing was committed since, and yet:"
    " g0 is at 0 of orders-0, and the snapshot says nothing",
    "group_beyond": "fail: offsets that no group can have: g0 at 999999 of orders-0, which ends at 100",
    "fewer_records": "fail: 1 segment damaged: business/topics/orders/partition=0/"
    "segment-00000000000000000050.bin.zst its number of records is 50, not 49",
}


@pytest.mark.parametrize("name", WORDS)
def test_what_is_said_of_a_forgery(tmp_path: Path, name: str) -> None:
    """What, where, and how much."""
    found = good(tmp_path)
    records = history(found.folder)
    forgery = next(each for each in FORGERIES if each.__name__ == name)
    forgery(found.folder)
    told = [text for texts in bad(look(tmp_path, records)).values() for text in texts]

    assert any(text.startswith(WORDS[name]) for text in told), told


def test_a_partition_that_kafka_has_got_since(tmp_path: Path) -> None:
    """It was not there when the topic was last read: the next run is early enough."""
    found = good(tmp_path)
    records = history(found.folder)
    live = look(tmp_path, records, ends={("orders", 2): Ends(0, 30, 30, 30)})

    assert bad(live) == {
        "backup-coverage": ["warn: records older than 6 hours are in no backup: orders-2 from 0"]
    }
    young = look(tmp_path, records, ends={("orders", 2): Ends(0, 30, 0, 30)})
    assert bad(young) == {}


def test_a_partition_is_missing_while_the_first_run_is_under_way(tmp_path: Path) -> None:
    """It has not come that far."""
    ends = {("orders", 0): 100, ("orders", 1): 0, ("prices", 0): 10}
    writer(tmp_path).run(ends, NOW_S - 600, status="running")

    assert bad(look(tmp_path, history(tmp_path / "business/business"))) == {
        "backup-coverage": ["warn: records older than 6 hours are in no backup: orders-1 from 0"]
    }


def _with_holes(folder: Path) -> Writer:
    """A transaction's marker is the last that there is, and others are between the records."""
    found = good(folder)
    partition = found.partition("orders", 0)
    kept = [Record(each, int(NOW_S * 1000) - 9_000_000 + each) for each in range(50, 98, 2)]
    segment = found.segment_of(("orders", 0), kept, NOW_S - HOUR_S)
    partition["segments"][1] = segment | {"covered_start_offset": 50, "covered_end_offset": 97}
    return found


def test_transactions_leave_offsets_without_records(tmp_path: Path) -> None:
    """The engine counts them; more than it counts nothing accounts for."""
    found = _with_holes(tmp_path)
    partition = found.partition("orders", 0)
    partition["segments"][1] |= {"control_records_skipped": 24}
    partition["tail_control_records_skipped"] = 2
    found.save(NOW_S - HOUR_S)
    assert bad(look(tmp_path, history(found.folder))) == {}

    partition["segments"][1] |= {"control_records_skipped": 0}
    partition["tail_control_records_skipped"] = 1
    found.save(NOW_S - HOUR_S)
    assert bad(look(tmp_path, history(found.folder))) == {
        "backup-consistent": ["fail: accounted for, and in no segment: orders-0 from 97 to 99"]
    }


@pytest.mark.parametrize("where", ["manifest", "kafka"])
def test_compaction_leaves_offsets_without_records(tmp_path: Path, where: str) -> None:
    """In the set, and in Kafka since."""
    found = _with_holes(tmp_path)
    records = history(found.folder)
    records["orders-0"] = records["orders-0"][-1:]
    configs = {"orders": {"cleanup.policy": "compact,delete"}}
    if where == "manifest":
        found.manifest["topics"][0]["configurations"] = configs["orders"]
        configs = {}
    found.save(NOW_S - HOUR_S)

    assert bad(look(tmp_path, records, configs=configs)) == {}


def test_a_partition_that_held_aborted_transactions_alone(tmp_path: Path) -> None:
    """Has no segment, and lacks nothing."""
    found = good(tmp_path)
    found.partition("orders", 2).update(covered_through=9, tail_aborted_records_dropped=9,
                                        tail_control_records_skipped=1, snapshot_end_offset=10)  # fmt: skip
    found.save(NOW_S - HOUR_S)
    live = look(tmp_path, history(found.folder), ends={("orders", 2): Ends(0, 10, 10, 10)})

    assert bad(live) == {}


def test_what_kafka_has_deleted_since_proves_nothing(tmp_path: Path) -> None:
    """A backup is for that."""
    found = good(tmp_path)
    records = history(found.folder)
    ends = {place: Ends(end, end, -1, end) for place, end in ENDS.items()}
    live = look(tmp_path, {at: [] for at in records}, ends=ends)

    assert bad(live) == {}
    assert said("backup-history", desired(), live) == [
        "skip business: none of 6 records can be compared: Kafka has deleted them since,"
        " or brokers set their times"
    ]


@pytest.mark.parametrize(
    "kafka",
    [
        {"configs": {"orders": {"message.timestamp.type": "LogAppendTime"},
                     "prices": {"message.timestamp.type": "LogAppendTime"}}},
        {"broker_configs": {0: {"log.message.timestamp.type": Setting("LogAppendTime")}}},
        {"broker_configs": {}},
    ],
    ids=["topics", "brokers", "nobody says"],
)  # fmt: skip
def test_times_that_brokers_set_prove_nothing(tmp_path: Path, kafka: dict[str, Any]) -> None:
    """The engine keeps those of the producers."""
    found = good(tmp_path)
    other = {
        at: [each._replace(time_ms=each.time_ms + 40) for each in told]
        for at, told in history(found.folder).items()
    }

    assert bad(look(tmp_path, other, **kafka)) == {}


def test_times_that_are_no_dates(tmp_path: Path) -> None:
    """Producers write what they like."""
    found = good(tmp_path)
    last_ms = 2**62
    records = history(found.folder)["orders-0"][50:]
    odd = [*records[:-1], records[-1]._replace(time_ms=last_ms)]
    segment = found.segment_of(("orders", 0), odd, NOW_S - HOUR_S)
    found.partition("orders", 0)["segments"][1] = segment | {"end_timestamp": 0}
    found.save(NOW_S - HOUR_S)
    now = history(found.folder)
    live = look(tmp_path, now | {"orders-0": [*now["orders-0"][:50], *records]})

    (told,) = bad(live)["backup-history"]
    assert told == (
        f"fail: Kafka has other records: orders-0 at 99 from {last_ms} ms,"
        " and Kafka has none of that time"
    )


def test_times_out_of_order_are_no_other_history(tmp_path: Path) -> None:
    """A record long before the segment may be later than all that is in it."""
    found = good(tmp_path)
    records = history(found.folder)
    late = Record(0, int(NOW_S * 1000))
    found.partition("orders", 0)["segments"][0] = found.segment_of(
        ("orders", 0), [late, *records["orders-0"][1:50]], NOW_S - 5 * HOUR_S
    )
    found.save(NOW_S - HOUR_S)

    live = look(tmp_path, history(found.folder))
    assert bad(live) == {}
    assert said("backup-history", desired(), live) == ["pass business: 5 of 6 records found again"]


def _at(committed: int, end: int = 100) -> dict[str, Group]:
    return {"g0": Group("Stable", last={"orders-0": GroupOffset(committed, end)})}


@pytest.mark.parametrize(
    ("groups", "words"),
    [
        (_at(100), "1 group; 0 gone and 0 new since"),  # it went on
        (_at(0) | {"new": _at(5)["g0"]}, "1 group; 0 gone and 1 new since"),
        ({}, "1 group; 1 gone and 0 new since"),
        ({"g0": Group("Empty")}, "1 group; 0 gone and 0 new since"),  # its offsets were deleted
    ],
    ids=["went on", "a new one", "deleted", "its offsets deleted"],
)
def test_groups_live_on_after_the_snapshot(
    tmp_path: Path, groups: dict[str, Group], words: str
) -> None:
    """Which is no fault of it, as long as somebody has committed something since."""
    found = good(tmp_path)
    now = {"__consumer_offsets-0": [Record(9, int(NOW_S * 1000))]}
    live = look(tmp_path, history(found.folder) | now, groups=groups)

    assert bad(live) == {}
    assert said("backup-offsets", desired(), live) == [f"pass business: {words}"]


def test_a_group_was_reset_backwards(tmp_path: Path) -> None:
    """The snapshot is ahead of it, and not of the log."""
    found = good(tmp_path)
    found.snapshot({"g0": {"orders": {"0": 90}}}, NOW_S - HOUR_S)
    now = {"__consumer_offsets-0": [Record(9, int(NOW_S * 1000))]}

    assert bad(look(tmp_path, history(found.folder) | now, groups=_at(3))) == {}


def test_a_group_that_kafka_has_beyond_the_end(tmp_path: Path) -> None:
    """The snapshot is right; that the group is wrong others tell."""
    found = good(tmp_path)
    found.snapshot({"g0": {"orders": {"0": 500}}}, NOW_S - HOUR_S)

    assert bad(look(tmp_path, history(found.folder), groups=_at(500))) == {}


def test_no_group_is_in_it_and_nobody_knows_why(tmp_path: Path) -> None:
    """All of them may be younger: a warning."""
    found = good(tmp_path)
    found.snapshot({}, NOW_S - HOUR_S)
    now = {"__consumer_offsets-0": [Record(9, int(NOW_S * 1000))]}

    assert bad(look(tmp_path, history(found.folder) | now, groups=_at(3))) == {
        "backup-offsets": [
            "warn: no group is in it, and Kafka has 1 group: g0;"
            " are all of them younger than 60 minutes?"
        ]
    }


@pytest.mark.parametrize("same_time", [True, False])
def test_a_snapshot_that_was_altered_since_it_was_proved(tmp_path: Path, same_time: bool) -> None:
    """However busy groups are; a later run may write what it likes."""
    found = good(tmp_path)
    snapshot = found.folder / "consumer-groups-snapshot.json"
    (found.folder / f"strimzi-gitops-proved-{snapshot.name}").write_bytes(snapshot.read_bytes())
    now = {"__consumer_offsets-0": [Record(9, int(NOW_S * 1000))]}
    assert bad(look(tmp_path, history(found.folder) | now)) == {}

    found.snapshot({"g0": {"orders": {"0": 1}}}, NOW_S - HOUR_S + (2 if same_time else 9))
    told = ["fail: it is not what it was when it was proved, and no run has written it since"]
    expected = {"backup-offsets": told} if same_time else {}
    assert bad(look(tmp_path, history(found.folder) | now)) == expected


def test_groups_that_git_leaves_out(tmp_path: Path) -> None:
    """Nobody asks for them."""
    found = good(tmp_path)
    wanted = desired(business=backup(groups=False))
    live = look(tmp_path, history(found.folder), wanted)

    assert said("backup-offsets", wanted, live) == [
        "skip business: there is no snapshot of groups to compare"
    ]


IDS = {"orders": "11111111-2222-3333-4444-555555555555", "prices": "p"}


@pytest.mark.parametrize(
    ("cluster", "orders", "words"),
    [
        ("abc", IDS["orders"], "pass business: cluster abc, 2 topics"),
        ("abc", "EREREREiIiIzMzREREVVVVVVVQ", "fail business: other topics than those of the backup: orders"),
        ("abc", "ERERESIiMzNERFVVVVVVVQ", "pass business: cluster abc, 2 topics"),  # in Kafka's own spelling
        ("abc", "old", "fail business: other topics than those of the backup: orders"),
        ("xyz", IDS["orders"], "fail business: it is of cluster xyz, and this is abc"),
    ],
)  # fmt: skip
def test_of_which_cluster_and_topics_a_set_is(
    tmp_path: Path, cluster: str, orders: str, words: str
) -> None:
    """As it was written down when it was last proved."""
    found = good(tmp_path)
    topics = {"orders": {"id": orders, "partitions": 2}, "gone": {"id": "g", "partitions": 1}}
    file = found.folder / "strimzi-gitops-identity.json"
    file.write_bytes(
        msgspec.json.encode(
            {
                "version": 1,
                "clusterId": cluster,
                "topics": topics,
                "provedAt": "x",
                "manifestSha256": "y",
            }
        )
    )
    live = look(tmp_path, history(found.folder), topics={n: topic(id_=i) for n, i in IDS.items()})

    assert said("backup-identity", desired(), live) == [words]


@given(st.integers(0, 2**128 - 1))
def test_a_topics_id_is_the_same_in_every_spelling(number: int) -> None:
    """Of librdkafka, which wrote it down, of Kafka's own tools, and of the protocol."""
    halves = (number >> 64, number & (2**64 - 1))
    written = str(Uuid(*(each - 2**64 if each >= 2**63 else each for each in halves)))
    printed = urlsafe_b64encode(number.to_bytes(16, "big")).decode().rstrip("=")

    assert {_plain(each) for each in (written, printed, str(UUID(int=number)))} == {
        f"{number:032x}"
    }


def test_what_is_written_down_of_a_set_cannot_be_read(tmp_path: Path) -> None:
    """Then somebody else wrote it."""
    found = good(tmp_path)
    (found.folder / "strimzi-gitops-identity.json").write_text('{"version": 9}')

    (told,) = said("backup-identity", desired(), look(tmp_path, history(found.folder)))
    assert told.startswith("fail business: what is written down of it cannot be read: ")
