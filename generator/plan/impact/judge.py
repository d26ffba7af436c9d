"""The effects of one change: by the module of the object's kind, whatever its name is."""

from functools import cache
from types import ModuleType

from generator.common.discovery import modules_below
from generator.plan.change import Effect, FieldChange, Impact
from generator.plan.impact import Pair
from generator.plan.impact.metadata import of_metadata, remade

_EMPTY = Effect(Impact.NO_EFFECT, "it says nothing")
"""Source: an empty mapping stands for what is not there (generator/plan/field_diff.py)."""


def effects(pair: Pair, field: FieldChange | None) -> tuple[Effect, ...]:
    """The consequences of a change of one field, or of the whole object (None), each once."""
    kind = (pair.after or pair.before).kind  # type: ignore[union-attr]
    module = _modules().get(kind) or _modules()[""]
    if field is None:
        found = module.created(pair) if pair.before is None else module.deleted(pair)
        return tuple(dict.fromkeys(found))
    found = of_metadata(pair, field) if field.path[0] == "metadata" else module.changed(pair, field)
    return tuple(dict.fromkeys((*found, *remade(pair)))) or (_EMPTY,)


@cache
def _modules() -> dict[str, ModuleType]:
    return {
        each.KIND: each for each in modules_below("generator.plan.impact") if hasattr(each, "KIND")
    }
