"""A dump holds all that was collected, reads as it was written, and none of it is a secret."""

import os
from pathlib import Path

import pytest
from checks.kafka_answers import answers, cluster, on, topic
from checks.kubernetes_objects import certificate, secret
from verify_reports import HOSTILE
from verify_reports import live as busy

from generator.common.finding import FindingsError
from verify.live import dump
from verify.live.live import (
    ELSEWHERE,
    Cause,
    Flow,
    FlowStep,
    FormatAnswer,
    Gap,
    Group,
    GroupOffset,
    Kubernetes,
    ListenerAnswer,
    Live,
    LiveAcl,
    LogDir,
    Probe,
    ProbeBroker,
    Quorum,
    Reassignment,
    Redis,
    Setting,
    Transaction,
    Voter,
)

GAP = Gap(Cause.REFUSED, "not authorized")


def everything() -> Live:
    """One of each thing that there is to collect."""
    live = answers(
        cluster(
            topics={HOSTILE: topic(on(0, 1, leader=ELSEWHERE), on(1), id_="x")},
            configs={HOSTILE: {"retention.ms": "-1"}}, broker_configs={0: {"a": Setting("b", "default", "c")}},
            features={"metadata.version": 30}, quorum=Quorum(0, 7, 9, (Voter(0, 9, 1, 1),)),
            log_dirs=[LogDir(0, "/data", 10**15, -1, 3)],
            acls=[LiveAcl("User:a", "allow", "read", "topic", "b", "literal")],
            quotas={"<default>": {"producer_byte_rate": 1.5}}, scram={"a": ["SCRAM-SHA-512"]},
            groups={"g": Group("Stable", first={"a-0": GroupOffset(0, -1)}, problem="x")},
            reassignments=[Reassignment("a", 0, (1,), ())], transactions=[Transaction("t", 1, "s")],
            forbidden={"a": "denied"},
        ),
        gaps={"kafka.scram": GAP},
        listeners=(ListenerAnswer("tls", "b0:9093", True, certificates=(certificate(3),), problem=GAP),),
        probe=Probe("p", (ProbeBroker(0, 1, 1, 1, produce_ms=(0.1,)),), gap=GAP),
        flow=Flow(transaction=FlowStep(True, "a", numbers={"n": 1.0}), formats=(FormatAnswer("a", 1),)),
        redis=(Redis("r:6379"),),
        before={"a": "id"},
    )  # fmt: skip
    live.kubernetes = Kubernetes(
        "https://a", "kafka-dev", objects={"Kafka": {"events": {"spec": {"a": [1, 2.5, None, True]}}}},
        secrets={"s": secret("s", "user.key", certificates=(certificate(9),))},
    )  # fmt: skip
    return live


def test_what_was_written_is_read(tmp_path: Path) -> None:
    """The same, every bit of it, whatever names are like."""
    for live in (everything(), Live("dev", 1.5), busy()):
        file = tmp_path / "dump.json"
        dump.write(file, live)

        assert dump.read(file) == live


def test_same_cluster_same_bytes(tmp_path: Path) -> None:
    """So that two dumps can be compared line by line."""
    one, other = tmp_path / "one", tmp_path / "other"
    dump.write(one, busy())
    dump.write(other, busy())

    assert one.read_bytes() == other.read_bytes()
    assert len(one.read_text().splitlines()) > 100


def test_no_secret_has_a_place_in_it(tmp_path: Path) -> None:
    """Keys of Secrets are names; what they hold has no field."""
    file = tmp_path / "dump.json"
    dump.write(file, everything())
    text = file.read_text()

    assert '"user.key"' in text
    assert '"data"' not in text
    assert "PRIVATE KEY" not in text


@pytest.mark.parametrize("before", [None, 0o644])
def test_nobody_else_may_read_it(tmp_path: Path, before: int | None) -> None:
    """Also where a file was there that everybody might read."""
    file = tmp_path / "dump.json"
    if before:
        file.write_text("older")
        file.chmod(before)
    dump.write(file, Live("dev", 0))

    assert file.stat().st_mode & 0o777 == 0o600
    assert dump.read(file) == Live("dev", 0)


def test_ids_of_topics(tmp_path: Path) -> None:
    """Of an earlier run; none where Kafka was away."""
    file = tmp_path / "dump.json"
    dump.write(file, everything())
    assert dump.topic_ids(file) == {HOSTILE: "x"}
    dump.write(file, Live("dev", 0))
    assert dump.topic_ids(file) == {}


def test_what_newer_versions_add_is_read_over(tmp_path: Path) -> None:
    """The version says whether the rest still means the same."""
    file = tmp_path / "dump.json"
    file.write_text('{"environment": "dev", "taken_at_s": 1, "version": 1, "weather": "fine"}')

    assert dump.read(file) == Live("dev", 1)


def _fails(file: Path, words: str, *, write: bool = False) -> None:
    with pytest.raises(FindingsError) as raised:
        dump.write(file, Live("dev", 0)) if write else dump.read(file)
    (finding,) = raised.value.findings
    assert (finding.file, finding.rule) == (str(file), "dump")
    assert words in finding.message
    assert finding.fix


def test_dumps_that_are_none(tmp_path: Path) -> None:
    """A folder, nothing, another version, a time of no year, far too much."""
    file = tmp_path / "dump.json"
    _fails(tmp_path, "cannot be read: Is a directory")
    _fails(file, "cannot be read: No such file or directory")
    file.write_text('{"environment": "dev", "taken_at_s": 1, "version": 2}')
    _fails(file, "is a dump of version 2")
    file.write_text('{"environment": "dev", "taken_at_s": "today"}')
    _fails(file, "is no dump: Expected `float`, got `str` - at `$.taken_at_s`")
    file.write_text('{"environment": "dev", "taken_at_s": 1e300}')
    _fails(file, "is no dump: Expected `float` <= 253402300799.0 - at `$.taken_at_s`")
    os.truncate(file, 513 * 2**20)
    _fails(file, "is larger than 512 MiB")


def test_dumps_that_cannot_be_written(tmp_path: Path) -> None:
    """Are told as such."""
    _fails(tmp_path, "cannot be written: Is a directory", write=True)
    _fails(tmp_path / "none/dump.json", "cannot be written: No such file or directory", write=True)
