"""The operator's Application as a plan sees it: its chart, whom it serves, and what Kubernetes stores."""

from collections.abc import Iterable
from dataclasses import replace
from typing import NamedTuple

from generator.common.strimzi import nearest
from generator.documents.manifest import Body, Manifest
from generator.resources.argocd.operators import is_strimzi
from generator.resources.argocd.strimzi_crds import AREA

STORED = ("spec", "sources")
"""The field that says what Kubernetes stores, of an Application `as_one`."""


class OperatorApp(NamedTuple):
    """One of them."""

    version: str
    stored: str
    namespaces: tuple[str, ...]
    """Which it watches; empty where nobody says, so all."""


def seen(manifests: Iterable[Manifest]) -> tuple[Manifest, ...]:
    """What environments share, as a plan compares it."""
    return tuple(as_one(each) for each in manifests if not is_second_source(each))


def as_one(manifest: Manifest) -> Manifest:
    """An Application with the chart as its source, also where definitions are a second one."""
    spec = manifest.body.get("spec") or {}
    sources = spec.get("sources")
    if manifest.kind != "Application" or not isinstance(sources, list) or len(sources) != 2:
        return manifest
    chart, other = sources
    if "chart" not in chart or AREA not in str(other.get("path", "")):
        return manifest
    return replace(
        manifest, body={**manifest.body, "spec": {**spec, "source": chart, "sources": [other]}}
    )


def is_second_source(manifest: Manifest) -> bool:
    """A definition that the operator's Application has besides its chart's: it comes and goes with no object."""
    return manifest.kind == "CustomResourceDefinition" and manifest.name.endswith(".strimzi.io")


def operator_app(manifest: Manifest) -> OperatorApp | None:
    """What an Application deploys, where that is Strimzi's operator."""
    if manifest.kind != "Application" or not is_strimzi(manifest.name):
        return None
    spec: Body = as_one(manifest).body["spec"]
    source = spec.get("source") or {}
    version = str(source.get("targetRevision", ""))
    values = (source.get("helm") or {}).get("valuesObject") or {}
    stored = "v1" if spec.get("sources") else nearest(version).stored
    return OperatorApp(version, stored, tuple(values.get("watchNamespaces") or ()))
