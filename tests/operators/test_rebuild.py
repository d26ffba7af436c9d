"""The runbook of a rebuild, typed from its first step to its last after everything is gone: records and groups are as before.

Every command is the rendered text's own, run by bash with the real kubectl, gpg and jq against a real API server, where
Strimzi's operators make brokers, topics, users and their Secrets. Sets lie on a claim and in S3. What a person decides is
done here: the storage is there, and the backups are stopped in the intent.
"""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from live.engine_store import BUCKET, Store
from live.losses import TOPICS
from operators.admin import EVERYTHING, WITHIN, asked, credentials
from operators.site import Strimzi
from support import RULES_OFF, Project, need_tool

from generator.cli.main import run

pytestmark = [pytest.mark.live, pytest.mark.operators, pytest.mark.engine]

_NAMESPACE = "kafka-site"
_INTENT = f"""\
environment: site
namespace: {_NAMESPACE}
size: dev
cluster:
  name: events
  listeners:
    tls: {{port: 9093, authentication: tls}}
    scram: {{port: 9094, tls: true, authentication: scram-sha-512}}
verify: {{image: "strimzi-verify:1"}}
{TOPICS}applications:
  billing: {{authentication: tls, consumes: {{orders: {{group: billing}}, payments: {{group: billing}}}}}}
  shipping: {{authentication: scram-sha-512, consumes: {{shipments: {{group: shipping}}}}}}
backups:
  claimed:
    image: kafka-backup:v0.25.2
    schedule: 0 2 31 12 *
    shards: 2
    listener: tls
    topics: {{include: [orders, payments, prices, quiet]}}
    storage: {{pvc: {{size: 1Gi}}}}
  cloud:
    image: kafka-backup:v0.25.2
    schedule: 0 2 31 12 *
    listener: scram
    topics: {{include: [shipments]}}
    storage:
      s3: {{bucket: {BUCKET}, region: us-east-1, endpoint: "STORE", pathStyle: true, credentialsSecret: {{name: keys}}}}
"""
_KEYS = {"AWS_ACCESS_KEY_ID": "key-id", "AWS_SECRET_ACCESS_KEY": "key-secret"}
_STEPS = ("look", "kafka-backup", "groups", "judge")


class Place:
    """Somebody's machine, with the repository and a kubeconfig, from where brokers can be reached."""

    def __init__(self, strimzi: Strimzi, folder: Path, store: str) -> None:
        """Deploy the environment, fill it, back it up, and save its Secrets as the runbook says."""
        self.strimzi, self._folder = strimzi, folder
        self._text = _INTENT.replace("STORE", store)
        self.project = Project(folder / "project")
        self.render(self._text)
        self._home()
        strimzi.kubernetes.apply(
            [{"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": _NAMESPACE}},
             {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "keys", "namespace": _NAMESPACE},
              "stringData": _KEYS}]
        )  # fmt: skip
        strimzi.apply(self._bodies())
        strimzi.until_settled(_NAMESPACE)
        self.ask("records.py", "fill")
        self.before = json.loads(self.ask("records.py", "tell"))
        self._back_up()
        (save,) = (block for block in self.blocks("### Save while") if "gpg --encrypt" in block)
        self.typed(save)

    def _home(self) -> None:
        home = self._folder / "home"
        home.mkdir(mode=0o700)
        self._variables = {
            **os.environ, **_KEYS, "AWS_REGION": "us-east-1", "HOME": str(home), "GNUPGHOME": str(home),
            "KUBECONFIG": str(self.strimzi.kubernetes.kubeconfig), "WHOM": "oncall@example.com",
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        }  # fmt: skip
        self.typed("gpg --batch --passphrase '' --quick-gen-key $WHOM default default never")

    def render(self, text: str) -> None:
        """Change the intent, and what is rendered with it."""
        self.project.write("environments/site/environment.yaml", text)
        self.project.write("environments/site/rules.yaml", RULES_OFF)
        assert run(["--root", str(self.project.root), "render", "--no-cache"]) == 0

    def _bodies(self) -> list[Any]:
        folder = self.project.root / "rendered/site"
        return [yaml.safe_load(file.read_text()) for file in sorted(folder.rglob("*.yaml"))]

    def blocks(self, heading: str) -> list[str]:
        """The commands below a heading of the runbook, block by block."""
        text = (self.project.root / "rendered/site/backup/RUNBOOK.md").read_text()
        section = text.partition(f"\n{heading}")[2]
        section = re.split(r"^#{2,3} ", section, maxsplit=1, flags=re.MULTILINE)[0]
        found = re.findall(r"^( *)```sh\n(.*?)^ *```$", section, re.MULTILINE | re.DOTALL)
        return [
            "".join(line.removeprefix(pad) for line in body.splitlines(keepends=True))
            for pad, body in found
        ]

    def shows(self, said: str) -> None:
        """Fail unless every line that the runbook expects of the script was there, maybe in another run of it."""
        text = (self.project.root / "rendered/site/backup/RUNBOOK.md").read_text()
        (block,) = re.findall(r"^ *```text\n(.*?)^ *```$", text, re.MULTILINE | re.DOTALL)
        for line in block.splitlines():
            pattern = ".*".join(map(re.escape, line.strip().split("…")))
            # What ended while nobody looked is told by the next run.
            pattern = pattern.replace(r"is\ done", "(?:is|was) done")
            assert re.search(pattern, said), f"{line}\n{said}"

    def inline(self, begins: str) -> list[str]:
        """The commands that stand in a line of the runbook."""
        text = (self.project.root / "rendered/site/backup/RUNBOOK.md").read_text()
        (line,) = (each for each in text.splitlines() if each.startswith(begins))
        return re.findall(r"`(kubectl [^`]+)`", line)

    def begin(self, commands: str) -> "subprocess.Popen[str]":
        """Type commands where names of brokers are known, without waiting for their end."""
        return subprocess.Popen(
            self.strimzi.hosts.known_to(_NAMESPACE, "bash", "-euo", "pipefail", "-c", commands),
            cwd=self.project.root, env=self._variables, text=True, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, process_group=0,
        )  # fmt: skip

    def typed(self, commands: str, code: int = 0) -> str:
        """Type commands; returns what they said."""
        with self.begin(commands) as process:
            said, _ = process.communicate(timeout=900)
        assert process.returncode == code, f"{commands}\n{said}"
        return said

    def ask(self, program: str, *words: str) -> str:
        """What a program of tests says of the brokers."""
        return asked(self.strimzi, _NAMESPACE, self._folder / "asked", program, *words)

    def _back_up(self) -> None:
        for name in ("claimed-0", "claimed-1", "cloud"):
            self.typed(
                f"kubectl -n {_NAMESPACE} create job now-{name} --from=cronjob/backup-{name}"
            )
        for name in ("claimed-0", "claimed-1", "cloud"):
            self.typed(
                f"kubectl -n {_NAMESPACE} wait --for=condition=Complete job/now-{name} --timeout=300s"
            )

    def lose(self) -> None:
        """The namespace is gone with all that was in it, and so are the disks of brokers."""
        self.render(self._text)
        self.strimzi.remove(_NAMESPACE)
        # Nobody is left who would do what they wait for.
        free = '{"metadata": {"finalizers": null}}'
        for each in self.strimzi.all("KafkaTopic", _NAMESPACE):
            name = each["metadata"]["name"]
            self.typed(f"kubectl -n {_NAMESPACE} patch kafkatopic {name} --type=merge -p '{free}'")
        self.strimzi.kubernetes.delete("Namespace", _NAMESPACE)
        self.strimzi.until(
            lambda: self.strimzi.is_gone("Namespace", _NAMESPACE, None), "end of the namespace"
        )
        shutil.rmtree(self.strimzi.pods.folder / "claims" / _NAMESPACE)
        shutil.rmtree(self.project.root / "rebuild", ignore_errors=True)

    def stop_backups(self) -> None:
        """What a person writes into the intent, as the runbook says."""
        self.render(self._text.replace("schedule:", "suspend: true\n    schedule:"))

    def login(self) -> str:
        """How somebody who may do everything comes to the brokers."""
        files = credentials(self.strimzi, _NAMESPACE, self._folder / "asked", *EVERYTHING)
        said = " ".join(
            f"--{word} {file}" for word, file in zip(("ca", "cert", "key"), files, strict=True)
        )
        return f"--no-kubernetes --bootstrap {WITHIN.format(_NAMESPACE)} {said}"

    def claim(self) -> Path:
        """Where the pods' claim of the backup is on this machine."""
        return self.strimzi.pods.folder / "engine" / _NAMESPACE / "claims/backup-claimed"


@pytest.fixture(scope="module")
def place(strimzi: Strimzi, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """An environment that is well, backed up, and whose Secrets are saved."""
    for tool in ("kubectl", "jq", "gpg"):
        need_tool(tool, f"Debian: apt-get install {tool}")
    folder = tmp_path_factory.mktemp("site")
    with Store(folder / "store") as store:
        yield Place(strimzi, folder, store.url)
        strimzi.remove(_NAMESPACE)


def test_what_is_saved_is_what_is_there(place: Place) -> None:
    """And it is told by its name when it is not, as after a renewal; nothing of it is shown."""
    (check,) = (
        block for block in place.blocks("### Save while") if "strimzi-verify saved" in block
    )
    assert re.search(
        r"site: (\d+) of \1 Secrets are saved as they are \(exit 0\)", place.typed(check)
    )

    place.typed(
        f'kubectl -n {_NAMESPACE} patch secret keys -p \'{{"stringData":{{"AWS_ACCESS_KEY_ID":"other"}}}}\''
    )
    said = place.typed(check, code=7)
    assert "FAIL  keys has changed since it was saved: AWS_ACCESS_KEY_ID" in said
    assert "key-secret" not in said


@pytest.mark.parametrize(
    "kills",
    [
        ("kafka-backup",),
        # Each step of each Job: three tries of a Job, then it has failed, and the script is run again.
        pytest.param(_STEPS * 3, marks=pytest.mark.lot),
    ],
    ids=["once", "everywhere"],
)
def test_a_cluster_comes_back_by_what_the_runbook_says(
    place: Place, kills: tuple[str, ...]
) -> None:
    """Interrupted in these steps, and the script at its begin: every record once, every group where it was."""
    place.lose()
    operators, secrets, _, _, write_down, apply, restore = place.blocks("### Order")
    (namespace,) = place.inline("2. The Namespace")

    # Helm has installed the operator before.
    place.typed(operators[operators.index("until ") :])
    place.typed(namespace)
    place.typed(secrets)
    # The volumes of brokers are gone; the one of the backup is there.
    place.typed(write_down)
    place.stop_backups()
    place.typed(apply)
    place.strimzi.until_settled(_NAMESPACE)

    place.strimzi.pods.kills[:] = kills
    script, then = restore.splitlines()
    first = place.begin(script)
    time.sleep(3)  # whenever it comes, it does no harm
    os.killpg(first.pid, signal.SIGINT)
    begun, _ = first.communicate()
    said = begun + _until_done(place, script)
    assert place.strimzi.pods.kills == [], said

    assert json.loads(place.ask("records.py", "tell")) == place.before, said
    place.shows(said)
    # Sets on a claim by a copy, and brokers inside of the cluster by an address, as the comment says.
    more = [f"--backup-path claimed-{each}={place.claim()}" for each in range(2)]
    place.typed(f"{then.partition('#')[0]} {' '.join(more)} {place.login()} --skip topics,users")


def _until_done(place: Place, script: str) -> str:
    """Run it again until all is restored, and nothing else; returns all that was said."""
    every = ""
    for _ in range(8):
        with place.begin(script) as process:
            said, _ = process.communicate(timeout=900)
        every += said
        if process.returncode == 0:
            return every
        told = [(step, done.log) for _, step, done in place.strimzi.pods.engine_told if done.code]
        step, log = told[-1] if told else ("nobody", "")
        every += f"{step}\n{log[-3000:]}"
    raise AssertionError(every)
