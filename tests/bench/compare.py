"""Time strimzi-gitops beside its peers on the same work, in one run, and print the tables of tests/README.md.

    python tests/bench/compare.py [TOPICS] [APPLICATIONS]

The peers are `helm template` of an equivalent chart and `kubeconform` on what it gives; both must be
on PATH or in ~/.cache/strimzi-gitops/bin. With TMPDIR=/dev/shm the disk's moods stay out. Figures are medians of several runs, taken in turn
(A B C A B C ...), so that a machine whose speed drifts treats all alike; quote the ratios.
"""

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from workload import write_project

REPOSITORY = Path(__file__).resolve().parent.parent.parent
TOOLS = Path(os.environ.get("STRIMZI_GITOPS_TOOLS", Path.home() / ".cache/strimzi-gitops/bin"))
ROUNDS = 5
OURS = [sys.executable, "-m", "generator"]
if (script := Path(sys.executable).with_name("strimzi-gitops")).exists():
    OURS = [str(script)]


@dataclass
class Figure:
    """One run of a command, its children included."""

    wall_s: float
    cpu_s: float
    peak_mib: float


def run(
    command: list[str], folder: Path, output: Path | None = None, codes: tuple[int, ...] = (0,)
) -> Figure:
    """Run a command to its end; its output goes to a file or nowhere."""
    with (output or Path(os.devnull)).open("wb") as stream:
        started = time.perf_counter()
        process = subprocess.Popen(command, cwd=folder, stdout=stream, stderr=subprocess.DEVNULL)
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in codes:
        sys.exit(f"{' '.join(command)} ended with {process.returncode}")
    return Figure(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def median(figures: list[Figure]) -> Figure:
    """The middle of each figure on its own."""
    return Figure(
        statistics.median(figure.wall_s for figure in figures),
        statistics.median(figure.cpu_s for figure in figures),
        statistics.median(figure.peak_mib for figure in figures),
    )


def tool(name: str) -> str:
    """A peer's path; without it there is nothing to compare with."""
    found = shutil.which(name) or shutil.which(name, path=str(TOOLS))
    if found is None:
        sys.exit(f"{name} is neither on PATH nor in {TOOLS}")
    return found


def write_chart(project: Path, chart: Path) -> None:
    """A chart as people write them, whose values are the project's intent: profiles, units, labels."""
    layer = project / "environments/bench"
    values: dict[str, Any] = {}
    for path in sorted(layer.rglob("*.yaml")):
        for section, content in yaml.load(path.read_text(), yaml.CSafeLoader).items():
            if isinstance(content, dict):
                values.setdefault(section, {}).update(content)
            else:
                values[section] = content
    (chart / "templates").mkdir(parents=True)
    (chart / "Chart.yaml").write_text("apiVersion: v2\nname: bench\nversion: 1.0.0\n")
    (chart / "values.yaml").write_text(yaml.dump(values, Dumper=yaml.CSafeDumper))
    (chart / "templates/_helpers.tpl").write_text(HELPERS)
    (chart / "templates/topics.yaml").write_text(TOPICS)
    (chart / "templates/users.yaml").write_text(USERS)


HELPERS = """\
{{- define "bench.labels" -}}
app.kubernetes.io/managed-by: helm
app.kubernetes.io/part-of: {{ .cluster }}
strimzi.io/cluster: {{ .cluster }}
{{- with .owner }}
strimzi-gitops/owner: {{ . }}
{{- end }}
{{- end }}
{{- define "bench.milliseconds" -}}
{{- $number := regexFind "^[0-9]+" . | int64 -}}
{{- $unit := regexFind "[a-z]+$" . -}}
{{- mul $number (get (dict "ms" 1 "s" 1000 "m" 60000 "h" 3600000 "d" 86400000) $unit) -}}
{{- end }}
"""
TOPICS = """\
{{- range $name, $own := .Values.topics }}
{{- $topic := merge (dict) $own (get $.Values.topicProfiles ($own.profile | default "")) }}
---
apiVersion: kafka.strimzi.io/v1
kind: KafkaTopic
metadata:
  name: {{ $name }}
  namespace: {{ $.Values.namespace }}
  labels:
    {{- include "bench.labels" (dict "cluster" $.Values.cluster.name "owner" $topic.owner) | nindent 4 }}
  annotations:
    argocd.argoproj.io/sync-wave: "10"
spec:
  partitions: {{ required "partitions" $topic.partitions }}
  replicas: {{ $topic.replicas | default 3 }}
  config:
    {{- with $topic.compression }}
    compression.type: {{ . }}
    {{- end }}
    {{- with $topic.minInsyncReplicas }}
    min.insync.replicas: {{ . }}
    {{- end }}
    {{- with $topic.retention }}
    retention.ms: {{ include "bench.milliseconds" . }}
    {{- end }}
{{- end }}
"""
USERS = """\
{{- range $name, $own := .Values.applications }}
---
apiVersion: kafka.strimzi.io/v1
kind: KafkaUser
metadata:
  name: {{ $name }}
  namespace: {{ $.Values.namespace }}
  labels:
    {{- include "bench.labels" (dict "cluster" $.Values.cluster.name "owner" $own.owner) | nindent 4 }}
  annotations:
    argocd.argoproj.io/sync-wave: "11"
spec:
  authentication:
    type: {{ $own.authentication | default "tls" }}
  authorization:
    type: simple
    acls:
      {{- range $own.produces }}
      - type: allow
        resource: {type: topic, name: {{ . }}, patternType: literal}
        operations: [Write]
        host: "*"
      {{- end }}
      {{- range $topic, $how := $own.consumes }}
      - type: allow
        resource: {type: topic, name: {{ $topic }}, patternType: literal}
        operations: [Read]
        host: "*"
      - type: allow
        resource: {type: group, name: {{ $how.group | default $name }}, patternType: literal}
        operations: [Read]
        host: "*"
      {{- end }}
{{- end }}
"""


def compare(folder: Path, topics: int, applications: int) -> dict[str, list[Figure]]:
    """All commands in turn, several times.

    Every round has folders of its own that are removed only at the very end: a file system that
    has just deleted ten thousand files (ext4 for one) is slow to make new ones, which would be
    counted against whoever comes next.
    """
    chart = folder / "chart"
    write_project(folder / "source", topics, applications)
    write_chart(folder / "source", chart)
    helm, kubeconform = tool("helm"), tool("kubeconform")
    schema = REPOSITORY / "schemas/strimzi/1.2.0/{{.ResourceKind}}{{.KindSuffix}}.json"
    output = folder / "helm.yaml"
    figures: dict[str, list[Figure]] = {}

    def note(name: str, figure: Figure) -> None:
        figures.setdefault(name, []).append(figure)

    # As after any installation by pip: the byte code is there.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    os.environ["XDG_CACHE_HOME"] = str(folder / "cache-warm")
    write_project(folder / "warm", 100, 20)
    run([*OURS, "render"], folder / "warm")
    run([*OURS, "validate"], folder / "warm")
    for number in range(ROUNDS):
        project = folder / f"project-{number}"
        write_project(project, topics, applications)
        os.environ["XDG_CACHE_HOME"] = str(folder / f"cache-{number}")
        os.sync()
        note("render", run([*OURS, "render"], project))
        note("validate", run([*OURS, "validate"], project))
        note("helm template", run([helm, "template", "x", str(chart)], folder, output))
        check = [kubeconform, "-strict", "-schema-location", str(schema), str(output)]
        note("kubeconform", run(check, folder))
        copy = ["cp", "-r", str(project / "rendered"), str(folder / f"copy-{number}")]
        note("cp -r", run(copy, folder))
        changed = project / "environments/bench/topics/team-03.yaml"
        text = changed.read_text().splitlines(keepends=True)
        text[4] = text[4].replace(text[4].rpartition("retention: ")[2], f"{17 + number % 13}d}}\n")
        changed.write_text("".join(text))
        note("render, one topic changed", run([*OURS, "render"], project))
        note("validate, one topic changed", run([*OURS, "validate"], project))
        note("--version", run([*OURS, "--version"], folder))
        note("python -c pass", run([sys.executable, "-c", "pass"], folder))
    return figures


def scale(folder: Path, topics: int, applications: int) -> Figure:
    """A full render of one size from nothing."""
    runs = []
    for number in range(3):
        project = folder / f"project-{topics}-{number}"
        write_project(project, topics, applications)
        os.environ["XDG_CACHE_HOME"] = str(folder / f"cache-{topics}-{number}")
        os.sync()
        runs.append(run([*OURS, "render"], project))
    return median(runs)


def main() -> None:
    """Print the tables."""
    topics = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    applications = int(sys.argv[2]) if len(sys.argv) > 2 else 500
    with tempfile.TemporaryDirectory(prefix="strimzi-gitops-bench-") as temporary:
        folder = Path(temporary)
        rows = {name: median(f) for name, f in compare(folder, topics, applications).items()}
        print(f"{topics:,} topics, {applications:,} applications; medians of {ROUNDS} runs\n")
        print("| command | wall s | CPU s | peak MiB |\n|---|--:|--:|--:|")
        for name, figure in rows.items():
            print(f"| {name} | {figure.wall_s:.2f} | {figure.cpu_s:.2f} | {figure.peak_mib:.0f} |")
        full = [rows["render"], rows["validate"]]
        peers = [rows["helm template"], rows["kubeconform"]]
        changed = [rows["render, one topic changed"], rows["validate, one topic changed"]]

        def ratio(above: list[Figure], below: list[Figure]) -> str:
            wall = sum(f.wall_s for f in above) / sum(f.wall_s for f in below)
            cpu = sum(f.cpu_s for f in above) / sum(f.cpu_s for f in below)
            return f"{wall:.2f} | {cpu:.2f} |"

        print("\n| ratio | wall | CPU |\n|---|--:|--:|")
        print(f"| helm template + kubeconform over render + validate | {ratio(peers, full)}")
        print(f"| render + validate over cp -r of the result | {ratio(full, [rows['cp -r']])}")
        print(f"| the same after one changed topic over from nothing | {ratio(changed, full)}")
        print(
            f"| --version over python -c pass | {ratio([rows['--version']], [rows['python -c pass']])}"
        )
        small, large = (scale(folder, n, n // 20) for n in (topics, topics * 10))
        print(f"| render of {topics * 10:,} topics over {topics:,} | {ratio([large], [small])}")
        memory = (
            f"{large.peak_mib:.0f} / {small.peak_mib:.0f} = {large.peak_mib / small.peak_mib:.2f}"
        )
        print(f"\nPeak memory, {topics * 10:,} over {topics:,} topics: {memory} MiB")


if __name__ == "__main__":
    main()
