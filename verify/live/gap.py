"""Why something of a live cluster was not found out. A leaf."""

from enum import StrEnum

import msgspec


class Cause(StrEnum):
    """Why something was not found out."""

    NOT_ASKED = "not asked"
    UNREACHABLE = "unreachable"
    REFUSED = "refused"
    TIMED_OUT = "timed out"


class Gap(msgspec.Struct, frozen=True):
    """Something that was not found out, and why."""

    cause: Cause
    reason: str


class NoAnswerError(Exception):
    """A broker did not answer; `gap` says why."""

    def __init__(self, cause: Cause, reason: str) -> None:
        super().__init__(reason)
        self.gap = Gap(cause, reason)
