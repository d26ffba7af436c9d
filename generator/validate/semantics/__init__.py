"""What the API server demands of built-in kinds and no schema can say, as it takes two fields to judge.

Each module here says `@on("PodSpec")`: the definition of the Kubernetes API, or the kind, whose values a
function judges. Those get what the schema has found sound. Held against a real API server by
`python tests/mutate.py documents`.
"""

from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

from generator.common.discovery import modules_below
from generator.validate.places import Complaint, Judge, Place

_Check = Callable[[Any], Iterator[Complaint]]
_CHECKS: dict[str, list[_Check]] = {}
_DEFAULTS = {"protocol": "TCP"}
"""Of keys by which the API server tells the items of a list apart (1.34, ContainerPort, ServicePort)."""


def on(*definitions: str) -> Callable[[_Check], _Check]:
    """Mark a function as a judge of some definitions or kinds; "*" is every object."""

    def mark(check: _Check) -> _Check:
        for definition in definitions:
            _CHECKS.setdefault(definition, []).append(check)
        return check

    return mark


def judges_at(place: Place) -> Iterator[Judge]:
    """Who judges a place of a schema."""
    names = [place.definition]
    if not place.steps:
        properties = place.node.get("properties", {})
        described = "annotations" in properties.get("metadata", {}).get("properties", {})
        names = ["*" if described else "", properties.get("kind", {}).get("const", "")]
    for name in names:
        for check in _checks().get(name, ()):
            yield Judge(place.steps, check)
    keys = place.node.get("x-kubernetes-list-map-keys")
    if keys and place.steps[:1] != ("metadata",):  # which every object has, and metadata.py judges
        yield Judge(place.steps, _told_apart(tuple(keys)))


@cache
def _checks() -> dict[str, list[_Check]]:
    for _ in modules_below(__name__):
        pass
    return _CHECKS


def _told_apart(keys: tuple[str, ...]) -> _Check:
    """A list whose items are told apart by some of their keys."""

    def check(items: Any) -> Iterator[Complaint]:
        seen = set()
        for index, item in enumerate(items or ()):
            found = tuple(item.get(key, _DEFAULTS.get(key)) for key in keys)
            if found in seen:
                told = " ".join(f"{key} {value}" for key, value in zip(keys, found, strict=True))
                yield (index,), f"{told} is in the list twice", "drop or rename one of the two"
            seen.add(found)

    return check
