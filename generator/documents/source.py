"""Read the YAML files of one layer's folder: file -> plain data, and places when asked.

Reading is quick (a Rust parser) as long as a text is plain; a text with anchors, tags, merge
keys or scalars that YAML versions read differently goes through `strict_yaml`, which also gives
the places. Both readers agree on every text that the quick one is trusted with.
"""

import os
import re
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path as File
from typing import TYPE_CHECKING, Any

from generator.common.finding import Finding, FindingsError

if TYPE_CHECKING:
    from generator.documents.strict_yaml import Document

MAX_FILE_BYTES = 32 * 2**20
YAML_SUFFIXES = (".yaml", ".yml")

# Anchors, aliases, tags, further documents, directives, number bases, odd characters: the quick
# reader is not asked. One search for each, because a search for a fixed text is ten times faster
# than a pattern over them all.
_UNUSUAL_TEXTS = ("\t", "\n---", "\n...", "\n%", "0x", "0o", "0b", "\ufeff", "\x7f", "\x00")
_UNUSUAL_SIGNS = re.compile(r"(?:^|[ \[{,\n])[&*!][^\s]")
# Text that is safe when it was quoted; only the careful reader can tell. See
# strict_yaml.AMBIGUOUS, of which this is a looser form: a false alarm only costs time.
_DOUBTFUL = re.compile(
    r"[yn]|yes|no|on|off|=|<<|[-+]?[0-9][0-9_:]*(?:\.[0-9_]*)?(?:e[-+]?[0-9]+)?|[-+]?\.[0-9_]+(?:e[-+]?[0-9]+)?",
    re.IGNORECASE,
)
# The careful reader knows how deep is too deep; a false alarm only costs time.
_DEEP = 30


@dataclass
class Source:
    """One YAML file of intent: where it is, what it says, and where it says it."""

    name: str
    """The path as findings show it: relative to the project, with forward slashes."""
    text: str = field(repr=False)

    @cached_property
    def strict(self) -> "Document":
        """The careful reading, made once, when a place or a verdict on the text is needed."""
        from generator.documents.strict_yaml import read_strictly

        return read_strictly(self.text, self.name)

    @cached_property
    def data(self) -> Any:
        """Plain data: dicts with text keys, lists, text, numbers, booleans, None.

        Raises:
            FindingsError: when the text is not acceptable YAML, with everything wrong in it.
        """
        if not _is_unusual(self.text):
            import ryaml

            try:
                data = ryaml.loads(self.text)
            except (ryaml.InvalidYamlError, ValueError):
                pass  # the careful reader says what is wrong, and where
            else:
                if not _is_doubtful(data):
                    return data
        if self.strict.findings:
            raise FindingsError(self.strict.findings)
        return self.strict.data


def _is_unusual(text: str) -> bool:
    """True when the text uses a part of YAML that only the careful reader judges."""
    return (
        text.startswith(("---", "%"))
        or any(sign in text for sign in _UNUSUAL_TEXTS)
        or (any(sign in text for sign in "&*!") and bool(_UNUSUAL_SIGNS.search(text)))
    )


def _is_doubtful(data: object) -> bool:
    """True when the careful reader decides: a scalar may be read differently, or it is too deep."""
    keys: set[Any] = set()
    texts: set[Any] = set()
    kinds: set[type] = set()
    levels, todo = 0, [data]
    while todo:
        levels += 1
        if levels > _DEEP:
            return True
        level, todo = todo, []
        for value in level:
            if isinstance(value, dict):
                keys.update(value)
                value = value.values()  # noqa: PLW2901
            elif not isinstance(value, list):
                value = (value,)  # noqa: PLW2901
            kinds.update(map(type, value))
            try:
                texts.update(value)  # most mappings hold scalars only
            except TypeError:
                for item in value:
                    if isinstance(item, dict | list):
                        todo.append(item)
                    else:
                        texts.add(item)
    return (
        float in kinds
        or not all(isinstance(key, str) for key in keys)
        or any(_is_doubtful_scalar(text) for text in texts | keys)
    )


def _is_doubtful_scalar(value: object) -> bool:
    if isinstance(value, str):
        short_or_number = len(value) <= 3 or value[0] in "0123456789+-."
        return short_or_number and _DOUBTFUL.fullmatch(value) is not None
    return isinstance(value, int) and value.bit_length() > 63


def read_text(path: File, name: str, limit: int = MAX_FILE_BYTES) -> str:
    """The file as text.

    Raises:
        FindingsError: when it cannot be read, is larger than `limit` bytes, or is not UTF-8.
    """

    def fail(rule: str, message: str, fix: str, line: int = 0) -> FindingsError:
        return FindingsError([Finding(name, line, 1 if line else 0, rule, message, fix)])

    if path.exists() and not path.is_file():  # a pipe would be waited for
        raise fail("unreadable", "is no file", "make it one, or remove it")
    try:
        with path.open("rb") as stream:
            raw = stream.read(limit + 1)
    except OSError as error:
        raise fail("unreadable", f"cannot be read: {error.strerror}", "check the path") from error
    if len(raw) > limit:
        raise fail(
            "yaml-limit", f"larger than {limit // 2**20} MiB", "split the file by team or domain"
        )
    try:
        return raw.decode("utf-8").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise fail("yaml-syntax", "not UTF-8 text", "save the file as UTF-8", line) from error


def list_files(folder: File, root: File, suffixes: tuple[str, ...]) -> list[File]:
    """All files below `folder` that end so, sorted by path; hidden ones are left out.

    Raises:
        FindingsError: when a symbolic link leads to a folder, to nothing, or out of `root`.
    """
    findings: list[Finding] = []
    files: list[File] = []

    def refuse(path: File, message: str) -> None:
        name = path.relative_to(root.parent).as_posix()
        fix = "copy the file here, or name its layer in 'inherits'"
        findings.append(Finding(name, 0, 0, "symbolic-link", message, fix))

    real_root = root.resolve()
    for here, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in folders:
            if (File(here) / name).is_symlink():
                refuse(File(here) / name, "a symbolic link to a folder is not followed")
        for name in sorted(names):
            path = File(here) / name
            if name.startswith(".") or not name.endswith(suffixes):
                continue
            if path.is_symlink():
                if not path.exists():
                    refuse(path, "a symbolic link that leads to nothing or to itself")
                    continue
                if not path.resolve().is_relative_to(real_root):
                    refuse(path, f"a symbolic link that leads out of {root.name}/")
                    continue
            if not path.is_file():
                refuse(path, "neither a file nor a folder")
                continue
            files.append(path)
    if findings:
        raise FindingsError(findings)
    return sorted(files)
