"""Remedies are commands that Kafka's own tools take: every option is one of theirs, and they do what is said."""

import re
import shlex
import subprocess
from functools import cache
from pathlib import Path

import pytest
from checks.kafka_answers import git
from confluent_kafka.admin import (
    AclBinding,
    AclBindingFilter,
    AclOperation,
    AclPermissionType,
    ResourcePatternType,
    ResourceType,
)
from live.answers import DEADLINE_S, answer_of
from live.jars import TOOLS, class_path, java, tools
from live.kafka import Kafka
from live.security import ADMIN

from generator.contract.report import fail
from verify.checks.brokers import _Difference, _mend
from verify.checks.partitions import _deleted
from verify.checks.registry import all_checks
from verify.checks.registry.commands import filled
from verify.checks.users import _deleted as _taken
from verify.checks.users import _without
from verify.live.live import Kafka as Told
from verify.live.live import Live, LiveAcl
from verify.report.html import commands

pytestmark = pytest.mark.live

MENDS = (
    _taken(
        "--entity-type users --entity-default --entity-type clients --entity-name a",
        ["producer_byte_rate"],
    ),
    _taken("--entity-type ips --entity-name 192.0.2.1", ["connection_creation_rate"]),
    _taken("--entity-type users --entity-name a", ["SCRAM-SHA-512"]),
    _deleted("topics", "--entity-name llm-events", ["leader.replication.throttled.replicas"]),
    _mend(git(), Live("dev", 0), _Difference("", "log.cleaner.threads", "broker", None), 1),
    _mend(git(), Live("dev", 0), _Difference("", "min.insync.replicas", "default", "2"), 1),
    _without(LiveAcl("User:a b", "allow", "describe_configs", "topic", "x", "prefixed")),
    _without(LiveAcl("User:a", "deny", "all", "cluster", "kafka-cluster", "literal", "192.0.2.1")),
)
"""What checks fill in themselves."""


def run(*command: str) -> "subprocess.CompletedProcess[str]":
    """What becomes of a command line that begins with the name of a script."""
    classes = f"{class_path()}:{tools()}"
    whole = [java(), "-Xmx128m", "-XX:TieredStopAtLevel=1", "-cp", classes, TOOLS[command[0]]]
    return subprocess.run([*whole, *command[1:]], capture_output=True, text=True, check=False, timeout=DEADLINE_S)  # fmt: skip


@cache
def helped(*command: str) -> str:
    """What a tool, or one of its commands, says of its options."""
    done = run(*command, "--help")
    return done.stdout + done.stderr


def commands_of(text: str) -> list[list[str]]:
    """The commands of Kafka's tools in a remedy."""
    return [
        shlex.split(said)
        for is_command, said in commands(text)
        if is_command and said.startswith("kafka-")
    ]


def every_command() -> list[list[str]]:
    """Those of all checks, filled in for a subject."""
    live = Live("dev", 0, kafka=Told("abc", "b0:9092", protocol="SSL"))
    fixes = [*(each.doc.fix for each in all_checks().values()), *MENDS]
    return [
        command
        for fix in fixes
        for command in commands_of(
            filled(
                fix,
                git(),
                live,
                [fail("x", "some-1", topic="t", partition="0", offset="7", group="g")],
            )
        )
    ]


def test_every_option_is_one_of_the_tool() -> None:
    """Of the tool itself, or of the command that it is told."""
    found = every_command()

    assert {command[0] for command in found} == TOOLS.keys()
    for command in found:
        name, *rest = command
        own = (
            [each for each in rest if each in ("describe", "forceTerminateTransaction")]
            if name == "kafka-transactions.sh"
            else []
        )
        known = helped(name) + (helped(name, "--bootstrap-server", "x:1", *own) if own else "")
        for option in (each for each in rest if each.startswith("--")):
            assert re.search(rf"(?<![\w-]){option}(?![\w-])", known), (option, command)


@pytest.fixture(scope="module")
def login(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What Kafka's tools log in with as somebody who may do everything."""
    file = tmp_path_factory.mktemp("login") / "client.properties"
    file.write_text(
        "security.protocol=SASL_PLAINTEXT\nsasl.mechanism=PLAIN\nsasl.jaas.config=org.apache.kafka.common"
        f'.security.plain.PlainLoginModule required username="{ADMIN.user}" password="{ADMIN.password}";\n'
    )
    return file


def carried_out(
    kafka: Kafka, login: Path, fix: str, subject: str = "", *, topic: str = "", mend: str = ""
) -> str:
    """What the first command of a remedy says, which is carried out as it is printed, but for the file's folder."""
    live = Live("dev", 0, kafka=Told("abc", kafka.bootstrap, protocol="SASL_PLAINTEXT"))
    text = filled(fix, git(), live, [fail("x", subject, topic=topic, partition="0", mend=mend)])
    command = commands_of(text)[0]
    command[command.index("client.properties")] = str(login)
    done = run(*command)
    assert done.returncode == 0, (command, done.stdout, done.stderr)
    return done.stdout


def fix_of(check: str) -> str:
    """The remedy of a check, before anything is filled in."""
    return all_checks()[check].doc.fix


@pytest.mark.parametrize(
    "check",
    [
        "partitions-online",
        "partitions-at-min-isr",
        "leader-balance",
        "disk-fill",
        "reassignments-done",
        "foreign-topics-denied",
        "probe-consumes",
    ],
)
def test_what_only_looks(dev: Kafka, login: Path, check: str) -> None:
    """Or changes nothing where all is well: it can be pasted."""
    carried_out(dev, login, fix_of(check), topic="llm-events")


def test_a_rule_is_taken_away(dev: Kafka, login: Path) -> None:
    """As printed, with a principal that needs quotes."""
    rule = AclBinding(ResourceType.TOPIC, "stray", ResourcePatternType.PREFIXED, "User:a b", "*",
                      AclOperation.DESCRIBE_CONFIGS, AclPermissionType.ALLOW)  # fmt: skip
    (future,) = dev.admin.create_acls([rule]).values()
    answer_of(future)
    seen = AclBindingFilter(ResourceType.ANY, None, ResourcePatternType.ANY, "User:a b", None,  # type: ignore[arg-type]
                            AclOperation.ANY, AclPermissionType.ANY)  # fmt: skip
    dev.until(lambda: bool(answer_of(dev.admin.describe_acls(seen))), "have the rule")

    carried_out(
        dev, login, fix_of("acls-extra"),
        mend=_without(LiveAcl("User:a b", "allow", "describe_configs", "topic", "stray", "prefixed")),
    )  # fmt: skip
    dev.until(lambda: not answer_of(dev.admin.describe_acls(seen)), "forget the rule")
