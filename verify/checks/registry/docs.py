"""The checks as text for a terminal, as data, and as verify/checks/CHECKS.md."""

from collections.abc import Iterable

from generator.terminal.console import table
from verify.checks.registry import Check, all_checks

COLUMNS = ("check", "group", "worst", "drift", "needs", "healthy")


def as_rows(checks: Iterable[Check]) -> list[dict[str, object]]:
    """One row per check, for tables and as data."""
    return [
        {"check": check.name, "group": check.group, "worst": str(check.severity),
         "drift": check.drift, "needs": list(check.needs), "healthy": check.doc.healthy}
        for check in checks
    ]  # fmt: skip


def as_table(checks: Iterable[Check]) -> str:
    """One line per check."""
    return table(as_rows(checks), COLUMNS)


def as_page(check: Check) -> str:
    """Everything about one check."""
    doc = check.doc
    return (
        f"{check.name} ({check.group})\n\n{doc.healthy}\n\n"
        f"compares: {doc.compares}\nwhy: {doc.why}\nfix: {doc.fix}\nworst: {check.severity}\n"
        f"needs: {', '.join(check.needs) or 'nothing'}\n{_drift(check, 'drift: ')}"
        f"source: {doc.source}\n"
    )


def _drift(check: Check, before: str) -> str:
    return f"{before}strimzi-verify drift asks it, too\n" if check.drift else ""


def as_data(checks: Iterable[Check]) -> list[dict[str, object]]:
    """Checks as plain data."""
    return [
        {"check": check.name, "group": check.group, "worst": str(check.severity),
         "drift": check.drift, "needs": list(check.needs), "healthy": check.doc.healthy,
         "compares": check.doc.compares, "why": check.doc.why, "fix": check.doc.fix,
         "source": check.doc.source}
        for check in checks
    ]  # fmt: skip


def as_markdown() -> str:
    """The whole of CHECKS.md, by group, in the order in which people read them."""
    by_group: dict[str, list[Check]] = {}
    for check in all_checks().values():
        by_group.setdefault(check.group, []).append(check)
    text = (
        "# Checks\n\n"
        "Made by `strimzi-verify list -o markdown`; edits here are lost. What a status means and how"
        " to skip a check\nstands in the README. Braces in a fix are filled in when it is told.\n"
    )
    for group, checks in by_group.items():
        text += f"\n## {group.replace('_', ' ').capitalize()}\n"
        for check in checks:
            text += _section(check)
    return text


def _section(check: Check) -> str:
    doc = check.doc
    needs = ", ".join(f"`{need}`" for need in check.needs) or "nothing"
    return (
        f"\n### {check.name}\n\n{doc.healthy}\n\n"
        f"- Compares: {doc.compares}\n- Why: {doc.why}\n- Fix: {_quoted(doc.fix)}\n"
        f"- Worst: {check.severity}. Needs: {needs}.\n{_drift(check, '- Drift: ')}"
        f"- Source: {doc.source}\n"
    )


def _quoted(fix: str) -> str:
    """A fix in which `<` and `>` are no HTML."""
    return fix.replace("<", "\\<").replace(">", "\\>")
