"""The operator's Application beside those of environments, from nothing: Argo CD, Helm, and the chart itself.

The chart comes from where the intent says, or from a repository of charts that STRIMZI_GITOPS_TEST_CHARTS names.
"""

import os
import shutil
from collections.abc import Iterator
from typing import Any
from urllib.request import urlopen

import pytest
from argocd.argo_cd import NAMESPACE, ArgoCd
from argocd.repository import Repository
from live.controllers import Controllers
from live.jars import MissingError
from live.kubernetes_server import KubernetesServer

pytestmark = [pytest.mark.live, pytest.mark.operators, pytest.mark.lot]

_CHARTS = "https://strimzi.io/charts/"
_OPERATOR = "strimzi-operator-dev"
_ENVIRONMENTS = ("kafka-dev", "kafka-staging")
_HEALTH = """\
health = {status = "Progressing", message = ""}
if obj.status ~= nil and obj.status.health ~= nil then
  health.status = obj.status.health.status
end
return health
"""
"""As Argo CD's documentation has it for who syncs Applications by waves ("Health assessment of Applications")."""


@pytest.fixture(scope="module")
def charts() -> str:
    """Where the charts are."""
    charts = os.environ.get("STRIMZI_GITOPS_TEST_CHARTS", _CHARTS)
    try:
        with urlopen(f"{charts.rstrip('/')}/index.yaml", timeout=20):  # noqa: S310 (a URL of ours)
            return charts
    except OSError as error:
        pytest.skip(f"no charts at {charts}: {error}")


@pytest.fixture(scope="module")
def argo_cd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ArgoCd]:
    """Argo CD with Helm, where nobody has installed anything of Strimzi."""
    if not shutil.which("helm"):
        pytest.skip("helm is not installed")
    folder = tmp_path_factory.mktemp("operator")
    try:
        kubernetes = KubernetesServer(folder / "kubernetes")
        argo_cd = ArgoCd(kubernetes, folder / "argocd")
        controllers = Controllers(kubernetes, folder)
    except MissingError as error:
        pytest.skip(f"no Argo CD to start: {error}")
    with kubernetes:
        kubernetes.install_crds(but="strimzi")
        with controllers, argo_cd:
            yield argo_cd


@pytest.fixture(scope="module")
def repository(charts: str, tmp_path_factory: pytest.TempPathFactory) -> Repository:
    """The shipped environments, with charts from there."""
    repository = Repository(tmp_path_factory.mktemp("git") / "repository")
    repository.take()
    repository.edit("environments/base/strimzi.yaml", _CHARTS, charts)
    repository.render()
    repository.commit()
    return repository


def _body(kind: str, wave: int, spec: Any) -> Any:
    metadata = {"name": "all", "namespace": NAMESPACE,
                "annotations": {"argocd.argoproj.io/sync-wave": str(wave)}}  # fmt: skip
    return {"apiVersion": "argoproj.io/v1alpha1", "kind": kind, "metadata": metadata, "spec": spec}


def _phase(argo_cd: ArgoCd, name: str) -> str:
    state = (argo_cd.application(name).get("status") or {}).get("operationState") or {}
    return str(state.get("phase"))


def test_operator_and_environments_wait_for_no_other(
    argo_cd: ArgoCd, repository: Repository
) -> None:
    """A parent that asks for the health of its Applications brings them all, and the operator comes to rest."""
    health = {"data": {"resource.customizations.health.argoproj.io_Application": _HEALTH}}
    path = argo_cd.kubernetes.path("ConfigMap", "argocd-cm", NAMESPACE)
    argo_cd.kubernetes.admin.request("PATCH", path, health, "application/merge-patch+json")
    project = {"sourceRepos": ["*"], "destinations": [{"namespace": "*", "server": "*"}],
               "clusterResourceWhitelist": [{"group": "*", "kind": "*"}]}  # fmt: skip
    source = {"repoURL": repository.url, "path": "rendered/argocd", "targetRevision": "main",
              "directory": {"include": "{*-dev.yaml,*-staging.yaml}"}}  # fmt: skip
    destination = {"server": "https://kubernetes.default.svc", "namespace": NAMESPACE}
    parent = {"project": "all", "source": source, "destination": destination,
              "syncPolicy": {"automated": {}}}  # fmt: skip
    argo_cd.follow([_body("AppProject", -1, project), _body("Application", 0, parent)])

    argo_cd.until(lambda: _phase(argo_cd, _OPERATOR) == "Succeeded", "bring the operator")
    argo_cd.until(
        lambda: all(argo_cd.is_there("Kafka", "events", name) for name in _ENVIRONMENTS),
        "bring the environments",
    )
    argo_cd.refresh(_OPERATOR)
    argo_cd.until(lambda: argo_cd.sync_of(_OPERATOR) == "Synced", "call the operator in sync")
    status = argo_cd.application(_OPERATOR)["status"]
    assert [each for each in status["resources"] if each["status"] != "Synced"] == []
    assert argo_cd.is_there("PodDisruptionBudget", "strimzi-cluster-operator-pdb", "strimzi-system")
