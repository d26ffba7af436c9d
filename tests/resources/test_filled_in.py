"""What the API server fills into lists, of which Argo CD says for ever that it is not what Git says."""

from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from support import GOLDEN, REPOSITORY, crd_files

_CRDS = [yaml.safe_load(file.read_bytes()) for file in crd_files()]
_SCHEMAS = {
    (f"{crd['spec']['group']}/{version['name']}", crd["spec"]["names"]["kind"]): version["schema"][
        "openAPIV3Schema"
    ]
    for crd in _CRDS
    for version in crd["spec"]["versions"]
}


def _filled_in(schema: Any, value: Any, path: str = "", listed: bool = False) -> Iterator[str]:
    """Where a value inside a list is left to the definition's default."""
    if isinstance(value, list):
        whole = schema.get("x-kubernetes-list-type", "atomic") == "atomic"
        for number, each in enumerate(value):
            yield from _filled_in(
                schema.get("items") or {}, each, f"{path}[{number}]", listed or whole
            )
    if isinstance(value, dict):
        properties = schema.get("properties") or {}
        for name, below in properties.items():
            if listed and "default" in below and name not in value:
                yield f"{path}.{name}"
        for name, each in value.items():
            below = properties.get(name) or schema.get("additionalProperties") or {}
            yield from _filled_in(
                below if isinstance(below, dict) else {}, each, f"{path}.{name}", listed
            )


def _bodies(text: str) -> Iterator[Any]:
    return (
        each
        for each in yaml.safe_load_all(text.replace("# --- ", "---\n# "))
        if isinstance(each, dict)
    )


@pytest.mark.parametrize("folder", ["rendered", "golden"])
def test_nothing_is_left_to_be_filled_into_a_list(folder: str) -> None:
    """Neither in what is shipped nor in any golden; elsewhere than in a list Argo CD does not mind."""
    files = {"rendered": (REPOSITORY / "rendered").rglob("*.yaml"), "golden": GOLDEN.glob("*.rendered.yaml")}[folder]  # fmt: skip
    found = {
        f"{file.name} {body['kind']}{path}"
        for file in sorted(files)
        for body in _bodies(file.read_text(encoding="utf-8"))
        for path in _filled_in(_SCHEMAS.get((body["apiVersion"], body["kind"]), {}), body)
    }

    assert found == set()


def test_the_shipped_definitions_have_such_defaults() -> None:
    """So that the test above has something to find."""
    endpoint = {"relabelings": [{"targetLabel": "node"}]}
    body = {"spec": {"podMetricsEndpoints": [endpoint]}}
    schema = _SCHEMAS["monitoring.coreos.com/v1", "PodMonitor"]

    assert list(_filled_in(schema, body)) == [".spec.podMetricsEndpoints[0].relabelings[0].action"]
