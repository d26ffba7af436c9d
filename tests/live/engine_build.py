"""The backup engine for tests: tests/live/engine, built once by cargo and kept in the user's cache.

    python tests/live/engine_build.py check    exit 1 and say why where it is not there
    python tests/live/engine_build.py build    build it unless it is there; exit 1 and say why it fails

It takes 10 minutes on two cores. What is there counts only as long as its sources stay the same.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path

_SOURCES = Path(__file__).parent / "engine"
_NAME = "kafka-backup-engine"
_TOOLS = Path(os.environ.get("STRIMZI_GITOPS_TOOLS") or Path.home() / ".cache/strimzi-gitops/bin")
_HOW = "python tests/live/engine_build.py build"


class UnbuiltError(Exception):
    """There is no engine, or none of these sources."""


def engine() -> Path:
    """The program.

    Raises:
        UnbuiltError: when it is not there.
    """
    program, built = _TOOLS / _NAME, _TOOLS / f"{_NAME}.sources"
    if not program.is_file():
        raise UnbuiltError(f"{_NAME} is not built ({_HOW})")
    if not built.is_file() or built.read_text(encoding="utf-8") != _digest():
        raise UnbuiltError(f"{_NAME} was built of other sources ({_HOW})")
    return program


def build() -> Path:
    """The program, built when it is not there.

    Raises:
        UnbuiltError: when it cannot be built.
    """
    try:
        return engine()
    except UnbuiltError:
        pass
    if shutil.which("cargo") is None:
        raise UnbuiltError(f"{_NAME}: no Rust on this machine")
    target = _TOOLS.parent / "engine-target"
    command = ["cargo", "build", "--release", "--locked", "--target-dir", str(target)]
    done = subprocess.run(command, cwd=_SOURCES, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise UnbuiltError(f"{_NAME} could not be built: {done.stderr.strip()[-500:]}")
    _TOOLS.mkdir(parents=True, exist_ok=True)
    unfinished = _TOOLS / f"{_NAME}.{os.getpid()}"
    shutil.copy2(target / "release" / _NAME, unfinished)
    unfinished.replace(_TOOLS / _NAME)
    (_TOOLS / f"{_NAME}.sources").write_text(_digest(), encoding="utf-8")
    return engine()


def _digest() -> str:
    files = [_SOURCES / "Cargo.lock", _SOURCES / "Cargo.toml", *sorted(_SOURCES.rglob("*.rs"))]
    return sha256(b"\0".join(file.read_bytes() for file in files)).hexdigest()


def main(arguments: Sequence[str]) -> int:
    """Look or build; returns the exit status."""
    actions = {"check": engine, "build": build}
    if len(arguments) != 1 or arguments[0] not in actions:
        sys.stderr.write(__doc__ or "")
        return 2
    try:
        sys.stdout.write(f"{actions[arguments[0]]()}\n")
    except UnbuiltError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
