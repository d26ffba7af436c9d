"""`strimzi-verify run` and `dump` on backup sets that lie in folders of this machine."""

import json
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
from backup_sets import Writer
from checks.backup_answers import ENDS, backup, desired
from checks.kafka_answers import git

from generator.contract.settings import CONFIG_MAP, KEY, BackupRun, BackupStorage
from verify.cli.main import run

Say = Callable[..., tuple[int, str, str]]
OFFLINE = ("--no-kubernetes", "--only", "backup-manifest,backup-segments,backup-integrity")

BAD = """\
dev: cluster events in namespace kafka-dev

backup
  pass     backup-manifest   business: {folder}/business: 2 topics, 3 segments
  fail     backup-segments   business: 1 segment missing: business/topics/prices/partition=0/segment-00000000000000000000.bin.zst
      remedy: take rules that delete single files off the bucket, and use retention: of the backup instead; get the segments back from the bucket's versions, or start a new set: kubectl -n kafka-dev create job --from=cronjob/backup-business backup-business-again.
  pass     backup-integrity  business: 2 of 3 segments read
"""


def _render(root: Path, **backups: BackupRun) -> None:
    settings = msgspec.json.encode(desired(**backups).settings).decode()
    config = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": CONFIG_MAP},
              "data": {KEY: settings}}  # fmt: skip
    folder = root / "rendered/dev"
    folder.mkdir(parents=True, exist_ok=True)
    for number, body in enumerate((*git().objects, config)):
        (folder / f"{number}.yaml").write_text(json.dumps(body))


@pytest.fixture
def say(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Say:
    """Run `strimzi-verify` on a project that renders the usual backup; exit code, stdout, stderr."""
    for name in ("KUBECONFIG", "KUBERNETES_SERVICE_HOST"):
        monkeypatch.delenv(name, raising=False)
    _render(tmp_path, business=backup())

    def call(*arguments: object) -> tuple[int, str, str]:
        capsys.readouterr()
        code = run(["--root", str(tmp_path), *map(str, arguments)])
        out, err = capsys.readouterr()
        return code, out, err

    return call


@pytest.fixture
def set_(tmp_path: Path) -> Writer:
    """A set of now, in a folder of its own."""
    import time

    writer = Writer(tmp_path / "copy")
    writer.run(ENDS, time.time() - 60)
    return writer


def test_a_copy_is_judged_on_a_laptop(say: Say, set_: Writer) -> None:
    """Without any cluster."""
    path = ("--backup-path", f"business={set_.root}")
    code, out, _ = say("run", "dev", *OFFLINE, *path)
    assert (code, out.splitlines()[-1][-16:]) == (0, "healthy (exit 0)")

    set_.files("prices")[0].unlink()
    code, out, _ = say("run", "dev", *OFFLINE, *path)
    expected = BAD.format(folder=set_.root).splitlines()[1:]
    assert (code, out.splitlines()[1 : 1 + len(expected)]) == (5, expected)


def test_a_storage_cannot_be_reached(
    say: Say, set_: Writer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """That is unknown, and so is the verdict, however well other backups are."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "any")
    other = backup(storage=BackupStorage("s3", bucket="b", endpoint="http://127.0.0.1:1"))
    _render(tmp_path, business=backup(), other=other)
    code, out, _ = say("run", "dev", *OFFLINE, "--backup-path", f"business={set_.root}")

    assert code == 2
    assert "\n  other: s3://b: http://127.0.0.1:1/b cannot be reached\n" in out


def test_more_or_fewer_segments_are_read(say: Say, set_: Writer) -> None:
    """As many as are wanted."""
    paths = ("--backup-path", f"business={set_.root}")
    for sample, read in (("all", 3), ("1", 1), ("0", 0), ("999", 3)):
        _, out, _ = say("run", "dev", *OFFLINE, *paths, "--backup-sample", sample)
        assert f"{read} of 3 segments read" in out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--backup-path", "business"), "'business' is not NAME=DIR, such as business=/mnt/backups"),
        (("--backup-path", "business=/nowhere"), "there is no folder /nowhere"),
        (("--backup-path", "busines=/tmp"), "there is no backup 'busines', but business"),
        (("--backup-sample", "some"), "'some' is neither a number nor all"),
        (("--backup-sample", "-1"), "'-1' is neither a number nor all"),
    ],
)  # fmt: skip
def test_wrong_usage(say: Say, arguments: tuple[str, ...], words: str) -> None:
    """Is told before anybody is asked."""
    code, out, err = say("run", "dev", *OFFLINE, *arguments)

    assert (code, out) == (64, "")
    assert words in err


def test_dump_holds_backups(say: Say, set_: Writer, tmp_path: Path) -> None:
    """So that they can be judged where no storage is to be reached."""
    paths = ("--backup-path", f"business={set_.root}")
    file = tmp_path / "dump.json"
    code, _, _ = say("dump", "dev", file, "--no-kubernetes", "--bootstrap", "127.0.0.1:1", *paths)
    assert code == 2  # Kafka is not there

    set_.files("prices")[0].unlink()
    code, out, _ = say("run", "dev", "--only", "backup-manifest,backup-segments,backup-state",
                       "--from-dump", file)  # fmt: skip
    assert (code, out.splitlines()[-1][-16:]) == (0, "healthy (exit 0)")
