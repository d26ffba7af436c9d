"""Restores by hand: what came of them is held against their sets."""

from checks.kafka_answers import answers, git, said

from verify.live.gap import Cause, Gap
from verify.live.restored import Restored, RestoredGroup, RestoredTopic

_MAY = 1_767_225_600_000


def _found(*topics: RestoredTopic, groups: tuple[RestoredGroup, ...] = ()) -> list[str]:
    live = answers(restored={"now": Restored("now", list(topics), list(groups))})
    return [*said("restored-records", git(), live), *said("restored-groups", git(), live)]


def test_all_is_back() -> None:
    """How much, and until when; a topic without a record has no time."""
    assert _found(
        RestoredTopic("orders", "orders", "b", 3, 1200, _MAY), RestoredTopic("quiet", "quiet", "b", 1),
        groups=(RestoredGroup("billing", 3),),
    ) == [
        "pass orders: 1200 records in 3 partitions, until 2026-01-01T00:00:00Z",
        "pass quiet: 0 records in 1 partition",
        "pass billing: 3 partitions",
    ]  # fmt: skip


def test_what_is_missing_fails() -> None:
    """And what the set itself never had is a warning."""
    topic = RestoredTopic("orders", "back", "b", 3, 10, _MAY)
    topic.problems = ["0 has 3 records, and the set 4"]
    topic.notes = ["1: offsets 0 to 9 were never in the backup"]

    assert _found(topic, groups=(RestoredGroup("billing", 3, "it is not where it was"),)) == [
        "fail back: 0 has 3 records, and the set 4",
        "warn back: 1: offsets 0 to 9 were never in the backup",
        "fail billing: it is not where it was",
    ]


def test_what_was_not_compared_is_unknown() -> None:
    """By the name of the restore."""
    live = answers(gaps={"restored.now": Gap(Cause.TIMED_OUT, "the time was up")})

    for check in ("restored-records", "restored-groups"):
        assert said(check, git(), live) == ["unknown now: the time was up"]
