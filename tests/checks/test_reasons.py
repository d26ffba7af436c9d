"""What explains that a broker, or all of them, do not do what is asked: told before anybody restarts one."""

import pytest
from checks.kafka_answers import answers, broker, cluster, git

from generator.contract.report import Result
from verify.checks._reasons import small_quotas
from verify.checks.registry import all_checks
from verify.live.live import Cause, Gap, Kafka, Live, LogDir, Probe, ProbeBroker

DEAD = Gap(Cause.UNREACHABLE, "b1:9092: connecting: connection refused")
FROZEN = Gap(Cause.TIMED_OUT, "b1:9092: asking ApiVersionsRequest: no answer in time")
LOST = Gap(Cause.TIMED_OUT, "b1:9092: connecting: no answer in time")
EXPIRED = Gap(Cause.REFUSED, "b1:9092: TLS: not trusted: certificate has expired")
STRANGER = Gap(Cause.REFUSED, "b1:9092 refuses user verify: authentication failed")
SLOW = Probe(
    "strimzi-verify-probe-1-0",
    tuple(ProbeBroker(n, 1, 0, 0, problem="0 of 20 in time") for n in range(3)),
)


def ask(check: str, live: Live) -> Result:
    return all_checks()[check].ask(git(), live)


@pytest.mark.parametrize(
    ("gap", "remedy", "other"),
    [
        (DEAD, "--previous", "delete pod"),
        (FROZEN, "delete pod", "force-renew"),
        (LOST, "cannot be reached from here", "delete pod"),
        (EXPIRED, "force-renew", "advertised"),
        (STRANGER, "kafkauser", "advertised"),
    ],
    ids=["dead", "frozen", "lost", "expired", "stranger"],
)
@pytest.mark.parametrize("check", ["brokers-answer", "probe-produces"])
def test_remedy_fits_the_way_in_which_a_broker_fails(
    check: str, gap: Gap, remedy: str, other: str
) -> None:
    """In the probe's words as well as in the broker's own check."""
    kafka = cluster(broker(0), broker(1, problem=gap), broker(2))
    made = Probe("t", (ProbeBroker(1, 1, 0, 0, problem="0 of 20 in time"),))
    result = ask(check, answers(kafka, probe=made))
    (outcome,) = result.outcomes
    assert outcome.subject == "broker 1"
    assert gap.reason in outcome.message
    assert remedy in result.remedy
    assert other not in result.remedy


@pytest.mark.parametrize(
    ("each", "said", "remedy"),
    [
        (LogDir(1, "/data", 2**30, 2**10, 0), "its disk is full: /data", "make room before"),
        (LogDir(1, "/data", -1, -1, 0, "KAFKA_STORAGE_ERROR"), "/data is offline", "df -h"),
    ],
    ids=["full", "offline"],
)  # fmt: skip
def test_disk_is_blamed_before_the_broker(each: LogDir, said: str, remedy: str) -> None:
    """A restart would not help."""
    made = Probe("t", (ProbeBroker(1, 1, 0, 0, problem="0 of 20 in time"),))
    result = ask("probe-produces", answers(cluster(log_dirs=[each]), probe=made))
    assert result.outcomes[0].message == f"0 of 20 in time; {said}"
    assert remedy in result.remedy
    assert "delete pod" not in result.remedy


@pytest.mark.parametrize("check", ["probe-produces", "probe-consumes", "probe-commits"])
def test_quota_is_blamed_before_the_brokers(check: str) -> None:
    """Once, with its value, and what to do about it."""
    slow = Probe("t", tuple(ProbeBroker(n, 9, 9, 1) for n in range(3)))
    live = answers(cluster(quotas={"<default>": {"producer_byte_rate": 1.0}}),
                   probe=SLOW if check == "probe-produces" else slow)  # fmt: skip
    (outcome,) = ask(check, live).outcomes
    assert "the quota of everybody slows it down: producer_byte_rate 1;" in outcome.message
    assert outcome.fix.startswith("kafka-configs.sh --alter --entity-type users --entity-default"
                                  " --delete-config producer_byte_rate")  # fmt: skip


def test_probe_that_was_not_made_says_what_kept_it() -> None:
    """A quota, or a quorum that is lost."""
    late = Gap(Cause.TIMED_OUT, "no answer")
    live = answers(
        cluster(quotas={"<default>": {"request_percentage": 0.01}}), probe=Probe("t", (), gap=late)
    )
    (outcome,) = ask("probe-produces", live).outcomes
    assert outcome.message.startswith(
        "no probe could be made: the quota of everybody slows it down:"
    )
    lost = answers(gaps={"kafka.quorum": late}, probe=Probe("t", (), gap=late))
    (outcome,) = ask("probe-produces", lost).outcomes
    assert outcome.message.startswith(
        "no probe could be made: nobody could tell who leads the quorum,"
    )


@pytest.mark.parametrize(
    ("quotas", "counts"),
    [
        ({"<default>": 1}, ["<default>"]),
        ({"CN=verify": 2**20, "<default>": 1}, []),
        ({"CN=verify": 1, "<default>": 2**20}, ["CN=verify"]),
        ({"CN=verify/strimzi-verify": 2**20, "CN=verify": 1}, []),
        ({"/strimzi-verify": 1}, ["/strimzi-verify"]),
        ({"/<default>": 1}, ["/<default>"]),
        ({"/other": 1, "CN=other": 1, "ip 192.0.2.1": 1}, []),
        ({"<default>/<default>": 1, "<default>": 2**20}, ["<default>/<default>"]),
    ],
)  # fmt: skip
def test_the_most_specific_quota_counts(quotas: dict[str, float], counts: list[str]) -> None:
    """As brokers look for it."""
    found = {name: {"producer_byte_rate": float(value)} for name, value in quotas.items()}
    kafka: Kafka = cluster(user="CN=verify", quotas=found)
    assert [name for name, _, _ in small_quotas(kafka)] == counts
