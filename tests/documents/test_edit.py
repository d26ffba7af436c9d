"""An edit changes one value, and every other byte stays."""

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from generator.common.finding import FindingsError
from generator.documents.edit import with_value

WHERE = ("strimzi", "version")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("# all\nstrimzi:\n  version: 1.1.0   # pinned\n  namespace: x\n",
         "# all\nstrimzi:\n  version: 1.2.0   # pinned\n  namespace: x\n"),
        ("strimzi: {version: '1.1.0', namespace: x}  # one line\n",
         "strimzi: {version: '1.2.0', namespace: x}  # one line\n"),
        ("strimzi: {}\n", "strimzi: {version: 1.2.0}\n"),
        ("strimzi:\n  # where\n  namespace: x\n", "strimzi:\n  # where\n  version: 1.2.0\n  namespace: x\n"),
        ("strimzi:\n    version:\n", "strimzi:\n    version: 1.2.0\n"),
        ("strimzi:\n", "strimzi: {version: 1.2.0}\n"),
        ("a: 1  # first", "a: 1  # first\nstrimzi:\n  version: 1.2.0\n"),
        ("", "strimzi:\n  version: 1.2.0\n"),
        ("# only a comment\n", "# only a comment\nstrimzi:\n  version: 1.2.0\n"),
        ("{a: 1}\n", "{strimzi: {version: 1.2.0}, a: 1}\n"),
        ("strimzi: {<<: &x {b: 1}}\nc: *x\n", "strimzi: {version: 1.2.0, <<: &x {b: 1}}\nc: *x\n"),
    ],
)  # fmt: skip
def test_what_stays(before: str, after: str) -> None:
    """Comments, order, quoting of others and blank lines."""
    assert with_value(before, "x.yaml", WHERE, "1.2.0") == after


@pytest.mark.parametrize(
    "text",
    ["a: &x {version: 1}\nstrimzi: *x\n", "strimzi: &x {version: 1}\na: *x\n",
     "strimzi: [1]\n", "strimzi: {version: {a: 1}}\n", "strimzi: word\n"],
)  # fmt: skip
def test_what_is_left_to_people(text: str) -> None:
    """An alias would change more than was asked, and a list is no mapping."""
    with pytest.raises(FindingsError) as caught:
        with_value(text, "environments/x.yaml", WHERE, "1.2.0")

    (finding,) = caught.value.findings
    assert finding.file == "environments/x.yaml"
    assert finding.line > 0
    assert finding.fix == "write it by hand: strimzi: {version: 1.2.0}"


_KEYS = st.sampled_from(["a", "b", "c"])
_TREES = st.recursive(
    st.sampled_from(["1", "x y", "4.3.1"]),
    lambda inner: st.dictionaries(_KEYS, inner, max_size=3),
    max_leaves=8,
).filter(lambda tree: isinstance(tree, dict))


@given(_TREES, st.lists(_KEYS, min_size=1, max_size=3), st.booleans())
def test_only_that_value_changes(tree: object, path: list[str], flow: bool) -> None:
    """Whatever the tree looks like, or it is refused."""
    text = yaml.safe_dump(tree, default_flow_style=flow)
    try:
        edited = with_value(text, "x", path, "new")
    except FindingsError:
        return

    expected = yaml.safe_load(text)
    node = expected
    for key in path[:-1]:
        node = node.setdefault(key, {})
    node[path[-1]] = "new"
    assert yaml.safe_load(edited) == expected
