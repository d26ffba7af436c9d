"""A plan for a terminal, and for the comment on a pull request."""

import json
from collections.abc import Iterator

import click

from generator.common.changes import MISSING, Action
from generator.common.kafka_values import shown
from generator.plan.change import MEANINGS, RANK, Change, Impact
from generator.plan.plan import GONE, NEW, EnvironmentPlan, Plan, summary
from generator.terminal.reports._words import place
from generator.terminal.reports.text import report as findings_text

MARKER = "<!-- strimzi-gitops plan -->"
"""The first line of the comment, by which the next run finds and replaces it."""
MAX_MARKDOWN = 65_000
"""GitHub takes 65,536 characters in a comment."""
MAX_ORDER = 12_000
"""How much of it Argo CD's order may take, over all environments."""

_COLOURS = {
    Impact.DATA_LOSS: "red", Impact.PROTECTION_LOSS: "red", Impact.REFUSED: "red", Impact.IRREVERSIBLE: "red",
    Impact.IGNORED: "yellow", Impact.CLIENT_VISIBLE: "yellow", Impact.DATA_MOVEMENT: "yellow",
    Impact.UNKNOWN: "yellow", Impact.ROLLING_RESTART: "cyan",
}  # fmt: skip
_SIGNS = {Action.CREATE: "+", Action.DELETE: "-", Action.RENAME: ">", Action.UPDATE: "~"}
_SHORT = 60
_FINDINGS = 20
"""How many findings a comment has room for."""
NOTHING = "nothing changes\n"


def as_text(plan: Plan) -> str:
    """Environments, their changes worst first with every consequence, and Argo CD's order."""
    parts = [_environment_text(each) for each in plan.environments] or [NOTHING]
    return "\n".join([*parts, *([findings_text(plan.findings)] if plan.findings else [])])


def _environment_text(each: EnvironmentPlan) -> str:
    lines = [click.style(_title(each), bold=True)]
    impact = None
    for change in each.changes:
        if change.impact is not impact:
            impact = change.impact
            heading = click.style(str(impact), fg=_COLOURS.get(impact), bold=True)
            lines += ["", f"{heading}: {MEANINGS[impact]}"]
        lines += _change_lines(change)
    lines += ["", "Argo CD's order:"]
    lines += [f"  {line}" for line in order_lines(each)]
    return "\n".join(lines) + "\n"


def _title(each: EnvironmentPlan) -> str:
    counts = ", ".join(f"{count} {impact}" for impact, count in summary(each.changes).items())
    note = f" ({each.note})" if each.note in (NEW, GONE) else ""
    return f"{each.name}{note}: {counts}"


def _change_lines(change: Change) -> Iterator[str]:
    values = f": {_value(change, change.before)} -> {_value(change, change.after)}"
    if change.action is Action.RENAME:
        values = f" -> {change.after}"
    elif not change.field:
        values = ""
    what = f" {change.field}" if change.field else ""
    yield f"  {_SIGNS[change.action]} {change.kind} {change.name}{what}{values}"
    if change.place:
        yield "      " + click.style(place(change.place), dim=True)
    for effect in change.effects:
        once = "" if effect.reversible else " (a revert does not bring it back)"
        yield f"      {effect.text}{once}"
    if change.blocked:
        yield "      " + click.style(f"blocked: {change.blocked}", fg="red")
    elif change.approved_by:
        yield "      " + click.style(f"approved by {change.approved_by}", fg="green")
    if change.backup_proof:
        yield "      " + click.style(f"backup: {change.backup_proof}", fg="green")


def order_lines(each: EnvironmentPlan) -> Iterator[str]:
    """What Argo CD applies and prunes, wave by wave."""
    for step in each.steps:
        names = ", ".join(step.objects[:5])
        more = f" and {len(step.objects) - 5} more" if len(step.objects) > 5 else ""
        until = "gone" if step.phase == "Prune" else "healthy"
        gate = f"; waits until {until}" if step.gates else ""
        yield f"{step.phase} wave {step.wave}: {names}{more}{gate}"
        yield from (f"  hangs: {reason}" for reason in step.hangs)


def _value(change: Change, value: object) -> str:
    """A value for people: `7d` where the setting counts milliseconds."""
    if ".config." in change.field and isinstance(value, int) and not isinstance(value, bool):
        return shown(change.field, value)
    return _short(value)


def _short(value: object, width: int = _SHORT) -> str:
    if value is MISSING:
        return "-"
    text = value if isinstance(value, str) else json.dumps(value, default=str)
    text = " ".join(text.split())
    return text if len(text) <= width else f"{text[: width - 3]}..."


def as_markdown(plan: Plan) -> str:
    """A comment: a summary table, then the changes folded, never above GitHub's limit.

    Empty when nothing changes. What does not fit is left out, mildest first, and counted.
    """
    if not plan.environments:
        return ""
    head = [MARKER, "## Plan", ""]
    impacts = sorted(summary(plan.changes), key=lambda impact: -RANK[impact])
    head += ["| environment | " + " | ".join(impacts) + " | blocked |",
             "|---|" + "---:|" * (len(impacts) + 1)]  # fmt: skip
    for each in plan.environments:
        counts = summary(each.changes)
        cells = [str(counts.get(impact, "")) for impact in impacts]
        head.append(f"| {each.name} | " + " | ".join(cells) + f" | {len(each.blocked) or ''} |")
    head += ["", *(f"- **{impact}**: {MEANINGS[impact]}" for impact in impacts), ""]
    head += [
        f"- {_escaped(line)}" for line in findings_text(plan.findings[:_FINDINGS]).splitlines()
    ]
    text = "\n".join(head)
    blocks = [_markdown_of(each, MAX_ORDER // len(plan.environments)) for each in plan.environments]
    room = MAX_MARKDOWN - len(text)
    text += "\n".join(_fitted(blocks, room)) + "\n"
    if len(text) > MAX_MARKDOWN:  # hundreds of environments
        text = text[:MAX_MARKDOWN].rpartition("\n")[0] + "\n\n*The page has the rest.*\n"
    return text


def _markdown_of(each: EnvironmentPlan, room: int) -> tuple[str, list[tuple[int, str]], str]:
    """Opening, ranked lines, and closing of one environment's folded part."""
    opened = " open" if each.blocked else ""
    opening = f"<details{opened}><summary><b>{_escaped(_title(each))}</b></summary>\n"
    lines = [(-RANK[change.impact], _markdown_line(change)) for change in each.changes]
    order = "\n".join(_code(line, MAX_ORDER) for line in order_lines(each))
    if len(order) > room:
        order = order[:room].rpartition("\n")[0] + "\n..."
    closing = f"\n\nArgo CD's order:\n\n```text\n{order}\n```\n</details>\n"
    return opening, lines, closing


def _markdown_line(change: Change) -> str:
    values = ""
    if change.field:
        before, after = (_code(_value(change, each)) for each in (change.before, change.after))
        values = f": `{before}` to `{after}`"
    if change.action is Action.RENAME:
        values = f" to `{_code(change.after)}`"
    what = f" `{_code(change.field)}`" if change.field else f" {change.action}"
    line = f"- **{change.impact}** {change.kind} `{_code(change.name)}`{what}{values}"
    if change.place:
        line += f" (`{_code(place(change.place), MAX_ORDER)}`)"
    for effect in change.effects:
        once = "" if effect.reversible else " *A revert does not bring it back.*"
        line += f"\n  - {_escaped(effect.text)}.{once}"
    if change.blocked:
        line += f"\n  - :no_entry: **blocked**: {_escaped(change.blocked)}"
    elif change.approved_by:
        line += f"\n  - :white_check_mark: approved by `{_code(change.approved_by)}`"
    if change.backup_proof:
        line += f"\n  - :white_check_mark: backup: {_escaped(change.backup_proof)}"
    return line


def _fitted(blocks: list[tuple[str, list[tuple[int, str]], str]], room: int) -> Iterator[str]:
    """The blocks with as many lines as fit, the worst of all environments first."""
    room -= sum(len(opening) + len(closing) + 120 for opening, _, closing in blocks)
    ranked = sorted(
        (rank, number, index)
        for number, (_, lines, _) in enumerate(blocks)
        for index, (rank, _) in enumerate(lines)
    )
    kept: set[tuple[int, int]] = set()
    for _, number, index in ranked:
        room -= len(blocks[number][1][index][1]) + 1
        if room < 0:
            break
        kept.add((number, index))
    for number, (opening, lines, closing) in enumerate(blocks):
        shown = [line for index, (_, line) in enumerate(lines) if (number, index) in kept]
        left = len(lines) - len(shown)
        more = (
            f"\n\n*{left} milder changes do not fit here; the page has them all.*" if left else ""
        )
        yield opening + "\n" + "\n".join(shown) + more + closing


def _code(value: object, width: int = _SHORT) -> str:
    """A value that stays inside its quotes, on its line."""
    return _short(value, width).replace("`", "'").replace("\n", " ").replace("|", "\\|")


def _escaped(text: str) -> str:
    """Text in which nothing is Markdown or HTML, and nobody is mentioned."""
    for sign in "\\`*_[]<>|#":
        text = text.replace(sign, f"\\{sign}")
    return text.replace("@", "@\u200b").replace("\n", " ")
