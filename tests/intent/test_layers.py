"""Inheritance: layers merge by key, every value keeps its place, every mistake is named."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support import ENVIRONMENT, Project

from generator.common.finding import FindingsError, Problem
from generator.common.paths import environment_names
from generator.intent.layers import Project as Intent
from generator.intent.merge import merge


def test_higher_layer_wins_key_by_key(project: Project) -> None:
    """Mappings merge, other values are replaced, and null removes."""
    project.write(
        "environments/base/all.yaml",
        """\
        topics:
          kept: {partitions: 1}
          changed: {partitions: 1, retention: 1d}
          removed: {partitions: 1}
        """,
    )
    project.environment(
        """\
        inherits: base
        topics:
          changed: {partitions: 2}
          removed: null
        """
    )

    data = Intent(project.root).resolve("dev").data

    assert data["topics"] == {
        "kept": {"partitions": 1},
        "changed": {"partitions": 2, "retention": "1d"},
    }


def test_what_people_write_wins_over_the_size(project: Project) -> None:
    """In the environment and in every layer that it inherits; the size only fills in."""
    project.write(
        "environments/base/all.yaml",
        "cluster: {config: {num.io.threads: 99, num.network.threads: 99, background.threads: 5}}\n",
    )
    project.environment(
        "inherits: base\n",
        text=ENVIRONMENT.replace(
            "  name: events", "  name: events\n  config: {num.network.threads: 7}"
        ),
    )

    config = Intent(project.root).resolve("dev").data["cluster"]["config"]

    assert config["num.io.threads"] == 99
    assert config["num.replica.fetchers"] == 2
    assert config["num.network.threads"] == 7
    assert config["background.threads"] == 5


def test_chain_of_layers(project: Project) -> None:
    """A layer may inherit another; the nearest one wins."""
    project.write("environments/a/x.yaml", "topics: {t: {partitions: 1, retention: 1d}}\n")
    project.write("environments/b/x.yaml", "inherits: a\ntopics: {t: {partitions: 2}}\n")
    project.environment("inherits: b\n")

    resolved = Intent(project.root).resolve("dev")

    assert resolved.data["topics"]["t"] == {"partitions": 2, "retention": "1d"}
    assert [layer.title for layer in resolved.layers] == [
        *("defaults", "size small", "size small, from Kafka 4.0 on", "Strimzi 1.2.0"),
        *("a", "b", "dev"),
    ]


def test_problem_points_at_the_layer_that_wrote_it(project: Project) -> None:
    """An inherited value is located in base, an overridden one in the environment."""
    project.write("environments/base/x.yaml", "topics:\n  t: {partitions: 1, retention: 1d}\n")
    project.environment("inherits: base\ntopics: {t: {partitions: 2}}\n")
    resolved = Intent(project.root).resolve("dev")

    def place(*path: str) -> tuple[str, int, int]:
        found = resolved.locate(Problem(path, "m", "r"))
        return found.file, found.line, found.column

    assert place("topics", "t", "retention") == ("environments/base/x.yaml", 2, 33)
    assert place("topics", "t", "partitions") == ("environments/dev/environment.yaml", 8, 26)
    assert place("topics", "t", "nobody") == ("environments/dev/environment.yaml", 8, 13)
    assert place("topicDefaults", "replicas") == ("environments/dev/environment.yaml", 3, 7)


def test_value_of_a_profile_is_located_in_the_profile(project: Project) -> None:
    """What a topic has from its profile points at the profile's line."""
    project.environment(
        """\
        topicProfiles:
          events: {config: {segment.bytes: nonsense}}
        topics:
          t: {profile: events}
        """
    )
    resolved = Intent(project.root).resolve("dev")

    problem = Problem(("topics", "t"), "m", "r", subject=("KafkaTopic", "t"),
                      inner=("spec", "config", "segment.bytes"))  # fmt: skip

    assert (resolved.locate(problem).line, resolved.locate(problem).column) == (8, 36)


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ("inherits: bsae\n", "7:11 [inherits] there is no folder environments/bsae"),
        ("inherits: ../../etc\n", "7:11 [inherits] '../../etc' lies outside environments/"),
        ("inherits: dev\n", "7:11 [inherits] 'dev' inherits from here: a circle"),
        ("inherits: ping\n", "1:11 [inherits] 'ping' inherits from here: a circle"),
        ("topics:\n  t:\n",
         "8:5 [empty-value] topics.t has no value, and nothing is inherited that null would remove"),
        ("topics: {other: {}}\n",
         "1:10 [duplicate-key] topics.other is also in environments/dev/environment.yaml:7:10"),
    ],
)  # fmt: skip
def test_mistake_between_files_is_named(project: Project, more: str, expected: str) -> None:
    """Wrong parents, circles, dangling nulls and repetitions point at the key."""
    project.write("environments/base/x.yaml", "topics: {}\n")
    project.write("environments/ping/x.yaml", "inherits: pong\n")
    project.write("environments/pong/x.yaml", "inherits: ping\n")
    if "other" in more:
        project.write("environments/dev/more.yaml", "topics: {other: {}}\n")
    project.environment(more)

    (finding,) = project.findings()

    assert finding.split(":", 1)[1] == expected


@pytest.mark.parametrize(
    ("remove", "expected"),
    [
        ("size: small\n", "'size' is missing"),
        ("namespace: kafka-dev\n", "'namespace' is missing"),
        ("  name: events\n", "'cluster.name' is missing"),
        ("environment: dev\n", "'environment' is missing"),
    ],
)
def test_essential_key_is_missed(project: Project, remove: str, expected: str) -> None:
    """Without these keys there is no environment."""
    project.environment(text=ENVIRONMENT.replace(remove, ""))

    assert expected in project.findings()[0]


@pytest.mark.parametrize(
    "more",
    ["protect: null\n", "strimzi: null\n", "topicDefaults: null\n", "strimzi: {version: null}\n"],
)
def test_default_that_is_needed_cannot_be_removed(project: Project, more: str) -> None:
    """Null on what must be there is a finding at the null."""
    project.environment(more)

    findings = project.findings()

    assert findings
    assert all("environment.yaml:7:" in each and "must be one" in each for each in findings)


def test_name_must_be_the_folders(project: Project) -> None:
    """A wrong name is found together with what else is wrong."""
    project.environment("topics: {t: {profile: nope}}\n")
    path = project.root / "environments/dev/environment.yaml"
    path.write_text(path.read_text().replace("environment: dev", "environment: prod"))

    assert project.findings() == [
        "environment.yaml:1:14 [environment-name] 'prod' is not the folder's name 'dev'",
        "environment.yaml:7:23 [unknown-profile] there is no topic profile 'nope'",
    ]


def test_null_in_a_patch_stays(project: Project) -> None:
    """Inside a patch null removes from the manifest, in whichever layer it stands."""
    project.write(
        "environments/base/x.yaml",
        "overrides: {Kafka: {events: {spec: {kafka: {template: {pod: {priorityClassName: high}}}}}}}\n",
    )
    project.environment(
        "inherits: base\noverrides: {Kafka: {events: {spec: {kafka: {template: null}}}}}\n"
    )

    spec: Any = project.body("cluster/kafka-events.yaml")["spec"]

    assert "template" not in spec["kafka"]


def test_environments_are_the_folders_with_their_file(project: Project) -> None:
    """A folder without environment.yaml is a layer, not an environment."""
    project.environment()
    project.environment(name="prod")
    project.write("environments/base/x.yaml", "topics: {}\n")

    assert environment_names(project.root) == ["dev", "prod"]


def test_linked_environments_folder_is_refused(project: Project, tmp_path: Any) -> None:
    """Intent outside the project is not read through a link."""
    project.environment()
    (project.root / "environments").rename(tmp_path / "elsewhere")
    (project.root / "environments").symlink_to(tmp_path / "elsewhere")

    with pytest.raises(FindingsError, match="1 findings"):
        Intent(project.root).resolve("dev")


MAPPINGS = st.recursive(
    st.integers() | st.none(),
    lambda inner: st.dictionaries(st.sampled_from("abcd"), inner, max_size=4),
    max_leaves=12,
).filter(lambda value: isinstance(value, dict))


@given(MAPPINGS, MAPPINGS)
def test_merge_changes_neither_input(low: Any, high: Any) -> None:
    """Layers are shared between environments, so merging must leave them alone."""
    before = repr((low, high))

    merge(low, high)

    assert repr((low, high)) == before


@given(MAPPINGS)
def test_merge_with_nothing_is_the_same(data: Any) -> None:
    """An empty layer changes nothing, and a layer over itself neither."""
    solid = merge({}, data)

    assert merge(solid, {}) == solid
    assert merge(data, {}) == data


@given(MAPPINGS, st.randoms())
def test_order_of_keys_does_not_matter(data: Any, random: Any) -> None:
    """Shuffled keys merge to the same data."""
    keys = list(data)
    random.shuffle(keys)

    assert merge({}, {key: data[key] for key in keys}) == merge({}, data)


def test_null_on_a_topic_removes_what_its_profile_gives(project: Project) -> None:
    """Whatever says it: the profile in either spelling, the defaults, or a lower layer."""
    project.write(
        "environments/base/all.yaml",
        """\
        topicDefaults: {segmentTime: 1d}
        topicProfiles:
          events: {retention: 7d, compression: zstd, config: {max.message.bytes: 9}, deadLetter: true}
        topics:
          orders: {profile: events, retention: 1d}
        """,
    )
    objects = project.objects(
        """\
        inherits: base
        topics:
          orders:
            retention: null
            segmentTime: null
            maxMessageSize: null
            deadLetter: null
            config: {compression.type: null}
        """
    )

    assert "KafkaTopic/orders.dlq" not in objects
    assert objects["KafkaTopic/orders"]["spec"] == {"partitions": 3, "replicas": 3}


def test_null_that_removes_nothing_of_a_topic_is_told(project: Project) -> None:
    """Neither a lower layer, nor the profile, nor the defaults say it."""
    project.environment(
        "topicProfiles: {events: {retention: 7d}}\ntopics: {orders: {profile: events, keyed: null}}\n"
    )

    assert project.findings() == [
        "environment.yaml:8:43 [empty-value] topics.orders.keyed has no value, and nothing is inherited"
        " that null would remove"
    ]


def test_partitions_cannot_be_removed(project: Project) -> None:
    """A topic has some."""
    project.environment("topics: {orders: {partitions: null}}\n")

    assert project.findings() == ["environment.yaml:7:10 [missing-key] 'partitions' is missing"]


def test_wrong_shapes_and_wrong_names_are_told_at_once(project: Project) -> None:
    """An unknown key, a wrong value and an unknown profile, in one file and in several."""
    project.write("environments/dev/more.yaml", "topics: {words: {partitons: 3, profile: evnts}}\n")
    project.environment(
        """\
        topicProfiles: {events: {retention: 7d}}
        topics:
          orders: {retentoin: 7d, profile: evens}
          counts: {retention: 7, replicas: 3, partitions: 3}
        """
    )

    assert project.findings() == [
        "environment.yaml:9:12 [unknown-key] unknown key 'retentoin'",
        "environment.yaml:9:36 [unknown-profile] there is no topic profile 'evens'",
        "environment.yaml:10:23 [wrong-type] 7 is not a duration such as 30s, 1h30m, 7d or unlimited",
        "more.yaml:1:18 [unknown-key] unknown key 'partitons'",
        "more.yaml:1:41 [unknown-profile] there is no topic profile 'evnts'",
    ]


def test_what_is_wrong_inside_something_wrong_is_told_beside_it(project: Project) -> None:
    """A setting that is a mapping, and a key in it that is none."""
    project.environment("topics: {t: {partitions: 1, config: {'': {a: 1}}}}\n")

    assert project.findings() == [
        "environment.yaml:7:37 [wrong-type] a mapping is not text, a whole number, true or false",
        "environment.yaml:7:38 [wrong-key] the key '' is not a Kafka setting such as min.insync.replicas",
    ]


_SHARED = "topicProfiles:\n  events: {retention: 30d, deadLetter: true, maxMessageSize: 20Mi}\n"


@pytest.mark.parametrize(
    ("path", "inner", "place"),
    [
        (("topics", "orders"), ("spec", "config", "retention.ms"), "base/profiles.yaml:2:23"),
        (("topics", "orders", "deadLetter"), ("spec", "config", "retention.ms"),
         "base/profiles.yaml:2:40"),
        (("topics", "orders", "deadLetter"), ("spec", "config", "max.message.bytes"),
         "base/profiles.yaml:2:62"),
        (("topics", "orders", "deadLetter"), ("metadata", "name"), "base/topics.yaml:2:11"),
        (("cluster",), ("spec", "kafka", "config", "num.io.threads"), "dev/environment.yaml:5:3"),
        (("cluster", "nodePools", "combined"), ("spec", "replicas"), "dev/environment.yaml:5:3"),
        (("topicDefaults", "replicas"), (), "dev/environment.yaml:3:7"),
    ],
)  # fmt: skip
def test_findings_point_at_a_line_that_somebody_has_written(
    project: Project, path: tuple[str, ...], inner: tuple[str, ...], place: str
) -> None:
    """Values of a profile, derived topics and what is built in have a place where they can be changed."""
    project.write("environments/base/profiles.yaml", _SHARED)
    project.write("environments/base/topics.yaml", "topics:\n  orders: {profile: events}\n")
    project.environment("inherits: base\n")
    resolved = Intent(project.root).resolve("dev")
    subject = ("KafkaTopic", "orders") if inner else None

    found = resolved.locate(Problem(path, "", "", subject=subject, inner=inner))

    assert f"{found.file}:{found.line}:{found.column}".removeprefix("environments/") == place
