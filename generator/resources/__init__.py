"""Intent -> manifests: one module per kind, each with `render(environment) -> Iterator[Manifest]`.

What depends on all the others has `render_after(environment, manifests)` instead. Modules are found
by name, so a new kind is a new file here and nothing else.
"""

import importlib
import pkgutil
from collections.abc import Callable, Iterator, Sequence
from types import ModuleType

from generator.intent import Environment
from generator.manifest import Manifest


def renderers() -> Iterator[Callable[[Environment], Iterator[Manifest]]]:
    """The `render` function of every module of this package that has one, by module name."""
    return (module.render for module in _modules() if hasattr(module, "render"))


def last_renderers() -> Iterator[Callable[[Environment, Sequence[Manifest]], Iterator[Manifest]]]:
    """The `render_after` functions, which are given what all others rendered."""
    return (module.render_after for module in _modules() if hasattr(module, "render_after"))


def _modules() -> Iterator[ModuleType]:
    for name in sorted(info.name for info in pkgutil.iter_modules(__path__)):
        yield importlib.import_module(f"{__name__}.{name}")
