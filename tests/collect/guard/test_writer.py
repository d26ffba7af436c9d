"""What killed writers left half written goes, and nothing else."""

from pathlib import Path

from verify.collect.backups.guard.writer import WritableFolder

LEFT = (".segment-1.bin.zst.kb-tmp-12-3", "topics/a/.segment-2.kb-tmp-7-0", ".manifest.json.4711")
KEPT = (
    "manifest.json",
    "topics/a/segment-2",
    "restore-checkpoints/.x-1.json.kb-tmp-9-1",
    ".hidden",
    ".a.kb-tmp-",
    "a.12",
)


def test_half_written_files_go(tmp_path: Path) -> None:
    """Of a set alone; of a restore that may be at work, and of who knows whom, they stay."""
    for name in (*(f"set/{each}" for each in (*LEFT, *KEPT)), f"other/{LEFT[0]}"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    WritableFolder(tmp_path, float("inf")).tidy("set")
    WritableFolder(tmp_path, float("inf")).tidy("none")

    left = {
        each.relative_to(tmp_path / "set").as_posix()
        for each in (tmp_path / "set").rglob("*")
        if each.is_file()
    }
    assert left == {*KEPT}
    assert (tmp_path / "other" / LEFT[0]).exists()
