"""Manifests judged by older versions of Kubernetes, Argo CD and the Prometheus operator than the newest."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from mutants.agreement import kubeconform_refusals
from mutants.documents import Mutant, copy_of, mutants, originals
from support import GOLDEN, Project

from generator.common.strimzi.releases import newest, numbers, releases
from generator.documents.manifest import Manifest
from generator.validate.kubernetes import apis, deprecated, too_old, unserved
from generator.validate.schemas import Schemas, schema_folders
from generator.validate.versions import (
    ARGO_CD,
    KUBERNETES,
    PROJECTS,
    PROMETHEUS_OPERATOR,
    UNSAID,
    Around,
    folders,
    is_sure,
    nearest,
    oldest,
    versions,
)

NEWEST = Schemas(schema_folders())
KNOWN = [
    UNSAID._replace(**{field: version})
    for project, field in zip(PROJECTS, Around._fields, strict=True)
    for version in versions(project)
]
GROUPS = {
    "kubernetes": ("v1", "apps/", "autoscaling/", "batch/", "policy/", *(
        f"{each}.k8s.io/" for each in (
            "admissionregistration", "apiextensions", "networking", "rbac.authorization", "scheduling",
            "storage"))),
    "argocd": ("argoproj.io/",),
    "prometheus_operator": ("monitoring.coreos.com/",),
}  # fmt: skip


def test_versions_are_ordered() -> None:
    """Oldest first, of all three; the ends of Kubernetes hold what every release of Strimzi needs."""
    for project in PROJECTS:
        assert sorted(versions(project), key=numbers) == list(versions(project))
        assert len(versions(project)) > 1
    assert {each.kubernetes for each in releases()} <= {*versions(KUBERNETES)}


@pytest.mark.parametrize(
    ("version", "expected", "sure"),
    [
        ("", "1.34", True), ("1.34", "1.34", True), ("1.25", "1.25", True),
        ("1.26", "1.25", False), ("1.29", "1.27", False), ("1.33", "1.30", False),
        ("1.19", "1.25", False), ("1.99", "1.34", False), ("2.0", "1.34", False),
    ],
)  # fmt: skip
def test_nearest_is_the_last_before(version: str, expected: str, sure: bool) -> None:
    """The first where there is none before it."""
    assert nearest(KUBERNETES, version) == expected
    assert is_sure(KUBERNETES, version) is sure


def test_folders_go_from_a_version_to_the_newest() -> None:
    """What is equal lies with the newest that has it."""
    assert folders(KUBERNETES, "1.28") == ("kubernetes/1.27", "kubernetes/1.30", "kubernetes/1.34")
    assert folders(ARGO_CD, "") == ("argocd/3.5",)
    assert schema_folders() == schema_folders((), newest().version, UNSAID)


def test_oldest_of_several() -> None:
    """By number; what nobody says is not older than anything."""
    assert oldest([Around("1.30"), Around("1.9", argocd="3.5"), UNSAID]) == Around(
        "1.9", argocd="3.5"
    )
    assert oldest([UNSAID, UNSAID]) == UNSAID


def test_apis_have_a_time() -> None:
    """Since before until; what comes instead is there when it goes; the shipped kinds are among them."""
    for (api, kind), said in apis().items():
        if said.until:
            assert numbers(said.since) < numbers(said.until), f"{api} {kind}"
        if said.instead and (said.instead, kind) in apis():
            instead = apis()[said.instead, kind]
            assert numbers(instead.since) <= numbers(said.until), f"{api} {kind}"
    folder = schema_folders()[1]
    assert folder.parent.name == "kubernetes"
    for file in folder.glob("*.json"):
        known = json.loads(file.read_bytes())["properties"]
        if not known["apiVersion"]["const"].startswith("apiextensions"):
            assert (known["apiVersion"]["const"], known["kind"]["const"]) in apis(), file.name


@pytest.mark.parametrize(
    ("api", "kind", "version", "message", "fix"),
    [
        ("policy/v1beta1", "PodDisruptionBudget", "",
         "Kubernetes 1.25 removed policy/v1beta1 PodDisruptionBudget", "write apiVersion: policy/v1"),
        ("batch/v1beta1", "CronJob", "1.25",
         "Kubernetes 1.25 removed batch/v1beta1 CronJob", "write apiVersion: batch/v1"),
        ("policy/v1beta1", "PodSecurityPolicy", "1.30",
         "Kubernetes 1.25 removed policy/v1beta1 PodSecurityPolicy", "remove it"),
        ("extensions/v1beta1", "Ingress", "1.25", "Kubernetes 1.22 removed extensions/v1beta1 Ingress",
         "write apiVersion: networking.k8s.io/v1"),
        ("flowcontrol.apiserver.k8s.io/v1beta1", "FlowSchema", "1.30",
         "Kubernetes 1.26 removed flowcontrol.apiserver.k8s.io/v1beta1 FlowSchema",
         "write apiVersion: flowcontrol.apiserver.k8s.io/v1"),
        ("storage.k8s.io/v1", "VolumeAttributesClass", "1.33",
         "Kubernetes 1.33 does not serve storage.k8s.io/v1 VolumeAttributesClass:"
         " 1.34 is the first that serves it", "upgrade Kubernetes first, or remove it"),
    ],
)  # fmt: skip
def test_an_api_that_is_not_served(
    api: str, kind: str, version: str, message: str, fix: str
) -> None:
    """It is gone, with what to write instead, or not yet there."""
    found = unserved(api, kind, version)
    assert found is not None
    assert (found.message, found.fix, found.rule) == (message, fix, "unknown-kind")
    assert deprecated(api, kind, version) is None


def test_an_api_that_is_served() -> None:
    """Or of which nothing is known."""
    assert unserved("policy/v1beta1", "PodDisruptionBudget", "1.24") is None
    assert unserved("admissionregistration.k8s.io/v1", "ValidatingAdmissionPolicy", "1.30") is None
    assert unserved("example.com/v1", "Thing", "1.25") is None
    assert deprecated("autoscaling/v2beta2", "HorizontalPodAutoscaler", "") is None


def test_every_release_of_strimzi_has_a_lowest_kubernetes() -> None:
    """That one suffices, and the one before does not."""
    for release in releases():
        major, minor = numbers(release.kubernetes)
        assert too_old(release, release.kubernetes) is too_old(release, "") is None
        assert too_old(release, f"{major}.{minor - 1}")


EXTRA = """\
apiVersion: policy/v1beta1  # <- unknown-kind 1.25
kind: PodDisruptionBudget
metadata: {name: a}
spec: {minAvailable: 1}
---
apiVersion: autoscaling/v2beta2  # <- deprecated-api 1.26
kind: HorizontalPodAutoscaler
metadata: {name: b}
spec: {maxReplicas: 2, scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: x}}
---
apiVersion: admissionregistration.k8s.io/v1  # <- unknown-kind 1.30
kind: ValidatingAdmissionPolicy
metadata: {name: c}
spec: {validations: [{expression: "true"}]}
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  name: d
  annotations:
    argocd.argoproj.io/hook: PreDelete  # <- argocd-version 3.3
spec:
  minAvailable: 1
  unhealthyPodEvictionPolicy: AlwaysAllow  # <- manifest-schema 1.27
---
apiVersion: monitoring.coreos.com/v1
kind: PodMonitor
metadata: {name: e}
spec:
  selector: {}
  podMetricsEndpoints:
    - port: a
      trackTimestampsStaleness: true  # <- manifest-schema 0.85
---
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: f}
spec:
  project: p
  destination: {server: "https://kubernetes.default.svc", namespace: kafka-dev}
  source: {repoURL: "https://example.com/x.git", path: x}
  syncPolicy:
    syncOptions:
      - Prune=confirm  # <- argocd-version 3.4
    automated:
      enabled: true  # <- manifest-schema 3.5
"""

SAID = """\
kubernetes: {version: "1.25"}
strimzi: {version: 0.47.0}
argocd: {version: "2.14"}
monitoring: {prometheusOperatorVersion: "0.65"}
"""
REPOSITORY = "repoURL: https://example.com/x.git"


def test_findings_stand_where_they_are(project: Project) -> None:
    """In the lines that are marked, each with the version that it is about, and in no other."""
    project.environment(SAID)
    project.write("environments/dev/extra/x.yaml", EXTRA)
    marked = [
        (f"extra/x.yaml:{number}", *mark.split())
        for number, line in enumerate(EXTRA.splitlines(), 1)
        for mark in line.split("# <- ")[1:]
    ]
    found = [each for each in project.findings() if each.startswith("extra/x.yaml")]

    assert len(found) == len(marked), found
    for line, (place, rule, version) in zip(found, marked, strict=True):
        assert line.startswith(f"{place}:"), line
        assert f"[{rule}] " in line, line
        assert version in line, line


def test_old_apis_are_warned_of_and_believed(project: Project) -> None:
    """What is still served is sound, and where a version is not quite known nothing is refused for it."""
    project.environment('kubernetes: {version: "1.26"}\nstrimzi: {version: 0.47.0}\n')
    project.write("environments/dev/extra/x.yaml", EXTRA.split("---\n")[3])

    found = project.everything("dev").findings

    assert [(each.severity, each.rule) for each in found] == [
        ("warning", "kubernetes-version"),
        ("warning", "manifest-schema"),
    ]


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ('kubernetes: {version: "1.30"}\n', []),
        ('kubernetes: {version: "1.29"}\n', [
            "environment.yaml:7:23 [kubernetes-version] Kubernetes 1.29 is not known here: all is judged as of 1.27",
            "environment.yaml:7:23 [kubernetes-version] Strimzi 1.2.0 needs Kubernetes 1.30 or newer, not 1.29",
        ]),
        ('kubernetes: {version: "1.99"}\n', [
            "environment.yaml:7:23 [kubernetes-version] Kubernetes 1.99 is not known here: all is judged as of 1.34",
        ]),
        ('monitoring: {prometheusOperatorVersion: "0.70"}\n', [
            "environment.yaml:7:41 [prometheus-operator-version] Prometheus operator 0.70 is not known here:"
            " all is judged as of 0.65",
        ]),
        ('argocd: {version: "2.13"}\nprotect: true\n', [
            "environment.yaml:7:19 [argocd-version] Argo CD 2.13 is not known here: all is judged as of 2.14",
            "environment.yaml:7:19 [argocd-version] Argo CD 2.13 removes the object without asking:"
            " 2.14 is the first that knows Delete=confirm",
            "environment.yaml:7:19 [argocd-version] Argo CD 2.13 removes the object without asking:"
            " 2.14 is the first that knows Prune=confirm",
        ]),
        ("kubernetes: {version: 1.30}\n", [
            'environment.yaml:7:23 [wrong-type] 1.3 is not a minor version of Kubernetes, such as "1.30", in quotes',
        ]),
    ],
)  # fmt: skip
def test_what_is_said_of_a_version(project: Project, said: str, expected: list[str]) -> None:
    """Where it stands: that it is not known, and what it cannot do."""
    project.environment(said)

    assert project.findings() == expected


def test_what_is_rendered_fits_the_oldest(project: Project) -> None:
    """Everything that the environment and Argo CD get under the oldest known versions."""
    project.environment(SAID.replace("argocd: {", f"argocd: {{{REPOSITORY}, ") + "protect: true\n")

    everything = project.everything()

    assert everything.shared
    assert everything.findings == []


@pytest.mark.parametrize("kubernetes", versions(KUBERNETES))
@pytest.mark.parametrize("case", [each.name for each in sorted(GOLDEN.glob("*.intent.yaml"))])
def test_what_goldens_render_fits_every_version(
    project: Project, case: str, kubernetes: str
) -> None:
    """Of Kubernetes, with the oldest that is known of the others; but resets of offsets need 1.29.

    One try for each group (backoffLimitPerIndex) is on since then.
    """
    intent = yaml.safe_load((GOLDEN / case).read_text())
    intent["kubernetes"] = {"version": kubernetes}
    intent["argocd"] = intent.get("argocd", {}) | {"version": versions(ARGO_CD)[0]}
    oldest_operator = versions(PROMETHEUS_OPERATOR)[0]
    watch = intent.get("monitoring", {}) | {"prometheusOperatorVersion": oldest_operator}
    intent["monitoring"] = watch
    name = intent["environment"]
    project.write(f"environments/{name}/environment.yaml", json.dumps(intent))

    found = project.everything().findings

    rules = ("manifest-schema", "unknown-kind", "deprecated-api", "argocd-version", "manifest-cel")
    wrong = [each for each in found if each.rule in rules]
    assert [each for each in wrong if "backoffLimitPerIndex" not in each.message] == []
    assert not wrong or numbers(kubernetes) < (1, 29)


@pytest.mark.parametrize(("kubernetes", "waits"), [("1.28", False), ("1.29", True)])
def test_cron_jobs_wait_for_a_pod_where_kubernetes_can(
    project: Project, kubernetes: str, waits: bool
) -> None:
    """What is not known there would be refused."""
    text = (GOLDEN / "restores.intent.yaml").read_text()
    more = f'kubernetes: {{version: "{kubernetes}"}}\n'
    project.write("environments/dev/environment.yaml", text + more)

    jobs = [each for each in project.everything("dev").environments[0].manifests
            if each.kind == "CronJob"]  # fmt: skip
    specs = [each.body["spec"]["jobTemplate"]["spec"] for each in jobs]

    assert any("podReplacementPolicy" in each for each in specs) is waits


@pytest.mark.kubeconform
@pytest.mark.parametrize("said", KNOWN, ids=lambda said: "-".join(filter(None, said)))
def test_kubeconform_agrees_on_goldens_and_mutants(said: Around, kubeconform: str) -> None:
    """All real documents of the kinds that a version serves, and mutants."""
    assert kubeconform
    schemas = NEWEST.of(newest().version, said)
    (field,) = (name for name, version in said._asdict().items() if version)
    groups = GROUPS[field]
    chosen = [
        Mutant(copy_of(document), "as it is")
        for head, documents in originals().items()
        for document in documents
        if head.startswith(groups) and _known(schemas, document)
    ]
    chosen += [
        each
        for each in mutants(3, 150, lambda head: head.startswith(groups))
        if _known(schemas, each.document)
    ]
    theirs = kubeconform_refusals([each.document for each in chosen], schemas)
    assert theirs is not None
    differ = [
        f"{each.what}: ours {ours}, theirs {told}"
        for each, told in zip(chosen, theirs, strict=True)
        if bool(ours := _by_schema(schemas, each.document)) != bool(told)
    ]

    assert differ == []
    assert 5 < sum(map(bool, theirs)) < len(chosen)


def _known(schemas: Schemas, document: dict[str, Any]) -> bool:
    head = (document.get("apiVersion"), document.get("kind"))
    if not all(isinstance(each, str) for each in head):
        return False
    return schemas._of(str(head[0]), str(head[1])) is not None


def _by_schema(schemas: Schemas, document: dict[str, Any]) -> list[str]:
    """What the schema alone has against it: kubeconform knows neither CEL nor what takes two fields."""
    compiled = schemas._of(document["apiVersion"], document["kind"])
    assert compiled is not None
    return [error.message for error in compiled.validator.iter_errors(document)]


def test_folders_of_the_user_come_first(tmp_path: Path) -> None:
    """What they hold is believed, whatever a version serves."""
    schema = {"properties": {"apiVersion": {}, "kind": {}, "metadata": {}, "spec": {"enum": [1]}}}
    (tmp_path / "cronjob-batch-v1beta1.json").write_text(json.dumps(schema))
    schemas = Schemas(schema_folders([tmp_path])).of("1.2.0", Around("1.30"))
    body = {"apiVersion": "batch/v1beta1", "kind": "CronJob", "metadata": {"name": "x"}, "spec": 2}

    found = schemas.check(Manifest("extra", body, ("extra", "x")))

    assert [each.rule for each in found] == ["manifest-schema"]
