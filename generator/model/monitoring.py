"""What `monitoring:` asks for, with everything filled in that it leaves open."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from generator.common.schedule import gaps_s
from generator.model.environment import Environment
from generator.model.verification.verification import verification

SECTION: Final = "monitoring"


@dataclass(frozen=True, slots=True)
class Monitoring:
    """Which of it is rendered, and what all of it carries."""

    rules: bool
    dashboards: bool
    labels: Mapping[str, str] = field(default_factory=dict)
    runbook: str = ""
    """Where people read the runbook; empty when nobody says it."""


def monitoring(environment: Environment) -> Monitoring:
    """What is asked for; nothing when nobody says anything."""
    section = environment.data.get(SECTION, {})
    return Monitoring(
        rules=section.get("prometheusRules", False),
        dashboards=section.get("dashboards", False),
        labels=section.get("labels", {}),
        runbook=section.get("runbookUrl", ""),
    )


def verdicts_every_s(environment: Environment) -> int | None:
    """How far apart verdicts of steady verification may reach Prometheus; None when none does."""
    asked = verification(environment)
    if asked is None or asked.schedule is None or asked.pushgateway is None:
        return None
    gaps = gaps_s(asked.schedule)
    return None if gaps is None else gaps[1] + asked.deadline_s
