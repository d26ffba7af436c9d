"""Every rule on its two examples: one that passes, and one that fails at the marked lines."""

import re

import pytest
from rules.cases import BASE, CASES, HEADER, documents
from support import Cli, Project

from generator.rules.registry import all_rules
from generator.rules.registry.docs import as_markdown, pages

_OTHER = "environment: other\ninherits: base\nnamespace: kafka-other\n"
_MARK = re.compile(r"#.*<- ([a-z-]+)$")


def _broken_lines(project: Project, document: str, rule: str) -> list[int]:
    """The lines of a document on which the rule complains.

    What follows a line `+++` is a second environment, which some rules compare with the first; what
    follows `+++ extra/FILE` is a manifest of the first.
    """
    project.write("environments/base/base.yaml", BASE)
    intent, mark, other = document.partition("\n+++")
    head, _, body = other.partition("\n")
    manifest = head.strip()
    if manifest:
        project.write(f"environments/test/{manifest}", body)
    elif mark:
        project.write("environments/other/environment.yaml", _OTHER + body)
    project.write("environments/test/environment.yaml", HEADER + intent)
    found = project.everything(*(["test"] if manifest or not mark else [])).findings
    unfit = [each for each in found if each.rule not in all_rules() and each.rule != rule]
    assert unfit == [], "the example is wrong in itself"
    mine = [each for each in found if each.rule == rule]
    assert all(each.fix for each in mine)
    before = {
        "environments/test/environment.yaml": -HEADER.count("\n"),
        f"environments/test/{manifest}": intent.count("\n") + 2,
    }
    return sorted({each.line + before[each.file] for each in mine})


@pytest.mark.parametrize("rule", all_rules())
def test_rule_passes_what_is_right(project: Project, rule: str) -> None:
    """The first document breaks the rule nowhere."""
    assert _broken_lines(project, documents(rule)[0], rule) == []


@pytest.mark.parametrize("rule", all_rules())
def test_rule_names_the_line_to_edit(project: Project, rule: str) -> None:
    """Every other document breaks it on the marked lines, and on no other."""
    failing = documents(rule)[1:]

    assert failing
    for document in failing:
        marked = [
            number
            for number, line in enumerate(document.splitlines(), 1)
            if (match := _MARK.search(line)) and match[1] == rule
        ]
        assert marked, "a failing example marks its lines with '# <- rule-name'"
        assert _broken_lines(project, document, rule) == marked


def test_no_example_without_rule() -> None:
    """An example whose rule is gone would be tried by nobody."""
    assert sorted(path.stem for path in CASES.glob("*.yaml")) == list(all_rules())


@pytest.mark.parametrize("rule", all_rules())
def test_rule_is_documented(rule: str) -> None:
    """Every rule says what is healthy, why, how to mend it, and where that is written."""
    doc = all_rules()[rule].doc

    assert doc.healthy.endswith(".")


def test_documentation_tells_every_rule_once() -> None:
    """On the page of its folder and in the index; the command prints the same as one page."""
    made = pages()
    index = re.findall(r"^\| \[(.*?)\]\(.*?#\1\)", made["RULES.md"], re.MULTILINE)
    told = [each for text in made.values() for each in re.findall("^### (.*)$", text, re.MULTILINE)]
    whole = re.findall("^### (.*)$", as_markdown(all_rules().values()), re.MULTILINE)

    folders = {rule.judge.__module__.split(".")[2] for rule in all_rules().values()}
    assert made.keys() == {"RULES.md", *(f"{folder}.md" for folder in folders)}
    assert sorted(told) == sorted(index) == sorted(whole) == list(all_rules())


def test_rules_are_told(cli: Cli) -> None:
    """A rule's page says what is healthy, why, and how to mend it."""
    code, out, _ = cli("rules", "topic-partitions-bulk")

    assert code == 0
    assert out == (
        "topic-partitions-bulk (warning)\n\n"
        "A topic is made with fewer than 10,000 partitions and settings at once.\n\n"
        "why: the controller refuses a request that would make more than 10,000 records, of which the"
        " topic is one, each partition one and each setting one, so the topic would never be made.\n"
        "fix: write fewer partitions and grow the topic in later merges.\n"
        "broker: A broker refuses it, after the merge.\n"
        "source: Kafka 4.3, ReplicationControlManager (MAX_PARTITIONS_PER_BATCH,"
        " MAX_RECORDS_PER_USER_OP; measured).\n"
    )
    code, out, _ = cli("rules", "topic-partitions-bulk", "-o", "markdown")

    assert out.startswith(
        "# Rules\n\n## Partitions\n\n### topic-partitions-bulk\n\nA topic is made"
    )
    assert out.count("### ") == 1
    assert cli("rules", "topic-partition-bulk")[0] == 64
    assert "topic-partitions-bulk" in cli("rules")[1]
