"""What the rules say of a system, after policy: severities, suppressions, the organisation's own rules.

Breaches become findings at the line of the intent to edit; what breaks a rule alike at one line, as a
value that a thousand topics inherit, is one finding.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from fnmatch import fnmatchcase
from typing import Any

from generator.finding import Finding, Problem, Severity, did_you_mean
from generator.manifest import Manifest
from generator.own_rules import judge_own
from generator.rules import Breach, all_rules, judge
from generator.schema import at_origin
from generator.system import System

OFF = "off"
_SHOWN = 3
Locate = Callable[[Problem], Finding]


def findings_of(system: System, locate: Locate, today: str, whole: bool = True) -> list[Finding]:
    """All findings of all rules about one system, sorted.

    `today` (2026-11-21) decides which suppressions still hold; without `whole` some manifests are
    missing, and only rules about single objects are asked.
    """
    severities: Mapping[str, str] = system.policy.get("severities", {})
    off = frozenset(name for name, severity in severities.items() if severity == OFF)
    breaches = [*judge(system, off, whole), *judge_own(system)]
    suppressions = _Suppressions(system, today)
    left = [each for each in breaches if not suppressions.cover(each)]
    problems = [*_unknown_rules(severities, system), *suppressions.problems(whole)]
    found = [locate(problem) for problem in problems]
    found += _grouped(left, severities, locate)
    return sorted(set(found))


def _grouped(
    breaches: Iterable[Breach], severities: Mapping[str, str], locate: Locate
) -> Iterator[Finding]:
    """Findings, those alike at the same place as one with the objects' names."""
    alike: dict[tuple[Any, ...], list[str]] = {}
    for rule, usual, flaw, on in breaches:
        severity = Severity(severities.get(rule, usual))
        problem = Problem(flaw.path, flaw.message, rule, flaw.fix, severity, on_key=flaw.on_key)
        subject = ""
        if on is not None:
            origin = at_origin(on, problem, rule)
            problem = replace(problem, path=origin.path, subject=origin.subject, inner=origin.inner)
            subject = f"{on.kind} {object_name(on)}"
        place = locate(problem)
        key = (place.file, place.line, place.column, rule, flaw.message, flaw.fix, severity)
        alike.setdefault(key, []).append(subject)
    for (file, line, column, rule_name, message, fix, severity), subjects in alike.items():
        who = _list_of(subjects)
        text = f"{who}: {message}" if who else message
        yield Finding(file, line, column, rule_name, text, fix, severity)


def _list_of(subjects: list[str]) -> str:
    named = sorted({subject for subject in subjects if subject})
    if len(named) <= _SHOWN:
        return ", ".join(named)
    return f"{', '.join(named[:_SHOWN])} and {len(named) - _SHOWN} more"


def object_name(manifest: Manifest) -> str:
    """What people call an object: a topic by its name in Kafka."""
    topic_name = manifest.body.get("spec", {}).get("topicName")
    return str(topic_name) if topic_name and manifest.kind == "KafkaTopic" else manifest.name


def fits(pattern: str, kind: str, names: Iterable[str]) -> bool:
    """True when a `Kind/name` pattern, '*' standing for anything, fits one of the object's names."""
    wanted_kind, _, wanted = pattern.partition("/")
    if wanted_kind not in ("*", kind):
        return False
    return any(fnmatchcase(name, wanted) for name in names)


class _Suppressions:
    """The suppressions of a policy, and which of them were of use."""

    def __init__(self, system: System, today: str) -> None:
        self._all: Mapping[str, Any] = system.policy.get("suppressions", {})
        self._holding = {name: each for name, each in self._all.items() if each["expires"] >= today}
        self._rules = {each["rule"] for each in self._holding.values()}
        self._used: set[str] = set()

    def cover(self, breach: Breach) -> bool:
        """True when somebody answers for this."""
        if breach.rule not in self._rules:
            return False
        covered = False
        for name, each in self._holding.items():
            if each["rule"] == breach.rule and any(
                fits(pattern, *_names_of(breach)) for pattern in each["objects"]
            ):
                self._used.add(name)
                covered = True
        return covered

    def problems(self, whole: bool) -> Iterator[Problem]:
        """Expired, unused and misnamed suppressions."""
        known = all_rules()
        for name, each in self._all.items():
            path = ("policy", "suppressions", name)
            if name not in self._holding:
                yield Problem((*path, "expires"), f"the suppression '{name}' of {each['rule']} expired",
                              "suppression-expired",
                              f"mend it, or ask {each['owner']} for a new date")  # fmt: skip
            if each["rule"] not in known:
                yield Problem((*path, "rule"), f"there is no rule '{each['rule']}'", "unknown-rule",
                              did_you_mean(each["rule"], known))  # fmt: skip
            elif whole and name in self._holding and name not in self._used:
                yield Problem(path, f"the suppression '{name}' of {each['rule']} is not needed",
                              "suppression-unused", "drop it", Severity.WARNING,
                              on_key=True)  # fmt: skip


def _names_of(breach: Breach) -> tuple[str, tuple[str, ...]]:
    """Kind and names by which a suppression may mean what was judged."""
    if breach.on is not None:
        return breach.on.kind, (object_name(breach.on), breach.on.name)
    return "intent", (".".join(str(key) for key in breach.flaw.path),)


def _unknown_rules(severities: Mapping[str, str], system: System) -> Iterator[Problem]:
    known = all_rules()
    own = system.policy.get("rules", {})
    for name in severities:
        if name not in known and name not in own:
            yield Problem(("policy", "severities", name), f"there is no rule '{name}'",
                          "unknown-rule", did_you_mean(name, known), on_key=True)  # fmt: skip
