"""An Application that goes to another namespace: what moves, and what becomes of what was there."""

from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from argocd.argo_cd import NAMESPACE, ArgoCd
from argocd.repository import Repository
from operators.intent import said
from operators.table import told

pytestmark = [pytest.mark.live, pytest.mark.operators]

_CONFIG_MAP = "{apiVersion: v1, kind: ConfigMap, metadata: {name: NAME}, data: {a: b}}\n"
_ANYTHING = [{"group": "*", "kind": "*"}]
_PLACES = ("here", "there")


def _body(kind: str, spec: Any) -> Any:
    wave = {"argocd.argoproj.io/sync-wave": "-1" if kind == "AppProject" else "0"}
    metadata = {"name": "plain", "namespace": NAMESPACE, "annotations": wave}
    return {"apiVersion": "argoproj.io/v1alpha1", "kind": kind, "metadata": metadata, "spec": spec}


def test_what_says_no_namespace_moves_and_the_rest_stays(argo_cd: ArgoCd, tmp_path: Path) -> None:
    """What moves is made anew, and pruned where it was."""
    repository = Repository(tmp_path / "repository")
    repository.write("plain/anywhere.yaml", _CONFIG_MAP.replace("NAME", "anywhere"))
    repository.write("plain/fixed.yaml", _CONFIG_MAP.replace("NAME", "fixed, namespace: here"))
    revision = repository.commit()
    project = {"sourceRepos": ["*"], "destinations": [{"namespace": "*", "server": "*"}],
               "clusterResourceWhitelist": _ANYTHING}  # fmt: skip
    application = _body("Application", {
        "project": "plain",
        "destination": {"server": "https://kubernetes.default.svc", "namespace": "here"},
        "source": {"repoURL": repository.url, "path": "plain", "targetRevision": "main"},
        "syncPolicy": {"automated": {"prune": True, "selfHeal": True}},
    })  # fmt: skip
    argo_cd.kubernetes.apply(
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}} for name in _PLACES
    )
    argo_cd.follow([_body("AppProject", project), application])
    argo_cd.until_synced("plain", revision)
    moved = deepcopy(application)
    moved["spec"]["destination"]["namespace"] = "there"

    assert (
        "data-loss: what says no namespace is made anew in the other one, and pruned where it was"
        in said(told({"Application/plain": application}, {"Application/plain": moved}))
    )
    argo_cd.follow([moved])
    argo_cd.until(lambda: argo_cd.is_there("ConfigMap", "anywhere", "there"), "make it anew")
    argo_cd.until(lambda: not argo_cd.is_there("ConfigMap", "anywhere", "here"), "prune it")
    assert argo_cd.is_there("ConfigMap", "fixed", "here")
    assert not argo_cd.is_there("ConfigMap", "fixed", "there")
    argo_cd.forget("plain")
