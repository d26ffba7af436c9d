"""Time `strimzi-verify run` beside Kafka's own tools on one cluster, in one run.

    TMPDIR=/dev/shm python tests/bench/verification.py [TOPICS ...]

One broker with TOPICS topics of a partition each. `run` without the probe is taken in turn with
`kafka-topics.sh --describe` plus `kafka-configs.sh --describe --all`; figures are medians, quote the
ratios. The last columns are the largest memory of `run` and how many requests it sent to Kafka.
"""

import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from confluent_kafka.admin import NewTopic
from live.jars import class_path, java, tools
from live.kafka import Kafka
from live.node import SMALL

from generator.documents.manifest import Manifest

SIZES = [500, 5_000]
ROUNDS = 3
CONFIG = {"cleanup.policy": "delete", "max.message.bytes": 1048588, "retention.ms": 86400000}
FACTORS = (
    "offsets.topic.replication.factor",
    "transaction.state.log.replication.factor",
    "share.coordinator.state.topic.replication.factor",
)
AT_ONCE = 500
_PROGRAM = """
import resource, sys
sys.argv[0] = "strimzi-verify"
from verify.cli.main import run
code = run(sys.argv[1:])
sys.stderr.write(f"max {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss}\\n")
sys.exit(code)
"""


def manifests(topics: int) -> list[Manifest]:
    """A Kafka with one node, and all topics."""
    meta = {"namespace": "bench", "labels": {"strimzi.io/cluster": "bench"}}
    kafka = {
        "version": "4.3.1", "metadataVersion": "4.3-IV0", "listeners": [],
        "config": SMALL | dict.fromkeys(FACTORS, 1),
        "authorization": {"type": "simple", "superUsers": ["ANONYMOUS"]},
    }  # fmt: skip
    pool = {"replicas": 1, "roles": ["broker", "controller"], "storage": {"type": "jbod"}}
    bodies: list[dict[str, Any]] = [
        {"kind": "Kafka", "metadata": {"name": "bench", **meta}, "spec": {"kafka": kafka}},
        {"kind": "KafkaNodePool", "metadata": {"name": "all", **meta}, "spec": pool},
        *({"kind": "KafkaTopic", "metadata": {"name": f"topic-{number:05}", **meta},
           "spec": {"partitions": 1, "replicas": 1, "config": CONFIG}}
          for number in range(topics)),
    ]  # fmt: skip
    return [
        Manifest(body["kind"].lower(), {"apiVersion": "kafka.strimzi.io/v1", **body}, ())
        for body in bodies
    ]


def write(folder: Path, topics: int) -> None:
    """Write rendered/bench."""
    for manifest in manifests(topics):
        file = folder / "rendered/bench" / manifest.file
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(manifest.content())


def create(kafka: Kafka, first: int, topics: int) -> None:
    """Create the topics that are missing."""
    config = {key: str(value) for key, value in CONFIG.items()}
    for start in range(first, topics, AT_ONCE):
        wanted = [
            NewTopic(f"topic-{number:05}", 1, 1, config=config)
            for number in range(start, min(start + AT_ONCE, topics))
        ]
        for future in kafka.admin.create_topics(wanted, request_timeout=300).values():
            future.result()
        kafka.settle()  # one after the other: a slow disk takes its time for so many logs


def spent(command: list[str], code: int = 0) -> tuple[float, float, str, str]:
    """Wall and CPU seconds of a command, and what it said."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    began = time.perf_counter()
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    wall = time.perf_counter() - began
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode != code:
        sys.exit(f"{command[0]} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return wall, cpu, done.stdout, done.stderr


def main(sizes: list[int]) -> None:
    """Measure every size and print the table."""
    print(
        "| topics | tools wall s | run wall s | tools/run wall | tools/run CPU | run MB | requests |"
    )
    print("|---|---|---|---|---|---|---|")
    jvm = [
        java(),
        "-cp",
        f"{tools()}:{class_path()}",
        "-Dorg.slf4j.simpleLogger.defaultLogLevel=error",
    ]
    with tempfile.TemporaryDirectory() as name, Kafka(Path(name) / "kafka") as kafka:
        there = 0
        for topics in sorted(sizes):
            create(kafka, there, topics)
            there = topics
            write(Path(name), topics)
            describe = [*jvm, "org.apache.kafka.tools.TopicCommand",
                        "--bootstrap-server", kafka.bootstrap, "--describe"]  # fmt: skip
            configs = [*jvm, "kafka.admin.ConfigCommand", "--bootstrap-server", kafka.bootstrap,
                       "--entity-type", "topics", "--describe", "--all"]  # fmt: skip
            report = Path(name) / "report.json"
            verify = [sys.executable, "-c", _PROGRAM, "--root", name, "run", "bench",
                      "--no-kubernetes", "--bootstrap", kafka.bootstrap, "--skip", "probe,flow",
                      "--group-window", "0s", "--out", f"json={report}", "--format", "text"]  # fmt: skip
            ours, theirs, memory, requests = [], [], 0.0, 0
            for _ in range(ROUNDS):
                wall, cpu, _, said = spent(verify)
                ours.append((wall, cpu))
                memory = max(memory, int(said.rpartition("max ")[2]) / 1024)
                both = [spent(describe), spent(configs)]
                theirs.append((sum(each[0] for each in both), sum(each[1] for each in both)))
            requests = json.loads(report.read_text())["kafka_requests"]
            run_wall, run_cpu = (statistics.median(each[i] for each in ours) for i in (0, 1))
            tool_wall, tool_cpu = (statistics.median(each[i] for each in theirs) for i in (0, 1))
            print(f"| {topics} | {tool_wall:.1f} | {run_wall:.1f} | {tool_wall / run_wall:.1f} |"
                  f" {tool_cpu / run_cpu:.1f} | {memory:.0f} | {requests} |", flush=True)  # fmt: skip


if __name__ == "__main__":
    os.environ.pop("STRIMZI_VERIFY_ROOT", None)
    main([int(text) for text in sys.argv[1:]] or SIZES)
