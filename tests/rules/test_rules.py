"""Every rule on its examples: one that passes, and those that fail at the marked lines until they are mended."""

import re

import pytest
from rules.cases import CASES, documents, write
from support import Cli, Project

from generator.common.finding import Finding, Severity
from generator.rules.registry import all_rules
from generator.rules.registry.docs import as_markdown, pages

ERROR = Severity.ERROR
_MARK = re.compile(r"#.*<- ([a-z-]+)(?: =>.*)?$")
_MENDED = re.compile(r"^( *(?:- )?).*?#[^#]*=>(?: (.*))?$")


def _findings(project: Project, document: str) -> tuple[list[Finding], dict[str, int]]:
    """What is found in a document, and by file what to add to a line to get the document's."""
    before, names = write(project, document)
    return project.everything(*names).findings, before


def _broken_lines(project: Project, document: str, rule: str) -> list[int]:
    """The lines of a document on which the rule complains."""
    found, before = _findings(project, document)
    unfit = [each for each in found if each.rule not in all_rules() and each.rule != rule]
    assert unfit == [], "the example is wrong in itself"
    mine = [each for each in found if each.rule == rule]
    assert all(each.fix for each in mine)
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


def _mended(document: str) -> str:
    """The document after its own mend: what stands behind `=>` replaces the line, and nothing deletes it."""
    lines = []
    for line in document.splitlines():
        match = _MENDED.match(line)
        if match is None:
            lines.append(line)
        elif match[2]:
            lines.append(match[1] + match[2])
    return "\n".join(lines) + "\n"


def test_every_fix_is_tried() -> None:
    """Of every rule an example says how it is mended."""
    assert [rule for rule in all_rules() if "=>" not in "".join(documents(rule))] == []


@pytest.mark.parametrize("rule", all_rules())
def test_the_fix_mends_it(project: Project, rule: str) -> None:
    """Mended as the rule says, an example breaks it no more, and nothing else breaks for that."""
    for document in documents(rule)[1:]:
        mended = _mended(document)
        if mended.split() == document.split():
            continue
        before, _ = _findings(project, document)
        after, _ = _findings(project, mended)

        assert not [each for each in after if each.rule == rule], mended
        known = {each.rule for each in before}
        assert not [each for each in after if each.severity is ERROR and each.rule not in known], (
            mended
        )


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
        "topic-partitions-bulk (error)\n\n"
        "A topic is made with fewer than 10,000 partitions and settings at once.\n\n"
        "why: the controller refuses a request that would make more than 10,000 records, of which the"
        " topic is one, each partition one and each setting one, so the topic would never be made.\n"
        "fix: write fewer partitions, at least policy.topics.minPartitions, and grow the topic in later merges.\n"
        "broker: A broker refuses it, after the merge.\n"
        "source: Kafka 4.3, ReplicationControlManager (MAX_PARTITIONS_PER_BATCH,"
        " MAX_RECORDS_PER_USER_OP; measured); seen on Strimzi's Topic Operator: KafkaError, \"Unable to perform"
        ' excessively large batch operation.".\n'
    )
    code, out, _ = cli("rules", "topic-partitions-bulk", "-o", "markdown")

    assert out.startswith(
        "# Rules\n\n## Partitions\n\n### topic-partitions-bulk\n\nA topic is made"
    )
    assert out.count("### ") == 1
    assert cli("rules", "topic-partition-bulk")[0] == 64
    assert "topic-partitions-bulk" in cli("rules")[1]
