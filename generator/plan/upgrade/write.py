"""A step's edits in the files of the intent: in the right layer, with everything else as people wrote it."""

import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path as File
from typing import Any

from generator.common.finding import Finding, FindingsError, dotted
from generator.common.paths import ENVIRONMENT_FILE, ENVIRONMENTS, environment_names
from generator.documents.edit import as_scalar, with_value
from generator.documents.source import read_text
from generator.intent.layers import Project
from generator.intent.merge import merge
from generator.intent.resolved import Resolved, depth_of

Key = tuple[str, str]
Texts = dict[str, str]
"""Files by their path below the project."""


def edited(root: File, edits: Mapping[str, Mapping[Key, str]]) -> Texts:
    """The files that change, by path, so that each environment says what it has to.

    A value is changed where it counts, in a layer that others inherit only where they all are to have it;
    else the environment says it itself. Nothing is written.

    Raises:
        FindingsError: where an edit would change more than was asked, with what to write by hand.
    """
    known = _resolved(root)
    texts: Texts = {}
    for name, wanted in sorted(edits.items()):
        # A new key comes before those that are there, so the last one first.
        for key, value in reversed([*wanted.items()]):
            if depth_of(known[name].data, key) == (len(key), value) and _written(known[name], key):
                continue
            file = _file_for(known, edits, name, key, value)
            text = texts.get(file)
            if text is None:
                text = read_text(root / file, file) if (root / file).exists() else ""
            texts[file] = with_value(text, file, key, value)
    _prove(root, texts, known, edits)
    return texts


def write(root: File, texts: Texts) -> None:
    """Put texts in the place of files: all of them, or none, also where it is interrupted.

    A symbolic link stays, and what it leads to is written; a file with CRLF keeps them.
    """
    files = {(root / name).resolve(): text for name, text in sorted(texts.items())}
    before = {file: file.read_bytes() if file.exists() else None for file in files}
    made: dict[File, File] = {}
    try:
        for file, text in files.items():
            made[file] = _temporary(file, _as_before(text, before[file] or b""))
        for file, temporary in made.items():
            temporary.replace(file)
    except BaseException:
        for file, temporary in made.items():
            temporary.unlink(missing_ok=True)
            _put_back(file, before[file])
        raise


def _temporary(file: File, raw: bytes) -> File:
    handle, name = tempfile.mkstemp(dir=file.parent, prefix=".", suffix=".tmp")
    with os.fdopen(handle, "wb") as stream:
        stream.write(raw)
    File(name).chmod(file.stat().st_mode & 0o777 if file.exists() else 0o644)
    return File(name)


def _as_before(text: str, before: bytes) -> bytes:
    """In UTF-8, with the ends of lines that the file had."""
    raw = text.encode()
    lines = before.count(b"\n")
    return raw.replace(b"\n", b"\r\n") if lines and before.count(b"\r\n") == lines else raw


def _put_back(file: File, raw: bytes | None) -> None:
    if raw is None:
        file.unlink(missing_ok=True)
    elif file.read_bytes() != raw:
        file.write_bytes(raw)


@contextmanager
def with_texts(root: File, texts: Texts) -> Iterator[File]:
    """A temporary project whose environments/ has these texts."""
    with tempfile.TemporaryDirectory(prefix="strimzi-gitops-") as folder:
        copy = File(folder)
        shutil.copytree(root / ENVIRONMENTS, copy / ENVIRONMENTS, symlinks=True, ignore=_no_files)
        for name, text in texts.items():
            (copy / name).write_text(text, encoding="utf-8", newline="")
        yield copy


def _no_files(folder: str, names: list[str]) -> list[str]:
    """Pipes, sockets and devices, which no intent is in."""
    every = (File(folder) / each for each in names)
    return [
        each.name for each in every if not (each.is_symlink() or each.is_file() or each.is_dir())
    ]


def _resolved(root: File) -> dict[str, Resolved]:
    project = Project(root)
    return {name: project.resolve(name, go_on=True) for name in environment_names(root)}


def _written(resolved: Resolved, key: Key) -> bool:
    return any(each.layer.folder is not None for each in resolved.writings(key))


def _file_for(
    known: Mapping[str, Resolved],
    edits: Mapping[str, Mapping[Key, str]],
    name: str,
    key: Key,
    value: str,
) -> str:
    written = [each for each in known[name].writings(key) if each.layer.folder is not None]
    if written:
        folder = written[-1].layer.folder
        inheriting = [
            other
            for other, resolved in known.items()
            if any(layer.folder == folder for layer in resolved.layers)
        ]
        if all(edits.get(other, {}).get(key) == value for other in inheriting):
            return written[-1].source.name
    own = known[name].layers[-1].sources
    saying = [each.source.name for each in own if isinstance(each.data.get(key[0]), dict)]
    return saying[0] if saying else f"{ENVIRONMENTS}/{name}/{ENVIRONMENT_FILE}"


def _prove(
    root: File,
    texts: Texts,
    known: Mapping[str, Resolved],
    edits: Mapping[str, Mapping[Key, str]],
) -> None:
    """Every environment says then what it has to, and nothing else is written differently."""
    with with_texts(root, texts) as copy:
        then = _resolved(copy)
    for name, before in known.items():
        wanted = edits.get(name, {})
        if _said(then[name]) == _with(_said(before), wanted):
            continue
        file = next(iter(texts), f"{ENVIRONMENTS}/{name}/{ENVIRONMENT_FILE}")
        said = ", ".join(f"{dotted(key)}: {as_scalar(value)}" for key, value in wanted.items())
        raise FindingsError(
            [Finding(file, 0, 0, "edit", f"environment {name} would not become what it has to",
                     f"write it by hand: {said}" if said else "write the edits by hand")]
        )  # fmt: skip


def _said(resolved: Resolved) -> dict[str, Any]:
    """What people have written, without what is built in."""
    data: dict[str, Any] = {}
    for layer in resolved.layers:
        if layer.folder is not None:
            data = merge(data, layer.data)
    return data


def _with(data: Mapping[str, Any], wanted: Mapping[Key, str]) -> dict[str, Any]:
    changed = dict(data)
    for (section, key), value in wanted.items():
        old = changed.get(section)
        changed[section] = {**(old if isinstance(old, dict) else {}), key: value}
    return changed
