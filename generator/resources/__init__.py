"""Intent -> manifests: one module per kind, each with `render(environment) -> Iterator[Manifest]`.

What depends on all the others has `render_after(environment, manifests)` instead. Modules are found
by name, so a new kind is a new file here and nothing else.
"""

from collections.abc import Callable, Iterator, Sequence
from types import ModuleType

from generator.common.discovery import modules_below
from generator.documents.manifest import Manifest
from generator.model.environment import Environment


def renderers() -> Iterator[Callable[[Environment], Iterator[Manifest]]]:
    """The `render` function of every module of this package that has one, by module name."""
    return (module.render for module in _modules() if hasattr(module, "render"))


def last_renderers() -> Iterator[Callable[[Environment, Sequence[Manifest]], Iterator[Manifest]]]:
    """The `render_after` functions, which are given what all others rendered."""
    return (module.render_after for module in _modules() if hasattr(module, "render_after"))


def _modules() -> Iterator[ModuleType]:
    return modules_below(__name__)
