"""What is kept of a set, and when it is put back: every way in which a run may end or be interrupted."""

import json
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from backup_sets import Writer

from verify.collect.backups.guard.state import SetState, Settled
from verify.collect.backups.guard.writer import NoRoomError, WritableFolder
from verify.collect.backups.manifest import FaultError

_KEPT = "strimzi-gitops-proved-manifest.json"
_NOW = 1_700_000_000.0
_ENDS = {("orders", 0): 100, ("orders", 1): 40}
_LATER = {("orders", 0): 160, ("orders", 1): 90}


def _state(root: Path, *, retention: bool = False) -> SetState:
    deadline = time.monotonic() + 60
    return SetState(WritableFolder(root, deadline), "business", deadline, retention=retention)


@pytest.fixture
def proved(tmp_path: Path) -> Writer:
    """A set of one run that was proved."""
    writer = Writer(tmp_path)
    writer.run(_ENDS, _NOW)
    assert _state(tmp_path).settle().wrong == ()
    return writer


def _small(writer: Writer) -> dict[str, bytes]:
    names = ("manifest.json", "offsets.db", "consumer-groups-snapshot.json")
    return {name: (writer.folder / name).read_bytes() for name in names}


def _cut(file: Path) -> None:
    """As a full volume leaves a file whose error nobody saw."""
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])


def test_good_run_is_kept(proved: Writer) -> None:
    """What it wrote is what is put back from now on."""
    proved.run(_LATER, _NOW + 3600)
    settled = _state(proved.root).settle()

    assert (settled.wrong, settled.put_back) == ((), False)
    assert settled.manifest is not None
    assert settled.manifest.topics["orders"].partitions[0].through == 159
    assert (proved.folder / _KEPT).read_bytes() == (proved.folder / "manifest.json").read_bytes()


def _cut_manifest(writer: Writer) -> None:
    _cut(writer.folder / "manifest.json")


def _empty_manifest(writer: Writer) -> None:
    (writer.folder / "manifest.json").write_bytes(b"")


def _cut_segment(writer: Writer) -> None:
    _cut(writer.files("orders")[-1])


def _flip(writer: Writer) -> None:
    file = writer.files("orders")[-1]
    content = bytearray(file.read_bytes())
    content[5] ^= 1
    file.write_bytes(content)


def _lose_segment(writer: Writer) -> None:
    writer.files("orders")[-1].unlink()


def _forget(writer: Writer) -> None:
    """A manifest that could not be read half-way is replaced by what the run itself knows."""
    partition = writer.partition("orders", 0)
    partition["segments"] = partition["segments"][1:]
    writer.save(_NOW + 3700)


def _leave_hole(writer: Writer) -> None:
    segment = writer.segment(("orders", 0), 200, 210, _NOW + 3700)
    writer.partition("orders", 0)["segments"].append(segment)
    writer.save(_NOW + 3700)


def _write_twice(writer: Writer) -> None:
    segment = writer.segment(("orders", 0), 150, 170, _NOW + 3700)
    writer.partition("orders", 0)["segments"].append(segment)
    writer.save(_NOW + 3700)


SPOILED = {
    "manifest cut": (_cut_manifest, "manifest.json cannot be read"),
    "manifest empty": (_empty_manifest, "manifest.json is empty"),
    "segment cut": (_cut_segment, "has another size than the manifest says"),
    "segment flipped": (_flip, "has another checksum than the manifest says"),
    "segment lost": (_lose_segment, "is not there"),
    "segments forgotten": (_forget, "manifest.json no longer lists 1 segment"),
    "hole": (_leave_hole, "offsets 160 to 199 of orders[0] are in no segment"),
    "overlap": (_write_twice, "offsets 150 to 159 of orders[0] are in two segments"),
}


@pytest.mark.parametrize("name", SPOILED)
def test_spoiled_run_is_put_back(proved: Writer, name: str) -> None:
    """Manifest, offsets.db and groups are again what was proved, and no segment is removed."""
    spoil, words = SPOILED[name]
    before = _small(proved)
    proved.run(_LATER, _NOW + 3600, groups=5)
    spoil(proved)
    segments = proved.files()
    settled = _state(proved.root).settle()

    assert settled.put_back
    assert words in " ".join(settled.wrong)
    assert _small(proved) == before
    assert proved.files() == segments
    assert _state(proved.root).settle() == Settled(settled.manifest, ())


def test_put_back_needs_no_room(proved: Writer, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a volume on which nothing can be written any more."""
    before = _small(proved)
    proved.run(_LATER, _NOW + 3600)
    _cut_manifest(proved)

    def full(*_: object) -> None:
        raise NoRoomError

    monkeypatch.setattr(WritableFolder, "put", full)
    assert _state(proved.root).settle().put_back
    assert _small(proved) == before


def test_put_back_where_a_file_has_one_name_only(
    proved: Writer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Some file systems know no second names: then the copy itself is moved, and the next look keeps it anew."""
    before = _small(proved)
    proved.run(_LATER, _NOW + 3600)
    _cut_manifest(proved)

    def refuse(*_: object) -> None:
        raise PermissionError(1, "not permitted")

    monkeypatch.setattr(Path, "hardlink_to", refuse)
    assert _state(proved.root).settle().put_back
    assert _small(proved) == before
    assert _state(proved.root).settle().wrong == ()
    assert (proved.folder / _KEPT).read_bytes() == before["manifest.json"]


@pytest.mark.parametrize("name", ["offsets.db", "consumer-groups-snapshot.json"])
def test_small_file_is_put_back_by_itself(proved: Writer, name: str) -> None:
    """The engine cannot go on with a database that is cut; what the manifest lists is good all the same."""
    before = _small(proved)
    proved.run(_LATER, _NOW + 3600, groups=5)
    _cut(proved.folder / name)
    settled = _state(proved.root).settle()

    assert not settled.put_back
    assert [each.startswith(name) for each in settled.wrong] == [True]
    assert _small(proved)[name] == before[name]
    assert settled.manifest is not None
    assert settled.manifest.topics["orders"].partitions[0].through == 159


@pytest.mark.parametrize("spoil", [_cut_manifest, _empty_manifest])
def test_first_run_is_put_back_to_nothing(tmp_path: Path, spoil: Callable[[Writer], None]) -> None:
    """So that the next run begins anew; what it wrote is left alone."""
    state = _state(tmp_path)
    assert state.settle() == Settled(None)
    state.begin_empty()
    writer = Writer(tmp_path)
    writer.run(_ENDS, _NOW)
    spoil(writer)
    segments = writer.files()
    settled = _state(tmp_path).settle()

    assert (settled.manifest, settled.put_back) == (None, True)
    assert not (writer.folder / "manifest.json").exists()
    assert not (writer.folder / "offsets.db").exists()
    assert writer.files() == segments
    writer.manifest = {}
    writer.run(_ENDS, _NOW + 3600)
    assert _state(tmp_path).settle().wrong == ()


def test_run_that_matched_no_topic_is_put_back_to_nothing(tmp_path: Path) -> None:
    """The engine ends well, and its manifest lists no topic."""
    _state(tmp_path).begin_empty()
    writer = Writer(tmp_path)
    writer.run({}, _NOW)
    settled = _state(tmp_path).settle()

    assert settled.wrong == ("manifest.json lists no topic",)
    assert not (writer.folder / "manifest.json").exists()


def test_older_set_is_adopted_and_its_damage_told(tmp_path: Path) -> None:
    """A set from before there was a guard is not thrown away for a segment that is gone."""
    writer = Writer(tmp_path)
    writer.run(_ENDS, _NOW)
    writer.run(_LATER, _NOW + 3600)
    _lose_segment(writer)
    settled = _state(tmp_path).settle()

    assert not settled.put_back
    assert "is not there" in settled.wrong[0]
    assert (writer.folder / _KEPT).exists()


def test_copy_that_cannot_be_read_is_made_anew(proved: Writer) -> None:
    """Somebody has changed it, or a disk has: the set is what it is all the same."""
    (proved.folder / _KEPT).write_bytes(b"{")
    assert _state(proved.root).settle().wrong == ()
    assert (proved.folder / _KEPT).read_bytes() == (proved.folder / "manifest.json").read_bytes()


def test_older_set_that_is_distrusted_is_not_adopted(tmp_path: Path) -> None:
    """Nothing is written beside another topic's records."""
    writer = Writer(tmp_path)
    writer.run(_ENDS, _NOW)
    _state(tmp_path).settle(["another topic"])
    assert not (writer.folder / _KEPT).exists()


def test_older_set_without_a_manifest_is_refused(tmp_path: Path) -> None:
    """There is nothing that could be put back, and what its segments are nobody knows."""
    writer = Writer(tmp_path)
    writer.run(_ENDS, _NOW)
    _empty_manifest(writer)
    with pytest.raises(FaultError, match="is empty"):
        _state(tmp_path).settle()


def test_damage_from_before_takes_nothing_from_a_run(proved: Writer) -> None:
    """Somebody deleted a segment that was proved: what the run added is kept, and the damage is told."""
    proved.files("orders")[0].unlink()
    proved.run(_LATER, _NOW + 3600)
    settled = _state(proved.root).settle()

    assert not settled.put_back
    assert "segment-00000000000000000000.bin.zst) is not there" in settled.wrong[0]
    assert settled.manifest is not None
    assert settled.manifest.topics["orders"].partitions[0].through == 159


def test_distrusted_run_is_put_back(proved: Writer) -> None:
    """Whatever its files say: they are another topic's."""
    before = _small(proved)
    proved.run(_LATER, _NOW + 3600)
    settled = _state(proved.root).settle(["the topic orders was made again"])

    assert (settled.put_back, settled.wrong) == (True, ("the topic orders was made again",))
    assert _small(proved) == before


def test_distrust_is_nothing_to_a_set_that_has_not_changed(proved: Writer) -> None:
    """What was proved was right when it was."""
    assert _state(proved.root).settle(["another topic"]).put_back is False


def _pruned(writer: Writer) -> None:
    """As retention of the engine: the manifest first, then the files."""
    partition = writer.partition("orders", 0)
    (first, *partition["segments"]) = partition["segments"]
    partition["pruned"] = [{"start_offset": first["start_offset"], "end_offset": first["end_offset"]}]  # fmt: skip
    writer.save(_NOW + 3700)
    (writer.root / first["key"]).unlink()


def test_what_retention_dropped_is_not_forgotten(proved: Writer) -> None:
    """The manifest says so."""
    proved.run(_LATER, _NOW + 3600)
    _pruned(proved)

    assert _state(proved.root, retention=True).settle().wrong == ()


def test_put_back_leaves_out_what_retention_dropped(proved: Writer) -> None:
    """The run that is put back has deleted a file that the older manifest lists."""
    proved.run(_LATER, _NOW + 3600)
    assert _state(proved.root).settle().wrong == ()
    proved.run({place: end + 10 for place, end in _LATER.items()}, _NOW + 7200)
    _pruned(proved)
    _cut_manifest(proved)
    settled = _state(proved.root, retention=True).settle()

    assert settled.put_back
    (orders,) = json.loads((proved.folder / "manifest.json").read_text())["topics"]
    first, second = orders["partitions"]
    assert [each["start_offset"] for each in first["segments"]] == [100]
    assert (first["pruned"][0]["start_offset"], first["pruned"][0]["end_offset"]) == (0, 99)
    assert [each["start_offset"] for each in second["segments"]] == [0, 40]
    assert _state(proved.root, retention=True).settle().wrong == ()


@pytest.mark.parametrize("method", ["put", "put_back", "remove"])
@pytest.mark.parametrize("spoil", [None, _cut_manifest])
@pytest.mark.parametrize("survived", range(4))
def test_interrupted_at_any_write_the_next_look_ends_the_same(
    proved: Writer, monkeypatch: pytest.MonkeyPatch, method: str,
    spoil: Callable[[Writer], None] | None, survived: int,
) -> None:  # fmt: skip
    """Killed before any of the files is written: whoever looks next comes to what it would have come to."""
    before = _small(proved)
    proved.run(_LATER, _NOW + 3600, groups=5)
    after = _small(proved)
    if spoil:
        spoil(proved)
    real, calls = getattr(WritableFolder, method), []

    def die(*arguments: object) -> None:
        calls.append(arguments)
        if len(calls) > survived:
            raise KeyboardInterrupt
        real(*arguments)

    with monkeypatch.context() as patch:
        patch.setattr(WritableFolder, method, die)
        with suppress(KeyboardInterrupt):
            _state(proved.root).settle()
    _state(proved.root).settle()

    assert _small(proved) == (before if spoil else after)
    for name, content in _small(proved).items():
        assert (proved.folder / f"strimzi-gitops-proved-{name}").read_bytes() == content, name
    assert not list(proved.folder.glob(".*"))
