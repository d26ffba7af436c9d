"""Where things are in a project and in this program. A leaf."""

from functools import cache
from pathlib import Path as File

ENVIRONMENTS = "environments"
ENVIRONMENT_FILE = "environment.yaml"
EXTRA = "extra"
"""The folder of a layer that holds manifests instead of intent."""
RENDERED = "rendered"
SHARED = "argocd"
"""The folder of rendered/ for what all environments share; no environment may have its name."""


def environment_names(root: File) -> list[str]:
    """The folders under environments/ that hold an environment.yaml, sorted."""
    folder = root / ENVIRONMENTS
    if not folder.is_dir():
        return []
    return sorted(path.parent.name for path in folder.glob(f"*/{ENVIRONMENT_FILE}"))


@cache
def schemas_folder() -> File:
    """The folder schemas/: beside the packages in a checkout, inside the package when installed."""
    package = File(__file__).resolve().parent
    beside = package.parent / "schemas"
    return beside if beside.is_dir() else package / "schemas"
