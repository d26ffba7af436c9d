"""A cluster goes from Strimzi 0.45.0 and Kafka 3.9.0 to 1.2.0 and 4.3.1, by the steps of `strimzi-gitops upgrade`.

Every step is the edit that the command makes, under the operators of that release and real brokers on the same
claims. Between the steps stand the commands that it prints.
"""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from live.commands import Done
from live.kubernetes_server import Refused
from operators.admin import credentials
from operators.intent import Deployment
from operators.parts import KAFKAS
from operators.site import Strimzi, conditions
from operators.verification import OPTIONS
from support import RULES_OFF, Project, need_tool

from generator.plan.upgrade.notes import after
from generator.plan.upgrade.path import Kind
from generator.plan.upgrade.steps import Step, upgrade
from generator.plan.upgrade.write import edited
from generator.resources.argocd.strimzi_crds import AREA
from generator.validate.schemas import Schemas, schema_folders

pytestmark = [pytest.mark.live, pytest.mark.operators, pytest.mark.lot]

HELD_BY_NOBODY = "cluster-operator-ready,operator-version,operator-release,argocd"
"""The operator is a process here, of which Kubernetes knows no Deployment; and there is no Argo CD."""
NAME, FIRST, LAST = "upgrade", "0.45.0", "1.2.0"
VIA = [version for version in KAFKAS if version not in (FIRST, LAST)]
INTENT = """\
environment: upgrade
namespace: kafka-upgrade
size: dev
strimzi: {version: 0.45.0}  # what runs
argocd: {repoURL: "https://git.example.com/kafka.git"}
verify: {image: "example.com/strimzi-verify:1"}
cluster:
  name: events
  kafkaVersion: 3.9.0
  metrics: {type: none}
  listeners: {tls: {port: 9093, authentication: tls}}
topics:
  orders: {partitions: 3, retention: 7d}
applications:
  billing: {authentication: tls, consumes: {orders: {group: billing}}}
"""
"""In it every object that is rendered from one release to another is told to be ready."""


@pytest.fixture(scope="module")
def old(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Strimzi]:
    """Strimzi 0.45.0."""
    with Strimzi(tmp_path_factory.mktemp("upgrade"), FIRST) as running:
        yield running


def steps(root: Path) -> list[Step]:
    """What is left to do."""
    return upgrade(root, NAME, Schemas(schema_folders()), LAST, "4.3.1", None).steps


class Repository:
    """The intent in Git, and the cluster that follows it."""

    def __init__(self, strimzi: Strimzi, folder: Path) -> None:
        self.strimzi = strimzi
        self.project = Project(folder / "git")
        self.project.write(f"environments/{NAME}/environment.yaml", INTENT)
        self.project.write(f"environments/{NAME}/rules.yaml", RULES_OFF)
        self.deployment = Deployment(strimzi, folder / "commits", NAME, INTENT)

    @property
    def file(self) -> Path:
        """The intent's one file."""
        return self.project.root / f"environments/{NAME}/environment.yaml"

    def merge(self, step: Step) -> None:
        """Make a step's edits, and bring what is rendered to the cluster: the operator first."""
        texts = edited(self.project.root, step.edits)
        for name, text in texts.items():
            (self.project.root / name).write_text(text)
        commands = [line for line in after(step) if line.startswith("for")]
        if step.move.kind is Kind.OPERATOR:
            self.strimzi.upgrade(step.move.after[NAME].strimzi)
            if commands:
                with pytest.raises(Refused, match=r"invalid group/version"):
                    self.deployment.commit(self.file.read_text())
        if step.move.kind is Kind.STORED:
            self.strimzi.kubernetes.apply(self.definitions())
            with pytest.raises(Refused, match=r"storedVersions"):
                self.strimzi.kubernetes.install_crds(strimzi="1.0.1")
        for line in commands:
            run(self.strimzi, line)
        self.deployment.commit(self.file.read_text())
        self.strimzi.until_settled(self.deployment.namespace)

    def verify(self, step: Step) -> None:
        """Fail unless strimzi-verify says that the next step may begin, as the step says to ask it."""
        lines = [line for line in after(step) if line.startswith("strimzi-verify")]
        assert lines
        for line in lines:
            done = self.verified(line.replace("30m", "240s"))
            assert (done.code, done.wrong) == (0, {}), done.said

    def verified(self, line: str) -> Done:
        """What comes of a command that is printed, as of who may read everything in Kubernetes."""
        (program, *words), namespace = line.split(), self.deployment.namespace
        assert program == "strimzi-verify"
        root = str(self.project.root)
        subprocess.run([sys.executable, "-m", "generator", "--root", root, "render"], check=True)
        ca, certificate, key = credentials(
            self.strimzi, namespace, self.project.root.parent / "verify", "verify", "user"
        )
        way = ["--bootstrap", f"events-kafka-bootstrap.{namespace}.svc:9093", "--ca", ca,
               "--cert", certificate, "--key", key]  # fmt: skip
        options = ["--kubeconfig", str(self.strimzi.kubernetes.kubeconfig), *way, *OPTIONS,
                   "--skip", HELD_BY_NOBODY]  # fmt: skip
        command = [sys.executable, "-m", "verify", "--root", root, *words]
        began = time.monotonic()
        done = subprocess.run(
            self.strimzi.hosts.known_to(namespace, *command, *options),
            capture_output=True, text=True, check=False, timeout=600,
        )  # fmt: skip
        return Done(done.returncode, done.stdout, done.stderr, time.monotonic() - began)

    def definitions(self) -> list[Any]:
        """The definitions that are rendered now."""
        found = self.project.everything().folders()["argocd"]
        return [each.body for file, each in found.items() if file.startswith(AREA)]


@pytest.fixture(scope="module")
def repository(old: Strimzi, tmp_path_factory: pytest.TempPathFactory) -> Repository:
    """What 0.45.0 has made ready."""
    folder = tmp_path_factory.mktemp("repository")
    (folder / "commits").mkdir()
    made = Repository(old, folder)
    old.until_settled(made.deployment.namespace)
    return made


def run(strimzi: Strimzi, line: str) -> str:
    """What a printed command says, run by bash as it stands."""
    done = subprocess.run(
        ["bash", "-c", line], capture_output=True, text=True, check=False,
        env={**os.environ, "KUBECONFIG": str(strimzi.kubernetes.kubeconfig)},
    )  # fmt: skip
    return done.stdout + done.stderr


def test_every_step(repository: Repository) -> None:
    """Each is carried out, and every resource is Ready as the new release sees it; what would skip one is refused."""
    need_tool("kubectl", "kubernetes.io/docs/tasks/tools")
    strimzi, deployment = repository.strimzi, repository.deployment
    planned = upgrade(
        repository.project.root, NAME, Schemas(schema_folders()), LAST, "4.3.1", VIA
    ).steps
    assert [str(each.move.kind) for each in planned].count("operator") == len(VIA) + 1

    for step in planned:
        now = step.move.after[NAME]
        assert step.wrong == []
        if step.move.kind is Kind.STORED:
            with pytest.raises(Refused, match=r"storedVersions"):
                strimzi.kubernetes.install_crds(strimzi="1.0.1")
        repository.merge(step)
        repository.verify(step)
        kafka = deployment.live("Kafka", "events")
        assert kafka["apiVersion"] == f"kafka.strimzi.io/{now.api}" or now.api == "v1beta2"
        status = kafka["status"]
        assert status["operatorLastSuccessfulVersion"] == now.strimzi
        assert status["kafkaVersion"] == now.kafka
        for kind in ("KafkaTopic", "KafkaUser"):
            for each in deployment.of(kind):
                found = conditions(deployment.live(kind, each["metadata"]["name"]))
                assert {one["type"] for one in found if one["status"] == "True"} == {"Ready"}

    assert steps(repository.project.root) == []
    assert status["kafkaMetadataVersion"] == "4.3-IV0"
    assert "# what runs" in repository.file.read_text()
