"""Where a value comes from: the layers that say it, lowest first, and the one that wins."""

from dataclasses import dataclass
from typing import Any

from generator.common.finding import Path, did_you_mean
from generator.intent.resolved import Resolved, Writing


class UnknownPathError(LookupError):
    """Nothing is said at the path; the message tells how far it leads and what is there."""


@dataclass(frozen=True, slots=True)
class Explanation:
    """A value after inheritance, and all who said it; the last one wins."""

    path: Path
    value: Any
    writings: tuple[Writing, ...]
    bound: Writing | None = None
    """The limit of the environment's size, when it is below the value."""


_LIMITED = {"replicas": "replicas", "minInsyncReplicas": "minInsyncReplicas"}


def explain(resolved: Resolved, text: str) -> Explanation:
    """The story of one value; dots inside names need no quotes.

    Raises:
        UnknownPathError: when no layer says anything at the path.
    """
    path = find_path(resolved, text)
    writings: list[Writing] = []
    for route in reversed(list(resolved.value_routes(path))):
        writings += resolved.writings(route)
    if not writings:
        raise UnknownPathError(f"nothing is said at {text}")
    value = _value(resolved.data, path)
    if value is None:
        value = writings[-1].value
    bound = None
    if len(path) == 3 and path[0] == "topics" and path[2] in _LIMITED:
        limits = resolved.writings(("topicLimits", _LIMITED[str(path[2])]))
        if limits and isinstance(value, int) and limits[-1].value < value:
            bound = limits[-1]
    return Explanation(path, value, tuple(writings), bound)


def _value(data: object, path: Path) -> Any:
    for key in path:
        data = data.get(key) if isinstance(data, dict) else None
    return data


def find_path(resolved: Resolved, text: str) -> Path:
    """`topics.orders.order.created.retention` as a key path, whatever dots the names have.

    Raises:
        UnknownPathError: when it leads nowhere, with the nearest name.
    """
    data: Any = resolved.data
    path: Path = ()
    rest = text.replace('"', "")
    if not rest:
        raise UnknownPathError("give a path such as cluster.kafkaVersion")
    while rest:
        if isinstance(data, dict):
            fitting = [key for key in data if rest == key or rest.startswith(f"{key}.")]
            if fitting:
                key = max(fitting, key=len)
                path, data, rest = (*path, key), data[key], rest[len(key) + 1 :]
                continue
        if len(path) >= 2 and path[0] == "topics" and (said := _from_profile(resolved, path, rest)):
            return said
        known = list(data) if isinstance(data, dict) else []
        near = did_you_mean(rest, known) or did_you_mean(rest.partition(".")[0], known)
        where = ".".join(str(key) for key in path) or "the environment"
        raise UnknownPathError(f"{where} has no '{rest}'" + (f"; {near}" if near else ""))
    return path


def _from_profile(resolved: Resolved, path: Path, rest: str) -> Path | None:
    """The rest as a key that the topic's profile or the topic defaults say."""
    for keys in ((rest,), (rest.partition(".")[0], rest.partition(".")[2])):
        candidate = (*path, *keys)
        if any(resolved.writings(route) for route in resolved.value_routes(candidate)):
            return candidate
    return None
