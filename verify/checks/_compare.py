"""Rendered objects against live ones: what is written must be so, what is not may be anything.

API servers fill in defaults, operators and webhooks add; none of that is a difference.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from generator.common.units import UnitError, parse_cpu_m, parse_quantity_bytes

_QUANTITIES = {"resources", "requests", "limits", "hard", "size", "sizeLimit"}
"""Keys below which numbers have Kubernetes' units, so that 1000m and 1 are the same."""
_KEYS = ("name", "id", "mountPath", "containerPort", "port")
_MISSING: Any = object()
_LONGEST = 60

_TAKEN_AWAY = frozenset(
    f"strimzi.io/{word}"
    for word in (
        "delete-pod-and-pvc", "force-renew", "force-replace", "manual-rolling-update", "rebalance",
        "restart", "restart-task",
    )
)  # fmt: skip
"""Annotations that an operator removes when it has done what they ask for."""


def differences(wanted: Mapping[str, Any], found: Mapping[str, Any]) -> Iterator[str]:
    """What is written and not so, as `spec.partitions is 3 instead of 6`."""
    builtin = "." not in str(wanted["apiVersion"]).rpartition("/")[0]
    for key, value in wanted.items():
        if key == "metadata":
            for part in ("labels", "annotations"):
                said = value.get(part) or {}
                asked = {k: v for k, v in said.items() if k not in _TAKEN_AWAY}
                has = (found["metadata"].get(part)) or {}
                yield from _differ(asked, has, ("metadata", part), builtin)
        elif key not in ("apiVersion", "kind", "status"):
            yield from _differ(value, found.get(key, _MISSING), (key,), builtin)


def same_setting(asked: str, have: str) -> bool:
    """True when two texts mean the same to Kafka: numbers, and lists in whatever order."""
    if asked == have:
        return True
    if "," in asked or "," in have:
        return {part.strip() for part in asked.split(",")} == {
            part.strip() for part in have.split(",")
        }
    try:
        return float(asked) == float(have)
    except ValueError:
        return False


def _differ(wanted: object, found: object, path: tuple[str, ...], builtin: bool) -> Iterator[str]:
    if found is _MISSING or found is None:
        if not _same_as_nothing(wanted, builtin):
            yield f"{_place(path)} is missing, it should be {_shown(wanted)}"
    elif isinstance(wanted, Mapping) and isinstance(found, Mapping):
        for key, value in wanted.items():
            yield from _differ(value, found.get(key, _MISSING), (*path, str(key)), builtin)
    elif isinstance(wanted, list) and isinstance(found, list):
        yield from _lists(wanted, found, path, builtin)
    elif not _same(wanted, found, path):
        yield f"{_place(path)} is {_shown(found)} instead of {_shown(wanted)}"


def _lists(
    wanted: Sequence[Any], found: Sequence[Any], path: tuple[str, ...], builtin: bool
) -> Iterator[str]:
    key = next((key for key in _KEYS if _named(wanted, key) and _named(found, key)), None)
    if key is None:
        if len(wanted) != len(found):
            yield f"{_place(path)} is {_shown(found)} instead of {_shown(wanted)}"
            return
        for index, (one, other) in enumerate(zip(wanted, found, strict=True)):
            yield from _differ(one, other, (*path, f"[{index}]"), builtin)
        return
    there = {each[key]: each for each in found}
    for each in wanted:
        name = each[key]
        yield from _differ(each, there.pop(name, _MISSING), (*path, f"[{name}]"), builtin)
    # Webhooks add containers, volumes and the like to Kubernetes' own kinds.
    if there and not builtin:
        yield f"{_place(path)} also has {', '.join(str(name) for name in there)}"


def _named(items: Sequence[Any], key: str) -> bool:
    names = [each.get(key) for each in items if isinstance(each, Mapping)]
    return len(names) == len(items) == len(set(map(str, names))) and None not in names


def _same_as_nothing(value: object, builtin: bool) -> bool:
    """Kubernetes' own kinds leave out what is false or zero, custom resources keep it."""
    if isinstance(value, Mapping):
        return all(_same_as_nothing(each, builtin) for each in value.values()) and (
            builtin or not value
        )
    return value in (None, "", []) or (builtin and not value)


def _same(wanted: object, found: object, path: tuple[str, ...]) -> bool:
    if isinstance(wanted, bool) is not isinstance(found, bool):
        return False
    if wanted == found:
        return True
    if not _QUANTITIES & set(path):
        return False
    pairs = ((_cpu(wanted), _cpu(found)), (_bytes(wanted), _bytes(found)))
    return any(one is not None and one == other for one, other in pairs)


def _cpu(value: object) -> int | None:
    try:
        return parse_cpu_m(value) if isinstance(value, str | int | float) else None
    except UnitError:
        return None


def _bytes(value: object) -> int | None:
    return parse_quantity_bytes(value) if isinstance(value, str | int | float) else None


def _place(path: tuple[str, ...]) -> str:
    text = ""
    for part in path:
        if part.startswith("["):
            text += part
        elif "." in part or "/" in part:
            text += f'["{part}"]'
        else:
            text += f".{part}"
    return text.removeprefix(".")


def _shown(value: object) -> str:
    if isinstance(value, Mapping | list):
        kind = "an object" if isinstance(value, Mapping) else "a list"
        return f"{kind} of {len(value)}"
    text = str(value).lower() if isinstance(value, bool) else str(value)
    line = text.splitlines()[0] if text else '""'
    return line if line == text and len(line) <= _LONGEST else line[:_LONGEST] + "…"
