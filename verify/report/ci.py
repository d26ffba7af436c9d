"""Reports for what runs pipelines: JUnit for test viewers, Markdown for pull requests and job summaries."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from html import escape

from generator.common.sanitize import one_line
from generator.contract.report import Outcome, Result, Status
from verify.checks._words import listed
from verify.report.causes import Cause, split
from verify.report.report import (
    MAX_MESSAGE,
    MAX_OUTCOMES,
    Report,
    closing,
    following,
    heading,
    said,
    short,
    telling,
)

MARKER = "<!-- strimzi-verify report -->"
"""The first line of the comment, by which the next run finds and replaces it."""
MAX_MARKDOWN = 65_000
"""GitHub takes 65,536 characters in a comment."""
_MAX_CAUSES = 10_000
"""How many characters of causes there may be."""
_FIRST = "Once, before remedies that use Kafka's own tools:"
_MAX_CASE = 200
"""How many outcomes a test case tells."""
_SIGNS = {
    Status.PASS: ":white_check_mark:", Status.SKIP: ":fast_forward:", Status.WARN: ":warning:",
    Status.UNKNOWN: ":grey_question:", Status.FAIL: ":x:",
}  # fmt: skip
_AUTOMATIC = re.compile(r"@|#(?=\d)|:(?=//|[a-z_+-][\w+-]*:)|www(?=\.)", re.IGNORECASE)
"""Where GitHub begins a mention, a reference, a link or an emoji; what has no width breaks them."""


def junit(report: Report) -> str:
    """One test case a check: what failed is a failure, what was not found out an error."""
    counts = report.summary
    totals = (
        f'tests="{len(report.results)}" failures="{counts[Status.FAIL]}"'
        f' errors="{counts[Status.UNKNOWN]}" skipped="{counts[Status.SKIP]}"'
        f' time="{report.took_s:.3f}"'
    )
    name, taken = _attribute(report.environment), report.taken_at[:19].replace(" ", "T")
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f'<testsuites name="strimzi-verify" {totals}>',
        f'  <testsuite name={name} timestamp="{taken}" {totals}>',
    ]
    for result in report.results:
        lines += _case(report.environment, result)
    first = [one_line(each.headline, MAX_MESSAGE) for each in report.causes]
    means = [one_line(str(each), MAX_MESSAGE) for each in report.consequences[:_MAX_CASE]]
    whole = _xml("\n".join([*first, *means, closing(report)]))
    lines += [f"    <system-out>{whole}</system-out>"]
    return "\n".join([*lines, "  </testsuite>", "</testsuites>"]) + "\n"


_ELEMENTS = {Status.FAIL: "failure", Status.UNKNOWN: "error", Status.SKIP: "skipped"}


def _case(environment: str, result: Result) -> Iterator[str]:
    place = _attribute(f"{environment}.{result.group}")
    yield f"    <testcase classname={place} name={_attribute(result.check)}>"
    element = _ELEMENTS.get(result.status)
    body = _xml("\n".join(_told(result)))
    if element == "skipped":
        yield f"      <skipped message={_attribute(short(result))}/>"
    elif element:
        told = f"message={_attribute(short(result))} type={_attribute(result.check)}"
        yield f"      <{element} {told}>{body}</{element}>"
    elif body:
        yield f"      <system-out>{body}</system-out>"
    yield "    </testcase>"


def _told(result: Result) -> Iterator[str]:
    found = telling(result)
    yield from (f"{outcome.status}: {said(outcome)}" for outcome in found[:_MAX_CASE])
    if len(found) > _MAX_CASE:
        yield f"… and {len(found) - _MAX_CASE} more"
    if result.remedy:
        yield f"remedy: {one_line(result.remedy)}"


def _attribute(text: str) -> str:
    return f'"{escape(one_line(text))}"'


def _xml(text: str) -> str:
    return escape(text, quote=False)


def markdown(report: Report) -> str:
    """What is wrong, worst first and folded, then the rest in a table; never above GitHub's limit."""
    counts = [(status, report.summary[status]) for status in reversed(Status)]
    head = [
        MARKER,
        f"## {_escaped(report.environment)}: {report.verdict}",
        "",
        _escaped(heading(report)),
        "",
        "| " + " | ".join(f"{_SIGNS[status]} {status}" for status, _ in counts) + " |",
        "|" + "---:|" * len(counts),
        "| " + " | ".join(str(count or "") for _, count in counts) + " |",
        "\n",
    ]
    folded = report.folded
    ranked = sorted(report.results, key=lambda result: -result.status.badness)
    bad = [each for each in ranked if each.status.badness >= Status.WARN.badness]
    text = "\n".join(head)
    explain, blind = split(report.causes)
    text += _fitted([_cause(each) for each in explain], _MAX_CAUSES)
    means = [f"- {_escaped(one_line(str(each), MAX_MESSAGE))}\n" for each in report.consequences]
    if means:
        text += "What it means:\n\n" + _fitted(means, _MAX_CAUSES) + "\n"
    if blind:
        text += "Not found out:\n\n" + _fitted([_cause(each) for each in blind], _MAX_CAUSES)
    wrong = [_wrong(each) for each in bad if each.check not in folded]
    text += _fitted(wrong, MAX_MARKDOWN - len(text) - 1500)
    unseen = [
        f"| {_escaped(each.reason)} | {_escaped(listed(each.what))} |\n" for each in report.unseen
    ]
    if report.preparation:
        text += "\n" + "\n".join([_FIRST, "", *_fenced(report.preparation)]) + "\n"
    parts = (
        ("only say so again", "| | check | |\n|---|---|---|\n", [_row(e) for e in bad if e.check in folded]),
        ("not looked at", "| why | what |\n|---|---|\n", unseen),
        ("fine", "| | check | |\n|---|---|---|\n",
         [_row(e) for e in report.results if e.status is Status.PASS]),
    )  # fmt: skip
    for title, columns, rows in parts:
        if rows:
            opening = f"\n<details><summary>{len(rows)} {title}</summary>\n\n{columns}"
            room = MAX_MARKDOWN - len(text) - len(opening) - 300
            text += opening + _fitted(rows, room) + "\n</details>\n"
    return text + f"\n{_escaped(closing(report))}\n"


def _cause(cause: Cause) -> str:
    told = following(cause)
    return f"**{_escaped(cause.headline)}**" + (f"<br>{_escaped(told)}" if told else "") + "\n\n"


def _row(result: Result) -> str:
    return f"| {_SIGNS[result.status]} | {_escaped(result.check)} | {_escaped(short(result))} |\n"


def _wrong(result: Result) -> str:
    opened = " open" if result.status is Status.FAIL else ""
    summary = f"<b>{_html(result.check)}</b>: {_html(short(result))}"
    lines = [f"<details{opened}><summary>{_SIGNS[result.status]} {summary}</summary>", ""]
    lines += [_escaped(result.title), "", *_outcomes(telling(result))]
    if result.remedy:
        lines += ["", *_fenced(result.remedy)]
    return "\n".join([*lines, "", "</details>"]) + "\n"


def _outcomes(found: Sequence[Outcome]) -> Iterator[str]:
    for outcome in found[:MAX_OUTCOMES]:
        about = f"{_code(outcome.subject)}: " if outcome.subject else ""
        yield f"- {outcome.status}: {about}{_escaped(one_line(outcome.message, MAX_MESSAGE))}"
    if len(found) > MAX_OUTCOMES:
        left = Counter(outcome.status for outcome in found[MAX_OUTCOMES:])
        more = ", ".join(f"{count} {status}" for status, count in left.items())
        yield f"- … and {len(found) - MAX_OUTCOMES} more ({more})"


def _fitted(parts: Sequence[str], room: int) -> str:
    """As many of the parts as fit, and how many do not."""
    text = ""
    for number, part in enumerate(parts):
        if len(text) + len(part) > room:
            return (
                text + f"\n*{len(parts) - number} more do not fit here; the page has them all.*\n"
            )
        text += part
    return text


def _fenced(text: str) -> list[str]:
    """Text that nobody interprets, with fences longer than any that it holds."""
    line = one_line(text)
    longest = max((len(run) for run in re.findall("`+", line)), default=0)
    fence = "`" * max(3, longest + 1)
    return [f"{fence}text", line, fence]


def _code(text: str) -> str:
    """A name that stays inside its quotes and on its line."""
    line = one_line(text, MAX_MESSAGE).replace("`", "'")
    return f"`{line}`"


def _escaped(text: str) -> str:
    """Text in which nothing is Markdown, HTML or a link, and nobody is mentioned."""
    line = _html(text)
    for sign in "\\`*_[]|~$":
        line = line.replace(sign, f"\\{sign}")
    return line


def _html(text: str) -> str:
    """The same inside a line of HTML, where no backslash escapes."""
    return _AUTOMATIC.sub(lambda found: found[0] + "\u200b", escape(one_line(text), quote=False))
