"""Intent with something changed in it, through the whole render: whatever it says, it ends as it should."""

import contextlib
import io
import json
import os
import random
import signal
import tempfile
import time
import traceback
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import FrameType
from typing import Any

import yaml
from mutants.documents import change, copy_of

from generator.cli.main import run

_ROOT = Path(__file__).parents[2]
_LONGEST_S = 20


@dataclass(frozen=True)
class Bug:
    """An input that ended in a traceback, or not at all."""

    number: int
    what: str
    error: str
    place: str


class _HangsError(Exception):
    """Still at it."""


@cache
def intents() -> list[Any]:
    """The goldens', and what the shipped environments say."""
    files = sorted((_ROOT / "tests/golden").glob("*.intent.yaml"))
    whole = [yaml.safe_load(file.read_text(encoding="utf-8")) for file in files]
    parts = [
        yaml.safe_load(file.read_text(encoding="utf-8"))
        for file in sorted((_ROOT / "environments").rglob("*.yaml"))
        if "extra" not in file.parts
    ]
    sections: dict[str, Any] = {}
    for part in parts:
        sections |= {
            key: each for key, each in part.items() if key not in ("environment", "inherits")
        }
    head = {"environment": "dev", "namespace": "kafka-dev", "size": "small"}
    return [*whole, head | sections]


def mutant(seed: int, number: int) -> tuple[Any, str]:
    """One input; the same seed and number give the same."""
    chooser = random.Random(f"{seed} {number}")
    data = copy_of(chooser.choice(intents()))
    told = [change(data, chooser, intents)]
    while chooser.random() < 0.4:
        told.append(change(data, chooser, intents))
    return data, "; ".join(told)


def bugs(seed: int, first: int, count: int, seconds: float) -> Iterator[Bug | int]:
    """Bugs, and in the end how many inputs were tried."""
    end = time.monotonic() + seconds
    signal.signal(signal.SIGALRM, _hangs)
    tried = 0
    place = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # noqa: S108 (a fast disk)
    with tempfile.TemporaryDirectory(dir=place) as folder:
        root = Path(folder)
        os.environ["XDG_CACHE_HOME"] = str(root / "cache")
        (root / "environments/dev").mkdir(parents=True)
        while tried < count and time.monotonic() < end:
            number = first + tried
            tried += 1
            data, what = mutant(seed, number)
            text = json.dumps(data, ensure_ascii=False)
            (root / "environments/dev/environment.yaml").write_text(text, encoding="utf-8")
            bug = _tried(root, number, what)
            if bug is not None:
                yield bug
    yield tried


def _tried(root: Path, number: int, what: str) -> Bug | None:
    silent = io.StringIO()
    signal.setitimer(signal.ITIMER_REAL, _LONGEST_S)
    try:
        with contextlib.redirect_stdout(silent), contextlib.redirect_stderr(silent):
            run(["--debug", "--root", str(root), "render"])
    except Exception as error:  # noqa: BLE001 (each of them is a bug)
        frames = traceback.extract_tb(error.__traceback__)
        ours = [each for each in frames if "/generator/" in each.filename] or list(frames)
        place = f"{Path(ours[-1].filename).relative_to(_ROOT)}:{ours[-1].lineno}"
        return Bug(number, what, f"{type(error).__name__}: {str(error)[:200]}", place)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
    return None


def _hangs(_signal: int, _frame: FrameType | None) -> None:
    raise _HangsError(f"{_LONGEST_S} s")
