"""What the real engine restores of rendered backups: record by record, to a time, and groups' offsets."""

import json
import re
import time
from typing import Any

import pytest
import yaml
from confluent_kafka import Consumer, ConsumerGroupTopicPartitions
from live.application import Application
from live.engine_pod import Done
from live.engine_records import Record, by_partition, read, various, write, write_transactions
from live.engine_site import CONFIG, Site

pytestmark = [pytest.mark.live, pytest.mark.engine]

_EPOCH_MS = 1_700_000_000_000
_NUMBER = 3000
_MAPPING = {each: f"restored.{each}" for each in ("orders", "prices", "payments")}


@pytest.fixture(scope="module", autouse=True)
def _backed_up(site: Site) -> None:
    """A set with everything that applications write, and where a group was."""
    write(site.client, "orders", various(_NUMBER))
    prices = (
        Record(0, f"article-{number % 25}".encode(), b"%d" % number if number % 11 else None,
               _EPOCH_MS + number)
        for number in range(1000)
    )  # fmt: skip
    write(site.client, "prices", prices)
    parts = [
        (committed, [Record(0, b"k", b"%d" % number, _EPOCH_MS + number) for number in range(50)])
        for committed in (True, False, True)
    ]
    write_transactions(site.client, "payments", *parts)
    # As clocks of several producers have it: what is written later need not be later.
    times = (1000, 100, 900, 2000, 50, 3000)
    write(site.client, "quiet", [Record(0, b"k", b"%d" % each, _EPOCH_MS + each) for each in times])
    Application(site.client).read("orders", "billing", _NUMBER)
    for backup in ("whole", "cloud"):
        assert site.pods.run(f"CronJob/backup-{backup}").code == 0


def _restore(
    site: Site, name: str, mapping: dict[str, str], command: str = "restore",
    backup: str = "whole", **options: Any
) -> Done:  # fmt: skip
    job = site.restore_job(name, backup, list(mapping), topic_mapping=mapping, **options)
    return site.pods.run(job, name, [command, "--config", CONFIG])


def _told(done: Done) -> Any:
    """What a command tells as JSON behind its log."""
    *_, told = re.split(r"\n(?=[\[{])", "\n" + done.log)
    return json.loads(told)


def _by_password(site: Site, *command: str) -> Any:
    """Run a command that moves groups, which knows no other way to log in; returns what it tells."""
    config = yaml.safe_load(site.pods.objects["ConfigMap/backup-cloud"]["data"]["backup.yaml"])
    (server,) = config["source"]["bootstrap_servers"]
    way = ["--bootstrap-servers", server, "--security-protocol", "SASL_SSL"]
    login = {
        "KAFKA_USERNAME": "mover",
        "KAFKA_PASSWORD": site.pods.secrets["mover"]["password"],
        "KAFKA_SASL_MECHANISM": "SCRAM-SHA512",
        "KAFKA_SSL_CA_CERT": "/etc/kafka-backup/cluster-ca/ca.crt",
    }
    asked = [*command, *(way if "list" not in command else ())]
    done = site.pods.run("CronJob/backup-whole", args=asked, variables=login)
    assert done.code == 0, done.log
    return _told(done)


def _same(site: Site, mapping: dict[str, str]) -> bool:
    return all(
        by_partition(read(site.client, topic)) == by_partition(read(site.client, restored))
        for topic, restored in mapping.items()
    )


def _offsets(site: Site, group: str, topic: str) -> dict[int, int]:
    asked = site.kafka.admin.list_consumer_group_offsets([ConsumerGroupTopicPartitions(group)])
    return {
        each.partition: each.offset
        for each in asked[group].result().topic_partitions or ()
        if each.topic == topic
    }


def test_dry_run_writes_nothing(site: Site) -> None:
    """It tells what would be written, and fails where a segment is not there."""
    report = _restore(site, "dry", _MAPPING, "validate-restore")
    told = _told(report)
    assert (report.code, told["valid"], told["records_to_restore"]) == (0, True, _NUMBER + 1100)

    found = site.set_of("whole")
    name = next(each for each in found.files if "/prices/" in each)
    content = found.files[name]
    (found.folder / name).unlink()
    try:
        assert _restore(site, "dry", _MAPPING, "validate-restore").code == 1
    finally:
        (found.folder / name).write_bytes(content)
    assert read(site.client, "restored.orders") == []


def test_restored_records_are_the_same(site: Site) -> None:
    """Partition, key, value, time and headers, null or not, in their order; nothing is aborted."""
    done = _restore(site, "same", _MAPPING, restore_id="same", checkpoint_storage="remote")
    assert (done.code, done.warnings) == (0, []), done.log
    records = read(site.client, "restored.orders")

    assert _same(site, _MAPPING)
    assert len(read(site.client, "restored.payments")) == 100
    # What the engine adds, in the order of its processor: where the record was, and when.
    headers = dict(records[7].headers)
    assert int.from_bytes(headers["x-original-offset"] or b"", "little") == 7
    assert (
        int.from_bytes(headers["x-original-timestamp"] or b"", "little") == records[7].timestamp_ms
    )

    again = _restore(site, "same", _MAPPING, restore_id="same", checkpoint_storage="remote")
    assert (again.code, again.warnings) == (0, [])
    assert read(site.client, "restored.orders") == records


def test_restore_to_a_time_sets_groups_to_its_end(site: Site) -> None:
    """Its last millisecond is in it; a group that was further is at the end, and is not behind it."""
    until_ms = _EPOCH_MS + 999_000
    mapping = {"orders": "early.orders"}
    done = _restore(
        site, "early", mapping, "three-phase-restore", time_window_end=until_ms,
        auto_consumer_groups=True, reset_consumer_offsets=True,
    )  # fmt: skip
    assert (done.code, done.warnings) == (0, []), done.log
    wanted = [each for each in read(site.client, "orders") if each.timestamp_ms <= until_ms]

    assert by_partition(read(site.client, "early.orders")) == by_partition(wanted)
    assert _offsets(site, "billing", "early.orders") == {0: 334, 1: 333, 2: 333}
    assert _offsets(site, "billing", "orders") == dict.fromkeys(range(3), _NUMBER // 3)


def test_restore_to_a_time_may_miss_what_was_written_late(site: Site) -> None:
    """Segments are chosen by the times of their first and last records alone: a trap, without a word."""
    done = _restore(site, "late", {"quiet": "early.quiet"}, time_window_end=_EPOCH_MS + 500)
    wanted = [each for each in read(site.client, "quiet") if each.timestamp_ms <= _EPOCH_MS + 500]

    assert (done.code, done.warnings) == (0, [])
    assert len(wanted) == 2
    assert read(site.client, "early.quiet") == []


def test_groups_come_back_after_all_records(site: Site) -> None:
    """From an object store over SCRAM; headers are as the applications wrote them when asked for."""
    mapping = {"orders": "cloud.orders"}
    done = _restore(
        site, "cloud-orders", mapping, backup="cloud", auto_consumer_groups=True,
        strip_offset_headers=True,
    )  # fmt: skip
    assert (done.code, done.warnings) == (0, []), done.log

    assert read(site.client, "cloud.orders") == read(site.client, "orders")
    assert _offsets(site, "billing", "cloud.orders") == _offsets(site, "billing", "orders")


def test_restore_that_is_killed_goes_on_where_it_was(site: Site) -> None:
    """With an id and the same config it writes nothing twice; with another config, everything."""
    mapping = {"orders": "slow.orders"}
    options: dict[str, Any] = {
        "restore_id": "slow",
        "checkpoint_storage": "remote",
        "checkpoint_interval_secs": 1,
        "produce_batch_size": 50,
        "rate_limit_records_per_sec": 500,
    }
    job = site.restore_job("slow", "whole", ["orders"], topic_mapping=mapping, **options)
    with site.pods.running(job, "slow") as process:
        end = time.monotonic() + 60
        while len(read(site.client, "slow.orders")) < 800 and time.monotonic() < end:
            time.sleep(0.2)
        process.kill()
        log, _ = process.communicate(timeout=60)
    written = len(read(site.client, "slow.orders"))
    assert 800 <= written < _NUMBER, log

    done = _restore(site, "slow", mapping, **options)
    assert done.code == 0, done.log
    assert _same(site, mapping)

    options["rate_limit_records_per_sec"] *= 10
    done = _restore(site, "slow", mapping, **options)
    (warning,) = done.warnings
    assert (done.code, "restarting from the beginning" in warning) == (0, True)
    assert len(read(site.client, "slow.orders")) == 2 * _NUMBER


def test_groups_that_are_in_use_are_not_moved(site: Site) -> None:
    """A member of the group keeps Kafka from it; the records are written before that is noticed."""
    consumer = Consumer(site.client | {"group.id": "billing", "enable.auto.commit": False})
    try:
        consumer.subscribe(["orders"])
        site.kafka.until(lambda: bool(consumer.poll(0.2) or consumer.assignment()), "join")
        mapping = {"payments": "early.payments"}
        done = _restore(
            site, "busy", {**mapping, "orders": "busy.orders"}, auto_consumer_groups=True
        )
    finally:
        consumer.close()

    assert done.code == 1
    assert "UNKNOWN_MEMBER_ID" in done.log
    assert _same(site, mapping)


def test_offsets_are_set_in_bulk(site: Site) -> None:
    """From the mapping of a restore, which lies beside the manifest only when it is told to."""
    mapping = {"orders": "early.bulk"}
    command = (
        "offset-reset-bulk",
        "--path",
        "/data",
        "--backup-id",
        "whole",
        "--groups",
        "billing",
    )
    report = "/data/whole/offset-mapping.json"
    done = _restore(site, "bulk", mapping, auto_consumer_groups=True, offset_report=report)
    assert (done.code, done.warnings) == (0, []), done.log
    restored = _offsets(site, "billing", "early.bulk")
    write(site.client, "early.bulk", various(30))
    Application(site.client).read("early.bulk", "billing", 30)
    assert _offsets(site, "billing", "early.bulk") != restored
    told = _by_password(site, *command)

    assert (told["status"], told["total_offsets_reset"]) == ("success", 3)
    assert _offsets(site, "billing", "early.bulk") == restored == dict.fromkeys(range(3), 1000)


def test_offsets_are_kept_and_taken_back(site: Site) -> None:
    """By password, which is all that these commands know; what was committed since then is gone."""
    write(site.client, "early.payments", [Record(0, b"k", b"v", _EPOCH_MS)] * 20)
    reader = Application(site.client)
    reader.read("early.payments", "billing", 5)
    before = _offsets(site, "billing", "early.payments")

    def run(*args: str) -> Any:
        return _by_password(site, "offset-rollback", *args, "--path", "/data")

    kept = run("snapshot", "--groups", "billing")["snapshot_id"]
    reader.read("early.payments", "billing", 5)
    assert _offsets(site, "billing", "early.payments") != before
    assert [each["snapshot_id"] for each in run("list")] == [kept]
    told = run("rollback", "--snapshot-id", kept)

    assert (told["result"]["status"], told["verification"]["verified"]) == ("success", True)
    assert _offsets(site, "billing", "early.payments") == before
