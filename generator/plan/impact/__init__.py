"""What a change of an object does to a running cluster: one module per kind.

A module has `KIND` and the functions `created`, `deleted` and `changed`, each of which yields effects.
`judge` finds them by name; a kind without one is judged by `_other`. Whoever makes an effect says in its
docstring, behind `Source:`, where what it tells is written or shown.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from generator.common.changes import MISSING
from generator.common.strimzi import newest
from generator.common.strimzi_facts import Fact
from generator.documents.manifest import Body, Manifest
from generator.plan.change import Effect, FieldChange, Impact
from generator.system.system import System, SystemTopic

MANAGED = "strimzi.io/managed"
PAUSED = "strimzi.io/pause-reconciliation"
SYNC_OPTIONS = "argocd.argoproj.io/sync-options"


@dataclass(frozen=True, slots=True)
class Pair:
    """One object before and after, and the systems around it; None where there is none."""

    before: Manifest | None
    after: Manifest | None
    old: System | None
    new: System | None
    around: str = ""
    """The Strimzi that the environment is rendered for; empty where nothing there says it."""

    @property
    def strimzi(self) -> str:
        """The Strimzi that carries it out, once it runs; the newest where nobody says which."""
        system = self.new or self.old
        return system.strimzi if system else self.around or newest().version

    def has(self, fact: Fact) -> bool:
        """Whether something holds in that Strimzi."""
        return fact.holds(self.strimzi)

    def annotation(self, key: str, after: bool = False) -> str:
        """An annotation of the object, before or after; empty when it has none."""
        manifest = self.after if after else self.before
        metadata = manifest.body["metadata"] if manifest else {}
        return str((metadata.get("annotations") or {}).get(key, ""))


def parts(field: FieldChange) -> Iterator[FieldChange]:
    """What stands below a mapping that comes or goes as a whole, each part as if it came or went alone."""
    sides = [side if isinstance(side, Mapping) else {} for side in (field.before, field.after)]
    for key in sorted({*sides[0], *sides[1]}, key=str):
        before, after = (side.get(key, MISSING) for side in sides)
        if before != after:
            yield FieldChange((*field.path, key), before, after)


def listed(names: Sequence[str], shown: int = 3) -> str:
    """The first few of many names."""
    more = f" and {len(names) - shown} more" if len(names) > shown else ""
    return ", ".join(names[:shown]) + more


def topic_of(manifest: Manifest | None, system: System | None) -> SystemTopic | None:
    """The topic that a KafkaTopic manages."""
    if manifest is None or system is None:
        return None
    return system.by_topic.get(manifest.body["spec"].get("topicName") or manifest.name)


def asks_for_zone(spec: Body) -> bool:
    """Whether an init container asks the node for its zone, by what a spec says of racks."""
    rack = spec.get("rack") or {}
    return bool(rack) and rack.get("type", "topology-label") == "topology-label"


def short(version: str) -> str:
    """`0.48` of 0.48.0, as people say it."""
    return ".".join(version.split(".")[:2])


def not_known(pair: Pair) -> Effect:
    """What is told of a release that nobody here knows well enough.

    Source: generator/common/strimzi_facts.py, which has all that is known of older releases.
    """
    text = f"Strimzi {short(pair.strimzi)} is not known well enough to say what this does: look for yourself"
    return Effect(Impact.UNKNOWN, text)


def heap_follows(spec: Body, jvm_options: Body | None) -> bool:
    """Whether Java is told to take a part of the memory that a spec says (Strimzi 1.2.0, JvmOptionUtils.heapOptions)."""
    options = jvm_options or {}
    if "-Xmx" in options or "MaxRAMPercentage" in (options.get("-XX") or {}):
        return False
    resources = spec.get("resources") or {}
    return any("memory" in (resources.get(each) or {}) for each in ("requests", "limits"))
