"""A manifest and its canonical YAML text: same data, same bytes, read alike by YAML 1.1 and 1.2.

A leaf: plain data in, text out.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import sha256
from typing import Any

from generator.common.finding import Path
from generator.common.paths import LONGEST_NAME, MANIFEST, TEMPORARY

_FIRST = ("apiVersion", "kind", "metadata", "name", "namespace", "labels", "annotations")
_WORD = r"(?:[A-Za-z0-9_./@=,()+-]|:(?=[A-Za-z0-9/]))"
_PLAIN = re.compile(rf"[A-Za-z/_]{_WORD}*(?: {_WORD}+)*|[0-9]+(?:m|[KMGTP]i)")
_WORDS = {"y", "n", "yes", "no", "on", "off", "true", "false", "null"}
_ESCAPED = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")
_BLOCK = re.compile(r"(?:[!-~][ -~]*|)(?:\n(?:[ -~]*[!-~]|))*\n?")

_HEADER = "# Rendered by strimzi-gitops from environments/; edits here are lost. sha256:"
_DIGITS = 16
_LONGEST = LONGEST_NAME - len("".join(TEMPORARY))
_UNSAFE = re.compile(r"[^A-Za-z0-9._-]")
_PAGE_HEADER = _HEADER.replace("#", "<!--", 1)
_HEADER_LINE = re.compile(
    b"(?:%b|%b)([0-9a-f]{16})(?: -->)?\n"
    % tuple(re.escape(each).encode() for each in (_HEADER, _PAGE_HEADER))
)


Body = dict[str, Any]
"""What a Kubernetes object or a part of it says: schemas prove its shape, and not Python."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """One Kubernetes object, the folder of rendered/ENV it goes to, and the intent behind it.

    An empty area puts it straight into the folder.
    """

    area: str
    body: Body
    origin: Path
    _digest: bytes = field(default=b"", init=False, compare=False, repr=False)

    @property
    def kind(self) -> str:
        """The object's kind, such as KafkaTopic."""
        return str(self.body["kind"])

    @property
    def name(self) -> str:
        """The object's metadata.name."""
        return str(self.body["metadata"]["name"])

    @property
    def identity(self) -> tuple[str, str, str, str]:
        """What the Kubernetes API knows it by: group, kind, namespace, name; empty where it is not said."""
        body = self.body
        try:
            group = body["apiVersion"].rpartition("/")[0]
            metadata = body["metadata"]
            return (group, body["kind"], str(metadata.get("namespace", "")), metadata["name"])
        except (AttributeError, KeyError, TypeError):
            metadata = body.get("metadata")
            name = metadata.get("name", "") if isinstance(metadata, dict) else ""
            return ("", str(body.get("kind", "")), "", str(name))

    @property
    def digest(self) -> bytes:
        """A short name of the content: the digest that its header holds."""
        if not self._digest:
            self.content()
        return self._digest

    @property
    def file(self) -> str:
        """Its path below rendered/ENV: `topics/kafkatopic-orders.yaml`."""
        name = _UNSAFE.sub("_", self.body["metadata"]["name"])
        base = f"{self.body['kind'].lower()}-{name}{MANIFEST}"
        if len(base) > _LONGEST:
            base = f"{base[: _LONGEST - _DIGITS - 6]}-{_digest(base.encode())}{MANIFEST}"
        return f"{self.area}/{base}" if self.area else base

    def content(self) -> bytes:
        """The file's whole content: a header that says whose it is, then the object."""
        content = with_header(emit(self.body))
        digest = content[len(_HEADER) : len(_HEADER) + _DIGITS]
        object.__setattr__(self, "_digest", digest)  # the content itself is too large to keep
        return content


def with_header(body: str) -> bytes:
    """The text with the line that marks it as rendered and lets an edit by hand be seen."""
    content = body.encode()
    return f"{_HEADER}{_digest(content)}\n".encode() + content


def page(body: str) -> bytes:
    """The same for Markdown, where the line is a comment."""
    content = body.encode()
    return f"{_PAGE_HEADER}{_digest(content)} -->\n".encode() + content


def is_rendered(content: bytes) -> bool:
    """True when a file begins with the header, so that it belongs to the renderer."""
    return _HEADER_LINE.match(content) is not None


def is_edited(content: bytes) -> bool:
    """True when a rendered file has been changed since it was written."""
    match = _HEADER_LINE.match(content)
    return match is not None and match[1].decode() != _digest(content[match.end() :])


def _digest(content: bytes) -> str:
    return sha256(content).hexdigest()[:_DIGITS]


def emit(data: Mapping[str, object]) -> str:
    """Block-style YAML of plain data: keys in Kubernetes order, LF, two spaces, no anchors."""
    out: list[str] = []
    _mapping(data, "", out)
    return "".join(out)


class _Scalars(dict[str, str]):
    """One-line YAML texts of strings, worked out once each."""

    def __missing__(self, text: str) -> str:
        if _PLAIN.fullmatch(text) and text.lower() not in _WORDS:
            written = text
        else:
            quoted = json.dumps(text, ensure_ascii=False)
            written = _ESCAPED.sub(lambda match: f"\\u{ord(match[0]):04x}", quoted)
        if len(self) >= 200_000:
            self.clear()  # what is frequent comes back at once
        self[text] = written
        return written


_scalar_of = _Scalars().__getitem__


def _order_of(key: str) -> tuple[int, str]:
    return (_FIRST.index(key) if key in _FIRST else len(_FIRST), key)


def scalar(value: object) -> str:
    """The one-line YAML text of a string, number, boolean or None."""
    if isinstance(value, str):
        return _scalar_of(value)
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        text = repr(value)
        return text if "e" not in text and "n" not in text else json.dumps(text)
    return str(value)


def _mapping(data: Mapping[str, Any], pad: str, out: list[str]) -> None:
    for key, lead in _layout_of(tuple(data), pad):
        value = data[key]
        kind = type(value)
        if kind is str and "\n" not in value:
            out.append(f"{lead} {_scalar_of(value)}\n")
        elif kind is int:
            out.append(f"{lead} {value}\n")
        elif kind is dict and value:
            out.append(f"{lead}\n")
            if key in _SHARED:
                out.append(_shared(value, pad + "  "))
            else:
                _mapping(value, pad + "  ", out)
        elif kind is list and value:
            out.append(f"{lead}\n")
            _sequence(value, pad + "  ", out)
        else:
            out.append(f"{lead} {_leaf(value, pad + '  ')}\n")


@lru_cache(maxsize=4096)
def _layout_of(keys: tuple[str, ...], pad: str) -> list[tuple[str, str]]:
    """Keys in their order, each with the beginning of its line; most mappings are alike."""
    return [(key, f"{pad}{_scalar_of(key)}:") for key in sorted(keys, key=_order_of)]


_SHARED = ("labels", "annotations")
"""Where thousands of manifests hold one and the same mapping."""
_shared_texts: dict[tuple[int, str], tuple[Body, str]] = {}


def _shared(data: Body, pad: str) -> str:
    """The text of a mapping, made once as long as the very same object turns up again."""
    known = _shared_texts.get((id(data), pad))
    if known is None or known[0] is not data:
        lines: list[str] = []
        _mapping(data, pad, lines)
        known = (data, "".join(lines))
        if len(_shared_texts) > 500:
            _shared_texts.clear()
        _shared_texts[id(data), pad] = known
    return known[1]


def _sequence(items: list[object], pad: str, out: list[str]) -> None:
    for item in items:
        if isinstance(item, dict | list) and item:
            lines: list[str] = []
            if isinstance(item, dict):
                _mapping(item, pad + "  ", lines)
            else:
                _sequence(item, pad + "  ", lines)
            lines[0] = f"{pad}- {lines[0][len(pad) + 2 :]}"
            out += lines
        else:
            out.append(f"{pad}- {_leaf(item, pad + '  ')}\n")


def _leaf(value: object, pad: str) -> str:
    """An empty collection, a scalar, or a text of several lines as a literal block."""
    if isinstance(value, dict):
        return "{}"
    if isinstance(value, list):
        return "[]"
    if isinstance(value, str) and "\n" in value and _BLOCK.fullmatch(value):
        lines = value.split("\n")
        chomp = "" if lines[-1] == "" else "-"
        body = lines[:-1] if lines[-1] == "" else lines
        if body and body[0] and body[-1]:
            return f"|{chomp}\n" + "\n".join(pad + line if line else "" for line in body)
    return scalar(value)
