"""Who had hardly any time for an answer is not accused of giving none."""

import socket
import time
from collections.abc import Iterator

import pytest

from verify.collect.kafka.access import Access, Target
from verify.collect.kafka.listeners import collect
from verify.collect.kafka.retrying_admin import Deadline, in_a_hurry
from verify.collect.kafka.wire import Connection
from verify.collect.probe.flow_steps import Progress, stepping
from verify.live.gap import AMPLE_S, Cause, Gap, NoAnswerError, late
from verify.live.live import FlowStep


@pytest.mark.parametrize(("given_s", "hurried"), [(0.5, True), (AMPLE_S, False)])
def test_late(given_s: float, hurried: bool) -> None:
    """How much time there was is told where it was little."""
    gap = late("no answer in time", given_s).gap

    assert (gap.cause, gap.hurried) == (Cause.TIMED_OUT, hurried)
    assert gap.reason == "no answer in time" + (" (there were 0.5 s)" if hurried else "")


@pytest.fixture
def silent() -> Iterator[str]:
    """An address at which everybody is let in, and nothing is answered."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"127.0.0.1:{server.getsockname()[1]}"


def test_a_question_that_our_own_clock_cut_off(silent: str) -> None:
    """Be it the question's or the round's."""
    host, _, port = silent.rpartition(":")
    for timeout_s, deadline_s in ((0.1, 60.0), (60.0, 0.1)):
        with pytest.raises(NoAnswerError) as raised:
            Connection(
                host, int(port), Access((), timeout_s=timeout_s), time.monotonic() + deadline_s
            )
        assert raised.value.gap.hurried
        assert raised.value.gap.cause is Cause.TIMED_OUT


def test_a_listener_that_our_own_clock_cut_off(silent: str) -> None:
    """Its handshake may only be slow."""
    target = Target("tls", silent, tls=True, authentication="")
    (found,) = collect([target], 0.1, time.monotonic() + 60, {}, {})

    assert found.problem is not None
    assert found.problem.hurried


def test_work_that_had_hardly_any_time() -> None:
    """Not to reach anybody in it, or not to come to an end, is no failure; to be refused is one."""
    gone, refused = Gap(Cause.UNREACHABLE, "gone"), Gap(Cause.REFUSED, "no")
    assert in_a_hurry(gone, 4) == Gap(Cause.TIMED_OUT, "gone: it had 4 s, and needs up to 10")
    assert in_a_hurry(gone, 60) == gone
    assert in_a_hurry(refused, 4) == refused


@pytest.mark.parametrize(("seconds", "cause"), [(-1.0, Cause.TIMED_OUT), (60.0, None)])
def test_a_step_that_had_hardly_any_time(seconds: float, cause: Cause | None) -> None:
    """What it missed may have come later."""

    def work(progress: Progress) -> FlowStep:
        return progress.failed("3 of 12 records were read")

    found = stepping(work, Deadline(time.monotonic() + seconds))
    assert (found.gap.cause if found.gap else None) is cause
