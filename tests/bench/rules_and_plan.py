"""Time all rules beside rendering, and plan beside one full render, at several sizes, in one run.

    TMPDIR=/dev/shm python tests/bench/rules_and_plan.py [TOPICS ...]

Rules are timed inside one process, in turn with making the manifests that they judge; plan and render
are timed as whole commands, taken in turn. Figures are medians; quote the ratios.
"""

import gc
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from compare import OURS, run
from workload import write_project

from generator.common.cache import Cache
from generator.intent.layers import Project
from generator.render import assemble
from generator.rules.registry.policy import verdict_of

SIZES = [1_000, 10_000, 100_000]
ROUNDS = 5
CHANGES = 100


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    """Seconds and result of a piece of work, without the garbage collector, as in the command."""
    gc.collect()
    gc.disable()
    started = time.perf_counter()
    result = work()
    seconds = time.perf_counter() - started
    gc.enable()
    return seconds, result


def rules_beside_manifests(root: Path) -> tuple[float, float]:
    """Median seconds of making all manifests, and of asking all rules about them."""
    making, asking = [], []
    for _ in range(ROUNDS):
        seconds, made = timed(lambda: assemble(Project(root, Cache()), "bench"))
        making.append(seconds)

        def ask(made: Any = made) -> Any:
            return verdict_of(made.system(), made.locate, "2026-11-21")

        seconds, verdict = timed(ask)
        if verdict.findings:
            sys.exit(f"the workload is not healthy: {verdict.findings[0]}")
        asking.append(seconds)
    return statistics.median(making), statistics.median(asking)


def change_topics(root: Path) -> None:
    """Change the partitions of a hundred topics, spread over all teams."""
    files = sorted((root / "environments/bench/topics").glob("*.yaml"))
    for number in range(CHANGES):
        path = files[number % len(files)]
        text = path.read_text()
        places = list(re.finditer(r"partitions: (\d+),", text))
        place = places[(number // len(files)) * 7 % len(places)]
        more = f"partitions: {int(place[1]) + 10},"
        path.write_text(text[: place.start()] + more + text[place.end() :])


def plan_beside_render(root: Path) -> dict[str, float]:
    """Median seconds of a full render, of plan between folders, and of plan against a commit."""
    environment = {**os.environ, "XDG_CACHE_HOME": str(root / "cache")}
    os.environ.update(environment)
    git = ["git", "-c", "user.name=bench", "-c", "user.email=bench@example.com"]
    (root / ".gitignore").write_text("rendered*\ncache\n")
    for arguments in (["init", "-q"], ["add", "-A"], ["commit", "-qm", "before"]):
        subprocess.run([*git, *arguments], cwd=root, check=True)
    run([*OURS, "render"], root)
    (root / "rendered").rename(root / "rendered-before")
    change_topics(root)
    figures: dict[str, list[float]] = {"render": [], "folders": [], "commit": []}
    for _ in range(ROUNDS):
        for path in ("rendered", "cache"):
            shutil.rmtree(root / path, ignore_errors=True)
        figures["render"].append(run([*OURS, "render"], root).wall_s)
        folders = ["plan", "--from", "rendered-before", "--to", "rendered"]
        figures["folders"].append(run([*OURS, *folders], root).wall_s)
        figures["commit"].append(run([*OURS, "plan", "--base", "HEAD"], root, codes=(8,)).wall_s)
    return {name: statistics.median(values) for name, values in figures.items()}


def main() -> None:
    """Print one row per size."""
    sizes = [int(argument) for argument in sys.argv[1:]] or SIZES
    print("topics   manifests  rules   ratio | render  plan folders  ratio  plan commit  ratio")
    for topics in sizes:
        with tempfile.TemporaryDirectory() as name:
            root = Path(name)
            write_project(root, topics, max(20, topics // 400 * 20))
            making, asking = rules_beside_manifests(root)
            plan = plan_beside_render(root)
        whole = plan["render"]
        print(
            f"{topics:>7}  {making:>7.3f} s  {asking:.3f} s  {asking / making:.2f} |"
            f" {whole:.2f} s  {plan['folders']:>8.2f} s  {plan['folders'] / whole:>6.2f}"
            f"  {plan['commit']:>8.2f} s  {plan['commit'] / whole:>5.2f}"
        )


if __name__ == "__main__":
    main()
