"""The short way over intents with every section: the same bytes and the same verdicts as the long way."""

import json
import random
from typing import Any

import pytest
from support import Cli, Project

from generator.intent.schema import intent_schema_text

_STORAGE = "storage: {pvc: {size: 1Gi}}"
_BACKUP = f'image: "b:1", schedule: 0 2 * * *, topics: {{include: [t0, t1]}}, {_STORAGE}'
_SECTIONS = {
    "retire": "retire: {data: keep}",
    "strimzi": "strimzi: {version: 1.2.0}",
    "topicDefaults": "topicDefaults: {retention: 3d}",
    "topicLimits": "topicLimits: {replicas: 3}",
    "topicProfiles": "topicProfiles: {p: {retention: 2d}}",
    "messageFormats": "messageFormats: {f: {type: object}}",
    "applications": "applications: {app: {owner: x, produces: [t0, t1], consumes: {t2: {group: app}}}}",
    "users": "users: {raw: {owner: x, spec: {authentication: {type: tls}}}}",
    "clientProfiles": "clientProfiles: {quick: {producer: {linger.ms: 5}}}",
    "connection": "connection: {name: how-to-connect}",
    "argocd": "argocd: {repoURL: 'https://example.com/x.git'}",
    "verify": 'verify: {image: "v:1"}',
    "backups": f"backups: {{b: {{{_BACKUP}, drill: {{schedule: 0 5 * * 0, partitions: 3}}}}}}",
    "backupOperator": "backupOperator: {}",
    "monitoring": "monitoring: {}",
    "restores": "restores: {r: {backup: b, topics: {t0: t3}, until: 2026-11-01T00:00:00Z}}",
    "offsetResets": "offsetResets: {o: {groups: [app], topics: [t2], to: earliest}}",
    "policy": "policy: {budgets: {teams: {x: {partitions: 500}}}}",
    "approvals": "approvals: {a: {object: KafkaTopic/t0, change: spec.partitions, to: 3, reason: It is"
                 " needed here., owner: x, expires: '2026-12-20'}}",
    "overrides": "overrides: {KafkaTopic: {t1: {metadata: {labels: {a: b}}}}}",
    "protect": "protect: true",
}  # fmt: skip
"""What may stand beside the least that there must be, each in one line."""

_NEEDS = {"backups": ("verify",), "restores": ("backups", "verify"), "offsetResets": ("applications",),
          "monitoring": ("backups", "verify")}  # fmt: skip
_MORE: list[dict[str, str]] = [
    {},
    {"retention": "5d"},
    {"throughput": "2Ki"},
    {"cleanup": "compact"},
]
_DAY = ("--today", "2026-11-29")
_ALWAYS = {"environment", "inherits", "namespace", "size", "cluster", "topics"}


def test_every_section_is_here() -> None:
    """A new section is tried on the short way, too."""
    assert _SECTIONS.keys() | _ALWAYS == json.loads(intent_schema_text())["properties"].keys()


@pytest.mark.parametrize("seed", range(16))
def test_short_way_with_every_section(project: Project, cli: Cli, seed: int) -> None:
    """Whatever stands beside topics, a change of one gives what a render from nothing gives."""
    pick = random.Random(seed)
    chosen = set(pick.sample(sorted(_SECTIONS), pick.randint(0, 6)))
    chosen |= {each for name in chosen for each in _NEEDS.get(name, ())}
    sections = "".join(f"{_SECTIONS[name]}\n" for name in sorted(chosen))
    topics: dict[str, Any] = {f"t{number}": {"partitions": 1} for number in range(4)}
    if pick.random() < 0.3:
        template = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: tells}\n"
        template += "data: {count: '{{ intent.topics.t0.partitions }}'}\n"
        project.write("environments/dev/extra/tells.yaml.j2", template)

    def write() -> None:
        project.environment(sections + f"topics: {json.dumps(topics)}\n")

    write()
    code, out, _ = cli("render", *_DAY)
    assert code == 0, out
    for _ in range(4):
        own = topics[pick.choice(sorted(topics))]
        own.clear()
        own |= {"partitions": pick.randint(1, 9), **pick.choice(_MORE)}
        write()
        assert cli("render", *_DAY)[0] == 0
        assert cli("render", "--check", "--no-cache", *_DAY)[0] == 0
