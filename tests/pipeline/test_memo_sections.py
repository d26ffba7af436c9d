"""The short way over intents with every section: the same bytes and the same verdicts as the long way."""

import json
import random
from typing import Any

import pytest
import yaml
from support import GOLDEN, RULES_OFF, Cli, Project

from generator.intent.schema import intent_schema_text

CASES = sorted(path.name.removesuffix(".intent.yaml") for path in GOLDEN.glob("*.intent.yaml"))
_NEEDED = {"environment", "namespace", "size", "cluster", "topics"}
_MORE: list[dict[str, Any]] = [
    {},
    {"retention": "5d"},
    {"throughput": "2Ki"},
    {"maxMessageSize": "2Mi"},
    {"segmentTime": "2h"},
]
_DAY = ("--today", "2026-11-29")


def _intent(case: str) -> dict[str, Any]:
    text = (GOLDEN / f"{case}.intent.yaml").read_text()
    intent: dict[str, Any] = yaml.safe_load(text)
    return intent


def test_every_section_is_in_a_golden() -> None:
    """So that a new one is tried here, too."""
    known: dict[str, Any] = json.loads(intent_schema_text())["properties"]
    shown = {section for case in CASES for section in _intent(case)}

    assert known.keys() - shown == {"inherits", "overrides", "policy", "retire"}


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("case", CASES)
def test_short_way_with_every_section(project: Project, cli: Cli, case: str, seed: int) -> None:
    """Whatever stands beside topics, a change of one gives what a render from nothing gives."""
    pick = random.Random(f"{case}{seed}")
    intent = _intent(case)
    intent["topics"] = {**intent.get("topics", {}), "extra.one": {"partitions": 1}, "extra.two": {}}
    if pick.random() < 0.5:
        labels = {"metadata": {"labels": {"a": "b"}}}
        intent["overrides"] = {"KafkaTopic": {"extra.two": labels}}
    if seed:
        droppable = sorted(intent.keys() - _NEEDED)
        for section in pick.sample(droppable, pick.randint(0, len(droppable))):
            del intent[section]
    if pick.random() < 0.25:
        template = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: tells}\n"
        template += "data: {count: '{{ intent.topics['extra.one'].partitions }}'}\n"
        project.write("environments/dev/extra/tells.yaml.j2", template)
    project.write("environments/dev/rules.yaml", RULES_OFF if "policy" not in intent else "{}\n")

    def render() -> int:
        project.write("environments/dev/environment.yaml", json.dumps(intent))
        code, said, _ = cli("render", *_DAY)
        assert code in ((0, 1) if seed else (0,)), said
        return code

    done = render()
    for _ in range(4 if done == 0 else 0):  # what was dropped may have been needed
        name = pick.choice(["extra.one", "extra.two", pick.choice(sorted(intent["topics"]))])
        own = intent["topics"][name] or {}
        intent["topics"][name] = {**own, "partitions": pick.randint(1, 9), **pick.choice(_MORE)}
        done = render()
        assert done == cli("validate", "--no-cache", *_DAY)[0]
        assert cli("render", "--check", "--no-cache", *_DAY)[0] == done
