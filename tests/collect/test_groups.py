"""Groups whose coordinator has just changed are told once it has loaded them."""

import time
from types import SimpleNamespace
from typing import Any, cast

import pytest

from verify.collect.kafka import groups as subject
from verify.collect.kafka.wire import LOADING, Connection, refuse
from verify.live.gap import NoAnswerError
from verify.live.live import Cause


class _Coordinator:
    """One that is still loading for some answers."""

    def __init__(self, loading: int) -> None:
        self.asked, self._loading = 0, loading
        self.deadline = 1e12

    def ask(self, _request: object, **_: int) -> Any:
        self.asked += 1
        code = LOADING if self.asked <= self._loading else 0
        return SimpleNamespace(error_code=code, groups=[])


@pytest.fixture(autouse=True)
def no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits."""
    monkeypatch.setattr(time, "sleep", lambda _: None)


def test_a_coordinator_gets_time_to_load() -> None:
    """As after a restart, or when another broker begins to lead the partition of the offsets."""
    coordinator = _Coordinator(3)
    assert subject.groups(cast("Connection", coordinator), 1) == {}
    assert coordinator.asked == 4


def test_but_not_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    """Then it is a matter of time, not of rights."""
    monkeypatch.setattr(subject, "_LOADING_S", 0)
    with pytest.raises(NoAnswerError) as told:
        subject.groups(cast("Connection", _Coordinator(9)), 1)
    assert told.value.gap.cause is Cause.TIMED_OUT
    assert "ACL" not in told.value.gap.reason


def test_who_may_not_is_told_the_right() -> None:
    """GROUP_AUTHORIZATION_FAILED."""
    with pytest.raises(NoAnswerError, match="ACL: Describe Group"):
        refuse(30, None, "listing groups (ACL: Describe Group)")
