"""An upgrade for a terminal: its steps, what each does, what has to be so before the next."""

from collections.abc import Iterator

import click

from generator.common.finding import dotted
from generator.documents.edit import as_scalar
from generator.plan.upgrade.notes import after, before, first, no_return
from generator.plan.upgrade.path import Kind, Versions
from generator.plan.upgrade.steps import Step, Upgrade
from generator.terminal.reports._words import place

_TITLES = {
    Kind.OPERATOR: "the operator",
    Kind.KAFKA: "Kafka",
    Kind.API: "manifests in v1",
    Kind.STORED: "resources stored as v1",
    Kind.METADATA: "the metadata version",
}
_MOST = 8
"""So many effects are told of a step."""


def as_text(upgrade: Upgrade) -> str:
    """One block a step, in order."""
    if not upgrade.steps:
        return "\n".join([*first(upgrade), "nothing to do: that is what the intent says"]) + "\n"
    lines = [click.style(_title(upgrade), bold=True), *first(upgrade)]
    for step in upgrade.steps:
        lines += ["", *_step(step)]
    return "\n".join(lines) + "\n"


def _title(upgrade: Upgrade) -> str:
    last = dict(upgrade.start)
    for step in upgrade.steps:
        last |= step.move.after
    told = [
        f"{name}: {_said(versions)} -> {_said(last[name])}"
        for name, versions in upgrade.start.items()
        if last[name] != versions
    ]
    count = len(upgrade.steps)
    last_line = f"{count} steps, each a pull request of its own" if count > 1 else "1 step"
    return "\n".join([*told, last_line])


def _said(versions: Versions) -> str:
    return f"Strimzi {versions.strimzi}, Kafka {versions.kafka} (metadata {versions.metadata})"


def _step(step: Step) -> Iterator[str]:
    changed = sorted(
        {
            f"{dotted(place_)}: {as_scalar(value)}"
            for edits in step.edits.values()
            for place_, value in edits.items()
        }
    )
    names = ", ".join(step.move.environments)
    yield click.style(f"{step.number}. {_TITLES[step.move.kind]} ({names})", bold=True)
    for line in before(step):
        yield f"   before  {line}"
    yield f"   write   {', '.join(changed)}"
    for finding in step.wrong:
        yield f"   mend    {place(finding)} {finding.message}"
        if finding.fix:
            yield f"           {finding.fix}"
    seen = list(dict.fromkeys((effect.impact, effect.text) for _, effect in step.effects))
    for impact, text in seen[:_MOST]:
        yield f"   does    {impact}: {text}"
    if len(seen) > _MOST:
        yield f"   does    and {len(seen) - _MOST} more: run plan once it is written"
    if not seen:
        yield "   does    nothing to running pods"
    for line in after(step):
        yield f"   after   {line}"
    if text := no_return(step):
        yield click.style(f"   ------- {text}", fg="yellow")
