"""What changes do under a running Cluster Operator, held against what plan says of them.

    PYTHONPATH=tests python -m operators.table [--kind KIND] [--share N] [--seed N]

Each change is made on top of those before it; what is refused is taken back. Brokers are real, everything
else that the operator makes is ready as soon as it is there.
"""

import argparse
import json
import math
import random
import re
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from copy import deepcopy
from pathlib import Path
from typing import Any

from live.kubernetes_server import Refused
from live.node import ServerError
from operators.changes import Change, changes
from operators.scenes import SCENES, Scene
from operators.seen import Seen, disagreements_beside
from operators.site import Strimzi, conditions

from generator.documents.manifest import Manifest
from generator.model.policy import policy_of
from generator.plan.change import Effect, Impact
from generator.plan.guard import Guard
from generator.plan.plan import State, plan
from generator.system.build import systems_of

_MADE = {
    "ConfigMap", "Deployment", "NetworkPolicy", "PersistentVolumeClaim", "PodDisruptionBudget",
    "Role", "RoleBinding", "Secret", "Service", "ServiceAccount", "StrimziPodSet",
}  # fmt: skip
_RESTARTS = re.compile(r"every node of (.*?) restarts in turn")
_POOL = re.compile(r"([\w.-]+) \(\d+\)")

_THE_REST = "its other settings are applied"

Objects = dict[str, Any]
"""Manifests by `Kind/name`."""
Row = dict[str, Any]
"""What plan says of a change, what was seen, and what of both is wrong."""


def told(before: Objects, after: Objects) -> list[Effect]:
    """What plan says of a change."""
    sides = []
    for objects in (before, after):
        manifests = tuple(Manifest("", body, ()) for body in objects.values())
        sides.append(State(manifests, tuple(systems_of(manifests, policy_of({})))))
    made = plan({"table": sides[0]}, {"table": sides[1]}, Guard({}, ""))
    return [effect for change in made.changes for effect in change.effects]


def disagreements(change: Change, effects: list[Effect], seen: Seen) -> Iterator[str]:
    """Where plan and operator are not of one mind."""
    impacts = {effect.impact for effect in effects}
    said = {pool for effect in effects for nodes in _RESTARTS.findall(effect.text)
            for pool in _POOL.findall(nodes)}  # fmt: skip
    refused = Impact.REFUSED in impacts
    if refused != bool(seen.refused):
        yield f"plan {'refuses' if refused else 'does not refuse'}; {seen.refused or 'it was not refused'}"
    if Impact.UNKNOWN in impacts or not effects:
        yield "plan does not know"
    if seen.refused:
        if any(_THE_REST in effect.text for effect in effects) and not seen.touched:
            yield f"plan tells '{_THE_REST}'; nothing changed"
        return
    if change.kind not in Scene.kinds:
        yield from disagreements_beside(change, effects, seen)
        return
    if said != seen.pools:
        yield f"plan restarts {sorted(said) or 'nobody'}; {sorted(seen.pools) or 'nobody'} restarted"
    text = " ".join(effect.text for effect in effects)
    for word, names in (("Entity Operator restarts", {"events-entity-operator"}),
                        ("its own pod restarts", {"events-cruise-control", "events-kafka-exporter"})):  # fmt: skip
        if change.kind == "KafkaNodePool" and word == "its own pod restarts":
            continue  # what Cruise Control and the exporter know of brokers follows the brokers
        if (word in text) != bool(seen.deployments & names):
            yield f"plan {'tells' if word in text else 'does not tell'} '{word}'; {sorted(seen.deployments)} changed"
    if seen.touched and impacts <= {Impact.NO_EFFECT}:
        yield f"plan says nothing happens; {sorted(seen.touched)} changed"
    if impacts <= {Impact.IGNORED} and (seen.pools or seen.deployments):
        yield "plan says that it is ignored"


class Table:
    """The objects as they are now, under an operator."""

    def __init__(self, scene: Scene) -> None:
        """Apply what the scene starts from; it is ready when this returns."""
        self.strimzi, self.scene, self.objects = scene.strimzi, scene, scene.objects()
        scene.start(self.objects)

    def make(self, change: Change) -> tuple[list[Effect], Seen]:
        """Make a change; returns what plan says, and what was seen."""
        label = change.of(self.objects)
        if change.made(self.objects[label]) == self.objects[label]:
            # A change before this one has brought it along: it begins where all began.
            self.objects = {**self.objects, label: self.scene.objects()[label]}
            self._applied(self.objects[label])
        after = {**self.objects, label: change.made(self.objects[label])}
        effects = told(self.objects, after)
        before = self._state()
        refused = self._applied(after[label])
        seen = Seen(refused=refused) if refused else self._seen(before)
        if seen.refused or change.told.get("back"):
            if not refused:
                self._applied(self.objects[label])
        else:
            self.objects = after
        return effects, seen

    def _applied(self, body: Any) -> str:
        """Apply an object, and wait until the operator has been through with it."""
        try:
            self.strimzi.kubernetes.apply([body])
        except Refused as refused:
            return str(refused)
        self.scene.wait(body, since=self.strimzi.operator.position())
        return ""

    def _state(self) -> dict[str, Any]:
        namespace = self.scene.namespace
        state = self.scene.look()
        for kind in sorted(_MADE):
            for each in self.strimzi.all(kind, namespace):
                state[f"{kind}/{each['metadata']['name']}"] = _content(each)
        for binding in self.strimzi.all("ClusterRoleBinding", None):
            if namespace in binding["metadata"]["name"]:
                state[f"ClusterRoleBinding/{binding['metadata']['name']}"] = _content(binding)
        for pod in self.strimzi.all("Pod", namespace):
            labels = pod["metadata"]["labels"]
            if "strimzi.io/controller-name" in labels:
                pool = labels.get("strimzi.io/pool-name", labels["strimzi.io/controller-name"])
                state[f"Pod/{pod['metadata']['name']}"] = (pool, pod["metadata"]["uid"])
        told = [condition for each in self.objects.values()
                if each["kind"].startswith("Kafka") for condition in conditions(self.strimzi.read(each))]  # fmt: skip
        state["Warnings"] = [f"{each['reason']}: {each['message']}" for each in told
                             if each["type"] == "Warning"]  # fmt: skip
        state["NotReady"] = next((f"{each.get('reason')}: {each.get('message')}" for each in told
                                  if each["type"] == "NotReady"
                                  or (each["type"], each["status"]) == ("Ready", "False")), "")  # fmt: skip
        state["Asked"] = self.scene.asked[:]
        return state

    def _seen(self, before: Mapping[str, Any]) -> Seen:
        after = self._state()
        seen = Seen(refused=after["NotReady"])
        seen.warnings = [each for each in after["Warnings"] if each not in before["Warnings"]]
        seen.asked = after["Asked"][len(before["Asked"]) :]
        for label in before.keys() | after.keys():
            kind, _, name = label.partition("/")
            old, new = before.get(label), after.get(label)
            if old == new or kind in ("Warnings", "NotReady", "Asked"):
                continue
            if kind == "Pod":
                if old and new:
                    seen.pools.add(new[0])
                continue
            seen.touched.add(label)
            if kind == "Deployment" and (
                not old or not new or old["spec"]["template"] != new["spec"]["template"]
            ):
                seen.deployments.add(name)
        return seen


def _content(body: Any) -> Any:
    """An object without what changes by itself."""
    kept = deepcopy(body)
    kept.pop("status", None)
    for key in ("resourceVersion", "managedFields", "generation", "uid", "creationTimestamp"):
        kept["metadata"].pop(key, None)
    return kept


def main(arguments: list[str]) -> int:
    """Run the table; one line for each change, and what does not agree."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kind", action="append")
    parser.add_argument("--field", default="")
    parser.add_argument("--share", type=int, default=1, help="one of so many changes, by lot")
    parser.add_argument("--seed", default="", help="what the lot falls by")
    options = parser.parse_args(arguments)
    every = [each for each in changes() if not options.kind or each.kind in options.kind]
    every = [each for each in every if options.field in each.field]
    chosen = lot(every, options.share, options.seed)
    wrong: list[str] = []

    def tell(row: Mapping[str, Any]) -> None:
        _say(json.dumps(row))
        if row["wrong"]:
            wrong.append(described(row))

    _say(f"{len(chosen)} changes")
    with tempfile.TemporaryDirectory(prefix="table-") as folder, Strimzi(Path(folder)) as strimzi:
        make(strimzi, Path(folder), chosen, tell)
    _say("\n".join([*wrong, f"{len(wrong)} of {len(chosen)} disagree"]))
    return 1 if wrong else 0


def lot(every: list[Change], share: int, seed: str) -> list[Change]:
    """One of so many changes of each scene, in the order in which the lot falls; the same for the same seed."""
    if share == 1:
        return every
    chosen: list[Change] = []
    for scene in SCENES:
        mine = [each for each in every if each.kind in scene.kinds]
        chosen += random.Random(seed).sample(mine, -(-len(mine) // share))
    return chosen


def described(row: Mapping[str, Any]) -> str:
    """What is wrong, what was said and what was seen, for people."""
    seen = {
        key: row[key] for key in ("refused", "warnings", "pools", "deployments", "touched", "asked")
    }
    return "\n".join([
        row["change"], *(f"  wrong: {each}" for each in row["wrong"]),
        *(f"  said: {each}" for each in row["told"] or ["nothing"]),
        *(f"  seen: {key} {value}" for key, value in seen.items() if value),
    ])  # fmt: skip


def make(
    strimzi: Strimzi,
    folder: Path,
    chosen: list[Change],
    tell: Callable[[Row], object],
    seconds: float = math.inf,
) -> None:
    """Make changes, in all scenes side by side; none begins after so many seconds.

    Of each is told what plan says, what was seen, and what is `wrong`.
    """
    end = time.monotonic() + seconds
    with ThreadPoolExecutor(len(SCENES)) as pool:
        running = [pool.submit(_make, kind(strimzi, folder), chosen, tell, end) for kind in SCENES]
    for each in running:
        each.result()


def _make(scene: Scene, chosen: list[Change], tell: Callable[[Row], object], end: float) -> None:
    mine = [each for each in chosen if each.kind in scene.kinds]
    if mine:
        table = Table(scene)
        for change in mine:
            if time.monotonic() < end:
                tell(_row(table, change))
        scene.stop()


def _row(table: Table, change: Change) -> Row:
    began = time.monotonic()
    try:
        effects, seen = table.make(change)
        wrong = list(disagreements(change, effects, seen))
    except (ServerError, Refused) as error:
        effects, seen, wrong = [], Seen(), [f"ERROR {error}"[:600]]
    return {
        "change": change.name, "took_s": round(time.monotonic() - began, 1), "wrong": wrong,
        "told": [f"{each.impact}: {each.text}" for each in effects], "pools": sorted(seen.pools),
        "deployments": sorted(seen.deployments), "touched": sorted(seen.touched), "asked": seen.asked,
        "refused": seen.refused, "warnings": seen.warnings,
    }  # fmt: skip


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
