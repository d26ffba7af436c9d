"""Mutants, seeded, to see who notices.

python tests/mutate.py documents    Kubernetes documents: do we say what the API server says?
"""

import argparse
import sys
import tempfile
from pathlib import Path

from live.kubernetes_server import KubernetesServer
from mutants.agreement import Server, agreement


def documents(options: argparse.Namespace) -> int:
    """Ask the product, kubeconform and a real API server; 1 when they disagree."""
    with (
        tempfile.TemporaryDirectory() as folder,
        KubernetesServer(Path(folder)) as kubernetes,
    ):
        kubernetes.install_crds()
        found = agreement(Server(kubernetes), options.seed, options.count)
    for disagreement in found.disagreements:
        print(disagreement)
    for each, times in found.left_out.items():
        print(f"left out {times} times: {each.why}")
    for each in found.unused():
        print(f"left out, and nothing needs it: {each.why}")
    print(found.kubeconform)
    print(f"{found.asked} documents, of which the server refuses {found.refused}")
    print(f"{len(found.disagreements)} disagreements")
    return int(bool(found.disagreements or found.unused()))


def main() -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    commands = parser.add_subparsers(required=True)
    command = commands.add_parser("documents", help=documents.__doc__)
    command.add_argument("--seed", type=int, default=1)
    command.add_argument("--count", type=int, default=5000)
    command.set_defaults(run=documents)
    options = parser.parse_args()
    return int(options.run(options))


if __name__ == "__main__":
    sys.exit(main())
