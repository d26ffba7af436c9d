"""An Application with a second source, as the operator's has while Git says what Kubernetes stores."""

from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from argocd.argo_cd import NAMESPACE, ArgoCd
from argocd.repository import Repository

pytestmark = [pytest.mark.live, pytest.mark.operators]

_CONFIG_MAP = "{apiVersion: v1, kind: ConfigMap, metadata: {name: NAME}, data: {from: FROM}}\n"


def _body(kind: str, spec: Any) -> Any:
    wave = {"argocd.argoproj.io/sync-wave": "-1" if kind == "AppProject" else "0"}
    metadata = {"name": "sources", "namespace": NAMESPACE, "annotations": wave}
    return {"apiVersion": "argoproj.io/v1alpha1", "kind": kind, "metadata": metadata, "spec": spec}


def test_the_last_source_wins_and_nothing_is_pruned(argo_cd: ArgoCd, tmp_path: Path) -> None:
    """Its object counts while it is a source, the chart's before and after; neither is ever gone."""
    repository = Repository(tmp_path / "repository")
    for folder in ("chart", "definitions"):
        text = _CONFIG_MAP.replace("NAME", "both").replace("FROM", folder)
        repository.write(f"{folder}/both.yaml", text)
    repository.write(
        "chart/alone.yaml", _CONFIG_MAP.replace("NAME", "alone").replace("FROM", "chart")
    )
    revision = repository.commit()
    sources = [
        {"repoURL": repository.url, "path": folder, "targetRevision": "main"}
        for folder in ("chart", "definitions")
    ]
    project = {"sourceRepos": ["*"], "destinations": [{"namespace": "*", "server": "*"}]}
    one = _body("Application", {
        "project": "sources",
        "destination": {"server": "https://kubernetes.default.svc", "namespace": "sources"},
        "source": sources[0],
        "syncPolicy": {"automated": {"prune": True, "selfHeal": True}},
    })  # fmt: skip
    two = deepcopy(one)
    two["spec"]["sources"] = sources
    del two["spec"]["source"]

    def comes_from() -> str:
        body = argo_cd.kubernetes.read("ConfigMap", "both", "sources")
        return str(body["data"]["from"])

    namespace = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "sources"}}
    argo_cd.kubernetes.apply([namespace])
    argo_cd.follow([_body("AppProject", project), one])
    argo_cd.until_synced("sources", revision)
    made = [argo_cd.kubernetes.read("ConfigMap", name, "sources") for name in ("both", "alone")]
    assert comes_from() == "chart"

    argo_cd.follow([two])
    argo_cd.until(lambda: comes_from() == "definitions", "take the second source's")
    argo_cd.until(lambda: argo_cd.sync_of("sources") == "Synced", "come to rest")
    argo_cd.follow([one])
    argo_cd.until(lambda: comes_from() == "chart", "take the chart's again")

    for each in made:
        now = argo_cd.kubernetes.read("ConfigMap", each["metadata"]["name"], "sources")
        assert now["metadata"]["uid"] == each["metadata"]["uid"]
    argo_cd.forget("sources")
