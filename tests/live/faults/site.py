"""An environment on which faults are made: Strimzi's operators, real brokers, and somebody at a shell.

    site = Site(strimzi, folder)
    site.carry_out("kafka-acls.sh --add --allow-principal User:CN=billing --operation Read --topic invoices")
    site.verify()

What is typed runs in Bash as it would for somebody who is on call: `kubectl` is the real one, Kafka's tools are
Kafka's own, within a broker's pod. What no shell has is a word of `hands.py`.
"""

import json
import os
import re
import signal
import subprocess
import sys
import time
from base64 import b64decode
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from shlex import quote
from typing import Any

import yaml
from live.faults import hands
from live.faults.told import Told
from live.kubernetes_server import Refused
from operators.admin import credentials
from operators.intent import Deployment
from operators.site import Strimzi
from support import RULES_OFF, Project, need_tool

from generator.cli.main import run as render
from verify.checks._pods import is_ready
from verify.checks.registry.commands import _MAKE, LOGIN

IN_CLUSTER = "in the cluster"
"""Instead of options: the rendered Job asks, without what takes long."""
INTENTS = Path(__file__).with_name("intents")
DEADLINE_S = 300
"""How long anything may take to be told, or to be well again."""
_TIMEOUT_S = 240
# Brokers share the disk of this machine, which nobody may hold against them; the machine may be slow.
USUALLY = ("--skip", "probe,flow,disk-fill", "--group-window", "0s")
_WORD = re.compile(r"[\w-]+")


class Site:
    """The environment, its project on disk, and a shell."""

    def __init__(self, strimzi: Strimzi, folder: Path, name: str) -> None:
        """The environment is one of `intents/`; all is well when this returns."""
        self.strimzi, self.folder, self.name = strimzi, folder, name
        self.namespace = f"kafka-{name}"
        self.first = self.text = (INTENTS / f"{name}.yaml").read_text(encoding="utf-8")
        self.deployment = Deployment(strimzi, _made(folder / "commits"), name, self.text)
        self.project = Project(folder / "project")
        self.options: dict[str, str] = {}
        """What somebody says who asks, beside the usual."""
        self.hands = hands.Hands(self)
        self._path = _programs(_made(folder / "bin"))
        self._write()
        self._follow()
        self.until_well()

    def commit(self, text: str) -> None:
        """Another intent, which is rendered and synced."""
        if text == self.text:
            return
        self.text = text
        self.deployment.commit(text)
        self._write()

    def _write(self) -> None:
        """The project as somebody has it who verifies."""
        self.project.write(f"environments/{self.name}/environment.yaml", self.text)
        self.project.write(f"environments/{self.name}/rules.yaml", RULES_OFF)
        code = render(["--root", str(self.project.root), "render", "--no-cache"])
        assert code == 0, "the intent cannot be rendered"

    def _follow(self) -> None:
        """The Application, and what Argo CD says of it when all is done; the stand-in for Argo CD says it again."""
        files = (self.project.root / "rendered/argocd").glob(f"*-kafka-{self.name}.yaml")
        bodies = [yaml.safe_load(file.read_bytes()) for file in files]
        if bodies:
            namespace = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "argocd"}}
            self.strimzi.kubernetes.apply([namespace, *bodies])
            self.carry_out(f"argocd app sync kafka-{self.name}")

    def verify(self, *more: str) -> Told:
        """What strimzi-verify says of it to somebody with a kubeconfig and the rights of `verify`."""
        text = self.folder / "report.txt"
        if more == (IN_CLUSTER,):
            job = self.deployment.verify(*USUALLY, "--out", f"text={text}")
            return Told(job.code, text.read_text(), json.loads(job.out), job.err)
        login = credentials(self.strimzi, self.namespace, self.folder / "login", "verify", "user")
        said = {
            "--bootstrap": f"events-kafka-bootstrap.{self.namespace}.svc:9093", "--ca": login[0], "--cert": login[1], "--key": login[2],
            "--kubeconfig": str(self.strimzi.kubernetes.kubeconfig),
        } | self.options  # fmt: skip
        options = [part for pair in said.items() if pair[1] for part in pair]
        program = [
            sys.executable,
            "-m",
            "verify",
            "--root",
            str(self.project.root),
            "run",
            self.name,
        ]
        done = self.run(
            *program, *options, *(more or USUALLY), "--format", "json", "--out", f"text={text}"
        )
        assert done.stdout, done.stderr
        return Told(done.returncode, text.read_text(), json.loads(done.stdout), done.stderr)

    def carry_out(self, line: str) -> str:
        """Do what somebody types; returns what is printed.

        Raises:
            AssertionError: when it fails.
        """
        word = _WORD.match(line)
        if word and word[0] in self.hands.known():
            return self.hands.do(line)
        line = self._with_way_in(line)
        done = self.run("bash", "-euo", "pipefail", "-c", line)
        assert done.returncode == 0, f"{line}\n{done.stdout}{done.stderr}"
        return done.stdout

    def run(self, *command: str) -> "subprocess.CompletedProcess[str]":
        """A command where the names of Services are known."""
        return subprocess.run(
            self.strimzi.hosts.known_to(self.namespace, *command), capture_output=True, text=True, check=False,
            timeout=_TIMEOUT_S, cwd=self.project.root, env=self._environment,
        )  # fmt: skip

    def started(self, *command: str) -> "subprocess.Popen[str]":
        """The same, which goes on until its input ends."""
        return subprocess.Popen(
            self.strimzi.hosts.known_to(self.namespace, *command), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            cwd=self.project.root, env=self._environment,
        )  # fmt: skip

    def way_of_everybody(self) -> list[str]:
        """Address, authority, certificate and key of the Cluster Operator, who may do everything."""
        login = credentials(
            self.strimzi, self.namespace, self.folder / "operator",
            "events-cluster-operator-certs", "cluster-operator",
        )  # fmt: skip
        return [f"events-kafka-brokers.{self.namespace}.svc:9091", *login]

    def signal(self, pod: str, number: signal.Signals) -> None:
        """Send a signal to the processes of a pod."""
        uid = self.strimzi.kubernetes.read("Pod", pod, self.namespace)["metadata"]["uid"]
        for file in (self.strimzi.pods.folder / "pods" / uid).glob("*/pid"):
            os.kill(int(file.read_text()), number)

    def _with_way_in(self, line: str) -> str:
        """Kafka's tools of a fault's own lines run in a pod, as those of remedies do."""
        if not line.startswith("kafka-"):
            return line
        tool, _, rest = line.partition(" ")
        pod = min(self.deployment.nodes())
        address = f"{pod}.events-kafka-brokers.{self.namespace}.svc:9091"
        return (
            f"kubectl -n {self.namespace} exec {pod} -c kafka -- sh -c {quote(_MAKE)}; kubectl -n {self.namespace} exec {pod}"
            f" -c kafka -- bin/{tool} --bootstrap-server {address} --command-config {LOGIN} {rest}"
        )

    @property
    def _environment(self) -> Mapping[str, str]:
        """The variables of the shell."""
        return {
            "PATH": f"{self._path}:{os.environ['PATH']}",
            "PYTHONPATH": os.pathsep.join(sys.path),
            "HOME": str(self.folder),
            "LANG": "C.UTF-8",
            "EDITOR": "true",
            "KUBECONFIG": str(self.strimzi.kubernetes.kubeconfig),
            "PODS": str(self.strimzi.pods.folder),
            "RENDERED": str(self.project.root / "rendered" / self.name),
        }

    def delete_if_crashed(self, pod: str) -> None:
        """Let another pod take the place of one that does not run."""
        with suppress(Refused):
            status = self.strimzi.kubernetes.read("Pod", pod, self.namespace).get("status", {})
            if any("waiting" in each["state"] for each in status.get("containerStatuses", ())):
                self.strimzi.kubernetes.delete("Pod", pod, self.namespace)

    def until_pods_are_ready(self) -> None:
        """Wait until the pod of every node is ready."""
        self.strimzi.until(lambda: all(map(is_ready, self._pods())), "readiness of all nodes")

    def _pods(self) -> list[Any]:
        names = self.deployment.nodes()
        return [self.strimzi.kubernetes.read("Pod", name, self.namespace) for name in names]

    def until_well(self) -> None:
        """Wait until nothing is wrong; preferred replicas are made to lead at once, as brokers do every five minutes.

        Raises:
            AssertionError: when something still is.
        """
        end = time.monotonic() + DEADLINE_S
        while (told := self.verify()).wrong and time.monotonic() < end:
            if told.wrong.keys() == {"leader-balance"}:
                self.carry_out(
                    "kafka-leader-election.sh --election-type preferred --all-topic-partitions"
                )
        assert told.wrong == {}, told.text

    def file_of(self, secret: str, key: str) -> Path:
        """A file with what a Secret holds."""
        file = self.folder / f"{secret}-{key}"
        file.write_bytes(self.secret(secret, key))
        return file

    def secret(self, name: str, key: str) -> bytes:
        """What a Secret holds."""
        return b64decode(self.strimzi.kubernetes.read("Secret", name, self.namespace)["data"][key])

    @contextmanager
    def whole_again(self, undo: Iterable[str]) -> Iterator[None]:
        """In the end nothing is left of what was done meanwhile, as if by hand."""
        try:
            yield
        except AssertionError:
            self._mend()
            raise
        finally:
            for line in undo:
                self.carry_out(line)
            self.hands.rest()
            self.until_well()

    def _mend(self) -> None:
        """What is printed, as far as it can be done: the next fault shall not suffer from this one."""
        told = self.verify()
        for check in told.wrong:
            for line in told.commands(check):
                with suppress(AssertionError):
                    self.carry_out(line)

    def remove(self) -> None:
        """Take it away."""
        self.hands.rest()
        self.strimzi.remove(self.namespace)


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder


def _programs(folder: Path) -> Path:
    """What the shell finds first."""
    kubectl = need_tool("kubectl", "Kubernetes' own command")
    stand_in = Path(__file__).with_name("stand_in.py")
    for name in ("kubectl", "argocd"):
        program = folder / name
        script = f'#!/bin/sh\nREAL={kubectl} exec {sys.executable} {stand_in} {name} "$@"\n'
        program.write_text(script, encoding="utf-8")
        program.chmod(0o755)
    return folder
