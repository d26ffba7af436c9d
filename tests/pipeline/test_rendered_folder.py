"""rendered/: what is written, what is left alone, what is removed, and what never half happens."""

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from support import Cli, Project


@pytest.fixture
def rendered(project: Project, cli: Cli) -> Project:
    """A project with one topic, rendered."""
    project.environment("topics: {a: {}, b: {}}\n")
    code, _, err = cli("render")
    assert code == 0, err
    return project


TOPIC = "rendered/dev/topics/kafkatopic-a.yaml"


def test_first_render_writes_everything(rendered: Project) -> None:
    """One file per object, in a folder per area."""
    assert list(rendered.rendered()) == [
        "dev/cluster/kafka-events.yaml",
        "dev/cluster/kafkanodepool-combined.yaml",
        "dev/cluster/namespace-kafka-dev.yaml",
        "dev/connection/configmap-kafka-connection.yaml",
        "dev/topics/kafkatopic-a.yaml",
        "dev/topics/kafkatopic-b.yaml",
    ]


@pytest.mark.parametrize("cache", ["--cache", "--no-cache"])
def test_second_render_touches_nothing(rendered: Project, cli: Cli, cache: str) -> None:
    """Unchanged files keep their time, with and without the cache."""
    before = {p: p.stat().st_mtime_ns for p in (rendered.root / "rendered").rglob("*.yaml")}

    code, out, err = cli("render", cache)

    assert (code, out) == (0, "")
    assert err == "rendered/: 0 written, 0 removed, 6 unchanged\n"
    assert before == {p: p.stat().st_mtime_ns for p in (rendered.root / "rendered").rglob("*.yaml")}


@pytest.mark.parametrize("cache", ["--cache", "--no-cache"])
def test_check_names_every_difference(rendered: Project, cli: Cli, cache: str) -> None:
    """Missing, stale, edited, orphan and foreign files are told apart; exit 7; nothing is written."""
    folder = rendered.root / "rendered/dev/topics"
    edited = folder / "kafkatopic-a.yaml"
    edited.write_text(edited.read_text().replace("partitions: 3", "partitions: 9"))
    orphan = folder / "kafkatopic-gone.yaml"
    orphan.write_text((folder / "kafkatopic-b.yaml").read_text())
    (rendered.root / "rendered/dev/cluster/kafka-events.yaml").unlink()
    (folder / "by-hand.yaml").write_text("kind: ConfigMap\n")
    (folder / "notes.txt").write_text("not applied by Argo CD\n")
    rendered.environment("topics: {a: {}, b: {partitions: 4}}\n")
    before = rendered.rendered()

    code, out, err = cli("render", "--check", cache)

    assert code == 7
    assert out == (
        "missing  rendered/dev/cluster/kafka-events.yaml\n"
        "foreign  rendered/dev/topics/by-hand.yaml\n"
        "edited   rendered/dev/topics/kafkatopic-a.yaml\n"
        "stale    rendered/dev/topics/kafkatopic-b.yaml\n"
        "orphan   rendered/dev/topics/kafkatopic-gone.yaml\n"
    )
    assert err == (
        "rendered/: 1 missing, 1 stale, 1 edited, 1 orphan, 1 foreign; run strimzi-gitops render"
        " (3 files match)\n"
    )
    assert rendered.rendered() == before

    code, _, err = cli("render", cache)
    assert code == 0
    assert err == (
        "rendered/: 3 written, 1 removed, 3 unchanged; 1 edited by hand and now restored;"
        " 1 foreign left alone (see render --check)\n"
    )
    assert not orphan.exists()
    assert (folder / "by-hand.yaml").exists()


def test_removed_topic_removes_its_file_only(rendered: Project, cli: Cli) -> None:
    """An orphan goes, and a folder that became empty with it."""
    rendered.environment()

    cli("render")

    assert not (rendered.root / "rendered/dev/topics").exists()
    assert len(rendered.rendered()) == 4


def test_removed_environment_leaves_when_all_are_rendered(rendered: Project, cli: Cli) -> None:
    """A full render removes what belonged to an environment that is gone; a partial one does not."""
    rendered.environment(name="prod")
    cli("render")
    shutil.rmtree(rendered.root / "environments/prod")

    cli("render", "dev")
    assert (rendered.root / "rendered/prod").exists()
    code, _, _ = cli("render", "--check")
    assert code == 7
    cli("render")
    assert not (rendered.root / "rendered/prod").exists()


def test_wrong_intent_changes_nothing(rendered: Project, cli: Cli) -> None:
    """With anything wrong anywhere, no file is touched."""
    before = rendered.rendered()
    rendered.environment("topics: {a: {partitions: 9}, b: {replicas: none}}\n")

    code, out, err = cli("render")

    assert code == 1
    assert "environment.yaml:7:44: error:" in out
    assert err == "1 error\n"
    assert rendered.rendered() == before


def test_foreign_file_in_the_way_is_not_overwritten(rendered: Project, cli: Cli) -> None:
    """A file of the same name that was not rendered stops the render before anything is written."""
    path = rendered.root / TOPIC
    path.write_text("kind: Mine\n")
    rendered.environment("topics: {a: {}, b: {partitions: 9}}\n")
    before = rendered.rendered()

    code, out, _ = cli("render")

    assert code == 1
    assert f"{TOPIC}: error: this file was not rendered, but its name is needed" in out
    assert rendered.rendered() == before


@pytest.mark.parametrize("link", ["rendered", "rendered/dev", TOPIC])
def test_links_in_rendered_are_refused(
    rendered: Project, cli: Cli, link: str, tmp_path: Path
) -> None:
    """Nothing is written through a symbolic link."""
    path = rendered.root / link
    path.rename(tmp_path / "elsewhere")
    path.symlink_to(tmp_path / "elsewhere")

    code, out, _ = cli("render")

    assert code == 1
    assert f"{link}: error: a symbolic link in rendered/ [symbolic-link]" in out


def test_file_where_a_folder_belongs_is_told(project: Project, cli: Cli) -> None:
    """A file in the place of rendered/ENV is not removed."""
    project.environment()
    project.write("rendered/dev", "mine\n")

    code, out, _ = cli("render")

    assert code == 1
    assert "rendered/dev: error: a file stands where a folder belongs [foreign-file]" in out


def test_full_disk_leaves_whole_files(
    rendered: Project, cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When the disk is full (a fake: os.write refuses) the old files stay whole; then it heals."""
    before = rendered.rendered()
    rendered.environment("topics: {a: {partitions: 9}, b: {}}\n")

    def full(_descriptor: int, _data: bytes) -> int:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr("os.write", full)
        code, out, _ = cli("render")
    assert code == 1
    assert f"{TOPIC}: error: cannot be written: No space left on device [unwritable]" in out
    assert rendered.rendered() == before

    assert cli("render")[0] == 0
    assert b"partitions: 9" in rendered.rendered()["dev/topics/kafkatopic-a.yaml"]


def test_rest_of_an_interrupted_run_is_removed(rendered: Project, cli: Cli) -> None:
    """Temporary files and folders of a killed run go with the next one, and are never applied."""
    left = rendered.root / "rendered/dev/topics/.strimzi-gitops-tmp-kafkatopic-a.yaml.tmp"
    left.write_text("half")
    stage = rendered.root / "rendered/.strimzi-gitops-tmp-prod"
    stage.mkdir()
    (stage / "half.yaml").write_text("half")
    rendered.environment(name="prod")

    assert cli("render", "--check")[1].count("missing") == 4
    assert cli("render")[0] == 0
    assert not left.exists()
    assert not stage.exists()
    assert cli("render", "--check")[0] == 0


def test_interrupt_loses_nothing(project: Project, cli: Cli) -> None:
    """Ctrl-C in the middle of writing ends with 130, every file whole, and the next run heals."""
    topics = "".join(f"  t{number}: {{}}\n" for number in range(3000))
    project.environment("topics:\n" + topics.replace("{}", "{partitions: 1}"))
    assert cli("render")[0] == 0
    project.environment("topics:\n" + topics.replace("{}", "{partitions: 2}"))
    command = [sys.executable, "-m", "generator", "--root", str(project.root), "render"]
    first = project.root / "rendered/dev/topics/kafkatopic-t0.yaml"
    old = first.read_bytes()

    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    deadline = time.monotonic() + 60
    while first.read_bytes() == old and time.monotonic() < deadline:
        time.sleep(0.001)
    os.kill(process.pid, signal.SIGINT)
    _, err = process.communicate(timeout=60)

    assert process.returncode in (130, 0), err
    assert "Traceback" not in err
    for name, content in project.rendered().items():
        if name.endswith(".yaml"):
            assert content.endswith(b"replicas: 3\n") or "kafkatopic" not in name
    assert cli("render")[0] == 0
    assert cli("render", "--check", "--no-cache")[0] == 0


def test_cache_never_hides_a_difference(rendered: Project, cli: Cli) -> None:
    """A damaged cache, a stale cache, a file changed within the same size: all are seen."""
    path = rendered.root / TOPIC
    same_size = path.read_text().replace("partitions: 3", "partitions: 4")
    path.write_text(same_size)
    assert cli("render", "--check")[0] == 7
    assert cli("render")[0] == 0
    assert cli("render", "--check", "--no-cache")[0] == 0

    cache = Path(os.environ["XDG_CACHE_HOME"], "strimzi-gitops", "render")
    for file in cache.iterdir():
        file.write_text('{"made_by": 1, broken')
    assert cli("render", "--check")[0] == 0


def test_unwritable_cache_is_no_error(
    project: Project, cli: Cli, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Without a place for its cache everything still works."""
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    project.environment()

    assert cli("render")[0] == 0
