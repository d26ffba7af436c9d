"""What was not looked at is a section of its own, each reason once with all that it is about."""

from checks.kafka_answers import answers, git
from checks.kubernetes_objects import body
from verify_reports import one

from generator.contract.report import Result, fail, ok, skip
from generator.contract.settings import GroupLimits, Latency
from verify.desired import Desired
from verify.live.live import Cause, Gap, ListenerAnswer
from verify.report.document import as_data
from verify.report.report import report_of
from verify.report.text import text
from verify.report.unseen import unseen_of

NOT_SHOWN = "the API server does not show them to us: a Role or ClusterRole must grant get and list"


def with_listeners(*names: str) -> Desired:
    """Git with these listeners."""
    listeners = [{"name": name, "port": 9092} for name in names]
    return Desired("dev", (body("Kafka", "events", spec={"kafka": {"listeners": listeners}}),))


def test_skipped_checks_stand_below_their_reason() -> None:
    """However many there are, and with what they are about."""
    skipped = [one(skip("nobody asked"), check=f"c{number:02}") for number in range(12)]
    mixed = one(ok("1 group"), skip("not watched", "billing"), check="groups-progress")
    report = report_of(git(), answers(), [*skipped, mixed, one(fail("x"), check="wrong")])

    assert text(report).splitlines()[5:12] == [
        "not looked at",
        "  nobody asked",
        "      12: c00, c01, c02, c03, c04, c05, c06, c07, c08, c09 … and 2 more",
        "  not watched",
        "      groups-progress (billing)",
        "",
        "dev: 14 checks: 13 skip, 1 fail: unhealthy (exit 5)",
    ]
    assert as_data(report)["not_looked_at"][1] == {
        "reason": "not watched",
        "what": ("groups-progress (billing)",),
    }


def test_kinds_that_nobody_may_read_are_one_line() -> None:
    """Whatever the API server said of each; of Kafka it stands there which right is missing."""
    refused = {
        f"kubernetes.{kind}": Gap(Cause.REFUSED, f"{kind} is forbidden")
        for kind in ("Secret", "Event")
    }
    acls = Gap(Cause.REFUSED, "describing ACLs (ACL: Describe Cluster): refused")
    late = {"kubernetes.Pod": Gap(Cause.TIMED_OUT, "no answer in time")}
    live = answers(gaps={**refused, **late, "kafka.acls": acls})

    assert unseen_of((), live, None) == (
        (acls.reason, ("acls",)),
        (NOT_SHOWN, ("Event", "Secret")),
    )


def test_listeners_that_nobody_came_to() -> None:
    """Only where listeners were asked at all."""
    met = ListenerAnswer("tls", "b0:9093", tls=True)
    live = answers(listeners=(met,))
    checked = one(ok("1 address"), check="listeners-reachable")
    checked = type(checked)(checked.check, "listeners", checked.title, checked.outcomes)
    desired = with_listeners("external", "plain", "tls")

    assert unseen_of((checked,), live, desired) == (
        ("clients come in here, too, and we did not", ("listener external", "listener plain")),
    )
    assert unseen_of((), live, desired) == ()
    blind = answers(gaps={"listeners": Gap(Cause.NOT_ASKED, "none")})
    assert unseen_of((checked,), blind, desired) == ()


def test_limits_that_nobody_set() -> None:
    """Of groups that applications consume with, and of the probe's latency."""
    groups = one(ok("1 group"), check="groups-limits")
    results = tuple(
        type(groups)(each, each, groups.title, groups.outcomes) for each in ("groups", "probe")
    )
    consumes = {"billing": ("orders",), "mail": ("orders",)}
    some = git(consumes=consumes, groups={"billing": GroupLimits(max_lag=1)})
    every = git(
        consumes=consumes,
        groups={name: GroupLimits(max_lag=1) for name in consumes},
        latency=Latency(5),
    )

    assert unseen_of(results, answers(), some) == (
        ("no lag is too much: verify.groups.NAME.maxLag or maxLagTime is not set", ("mail",)),
        ("only what is usual is known: verify.latency.p99 is not set", ("latency of the probe",)),
    )
    assert unseen_of(results, answers(), every) == ()


def test_what_nobody_can_see_from_outside() -> None:
    """It is told where its group of checks was asked, and not where it was not."""
    checked = Result("transactions-end", "transactions", "healthy", ())
    (told,) = unseen_of((checked,), answers(), git())

    assert told.what == ("producers whose transactional id somebody took over",)
    assert told.reason.startswith("no broker tells of it")
