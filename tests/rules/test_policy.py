"""What the policy makes of broken rules: severities, suppressions, rules of one's own."""

import pytest
from support import Cli, Project

from generator.common.cache import Cache
from generator.common.paths import environment_names
from generator.render import render_all
from generator.validate.schemas import Schemas, schema_folders

ONLY = (
    "topic-owner topic-description topic-without-producer topic-without-consumer"
    " topic-retention-unaccounted"
)
"""Rules that the little topics of these tests would all break."""


def _findings(project: Project, today: str = "2026-11-21") -> list[str]:
    everything = render_all(
        project.root, environment_names(project.root), Schemas(schema_folders()), True, Cache(),
        today=today,
    )  # fmt: skip
    return [
        f"{each.file.removeprefix('environments/')}:{each.line} {each.severity} [{each.rule}]"
        f" {each.message}"
        for each in everything.findings
        if each.rule not in ONLY.split()
    ]


def _suppression(expires: str, rule: str = "topic-replicas-minimum") -> str:
    return (
        "policy:\n  suppressions:\n    lost-is-fine:\n"
        f"      rule: {rule}\n      objects: [KafkaTopic/a*]\n"
        f"      reason: It is made again.\n      owner: team-a\n      expires: {expires}\n"
    )


def test_same_flaw_of_many_topics_is_one_finding(project: Project) -> None:
    """What a thousand topics inherit is said once, with the first names and the number."""
    project.environment(
        "topicProfiles: {p: {replicas: 1, minInsyncReplicas: 1}}\n"
        "topics: {a: {profile: p}, b: {profile: p}, c: {profile: p}, d: {profile: p}}\n",
        rules=True,
    )

    assert _findings(project) == [
        "dev/environment.yaml:7 error [topic-replicas-minimum] KafkaTopic a, KafkaTopic b,"
        " KafkaTopic c and 1 more: replicas is 1; the policy wants 3"
    ]


def test_topic_is_called_as_kafka_calls_it(project: Project) -> None:
    """And not as its object, whose name may hold less."""
    project.environment("topics: {a_b: {replicas: 1, minInsyncReplicas: 1}}\n", rules=True)

    assert any("KafkaTopic a_b: replicas is 1" in each for each in _findings(project))


def test_suppressed_finding_is_silent_until_it_expires(project: Project) -> None:
    """The last day counts; the day after, both the finding and the suppression are errors."""
    project.environment(
        "topics: {a: {replicas: 1, minInsyncReplicas: 1}}\n" + _suppression("2026-12-31"),
        rules=True,
    )

    assert _findings(project, "2026-12-31") == []
    assert _findings(project, "2027-01-01") == [
        "dev/environment.yaml:7 error [topic-replicas-minimum] KafkaTopic a: replicas is 1; the"
        " policy wants 3",
        "dev/environment.yaml:15 error [suppression-expired] the suppression 'lost-is-fine' of"
        " topic-replicas-minimum expired",
    ]


def test_suppression_covers_only_its_objects_and_rule(project: Project) -> None:
    """Another topic with the same flaw is still found."""
    project.environment(
        "topics: {a: {replicas: 1, minInsyncReplicas: 1}, b: {replicas: 1, minInsyncReplicas: 1}}\n"
        + _suppression("2026-12-31"),
        rules=True,
    )

    (finding,) = _findings(project)
    assert "KafkaTopic b: replicas is 1" in finding


def test_unused_suppression_is_a_warning(project: Project) -> None:
    """Only when no environment that inherits it needs it."""
    project.write("environments/base/policy.yaml", _suppression("2026-12-31"))
    project.environment("inherits: base\ntopics: {a: {}}\n", rules=True)
    warning = (
        "base/policy.yaml:3 warning [suppression-unused] the suppression 'lost-is-fine' of"
        " topic-replicas-minimum is not needed"
    )

    assert _findings(project) == [warning]

    project.environment(
        "inherits: base\ntopics: {a: {replicas: 1, minInsyncReplicas: 1}}\n",
        name="prod",
        rules=True,
    )
    assert _findings(project) == []


def test_suppression_of_an_unknown_rule_is_an_error(project: Project) -> None:
    """With the nearest name."""
    project.environment(_suppression("2026-12-31", "topic-replica-minimum"), rules=True)

    (finding,) = _findings(project)
    assert "[unknown-rule] there is no rule 'topic-replica-minimum'" in finding


def test_severities_of_the_policy_win(project: Project) -> None:
    """A rule may be milder, harder or off; an unknown name is an error."""
    project.environment(
        "topics: {a: {replicas: 1, minInsyncReplicas: 1, partitions: 1, config: {flush.ms: 1}}}\n"
        "policy:\n  severities:\n    topic-replicas-minimum: info\n"
        "    topic-flush: ignore\n    topic-partitions-minimum: error\n    topic-flusch: info\n",
        rules=True,
    )

    assert [" ".join(finding.split()[1:3]) for finding in _findings(project)] == [
        "info [topic-replicas-minimum]",
        "error [topic-partitions-minimum]",
        "error [unknown-rule]",
    ]


OWN = """\
topics: {{a: {{labels: {{tier: gold}}}}, b: {{partitions: 12}}}}
policy:
  rules:
    large-topics-are-labelled:
      expression: {expression}
      message: a topic with more than 10 partitions has a label tier
      path: spec.partitions
      tests:
        passes: [{{topic: {{partitions: 3}}, object: {{metadata: {{labels: {{}}}}}}}}]
        fails: [{{topic: {{partitions: 11}}, object: {{metadata: {{labels: {{}}}}}}}}]
"""


def test_own_rule_judges_objects(project: Project) -> None:
    """It points at its path in what breaks it."""
    expression = '"topic.partitions <= 10 || has(object.metadata.labels.tier)"'
    project.environment(OWN.format(expression=expression), rules=True)

    assert _findings(project) == [
        "dev/environment.yaml:7 error [large-topics-are-labelled] KafkaTopic b: a topic with more"
        " than 10 partitions has a label tier"
    ]


def test_own_rules_are_told_like_others(project: Project, cli: Cli) -> None:
    """`rules` lists them with their severity; their page has why and fix, and whose they are."""
    own = OWN.format(expression="topic.partitions <= 10").replace(
        "      tests:", "      why: they cost more\n      severity: warning\n      tests:"
    )
    project.environment(own)
    root = ("--root", str(project.root))

    assert cli(*root, "rules", "large-topics-are-labelled")[1] == (
        "large-topics-are-labelled (warning)\n\na topic with more than 10 partitions has a label tier\n\n"
        "why: they cost more\nfix: change it until this holds: topic.partitions <= 10\n"
        "source: policy.rules in dev\n"
    )
    assert "large-topics-are-labelled" in cli(*root, "rules")[1]
    assert "large-topics-are-labelled" not in cli(*root, "rules", "-o", "markdown")[1]


def test_own_rule_says_how_to_mend_what_breaks_it(project: Project) -> None:
    """Its own fix, or else what has to hold."""
    own = OWN.format(expression="topic.partitions <= 10")
    project.environment(own, rules=True)
    (plain,) = (each for each in project.everything("dev").findings
                if each.rule == "large-topics-are-labelled")  # fmt: skip
    project.environment(own.replace("      tests:", "      fix: ask us\n      tests:"), rules=True)
    (said,) = (each for each in project.everything("dev").findings
               if each.rule == "large-topics-are-labelled")  # fmt: skip

    assert plain.fix == "change it until this holds: topic.partitions <= 10"
    assert said.fix == "ask us"


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("topic.partitions < 20", "the rule passes this example, which says it fails"),
        ('"topic.partitions <"', "no CEL expression: "),
        ("topic.partitons <= 10", "the rule fails this example, which says it passes"),
    ],
)
def test_wrong_own_rule_is_found_by_its_own_examples(
    project: Project, expression: str, expected: str
) -> None:
    """A rule that cannot be right judges nothing."""
    project.environment(OWN.format(expression=expression), rules=True)

    (finding,) = _findings(project)
    assert expected in finding


def test_own_rule_sees_effective_values(project: Project) -> None:
    """What the broker will use counts, wherever it is said."""
    project.environment(
        "topics: {a: {}}\n"
        "policy:\n  severities: {topic-retention-outage: ignore}\n"
        "  rules:\n    kept-for-a-day:\n"
        "      expression: topic.config['retention.ms'] >= 86400000\n"
        "      message: too short\n"
        "      tests: {passes: [{topic: {config: {retention.ms: 86400000}}}],"
        " fails: [{topic: {config: {retention.ms: 1}}}]}\n",
        rules=True,
    )
    project.write("environments/base/x.yaml", "cluster: {config: {log.retention.hours: 2}}\n")
    project.write("environments/dev/more.yaml", "inherits: base\n")

    assert "[kept-for-a-day] KafkaTopic a: too short" in str(_findings(project))


def test_day_of_judgement_can_be_chosen(project: Project, cli: Cli) -> None:
    """--today makes a run repeatable."""
    project.environment("topics: {a: {replicas: 1, minInsyncReplicas: 1, owner: x}}\n" + _suppression("2026-12-31"),
                        rules=True)  # fmt: skip

    assert cli("validate", "--today", "2026-12-31")[0] == 0
    assert cli("validate", "--today", "2027-01-01")[0] == 1
    assert cli("validate", "--today", "tomorrow")[0] == 64


def test_infos_are_counted_and_shown_on_demand(project: Project, cli: Cli) -> None:
    """The text leaves infos out; reports for machines hold them."""
    project.environment(
        "topics: {a: {owner: x, description: words, throughput: 1Ki, partitions: 10}}\n"
        "applications: {b: {owner: x, produces: [a], consumes: [a]}}\n",
        rules=True,
    )

    code, out, err = cli("validate")
    assert (code, out) == (0, "")
    assert err == "dev: 6 manifests, 1 info\n"
    assert "topic-partitions-balance" in cli("validate", "--info")[1]
    assert "topic-partitions-balance" in cli("validate", "--format", "json")[1]


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("(" * 400 + "1" + ")" * 400 + " == 1", "it is nested too deep"),
        ("true" + " " * 1000, "at most 1,000 characters"),
        (
            "[1].all(x, [1].all(y, [1].all(z, x == y)))",
            "all, exists, filter and map stand at most 2 deep inside each other",
        ),
        (
            "[1].all(x, 'x' != ')' && [1].all(y, [1].all(z, x == y)))",
            "all, exists, filter and map stand at most 2 deep inside each other",
        ),
        ("[1].all(x, x == 1) && [1].all(x, [1].all(y, x == y)))", "no CEL expression"),
        ("misspelt(topic.partitions)", "says it passes: undeclared reference to 'misspelt'"),
        ("topic.partitions / 0 > 1", "says it passes: modulus or divide by zero"),
        ("topic.partitions", "says it passes: it is IntType, neither true nor false"),
    ],
)
def test_expression_that_cannot_be_judged_is_a_finding(
    project: Project, expression: str, expected: str
) -> None:
    """Whatever is wrong with an own rule, its author reads why."""
    project.environment(OWN.format(expression=f'"{expression}"'), rules=True)

    assert expected in str(_findings(project))


def test_examples_may_hold_anything(project: Project) -> None:
    """Nothing in the place of a topic is an example like any other."""
    own = OWN.format(expression="topic.partitions < 20").replace(
        "{topic: {partitions: 3}", "{topic: null"
    )
    project.environment(own, rules=True)

    assert "the rule fails this example, which says it passes: " in str(_findings(project))


def test_own_rule_has_a_name_of_its_own(project: Project) -> None:
    """A built-in rule's name would hide which of the two was broken."""
    own = OWN.format(expression="topic.partitions <= 10").replace(
        "large-topics-are-labelled", "topic-flush"
    )
    project.environment(own, rules=True)

    (finding,) = _findings(project)
    assert "[duplicate-rule] there is a rule 'topic-flush' already" in finding


def test_own_rule_judges_known_kinds_only(project: Project) -> None:
    """A rule about anything else would never be asked."""
    own = OWN.format(expression="topic.partitions <= 10").replace(
        "      message", "      kind: KafkaConnect\n      message"
    )
    project.environment(own, rules=True)

    assert "KafkaTopic, KafkaUser, KafkaNodePool or Kafka" in str(_findings(project))


def test_what_the_cluster_says_is_one_finding(project: Project) -> None:
    """However many topics inherit it, there is one line to mend."""
    topics = ", ".join(f"t{number}: {{}}" for number in range(30))
    project.environment(f"topics: {{{topics}}}\n", rules=True)
    project.write("environments/dev/more.yaml", "cluster: {config: {min.insync.replicas: 1}}\n")

    (finding,) = _findings(project)
    assert finding.startswith(
        "dev/more.yaml:1 error [topic-min-insync-replicas-minimum] Kafka events: "
    )


def test_tiered_topic_takes_its_local_bytes(project: Project, cli: Cli) -> None:
    """What is in the object store is not on the disks; compacted topics are not asked for bounds."""
    project.write(
        "environments/dev/more.yaml",
        "cluster: {tieredStorage: {className: com.example.Store, classPath: /opt/store/*}}\n",
    )
    project.environment(
        "topics:\n"
        "  a: {partitions: 3, replicas: 3, tiered: true, retention: 7d,"
        " config: {local.retention.bytes: 1073741824}}\n"
        "  b: {cleanup: compact, keyed: true}\n",
    )

    code, out, _ = cli("capacity", "dev")

    assert code == 0
    assert "9Gi" in out
    assert "unknown" not in out


def test_reference_that_leads_nowhere_silences_no_rule(project: Project) -> None:
    """What is sound is judged: all objects are there, and one of them names another one that is not."""
    project.environment("topics: {a: {partitions: 3}}\n", rules=True)
    project.write(
        "environments/dev/extra/pod.yaml",
        """\
        apiVersion: v1
        kind: Pod
        metadata: {name: tool}
        spec:
          serviceAccountName: nobody
          containers: [{name: tool, image: tool}]
        """,
    )

    found = {each.rule for each in project.everything("dev").findings}

    assert {"unknown-reference", "topic-without-producer"} <= found
