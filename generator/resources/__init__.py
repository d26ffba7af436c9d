"""Intent -> manifests: one module per kind, each with `render(environment) -> Iterator[Manifest]`.

Modules are found by name, so a new kind is a new file here and nothing else.
"""

import importlib
import pkgutil
from collections.abc import Callable, Iterator

from generator.intent import Environment
from generator.manifest import Manifest


def renderers() -> Iterator[Callable[[Environment], Iterator[Manifest]]]:
    """The `render` function of every module of this package that has one, by module name."""
    for module in sorted(info.name for info in pkgutil.iter_modules(__path__)):
        loaded = importlib.import_module(f"{__name__}.{module}")
        if hasattr(loaded, "render"):
            yield loaded.render
