"""What the rules say of a system, after policy: severities, suppressions, the organisation's own rules.

Breaches become findings at the line of the intent to edit; what breaks a rule alike at one line, as a
value that a thousand topics inherit, is one finding.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from typing import Any

from generator.common.finding import Finding, Problem, Severity, did_you_mean, found_in, merged
from generator.documents.manifest import Manifest
from generator.rules.registry import Breach, all_rules, judge, judge_together
from generator.rules.registry.custom import judge_own
from generator.system.system import System, Systems
from generator.validate.schemas import at_origin

IGNORE = "ignore"
_SHOWN = 3
Locate = Callable[[Problem], Finding]


@dataclass(frozen=True, slots=True)
class PolicyResult:
    """What is wrong, and which suppressions were of use.

    A suppression that several environments inherit is of use when it is in one of them; so those of
    no use are told apart here, and only a run over all environments can complain of them.
    """

    findings: list[Finding] = field(default_factory=list)
    used: set[Finding] = field(default_factory=set)
    unused: set[Finding] = field(default_factory=set)


def unused_suppressions(verdicts: Iterable[tuple[str, PolicyResult]]) -> list[Finding]:
    """Suppressions that no environment needs, given what each environment's verdicts are."""
    verdicts = list(verdicts)
    used = {finding for _, verdict in verdicts for finding in verdict.used}
    return [
        finding
        for name, verdict in verdicts
        for finding in found_in(name, sorted(verdict.unused - used))
    ]


def verdict_of(system: System, locate: Locate, today: str, whole: bool = True) -> PolicyResult:
    """All findings of all rules about one system, sorted.

    `today` (2026-11-21) decides which suppressions still hold; without `whole` some manifests are
    missing, and only rules about single objects are asked.
    """
    severities = system.policy.severities
    off = frozenset(name for name, severity in severities.items() if severity == IGNORE)
    breaches = [*judge(system, off, whole), *judge_own(system)]
    suppressions = _Suppressions(system, today)
    left = [each for each in breaches if not suppressions.cover(each)]
    problems = [*_unknown_rules(severities, system), *suppressions.problems()]
    found = [locate(problem) for problem in problems]
    found += _grouped(left, severities, locate)
    used, unused = suppressions.by_use(locate, together=False)
    return PolicyResult(merged(found), used, unused if whole else set())


def verdicts_together(
    systems: Mapping[str, tuple[System, Locate]], today: str
) -> Iterator[tuple[str, PolicyResult]]:
    """What the rules about all environments together find, by environment."""
    by_environment = {name: system for name, (system, _) in systems.items()}
    breaches: dict[str, list[Breach]] = {}
    for name, breach in judge_together(Systems(by_environment)):
        breaches.setdefault(name, []).append(breach)
    for name, (system, locate) in systems.items():
        severities = system.policy.severities
        suppressions = _Suppressions(system, today)
        left = [each for each in breaches.get(name, ()) if severities.get(each.rule) != IGNORE]
        left = [each for each in left if not suppressions.cover(each)]
        used, unused = suppressions.by_use(locate, together=True)
        yield name, PolicyResult(merged(_grouped(left, severities, locate)), used, unused)


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
        self._all = system.policy.suppressions
        self._own = system.policy.rules
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

    def problems(self) -> Iterator[Problem]:
        """Expired and misnamed suppressions."""
        known = all_rules()
        for name, each in self._all.items():
            path = ("policy", "suppressions", name)
            if name not in self._holding:
                yield Problem((*path, "expires"), f"the suppression '{name}' of {each['rule']} expired",
                              "suppression-expired",
                              f"mend it, or ask {each['owner']} for a new date")  # fmt: skip
            if each["rule"] not in known and each["rule"] not in self._own:
                yield Problem((*path, "rule"), f"there is no rule '{each['rule']}'", "unknown-rule",
                              did_you_mean(each["rule"], known))  # fmt: skip

    def by_use(self, locate: Locate, together: bool) -> tuple[set[Finding], set[Finding]]:
        """Complaints about suppressions that were of use, and about those that were not.

        Only those of rules about all environments `together`, or only those of all other rules.
        """
        known = all_rules()
        sorts: tuple[set[Finding], set[Finding]] = (set(), set())
        for name, each in self._holding.items():
            rule = known.get(each["rule"])
            if (rule is not None and rule.judges is Systems) is together:
                message = f"the suppression '{name}' of {each['rule']} is not needed"
                problem = Problem(("policy", "suppressions", name), message, "suppression-unused",
                                  "drop it", Severity.WARNING, on_key=True)  # fmt: skip
                if rule is not None or each["rule"] in self._own:
                    sorts[name not in self._used].add(locate(problem))
        return sorts


def _names_of(breach: Breach) -> tuple[str, tuple[str, ...]]:
    """Kind and names by which a suppression may mean what was judged."""
    if breach.on is not None:
        return breach.on.kind, (object_name(breach.on), breach.on.name)
    return "intent", (".".join(str(key) for key in breach.flaw.path),)


def _unknown_rules(severities: Mapping[str, str], system: System) -> Iterator[Problem]:
    known = all_rules()
    own = system.policy.rules
    for name in severities:
        if name not in known and name not in own:
            yield Problem(("policy", "severities", name), f"there is no rule '{name}'",
                          "unknown-rule", did_you_mean(name, known), on_key=True)  # fmt: skip
