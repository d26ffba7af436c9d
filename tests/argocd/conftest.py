"""Fixtures of the tests that ask Argo CD itself: one of it, and a repository that it follows."""

from collections.abc import Generator, Iterator
from typing import Any

import pytest
from argocd.argo_cd import ArgoCd
from argocd.audit import Audit
from argocd.stand_in import StandIn
from live.controllers import Controllers
from live.jars import MissingError
from live.kubernetes_server import KubernetesServer


@pytest.fixture(scope="session")
def audit(tmp_path_factory: pytest.TempPathFactory) -> Audit:
    """What the API server was asked to change."""
    return Audit(tmp_path_factory.mktemp("audit") / "log")


@pytest.fixture(scope="session")
def argo_cd(tmp_path_factory: pytest.TempPathFactory, audit: Audit) -> Iterator[ArgoCd]:
    """Argo CD beside an API server that knows the definitions of all that is rendered."""
    folder = tmp_path_factory.mktemp("argocd")
    try:
        kubernetes = KubernetesServer(folder / "kubernetes", audit.options)
        controllers = Controllers(kubernetes, folder)
        argo_cd = ArgoCd(kubernetes, folder / "argocd")
    except MissingError as error:
        pytest.skip(f"no Argo CD to start: {error}")
    with kubernetes:
        kubernetes.install_crds()
        with controllers, argo_cd:
            yield argo_cd


@pytest.fixture(scope="session")
def kubernetes(argo_cd: ArgoCd) -> KubernetesServer:
    """The API server beside Argo CD."""
    return argo_cd.kubernetes


@pytest.fixture(scope="session")
def hand(kubernetes: KubernetesServer) -> Iterator[StandIn]:
    """Who writes statuses: no operator runs here."""
    with StandIn(kubernetes) as hand:
        yield hand


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A failed test shows what Argo CD said last."""
    report = yield
    fixtures: dict[str, Any] = getattr(item, "funcargs", {})
    if report.failed and "argo_cd" in fixtures:
        report.sections.append(("Argo CD's log", fixtures["argo_cd"].log_tail()))
    return report
