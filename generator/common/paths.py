"""Where things are in a project and in this program. A leaf."""

import re
from functools import cache
from pathlib import Path as File

ENVIRONMENTS = "environments"
ENVIRONMENT_FILE = "environment.yaml"
REMOVAL_FILE = "tombstone.yaml"
"""In the folder of an environment that is to go, with the reason and who answers for it."""
EXTRA = "extra"
"""The folder of a layer that holds manifests instead of intent."""
RENDERED = "rendered"
MANIFEST = ".yaml"
"""How the names of manifests in it end; what ends otherwise is for people."""
SHARED = "argocd"
"""The folder of rendered/ for what all environments share; no environment may have its name."""
LONGEST_NAME = 255
"""What file systems take; everything that we write is in ASCII."""
TEMPORARY = (".strimzi-gitops-tmp-", ".tmp")
"""Around the name of a file that is being written; Argo CD skips such ones."""


def environment_names(root: File) -> list[str]:
    """The folders under environments/ that hold an environment.yaml, sorted."""
    folder = root / ENVIRONMENTS
    if not folder.is_dir():
        return []
    gone = removals(root)
    files = (path for path in folder.glob(f"*/{ENVIRONMENT_FILE}") if path.is_file())
    found = (path.parent.name for path in files)
    return sorted(name for name in found if name not in gone)


def removals(root: File) -> list[str]:
    """The environments that have been removed on purpose: environments/NAME/tombstone.yaml."""
    folder = root / ENVIRONMENTS
    return sorted(path.parent.name for path in folder.glob(f"*/{REMOVAL_FILE}"))


def near_environment_files(root: File) -> list[File]:
    """Files that were probably meant to be an environment's, in folders that have none."""
    known = {*environment_names(root), *removals(root)}
    return sorted(
        path
        for path in (root / ENVIRONMENTS).glob("*/*")
        if path.parent.name not in known and _NEARLY.fullmatch(path.name)
    )


_NEARLY = re.compile(
    r"(?:env|environment|enviroment|environement)s?(?:[.](?:ya?ml|json|txt))*", re.IGNORECASE
)


@cache
def schemas_folder() -> File:
    """The folder schemas/: beside the packages in a checkout, inside the package when installed."""
    package = File(__file__).resolve().parents[1]
    beside = package.parent / "schemas"
    return beside if beside.is_dir() else package / "schemas"
