"""What the guard says of a change, by the rules of its environment alone."""

from typing import Any

import pytest

from generator.common.changes import Action
from generator.common.paths import SHARED
from generator.model.policy import Limits
from generator.plan.change import Change, Effect, Impact
from generator.plan.guard import Guard
from generator.plan.guard_rules import Rules, budget, folders_for, stricter

DAY = "2026-11-21"
LOSS, NOTICED, QUIET = Impact.DATA_LOSS, Impact.CLIENT_VISIBLE, Impact.DYNAMIC
GUARDS = frozenset({LOSS})
WHOLE = (
    "the whole environment goes: say so in environments/dev/tombstone.yaml with reason: and owner:"
)


def _approval(**said: Any) -> Any:
    usual = {"object": "KafkaTopic/a", "change": "spec.x", "to": 1, "expires": DAY}
    return usual | said


def _change(impact: Impact = LOSS, deletes: str = "", name: str = "a", **said: Any) -> Change:
    action = Action.DELETE if deletes else Action.UPDATE
    field = "" if deletes else "spec.x"
    environment = said.pop("environment", "dev")
    own: Any = {"after": 1, "names": (name,)} | said
    return Change(
        environment, deletes or "KafkaTopic", name, action, (Effect(impact, "x"),), field,
        **own,
    )  # fmt: skip


def _verdict(rules: Rules, *changes: Change, **more: Any) -> list[str]:
    """Why each is blocked, or by what it is approved; the guard of an environment dev."""
    guard = Guard({"dev": rules}, DAY, **more)
    judged = guard.judge(changes[0].environment, [*changes])
    return [each.blocked or f"approved by {each.approved_by}".strip() for each in judged]


ASKED = "data-loss: approve it, or take it back"


@pytest.mark.parametrize(
    ("approval", "expected"),
    [
        ({}, "approved by one"),
        ({"expires": "2026-11-20"}, ASKED),
        ({"expires": "2026-12-21"}, "approved by one"),
        ({"expires": "2026-12-22"}, ASKED),  # 31 days
        ({"object": "KafkaTopic/b"}, ASKED),
        ({"object": "KafkaUser/a"}, ASKED),
        ({"change": "spec.y"}, ASKED),
        ({"to": 2}, ASKED),
        ({"to": "1"}, "approved by one"),
    ],
)
def test_an_approval_fits_or_does_not(approval: dict[str, Any], expected: str) -> None:
    """Object, change, value and day, each."""
    rules = Rules(GUARDS, approvals={"one": _approval(**approval)}, limits=Limits(30))

    assert _verdict(rules, _change()) == [expected]


def test_patterns_where_they_are_allowed() -> None:
    """And the value may be left open then."""
    said: Any = {"object": "KafkaTopic/*", "change": "spec.*", "expires": DAY}

    for patterns, expected in ((True, "approved by one"), (False, ASKED)):
        rules = Rules(GUARDS, approvals={"one": said}, limits=Limits(30, patterns))
        assert _verdict(rules, _change()) == [expected]


@pytest.mark.parametrize(
    ("kinds", "impact", "allowed", "expected"),
    [
        (("KafkaUser",), NOTICED, {"any": 1}, "approved by"),
        (("KafkaUser",) * 2, NOTICED, {"any": 2}, "approved by"),
        (("KafkaUser",) * 2, NOTICED, {"any": 1},
         "client-visible, 2 deletions where 1 may be: approve it, or take it back"),
        (("KafkaUser",), NOTICED, {},
         "client-visible, 1 deletion where 0 may be: approve it, or take it back"),
        (("KafkaUser",), NOTICED, {"any": 0, "KafkaUser": 1}, "approved by"),
        (("KafkaUser",), NOTICED, {"any": 1, "KafkaUser": 0},
         "client-visible, 1 deletion where 0 may be: approve it, or take it back"),
        (("KafkaUser", "KafkaTopic"), NOTICED, {"any": 1}, "approved by"),
        (("KafkaUser",), QUIET, {}, "approved by"),
        (("KafkaUser",), Impact.NO_EFFECT, {}, "approved by"),
    ],
)  # fmt: skip
def test_deletions_are_counted_by_kind(
    kinds: tuple[str, ...], impact: Impact, allowed: dict[str, int], expected: str
) -> None:
    """Only those that somebody notices; a kind's own number counts before that of all."""
    changes = [_change(impact, kind, str(number)) for number, kind in enumerate(kinds)]

    assert {*_verdict(Rules(deletions=allowed), *changes)} == {expected.strip()}


@pytest.mark.parametrize(
    ("rules", "change", "expected"),
    [
        (Rules(GUARDS), _change(NOTICED), "approved by"),
        (Rules(GUARDS), _change(release="retire: true"),
         "it is protected: release it first (retire: true), merge and sync that, then remove it; Argo CD"
         " looks at the live object's annotation"),
        (Rules(), _change(environment="other"), "approved by"),
        # what every environment shares
        (Rules(GUARDS), _change(environment=SHARED), ASKED),
        (Rules(GUARDS, removal=True), _change(environment=SHARED), "approved by"),
        (Rules(deletions={"any": 5}), _change(NOTICED, "Namespace", environment=SHARED),
         "client-visible, 1 deletion where 0 may be: approve it, or take it back"),
    ],
)  # fmt: skip
def test_what_is_guarded(rules: Rules, change: Change, expected: str) -> None:
    """Classes, what is protected, and what belongs to nobody alone."""
    assert _verdict(rules, change) == [expected.strip()]


def test_what_is_shared_goes_with_its_environment() -> None:
    """Its Application, that is; whoever is known still guards it, and whoever is not needs a tombstone."""
    asked = "data-loss, 1 deletion where 0 may be: approve it, or take it back"
    for rules, expected in (({"dev": Rules(GUARDS)}, asked), ({}, WHOLE)):
        guard = Guard(rules, DAY, ({}, {**rules, "other": Rules()}))
        guard.concerned = {("Application", "a"): ("dev",)}
        guard.rules = {**rules, "other": Rules(GUARDS)}
        (change,) = guard.judge(SHARED, [_change(LOSS, "Application", environment=SHARED)])
        assert change.blocked == expected


def test_an_environment_that_goes() -> None:
    """Needs a tombstone, where there is a guard at all."""
    for rules, expected in (
        ({"dev": Rules()}, WHOLE),
        ({}, ""),
        ({"dev": Rules(removal=True)}, ""),
    ):
        (change,) = Guard(rules, DAY).judge("dev", [_change(NOTICED, "KafkaUser")], gone=True)
        assert change.blocked == expected


def test_what_a_plan_proposes_can_be_used() -> None:
    """A name that is free, no more days than are allowed, and a folder of its own or of all."""
    changes = [_change(), _change(after=2)]
    rules = Rules(GUARDS, limits=Limits(7), layers=("base", "dev"))
    first, second = Guard({"dev": rules}, DAY).judge("dev", changes)

    assert (first.approvable, first.approve_until, first.approve_in) == (
        True, "2026-11-28", ("environments/dev/",),
    )  # fmt: skip
    assert second.approve_as == f"{first.approve_as}-2"
    (undated,) = Guard({"dev": rules}, "").judge("dev", [_change()])
    assert undated.approve_until == ""


def test_folders_for_several_environments() -> None:
    """The nearest that all have; without one each has its own."""
    assert folders_for({"a": ("base", "eu", "a"), "b": ("base", "eu", "b")}) == (
        "environments/eu/",
    )
    assert folders_for({"a": ("a",), "b": ("b",)}) == ("environments/a/", "environments/b/")


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (Rules(GUARDS), Rules(), [("policy.guard", "data-loss is no longer guarded", [])]),
        (Rules(), Rules(GUARDS), []),
        (Rules(deletions={"any": 1}), Rules(deletions={"any": 2}),
         [("policy.deletions", "2 instead of 1 objects of kind any may be deleted", {"any": 2})]),
        (Rules(deletions={"any": 2}), Rules(deletions={"any": 1}), []),
        (Rules(deletions={"any": 1}), Rules(deletions={"any": 1, "KafkaUser": 3}),
         [("policy.deletions", "3 instead of 1 objects of kind KafkaUser may be deleted",
           {"any": 1, "KafkaUser": 3})]),
        (Rules(limits=Limits(7)), Rules(limits=Limits(8)),
         [("policy.approvals", "approvals may hold for 8 instead of 7 days",
           {"max_days": 8, "patterns": False})]),
        (Rules(limits=Limits(8)), Rules(limits=Limits(7)), []),
        (Rules(errors=frozenset({"a", "b"})), Rules(errors=frozenset({"b", "c"})),
         [("policy.severities.a", "what breaks the rule a passes", "no error")]),
        (Rules(protect=True), Rules(),
         [("protect", "Argo CD asks nobody any more before it removes the cluster, a pool or a topic",
           False)]),
        (Rules(protect=True), Rules(protect=True), []),
        (Rules(), Rules(protect=True), []),
    ],
)  # fmt: skip
def test_what_is_loosened(before: Rules, after: Rules, expected: list[Any]) -> None:
    """Whatever guards less than before."""
    assert list(before.loosened(after)) == expected


def test_both_sides_guard() -> None:
    """The smaller number, both classes, and approvals that are new or reach further."""
    same, later = _approval(), _approval(expires="2026-11-22")
    before = Rules(frozenset({LOSS}), {"any": 1}, {"same": same, "later": same})
    after = Rules(frozenset({NOTICED}), {"any": 2, "KafkaUser": 0}, {"same": same, "later": later})

    rules = stricter({"dev": before}, {"dev": after})["dev"]

    assert rules.classes == {LOSS, NOTICED}
    assert (budget(rules, "any"), budget(rules, "KafkaUser"), budget(rules, "Kafka")) == (1, 0, 1)
    assert rules.approvals == {"later": later}
    gone = stricter({"dev": before}, {"dev": Rules(removal=True)})["dev"]
    assert (gone.removal, gone.classes) == (True, frozenset())
    assert stricter({"dev": before}, {})["dev"].classes == {LOSS}


@pytest.mark.parametrize(
    ("approval", "expected"),
    [
        ({"expires": "2026-11-20"}, "it expired on 2026-11-20: take the approval out"),
        ({}, "no change here is blocked without it: take the approval out"),
        ({"expires": "2027-11-21"},
         "it reaches too far: it holds for 365 days, and may for 30: take the approval out"),
    ],
)  # fmt: skip
def test_an_approval_that_is_not_needed(approval: dict[str, Any], expected: str) -> None:
    """Why, and only in a whole plan."""
    rules = {"dev": Rules(approvals={"one": _approval(**approval)}, limits=Limits(30))}

    (idle,) = Guard(rules, DAY, ({}, rules)).idle("dev")
    assert idle.blocked == expected
    assert list(Guard(rules, DAY, ({}, rules), partial=True).idle("dev")) == []
    assert list(Guard(rules, DAY).idle("dev")) == []
    assert Guard(rules, DAY).unused("dev") == ["one"]
