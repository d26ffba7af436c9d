"""What a change of the engine's config does to a backup's set, however the config is written."""

import pytest

from generator.common.changes import MISSING
from generator.plan.change import FieldChange, Impact
from generator.plan.impact.backups.effects import of_config

ROWS = """
mode: backup
backup_id: daily
source: {topics: {include: [a, b]}}
storage: {backend: s3, bucket: b00}
backup: {retention: {max_age: 7d, keep_segments: 2}}
"""
LINES = """
# The same, as somebody else would write it.
backup:
    retention:
        keep_segments: 2
        max_age: "7d"   # a week
source:
    topics:
        include:
        - b
        - 'a'
storage:
    bucket: b00
    backend: s3
backup_id: 'daily'
mode: "backup"
"""


def _told(before: object, after: object) -> list[str]:
    field = FieldChange(("data", "backup.yaml"), before, after)
    return [f"{each.impact}: {each.text}" for each in of_config(field)]


def test_another_style_changes_nothing() -> None:
    """Order, quotes, comments and braces."""
    assert _told(ROWS, LINES) == _told(LINES, ROWS) == []


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("[a, b]", "[a]", f"{Impact.DYNAMIC}: b is not added to this set any more; what it has stays"),
        ("[a, b]", "[a, b, c]", f"{Impact.DYNAMIC}: c is read from the beginning by the next run"),
        ("max_age: 7d", "max_age: 6d", f"{Impact.DATA_LOSS}: after the next run, segments that are older"
         " or more than that are dropped from the set"),
        ("keep_segments: 2", "keep_segments: 3", f"{Impact.DYNAMIC}: it keeps more segments than before"),
        ("b00", "b01", f"{Impact.DYNAMIC}: the next run begins a new set; the one there is stays as it is"),
        ("daily", "hourly",
         f"{Impact.DYNAMIC}: the next run begins a new set; the one there is stays as it is"),
    ],
)  # fmt: skip
def test_what_decides_is_told(old: str, new: str, expected: str) -> None:
    """Whatever style it is in: no line of these begins where ours would."""
    assert _told(ROWS, ROWS.replace(old, new)) == [expected]


def test_a_config_that_goes_ends_its_set() -> None:
    """Nothing is added to the set any more."""
    assert len(_told(ROWS, MISSING)) == 1


def test_what_steps_of_ours_read_is_no_config() -> None:
    """Though it says where the set lies."""
    assert _told(MISSING, '{"backupId": "daily", "storage": {"backend": "s3"}}') == []


def test_scripts_are_no_configs() -> None:
    """What a restore reads beside its config is nothing of a set."""
    assert _told("#!/bin/sh\nset -e: [", "#!/bin/sh\nset -u: [") == []
