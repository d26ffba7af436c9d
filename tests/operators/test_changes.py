"""The changes that are made of Strimzi's resources: one for each field, and none without a meaning.

What comes of them under the operators is `test_table`'s.
"""

import pytest
from operators.changes import Change, changes, left_out, unknown_words
from operators.scenes import SCENES
from operators.table import told

from generator.documents.manifest import Manifest
from generator.plan.change import Impact
from generator.validate.schemas import Schemas, schema_folders

_SCHEMAS = Schemas(schema_folders())
_ANY_OBJECTS = {kind: scene.objects() for scene in SCENES for kind in scene.kinds}


def test_fields_without_a_change_have_a_reason() -> None:
    """Nobody leaves a field out silently."""
    assert [field for field, why in left_out().items() if not str(why).strip()] == []


def test_words_of_the_table_fit_fields() -> None:
    """What a definition no longer has is told of no more."""
    assert unknown_words() == []


@pytest.mark.parametrize("change", changes(), ids=lambda change: change.name)
def test_field_is_changed_and_judged(change: Change) -> None:
    """A field that is new and has no value that fits it, or of which plan knows nothing, is missing here."""
    objects = _ANY_OBJECTS[change.kind]
    label = change.of(objects)
    made = change.made(objects[label])

    assert made != objects[label], "the same as before: say another value in changes.yaml"
    assert [each.message for each in _SCHEMAS.check(Manifest("", made, ()))] == []
    effects = told(objects, {**objects, label: made})
    assert effects
    assert [each.text for each in effects if each.impact is Impact.UNKNOWN] == []
