"""Fixtures of the tests that ask Argo CD itself: one of it, and a repository that it follows."""

from collections.abc import Generator, Iterator
from typing import Any

import pytest
from argocd.argo_cd import ArgoCd
from argocd.audit import Audit
from argocd.program import programs
from argocd.repository import Repository
from argocd.site import Site
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
        programs()
        kubernetes = KubernetesServer(folder / "kubernetes", audit.options)
        controllers = Controllers(kubernetes, folder)
        # A hand is there at once.
        argo_cd = ArgoCd(kubernetes, folder / "argocd", wave_delay_s=0)
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


@pytest.fixture(scope="session")
def site(
    argo_cd: ArgoCd, audit: Audit, hand: StandIn, tmp_path_factory: pytest.TempPathFactory
) -> Site:
    """The shipped environments as Argo CD has brought them from nothing; tests add to them."""
    repository = Repository(tmp_path_factory.mktemp("git") / "repository")
    site = Site(argo_cd, audit, hand, repository)
    site.bring()
    return site


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A failed test shows what Argo CD said last."""
    report = yield
    fixtures: dict[str, Any] = getattr(item, "funcargs", {})
    if report.failed and "site" in fixtures:
        report.sections.append(("Argo CD's log", fixtures["site"].argo_cd.log_tail()))
    return report
