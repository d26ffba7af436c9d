"""Which object before the change is which one after it, where only the namespace is said otherwise."""

from collections.abc import Mapping

from generator.documents.manifest import Manifest
from generator.plan.change import Effect, Impact
from generator.system.system import System

Identity = tuple[str, str, str, str]
"""Group, kind, namespace and name."""


def in_other_words(
    gone: dict[Identity, Manifest], come: dict[Identity, Manifest], system: System | None
) -> dict[Identity, Manifest]:
    """What is there on both sides, but says its namespace on one only; both are taken out.

    Where the namespace is another one than the environment's, it is another object.
    """
    intent = system.environment if system else None
    alike: dict[tuple[str, str, str], list[Identity]] = {}
    for key in come:
        alike.setdefault((*key[:2], key[3]), []).append(key)
    found = {}
    for key in sorted(gone):
        others = [
            other for other in alike.get((*key[:2], key[3]), ()) if "" in (key[2], other[2])
            and (intent is None or {key[2], other[2]} <= {"", intent.namespace})
        ]  # fmt: skip
        if len(others) == 1:
            found[others[0]] = gone.pop(key)
            del come[others[0]]
    return found


def elsewhere(
    gone: Mapping[Identity, Manifest], come: Mapping[Identity, Manifest]
) -> dict[Identity, str]:
    """What goes in one namespace and comes in another, with the other one."""
    places = {(*key[:2], key[3]): key[2] for key in come}
    return {key: places[key[0], key[1], key[3]] for key in gone if (*key[:2], key[3]) in places}


def moves(before: str, after: str) -> Effect:
    """What another namespace means.

    Source: Kubernetes 1.34, "Namespaces": an object of another namespace is another one.
    """
    where = [
        f"namespace {each}" if each else "the Application's namespace" for each in (before, after)
    ]
    return Effect(
        Impact.DYNAMIC, f"from {where[0]} to {where[1]}: this one is deleted, and a new one made"
    )
