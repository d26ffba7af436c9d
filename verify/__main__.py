"""Start the command `strimzi-verify`; also `python -m verify`."""

import os
import sys
from contextlib import suppress

from generator import __version__
from generator.common.exit_codes import ExitCode


def main() -> None:
    """Run the command line; `--version` alone answers without loading anything else."""
    if sys.argv[1:] == ["--version"]:
        print(f"strimzi-verify {__version__}")  # noqa: T201 (answers without loading click)
        return
    try:
        from verify.cli.main import run
    except ImportError as error:
        print(f"{error}; install what this command needs: pip install 'strimzi-gitops[verify]'",  # noqa: T201 (click may be what is missing)
              file=sys.stderr)  # fmt: skip
        sys.exit(ExitCode.TOOL_MISSING)
    code = run()
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, AttributeError, ValueError):  # closed by whoever started us
            stream.flush()
    # Threads that still wait for a broker would keep an interrupted run for seconds.
    os._exit(code)


if __name__ == "__main__":
    main()
