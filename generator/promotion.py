"""Two environments side by side: what differs, and what making one like the other would do."""

from collections.abc import Iterator
from typing import Any

from generator.build_system import system_of
from generator.change import MISSING, Action, Change
from generator.differences import allowed
from generator.guard import Guard
from generator.manifest import Manifest
from generator.overrides import patch
from generator.plan import State, plan
from generator.plan_data import plain


def renamed_state(state: State, like: State) -> State:
    """The state as it would stand in the other's place: its namespace, its cluster's name."""
    manifests = tuple(_moved(each, like) for each in state.manifests)
    environment = state.system.environment if state.system else None
    policy = state.system.policy if state.system else {}
    system = system_of(manifests, policy)
    if system is not None and state.system is not None:
        system.environment = environment
        asked = {topic.name: topic.asked for topic in state.system.topics}
        for index, topic in enumerate(system.topics):
            system.topics[index] = topic._replace(asked=asked.get(topic.name))
    return State(manifests, system)


def _moved(manifest: Manifest, like: State) -> Manifest:
    namespaces = sorted({each.identity[2] for each in like.manifests} - {""})
    mine = manifest.body["metadata"].get("namespace")
    if mine is None or len(namespaces) != 1:
        return manifest
    body = patch(manifest.body, {"metadata": {"namespace": namespaces[0]}})
    return Manifest(manifest.area, body, manifest.origin)


def unmeant(
    one: State, other: State, name: str, other_name: str
) -> tuple[list[dict[str, Any]], int]:
    """Rows of object, field and both values, and how many differences are meant."""
    moved = renamed_state(other, one)
    made = plan({name: one}, {name: moved}, Guard({}, ""))
    policies = [state.system.policy for state in (one, other) if state.system]
    rows, meant = [], 0
    for change in made.changes:
        for kind_name, field, mine, theirs in _rows(change):
            kind, _, object_name = kind_name.partition("/")
            if any(allowed(policy, kind, object_name, field) for policy in policies):
                meant += 1
            else:
                row = {"object": kind_name, "field": field, name: mine, other_name: theirs}
                rows.append(row)
    rows.sort(key=lambda row: (row["object"], row["field"]))
    return rows, meant


def _rows(change: Change) -> Iterator[tuple[str, str, Any, Any]]:
    label = f"{change.kind}/{change.name}"
    if change.action is Action.UPDATE:
        yield label, change.field, _shown(change.before), _shown(change.after)
    elif change.action is Action.RENAME:
        yield label, "", "here", "missing"
        yield f"{change.kind}/{change.after}", "", "missing", "here"
    elif change.action is Action.DELETE:
        yield label, "", "here", "missing"
    else:
        yield label, "", "missing", "here"


def _shown(value: Any) -> Any:
    return "-" if value is MISSING else plain(value)
