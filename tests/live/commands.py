"""The command strimzi-verify as people and pipelines run it: a process of its own."""

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import yaml
from live.applier import RENDERED, as_set_up
from live.kafka import Kafka
from live.kubernetes_server import KubernetesServer
from live.node import free_ports
from live.verifier import way_in

ROOT = Path(__file__).parents[2]
DEADLINE_S = 180
"""How long a command may take before a test gives up."""
OF_THE_MACHINE = ("--skip", "disk-fill")
"""Brokers share the disk of this machine, which may be as full as it likes."""
QUICK = (*OF_THE_MACHINE, "--skip", "probe,flow")
"""Without what makes topics of its own."""


class Done(NamedTuple):
    """What came of a command."""

    code: int
    out: str
    err: str
    took_s: float

    @property
    def said(self) -> str:
        """Both streams on one line."""
        return " ".join((self.out + self.err).split())

    @property
    def checks(self) -> dict[str, str]:
        """How checks ended, of a report in JSON."""
        results: list[dict[str, Any]] = json.loads(self.out)["checks"]
        return {each["check"]: each["status"] for each in results}

    @property
    def wrong(self) -> dict[str, str]:
        """Those that are not fine."""
        fine = ("pass", "skip")
        return {check: status for check, status in self.checks.items() if status not in fine}

    @property
    def failed(self) -> dict[str, list[str]]:
        """What failed, in words."""
        return {
            each["check"]: [f"{found['subject']}: {found['message']}" for found in each["outcomes"]]
            for each in json.loads(self.out)["checks"]
            if each["status"] == "fail"
        }


class Commands(NamedTuple):
    """The commands, of somebody whose home folder holds little, and the way into an environment."""

    home: Path
    kubeconfig: Path
    way: tuple[str, ...]
    root: Path = ROOT
    """Where rendered/ is."""

    @property
    def both(self) -> tuple[str, ...]:
        """Options that lead to Kubernetes and to Kafka."""
        return "--kubeconfig", str(self.kubeconfig), *self.way

    def run(self, *arguments: str) -> Done:
        """What comes of a command."""
        began = time.monotonic()
        with self.started(*arguments) as process:
            out, err = process.communicate(timeout=DEADLINE_S)
        return Done(process.returncode, out, err, time.monotonic() - began)

    def verify(self, *arguments: str) -> Done:
        """`run dev` without what makes topics of its own, and without patience; as JSON."""
        return self.run(
            "run", "dev", "--format", "json", *QUICK, "--group-window", "0s", *arguments
        )

    @contextmanager
    def started(
        self, *arguments: str, stdout: int = subprocess.PIPE
    ) -> Iterator[subprocess.Popen[str]]:
        """A command that runs; in the end it does no longer."""
        # In a shell's background Ctrl-C is ignored, and a child would inherit that.
        command = [
            "env",
            "--default-signal=INT",
            sys.executable,
            "-m",
            "verify",
            "--root",
            str(self.root),
        ]
        with subprocess.Popen(
            [*command, *arguments],
            stdout=stdout,
            stderr=subprocess.PIPE,
            text=True,
            env=self._environment(),
            cwd=ROOT,
        ) as process:
            try:
                yield process
            finally:
                process.kill()

    def _environment(self) -> Mapping[str, str]:
        kept = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
        return kept | {"HOME": str(self.home)}


def commands(kubernetes: KubernetesServer, kafka: Kafka, home: Path) -> Commands:
    """Somebody who may do everything in Kubernetes, and is `verify` for Kafka; Git says what `deploy` applied."""
    rendered = home / "project" / "rendered"
    shutil.copytree(RENDERED, rendered)
    for file in rendered.glob("*/cluster/kafka-*.yaml"):
        body = as_set_up(yaml.safe_load(file.read_bytes()), file.parents[1])
        file.write_text(yaml.safe_dump(body), encoding="utf-8")
    return Commands(home, kubernetes.kubeconfig, options(kafka), rendered.parent)


def options(kafka: Kafka, **instead: str) -> tuple[str, ...]:
    """The options that lead to a Kafka; underscores stand for hyphens, empty ones are left out."""
    way = way_in(kafka)
    said = {
        "bootstrap": ",".join(way.bootstrap),
        "ca": str(way.ca),
        "cert": str(way.certificate),
        "key": str(way.key),
    } | {name.replace("_", "-"): value for name, value in instead.items()}
    return tuple(part for name, value in said.items() if value for part in (f"--{name}", value))


def closed_port() -> int:
    """A port on which nobody listens."""
    (port,) = free_ports(1)
    return port
