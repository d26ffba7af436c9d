"""Modules found by their place, so that who adds one edits no list."""

import importlib
import pkgutil
from collections.abc import Iterator
from types import ModuleType


def modules_below(package: str, but: str = "") -> Iterator[ModuleType]:
    """Every module and folder of a package, sorted by name; none of the one named `but`."""
    found = importlib.import_module(package)
    for name in sorted(info.name for info in pkgutil.iter_modules(found.__path__)):
        if f"{package}.{name}" != but:
            module = importlib.import_module(f"{package}.{name}")
            yield module
            if hasattr(module, "__path__"):
                yield from modules_below(module.__name__, but)
