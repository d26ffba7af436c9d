"""jsonschema, the reference implementation, judges with jsonschema-rs and has to agree."""

from collections.abc import Iterable, Iterator
from typing import Any

import jsonschema
import jsonschema_rs

_validator_for = jsonschema_rs.validator_for


class Both:
    """A validator that asks both libraries, and is an assertion that they say the same."""

    asked = 0
    """How many documents both have judged."""

    def __init__(self, schema: dict[str, Any], **options: Any) -> None:
        self.ours = _validator_for(schema, **options)
        self.reference = jsonschema.validators.validator_for(schema)(schema)

    def is_valid(self, document: Any) -> bool:
        """What both say of a document."""
        return not list(self.iter_errors(document))

    def iter_errors(self, document: Any) -> Iterator[Any]:
        """What jsonschema-rs finds, which the reference finds at the same places and keywords."""
        type(self).asked += 1
        errors = list(self.ours.iter_errors(document))
        ours = {_essence(each.instance_path, each.schema_path) for each in errors}
        theirs = {
            _essence(each.absolute_path, each.absolute_schema_path)
            for each in self.reference.iter_errors(document)
        }
        assert ours == theirs
        return iter(errors)


def _essence(place: Iterable[object], schema_path: Iterable[object]) -> tuple[str, ...]:
    """The place in the document and the keyword; the ways through `$ref` are told differently."""
    *_, keyword = schema_path
    return (*map(str, place), str(keyword))
