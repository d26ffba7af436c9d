"""Start the command `strimzi-verify`; also `python -m verify`."""

import sys

from generator import __version__


def main() -> None:
    """Run the command line; `--version` alone answers without loading anything else."""
    if sys.argv[1:] == ["--version"]:
        print(f"strimzi-verify {__version__}")  # noqa: T201 (answers without loading click)
        return
    from verify.cli import run

    sys.exit(run())


if __name__ == "__main__":
    main()
