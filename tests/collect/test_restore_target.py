"""What keeps a restore from beginning, and what is to be known before, judged of answers alone."""

import pytest

from generator.contract.restore import RestoreOrder, RestoreSet
from generator.contract.settings import BackupStorage
from verify.jobs.restore_target import Checkpoint, Progress, Said, judged
from verify.live.backups import BackedUpPartition, BackedUpTopic, BackupSet, Few, Integrity
from verify.live.gap import Cause, Gap
from verify.live.kafka import Ends, Kafka, LiveTopic, LogDir, Partition

_GIB = 2**30


def order(**more: object) -> RestoreOrder:
    """A restore of one topic of three partitions."""
    said: dict[str, object] = {
        "name": "x",
        "sets": (RestoreSet("b", {"orders": "back"}),),
        "storage": BackupStorage("filesystem", path="/data"),
        "checkpoint": "x-1",
        "deadline_seconds": 3600,
    }
    return RestoreOrder(**(said | more))  # type: ignore[arg-type]


def held(partitions: int = 3, **more: object) -> BackupSet:
    """A set that holds a GiB of each partition."""
    each = BackedUpPartition(1, 10, _GIB)
    topic = BackedUpTopic(partitions, dict.fromkeys(range(partitions), each))
    return BackupSet("/data/b", "b", **({"topics": {"orders": topic}} | more))  # type: ignore[arg-type]


def kafka(partitions: int = 3, records: int = 0, usable: int = 100 * _GIB, **more: object) -> Kafka:
    """Two brokers that share an empty target."""
    live = LiveTopic(
        "id", False, tuple(Partition(n % 2, (0, 1), (0, 1), ()) for n in range(partitions))
    )
    found = Kafka("id", "b:9092", user="CN=restore-x", topics={"back": live})
    found.ends = {f"back-{n}": Ends(0, records if n == 0 else 0) for n in range(partitions)}
    found.log_dirs = [LogDir(broker, "/d", 200 * _GIB, usable, 0) for broker in (0, 1)]
    for name, value in more.items():
        setattr(found, name, value)
    return found


NOW_MS = 1_000_000
EVERY = tuple(f"back-{number}" for number in range(3))
LOST = (
    "/data/b/restore-checkpoints/x-1.json says that an earlier try wrote records that are not there any more: back-0,"
    " back-1, back-2. Those topics were emptied or made anew, their retention is too short for what is restored, or that"
    " was another restore of this name: give this one a name of its own, or empty all of its targets and delete that file"
)
GOES_ON = (
    "it goes on where an earlier try stopped, at 7 records (/data/b/restore-checkpoints/x-1.json)"
)


def begun(known: int, acked: int = 0) -> Checkpoint:
    """An earlier try, which knew that each target ended there, and of so many records that they were written."""
    each = {
        f"orders:{number}": Progress("orders", "back", number, known, acked, number)
        for number in range(3)
    }
    return Checkpoint(7, [], each)


def said(
    asked: RestoreOrder | None = None,
    backup: BackupSet | None = None,
    live: Kafka | None = None,
    begun: Checkpoint | None = None,
    gaps: dict[str, Gap] | None = None,
    retention_ms: int = -1,
) -> list[Said]:
    """All that is said."""
    return list(
        judged(
            asked or order(),
            {"b": backup or held()},
            {"b": begun} if begun else {},
            live or kafka(),
            gaps or {},
            NOW_MS,
            {"back": retention_ms},
        )
    )


def test_nothing_stands_in_the_way() -> None:
    """Of an empty target with room, from a whole set."""
    assert said() == []


@pytest.mark.parametrize(
    ("found", "text"),
    [
        (lambda: said(backup=held(fault="is not there")), "/data/b: manifest.json is not there"),
        (lambda: said(backup=held(missing=Few(2, ("a", "c")))), "/data/b: 2 segments that are not there: a, c"),
        (lambda: said(backup=held(sizes=Few(1, ("a",)))),
         "/data/b: 1 segments of another size than the manifest says: a"),
        (lambda: said(backup=held(integrity=Integrity(1, 1, 0, Few(1, ("a",))))),
         "/data/b: 1 segments that are not what the manifest says: a"),
        (lambda: said(order(sets=(RestoreSet("b", {"gone": "back"}),))), "/data/b holds no topic gone"),
        (lambda: said(order(sets=(RestoreSet("b", {"orders": "gone"}),))),
         "there is no topic gone to restore orders into"),
        (lambda: said(live=kafka(2)), "back has 2 partitions, and the set holds records of 3 of orders"),
        (lambda: said(live=kafka(records=7)), "back holds 7 records, and the restore would add its own behind"
         " them: empty it, or restore into a topic of another name"),
        (lambda: said(live=kafka(records=7), begun=Checkpoint()), "back holds 7 records, and the restore would"
         " add its own behind them: empty it, or restore into a topic of another name"),
        # Written to the engine's topic since, beside one that the earlier try never came to.
        (lambda: said(order(sets=(RestoreSet("b", {"orders": "back", "others": "more"}),)),
                      held(topics={"orders": held().topics["orders"], "others": BackedUpTopic(1, {})}),
                      kafka(topics={"back": kafka().topics["back"], "more": LiveTopic("i", False, (Partition(0, (0, 1), (0, 1), ()),))},
                            ends={**kafka(records=7).ends, "more-0": Ends(0, 2)}), begun(0)),
         "more holds 2 records, and the restore would add its own behind them: empty it, or restore into a topic of"
         " another name"),
        # Recreated; emptied before their end was known.
        (lambda: said(begun=begun(5)), LOST),
        (lambda: said(live=kafka(ends=dict.fromkeys(EVERY, Ends(7, 7))), begun=begun(5)), LOST),
        # Emptied after all that was acknowledged was kept: the engine would take it for done.
        (lambda: said(live=kafka(ends=dict.fromkeys(EVERY, Ends(7, 7))), begun=begun(7, 7)), LOST),
        # The topic is gone, and would be made anew.
        (lambda: said(order(creates=True), live=kafka(topics={}, ends={}), begun=begun(5)), LOST),
        # In a transaction that is not ended, behind what readers see.
        (lambda: said(live=kafka(ends={**kafka().ends, "back-0": Ends(0, 0, high=5)})), "back holds 5 records, and the"
         " restore would add its own behind them: empty it, or restore into a topic of another name"),
        (lambda: said(live=kafka(quotas={"<default>": {"producer_byte_rate": 2**18}})),
         "by its quota (producer_byte_rate 262144) it takes 2h16m32s, and it is stopped after 1h"),
    ],
)  # fmt: skip
def test_what_keeps_it_from_beginning(found: object, text: str) -> None:
    """One sentence each, and no other problem."""
    every = found()  # type: ignore[operator]
    assert [each.text for each in every if each.is_problem] == [text]


def test_room_is_counted_for_every_replica() -> None:
    """Both brokers hold all three partitions."""
    found = said(live=kafka(usable=2 * _GIB))

    assert [each.text for each in found] == [
        f"broker {broker} has room for 2.0 GiB, and its replicas of the targets take up to 3.0 GiB"
        for broker in (0, 1)
    ]
    assert all(each.is_problem for each in found)
    assert said(order(partitions=(0,)), live=kafka(usable=2 * _GIB)) == []


@pytest.mark.parametrize(
    ("found", "text"),
    [
        (lambda: said(live=kafka(5)), "back has 5 partitions, and orders had 3: records keep their partition, so that"
         " 2 stay empty while producers find other ones for the same keys"),
        (lambda: said(live=kafka(configs={"back": {"message.timestamp.type": "LogAppendTime"}})),
         "back says LogAppendTime: records of orders get the time of the restore, and its retention starts anew"),
        # Killed before anything was kept but where the targets ended; with and without records behind that.
        (lambda: said(begun=begun(0)), GOES_ON),
        (lambda: said(live=kafka(records=7), begun=begun(0)), GOES_ON),
        (lambda: said(live=kafka(ends=dict.fromkeys(EVERY, Ends(0, 9))), begun=begun(7)), GOES_ON),
        # What was there before the restore was deleted; what it wrote itself is too old for the topic.
        (lambda: said(live=kafka(ends=dict.fromkeys(EVERY, Ends(7, 7))), begun=begun(7)), GOES_ON),
        (lambda: said(live=kafka(ends=dict.fromkeys(EVERY, Ends(7, 7))), begun=begun(7, 7), retention_ms=1000), GOES_ON),
        (lambda: said(gaps={"kafka.quotas": Gap(Cause.REFUSED, "no right")}), "quotas were not looked at: no right"),
        (lambda: said(live=kafka(quotas={"CN=restore-x": {"producer_byte_rate": 2**20}})),
         "by its quota (producer_byte_rate 1048576) it takes 34m8s"),
    ],
)  # fmt: skip
def test_what_is_to_be_known_before(found: object, text: str) -> None:
    """It keeps nobody from anything."""
    every = found()  # type: ignore[operator]
    assert [(each.is_problem, each.text) for each in every] == [(False, text)]


def test_what_is_emptied_or_made_need_not_be_empty_or_there() -> None:
    """A purge removes what is there; topics that the engine makes are not there yet."""
    assert said(order(purges=True), live=kafka(records=7)) == []
    assert said(order(creates=True, sets=(RestoreSet("b", {"orders": "new"}),))) == []


def test_a_quota_without_an_end_is_none() -> None:
    """As a restore by hand has it."""
    assert said(live=kafka(quotas={"CN=restore-x": {"producer_byte_rate": 2.0**31}})) == []
