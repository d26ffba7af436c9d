"""What `verify:` and `messageFormats:` may say, and how mistakes in them are told."""

import json

import pytest
from support import ENVIRONMENT, Project

from generator.common.schedule import fault as fault_of
from generator.model.verification.verification import push_port

VERIFY = "verify: {image: registry.example.com/strimzi-verify:1.0.0, owner: team-platform}\n"


@pytest.mark.parametrize(
    "image",
    ["verify:1", "verify:1.0@sha256:" + "0" * 64, "r.example.com:5000/a/b-c:v1_2",
     "r/verify@sha256:" + "f" * 64, "verify:latest@sha256:" + "0" * 64, "verify:latest-2"],
)  # fmt: skip
def test_pinned_images_are_taken(project: Project, image: str) -> None:
    """A version, a digest, or both."""
    project.environment(f'verify: {{image: "{image}"}}\n')

    assert project.findings() == []


_IMAGE = (
    "is not an image with a version (name:tag, other than latest) or a digest (name@sha256:...)"
)
_TIME = "is not a duration such as 500ms, 30s or 1h30m"


@pytest.mark.parametrize(
    ("section", "expected"),
    [
        ("{image: verify}", f'7:17 [wrong-value] "verify" {_IMAGE}'),
        ('{image: "verify:latest"}', f'7:17 [wrong-value] "verify:latest" {_IMAGE}'),
        ('{image: "r:5000/verify"}', f'7:17 [wrong-value] "r:5000/verify" {_IMAGE}'),
        ("{schedule: 0 * * * *}", "7:1 [missing-key] 'image' is missing"),
        ("{image: a:1, deadlin: 5m}", "7:22 [unknown-key] unknown key 'deadlin'"),
        ("{image: a:1, wait: unlimited}", f'7:28 [wrong-value] "unlimited" {_TIME}'),
        ("{image: a:1, deadline: 10m}",
         "7:32 [verify-deadline] it would be killed before it has a verdict: wait and stable"
         " together take 10m30s"),
        ("{image: a:1, wait: 1h}",
         "7:9 [verify-deadline] it would be killed before it has a verdict: wait and stable"
         " together take 1h30s"),
        ("{image: a:1, listener: tsl}", "7:32 [unknown-listener] there is no listener 'tsl'"),
        ("{image: a:1, listener: out}",
         "7:32 [verify-listener] verification cannot log in at the listener 'out'"),
        ("{image: a:1, clusterId: abc}",
         '7:33 [wrong-value] "abc" is not a Kafka cluster id (22 letters, digits and dashes)'),
        ('{image: a:1, ignoreTopics: ["(a"]}',
         "7:37 [wrong-value] '(a' is no regular expression: missing ), unterminated subpattern at"
         " position 0"),
        ("{image: a:1, certificates: {fail: 30d}}",
         "7:22 [wrong-value] it fails 30 days before the end, and warns 30"),
        ("{image: a:1, disk: {warnPercent: 90}}",
         "7:22 [wrong-value] it fails at 85 %, and warns at 90 %"),
        ("{image: a:1, disk: {failPercent: 101}}",
         "7:42 [wrong-value] 101 is not a whole number from 1 to 100"),
        ("{image: a:1, groups: {a: {}}}", "7:34 [wrong-value] a mapping is not bounds of a consumer group"),
        ("{image: a:1, schedule: 0 24 * * *}",
         "7:32 [wrong-value] '24' is no hour from 0 to 23"),
        ('{image: a:1, schedule: "@hourly"}',
         '7:32 [wrong-value] "@hourly" is not five fields as in cron: minute, hour, day of the month,'
         " month, day of the week"),
        ('{image: a:1, pushgateway: "push:9091"}',
         '7:35 [wrong-value] "push:9091" is not an address such as http://pushgateway.monitoring:9091'),
        ("{image: a:1, resources: {requests: {cpu: 2}, limits: {cpu: 500m}}}",
         "7:50 [wrong-value] it requests 2, and may use 500m"),
        ("{image: a:1}\nusers: {verify: {spec: {}}}",
         "8:9 [duplicate-user] 'verify' is the user of verification, too"),
        ("{image: a:1}\napplications: {verify: {}}",
         "8:16 [duplicate-user] 'verify' is the user of verification, too"),
        ("{image: a:1}\ntopics: {strimzi-verify-mine: {}}",
         "8:10 [reserved-name] verification deletes topics that begin with 'strimzi-verify-'"),
        ("{image: a:1}\ntopics: {a: {messageFormat: b}}",
         "8:29 [unknown-format] there is no message format 'b'"),
        ("{image: a:1}\ntopicProfiles: {a: {messageFormat: b}}\nmessageFormats: {c: {}}",
         "8:36 [unknown-format] there is no message format 'b'"),
        ("{image: a:1}\nmessageFormats: {c: {type: strin}}",
         '8:18 [wrong-value] it is no JSON Schema: "strin" is not valid under any of the schemas'
         " listed in the 'anyOf' keyword"),
        ('{image: a:1}\nmessageFormats: {c: {properties: {d: {$ref: "https://example.com/s"}}}}',
         "8:18 [wrong-value] it is no JSON Schema: https://example.com/s lies outside of it; write it"
         " below $defs"),
    ],
)  # fmt: skip
def test_mistakes_are_named(project: Project, section: str, expected: str) -> None:
    """Each mistake is one finding, at the line to edit."""
    text = ENVIRONMENT.replace("{tls:", "{out: {port: 9094, type: loadbalancer}, tls:")
    project.environment(f"verify: {section}\n", text=text)

    assert project.findings() == [f"environment.yaml:{expected}"]


def test_cluster_without_a_way_in_cannot_be_verified(project: Project) -> None:
    """Verification logs in like everybody else."""
    text = ENVIRONMENT.replace("authentication: tls", "type: internal")
    project.environment(VERIFY, text=text)

    assert project.findings() == [
        "environment.yaml:7:1 [verify-listener] there is no listener at which verification could log in"
    ]


def test_settings_too_large_for_a_config_map_are_refused(project: Project) -> None:
    """The API server would refuse them after the merge."""
    schema = json.dumps({"description": "x" * 1_100_000})
    project.environment(
        VERIFY + f"messageFormats: {{f: {schema}}}\ntopics: {{a: {{messageFormat: f}}}}\n"
    )

    (found,) = project.findings()

    assert found.startswith(
        "environment.yaml:7:1 [verify-settings] what checks are told takes 1100"
    )


@pytest.mark.parametrize(
    ("schedule", "fault"),
    [
        ("* * * * *", ""),
        ("*/5 0-23/2 1,15 JAN-dec sun", ""),
        ("? ? ? ? ?", ""),
        ("60 * * * *", "'60' is no minute from 0 to 59"),
        ("* * 0 * *", "'0' is no day of the month from 1 to 31"),
        ("* * * * 7", "'7' is no day of the week from 0 to 6"),
        ("* 5-3 * * *", "'5-3' is no hour from 0 to 23"),
        ("* 1-2-3 * * *", "'1-2-3' is no hour from 0 to 23"),
        ("*/0 * * * *", "'*/0' has no step after its slash"),
        ("*/ * * * *", "'*/' has no step after its slash"),
        (", * * * *", "'' is no minute from 0 to 59"),
        ("* * * sun *", "'sun' is no month from 1 to 12"),
    ],
)
def test_schedules_are_read_as_kubernetes_does(schedule: str, fault: str) -> None:
    """Fields, ranges, steps and names; the first that is wrong is named."""
    assert fault_of(schedule) == fault


@pytest.mark.parametrize(
    ("address", "port"),
    [("http://push", 80), ("https://push/metrics", 443), ("http://push.a:9091/x", 9091)],
)
def test_port_of_an_address(address: str, port: int) -> None:
    """The scheme's own where none is said."""
    assert push_port(address) == port
