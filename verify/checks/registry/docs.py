"""The checks as text for a terminal, as data, and as the books in verify/checks/."""

from collections.abc import Iterable

from generator.terminal.console import no_html, table
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
    """Everything about all checks as one page, by group, in the order in which people read them."""
    text = "# Checks\n"
    for group, checks in _by_group().items():
        text += f"\n## {_title(group)}\n" + "".join(map(_section, checks))
    return text


def pages() -> dict[str, str]:
    """The books beside the checks, by the name of their file: an index, and a page for each group."""
    index = f"# Checks\n\n{_MADE} What a status means and how to\nskip a check: [verifying](../README.md).\n"
    found = {}
    for group, checks in _by_group().items():
        page = f"{checks[0].judge.__module__.split('.')[2]}.md"
        index += f"\n## [{_title(group)}]({page})\n\n| check | worst | what is healthy |\n|---|---|---|\n"
        for check in checks:
            index += f"| [{check.name}]({page}#{check.name}) | {check.severity} | {check.doc.healthy} |\n"
        found[page] = (
            f"# Checks: {group.replace('_', ' ')}\n\n{_MADE} Braces in a fix are filled in when\nit is told. [All checks](CHECKS.md).\n"
        )
        found[page] += "".join(_section(check).replace("### ", "## ", 1) for check in checks)
    return {"CHECKS.md": index, **found}


_MADE = (
    "Made from the docstrings of the checks by `python tests/make_books.py`; edits here are lost."
)


def _by_group() -> dict[str, list[Check]]:
    found: dict[str, list[Check]] = {}
    for check in all_checks().values():
        found.setdefault(check.group, []).append(check)
    return found


def _title(group: str) -> str:
    return group.replace("_", " ").capitalize()


def _section(check: Check) -> str:
    doc = check.doc
    needs = ", ".join(f"`{need}`" for need in check.needs) or "nothing"
    return (
        f"\n### {check.name}\n\n{doc.healthy}\n\n"
        f"- Compares: {doc.compares}\n- Why: {doc.why}\n- Fix: {no_html(doc.fix)}\n"
        f"- Worst: {check.severity}. Needs: {needs}.\n{_drift(check, '- Drift: ')}"
        f"- Source: {doc.source}\n"
    )
