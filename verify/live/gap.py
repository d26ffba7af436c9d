"""Why something of a live cluster was not found out. A leaf."""

import traceback
from enum import StrEnum
from pathlib import Path as File

import msgspec

AMPLE_S = 2.5
"""Who had less time for an answer may only have been slow."""
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
    hurried: bool = False
    """There was hardly any time for an answer, so that none says nothing of who was asked."""


class NoAnswerError(Exception):
    """A broker did not answer; `gap` says why."""

    def __init__(self, cause: Cause, reason: str, *, hurried: bool = False) -> None:
        super().__init__(reason)
        self.gap = Gap(cause, reason, hurried)


def late(what: str, given_s: float) -> NoAnswerError:
    """What did not happen in time, of which there was so much."""
    hurried = given_s < AMPLE_S
    had = f" (there were {max(0, given_s):.1f} s)" if hurried else ""
    return NoAnswerError(Cause.TIMED_OUT, what + had, hurried=hurried)


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
