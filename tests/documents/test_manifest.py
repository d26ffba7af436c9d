"""The emitter: canonical text that every YAML reader reads alike, and the header that marks it."""

from typing import Any

import pytest
import ryaml
import yaml
import yaml12
from hypothesis import given, settings
from hypothesis import strategies as st

from generator.documents.manifest import emit, is_edited, is_rendered, with_header

TEXTS = st.one_of(
    st.text(max_size=40),
    st.sampled_from(
        ["on", "y", "NO", "null", "~", "", " ", "010", "1:30", "1e3", "0x1F", "4.3", "4.3.1", "7d",
         "10Gi", "500m", "2026-01-01", ".inf", "-", "- a", "a: b", "a #b", "#", "&a", "*a", "!a",
         "%a", "@a", "`a", "a\n", "a\nb", "\na", " a\nb", "a\n\n", "a\n b\n", "a \nb", "\t", "{", "}",
         "[", "]", "'", '"', "\\", "\u2028", "\ufeff", "\x7f", "\x85", "😀", "=", "<<", "a,b",
         "Prune=confirm,Delete=confirm", "key: |", "trailing ", "a\tb\nc", "---", "...", "a\r\nb"]
    ),
)  # fmt: skip
SCALARS = st.one_of(
    TEXTS,
    st.booleans(),
    st.none(),
    st.integers(-(2**63), 2**63 - 1),
    st.sampled_from([0.5, 1.25, -2.0]),
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=12,
)


@settings(max_examples=500, deadline=None)
@given(st.dictionaries(TEXTS, VALUES, min_size=1, max_size=5))
def test_text_reads_back_in_yaml_1_1_and_1_2(data: dict[str, Any]) -> None:
    """PyYAML (1.1) and two YAML 1.2 readers all read back exactly what was emitted."""
    text = emit(data)

    assert repr(_sorted(yaml.safe_load(text))) == repr(_sorted(data))
    assert repr(_sorted(ryaml.loads(text))) == repr(_sorted(data))
    assert repr(_sorted(yaml12.parse_yaml(text))) == repr(_sorted(data))


def _sorted(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _sorted(value[key]) for key in sorted(value)}
    return [_sorted(item) for item in value] if isinstance(value, list) else value


@settings(max_examples=200, deadline=None)
@given(st.dictionaries(TEXTS, VALUES, min_size=1, max_size=6), st.randoms())
def test_order_of_keys_does_not_matter(data: dict[str, Any], random: Any) -> None:
    """The same data in another order gives the same bytes."""
    keys = list(data)
    random.shuffle(keys)

    assert emit({key: data[key] for key in keys}) == emit(data)


def test_emitted_text_looks_as_people_write_it() -> None:
    """Kubernetes order, quotes only where they are needed, literal blocks for several lines."""
    data = {
        "spec": {
            "replicas": 3,
            "on": True,
            "version": "4.3.1",
            "empty": {},
            "none": [],
            "size": "10Gi",
        },
        "kind": "Kafka",
        "metadata": {"namespace": "kafka", "name": "a", "annotations": {"wave": "1"}},
        "apiVersion": "v1",
        "items": [{"value": "x y", "name": "first"}, [1, 2], "plain"],
        "script": "one\n  two\n\nthree\n",
    }

    assert emit(data) == (
        "apiVersion: v1\n"
        "kind: Kafka\n"
        "metadata:\n"
        "  name: a\n"
        "  namespace: kafka\n"
        "  annotations:\n"
        '    wave: "1"\n'
        "items:\n"
        "  - name: first\n"
        "    value: x y\n"
        "  - - 1\n"
        "    - 2\n"
        "  - plain\n"
        "script: |\n"
        "  one\n"
        "    two\n"
        "\n"
        "  three\n"
        "spec:\n"
        "  empty: {}\n"
        "  none: []\n"
        '  "on": true\n'
        "  replicas: 3\n"
        "  size: 10Gi\n"
        '  version: "4.3.1"\n'
    )


def test_edit_by_hand_is_seen() -> None:
    """The header carries the body's digest, so any change of the body shows."""
    text = with_header("a: 1\n")

    assert is_rendered(text)
    assert not is_edited(text)
    assert is_edited(text.replace(b"a: 1", b"a: 2"))


@pytest.mark.parametrize("text", [b"", b"a: 1\n", b"# a comment\na: 1\n", b"\xff"])
def test_foreign_text_is_not_ours(text: bytes) -> None:
    """Without the header a file does not belong to the renderer."""
    assert not is_rendered(text)
    assert not is_edited(text)
