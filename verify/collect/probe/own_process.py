"""Work in a process of its own, whose death is a result: a C library that aborts takes nobody with it."""

import os
import pickle
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar, cast

from verify.live.gap import bug

Answer = TypeVar("Answer")

_LAST_WORDS = 300


class DiedError(Exception):
    """The process ended without an answer; the message says how."""


_Reply = tuple[object, str, tuple[str, ...]]
"""What the process hands back: what the function returned, or what it raised in words, with its notes."""


def apart(work: Callable[..., Answer], *arguments: object, until: float, mercy_s: float) -> Answer:
    """What a function returns that runs in a process of its own.

    Function and arguments are handed over through a pipe, so that no secret stands in a command line.
    An exception (Ctrl-C among them) reaches the function first, which has `mercy_s` to tidy up; then
    it passes through, with the function's notes.

    Raises:
        DiedError: when the process dies, breaks, or has not ended at `until`, in terms of time.monotonic().
    """
    process = subprocess.Popen(
        [sys.executable, "-m", __name__],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        start_new_session=True,  # Ctrl-C on a terminal reaches it by us, and once
    )  # fmt: skip
    try:
        said, complaints = process.communicate(
            pickle.dumps((work, arguments)), max(0.1, until - time.monotonic())
        )
    except subprocess.TimeoutExpired:
        _end(process)
        raise DiedError("it did not end in its time, and was ended") from None
    except BaseException as error:
        process.send_signal(signal.SIGINT)
        for note in _notes(process, mercy_s):
            error.add_note(note)
        raise
    reply = _reply(said)
    if reply is None:
        raise DiedError(_death(process.returncode, complaints))
    answer, problem, _ = reply
    if problem:
        raise DiedError(problem)
    return cast("Answer", answer)


def _notes(process: subprocess.Popen[bytes], mercy_s: float) -> tuple[str, ...]:
    """What the function has to say when it is interrupted; a second interruption ends it."""
    try:
        reply = _reply(process.communicate(timeout=mercy_s)[0])
    except BaseException as error:
        _end(process)
        if not isinstance(error, subprocess.TimeoutExpired):
            raise
        reply = None
    return reply[2] if reply else ("the process that probed had to be ended",)


def _end(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.communicate()


def _reply(said: bytes) -> _Reply | None:
    # Whoever writes into this pipe is ourselves.
    return cast("_Reply", pickle.loads(said)) if said else None  # noqa: S301


def _death(code: int, complaints: bytes) -> str:
    lines = complaints.decode(errors="replace").strip().splitlines()
    words = f": {lines[-1][-_LAST_WORDS:].strip('* ')}" if lines else ""
    how = f"of signal {-code}" if code < 0 else f"with exit code {code}"
    return f"the process died {how}{words}"


def main() -> None:
    """Do what the pipe says, and hand back what came of it."""
    answers = os.dup(sys.stdout.fileno())
    # What a library prints must not get between.
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    work, arguments = pickle.load(sys.stdin.buffer)  # noqa: S301 (our parent writes it)
    try:
        reply: _Reply = work(*arguments), "", ()
    except BaseException as error:  # noqa: BLE001 - told to whoever waits
        reply = None, bug(error), tuple(getattr(error, "__notes__", ()))
    with suppress(OSError), os.fdopen(answers, "wb") as pipe:  # nobody waits any more
        pipe.write(pickle.dumps(reply))
    # Threads of a library may still wait for a broker.
    os._exit(0)


if __name__ == "__main__":
    main()
