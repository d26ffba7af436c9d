"""Mutants, seeded, to see who notices.

python tests/mutate.py documents    Kubernetes documents: do we say what the API server says?
"""

import argparse
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path

import yaml
from live.kubernetes_server import KubernetesServer
from mutants.agreement import Server, agreement
from mutants.code import chosen, survivors
from mutants.intent import Bug
from mutants.intent import bugs as look_for_bugs

_EXPLAINED = Path(__file__).with_name("mutants") / "survivors.yaml"
_NOTICED = 0.9


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


def intent(options: argparse.Namespace) -> int:
    """Render mutants of intent; 1 when one ends in a bug."""
    share = -(-options.count // options.jobs)
    starts = range(0, share * options.jobs, share)
    found: dict[str, Bug] = {}
    tried = 0
    with ProcessPoolExecutor(options.jobs) as pool:
        tasks = [
            pool.submit(_share, options.seed, start, share, options.seconds) for start in starts
        ]
        for task in as_completed(tasks):
            bugs, count = task.result()
            tried += count
            for bug in bugs:
                found.setdefault(f"{bug.place} {bug.error.partition(':')[0]}", bug)
    for bug in found.values():
        print(f"{bug.place}: {bug.error}\n    input {bug.number}: {bug.what[:300]}")
    print(f"{tried} inputs, {len(found)} bugs")
    return int(bool(found))


def _share(seed: int, first: int, count: int, seconds: float) -> tuple[list[Bug], int]:
    *bugs, tried = look_for_bugs(seed, first, count, seconds)
    return [each for each in bugs if isinstance(each, Bug)], int(str(tried))


def code(options: argparse.Namespace) -> int:
    """Change our own code; 1 when fewer than nine tenths of the changes of a room are noticed."""
    explained = yaml.safe_load(_EXPLAINED.read_text(encoding="utf-8"))
    enough = True
    for room, sample in chosen(options.seed, options.count).items():
        changes = [each for each in sample if each.file.startswith(options.room)]
        if not changes:
            continue
        started = time.monotonic()
        # imports of one room are not there for the next
        with ProcessPoolExecutor(1) as pool:
            living, tried = pool.submit(survivors, room, changes, options.jobs).result()
        for change in sorted(living, key=str):
            print(f"{change}\n    {explained.get(change.name, 'not explained')}")
        seconds = time.monotonic() - started
        print(f"{room}: {tried - len(living)} of {tried} noticed, {seconds:.0f} s", flush=True)
        enough &= tried == len(changes) and tried - len(living) >= _NOTICED * tried
    return int(not enough)


def main() -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    commands = parser.add_subparsers(required=True)
    command = commands.add_parser("documents", help=documents.__doc__)
    command.add_argument("--seed", type=int, default=1)
    command.add_argument("--count", type=int, default=5000)
    command.set_defaults(run=documents)
    command = commands.add_parser("intent", help=intent.__doc__)
    command.add_argument("--seed", type=int, default=1)
    command.add_argument("--count", type=int, default=1_000_000)
    command.add_argument("--seconds", type=float, default=600)
    command.add_argument("--jobs", type=int, default=2)
    command.set_defaults(run=intent)
    command = commands.add_parser("code", help=code.__doc__)
    command.add_argument("--seed", type=int, default=1)
    command.add_argument("--count", type=int, default=400)
    command.add_argument("--room", default="", help="how the changed files' names start")
    command.add_argument("--jobs", type=int, default=2)
    command.set_defaults(run=code)
    options = parser.parse_args()
    return int(options.run(options))


if __name__ == "__main__":
    sys.exit(main())
