"""A healthy cluster is healthy whatever else goes on: nothing fails, run after run.

pytest -m "live and not lot" tests/live/test_healthy.py     three runs of each
pytest -m "live and lot" tests/live/test_healthy.py         twenty runs
"""

from contextlib import closing
from itertools import islice
from pathlib import Path

import pytest
from live.circumstances import (
    Runs,
    after_elections,
    during_rolls,
    scaling_up,
    slow_api,
    small_timeouts,
    under_load,
)
from live.kafka import Kafka
from live.kubernetes_server import KubernetesServer
from live.statuses import as_operators, deploy

from generator.common.exit_codes import ExitCode
from generator.contract.report import Status

pytestmark = pytest.mark.live

_FINE: dict[Runs, set[ExitCode]] = {
    small_timeouts: {ExitCode.FINE, ExitCode.TIMED_OUT},
    during_rolls: {ExitCode.FINE, ExitCode.TIMED_OUT, ExitCode.UNREACHABLE},
}
"""How runs may end where not everything can be found out."""


@pytest.fixture(scope="module")
def environment(kubernetes: KubernetesServer, staging: Kafka) -> Kafka:
    """To which nothing is wrong."""
    deploy(kubernetes, "staging")
    as_operators(kubernetes, "staging", staging)
    return staging


@pytest.mark.parametrize("runs", [3, pytest.param(20, marks=pytest.mark.lot)])
@pytest.mark.parametrize(
    "circumstance",
    [under_load, slow_api, small_timeouts, after_elections, during_rolls, scaling_up],
    ids=lambda each: each.__name__,
)
def test_healthy(
    environment: Kafka, kubernetes: KubernetesServer, tmp_path: Path, circumstance: Runs, runs: int
) -> None:
    """No check fails; what could not be found out is told as that."""
    fine = _FINE.get(circumstance, {ExitCode.FINE})
    with closing(circumstance(environment, kubernetes, tmp_path)) as verdicts:
        for number, found in enumerate(islice(verdicts, runs), 1):
            failed = {
                each.check: found.said(each.check)
                for each in found.report.results
                if each.status is Status.FAIL
            }
            said = {check: found.said(check) for check in found.unknown}
            assert failed == {}, f"run {number}"
            assert found.report.exit_code in fine, f"run {number}: {said}"
