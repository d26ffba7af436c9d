"""The reference of the intent: every key with its type, default, unit, meaning, place and age."""

import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path as File
from typing import Any

import yaml
from books.keys import ITEM, NAME, Key, Path, documented, keys

import generator.intent.layers
from generator.intent.layers import merge

_SIZES = ("dev", "small", "medium", "large")


def of_intent(made: str) -> str:
    """environments/REFERENCE.md."""
    every = [key for key in keys() if documented(key)]
    sections = list(dict.fromkeys(key.path[0] for key in every))
    text = (
        f"# Every key of the intent\n\n{made}\n\n"
        "`NAME` is a name that you choose, `[]` every entry of a list. Where a default depends on the"
        " size it stands\nin [Defaults by size](#defaults-by-size). *Renders to* names a kind and the"
        " field; `—` is not rendered: rules,\n`plan` or `capacity` read it. How intent is written is told"
        " in [writing intent](README.md).\n\n"
        f"{', '.join(f'[{each}](#{each.lower()})' for each in sections)}\n"
    )
    for section in sections:
        text += (
            f"\n## {section}\n\n| key | type | unit | default | meaning | renders to | since |\n"
            "|---|---|---|---|---|---|---|\n"
        )
        text += "".join(_row(key) for key in every if key.path[0] == section)
    return text + _by_size()


def _row(key: Key) -> str:
    cells = (
        f"`{key.dotted}`", _type(key), key.said("x-unit") or "", _default(key),
        str(key.said("description") or ""), _places(key.renders), key.since,
    )  # fmt: skip
    return f"| {' | '.join(map(_cell, cells))} |\n"


def _cell(text: str) -> str:
    """Text in which nothing is markup, but for what stands in backticks."""
    parts = text.split("`")
    parts[::2] = [re.sub("[<*]", r"\\\g<0>", each) for each in parts[::2]]
    return "`".join(parts).replace("|", "\\|")


def _type(key: Key) -> str:
    """What is expected, in the words of the errors."""
    title = key.whole.get("title") or key.said("title")
    if title:
        return str(title)
    if isinstance(key.said("additionalProperties"), dict):
        return "a mapping by name"
    return "a list" if key.said("type") == "array" else "a mapping"


def _places(renders: tuple[str, ...]) -> str:
    if not renders:
        return "—"
    if "*" in renders:
        return "everything"
    kinds = ("".join((kind, f" `{path}`" if path else "")) for kind, _, path in
             (each.partition(" ") for each in renders))  # fmt: skip
    return ", ".join(kinds)


def _default(key: Key) -> str:
    """The default of the schema or the one that all sizes share; else where it is told."""
    found = [dict(_at(layers(size), key.path)) for size in _SIZES]
    mapping = any(isinstance(value, dict) for each in found for value in each.values())
    if mapping and key.said("properties"):
        return ""
    if not any(found):
        return _value(key.said("default")) if key.said("default") is not None else ""
    values = [_value(each[()]) if set(each) == {()} else None for each in found]
    if None not in values and len(set(values)) == 1 and not mapping:
        return str(values[0])
    return "[by size](#defaults-by-size)"


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    if isinstance(value, list):
        return f"`[{', '.join(map(str, value))}]`"
    return f"`{value}`"


@cache
def _sizes() -> dict[str, Any]:
    file = File(generator.intent.layers.__file__).parent / "sizes.yaml"
    found: dict[str, Any] = yaml.safe_load(file.read_text(encoding="utf-8"))
    return found


@cache
def layers(size: str) -> dict[str, Any]:
    """What an environment of a size gets without saying it."""
    return merge(_sizes()["defaults"], _sizes()[size])


def _at(data: Any, path: Path) -> Iterator[tuple[Path, Any]]:
    """What stands at a path, by the names that NAME stands for."""
    if not path:
        yield (), data
    elif path[0] == NAME and isinstance(data, dict):
        for name, below in data.items():
            yield from (((name, *names), value) for names, value in _at(below, path[1:]))
    elif isinstance(data, dict) and path[0] in data and path[0] != ITEM:
        yield from _at(data[path[0]], path[1:])


def _by_size() -> str:
    """Every value that a size brings, and those below names that nobody but Kafka knows."""
    told = {key.path for key in keys()}
    text = "\n## Defaults by size\n\nFrom `generator/intent/sizes.yaml`.\n\n| key |"
    text += "".join(f" {size} |" for size in _SIZES) + "\n|---|" + "---|" * len(_SIZES) + "\n"
    leaves = {size: dict(_leaves(layers(size))) for size in _SIZES}
    for path in dict.fromkeys(path for each in leaves.values() for path in each):
        values = [_value(leaves[size][path]) if path in leaves[size] else "" for size in _SIZES]
        if len(set(values)) == 1 and path in told:
            continue
        text += f"| `{_dotted(path)}` | {' | '.join(values)} |\n"
    return text


def _leaves(data: Mapping[str, Any], path: Path = ()) -> Iterator[tuple[Path, Any]]:
    for name, value in data.items():
        if isinstance(value, dict) and value:
            yield from _leaves(value, (*path, name))
        else:
            yield (*path, name), value


def _dotted(path: Path) -> str:
    return ".".join(f'"{step}"' if "." in step else step for step in path)
