"""The checks as text: every one is documented, and the page of all of them can be made again."""

import re

import pytest

from generator.contract.report import Status
from verify.checks.registry import ORDER, Check, all_checks
from verify.checks.registry.docs import as_data, as_markdown, as_page, as_rows, as_table, pages
from verify.desired import Desired
from verify.live.live import Cause, Gap, Live
from verify.report.html import commands

CHECKS = list(all_checks().values())


def _judge(desired: Desired, live: Live) -> object:
    """Topics are as Git says.

    Compares: one thing
        with another.
    Why: it matters.
    Fix: kubectl -n {namespace} get <kafkatopic>
    Source: Kafka 4.3.
    """
    raise NotImplementedError


PLACES = {
    *("namespace", "cluster", "environment", "operator_namespace"),
    *("name", "object", "resource", "node", "pod", "backup", "cronjob", "job", "url"),
    *("mend", "topic", "partition", "offset", "group", "container"),
}
"""What remedies may leave open: of the place, of the subject, and what some outcomes fill in themselves."""

CHECK = Check("topics-exist", ("kafka", "kafka.topics"), Status.WARN, True, False, False, _judge)  # type: ignore[arg-type]


def test_table() -> None:
    """One line per check, in aligned columns."""
    assert as_table([CHECK]) == (
        "\x1b[1mCHECK         GROUP      WORST  DRIFT  NEEDS                HEALTHY\x1b[0m\n"
        "topics-exist  test_docs  warn   yes    kafka, kafka.topics  Topics are as Git says.\n"
    )
    assert as_rows([CHECK])[0]["needs"] == ["kafka", "kafka.topics"]


def test_page() -> None:
    """Everything about one check."""
    assert as_page(CHECK) == (
        "topics-exist (test_docs)\n\nTopics are as Git says.\n\n"
        "compares: one thing with another.\nwhy: it matters.\n"
        "fix: kubectl -n {namespace} get <kafkatopic>\nworst: warn\nneeds: kafka, kafka.topics\n"
        "drift: strimzi-verify drift asks it, too\nsource: Kafka 4.3.\n"
    )
    assert as_data([CHECK])[0]["compares"] == "one thing with another."


def test_markdown_tells_every_check_in_order() -> None:
    """Once each, below its group, and the groups in the order of reports."""
    text = as_markdown()

    assert re.findall("^### (.*)$", text, re.MULTILINE) == list(all_checks())
    groups = [each.lower() for each in re.findall("^## (.*)$", text, re.MULTILINE)]
    assert groups == [group for group in ORDER if group in groups]
    assert text.endswith("\n")
    assert "\n\n\n" not in text
    assert text == as_markdown()


def test_books_tell_every_check_once() -> None:
    """On the page of its group and in the index, in the order of reports."""
    made = pages()
    index = made.pop("CHECKS.md")
    told = [each for text in made.values() for each in re.findall("^## (.*)$", text, re.MULTILINE)]
    links = re.findall(r"^## \[.*?\]\((.*?)\)", index, re.MULTILINE)

    assert told == list(all_checks())
    assert told == re.findall(r"^\| \[(.*?)\]\(.*?#\1\)", index, re.MULTILINE)
    assert links == list(made)


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.name)
def test_check_is_documented(check: Check) -> None:
    """A name, a healthy state in one sentence, and all parts of the docstring."""
    doc = check.doc

    assert re.fullmatch("[a-z0-9]+(-[a-z0-9]+)*", check.name)
    assert check.group in ORDER
    assert doc.healthy.endswith(".")
    assert all((doc.healthy, doc.compares, doc.why, doc.fix, doc.source))
    assert set(re.findall(r"\{(\w+)\}", doc.fix)) <= PLACES
    # Whatever is offered to be copied is a whole command.
    assert all(len(text.split()) > 1 for is_command, text in commands(doc.fix) if is_command)


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.name)
def test_check_without_what_it_needs_is_never_fine(check: Check) -> None:
    """What could not be found out is unknown, and what nobody asked for skipped."""
    if not check.needs:
        pytest.skip("it needs nothing")
    for cause, status in ((Cause.REFUSED, Status.UNKNOWN), (Cause.NOT_ASKED, Status.SKIP)):
        gaps = {need: Gap(cause, "why") for need in check.needs}
        result = check.ask(Desired("prod", ()), Live("prod", 0, gaps=gaps))
        assert result.status is status
