"""Argo CD itself for tests: one program, which is a different server under each of its names.

It comes out of the folder that STRIMZI_GITOPS_TEST_DATA names, as argocd-VERSION-linux-amd64.xz, and is
unpacked into the user's cache once; without that folder it is what the cache has.
"""

import lzma
import os
import platform
import shutil
import tempfile
from functools import cache
from pathlib import Path

from live.jars import CACHE, MissingError

VERSION = "3.5.1"
"""The one that plan and rules were read from."""

_NAMES = ("argocd", "argocd-application-controller", "argocd-repo-server")


@cache
def programs() -> Path:
    """The folder with the program under its names.

    Raises:
        MissingError: when it is neither in the cache nor where data for tests are.
    """
    folder = CACHE / f"argocd-{VERSION}"
    if folder.is_dir():
        return folder
    data = os.environ.get("STRIMZI_GITOPS_TEST_DATA")
    if not data:
        raise MissingError(f"{folder} is not there, nor STRIMZI_GITOPS_TEST_DATA said")
    packed = Path(data) / f"argocd-{VERSION}-linux-amd64.xz"
    if not packed.is_file():
        raise MissingError(f"{packed} is not there")
    if (platform.system(), platform.machine()) != ("Linux", "x86_64"):
        raise MissingError(f"{packed.name} does not run on {platform.platform()}")
    CACHE.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=CACHE) as unfinished:
        made = Path(unfinished) / "argocd"
        made.mkdir()
        first, *others = (made / name for name in _NAMES)
        with lzma.open(packed) as source, first.open("wb") as target:
            shutil.copyfileobj(source, target)
        first.chmod(0o755)
        for each in others:
            each.symlink_to(first.name)
        # Complete or not there at all, whoever else unpacks at the same time.
        if not folder.is_dir():
            made.rename(folder)
    return folder
