"""The careful YAML reader: text -> plain data, the place of every value, and all that is wrong.

It accepts only what YAML 1.1 and YAML 1.2 read alike, so that no two tools disagree about a file.
About seven times slower than the quick reader in `source.py`, which falls back to it whenever a
text looks unusual or a place must be reported.
"""

import re
from dataclasses import dataclass, field
from typing import Any

import yaml

from generator.common.finding import Finding, Path
from generator.documents.syntax_hints import hint

MAX_DEPTH = 40
MAX_ALIASED_NODES = 10_000

Place = tuple[int, int]
"""Line and column, from 1."""

_INT = re.compile(r"[-+]?(?:0|[1-9][0-9]{0,18})")
_FLOAT = re.compile(r"[-+]?(?:0|[1-9][0-9]*)\.[0-9]+")
_WORDS: dict[str, object] = {
    "": None,
    "~": None,
    **dict.fromkeys(("null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
AMBIGUOUS = re.compile(
    r"(?:[yYnN]|[yY]es|YES|[nN]o|NO|[oO]n|ON|[oO]ff|OFF|=|<<"
    r"|[-+]?0[0-9xob][0-9a-fA-F_]*|[-+]?[0-9]+_[0-9_]*|[-+]?[0-9]+(?::[0-9]+)+(?:\.[0-9]*)?"
    r"|[-+]?(?:[0-9]+\.?|[0-9]*\.[0-9]+)[eE][-+]?[0-9]+|[-+]?\.[0-9]+|[-+]?[0-9]+\."
    r"|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)|[-+]?[0-9]{20,})"
)
"""Plain scalars that YAML 1.1 and 1.2 read differently, or that lose digits in some reader."""


_TOO_DEEP = ("yaml-limit", f"nested deeper than {MAX_DEPTH} levels", "flatten the file")
# A bracket, or what may hold one that opens nothing: quoted text, a comment.
_BRACKETS = re.compile(r"""[][{}]|"(?:[^"\\]|\\.)*"|'[^']*'|(?<!\S)\#[^\n]*""", re.DOTALL)


@dataclass(slots=True)
class Document:
    """One YAML text, read with care.

    `keys` and `values` give the place of every mapping key and of every value by key path; what
    stands behind an alias has no place of its own.
    """

    data: Any = None
    keys: dict[Path, Place] = field(default_factory=dict)
    values: dict[Path, Place] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)

    def place(self, path: Path, *, on_key: bool = False) -> Place:
        """Where the value (or its key) at `path` is written; else its nearest written parent."""
        first, second = (self.keys, self.values) if on_key else (self.values, self.keys)
        while path:
            place = first.get(path) or second.get(path)
            if place:
                return place
            path, first, second = path[:-1], self.keys, self.values
        return self.values.get((), (1, 1))


@dataclass(slots=True)
class _Open:
    """A mapping or sequence whose end has not come yet."""

    value: Any
    path: Path
    anchor: str | None
    nodes_before: int
    key: str | None = None
    has_key: bool = False


_MISSING = object()
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # only its events are used


class _Reader:
    """Builds a `Document` from libyaml's events without recursion."""

    def __init__(self, text: str, file: str) -> None:
        self.document = Document()
        self.text, self.file = text, file
        self.stack: list[_Open] = []
        self.anchors: dict[str, tuple[Any, int]] = {}
        self.nodes = self.aliased = 0

    def read(self) -> Document:
        """The whole text; a syntax error ends the reading and becomes a finding."""
        documents = read_to = 0
        event: Any
        try:
            for event in yaml.parse(self.text, Loader=_Loader):
                read_to = event.end_mark.index
                if isinstance(event, yaml.DocumentStartEvent):
                    documents += 1
                    if documents > 1:
                        self.report(
                            event.start_mark, "yaml-syntax", "a second document starts here",
                            "keep one document in a file and drop the '---' between them",
                        )  # fmt: skip
                        break
                elif not self.accept(event):
                    break
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            if self.gave_up_too_deep(read_to, mark.index if mark else len(self.text)):
                return self.document
            context = f" ({error.context})" if error.context else ""
            line, column = (mark.line + 1, mark.column + 1) if mark else (0, 0)
            begun = error.context_mark
            opened = (begun.line + 1, begun.column + 1) if begun else (0, 0)
            told = hint(self.text, line, column, f"{error.problem}{context}", opened)
            self.document.findings.append(
                Finding(self.file, told.line, told.column, "yaml-syntax", told.message, told.fix)
            )
        except yaml.reader.ReaderError as error:
            before = self.text[: error.position]
            line, column = before.count("\n") + 1, error.position - before.rfind("\n")
            self.document.findings.append(
                Finding(self.file, line, column, "yaml-syntax", f"this is no YAML: {error.reason}",
                        "remove the character; write it as an escape in double quotes")
            )  # fmt: skip
        return self.document

    def gave_up_too_deep(self, begin: int, end: int) -> bool:
        """Whether the text went too deep between two places; then that is the finding.

        The parser looks up to 1,024 characters ahead of what it gives, and may have a limit too.
        """
        depth = len(self.stack)
        for match in _BRACKETS.finditer(self.text, begin, end + 1):
            depth += {"[": 1, "{": 1, "]": -1, "}": -1}.get(match[0], 0)
            if depth > MAX_DEPTH:
                before = self.text[: match.start()]
                line, column = before.count("\n") + 1, match.start() - before.rfind("\n")
                self.document.findings.append(Finding(self.file, line, column, *_TOO_DEEP))
                return True
        return False

    def report(self, mark: Any, rule: str, message: str, fix: str) -> None:
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        self.document.findings.append(Finding(self.file, line, column, rule, message, fix))

    def accept(self, event: Any) -> bool:
        """Take one event; False when the rest of the text cannot be read."""
        if isinstance(event, yaml.ScalarEvent):
            self.nodes += 1
            self.add(self.scalar(event), event, event.anchor)
        elif isinstance(event, yaml.CollectionStartEvent):
            self.nodes += 1
            return self.start(event)
        elif isinstance(event, yaml.CollectionEndEvent):
            top = self.stack.pop()
            if top.anchor:
                self.anchors[top.anchor] = (top.value, self.nodes - top.nodes_before)
        elif isinstance(event, yaml.AliasEvent):
            return self.alias(event)
        return True

    def start(self, event: Any) -> bool:
        if len(self.stack) >= MAX_DEPTH:
            self.report(event.start_mark, *_TOO_DEEP)
            return False
        if event.tag and not event.implicit:
            self.report(event.start_mark, "yaml-tag", f"a tag ({event.tag})", _TAG)
        value: Any = {} if isinstance(event, yaml.MappingStartEvent) else []
        top = self.stack[-1] if self.stack else None
        if top and isinstance(top.value, dict) and not top.has_key:
            self.report(
                event.start_mark, "non-string-key", "a mapping or list used as a key",
                "use a plain name as the key",
            )  # fmt: skip
            return False
        path = self.add(value, event, None)
        self.stack.append(_Open(value, path, event.anchor, self.nodes))
        return True

    def alias(self, event: Any) -> bool:
        value, nodes = self.anchors.get(event.anchor, (_MISSING, 0))
        if value is _MISSING:
            open_anchor = any(top.anchor == event.anchor for top in self.stack)
            why = "contains itself" if open_anchor else "is not defined before this line"
            self.report(
                event.start_mark, "yaml-syntax", f"the alias *{event.anchor} {why}",
                f"define &{event.anchor} before it, or write the value out",
            )  # fmt: skip
            return False
        self.aliased += nodes
        if self.aliased > MAX_ALIASED_NODES:
            self.report(
                event.start_mark, "yaml-limit",
                f"aliases repeat more than {MAX_ALIASED_NODES:,} values in this file",
                "say it once in a topic profile or in base",
            )  # fmt: skip
            return False
        self.nodes += nodes
        self.add(value, event, None)
        return True

    def add(self, value: Any, event: Any, anchor: str | None) -> Path:
        """Put a finished or just opened value where it belongs; returns its path."""
        mark = event.start_mark
        if anchor:
            self.anchors[anchor] = (value, 1)
        if not self.stack:
            self.document.data = value
            self.document.values[()] = (mark.line + 1, mark.column + 1)
            return ()
        top = self.stack[-1]
        path: Path
        if isinstance(top.value, list):
            path = (*top.path, len(top.value))
            top.value.append(value)
        elif not top.has_key:
            top.key = self.key(value, event, top)
            top.has_key = True
            if top.key is not None:
                self.document.keys[(*top.path, top.key)] = (mark.line + 1, mark.column + 1)
            return top.path
        else:
            top.has_key = False
            if top.key is None:
                return (*top.path, "?")
            path = (*top.path, top.key)
            top.value[top.key] = value
        self.document.values[path] = (mark.line + 1, mark.column + 1)
        return path

    def key(self, value: Any, event: Any, top: _Open) -> str | None:
        """The mapping key, or None after a finding."""
        mark = event.start_mark
        if not isinstance(value, str):
            written = getattr(event, "value", value)
            self.report(
                mark, "non-string-key", f"the key {written} is not read as text",
                f'quote it: "{written}":',
            )  # fmt: skip
            return None
        if value in top.value:
            line, column = self.document.keys[(*top.path, value)]
            self.report(
                mark, "duplicate-key", f"'{value}' is here twice, first at {line}:{column}",
                "remove one of the two",
            )  # fmt: skip
            return None
        return value

    def scalar(self, event: Any) -> Any:
        """The value of a scalar: text unless it is plain and means null, a boolean or a number."""
        text: str = event.value
        if event.tag and event.tag != "!":
            self.report(event.start_mark, "yaml-tag", f"a tag ({event.tag})", _TAG)
        if not event.implicit[0]:
            return text
        if text in _WORDS:
            return _WORDS[text]
        if _INT.fullmatch(text) and int(text).bit_length() <= 63:
            return int(text)
        if _FLOAT.fullmatch(text):
            return float(text)
        if AMBIGUOUS.fullmatch(text) or _INT.fullmatch(text):
            if text == "<<":
                self.report(
                    event.start_mark, "merge-key", "a YAML merge key (<<)",
                    "use a topic profile, base, or write the values out",
                )  # fmt: skip
            else:
                self.report(
                    event.start_mark, "ambiguous-scalar",
                    f"{text} is read differently by different YAML versions",
                    _meant(text),
                )  # fmt: skip
        return text


def _meant(text: str) -> str:
    """What a word or a number may have been meant to be that tools read in two ways."""
    word = text.lower()
    if word in ("y", "yes", "on", "n", "no", "off"):
        return f'write {"true" if word in ("y", "yes", "on") else "false"}, or "{text}" in quotes for text'
    return f'write "{text}" in quotes for text, or a plain decimal number'


_TAG = "write the value without a tag; quote it if it is text"


def read_strictly(text: str, file: str) -> Document:
    """Read one YAML text; everything wrong is in the document's `findings`, sorted."""
    document = _Reader(text, file).read()
    document.findings.sort()
    return document
