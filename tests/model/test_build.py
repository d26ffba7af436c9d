"""From resolved intent to the model: what is wrong beyond shape, and the shape's own errors."""

import pytest
from support import Project


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        # shape: the intent's JSON Schema, told in words
        ("toppics: {}\n", "7:1 [unknown-key] unknown key 'toppics'"),
        ("topics: {a: {partitons: 3}}\n", "7:14 [unknown-key] unknown key 'partitons'"),
        ("topics: {a: {partitions: three}}\n",
         '7:26 [wrong-type] "three" is not a whole number from 1'),
        ("topics: {a: {partitions: 0}}\n", "7:26 [wrong-value] 0 is not a whole number from 1"),
        ("topics: {a: {retention: 7}}\n",
         "7:25 [wrong-type] 7 is not a duration such as 30s, 1h30m, 7d or unlimited"),
        ("topics: {a: {retentionSize: 10}}\n",
         "7:29 [wrong-type] 10 is not a size such as 512Ki, 1Mi or 10Gi, or unlimited"),
        ("topics: {'a b': {}}\n", "7:10 [wrong-key] the key 'a b' is not a topic name (letters, digits,"
         " '.', '_', '-', up to 249 characters, not '.' or '..')"),
        ("topics: {..: {}}\n", "7:10 [wrong-key] the key '..' is not a topic name (letters, digits,"
         " '.', '_', '-', up to 249 characters, not '.' or '..')"),
        ("topics: {a: {cleanup: compcat}}\n",
         '7:23 [wrong-value] "compcat" is not delete, compact or compact-delete'),
        ("topics: [a]\n", "7:9 [wrong-type] a list is not a mapping"),
        ("protect: 'true'\n", '7:10 [wrong-type] "true" is not true or false'),
        ("strimzi: {version: one}\n", '7:20 [wrong-value] "one" is not a Strimzi version, such as 1.2.0'),
        # beyond shape
        ("topics: {a: {profile: evnts}}\ntopicProfiles: {events: {}}\n",
         "7:23 [unknown-profile] there is no topic profile 'evnts'"),
        ("topics: {a: {retention: 7d, config: {retention.ms: 5}}}\n",
         "7:38 [duplicate-key] 'retention' and retention.ms say the same thing"),
        ("topics: {a: {retention: 9999999999999d}}\n",
         '7:25 [wrong-value] "9999999999999d" is not a duration such as 30s, 1h30m, 7d or unlimited'),
        ("topics: {a: {deadLetter: true}, a.dlq: {}}\n",
         "7:14 [duplicate-topic] the topic a.dlq that this asks for is also declared"),
        ("topics: {a: {}}\napplications: {b: {produces: [aa]}}\n",
         "8:31 [unknown-topic] there is no topic 'aa'"),
        ("topics: {a: {}}\napplications: {b: {consumes: {aa: {}}}}\n",
         "8:31 [unknown-topic] there is no topic 'aa'"),
        ("topics: {a: {}}\napplications: {b: {streams: {inputs: [a], outputs: [aa]}}}\n",
         "8:53 [unknown-topic] there is no topic 'aa'"),
        ("applications: {b: {}}\nusers: {b: {spec: {}}}\n",
         "8:9 [duplicate-user] 'b' is an application and a user"),
        ("users: {b: {}}\n", "7:9 [missing-key] 'spec' is missing"),
        ("applications: {b: {clientProfile: safe}}\n",
         "7:35 [unknown-profile] there is no client profile 'safe'"),
        ("connection: {clientProfile: safe, listener: tls}\n",
         "7:29 [unknown-profile] there is no client profile 'safe'"),
        ("clientProfiles: {p: {consumer: {sasl.jaas.config: x}}}\n",
         "7:33 [secret] sasl.jaas.config would put a secret into Git and into a ConfigMap"),
        ("connection: {listener: tsl}\n", "7:24 [unknown-listener] there is no listener 'tsl'"),
        ("applications: {b: {quotas: {producerByteRate: 1000Pi}}}\n",
         '7:47 [wrong-value] "1000Pi" is not a size such as 512Ki, 1Mi or 10Gi'),
    ],
)  # fmt: skip
def test_mistake_is_named_with_its_place(project: Project, more: str, expected: str) -> None:
    """Each mistake gives exactly one finding, at the key or value to edit."""
    project.environment(more)

    assert project.findings() == [f"environment.yaml:{expected}"]


def test_all_mistakes_are_told_at_once(project: Project) -> None:
    """Several files, several mistakes: one run names them all, sorted."""
    project.environment("topics: {a: {partitions: x, retention: 5}}\n")
    project.write("environments/dev/more.yaml", "aplications: {}\n")
    project.write("environments/dev/broken.yaml", "a: [\n")

    assert [finding.split(" ")[0] for finding in project.findings()] == [
        "broken.yaml:2:1",
        "environment.yaml:7:26",
        "environment.yaml:7:40",
        "more.yaml:1:1",
    ]


def test_cluster_without_listener_is_refused(project: Project) -> None:
    """A cluster that nobody could connect to is no cluster."""
    project.environment(text="environment: dev\nnamespace: k\nsize: dev\ncluster: {name: events}\n")

    assert project.findings() == [
        "environment.yaml:4:1 [missing-key] no listener: nobody could connect"
    ]


def test_empty_file_is_told(project: Project) -> None:
    """A file with nothing in it is a mistake, as is one that holds no mapping."""
    project.environment()
    project.write("environments/dev/empty.yaml", "# nothing yet\n")
    project.write("environments/dev/list.yaml", "- a\n")

    assert project.findings() == [
        "empty.yaml:0:0 [empty-file] the file is empty",
        "list.yaml:1:1 [wrong-type] the file holds no mapping of sections such as topics: or cluster:",
    ]


@pytest.mark.parametrize(
    ("more", "file", "expected"),
    [
        ("topics: {a: {replicas: 5, minInsyncReplicas: 3}}\ntopicLimits: {replicas: 1,"
         " minInsyncReplicas: 1}\n", "topics/kafkatopic-a.yaml",
         {"partitions": 3, "replicas": 1, "config": {"min.insync.replicas": 1}}),
        ("topics: {a: {replicas: 2}}\ntopicLimits: {replicas: 3}\n", "topics/kafkatopic-a.yaml",
         {"partitions": 3, "replicas": 2}),
    ],
)  # fmt: skip
def test_limits_bound_topics(project: Project, more: str, file: str, expected: object) -> None:
    """A topic that asks for more than the limit gets the limit, one that asks for less its own."""
    project.environment(more)

    assert project.body(file)["spec"] == expected
