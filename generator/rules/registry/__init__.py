"""Rules over the whole system: one file per subject, one function per rule.

A rule is a function with `@rule`. What its parameter is (TopicSettings, SystemTopic, User, System or Systems)
says how often it is asked: topics with the same settings are asked once. Modules are found by name, so a new
rule is a new function and nothing else. Its docstring is its documentation: the healthy state, then
`Why:`, `Fix:` and `Source:`.
"""

import inspect
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from typing import Any, NamedTuple, TypeVar

from generator.common.discovery import modules_below
from generator.common.finding import Path, Severity
from generator.documents.manifest import Manifest
from generator.system.effective_settings import TopicSettings
from generator.system.system import System, Systems, SystemTopic, User


class Broker(StrEnum):
    """What a real broker does with what the rule complains about; a live test asks one."""

    REJECTS = "rejects"
    ACCEPTS = "accepts"


class Flaw(NamedTuple):
    """Something that breaks a rule, and where in the judged manifest."""

    path: Path
    message: str
    fix: str = ""
    """How to mend it; the rule's own `Fix:` when empty."""
    on: Manifest | None = None
    """The manifest, where it is not the judged one; of rules of a whole system, None means a path of the intent."""
    on_key: bool = False
    environment: str = ""
    """Whose flaw it is, of rules that judge all environments together."""


class Breach(NamedTuple):
    """What breaks a rule, its fix filled in; `on` None: the flaw's path is one of the intent."""

    rule: str
    severity: Severity
    flaw: Flaw
    on: Manifest | None


@dataclass(frozen=True, slots=True)
class RuleDoc:
    """A rule's docstring in its parts."""

    healthy: str
    why: str
    fix: str
    source: str


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule; `judge` yields what breaks it."""

    name: str
    severity: Severity
    broker: Broker | None
    judges: type
    judge: Callable[[Any], Iterator[Flaw]] = field(repr=False)

    @property
    def subject(self) -> str:
        """The module it stands in."""
        return self.judge.__module__.rpartition(".")[2]

    @property
    def doc(self) -> RuleDoc:
        """Its documentation.

        Raises:
            ValueError: when the docstring lacks a part; a test holds that none does.
        """
        parts = re.split(r"\n\s*(Why|Fix|Source): ", inspect.getdoc(self.judge) or "")
        said = {"": parts[0]} | dict(zip(parts[1::2], parts[2::2], strict=True))
        texts = [" ".join(said.get(key, "").split()) for key in ("", "Why", "Fix", "Source")]
        if not all(texts):
            raise ValueError(f"{self.name}: the docstring needs a first line, Why, Fix and Source")
        return RuleDoc(*texts)


_rules: dict[str, Rule] = {}
Judge = TypeVar("Judge", bound=Callable[[Any], Iterator[Flaw]])


def rule(
    name: str, severity: Severity = Severity.ERROR, broker: Broker | None = None
) -> Callable[[Judge], Judge]:
    """Register a function as a rule of this name.

    `broker` is what a broker does with it; only what it accepts needs a rule to be noticed at all.
    """

    def register(judge: Judge) -> Judge:
        judges = next(iter(judge.__annotations__.values()))
        _rules[name] = Rule(name, severity, broker, judges, judge)
        return judge

    return register


@cache
def all_rules() -> dict[str, Rule]:
    """Every rule by name, sorted."""
    list(modules_below("generator.rules", but=__name__))
    return dict(sorted(_rules.items()))


def judge(
    system: System, off: frozenset[str] = frozenset(), whole: bool = True
) -> Iterator[Breach]:
    """Everything that breaks a rule that is not `off`.

    Without `whole`, only rules that need no more than the object itself are asked: some manifests
    are missing, so that what leads to them cannot be judged.
    """
    by_type = _by_type(off)
    yield from _judge_topics(system, by_type[TopicSettings], by_type[SystemTopic] if whole else [])
    if not whole:
        return
    for user in system.users:
        for each in by_type[User]:
            for flaw in each.judge(user):
                yield _breach(each, flaw, user.manifest)
    for each in by_type[System]:
        for flaw in each.judge(system):
            yield _breach(each, flaw, None)


def judge_together(systems: Systems) -> Iterator[tuple[str, Breach]]:
    """What breaks the rules about all environments together, each with its environment."""
    for each in _by_type(frozenset())[Systems]:
        for flaw in each.judge(systems):
            yield flaw.environment, _breach(each, flaw, None)


def _by_type(off: frozenset[str]) -> dict[type, list[Rule]]:
    found: dict[type, list[Rule]] = {
        kind: [] for kind in (TopicSettings, SystemTopic, User, System, Systems)
    }
    for each in all_rules().values():
        if each.name not in off:
            found[each.judges].append(each)
    return found


def _judge_topics(
    system: System, of_settings: list[Rule], of_topics: list[Rule]
) -> Iterator[Breach]:
    judged: dict[int, list[tuple[Rule, Flaw]]] = {}
    for topic in system.topics:
        known = judged.get(id(topic.settings))
        if known is None:
            known = judged[id(topic.settings)] = [
                (each, flaw) for each in of_settings for flaw in each.judge(topic.settings)
            ]
        for each, flaw in known:
            yield _breach(each, flaw, topic.manifest)
        for each in of_topics:
            for flaw in each.judge(topic):
                yield _breach(each, flaw, topic.manifest)


def _breach(each: Rule, flaw: Flaw, judged: Manifest | None) -> Breach:
    if not flaw.fix:
        flaw = flaw._replace(fix=_fix_of(each.name))
    return Breach(each.name, each.severity, flaw, flaw.on or judged)


@cache
def _fix_of(name: str) -> str:
    return all_rules()[name].doc.fix
