"""Approvals hold for the change that brings them, reach no further than they may, and disarm nothing unseen."""

import json
import subprocess
from pathlib import Path

import pytest
from plans import CLUSTER, make, make_sides
from support import Cli, Project

from generator.common.changes import MISSING, said
from generator.intent.sections import ApprovalSection
from generator.model.approval_reach import days_after, too_far
from generator.model.policy import Limits
from generator.plan.plan import Plan

TOPIC = f"{CLUSTER}topics: {{orders: {{retention: 7d}}, invoices: {{}}}}\n"
SHORTER = TOPIC.replace("7d", "1d")
_EVERYTHING = {"object": "'*/*'", "change": "'*'", "expires": "2099-12-31"}
_THIS = {"object": "KafkaTopic/orders", "change": "spec.config.retention.ms", "to": "86400000"}


def _approval(name: str = "it", **more: str) -> str:
    about = {"reason": "Nobody reads what is older.", "owner": "team-a", "expires": "2026-12-31"}
    lines = "".join(f"    {key}: {value}\n" for key, value in {**about, **more}.items())
    return f"approvals:\n  {name}:\n{lines}"


def _blocked(made: Plan) -> dict[str, str]:
    return {change.what: change.blocked for change in made.blocked}


def test_an_approval_of_everything_is_blocked_itself(tmp_path: Path) -> None:
    """In a change of its own it is shown, with what it would let through."""
    (change,) = make(tmp_path, TOPIC, TOPIC + _approval(**_EVERYTHING)).changes

    assert (change.kind, change.what, str(change.impact)) == (
        "Policy", "approvals.it", "protection-loss",
    )  # fmt: skip
    assert change.after == "*/* * until 2099-12-31"
    assert change.blocked == (
        "it reaches too far: object '*/*' is a pattern, and stands for more than one change: take the"
        " approval out"
    )
    assert not change.approvable


def test_an_approval_that_was_there_before_counts_no_more(tmp_path: Path) -> None:
    """Whatever it says: nobody has seen this change beside it."""
    for number, more in enumerate((_EVERYTHING, _THIS)):
        after = SHORTER + _approval(**more) + "policy: {guard: []}\n"
        made = make(tmp_path / str(number), TOPIC + _approval(**more), after)
        assert {"spec.config.retention.ms", "policy.guard"} <= _blocked(made).keys()
        (finding,) = made.findings
        assert (finding.rule, finding.severity, finding.environments) == (
            "approval-used-up", "warning", ("dev",),
        )  # fmt: skip
        assert (finding.file, finding.line) == ("environments/dev/environment.yaml", 9)


@pytest.mark.parametrize(
    "later",
    [
        {**_THIS, "expires": "2027-01-01"},  # prolonged
        {**_THIS, "to": "43200000"},  # another value
        {**_THIS, "object": "KafkaTopic/invoices"},
    ],
)
def test_widening_and_prolonging_is_a_change(tmp_path: Path, later: dict[str, str]) -> None:
    """Where nothing needs it, it is blocked, and tells what it was."""
    made = make(tmp_path, TOPIC + _approval(**_THIS), TOPIC + _approval(**later))

    (change,) = made.changes
    assert (
        change.before == "KafkaTopic/orders spec.config.retention.ms to 86400000 until 2026-12-31"
    )
    assert change.blocked == "no change here is blocked without it: take the approval out"


@pytest.mark.parametrize(
    "later", [{**_THIS, "expires": "2026-12-01"}, {**_THIS, "reason": "It is the law of the land."}]
)
def test_what_reaches_no_further_is_no_change(tmp_path: Path, later: dict[str, str]) -> None:
    """Other words and an earlier day; nor is an approval that goes."""
    made = make(tmp_path / "1", TOPIC + _approval(**_THIS), TOPIC + _approval(**later))
    assert made.changes == []
    assert make(tmp_path / "2", TOPIC + _approval(**_THIS), TOPIC).changes == []


def test_renewed_it_counts_again(tmp_path: Path) -> None:
    """Prolonged in the change that needs it."""
    made = make(tmp_path, TOPIC + _approval(**_THIS),
                SHORTER + _approval(**{**_THIS, "expires": "2027-01-01"}))  # fmt: skip

    assert made.blocked == []
    assert [change.approved_by for change in made.changes] == ["it"]


def test_limits_are_loosened_openly(tmp_path: Path) -> None:
    """The change that lets approvals reach further does not profit from it, and has to be approved."""
    loose = "policy: {approvals: {patterns: true, maxDays: 300}}\n"
    wide = _approval(object="KafkaTopic/*", change="spec.*", expires="2027-06-30")

    at_once = make(tmp_path / "1", TOPIC, SHORTER + loose + wide)
    assert _blocked(at_once).keys() == {
        "spec.config.retention.ms", "policy.approvals", "approvals.it",
    }  # fmt: skip
    later = make(tmp_path / "2", TOPIC + loose, SHORTER + loose + wide)
    assert later.blocked == []


def test_an_approval_of_a_shared_layer_is_needed_where_it_is_needed(tmp_path: Path) -> None:
    """Others that inherit it are not asked what it is for."""
    for side, retention in (("before", "7d"), ("after", "1d")):
        project = Project(tmp_path / side)
        for name, mine in (("dev", retention), ("prod", "7d")):
            project.environment(
                f"inherits: base\ntopics: {{orders: {{retention: {mine}}}}}\n", name=name
            )
        project.write(
            "environments/base/x.yaml", _approval(**_THIS) if side == "after" else "policy: {}\n"
        )
    made = make_sides(tmp_path)

    assert made.blocked == []
    assert [change.approved_by for change in made.changes] == ["it"]


@pytest.mark.parametrize(
    ("approval", "findings"),
    [
        (_THIS, []),
        ({**_THIS, "expires": "2026-11-20"},
         ["error: the approval 'it' expired [approval-expired]"]),
        (_EVERYTHING, ["error: the approval 'it' reaches too far: object '*/*' is a pattern, and stands for more than"
                       " one change [approval-reach]"]),
        ({**_THIS, "change": "spec.*"},
         ["error: the approval 'it' reaches too far: change 'spec.*' is a pattern, and stands for more"
          " than one change [approval-reach]"]),
        ({**_THIS, "expires": "2027-06-30"},
         ["error: the approval 'it' reaches too far: it holds for 221 days, and may for 45"
          " [approval-reach]"]),
        ({"object": "KafkaTopic/orders", "change": "spec.config.retention.ms"},
         ["error: the approval 'it' reaches too far: it leaves open what the value becomes (to:)"
          " [approval-reach]"]),
        ({**_THIS, "to": "1"},
         ["warning: the approval 'it' matches nothing: spec.config.retention.ms is 86400000, not 1"
          " [approval-unused]"]),
        ({**_THIS, "object": "KafkaTopic/nowhere"},
         ["warning: the approval 'it' matches nothing: there is no KafkaTopic/nowhere"
          " [approval-unused]"]),
        ({"object": "KafkaTopic/orders", "change": "delete"},
         ["warning: the approval 'it' matches nothing: KafkaTopic/orders is still there"
          " [approval-unused]"]),
        ({"object": "KafkaTopic/other", "change": "delete"}, []),
        ({"object": "KafkaTopic/orders", "change": "spec.config.segment.ms", "to": "'-'"}, []),
        ({"object": "KafkaTopic/orders", "change": "create"}, []),
        ({"object": "Policy/guard", "change": "policy.guard", "to": "'[]'"}, []),
    ],
)  # fmt: skip
def test_what_validate_finds(
    project: Project, cli: Cli, approval: dict[str, str], findings: list[str]
) -> None:
    """Expired, too wide, too long, or of something that the intent contradicts."""
    text = SHORTER.removeprefix(CLUSTER)
    project.environment(text + _approval(**approval))

    code, out, _ = cli("validate", "--today", "2026-11-21")
    told = [line.partition(": ")[2] for line in out.splitlines() if not line.startswith("  fix")]
    assert told == findings
    assert code == any(line.startswith("error") for line in findings)


def test_used_up_is_told_where_nothing_changes(project: Project, cli: Cli) -> None:
    """In text and in JSON, with its place."""
    project.environment(SHORTER.removeprefix(CLUSTER) + _approval(**_THIS))
    for arguments in (["init", "-q"], ["add", "-A"], ["commit", "-qm", "first"]):
        subprocess.run(["git", "-c", "user.name=x", "-c", "user.email=x@example.com", *arguments],
                       cwd=project.root, check=True)  # fmt: skip

    code, out, _ = cli("plan", "--today", "2026-11-21")
    assert code == 0
    assert out == (
        "nothing changes\n\n"
        "environments/dev/environment.yaml:9:3: warning: the approval 'it' was there before this change, and"
        " counts no more [approval-used-up]\n  fix: take it out\n"
    )
    body = json.loads(cli("plan", "--today", "2026-11-21", "--format", "json")[1])
    assert body["findings"][0]["rule"] == "approval-used-up"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (True, True), (7, 7), ("lz4", "lz4"), (MISSING, "-"), (["a", "b"], '["a", "b"]'),
        ({"b": 1, "a": 2}, '{"a": 2, "b": 1}'),
        ("two\nlines", "sha256:10f9e76a8eb0b0ce6ae1ba19ff6d1dbbd3ca5c0bcee14fcaa5d3f0e7b3d7e4e6"),
    ],
)  # fmt: skip
def test_values_as_approvals_name_them(value: object, expected: object) -> None:
    """Short ones as they are, long ones by a digest."""
    if isinstance(expected, str) and expected.startswith("sha256:"):
        assert str(said(value)).startswith("sha256:")
        assert said(value) != said(f"{value} ")
    else:
        assert said(value) == expected


@pytest.mark.parametrize(
    ("day", "days", "expected"),
    [
        ("2026-11-21", 0, "2026-11-21"), ("2026-11-21", 30, "2026-12-21"),
        ("2026-12-31", 1, "2027-01-01"), ("2028-02-28", 1, "2028-02-29"),
        ("2027-02-28", 1, "2027-03-01"), ("2026-11-21", 365, "2027-11-21"),
    ],
)  # fmt: skip
def test_days_are_counted(day: str, days: int, expected: str) -> None:
    """Over months, years and leap days; and counted back alike."""
    assert days_after(day, days) == expected
    approval: ApprovalSection = {"object": "Kafka/a", "change": "delete", "expires": expected}
    assert too_far(approval, Limits(max_days=days), day) == ""
    if days:
        assert too_far(approval, Limits(max_days=days - 1), day) == (
            f"it holds for {days} days, and may for {days - 1}"
        )
