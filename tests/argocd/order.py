"""In which order Argo CD changed objects, beside the order that plan has printed."""

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Any

from argocd.audit import Write
from live.kubernetes_server import KubernetesServer

from generator.common.kinds import kind_of


def assert_as_planned(
    kubernetes: KubernetesServer, planned: Any, manifests: Iterable[Any], writes: Iterable[Write]
) -> None:
    """Argo CD did what plan says, nothing else but hooks, and in that order.

    `manifests` are those of both sides. What goes in one wave goes at the same time, and so does what
    comes in one wave and is of one kind.
    """
    manifests = list(manifests)
    paths = {_label(each): _path(kubernetes, each) for each in manifests}
    hooks = {
        _path(kubernetes, each)
        for each in manifests
        if "argocd.argoproj.io/hook" in (each["metadata"].get("annotations") or {})
    }
    turns = {
        (verb, paths[label]): (turn, label) for turn, (verb, label) in _turns(planned["order"])
    }
    homes = {f"/namespaces/{each['metadata'].get('namespace')}/" for each in manifests}
    seen: dict[tuple[str, str], None] = {}
    for write in writes:
        verb = "delete" if write.verb == "delete" else "apply"
        here = any(home in write.path for home in homes) or write.path in paths.values()
        if here and ((verb, write.path) in turns or write.path not in hooks):
            seen.setdefault((verb, write.path))

    assert set(seen) == set(turns)
    found = [turns[each] for each in seen]
    # Its place among all that comes or goes: the turns never go back.
    assert [turn for turn, _ in found] == sorted(turn for turn, _ in found), found


def _turns(order: Iterable[Any]) -> Iterator[tuple[int, tuple[str, str]]]:
    """Every object of a plan with the number of its turn, and what is done to it."""
    turn = 0
    for step in order:
        if step["phase"] == "Prune":
            turn += 1
            yield from ((turn, ("delete", label)) for label in step["objects"])
            continue
        for _, labels in groupby(step["objects"], lambda label: label.partition("/")[0]):
            turn += 1
            yield from ((turn, ("apply", label)) for label in labels)


def _label(manifest: Any) -> str:
    """As plan names it: a topic by its name in Kafka."""
    name = manifest["metadata"]["name"]
    if manifest["kind"] == "KafkaTopic":
        name = manifest["spec"].get("topicName", name)
    return f"{manifest['kind']}/{name}"


def _path(kubernetes: KubernetesServer, manifest: Any) -> str:
    metadata, kind = manifest["metadata"], manifest["kind"]
    namespace = metadata.get("namespace") if kind_of(kind).namespaced else None
    return kubernetes.path(kind, metadata["name"], namespace, manifest["apiVersion"])
