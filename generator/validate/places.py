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
        if not self.steps:
            yield from self.judge(body)
            return
        for path, value in values_at(body, self.steps):
            for inner, message, fix in self.judge(value):
                yield (*path, *inner), message, fix


@dataclass(frozen=True, slots=True)
class Place:
    """A place of a schema: the way to it, what it says, and the definition that it is, if one."""

    steps: Steps
    node: Body
    definition: str


_TOLD = ("x-kubernetes-validations", "x-kubernetes-list-map-keys")


def places_of(schema: Body) -> list[Place]:
    """The places at which a schema says more than fields and types, and those that are definitions.

    References are followed, but not around in circles.
    """
    found = [Place((), schema, "")]
    _walk(schema, schema, (), (), found)
    return found


def _walk(node: Body, root: Body, steps: Steps, above: Steps, found: list[Place]) -> None:
    reference = node.get("$ref")
    if isinstance(reference, str):
        if reference not in above:
            name = reference.rpartition("/")[2]
            target = root["definitions"][name]
            found.append(Place(steps, target, name.rpartition(".")[2]))
            _walk(target, root, steps, (*above, reference), found)
        return
    for key, child in node.get("properties", {}).items():
        inner = (*steps, key)
        if _TOLD[0] in child or _TOLD[1] in child:
            found.append(Place(inner, child, ""))
        _walk(child, root, inner, above, found)
    for key, step in (("items", ITEMS), ("additionalProperties", VALUES)):
        child = node.get(key)
        if isinstance(child, dict):
            inner = (*steps, step)
            if _TOLD[0] in child or _TOLD[1] in child:
                found.append(Place(inner, child, ""))
            _walk(child, root, inner, above, found)
    for child in node.get("allOf", ()):
        if "$ref" in child:
            _walk(child, root, steps, above, found)


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
