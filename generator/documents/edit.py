"""Change single values of a YAML text and leave everything else as people wrote it.

Splices at positions that the parser gives: comments, order, quoting and blank lines stay byte for byte.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from generator.common.finding import Finding, FindingsError, dotted
from generator.documents.manifest import scalar


def with_value(text: str, name: str, path: Sequence[str], value: str) -> str:
    """The text with a value at a path of mappings: replaced where one stands there, else added.

    A key is added before the first one of its mapping, a section at the end of the text; `name` is what
    findings call the file.

    Raises:
        FindingsError: where it cannot be done safely, with what to write by hand.
    """
    import yaml

    node: Any = yaml.compose(text, Loader=yaml.SafeLoader)
    if node is None:
        return _with_section(text, path, value)
    shared = _shared(node)
    for depth, key in enumerate(path):
        if not isinstance(node, yaml.MappingNode) or id(node) in shared:
            raise _refused(name, path, value, node)
        found = next((each for word, each in node.value if word.value == key), None)
        if found is None:
            return _with_key(text, node, path[depth:], value, top=depth == 0)
        node = found
        if _says_nothing(node) and depth + 1 < len(path):
            return _spliced(text, node, _flow(path[depth + 1 :], value))
    if not isinstance(node, yaml.ScalarNode) or id(node) in shared:
        raise _refused(name, path, value, node)
    return _spliced(text, node, as_scalar(value, node.style or ""))


def as_scalar(value: str, style: str = "") -> str:
    """As people write it: with the quotes that were there, else plain where that reads as text."""
    import yaml

    if style in ("'", '"'):
        return yaml.safe_dump(value, default_style=style).rstrip("\n")
    plain = yaml.safe_load(value) == value and not set(value) & set("{}[],#:&*!|>%@\n")
    return value if plain else scalar(value)


def _shared(root: Any) -> set[int]:
    """The nodes that stand in several places, by alias: a change of one would be one of all."""
    found: set[int] = set()
    seen: set[int] = set()

    def walk(node: Any) -> None:
        if id(node) in seen:
            found.add(id(node))
            return
        seen.add(id(node))
        for child in _children(node):
            walk(child)

    walk(root)
    return found


def _children(node: Any) -> Iterator[Any]:
    for each in node.value if isinstance(node.value, list) else ():
        yield from each if isinstance(each, tuple) else (each,)


def _says_nothing(node: Any) -> bool:
    return bool(node.start_mark.index == node.end_mark.index)


def _spliced(text: str, node: Any, new: str) -> str:
    start, end = node.start_mark.index, node.end_mark.index
    gap = " " if text[start - 1 : start] == ":" else ""
    return text[:start] + gap + new + text[end:]


def _with_key(text: str, node: Any, path: Sequence[str], value: str, *, top: bool) -> str:
    start = node.start_mark.index
    if node.flow_style:
        comma = ", " if node.value else ""
        inside = text.index("{", start) + 1
        return f"{text[:inside]}{_said(path, value)}{comma}{text[inside:]}"
    if top:
        return _with_section(text, path, value)
    pad = " " * node.start_mark.column
    return f"{text[:start]}{_said(path, value)}\n{pad}{text[start:]}"


def _with_section(text: str, path: Sequence[str], value: str) -> str:
    lines = [f"{'  ' * depth}{key}:" for depth, key in enumerate(path)]
    lines[-1] += f" {as_scalar(value)}"
    end = "" if not text or text.endswith("\n") else "\n"
    return text + end + "\n".join(lines) + "\n"


def _said(path: Sequence[str], value: str) -> str:
    if len(path) == 1:
        return f"{path[0]}: {as_scalar(value)}"
    return f"{path[0]}: {_flow(path[1:], value)}"


def _flow(path: Sequence[str], value: str) -> str:
    return "{" + _said(path, value) + "}"


def _refused(name: str, path: Sequence[str], value: str, node: Any) -> FindingsError:
    mark = node.start_mark
    said = f"{dotted(tuple(path))} cannot be changed here without changing more"
    fix = f"write it by hand: {_said(path, value)}"
    return FindingsError([Finding(name, mark.line + 1, mark.column + 1, "edit", said, fix)])
