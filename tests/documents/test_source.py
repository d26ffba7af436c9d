"""Reading YAML: only what all YAML readers agree on, with a place for everything wrong."""

from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from generator.common.finding import FindingsError
from generator.documents.source import MAX_FILE_BYTES, Source, list_files, read_text
from generator.documents.strict_yaml import read_strictly


def findings(text: str) -> list[str]:
    """What is wrong with a text, as `line:column [rule] message`."""
    try:
        Source("f.yaml", text).data  # noqa: B018 (reading is what is tested)
    except FindingsError as error:
        return [f"{f.line}:{f.column} [{f.rule}] {f.message}" for f in error.findings]
    return []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a: 1\na: 2\n", "2:1 [duplicate-key] 'a' is here twice, first at 1:1"),
        ("a: {b: 1, b: 2}\n", "1:11 [duplicate-key] 'b' is here twice, first at 1:5"),
        ("x: &x {a: 1}\nz:\n  <<: *x\n", "3:3 [merge-key] a YAML merge key (<<)"),
        ("a: on\n", "1:4 [ambiguous-scalar] on is read differently by different YAML versions"),
        ("a: 010\n", "1:4 [ambiguous-scalar] 010 is read differently by different YAML versions"),
        ("a: 1:30\n", "1:4 [ambiguous-scalar] 1:30 is read differently by different YAML versions"),
        ("a: 1_000\n", "1:4 [ambiguous-scalar] 1_000 is read differently by different YAML versions"),
        ("a: 1e3\n", "1:4 [ambiguous-scalar] 1e3 is read differently by different YAML versions"),
        ("a: 0x1F\n", "1:4 [ambiguous-scalar] 0x1F is read differently by different YAML versions"),
        ("a: .5\n", "1:4 [ambiguous-scalar] .5 is read differently by different YAML versions"),
        ("no: 1\n", "1:1 [ambiguous-scalar] no is read differently by different YAML versions"),
        ("1: a\n", "1:1 [non-string-key] the key 1 is not read as text"),
        ("true: a\n", "1:1 [non-string-key] the key true is not read as text"),
        ("? [a]\n: b\n", "1:3 [non-string-key] a mapping or list used as a key"),
        ("a: !!str 1\n", "1:4 [yaml-tag] a tag (tag:yaml.org,2002:str)"),
        ("a: !foo {b: 1}\n", "1:4 [yaml-tag] a tag (!foo)"),
        ("a: 1\n---\nb: 2\n", "2:1 [yaml-syntax] a second document starts here"),
        ("a: *b\n", "1:4 [yaml-syntax] the alias *b is not defined before this line"),
        ("a: &b [*b]\n", "1:8 [yaml-syntax] the alias *b contains itself"),
        ("[" * 41 + "]" * 41, "1:41 [yaml-limit] nested deeper than 40 levels"),
        ("[" * 3000, "1:41 [yaml-limit] nested deeper than 40 levels"),
        ("[{a: " * 3000, "1:101 [yaml-limit] nested deeper than 40 levels"),
        ("{a: " * 3000, "1:161 [yaml-limit] nested deeper than 40 levels"),
        ("- " * 3000, "1:81 [yaml-limit] nested deeper than 40 levels"),
        ("a:\n  - 'x'\n  - " + "[" * 3000, "3:43 [yaml-limit] nested deeper than 40 levels"),
        ("a: 'x\n", "1:4 [yaml-syntax] this is no YAML: what ' opens here is not closed"),
        ("a:\n\tb: 1\n", "2:1 [yaml-syntax] a tab indents this line, and YAML takes only spaces"),
    ],
)  # fmt: skip
def test_refused_with_place(text: str, expected: str) -> None:
    """Each form that readers disagree on, or that hides something, is refused where it stands."""
    assert findings(text) == [expected]


def test_everything_wrong_is_told_at_once() -> None:
    """One reading names every fault of a file."""
    assert len(findings("a: on\na: 1\nb: 010\n")) == 3


def test_quoted_text_is_never_ambiguous() -> None:
    """Quotes say that it is text, so nothing is refused."""
    text = 'a: "on"\nb: \'010\'\nc: "1:30"\nd: "null"\n'

    assert Source("f", text).data == {"a": "on", "b": "010", "c": "1:30", "d": "null"}


@pytest.mark.parametrize("depth", [29, 30, 39, 40, 41, 60, 200])
def test_depth_is_decided_by_us(depth: int) -> None:
    """Whichever reader is asked first, and whatever it would take."""
    for text in ("[" * depth + "]" * depth, "".join(f"{' ' * n}a:\n" for n in range(depth))):
        expected = ["yaml-limit"] if depth > 40 else []
        assert [each.split("[")[1].split("]")[0] for each in findings(text)] == expected


@pytest.mark.parametrize(
    "text",
    [
        f"a: '{'[' * 90}'\nb: [\n",  # quoted: no depth
        f"a: x{'[' * 90}\nb: [\n",  # plain: no depth
        f"[ # {'[' * 90}\n",
    ],
)
def test_brackets_that_open_nothing_are_no_depth(text: str) -> None:
    """A mistake in such a text is the mistake that is told."""
    (finding,) = findings(text)
    assert "[yaml-syntax]" in finding


def test_alias_repeats_a_value() -> None:
    """Plain aliases are fine within the limit."""
    assert Source("f", "a: &x [1, 2]\nb: *x\n").data == {"a": [1, 2], "b": [1, 2]}


def test_alias_bomb_is_refused() -> None:
    """Aliases that multiply are stopped long before memory runs out."""
    lines = ["l0: &l0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"l{n}: &l{n} [{', '.join([f'*l{n - 1}'] * 10)}]" for n in range(1, 9)]

    assert "yaml-limit" in findings("\n".join(lines))[0]


SCALARS = st.sampled_from(
    [
        "a",
        "abc",
        "1",
        "12",
        "-1",
        "+5",
        "0",
        "007",
        "1.5",
        "1.50",
        ".5",
        "5.",
        "1e3",
        "0x1F",
        "0o17",
        "0b1",
        "1_0",
        "1:30",
        "on",
        "off",
        "yes",
        "no",
        "y",
        "n",
        "Y",
        "true",
        "False",
        "TRUE",
        "null",
        "Null",
        "~",
        "7d",
        "10Gi",
        "4.3.1",
        "4.3",
        "2026-01-02",
        ".inf",
        "-.inf",
        ".nan",
        "=",
        "-",
        "--",
        "a:b",
        "a-b",
        "'on'",
        '"010"',
        "''",
        '""',
        "12345678901234567890",
        "''''",
    ]
)
KEYS = st.sampled_from(
    ["a", "b", "c.d", "e-f", "G_h", "'on'", '"1"', "x1", "on", "1", "true", "~", "4.3.1", "7d"]
)


def _document(draw: st.DrawFn, depth: int) -> str:
    kind = draw(st.sampled_from(["scalar", "map", "list"])) if depth else "scalar"
    if kind == "scalar":
        return draw(SCALARS)
    size = draw(st.integers(0, 3))
    if kind == "list":
        return "[" + ", ".join(_document(draw, depth - 1) for _ in range(size)) + "]"
    pairs = [f"{draw(KEYS)}: {_document(draw, depth - 1)}" for _ in range(size)]
    return "{" + ", ".join(pairs) + "}"


@st.composite
def documents(draw: st.DrawFn) -> str:
    """A block mapping of flow values, with keys and scalars that readers quarrel about."""
    size = draw(st.integers(1, 4))
    comment = draw(st.sampled_from(["", "# note on & off!\n"]))
    return comment + "".join(f"{draw(KEYS)}: {_document(draw, 2)}\n" for _ in range(size))


@settings(max_examples=600, deadline=None)
@given(documents())
def test_quick_and_careful_reader_agree(text: str) -> None:
    """Whatever the quick reader lets pass, the careful one reads to the same data, same types."""
    careful = read_strictly(text, "f")
    try:
        quick = Source("f", text).data
    except FindingsError as error:
        assert error.findings == careful.findings
        return
    assert careful.findings == []
    assert repr(quick) == repr(careful.data)


@settings(max_examples=300, deadline=None)
@given(documents())
def test_accepted_text_means_the_same_in_yaml_1_1(text: str) -> None:
    """What we accept, PyYAML's 1.1 resolver reads alike, dates (which stay text here) apart."""
    document = read_strictly(text, "f")
    if document.findings:
        return
    assert repr(yaml.load(text, _Dateless)) == repr(document.data)  # noqa: S506 (a SafeLoader)


class _Dateless(yaml.SafeLoader):
    """PyYAML's safe loader without its dates."""


_Dateless.yaml_implicit_resolvers = {
    first: [(tag, regexp) for tag, regexp in resolvers if not tag.endswith("timestamp")]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def test_places_are_known() -> None:
    """Keys, values and list items have line and column; an unknown path has its parent's."""
    document = read_strictly("a:\n  b: [x, yy]\n", "f")

    assert document.place(("a", "b")) == (2, 6)
    assert document.place(("a", "b"), on_key=True) == (2, 3)
    assert document.place(("a", "b", 1)) == (2, 10)
    assert document.place(("a", "c")) == (1, 1)


def test_file_that_is_not_utf8_is_refused(tmp_path: Path) -> None:
    """The line of the first wrong byte is named."""
    (tmp_path / "f").write_bytes(b"a: 1\nb: \xff\n")

    with pytest.raises(FindingsError) as caught:
        read_text(tmp_path / "f", "f")
    assert [(f.line, f.message) for f in caught.value.findings] == [(2, "not UTF-8 text")]


def test_file_beyond_the_limit_is_refused(tmp_path: Path) -> None:
    """A file larger than the limit is not read into memory."""
    with (tmp_path / "f").open("wb") as stream:
        stream.truncate(MAX_FILE_BYTES + 1)

    with pytest.raises(FindingsError) as caught:
        read_text(tmp_path / "f", "f")
    assert caught.value.findings[0].message == "larger than 32 MiB"


def test_links_out_of_the_folder_are_refused(tmp_path: Path) -> None:
    """Links to folders, to themselves and out of the root are each named."""
    root = tmp_path / "environments"
    (root / "dev").mkdir(parents=True)
    (tmp_path / "secret.yaml").write_text("a: 1\n")
    (root / "dev" / "out.yaml").symlink_to(tmp_path / "secret.yaml")
    (root / "dev" / "loop.yaml").symlink_to("loop.yaml")
    (root / "dev" / "folder").symlink_to("/etc")

    with pytest.raises(FindingsError) as caught:
        list_files(root / "dev", root, (".yaml",))
    assert [(f.file, f.message) for f in caught.value.findings] == [
        ("environments/dev/folder", "a symbolic link to a folder is not followed"),
        ("environments/dev/loop.yaml", "a symbolic link that leads to nothing or to itself"),
        ("environments/dev/out.yaml", "a symbolic link that leads out of environments/"),
    ]


def test_link_inside_the_root_is_read(tmp_path: Path) -> None:
    """A link from one layer to a file of another is a file like any other."""
    root = tmp_path / "environments"
    (root / "dev").mkdir(parents=True)
    (root / "topics.yaml").write_text("topics: {}\n")
    (root / "dev" / "topics.yaml").symlink_to("../topics.yaml")

    assert list_files(root / "dev", root, (".yaml",)) == [root / "dev" / "topics.yaml"]
