"""The rules as text for a terminal, as data, and as the books in generator/rules/."""

from collections.abc import Iterable
from typing import Any

from generator.rules.registry import Broker, Rule, all_rules
from generator.terminal.console import no_html, table

_VERDICTS = {
    Broker.ACCEPTS: "A broker accepts it without a word.",
    Broker.REJECTS: "A broker refuses it, after the merge.",
}


def as_table(rules: Iterable[Rule]) -> str:
    """One row per rule."""
    rows: list[dict[str, Any]] = [
        {"rule": rule.name, "severity": rule.severity, "broker": rule.broker or "",
         "healthy": rule.doc.healthy}
        for rule in rules
    ]  # fmt: skip
    return table(rows, ("rule", "severity", "broker", "healthy"))


def as_page(rule: Rule) -> str:
    """Everything about one rule."""
    doc = rule.doc
    verdict = f"\nbroker: {_VERDICTS[rule.broker]}" if rule.broker else ""
    return (
        f"{rule.name} ({rule.severity})\n\n{doc.healthy}\n\nwhy: {doc.why}\nfix: {doc.fix}"
        f"{verdict}\nsource: {doc.source}\n"
    )


def as_data(rules: Iterable[Rule]) -> list[dict[str, str]]:
    """Rules as plain data."""
    return [
        {"rule": rule.name, "subject": rule.subject, "severity": str(rule.severity),
         "broker": str(rule.broker or ""), "healthy": rule.doc.healthy, "why": rule.doc.why,
         "fix": rule.doc.fix, "source": rule.doc.source}
        for rule in rules
    ]  # fmt: skip


def as_markdown(rules: Iterable[Rule]) -> str:
    """Everything about rules as one page, by subject."""
    text = "# Rules\n"
    for title, sections in _by_subject(rules).items():
        text += f"\n## {title}\n{sections}"
    return text


def pages() -> dict[str, str]:
    """The books beside the rules, by the name of their file: an index, and a page for each folder."""
    by_folder: dict[str, list[Rule]] = {}
    for rule in all_rules().values():
        by_folder.setdefault(rule.judge.__module__.split(".")[2], []).append(rule)
    index = f"# Rules\n\n{_MADE} What a severity is and how\nto change it, to suppress a finding or to write a rule of your own: [writing intent](../../environments/README.md#rules).\n"
    found = {}
    for folder, rules in sorted(by_folder.items()):
        index += f"\n## [{folder.capitalize()}]({folder}.md)\n\n| rule | severity | what is healthy |\n|---|---|---|\n"
        for rule in rules:
            index += f"| [{rule.name}]({folder}.md#{rule.name}) | {rule.severity} | {rule.doc.healthy} |\n"
        text = f"# Rules: {folder}\n\n{_MADE} [All rules](RULES.md).\n"
        for title, sections in _by_subject(rules).items():
            text += f"\n## {title}\n{sections}"
        found[f"{folder}.md"] = text
    return {"RULES.md": index, **found}


_MADE = (
    "Made from the docstrings of the rules by `python tests/make_books.py`; edits here are lost."
)


def _by_subject(rules: Iterable[Rule]) -> dict[str, str]:
    """What is told of rules, by the title of their module, sorted."""
    found: dict[str, str] = {}
    for rule in sorted(rules, key=lambda each: each.subject):
        title = rule.subject.replace("_", " ").capitalize().replace("Acls", "ACLs")
        found[title] = found.get(title, "") + _section(rule)
    return found


def _section(rule: Rule) -> str:
    doc = rule.doc
    verdict = f" {_VERDICTS[rule.broker]}" if rule.broker else ""
    return (
        f"\n### {rule.name}\n\n{doc.healthy}\n\n"
        f"- Severity: {rule.severity}.{verdict}\n"
        f"- Why: {no_html(doc.why)}\n- Fix: {no_html(doc.fix)}\n- Source: {doc.source}\n"
    )
