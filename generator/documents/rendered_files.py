"""Files of rendered/: what one holds, and -> manifests, without judging them."""

import os
import stat
from collections.abc import Iterable
from pathlib import Path as File
from typing import Any, Protocol

import ryaml

from generator.common.finding import Finding, FindingsError
from generator.documents.manifest import Manifest, is_edited, is_rendered
from generator.documents.source import MAX_FILE_BYTES, YAML_SUFFIXES, Source


class Content(Protocol):
    """What a file is to hold: a manifest, or one that is known to be as it was."""

    @property
    def digest(self) -> bytes:
        """A short name of what it holds."""

    def content(self) -> bytes:
        """The file's whole content."""


def folders_of(folder: File) -> Iterable[str]:
    """Names of the folders in a folder, hidden ones left out."""
    return [path.name for path in folder.iterdir() if path.is_dir() and path.name[0] != "."]


def contents_of(folder: File) -> dict[str, bytes]:
    """Every YAML file below a folder with its bytes; links are not followed."""
    found: dict[str, bytes] = {}
    for here, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".")]
        inside = os.path.relpath(here, folder).replace(os.sep, "/")
        prefix = "" if inside == "." else f"{inside}/"
        for name in names:
            path = os.path.join(here, name)
            if name.startswith(".") or not name.endswith(YAML_SUFFIXES) or not _is_plain(path):
                continue
            with open(path, "rb", buffering=0) as stream:
                found[prefix + name] = stream.read(MAX_FILE_BYTES)
    return found


def _is_plain(path: str) -> bool:
    return stat.S_ISREG(os.lstat(path).st_mode)


def manifest_of(name: str, raw: bytes) -> Manifest:
    """The object that a file holds; `name` is what the file is called in errors.

    Raises:
        FindingsError: when it holds no Kubernetes object.
    """
    text = raw.decode("utf-8", "replace")
    # What the renderer wrote and nobody edited needs no careful reading.
    ours = is_rendered(raw) and not is_edited(raw)
    data: Any = ryaml.loads(text) if ours else Source(name, text).data
    whole = isinstance(data, dict) and "kind" in data and "apiVersion" in data
    if not whole or not isinstance(data.get("metadata"), dict) or "name" not in data["metadata"]:
        raise FindingsError(
            [Finding(name, 1, 1, "no-object", "is no Kubernetes object",
                     "give folders that strimzi-gitops rendered")]
        )  # fmt: skip
    return Manifest("", data, ())
