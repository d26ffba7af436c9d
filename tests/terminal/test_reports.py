"""Reports: the same findings for people, scripts, test viewers, code scanning and pull requests."""

import json
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.common.finding import Finding, Severity
from generator.terminal import reports

FINDINGS = [
    Finding("environments/dev/a.yaml", 3, 5, "unknown-key", "unknown key 'x'", "did you mean 'y'?"),
    Finding("environments/dev/b.yaml", 0, 0, "empty-file", "the file is empty"),
    Finding("environments/dev/c.yaml", 1, 1, "note", "100% & <odd>, a:b", "line\nbreak", Severity.WARNING),
]  # fmt: skip


def test_text() -> None:
    """file:line:column: severity: what [rule], and the mend on a line of its own."""
    assert reports.report("text", FINDINGS) == (
        "environments/dev/a.yaml:3:5: error: unknown key 'x' [unknown-key]\n"
        "  fix: did you mean 'y'?\n"
        "environments/dev/b.yaml: error: the file is empty [empty-file]\n"
        "environments/dev/c.yaml:1:1: warning: 100% & <odd>, a:b [note]\n"
        "  fix: line\nbreak\n"
    )


def _of(name: str, line: int, severity: Severity = Severity.WARNING, more: str = "") -> Finding:
    return Finding(
        "e.yaml",
        line,
        3,
        "topic-owner",
        f"KafkaTopic {name}: it has no owner{more}",
        "write owner.",
        severity,
    )


def test_advice_that_many_get_stands_there_once() -> None:
    """At its first place, with a count and names; up to three, errors, and what differs stand alone."""
    many = [_of(f"t{number}", number) for number in range(1, 6)]
    other = _of("t9", 9, more=" either")
    said = reports.report("text", [*many, other])

    assert said == (
        "e.yaml:1:3: warning: 5 of kind KafkaTopic, each: it has no owner [topic-owner]\n"
        "  these: t1, t2, t3 and 2 more; all with --format json\n"
        "  fix: write owner.\n"
        "e.yaml:9:3: warning: KafkaTopic t9: it has no owner either [topic-owner]\n"
        "  fix: write owner.\n"
    )
    for few in (many[:3], [_of(f"t{number}", number, Severity.ERROR) for number in range(1, 6)]):
        assert reports.report("text", few).count("[topic-owner]") == len(few)
    assert len(json.loads(reports.report("json", many))["findings"]) == 5


def test_json_has_a_version() -> None:
    """Scripts find a version, a verdict and every field of every finding."""
    body = json.loads(reports.report("json", FINDINGS))

    assert body["version"] == 1
    assert body["ok"] is False
    assert body["findings"][0] == {
        "file": "environments/dev/a.yaml", "line": 3, "column": 5, "severity": "error",
        "rule": "unknown-key", "message": "unknown key 'x'", "fix": "did you mean 'y'?", "environments": [],
    }  # fmt: skip
    assert json.loads(reports.report("json", []))["ok"] is True


def test_junit_counts_errors_as_failures() -> None:
    """Errors fail, a warning passes with its text, and no findings are one passed test."""
    suite = ET.fromstring(reports.report("junit", FINDINGS))  # noqa: S314 (our own output)
    assert (suite.get("tests"), suite.get("failures")) == ("3", "2")
    assert len(suite.findall(".//failure")) == 2
    assert "100% & <odd>" in str(suite.findall(".//system-out")[0].text)

    empty = ET.fromstring(reports.report("junit", []))  # noqa: S314 (our own output)
    assert (empty.get("tests"), empty.get("failures")) == ("1", "0")


def test_sarif_has_what_code_scanning_needs() -> None:
    """Version 2.1.0, rules, levels, and a region only where a line is known."""
    (run,) = json.loads(reports.report("sarif", FINDINGS))["runs"]

    assert [rule["id"] for rule in run["tool"]["driver"]["rules"]] == [
        "empty-file", "note", "unknown-key",
    ]  # fmt: skip
    assert [result["level"] for result in run["results"]] == ["error", "error", "warning"]
    places = [result["locations"][0]["physicalLocation"] for result in run["results"]]
    assert places[0]["region"] == {"startLine": 3, "startColumn": 5}
    assert "region" not in places[1]
    assert all(
        run["tool"]["driver"]["rules"][r["ruleIndex"]]["id"] == r["ruleId"] for r in run["results"]
    )


def test_github_escapes_what_workflow_commands_reserve() -> None:
    """Line breaks and percent signs cannot end the annotation early."""
    lines = reports.report("github", FINDINGS).splitlines()

    assert lines[0] == (
        "::error col=5,file=environments/dev/a.yaml,line=3,title=unknown-key::"
        "unknown key 'x'%0Afix: did you mean 'y'?"
    )
    assert lines[1] == "::error file=environments/dev/b.yaml,title=empty-file::the file is empty"
    assert lines[2].endswith("::100%25 & <odd>, a:b%0Afix: line%0Abreak")


@given(st.lists(st.builds(
    Finding, st.text(), st.integers(0, 9), st.integers(0, 9), st.text(), st.text(), st.text(),
    st.sampled_from(Severity),
), max_size=4))  # fmt: skip
def test_any_text_is_safe_in_every_format(findings: list[Finding]) -> None:
    """Whatever a finding says, JSON, SARIF and JUnit stay readable and GitHub gets one line each."""
    json.loads(reports.report("json", findings))
    json.loads(reports.report("sarif", findings))
    ET.fromstring(reports.report("junit", findings))  # noqa: S314 (our own output)
    assert reports.report("github", findings).count("\n") == len(findings)


@pytest.mark.parametrize("form", ["text", "github", "junit"])
def test_nothing_reaches_a_terminal_unseen(form: str) -> None:
    """Escapes, what turns text round and what takes no room are spelled out."""
    hostile = Finding(
        "a.yaml", 1, 1, "x", "red \x1b[31m, turned \u202egnirts, \ufffe", "\u200bnone"
    )

    text = reports.report(form, [hostile])

    assert not set(text) & {*"\x1b\u202e\ufffe\u200b"}
    assert "\\u202egnirts" in text


@pytest.mark.parametrize("name", reports.FORMATS)
def test_every_format_is_a_function_of_the_findings(name: str) -> None:
    """The same findings give the same text."""
    assert reports.report(name, FINDINGS) == reports.report(name, list(FINDINGS))
