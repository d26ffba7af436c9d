"""The rules as text for a terminal, as data, and as generator/rules/RULES.md."""

from collections.abc import Iterable
from typing import Any

from generator.rules.registry import Broker, Rule, all_rules
from generator.rules.registry.custom import OwnRule
from generator.terminal.console import table

_VERDICTS = {
    Broker.ACCEPTS: "A broker accepts it without a word.",
    Broker.REJECTS: "A broker refuses it, after the merge.",
}


def as_table(rules: Iterable[Rule | OwnRule]) -> str:
    """One row per rule."""
    rows: list[dict[str, Any]] = [
        {"rule": rule.name, "severity": rule.severity, "broker": rule.broker or "",
         "healthy": rule.doc.healthy}
        for rule in rules
    ]  # fmt: skip
    return table(rows, ("rule", "severity", "broker", "healthy"))


def as_page(rule: Rule | OwnRule) -> str:
    """Everything about one rule."""
    doc = rule.doc
    verdict = f"\nbroker: {_VERDICTS[rule.broker]}" if rule.broker else ""
    return (
        f"{rule.name} ({rule.severity})\n\n{doc.healthy}\n\nwhy: {doc.why}\nfix: {doc.fix}"
        f"{verdict}\nsource: {doc.source}\n"
    )


def as_data(rules: Iterable[Rule | OwnRule]) -> list[dict[str, str]]:
    """Rules as plain data."""
    return [
        {"rule": rule.name, "subject": rule.subject, "severity": str(rule.severity),
         "broker": str(rule.broker or ""), "healthy": rule.doc.healthy, "why": rule.doc.why,
         "fix": rule.doc.fix, "source": rule.doc.source}
        for rule in rules
    ]  # fmt: skip


def as_markdown() -> str:
    """The whole of RULES.md, by subject."""
    by_subject: dict[str, list[Rule]] = {}
    for rule in all_rules().values():
        by_subject.setdefault(rule.subject, []).append(rule)
    text = (
        "# Rules\n\n"
        "Made by `strimzi-gitops rules -o markdown`; edits here are lost. What a severity is and how"
        " to change it,\nto suppress a finding or to write a rule of your own, stands in the README.\n"
    )
    for subject, rules in sorted(by_subject.items()):
        title = subject.replace("_", " ").capitalize().replace("Acls", "ACLs")
        text += f"\n## {title}\n"
        for rule in rules:
            text += _section(rule)
    return text


def _section(rule: Rule) -> str:
    doc = rule.doc
    verdict = f" {_VERDICTS[rule.broker]}" if rule.broker else ""
    return (
        f"\n### {rule.name}\n\n{doc.healthy}\n\n"
        f"- Severity: {rule.severity}.{verdict}\n"
        f"- Why: {doc.why}\n- Fix: {doc.fix}\n- Source: {doc.source}\n"
    )
