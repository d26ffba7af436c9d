"""What several environments have in common is told once: at its worst, and with their names."""

import json
from xml.etree import ElementTree as ET

import pytest
from support import Cli, Project

from generator.common.finding import Finding, Severity, merged
from generator.terminal import reports

_TOPICS = """\
policy: {severities: {topic-replicas-minimum: error, topic-min-insync-replicas: ignore}}
topics: {orders: {owner: team-a, description: Orders., throughput: 1Ki, replicas: 1}}
applications:
  a: {owner: team-a, produces: [orders], consumes: [orders]}
"""


@pytest.fixture
def mild_in_dev(project: Project) -> Project:
    """A breach in base that dev calls an info, and prod and staging an error."""
    project.write("environments/base/topics.yaml", _TOPICS)
    for name in ("dev", "prod", "staging"):
        project.environment("inherits: base\n", name=name, rules=True)
    project.write("environments/dev/policy.yaml",
                  "policy: {severities: {topic-replicas-minimum: info}}\n")  # fmt: skip
    return project


def test_the_worst_severity_wins(mild_in_dev: Project, cli: Cli) -> None:
    """What is an error in production fails the command, whatever a lab calls it."""
    del mild_in_dev
    for command in ("validate", "render"):
        code, out, _ = cli(command)
        assert code == 1
        assert "error: KafkaTopic orders: " in out
        assert "[topic-replicas-minimum] in dev, prod, staging\n" in out
    assert cli("validate", "dev")[0] == 0


def test_every_format_names_the_environments(mild_in_dev: Project, cli: Cli) -> None:
    """As a field where there are fields, and in words for people."""
    del mild_in_dev
    names = ["dev", "prod", "staging"]

    (found,) = [
        each for each in json.loads(cli("validate", "--format", "json")[1])["findings"]
        if each["rule"] == "topic-replicas-minimum"
    ]  # fmt: skip
    assert (found["severity"], found["environments"]) == ("error", names)

    (run,) = json.loads(cli("validate", "--format", "sarif")[1])["runs"]
    (result,) = [each for each in run["results"] if each["ruleId"] == "topic-replicas-minimum"]
    assert (result["level"], result["properties"]) == ("error", {"environments": names})
    assert "(in dev, prod, staging)" in result["message"]["text"]

    suite = ET.fromstring(cli("validate", "--format", "junit")[1])  # noqa: S314 (our own output)
    (case,) = [
        each for each in suite.iter("testcase") if "replicas-minimum" in each.get("name", "")
    ]
    assert case.find("failure") is not None
    (told,) = case.iter("property")
    assert told.attrib == {"name": "environments", "value": "dev,prod,staging"}

    lines = cli("validate", "--format", "github")[1].splitlines()
    (line,) = [each for each in lines if "replicas-minimum" in each]
    assert line.startswith("::error ")
    assert "%0Ain dev, prod, staging%0A" in line


def test_an_unneeded_suppression_names_who_inherits_it(project: Project, cli: Cli) -> None:
    """Nobody needs it, in none of the environments that have it."""
    project.write("environments/base/policy.yaml", """\
        policy:
          suppressions:
            old: {rule: topic-replicas-minimum, objects: ['*/*'], reason: It was so before., owner: a, expires: 2099-01-01}
        """)  # fmt: skip
    for name in ("dev", "prod"):
        project.environment("inherits: base\n", name=name, rules=True)
    project.environment(name="alone", rules=True)

    out = cli("validate")[1]
    assert "not needed [suppression-unused] in dev, prod\n" in out


def test_names_that_say_nothing_are_left_out(project: Project, cli: Cli) -> None:
    """A finding in an environment's own folder is its own, and so is all of the one that was asked."""
    project.write("environments/base/topics.yaml", "topics: {orders: {replica: 1}}\n")
    for name in ("dev", "prod"):
        project.environment("inherits: base\n", name=name)

    assert "[unknown-key] in dev, prod\n" in cli("validate")[1]
    assert "[unknown-key]\n" in cli("validate", "prod")[1]
    project.write("environments/base/topics.yaml", "topics: {orders: {}}\n")
    project.write("environments/prod/topics.yaml", "topics: {invoices: {replica: 1}}\n")
    assert "[unknown-key]\n" in cli("validate")[1]


def test_many_environments_are_counted() -> None:
    """A line stays one line."""
    names = tuple(f"e{number}" for number in range(12))
    finding = Finding("environments/base/a.yaml", 1, 1, "x", "is wrong", environments=names)

    assert reports.report("text", [finding], names).endswith("[x] in all 12 environments\n")
    assert reports.report("text", [finding], (*names, "f")).endswith(f"in {', '.join(names)}\n")


@pytest.mark.parametrize("order", [1, -1])
def test_merging_keeps_the_worst_in_any_order(order: int) -> None:
    """Whoever comes first."""
    findings = [
        Finding("f", 1, 1, "r", "m", "", severity, (name,))
        for severity, name in (
            (Severity.INFO, "a"), (Severity.ERROR, "c"), (Severity.WARNING, "b"), (Severity.INFO, "a"),
        )
    ]  # fmt: skip

    assert merged(findings[::order]) == [
        Finding("f", 1, 1, "r", "m", "", Severity.ERROR, ("a", "b", "c"))
    ]
