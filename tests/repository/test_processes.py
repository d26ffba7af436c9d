"""How many processes tests run in, and what stays together in one."""

from pathlib import Path
from types import SimpleNamespace

import pytest

TESTS = Path(__file__).parents[1]


def _workers(config: pytest.Config, *args: str, **options: object) -> object:
    """What `-n auto` comes to; None is as many as there are cores."""
    said = SimpleNamespace(**{"markexpr": "not live", **options})
    told = config.hook.pytest_xdist_auto_num_workers.get_hookimpls()
    (ours,) = (each for each in told if each.plugin_name.endswith("tests/conftest.py"))
    return ours.function(
        SimpleNamespace(option=said, args=args or [str(TESTS)], getoption=options.get)
    )


def test_a_whole_quick_run_uses_all_cores(pytestconfig: pytest.Config) -> None:
    """And so does a folder of it."""
    assert _workers(pytestconfig) is None
    assert _workers(pytestconfig, str(TESTS / "checks")) is None


@pytest.mark.parametrize(
    "options", [{"markexpr": "live"}, {"keyword": "x"}, {"update_golden": True}, {"lf": True}]
)
def test_other_runs_are_one_process(
    pytestconfig: pytest.Config, options: dict[str, object]
) -> None:
    """Live tests share servers, and the rest is over sooner than workers have started."""
    assert _workers(pytestconfig, **options) == 0
    assert _workers(pytestconfig, f"{__file__}::test_x") == 0


def test_what_shares_a_process_is_dealt_out_as_one(pytestconfig: pytest.Config) -> None:
    """The folders whose tests need each other; otherwise every file by itself."""
    impls = pytestconfig.hook.pytest_xdist_make_scheduler.get_hookimpls()
    (ours,) = (each for each in impls if each.plugin_name.endswith("tests/conftest.py"))
    scope = ours.function.__globals__["_Scheduling"]._split_scope

    assert scope(None, "tests/checks/test_a.py::test_x[a/b]") == "tests/checks"
    assert scope(None, "tests/checks/test_b.py::test_y") == "tests/checks"
    assert scope(None, "tests/test_a.py::test_x[a::b]") == "tests/test_a.py"
