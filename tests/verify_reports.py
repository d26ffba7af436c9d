"""Reports worth looking at: a bit of everything, hostile names, and a very large cluster."""

from pathlib import Path

from generator.contract.report import Outcome, Result, fail, ok, skip, unknown, warn
from verify.live.live import (
    Cause,
    Gap,
    Group,
    GroupOffset,
    Kafka,
    Live,
    LiveBroker,
    LiveTopic,
    LogDir,
    Partition,
    Probe,
    ProbeBroker,
)
from verify.report.formats import FORMATS
from verify.report.report import Report, exit_code_of

TAKEN_S = 1_795_271_715.0
HOSTILE = (
    """</script><script>alert("1")</script><img src=x onerror='alert(2)'>\x1b[31m\n|`@you\u202e"""
)
"""What a stranger may name a topic or a group."""
LONG = "a.name.as.long.as.kafka.takes.it" + "x" * 217

RESULTS = (
    Result("cluster-id", "identity", "The cluster is the one that Git means.", (ok("id abc123"),)),
    Result("reconciled", "resources", "Operators have done what Git says."),
    Result("topics-exist", "topics", "Every topic exists.",
           (*(fail("is missing", f"orders.{number}") for number in range(12)), ok("exists", "payments")),
           "look at what the Topic Operator says: `kubectl -n kafka-prod get kafkatopics`"),
    Result("topic-config", "topics", "Topics have the settings that Git says.",
           (warn("retention.ms is 86400000, Git says 604800000", "invoices"),),
           "kubectl -n kafka-prod describe kafkatopic invoices; then merge or revert"),
    Result("group-lag", "groups", "No group falls behind.",
           (unknown("no answer within 8 s", "billing", timed_out=True),),
           "run strimzi-verify again with a longer --timeout"),
    Result("flow", "flow", "Transactions work.", (skip("nobody asked: --flow"),)),
)  # fmt: skip


def report(
    results: tuple[Result, ...] = RESULTS, *, live: Live | None = None, strict: bool = False,
    environment: str = "prod",
) -> Report:  # fmt: skip
    """A report of an environment prod."""
    code = exit_code_of(results, strict=strict)
    return Report(environment, "kafka-prod", "events", results, code, TAKEN_S, 12.34, 2,
                  "abc123", "https://10.0.0.1:6443", "prod-admin", live=live)  # fmt: skip


def one(*outcomes: Outcome, check: str = "topics-exist", remedy: str = "") -> Result:
    """A check with these outcomes."""
    return Result(check, "topics", "Every topic exists.", outcomes, remedy)


def live(
    brokers: int = 3, topics: int = 40, groups: int = 20, name: str = "team-{}.orders"
) -> Live:
    """What was collected of a cluster that works, and whose third broker leads little."""
    placed = {
        name.format(number): LiveTopic(f"id{number}", False, tuple(
            Partition((number + part) % max(1, brokers - 1),
                      tuple((number + part + replica) % brokers for replica in range(min(3, brokers))),
                      tuple((number + part + replica) % brokers for replica in range(min(3, brokers))))
            for part in range(6)
        ))
        for number in range(topics)
    }  # fmt: skip
    kafka = Kafka(
        "abc123",
        "events:9093",
        brokers={each: LiveBroker(each, f"b{each}", 9092) for each in range(brokers)},
        topics=placed,
        log_dirs=[
            LogDir(each, "/var/lib/kafka/data-0/kafka-log0", 100 * 2**30, (80 - 25 * (each % 3)) * 2**30,
                   (15 + 20 * (each % 3)) * 2**30)
            for each in range(brokers)
        ],
        groups={
            f"{name.format(number)}-group": Group(
                "stable", members=2, window_s=10,
                first={"a-0": GroupOffset(0, number * 97)},
                last={"a-0": GroupOffset(0, number * (120 if number % 2 else 40))},
            )
            for number in range(groups)
        },
    )  # fmt: skip
    return Live("prod", TAKEN_S, kafka=kafka, probe=Probe("strimzi-verify", tuple(
        ProbeBroker(each, 100, 100, 100,
                    produce_ms=tuple(1.5 + each + step * step / 900 for step in range(100)),
                    end_to_end_ms=tuple(3 + each * 2 + step * step / 400 for step in range(100)))
        for each in range(brokers)
    )))  # fmt: skip


def blind() -> Live:
    """What was collected where Kafka could not be reached."""
    gap = Gap(Cause.UNREACHABLE, "events:9093: connection refused")
    return Live("prod", TAKEN_S, gaps={"kafka": gap, "probe": gap})


def hostile() -> Report:
    """A report in which everything that strangers name is an attack."""
    results = tuple(
        Result(
            f"{HOSTILE}{make.__name__}",
            "topics",
            HOSTILE,
            (make(HOSTILE, HOSTILE), make(HOSTILE)),
            HOSTILE,
        )
        for make in (fail, warn, unknown, skip, ok)
    )
    return report(results, live=live(groups=3, topics=3, name="{}" + HOSTILE), environment=HOSTILE)


def tame(told: Report) -> Report:
    """The same report of a cluster where nobody does harm."""
    results = tuple(
        Result(
            f"a{number}",
            "topics",
            "b",
            tuple(Outcome(o.status, "m", o.subject and "s") for o in each.outcomes),
            "c",
        )
        for number, each in enumerate(told.results)
    )
    return report(results)


def huge() -> Report:
    """5,000 topics, each wrong in ten checks, on 60 brokers."""
    results = tuple(
        Result(f"check-{number}", "topics", "All is well.",
               tuple(fail(f"partitions: {topic}, Git says 6" + "!" * 300, f"{LONG[:200]}{topic}") for topic in range(5000)),
               "kubectl get kafkatopics")
        for number in range(10)
    )  # fmt: skip
    return report(results, live=live(60, 5000, 5000))


def page(shown: Report, folder: Path) -> Path:
    """The file with a report's page."""
    file = folder / "report.html"
    file.write_text(FORMATS["html"](shown), encoding="utf-8")
    return file
