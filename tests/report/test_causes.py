"""What explains the rest comes first, and what only follows from it is one line."""

import pytest
from checks.kafka_answers import answers, broker, cluster, git, on, topic

from generator.contract.report import Result, Status
from verify.checks.registry import all_checks
from verify.live.live import Cause, Gap, Kafka, Live, Probe, ProbeBroker, Quorum, Voter
from verify.report.causes import causes_of
from verify.report.document import as_data
from verify.report.report import report_of
from verify.report.text import text

GONE = Gap(Cause.UNREACHABLE, "connection refused")
NOW_MS = 1_000_000


def judged(live: Live, *groups: str) -> list[Result]:
    """What the checks of some groups say of three brokers that Git wants."""
    return [each.ask(git(), live) for each in all_checks().values() if each.group in groups]


def without_one(**more: object) -> Kafka:
    """Broker 2 is dead, and the cluster knows it."""
    dead = broker(2, fenced=True, problem=GONE)
    voters = (Voter(0, 9, NOW_MS, NOW_MS), Voter(1, 9, NOW_MS, NOW_MS), Voter(2, 1, 1, 1))
    return cluster(
        broker(0, told=(0, 1)), broker(1, told=(0, 1)), dead,
        topics={"orders": topic(on(0, 1, 2, isr=(0, 1)))}, quorum=Quorum(0, 7, 9, voters),
        **more,
    )  # fmt: skip


def test_a_dead_broker_is_one_headline() -> None:
    """And the checks that miss it are counted below."""
    live = answers(without_one())
    results = judged(live, "quorum", "brokers", "partitions")

    cause, *_ = causes_of(results, live)

    assert cause.headline == (
        "broker 2 is away: connection refused; the cluster has given up on it"
    )
    assert cause.check == "brokers-answer"
    assert set(cause.follows) >= {"quorum-lag", "brokers-present", "partitions-replicated"}
    told = text(report_of(git(), live, results))
    assert told.splitlines()[2:4] == [
        cause.headline,
        f"  {len(cause.follows)} checks only follow from it: {', '.join(cause.follows)}",
    ]
    assert "  fail     quorum-lag" not in told
    assert "  fail     brokers-answer" in told
    assert as_data(report_of(git(), live, results))["causes"][0] == {
        "headline": cause.headline,
        "check": cause.check,
        "follows": cause.follows,
    }


def test_what_clients_notice_does_not_fold() -> None:
    """Partitions without a leader are told whatever the cause."""
    found = without_one()
    found.topics["orders"] = topic(on(2, leader=-1, isr=()))
    live = answers(found)

    cause, *_ = causes_of(judged(live, "brokers", "partitions"), live)

    assert "partitions-online" not in cause.follows


def test_what_has_another_cause_does_not_fold() -> None:
    """A replica that is missing elsewhere is not explained by the broker that is away."""
    found = without_one()
    found.topics["orders"] = topic(on(0, 1, 2, isr=(0,)))
    live = answers(found)

    cause, *_ = causes_of(judged(live, "brokers", "partitions"), live)

    assert "partitions-replicated" not in cause.follows


def test_a_lost_quorum_comes_before_its_brokers() -> None:
    """Who is away took it along."""
    gaps = {"kafka.quorum": Gap(Cause.TIMED_OUT, "no answer in time")}
    found = cluster(broker(0), broker(1, problem=GONE), broker(2, problem=GONE))
    live = answers(found, gaps=gaps)
    results = judged(live, "quorum", "brokers", "partitions")

    cause, *others = causes_of(results, live)

    assert cause.headline == (
        "the KRaft quorum has no leader, and brokers 1, 2 cannot be reached: nothing can change, and"
        " brokers tell what they last knew"
    )
    assert {"brokers-answer", "partitions-online"} <= set(cause.follows)
    assert others == []


def test_a_quorum_of_which_nobody_knows_is_not_called_lost() -> None:
    """Its leader may lead, where only we reach nobody else."""
    voters = tuple(Voter(each, 9, NOW_MS, NOW_MS) for each in range(3))
    found = cluster(
        broker(0), broker(1, problem=GONE), broker(2, problem=GONE), quorum=Quorum(0, 7, 9, voters)
    )
    live = answers(found)

    cause, *_ = causes_of(judged(live, "quorum", "brokers", "partitions"), live)

    assert cause.headline == "brokers 1, 2 are away: connection refused"


def test_an_api_that_says_nothing_is_told_once() -> None:
    """However many checks wanted to know."""
    gap = Gap(Cause.UNREACHABLE, "https://a cannot be reached: connection refused")
    live = answers(gaps={"kubernetes": gap})
    results = judged(live, "identity", "resources", "pods")

    cause, *_ = causes_of(results, live)

    assert cause.headline == gap.reason
    assert len(cause.follows) > 5
    told = text(report_of(git(), live, results))
    assert told.splitlines()[2:5] == [
        "not found out",
        f"  {gap.reason}",
        f"    13 checks could not find out: kubernetes-identity, {', '.join(cause.follows)}",
    ]
    assert told.count(gap.reason) == 1


def test_kinds_that_nobody_may_read_are_told_once() -> None:
    """Though the API server says it of each in another sentence."""
    said = (
        "nobody allowed us to list {} in namespace kafka-dev: a Role or ClusterRole must grant it"
    )
    gaps = {
        f"kubernetes.{kind}": Gap(Cause.REFUSED, said.format(kind))
        for kind in ("Pod", "PersistentVolumeClaim")
    }
    live = answers(gaps=gaps, status={})
    results = judged(live, "pods", "placement", "volumes")

    cause, *_ = causes_of(results, live)

    assert cause.headline == (
        "Kubernetes does not show us PersistentVolumeClaim, Pod: a Role or ClusterRole must grant get and list"
    )
    assert not cause.tells_more
    assert {cause.check, *cause.follows} >= {"pods-ready", "pods-scheduled", "volumes-bound"}
    told = text(report_of(git(), live, results))
    assert "nobody allowed us" not in told
    assert "could not find out: pods-present, " in told


@pytest.mark.parametrize(
    ("gap", "words"),
    [
        (Gap(Cause.TIMED_OUT, "b2:9092: no answer in time"), "does not answer: b2:9092: no answer in time"),
        (Gap(Cause.REFUSED, "not trusted: certificate has expired"),
         "cannot be asked: not trusted: certificate has expired"),
    ],
)  # fmt: skip
def test_a_broker_that_is_there(gap: Gap, words: str) -> None:
    """It is not called away when it only does not answer, or is not trusted."""
    live = answers(cluster(broker(0), broker(1), broker(2, problem=gap)))

    cause, *_ = causes_of(judged(live, "brokers", "partitions"), live)

    assert cause.headline == f"broker 2 {words}"


def test_a_quota_that_nobody_gets_through() -> None:
    """It is looked at before a broker is blamed."""
    slow = ProbeBroker(0, 20, 1, 1, problem="1 of 20 records were acknowledged in time")
    found = cluster(quotas={"<default>": {"producer_byte_rate": 1.0}})
    live = answers(found, probe=Probe("p", (slow,)))

    (cause,) = causes_of(judged(live, "probe"), live)

    assert cause.headline == "a quota slows the probe down: everybody producer_byte_rate 1"
    assert cause.check == "probe-produces"
    found.quotas["<default>"] = {"producer_byte_rate": 1048576.0}
    assert causes_of(judged(live, "probe"), live) == ()


def test_nothing_wrong_has_no_cause() -> None:
    """Nor has what stands alone."""
    assert causes_of(judged(answers(), "quorum"), answers()) == ()
    stray = answers(cluster(topics={"orders": topic(), "stray": topic()}))
    assert [
        each.status for each in judged(stray, "topics") if each.check == "topics-unmanaged"
    ] == [Status.WARN]
    assert causes_of(judged(stray, "topics"), stray) == ()
