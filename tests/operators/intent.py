"""An environment whose intent changes, commit by commit, under Strimzi's operators.

    deployment = Deployment(strimzi, folder, INTENT)
    told = deployment.commit(INTENT.replace("partitions: 3", "partitions: 6"))

What plan says of each commit is what it would say in the pull request. Argo CD's part, applying and
pruning in waves, is done by hand here.
"""

import json
from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import Any

from live.commands import Done
from operators.admin import asked
from operators.site import Strimzi, is_hook
from support import RULES_OFF, Project

from generator.common.cache import Cache
from generator.documents.manifest import Manifest
from generator.plan.change import Effect
from generator.plan.guard import Guard
from generator.plan.plan import State, plan
from generator.plan.sides import of_project

_WAVE = "argocd.argoproj.io/sync-wave"
Key = tuple[str, str]


class Deployment:
    """One environment, called dev, in a namespace of its own."""

    def __init__(self, strimzi: Strimzi, folder: Path, name: str, text: str) -> None:
        """Render the intent, apply it and wait until the operators have been through with it."""
        self.strimzi, self.name, self.namespace = strimzi, name, f"kafka-{name}"
        self._folder = folder
        self._state = State()
        self.objects: dict[Key, Any] = {}
        self.commit(text)

    def commit(self, text: str) -> list[Effect]:
        """Change the intent to a text, and what is rendered with it; returns what plan says.

        The operators have said something of all that changed when this returns.
        """
        project = Project(self._folder / f"commit-{len(list(self._folder.iterdir()))}")
        project.write(f"environments/{self.name}/environment.yaml", text)
        project.write(f"environments/{self.name}/rules.yaml", RULES_OFF)
        state = of_project(project.root, None, Cache()).states[self.name]
        self._job = next((each.body for each in state.manifests if each.kind == "Job"), None)
        made = plan({self.name: self._state}, {self.name: state}, Guard({}, ""))
        self._state = state
        self._sync({_key(each): each for each in state.manifests if not is_hook(each.body)})
        return [effect for change in made.changes for effect in change.effects]

    def _sync(self, wanted: dict[Key, Manifest]) -> None:
        kubernetes = self.strimzi.kubernetes
        changed = [each for key, each in wanted.items() if self.objects.get(key) != each.body]
        changed.sort(
            key=lambda each: int(each.body["metadata"].get("annotations", {}).get(_WAVE, 0))
        )
        gone = [self.objects[key] for key in self.objects.keys() - wanted.keys()]
        for each in changed:
            kubernetes.apply([each.body])
        for body in gone:
            kubernetes.delete(
                body["kind"], body["metadata"]["name"], body["metadata"].get("namespace")
            )
        since = self.strimzi.operator.position()
        self.objects = {key: each.body for key, each in wanted.items()}
        kinds = {each.kind for each in changed}
        for body in self.of("Kafka") if kinds & {"Kafka", "KafkaNodePool"} else ():
            resource = f"Kafka({self.namespace}/{body['metadata']['name']})"
            through = partial(self.strimzi.operator.has_been_through, resource, since)
            self.strimzi.until(through, f"end of {resource}")
        for kind in kinds & {"KafkaTopic", "KafkaUser"}:
            self.strimzi.until_told(kind, self.namespace)
        for body in gone:
            self.strimzi.until_gone(body)

    def verify(self, *more: str) -> Done:
        """What comes of the rendered Job of strimzi-verify, as JSON; it asks once unless told otherwise."""
        options = ("--wait", "0s", *more)
        return self.strimzi.verify(self.name, *options, job=self._job)

    def nodes(self, pool: str = "") -> dict[str, str]:
        """The uid of each node's pod, of those that shall stay: of all pools, or of one."""
        pods = [each["metadata"] for each in self.strimzi.all("Pod", self.namespace)]
        return {
            each["name"]: each["uid"]
            for each in pods
            if (of := each.get("labels", {}).get("strimzi.io/pool-name"))
            and pool in ("", of)
            and "deletionTimestamp" not in each
        }

    def of(self, kind: str) -> list[Any]:
        """The objects of a kind, as they are rendered."""
        return [body for (of, _), body in self.objects.items() if of == kind]

    def live(self, kind: str, name: str) -> Any:
        """An object as it is now."""
        return self.strimzi.kubernetes.read(kind, name, self.namespace)

    def view(self) -> Any:
        """What the brokers have: settings, topics, ACLs and users with passwords."""
        answer = asked(self.strimzi, self.namespace, self._folder / "view", "view.py")
        return json.loads(answer)


def said(effects: Iterable[Effect]) -> str:
    """All consequences, one a line."""
    return "\n".join(f"{each.impact}: {each.text}" for each in effects)


def _key(manifest: Manifest) -> Key:
    return manifest.kind, manifest.name
