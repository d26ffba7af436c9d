"""Start the command `strimzi-gitops`; also `python -m generator`."""

import sys

from generator import __version__


def main() -> None:
    """Run the command line; `--version` alone answers without loading anything else."""
    if sys.argv[1:] == ["--version"]:
        print(f"strimzi-gitops {__version__}")
        return
    from generator.cli import run

    sys.exit(run())


if __name__ == "__main__":
    main()
