"""Backup sets in real object stores: what is found there is what lies there.

Google Cloud Storage is left out: no server that speaks its protocol ships on a registry of packages.
What is of its own there are its credentials; obstore's lists and reads are the same for all three.
"""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
from backup_sets import Writer
from checks.backup_answers import ENDS, backup, desired, good, verdicts
from checks.kafka_answers import answers, cluster, on, topic
from checks.kubernetes_objects import NOW_S
from live.jars import MissingError
from live.object_stores import ACCOUNT, KEY, S3, Azurite, ObjectStore, sas

from generator.contract.settings import BackupRun, BackupStorage
from verify.checks.registry import all_checks
from verify.collect.backups.guard.lock import HeldError, release, take
from verify.collect.backups.guard.state import SetState
from verify.collect.backups.guard.writer import Writer as SetWriter
from verify.collect.backups.guard.writer import writer
from verify.collect.backups.look import ALL, Look, credentials
from verify.collect.backups.sets import collect
from verify.live.live import BackupSet, Cause, Ends, Gap, Live

obstore = pytest.importorskip("obstore")

pytestmark = pytest.mark.live

PREFIX = "prod/events"


@dataclass
class Place:
    """A bucket or container, with keys for it, and what Git says of it."""

    storage: BackupStorage
    credentials: dict[str, str]
    """As they are mounted, by the names of files."""
    store: Any

    def upload(self, folder: Path) -> None:
        """Everything below a folder, under the prefix."""
        for file in sorted(folder.rglob("*")):
            if file.is_file():
                key = f"{PREFIX}/{file.relative_to(folder).as_posix()}"
                obstore.put(self.store, key, file.read_bytes())


Places = Callable[[str], Place]


@pytest.fixture(scope="module", params=["s3", "azure"])
def places(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Places]:
    """Makes buckets, or containers, of these names."""
    folder = tmp_path_factory.mktemp(request.param)
    make = {"s3": _s3, "azure": _azure}[request.param]
    if request.param == "s3":
        pytest.importorskip("moto")
    try:
        server: ObjectStore = {"s3": S3, "azure": Azurite}[request.param](folder)
    except MissingError as error:
        pytest.skip(f"no {request.param} to start: {error}")
    with server:

        def place(name: str) -> Place:
            server.make(name)
            return make(server.endpoint, name)

        yield place


_PLAIN = {"client_options": {"allow_http": True}}


def _s3(endpoint: str, name: str) -> Place:
    keys = {"access_key_id": "any", "secret_access_key": "any"}
    store = obstore.store.S3Store(name, endpoint=endpoint, region="eu-central-1",
                                  virtual_hosted_style_request=False, **keys, **_PLAIN)  # fmt: skip
    storage = BackupStorage(
        "s3", PREFIX, bucket=name, region="eu-central-1", endpoint=endpoint, path_style=True
    )
    return Place(storage, {"AWS_ACCESS_KEY_ID": "any", "AWS_SECRET_ACCESS_KEY": "any\n"}, store)


def _azure(endpoint: str, name: str) -> Place:
    store = obstore.store.AzureStore(
        name, account_name=ACCOUNT, account_key=KEY, endpoint=endpoint, **_PLAIN
    )
    storage = BackupStorage("azure", PREFIX, account=ACCOUNT, container=name, endpoint=endpoint)
    return Place(storage, {"AZURE_STORAGE_KEY": KEY}, store)


def _read(
    place: Place, folder: Path, credentials: dict[str, str] | None = None, **more: Any
) -> BackupSet | Gap:
    """The set as the pod reads it, or why it cannot."""
    mounted = folder / "mounted/business"
    mounted.mkdir(parents=True, exist_ok=True)
    for file in mounted.iterdir():
        file.unlink()
    for name, value in (place.credentials if credentials is None else credentials).items():
        (mounted / name).write_text(value)
    asked: BackupRun = backup(storage=place.storage, **more)
    look = Look(mounted=folder / "mounted", sample=ALL)
    found, gaps = collect({"business": asked}, look, time.time(), time.monotonic() + 60)
    return found["business"] if found else gaps["backups.business"]


def _said(found: BackupSet, **more: Any) -> dict[str, list[str]]:
    """What checks say of it."""
    kafka = cluster(
        topics={"orders": topic(on(0), on(0)), "prices": topic(on(0))},
        ends={f"{name}-{number}": Ends(0, end) for (name, number), end in ENDS.items()},
    )
    live: Live = answers(kafka, backups={"business": found})
    live.taken_at_s = time.time()
    return verdicts(desired(business=backup(**more)), live)


def _written(folder: Path, backup_id: str = "business", **more: Any) -> Writer:
    writer = Writer(folder / "sets", backup_id)
    writer.run(ENDS, time.time() - 5, **more)
    return writer


def test_a_set_is_read_and_judged(places: Places, tmp_path: Path) -> None:
    """Its size, its times and every checksum; then a segment is lost, and another one damaged."""
    place = places("one")
    written = _written(tmp_path)
    place.upload(written.root)
    found = _read(place, tmp_path)

    assert isinstance(found, BackupSet)
    assert (
        found.place
        == f"{place.storage.backend}://{place.storage.bucket or ACCOUNT + '/one'}/{PREFIX}/business"
    )
    assert (found.fault, found.files, found.segments, found.integrity.read) == ("", 6, 3, 3)
    assert abs(found.stored_at_s - time.time()) < 60
    assert found.room is None
    assert _said(found) == {}

    lost, damaged, _ = (f"{PREFIX}/{each.relative_to(written.root)}" for each in written.files())
    content = bytearray(obstore.get(place.store, damaged).bytes())
    content[9] ^= 1
    obstore.put(place.store, damaged, bytes(content))
    obstore.delete(place.store, lost)
    found = _read(place, tmp_path)
    assert isinstance(found, BackupSet)
    why = "has another checksum than the manifest says"
    assert _said(found) == {
        "backup-segments": [f"fail: 1 segment missing: {lost.removeprefix(PREFIX + '/')}"],
        "backup-integrity": [
            f"fail: 1 segment damaged: {damaged.removeprefix(PREFIX + '/')} {why}"
        ],
    }


def test_full_sets(places: Places, tmp_path: Path) -> None:
    """The newest complete one, whatever lies beside it."""
    place = places("full")
    for number, stopped in ((9, {}), (10, {}), (11, {("orders", 0): 1})):
        place.upload(_written(tmp_path, f"backup-business-{number}", stopped_at=stopped).root)
    place.upload(_written(tmp_path, "backup-business-eu-99").root)
    found = _read(place, tmp_path, backup_id="backup-business-", incremental=False)

    assert isinstance(found, BackupSet)
    assert found.backup_id == "backup-business-10"
    assert (list(found.newer), found.older.first) == (
        ["backup-business-11"],
        ("backup-business-9",),
    )


def test_a_prefix_with_nothing_below(places: Places, tmp_path: Path) -> None:
    """What lies at the top of the bucket is not the backup's, and is not asked for."""
    place = places("empty")
    obstore.put(place.store, "business/manifest.json", b"{}")
    found = _read(place, tmp_path)

    assert isinstance(found, BackupSet)
    assert found.fault == "is not there, and nothing else either"


def test_large_segments_are_read_in_pieces(
    places: Places, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each within the time of one question."""
    monkeypatch.setattr("verify.collect.backups.bucket.CHUNK_BYTES", 7)
    place = places("large")
    place.upload(_written(tmp_path).root)
    found = _read(place, tmp_path)

    assert isinstance(found, BackupSet)
    assert (found.integrity.read, found.integrity.wrong.count) == (3, 0)


def test_a_bucket_that_is_not_there(places: Places, tmp_path: Path) -> None:
    """Nobody knows how the backup is; no key is told."""
    place = places("known")
    place.storage = BackupStorage(
        place.storage.backend, PREFIX, bucket="other" if place.storage.bucket else "",
        region="eu-central-1", endpoint=place.storage.endpoint, account=place.storage.account,
        container="other" if place.storage.container else "",
    )  # fmt: skip
    gap = _read(place, tmp_path)

    assert isinstance(gap, Gap)
    assert gap.cause is Cause.UNREACHABLE
    assert "404" in gap.reason
    assert KEY not in gap.reason


def test_a_token_of_azure(places: Places, tmp_path: Path) -> None:
    """One that may read and list is enough; one that may not is refused, and told without it."""
    place = places("token")
    if place.storage.backend != "azure":
        pytest.skip("only Azure has such tokens")
    place.upload(_written(tmp_path).root)

    found = _read(place, tmp_path, {"AZURE_STORAGE_SAS_TOKEN": sas("rl")})
    assert isinstance(found, BackupSet)
    assert found.segments == 3
    gap = _read(place, tmp_path, {"AZURE_STORAGE_SAS_TOKEN": sas("w")})
    assert isinstance(gap, Gap)
    assert gap.cause is Cause.REFUSED
    assert "sig=" not in gap.reason


def test_credentials_of_the_environment(
    places: Places, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on a laptop, where nothing is mounted."""
    place = places("laptop")
    place.upload(_written(tmp_path).root)
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "any")
    monkeypatch.setenv("AZURE_STORAGE_ACCOUNT_KEY", KEY)
    asked = backup(storage=place.storage)
    found, gaps = collect({"business": asked}, Look(), NOW_S, time.monotonic() + 60)

    assert gaps == {}
    assert found["business"].segments == 3
    assert all_checks()["backup-segments"].ask(
        desired(business=asked), answers(backups=found)
    ).status == "pass"  # fmt: skip


def _writer(place: Place) -> SetWriter:
    keys = credentials({name: value.strip() for name, value in place.credentials.items()})
    return writer(place.storage, 30, time.monotonic() + 60, keys)


def test_of_many_jobs_at_once_one_gets_the_lock(places: Places) -> None:
    """The store itself keeps the condition, whether there was no lock, one that lapsed, or one that was let go of."""
    place = places("locks")
    for round_, begin in enumerate(("none", "lapsed", "released")):
        set_ = f"set-{round_}"
        if begin != "none":
            assert take(_writer(place), set_, "old", NOW_S - 900, NOW_S - 1000)
        if begin == "released":
            release(_writer(place), set_, "old")
        together = Barrier(6)

        def attempt(number: int, set_: str = set_, together: Barrier = together) -> bool:
            mine = _writer(place)
            together.wait()
            try:
                return take(mine, set_, f"job-{number}", NOW_S + 100, NOW_S)
            except HeldError:
                return False

        with ThreadPoolExecutor(6) as pool:
            assert sum(pool.map(attempt, range(6))) == 1, begin


def test_spoiled_set_is_put_back(places: Places, tmp_path: Path) -> None:
    """As on a volume; and of a first run nothing is left that somebody would take for a set."""
    place = places("kept")
    made = good(tmp_path / "local")
    state = SetState(_writer(place), "business", time.monotonic() + 60, retention=False)
    state.begin_empty()
    place.upload(made.root)
    obstore.put(place.store, f"{PREFIX}/business/manifest.json", b"")
    assert state.settle().put_back
    names = {each["path"].rpartition("/")[2] for page in obstore.list(place.store) for each in page}
    assert not names & {"manifest.json", "offsets.db"}
    place.upload(made.root)
    assert state.settle() == state.settle()
    before = (made.folder / "manifest.json").read_bytes()
    obstore.put(place.store, f"{PREFIX}/business/manifest.json", before[:100])
    settled = state.settle()

    assert settled.put_back
    assert "manifest.json cannot be read" in settled.wrong[0]
    assert bytes(obstore.get(place.store, f"{PREFIX}/business/manifest.json").bytes()) == before
