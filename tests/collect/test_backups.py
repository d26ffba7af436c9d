"""Reading backup sets: what is read and what is not, hostile content, and who says where sets are."""

import json
import os
import time
from pathlib import Path
from typing import Any, Literal

import msgspec
import pytest
from backup_sets import Writer
from checks.backup_answers import ENDS, backup, good
from checks.kubernetes_objects import NOW_S
from hypothesis import given, settings
from hypothesis import strategies as some
from verify_fakes import Notes

from generator.contract.settings import BackupRun, BackupStorage, VerifySettings
from verify.collect.backups.look import ALL, Look
from verify.collect.backups.manifest import FaultError, Segment, groups, manifest
from verify.collect.backups.sample import chosen
from verify.collect.backups.sets import collect
from verify.collect.backups.state import state
from verify.live import dump
from verify.live.live import BackupSet, Cause, Gap, Live

FIELDS = {
    "manifest": {"backup_id", "created_at", "source_cluster_id", "source_brokers", "compression",
                 "topics", "isolation_level"},
    "topic": {"name", "original_partition_count", "source_replication_factor", "partitions"},
    "partition": {"partition_id", "segments", "covered_through", "snapshot_end_offset",
                  "high_watermark_at_capture"},
    "segment": {"key", "start_offset", "end_offset", "start_timestamp", "end_timestamp",
                "record_count", "uncompressed_size", "compressed_size", "sha256", "uploaded_at",
                "covered_start_offset", "covered_end_offset"},
}  # fmt: skip
"""What kafka-backup-core 0.25.2 wrote of a Kafka 4.3.1, by parts of its manifest."""


def read(
    folder: Path, asked: BackupRun | None = None, wait_s: float = 60, **look: Any
) -> BackupSet | Gap:
    """The set of the usual run below a folder, or why it was not read."""
    looked = Look(**({"mounted": folder} | look))
    found, gaps = collect({"business": asked or backup()}, looked, NOW_S, time.monotonic() + wait_s)
    assert found.keys() | gaps.keys() in ({"business"}, {"backups.business"})
    return found["business"] if found else gaps["backups.business"]


def whole(folder: Path, **more: Any) -> BackupSet:
    """The set, which can be read."""
    found = read(folder, **more)
    assert isinstance(found, BackupSet), found
    return found


def test_writer_writes_what_the_engine_writes(tmp_path: Path) -> None:
    """The same fields, so that tests of checks prove something."""
    said = json.loads((good(tmp_path).folder / "manifest.json").read_text())
    topic = said["topics"][0]
    partition = topic["partitions"][0]

    assert {
        "manifest": set(said),
        "topic": set(topic),
        "partition": set(partition),
        "segment": set(partition["segments"][0]),
    } == FIELDS


def test_what_is_known_of_a_set(tmp_path: Path) -> None:
    """Reduced to what checks need; a dump holds it."""
    good(tmp_path)
    found = whole(tmp_path, sample=ALL)

    assert (found.backup_id, found.fault, found.files, found.segments) == ("business", "", 9, 6)
    assert found.topics["orders"].count == 2
    partition = found.topics["orders"].partitions[0]
    assert (partition.segments, partition.through, partition.captured_end) == (2, 99, 100)
    assert (found.integrity.wanted, found.integrity.read) == (6, 6)
    assert found.state is not None
    assert (found.state.status, found.state.began_at_s) == ("completed", NOW_S - 3600)
    assert found.groups is not None
    assert found.groups.groups == 1

    live = Live("dev", NOW_S, backups={"business": found})
    file = tmp_path / "dump.json"
    dump.write(file, live)
    assert dump.read(file) == live


@pytest.mark.parametrize(
    "key",
    [
        "/etc/passwd",
        "../../etc/passwd",
        "business/../../etc/passwd",
        "business//etc/passwd",
        "other/topics/orders/partition=0/segment-0.bin.zst",
        "business/./topics/a",
        "",
    ],
)
def test_a_segment_outside_of_its_folder(tmp_path: Path, key: str) -> None:
    """No manifest of the engine says that, and nobody looks there."""
    found = good(tmp_path)
    found.partition("orders", 0)["segments"][0]["key"] = key
    found.save(NOW_S)

    assert whole(tmp_path).fault == f"names a segment outside of its folder: {key!r}"


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"topics": 7}, "cannot be read: Expected `array`, got `int` - at `$.topics`"),
        ({"topics": [{"name": "a", "partitions": [{"partition_id": -1, "segments": []}]}]},
         "cannot be read: Expected `int` >= 0 - at `$.topics[0].partitions[0].partition_id`"),
        ({"topics": [{"name": "a", "partitions": []}] * 2}, "lists the topic 'a' twice"),
        ({"topics": [{"name": "a", "partitions": [{"partition_id": 1, "segments": []}] * 2}]},
         "lists a partition of 'a' twice"),
        ({"backup_id": "x" * 999}, f"is that of '{'x' * 119}…', not of business"),
    ],
)  # fmt: skip
def test_a_manifest_that_no_engine_wrote(tmp_path: Path, change: Any, why: str) -> None:
    """Is told in a line of a bearable length."""
    found = good(tmp_path)
    found.manifest |= change
    found.save(NOW_S)

    assert whole(tmp_path).fault == why


@pytest.mark.parametrize(
    "content",
    [b"[" * 100_000, b'{"topics":' * 10_000, b"\xff\xfe", b'{"backup_id": "\xff"}', b"1e999",
     b'{"backup_id": "b", "topics": [{"name": "a", "partitions": [{"partition_id": 1e9999}]}]}'],
    ids=range(6),
)  # fmt: skip
def test_content_made_to_break_readers(content: bytes) -> None:
    """Deep, wrongly encoded, far too large numbers: a fault, and no traceback."""
    for decode in (lambda: manifest(content, "b"), lambda: groups(content)):
        with pytest.raises(FaultError):
            decode()


_JSON = some.recursive(
    some.none() | some.booleans() | some.integers() | some.floats() | some.text(max_size=3),
    lambda inner: some.lists(inner, max_size=2) | some.dictionaries(
        some.sampled_from(["segments", "gaps", "pruned", "key", "start_offset", "end_offset",
                           "partition_id", "name", "partitions", "covered_through"]),
        inner, max_size=4,
    ),
    max_leaves=12,
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(_JSON)
def test_any_content_is_a_manifest_or_a_fault(topics: Any) -> None:
    """Whatever JSON there is."""
    content = json.dumps({"backup_id": "b", "topics": [topics]}).encode()
    try:
        manifest(content, "b")
    except FaultError as error:
        assert "\n" not in str(error)


@settings(max_examples=100, deadline=None)
@given(some.data())
def test_any_database_is_a_state_or_a_fault(data: some.DataObject) -> None:
    """However many of its bytes are wrong."""
    content = bytearray(_database())
    for place in data.draw(some.lists(some.integers(0, len(content) - 1), max_size=40)):
        content[place] = data.draw(some.integers(0, 255))
    try:
        state(bytes(content), "business", time.monotonic() + 5)
    except FaultError as error:
        assert "\n" not in str(error)


def _database(cached: list[bytes] = []) -> bytes:  # noqa: B006 - made once
    if not cached:
        import tempfile

        with tempfile.TemporaryDirectory() as folder:
            cached.append((good(Path(folder)).folder / "offsets.db").read_bytes())
    return cached[0]


def test_a_database_that_counts_for_ever(tmp_path: Path) -> None:
    """What looks like the table may be a question without an end."""
    import sqlite3

    file = tmp_path / "offsets.db"
    with sqlite3.connect(file) as database:
        database.execute(
            "CREATE VIEW backup_jobs AS WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x FROM n)"
            " SELECT 'b' backup_id, 'running' status, x last_heartbeat FROM n"
        )
    database.close()

    with pytest.raises(FaultError, match="has no table backup_jobs"):
        state(file.read_bytes(), "b", time.monotonic() + 5)


def test_links_and_pipes_are_no_files(tmp_path: Path) -> None:
    """Nothing outside of the folder is read, and nobody waits for a pipe."""
    found = good(tmp_path)
    secret = tmp_path / "secret.json"
    (found.folder / "manifest.json").rename(secret)
    (found.folder / "manifest.json").symlink_to(secret)
    assert whole(tmp_path).fault == "is not there"

    (found.folder / "manifest.json").unlink()
    os.mkfifo(found.folder / "manifest.json")
    assert whole(tmp_path).fault == "is not there"

    elsewhere = tmp_path / "elsewhere"
    found.folder.rename(elsewhere)
    found.folder.symlink_to(elsewhere)
    assert whole(tmp_path).fault == "is not there, and nothing else either"


def test_names_that_are_no_text(tmp_path: Path) -> None:
    """A file called in other bytes than UTF-8 is told of, and the set can be dumped with it."""
    found = good(tmp_path)
    odd = Path(os.fsdecode(bytes(found.folder / "topics") + b"/\xff.bin"))
    odd.write_bytes(b"x")
    os.utime(odd, (1, 1))

    seen = whole(tmp_path)
    assert seen.unlisted.first == ("business/topics/\\xff.bin",)
    assert msgspec.json.decode(msgspec.json.encode(seen), type=BackupSet) == seen


def test_a_folder_of_very_many_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """They are not all looked at first, though they lie side by side."""
    monkeypatch.setattr("verify.collect.backups.store._MOST_FILES", 10)
    folder = good(tmp_path).folder / "topics"
    for number in range(100):
        (folder / str(number)).touch()
    seen: list[object] = []
    monkeypatch.setattr("verify.collect.backups.folder.Stored", lambda *said: seen.append(said))
    found = read(tmp_path)

    assert isinstance(found, Gap)
    assert found.reason == "there are more than 10 files: keep fewer sets, or larger segments"
    assert len(seen) == 11


def test_files_that_the_engine_has_not_finished(tmp_path: Path) -> None:
    """They do not count: they are gone in a moment."""
    found = good(tmp_path)
    (found.files()[0].parent / ".segment-1.bin.zst.kb-tmp-7-1").write_bytes(b"half")

    assert whole(tmp_path).unlisted.count == 0


def test_a_manifest_that_is_too_large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is not even read."""
    monkeypatch.setattr("verify.collect.backups.sets._SMALL_BYTES", 2**20)
    found = good(tmp_path)
    (found.folder / "manifest.json").write_bytes(b" " * 2**20 + b" ")

    assert whole(tmp_path).fault == "is larger than 1 MiB"


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    """The claim is not mounted: nobody knows."""
    assert read(tmp_path) == Gap(
        Cause.UNREACHABLE, f"{tmp_path}/business: no such file or directory"
    )


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_folder_that_we_may_not_read(tmp_path: Path) -> None:
    """Another user's files."""
    good(tmp_path).folder.chmod(0)

    found = read(tmp_path)
    assert isinstance(found, Gap)
    assert found.cause is Cause.REFUSED


def test_no_time_is_left(tmp_path: Path) -> None:
    """Then it is late, and nothing worse."""
    good(tmp_path)
    found = read(tmp_path, wait_s=-1)

    assert found == Gap(Cause.TIMED_OUT, "no time was left to read on")


@pytest.mark.parametrize(
    ("asked", "reason"),
    [
        (backup(readable=False),
         "the pod of verification cannot read the claim backup-business: run strimzi-verify where it"
         " can be read, or on a copy with --backup-path"),
        (backup(readable=False, storage=BackupStorage("s3", bucket="b")),
         "the pod of verification cannot read the s3 storage: run strimzi-verify where it can be"
         " read, or on a copy with --backup-path"),
    ],
)  # fmt: skip
def test_what_the_pod_cannot_read(tmp_path: Path, asked: BackupRun, reason: str) -> None:
    """Git says so; it is skipped."""
    assert read(tmp_path, asked) == Gap(Cause.NOT_ASKED, reason)


def test_a_claim_on_a_laptop(tmp_path: Path) -> None:
    """It is skipped, unless somebody says where it is mounted or copied to."""
    good(tmp_path)
    reason = "the claim backup-business can be read by pods only: give --backup-path business=DIR"
    assert read(tmp_path, mounted=None) == Gap(Cause.NOT_ASKED, reason)

    found = whole(tmp_path, mounted=None, paths={"business": tmp_path / "business"})
    assert (found.segments, found.copied) == (6, True)


def test_no_backup_is_rendered() -> None:
    """Nothing is asked."""
    reason = "no backup is rendered for this environment"
    assert collect({}, Look(), NOW_S, 0) == ({}, {"backups": Gap(Cause.NOT_ASKED, reason)})


def _segments(partitions: int, each: int) -> list[Segment]:
    return [
        Segment(
            f"b/{number:03}/{place:03}",
            10,
            "x",
            0,
            place == each - 1,
            "t",
            number,
            0,
            0,
            1,
            0,
            0,
            0,
        )
        for number in range(partitions)
        for place in range(each)
    ]


def test_sample_is_half_new_and_half_old() -> None:
    """Evenly over partitions and time; the same on one day, others on the next."""
    segments = _segments(10, 10)
    today = chosen(segments, 8, 10**9, turn=1)

    assert [each.newest for each in today] == [True] * 4 + [False] * 4
    assert len({each.key[:5] for each in today[:4]}) == 4
    assert chosen(list(reversed(segments)), 8, 10**9, turn=1) == today
    assert chosen(segments, 8, 10**9, turn=2) != today
    seen = {each for turn in range(30) for each in chosen(segments, 8, 10**9, turn)}
    assert seen == {*segments}  # nothing is left out for ever


@pytest.mark.parametrize(
    ("partitions", "each", "count", "most_bytes", "expected"),
    [(1, 1, 16, 100, 1), (3, 1, 16, 100, 3), (1, 9, 4, 100, 4), (2, 2, 4, 100, 4), (2, 9, 0, 100, 0),
     (9, 9, 16, 35, 3), (9, 9, 16, 5, 1)],
)  # fmt: skip
def test_sample_is_bounded(
    partitions: int, each: int, count: int, most_bytes: int, expected: int
) -> None:
    """In number and in bytes; but for the first one, which is always read."""
    assert len(chosen(_segments(partitions, each), count, most_bytes, 3)) == expected


def test_nothing_is_read_of_segments_when_nobody_wants_it(tmp_path: Path) -> None:
    """With --backup-sample 0; lists and manifests still are."""
    good(tmp_path)

    assert whole(tmp_path, sample=0).integrity.read == 0
    assert whole(tmp_path, sample=0).segments == 6


def test_segments_are_read_once_while_somebody_waits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Round after round; one that was wrong is read again, and so is one of another checksum."""
    from verify.collect.backups.folder import Folder

    pieces, asked = Folder.pieces, []

    def counted(folder: Folder, key: str, size: int) -> Any:
        asked.append(key)
        return pieces(folder, key, size)

    monkeypatch.setattr(Folder, "pieces", counted)
    damaged = good(tmp_path).files("prices")[0]
    damaged.write_bytes(b"x" * damaged.stat().st_size)
    look = Look(mounted=tmp_path)
    for _ in range(3):
        found, _ = collect({"business": backup()}, look, NOW_S, time.monotonic() + 60)
        assert (found["business"].integrity.read, found["business"].integrity.wrong.count) == (6, 1)

    assert len(asked) == 6 + 1 + 1


def test_a_run_is_at_work_while_we_look(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the list has not and the manifest has is looked for once more before it is missing."""
    from verify.collect.backups.folder import Folder

    found: Writer = good(tmp_path)
    listed, looks = Folder.files, []

    def files(folder: Folder, name: str) -> Any:
        before = listed(folder, name)
        looks.append(name)
        if len(looks) == 1:
            found.run({place: end + 5 for place, end in ENDS.items()}, NOW_S - 60)
        return before

    monkeypatch.setattr(Folder, "files", files)
    seen = whole(tmp_path)

    assert len(looks) == 2
    assert (seen.segments, seen.missing.count, seen.sizes.count, seen.unlisted.count) == (
        9,
        0,
        0,
        0,
    )


_NOWHERE = "http://127.0.0.1:1"
_ACCOUNT = {"gcs_base_url": _NOWHERE, "disable_oauth": True, "client_email": "", "private_key": "HIDDEN",
            "private_key_id": ""}  # fmt: skip


@pytest.mark.parametrize(
    ("storage", "files"),
    [
        (BackupStorage("s3", "p", "b", "r", _NOWHERE),
         {"AWS_ACCESS_KEY_ID": "shown", "AWS_SECRET_ACCESS_KEY": "HIDDEN"}),
        (BackupStorage("azure", "p", account="a", container="c", endpoint=_NOWHERE),
         {"AZURE_STORAGE_SAS_TOKEN": "?sv=1&sig=HIDDEN"}),
        (BackupStorage("azure", "p", account="a", container="c", endpoint=_NOWHERE),
         {"AZURE_STORAGE_KEY": "HIDDENHIDDEN"}),
        (BackupStorage("gcs", "p", "b"), {"SERVICE_ACCOUNT_JSON": json.dumps(_ACCOUNT)}),
    ],
    ids=["s3", "azure sas", "azure key", "gcs"],
)  # fmt: skip
def test_credentials_never_leave_the_pod(
    tmp_path: Path, storage: BackupStorage, files: dict[str, str]
) -> None:
    """A storage that cannot be reached is told in time, without keys and addresses' queries."""
    pytest.importorskip("obstore")
    (tmp_path / "business").mkdir()
    for name, value in files.items():
        (tmp_path / "business" / name).write_text(value)
    began = time.monotonic()
    gap = read(tmp_path, backup(storage=storage), wait_s=10)

    assert isinstance(gap, Gap)
    assert (gap.cause, gap.reason.partition("//")[0]) == (Cause.UNREACHABLE, f"{storage.backend}:")
    assert "HTTP error: " in gap.reason
    assert not any(each in gap.reason for each in ("HIDDEN", "?", "sig="))
    assert time.monotonic() - began < 8


def test_credentials_that_are_none(tmp_path: Path) -> None:
    """What is wrong with a key is a part of it."""
    pytest.importorskip("obstore")
    (tmp_path / "business").mkdir()
    (tmp_path / "business/AZURE_STORAGE_KEY").write_text("no base64!")
    storage = BackupStorage("azure", account="a", container="c")

    assert read(tmp_path, backup(storage=storage)) == Gap(
        Cause.REFUSED, "azure://a/c: settings or credentials are none that it takes"
    )


@pytest.mark.parametrize("backend", ["s3", "gcs", "azure"])
def test_nobody_knows_credentials(
    tmp_path: Path, backend: Literal["s3", "gcs", "azure"], monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on a laptop without any: it is told which ones to set."""
    obstore = pytest.importorskip("obstore")
    for name in [each for each in os.environ if each.startswith(("AWS_", "AZURE_", "GOOGLE_"))]:
        monkeypatch.delenv(name)

    def refused(*_: object, **__: object) -> None:
        raise obstore.exceptions.GenericError(
            "Generic S3 error: Error performing PUT http://169.254.169.254/latest/api/token in 1s"
        )

    monkeypatch.setattr(obstore, "list", refused)
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    storage = BackupStorage(backend, bucket="b", account="a", container="c")
    gap = read(tmp_path, backup(storage=storage), mounted=None)

    assert isinstance(gap, Gap)
    assert "no credentials are known here: set A" in gap.reason.replace("set G", "set A")


def test_credentials_at_which_the_library_panics(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A key with a line break in it, as a Secret made by hand has: told, and not shown."""
    pytest.importorskip("obstore")
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "half\nhalf")
    storage = BackupStorage("s3", bucket="b", region="r", endpoint="http://127.0.0.1:1")
    found = read(tmp_path, backup(storage=storage), mounted=None)

    assert found == Gap(Cause.REFUSED, "s3://b: settings or credentials are none that it takes")


def test_sets_of_several_backups_are_read_side_by_side(tmp_path: Path) -> None:
    """One that cannot be read keeps nobody else from being read."""
    good(tmp_path)
    asked = {"business": backup(), "other": backup(backup="other")}
    found, gaps = collect(asked, Look(mounted=tmp_path), NOW_S, time.monotonic() + 60)

    assert list(found) == ["business"]
    assert list(gaps) == ["backups.other"]


def test_the_pod_reads_what_is_mounted_for_a_backup(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its claims and Secrets are in folders called like backups; whatever Kubernetes says."""
    from verify.collect.kubernetes import collector
    from verify.collect.kubernetes.api import KubernetesTarget
    from verify.collect.plan import CollectPlan
    from verify.collect.round import Round

    good(tmp_path / "backups")
    silent = (None, {"kubernetes": Gap(Cause.REFUSED, "no")})
    monkeypatch.setattr(collector, "collect", lambda *_: silent)
    plan = CollectPlan(
        "dev", frozenset({"backups"}), KubernetesTarget("kafka-dev", in_cluster=True), mounted=tmp_path,
        settings=VerifySettings(environment="dev", backups={"business": backup()}),
    )  # fmt: skip
    each = Round(plan, time.monotonic() + 60, Notes())
    each.collect()

    assert each.live.backups["business"].segments == 6
    assert each.live.gaps.keys() == {"kubernetes"}
