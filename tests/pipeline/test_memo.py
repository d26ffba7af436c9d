"""The short way gives what the long way gives, and steps aside when it cannot."""

import json
import random
from pathlib import Path
from typing import Any

import pytest
from support import Cli, Project

from generator.common.cache import Cache
from generator.pipeline import memo
from generator.render import render_all
from generator.validate.schemas import Schemas, schema_folders

PROFILES = "topicProfiles: {p: {retention: 1d, deadLetter: true}, q: {retention: 2d}}\n"


def _topic(pick: random.Random) -> dict[str, Any]:
    topic: dict[str, Any] = {"partitions": pick.randint(1, 9)}
    for key, values in (("retention", ["1h", "7d"]), ("profile", ["p", "q"]), ("retries", [1, 2]),
                        ("owner", ["a", "b"]), ("cleanup", ["compact"])):  # fmt: skip
        if pick.random() < 0.4:
            topic[key] = pick.choice(values)
    return topic


def _write(project: Project, base: dict[str, Any], own: dict[str, Any]) -> None:
    project.write("environments/base/x.yaml", PROFILES + f"topics: {json.dumps(base)}\n")
    for name in ("dev", "prod"):
        text = f"inherits: base\ntopics: {json.dumps(own if name == 'dev' else {})}\n"
        project.environment(text, name=name)


@pytest.fixture
def taken(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """For every render whether the short way was taken."""
    found: list[bool] = []
    original = memo.render_changed

    def watched(*arguments: Any) -> Any:
        result = original(*arguments)
        found.append(result is not None)
        return result

    monkeypatch.setattr("generator.pipeline.project.render_changed", watched)
    return found


@pytest.mark.parametrize("seed", range(12))
def test_random_changes_give_what_the_long_way_gives(
    project: Project, cli: Cli, seed: int, taken: list[bool]
) -> None:
    """Whatever changes, rendered/ ends as a render from nothing; the short way is really taken."""
    pick = random.Random(seed)
    base = {f"t{number}": _topic(pick) for number in range(6)}
    own = {"t0": {"partitions": 3}}
    _write(project, base, own)
    assert cli("render")[0] == 0
    for _ in range(10):
        layer = pick.choice([base, own])
        name = pick.choice(sorted(layer))
        match pick.randint(0, 5):
            case 0:
                layer[name] = _topic(pick)
            case 1:
                layer[f"new{pick.randint(0, 99)}"] = _topic(pick)
            case _:
                layer[name]["partitions"] = pick.randint(1, 99)
        _write(project, base, own)
        assert cli("render")[0] == 0
        expected = render_all(
            project.root, ["dev", "prod"], Schemas(schema_folders()), True, Cache()
        ).files()
        assert project.rendered() == {
            f"{folder}/{file}": text.encode()
            for folder, files in expected.items()
            for file, text in files.items()
        }
        assert cli("render", "--check", "--no-cache")[0] == 0
    assert any(taken)


@pytest.fixture
def rendered(project: Project, cli: Cli) -> Project:
    """Two topics, rendered, one of them about to change."""
    project.environment("topics: {a: {partitions: 1}, b: {partitions: 1}}\n")
    assert cli("render")[0] == 0
    project.environment("topics: {a: {partitions: 2}, b: {partitions: 1}}\n")
    return project


def test_only_the_changed_topic_is_written(rendered: Project, cli: Cli) -> None:
    """One file changes, the rest keeps its time."""
    other = rendered.root / "rendered/dev/topics/kafkatopic-b.yaml"
    before = other.stat().st_mtime_ns

    assert cli("render")[2] == "rendered/: 1 written, 0 removed, 5 unchanged\n"
    assert b"partitions: 2" in rendered.rendered()["dev/topics/kafkatopic-a.yaml"]
    assert other.stat().st_mtime_ns == before


def test_mistake_in_the_changed_topic_is_found(rendered: Project, cli: Cli) -> None:
    """A change that is wrong is refused as ever."""
    rendered.environment(
        "topics: {a: {partitions: 1, labels: {'bad key': x}}, b: {partitions: 1}}\n"
    )

    code, out, _ = cli("render")

    assert code == 1
    assert "[object-name]" in out


def test_a_drill_follows_its_topic(project: Project, cli: Cli) -> None:
    """How many partitions a drill restores is told by the topic: both files change."""
    drill = (
        "verify: {image: 'v:1'}\nbackups: {b: {image: 'b:1', schedule: 0 2 * * *, topics: {include: [a]},"
        " storage: {pvc: {size: 1Gi}}, drill: {schedule: 0 5 * * 0, partitions: 3}}}\n"
    )
    project.environment(f"topics: {{a: {{partitions: 1}}}}\n{drill}")
    assert cli("render")[0] == 0
    project.environment(f"topics: {{a: {{partitions: 3}}}}\n{drill}")

    assert cli("render")[0] == 0
    assert cli("render", "--check", "--no-cache")[0] == 0


@pytest.mark.parametrize("harm", ["delete", "edit", "add"])
def test_damage_elsewhere_is_seen_and_mended(rendered: Project, cli: Cli, harm: str) -> None:
    """A file that the last run left and that is no longer so is rendered again."""
    path = Path(rendered.root, "rendered/dev/cluster/kafka-events.yaml")
    good = path.read_bytes()
    if harm == "delete":
        path.unlink()
    elif harm == "edit":
        path.write_bytes(good.replace(b"name: events", b"name: evants"))
    else:
        path.with_name("mine.yaml").write_text("kind: Mine\n")

    assert cli("render", "--check")[0] == 7
    assert cli("render")[0] == 0
    assert path.read_bytes() == good
    assert cli("render", "--check")[0] == (7 if harm == "add" else 0)


def test_validate_after_a_change_counts_all(rendered: Project, cli: Cli) -> None:
    """The short way knows how many manifests there are."""
    assert cli("validate")[2] == "dev: 6 manifests, all fine\n"
    assert cli("validate")[2] == "dev: 6 manifests, all fine\n"
    rendered.environment("topics: {a: {partitions: 3}}\n")
    assert cli("validate")[2] == "dev: 5 manifests, all fine\n"


_HEALTHY = {"owner": "team-a", "description": "words", "throughput": "1Ki", "partitions": 6}


@pytest.mark.parametrize("seed", range(12))
def test_rules_find_on_the_short_way_what_they_find_on_the_long(
    project: Project, cli: Cli, seed: int, taken: list[bool]
) -> None:
    """Also what only the whole shows: budgets, consumers, other environments."""
    pick = random.Random(seed)
    names = [f"t{number}" for number in range(4)]
    topics: dict[str, Any] = {name: dict(_HEALTHY) for name in names}
    topics["t0"]["deadLetter"] = True
    reads = ", ".join(f"{name}: {{group: app, instances: 6}}" for name in names)
    project.write(
        "environments/base/x.yaml",
        "topicLimits: {}\n"
        "policy: {budgets: {teams: {team-a: {partitions: 120, storage: 8Gi}}}}\n"
        f"applications: {{app: {{owner: team-a, produces: [{', '.join(names)}],"
        f" consumes: {{{reads}}}}}}}\n",
    )

    def write() -> None:
        for name in ("dev", "prod"):
            layer = "base" if name == "prod" else "topics"
            project.environment(f"inherits: {layer}\n", name=name, rules=True)
        project.write("environments/topics/a.yaml", "inherits: base\n")
        text = f"topics: {json.dumps(topics)}\n"
        project.write("environments/topics/t.yaml", text)

    write()
    assert cli("validate", "dev")[0] == 0
    assert cli("render", "dev")[0] == 0
    for _ in range(8):
        own = topics[pick.choice(names)]
        choices: list[tuple[str, list[Any]]] = [
            ("partitions", [3, 6, 9, 40]),
            ("retention", ["3d", "7d", "1h", "40d"]),
            ("throughput", ["1Ki", "100Ki"]),
            ("maxMessageSize", ["1Mi", "2Mi"]),
            ("config", [{}, {"flush.ms": 1}, {"retention.bytes": 2**30}]),
        ]
        key, values = pick.choice(choices)
        before = dict(own)
        own[key] = pick.choice(values)
        write()
        quick, whole = cli("render", "dev"), cli("validate", "dev", "--no-cache")
        assert quick[:2] == whole[:2]
        assert cli("validate", "dev")[:2] == whole[:2]
        if whole[1]:  # only a faultless run has a short way after it
            own.clear()
            own.update(before)
            write()
            assert cli("render", "dev")[0] == 0
    assert any(taken)


@pytest.mark.parametrize(
    ("before", "after", "more"),
    [
        ("partitions: 3", "partitions: 6", "  severities: {topic-environments-differ: error}\n"),
        ("maxMessageSize: 1Mi", "maxMessageSize: 2Mi", "  severities: {user-quota-low: error}\n"),
        ("retention: 2h", "retention: 7d",
         "  suppressions:\n    s: {rule: team-budget, objects: ['*/policy.*'], owner: x,\n"
         "        reason: It was too much once., expires: '2099-01-01'}\n"),
    ],
)  # fmt: skip
def test_short_way_steps_aside_for_what_it_cannot_see(
    project: Project, cli: Cli, before: str, after: str, more: str
) -> None:
    """Other environments, users' quotas, and suppressions of what only the whole shows."""
    user = (
        "users:\n  raw:\n    owner: x\n    spec:\n      authentication: {type: tls}\n"
        "      quotas: {producerByteRate: 1500000}\n      authorization:\n        type: simple\n"
        "        acls:\n          - resource: {type: topic, name: a}\n"
        "            operations: [Read, Write]\n"
        "          - {resource: {type: group, name: raw}, operations: [Read]}\n"
    )
    for name in ("staging", "prod"):
        topic = f"owner: x, description: words, throughput: 1Ki, {before}"
        project.environment(
            f"topics: {{a: {{{topic}}}}}\npolicy:\n{more}{user}", name=name, rules=True
        )
    cli("render")
    path = project.root / "environments/prod/environment.yaml"
    path.write_text(path.read_text().replace(before, after))

    cli("render")

    assert cli("validate")[:2] == cli("validate", "--no-cache")[:2]
