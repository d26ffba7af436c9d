"""What findings say beside their line: words, and mends, that hang on what is written."""

import pytest
from rules.cases import BASE
from support import Project

_CLASS = "policy: {dataClasses: {p: {maxRetention: 7d}}}\ntopics: {a: {dataClass: p, segmentTime: 1d, %s}}\n"
_ACL = (
    "users: {u: {spec: {authentication: {type: tls}, authorization: {type: simple, acls: [{resource:"
    " {type: topic, name: '%s'}, operations: [Read]}]}}}}\n"
)
_SUPER = "cluster: {authorization: {superUsers: ['%s']}}\nusers: {admin: {spec: {authentication: {type: tls}}}}\n"
_AWAY = "topics: {a: {retention: 2d}}\n"
_LOGGERS = (
    "overrides: {Kafka: {events: {spec: {kafka: {logging: {type: inline, loggers: {%s}}}}}}}\n"
)


@pytest.mark.parametrize(
    ("rule", "intent", "message", "fix"),
    [
        # what a segment takes to roll counts, and shortens what can be written
        ("topic-data-class", _CLASS % "retention: 30d", "p data may be kept for 7d, not 30d", None),
        ("topic-data-class", _CLASS % "retention: 7d",
         "p data may be kept for 7d, not 7d and the 1d that a segment takes to roll", None),
        ("topic-data-class", _CLASS % "retention: 156h",
         "p data may be kept for 7d, not 6d12h and the 1d that a segment takes to roll",
         "write segmentTime: 12h"),
        ("topic-data-class", _CLASS.replace("1d", "10d") % "retention: 0s",
         "p data may be kept for 7d, not 0ms and the 10d that a segment takes to roll",
         "write segmentTime: 7d"),
        ("topic-data-class", _CLASS % "retention: unlimited",
         "p data may be kept for 7d, not unlimited", None),
        ("topic-data-class", _CLASS % "retention: 3d, deadLetter: {retention: 30d}",
         "p data may be kept for 7d, not 30d",
         "say a shorter retention below deadLetter or retries"),
        # who may be away
        ("topic-retention-outage", _AWAY, "retention.ms is 2d, but a consumer may be away for 3d", None),
        ("topic-retention-outage", _AWAY + "applications: {b: {consumes: {a: {outage: 4d}}}}\n",
         "retention.ms is 2d, but b may be away for 4d", None),
        # how Log4j 2 says it, where that can be told
        ("logging-unreadable", _LOGGERS % "log4j.rootLogger: 'WARN, CONSOLE'", "'log4j.rootLogger' is of Log4j 1",
         "write rootLogger.level: WARN"),
        ("logging-unreadable", _LOGGERS % "log4j.logger.a.b: DEBUG", "'log4j.logger.a.b' is of Log4j 1",
         "write logger.ab.name: a.b and logger.ab.level: DEBUG"),
        ("logging-unreadable", _LOGGERS % "log4j.appender.X: Console", "'log4j.appender.X' is of Log4j 1",
         "write rootLogger.level, or logger.NAME.name and logger.NAME.level."),
        # a name is only proposed where it would be right
        ("acl-literal-wildcard", _ACL % "a.*", "'a.*' matches only what is really called that",
         "write patternType: prefix, name: a."),
        ("acl-literal-wildcard", _ACL % "*.a", "'*.a' matches only what is really called that",
         "write patternType: prefix and the name without '*'."),
        ("acl-literal-wildcard", _ACL % "**", "'**' matches only what is really called that",
         "write patternType: prefix and the name without '*'."),
        ("super-user-prefix", _SUPER % "User:CN=admin", "Strimzi would make User:User:CN=admin of it",
         "write CN=admin"),
        ("super-user-prefix", _SUPER % "User:CN=a,O=b", "Strimzi would make User:User:CN=a,O=b of it",
         "write CN=a,O=b"),
        ("super-user-prefix", _SUPER % "User:CN=nobody", "Strimzi would make User:User:CN=nobody of it",
         None),
    ],
)  # fmt: skip
def test_words_of_a_finding(
    project: Project, rule: str, intent: str, message: str, fix: str | None
) -> None:
    """None stands for what the rule says of how to mend it in general."""
    project.write("environments/base/base.yaml", BASE)
    project.write(
        "environments/dev/environment.yaml", f"environment: dev\ninherits: base\n{intent}"
    )

    (found,) = [each for each in project.everything("dev").findings if each.rule == rule]

    assert found.message.endswith(message)
    assert (found.fix if found.fix.startswith(("write ", "say a")) else None) == fix
