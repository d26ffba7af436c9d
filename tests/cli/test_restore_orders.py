"""A folder that `strimzi-gitops restore` wrote is read back with the limits that all YAML has."""

from pathlib import Path

import pytest
from support import Cli, Project

from generator.common.finding import FindingsError
from verify.cli.restore_orders import orders_in

BACKUP = "image: 'kafka-backup:v0.25.2', schedule: 0 2 * * *, storage: {pvc: {size: 1Gi}}"
INTENT = (
    "topics: {a: {backup: required}, b: {backup: required}}\n"
    "verify: {image: 'r/v:1', owner: team-a}\n"
    f"backups: {{x: {{{BACKUP}}}}}\n"
)
BOMB = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{new}: &{new} [{','.join([f'*{old}'] * 9)}]\n"
    for old, new in zip("abcdefg", "bcdefgh", strict=True)
)
"""Nine to the eighth, if aliases were followed."""


def test_what_was_written_is_read(project: Project, cli: Cli) -> None:
    """One order for each set, among the other objects of its file."""
    project.environment(INTENT.replace("schedule", "shards: 2, schedule"))
    folder = project.root / "made"
    assert cli("restore", "dev", "--out", str(folder), "--name", "now")[0] == 0

    orders = orders_in(folder)

    assert [each.name for each in orders] == ["now-x-0", "now-x-1"]
    assert {topic for each in orders for topic in each.topics} == {"a", "b"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (None, "holds no restore with steps of ours"),
        ("", "is no Kubernetes object"),
        ("a: [", "made.yaml"),
        (BOMB, "alias"),
        ("kind: ConfigMap\napiVersion: v1\nmetadata: {name: a}\ndata: {order.json: '{}'}\n", "cannot be read"),
        ("kind: ConfigMap\napiVersion: v1\nmetadata: {name: a}\ndata: {order.json: 7}\n", "cannot be read"),
        ("kind: ConfigMap\napiVersion: v1\nmetadata: {name: a}\ndata: [order.json]\n", "holds no restore"),
    ],
)  # fmt: skip
def test_what_is_none_is_told(tmp_path: Path, text: str | None, said: str) -> None:
    """With its place, and without a traceback."""
    if text is not None:
        (tmp_path / "made.yaml").write_text(text)

    with pytest.raises(FindingsError) as raised:
        orders_in(tmp_path)

    assert said in " ".join(f"{each.file} {each.message}" for each in raised.value.findings)
