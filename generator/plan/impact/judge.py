"""The effects of one change: by the module of the object's kind, whatever its name is."""

from functools import cache
from types import ModuleType

from generator.common.discovery import modules_below
from generator.common.kinds import STRIMZI_GROUP
from generator.plan.change import Effect, FieldChange, Impact
from generator.plan.impact import SYNC_OPTIONS, Pair
from generator.plan.impact.metadata import of_metadata, remade
from generator.plan.impact.releases.api_version import of_api_version
from generator.plan.impact.releases.too_new import too_new

_EMPTY = Effect(Impact.NO_EFFECT, "it says nothing")
"""Source: an empty mapping stands for what is not there (generator/plan/field_diff.py)."""

_KEPT = Effect(Impact.NO_EFFECT, "Argo CD leaves it where it is (Prune=false)")
"""Source: Argo CD 3.5.1, docs/user-guide/sync-options.md."""


def effects(pair: Pair, field: FieldChange | None) -> tuple[Effect, ...]:
    """The consequences of a change of one field, or of the whole object (None), each once."""
    kind = (pair.after or pair.before).kind  # type: ignore[union-attr]
    module = _modules().get(kind) or _modules()[""]
    if pair.before is None:
        return tuple(dict.fromkeys(module.created(pair)))
    if field is None:
        is_kept = "Prune=false" in pair.annotation(SYNC_OPTIONS)
        return (_KEPT,) if is_kept else tuple(dict.fromkeys(module.deleted(pair)))
    if field.path[0] == "metadata":
        found = [*of_metadata(pair, field)]
    elif field.path == ("apiVersion",) and str(field.after).startswith(f"{STRIMZI_GROUP}/"):
        found = [*of_api_version(pair, field)]
    else:
        found = [*too_new(pair, field)] or [*module.changed(pair, field)]
    return tuple(dict.fromkeys((*found, *remade(pair)))) or (_EMPTY,)


@cache
def _modules() -> dict[str, ModuleType]:
    return {
        each.KIND: each for each in modules_below("generator.plan.impact") if hasattr(each, "KIND")
    }
