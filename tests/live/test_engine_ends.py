"""How runs of the real engine end that go wrong, or that look as if they had gone well."""

import os
import signal

import pytest
import yaml
from live.acls import binding
from live.answers import answer_of
from live.application import Application
from live.applier import _only as only
from live.applier import quotas
from live.engine_pod import Done
from live.engine_records import Record, various, write
from live.engine_site import Site
from live.security import password_of

pytestmark = [pytest.mark.live, pytest.mark.engine]

_BULK = 2400
_EPOCH_MS = 1_700_000_000_000


@pytest.fixture(scope="module", autouse=True)
def _written(site: Site) -> None:
    """A few records, many in one topic, and a group that has read some of them."""
    write(site.client, "orders", various(60))
    noise = (Record(each % 2, b"k", os.urandom(8192), _EPOCH_MS + each) for each in range(_BULK))
    write(site.client, "bulk", noise)
    Application(site.client).read("orders", "billing", 10)


def _run(site: Site, backup: str, name: str = "run-1") -> Done:
    return site.pods.run(f"CronJob/backup-{backup}", name)


def test_run_that_is_stopped_looks_like_a_good_one(site: Site) -> None:
    """Exit code 0, job completed; only the manifest tells what is missing. The next run gets it."""
    with site.pods.running("CronJob/backup-slow") as process:
        assert process.stdout is not None
        for line in process.stdout:
            if "Wrote segment" in line:
                break
        process.send_signal(signal.SIGTERM)
        rest = process.stdout.read()
        assert process.wait() == 0, rest
    assert "Received shutdown signal" in rest
    found = site.set_of("slow")

    for partition in found.partitions.values():
        assert partition["covered_through"] + 1 < partition["snapshot_end_offset"] == _BULK // 2
    assert found.ask("select status from backup_jobs") == [("completed",)]
    assert not (found.folder / "consumer-groups-snapshot.json").exists()

    reached = {place: each["covered_through"] for place, each in found.partitions.items()}
    written = found.files
    assert _run(site, "slow", "run-2").code == 0
    assert written.items() < found.files.items()
    for place, partition in found.partitions.items():
        assert partition["covered_through"] + 1 == partition["snapshot_end_offset"] == _BULK // 2
        starts = [each["start_offset"] for each in partition["segments"]]
        assert reached[place] + 1 in starts


def test_run_that_is_killed_is_taken_up_again(site: Site) -> None:
    """Where there is a manifest without a database, the next run goes on behind the manifest."""
    folder = site.set_of("whole").folder
    assert _run(site, "whole").code == 0
    (folder / "offsets.db").unlink()
    before = site.set_of("whole").files
    write(site.client, "orders", various(30, start=60))
    done = _run(site, "whole", "run-2")

    assert done.code == 0, done.log
    partitions = site.set_of("whole").partitions
    assert [len(partitions["orders", each]["segments"]) for each in range(3)] == [2, 2, 2]
    assert before.items() < site.set_of("whole").files.items()


def test_topic_that_is_gone_fails_the_run(site: Site) -> None:
    """Topics are rendered by name, and the engine misses each of them; what it has, it keeps."""
    assert _run(site, "missing").code == 0
    before = site.set_of("missing").manifest
    site.kafka.delete_topic("gone")
    done = _run(site, "missing", "run-2")

    assert done.code == 1
    assert "configured backup topic(s) not found in Kafka cluster: gone" in done.log
    assert site.set_of("missing").manifest == before


def test_pattern_that_matches_nothing_looks_like_a_good_run(site: Site) -> None:
    """Why no backup is rendered that holds no topic: the engine's set is empty, and it is content."""
    kept = site.pods.objects["ConfigMap/backup-missing"]
    config = yaml.safe_load(kept["data"]["backup.yaml"])
    config["source"]["topics"] = {"include": ["nobody-made-*"]}
    config["backup_id"] = "nothing"
    changed = {"data": {**kept["data"], "backup.yaml": yaml.safe_dump(config)}}
    site.pods.objects["ConfigMap/backup-missing"] = changed
    try:
        done = _run(site, "missing")
    finally:
        site.pods.objects["ConfigMap/backup-missing"] = kept

    assert done.code == 0
    assert "No topics matched the configured patterns" in done.log
    found = site.set_of("missing", "nothing")
    assert (found.manifest["topics"], found.files) == ([], {})
    assert found.ask("select status from backup_jobs") == [("completed",)]


def test_settings_that_may_not_be_read_fail_the_run(site: Site) -> None:
    """A set without them would make topics that are like others when it is restored."""
    with _Denied(site, "topic", "prices", "DescribeConfigs"):
        done = _run(site, "whole", "run-3")

    assert done.code == 1
    assert "prices" in done.log


def test_groups_that_may_not_be_seen_are_only_a_warning(site: Site) -> None:
    """The run is good, and its groups are those of an older one."""
    assert _run(site, "whole", "run-4").code == 0
    before = site.set_of("whole").groups
    Application(site.client).read("orders", "newcomer")
    with _Denied(site, "group", "*", "Describe"):
        done = _run(site, "whole", "run-5")

    assert done.code == 0
    assert site.set_of("whole").groups == before


def test_run_that_is_throttled_looks_like_a_good_one(site: Site) -> None:
    """Why users of backups have quotas of their own where the cluster has some: those hold none up."""
    user = "CN=backup-throttled"
    with quotas(site.kafka) as connection:
        rendered = connection.all()[user]
        all_users = {"consumer_byte_rate": 512.0 * 1024, "request_percentage": 1.0}
        connection.set({None: all_users, user: {}})
        site.kafka.settle()
        cut = _run(site, "throttled")
        found = site.set_of("throttled")
        ends = [each.get("covered_through", -1) + 1 for each in found.partitions.values()]
        targets = [each["snapshot_end_offset"] for each in found.partitions.values()]
        connection.set({user: rendered})
        site.kafka.settle()
        whole = _run(site, "throttled", "run-2")
        connection.set({None: {}})

    assert (cut.code, cut.warnings) == (0, [])
    assert "all partitions reached their target offsets" in cut.log
    assert targets == [_BULK // 2] * 2
    assert min(ends) < _BULK // 2
    assert whole.code == 0
    assert [each["covered_through"] + 1 for each in found.partitions.values()] == targets


@pytest.mark.parametrize(
    ("backup", "secret", "key", "wrong"),
    [
        ("cloud", "backup-cloud", "password", "guessed"),
        ("whole", "events-cluster-ca-cert", "ca.crt", None),
        ("cloud", "events-cluster-ca-cert", "ca.crt", None),
    ],
)
def test_wrong_secret_fails_the_run(
    site: Site, backup: str, secret: str, key: str, wrong: str | None
) -> None:
    """Neither a password that was guessed nor a broker that is not ours; the log tells no secret."""
    assert site.kafka.security is not None
    other = wrong or site.kafka.security.wrong_ca.certificate.read_text(encoding="utf-8")
    right = site.pods.secrets[secret][key]
    site.pods.secrets[secret][key] = other
    try:
        done = _run(site, backup, "run-6")
    finally:
        site.pods.secrets[secret][key] = right

    assert done.code == 1
    assert "guessed" not in done.log
    assert password_of("backup-cloud") not in done.log


class _Denied:
    """What the user of the backup `whole` may not do for a while."""

    def __init__(self, site: Site, *what: str) -> None:
        kind, name, operation = what
        user = "User:CN=backup-whole"
        self._kafka = site.kafka
        self._acl = binding(kind, name, "literal", operation, user, permission="deny")

    def __enter__(self) -> None:
        answer_of(self._kafka.admin.create_acls([self._acl])[self._acl])
        self._kafka.settle()

    def __exit__(self, *_: object) -> None:
        (deleted,) = self._kafka.admin.delete_acls([only(self._acl)]).values()
        answer_of(deleted)
        self._kafka.settle()
