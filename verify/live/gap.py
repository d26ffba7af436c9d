"""Why something of a live cluster was not found out. A leaf."""

import traceback
from enum import StrEnum
from pathlib import Path as File

import msgspec

_OURS = str(File(__file__).parents[1])


class Cause(StrEnum):
    """Why something was not found out."""

    NOT_ASKED = "not asked"
    UNREACHABLE = "unreachable"
    REFUSED = "refused"
    TIMED_OUT = "timed out"
    BROKEN = "broken"
    """Something of our own failed, which says nothing of the cluster."""


class Gap(msgspec.Struct, frozen=True):
    """Something that was not found out, and why."""

    cause: Cause
    reason: str


class NoAnswerError(Exception):
    """A broker did not answer; `gap` says why."""

    def __init__(self, cause: Cause, reason: str) -> None:
        super().__init__(reason)
        self.gap = Gap(cause, reason)


class OtherNodeError(NoAnswerError):
    """Another node answers at the address of a broker."""

    def __init__(self, address: str, node: int) -> None:
        super().__init__(
            Cause.REFUSED, f"node {node} answers at {address}, the address that it advertises"
        )


def bug(error: BaseException) -> str:
    """What to say of an error that nobody foresaw, with the line of ours at which it was raised."""
    ours = [each for each in traceback.extract_tb(error.__traceback__)
            if each.filename.startswith(_OURS)]  # fmt: skip
    place = f" ({File(ours[-1].filename).name}:{ours[-1].lineno})" if ours else ""
    return f"this is a bug in strimzi-verify: {type(error).__name__}: {error}{place}"
