"""Differences between environments that are meant: `policy.differences`."""

from collections.abc import Mapping
from fnmatch import fnmatchcase
from typing import Any


def allowed(policy: Mapping[str, Any], kind: str, name: str, field: str) -> bool:
    """True when the policy lists the difference as `Kind/name field`, '*' standing for anything.

    A pattern without a field allows every difference of the object.
    """
    for pattern in policy.get("differences", ()):
        thing, _, where = pattern.partition(" ")
        if fnmatchcase(f"{kind}/{name}", thing) and fnmatchcase(field, where or "*"):
            return True
    return False
