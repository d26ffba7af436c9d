"""What holds for every check: it was seen passing and failing, and gaps never make it pass."""

import pytest
from checks.conftest import Seen
from checks.kafka_answers import git

from generator.contract.report import Status
from verify.checks.registry import ORDER, Check, all_checks
from verify.live.live import Cause, Gap, Kafka, Kubernetes, Live

CHECKS = list(all_checks().values())


def _names(check: Check) -> str:
    return check.name


@pytest.mark.parametrize("check", CHECKS, ids=_names)
@pytest.mark.parametrize("cause", Cause)
def test_a_single_gap_never_passes(check: Check, cause: Cause) -> None:
    """What nobody asked for is skipped, the rest is unknown, and late only where the time was up."""
    for need in check.needs:
        result = check.ask(git(), Live("dev", 0, gaps={need: Gap(cause, "why")}))

        (outcome,) = result.outcomes
        expected = Status.SKIP if cause is Cause.NOT_ASKED else Status.UNKNOWN
        assert (outcome.status, outcome.message) == (expected, "why")
        assert outcome.timed_out is (cause is Cause.TIMED_OUT)
        assert result.remedy == ""


@pytest.mark.parametrize("check", CHECKS, ids=_names)
def test_nothing_collected_never_passes(check: Check) -> None:
    """A dump that somebody cut short has no gap that would say so."""
    assert check.ask(git(), Live("dev", 0)).status in (Status.SKIP, Status.UNKNOWN)


def test_two_gaps_are_told_both() -> None:
    """And unknown is worse than skipped."""
    gaps = {"kafka.topics": Gap(Cause.NOT_ASKED, "a"), "kafka.configs": Gap(Cause.REFUSED, "b")}
    result = all_checks()["topics-config"].ask(git(), Live("dev", 0, gaps=gaps))

    assert [(each.status, each.message) for each in result.outcomes] == [
        (Status.SKIP, "a"),
        (Status.UNKNOWN, "b"),
    ]
    assert result.status is Status.UNKNOWN


@pytest.mark.parametrize("check", CHECKS, ids=_names)
def test_needs_are_parts_of_what_is_collected(check: Check) -> None:
    """A part of Live, a part of that, or a kind of objects; anything else would never be a gap."""
    parts = {"kafka": Kafka, "kubernetes": Kubernetes}
    assert check.needs
    for need in check.needs:
        part, _, rest = need.partition(".")
        assert part in Live.__struct_fields__
        assert part not in ("environment", "gaps", "version", "taken_at_s", "before")
        name = rest.partition(".")[0]
        is_kind = part == "kubernetes" and name[:1].isupper()
        assert not name or is_kind or name in parts[part].__struct_fields__


def test_every_group_has_its_place() -> None:
    """And there is no place without a group."""
    assert {check.group for check in CHECKS} == set(ORDER)
    assert len(ORDER) == len(set(ORDER))


@pytest.mark.parametrize("check", CHECKS, ids=_names)
def test_check_was_seen_passing_and_failing(check: Check, seen: Seen) -> None:
    """In the tests beside this one: its worst, nothing worse than that, and that it passes."""
    statuses = seen.get(check.name, set())

    assert {Status.PASS, check.severity} <= statuses
    worse = Status.FAIL if check.severity is Status.WARN else None
    assert worse not in statuses
