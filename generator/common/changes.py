"""Words of changes, which plans tell and approvals name."""

import json
from enum import StrEnum
from hashlib import sha256

_LONG = 100


class Missing:
    """Stands for a value that is not there."""

    def __repr__(self) -> str:
        return "-"


MISSING = Missing()


class Action(StrEnum):
    """What happens to an object."""

    CREATE = "create"
    DELETE = "delete"
    RENAME = "rename"
    UPDATE = "update"


def said(value: object) -> str | int | float:
    """A value as an approval names it: as it is, '-' where there is none, and what is long by its digest."""
    if value is MISSING:
        return "-"
    if isinstance(value, int | float):
        return value
    text = value if isinstance(value, str) else json.dumps(value, sort_keys=True, default=str)
    if len(text) <= _LONG and text.isprintable():
        return text
    return f"sha256:{sha256(text.encode()).hexdigest()}"
