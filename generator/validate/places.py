"""Where in an object of a schema something is to be judged, found once from the schema."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from generator.common.finding import Path
from generator.documents.manifest import Body

ITEMS, VALUES = "[]", "{}"
Steps = tuple[str, ...]
"""The way to a place: keys, `ITEMS` for all of a list, `VALUES` for all of a mapping."""

Complaint = tuple[Path, str, str]
"""Where, what is wrong, and how to mend it."""


@dataclass(frozen=True, slots=True)
class Judge:
    """What one place of an object has to be; `judge` gets what stands there."""

    steps: Steps
    judge: Callable[[Any], Iterator[Complaint]]

    def complaints(self, body: Body) -> Iterator[Complaint]:
        """What is wrong at all such places of an object."""
        for path, value in values_at(body, self.steps):
            for inner, message, fix in self.judge(value):
                yield (*path, *inner), message, fix


@dataclass(frozen=True, slots=True)
class Place:
    """A place of a schema: the way to it, what it says, and the definition that it is, if one."""

    steps: Steps
    node: Body
    definition: str


def places_of(schema: Body) -> Iterator[Place]:
    """Every place of a schema; references are followed, but not around in circles."""
    yield from _walk(schema, schema, (), ())


def _walk(node: Body, root: Body, steps: Steps, above: tuple[str, ...]) -> Iterator[Place]:
    reference = node.get("$ref")
    if isinstance(reference, str):
        if reference not in above:
            target: Any = root
            for key in reference[2:].split("/"):
                target = target[key]
            yield Place(steps, {}, reference.rpartition(".")[2])
            yield from _walk(target, root, steps, (*above, reference))
        return
    yield Place(steps, node, "")
    for child in node.get("allOf", ()):
        if "$ref" in child:
            yield from _walk(child, root, steps, above)
    for key, child in node.get("properties", {}).items():
        yield from _walk(child, root, (*steps, key), above)
    for key, step in (("items", ITEMS), ("additionalProperties", VALUES)):
        child = node.get(key)
        if isinstance(child, dict):
            yield from _walk(child, root, (*steps, step), above)


def values_at(body: object, steps: Steps, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """What an object has at a place, with the path to each."""
    if not steps:
        yield path, body
        return
    step, rest = steps[0], steps[1:]
    if step == ITEMS and isinstance(body, list):
        for index, item in enumerate(body):
            yield from values_at(item, rest, (*path, index))
    elif step == VALUES and isinstance(body, dict):
        for key, item in body.items():
            yield from values_at(item, rest, (*path, key))
    elif isinstance(body, dict) and step in body:
        yield from values_at(body[step], rest, (*path, step))
