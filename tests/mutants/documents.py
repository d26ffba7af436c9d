"""Real documents, and mutants of them: each differs from its original in one place, or in a few."""

import json
import random
import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

_ROOT = Path(__file__).parents[2]
_SPELLED = Path(__file__).with_name("kubernetes.yaml")
"""What no intent here renders: the built-in kinds that have a schema, one document each."""

_HEADING = re.compile("^# --- .*$", re.MULTILINE)
"""What stands above each document of a golden."""

Place = tuple[str | int, ...]
Document = dict[str, Any]


@dataclass(frozen=True)
class Mutant:
    """A document, and in words what became of it."""

    document: Document
    what: str


@cache
def originals() -> dict[str, list[Document]]:
    """By kind: rendered/, the goldens, and the spelled ones."""
    files = [*sorted((_ROOT / "rendered").rglob("*.yaml")), _SPELLED]
    files += sorted((_ROOT / "tests/golden").glob("*.rendered.yaml"))
    found: dict[str, list[Document]] = defaultdict(list)
    for file in files:
        for text in _HEADING.split(file.read_text(encoding="utf-8")):
            for document in yaml.load_all(text, yaml.CSafeLoader):
                if document is not None:
                    found[f"{document['apiVersion']} {document['kind']}"].append(document)
    return dict(sorted(found.items()))


def mutants(seed: int, count: int, kinds: Callable[[str], bool]) -> Iterator[Mutant]:
    """As many mutants as asked for; the same seed gives the same, each kind its share."""
    chooser = random.Random(seed)
    known = [kind for kind in originals() if kinds(kind)]
    for _ in range(count):
        document = copy_of(chooser.choice(originals()[chooser.choice(known)]))
        told = [_change(document, chooser)]
        while chooser.random() < 0.1:
            told.append(_change(document, chooser))
        yield Mutant(document, "; ".join(told))


def copy_of(document: Any) -> Any:
    """A document of its own, or a part of one."""
    return json.loads(json.dumps(document))


def places(node: Any, here: Place = ()) -> Iterator[Place]:
    """Every place of a document, the document itself first."""
    yield here
    children = (
        node.items()
        if isinstance(node, dict)
        else enumerate(node)
        if isinstance(node, list)
        else ()
    )
    for key, child in children:
        yield from places(child, (*here, key))


def at(node: Any, place: Place) -> Any:
    """What stands at a place."""
    for key in place:
        node = node[key]
    return node


def _change(document: Document, chooser: random.Random) -> str:
    if chooser.random() < 0.25:
        metadata = document.setdefault("metadata", {})
        if isinstance(metadata, dict):
            key, make = chooser.choice(_METADATA)
            value = make(chooser)
            if isinstance(value, dict) and isinstance(metadata.get(key), dict):
                metadata[key] |= value
            else:
                metadata[key] = value
            return f"metadata.{key} = {_short(value)}"
    if chooser.random() < 0.02:
        document["status"] = chooser.choice([{}, None, {"a": 1}, {"conditions": "x"}, "done"])
        return f"status = {_short(document['status'])}"
    return change(document, chooser, _known)


def change(document: Any, chooser: random.Random, known: Callable[[], list[Any]]) -> str:
    """Change one place; what is said there elsewhere is taken from `known`. Tells what was done."""
    place = chooser.choice([each for each in places(document) if each] or [("kind",)])
    parent = at(document, place[:-1])
    return f"{'.'.join(map(str, place))}: {_mutate(parent, place[-1], chooser, known)}"


@cache
def _known() -> list[Any]:
    return [each for documents in originals().values() for each in documents]


def _mutate(parent: Any, key: Any, chooser: random.Random, known: Callable[[], list[Any]]) -> str:
    value = parent.get(key) if isinstance(parent, dict) else parent[key]
    if chooser.random() < 0.3:
        return _structure(parent, key, chooser, known)
    if chooser.random() < 0.3:
        changed = chooser.choice(_ANY)
    elif isinstance(value, bool):
        changed = chooser.choice([not value, str(value).lower(), int(value)])
    elif isinstance(value, int | float):
        changed = chooser.choice(
            [
                -1,
                0,
                1,
                value + 1,
                -value,
                value * 1000,
                str(value),
                value + 0.5,
                2**31 - 1,
                2**31,
                2**32,
                2**63 - 1,
                2**63,
                10**19,
                65536,
            ]
        )
    elif isinstance(value, str):
        changed = chooser.choice(_TEXTS)(value)
    elif isinstance(value, list):
        changed = chooser.choice(
            [
                [],
                value + value[:1],
                value[1:],
                value[::-1],
                {},
                [None],
                [*value, "x"],
                [*value, 1],
                value[:1] * 3,
            ]
        )
    elif isinstance(value, dict):
        changed = chooser.choice(
            [
                {},
                [],
                [value],
                value | {"": ""},
                value | {"Not A Key!": "x"},
                value | {"x" * 300: "x"},
                value | {"unheard-of": "x"},
            ]
        )
    else:
        changed = chooser.choice(_ANY)
    parent[key] = changed
    return f"{_short(value)} becomes {_short(changed)}"


def _structure(
    parent: Any, key: Any, chooser: random.Random, known: Callable[[], list[Any]]
) -> str:
    if isinstance(parent, list):
        if chooser.random() < 0.5:
            parent.insert(key, copy_of(parent[key]))
            return "twice"
        del parent[key]
        return "gone"
    what = chooser.choice(["gone", "misspelt", "case", "other", "beside"])
    if what == "gone":
        del parent[key]
    elif what == "misspelt":
        parent[f"{key}x"] = parent.pop(key)
    elif what == "case":
        parent[str(key)[:1].swapcase() + str(key)[1:]] = parent.pop(key)
    elif what == "beside":
        parent[chooser.choice(_BESIDE)] = parent[key]
    else:
        values = _values_of(key, known)
        parent[key] = copy_of(chooser.choice(values)) if values else None
        what = f"as elsewhere, {_short(parent[key])}"
    return what


@cache
def _values_of(key: str, known: Callable[[], list[Any]]) -> list[Any]:
    """What the documents say under a key, wherever it stands."""
    found = {
        json.dumps(at(document, place))
        for document in known()
        for place in places(document)
        if place and place[-1] == key
    }
    return [json.loads(each) for each in sorted(found) if len(each) < 3000]


def _short(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 60 else f"{text[:50]}… ({len(text)})"


_ANY: list[Any] = [
    None, "", 0, -1, True, False, 1.5, 2**63, [], {}, [""], [None], {"a": None}, "x" * 300, "yes", "10s",
    "-", "2026-01-01T00:00:00Z", 1e30,
]  # fmt: skip
_BESIDE = ("name", "labels", "replicas", "optional", "value", "type", "key", "enabled")
_TEXTS: list[Callable[[str], Any]] = [
    lambda _: "",
    lambda text: text.upper(),
    lambda text: text + "!",
    lambda text: f" {text}",
    lambda text: text + "-",
    lambda text: text + "\n",
    lambda text: text.replace("-", "_"),
    lambda text: text.replace("-", "."),
    lambda text: text * 20,
    lambda text: (text * 300)[:253],
    lambda text: (text * 300)[:201],
    lambda text: (text * 70)[:64],
    lambda text: (text * 70)[:63],
    lambda text: text[:1],
    lambda text: text[::-1],
    lambda text: text + "é",
    lambda text: text + "/x",
    lambda _: "5",
    lambda _: 5,
    lambda _: "Not a name",
]
_NAMES = [
    "a", "A", "a_b", "a.b", "-a", "a-", "a..b", "1a", "a b", "", "a" * 63, "a" * 64, "a" * 201, "a" * 253, "a" * 254,
    "a/b", "a%b", "a:b", ".", "..", "ä", "1", 1, None, "kube-system", "a.-b", "a" * 52, "a" * 53, "a" * 58,
]  # fmt: skip
_METADATA: list[tuple[str, Callable[[random.Random], Any]]] = [
    ("name", lambda chooser: chooser.choice(_NAMES)),
    ("name", lambda chooser: chooser.choice(_NAMES)),
    ("namespace", lambda chooser: chooser.choice(_NAMES)),
    ("namespace", lambda chooser: chooser.choice(_NAMES)),
    ("labels", lambda chooser: {_key(chooser): _label(chooser)}),
    ("annotations", lambda chooser: {_key(chooser): chooser.choice(["", "a b", None, 1, True, "ä", "x" * 5000])}),
    ("annotations", lambda chooser: {"a": "x" * chooser.choice([2**18 - 5000, 2**18 - 1, 2**18, 2**18 + 10])}),
    ("creationTimestamp", lambda chooser: chooser.choice(_TIMES)),
    ("deletionTimestamp", lambda chooser: chooser.choice(_TIMES)),
    ("deletionGracePeriodSeconds", lambda chooser: chooser.choice([0, 30, -1, None, "x"])),
    ("generateName", lambda chooser: chooser.choice(_NAMES)),
    ("generation", lambda chooser: chooser.choice([1, -1, 2**63, "1", None])),
    ("finalizers", lambda chooser: chooser.choice(
        [["a"], ["a/b"], ["a.b/c"], ["foregroundDeletion"], [""], ["A B"], None, ["a.b/c", "a.b/c"], ["orphan", "foregroundDeletion"]])),
    ("ownerReferences", lambda chooser: [
        {"apiVersion": "v1", "kind": "Pod", "name": "a", "uid": "b"} | chooser.choice(_OWNERS)
        for _ in range(chooser.choice([1, 1, 2]))]),
    ("managedFields", lambda chooser: chooser.choice([[], None, [{"manager": "x", "operation": "Apply"}]])),
    ("selfLink", lambda chooser: chooser.choice(["/x", None, ""])),
    ("unheardOf", lambda _: "x"),
]  # fmt: skip
_OWNERS: list[dict[str, Any]] = [
    {}, {"controller": True}, {"uid": ""}, {"name": ""}, {"kind": ""}, {"apiVersion": ""}, {"apiVersion": "a/b/c"},
    {"blockOwnerDeletion": None}, {"kind": "Event"}, {"x": 1}, {"uid": "c"},
]  # fmt: skip
_TIMES: list[Any] = ["yesterday", "2026-01-01T00:00:00Z", None, "", "2026-01-01", 5, "2026-13-01T00:00:00Z",
          "2026-01-01T00:00:00.5+01:00", "2026-01-01t00:00:00z"]  # fmt: skip


def _key(chooser: random.Random) -> str:
    return chooser.choice([
        "a", "a/b", "a.b/c", "A.b/c", "a/b/c", "/a", "a/", "", "a b", "a_b", "_a", "a-", "x" * 63, "x" * 64,
        "ä", f"{'x' * 253}/a", f"{'x' * 254}/a", "a..b/c", "1", "A/b", "argocd.argoproj.io/Hook", "a:b", "-a/b",
    ])  # fmt: skip


def _label(chooser: random.Random) -> Any:
    return chooser.choice(
        ["", "a", "a b", "a_b", "_a", "a.", "x" * 63, "x" * 64, "ä", None, 1, True, "a/b"]
    )
