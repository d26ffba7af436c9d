"""The table of kinds: whatever is rendered has a row that says all that others ask for."""

from functools import cache

import pytest
import yaml
from support import REPOSITORY

from generator.common.kinds import KINDS, Kind, apply_rank, kind_of, names_of
from generator.common.paths import EXTRA

_SEVERAL_GROUPS = ("KafkaBackup", "KafkaBackupValidation", "KafkaRestore", "KafkaOffsetReset",
                   "KafkaOffsetRollback")  # fmt: skip
"""Two operators have kinds of these names."""


@cache
def _rendered() -> dict[str, set[str]]:
    """The apiVersions of every kind that a golden or a shipped environment shows."""
    found: dict[str, set[str]] = {}
    texts = [file.read_text() for file in (REPOSITORY / "rendered").rglob("*.yaml")
             if file.parent.name != EXTRA]  # fmt: skip
    for golden in (REPOSITORY / "tests/golden").glob("*.rendered.yaml"):
        parts = golden.read_text().split("# --- ")
        texts += [
            part.partition("\n")[2] for part in parts if f"/{EXTRA}/" not in part.partition("\n")[0]
        ]
    for body in (yaml.load(text, yaml.CSafeLoader) for text in texts):
        if body:
            found.setdefault(body["kind"], set()).add(body["apiVersion"])
    return found


def _missing_columns(kind: Kind) -> list[str]:
    """What a row must still say before the kind may be rendered."""
    if not kind.known:
        return ["a row in generator/common/kinds.py"]
    return [column for column in ("wave", "restarts") if getattr(kind, column) is None]


@pytest.mark.parametrize("kind", sorted(_rendered()))
def test_what_is_rendered_has_a_whole_row(kind: str) -> None:
    """A new kind fails here with the columns that it lacks, and nowhere with a KeyError."""
    argo = kind in ("Application", "AppProject")  # they have waves among themselves
    lacks = [] if argo else _missing_columns(kind_of(kind))
    assert lacks == [], f"{kind} lacks {', '.join(lacks)}"
    if kind not in _SEVERAL_GROUPS:
        assert _rendered()[kind] == {kind_of(kind).api_version}


def test_kinds_are_there_once() -> None:
    """One place for each fact."""
    names = [kind.name for kind in KINDS]

    assert sorted(set(names)) == sorted(names)


def test_columns_are_read_as_lists() -> None:
    """Rooms ask by column, in the order of the rows."""
    assert names_of("pods") == ("KafkaConnect", "KafkaMirrorMaker2", "KafkaBridge")
    assert kind_of("KafkaConnector").of == "KafkaConnect"
    assert apply_rank("Namespace") < apply_rank("ConfigMap") < apply_rank("Job")
    assert apply_rank("Kafka") == apply_rank("Sundial") > apply_rank("APIService")


def test_nothing_is_known_of_a_kind_without_row() -> None:
    """Whoever asks is told so, and claims nothing."""
    assert _missing_columns(kind_of("Sundial")) == ["a row in generator/common/kinds.py"]
    assert (kind_of("Sundial").known, kind_of("Sundial").restarts) == (False, None)


@pytest.mark.parametrize(
    "kind", [kind for kind in KINDS if kind.rebuild], ids=lambda kind: kind.name
)
def test_order_of_a_rebuild_has_no_two_of_a_rank(kind: object) -> None:
    """Each has a place of its own."""
    ranks = [each.rebuild for each in KINDS if each.rebuild]

    assert ranks.count(getattr(kind, "rebuild")) == 1  # noqa: B009
