"""What a change of an object does to a running cluster: one module per kind.

A module has `KIND` and the functions `created`, `deleted` and `changed`, each of which yields effects.
Modules are found by name; a kind without one is judged by `_other`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from types import ModuleType

from generator.common.discovery import modules_below
from generator.common.kinds import kind_of
from generator.documents.manifest import Manifest
from generator.model.environment import Environment
from generator.plan.change import Effect, FieldChange, Impact
from generator.system.system import System, SystemTopic

MANAGED = "strimzi.io/managed"
PAUSED = "strimzi.io/pause-reconciliation"


@dataclass(frozen=True, slots=True)
class Pair:
    """One object before and after, and the systems around it; None where there is none."""

    before: Manifest | None
    after: Manifest | None
    old: System | None
    new: System | None

    def annotation(self, key: str, after: bool = False) -> str:
        """An annotation of the object, before or after; empty when it has none."""
        manifest = self.after if after else self.before
        metadata = manifest.body["metadata"] if manifest else {}
        return str((metadata.get("annotations") or {}).get(key, ""))


def effects(pair: Pair, field: FieldChange | None) -> tuple[Effect, ...]:
    """The consequences of a change of one field, or of the whole object (None), worst first."""
    kind = (pair.after or pair.before).kind  # type: ignore[union-attr]
    module = _modules().get(kind) or _modules()[""]
    if field is None:
        found = module.created(pair) if pair.before is None else module.deleted(pair)
    elif field.path[0] == "metadata":
        found = _metadata(pair, field)
    else:
        found = module.changed(pair, field)
    return tuple(found)


@cache
def _modules() -> dict[str, ModuleType]:
    return {each.KIND: each for each in modules_below(__name__) if hasattr(each, "KIND")}


def _metadata(pair: Pair, field: FieldChange) -> Iterator[Effect]:
    """Labels and annotations, of which a few decide who cares for the object."""
    inside = field.path[2:]
    key = str(inside[0]) if inside else ""
    kind = pair.after.kind if pair.after else ""
    if field.path == ("metadata", "labels", "strimzi.io/cluster") and kind_of(kind).of == "Kafka":
        yield Effect(Impact.REFUSED, f"from now on {field.after}'s operators answer for it; what"
                     f" {field.before} has stays there, managed by nobody")  # fmt: skip
    elif key == MANAGED or (not key and pair.annotation(MANAGED) != pair.annotation(MANAGED, True)):
        if pair.annotation(MANAGED, after=True) == "false":
            yield Effect(Impact.NO_EFFECT, "the Topic Operator lets go of it: the topic and its data"
                         " stay, and nothing said here changes it any more")  # fmt: skip
        else:
            yield Effect(Impact.DYNAMIC, "the Topic Operator manages it again")
    elif key == PAUSED:
        if pair.annotation(PAUSED, after=True) == "true":
            yield Effect(Impact.IGNORED, "the operator does nothing that is said here until the"
                         " annotation goes")  # fmt: skip
        else:
            yield Effect(Impact.DYNAMIC, "the operator catches up with everything said meanwhile")
    elif key == "argocd.argoproj.io/sync-options":
        yield from _confirmations(pair, field)
    elif field.path[1] == "finalizers" and kind == "Application":
        yield from _modules()[kind].finalizers(field)
    else:
        yield Effect(Impact.NO_EFFECT, "labels and annotations only")


_CONFIRMATIONS = {"Prune=confirm", "Prune=false", "Delete=confirm", "Delete=false"}


def _confirmations(pair: Pair, field: FieldChange) -> Iterator[Effect]:
    """What Argo CD asks before it removes the object; what is retired is released on purpose."""
    before, after = (
        {*each.replace(" ", "").split(",")} if isinstance(each, str) else set()
        for each in (field.before, field.after)
    )
    lost = (before - after) & _CONFIRMATIONS
    intent = pair.new.environment if pair.new else None
    if lost and (intent is None or (intent.protect and not _is_retired(pair, intent))):
        yield Effect(Impact.PROTECTION_LOSS, "Argo CD asks nobody any more before it removes it")
    else:
        yield Effect(Impact.NO_EFFECT, "only what Argo CD asks before it removes the object")


def _is_retired(pair: Pair, intent: Environment) -> bool:
    """True for what the intent releases: by itself, or with the whole environment."""
    topic = (
        topic_of(pair.after, pair.new) if pair.after and pair.after.kind == "KafkaTopic" else None
    )
    pools = {pool.name for pool in intent.cluster.node_pools if pool.retire}
    return bool(
        intent.retire
        or (topic and topic.intent and topic.intent.retire)
        or (pair.after and pair.after.kind == "KafkaNodePool" and pair.after.name in pools)
    )


def topic_of(manifest: Manifest | None, system: System | None) -> SystemTopic | None:
    """The topic that a KafkaTopic manages."""
    if manifest is None or system is None:
        return None
    return system.by_topic.get(manifest.body["spec"].get("topicName") or manifest.name)
