"""The shipped environments under every release of Strimzi: what it cannot express is told, and the rest is valid."""

import shutil
from pathlib import Path

import pytest
from support import REPOSITORY, Project

from generator.common.strimzi import numbers, release, releases

_SCHEMA = {"manifest-schema", "manifest-cel", "unknown-kind"}
"""What the API server would refuse."""
_NEEDS = {
    ("base/applications/billing.yaml", "    certificate: {validityDays: 90, renewalDays: 30}\n", ""): "1.1.0",
    ("prod/users.yaml", ", validityDays: 30, renewalDays: 10", ""): "1.1.0",
    ("prod/cluster.yaml", "        perBrokerAnnotationsTemplate:\n          external-dns.alpha.kubernetes.io/hostname:"
     ' "broker-{nodeId}.kafka.example.com"\n', ""): "1.1.0",
    ("prod/cluster.yaml", "{volumeAttributesClass: provisioned-iops}", "{}"): "0.49.1",
    ("prod/extra/auto-rebalance.yaml", "kafka.strimzi.io/v1\n", "kafka.strimzi.io/v1beta2\n"): "0.49.1",
    ("prod/cluster.yaml", "    type: strimzi-metrics-reporter\n", "    type: jmx-exporter\n"): "0.47.0",
}  # fmt: skip
"""What is to be said otherwise before a release: file, text, and what stands for it."""


def _under(root: Path, version: str) -> Project:
    shutil.copytree(REPOSITORY / "environments", root / "environments")
    project = Project(root)
    _edit(project, "base/strimzi.yaml", "version: 1.2.0", f"version: {version}")
    kafka = f"kafkaVersion: {release(version).default_kafka}"
    _edit(project, "base/cluster.yaml", "kafkaVersion: 4.3.1", kafka)
    return project


def _edit(project: Project, name: str, before: str, after: str) -> None:
    file = project.root / "environments" / name
    text = file.read_text()
    assert before in text, (name, before)
    file.write_text(text.replace(before, after))


def _refused(project: Project) -> list[str]:
    found = project.everything().findings
    return [f"{each.file}: {each.message}" for each in found if each.rule in _SCHEMA]


@pytest.mark.parametrize("version", [each.version for each in releases()])
def test_shipped_environments(tmp_path: Path, version: str) -> None:
    """Every finding names the first release that can, and without what it cannot say there is none."""
    project = _under(tmp_path, version)
    needed = {edit: since for edit, since in _NEEDS.items() if numbers(version) < numbers(since)}

    told = _refused(project)
    assert bool(told) is bool(needed)
    for (name, _, _), since in needed.items():
        if not name.startswith("prod/extra"):
            assert any(
                f"/{name}: " in each and f"Strimzi {since} is the first" in each for each in told
            )

    for edit in needed:
        _edit(project, *edit)
    assert _refused(project) == []
