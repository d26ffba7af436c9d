"""Start the command `strimzi-gitops`; also `python -m generator`."""

import gc
import os
import sys
from contextlib import suppress

from generator import __version__


def main() -> None:
    """Run the command line; `--version` alone answers without loading anything else."""
    if sys.argv[1:] == ["--version"]:
        print(f"strimzi-gitops {__version__}")
        return
    # A run makes many objects and hardly any garbage, then ends: collecting costs a tenth of it.
    gc.disable()
    from generator.cli.main import run

    code = run()
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, AttributeError, ValueError):  # closed by whoever started us
            stream.flush()
    # Freeing a hundred thousand objects one by one takes longer than proving them did.
    os._exit(code)


if __name__ == "__main__":
    main()
