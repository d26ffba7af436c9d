"""An upgrade as JSON, for pipelines."""

import json
from dataclasses import asdict
from typing import Any

from generator.common.finding import dotted
from generator.plan.upgrade.notes import after, before, no_return
from generator.plan.upgrade.steps import Step, Upgrade


def as_json(upgrade: Upgrade) -> str:
    """One object: `environments`, `start`, `errors` (how many the intent has as it is) and `steps`."""
    data = {
        "environments": list(upgrade.environments),
        "start": {name: asdict(versions) for name, versions in upgrade.start.items()},
        "errors": upgrade.errors,
        "steps": [_step(step) for step in upgrade.steps],
    }
    return json.dumps(data, indent=2) + "\n"


def _step(step: Step) -> dict[str, Any]:
    return {
        "number": step.number,
        "kind": str(step.move.kind),
        "environments": list(step.move.environments),
        "after": {name: asdict(versions) for name, versions in step.move.after.items()},
        "edits": {
            name: {dotted(key): value for key, value in wanted.items()}
            for name, wanted in step.edits.items()
        },
        "before": list(before(step)),
        "effects": [
            {
                "environment": name,
                "impact": str(effect.impact),
                "text": effect.text,
                "reversible": effect.reversible,
            }
            for name, effect in step.effects
        ],
        "mend": [{"file": each.file, "line": each.line, "column": each.column, "message": each.message, "fix": each.fix}
                 for each in step.wrong],
        "check": list(after(step)),
        "noReturn": no_return(step),
    }  # fmt: skip
