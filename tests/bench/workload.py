"""Write a project of any size: one environment with many topics and applications.

python tests/bench/workload.py FOLDER [TOPICS] [APPLICATIONS]
"""

import sys
from pathlib import Path

TEAMS = 20


def write_project(folder: Path, topics: int, applications: int) -> None:
    """A project with environments/bench: `topics` topics and `applications` applications."""
    layer = folder / "environments" / "bench"
    (layer / "topics").mkdir(parents=True, exist_ok=True)
    (layer / "environment.yaml").write_text(
        "environment: bench\nnamespace: kafka-bench\nsize: large\ncluster:\n  name: events\n"
        "  listeners:\n    tls: {port: 9093, authentication: tls}\n  storage: {size: 100Ti}\n"
        "policy: {budgets: {partitionsPerBroker: 1000000}}\n"
        "topicProfiles:\n  events: {retention: 7d, segmentTime: 1d, compression: lz4,"
        " minInsyncReplicas: 2, throughput: 1Ki}\n"
        'argocd: {repoURL: "https://example.com/platform.git"}\n'
    )
    lines: dict[int, list[str]] = {team: ["topics:\n"] for team in range(TEAMS)}
    for number in range(topics):
        team = number % TEAMS
        lines[team].append(
            f"  {topic_name(number)}: {{profile: events, owner: team-{team:02d},"
            f" description: Entity {number} has changed., partitions: {3 + number % 9},"
            f" retention: {3 + number % 14}d}}\n"
        )
    for team, written in lines.items():
        (layer / "topics" / f"team-{team:02d}.yaml").write_text("".join(written))
    text = ["applications:\n"]
    for number in range(applications):
        mine = range(number, topics, applications)
        reads = ", ".join(
            f"{topic_name((topic + 7) % topics)}: {{group: app-{number:05d}}}" for topic in mine
        )
        writes = ", ".join(topic_name(topic) for topic in mine)
        text.append(
            f"  app-{number:05d}:\n    owner: team-{number % TEAMS:02d}\n"
            f"    consumes: {{{reads}}}\n    produces: [{writes}]\n"
        )
    (layer / "applications.yaml").write_text("".join(text))


def topic_name(number: int) -> str:
    """The name of one of the topics."""
    return f"team{number % TEAMS:02d}.entity{number:06d}.changed"


if __name__ == "__main__":
    write_project(
        Path(sys.argv[1]),
        int(sys.argv[2]) if len(sys.argv) > 2 else 10_000,
        int(sys.argv[3]) if len(sys.argv) > 3 else 500,
    )
