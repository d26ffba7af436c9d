"""What a pool says of the pods of its nodes, above what the Kafka says of all of them."""

from collections.abc import Iterator
from typing import Any

from generator.common.changes import MISSING
from generator.common.strimzi_facts import IN_PLACE_RESIZING, RESOURCES_OF_KAFKA, TEMPLATES_MERGED
from generator.documents.manifest import Manifest
from generator.plan.change import Effect, FieldChange, Impact
from generator.plan.field_diff import normal
from generator.plan.impact import Pair, heap_follows, parts
from generator.plan.impact.cluster.restarts import OF_POOLS, init_containers, restarts
from generator.system.system import System

_IN_PLACE = "strimzi.io/in-place-resizing"
_OF_SERVICES = ("podSet", "perPodService", "perPodRoute", "perPodIngress")


def of_pods(pair: Pair, field: FieldChange) -> Iterator[Effect]:
    """One field of the template, of Java's options or of the resources."""
    match field.path[1:]:
        case ("template",):
            told = {str(part.path[-1]) for part in parts(field)}
            for what in sorted(told | _hidden(pair)):
                yield from _template(pair, what)
        case ("template", str() as what, *_):
            yield from _template(pair, what)
        case ("jvmOptions", *_):
            yield from _jvm_options(pair)
        case _:
            yield from _resources(pair, field)


def restart(pair: Pair, why: str = "") -> Iterator[Effect]:
    """The pool's nodes, whose pods are others.

    Source: Strimzi 1.2.0, PodRevision.java.
    """
    yield from restarts(pair, why, [pair.after] if pair.after else None)


def _template(pair: Pair, what: str) -> Iterator[Effect]:
    """How what is made of the pool looks.

    Source: Strimzi 1.2.0, KafkaPool.java:214 (processTemplate), WorkloadUtils.createPodSet.
    """
    if _as_kafka_says(pair, "template", what):
        yield Effect(Impact.NO_EFFECT, f"the Kafka's own template.{what} says the same")
    elif what == "persistentVolumeClaim":
        yield Effect(Impact.DYNAMIC, "labels and annotations of the claims only; nothing restarts")
    elif what == "initContainer":
        yield from init_containers(pair, [pair.after] if pair.after else [])
    elif what in _OF_SERVICES:
        yield Effect(Impact.DYNAMIC, "only what stands around the pods; nothing restarts")
    else:
        yield from restart(pair)


def _jvm_options(pair: Pair) -> Iterator[Effect]:
    """What Java is told; the Kafka tells it where the pool does not.

    Source: Strimzi 1.2.0, KafkaPool.java:153.
    """
    if _as_kafka_says(pair, "jvmOptions"):
        yield Effect(Impact.NO_EFFECT, "the Kafka's own jvmOptions say the same")
    else:
        yield from restart(pair)


def _as_kafka_says(pair: Pair, *path: str) -> bool:
    """Whether what counts stays: the pool's own as a whole, or the Kafka's where it has none.

    Source: Strimzi 1.2.0, KafkaPool.java:153 (jvmOptions), 214 (processTemplate); 0.48.0, KafkaPool.java:196 (a template
    of the pool's hides all of the Kafka's); 0.51.0, KafkaPool.java:155 (resources).
    """

    def counts(pool: Manifest | None, system: System | None) -> Any:
        spec = pool.body["spec"] if pool else {}
        own = _at(spec, path)
        if path[0] == "template" and not pair.has(TEMPLATES_MERGED):
            hides = spec.get("template") is not None
        else:
            hides = own is not None
        return own if hides or system is None else _at(system.spec, path)

    return bool(counts(pair.before, pair.old) == counts(pair.after, pair.new))


def _hidden(pair: Pair) -> set[str]:
    """What the Kafka's template says, where a pool's own one hides all of it."""
    if pair.has(TEMPLATES_MERGED):
        return set()
    said = (system.spec.get("template") or {} for system in (pair.old, pair.new) if system)
    return {str(key) for template in said for key in template if key in OF_POOLS}


def _at(spec: Any, path: tuple[str, ...]) -> Any:
    for key in path:
        spec = (spec or {}).get(key)
    return spec


def _resources(pair: Pair, field: FieldChange) -> Iterator[Effect]:
    """How much the nodes may use.

    Source: Strimzi 1.2.0, PodRevision.java (a hash of the text), InPlacePodResizingUtils.java, KafkaCluster.java:1646 (what
    Java is told of its heap); 0.51.0, KafkaPool.java:155 (the Kafka's, where the pool has none);
    tests/operators/test_releases.py.
    """
    if pair.has(RESOURCES_OF_KAFKA) and _as_kafka_says(pair, "resources"):
        yield Effect(Impact.NO_EFFECT, "the Kafka's own resources say the same")
        return
    annotations = pair.new.kafka.body["metadata"].get("annotations") or {} if pair.new else {}
    if pair.has(IN_PLACE_RESIZING) and str(annotations.get(_IN_PLACE)) == "true":
        old, new = (
            _heap_follows(*side) for side in ((pair.before, pair.old), (pair.after, pair.new))
        )
        if old != new:
            yield from restart(pair, "the heap follows the memory, or follows it no more: ")
            return
        yield Effect(Impact.DYNAMIC, "the pods are resized as they run, and restart only where that"
                     " cannot be done")  # fmt: skip
    elif MISSING not in (field.before, field.after) and (
        normal(field.before, field.path) == normal(field.after, field.path)
    ):
        yield from restart(pair, "as much as before, but Strimzi compares the text: ")
    else:
        yield from restart(pair)


def _heap_follows(pool: Manifest | None, system: System | None) -> bool:
    spec = pool.body["spec"] if pool else {}
    return heap_follows(
        spec, spec.get("jvmOptions") or (system.spec.get("jvmOptions") if system else None)
    )
