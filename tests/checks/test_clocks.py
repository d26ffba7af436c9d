"""Clocks show the same time, or it is told whose does not."""

from typing import Any

import pytest
from checks.kafka_answers import answers, cluster, git, said

from verify.live.live import Kubernetes, Live, Probe, ProbeBroker, Quorum

HOUR_S = 3600.0


def seen(leader: float | None, *brokers: float | None, api: float | None = None) -> Live:
    """How far clocks are ahead: that of node 0, which leads the quorum, of brokers, and of the API."""
    lanes = tuple(ProbeBroker(n, 20, 20, 20, ahead_s=each) for n, each in enumerate(brokers))
    more: dict[str, Any] = {"probe": Probe("probe", lanes)} if lanes else {}
    found = answers(cluster(quorum=Quorum(0, 7, 50, (), ahead_s=leader)), **more)
    if api is not None:
        found.kubernetes = Kubernetes("https://a", "kafka-dev", ahead_s=api)
    return found


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (seen(0.2, 29.9, -0.5, -29.9, api=1), ["pass: 4 clocks"]),
        (seen(None, None), ["skip: nobody told the time"]),
        (answers(), ["skip: nobody told the time"]),
        (seen(0, 0, 0, -2 * HOUR_S), ["warn node 2: its clock is 2 hours behind the one here"]),
        (seen(45), ["warn: the clock here is 45 seconds behind those of node 0"]),
        (seen(-26 * HOUR_S, -26 * HOUR_S, api=-26 * HOUR_S),
         ["warn: the clock here is 26 hours ahead of those of the Kubernetes API, node 0"]),
        (seen(0, HOUR_S, -HOUR_S),
         ["warn node 0: its clock is 60 minutes ahead of the one here",
          "warn node 1: its clock is 60 minutes behind the one here"]),
        (seen(HOUR_S, HOUR_S, -HOUR_S),
         ["warn node 0: its clock is 60 minutes ahead of the one here",
          "warn node 1: its clock is 60 minutes behind the one here"]),
    ],
    ids=["alike", "unknown", "no quorum", "one", "here", "here and all", "two", "all, and not alike"],
)  # fmt: skip
def test_clocks(found: Live, expected: list[str]) -> None:
    """Where all others agree, ours is the one that is wrong."""
    assert said("clocks-agree", git(), found) == expected
