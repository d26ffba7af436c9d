"""Turn Kubernetes API descriptions into strict, self-contained JSON Schemas (draft-07).

Two dialects come in: the structural schemas of CustomResourceDefinitions and the definitions of
the Kubernetes OpenAPI document. Both go through `convert`, so that one set of rules decides what
a document may contain:

* a field that is not described is an error, as it is for an API server with strict field
  validation; open areas (`x-kubernetes-preserve-unknown-fields`, free-form maps) stay open;
* `x-kubernetes-validations` (CEL rules) stay where they stand: JSON Schema validators ignore
  them, an evaluator for them finds them next to the value they judge;
* a keyword that this module does not know stops the generation, because a constraint that gets
  lost silently would let wrong documents pass.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from _constraints import CORE, TIME, constrained, merged, metadata_of

Schema = dict[str, Any]

DIALECT = "http://json-schema.org/draft-07/schema#"
REF_PREFIX = "#/definitions/"
META = "io.k8s.apimachinery.pkg.apis.meta.v1."
API_EXTENSIONS = "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1."
OBJECT_META = META + "ObjectMeta"
RESOURCES = CORE + "ResourceRequirements"
CLAIMED_RESOURCES = CORE + "VolumeResourceRequirements"

PRESERVE_UNKNOWN = "x-kubernetes-preserve-unknown-fields"
INT_OR_STRING = "x-kubernetes-int-or-string"
INT_OR_STRING_TYPES = [{"type": "integer"}, {"type": "string"}]

BRANCH_KEYWORDS = ("allOf", "anyOf", "oneOf")
KEPT_KEYWORDS = {
    *BRANCH_KEYWORDS,
    "$ref",
    "additionalProperties",
    "enum",
    "items",
    "maxItems",
    "maxLength",
    "maximum",
    "minItems",
    "minLength",
    "minimum",
    "not",
    "pattern",
    "properties",
    "required",
    "type",
    "uniqueItems",
    "x-kubernetes-list-map-keys",
    "x-kubernetes-validations",
    PRESERVE_UNKNOWN,
}
DROPPED_KEYWORDS = {
    "default",
    "description",
    "example",
    "format",
    "nullable",
    "x-kubernetes-group-version-kind",
    "x-kubernetes-list-type",
    "x-kubernetes-map-type",
    "x-kubernetes-patch-merge-key",
    "x-kubernetes-patch-strategy",
    "x-kubernetes-unions",
    INT_OR_STRING,
}

# The expression that controller-gen writes for quantities; the API server's parser accepts the
# same strings.
QUANTITY_PATTERN = (
    r"^(\+|-)?(([0-9]+(\.[0-9]*)?)|(\.[0-9]+))"
    r"(([KMGTPE]i)|[numkMGTPE]|([eE](\+|-)?(([0-9]+(\.[0-9]*)?)|(\.[0-9]+))))?$"
)
# Go's base64 decoder skips line breaks, so they have to pass here as well.
_BASE64 = r"[\r\n]*[A-Za-z0-9+/]"
_PADDING = r"[\r\n]*="
BASE64_PATTERN = (
    rf"^({_BASE64}{_BASE64}{_BASE64}{_BASE64})*"
    rf"({_BASE64}{_BASE64}{_PADDING}{_PADDING}|{_BASE64}{_BASE64}{_BASE64}{_PADDING})?[\r\n]*$"
)
# Go's regular expressions have flags inside the pattern, those of JSON Schema do not.
PORTABLE_PATTERNS = {"^(?i)(abort|warn)?$": "^([aA][bB][oO][rR][tT]|[wW][aA][rR][nN])?$"}


def _props_or(other: Schema) -> Schema:
    """Return a schema for a field that holds a JSON Schema or `other`."""
    return {"anyOf": [{"$ref": f"{REF_PREFIX}{API_EXTENSIONS}JSONSchemaProps"}, other]}


# The OpenAPI document describes types with a hand-written JSON form too narrowly (a plain string)
# or not at all.
DEFINITION_OVERRIDES: dict[str, Schema] = {
    # Kubernetes' own serialisers write `creationTimestamp: null`.
    META + "Time": {"type": ["string", "null"], "pattern": TIME["pattern"]},
    "io.k8s.apimachinery.pkg.util.intstr.IntOrString": {
        "type": ["integer", "string"],
        "format": "int32",
    },
    "io.k8s.apimachinery.pkg.api.resource.Quantity": {
        "type": ["number", "string"],
        "maximum": 2**63 - 1,
        "pattern": QUANTITY_PATTERN,
    },
    API_EXTENSIONS + "JSONSchemaPropsOrArray": _props_or(
        {"type": "array", "items": {"$ref": f"{REF_PREFIX}{API_EXTENSIONS}JSONSchemaProps"}}
    ),
    API_EXTENSIONS + "JSONSchemaPropsOrBool": _props_or({"type": "boolean"}),
    API_EXTENSIONS + "JSONSchemaPropsOrStringArray": _props_or(
        {"type": "array", "items": {"type": "string"}}
    ),
}


class ConversionError(Exception):
    """A source schema uses something that the conversion does not cover."""


def map_subschemas(node: Mapping[str, Any], visit: Callable[[str, Schema], Any]) -> Schema:
    """Copy a schema node with `visit(keyword, subschema)` applied to each direct subschema."""
    copy: Schema = dict(node)
    for keyword in ("items", "not", "additionalProperties"):
        if isinstance(copy.get(keyword), dict):
            copy[keyword] = visit(keyword, copy[keyword])
    for keyword in BRANCH_KEYWORDS:
        if keyword in copy:
            copy[keyword] = [visit(keyword, branch) for branch in copy[keyword]]
    if "properties" in copy:
        copy["properties"] = {
            name: visit("properties", child) for name, child in copy["properties"].items()
        }
    return copy


def strip_descriptions(node: Schema) -> Schema:
    """Remove texts for humans from a schema; properties that are *called* description stay."""
    copy = map_subschemas(node, lambda _keyword, child: strip_descriptions(child))
    return {key: value for key, value in copy.items() if key not in ("description", "example")}


def convert(node: Schema, *, closed: bool = True) -> Schema:
    """Convert one schema node and everything below it.

    `closed` is False inside `allOf`, `anyOf`, `oneOf` and `not`: branches only add conditions to
    an object that is described elsewhere, so closing them would reject its other fields.
    """
    unknown = set(node) - KEPT_KEYWORDS - DROPPED_KEYWORDS
    if unknown:
        raise ConversionError(f"unknown schema keywords: {', '.join(sorted(unknown))}")

    def visit(keyword: str, child: Schema) -> Schema:
        is_branch = keyword in BRANCH_KEYWORDS or keyword == "not"
        return convert(child, closed=closed and not is_branch)

    copy = map_subschemas(node, visit)
    result = {key: value for key, value in copy.items() if key in KEPT_KEYWORDS}
    if node.get(INT_OR_STRING):
        _type_int_or_string(node, result)
    if "pattern" in node:
        result["pattern"] = _portable(node["pattern"])
    if "integer" in result.get("type", ()):
        _bound(result, 31 if node.get("format") == "int32" else 63)
    if node.get("x-kubernetes-list-type") == "set":
        result["uniqueItems"] = True
    if node.get("format") == "byte":
        result["pattern"] = BASE64_PATTERN
    if node.get("nullable"):
        _allow_null(result)
    _relax_defaulted(result, node.get("properties", {}))
    if closed and "properties" in result and not result.get(PRESERVE_UNKNOWN):
        result.setdefault("additionalProperties", False)
    return result


def _type_int_or_string(node: Schema, result: Schema) -> None:
    """Replace the `anyOf` idiom by a list of types, which gives readable validation errors."""
    if node.get("anyOf") == INT_OR_STRING_TYPES:
        del result["anyOf"]
    result["type"] = ["integer", "string"]


def _bound(result: Schema, bits: int) -> None:
    """Keep a whole number within what the API server can hold."""
    result.setdefault("minimum", -(2**bits))
    result.setdefault("maximum", 2**bits - 1)


def shape(node: Any, definitions: Definitions) -> Schema:
    """Return which fields there are and of which type, without what they may hold."""
    if "$ref" in node:
        return shape(definitions.get(node["$ref"].removeprefix(REF_PREFIX)), definitions)
    kept = {"type", "additionalProperties", "items", "properties", PRESERVE_UNKNOWN}
    copy = map_subschemas(node, lambda _keyword, child: shape(child, definitions))
    return {key: value for key, value in copy.items() if key in kept}


def _portable(pattern: str) -> str:
    """Return a pattern that all JSON Schema validators understand."""
    portable = PORTABLE_PATTERNS.get(pattern, pattern)
    if "(?" in portable:
        raise ConversionError(f"no portable form is known for the pattern {pattern}")
    return portable


def _allow_null(result: Schema) -> None:
    """Let a nullable field be null: OpenAPI has a flag for what JSON Schema calls a type."""
    kinds = result.get("type", [])
    if kinds:
        result["type"] = [*(kinds if isinstance(kinds, list) else [kinds]), "null"]
    if "enum" in result:
        result["enum"] = [*result["enum"], None]


def _relax_defaulted(result: Schema, properties: Mapping[str, Schema]) -> None:
    """Stop requiring fields with a default: the API server fills them in before it validates."""
    required = [
        name for name in result.get("required", []) if "default" not in properties.get(name, {})
    ]
    result.pop("required", None)
    if required:
        result["required"] = sorted(required)


def references(node: Any) -> Iterator[str]:
    """Yield the names of all definitions that a schema refers to directly."""
    if isinstance(node, dict):
        # JSONSchemaProps has a *property* called $ref, whose value is a schema, not a name.
        if isinstance(node.get("$ref"), str):
            yield node["$ref"].removeprefix(REF_PREFIX)
        for value in node.values():
            yield from references(value)
    elif isinstance(node, list):
        for value in node:
            yield from references(value)


class Definitions:
    """The definitions of the Kubernetes OpenAPI document, converted when they are needed."""

    def __init__(self, openapi: Mapping[str, Any]) -> None:
        """Take the parsed OpenAPI (Swagger 2.0) document."""
        self._source: Mapping[str, Schema] = openapi["definitions"]

    def get(self, name: str) -> Schema:
        """Return one converted definition."""
        schema = convert(DEFINITION_OVERRIDES.get(name, self._source[name]))
        if name == RESOURCES and CLAIMED_RESOURCES not in self._source:
            return schema  # before Kubernetes 1.29 those of a container and of a claim are one
        return constrained(name, schema)

    def closure(self, schema: Schema) -> dict[str, Schema]:
        """Return every definition that a schema needs, directly or through others."""
        found: dict[str, Schema] = {}
        pending = set(references(schema))
        while pending:
            name = pending.pop()
            found[name] = self.get(name)
            pending |= set(references(found[name])) - found.keys()
        return found

    def _named(self, group: str, version: str, kind: str) -> str | None:
        wanted = {"group": group, "version": version, "kind": kind}
        for name, definition in self._source.items():
            if definition.get("x-kubernetes-group-version-kind") == [wanted]:
                return name
        return None

    def has(self, group: str, version: str, kind: str) -> bool:
        """Return whether there is such a built-in kind."""
        return self._named(group, version, kind) is not None

    def of_kind(self, group: str, version: str, kind: str) -> Schema:
        """Return the converted top-level definition of a built-in kind."""
        name = self._named(group, version, kind)
        if name is None:
            raise ConversionError(f"no definition for {kind} in {group or 'core'}/{version}")
        return self.get(name)

    def object_meta(self, group: str, kind: str) -> Schema:
        """Return ObjectMeta for the top level of a document."""
        return merged(self.get(OBJECT_META), metadata_of(group, kind))


def document(
    schema: Schema,
    group: str,
    version: str,
    kind: str,
    definitions: Definitions,
    *,
    writes_status: bool = True,
) -> Schema:
    """Complete the converted schema of a kind: identity, metadata, status and definitions."""
    properties = dict(schema["properties"])
    properties["apiVersion"] = {"const": f"{group}/{version}" if group else version}
    properties["kind"] = {"const": kind}
    properties["metadata"] = definitions.object_meta(group, kind)
    if writes_status and "status" in properties:
        # Controllers write the status: what somebody else puts there is read, and ignored.
        properties["status"] = shape(properties["status"], definitions)
    required = {*schema.get("required", []), "apiVersion", "kind", "metadata"}
    result = {**schema, "properties": properties, "required": sorted(required)}
    result |= {"$schema": DIALECT, "type": "object"}
    needed = definitions.closure(result)
    return {**result, "definitions": needed} if needed else result


def file_name(group: str, version: str, kind: str) -> str:
    """Return the file name in kubeconform's scheme `{{.ResourceKind}}{{.KindSuffix}}.json`."""
    parts = [kind, group.partition(".")[0], version] if group else [kind, version]
    return "-".join(parts).lower() + ".json"


def crd_documents(crd: Mapping[str, Any], definitions: Definitions) -> dict[str, Schema]:
    """Return the JSON Schemas for all served versions of a CustomResourceDefinition by file."""
    spec = crd["spec"]
    group, kind = spec["group"], spec["names"]["kind"]
    found = {}
    for version in spec["versions"]:
        if version["served"]:
            schema = convert(version["schema"]["openAPIV3Schema"])
            parts = version.get("subresources", {})
            if "scale" in parts:
                _scalable(schema, parts["scale"]["specReplicasPath"])
            found[file_name(group, version["name"], kind)] = document(
                schema, group, version["name"], kind, definitions, writes_status="status" in parts
            )
    return found


def _scalable(schema: Schema, path: str) -> None:
    """Keep the number of replicas within what `scale` can say."""
    node = schema
    for key in path.strip(".").split("."):
        node = node["properties"][key]
    node |= {"minimum": max(0, node["minimum"]), "maximum": min(2**31 - 1, node["maximum"])}
