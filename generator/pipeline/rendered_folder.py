"""rendered/: see how it differs from what should be there, and make it so.

Each file is replaced as a whole or not at all, and a folder that is new appears in one step; only
files that carry the renderer's header are ever removed; files that are right already are not
touched. An interrupted run leaves at most temporary files, which the next one removes.
"""

import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path as File
from typing import Any

from generator.common.cache import Cache, Stamp
from generator.common.finding import Finding, FindingsError
from generator.common.paths import RENDERED, TEMPORARY
from generator.common.progress import Track, untracked
from generator.documents.manifest import is_edited, is_rendered
from generator.documents.rendered_files import Content

_TEMPORARY, _ENDING = TEMPORARY
_APPLIED = (".yaml", ".yml", ".json")
"""What Argo CD would apply from a directory (argo-cd docs, user-guide/directory.md)."""
_MAX_COMPARED = 64 * 2**20


@dataclass(slots=True)
class Differences:
    """Files of one folder of rendered/, by what is the matter with them; names are relative."""

    folder: File
    missing: list[str] = field(default_factory=list)
    stale: list[str] = field(default_factory=list)
    edited: list[str] = field(default_factory=list)
    orphan: list[str] = field(default_factory=list)
    foreign: list[str] = field(default_factory=list)
    """Argo CD would apply it, but it was never rendered and so never proved."""
    leftover: list[str] = field(default_factory=list)
    unchanged: int = 0

    def __bool__(self) -> bool:
        return bool(self.missing or self.stale or self.edited or self.orphan or self.foreign)

    def rows(self) -> list[tuple[str, str]]:
        """Every difference as (what, path), sorted by path."""
        rows = [
            (what, f"{RENDERED}/{self.folder.name}/{name}")
            for what in ("missing", "stale", "edited", "orphan", "foreign")
            for name in getattr(self, what)
        ]
        return sorted(rows, key=lambda row: (row[1], row[0]))


def compare(root: File, name: str, wanted: Mapping[str, Content], cache: Cache) -> Differences:
    """How rendered/NAME differs from the manifests that belong there, by file; reads only.

    Raises:
        FindingsError: when something in the way is a symbolic link or cannot be read.
    """
    folder = root / RENDERED / name
    differences = Differences(folder)
    present = _present(root, folder)
    kept: dict[str, list[Any]] = {}
    for file, manifest in wanted.items():
        stamp = present.pop(file, None)
        if stamp is None:
            differences.missing.append(file)
            continue
        body = manifest.digest
        if not cache.holds(name, file, stamp, body):
            content = _read(folder, file)
            if content != manifest.content():
                _sort_in(differences, file, content)
                continue
        kept[file] = [body, *stamp]
        differences.unchanged += 1
    for file in present:
        if os.path.basename(file).startswith(_TEMPORARY):
            differences.leftover.append(file)
            continue
        found = _read(folder, file)
        if is_rendered(found):
            differences.orphan.append(file)
        elif file.endswith(_APPLIED):
            differences.foreign.append(file)
    cache.keep_written(name, kept)
    return differences


def _sort_in(differences: Differences, file: str, found: bytes) -> None:
    if is_edited(found):
        differences.edited.append(file)
    elif is_rendered(found):
        differences.stale.append(file)
    else:
        differences.foreign.append(file)


def write(
    wanted: Mapping[str, Content],
    differences: Differences,
    cache: Cache,
    track: Track = untracked,
) -> None:
    """Write what is missing, stale or edited, then remove orphans.

    Raises:
        FindingsError: when a foreign file stands where one of ours belongs, or the disk refuses.
    """
    folder = differences.folder
    in_the_way = [name for name in differences.foreign if name in wanted]
    if in_the_way:
        raise FindingsError(
            Finding(f"{RENDERED}/{folder.name}/{name}", 0, 0, "foreign-file",
                    "this file was not rendered, but its name is needed",
                    "move it to environments/<environment>/extra/, or delete it")
            for name in in_the_way
        )  # fmt: skip
    kept = dict(cache.known.written.get(folder.name, {}))
    try:
        for name in differences.leftover:
            (folder / name).unlink()
        stage = _stage(folder)
        target = folder if folder.exists() else stage
        changed = [*differences.missing, *differences.stale, *differences.edited]
        for parent in {os.path.dirname(f"{target}/{name}") for name in changed}:
            os.makedirs(parent, exist_ok=True)
        for name in track(changed, f"writing {folder.name}"):
            manifest = wanted[name]
            stamp = _write(f"{target}/{name}", manifest.content(), whole=target is stage)
            kept[name] = [manifest.digest, *stamp]
        if target is stage and changed:
            stage.rename(folder)
        for name in differences.orphan:
            (folder / name).unlink()
        _remove_empty(folder, differences.orphan)
    except OSError as error:
        name = str(error.filename or folder).removesuffix(_ENDING).replace(_TEMPORARY, "")
        place = os.path.relpath(name, folder.parent.parent).replace(os.sep, "/")
        message = f"cannot be written: {error.strerror}"
        fix = "make room or allow writing, then render again: nothing is half-written"
        raise FindingsError([Finding(place, 0, 0, "unwritable", message, fix)]) from error
    cache.keep_written(folder.name, kept)


def other_folders(root: File, known: set[str]) -> list[str]:
    """Folders of rendered/ that belong to no environment (any more), sorted."""
    rendered = root / RENDERED
    if not rendered.is_dir():
        return []
    return sorted(
        entry.name for entry in os.scandir(rendered)
        if entry.is_dir(follow_symlinks=False) and entry.name not in known
        and not entry.name.startswith(".")
    )  # fmt: skip


def _present(root: File, folder: File) -> dict[str, Stamp]:
    """Files below the folder with their stamps; links are refused."""
    findings: list[Finding] = []
    present: dict[str, Stamp] = {}

    def refuse(path: str) -> None:
        name = os.path.relpath(path, root).replace(os.sep, "/")
        findings.append(Finding(name, 0, 0, "symbolic-link", "a symbolic link in rendered/",
                                "remove it; rendered/ holds plain files only"))  # fmt: skip

    def walk(path: str, prefix: str) -> None:
        with os.scandir(path) as entries:
            for entry in entries:
                if entry.is_symlink():
                    refuse(entry.path)
                elif entry.is_dir():
                    walk(entry.path, f"{prefix}{entry.name}/")
                else:
                    status = entry.stat()
                    present[prefix + entry.name] = (status.st_size, status.st_mtime_ns)

    for path in (folder.parent, folder):
        if path.is_symlink():
            refuse(str(path))
    if not findings and folder.exists():
        if not folder.is_dir():
            name = f"{RENDERED}/{folder.name}"
            message = "a file stands where a folder belongs"
            raise FindingsError([Finding(name, 0, 0, "foreign-file", message, "move it away")])
        walk(str(folder), "")
    if findings:
        raise FindingsError(findings)
    return present


def _read(folder: File, name: str) -> bytes:
    path = f"{folder}/{name}"
    reason = "it is no file"
    try:
        if os.path.isfile(path):  # a pipe would be waited for
            with open(path, "rb", buffering=0) as stream:
                return stream.read(_MAX_COMPARED) or b""
    except OSError as error:
        reason = str(error.strerror)
    place = f"{RENDERED}/{folder.name}/{name}"
    fix = "allow reading it, or delete it"
    raise FindingsError([Finding(place, 0, 0, "unreadable", f"cannot be read: {reason}", fix)])


def _stage(folder: File) -> File:
    """Where a folder that is not there yet is made before it moves to its place in one step."""
    stage = folder.with_name(f"{_TEMPORARY}{folder.name}")
    if stage.exists():
        import shutil

        shutil.rmtree(stage)
    return stage


def _write(path: str, content: bytes, *, whole: bool) -> Stamp:
    """Write one file and return its stamp.

    Unless the `whole` folder is still on its stage, the file is written beside its place first.
    """
    parent, _, base = path.rpartition("/")
    first = path if whole else f"{parent}/{_TEMPORARY}{base}{_ENDING}"
    try:
        descriptor = os.open(first, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
        try:
            written = os.write(descriptor, content)
            while written < len(content):
                written += os.write(descriptor, content[written:])
            status = os.fstat(descriptor)
        finally:
            os.close(descriptor)
        if not whole:
            os.rename(first, path)
    except BaseException as error:
        with suppress(OSError):
            os.unlink(first)
        if isinstance(error, OSError):
            raise OSError(error.errno, error.strerror, path) from error
        raise
    return (status.st_size, status.st_mtime_ns)


def _remove_empty(folder: File, removed: list[str]) -> None:
    """Folders that are empty now because their last file was an orphan."""
    for name in removed:
        parent = (folder / name).parent
        while parent != folder.parent and parent.is_dir() and not os.listdir(parent):
            parent.rmdir()
            parent = parent.parent
