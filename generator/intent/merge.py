"""Layers -> one document: mappings join key by key, everything else is replaced, null removes."""

from typing import Any

from generator.common.finding import Path


def merge(low: dict[str, Any], high: dict[str, Any], path: Path = ()) -> dict[str, Any]:
    """`high` laid over `low`; mappings merge, null removes, neither input is changed.

    Inside a patch of `overrides` null stays: there it removes something of the manifest. So it does below a
    topic or a profile, where it removes what the profile and the defaults say as well.
    """
    merged = dict(low)
    for key, value in high.items():
        if value is None and not _keeps_null((*path, key)):
            merged.pop(key, None)
        elif isinstance(value, dict) and isinstance(below := merged.get(key), dict):
            merged[key] = merge(below, value, (*path, key))
        else:
            merged[key] = value
    return merged


def _keeps_null(path: Path) -> bool:
    return in_patch(path) or of_topic(path)


def in_patch(path: Path) -> bool:
    """Inside a patch of `overrides`."""
    return len(path) > 3 and path[0] == "overrides"


def of_topic(path: Path) -> bool:
    """Below a topic or a profile."""
    return len(path) > 2 and path[0] in ("topics", "topicProfiles")


def merge_sections(low: dict[str, Any], high: dict[str, Any]) -> dict[str, Any]:
    """Two files of one layer: sections that are mappings join, and no key stands in both."""
    merged = dict(low)
    for section, value in high.items():
        if isinstance(value, dict) and isinstance(below := merged.get(section), dict):
            merged[section] = {**below, **value}
        else:
            merged[section] = value
    return merged
