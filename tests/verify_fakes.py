"""Fakes for tests of verify's loop: a round that is told what it collected, and a clock that nobody waits for."""

from collections.abc import Callable, Sequence

import pytest

from generator.contract.report import Result
from verify.collect.plan import CollectPlan, Watcher
from verify.desired import Desired
from verify.live.live import Live


class FakeClock:
    """Fakes the module `time`: it goes on only while somebody collects or sleeps."""

    def __init__(self) -> None:
        self.now_s = 1000.0
        self.slept_s: list[float] = []

    def monotonic(self) -> float:
        """The seconds that have gone."""
        return self.now_s

    def sleep(self, seconds: float) -> None:
        """Remember for how long somebody wanted to sleep."""
        self.slept_s.append(round(seconds, 3))
        self.now_s += seconds


class FakeRound:
    """Fakes `verify.collect.round.Round`: each round collects what comes next, the last one for ever."""

    def __init__(
        self, clock: FakeClock, desired: Desired, lives: Sequence[Live], took_s: float
    ) -> None:
        self.clock = clock
        self.desired = desired
        self.lives = lives
        self.took_s = took_s
        self.plans: list[CollectPlan] = []
        self.deadlines: list[float] = []

    def __call__(self, plan: CollectPlan, deadline: float, watcher: Watcher) -> "FakeRound":
        """What `Round(…)` is called with."""
        watcher.collecting("kafka")
        self.plans.append(plan)
        self.deadlines.append(round(deadline - 1000, 3))
        return self

    @property
    def live(self) -> Live:
        """What this round has collected."""
        return self.lives[min(len(self.plans), len(self.lives)) - 1]

    @property
    def is_other_cluster(self) -> bool:
        """These rounds always meet the right one."""
        return False

    def collect(self) -> None:
        """Take as long as a round takes."""
        self.clock.now_s += self.took_s


Rounds = Callable[..., FakeRound]


def fake_rounds(monkeypatch: pytest.MonkeyPatch) -> Rounds:
    """Puts fakes in the place of rounds and of the clock; gives them to look at afterwards."""

    def put(desired: Desired, *lives: Live, took_s: float = 1) -> FakeRound:
        rounds = FakeRound(FakeClock(), desired, lives, took_s)
        monkeypatch.setattr("verify.run.time", rounds.clock)
        monkeypatch.setattr("verify.run.Round", rounds)
        monkeypatch.setattr("verify.collect.round.Round", rounds)
        return rounds

    return put


class Notes:
    """An observer that writes down what it is told."""

    def __init__(self) -> None:
        self.notes: list[str] = []

    def collecting(self, part: str) -> None:
        """Begun."""
        self.notes.append(f"collecting {part}")

    def collected(self, part: str, took_s: float) -> None:
        """Done."""

    def judged(self, results: Sequence[Result]) -> None:
        """Judged."""
        self.notes.append("judged " + ", ".join(f"{each.check} {each.status}" for each in results))

    def waiting(self, round_: int, until_s: float, /) -> None:
        """Not yet."""
        self.notes.append(f"round {round_}, again in {until_s:g} s")
