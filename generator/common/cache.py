"""What earlier runs already found out, so that the next one does only what is new.

What is kept cannot make a wrong result right: what a YAML text of a known digest says, which content
a rendered file of known size and time of last change has (as in git's index), and what the last run
without findings gave. Everything is forgotten when this
program or its schemas change. The file is Python's own marshal format in a folder that only the
user can write, as byte code is. A cache that is missing, damaged or unwritable only costs time.
"""

import marshal
import os
import stat
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import blake2b
from pathlib import Path as File
from typing import Any, NamedTuple

from generator import __version__
from generator.common.paths import schemas_folder

_FORMAT = 2
Stamp = tuple[int, int]
"""A file's size in bytes and its time of last change in nanoseconds."""


def digest(content: bytes) -> str:
    """A short name that no other content has."""
    return blake2b(content, digest_size=16).hexdigest()


@dataclass(slots=True)
class Known:
    """The facts themselves."""

    sources: dict[str, list[Any]] = field(default_factory=dict)
    """File name -> [digest of its text, its data]."""
    written: dict[str, dict[str, list[Any]]] = field(default_factory=dict)
    """Folder of rendered/ -> file -> [digest of its content, size, time]."""


class CleanRun(NamedTuple):
    """The last run over some environments in which nothing was wrong."""

    files: dict[str, str]
    """Every file below environments/ with its digest."""
    manifests: int
    """How many manifests they give."""
    folders: dict[str, dict[str, bytes]]
    """Every folder of rendered/ with its files and their digests; empty until they are written."""
    day: str
    """The day on which expiry was judged."""
    uses: dict[str, list[list[Any]]]
    """What is used of every limit, by environment: team (empty: all), what, used, limit."""


class Cache:
    """The cache of one project; `root` None gives one that knows and keeps nothing."""

    def __init__(self, root: File | None = None, schemas: Sequence[File] = ()) -> None:
        self._file = (
            None if root is None else _folder() / f"{digest(str(root.resolve()).encode())}.cache"
        )
        self._schemas = [path.resolve() for path in schemas]
        self._changed = False

    @cached_property
    def _parts(self) -> tuple[dict[str, Any], bytes]:
        """The last faultless runs, and everything else still unread; empty when out of date."""
        if self._file is not None:
            with suppress(OSError, ValueError, KeyError, TypeError, EOFError):
                content = self._file.read_bytes()
                size = int.from_bytes(content[:8], "big")
                fine = marshal.loads(content[8 : 8 + size])  # noqa: S302 (our own, as with .pyc)
                if fine.pop("") == _fingerprint(self._schemas):
                    return fine, content[8 + size :]
        return {}, b""

    @cached_property
    def known(self) -> Known:
        """What was kept, or nothing when it no longer holds."""
        with suppress(ValueError, KeyError, TypeError, EOFError):
            if self._parts[1]:
                return Known(*marshal.loads(self._parts[1]))  # noqa: S302 (our own, as with .pyc)
        return Known()

    def data_of(self, name: str, text: str) -> Any:
        """What this text says, when it is known to be right; else None."""
        kept = self.known.sources.get(name)
        return kept[1] if kept is not None and kept[0] == digest(text.encode()) else None

    def data_before(self, name: str, content: str) -> Any:
        """What the file said when its content had this digest, when that is still known."""
        kept = self.known.sources.get(name)
        return kept[1] if kept is not None and kept[0] == content else None

    def keep_data(self, name: str, text: str, data: object) -> None:
        """Remember what a text says."""
        self.known.sources[name] = [digest(text.encode()), data]
        self._changed = True

    def holds(self, folder: str, file: str, stamp: Stamp, content: bytes) -> bool:
        """True when the file of this stamp is known to hold the content of this digest."""
        kept = self.known.written.get(folder, {}).get(file)
        return kept is not None and kept[0] == content and (kept[1], kept[2]) == stamp

    def keep_written(self, folder: str, files: dict[str, list[Any]]) -> None:
        """Remember what the files of a folder hold: digest of the content, size, time."""
        if files != self.known.written.get(folder):
            self.known.written[folder] = files
            self._changed = True

    def last(self, names: Sequence[str]) -> CleanRun | None:
        """The last faultless run over the folders of these names."""
        kept = self._parts[0].get(",".join(names))
        return CleanRun(*kept) if kept is not None else None

    def keep_fine(self, names: Sequence[str], run: CleanRun) -> None:
        """Remember that nothing is wrong with these files."""
        if self.last(names) != run:
            self._parts[0][",".join(names)] = list(run)
            self._changed = True

    def save(self) -> None:
        """Keep everything for the next run; a disk that refuses is no error."""
        if self._file is None or not self._changed:
            return
        known = self.known
        fine = marshal.dumps({**self._parts[0], "": _fingerprint(self._schemas)}, 2)
        rest = marshal.dumps((known.sources, known.written), 2)
        content = len(fine).to_bytes(8, "big") + fine + rest
        with suppress(OSError):
            self._file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            temporary = self._file.with_suffix(f".{os.getpid()}.tmp")
            temporary.write_bytes(content)
            temporary.replace(self._file)


def digests_of_files(folder: File) -> dict[str, str]:
    """Every file below a folder with a digest of its content; links with that of their target."""
    found: dict[str, str] = {}
    for here, folders, names in os.walk(folder):
        for name in (*folders, *names):
            path = os.path.join(here, name)
            content = os.readlink(path).encode() if os.path.islink(path) else b""
            if name not in folders:
                with suppress(OSError):
                    if stat.S_ISREG(os.stat(path).st_mode):  # a pipe would be waited for
                        with open(path, "rb", buffering=0) as stream:
                            content += stream.read()
                found[path[len(str(folder)) + 1 :]] = digest(content)
            elif content:
                found[path[len(str(folder)) + 1 :]] = digest(content)
    return dict(sorted(found.items()))


def _folder() -> File:
    base = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    return File(base).expanduser() / "strimzi-gitops" / "render"


def _fingerprint(schemas: Sequence[File]) -> str:
    """Changes whenever the program or a schema does."""
    stamps = []
    for folder in (File(__file__).parents[1], schemas_folder(), *schemas):
        for here, folders, names in os.walk(folder):
            folders[:] = sorted(name for name in folders if not name.startswith(("_", ".", "crds")))
            for name in sorted(names):
                status = os.stat(os.path.join(here, name))
                stamps.append(f"{here}/{name} {status.st_size} {status.st_mtime_ns}")
    return digest("\n".join([__version__, str(_FORMAT), *stamps]).encode())
