"""What subjects of the model bring besides what they are asked for, found by discovery.

A module below `generator.model` may have any of these functions; who adds one edits no list:

- `problems(environment)`: what is wrong beyond the shape of the intent
- `guests(environment)`: pods of ours that come through a listener
- `waiting(environment)`: what waits until an approval names it
- `never_healthy(environment)`: whether Argo CD would wait in vain for something of it
- `told(environment)`: what strimzi-verify is told; lists and mappings of several add up
"""

import sys
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from generator.common.discovery import modules_below
from generator.common.finding import Problem
from generator.documents.manifest import Body
from generator.model.environment import Environment, Listener


class Guest(NamedTuple):
    """Pods of ours, as a peer of a NetworkPolicy, and the listener through which they come."""

    listener: Listener
    peer: Body


class Waiting(NamedTuple):
    """What waits: what the intent calls it, the object that an approval names, and the word it says."""

    name: str
    object: str
    word: str
    prefix: str
    """PREFIX of its module: what the names of Jobs of its sort begin with."""


def all_problems(environment: Environment) -> Iterator[Problem]:
    """What all subjects find wrong."""
    for brings in _all("problems"):
        yield from brings(environment)


def all_guests(environment: Environment) -> dict[str, list[Body]]:
    """The peers of ours that come through each listener, each once, in an order of their own."""
    found: dict[str, list[Body]] = {each.name: [] for each in environment.cluster.listeners}
    for brings in _all("guests"):
        for listener, peer in brings(environment):
            if peer not in found[listener.name]:
                found[listener.name].append(peer)
    return found


def all_that_waits(environment: Environment) -> list[Waiting]:
    """What all subjects let wait for an approval."""
    return [each for brings in _all("waiting") for each in brings(environment)]


def waiting_prefixes() -> tuple[str, ...]:
    """What the names of Jobs begin with that wait, whether there is one or not."""
    return tuple(sys.modules[each.__module__].PREFIX for each in _all("waiting"))


def has_never_healthy(environment: Environment) -> bool:
    """True when something of the environment never becomes healthy by itself, or not before long."""
    return any(brings(environment) for brings in _all("never_healthy"))


def all_told(environment: Environment) -> dict[str, Any]:
    """What strimzi-verify is told by all subjects together."""
    found: dict[str, Any] = {}
    for brings in _all("told"):
        for key, value in brings(environment).items():
            found[key] = {**found.get(key, {}), **value} if isinstance(value, dict) else [
                *found.get(key, ()), *value]  # fmt: skip
    return found


def _all(name: str) -> Iterator[Callable[[Environment], Any]]:
    here = __name__
    for module in modules_below(here.rpartition(".")[0], but=here):
        brings = getattr(module, name, None)
        if brings is not None and getattr(brings, "__module__", "") == module.__name__:
            yield brings
