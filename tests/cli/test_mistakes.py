"""What people get wrong in their first days, and what the screen then says: the cause, and how to mend it."""

import pytest
from support import Cli, Project

# What was meant, what was written into topics.yaml, and all errors that are shown.
MISTAKES = [
    (
        "a merge that was not ended",
        "topics:\n<<<<<<< HEAD\n  a: {retention: 1d}\n=======\n  a: {retention: 2d}\n>>>>>>> other\n",
        """\
environments/dev/topics.yaml:2:1: error: this is a mark of a merge that Git could not end: <<<<<<< [yaml-syntax]
  fix: keep one of the two sides, or both, and take out the lines <<<<<<<, ======= and >>>>>>>
""",
    ),
    (
        "a tab",
        "topics:\n\ta: {retention: 1d}\n",
        """\
environments/dev/topics.yaml:2:1: error: a tab indents this line, and YAML takes only spaces [yaml-syntax]
  fix: write two spaces for each level instead; editors can be told to
""",
    ),
    (
        "a tab further in",
        "topics:\n  a:\n  \tretention: 1d\n",
        """\
environments/dev/topics.yaml:3:3: error: a tab indents this line, and YAML takes only spaces [yaml-syntax]
  fix: write two spaces for each level instead; editors can be told to
""",
    ),
    (
        "milliseconds as in Kafka",
        "topics:\n  a: {retention: 604800000}\n",
        """\
environments/dev/topics.yaml:2:18: error: 604800000 is not a duration such as 30s, 1h30m, 7d or unlimited [wrong-type]
  fix: write 7d, if milliseconds are meant as in Kafka; else add a unit: 604800000ms, 604800000s, 604800000h or 604800000d
""",
    ),
    (
        "milliseconds that are no round time",
        "topics:\n  a: {retention: 1001}\n",
        """\
environments/dev/topics.yaml:2:18: error: 1001 is not a duration such as 30s, 1h30m, 7d or unlimited [wrong-type]
  fix: add a unit: 1001ms, 1001s, 1001h or 1001d
""",
    ),
    (
        "bytes as in Kafka",
        "topics:\n  a: {retentionSize: 1073741824}\n",
        """\
environments/dev/topics.yaml:2:22: error: 1073741824 is not a size such as 512Ki, 1Mi or 10Gi, or unlimited [wrong-type]
  fix: write 1Gi, if bytes are meant as in Kafka; else add a unit: 1073741824B, 1073741824Mi or 1073741824Gi
""",
    ),
    (
        "days in full",
        "topics:\n  a: {retention: 7days}\n",
        """\
environments/dev/topics.yaml:2:18: error: "7days" is not a duration such as 30s, 1h30m, 7d or unlimited [wrong-value]
  fix: did you mean '7d'?
""",
    ),
    (
        "days with a space",
        "topics:\n  a: {retention: 7 days}\n",
        """\
environments/dev/topics.yaml:2:18: error: "7 days" is not a duration such as 30s, 1h30m, 7d or unlimited [wrong-value]
  fix: did you mean '7d'?
""",
    ),
    (
        "hours in capitals",
        "topics:\n  a: {retention: 12H}\n",
        """\
environments/dev/topics.yaml:2:18: error: "12H" is not a duration such as 30s, 1h30m, 7d or unlimited [wrong-value]
  fix: did you mean '12h'?
""",
    ),
    (
        "gigabytes",
        "topics:\n  a: {retentionSize: 10GB}\n",
        """\
environments/dev/topics.yaml:2:22: error: "10GB" is not a size such as 512Ki, 1Mi or 10Gi, or unlimited [wrong-value]
  fix: did you mean '10Gi'?
""",
    ),
    (
        "a unit that nobody knows",
        "topics:\n  a: {retention: 7 moons}\n",
        """\
environments/dev/topics.yaml:2:18: error: "7 moons" is not a duration such as 30s, 1h30m, 7d or unlimited [wrong-value]
  fix: write a duration such as 30s, 1h30m, 7d or unlimited
""",
    ),
    (
        "a manifest of a topic",
        "apiVersion: kafka.strimzi.io/v1\nkind: KafkaTopic\nmetadata: {name: a}\nspec: {partitions: 3}\n",
        """\
environments/dev/topics.yaml:2:1: error: this is a manifest of kind KafkaTopic, and no intent [manifest-in-intent]
  fix: say it as intent, under topics:; or move the file to the folder extra/ beside environment.yaml, where manifests are rendered as they are
""",
    ),
    (
        "a manifest of something else",
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n",
        """\
environments/dev/topics.yaml:2:1: error: this is a manifest of kind ConfigMap, and no intent [manifest-in-intent]
  fix: say it as intent; or move the file to the folder extra/ beside environment.yaml, where manifests are rendered as they are
""",
    ),
    (
        "a list with names",
        "topics:\n  - name: a\n    partitions: 3\n",
        """\
environments/dev/topics.yaml:2:3: error: a list is not a mapping [wrong-type]
  fix: names are keys here: write 'a:' instead of '- name: a', and what it has below
""",
    ),
    (
        "a list of names",
        "topics: [a, b]\n",
        """\
environments/dev/topics.yaml:1:9: error: a list is not a mapping [wrong-type]
  fix: names are keys here: write 'a:' instead of '- name: a', and what it has below
""",
    ),
    (
        "a version that YAML reads as a number",
        "kubernetes: {version: 1.30}\n",
        """\
environments/dev/topics.yaml:1:23: error: 1.3 is not a minor version of Kubernetes, such as "1.30", in quotes [wrong-type]
  fix: put what stands there in quotes
""",
    ),
    (
        "a metadata version that YAML reads as a number",
        "cluster: {metadataVersion: 4.1}\n",
        """\
environments/dev/topics.yaml:1:28: error: 4.1 is not a KRaft metadata version [wrong-value]
  fix: put it in quotes: "4.1"
""",
    ),
    (
        "a number in quotes",
        'topics:\n  a: {partitions: "3"}\n',
        """\
environments/dev/topics.yaml:2:19: error: "3" is not a whole number from 1 [wrong-type]
  fix: drop the quotes: 3
""",
    ),
    (
        "no space behind a colon",
        "topics:\n  a:\n    partitions:3\n",
        """\
environments/dev/topics.yaml:3:5: error: "partitions:3" is not topic settings [wrong-type]
  fix: put a space behind the colon: 'partitions: 3'
""",
    ),
    (
        "a colon in a text",
        "topics:\n  a:\n    description: order: created\n",
        """\
environments/dev/topics.yaml:3:23: error: this is no YAML: mapping values are not allowed in this context [yaml-syntax]
  fix: a text that has a colon and a space in it wants quotes: "...: ..."
""",
    ),
    (
        "a colon in a text between brackets",
        "topics:\n  a: {description: order: created}\n",
        """\
environments/dev/topics.yaml:2:25: error: this is no YAML: did not find expected ',' or '}' (while parsing a flow mapping) [yaml-syntax]
  fix: a text that has a colon and a space in it wants quotes: "...: ..."
""",
    ),
    (
        "indentation that fits nothing",
        "topics:\n  a:\n    partitions: 3\n   retention: 1d\n",
        """\
environments/dev/topics.yaml:4:4: error: this is no YAML: did not find expected key (while parsing a block mapping) [yaml-syntax]
  fix: mind indentation, quotes and brackets here and on the line above; spaces, no tabs
""",
    ),
    (
        "a bracket that is not closed",
        "topics:\n  a: {partitions: 3\n",
        """\
environments/dev/topics.yaml:2:6: error: this is no YAML: what { opens here is not closed [yaml-syntax]
  fix: close it: }
""",
    ),
    (
        "a quote that is not closed",
        'topics:\n  a: {description: "orders}\n',
        """\
environments/dev/topics.yaml:2:20: error: this is no YAML: what " opens here is not closed [yaml-syntax]
  fix: close it: "
""",
    ),
    (
        "yes for true",
        "topics:\n  a: {deadLetter: yes}\n",
        """\
environments/dev/topics.yaml:2:19: error: yes is read differently by different YAML versions [ambiguous-scalar]
  fix: write true, or "yes" in quotes for text
""",
    ),
    (
        "a key as Kafka has it",
        "topics:\n  a: {min.insync.replicas: 2}\n",
        """\
environments/dev/topics.yaml:2:7: error: unknown key 'min.insync.replicas' [unknown-key]
  fix: did you mean 'minInsyncReplicas'?
""",
    ),
    (
        "a key with underscores",
        "topics:\n  a: {retention_ms: 1d}\n",
        """\
environments/dev/topics.yaml:2:7: error: unknown key 'retention_ms' [unknown-key]
  fix: did you mean 'retention'?
""",
    ),
    (
        "a key that is nearly right",
        "topics:\n  a: {partition: 3}\n",
        """\
environments/dev/topics.yaml:2:7: error: unknown key 'partition' [unknown-key]
  fix: did you mean 'partitions'?
""",
    ),
    (
        "a section that is nearly right",
        "topic:\n  a: {partitions: 3}\n",
        """\
environments/dev/topics.yaml:1:1: error: unknown key 'topic' [unknown-key]
  fix: did you mean 'topics'?
""",
    ),
    (
        "the same topic twice",
        "topics:\n  a: {partitions: 3}\n  a: {partitions: 4}\n",
        """\
environments/dev/topics.yaml:3:3: error: 'a' is here twice, first at 2:3 [duplicate-key]
  fix: remove one of the two
""",
    ),
    (
        "a word in another case",
        "topics:\n  a: {cleanup: Compact}\n",
        """\
environments/dev/topics.yaml:2:16: error: "Compact" is not delete, compact or compact-delete [wrong-value]
  fix: did you mean 'compact'?
""",
    ),
    (
        "a profile that is not there",
        "topics:\n  a: {profile: event}\n",
        """\
environments/dev/topics.yaml:2:16: error: there is no topic profile 'event' [unknown-profile]
""",
    ),
    (
        "no partitions at all",
        "topics:\n  a: {partitions: 0}\n",
        """\
environments/dev/topics.yaml:2:19: error: 0 is not a whole number from 1 [wrong-value]
  fix: write a whole number from 1
""",
    ),
    (
        "an empty file",
        "",
        """\
environments/dev/topics.yaml: error: the file is empty [empty-file]
  fix: write a section such as 'topics:', or delete the file
""",
    ),
    (
        "two documents",
        "topics: {a: {}}\n---\ntopics: {b: {}}\n",
        """\
environments/dev/topics.yaml:2:1: error: a second document starts here [yaml-syntax]
  fix: keep one document in a file and drop the '---' between them
""",
    ),
    (
        "only a text",
        "topics\n",
        """\
environments/dev/topics.yaml:1:1: error: the file holds no mapping of sections such as topics: or cluster: [wrong-type]
  fix: write sections; 'strimzi-gitops schema' prints all of them
""",
    ),
    (
        "a date for a version",
        "cluster: {kafkaVersion: 4.3}\n",
        """\
environments/dev/topics.yaml:1:25: error: 4.3 is not a Kafka version that the operator runs, such as 4.3.1 [wrong-type]
  fix: did you mean '4.3.1'?
""",
    ),
    (
        "an application that reads what is not there",
        "applications:\n  billing: {consumes: {order: {group: billing}}}\ntopics: {orders: {}}\n",
        """\
environments/dev/topics.yaml:2:24: error: there is no topic 'order' [unknown-topic]
  fix: did you mean 'orders'?
""",
    ),
    (
        "an anchor that is not there",
        "topics:\n  a: *b\n",
        """\
environments/dev/topics.yaml:2:6: error: the alias *b is not defined before this line [yaml-syntax]
  fix: define &b before it, or write the value out
""",
    ),
    (
        "a merge key",
        "topics:\n  a: &a {partitions: 3}\n  b: {<<: *a}\n",
        """\
environments/dev/topics.yaml:3:7: error: a YAML merge key (<<) [merge-key]
  fix: use a topic profile, base, or write the values out
""",
    ),
    (
        "a tag",
        "topics:\n  a: {partitions: !!int 3}\n",
        """\
environments/dev/topics.yaml:2:19: error: a tag (tag:yaml.org,2002:int) [yaml-tag]
  fix: write the value without a tag; quote it if it is text
""",
    ),
]


@pytest.mark.parametrize(
    ("text", "screen"), [each[1:] for each in MISTAKES], ids=[each[0] for each in MISTAKES]
)
def test_screen_of_a_mistake(project: Project, cli: Cli, text: str, screen: str) -> None:
    """Word for word; nothing is written, and there is no traceback."""
    project.environment(
        text="""\
environment: dev
namespace: kafka-dev
size: dev
cluster: {name: events, listeners: {tls: {port: 9093, authentication: tls}}}
"""
    )
    project.write("environments/dev/topics.yaml", text)
    code, out, _ = cli("validate", "dev")

    kept, lines = False, []
    for line in out.splitlines(keepends=True):
        kept = ": error:" in line if not line.startswith("  ") else kept
        lines += [line] if kept else []
    assert (code, "".join(lines)) == (1, screen)


def test_a_first_run_fits_a_screen(project: Project, cli: Cli) -> None:
    """However many topics have nothing but a name."""
    topics = "".join(f"  t{number}: {{}}\n" for number in range(200))
    project.write("environments/dev/environment.yaml", """\
environment: dev
namespace: kafka-dev
size: dev
cluster: {name: events, listeners: {tls: {port: 9093, authentication: tls}}}
topics:
""" + topics)  # fmt: skip
    code, out, _ = cli("validate", "dev")

    assert (code, "200 of kind KafkaTopic, each: it has no description" in out) == (0, True)
    assert len(out.splitlines()) <= 24


def test_nothing_is_there_yet(project: Project, cli: Cli) -> None:
    """The least that is needed can be copied from the screen, and is enough."""
    code, _, err = cli("validate")
    assert (code, "The least that environments/dev/environment.yaml holds:" in err) == (64, True)

    least = "".join(line[2:] + "\n" for line in err.partition("holds:\n\n")[2].splitlines())
    project.environment(text=least)
    assert cli("render")[0] == 0
