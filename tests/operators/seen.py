"""What a change did under the operators."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from operators.changes import Change

from generator.plan.change import Effect, Impact

_ASKED: Mapping[str, tuple[str, ...]] = {
    "with its new settings": ("PUT", "/config"),
    "new connector": ("POST", "/connectors"),
    "moves nothing": ("PUT", "/pause", "/stop"),
    "moves again": ("PUT", "/resume"),
    "ends in Connect": ("DELETE", ""),
    "proposal": ("POST", "dryrun=true"),
}
"""Words of plan, and what is asked of Connect or Cruise Control where they are true."""


@dataclass
class Seen:
    """What a change did."""

    pools: set[str] = field(default_factory=set)
    """Whose pods are others."""
    deployments: set[str] = field(default_factory=set)
    """Whose template is another one."""
    touched: set[str] = field(default_factory=set)
    """All objects that the operator made, removed or changed."""
    refused: str = ""
    """The reason and the message of NotReady, or what the API server said."""
    warnings: list[str] = field(default_factory=list)
    """Warnings that were not there before."""
    asked: list[str] = field(default_factory=list)
    """What was asked of Connect or Cruise Control, but for what only looks."""


def disagreements_beside(change: Change, effects: list[Effect], seen: Seen) -> Iterator[str]:
    """Where plan and operators are not of one mind about what is no part of a Kafka."""
    impacts = {effect.impact for effect in effects}
    text = " ".join(effect.text for effect in effects)
    restarted = sorted(seen.pools | seen.deployments)
    if (Impact.ROLLING_RESTART in impacts) != bool(restarted):
        said = "restarts" if Impact.ROLLING_RESTART in impacts else "does not restart"
        yield f"plan {said} pods; {restarted or 'nobody'} restarted"
    for word, (method, *ends) in _ASKED.items():
        asked = [each for each in seen.asked if each.startswith(f"{method} ")
                 and any(end in each for end in ends)]  # fmt: skip
        if (word in text) != bool(asked):
            yield f"plan {'tells' if word in text else 'does not tell'} '{word}'; {asked or 'nothing'} was asked"
    does = bool(impacts - {Impact.NO_EFFECT, Impact.IGNORED})
    did = sorted(seen.touched) + seen.asked
    if does != bool(did) and "unseen" not in change.told:
        yield f"plan says that {'something' if does else 'nothing'} happens; {did or 'nothing'} changed"
