"""Work out sections.py: what each section of the intent is typed as, from schemas/intent.schema.json.

python -m generator.intent.make_sections        writes generator/intent/sections.py anew
"""

import json
import keyword
from pathlib import Path as File
from typing import Any

from generator.common.paths import schemas_folder

FILE = File(__file__).with_name("sections.py")
_HEAD = '''"""The intent's sections as types; made by `python -m generator.intent.make_sections`, never by hand.

A key may always be missing: what the schema demands of a layer, several layers may say together. Text of a
certain form, such as a duration, is `str` here.
"""

from collections.abc import Mapping
from typing import Any, TypedDict
'''
_PLAIN = {"string": "str", "integer": "int", "number": "float", "boolean": "bool", "null": "None"}


def sections() -> str:
    """The text of sections.py."""
    schema = json.loads((schemas_folder() / "intent.schema.json").read_text(encoding="utf-8"))
    return _Types(schema["definitions"]).module(schema)


class _Types:
    """The types of one schema, inner ones before those that need them."""

    def __init__(self, definitions: dict[str, Any]) -> None:
        self._definitions = definitions
        self._made: dict[str, str] = {}

    def module(self, schema: dict[str, Any]) -> str:
        """All of them, the whole intent last."""
        self._typed_dict("Intent", schema)
        return _HEAD + "".join(f"\n\n{text}\n" for text in self._made.values())

    def _type(self, node: Any, name: str) -> str:
        """The type of what a schema describes; mappings with known keys get the name."""
        if "$ref" in node:
            definition = node["$ref"].rpartition("/")[2]
            return self._type(self._definitions[definition], _class_name(definition))
        if "allOf" in node:
            return self._type(node["allOf"][0], name)
        if "anyOf" in node:
            kinds = [self._type(each, name) for each in node["anyOf"]]
            return " | ".join(dict.fromkeys(kinds))
        if "enum" in node:
            kinds = [_PLAIN[_kind_of(value)] for value in node["enum"]]
            return " | ".join(dict.fromkeys(kinds))
        if node.get("properties"):
            return self._typed_dict(name, node)
        said = node.get("type", [])
        return " | ".join(self._plain(kind, node, name) for kind in _list_of(said)) or "Any"

    def _plain(self, kind: str, node: Any, name: str) -> str:
        if kind == "array":
            return f"list[{self._type(node.get('items', {}), name)}]"
        if kind == "object":
            more = node.get("additionalProperties", {})
            patterns = node.get("patternProperties", {}) if more is False else {}
            value = next(iter(patterns.values()), more if isinstance(more, dict) else {})
            return f"Mapping[str, {self._type(value, name)}]"
        return _PLAIN[kind]

    def _typed_dict(self, name: str, node: Any) -> str:
        name = name if name == "Intent" else f"{name.removesuffix('Section')}Section"
        if name in self._made:
            return name
        self._made[name] = ""  # keeps the name, should it need itself
        fields = {
            key: self._type(
                each, name.removesuffix("Section").removeprefix("Intent") + _class_name(key)
            )
            for key, each in node["properties"].items()
        }
        del self._made[name]
        self._made[name] = _class_text(name, node, fields)
        return name


def _class_text(name: str, node: Any, fields: dict[str, str]) -> str:
    if all(key.isidentifier() and not keyword.iskeyword(key) for key in fields):
        title = str(node.get("title", name))
        doc = f'    """{title[:1].upper()}{title[1:]}."""\n\n'
        lines = "".join(f"    {key}: {kind}\n" for key, kind in fields.items())
        return f"class {name}(TypedDict, total=False):\n{doc}{lines}".rstrip()
    lines = "".join(f'        "{key}": {kind},\n' for key, kind in fields.items())
    return f'{name} = TypedDict(\n    "{name}",\n    {{\n{lines}    }},\n    total=False,\n)'


def _class_name(key: str) -> str:
    return "".join(part[:1].upper() + part[1:] for part in key.replace("-", ".").split("."))


def _list_of(said: Any) -> list[str]:
    return said if isinstance(said, list) else [said]


def _kind_of(value: Any) -> str:
    kinds = {bool: "boolean", str: "string", int: "integer", float: "number", type(None): "null"}
    return kinds[type(value)]


def main() -> None:
    """Write the module, formatted as ruff formats it."""
    FILE.write_text(sections(), encoding="utf-8")


if __name__ == "__main__":
    main()
