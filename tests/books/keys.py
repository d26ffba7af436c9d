"""The keys of the intent, read out of schemas/intent.schema.json as one flat list."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from generator.intent.schema import intent_schema_text

NAME, ITEM = "NAME", "[]"
"""Steps of a path: a name that people choose, and an entry of a list."""

Node = dict[str, Any]
Path = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Key:
    """One key that people may write, and what the schema tells of it."""

    path: Path
    nodes: tuple[Node, ...]
    """The schema of its value, and the alternatives that it has."""
    renders: tuple[str, ...]
    """Where its value goes: `Kind path`, a page, or `*` for everything; empty when it is only judged."""
    since: str

    def said(self, word: str) -> Any:
        """What the schema says under a keyword, or one alternative of it does."""
        return next((node[word] for node in self.nodes if word in node), None)

    @property
    def whole(self) -> Node:
        """The schema of its value."""
        return self.nodes[0]

    @property
    def dotted(self) -> str:
        """The path as people write it."""
        return ".".join(self.path).replace(f".{ITEM}", ITEM)


def schema() -> Node:
    """schemas/intent.schema.json."""
    found: Node = json.loads(intent_schema_text())
    return found


def keys(whole: Node | None = None) -> list[Key]:
    """Every key in the order of the schema, sections first; what is said below a name once."""
    whole = whole or schema()
    definitions = whole["definitions"]
    found: dict[Path, Key] = {}

    def walk(above: Key) -> None:
        for each in above.nodes:
            for name, below in each.get("properties", {}).items():
                visit(below, (*above.path, name), above)
            if isinstance(below := each.get("additionalProperties"), dict):
                visit(below, (*above.path, NAME), above)
            if isinstance(below := each.get("items"), dict):
                visit(below, (*above.path, ITEM), above)

    def visit(node: Node, path: Path, above: Key) -> None:
        nodes = tuple(_alternatives(node, definitions))
        own = nodes[0].get("x-renders")
        renders = above.renders if own is None else tuple(_absolute(own, above.renders))
        key = Key(path, nodes, renders, nodes[0].get("x-since", above.since))
        if path not in found:
            found[path] = key
            walk(key)

    walk(Key((), (whole,), (), whole["x-since"]))
    return list(found.values())


def documented(key: Key) -> bool:
    """True for what has a description of its own: entries and names are told by what holds them."""
    return key.path[-1] not in (NAME, ITEM)


def _alternatives(node: Node, definitions: Node) -> Iterator[Node]:
    """A schema with what it refers to, then what `anyOf` and `allOf` name."""
    while "$ref" in node:
        name = node["$ref"].rpartition("/")[2]
        node = {**definitions[name], **{key: node[key] for key in node if key != "$ref"}}
    yield node
    for word in ("allOf", "anyOf"):
        for each in node.get(word, ()):
            yield from _alternatives(each, definitions)


def _absolute(own: str, above: tuple[str, ...]) -> Iterator[str]:
    """Places with their kind; one that begins with a dot goes on from where the section is rendered."""
    for place in own.split(", ") if own else ():
        if not place.startswith("."):
            yield place
            continue
        for each in above:
            if each.endswith(".md"):
                yield each
            else:
                yield f"{each}{place}" if " " in each else f"{each} {place[1:]}"
