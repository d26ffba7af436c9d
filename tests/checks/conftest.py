"""What checks say while their tests run is written down, so that a test can tell what was never seen."""

from collections import Counter
from collections.abc import Iterable

import pytest

from generator.contract.report import Result, Status
from verify.checks.registry import Check
from verify.desired import Desired
from verify.live.live import Live

LAST = "test_every_check.py"
"""Looks at what all the others have seen."""

Seen = dict[str, set[Status]]

_SEEN = pytest.StashKey[Seen]()
_COLLECTED = pytest.StashKey[int]()
_ask = Check.ask


def _of_checks(items: Iterable[pytest.Item]) -> int:
    """How many tests of checks there are among these."""
    return sum(item.path.parent.name == "checks" for item in items)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """The test that looks at all others runs after them."""
    config.stash[_COLLECTED] = _of_checks(items)
    items.sort(key=lambda item: item.path.name == LAST)


@pytest.fixture(autouse=True)
def _written_down(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    """Every answer of a check is asked for as ever, and remembered by the worst it says."""
    seen = request.config.stash.setdefault(_SEEN, {})

    def ask(check: Check, desired: Desired, live: Live) -> Result:
        result = _ask(check, desired, live)
        seen.setdefault(check.name, set()).add(result.status)
        return result

    monkeypatch.setattr(Check, "ask", ask)


@pytest.fixture
def seen(request: pytest.FixtureRequest) -> Seen:
    """What all checks have said in this run, by name; skipped where not all of their tests ran."""
    session = request.session
    here = Counter(item.path for item in session.items if item.path.parent.name == "checks")
    whole = set(request.path.parent.glob("test_*.py")) == set(here)
    if not whole or _of_checks(session.items) != request.config.stash[_COLLECTED]:
        pytest.skip("only some tests of checks were asked for")
    return request.config.stash[_SEEN]
