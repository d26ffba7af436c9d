"""A verification's report: one verdict, and the same results for people, scripts, pipelines and metrics."""

import json
import re
from xml.etree import ElementTree as ET

import click
import jsonschema_rs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from support import REPOSITORY
from verify_reports import HOSTILE, LONG, RESULTS, TAKEN_S, hostile, live, one, report, tame

from generator.common.exit_codes import ExitCode
from generator.contract.report import Outcome, Result, Status, fail, ok, skip, unknown, warn
from verify.desired import Desired
from verify.live.live import Kafka, Kubernetes, Live
from verify.report.formats import FORMATS
from verify.report.report import exit_code_of, report_of
from verify.report.text import coloured

SCHEMA = json.loads(
    (REPOSITORY / "generator/contract/report.schema.json").read_text(encoding="utf-8")
)

TEXT = """\
prod: cluster events in namespace kafka-prod (id abc123) at prod-admin https://10.0.0.1:6443, \
2026-11-21 14:35:15 UTC, took 12.3 s and 2 rounds

identity
  pass     cluster-id    id abc123

resources
  pass     reconciled    Operators have done what Git says.

topics
  fail     topics-exist  orders.0, orders.1, orders.2, orders.3, orders.4, orders.5, orders.6, \
orders.7, orders.8, orders.9 … and 2 more: is missing
      remedy: look at what the Topic Operator says: `kubectl -n kafka-prod get kafkatopics`
  warn     topic-config  invoices: retention.ms is 86400000, Git says 604800000
      remedy: kubectl -n kafka-prod describe kafkatopic invoices; then merge or revert

groups
  unknown  group-lag     billing: no answer within 8 s
      remedy: run strimzi-verify again with a longer --timeout

not looked at
  nobody asked: --flow
      flow

prod: 6 checks: 2 pass, 1 skip, 1 warn, 1 unknown, 1 fail: unhealthy (exit 5)
"""

ORDERS = f"{', '.join(f'orders.{number}' for number in range(10))} … and 2 more"


@pytest.mark.parametrize(
    ("outcomes", "strict", "code", "verdict"),
    [
        ([ok("x")], False, 0, "healthy"),
        ([ok("x"), skip("x")], True, 0, "healthy"),
        ([ok("x"), warn("x")], False, 0, "healthy, with warnings"),
        ([ok("x"), warn("x")], True, 5, "unhealthy, as warnings count"),
        ([warn("x"), unknown("x")], True, 2, "could not find out"),
        ([unknown("x", timed_out=True)], False, 4, "timed out before a verdict"),
        ([unknown("x", timed_out=True), unknown("x")], False, 2, "could not find out"),
        ([unknown("x"), fail("x")], False, 5, "unhealthy"),
        ([fail("x", resources=True), unknown("x")], False, 6, "not enough resources"),
        ([fail("x", resources=True), fail("x")], False, 6, "not enough resources"),
    ],
)
def test_exit_code(outcomes: list[Outcome], strict: bool, code: int, verdict: str) -> None:
    """Failures decide, then what was not found out, then warnings where they count."""
    results = tuple(one(outcome) for outcome in outcomes)

    assert exit_code_of(results, strict=strict) == code
    assert report(results, strict=strict).verdict == verdict
    # Whether one check says it all or each says one makes no difference.
    assert exit_code_of([one(*outcomes)], strict=strict) == code


def test_nothing_checked_is_not_fine() -> None:
    """A run that proves nothing cannot end well."""
    assert exit_code_of([]) is ExitCode.UNREACHABLE
    assert FORMATS["text"](report(())).endswith(
        "\n\nprod: 0 checks: nothing was checked (exit 2)\n"
    )


def test_report_of_what_was_collected() -> None:
    """It takes names from Git and the rest from the cluster; what is missing is empty."""
    kubernetes = Kubernetes("https://10.0.0.1:6443", "kafka-prod", "admin")
    found = Live("prod", TAKEN_S, kubernetes=kubernetes, kafka=Kafka("abc123", "b:9092"))
    kafka = {"kind": "Kafka", "metadata": {"name": "events", "namespace": "kafka-prod"}}

    made = report_of(Desired("prod", (kafka,)), found, list(RESULTS), took_s=3, rounds=4)
    assert (made.environment, made.namespace, made.cluster) == ("prod", "kafka-prod", "events")
    assert (made.cluster_id, made.server, made.context) == (
        "abc123", "https://10.0.0.1:6443", "admin",
    )  # fmt: skip
    assert (made.exit_code, made.took_s, made.rounds) == (5, 3, 4)

    empty = report_of(Desired("prod", ()), Live("prod", TAKEN_S), [])
    assert (empty.cluster_id, empty.server, empty.exit_code) == ("", "", 2)


def test_text() -> None:
    """Groups, one line a check, what is wrong below, and a last line that says it all."""
    assert FORMATS["text"](report()) == TEXT


def test_text_of_what_is_fine_is_brief() -> None:
    """One line, however much a check tells."""
    text = FORMATS["text"](report((one(ok("4 topics"), *(ok("is fine", n) for n in "abcd")),)))

    assert "\n  pass     topics-exist  4 topics … and 4 more\n\nprod" in text


def test_colour_adds_nothing_but_colour() -> None:
    """Words of status and names of groups get it, wherever a name stands that looks alike not."""
    text = FORMATS["text"](report((one(fail("fail  it", "  fail ")),)))

    assert click.unstyle(coloured(TEXT)) == TEXT
    assert coloured(text).count("\x1b[31m") == 2
    assert coloured(text).endswith("1 fail: \x1b[31m\x1b[1munhealthy (exit 5)\x1b[0m\n")
    assert "\n  \x1b[31m\x1b[1mfail\x1b[0m     topics-exist" in coloured(text)


def test_json_keeps_to_its_schema() -> None:
    """The shape that scripts rely on, described in a file of its own."""
    validator = jsonschema_rs.validator_for(SCHEMA)
    for each in (report(), report(()), hostile(), report(strict=True)):
        validator.validate(json.loads(FORMATS["json"](each)))

    body = json.loads(FORMATS["json"](report()))
    assert list(body) == SCHEMA["required"]
    assert (body["ok"], body["exit_code"], body["verdict"]) == (False, 5, "unhealthy")
    assert body["summary"] == {"pass": 2, "skip": 1, "warn": 1, "unknown": 1, "fail": 1}
    assert body["checks"][4] == {
        "check": "group-lag", "group": "groups", "status": "unknown",
        "title": "No group falls behind.", "remedy": "run strimzi-verify again with a longer --timeout",
        "outcomes": [{"status": "unknown", "subject": "billing", "message": "no answer within 8 s",
                      "resources": False, "timed_out": True, "fix": "", "fills": []}],
    }  # fmt: skip
    # Unlike text for people, it has everything, and names as they are.
    assert len(body["checks"][2]["outcomes"]) == 13
    assert json.loads(FORMATS["json"](hostile()))["environment"] == HOSTILE


def test_json_has_no_other_keys() -> None:
    """What is written is described, key by key."""
    body = json.loads(FORMATS["json"](report()))
    defs = SCHEMA["$defs"]

    assert body.keys() == SCHEMA["properties"].keys()
    assert body["checks"][0].keys() == defs["check"]["properties"].keys()
    assert body["checks"][0]["outcomes"][0].keys() == defs["outcome"]["properties"].keys()
    assert SCHEMA["$defs"]["status"]["enum"] == [str(status) for status in Status]


def test_junit() -> None:
    """What failed is a failure, what was not found out an error; warnings pass with their text."""
    suites = ET.fromstring(FORMATS["junit"](report()))  # noqa: S314 (our own output)
    suite = suites[0]
    cases = {case.get("name"): case for case in suite.findall("testcase")}

    for each in (suites, suite):
        assert [each.get(key) for key in ("tests", "failures", "errors", "skipped", "time")] == [
            "6", "1", "1", "1", "12.340",
        ]  # fmt: skip
    assert (suite.get("name"), suite.get("timestamp")) == ("prod", "2026-11-21T14:35:15")
    assert [[part.tag for part in case] for case in cases.values()] == [
        ["system-out"], [], ["failure"], ["system-out"], ["error"], ["skipped"],
    ]  # fmt: skip
    failed = cases["topics-exist"]
    assert (failed.get("classname"), failed[0].get("message")) == (
        "prod.topics",
        f"{ORDERS}: is missing",
    )
    assert str(failed[0].text).startswith(f"fail: {ORDERS}: is missing\nremedy: look")
    assert cases["topic-config"][0].text == (
        "warn: invoices: retention.ms is 86400000, Git says 604800000\n"
        "remedy: kubectl -n kafka-prod describe kafkatopic invoices; then merge or revert"
    )
    assert cases["flow"][0].get("message") == "nobody asked: --flow"
    blind = [one(unknown("nobody answers"), check=name) for name in ("a", "b")]
    assert "<system-out>nobody answers\nprod: 2 checks: 2 unknown: could" in FORMATS["junit"](
        report((*blind,))
    )


def test_markdown() -> None:
    """Counts, then what is wrong with its remedy, then the rest folded."""
    text = FORMATS["markdown"](report())

    assert text.startswith("<!-- strimzi-verify report -->\n## prod: unhealthy\n\nprod: cluster")
    assert "\n| 1 | 1 | 1 | 1 | 2 |\n\n<details open><summary>:x: <b>topics-exist</b>" in text
    assert f"\n- fail: `{ORDERS}`: is missing\n\n```text\nlook at" in text
    assert "<details><summary>:warning: <b>topic-config</b>: invoices: retention.ms is" in text
    assert (
        "<details><summary>1 not looked at</summary>\n\n| why | what |\n|---|---|\n| nobody" in text
    )
    assert "<details><summary>2 fine</summary>\n\n| | check | |\n|---|---|---|\n" in text
    assert text.endswith("1 warn, 1 unknown, 1 fail: unhealthy (exit 5)\n")
    assert "fine</summary>" not in FORMATS["markdown"](report((one(fail("x")),)))


def test_markdown_begins_with_causes() -> None:
    """What only follows from one, or says the same, is folded; what was not looked at, too."""
    blind = [one(unknown("nobody answers"), check=name) for name in ("a", "b")]
    text = FORMATS["markdown"](report((*blind, one(fail("x"), check="d"))))

    assert "\n\n**nobody answers**<br>2 checks could not find out: a, b\n\n<details open>" in text
    assert text.count("<summary>:grey_question:") == 0
    assert (
        "<details><summary>2 only say so again</summary>\n\n| | check | |\n|---|---|---|\n"
        "| :grey_question: | a | nobody answers |\n| :grey_question: | b | nobody answers |\n"
        in text
    )


def test_markdown_of_strangers_is_text() -> None:
    """No tag, no cell, no fence, no link and no mention comes from a name."""
    text = FORMATS["markdown"](
        report((one(fail("see https://x.example www.x.example #12 :x: `*a*` ~~b~~", "@team|<b>`"),
                    fail("x"), remedy="run ```` x"), one(ok("a | b"), check="fine")))
    )  # fmt: skip

    assert (
        "`@team|<b>'`: see https:\u200b//x.example www\u200b.x.example #\u200b12 :\u200bx:" in text
    )
    assert "\\`\\*a\\*\\` \\~\\~b\\~\\~" in text
    assert "\n`````text\nrun ```` x\n`````\n" in text
    assert "| fine | a \\| b |" in text


def test_markdown_holds_only_our_tags() -> None:
    """As a parser of CommonMark reads it, whatever names there are."""
    parser = MarkdownIt("commonmark", {"html": True, "linkify": False}).enable("table")
    tokens = parser.parse(FORMATS["markdown"](hostile()))
    flat = [*tokens, *(child for token in tokens for child in token.children or ())]
    html = "".join(token.content for token in flat if token.type.startswith("html_"))

    assert set(re.findall(r"<[^<>]*>", html)) == {
        "<!-- strimzi-verify report -->", "<details>", "<details open>", "</details>",
        "<summary>", "</summary>", "<b>", "</b>",
    }  # fmt: skip
    assert not {"link_open", "image", "em_open", "strong_open"} & {token.type for token in flat}
    assert sum(token.type == "fence" for token in flat) == 3
    # GitHub looks for mentions everywhere but in code.
    said = "".join(token.content for token in flat if token.type in ("text", "html_block"))
    assert not re.search("@(?!\u200b)", said)


def test_markdown_fits_into_a_comment() -> None:
    """GitHub takes 65,536 characters; what does not fit is counted."""
    results = tuple(
        one(*(fail("!" * 600, LONG) for _ in range(30)), check=f"check-{number}", remedy="x" * 500)
        for number in range(40)
    )
    fine = tuple(one(ok(LONG * 2), check=f"fine-{number}") for number in range(400))

    for results_ in (results, fine, results + fine):
        text = FORMATS["markdown"](report(results_))
        assert len(text.encode("utf-16-le")) / 2 < 65_536
        assert "more do not fit here; the page has them all.*" in text
        assert text.count("<details") == text.count("</details>")


@pytest.mark.parametrize("form", FORMATS)
def test_nothing_hides_in_any_format(form: str) -> None:
    """No escape of terminals, no turned text and no broken line comes from a name."""
    text = FORMATS[form](hostile())

    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202e\ud800-\udfff]", text)
    text.encode()
    if form == "text":
        assert len(text.splitlines()) == len(FORMATS[form](tame(hostile())).splitlines())


_TEXTS = st.text(st.characters(), max_size=30)
_OUTCOMES = st.builds(
    Outcome, st.sampled_from(Status), _TEXTS, _TEXTS, st.booleans(), st.booleans()
)
_RESULTS = st.builds(
    Result, _TEXTS, _TEXTS, _TEXTS, st.lists(_OUTCOMES, max_size=3).map(tuple), _TEXTS
)


@settings(max_examples=60, deadline=None)
@given(st.lists(_RESULTS, max_size=3))
def test_any_text_is_safe_in_every_format(results: list[Result]) -> None:
    """Whatever a cluster says, files can be written and programs can read them."""
    shown = report(tuple(results))
    texts = {form: make(shown) for form, make in FORMATS.items()}

    json.loads(texts["json"])
    ET.fromstring(texts["junit"])  # noqa: S314 (our own output)
    assert "\x1b" not in "".join(texts.values())
    for text in texts.values():
        text.encode()
    assert [line for line in texts["text"].splitlines() if line.startswith("prod: ")][-1:]


def test_formats_are_pure() -> None:
    """The same report gives the same text, whenever."""
    shown = report(live=live())
    assert {f: make(shown) for f, make in FORMATS.items()} == {
        f: make(shown) for f, make in FORMATS.items()
    }
